"""The command ``gridbeat``: what stands on its line, and how it ends. The work is in ``ui.commands``."""

from __future__ import annotations

import errno
import math
import warnings
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
@click.option(
    "--speed",
    type=Number(0, 3600, min_open=True),
    help="Seconds of the demo in one of ours; 20 unless set.",
)
@click.option("--no-browser", is_flag=True, help="Do not open the browser.")
def demo(port: int, host: str, place: str, speed: float | None, no_browser: bool) -> None:
    """Open a living district on the map.

    Builds the embedded database and serves screen and HTTP API in one process. The database lies in $GRIDBEAT_HOME
    (.gridbeat in the current folder unless set) and is taken up again next time.

    \b
    Example:
      gridbeat demo --port 8600 --no-browser
    """
    from ui.commands import serving

    serving.demo(host, port, place, speed, browser=not no_browser)


@main.command()
@click.option("--db", required=True, help="Database address, SQLite or PostgreSQL.")
@click.option("--port", default=8501, show_default=True, type=click.IntRange(1, 65_535))
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; the default stays inside.")
@click.option("--place", help="The place to serve; by default the one the database was built for.")
def serve(db: str, port: int, host: str, place: str | None) -> None:
    """Screen and API on an existing database.

    \b
    Example:
      gridbeat serve --db sqlite:///district.db --port 8501
    """
    from ui.commands import serving

    serving.serve(db, host, port, place)


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
