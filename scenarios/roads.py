"""Roads between places: arterials from seat to seat, country roads from village to village."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.spatial import Delaunay

from scenarios.plane import bent

Floats = NDArray[np.float64]
Pairs = NDArray[np.int64]

FORBIDDEN = 20.0
"""How many times its length a road over water, or outside the district, counts when the fewest roads are chosen."""


def near_pairs(xy: Floats) -> Pairs:
    """Pairs of the Delaunay triangulation, shape (k, 2), each once with the smaller index first; of three places all.

    Examples
    --------
    >>> near_pairs(np.array([[0.0, 0.0], [1.0, 0.0]])).tolist()
    [[0, 1]]
    """
    if len(xy) < 4:
        return np.column_stack(np.triu_indices(len(xy), 1)).astype(np.int64)
    corners = Delaunay(xy).simplices
    pairs = np.concatenate([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [0, 2]]])
    return np.unique(np.sort(pairs, axis=1), axis=0).astype(np.int64)


def unhindered(xy: Floats, pairs: Pairs, *, strict: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which pairs have no third place between them, shape (k,).

    Between means inside the circle over the pair, or, where ``strict``, nearer to both than they are to each other.

    References
    ----------
    Gabriel and Sokal (1969), Systematic Zoology 18; Toussaint (1980), The relative neighbourhood graph, Pattern
    Recognition 12.
    """
    a, b = xy[pairs[:, 0]], xy[pairs[:, 1]]
    length2 = ((a - b) ** 2).sum(axis=1)
    to_a = ((a[:, None, :] - xy[None, :, :]) ** 2).sum(axis=2)
    to_b = ((b[:, None, :] - xy[None, :, :]) ** 2).sum(axis=2)
    row = np.arange(len(pairs))[:, None]
    to_a[row, pairs] = np.inf  # the two places themselves are not between
    circle = (to_a + to_b).min(axis=1) >= length2
    lune = np.maximum(to_a, to_b).min(axis=1) >= length2
    return np.asarray(np.where(strict, lune, circle))


def needed(xy: Floats, pairs: Pairs, weight: Floats) -> NDArray[np.bool_]:
    """Which pairs the shortest network that joins all places uses, where a metre of a pair counts ``weight``."""
    length = np.hypot(*(xy[pairs[:, 0]] - xy[pairs[:, 1]]).T) * weight
    tree = minimum_spanning_tree(csr_array((length, (pairs[:, 0], pairs[:, 1])), shape=(len(xy), len(xy)))).tocoo()
    used = {tuple(sorted(pair)) for pair in zip(tree.row.tolist(), tree.col.tolist(), strict=True)}
    return np.array([tuple(pair) in used for pair in pairs.tolist()], dtype=bool)


def road_lines(xy: Floats, pairs: Pairs, wild: NDArray[np.bool_], rng: np.random.Generator) -> list[Any]:
    """One winding line for each pair; through wild ground it winds more."""
    lines = []
    for (a, b), rough in zip(pairs.tolist(), wild.tolist(), strict=True):
        lines.append(shapely.LineString(bent(xy[a], xy[b], 0.13 if rough else 0.045, 45.0 if rough else 80.0, rng)))
    return lines
