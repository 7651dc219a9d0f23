"""Why a stop cannot be visited whatever else is planned, and what forcing it would take."""

from __future__ import annotations

from dispatch.routing.insertion import Routes, best_insertion
from dispatch.routing.plan import LeftOut, Reason
from dispatch.routing.problem import NO_WAY, Crew, RoutingProblem
from dispatch.routing.timing import lateness


def hopeless(problem: RoutingProblem) -> dict[int, Reason]:
    """The stops that no crew could visit even alone, each with the reason; a lock's position does not count here."""
    found = {row: reason for row in range(len(problem.stops)) if (reason := _alone(problem, row)) is not None}
    for pair in problem.together:
        first, second = problem.rows[pair.first], problem.rows[pair.second]
        if first in found or second in found:
            found.setdefault(first, Reason.PARTNER)
            found.setdefault(second, Reason.PARTNER)
    return found


def left_out(problem: RoutingProblem, routes: Routes, row: int, reason: Reason) -> LeftOut:
    """A stop left out beside ``routes``, with the price of forcing it in."""
    stop = problem.stops[row]
    price = None if problem.must(row) else stop.price
    forced = best_insertion(problem, routes, row)
    if forced is None:
        return LeftOut(stop.id, price, reason)
    return LeftOut(stop.id, price, reason, problem.crews[forced.crew].id, forced.extra_cost, forced.late)


def _alone(problem: RoutingProblem, row: int) -> Reason | None:
    stop = problem.stops[row]
    crews = [kind[0] for kind in problem.alike if problem.able(row, kind[0])]
    if not crews:
        return Reason.NO_SKILL
    crews = [c for c in crews if _large_enough(problem.crews[c], stop.load)]
    if not crews:
        return Reason.TOO_LARGE
    crews = [c for c in crews if problem.takes(row, c)]
    if not crews:
        return Reason.UNREACHABLE
    crews = [c for c in crews if _there_stay_and_back(problem, row, c) <= _hours(problem.crews[c])]
    if not crews:
        return Reason.TOO_LONG
    return None if any(_meets(problem, row, crew) for crew in crews) else Reason.WINDOW


def _large_enough(crew: Crew, load: int) -> bool:
    return crew.capacity is None or load <= crew.capacity


def _there_stay_and_back(problem: RoutingProblem, row: int, crew: int) -> int:
    stop, who = problem.stops[row], problem.crews[crew]
    there, back = int(problem.duration[who.start, stop.place]), int(problem.duration[stop.place, who.end])
    assert NO_WAY not in (there, back)
    return there + stop.service + back


def _hours(crew: Crew) -> int:
    shift = crew.shift[1] - crew.shift[0]
    return shift if crew.longest is None else min(shift, crew.longest)


def _meets(problem: RoutingProblem, row: int, crew: int) -> bool:
    """Whether some window of the stop can be met by a crew that has nothing else to do."""
    return any(lateness(problem, crew, [row], only) == 0 for only in problem.windows(row))
