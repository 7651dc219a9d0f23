"""Drawn streets made a network: joined where they cross, one-way where the town is dense, all of it connected."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from gis.streets import ROAD_CLASSES, Streets
from scenarios.blocks import Street
from scenarios.plane import Plane

JOIN_M = 0.05
STUB_M = 22.0
ONE_WAY_CLASSES = ("tertiary", "residential", "living_street")

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def join(drawn: Sequence[Street], plane: Plane, one_way: Bools) -> Streets:
    """The network of drawn streets, in which a car gets from every node to every other.

    Parameters
    ----------
    one_way
        Which drawn streets are one-way in the direction they are drawn, shape (d,), as far as nobody gets stuck.
    """
    lines = np.array([street.line for street in drawn], dtype=object)
    pieces = shapely.get_parts(np.array([shapely.union_all(lines, grid_size=JOIN_M)], dtype=object))
    parent = _parents(pieces, lines, np.array([ROAD_CLASSES.index(street.road) for street in drawn]))
    kept = _worth_keeping(pieces)
    pieces, parent = pieces[kept], parent[kept]
    pieces = _along(pieces, lines[parent])
    flows = _nobody_stuck(pieces, one_way[parent])
    frame = gpd.GeoDataFrame(
        {
            "road": [drawn[k].road for k in parent],
            "name": [drawn[k].name for k in parent],
            "oneway": flows,
            "speed_kmh": np.full(len(pieces), np.nan),
        },
        geometry=plane.to_degrees(pieces),
        crs="EPSG:4326",
    )
    return Streets.from_lines(frame)


def _parents(pieces: NDArray[Any], lines: NDArray[Any], rank: Ints) -> Ints:
    """For each piece the drawn street it is a part of; the larger road where two run together."""
    middles = shapely.line_interpolate_point(pieces, 0.5, normalized=True)
    piece, line = shapely.STRtree(lines).query(middles, predicate="dwithin", distance=4 * JOIN_M)
    order = np.lexsort((line, rank[line], piece))
    piece, line = piece[order], line[order]
    found, first = np.unique(piece, return_index=True)
    parent = shapely.STRtree(lines).nearest(middles)
    parent[found] = line[first]
    return np.asarray(parent, dtype=np.int64)


def _ends(pieces: NDArray[Any]) -> tuple[Ints, Ints, int]:
    """Node numbers of the first and last point of each piece, and how many nodes there are."""
    first = shapely.get_coordinates(shapely.get_point(pieces, 0))
    last = shapely.get_coordinates(shapely.get_point(pieces, -1))
    units = np.rint(np.concatenate([first, last]) / JOIN_M).astype(np.int64)
    nodes, which = np.unique(units, axis=0, return_inverse=True)
    which = which.reshape(-1)
    return which[: len(pieces)], which[len(pieces) :], len(nodes)


def _worth_keeping(pieces: NDArray[Any]) -> Bools:
    """Pieces of the largest connected part, without stubs that stick out a few metres beyond a crossing."""
    tail, head, n = _ends(pieces)
    kept = tail != head
    for _ in range(3):
        degree = np.bincount(np.concatenate([tail[kept], head[kept]]), minlength=n)
        kept &= ~(((degree[tail] == 1) | (degree[head] == 1)) & (shapely.length(pieces) < STUB_M))
    _, part = connected_components(csr_array((np.ones(kept.sum()), (tail[kept], head[kept])), shape=(n, n)))
    size = np.bincount(part[tail[kept]])
    return np.asarray(kept & (part[tail] == np.argmax(size)))


def _along(pieces: NDArray[Any], lines: NDArray[Any]) -> NDArray[Any]:
    """Each piece in the direction of the street it is a part of."""
    ends = [shapely.line_locate_point(lines, shapely.get_point(pieces, at)) for at in (0, -1)]
    backwards = ends[0] > ends[1]
    pieces = pieces.copy()
    pieces[backwards] = shapely.reverse(pieces[backwards])
    return pieces


def _nobody_stuck(pieces: NDArray[Any], one_way: Bools) -> Bools:
    """One-way pieces, less those that would leave a part of town with no way in or no way out."""
    tail, head, n = _ends(pieces)
    both = ~one_way
    a, b = np.concatenate([tail, head[both]]), np.concatenate([head, tail[both]])
    _, part = connected_components(csr_array((np.ones(len(a)), (a, b)), shape=(n, n)), connection="strong")
    return np.asarray(one_way & (part[tail] == part[head]))
