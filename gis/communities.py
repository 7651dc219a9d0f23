"""Communities grown over cells from their seeds: at equal pace, inside their town, none larger than 999 cells."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order, connected_components, dijkstra
from scipy.spatial import cKDTree

from gis.tiling import Floats, Ints, Plane, in_degrees, shared_borders

MOST_CELLS = 999
"""Cells that the three digits of a community can number."""


def grow_communities(
    pieces: gpd.GeoDataFrame | gpd.GeoSeries,
    seeds_lon: ArrayLike,
    seeds_lat: ArrayLike,
    group: ArrayLike | None = None,
    seed_group: ArrayLike | None = None,
    most: int = MOST_CELLS,
) -> Ints:
    """Which seed each piece belongs to, when communities grow from seeds at equal pace, piece by piece.

    Parameters
    ----------
    pieces
        A valid coverage of polygons in EPSG:4326, shape (n,).
    seeds_lon, seeds_lat
        Where communities start, shape (s,), degrees. Two seeds never start in the same piece.
    group, seed_group
        The town of each piece (n,) and each seed (s,); a community stays in its town. None is one town.
    most
        No community gets more pieces; what is too much goes on to neighbours that have room.

    Returns
    -------
    ndarray
        Index of the seed for each piece, shape (n,). Every seed has at least its own piece. A community hangs together,
        unless its town lies in parts (the gap is then crossed where it is narrowest) or it had to take an overflow.

    Raises
    ------
    ValueError
        When a group has pieces but no seed, fewer pieces than seeds, or more than ``most`` pieces a seed.
    """
    shapes = in_degrees(pieces, "pieces").geometry
    xy, seed_xy = on_one_plane(shapes, np.asarray(seeds_lon, np.float64), np.asarray(seeds_lat, np.float64))
    names, town, seed_town = _towns(len(xy), len(seed_xy), group, seed_group)
    _check_room(names, town, seed_town, most)
    if not len(xy):
        return np.empty(0, dtype=np.int64)
    graph = _piece_graph(shapes, xy, town)
    start = _starts(xy, town, seed_xy, seed_town)
    _, _, source = dijkstra(graph, directed=False, indices=start, min_only=True, return_predecessors=True)
    seed_of = np.full(len(xy), -1, dtype=np.int64)
    seed_of[start] = np.arange(len(start))
    community: Ints = seed_of[source]
    while (np.bincount(community) > most).any():
        _pass_on(community, graph, start, most)
    return community


def _towns(
    pieces: int, seeds: int, group: ArrayLike | None, seed_group: ArrayLike | None
) -> tuple[NDArray[np.str_], Ints, Ints]:
    """Names of the towns, and the town of each piece and each seed as a position in them."""
    if (group is None) != (seed_group is None):
        raise ValueError("give group and seed_group both, or neither.")
    of_pieces = np.full(pieces, "") if group is None else np.asarray(group).astype(str)
    of_seeds = np.full(seeds, "") if seed_group is None else np.asarray(seed_group).astype(str)
    if len(of_pieces) != pieces or len(of_seeds) != seeds:
        raise ValueError("group needs one value a piece and seed_group one value a seed.")
    names, number = np.unique(np.concatenate([of_pieces, of_seeds]), return_inverse=True)
    return names, number[:pieces].astype(np.int64), number[pieces:].astype(np.int64)


def _check_room(names: NDArray[np.str_], town: Ints, seed_town: Ints, most: int) -> None:
    pieces, seeds = (np.bincount(of, minlength=len(names)) for of in (town, seed_town))
    for at in np.flatnonzero((pieces > most * seeds) | (pieces < seeds)):
        raise ValueError(
            f"{names[at] or 'the place'} has {pieces[at]} pieces for {seeds[at]} communities; each needs 1 to {most}. "
            "Change the size of the cells or the number of communities."
        )


def _piece_graph(shapes: gpd.GeoSeries, xy: Floats, town: Ints) -> Any:
    """Neighbours of one town, weighted with metres between their centres; parts of a town are linked as well."""
    i, j, _ = shared_borders(shapes.to_numpy())
    same = town[i] == town[j]
    i, j = i[same], j[same]
    n = len(xy)
    _, part = connected_components(csr_array((np.ones(len(i)), (i, j)), shape=(n, n)), directed=False)
    far_i, far_j = _links_between_parts(xy, town, part)
    i, j = np.concatenate([i, far_i]), np.concatenate([j, far_j])
    metres = np.maximum(np.hypot(*(xy[i] - xy[j]).T), 1e-3)
    both = (np.concatenate([i, j]), np.concatenate([j, i]))
    return csr_array((np.concatenate([metres, metres]), both), shape=(n, n))


def _links_between_parts(xy: Floats, town: Ints, part: NDArray[np.int32]) -> tuple[Ints, Ints]:
    """For each town in parts, the shortest link of each further part to those linked before it, largest first."""
    links: list[tuple[int, int]] = []
    size = np.bincount(part)
    _, example = np.unique(part, return_index=True)
    for divided in np.flatnonzero(np.bincount(town[example]) > 1):
        parts = np.unique(part[town == divided])
        parts = parts[np.argsort(-size[parts], kind="stable")]
        linked = np.flatnonzero(part == parts[0])
        for further in parts[1:]:
            rows = np.flatnonzero(part == further)
            metres, nearest = cKDTree(xy[linked]).query(xy[rows])
            at = int(np.argmin(metres))
            links.append((int(linked[nearest[at]]), int(rows[at])))
            linked = np.concatenate([linked, rows])
    pairs = np.array(links, dtype=np.int64).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]


def _starts(xy: Floats, town: Ints, seed_xy: Floats, seed_town: Ints) -> Ints:
    """The piece each seed starts in: the nearest of its town that no earlier seed has taken."""
    start = np.full(len(seed_xy), -1, dtype=np.int64)
    for at in np.unique(seed_town):
        rows, seeds = np.flatnonzero(town == at), np.flatnonzero(seed_town == at)
        _, nearest = cKDTree(xy[rows]).query(seed_xy[seeds], k=np.arange(1, len(seeds) + 1))
        taken: set[int] = set()
        for seed, choices in zip(seeds, rows[nearest], strict=True):
            start[seed] = next(int(row) for row in choices if int(row) not in taken)
            taken.add(int(start[seed]))
    return start


def _pass_on(community: Ints, graph: Any, start: Ints, most: int) -> None:
    """Move what the largest community has too much along the shortest chain to one that has room; in place."""
    size = np.bincount(community, minlength=len(start))
    i, j = graph.nonzero()
    a, b = community[i], community[j]
    n = len(start)
    touching = csr_array((np.ones(int((a != b).sum())), (a[a != b], b[a != b])), shape=(n, n))
    largest = int(np.argmax(size))
    order, before = breadth_first_order(touching, largest)
    taker = next(int(c) for c in order if size[c] < most)
    amount = int(min(size[largest] - most, most - size[taker]))
    while taker != largest:
        giver = int(before[taker])
        _hand_over(community, graph, start, giver, taker, amount)
        taker = giver


def _hand_over(community: Ints, graph: Any, start: Ints, giver: int, taker: int, amount: int) -> None:
    """The ``amount`` pieces of ``giver`` that ``taker`` reaches first; the giver keeps the piece it started in."""
    rows = np.flatnonzero(((community == giver) | (community == taker)) & (np.arange(len(community)) != start[giver]))
    taken = np.flatnonzero(community[rows] == taker)
    metres = dijkstra(graph[rows][:, rows], directed=False, indices=taken, min_only=True)
    offered = np.flatnonzero(community[rows] == giver)
    nearest = offered[np.argsort(metres[offered], kind="stable")[:amount]]
    community[rows[nearest]] = taker


def on_one_plane(shapes: gpd.GeoSeries, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Centres of shapes (n, 2) and points (s, 2) in metres on one plane."""
    if not len(shapes):
        return np.empty((0, 2)), np.empty((len(lon), 2))
    plane = Plane.around(shapely.box(*shapes.total_bounds))
    centres = shapely.centroid(shapes.to_numpy())
    origin, scale = np.array([plane.lon, plane.lat]), np.array([plane.east, plane.north])
    xy = np.stack([shapely.get_x(centres), shapely.get_y(centres)], axis=1)
    return (xy - origin) * scale, (np.stack([lon, lat], axis=1) - origin) * scale
