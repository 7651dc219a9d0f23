"""Reviews of closed case files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ui.cli.border import FILE


@click.group()
def files() -> None:
    """Which closed case files are reviewed, and by whom."""


@files.command("draw")
@click.option("--files", required=True, type=FILE, help="Closed case files (columns below).")
@click.option("--reviewers", required=True, type=FILE, help="Who may review.")
@click.option("--count", default=0, show_default=True, type=click.IntRange(0, 100_000), help="Files of each body.")
@click.option("--percent", default=0, show_default=True, type=click.IntRange(0, 100), help="Or this share of them.")
@click.option("--crew", default=2, show_default=True, type=click.IntRange(2, 5), help="Reviewers for each.")
@click.option("--seed", required=True, help="A text that nobody could choose, such as the numbers of a lottery.")
@click.option("--out", required=True, type=FILE, help="The record (JSON), to be published.")
def files_draw(**asked: Any) -> None:
    """Draw closed case files of every body by weight, and reviewers for each.

    Of each body the share is drawn, rounded up, and at least the count. Nobody reviews files of their own body, or a
    case they had a hand in (handlers, joined by ;): they are recused and the next drawn takes their place.

    \b
    Columns (CSV, UTF-8):
      files:     case_id,body,weight,handlers
      reviewers: reviewer_id,body
    \b
    Example:
      gridbeat files draw --files closed.csv --reviewers people.csv --percent 5 --count 2 \\
        --seed "07 11 19 23 28 31 + 05" --out review.json
    """
    from ui.commands import filedrawing

    filedrawing.draw(**asked)


@files.command("replay")
@click.argument("record", type=FILE)
@click.option("--files", type=FILE, help="Hold this register of files against the record besides.")
@click.option("--reviewers", type=FILE, help="Hold this register of reviewers against it besides.")
def files_replay(record: Path, **asked: Any) -> None:
    """Draw again from what RECORD carries and say whether it comes out; exit 1 when it does not.

    RECORD is what files draw wrote, or what the screen of oversight gave out.

    \b
    Example:
      gridbeat files replay review.json
    """
    from ui.commands import filedrawing

    if not filedrawing.replay(record, **asked):
        raise SystemExit(1)
