"""The lists of powers, and what a message is about."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ui.cli.border import FILE, Day


@click.group()
def lists() -> None:
    """The catalogue of matters and the list of powers, as the legal department keeps them."""


@lists.command("export")
@click.option("--place", required=True, help="A shipped place by name, or a built folder.")
@click.option("--db", help="Database address; with it the casebook's own list of powers instead of the shipped one.")
@click.option("--out", required=True, type=FILE, help="Workbook (.xlsx) to write.")
def lists_export(place: str, db: str | None, out: Path) -> None:
    """Write matters, bodies, powers and tiers as a workbook to work on.

    \b
    Example:
      gridbeat lists export --place haishu --out lists.xlsx
    """
    from ui.commands import listing

    listing.export(place, db, out)


@lists.command("check")
@click.argument("file", type=FILE)
@click.option("--place", required=True, help="A shipped place by name, or a built folder.")
@click.option("--db", help="Database address; with it beside the casebook's own list and its open work.")
def lists_check(file: Path, place: str, db: str | None) -> None:
    """What a workbook would give, take back and change; nothing is changed.

    Exit status 2 names every fault by sheet, row and column.

    \b
    Example:
      gridbeat lists check lists.xlsx --place haishu --db sqlite:///district.db
    """
    from ui.commands import listing

    listing.check(file, place, db)


@lists.command("import")
@click.argument("file", type=FILE)
@click.option("--db", required=True, help="Database address of an existing casebook, SQLite or PostgreSQL.")
@click.option("--actor", required=True, help="Who changes the list; the ledger keeps the name.")
@click.option("--accept", multiple=True, help="Id of open work left with nobody, known and accepted; repeat it.")
def lists_import(file: Path, db: str, actor: str, accept: tuple[str, ...]) -> None:
    """Make the powers of a workbook the casebook's list, wholly or not at all.

    Refused while open incidents or cases would have no lawful actor any more, unless --accept names exactly these.

    \b
    Example:
      gridbeat lists import lists.xlsx --db sqlite:///district.db --actor "Legal department"
    """
    from ui.commands import listing

    listing.bring_in(file, db, actor, accept)


@lists.command("search")
@click.argument("words", nargs=-1, required=True)
@click.option("--place", required=True, help="A shipped place by name, or a built folder.")
@click.option("--town", default="", help="A town by code or name; without it nobody is said to be competent.")
@click.option("--day", type=Day(), help="Day of the act; today in the place unless set.")
@click.option("--limit", default=10, show_default=True, type=click.IntRange(1, 1000))
def lists_search(words: tuple[str, ...], place: str, town: str, day: Any, limit: int) -> None:
    """Which matters a few words may be about, who may act on them in a town, and the clause that says so.

    \b
    Example:
      gridbeat lists search 宅基地 --place haishu --town 330203009
    """
    from ui.commands import listing

    listing.search(" ".join(words), place, town, day.date() if day else None, limit)


@click.group(invoke_without_command=True)
@click.option("--in", "tickets", type=FILE, help="CSV ticket_id,text")
@click.option("--model", type=FILE, help="Sort by a model of your own history instead of the shared lists.")
@click.option("--out", type=FILE, help="CSV ticket_id,category,matter,confidence,alternatives")
@click.pass_context
def triage(ctx: click.Context, tickets: Path | None, model: Path | None, out: Path | None) -> None:
    """Say what citizens' messages are about.

    Without a model by the shared lists of words and sentences: categories C01 to C16, and C00 for what is no
    enforcement matter. The matter stays empty where the words do not tell; alternatives are code:confidence joined
    by ;. A message that says nothing known has no category and confidence 0. With a model the categories are those of
    its history and no matter is named.

    \b
    Example:
      gridbeat triage --in today.csv --out sorted.csv
      gridbeat triage train history.csv --out ours.model
      gridbeat triage --in today.csv --model ours.model --out sorted.csv
    """
    if ctx.invoked_subcommand is not None:
        return
    if tickets is None or out is None:
        raise click.UsageError("--in and --out are needed: the tickets to read and the file to write.", ctx)
    from ui.commands import triaging

    triaging.triage(tickets=tickets, model=model, out=out)


@triage.command("train")
@click.argument("history", type=FILE)
@click.option("--out", required=True, type=FILE, help="The model to write: numbers and words, no program.")
def triage_train(history: Path, out: Path) -> None:
    """Learn from messages that people have sorted (CSV text,category).

    \b
    Example:
      gridbeat triage train history.csv --out ours.model
    """
    from ui.commands import triaging

    triaging.train(history=history, out=out)
