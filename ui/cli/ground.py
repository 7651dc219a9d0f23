"""Places, streets and who goes where."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ui.cli.border import DATUM, FILE, FOLDER, Number


@click.group()
def place() -> None:
    """Places: districts with their cells, streets, people and rules."""


@place.command("build")
@click.option("--name", required=True, help="What the place is called.")
@click.option("--streets", type=FILE, help=".osm, .osm.gz, .osm.bz2, .osm.pbf or .graphml")
@click.option("--osm-place", help="Instead of --streets, on a connected machine: a place OpenStreetMap knows by name.")
@click.option("--outline", type=FILE, help="Polygon of the district; by default the hull of the streets, 200 m wider.")
@click.option("--outline-datum", default="wgs84", show_default=True, type=DATUM, help="Datum of the outline.")
@click.option("--areas", type=FILE, help="Your district, towns and communities: a sheet code,name,lon,lat.")
@click.option("--officers", type=FILE, help="Your people: a sheet with the columns of officers.csv.")
@click.option("--teams", type=FILE, help="Your teams: a sheet with the columns of teams.csv.")
@click.option("--datum", default="wgs84", show_default=True, type=DATUM, help="Datum of the positions in the sheets.")
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Same seed, same place.")
@click.option("--out", required=True, type=FOLDER, help="Folder to write; it can stand wherever a PLACE is asked for.")
def place_build(name: str, streets: Path | None, osm_place: str | None, seed: int, out: Path, **own: Any) -> None:
    """Cut coded cells out of streets and write a place.

    What the sheets (.xlsx or .csv) do not say is made up. A first build without officers and teams writes both as
    they could be, to fill in and give to a second one.

    \b
    Example:
      gridbeat place build --name Boston --streets boston.osm.gz --out places/boston
      gridbeat place build --name 黄浦区 --streets huangpu.osm.pbf --outline outline.geojson --outline-datum gcj02 \\
        --areas areas.xlsx --officers officers.xlsx --teams teams.xlsx --out places/huangpu
    """
    from ui.commands import placing

    placing.build(name, streets, osm_place, own, seed, out)


@click.command()
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


@click.command()
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


@click.command()
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
