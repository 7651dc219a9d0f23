"""The map of a whole city: each town one cell, and roads from seat to seat. Synthetic; for simulating and for lists."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from gis.cells import code_cells
from gis.streets import Streets
from scenarios.blocks import Street
from scenarios.city import City, District, whole, whole_areas
from scenarios.drawn import no_water
from scenarios.folder import Ground
from scenarios.names import street_name
from scenarios.network import join
from scenarios.placefile import PlaceFile
from scenarios.plane import Plane
from scenarios.roads import near_pairs, needed, road_lines, unhindered
from simulation.streams import stream


def city_ground(city: City, seed: int) -> Ground:
    """Towns as cells and the roads between their seats, the same for the same seed."""
    pieces: list[Any] = []
    communities: list[str] = []
    for part in city.parts:
        pieces += _town_shapes(city.districts[part.code], part)
        communities += [whole(town.code) for town in part.town]
    frame = gpd.GeoDataFrame(geometry=np.array(pieces, dtype=object), crs="EPSG:4326")
    cells = code_cells(frame, np.array(communities, dtype=object))
    return Ground(whole_areas(city), cells, no_water(), _roads(city, seed))


def _town_shapes(district: District, part: PlaceFile) -> list[Any]:
    """The ground nearest to each seat, in the order of the towns."""
    plane = Plane.around(*np.asarray(district.outline.centroid.coords[0]))
    land, seats = plane.to_metres(district.outline), _metres(plane, part)
    if len(seats) == 1:
        return [district.outline]
    points = shapely.points(seats)
    nearest = shapely.get_parts(shapely.voronoi_polygons(shapely.MultiPoint(seats), extend_to=land))
    seat, piece = shapely.STRtree(nearest).query(points, predicate="intersects")
    own = nearest[piece[np.argsort(seat, kind="stable")]]
    return [plane.to_degrees(shape) for shape in shapely.intersection(own, land)]


def _roads(city: City, seed: int) -> Streets:
    """Seat to seat with no third seat between; in one piece."""
    rng = stream(seed, city.place.name, "city roads")
    plane = Plane.around(*np.mean([(town.lon, town.lat) for part in city.parts for town in part.town], axis=0))
    seats = np.concatenate([_metres(plane, part) for part in city.parts])
    pairs = near_pairs(seats)
    kept = needed(seats, pairs, np.ones(len(pairs))) | unhindered(seats, pairs, strict=np.zeros(len(pairs), dtype=bool))
    pairs = pairs[kept]
    lines = road_lines(seats, pairs, np.zeros(len(pairs), dtype=bool), rng)
    drawn = [Street(line, "primary", street_name("primary", rng)) for line in lines]
    return join(drawn, plane, np.zeros(len(drawn), dtype=bool))


def _metres(plane: Plane, part: PlaceFile) -> NDArray[np.float64]:
    return plane.metres([town.lon for town in part.town], [town.lat for town in part.town])
