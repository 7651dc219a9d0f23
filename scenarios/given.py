"""A place from anybody's streets: areas, people and volume made up around them, so that it can be opened."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gis.cells import code_cells, cut
from gis.communities import grow_communities
from gis.mapfiles import read_shapes
from gis.schemas import BadInput, Fault
from gis.streets import Profile, Streets
from scenarios.drawn import no_water
from scenarios.folder import Ground
from scenarios.placefile import PlaceFile, Roster, Town, Volume
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
OFFICERS_PER_TOWN = 24
IN_TOWNS = 0.862
INCIDENTS_PER_CELL = 0.57
SIMPLE = 0.562
"""Shares and rates as in Haishu; 11,441 incidents on some 20,000 cells. Anywhere else they are an assumption."""

SYNTHETIC = (
    (
        "街道取自所给文件；镇街、社区及其代码（9901 开头）均为合成，不是真实行政区划。",
        "The streets come from the file that was given; towns, communities and their codes (from 9901) are synthetic.",
    ),
    (
        "执法人员、队伍、证件、班次和职权清单均为合成，不作执法依据。",
        "Officers, teams, certificates, shifts and the list of powers are synthetic and no basis for enforcement.",
    ),
    ("事件及其数量均为合成。", "Incidents and their number are synthetic."),
)


def given_ground(
    name: str, every: Streets, outline_path: Path | None, seed: int, title: str = ""
) -> tuple[PlaceFile, Ground]:
    """The ground on given streets, and the description of the place around it.

    Raises
    ------
    BadInput
        When a file cannot be read.
    """
    outline = _outline(every, outline_path)
    streets = _around_cars(every)
    _refuse_too_large(outline)
    pieces = cut(outline, streets.lines())
    plane = Plane.around(*np.asarray(outline.centroid.coords[0]))
    middles = shapely.get_coordinates(shapely.point_on_surface(plane.to_metres(pieces.geometry.to_numpy())))
    rng = stream(seed, name, "areas")
    km2 = float(pieces["area_m2"].sum()) / 1e6
    count = int(np.clip(round(km2 / TOWN_KM2), min(2, len(pieces)), MOST_TOWNS))
    seats = place_communities(_town(1, 0.0, 0.0), count, middles, middles.mean(axis=0), rng)
    lon, lat = plane.degrees(seats).T
    town = grow_communities(pieces, lon, lat, most=len(pieces))
    community = _communities(pieces, middles, town, plane, rng)
    place = _place(name, title or name, plane.degrees(seats), np.bincount(town, pieces["area_m2"]), len(pieces))
    cells = code_cells(pieces, community)
    return place, Ground(_areas(title or name, cells, place), cells, no_water(), streets)


def _around_cars(streets: Streets) -> Streets:
    """The streets between places that cars reach, foot and cycle ways among them included."""
    driven = streets.in_connected_part(Profile.CAR)
    reached = np.zeros(len(streets.lon), dtype=bool)
    reached[streets.tail[driven]] = True
    return streets.only(reached[streets.tail] & reached[streets.head])


def _outline(streets: Streets, path: Path | None) -> Any:
    if path is not None:
        return _checked(read_shapes(path).geometry.union_all(), streets, path)
    hull = streets.outline_hull()
    plane = Plane.around(*np.asarray(hull.centroid.coords[0]))
    return plane.to_degrees(plane.to_metres(hull).buffer(BEYOND_STREETS_M))


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


def _communities(
    pieces: gpd.GeoDataFrame, middles: NDArray[Any], town: NDArray[np.int64], plane: Plane, rng: np.random.Generator
) -> NDArray[np.object_]:
    """A 12-digit community for each piece, grown within its town."""
    seeds, owner, codes = [], [], []
    for at in range(int(town.max()) + 1):
        own = middles[town == at]
        count = max(1, round(len(own) / COMMUNITY_CELLS))
        seeds.append(place_communities(_town(at + 1, 0.0, 0.0), count, own, own.mean(axis=0), rng))
        owner += [at] * count
        codes += [f"{_code(at + 1)}{k + 1:03d}" for k in range(count)]
    lon, lat = plane.degrees(np.concatenate(seeds)).T
    grown = grow_communities(pieces, lon, lat, group=town, seed_group=np.array(owner))
    return np.array(codes, dtype=object)[grown]


def _code(number: int) -> str:
    return f"{DISTRICT}{number:03d}"


def _town(number: int, lon: float, lat: float, km2: float = 1.0) -> Town:
    return Town(code=_code(number), lon=lon, lat=lat, area_km2=km2, people_k=max(km2, 0.1), build="dense")


def _place(name: str, title: str, seats: NDArray[Any], area_m2: NDArray[Any], cells: int) -> PlaceFile:
    towns = tuple(
        _town(at + 1, float(lon), float(lat), float(area_m2[at]) / 1e6) for at, (lon, lat) in enumerate(seats)
    )
    officers = OFFICERS_PER_TOWN * len(towns)
    lon, lat = seats.mean(axis=0)
    per_year = round(INCIDENTS_PER_CELL * cells) + 365
    return PlaceFile(
        name=name,
        title_zh=title,
        title_en=title,
        code=DISTRICT,
        timezone=_timezone(float(lon), float(lat)),
        synthetic=SYNTHETIC,
        ground="drawn",
        town=towns,
        roster=Roster(officers=officers, in_towns=round(IN_TOWNS * officers)),
        volume=Volume(per_year=per_year, simple=SIMPLE * per_year, open_at_start=max(6, per_year // 127)),
    )


def _timezone(lon: float, lat: float) -> str:
    """China's one clock inside China's rectangle; elsewhere the solar hour, which no law can change."""
    if 73.5 <= lon <= 135.1 and 18.0 <= lat <= 53.6:
        return "Asia/Shanghai"
    hours = round(lon / 15.0)
    return f"Etc/GMT{-hours:+d}" if hours else "Etc/GMT"


def _areas(name: str, cells: gpd.GeoDataFrame, place: PlaceFile) -> pd.DataFrame:
    rows = [(DISTRICT, name, "district", "")]
    for number, town in enumerate(place.town, start=1):
        rows.append((town.code, f"虚拟{number}镇", "town", DISTRICT))
        own = sorted(set(cells.loc[cells["town"] == town.code, "community"]))
        rows += [(code, f"虚拟{number}镇{at}社区", "community", town.code) for at, code in enumerate(own, start=1)]
    return pd.DataFrame(rows, columns=["code", "name", "level", "parent"])


def made_up_bodies(place: PlaceFile) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    """Rows of bodies.csv and powers.csv: the bureau may do everything, each town keeps its streets in order."""
    bodies: list[tuple[object, ...]] = [
        ("ZF", "综合行政执法局（虚拟）", "Comprehensive Enforcement Bureau", place.code)
    ]
    powers: list[tuple[object, ...]] = [
        (f"C{k:02d}", place.code, "ZF", "department", "示例职权清单", "", "2022-01-01", "", "illustrative")
        for k in range(1, 17)
    ]
    for number, town in enumerate(place.town, start=1):
        bodies.append((town.code, f"虚拟{number}镇人民政府", f"Town {number} Government", town.code))
        powers.append(("C08", town.code, town.code, "empowered", "示例赋权决定", "", "2022-01-01", "", "illustrative"))
    return bodies, powers
