"""Which side of a line, and inside which rings: decided exactly, whatever the rounding.

A point lies left of, right of, or on the line through two others. Computed with rounding the answer is wrong near the
line, and then a point between two neighbouring cells can fall into both or neither. Here the rounded value is trusted
when it is larger than its error bound; otherwise the sign is found from the exact sum.

References
----------
J. R. Shewchuk, Adaptive Precision Floating-Point Arithmetic and Fast Robust Geometric Predicates, Discrete &
Computational Geometry 18 (1997): the bound of ORIENT2D stage A, two-product (theorem 18), grow-expansion (theorem
10).
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Indices = NDArray[np.int32]

ERROR_BOUND = (3.0 + 16.0 * 2.0**-53) * 2.0**-53
SPLITTER = 2.0**27 + 1.0


@njit(cache=True)
def side(ax: float, ay: float, bx: float, by: float, px: float, py: float) -> float:
    """Above 0 when p lies left of the line from a to b, below 0 right of it, 0 exactly on it."""
    left = (ax - px) * (by - py)
    right = (ay - py) * (bx - px)
    det = left - right
    if abs(det) > ERROR_BOUND * (abs(left) + abs(right)):
        return det
    return exact_side(ax, ay, bx, by, px, py)


@njit(cache=True)
def exact_side(ax: float, ay: float, bx: float, by: float, px: float, py: float) -> float:
    """As `side`, from the exact sum of its six products."""
    total = np.zeros(12)
    count = 0
    for first, second in ((ax, by), (-ax, py), (-px, by), (-ay, bx), (ay, px), (py, bx)):
        product = first * second
        rest = _product_rest(first, second, product)
        count = _grow(total, count, rest)
        count = _grow(total, count, product)
    for at in range(count - 1, -1, -1):
        if total[at] != 0.0:
            return float(total[at])
    return 0.0


@njit(cache=True)
def _product_rest(first: float, second: float, product: float) -> float:
    """What rounding took from ``product``."""
    scaled = SPLITTER * first
    first_high = scaled - (scaled - first)
    first_low = first - first_high
    scaled = SPLITTER * second
    second_high = scaled - (scaled - second)
    second_low = second - second_high
    return first_low * second_low - (
        ((product - first_high * second_high) - first_low * second_high) - first_high * second_low
    )


@njit(cache=True)
def _grow(total: Floats, count: int, value: float) -> int:
    """Add ``value`` to an expansion whose parts do not overlap and rise in size; the new number of parts."""
    for at in range(count):
        added = value + total[at]
        virtual = added - value
        total[at] = (value - (added - virtual)) + (total[at] - virtual)
        value = added
    total[count] = value
    return count + 1


@njit(cache=True)
def covers(xy: Floats, ring_start: Indices, first_ring: int, last_ring: int, px: float, py: float) -> bool:
    """Whether the closed area of a polygon or multipolygon holds a point; its border belongs to it, a hole does not.

    Parameters
    ----------
    xy
        Vertices, shape (n, 2), ring after ring, the first vertex of a ring repeated as its last.
    ring_start
        Where each ring begins in ``xy``, with one more entry for the end.
    first_ring, last_ring
        The rings of this shape, shells and holes alike; ``last_ring`` is the first that belongs to it no more.
    """
    inside = False
    for ring in range(first_ring, last_ring):
        ax, ay = xy[ring_start[ring], 0], xy[ring_start[ring], 1]
        for at in range(ring_start[ring] + 1, ring_start[ring + 1]):
            bx, by = xy[at, 0], xy[at, 1]
            if (ay > py) != (by > py):
                if ax > px and bx > px:
                    inside = not inside
                elif ax >= px or bx >= px:
                    where = side(ax, ay, bx, by, px, py)
                    if where == 0.0:
                        return True
                    if (where > 0.0) == (by > ay):
                        inside = not inside
            elif by == py and (bx == px or (ay == py and (ax > px) != (bx > px))):
                return True
            ax, ay = bx, by
    return inside
