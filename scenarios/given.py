"""A place on somebody's own streets; what their sheets do not say of areas, people and volume is made up."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gis.cells import code_cells, cut
from gis.communities import MOST_CELLS, grow_communities
from gis.crs import Datum
from gis.mapfiles import read_shapes
from gis.schemas import BadInput, Fault
from gis.streets import Profile, Streets
from scenarios.drawn import no_water
from scenarios.folder import Ground
from scenarios.outline import Known, refuse_misfits
from scenarios.ownsheets import OwnArea, OwnAreas
from scenarios.placefile import Brigade, PlaceFile, Roster, Town, Volume
from scenarios.plane import Plane
from scenarios.settlement import place_communities
from simulation.streams import stream

DISTRICT = "990100"
"""A code no real district has."""

BEYOND_STREETS_M = 200.0
MOST_KM2 = 6_000.0
TOWN_KM2 = 12.0
MOST_TOWNS = 20
COMMUNITY_CELLS = 70
TOWN_OFFICERS = 21
IN_TOWNS = 0.862
BRIGADES = {"POL": "police", "FIRE": "fire", "HOU": "housing", "HEA": "health", "MKT": "market", "AGR": "agriculture"}
"""Bodies of joint enforcement beside the bureau and the certificate of each, as in Jiangbei."""
BRIGADE_OFFICERS = 4
INCIDENTS_PER_CELL = 0.57
SIMPLE = 0.562
"""Shares and rates as in Haishu; 11,441 incidents on some 20,000 cells. Anywhere else they are an assumption."""

STREETS_GIVEN = ("街道取自所给文件。", "The streets come from the file that was given.")
AREAS_MADE_UP = (
    "镇街、社区及其代码（9901 开头）均为合成，不是真实行政区划。",
    "Towns, communities and their codes (from 9901) are synthetic.",
)
AREAS_GIVEN = (
    "镇街、社区的名称、代码和位置取自所给表格；表中没有的社区、镇街和社区的界线和网格均为合成。",
    "Names, codes and positions of towns and communities come from the sheet that was given; communities that it "
    "lacks, all borders inside and the cells are synthetic.",
)
PEOPLE_MADE_UP = (
    "执法人员、队伍、证件和班次均为合成。",
    "Officers, teams, certificates and shifts are synthetic.",
)
PEOPLE_GIVEN = (
    "执法人员、队伍、证件和班次取自所给表格。",
    "Officers, teams, certificates and shifts come from the sheets that were given.",
)
POWERS_MADE_UP = (
    "部门、职权清单和镇街类型均为示例，不作执法依据。",
    "Departments, the list of powers and the types of towns are illustrative and no basis for enforcement.",
)
VOLUME_MADE_UP = ("事件及其数量均为合成。", "Incidents and their number are synthetic.")


@dataclass(frozen=True)
class Given:
    """What somebody has of a place beside its streets.

    ``areas`` are made up when None; ``people`` says whether officers and teams are known.
    """

    outline: Path | None = None
    datum: Datum = Datum.WGS84
    areas: OwnAreas | None = None
    people: bool = False

    @property
    def synthetic(self) -> tuple[tuple[str, str], ...]:
        """What the screens say is made up and what is not."""
        areas = AREAS_GIVEN if self.areas else AREAS_MADE_UP
        people = PEOPLE_GIVEN if self.people else PEOPLE_MADE_UP
        return (STREETS_GIVEN, areas, people, POWERS_MADE_UP, VOLUME_MADE_UP)


def given_ground(name: str, every: Streets, given: Given, seed: int, title: str = "") -> tuple[PlaceFile, Ground]:
    """The ground on given streets, and the description of the place around it.

    Raises
    ------
    BadInput
        When the outline cannot be read or does not hold the known positions, or a town has too few or too many cells
        for its communities.
    """
    outline = _outline(every, given)
    streets = _around_cars(every)
    _refuse_too_large(outline)
    pieces = cut(outline, streets.lines())
    plane = Plane.around(*np.asarray(outline.centroid.coords[0]))
    middles = shapely.get_coordinates(shapely.point_on_surface(plane.to_metres(pieces.geometry.to_numpy())))
    rng = stream(seed, name, "areas")
    areas = given.areas or _made_up_areas(title or name, pieces, middles, plane, rng)
    town = _towns(pieces, areas)
    communities, of_piece = _communities(pieces, middles, town, areas, plane, rng)
    place = _place(name, title or name, given, areas, np.bincount(town, pieces["area_m2"]), len(pieces))
    return place, Ground(_frame(areas, communities), code_cells(pieces, of_piece), no_water(), streets)


def _around_cars(streets: Streets) -> Streets:
    """The streets between places that cars reach, foot and cycle ways among them included."""
    driven = streets.in_connected_part(Profile.CAR)
    reached = np.zeros(len(streets.lon), dtype=bool)
    reached[streets.tail[driven]] = True
    return streets.only(reached[streets.tail] & reached[streets.head])


def _outline(streets: Streets, given: Given) -> Any:
    if given.outline is not None:
        shape = read_shapes(given.outline, given.datum).geometry.union_all()
        _refuse_misfits(shape, given, given.outline.name)
        return _checked(shape, streets, given.outline)
    hull = streets.outline_hull()
    plane = Plane.around(*np.asarray(hull.centroid.coords[0]))
    shape = plane.to_degrees(plane.to_metres(hull).buffer(BEYOND_STREETS_M))
    _refuse_misfits(shape, given, "the hull of the streets")
    return shape


def _refuse_misfits(shape: Any, given: Given, outline: str) -> None:
    if given.areas is not None:
        known = [Known(one.code, *one.position, one.row) for one in given.areas.placed if one.position is not None]
        refuse_misfits(shape, known, given.areas.file, outline, "say so with --outline-datum {datum}")


def _checked(outline: Any, streets: Streets, path: Path) -> Any:
    """An outline that is an area and has streets in it."""
    if outline.geom_type not in ("Polygon", "MultiPolygon"):
        raise BadInput(Fault(path.name, None, "geometry", outline.geom_type, "one or more polygons"))
    if not shapely.contains_xy(outline, streets.lon, streets.lat).any():
        found = f"an outline around {outline.centroid.x:.3f}, {outline.centroid.y:.3f} without any street in it"
        where = f"one around the streets, near {streets.lon.mean():.3f}, {streets.lat.mean():.3f}"
        raise BadInput(Fault(path.name, None, "geometry", found, where), advice="Look at the order of lon and lat.")
    return outline


def _refuse_too_large(outline: Any) -> None:
    """A slip in one coordinate makes a place of half a continent, which would be cut for days."""
    plane = Plane.around(*np.asarray(outline.centroid.coords[0]))
    km2 = float(shapely.area(plane.to_metres(outline))) / 1e6
    if km2 > MOST_KM2:
        fault = Fault("outline", None, None, f"{km2:,.0f} km²", f"at most {MOST_KM2:,.0f} km², a large district")
        raise BadInput(fault, advice="Look for a node far away, or give --outline FILE with the district's border.")


def _made_up_areas(
    title: str, pieces: gpd.GeoDataFrame, middles: NDArray[Any], plane: Plane, rng: np.random.Generator
) -> OwnAreas:
    """Towns of some 12 km², from 2 to 20 of them, without a community listed."""
    km2 = float(pieces["area_m2"].sum()) / 1e6
    count = int(np.clip(round(km2 / TOWN_KM2), min(2, len(pieces)), MOST_TOWNS))
    seats = plane.degrees(_spread(count, middles, rng))
    towns = tuple(
        OwnArea(f"{DISTRICT}{number:03d}", f"虚拟{number}镇", f"Synthetic {number}", (float(lon), float(lat)))
        for number, (lon, lat) in enumerate(seats, start=1)
    )
    return OwnAreas("areas", OwnArea(DISTRICT, title), towns, {})


def _spread(count: int, middles: NDArray[Any], rng: np.random.Generator) -> NDArray[Any]:
    """So many middles (count, 2) spread evenly over the middles of cells."""
    anywhere = Town(code=f"{DISTRICT}001", lon=0.0, lat=0.0, area_km2=1.0, people_k=1.0, build="dense")
    return place_communities(anywhere, count, middles, middles.mean(axis=0), rng)


def _towns(pieces: gpd.GeoDataFrame, areas: OwnAreas) -> NDArray[np.int64]:
    """Which town each piece lies in: grown at equal pace from every known position of each."""
    number = {town.code: at for at, town in enumerate(areas.towns)}
    if len(pieces) < len(areas.placed):
        fault = Fault(areas.file, None, "code", f"{len(areas.placed)} positions on {len(pieces)} cells", "fewer")
        raise BadInput(fault, advice="The outline is small for these areas; look at it on a map.")
    lon, lat = np.array([one.position for one in areas.placed], dtype=np.float64).T
    owner = np.array([number[one.code[:9]] for one in areas.placed])
    return np.asarray(owner[grow_communities(pieces, lon, lat, most=len(pieces))])


def _communities(
    pieces: gpd.GeoDataFrame,
    middles: NDArray[Any],
    town: NDArray[np.int64],
    areas: OwnAreas,
    plane: Plane,
    rng: np.random.Generator,
) -> tuple[list[OwnArea], NDArray[np.object_]]:
    """All communities, and the code of the one each piece lies in, grown within its town."""
    every: list[OwnArea] = []
    seeds = []
    for at, one in enumerate(areas.towns):
        own = middles[town == at]
        listed = areas.communities.get(one.code) or _made_up_communities(one, len(own))
        _refuse_crowd(areas, one, len(listed), len(own))
        known = [each.position for each in listed if each.position is not None]
        seeds.append(plane.metres(*np.array(known).T) if known else _spread(len(listed), own, rng))
        every += listed
    lon, lat = plane.degrees(np.concatenate(seeds)).T
    number = {one.code: at for at, one in enumerate(areas.towns)}
    owner = np.array([number[each.code[:9]] for each in every])
    grown = grow_communities(pieces, lon, lat, group=town, seed_group=owner)
    return every, np.array([each.code for each in every], dtype=object)[grown]


def _made_up_communities(town: OwnArea, cells: int) -> tuple[OwnArea, ...]:
    count = max(1, round(cells / COMMUNITY_CELLS))
    return tuple(OwnArea(f"{town.code}{at:03d}", f"{town.name}{at}社区") for at in range(1, count + 1))


def _refuse_crowd(areas: OwnAreas, town: OwnArea, communities: int, cells: int) -> None:
    if not communities <= cells <= MOST_CELLS * communities:
        found = f"{cells} cells for the {communities} communities of {town.code} {town.name}"
        fault = Fault(areas.file, town.row, "code", found, f"1 to {MOST_CELLS} cells for each")
        raise BadInput(fault, advice="Look at the town's position, or change its communities.")


def _place(name: str, title: str, given: Given, areas: OwnAreas, area_m2: NDArray[Any], cells: int) -> PlaceFile:
    towns = tuple(_town(one, float(m2) / 1e6) for one, m2 in zip(areas.towns, area_m2, strict=True))
    lon, lat = np.array([one.position for one in areas.towns], dtype=np.float64).mean(axis=0)
    per_year = round(INCIDENTS_PER_CELL * cells) + 365
    return PlaceFile(
        name=name,
        title_zh=title,
        title_en=areas.district.name_en or title,
        code=areas.district.code,
        called=(areas.district.name, areas.district.name_en or areas.district.name),
        timezone=_timezone(float(lon), float(lat)),
        synthetic=given.synthetic,
        ground="drawn",
        town=towns,
        roster=None if given.people else _roster(towns),
        volume=Volume(per_year=per_year, simple=SIMPLE * per_year, open_at_start=max(6, per_year // 127)),
    )


def _town(one: OwnArea, km2: float) -> Town:
    """A town of the place; without a figure its people go by its area."""
    lon, lat = one.position or (0.0, 0.0)
    people_k = one.people / 1000.0 if one.people else max(km2, 0.1)
    return Town(
        code=one.code,
        name_en=one.name_en or one.name,
        lon=lon,
        lat=lat,
        area_km2=km2,
        people_k=people_k,
        build="dense",
        officers=one.officers,
    )


def _roster(towns: tuple[Town, ...]) -> Roster:
    """Head counts where none are known: those of the sheet in their towns, as many a town elsewhere, then the rest."""
    in_towns = sum(town.officers or TOWN_OFFICERS for town in towns)
    bureau = max(2, round(in_towns * (1.0 / IN_TOWNS - 1.0)))
    brigades = tuple(Brigade(body=body, field=field, officers=BRIGADE_OFFICERS) for body, field in BRIGADES.items())
    return Roster(
        officers=in_towns + bureau + BRIGADE_OFFICERS * len(brigades), in_towns=max(2, in_towns), brigade=brigades
    )


def _timezone(lon: float, lat: float) -> str:
    """China's one clock inside China's rectangle; elsewhere the solar hour, which no law can change."""
    if 73.5 <= lon <= 135.1 and 18.0 <= lat <= 53.6:
        return "Asia/Shanghai"
    hours = round(lon / 15.0)
    return f"Etc/GMT{-hours:+d}" if hours else "Etc/GMT"


def _frame(areas: OwnAreas, communities: list[OwnArea]) -> pd.DataFrame:
    """The rows of areas.csv: the district, then each town with its communities."""
    rows = [(areas.district.code, areas.district.name, "district", "")]
    for town in areas.towns:
        rows.append((town.code, town.name, "town", areas.district.code))
        own = [one for one in communities if one.code.startswith(town.code)]
        rows += [(one.code, one.name, "community", town.code) for one in own]
    return pd.DataFrame(rows, columns=["code", "name", "level", "parent"])
