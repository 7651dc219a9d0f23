"""The casebook: what comes in, what is kept, what goes out."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from ui.cli.border import FILE, FOLDER, Day


@click.group("import")
def import_() -> None:
    """Bring in what another system holds."""


@import_.command("tickets")
@click.argument("file", type=FILE)
@click.option("--place", required=True, help="A shipped place by name, or a built folder.")
@click.option("--db", required=True, help="Database address, SQLite or PostgreSQL; a new SQLite file is made.")
@click.option("--map", "ticket_map", required=True, type=FILE, help="TOML with [columns], [options], [matters].")
@click.option("--errors", type=FILE, help="Workbook (.xlsx) to write with row, column, found, expected.")
def import_tickets(file: Path, place: str, db: str, ticket_map: Path, errors: Path | None) -> None:
    """Tickets from .csv, .csv.gz, .xlsx or .geojson; none lost, none doubled.

    \b
    Example:
      gridbeat import tickets march.xlsx --place haishu --db sqlite:///desk.db --map map.toml --errors bad.xlsx
    \b
    map.toml:
      [columns]                    # ours = theirs
      id = "CASE_ID"
      text = "CONTENT"
      lon = "X"
      lat = "Y"
      reported_at = "OPENED"       # and where there are: due_at, closed_at, category, address
      [options]
      datum = "gcj02"              # wgs84, cgcs2000, gcj02 or bd09; needed
      timezone = "Asia/Shanghai"   # needed; also possible: time_format, encoding, source
      [matters]                    # their category = our matter
      "Street trading" = "C08-01"
    """
    from ui.commands import importing

    importing.tickets(file, place, db, ticket_map, errors)


@click.group()
def audit() -> None:
    """Whether the memory of the desk is whole."""


@audit.command("verify")
@click.option("--db", required=True, help="Database address, SQLite or PostgreSQL.")
def audit_verify(db: str) -> None:
    """Recompute the ledger's hash chain; exit status 1 and the first broken entry when it was altered.

    \b
    Example:
      gridbeat audit verify --db sqlite:///district.db
    """
    from ui.commands import auditing

    auditing.verify(db)


@click.command()
@click.option("--db", required=True, help="Database address, SQLite or PostgreSQL.")
@click.option("--out", required=True, type=FILE, help="The one file to write; its name must be new.")
def backup(db: str, out: Path) -> None:
    """The whole book of one moment as one file, while others go on working.

    \b
    Example:
      gridbeat backup --db sqlite:///district.db --out district-2026-03-02.zip
    """
    from ui.commands import keeping

    keeping.backup(db, out)


@click.command()
@click.argument("file", type=FILE)
@click.option("--db", required=True, help="Database address, SQLite or PostgreSQL; empty, unless --replace is given.")
@click.option("--actor", required=True, help="Who restores it, for the ledger.")
@click.option("--replace", "allow_replace", is_flag=True, help="Go over an older state of the same book.")
def restore(file: Path, db: str, actor: str, allow_replace: bool) -> None:
    """Put a backup back, into either kind of database; anything newer than the backup is never written over.

    A backup of an older GridBeat is brought up to date. Sessions are left out: everybody signs in anew.

    \b
    Example:
      gridbeat restore district-2026-03-02.zip --db postgresql+psycopg://user@host/district --actor "IT desk"
    """
    from ui.commands import keeping

    keeping.restore(file, db, actor, allow_replace=allow_replace)


@click.command()
@click.option("--db", required=True, help="Database address, SQLite or PostgreSQL.")
@click.option("--out", required=True, type=FOLDER, help="Folder to write, new or empty.")
@click.option("--form", default="xlsx", show_default=True, type=click.Choice(["xlsx", "parquet"]))
@click.option("--files", is_flag=True, help="Also what was handed in as evidence, each file under its id.")
def export(db: str, out: Path, form: str, files: bool) -> None:
    """Everything in the book for people and programs: a sheet a table, or a Parquet file a table.

    Passwords, keys, secrets of hooks and sessions are left out. It is for reading; to put a book back, use backup.

    \b
    Example:
      gridbeat export --db sqlite:///district.db --out everything --form parquet
    """
    from ui.commands import keeping

    keeping.export(db, out, form, files=files)


@click.command()
@click.option("--db", required=True, help="Database address of an existing casebook, SQLite or PostgreSQL.")
@click.option("--period", default="week", show_default=True, type=click.Choice(["week", "month", "quarter"]))
@click.option("--before", type=Day(), help="The last whole one before this day; today unless set.")
@click.option(
    "--weights", type=FILE, help="CSV about,indicator,weight,source; the shipped, illustrative one unless set."
)
@click.option("--language", default="zh", show_default=True, type=click.Choice(["zh", "en"]))
@click.option("--out", required=True, type=FOLDER, help="New folder for evaluation.xlsx and evaluation.docx.")
def evaluate(db: str, period: str, before: datetime | None, weights: Path | None, language: str, out: Path) -> None:
    """How towns, dispatchers, teams and departments did in the last whole week, month or quarter.

    Shares, marks, coverage gauges, findings of the supervision rules by act and person, how evenly discretion is used
    and hot spots. No amount of money is counted anywhere.

    \b
    Example:
      gridbeat evaluate --db sqlite:///district.db --period month --out march
    """
    from ui.commands import evaluating

    evaluating.run(db, period, before.date() if before else None, weights, language, out)
