"""Where in each cell incidents happen: a few metres beside its streets."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from gis.crs import metric_crs
from gis.streets import Streets
from simulation.demand import Spots

EVERY_M = 45.0
BESIDE_M = 7.0
MOST_ROOM_M = 12.0

Floats = NDArray[np.float64]


def find_spots(cells: gpd.GeoDataFrame, streets: Streets, every_m: float = EVERY_M) -> Spots:
    """Spots along every street, on both sides, in the cell they lie in; a cell without a street gets its middle.

    Parameters
    ----------
    cells
        Polygons in EPSG:4326, shape (n,).
    every_m
        How far apart spots lie along a street.
    """
    plane = metric_crs(*np.asarray(cells.total_bounds)[:2])
    shapes = cells.geometry.to_crs(plane).to_numpy()
    x, y = _beside(streets, plane, every_m)
    points = np.asarray(shapely.points(x, y), dtype=object)
    which, cell = shapely.STRtree(shapes).query(points, predicate="within")
    bare = np.setdiff1d(np.arange(len(shapes)), cell)
    points = np.concatenate([points[which], shapely.point_on_surface(shapes[bare])])
    cell = np.concatenate([cell, bare])
    order = np.argsort(cell, kind="stable")
    points, cell = points[order], cell[order]
    room = np.minimum(shapely.distance(points, shapely.boundary(shapes)[cell]), MOST_ROOM_M)
    start = np.concatenate([[0], np.cumsum(np.bincount(cell, minlength=len(shapes)))]).astype(np.int64)
    back = pyproj.Transformer.from_crs(plane, "EPSG:4326", always_xy=True)
    lon, lat = back.transform(shapely.get_x(points), shapely.get_y(points))
    return Spots(start, np.round(lon, 7), np.round(lat, 7), np.floor(room * 100.0) / 100.0)


def _beside(streets: Streets, plane: pyproj.CRS, every_m: float) -> tuple[Floats, Floats]:
    """Points in metres every so many metres along each street, 7 m to its left and right."""
    lines = streets.lines().geometry.to_crs(plane).to_numpy()
    length = shapely.length(lines)
    count = np.maximum(1, np.round(length / every_m)).astype(int)
    which = np.repeat(np.arange(len(lines)), count)
    step = np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count)
    along = (step + 0.5) * (length / count)[which]
    here = shapely.line_interpolate_point(lines[which], along)
    ahead = shapely.line_interpolate_point(lines[which], np.minimum(along + 1.0, length[which]))
    behind = shapely.line_interpolate_point(lines[which], np.maximum(along - 1.0, 0.0))
    dx, dy = shapely.get_x(ahead) - shapely.get_x(behind), shapely.get_y(ahead) - shapely.get_y(behind)
    norm = np.maximum(np.hypot(dx, dy), 1e-9) / BESIDE_M
    x, y = shapely.get_x(here), shapely.get_y(here)
    return np.concatenate([x - dy / norm, x + dy / norm]), np.concatenate([y + dx / norm, y - dx / norm])
