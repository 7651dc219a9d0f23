"""Geometry cut down to what a graphics card draws: simple rings, single edges, paths, and tiles of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from ui.map.columns import STEPS_PER_DEGREE, degrees

MOST_TILES = 14
HALF_A_METRE_DEG = 4.5e-6
Columns = dict[str, NDArray[Any]]


def simple_polygons(geometry: NDArray[np.object_]) -> tuple[int, Columns]:
    """Rings without holes that together fill the polygons.

    Parameters
    ----------
    geometry
        Polygons and MultiPolygons, shape (n,).

    Returns
    -------
    tuple
        Number of rings r, and the columns ``xy``, ``start`` (r + 1,) first vertex of each ring, ``owner`` (r,) the
        polygon it fills, ascending.
    """
    parts, owner = shapely.get_parts(geometry, return_index=True)
    holed = shapely.get_num_interior_rings(parts) > 0
    if holed.any():
        pieces = [_without_holes(part) if has else [part] for part, has in zip(parts, holed, strict=True)]
        owner = np.repeat(owner, [len(each) for each in pieces])
        parts = np.array([piece for each in pieces for piece in each], dtype=object)
    start, xy = _flat(shapely.get_exterior_ring(parts))
    return len(parts), {"xy": xy, "start": start, "owner": owner.astype(np.uint32)}


def single_edges(geometry: NDArray[np.object_]) -> NDArray[np.int32]:
    """Every edge of the polygons' rings once, however many polygons share it: (m, 4) ends in 1e-7 degrees."""
    rings, _ = shapely.get_rings(shapely.get_parts(geometry), return_index=True)
    coordinates, ring = shapely.get_coordinates(rings, return_index=True)
    points = degrees(coordinates[:, 0], coordinates[:, 1]).reshape(-1, 2)
    joined = ring[1:] == ring[:-1]
    a, b = points[:-1][joined], points[1:][joined]
    turn = (a[:, 0] > b[:, 0]) | ((a[:, 0] == b[:, 0]) & (a[:, 1] > b[:, 1]))
    edges = np.where(turn[:, None], np.hstack([b, a]), np.hstack([a, b]))
    as_one = np.ascontiguousarray(edges).view([("", np.int32)] * 4).ravel()
    return edges[np.sort(np.unique(as_one, return_index=True)[1])]


def tiles_of(box: NDArray[np.float64], side_deg: float) -> tuple[NDArray[np.intp], Columns]:
    """The order that brings rows of one tile together, and where each tile begins and what it covers.

    Parameters
    ----------
    box
        West, south, east, north of each row in degrees, shape (n, 4).
    side_deg
        Tiles are about this wide, or wider where the extent would need more than 14 each way; empty ones are left out.

    Returns
    -------
    tuple
        Order of the rows (n,), stable within a tile, and the columns ``tile_start`` (t,) and ``tile_box`` (4t,).
    """
    if len(box) == 0:
        return np.empty(0, np.intp), {"tile_start": np.empty(0, np.uint32), "tile_box": np.empty(0)}
    middle = (box[:, :2] + box[:, 2:]) / 2
    low = middle.min(axis=0)
    across = np.ptp(middle, axis=0)
    tiles = np.clip(np.round(across / side_deg), 1, MOST_TILES)
    column, row = np.minimum((middle - low) * tiles // np.maximum(across, 1e-9), tiles - 1).T
    tile = column * MOST_TILES + row
    order = np.argsort(tile, kind="stable")
    start = np.unique(tile[order], return_index=True)[1]
    low_corner = np.minimum.reduceat(box[order, :2], start)
    high_corner = np.maximum.reduceat(box[order, 2:], start)
    return order, {"tile_start": start.astype(np.uint32), "tile_box": np.hstack([low_corner, high_corner]).ravel()}


def tiled_edges(geometry: NDArray[np.object_], side_deg: float) -> Columns:
    """The single edges tile by tile: ``edge_xy`` (4m,), ``tile_start``, ``tile_box``."""
    coordinates, line = shapely.get_coordinates(plain(merged(single_edges(geometry))), return_index=True)
    joined = line[1:] == line[:-1]
    ends = np.stack([coordinates[:-1][joined], coordinates[1:][joined]], axis=1)
    order, columns = tiles_of(np.hstack([ends.min(axis=1), ends.max(axis=1)]).reshape(-1, 4), side_deg)
    points = ends[order].reshape(-1, 2)
    return {"edge_xy": degrees(points[:, 0], points[:, 1]), **columns}


def merged(edges: NDArray[np.int32]) -> NDArray[np.object_]:
    """Edges of :func:`single_edges` as LineStrings in degrees that run from one junction to the next."""
    lines = shapely.MultiLineString(list(edges.reshape(-1, 2, 2) / STEPS_PER_DEGREE))
    parts: NDArray[np.object_] = shapely.get_parts(shapely.line_merge(lines))
    return parts


def plain(lines: NDArray[np.object_]) -> NDArray[np.object_]:
    """The lines without bends of less than half a metre: without a graphics card every segment costs time."""
    simple: NDArray[np.object_] = shapely.simplify(lines, HALF_A_METRE_DEG, preserve_topology=False)
    return simple


def paths(lines: NDArray[np.object_]) -> Columns:
    """``xy`` and ``start`` (n + 1,) of LineStrings."""
    start, xy = _flat(lines)
    return {"xy": xy, "start": start}


def _flat(lines: NDArray[np.object_]) -> tuple[NDArray[np.uint32], NDArray[np.int32]]:
    coordinates = shapely.get_coordinates(lines)
    start = np.concatenate([[0], np.cumsum(shapely.get_num_coordinates(lines))])
    return start.astype(np.uint32), degrees(coordinates[:, 0], coordinates[:, 1])


def _without_holes(polygon: shapely.Polygon) -> list[shapely.Polygon]:
    """The polygon cut upright through its holes until none is left."""
    if not polygon.interiors:
        return [polygon]
    west, south, east, north = polygon.bounds
    hole_west, _, hole_east, _ = polygon.interiors[0].bounds
    cut = (hole_west + hole_east) / 2
    halves = (shapely.box(west, south, cut, north), shapely.box(cut, south, east, north))
    parts = [part for half in halves for part in shapely.get_parts(shapely.intersection(polygon, half))]
    return [piece for part in parts if part.geom_type == "Polygon" for piece in _without_holes(part)]
