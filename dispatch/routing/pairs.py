"""Stops that belong together, put into routes by pinning both to their moments.

Once each stop of a pair has its moment, every route can be timed for itself again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import replace
from typing import NamedTuple

from dispatch.routing.insertion import Routes, best_insertion, cheapest_insertions, inserted
from dispatch.routing.mending import worth_of
from dispatch.routing.problem import Lock, RoutingProblem, Together
from dispatch.routing.timing import lateness, timed

PLACES_TRIED = 6
"""For how many of the cheapest places of one stop the best place of the other is looked for."""


def pinned(problem: RoutingProblem, begins: Mapping[int, tuple[int, int]]) -> RoutingProblem:
    """The problem without its pairs, the rows of ``begins`` locked to their crew and moment.

    ``begins`` gives ``(crew, moment)``. What the pairs asked for is kept by the moments; a stop's own lock is kept.
    """
    locks = dict(problem.lock_of)
    for row, (crew, moment) in begins.items():
        old = locks.get(row, Lock(problem.stops[row].id, problem.crews[crew].id))
        locks[row] = replace(old, begins=moment)
    return replace(problem, locks=tuple(locks.values()), together=())


def whole_pairs(problem: RoutingProblem, routes: Routes) -> Routes:
    """The routes without the stops whose partner nobody visits."""
    visited = {row for stops in routes for row in stops}
    widowed = {
        row
        for pair in problem.together
        for row in (problem.rows[pair.first], problem.rows[pair.second])
        if not {problem.rows[pair.first], problem.rows[pair.second]} <= visited
    }
    return [[row for row in stops if row not in widowed] for stops in routes]


def with_pairs(problem: RoutingProblem, routes: Routes, lost: Set[int]) -> tuple[RoutingProblem, Routes]:
    """The routes with every pair that fits for less than its price, and the problem with these pinned."""
    begins: dict[int, tuple[int, int]] = {}
    for pair in problem.together:
        rows = problem.rows[pair.first], problem.rows[pair.second]
        if not lost.isdisjoint(rows):
            continue
        worth = sum(worth_of(problem, row) for row in rows)
        found = min(_placed(problem, begins, routes, pair), key=lambda placed: placed.extra_cost, default=None)
        if found is not None and found.extra_cost < worth:
            begins, routes = {**begins, **found.begins}, found.routes
    return pinned(problem, begins), routes


class _Placed(NamedTuple):
    extra_cost: int
    begins: dict[int, tuple[int, int]]
    routes: Routes


def _placed(
    problem: RoutingProblem, begins: dict[int, tuple[int, int]], routes: Routes, pair: Together
) -> Iterator[_Placed]:
    """Ways to put a pair in: one of the two at a cheap place, the other where it then costs least."""
    fixed = pinned(problem, begins)
    ends = problem.rows[pair.first], problem.rows[pair.second]
    for row, other in (ends, ends[::-1]):
        for place in cheapest_insertions(fixed, routes, row, PLACES_TRIED):
            beside = inserted(routes, row, place)
            for moment in _moments(fixed, beside, row, other, place.crew, pair.within):
                held = {**begins, row: (place.crew, moment)}
                near = _only_near(pinned(problem, held), other, moment, pair.within)
                if near is None or lateness(near, place.crew, beside[place.crew]) != 0:
                    continue
                second = best_insertion(near, beside, other, without=place.crew, fitting=True)
                if second is not None:
                    both = inserted(beside, other, second)
                    at = _begins(near, both, other, second.crew)
                    extra = place.extra_cost + second.extra_cost
                    yield _Placed(extra, {**held, other: (second.crew, at)}, both)


def _moments(problem: RoutingProblem, routes: Routes, row: int, other: int, crew: int, within: int) -> set[int]:
    """When a stop may be pinned: as soon as its route allows, and when its partner's windows open."""
    soonest = _begins(problem, routes, row, crew)
    opens = [opens - within for opens, _ in problem.windows(other)]
    wanted = {max(soonest, moment) for moment in (soonest, *opens)}
    return {moment for moment in wanted if any(a <= moment <= b for a, b in problem.windows(row))}


def _begins(problem: RoutingProblem, routes: Routes, row: int, crew: int) -> int:
    times = timed(problem, crew, routes[crew])
    assert times is not None, "a route that is not late has a way"
    return times.visits[routes[crew].index(row)][1]


def _only_near(problem: RoutingProblem, row: int, moment: int, within: int) -> RoutingProblem | None:
    """The problem with the windows of a stop cut to what is near a moment; None when nothing is left of them."""
    windows = [(max(a, moment - within), min(b, moment + within)) for a, b in problem.windows(row)]
    left = tuple((a, b) for a, b in windows if a <= b)
    if not left:
        return None
    stops = list(problem.stops)
    stops[row] = replace(stops[row], windows=left)
    return replace(problem, stops=tuple(stops))
