"""Rivers and lakes from a few points each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from shapely.ops import substring

from scenarios.placefile import Water
from scenarios.plane import Plane, smooth


def shape_waters(waters: Sequence[Water], outline: Any, plane: Plane) -> list[tuple[str, Any]]:
    """Name and polygon (metres) of each water, inside the outline and without overlap, first come first."""
    shaped: list[tuple[str, Any]] = []
    taken: Any = shapely.Polygon()
    for water in waters:
        wet = shapely.intersection(_shape(water, outline, plane), outline)
        wet = shapely.difference(wet, taken)
        taken = shapely.union(taken, wet)
        shaped.append((water.name, wet))
    return shaped


def _shape(water: Water, outline: Any, plane: Plane) -> Any:
    points = plane.metres(*np.array(water.points).T)
    match water.kind:
        case "lake":
            return shapely.Polygon(smooth(points, closed=True)).buffer(0)
        case "bank":
            border = outline.exterior
            ends = sorted(border.project(shapely.Point(point)) for point in (points[0], points[-1]))
            inner = substring(border, *ends)
            outer = shapely.difference(border, inner)
            shore = min((inner, outer), key=lambda line: line.length)
            bends = smooth(shapely.get_coordinates(shapely.simplify(shore, 60.0)))
            return shapely.buffer(shapely.union(shore, shapely.LineString(bends)), water.width_m)
        case "river":
            return shapely.buffer(shapely.LineString(smooth(points, 4)), water.width_m / 2.0, quad_segs=4)
