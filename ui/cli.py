"""The command ``gridbeat``: what stands on its line, and how it ends. The work is in ``ui.commands``."""

from __future__ import annotations

import errno
import math
import time
import warnings
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import click

BAD_INPUT = 2
FILE = click.Path(path_type=Path, dir_okay=False)
FOLDER = click.Path(path_type=Path, file_okay=False)
DATUM = click.Choice(["wgs84", "cgcs2000", "gcj02", "bd09"])
EXAMPLES = {"help_option_names": ["-h", "--help"], "max_content_width": 110}


class Number(click.FloatRange):
    """A number within a range; "nan" is none, though every comparison lets it through."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        number = super().convert(value, param, ctx)
        if math.isnan(number):
            self.fail(f"{value!r} is not a number.", param, ctx)
        return number


class Border(click.Group):
    """The one place where bad input becomes a message and exit status 2; what nobody foresaw rises."""

    def invoke(self, ctx: click.Context) -> Any:
        warnings.simplefilter("ignore")  # a library's aside is not for the person at the terminal
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as problem:
            message = _refusal(problem)
            if message is None:
                raise
            click.echo(f"gridbeat: {message}", err=True)
            return ctx.exit(BAD_INPUT)


def _refusal(problem: Exception) -> str | None:
    """What to tell the user, or None when it is not the input's fault."""
    from sqlalchemy.exc import OperationalError  # here, because it takes a second that --help need not wait

    from gis.schemas import BadInput

    if isinstance(problem, BadInput):
        return str(problem)
    if isinstance(problem, OSError) and problem.filename is not None and problem.errno != errno.EPIPE:
        return f"{problem.filename}: found {problem.strerror}, expected a file or folder that can be used."
    if isinstance(problem, OperationalError):
        return f"database: found {problem.orig}, expected a database that can be read and written."
    return None


@click.group(cls=Border, context_settings=EXAMPLES)
@click.version_option(package_name="gridbeat")
def main() -> None:
    """Grid dispatch, joint inspection and staffing for township law enforcement.

    \b
    Example:
      gridbeat demo
    """


@main.command()
@click.option("--port", default=8501, show_default=True, type=click.IntRange(1, 65_535))
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; the default stays inside.")
@click.option("--place", default="haishu", show_default=True, help="A shipped place by name, or a built folder.")
@click.option("--district", help="In a city such as chongqing, the district to open, by name or code.")
@click.option(
    "--speed",
    type=Number(0, 3600, min_open=True),
    help="Seconds of the demo in one of ours; 10 unless set.",
)
@click.option("--no-browser", is_flag=True, help="Do not open the browser.")
def demo(port: int, host: str, place: str, district: str | None, speed: float | None, no_browser: bool) -> None:
    """Open a living district on the map.

    Builds the embedded database and serves screen and HTTP API in one process. The database lies in $GRIDBEAT_HOME
    (.gridbeat in the current folder unless set) and is taken up again next time.

    \b
    Example:
      gridbeat demo --port 8600 --no-browser
      gridbeat demo --place chongqing --district 沙坪坝区
    """
    from ui.commands import serving

    serving.demo(host, port, place, district, speed, browser=not no_browser)


@main.command()
@click.option("--db", required=True, help="Database address, SQLite or PostgreSQL.")
@click.option("--port", default=8501, show_default=True, type=click.IntRange(1, 65_535))
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; the default stays inside.")
@click.option("--place", help="The place to serve; by default the one the database was built for.")
@click.option("--district", help="In a city such as chongqing, the district to open, by name or code.")
def serve(db: str, port: int, host: str, place: str | None, district: str | None) -> None:
    """Screen and API on an existing database.

    \b
    Example:
      gridbeat serve --db sqlite:///district.db --port 8501
      gridbeat serve --db sqlite:///district.db --place chongqing --district 沙坪坝区
    """
    from ui.commands import serving

    serving.serve(db, host, port, place, district)


@main.group()
def people() -> None:
    """Who may sign in, for whoever keeps the database."""


@people.command("list")
@click.option("--db", required=True, help="Database address, SQLite or PostgreSQL.")
def people_list(db: str) -> None:
    """A line for each person: name to sign in, name, posts, state.

    \b
    Example:
      gridbeat people list --db sqlite:///district.db
    """
    from ui.commands import accounts

    accounts.everybody(db)


@people.command("reset")
@click.argument("name")
@click.option("--db", required=True, help="Database address, SQLite or PostgreSQL.")
@click.option("--actor", required=True, help="Who resets it, for the ledger.")
def people_reset(name: str, db: str, actor: str) -> None:
    """A new one-time password for somebody, when no administrator can sign in any more.

    \b
    Example:
      gridbeat people reset admin --db sqlite:///district.db --actor "Zhou, IT"
    """
    from ui.commands import accounts

    accounts.reset(name, db, actor)


@main.group()
def place() -> None:
    """Places: districts with their cells, streets, people and rules."""


@place.command("build")
@click.option("--name", required=True, help="What the place is called.")
@click.option("--streets", type=FILE, help=".osm, .osm.gz, .osm.bz2, .osm.pbf or .graphml")
@click.option("--osm-place", help="Instead of --streets, on a connected machine: a place OpenStreetMap knows by name.")
@click.option("--outline", type=FILE, help="Polygon of the district; by default the hull of the streets, 200 m wider.")
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Same seed, same place.")
@click.option("--out", required=True, type=FOLDER, help="Folder to write; it can stand wherever a PLACE is asked for.")
def place_build(
    name: str, streets: Path | None, osm_place: str | None, outline: Path | None, seed: int, out: Path
) -> None:
    """Cut coded cells out of streets and write a place.

    \b
    Example:
      gridbeat place build --name Boston --streets boston.osm.gz --out places/boston
    """
    from ui.commands import placing

    placing.build(name, streets, osm_place, outline, seed, out)


@main.command()
@click.option("--cells", required=True, type=FILE, help=".gpkg, .geojson or .parquet with a column code")
@click.option("--points", required=True, type=FILE, help="CSV id,lon,lat")
@click.option("--datum", default="wgs84", show_default=True, type=DATUM, help="Datum of the points.")
@click.option("--out", required=True, type=FILE, help="CSV id,code; code empty outside all cells")
def locate(cells: Path, points: Path, datum: str, out: Path) -> None:
    """Which cell holds each point.

    \b
    Example:
      gridbeat locate --cells cells.gpkg --points tickets.csv --datum gcj02 --out located.csv
    """
    from ui.commands import locating

    locating.locate(cells, points, datum, out)


@main.command()
@click.option("--streets", required=True, type=FILE, help=".osm, .osm.gz, .osm.bz2, .osm.pbf or .graphml")
@click.option("--from", "origins", required=True, type=FILE, help="CSV id,lon,lat")
@click.option("--to", "targets", required=True, type=FILE, help="CSV id,lon,lat")
@click.option("--weight", default="time", show_default=True, type=click.Choice(["time", "length"]))
@click.option("--snap", default="edge", show_default=True, type=click.Choice(["edge", "node"]))
@click.option("--limit", type=Number(min=0), help="Seconds or metres; dearer pairs are left out.")
@click.option("--profile", default="car", show_default=True, type=click.Choice(["car", "ebike", "foot"]))
@click.option("--datum", default="wgs84", show_default=True, type=DATUM, help="Datum of the points.")
@click.option("--out", required=True, type=FILE, help="CSV from_id,to_id,cost")
def travel(origins: Path, out: Path, **asked: Any) -> None:
    """Seconds or metres by street between points.

    One-way streets are respected. A point lies on the nearest street (--snap edge) or at the nearest junction (node);
    the gap between them is not charged.

    \b
    Example:
      gridbeat travel --streets town.osm.pbf --from teams.csv --to incidents.csv --limit 900 --out seconds.csv
    """
    from ui.commands import travelling

    travelling.travel(origins=origins, out=out, **asked)


@main.command()
@click.option("--incidents", required=True, type=FILE, help="CSV id,lon,lat,certificate and, where given, priority")
@click.option("--teams", required=True, type=FILE, help="CSV id,lon,lat,certificates,capacity; certificates by ;")
@click.option("--metric", required=True, type=click.Choice(["line", "streets"]))
@click.option("--streets", type=FILE, help="The network; needed with --metric streets.")
@click.option("--profile", default="car", show_default=True, type=click.Choice(["car", "ebike", "foot"]))
@click.option("--cells", type=FILE, help="An incident in none of these cells stays unserved as outside.")
@click.option("--unserved-cost", default=100_000, show_default=True, type=click.IntRange(0, 10**9))
@click.option("--nearest", type=click.IntRange(min=1), help="Consider only the K cheapest able teams of an incident.")
@click.option("--datum", default="wgs84", show_default=True, type=DATUM, help="Datum of both files.")
@click.option("--out", required=True, type=FILE, help="CSV incident_id,team_id,cost,reason")
def assign(incidents: Path, out: Path, **asked: Any) -> None:
    """Send incidents to teams at the least total cost.

    The cost is a whole number: with --metric line great-circle metres, with --metric streets seconds by street from
    team to incident. Without --nearest the answer is the least over all pairs, and proved to be. Of several plans with
    the least cost, the one that serves the higher priorities is written. An incident with an empty certificate can go
    to any team.

    Whoever is left over has a reason: no_certificate (no team holds it), no_capacity (other incidents need the places
    more), unreachable (no team gets there for less than --unserved-cost), outside (over 1 km from every street, or in
    none of --cells).

    \b
    Example:
      gridbeat assign --incidents open.csv --teams free.csv --metric line --out plan.csv
    """
    from ui.commands import assigning

    assigning.assign(incidents=incidents, out=out, **asked)


@main.group()
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
    help="Who inspects; the town * is every town.",
)
@click.option(
    "--bases", type=FILE, help="town,lon,lat where crews start; the median of a town's premises unless given."
)
@click.option("--days", required=True, type=click.IntRange(1, 400), help="Working days to plan.")
@click.option("--start", required=True, type=click.DateTime(["%Y-%m-%d"]), help="First day.")
@click.option("--streets", type=FILE, help="Network to drive on; 1.3 times the line at 25 km/h unless given.")
@click.option(
    "--seconds", default=30.0, show_default=True, type=Number(0.1, 86_400), help="Effort, in seconds of one core."
)
@click.option("--seed", default=1, show_default=True, type=click.IntRange(0, 2**31 - 1))
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64), help="Towns planned at once.")
@click.option("--datum", default="wgs84", show_default=True, type=DATUM)
@click.option("--out", required=True, type=FOLDER, help="Folder for visits, crews, undone, summary and routes.")
def inspect_plan(start: datetime, **asked: Any) -> None:
    """Merge due checks into the fewest visits and put them on days with lawful crews.

    Two to five officers of one town make a crew; their certificates cover what the visit checks, nobody goes where he
    has a conflict of interest, and a day is 480 minutes with the way from the town's base and back. The summary says
    how few officer-days any calendar could have (officer_days_bound). The same --seed and --seconds give the same
    calendar.

    Whatever is left out stands in undone.csv with its reason and what doing it would take: dates_reversed, past, later,
    no_working_day, never_open, too_long, unreachable, no_certificate, no_crew, annual_cap, no_room.

    \b
    Columns (CSV, UTF-8; hours as 08:30, dates as 2026-12-01, several joined by ;):
      premises: premises_id,name,lon,lat,town,opens,closes,annual_cap,visits_this_year
      items:    item_id,premises_id,department,certificate,minutes,earliest,latest
      officers: officer_id,town,department,certificates,conflicts
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


@main.group()
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


@main.group("import")
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


@main.group()
def simulate() -> None:
    """The city played forward."""


@simulate.command("check")
@click.argument("configs", type=FILE)
@click.option("--out", required=True, type=FILE, help="JSON: for each queue its metrics with mean and half-width.")
@click.option("--replications", default=20, show_default=True, type=click.IntRange(2, 10_000))
@click.option("--seed", default=1, show_default=True, type=click.IntRange(0, 2**31 - 1))
def simulate_check(configs: Path, out: Path, replications: int, seed: int) -> None:
    """Hold the simulated city against queues whose answer is known.

    CONFIGS is JSON, {name: {"model": …, "params": {…}}}; the city is set up as each queue and played, no formula is
    used. Rates are per hour, waits in hours. Half-widths are 95 % t-intervals over replications.

    \b
    Models and parameters:
      mmc           lam, mu, c
      mmc_priority  lams, mu, c            the first class first, nobody interrupted
      mg1           lam, es, scv           scv 0 fixed, 0.5 Erlang-2, else lognormal
      mg1_priority  lams, es               class 1 even on [0.5, 1.5]·es, class 2 exponential
      network       T, lam_t, mu_t, c_t, p_esc, D, mu_d, c_d
      steps         the same and steps, p_ord, delay
      spatial_mg1   lam, side, v, mu
      hypercube     lam, mu, pref, queue
    \b
    Example:
      echo '{"desk": {"model": "mmc", "params": {"lam": 8, "mu": 3, "c": 4}}}' > queues.json
      gridbeat simulate check queues.json --out measured.json
    """
    from ui.commands import simulating

    simulating.check_queues(configs, out, replications, seed)


def _played(command: Callable[..., None]) -> Callable[..., None]:
    """What every command that plays plans can be told."""
    for option in reversed(
        (
            click.option(
                "--history", help="Database whose tickets are forecast, if their last weeks are foretold well."
            ),
            click.option("--replay", is_flag=True, help="With --history: the tickets come again as they came."),
            click.option("--tonight", help="Database whose open incidents and cases it begins with, next midnight."),
            click.option("--stress", help="spring_festival, tourists, borrowed, reviewers_gone or typhoon_day."),
            click.option("--seed", default=1, show_default=True, type=click.IntRange(0, 2**31 - 1)),
            click.option(
                "--workers", type=click.IntRange(1, 1024), help="Processes; all cores unless given. Same results."
            ),
            click.option("--cluster", default="", help="tcp://HOST:PORT of a Dask scheduler instead. Same results."),
            click.option("--keep", type=FILE, help="File of what was played; a run that was killed goes on from it."),
        )
    ):
        command = option(command)
    return command


def _often(command: Callable[..., None]) -> Callable[..., None]:
    """How often plans are played."""
    for option in reversed(
        (
            click.option("--replications", default=30, show_default=True, type=click.IntRange(1, 100_000)),
            click.option("--within", type=Number(0.0001, 1), help="Play until half-widths are this share of the mean."),
            click.option(
                "--of", multiple=True, help="With --within: indicators meant; on_time_share and closure_h_p90."
            ),
            click.option("--most", default=1_000, show_default=True, type=click.IntRange(10, 100_000)),
        )
    ):
        command = option(command)
    return command


@simulate.command("run")
@click.argument("place")
@click.option("--plan", type=FILE, help="plan.toml with its tables beside it; the place's own unless given.")
@_often
@_played
@click.option("--engine", default="fast", show_default=True, type=click.Choice(["simpy", "fast"]), help="Same results.")
@click.option("--trace", type=FILE, help="Parquet file for the first replication, line by line.")
@click.option("--out", required=True, type=FILE, help="JSON: each indicator with mean, half-width and n.")
def simulate_run(
    place: str,
    plan: Path | None,
    replications: int,
    within: float | None,
    of: tuple[str, ...],
    most: int,
    trace: Path | None,
    out: Path,
    **asked: Any,
) -> None:
    """Play a staffing plan on a place: response, closure, backlog, load, each with its 95 % interval.

    What is open at the end counts as lasting at least so long. Every replication draws its own year; the same --seed
    gives every plan the same years.

    \b
    Examples:
      gridbeat simulate run haishu --replications 30 --out today.json
      gridbeat simulate run haishu --within 0.02 --most 400 --keep today.sqlite --stress tourists --out worse.json
    """
    from ui.commands import simulating

    wanted = simulating.how_often(within, of, replications, most)
    simulating.run_plan(place, plan, wanted, *simulating.how_played(**asked), trace, out)


@simulate.command("compare")
@click.argument("place")
@click.argument("first", type=FILE)
@click.argument("second", type=FILE)
@_often
@_played
@click.option("--out", required=True, type=FILE, help="JSON: the difference, each plan, and what to know.")
def simulate_compare(
    place: str,
    first: Path,
    second: Path,
    replications: int,
    within: float | None,
    of: tuple[str, ...],
    most: int,
    out: Path,
    **asked: Any,
) -> None:
    """Play two plans on the same cities: how much more the second has of each indicator, with its 95 % interval.

    \b
    Example:
      gridbeat simulate compare haishu today/plan.toml towns/plan.toml --out difference.json
    """
    from ui.commands import simulating

    wanted = simulating.how_often(within, of, replications, most)
    simulating.compare_plans(place, (first, second), wanted, *simulating.how_played(**asked), out)


@simulate.command("search")
@click.argument("place")
@click.option(
    "--plan", type=FILE, help="plan.toml whose desks and mixes are staffed anew; the place's own unless given."
)
@click.option("--cap", required=True, type=click.IntRange(1, 100_000), help="Heads at most, reviewers included.")
@click.option(
    "--indifference",
    default=0.005,
    show_default=True,
    type=Number(0.0001, 1),
    help="The smallest difference in the share of late incidents worth finding.",
)
@click.option("--probability", default=0.95, show_default=True, type=Number(0.5, 0.999), help="Of choosing right.")
@click.option(
    "--replications",
    default=20,
    show_default=True,
    type=click.IntRange(2, 10_000),
    help="For each point of the front and for the worth of an officer.",
)
@click.option("--most", default=500, show_default=True, type=click.IntRange(10, 100_000), help="Of one candidate.")
@_played
@click.option("--out", required=True, type=FOLDER, help="New folder: the best plan and search.json.")
def simulate_search(
    place: str,
    plan: Path | None,
    cap: int,
    indifference: float,
    probability: float,
    replications: int,
    most: int,
    out: Path,
    **asked: Any,
) -> None:
    """Search the plan that is late least often with so many heads.

    Heads are moved between the plan's desks, whose certificates and shifts keep their mix. Candidates are guessed by
    formula and chosen by playing them (Kim and Nelson 2001). search.json also holds the front of cost and lateness,
    and by how much one officer more in each town lowers the share that is late.

    \b
    Example:
      gridbeat simulate search haishu --cap 600 --out best
    """
    from simulation.search import Question
    from ui.commands import simulating

    question = Question(cap, indifference, probability, replications=replications, most=most)
    simulating.search_plan(place, plan, question, *simulating.how_played(**asked), out)


@simulate.command("plan")
@click.argument("place")
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), default="2026-01-01", show_default=True)
@click.option("--out", required=True, type=FOLDER, help="New folder for plan.toml, desks.csv and posts.csv.")
def simulate_plan(place: str, day: datetime, out: Path) -> None:
    """Write the plan that a place's roster is on a day, as a start to change.

    \b
    Example:
      gridbeat simulate plan haishu --out today
    """
    from ui.commands import simulating

    simulating.write_plan(place, day.date(), out)


@main.group()
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


@main.command()
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


@main.command()
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


@main.command()
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


@main.group()
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
@click.option("--town", default="", help="9-digit town; without it nobody is said to be competent.")
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="Day of the act; today in the place unless set.")
@click.option("--limit", default=10, show_default=True, type=click.IntRange(1, 1000))
def lists_search(words: tuple[str, ...], place: str, town: str, day: Any, limit: int) -> None:
    """Which matters a few words may be about, who may act on them in a town, and the clause that says so.

    \b
    Example:
      gridbeat lists search 宅基地 --place haishu --town 330203009
    """
    from ui.commands import listing

    listing.search(" ".join(words), place, town, day.date() if day else None, limit)


@main.group(invoke_without_command=True)
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
