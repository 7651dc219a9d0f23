"""What somebody knows about a place of their own, as sheets (.xlsx or .csv): areas, officers, teams; row by row."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import shapely

from dispatch.desk.plansheets import table_of
from dispatch.records.team import Role
from dispatch.rulebook.lists import ListFile, ListRow, each_once
from gis.areas import Level, level_of, parent_code
from gis.crs import Datum, to_wgs84
from gis.schemas import BadInput, Fault
from scenarios.ownwords import PROFILES, ROLES, rows_of_own, take_certificates, take_codes
from scenarios.people import OFFICER_COLUMNS, TEAM_COLUMNS, degrees_in, officers_of, roster_of

AREA_COLUMNS = ("code", "name")
AREA_OPTIONAL = ("name_en", "lon", "lat", "people", "officers")
MOST_PEOPLE, MOST_OFFICERS = 10_000_000, 9_999
FAR_DEGREES = 0.1
"""Some 10 km: a team may be met beyond the border, in the next town and not in the next province."""
ADVICE = "Mend these rows of the sheet and build again."


@dataclass(frozen=True, slots=True)
class OwnFiles:
    """Files somebody has of their own place beside its streets; what is None is made up.

    ``outline`` is .gpkg, .geojson or .parquet, with its degrees in ``outline_datum``; without one it is the hull of the
    streets, 200 m wider. The sheets are .xlsx or .csv, with their degrees in ``datum``.
    """

    outline: Path | None = None
    outline_datum: Datum = Datum.WGS84
    areas: Path | None = None
    officers: Path | None = None
    teams: Path | None = None
    datum: Datum = Datum.WGS84


@dataclass(frozen=True, slots=True)
class OwnArea:
    """A district, town or community as its sheet has it; ``position`` is lon, lat in WGS84 degrees."""

    code: str
    name: str
    name_en: str = ""
    position: tuple[float, float] | None = None
    people: int | None = None
    officers: int | None = None
    row: int | None = None


@dataclass(frozen=True)
class OwnAreas:
    """One district with its towns, in the order of the sheet, and the communities of each town that has any listed."""

    file: str
    district: OwnArea
    towns: tuple[OwnArea, ...]
    communities: Mapping[str, tuple[OwnArea, ...]]

    @property
    def placed(self) -> tuple[OwnArea, ...]:
        """Towns and communities whose position is known."""
        every = (*self.towns, *(one for town in self.towns for one in self.communities.get(town.code, ())))
        return tuple(one for one in every if one.position is not None)


def read_areas(path: Path, datum: Datum = Datum.WGS84) -> OwnAreas:
    """The areas of a sheet ``code,name`` and, where known, ``name_en,lon,lat,people,officers``.

    A code has 6 digits for the district, 9 for a town, 12 for a community. A town needs the position of its seat.
    Communities may be left out; those of one town have all a position or none.

    Raises
    ------
    BadInput
        With every row that is wrong.
    """
    file, table = table_of(path)
    rows = rows_of_own(file, table, AREA_COLUMNS, AREA_OPTIONAL)
    areas = each_once(rows, "code", lambda row: _area(row, datum))
    _blame_strays(file, rows, areas)
    file.stop_if_faulty(ADVICE)
    of = {level: [one for one in areas.values() if level_of(one.code) is level] for level in Level}
    towns = tuple(of[Level.TOWN])
    communities = {
        town.code: tuple(one for one in of[Level.COMMUNITY] if parent_code(one.code) == town.code) for town in towns
    }
    return OwnAreas(file.name, of[Level.DISTRICT][0], towns, communities)


def _area(row: ListRow, datum: Datum) -> OwnArea:
    return OwnArea(
        code=row.text(
            "code", pattern=r"\d{6}|\d{9}|\d{12}", expected="6 digits (district), 9 (town) or 12 (community)"
        ),
        name=row.text("name", expected="a name"),
        name_en=row.values["name_en"],
        position=_position(row, datum),
        people=row.whole("people", 1, MOST_PEOPLE) if row.values["people"] else None,
        officers=_officers(row),
        row=row.number,
    )


def _officers(row: ListRow) -> int | None:
    if row.values["officers"] == "0":
        row.blame("officers", "one officer at least, or an empty cell where their number is not known")
        return None
    return row.whole("officers", 1, MOST_OFFICERS) if row.values["officers"] else None


def _position(row: ListRow, datum: Datum) -> tuple[float, float] | None:
    if not row.values["lon"] and not row.values["lat"]:
        return None
    lon, lat = to_wgs84(degrees_in(row, "lon", 180.0), degrees_in(row, "lat", 90.0), datum)
    return float(lon), float(lat)


def _blame_strays(file: ListFile, rows: Sequence[ListRow], areas: Mapping[str, OwnArea]) -> None:
    """A second district, an area whose own is not there, a town without a seat, a community left without a position."""
    known = [row for row in rows if re.fullmatch(r"\d{6}|\d{9}|\d{12}", row.values["code"], re.ASCII)]
    districts = [row for row in known if level_of(row.values["code"]) is Level.DISTRICT]
    if not districts:
        file.blame(None, "code", "no district", "one row with the 6 digits of the district")
    for row in districts[1:]:
        row.blame("code", "one district; this is the second")
    half = {parent_code(one.code) for one in areas.values() if len(one.code) == 12 and one.position is not None}
    for row in known:
        code, placed = row.values["code"], row.values["lon"] or row.values["lat"]
        around = parent_code(code)
        if around not in {"", *areas}:
            row.blame("code", f"a code whose area {around} is in this sheet")
        if not placed and (len(code) == 9 or around in half):
            row.blame("lon", "a town's seat" if len(code) == 9 else f"a position, as others of {around} have")


Rows = list[tuple[object, ...]]


def read_people(
    officers: Path,
    teams: Path,
    areas: Mapping[str, str],
    bodies: Mapping[str, str],
    fields: Mapping[str, str],
    bounds: tuple[float, float, float, float],
    datum: Datum = Datum.WGS84,
) -> tuple[Rows, Rows]:
    """Rows of officers.csv and teams.csv out of two sheets with the same columns, positions moved to WGS84.

    Parameters
    ----------
    areas, bodies, fields
        The names of district, towns and communities, of bodies, of certificates, by code; a sheet may have either.
    bounds
        Of the place, west, south, east and north; a team is met there or near.

    Raises
    ------
    BadInput
        With every row that is wrong: as `people.read_officers` and `people.read_roster`, and an area or a certificate
        that the place does not have.
    """
    towns = {code: name for code, name in areas.items() if len(code) < 12}
    communities = {code: name for code, name in areas.items() if len(code) == 12}
    file, table = table_of(officers)
    people = rows_of_own(file, table, OFFICER_COLUMNS)
    take_codes(people, "role", ROLES, f"one of {', '.join(ROLES)}")
    take_codes(people, "town", towns, "a town of the place, or its district")
    take_certificates(people, fields)
    known = officers_of(file, people)
    file, table = table_of(teams)
    rows = rows_of_own(file, table, TEAM_COLUMNS)
    take_codes(rows, "body", bodies, "a body of the place: the id or name_zh of a row of its bodies.csv")
    take_codes(rows, "town", towns, "a town of the place, or its district")
    take_codes(rows, "officers", {}, "")
    take_codes(rows, "profile", PROFILES, f"one of {', '.join(PROFILES)}")
    take_codes(rows, "beat", communities, "communities of the place joined by ;")
    made = roster_of(file, rows, known, bodies)
    for row, team in zip(rows, made, strict=True):
        lon, lat = to_wgs84(team.lon, team.lat, datum)
        if not shapely.box(*bounds).dwithin(shapely.Point(float(lon), float(lat)), FAR_DEGREES):
            west, south, east, north = (f"{edge:.3f}" for edge in bounds)
            row.blame("lon", f"a position in the place or near it, from {west}, {south} to {east}, {north}")
        row.values.update(lon=f"{float(lon):.6f}", lat=f"{float(lat):.6f}")
    file.stop_if_faulty(ADVICE)
    return _cells(people, OFFICER_COLUMNS), _cells(rows, TEAM_COLUMNS)


def refuse_unstaffed(areas: OwnAreas, officers: Rows, file: str) -> None:
    """A town in which nobody stands would only ever be late.

    Raises
    ------
    BadInput
        With each town of the sheet that has no officer among the rows of officers.csv, which came from ``file``.
    """
    staffed = {town for _, _, role, town, _ in officers if role == Role.OFFICER}
    faults = [
        Fault(areas.file, one.row, "code", f"{one.code} {one.name} without any officer", f"a town of {file}")
        for one in areas.towns
        if one.code not in staffed
    ]
    if faults:
        raise BadInput(*faults, advice="Give each of these towns at least one officer, or take it off the areas.")


def _cells(rows: Iterable[ListRow], columns: Sequence[str]) -> Rows:
    return [tuple(row.values[column] for column in columns) for row in rows]
