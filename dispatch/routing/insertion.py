"""Putting one more stop into routes as they stand: where it costs least, or breaks least."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from dispatch.routing.problem import NO_WAY, RoutingProblem
from dispatch.routing.timing import cost, in_order, lateness, timed

Routes = list[list[int]]
"""Per crew the rows of its stops, in order."""


@dataclass(frozen=True, slots=True)
class Insertion:
    """One stop put into one route.

    Attributes
    ----------
    late
        By how much times are broken; 0 for a route that can be.
    extra_cost
        What the route costs more, negative when it becomes cheaper.
    """

    late: int
    extra_cost: int
    crew: int
    position: int


def best_insertion(
    problem: RoutingProblem, routes: Routes, row: int, without: int | None = None, *, fitting: bool = False
) -> Insertion | None:
    """The least late and then cheapest place for a stop; None when no crew has the skills, the load and the ways.

    ``without`` is a crew that is not asked; with ``fitting`` only places at which nothing is late count.
    """
    best: Insertion | None = None
    for crew in _worth_asking(problem, routes, row, without):
        for extra, position in sorted(_detours(problem, crew, routes[crew], row)):
            if best is not None and best.late == 0 and extra >= best.extra_cost and not problem.duration_cost:
                break
            below = _to_be_better(best, extra, problem, fitting=fitting)
            found = _tried(problem, routes, row, crew, position, extra, below)
            if found is not None and (best is None or (found.late, found.extra_cost) < (best.late, best.extra_cost)):
                best = found
    return best


def cheapest_insertions(problem: RoutingProblem, routes: Routes, row: int, most: int) -> list[Insertion]:
    """The ``most`` cheapest places at which nothing is late."""
    found = [
        _tried(problem, routes, row, crew, position, extra, 1)
        for crew in _worth_asking(problem, routes, row, None)
        for extra, position in _detours(problem, crew, routes[crew], row)
    ]
    places = [place for place in found if place is not None]
    return sorted(places, key=lambda place: (place.extra_cost, place.crew, place.position))[:most]


def inserted(routes: Routes, row: int, place: Insertion) -> Routes:
    """The routes with the stop at its place."""
    return [
        [*stops[: place.position], row, *stops[place.position :]] if crew == place.crew else stops
        for crew, stops in enumerate(routes)
    ]


def _tried(
    problem: RoutingProblem, routes: Routes, row: int, crew: int, position: int, extra: int, below: float
) -> Insertion | None:
    stops = [*routes[crew][:position], row, *routes[crew][position:]]
    late = lateness(problem, crew, stops, below=below) if in_order(problem, stops) else None
    if late is None:
        return None
    if problem.duration_cost:
        extra = _cost(problem, crew, stops) - _cost(problem, crew, routes[crew])
    return Insertion(late, extra, crew, position)


def _to_be_better(best: Insertion | None, extra: int, problem: RoutingProblem, *, fitting: bool) -> float:
    """Below what the lateness of another place has to be."""
    if fitting:
        return 1
    if best is None:
        return math.inf
    return best.late + (1 if problem.duration_cost or extra < best.extra_cost else 0)


def _worth_asking(problem: RoutingProblem, routes: Routes, row: int, without: int | None) -> Iterator[int]:
    """Crews that can take the stop: all that go, and of those alike that do not go the first."""
    for kind in problem.alike:
        if not problem.takes(row, kind[0]):
            continue
        crews = [crew for crew in kind if crew != without]
        idle = [crew for crew in crews if not routes[crew]]
        yield from (c for c in crews if c not in idle[1:] and not _full(problem, routes[c], row, c))


def _full(problem: RoutingProblem, stops: list[int], row: int, crew: int) -> bool:
    capacity = problem.crews[crew].capacity
    return capacity is not None and sum(problem.stops[other].load for other in (*stops, row)) > capacity


def _detours(problem: RoutingProblem, crew: int, stops: list[int], row: int) -> Iterator[tuple[int, int]]:
    """What each position costs in distance (and for setting out at all), where there are ways."""
    who = problem.crews[crew]
    places = [who.start, *(problem.stops[other].place for other in stops), who.end]
    here = problem.stops[row].place
    for position, (before, after) in enumerate(pairwise(places)):
        there, back = int(problem.distance[before, here]), int(problem.distance[here, after])
        if NO_WAY in (there, back):
            continue
        saved = int(problem.distance[before, after]) if stops else 0
        yield problem.distance_cost * (there + back - saved) + (0 if stops else who.fixed_cost), position


def _cost(problem: RoutingProblem, crew: int, stops: list[int]) -> int:
    times = timed(problem, crew, stops) if stops else None
    return 0 if times is None else cost(problem, crew, stops, times)
