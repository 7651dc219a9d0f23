"""A place whose map is grown from its outline and the seats of its towns. Everything here is synthetic."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from gis.cells import code_cells, cut, neighbours
from gis.communities import grow_communities
from gis.schemas import BadInput, Fault, shorten
from scenarios.blocks import GRAINS, Street, divide
from scenarios.folder import Ground
from scenarios.names import street_name
from scenarios.network import ONE_WAY_CLASSES, join
from scenarios.outline import read_outline
from scenarios.placefile import PlaceFile
from scenarios.plane import Plane, smooth
from scenarios.roads import FORBIDDEN, near_pairs, needed, road_lines, unhindered
from scenarios.settlement import SAMPLE_M, TownMap, in_one_piece, map_towns, place_communities
from scenarios.waters import shape_waters
from simulation.streams import stream

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

URBAN = ("old", "dense")
RESIDENTS = 200
"""Last three digits of a community's code: residents' committees are below, villages' committees from here on."""

ORDINARY_M2 = 600e6
COARSER = 1.25
"""A place up to this size has cells and field roads of the usual size; a larger one has coarser ones, and fewer."""

CELLS_A_COMMUNITY = 6.0

TOWN_ROADS = ("secondary", "tertiary", "residential")
OLD_TOWN_ROADS = ("tertiary", "residential", "living_street")
VILLAGE_ROADS = ("unclassified", "residential", "residential")
FIELD_ROADS = ("tertiary", "unclassified", "unclassified")
ACROSS_M = 60.0
ONE_WAY_SHARE = {"old": 0.45, "dense": 0.28}


@dataclass(frozen=True)
class Land:
    """What the map grows on; metres, but for ``areas``."""

    place: PlaceFile
    plane: Plane
    outline: Any
    water: list[tuple[str, Any]]
    dry: Any
    hills: Any
    towns: TownMap
    samples: Floats
    sample_m: float
    sample_town: Ints
    communities: pd.DataFrame
    areas: pd.DataFrame

    @property
    def seats(self) -> Floats:
        return self.towns.seats

    @property
    def builds(self) -> NDArray[np.str_]:
        """How each town is built, in the order of the place file."""
        return np.array([town.build for town in self.place.town])

    @property
    def coarse(self) -> float:
        """How many times the usual size a cell, or a block of fields, has."""
        return _coarse(self.outline)

    @property
    def water_shape(self) -> Any:
        return shapely.difference(self.outline, self.dry)

    def wild(self, xy: Floats) -> NDArray[np.bool_]:
        """Which points lie in the hills."""
        return np.asarray(shapely.contains_xy(self.hills, xy[:, 0], xy[:, 1]))


def grown_ground(place: PlaceFile, source: Path, seed: int) -> Ground:
    """Water, streets, towns, communities and cells of a place, the same for the same seed."""
    land = _land(place, source, seed)
    drawn = _drawn_streets(land, seed)
    one_way = _one_way(land, drawn, stream(seed, place.name, "one-way"))
    streets = join(drawn, land.plane, one_way)
    water = gpd.GeoDataFrame(
        {"name": [name for name, _ in land.water]},
        geometry=[land.plane.to_degrees(shape) for _, shape in land.water],
        crs="EPSG:4326",
    )
    return Ground(land.areas, _cells(land, streets.lines(), water), water, streets)


def _land(place: PlaceFile, source: Path, seed: int) -> Land:
    border = read_outline(place, source)
    plane = Plane.around(*np.asarray(border.centroid.coords[0]))
    outline = plane.to_metres(border)
    water = shape_waters(place.water, outline, plane)
    areas = pd.read_csv(source / "areas.csv", dtype=str, keep_default_na=False)
    _check_towns(place, areas, source / "areas.csv")
    dry = shapely.difference(outline, shapely.union_all([shape for _, shape in water]))
    shapely.prepare(dry)
    sample_m = SAMPLE_M * _coarse(outline) ** 0.5
    towns, samples = map_towns(place.town, dry, plane, stream(seed, place.name, "towns"), sample_m)
    sample_town = towns.town_at(samples)
    hills = plane.to_metres(shapely.Polygon(place.hills)) if place.hills else shapely.Polygon()
    communities = _communities(place, areas, towns, samples, sample_town, seed)
    return Land(place, plane, outline, water, dry, hills, towns, samples, sample_m, sample_town, communities, areas)


def _coarse(outline: Any) -> float:
    return float(max(1.0, outline.area / ORDINARY_M2) ** COARSER)


def _check_towns(place: PlaceFile, areas: pd.DataFrame, file: Path) -> None:
    listed = set(areas.loc[areas["level"] == "town", "code"])
    wrong = listed ^ {town.code for town in place.town}
    if wrong:
        fault = Fault(file.name, None, "code", shorten(sorted(wrong)), "the towns of place.toml, all of them")
        raise BadInput(fault, advice="Give every town of areas.csv its [[town]] in place.toml, and the reverse.")


def _communities(
    place: PlaceFile, areas: pd.DataFrame, towns: TownMap, samples: Floats, sample_town: Ints, seed: int
) -> pd.DataFrame:
    """``code, town`` (index), ``x, y`` of every community's middle; residents' committees nearest the town's seat."""
    rows = []
    for at, town in enumerate(place.town):
        codes = sorted(areas.loc[areas["parent"] == town.code, "code"])
        rng = stream(seed, place.name, "communities", town.code)
        middles = place_communities(town, len(codes), samples[sample_town == at], towns.seats[at], rng)
        rows += [(code, at, x, y) for code, (x, y) in zip(codes, middles.tolist(), strict=True)]
    return pd.DataFrame(rows, columns=["code", "town", "x", "y"])


# ------------------------------------------------------------------------------------------------------- streets


def _drawn_streets(land: Land, seed: int) -> list[Street]:
    """All streets before they are joined: through roads, country roads, field roads, then the nets of towns."""
    rng = stream(seed, land.place.name, "streets")
    streets = _through_roads(land, rng) + _country_roads(land, rng)
    streets += _divided([(_plain(land), "field", FIELD_ROADS)], land, streets, rng)
    return streets + _divided(_patches(land, rng), land, streets, rng)


def _through_roads(land: Land, rng: np.random.Generator) -> list[Street]:
    drawn = [
        Street(shapely.LineString(smooth(land.plane.metres(*np.array(road.points).T))), road.road, road.name)
        for road in land.place.road
    ]
    pairs = near_pairs(land.seats)
    wild = land.wild((land.seats[pairs[:, 0]] + land.seats[pairs[:, 1]]) / 2.0)
    pairs, wild = _passable(land, pairs, wild)
    for line, rough in zip(road_lines(land.seats, pairs, wild, rng), wild, strict=True):
        road = "secondary" if rough else "primary"
        drawn.append(Street(line, road, street_name(road, rng)))
    return drawn


def _passable(land: Land, pairs: Ints, wild: NDArray[np.bool_]) -> tuple[Ints, NDArray[np.bool_]]:
    """Seat to seat with no third seat between, inside the district where that can be."""
    straight = shapely.linestrings(land.seats[pairs])
    outside = ~shapely.covers(land.outline.buffer(150.0), straight)
    must = needed(land.seats, pairs, np.where(outside, FORBIDDEN, 1.0))
    kept = must | (unhindered(land.seats, pairs, strict=wild) & ~outside)
    return pairs[kept], wild[kept]


def _country_roads(land: Land, rng: np.random.Generator) -> list[Street]:
    """Between communities outside the dense towns; over water only where there is no other way."""
    rural = ~np.isin(land.builds, URBAN)[land.communities["town"].to_numpy()]
    villages = land.communities.loc[rural, ["x", "y"]].to_numpy()
    xy = np.concatenate([villages, land.seats])
    pairs = near_pairs(xy)
    straight = np.asarray(shapely.linestrings(xy[pairs]), dtype=object)
    wet = ~np.asarray(shapely.disjoint(land.water_shape, straight))
    dear = wet | ~shapely.covers(land.outline.buffer(60.0), straight)
    wild = land.wild((xy[pairs[:, 0]] + xy[pairs[:, 1]]) / 2.0)
    joined = (pairs >= len(villages)).all(axis=1)  # seats are joined by arterials already
    must = needed(xy, pairs, np.where(joined, 1e-3, np.where(dear, FORBIDDEN, 1.0)))
    kept = ~joined & (must | (~dear & unhindered(xy, pairs, strict=wild)))
    streets = []
    bends = np.array(road_lines(xy, pairs[kept], wild[kept], rng), dtype=object)
    bends = np.where(shapely.disjoint(land.water_shape, bends), bends, straight[kept])  # no bend into a river
    for line, bridge, rough in zip(bends, wet[kept], wild[kept], strict=True):
        road = "secondary" if bridge else "unclassified" if rough else "tertiary"
        streets.append(Street(line, road, street_name(road, rng)))
    return streets


def _plain(land: Land) -> Any:
    """The ground that is neither hill nor dense town: fields with a road here and there."""
    return shapely.difference(land.dry, shapely.union(land.hills, _urban(land)))


def _urban(land: Land) -> Any:
    inside = np.isin(land.builds, URBAN)[land.sample_town]
    half = land.sample_m / 2.0 + 1.0
    x, y = land.samples[inside].T
    return shapely.union_all(shapely.box(x - half, y - half, x + half, y + half)).buffer(120.0).buffer(-120.0)


def _patches(land: Land, rng: np.random.Generator) -> list[tuple[Any, str, tuple[str, str, str]]]:
    """Built-up patches, their grain and road classes: dense towns, then town centres, then communities."""
    patches: list[tuple[Any, str, tuple[str, str, str]]] = []
    urban, town_of = _urban(land), land.sample_town
    half = land.sample_m / 2.0 + 1.0
    for at, build in enumerate(land.builds):
        if build in URBAN:
            x, y = land.samples[town_of == at].T
            own = shapely.union_all(shapely.box(x - half, y - half, x + half, y + half))
            own = own.buffer(110.0).buffer(-60.0).simplify(70.0)
            patches.append((shapely.intersection(own, urban), build, OLD_TOWN_ROADS if build == "old" else TOWN_ROADS))
    for at, build in enumerate(land.builds):
        if build not in URBAN:
            reach = {"edge": 1300.0, "plain": 850.0, "hill": 380.0}[build]
            patches.append((_blob(land.seats[at], reach, rng), build, TOWN_ROADS))
    for code, at, x, y in land.communities.itertuples(index=False, name=None):
        middle, build = np.array([x, y]), land.builds[at]
        if build in URBAN:
            continue
        if land.wild(middle[None])[0]:
            patches.append((_blob(middle, rng.uniform(110, 190), rng), "village", VILLAGE_ROADS))
        elif int(code[9:]) < RESIDENTS:
            patches.append((_blob(middle, rng.uniform(420, 600), rng), build, TOWN_ROADS))
        else:
            patches.append((_blob(middle, rng.uniform(200, 310), rng), "village", VILLAGE_ROADS))
    return patches


def _blob(middle: Floats, reach: float, rng: np.random.Generator) -> Any:
    """A roundish patch with an uneven rim."""
    angle = np.linspace(0.0, 2 * np.pi, 14, endpoint=False) + rng.uniform(0, 0.4)
    radius = reach * rng.uniform(0.72, 1.28, len(angle))
    rim = middle + np.column_stack([np.cos(angle), np.sin(angle)]) * radius[:, None]
    return shapely.Polygon(smooth(rim, 2, closed=True)).buffer(0)


def _divided(
    patches: list[tuple[Any, str, tuple[str, str, str]]], land: Land, roads: list[Street], rng: np.random.Generator
) -> list[Street]:
    """The streets that divide each patch, between the roads that run through it; a patch yields to earlier ones."""
    lines = np.array([street.line for street in roads], dtype=object)
    tree = shapely.STRtree(lines)
    taken: Any = shapely.Polygon()
    streets: list[Street] = []
    for patch, grain, classes in patches:
        size = GRAINS[grain].times(land.coarse) if grain == "field" else GRAINS[grain]
        free = shapely.difference(shapely.intersection(patch, land.dry), taken)
        taken = shapely.union(taken, patch)
        through = lines[tree.query(free, predicate="intersects")]
        rim = shapely.union_all([*through, shapely.boundary(free)], grid_size=0.01)
        blocks = shapely.get_parts(shapely.polygonize(shapely.get_parts(np.array([rim], dtype=object))))
        blocks = shapely.get_parts(shapely.intersection(blocks, free))
        for block in blocks[shapely.area(blocks) > 0]:
            divided = divide(block, size, rng, roads=classes)
            streets += [Street(line, road, street_name(road, rng)) for line, road in divided]
    return streets


def _one_way(land: Land, drawn: list[Street], rng: np.random.Generator) -> NDArray[np.bool_]:
    """Which small streets of the dense towns are one-way, by chance."""
    middles = shapely.line_interpolate_point([street.line for street in drawn], 0.5, normalized=True)
    town = land.towns.town_at(np.column_stack([shapely.get_x(middles), shapely.get_y(middles)]))
    share = np.array([ONE_WAY_SHARE.get(build, 0.0) for build in land.builds])[town]
    small = np.array([street.road in ONE_WAY_CLASSES for street in drawn])
    return np.asarray(small & (rng.random(len(drawn)) < share))


# --------------------------------------------------------------------------------------------------------- cells


def _cells(land: Land, lines: gpd.GeoDataFrame, water: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    pieces = cut(
        land.plane.to_degrees(land.outline), lines, water=water, size_m2=lambda lon, lat: _cell_size(land, lon, lat)
    )
    shapes = land.plane.to_metres(pieces.geometry.to_numpy())
    middles = shapely.get_coordinates(shapely.point_on_surface(shapes))
    i, j = _near_neighbours(pieces, shapes)
    town = in_one_piece(land.towns.town_at(middles), i, j, pieces["area_m2"].to_numpy())
    known = land.communities
    at = land.plane.degrees(known[["x", "y"]].to_numpy())
    grown = grow_communities(pieces, at[:, 0], at[:, 1], group=town, seed_group=known["town"].to_numpy())
    return code_cells(pieces, known["code"].to_numpy(dtype=object)[grown])


def _near_neighbours(pieces: gpd.GeoDataFrame, shapes: NDArray[Any]) -> tuple[Ints, Ints]:
    """Pairs of cells that share a border or look at each other across a river."""
    i, j = neighbours(pieces)
    a, b = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=ACROSS_M)
    apart = (a < b) & (shapely.distance(shapes[a], shapes[b]) > 1.0)
    return np.concatenate([i, a[apart]]), np.concatenate([j, b[apart]])


def _cell_size(land: Land, lon: Floats, lat: Floats) -> Floats:
    """Square metres wanted: about 100 m by 100 m where people live, more in fields, most in the hills."""
    xy = land.plane.metres(lon, lat)
    middles = land.communities[["x", "y"]].to_numpy()
    far, _ = cKDTree(middles).query(xy)
    urban = np.isin(land.builds, URBAN)[land.towns.town_at(xy)]
    plain = np.where(far < 450.0, 11_500.0, 19_000.0)
    hill = np.where(far < 260.0, 25_000.0, 150_000.0)
    wanted = land.coarse * np.where(urban, 10_000.0, np.where(land.wild(xy), hill, plain))
    return np.asarray(wanted if land.coarse == 1.0 else np.minimum(wanted, _room(land)[land.towns.town_at(xy)]))


def _room(land: Land) -> Floats:
    """The largest cell of each town, shape (t,), with which every community of it has a few."""
    towns = len(land.builds)
    area = np.bincount(land.sample_town, minlength=towns) * land.sample_m**2
    return np.asarray(area / (CELLS_A_COMMUNITY * np.bincount(land.communities["town"], minlength=towns)))
