"""The way of a round: how long it is, where a stop adds least, and an order that local search cannot shorten."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from ortools.constraint_solver import pywrapcp, routing_enums_pb2

Minutes = NDArray[np.float64]
"""Minutes from row to column, the base last."""

_FINE = 1000
"""OR-Tools counts in whole numbers; a minute is so many of them."""
_FAR = 10**9


def way(travel: Minutes, stops: Sequence[int]) -> float:
    """Minutes from the base over the stops and back; 0 without any."""
    if not stops:
        return 0.0
    path = [len(travel) - 1, *stops, len(travel) - 1]
    return float(travel[path[:-1], path[1:]].sum())


def inserted(travel: Minutes, stops: Sequence[int], stop: int) -> list[int]:
    """The stops with one more, where it adds least."""
    path = np.array([len(travel) - 1, *stops, len(travel) - 1])
    a, b = path[:-1], path[1:]
    with np.errstate(invalid="ignore"):
        more = travel[a, stop] + travel[stop, b] - travel[a, b]
    at = int(np.argmin(np.where(np.isnan(more), np.inf, more)))
    return [*stops[:at], stop, *stops[at:]]


def shortest(travel: Minutes, stops: Sequence[int]) -> list[int]:
    """The stops in an order that is no longer than the one given: OR-Tools' local search from it, to its optimum.

    No clock limits the search, so the same stops give the same way on any machine with the same OR-Tools.
    """
    if len(stops) < 3:
        return min(([*stops], [*stops][::-1]), key=lambda order: way(travel, order))
    places = [*stops, len(travel) - 1]
    apart = np.where(np.isfinite(travel), np.rint(travel * _FINE), _FAR).astype(np.int64)[np.ix_(places, places)]
    manager = pywrapcp.RoutingIndexManager(len(places), 1, len(places) - 1)
    routing = pywrapcp.RoutingModel(manager)
    routing.SetArcCostEvaluatorOfAllVehicles(routing.RegisterTransitMatrix(apart.tolist()))
    parameters: Any = pywrapcp.DefaultRoutingSearchParameters()
    parameters.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GREEDY_DESCENT
    routing.CloseModelWithParameters(parameters)
    begin = routing.ReadAssignmentFromRoutes([list(range(len(stops)))], True)
    found = routing.SolveFromAssignmentWithParameters(begin, parameters)
    if found is None:
        return [*stops]
    order, index = [], found.Value(routing.NextVar(routing.Start(0)))
    while not routing.IsEnd(index):
        order.append(stops[manager.IndexToNode(index)])
        index = found.Value(routing.NextVar(index))
    return min(order, [*stops], key=lambda each: way(travel, each))
