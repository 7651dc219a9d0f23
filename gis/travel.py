"""Travel times between places on the streets: matrix, pairs, nearest, reach, path."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse.csgraph import dijkstra

from gis.crs import great_circle_m
from gis.pieces import slices
from gis.snapping import Places, Snapper, mercator
from gis.streetgraph import Ends, Graph, twins, walk
from gis.streets import Profile, Streets

__all__ = ["Places", "Route", "TravelTimes"]

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]

# Search rows are held whole; this bounds them. 64 MB stay in reach of the caches better than a gigabyte.
CHUNK_BYTES = 64_000_000
PILOT_SEARCHES = 20


@dataclass(frozen=True, slots=True, eq=False)
class Route:
    """The cheapest way between two places.

    Attributes
    ----------
    cost
        Seconds, or metres with ``weight="length"``; inf when there is no way.
    lon, lat
        The line along the streets from place to place, degrees; empty when there is no way.
    """

    cost: float
    lon: Floats
    lat: Floats

    @property
    def length_m(self) -> float:
        """Great-circle metres along the line."""
        return float(great_circle_m(self.lon[:-1], self.lat[:-1], self.lon[1:], self.lat[1:]).sum())


class TravelTimes:
    """Cheapest ways over a street network for one profile; one-way streets are respected.

    A place lies on the nearest street open to the profile (``snap="edge"``), at its exact point along it, or at the
    nearest node (``snap="node"``). The gap between point and street is told (``Places.offset_m``), not charged.

    Parameters
    ----------
    streets
        The network.
    profile
        How the team moves.
    weight
        ``"time"``: costs and limits are seconds; ``"length"``: metres.
    snap
        Where places lie.
    connected
        Snap to the largest part in which everything is reachable from everything; otherwise a point beside a cut-off
        stub at the edge of the map has no way anywhere. Only what lies right on such a stub (1 cm) stays there. False
        snaps to every street open to the profile.

    Notes
    -----
    Costs come from Dijkstra's algorithm (scipy), each search ended at the limit. Searches start at the side with fewer
    different positions, backwards when these are the targets.
    """

    def __init__(
        self,
        streets: Streets,
        profile: Profile = Profile.CAR,
        weight: Literal["time", "length"] = "time",
        snap: Literal["edge", "node"] = "edge",
        connected: bool = True,
    ) -> None:
        if weight not in ("time", "length") or snap not in ("edge", "node"):
            raise ValueError(f"weight is {weight!r}, snap is {snap!r}; expected 'time' or 'length', 'edge' or 'node'.")
        kept = streets.open_to(profile)
        self.streets = streets.only(kept)
        self._kept = np.flatnonzero(kept)
        self._edges_given = len(kept)
        self._snap = snap
        self._snapper = Snapper(self.streets, (streets.in_connected_part(profile) if connected else kept)[kept])
        self._twin = twins(self.streets)
        self._use(self.streets.seconds(profile) if weight == "time" else self.streets.length_m)

    def _use(self, cost: Floats) -> None:
        self.cost = cost
        self._graph = Graph.of(self.streets, cost)

    def with_seconds(self, per_edge: ArrayLike) -> TravelTimes:
        """The same network with other costs; places made before stay good.

        Parameters
        ----------
        per_edge
            Cost of each edge of the streets given at first, shape (m,), at least 0; inf closes an edge.
        """
        cost = np.asarray(per_edge, dtype=np.float64)
        if cost.shape != (self._edges_given,):
            raise ValueError(f"per_edge has shape {cost.shape}; expected ({self._edges_given},), one cost an edge.")
        cost = cost[self._kept]
        if not (cost >= 0).all():
            row = int(self._kept[np.flatnonzero(~(cost >= 0))[0]])
            raise ValueError(f"per_edge[{row}] is negative or NaN; expected 0 or more, inf for a closed street.")
        changed = copy.copy(self)
        changed._use(cost)
        return changed

    def place(self, lon: ArrayLike, lat: ArrayLike) -> Places:
        """Points in degrees, shape (n,), as places on the streets.

        Raises
        ------
        ValueError
            For coordinates that are no degrees, or when no street is open to the profile.
        """
        return self._snapper.on_edges(lon, lat) if self._snap == "edge" else self._snapper.on_nodes(lon, lat)

    def matrix(self, sources: Places, targets: Places, limit: float = np.inf) -> Floats:
        """Cost from every source to every target, shape (S, T); inf where it is above ``limit`` or there is no way."""
        swap, searching, others, first, which = self._sides(sources, targets)
        costs = np.empty((len(first), len(others)))
        for begin, block in self._blocks(searching[first], others, limit, backwards=swap):
            costs[begin : begin + len(block)] = block
        all_rows = costs if len(first) == len(which) and (which == np.arange(len(which))).all() else costs[which]
        return all_rows.T.copy() if swap else all_rows

    def pairs(self, sources: Places, targets: Places, limit: float) -> tuple[Rows, Rows, Floats]:
        """Only the pairs within ``limit``: source rows, target rows and costs, sorted by source, then target."""
        swap, searching, others, first, which = self._sides(sources, targets)
        owners, start = _groups(which, len(first))
        found: list[tuple[Rows, Rows, Floats]] = []
        for begin, block in self._blocks(searching[first], others, limit, backwards=swap):
            row, other = np.nonzero(np.isfinite(block))
            position, into = slices(start, row + begin)
            repeated = np.repeat(np.arange(len(row)), np.diff(into))
            found.append((owners[position], other[repeated], block[row, other][repeated]))
        mine, theirs, cost = _joined(found)
        i, j = (theirs, mine) if swap else (mine, theirs)
        order = np.lexsort((j, i))
        return i[order], j[order], cost[order]

    def nearest(self, sources: Places, targets: Places, k: int, limit: float = np.inf) -> tuple[Rows, Rows, Floats]:
        """The ``k`` cheapest sources of each target within ``limit``.

        Returns
        -------
        tuple
            Source rows, target rows and costs, sorted by target, then cost, then source row. A target with fewer
            sources within the limit has fewer rows.
        """
        if k < 1:
            raise ValueError(f"k is {k}; expected 1 or more sources a target.")
        stands, which_stand = sources.distinct()
        calls, which_call = targets.distinct()
        stand, call, cost = self._nearest_distinct(sources[stands], targets[calls], k, limit)
        i, call, cost = _first_k(*_expanded(stand, which_stand, len(stands), call, cost), k)
        j, i, cost = _expanded(call, which_call, len(calls), i, cost)
        order = np.lexsort((i, cost, j))
        return i[order], j[order], cost[order]

    def reach(self, sources: Places, targets: Places, limit: float = np.inf) -> tuple[Floats, Rows]:
        """For each target its cheapest source, by one search from all sources at once.

        Returns
        -------
        tuple
            Cost, shape (T,), inf where no source is within ``limit``; and the source's row, -1 there.
        """
        cost, which = np.full(len(targets), np.inf), np.full(len(targets), -1, dtype=np.intp)
        if not len(sources) or not len(targets):
            return cost, which
        graph, starts = self._graph.with_starts(self._ends(sources, leaving=True), backwards=False)
        reached, _, origin = dijkstra(graph, indices=starts, limit=limit, min_only=True, return_predecessors=True)
        arriving = self._ends(targets, leaving=False)
        offers = reached[arriving.node] + arriving.cost
        best = offers.argmin(axis=1)
        rows = np.arange(len(targets))
        cost = offers[rows, best]
        which = origin[arriving.node[rows, best]].astype(np.intp) - starts[0]
        i, j, direct = self._along_the_same_street(sources, targets)
        order = np.lexsort((i, direct, j))
        i, j, direct = i[order], j[order], direct[order]
        best_direct = np.r_[True, j[1:] != j[:-1]] & (direct < cost[j]) if j.size else np.zeros(0, dtype=bool)
        cost[j[best_direct]], which[j[best_direct]] = direct[best_direct], i[best_direct]
        out = ~(cost <= limit) | np.isinf(cost)
        cost[out], which[out] = np.inf, -1
        return cost, which

    def path(self, source: Places, target: Places) -> Route:
        """The cheapest way from one place to one other (both of length 1), along the true geometry."""
        if len(source) != 1 or len(target) != 1:
            raise ValueError(f"path joins one place to one place; got {len(source)} and {len(target)}.")
        leaving, arriving = self._ends(source, leaving=True), self._ends(target, leaving=False)
        graph, starts = self._graph.with_starts(leaving, backwards=False)
        reached, before = dijkstra(graph, indices=starts[0], return_predecessors=True)
        offers = reached[arriving.node[0]] + arriving.cost[0]
        end = int(offers.argmin())
        _, _, direct = self._along_the_same_street(source, target)
        if direct.size and direct[0] <= offers[end]:
            return self._straight(float(direct[0]), source, target)
        if np.isinf(offers[end]):
            return Route(np.inf, np.zeros(0), np.zeros(0))
        nodes = walk(before, int(arriving.node[0, end]), int(starts[0]))
        edges = self._graph.edges_along(nodes)
        begin = int(np.where(leaving.node[0] == nodes[0], leaving.cost[0], np.inf).argmin())
        parts = [self._tip(source, begin, leaving=True), self._whole(edges), self._tip(target, end, leaving=False)]
        return _route(float(offers[end]), [_position(source), *parts, _position(target)])

    # The rest is how: where places hang on the graph, and the searches.

    def _sides(self, sources: Places, targets: Places) -> tuple[bool, Places, Places, Rows, Rows]:
        """Search from the side with fewer different positions; True when these are the targets."""
        from_source, from_target = sources.distinct(), targets.distinct()
        swap = len(from_target[0]) < len(from_source[0])
        return (True, targets, sources, *from_target) if swap else (False, sources, targets, *from_source)

    def _nearest_distinct(self, sources: Places, targets: Places, k: int, limit: float) -> tuple[Rows, Rows, Floats]:
        """The ``k`` cheapest of different sources for each of different targets, in no order.

        A few targets tell how far a search has to go as a rule; where that was not enough, it goes to the limit.
        Whoever has ``k`` sources within a smaller limit has the right ones.
        """
        rows = np.arange(len(targets))
        pilot = rows[:: max(1, len(rows) // PILOT_SEARCHES)]
        _, _, far = _joined(list(self._k_of_each(sources, targets, pilot, k, limit)))
        first_limit = limit
        if len(far) == len(pilot) * k and len(far):
            first_limit = min(limit, 1.5 * float(far.max()))
        found = list(self._k_of_each(sources, targets, rows, k, first_limit))
        if first_limit < limit:
            i, j, cost = _joined(found)
            short = np.bincount(j, minlength=len(rows)) < k
            found = [(i[~short[j]], j[~short[j]], cost[~short[j]])]
            found += self._k_of_each(sources, targets, np.flatnonzero(short), k, limit)
        return _joined(found)

    def _k_of_each(
        self, sources: Places, targets: Places, rows: Rows, k: int, limit: float
    ) -> Iterator[tuple[Rows, Rows, Floats]]:
        for begin, block in self._blocks(targets[rows], sources, limit, backwards=True):
            column = _smallest(block, k)
            cost = np.take_along_axis(block, column, axis=1)
            row, place = np.nonzero(np.isfinite(cost))
            yield column[row, place], rows[row + begin], cost[row, place]

    def _blocks(
        self, searching: Places, others: Places, limit: float, *, backwards: bool
    ) -> Iterator[tuple[int, Floats]]:
        """Costs between ``searching`` and ``others``, shape (rows, len(others)), some rows at a time."""
        mine, theirs = self._ends(searching, leaving=not backwards), self._ends(others, leaving=backwards)
        rows = max(1, CHUNK_BYTES // (8 * (len(self.streets.lon) + 3 * len(others) + 1)))
        for begin in range(0, len(searching), rows):
            chunk = slice(begin, begin + rows)
            if not len(others):
                yield begin, np.zeros((len(searching[chunk]), 0))
                continue
            graph, starts = self._graph.with_starts(Ends(mine.node[chunk], mine.cost[chunk]), backwards=backwards)
            reached = dijkstra(graph, indices=starts, limit=limit)
            block = reached[:, theirs.node[:, 0]] + theirs.cost[:, 0]
            if (theirs.cost[:, 1] < np.inf).any():
                np.minimum(block, reached[:, theirs.node[:, 1]] + theirs.cost[:, 1], out=block)
            self._take_direct(block, searching[chunk], others, backwards=backwards)
            block[block > limit] = np.inf
            yield begin, block

    def _take_direct(self, block: Floats, searching: Places, others: Places, *, backwards: bool) -> None:
        if backwards:
            j, i, direct = self._along_the_same_street(others, searching)
        else:
            i, j, direct = self._along_the_same_street(searching, others)
        block[i, j] = np.minimum(block[i, j], direct)

    def _ends(self, places: Places, *, leaving: bool) -> Ends:
        """The nodes a place leads to (or is reached from) along its own street, and at what cost."""
        ahead, back = self._both_ways(places)
        to_tail = _share(places.fraction, back if leaving else ahead)
        to_head = _share(1 - places.fraction, ahead if leaving else back)
        at_node = places.node >= 0
        edge = np.maximum(places.edge, 0)
        tail = np.where(at_node, places.node, self.streets.tail[edge])
        head = np.where(at_node, places.node, self.streets.head[edge])
        to_tail, to_head = np.where(at_node, 0.0, to_tail), np.where(at_node, np.inf, to_head)
        # On a loop both ways lead to one node: the shorter counts.
        loop = ~at_node & (tail == head)
        to_tail = np.where(loop, np.minimum(to_tail, to_head), to_tail)
        to_head = np.where(loop, np.inf, to_head)
        return Ends(np.column_stack([tail, head]).astype(np.int32), np.column_stack([to_tail, to_head]))

    def _both_ways(self, places: Places) -> tuple[Floats, Floats]:
        """Cost of the whole edge a place lies on, and of its opposite direction; inf where closed."""
        edge = np.maximum(places.edge, 0)
        twin = self._twin[edge]
        return self.cost[edge], np.where(twin >= 0, self.cost[twin], np.inf)

    def _along_the_same_street(self, sources: Places, targets: Places) -> tuple[Rows, Rows, Floats]:
        """Pairs on one edge that reach each other without leaving it: source rows, target rows, costs."""
        on_edge = np.flatnonzero(targets.edge >= 0)
        by_edge = on_edge[np.argsort(targets.edge[on_edge], kind="stable")]
        edges = targets.edge[by_edge]
        rows = np.flatnonzero(sources.edge >= 0)
        first = np.searchsorted(edges, sources.edge[rows], side="left")
        count = np.searchsorted(edges, sources.edge[rows], side="right") - first
        i = np.repeat(rows, count)
        j = by_edge[np.repeat(first - np.cumsum(count) + count, count) + np.arange(count.sum())]
        ahead, back = self._both_ways(sources[i])
        gap = targets.fraction[j] - sources.fraction[i]
        cost = np.where(gap >= 0, _share(np.maximum(gap, 0), ahead), _share(np.maximum(-gap, 0), back))
        cost = np.where(gap == 0, 0.0, cost)  # who is there already needs no open street
        good = np.isfinite(cost)
        return i[good], j[good], cost[good]

    def _whole(self, edges: NDArray[np.int64]) -> tuple[Floats, Floats]:
        points, _ = slices(self.streets.shape_start, edges)
        return self.streets.shape_lon[points], self.streets.shape_lat[points]

    def _tip(self, place: Places, end: int, *, leaving: bool) -> tuple[Floats, Floats]:
        """The stretch of a place's own street between it and its tail (end 0) or head (end 1), in travel direction."""
        if place.edge[0] < 0:
            return np.zeros(0), np.zeros(0)
        edge, fraction = int(place.edge[0]), float(place.fraction[0])
        if self.streets.tail[edge] == self.streets.head[edge]:
            ahead, back = (float(way[0]) for way in self._both_ways(place))
            out, home = (ahead, back) if leaving else (back, ahead)
            end = int((1 - fraction) * out < fraction * home)
        low, high = (0.0, fraction) if end == 0 else (fraction, 1.0)
        lon, lat = self._stretch(edge, low, high)
        return (lon, lat) if leaving == (end == 1) else (lon[::-1], lat[::-1])

    def _stretch(self, edge: int, low: float, high: float) -> tuple[Floats, Floats]:
        """Inner points of an edge between two fractions, with the edge's ends where the fractions are 0 or 1."""
        own = slice(self.streets.shape_start[edge], self.streets.shape_start[edge + 1])
        lon, lat = self.streets.shape_lon[own], self.streets.shape_lat[own]
        x, y = mercator(lon, lat)
        along = np.r_[0.0, np.cumsum(np.hypot(np.diff(x), np.diff(y)))]
        share = along / along[-1]
        inside = ((share > low) & (share < high)) | ((share == low) & (low == 0)) | ((share == high) & (high == 1))
        return lon[inside], lat[inside]

    def _straight(self, cost: float, source: Places, target: Places) -> Route:
        """The way between two places on one edge that never leaves it."""
        a, b = float(source.fraction[0]), float(target.fraction[0])
        lon, lat = self._stretch(int(source.edge[0]), min(a, b), max(a, b))
        middle = (lon, lat) if a <= b else (lon[::-1], lat[::-1])
        return _route(cost, [_position(source), middle, _position(target)])


def _share(fraction: Floats, cost: Floats) -> Floats:
    """``fraction`` of a cost; of a closed street even none of it can be used."""
    with np.errstate(invalid="ignore"):
        return np.where(np.isinf(cost), np.inf, fraction * cost)


def _groups(which: Rows, count: int) -> tuple[Rows, NDArray[np.int64]]:
    """Rows sorted by group, and where each of ``count`` groups starts among them."""
    start = np.zeros(count + 1, dtype=np.int64)
    start[1:] = np.cumsum(np.bincount(which, minlength=count))
    return np.argsort(which, kind="stable"), start


def _expanded(group: Rows, which: Rows, count: int, other: Rows, cost: Floats) -> tuple[Rows, Rows, Floats]:
    """Rows of a table once for every member of their group."""
    owners, start = _groups(which, count)
    position, into = slices(start, group)
    repeated = np.repeat(np.arange(len(group)), np.diff(into))
    return owners[position], other[repeated], cost[repeated]


def _smallest(block: Floats, k: int) -> Rows:
    """Columns of the ``k`` smallest values of each row, in no order."""
    columns = block.shape[1]
    if k >= columns:
        return np.broadcast_to(np.arange(columns), block.shape)
    return np.argpartition(block, k - 1, axis=1)[:, :k]


def _first_k(i: Rows, j: Rows, cost: Floats, k: int) -> tuple[Rows, Rows, Floats]:
    """The ``k`` cheapest rows of each ``j``; of equal ones those with the lowest ``i``."""
    order = np.lexsort((i, cost, j))
    i, j, cost = i[order], j[order], cost[order]
    rank = np.arange(len(j)) - np.searchsorted(j, j, side="left")
    return i[rank < k], j[rank < k], cost[rank < k]


def _joined(found: list[tuple[Rows, Rows, Floats]]) -> tuple[Rows, Rows, Floats]:
    if not found:
        return np.zeros(0, dtype=np.intp), np.zeros(0, dtype=np.intp), np.zeros(0)
    i, j, cost = (np.concatenate(column) for column in zip(*found, strict=True))
    return i, j, cost


def _position(place: Places) -> tuple[Floats, Floats]:
    return place.lon, place.lat


def _route(cost: float, parts: list[tuple[Floats, Floats]]) -> Route:
    """One line from its parts, without points that repeat the one before."""
    lon, lat = (np.concatenate(column) for column in zip(*parts, strict=True))
    new = np.r_[True, (np.diff(lon) != 0) | (np.diff(lat) != 0)]
    if new.sum() < 2:  # a line has two points, even from a place to itself
        return Route(cost, lon[[0, -1]], lat[[0, -1]])
    return Route(cost, lon[new], lat[new])
