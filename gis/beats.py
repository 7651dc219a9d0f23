"""Beats: a place divided among those who walk it, each beat in one piece and with about as much work as the others.

References
----------
Karypis and Kumar (1998), Multilevel k-way partitioning scheme for irregular graphs; its METIS cuts the few longest
borders between beats, so they are compact, and keeps each in one piece.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pymetis
import shapely
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, minimum_spanning_tree

from gis.cells import neighbours
from gis.schemas import BadInput, Fault, shorten

Ints = NDArray[np.int64]

EVEN_WITHIN = 10
"""Thousandths by which the heaviest beat may be above the mean, where the cells allow it."""

WHOLE = 10_000_000
"""METIS counts work in whole numbers of 32 bits; all of a place's work is this much."""

FEW = 4
"""Cells a beat below which METIS leaves beats empty and complains on standard output, as it does where one cell is more
work than a beat should be: what it cannot make even is divided by merging."""

TINY = 1e-300


def draw_beats(cells: gpd.GeoDataFrame, workload: ArrayLike, count: int, seed: int = 1) -> dict[str, int]:
    """Which beat each cell belongs to.

    Parameters
    ----------
    cells
        ``code`` and polygons, a valid coverage; islands belong to the beat across the narrowest water.
    workload
        Work of each cell in any unit, shape (n,), 0 or more.
    count
        Beats wanted, from 1 to the number of cells.

    Returns
    -------
    dict
        Code of the cell to a number from 1, in the order in which the beats begin in the frame. Every beat has a cell
        and is in one piece, over water where an island is in it.

    Raises
    ------
    BadInput
        When a workload is missing, below 0 or not finite, or there are not that many beats to be had.
    """
    work = _checked(np.asarray(workload, dtype=np.float64), len(cells), count)
    i, j = joined_up(cells)
    beats = divide(i, j, work, count, seed)
    return dict(zip(cells["code"].astype(str), _in_order(beats).tolist(), strict=True))


def divide(i: Ints, j: Ints, workload: NDArray[np.float64], count: int, seed: int = 1) -> Ints:
    """As `draw_beats`, for any connected graph of pairs (i, j): a label for each node, ``count`` different ones."""
    n = len(workload)
    if count == 1:
        return np.zeros(n, dtype=np.int64)
    share = workload / max(workload.sum(), TINY)
    if n < FEW * count or share.max() > 1 / count:
        return _merged(i, j, workload, count)
    graph = csr_array((np.ones(2 * len(i)), (np.r_[i, j], np.r_[j, i])), shape=(n, n))
    whole = 1 + np.rint(share * WHOLE).astype(np.int64)
    options = pymetis.Options(contig=1, seed=seed, ufactor=EVEN_WITHIN, ncuts=4, niter=30)
    adjacency = pymetis.CSRAdjacency(graph.indptr, graph.indices)
    _, found = pymetis.part_graph(count, adjacency, vweights=whole.tolist(), recursive=False, options=options)
    labels = np.asarray(found, dtype=np.int64)
    if len(np.unique(labels)) == count == _pieces(i, j, labels):
        return labels
    return _merged(i, j, workload, count)


def _pieces(i: Ints, j: Ints, labels: Ints) -> int:
    """How many connected pieces the labels fall into."""
    same, n = labels[i] == labels[j], len(labels)
    return int(connected_components(csr_array((np.ones(same.sum()), (i[same], j[same])), shape=(n, n)))[0])


def _merged(i: Ints, j: Ints, workload: NDArray[np.float64], count: int) -> Ints:
    """Beats by joining the lightest to its lightest neighbour until ``count`` are left: less even, in one piece."""
    labels = np.arange(len(workload), dtype=np.int64)
    around: dict[int, set[int]] = {at: set() for at in labels.tolist()}
    for p, q in zip(i.tolist(), j.tolist(), strict=True):
        around[p].add(q)
        around[q].add(p)
    load = dict(enumerate(workload.tolist()))
    while len(load) > count:
        light = min(load, key=lambda at: (load[at], at))
        into = min(around[light], key=lambda at: (load[at], at))
        load[into] += load.pop(light)
        labels[labels == light] = into
        for other in around.pop(light):
            around[other].discard(light)
            if other != into:
                around[other].add(into)
                around[into].add(other)
    return labels


def _checked(work: NDArray[np.float64], n: int, count: int) -> NDArray[np.float64]:
    if work.shape != (n,):
        raise ValueError(f"there are {n} cells and workloads of shape {work.shape}; give one a cell.")
    wrong = np.flatnonzero(~(np.isfinite(work) & (work >= 0)))
    if wrong.size:
        raise BadInput(
            *(Fault("workload", int(at) + 2, "workload", shorten(work[at]), "a number of 0 or more") for at in wrong)
        )
    if not 1 <= count <= n:
        raise BadInput(Fault("beats", None, "count", shorten(count), f"a whole number from 1 to {n}, the cells"))
    return work


def joined_up(cells: gpd.GeoDataFrame) -> tuple[Ints, Ints]:
    """Pairs of cells that share a border, with a pair more for every piece of land that would stand alone."""
    i, j = neighbours(cells)
    n = len(cells)
    pieces, piece = connected_components(csr_array((np.ones(len(i)), (i, j)), shape=(n, n)), directed=False)
    if pieces < 2:
        return i, j
    shapes = cells.geometry.to_numpy()
    lands = [shapely.union_all(shapes[piece == at]) for at in range(pieces)]
    apart = shapely.distance(np.array(lands)[:, None], np.array(lands)[None, :])
    a, b = minimum_spanning_tree(apart + np.where(np.eye(pieces, dtype=bool), 0, 1e-12)).nonzero()
    bridges = [_narrowest(shapes, np.flatnonzero(piece == p), np.flatnonzero(piece == q)) for p, q in zip(a, b)]  # noqa: B905
    return np.r_[i, [p for p, _ in bridges]].astype(np.int64), np.r_[j, [q for _, q in bridges]].astype(np.int64)


def _narrowest(shapes: NDArray[np.object_], here: Ints, there: Ints) -> tuple[int, int]:
    """The two cells of two pieces of land that are nearest to each other."""
    tree = shapely.STRtree(shapes[there])
    (mine, theirs), distance = tree.query_nearest(shapes[here], return_distance=True, all_matches=False)
    least = int(np.argmin(distance))
    return int(here[mine[least]]), int(there[theirs[least]])


def _in_order(labels: Ints) -> Ints:
    """Numbers from 1 in the order in which the labels first occur."""
    _, first, which = np.unique(labels, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first)] = np.arange(1, len(first) + 1)
    return rank[which]
