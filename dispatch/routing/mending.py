"""Routes that an engine gave made right, and completed with what still fits."""

from __future__ import annotations

import math
from collections.abc import Sequence

from dispatch.routing.insertion import Routes, best_insertion
from dispatch.routing.problem import RoutingProblem, out_price
from dispatch.routing.timing import cost, in_order, lateness, timed


def mended(problem: RoutingProblem, routes: Routes) -> Routes:
    """The same routes without the stops that make them late or stand in the wrong place, as few as it takes."""
    return [_held(problem, crew, stops) for crew, stops in enumerate(routes)]


def completed(problem: RoutingProblem, routes: Routes, rows: Sequence[int]) -> Routes:
    """The routes with every other stop of ``rows`` that fits for less than its price, the dearest first."""
    routes = [list(stops) for stops in routes]
    visited = {row for stops in routes for row in stops}
    waiting = sorted(set(rows) - visited, key=lambda row: (-worth_of(problem, row), row))
    while True:
        before, again = len(waiting), []
        for row in waiting:
            place = best_insertion(problem, routes, row, fitting=True)
            if place is not None and place.extra_cost < worth_of(problem, row):
                routes[place.crew].insert(place.position, row)
                before -= 1
            elif place is not None or problem.lock_of:
                again.append(row)  # fuller routes may make it cheaper, or give a locked stop its position
        if before == len(waiting):
            return routes
        waiting = again


def price_of(problem: RoutingProblem, routes: Routes) -> int:
    """What the routes cost with everything left out, a must at more than any plan can cost."""
    visited = {row for stops in routes for row in stops}
    total = sum(worth_of(problem, row) for row in range(len(problem.stops)) if row not in visited)
    for crew, stops in enumerate(routes):
        times = timed(problem, crew, stops) if stops else None
        total += 0 if times is None else cost(problem, crew, stops, times)
    return total


def worth_of(problem: RoutingProblem, row: int) -> int:
    """What leaving a stop out counts for: its price, or for a must more than any plan can cost."""
    return out_price(problem) if problem.must(row) else problem.stops[row].price or 0


def _held(problem: RoutingProblem, crew: int, stops: list[int]) -> list[int]:
    while stops and _broken(problem, crew, stops) > 0:
        shorter = [[*stops[:at], *stops[at + 1 :]] for at in range(len(stops))]
        stops = min(shorter, key=lambda kept: _broken(problem, crew, kept))
    return stops


def _broken(problem: RoutingProblem, crew: int, stops: list[int]) -> float:
    """How far a route is from one that can be; 0 when it can."""
    if not stops:
        return 0.0
    capacity = problem.crews[crew].capacity
    if capacity is not None and sum(problem.stops[row].load for row in stops) > capacity:
        return math.inf
    late = lateness(problem, crew, stops)
    if late is None or not all(problem.takes(row, crew) for row in stops):
        return math.inf
    return late + (0 if in_order(problem, stops) else 1)
