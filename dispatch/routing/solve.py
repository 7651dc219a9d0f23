"""One plan for one question: the engine that fits is asked, its answer timed, mended, completed and explained."""

from __future__ import annotations

from collections.abc import Callable

from dispatch.routing import ortools_engine, pyvrp_engine
from dispatch.routing.budget import Budget
from dispatch.routing.insertion import Routes
from dispatch.routing.leaving import hopeless, left_out
from dispatch.routing.mending import completed, mended, price_of
from dispatch.routing.pairs import pinned, whole_pairs, with_pairs
from dispatch.routing.plan import Plan, Reason, Route, Visit
from dispatch.routing.problem import RoutingProblem
from dispatch.routing.timing import cost, distance, timed

SEARCH_UNTIL = 0.9
"""The share for the engines where stops may be left out or times are not PyVRP's: what follows takes time too."""

RELAXED_UNTIL = 0.3
"""The share of the budget for a first answer by PyVRP that knows no breaks, positions and pairs."""


def solve(
    problem: RoutingProblem,
    seconds: float | None = None,
    seed: int = 1,
    rounds: int | None = None,
    watch: Callable[[float], object] | None = None,
) -> Plan:
    """A plan that keeps every rule, at as little cost as is found in the time.

    Parameters
    ----------
    seconds
        CPU seconds of this process.
    seed
        Bounded by ``rounds`` alone, the same problem and seed give the same plan; bounded by seconds the machine's
        pace decides how far the search gets.
    rounds
        Rounds of the search, in place of seconds or beside them.
    watch
        Told now and then which share of the time is spent, 0 to 1.

    Returns
    -------
    Plan
        ``dispatch.routing.plan.faults`` finds nothing in it but stops that must be visited and do not fit; these are
        left out like the others, with a reason. No stop is left out that could be put into the plan as it stands for
        less than its price, stops that belong together aside.

    Raises
    ------
    ValueError
        When neither seconds nor rounds are given, or one is not above 0.
    """
    return within(problem, Budget(seconds, rounds, watch or (lambda _: None)), seed)


def within(problem: RoutingProblem, budget: Budget, seed: int = 1) -> Plan:
    """The same with a budget that may have begun to run before."""
    lost = hopeless(problem)
    rows = [row for row in range(len(problem.stops)) if row not in lost]
    if not _beyond_windows(problem):
        everything = all(problem.must(row) for row in rows)
        found = pyvrp_engine.routes(problem, rows, budget, 1.0 if everything else SEARCH_UNTIL, seed)
        return _plan(problem, completed(problem, mended(problem, found), rows), lost)
    paired = problem.paired
    alone = [row for row in rows if row not in paired]
    found = pyvrp_engine.routes(problem, alone, budget, RELAXED_UNTIL, seed)
    fixed, routes = with_pairs(problem, mended(problem, found), lost.keys())
    routes = completed(fixed, routes, alone)
    better = ortools_engine.improved(problem, rows, routes, budget, SEARCH_UNTIL)
    if better is not None:
        kept = whole_pairs(problem, mended(pinned(problem, better.begins), better.routes))
        visited = {row for stops in kept for row in stops}
        loose = pinned(problem, {row: at for row, at in better.begins.items() if row in visited})
        kept = completed(loose, kept, alone)
        if price_of(loose, kept) < price_of(fixed, routes):
            fixed, routes = loose, kept
    return _plan(fixed, routes, lost)


def _beyond_windows(problem: RoutingProblem) -> bool:
    """Whether the problem asks for something that PyVRP does not know."""
    ordered = any(lock.position is not None or lock.before for lock in problem.locks)
    return bool(problem.together) or ordered or any(crew.breaks for crew in problem.crews)


def _plan(problem: RoutingProblem, routes: Routes, lost: dict[int, Reason]) -> Plan:
    """The records of these routes, each stop's times and each left-out stop's reason."""
    ways = [_way(problem, crew, stops) for crew, stops in enumerate(routes) if stops]
    visited = {row for stops in routes for row in stops}
    left = [
        left_out(problem, routes, row, lost.get(row, Reason.NO_ROOM))
        for row in range(len(problem.stops))
        if row not in visited
    ]
    total = sum(way.cost for way in ways) + sum(one.price or 0 for one in left)
    return Plan(tuple(ways), tuple(left), total)


def _way(problem: RoutingProblem, crew: int, stops: list[int]) -> Route:
    times = timed(problem, crew, stops)
    assert times is not None, "a route that was mended has a way"
    visits = [Visit(problem.stops[row].id, *at) for row, at in zip(stops, times.visits, strict=True)]
    far, paid = distance(problem, crew, stops), cost(problem, crew, stops, times)
    return Route(problem.crews[crew].id, times.departs, tuple(visits), times.returns, times.breaks, far, paid)
