"""Lists of powers designed for a place."""

from __future__ import annotations

from typing import Any

import click

from ui.cli.border import FILE


@click.command("design")
@click.argument("place", default="huancui")
@click.option("--powers", default=2861, show_default=True, type=click.IntRange(1, 100_000), help="In the register.")
@click.option("--tickets", default=55_000, show_default=True, type=click.IntRange(1, 10_000_000), help="In the year.")
@click.option("--wording", default="haishu", show_default=True, type=click.Choice(["haishu", "chongqing"]))
@click.option("--replications", default=5, show_default=True, type=click.IntRange(2, 1_000))
@click.option("--seed", default=1, show_default=True, type=click.IntRange(0, 2**31 - 1))
@click.option("--out", required=True, type=FILE, help="Workbook (.xlsx) to write.")
@click.option("--language", default="zh", show_default=True, type=click.Choice(["en", "zh"]))
def lists_design(place: str, **asked: Any) -> None:
    """Design which powers each type of town is given, and which are taken back a year later.

    Powers and tickets are combed, each power is scored in each town by three high and two easy, and the best lists
    under the officers' certificates and time are found and checked. The city is played with nothing given, with the
    first lists and with what is kept. The register beyond the catalogue and all tickets are synthetic.

    \b
    Example:
      gridbeat lists design huancui --out design.xlsx
      gridbeat lists design huancui --wording chongqing --language en --out design.xlsx
    """
    from ui.commands import designing

    designing.design_lists(place, **asked)
