"""A pyramid of pixels over cells, in which almost every point finds its cell without a look at a polygon.

The place is covered by large pixels. One that no border touches names its cell. One that a single border line crosses
names that line: left of it is one cell, right of it another; so does one in which a border bends once. Any other is
divided into 4 x 4 smaller ones, again and again where borders meet, until they are small beside the cells or the memory
allowed is used; what is still undivided lists the cells to be tested exactly.

Borders count as touching a pixel when they come nearer than a small margin, so rounding can never give a pixel away
that a border crosses. All decisions on points themselves are exact (`gis.exact`).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import shapely
from numba import njit
from numpy.typing import NDArray

from gis.exact import Floats, Indices, covers, side

# A node of the pyramid is a cell's index, OUTSIDE, or a code -2 - (index * 4 + kind).
OUTSIDE = -1
DIVIDED, LINE, BEND, SEVERAL = 0, 1, 2, 3


class Rings(NamedTuple):
    """The outlines of cells as plain arrays.

    Attributes
    ----------
    xy
        Vertices, shape (n, 2), ring after ring; shells run anticlockwise and holes clockwise, so the cell lies left.
    ring_start
        Where each ring begins, shape (rings + 1,).
    cell_start
        The first ring of each cell, shape (cells + 1,).
    """

    xy: Floats
    ring_start: Indices
    cell_start: Indices


class Frame(NamedTuple):
    """Where the pixels lie: the corner of the first, finest pixels per unit, large pixels across and up, divisions."""

    x0: float
    y0: float
    scale: float
    columns: int
    rows: int
    levels: int


class Sides(NamedTuple):
    """For the line from each vertex to the next: the cell on its left and on its right.

    A line that two neighbours share stands once, with the cell that comes first on the left; where it is not kept, and
    at the last vertex of a ring, left is `OUTSIDE`. Right is `OUTSIDE` where no cell shares the line.
    """

    left: Indices
    right: Indices


class Pyramid(NamedTuple):
    """Everything a point needs to find its cell.

    Attributes
    ----------
    nodes
        The large pixels row by row, filled up to a multiple of 16, then blocks of 16.
    several
        For each undivided crowded pixel: the number of cells to test, those in rising order, the answer if none holds.
    """

    frame: Frame
    rings: Rings
    sides: Sides
    nodes: Indices
    several: Indices

    @property
    def nbytes(self) -> int:
        """Memory held, in bytes."""
        return sum(array.nbytes for array in (*self.rings, *self.sides, self.nodes, self.several))


def rings_of(shapes: NDArray[np.object_]) -> Rings:
    """The rings of polygons and multipolygons; a missing or empty shape has none."""
    shapes = shapes.copy()
    shapes[shapely.is_empty(shapes)] = None
    if shapely.is_missing(shapes).all():
        return Rings(np.empty((0, 2)), np.zeros(1, np.int32), np.zeros(len(shapes) + 1, np.int32))
    _, xy, offsets = shapely.to_ragged_array(shapely.orient_polygons(shapes), include_z=False)
    ring_start, part_start = offsets[0], offsets[1]
    cell_start = part_start if len(offsets) == 2 else part_start[offsets[2]]
    return Rings(np.ascontiguousarray(xy), ring_start.astype(np.int32), cell_start.astype(np.int32))


@njit(cache=True)
def find(lon: Floats, lat: Floats, found: Indices, pyramid: Pyramid) -> None:
    """Write into ``found`` the first cell whose closed area holds each point, or `OUTSIDE`."""
    frame, rings, sides, nodes, several = pyramid
    xy, left, right = rings.xy, sides.left, sides.right
    x0, y0, scale, columns, levels = frame.x0, frame.y0, frame.scale, frame.columns, frame.levels
    width, height = float(columns << (2 * levels)), float(frame.rows << (2 * levels))
    for at in range(len(lon)):
        px, py = lon[at], lat[at]
        u, v = (px - x0) * scale, (py - y0) * scale
        if not (0.0 <= u < width and 0.0 <= v < height):  # NaN is neither
            found[at] = OUTSIDE
            continue
        iu, iv = np.int64(u), np.int64(v)
        shift = 2 * levels
        node = int(nodes[(iv >> shift) * columns + (iu >> shift)])
        while node < OUTSIDE and (-2 - node) & 3 == DIVIDED:
            shift -= 2
            node = int(nodes[((-2 - node) >> 2) * 16 + ((iv >> shift) & 3) * 4 + ((iu >> shift) & 3)])
        if node < OUTSIDE:
            rest = (-2 - node) >> 2
            kind = (-2 - node) & 3
            if kind == SEVERAL:
                last = rest + 1 + several[rest]
                node = first_covering(rings, several[rest + 1 : last], px, py, several[last])
            elif _left_of(xy, rest, kind == BEND, px, py):
                node = int(left[rest])
            else:
                node = int(right[rest])
        found[at] = node


@njit(cache=True)
def _left_of(xy: Floats, at: int, bend: bool, px: float, py: float) -> bool:
    """Whether a point lies left of, or on, the line that starts at a vertex, or the bend of that line and the next.

    Right only where no other line is near, so that the lines can be thought of as endless.
    """
    ax, ay, bx, by = xy[at, 0], xy[at, 1], xy[at + 1, 0], xy[at + 1, 1]
    first = bool(side(ax, ay, bx, by, px, py) >= 0.0)
    if not bend:
        return first
    cx, cy = xy[at + 2, 0], xy[at + 2, 1]
    second = bool(side(bx, by, cx, cy, px, py) >= 0.0)
    if first == second:
        return first
    return bool(side(ax, ay, bx, by, cx, cy) < 0.0)


@njit(cache=True)
def first_covering(rings: Rings, cells: Indices, px: float, py: float, otherwise: int) -> int:
    """The first of ``cells`` that holds a point."""
    for cell in cells:
        if covers(rings.xy, rings.ring_start, rings.cell_start[cell], rings.cell_start[cell + 1], px, py):
            return int(cell)
    return int(otherwise)
