"""Polygons that share exact vertices: how they are made from lines, measured, compared and dissolved.

All borders are noded on one grid of 1e-8 degrees (about 1 mm), so two pieces that touch have the same vertices,
whatever happened before.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import Geometry

from gis.schemas import BadInput, Fault, shorten

Shapes = NDArray[np.object_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

UNITS_PER_DEGREE = 1e8
"""Borders stand on whole units while they are noded; the published coordinates have eight decimals."""

PLAIN_M = 3.0
"""A vertex goes when its triangle with its neighbours has less than the square of this: the border then moves by a
metre or so, well inside the width of a street."""

WGS84_A, WGS84_E2 = 6_378_137.0, 0.006_694_379_990_14


def metres_per_degree(lat: Floats) -> tuple[Floats, Floats]:
    """Metres in one degree of longitude and of latitude at ``lat`` on the WGS84 ellipsoid."""
    phi = np.radians(np.asarray(lat, dtype=np.float64))
    w = 1.0 - WGS84_E2 * np.sin(phi) ** 2
    east = WGS84_A / np.sqrt(w) * np.cos(phi)
    north = WGS84_A * (1.0 - WGS84_E2) / w**1.5
    return np.radians(east), np.radians(north)


def area_m2(shapes: Shapes) -> Floats:
    """Area in square metres of polygons in degrees.

    Each is measured with the scale of the ellipsoid at its own centroid: exact to 1e-6 for anything up to the size
    of a district, and free of the scale error of a projection's zone.
    """
    shapes = np.asarray(shapes, dtype=object)
    lat = shapely.get_y(shapely.centroid(shapes))
    east, north = metres_per_degree(lat)
    return np.nan_to_num(shapely.area(shapes) * east * north)


@dataclass(frozen=True, slots=True)
class Plane:
    """Flat metres around one latitude. Linear, so a border straight in degrees is straight here too."""

    lon: float
    lat: float
    east: float
    north: float

    @staticmethod
    def around(shape: Geometry) -> Plane:
        west, south, east, north = shapely.bounds(shape)
        lat = (south + north) / 2
        per_lon, per_lat = metres_per_degree(np.array(lat))
        return Plane((west + east) / 2, lat, float(per_lon), float(per_lat))

    def from_units(self, shapes: Shapes) -> Shapes:
        return _transformed(
            shapes,
            lambda xy: (xy / UNITS_PER_DEGREE - np.array([self.lon, self.lat])) * np.array([self.east, self.north]),
        )

    def to_units(self, shapes: Shapes) -> Shapes:
        return _transformed(
            shapes,
            lambda xy: (xy / np.array([self.east, self.north]) + np.array([self.lon, self.lat])) * UNITS_PER_DEGREE,
        )


def to_units(shapes: Shapes) -> Shapes:
    """Degrees to whole units."""
    return _transformed(shapes, lambda xy: np.rint(xy * UNITS_PER_DEGREE))


def to_degrees(shapes: Shapes) -> Shapes:
    """Units to degrees; equal vertices stay equal because each is divided by the same number."""
    return _transformed(shapes, lambda xy: xy / UNITS_PER_DEGREE)


def _transformed(shapes: Shapes, change: Callable[[Floats], Floats]) -> Shapes:
    return np.asarray(shapely.transform(np.asarray(shapes, dtype=object), change), dtype=object)


def in_degrees(frame: Any, name: str) -> Any:
    """``frame`` itself when it says that it is in EPSG:4326; refused otherwise."""
    if not hasattr(frame, "crs") or frame.crs is None or frame.crs != "EPSG:4326":
        found = getattr(frame, "crs", None)
        raise BadInput(
            Fault(name, None, None, "no CRS" if found is None else shorten(found.to_string()), "EPSG:4326 (degrees)"),
            advice="Use to_crs('EPSG:4326').",
        )
    return frame


def faces(linework: Shapes, land: Geometry) -> Shapes:
    """The polygons that ``linework`` encloses on ``land``, both in units; neighbours share exact vertices."""
    noded = shapely.union_all(linework, grid_size=1.0)
    enclosed = shapely.get_parts(shapely.polygonize(shapely.get_parts(np.array([noded], dtype=object))))
    inside = shapely.point_on_surface(enclosed)
    shapely.prepare(land)
    return np.asarray(enclosed[shapely.intersects_xy(land, shapely.get_x(inside), shapely.get_y(inside))])


def segments(polygons: Shapes) -> tuple[Floats, Floats, Ints]:
    """Every border segment of ``polygons``: start (n, 2), end (n, 2) and the index of its polygon (n,), in order."""
    parts, part_owner = shapely.get_parts(polygons, return_index=True)
    rings, ring_part = shapely.get_rings(parts, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    follows = ring[1:] == ring[:-1]
    return xy[:-1][follows], xy[1:][follows], part_owner[ring_part[ring[:-1][follows]]].astype(np.int64)


def shared_borders(polygons: Shapes, scale: tuple[float, float] = (1.0, 1.0)) -> tuple[Ints, Ints, Floats]:
    """Which polygons of a valid coverage share a border, and how long it is.

    Returns
    -------
    i, j, length
        One row a pair with i < j; ``length`` after multiplying x and y by ``scale``. A mere corner is no border.
    """
    start, end, owner = segments(polygons)
    if not len(owner):
        return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0)
    _, vertex = np.unique(np.concatenate([start, end]) @ np.array([1.0, 1j]), return_inverse=True)
    a, b = vertex[: len(start)], vertex[len(start) :]
    key = np.minimum(a, b) * (vertex.max() + 1) + np.maximum(a, b)
    order = np.argsort(key, kind="stable")
    twice = key[order][1:] == key[order][:-1]
    one, other = order[:-1][twice], order[1:][twice]
    different = owner[one] != owner[other]
    one, other = one[different], other[different]
    length = np.hypot(*((end[one] - start[one]) * np.array(scale)).T)
    i, j = np.minimum(owner[one], owner[other]), np.maximum(owner[one], owner[other])
    pairs, which = np.unique(i * len(polygons) + j, return_inverse=True)
    total = np.bincount(which, weights=length, minlength=len(pairs))
    return (pairs // len(polygons)).astype(np.int64), (pairs % len(polygons)).astype(np.int64), total.astype(np.float64)


def dissolved(pieces: Shapes, label: Ints) -> Shapes:
    """One shape for each label, in the order of the labels; the pieces must be a valid coverage."""
    order = np.argsort(label, kind="stable")
    _, first, count = np.unique(label[order], return_index=True, return_counts=True)
    result = pieces[order[first]]
    for at in np.flatnonzero(count > 1):
        result[at] = shapely.coverage_union_all(pieces[order[first[at] : first[at] + count[at]]])
    return result


def plainer(pieces: Shapes) -> Shapes:
    """The coverage without the vertices nobody would miss; the outer border keeps all of its own."""
    tolerance = PLAIN_M * UNITS_PER_DEGREE / 111_000
    return np.asarray(shapely.coverage_simplify(pieces, tolerance, simplify_boundary=False), dtype=object)
