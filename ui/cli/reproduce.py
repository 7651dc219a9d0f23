"""Published figures beside ours."""

from __future__ import annotations

from typing import Any

import click

from ui.cli.border import FILE


@click.command()
@click.argument("place", required=False)
@click.option("--only", help="input, calibrated or predicted, or the name of one figure.")
@click.option("--quick", is_flag=True, help="Fewer draws: wider intervals in about a minute.")
@click.option("--seed", default=1, show_default=True, type=click.IntRange(0, 2**31 - 1))
@click.option("--out", type=FILE, help="JSON, one object a figure.")
@click.option("--xlsx", type=FILE, help="The same table as a workbook, with assumptions and what is left out.")
@click.option("--language", default="en", show_default=True, type=click.Choice(["en", "zh"]))
def reproduce(place: str | None, **asked: Any) -> None:
    """Put every published figure of the five places beside ours.

    An input is counted in what comes with GridBeat, a calibrated figure is simulated with a rate taken from it, a
    predicted one follows from stated assumptions and is never fitted to its published value: its interval holds 90 % of
    the draws, and it is inside when the published value is in it. Places that are played are built at first use.

    \b
    Examples:
      gridbeat reproduce
      gridbeat reproduce huancui --only predicted --quick --xlsx figures.xlsx --language zh
    """
    from ui.commands import reproducing

    reproducing.reproduce(place, **asked)
