"""Joint inspections and their routes."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from ui.cli.border import DATUM, FILE, FOLDER, Break, Day, Number


@click.group()
def inspect() -> None:
    """Enter the door once, check many things."""


@inspect.command("plan")
@click.option(
    "--premises",
    required=True,
    type=FILE,
    help="Who is inspected (columns below).",
)
@click.option("--items", required=True, type=FILE, help="What is due.")
@click.option(
    "--officers",
    required=True,
    type=FILE,
    help="Who inspects; the town * is every town, whoever has a role other than officer stays out.",
)
@click.option(
    "--bases", type=FILE, help="town,lon,lat where crews start; the median of a town's premises unless given."
)
@click.option("--days", required=True, type=click.IntRange(1, 400), help="Working days to plan.")
@click.option("--start", required=True, type=Day(), help="First day.")
@click.option("--streets", type=FILE, help="Network to drive on; 1.3 times the line at 25 km/h unless given.")
@click.option("--noon", type=Break(), help="When nobody works, as 12:00-13:30; no break unless given.")
@click.option(
    "--seconds", default=30.0, show_default=True, type=Number(0.1, 86_400), help="Effort, in seconds of one core."
)
@click.option("--seed", default=1, show_default=True, type=click.IntRange(0, 2**31 - 1))
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64), help="Towns planned at once.")
@click.option("--datum", default="wgs84", show_default=True, type=DATUM)
@click.option("--out", required=True, type=FOLDER, help="Folder for visits, crews, desk, undone, summary and routes.")
def inspect_plan(start: datetime, **asked: Any) -> None:
    """Merge due checks into the fewest visits and put them on days with lawful crews.

    Two to five officers of one town make a crew; their certificates cover what the visit checks, nobody goes where he
    has a conflict of interest, and a day is 480 minutes with the way from the town's base and back, a break
    not counted. The summary says how few officer-days any calendar could have (officer_days_bound). The same --seed and
    --seconds give the same calendar.

    Whatever is left out stands in undone.csv with its reason and what doing it would take: dates_reversed, past, later,
    no_working_day, never_open, too_long, unreachable, no_certificate, no_crew, annual_cap, no_room.

    An item whose column remote says video, data or papers is checked without going: desk.csv has the day and the two
    officers or more who check it beside their visits, within the same 480 minutes; it counts against no annual cap.

    \b
    Columns (.xlsx or .csv; hours as 08:30, dates as 2026-12-01, several joined by ;, certificates without days):
      premises: premises_id,name,lon,lat,town,opens,closes,annual_cap,visits_this_year
      items:    item_id,premises_id,department,certificate,minutes,earliest,latest[,name,occasion,remote]
      officers: officer_id,town,department,certificates,conflicts[,role]
    \b
    Example:
      gridbeat inspect plan --premises shops.csv --items due.csv --officers people.csv \\
        --days 20 --start 2026-12-01 --out plan
    """
    from ui.commands import inspecting

    inspecting.plan_inspections(start=start.date(), **asked)


def registers(*, required: bool) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """The registers of a draw and who is in it."""
    options = (
        click.option("--premises", required=required, type=FILE, help="Register of premises, .xlsx or .csv."),
        click.option("--inspectors", required=required, type=FILE, help="Register of inspectors, .xlsx or .csv."),
        click.option("--scene", required=required, help="Code of the scene whose premises are drawn, as small_shop."),
        click.option("--item", multiple=True, help="Code of an item that is checked; may be given several times."),
    )

    def with_options(command: Callable[..., None]) -> Callable[..., None]:
        for option in reversed(options):
            command = option(command)
        return command

    return with_options


@inspect.command("draw")
@registers(required=True)
@click.option("--seed", required=True, help="A text that nobody could choose, such as the numbers of a lottery.")
@click.option("--count", required=True, type=click.IntRange(1, 1_000_000), help="Premises to draw.")
@click.option("--crew", default=2, show_default=True, type=click.IntRange(2, 5), help="Inspectors for each.")
@click.option("--out", required=True, type=FILE, help="The record (JSON), to be published.")
def inspect_draw(**asked: Any) -> None:
    """Draw premises by risk and credit, and inspectors for each: nobody chooses who is inspected, nor who inspects.

    Publish the hashes of both registers before the seed is known; the record holds them. Whoever has a conflict with
    drawn premises is recused and the next drawn goes. The same registers and seed give the same draw on any machine,
    years later: see inspect replay.

    \b
    Columns:
      premises:   premises_id,name,lon,lat,town,type,risk,credit[,opens,closes,annual_cap,visits_this_year]
      inspectors: officer_id,town,department,certificates[,role,conflicts]
    \b
    Example:
      gridbeat inspect draw --premises shops.xlsx --inspectors people.xlsx --scene small_shop --item S02-03 \\
        --seed "07 11 19 23 28 31 + 05" --count 20 --out draw.json
    """
    from ui.commands import drawing

    drawing.draw(**asked)


@inspect.command("replay")
@click.argument("record", type=FILE)
@registers(required=False)
def inspect_replay(record: Path, **asked: Any) -> None:
    """Draw again from what RECORD carries and say whether it comes out; exit 1 when it does not.

    RECORD carries both registers as the draw saw them, and of the lists the scene, the certificates of its items and
    the weights; what is in force today is not asked. With --premises and --inspectors these registers are held against
    its hashes besides. A record that carries nothing of it (made before 0.1.0) needs them, --scene and --item.

    \b
    Example:
      gridbeat inspect replay draw.json
      gridbeat inspect replay draw.json --premises shops.xlsx --inspectors people.xlsx
    """
    from ui.commands import drawing

    if not drawing.replay(record, **asked):
        raise SystemExit(1)


@click.group()
def route() -> None:
    """Routes of vehicles or crews."""


@route.command("vrptw")
@click.argument("instance", type=FILE)
@click.option("--seconds", required=True, type=Number(0, 86_400, min_open=True), help="CPU seconds to search.")
@click.option("--rounds", type=click.IntRange(1, 10**9), help="Stop after so many rounds, if that is sooner.")
@click.option("--seed", default=1, show_default=True, type=click.IntRange(0, 2**31 - 1))
@click.option("--out", required=True, type=FILE, help="The routes in CVRPLIB form (.sol).")
def route_vrptw(instance: Path, seconds: float, rounds: int | None, seed: int, out: Path) -> None:
    """Visit every customer in its time window at the least total distance.

    INSTANCE is a file in Solomon's form. Distances and times are counted in whole tenths, floor(10 * euclid) / 10. How
    far the search gets in --seconds depends on the machine; where --rounds end it, the same seed gives the same file.

    \b
    Example:
      gridbeat route vrptw R101.txt --seconds 5 --seed 1 --out R101.sol
    """
    began = time.process_time()
    from ui.commands import routing

    routing.vrptw(instance=instance, seconds=seconds, rounds=rounds, seed=seed, out=out, began=began)
