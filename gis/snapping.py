"""Positions on the street network: the nearest point of the nearest street, or the nearest junction."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from scipy.spatial import KDTree

from gis.crs import EARTH_RADIUS_M, great_circle_m
from gis.streets import Streets

AT_NODE_M = 0.01
MOST_LAT = 89.99
"""Beyond it the Mercator plane has no end; nobody drives there."""


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """Snapped positions, to be used again and again with the ``TravelTimes`` that made them.

    Attributes
    ----------
    edge
        The first directed edge of the street piece a place lies on, shape (n,); -1 for a place at a node.
    fraction
        How far along that edge, 0 to 1, shape (n,).
    node
        The node, shape (n,); -1 for a place along an edge.
    offset_m
        Metres from the point asked for to the street. Told, never charged.
    lon, lat
        The position on the street, degrees.
    """

    edge: NDArray[np.int32]
    fraction: NDArray[np.float64]
    node: NDArray[np.int32]
    offset_m: NDArray[np.float64]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.edge)

    def __getitem__(self, rows: slice | NDArray[np.intp] | NDArray[np.bool_]) -> Places:
        """The places of some rows."""
        return Places(
            edge=self.edge[rows],
            fraction=self.fraction[rows],
            node=self.node[rows],
            offset_m=self.offset_m[rows],
            lon=self.lon[rows],
            lat=self.lat[rows],
        )

    def distinct(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """A row for each different position, and for every place which of those it has."""
        keys = np.column_stack([self.edge, self.node, self.fraction])
        _, first, which = np.unique(keys, axis=0, return_index=True, return_inverse=True)
        return first, which.ravel()


class Snapper:
    """Finds the street under a point.

    Works on the Mercator plane: it keeps angles, so the nearest street there is the nearest on the ground at any
    latitude, without asking for a projection of the place.

    Parameters
    ----------
    streets
        The network.
    preferred
        Streets to snap to, by edge, shape (m,); to another only a point that lies right on it (1 cm). When no edge is
        preferred, all are.
    """

    def __init__(self, streets: Streets, preferred: NDArray[np.bool_]) -> None:
        self._streets = streets
        preferred = preferred if preferred.any() else np.ones_like(preferred)
        self._first = np.unique(streets.piece, return_index=True)[1]
        x, y = mercator(streets.shape_lon, streets.shape_lat)
        self._lines = _lines(streets, self._first, x, y)
        good = preferred[self._first]
        self._living = _Tree(self._lines, np.flatnonzero(good))
        self._dead = _Tree(self._lines, np.flatnonzero(~good))
        nodes = np.column_stack(mercator(streets.lon, streets.lat))
        well = np.zeros(len(nodes), dtype=bool)
        well[streets.tail[preferred]] = well[streets.head[preferred]] = True
        self._living_nodes = _NodeTree(nodes, np.flatnonzero(well))
        self._dead_nodes = _NodeTree(nodes, np.flatnonzero(~well))

    def on_edges(self, lon: ArrayLike, lat: ArrayLike) -> Places:
        """The nearest point of the nearest street, for points of shape (n,); at a node when within 1 cm of one."""
        points, asked_lon, asked_lat = _points(lon, lat, len(self._lines) > 0)
        if not len(points):
            return _no_places()
        # A centimetre on the ground is longer on the Mercator plane.
        near = AT_NODE_M / np.cos(np.radians(asked_lat))
        row = _preferably(self._living, self._dead, points, near)
        line = self._lines[row]
        length = shapely.length(line)
        along = shapely.line_locate_point(line, shapely.points(points))
        along = np.where(along < near, 0.0, np.where(along > length - near, length, along))
        x, y = shapely.get_coordinates(shapely.line_interpolate_point(line, along)).T
        edge = self._first[row]
        fraction = along / length
        node = np.where(fraction == 0, self._streets.tail[edge], np.where(fraction == 1, self._streets.head[edge], -1))
        snapped_lon, snapped_lat = unprojected(x, y)
        return Places(
            edge=np.where(node < 0, edge, -1).astype(np.int32),
            fraction=np.where(node < 0, fraction, 0.0),
            node=node.astype(np.int32),
            offset_m=great_circle_m(asked_lon, asked_lat, snapped_lon, snapped_lat),
            lon=snapped_lon,
            lat=snapped_lat,
        )

    def on_nodes(self, lon: ArrayLike, lat: ArrayLike) -> Places:
        """The nearest node, for points of shape (n,)."""
        points, asked_lon, asked_lat = _points(lon, lat, len(self._lines) > 0)
        if not len(points):
            return _no_places()
        near = AT_NODE_M / np.cos(np.radians(asked_lat))
        node = _preferably(self._living_nodes, self._dead_nodes, points, near).astype(np.int32)
        snapped_lon, snapped_lat = self._streets.lon[node], self._streets.lat[node]
        return Places(
            edge=np.full(len(node), -1, dtype=np.int32),
            fraction=np.zeros(len(node)),
            node=node,
            offset_m=great_circle_m(asked_lon, asked_lat, snapped_lon, snapped_lat),
            lon=snapped_lon,
            lat=snapped_lat,
        )


class _Tree:
    """Some of the lines, by place."""

    def __init__(self, lines: NDArray[np.object_], rows: NDArray[np.intp]) -> None:
        self.rows = rows
        self._lines = lines
        self._tree = shapely.STRtree(lines[rows])

    def nearest(self, points: NDArray[np.float64]) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """Row of the nearest line and its distance, for points (n, 2)."""
        asked = shapely.points(points)
        row = self.rows[self._tree.nearest(asked)]
        return row, np.asarray(shapely.distance(self._lines[row], asked))


class _NodeTree:
    """Some of the nodes, by place."""

    def __init__(self, nodes: NDArray[np.float64], rows: NDArray[np.intp]) -> None:
        self.rows = rows
        self._tree = KDTree(nodes[rows].reshape(-1, 2))

    def nearest(self, points: NDArray[np.float64]) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """Row of the nearest node and its distance, for points (n, 2)."""
        distance, row = self._tree.query(points)
        return self.rows[row], distance


def _preferably(
    preferred: _Tree | _NodeTree, other: _Tree | _NodeTree, points: NDArray[np.float64], near: NDArray[np.float64]
) -> NDArray[np.intp]:
    """The nearest of the preferred; of the others only where a point lies right on one, and on no preferred one."""
    row, distance = preferred.nearest(points)
    off = np.flatnonzero(distance > near)
    if len(other.rows) and len(off):
        other_row, other_distance = other.nearest(points[off])
        right_on = other_distance <= near[off]
        row[off[right_on]] = other_row[right_on]
    return row


def mercator(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Degrees to the Mercator plane of the sphere, metres at the equator."""
    return EARTH_RADIUS_M * np.radians(lon), EARTH_RADIUS_M * np.arcsinh(np.tan(np.radians(lat)))


def unprojected(x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The inverse of ``mercator``."""
    return np.degrees(x / EARTH_RADIUS_M), np.degrees(np.arctan(np.sinh(y / EARTH_RADIUS_M)))


def _lines(
    streets: Streets, edges: NDArray[np.intp], x: NDArray[np.float64], y: NDArray[np.float64]
) -> NDArray[np.object_]:
    sizes = np.diff(streets.shape_start)
    owner = np.repeat(np.arange(len(streets.tail)), sizes)
    wanted = np.zeros(len(streets.tail), dtype=bool)
    wanted[edges] = True
    points = wanted[owner]
    if not points.any():
        return np.zeros(0, dtype=np.object_)
    row = np.unique(owner[points], return_inverse=True)[1]
    return np.asarray(shapely.linestrings(np.column_stack([x[points], y[points]]), indices=row), dtype=np.object_)


def _points(
    lon: ArrayLike, lat: ArrayLike, any_street: bool
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Points on the Mercator plane (n, 2) and the degrees asked for."""
    lon, lat = np.broadcast_arrays(np.atleast_1d(np.asarray(lon, float)), np.atleast_1d(np.asarray(lat, float)))
    usable = np.isfinite(lon) & (np.abs(lon) <= 180) & (np.abs(lat) <= 90)
    if not usable.all():
        row = int(np.flatnonzero(~usable)[0])
        raise ValueError(
            f"point {row} is at lon {lon[row]}, lat {lat[row]}; snapping needs degrees with |lon| <= 180, |lat| <= 90."
        )
    if len(lon) and not any_street:
        raise ValueError("there is no street to snap to: no street of this network is open to the profile.")
    return np.column_stack(mercator(lon, np.clip(lat, -MOST_LAT, MOST_LAT))), lon, lat


def _no_places() -> Places:
    none, no_degrees = np.zeros(0, dtype=np.int32), np.zeros(0)
    return Places(none, no_degrees, none, no_degrees, no_degrees, no_degrees)
