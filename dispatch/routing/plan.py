"""The answer: what each crew does when, what is left out and why; and what is wrong with an answer, if anything.

``faults`` is written from the question alone and shares no code with the engines, so that it can be believed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from dispatch.routing.problem import NO_WAY, Crew, RoutingProblem, Stop, Together


class Reason(StrEnum):
    """Why a stop is left out. All but the last two hold whatever else is planned."""

    NO_SKILL = "no_skill"
    """No crew may go: none holds all the skills, or the one it is locked to does not exist for it."""
    TOO_LARGE = "too_large"
    """Its load is more than any such crew can take."""
    UNREACHABLE = "unreachable"
    """No such crew can get there and back."""
    TOO_LONG = "too_long"
    """Going there, staying and coming back is more than any such crew's shift, or longest duration, alone."""
    WINDOW = "window"
    """Its windows never meet the shift of such a crew, its breaks kept."""
    PARTNER = "partner"
    """The stop it belongs together with cannot be visited."""
    NO_ROOM = "no_room"
    """It could be visited alone; beside the rest it costs more than its price, or makes something late."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One stop of a route: when the crew is there, begins, and is done."""

    stop: str
    arrives: int
    begins: int
    leaves: int


@dataclass(frozen=True, slots=True)
class Route:
    """One crew's way.

    Attributes
    ----------
    breaks
        When each of the crew's breaks begins, in their order.
    distance, cost
        What it adds up to; ``cost`` with the crew's fixed cost.
    """

    crew: str
    departs: int
    visits: tuple[Visit, ...]
    returns: int
    breaks: tuple[int, ...]
    distance: int
    cost: int

    @property
    def duration(self) -> int:
        return self.returns - self.departs

    @property
    def stops(self) -> list[str]:
        return [visit.stop for visit in self.visits]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A stop that nobody visits.

    Attributes
    ----------
    price
        What leaving it out costs; None for a stop that must be visited.
    crew, extra_cost, late
        What forcing it into the plan as it stands would take at best: the crew, what its route would cost more, and by
        how much times would be broken (0: none, it only costs too much). All None when no crew can take it at all.
    """

    stop: str
    price: int | None
    reason: Reason
    crew: str | None = None
    extra_cost: int | None = None
    late: int | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """Routes of the crews that go, in the order of the problem's crews, and the stops left out in theirs.

    ``cost`` adds up the routes and the prices of what is left out; a stop that must be visited and is left out has no
    price and adds nothing.
    """

    routes: tuple[Route, ...]
    left_out: tuple[LeftOut, ...]
    cost: int

    @property
    def complete(self) -> bool:
        """Whether every stop that must be visited is."""
        return all(left.price is not None for left in self.left_out)


def faults(problem: RoutingProblem, plan: Plan) -> list[str]:
    """What is wrong with ``plan``, a sentence each; nothing when it keeps every rule and adds up."""
    stops = {stop.id: stop for stop in problem.stops}
    crews = {crew.id: crew for crew in problem.crews}
    named = [stop for route in plan.routes for stop in route.stops] + [left.stop for left in plan.left_out]
    strange = [f"stop {stop!r} is not in the problem" for stop in named if stop not in stops]
    strange += [f"crew {route.crew!r} is not in the problem" for route in plan.routes if route.crew not in crews]
    if strange:
        return strange
    wrong = list(_counting(problem, plan, named))
    for route in plan.routes:
        crew = crews[route.crew]
        wrong += _way(problem, route, crew, [stops[stop] for stop in route.stops])
        wrong += _fitness(problem, route, crew, [stops[stop] for stop in route.stops])
        wrong += _rests(route, crew)
    wrong += _locks(problem, plan)
    for pair in problem.together:
        wrong += _pair(plan, pair)
    for left in plan.left_out:
        wrong += _reason(problem, plan, left, stops[left.stop])
        wrong += _forcing(problem, left)
    return wrong + list(_totals(problem, plan, stops))


def _counting(problem: RoutingProblem, plan: Plan, named: list[str]) -> Iterator[str]:
    times = Counter(named)
    locked = {lock.stop for lock in problem.locks}
    for stop in problem.stops:
        if times[stop.id] != 1:
            yield f"stop {stop.id!r} is there {times[stop.id]} times, visited or left out; expected once"
    for left in plan.left_out:
        stop = next(stop for stop in problem.stops if stop.id == left.stop)
        price = None if left.stop in locked else stop.price
        if price != left.price:
            yield f"stop {left.stop!r} is left out at {left.price}; its price is {price}"
        if price is None:
            yield f"stop {left.stop!r} must be visited and is left out: {left.reason}"
    for crew, trips in Counter(route.crew for route in plan.routes).items():
        if trips > 1:
            yield f"crew {crew!r} has {trips} routes; expected at most one"


def _way(problem: RoutingProblem, route: Route, crew: Crew, stops: list[Stop]) -> Iterator[str]:
    """Shift, duration, drives and visits follow each other as they can."""
    name = f"crew {crew.id!r}"
    if not stops:
        yield f"{name} has a route without a stop"
    if route.departs < crew.shift[0] or route.returns > crew.shift[1]:
        yield f"{name} is out from {route.departs} to {route.returns}; its shift is {crew.shift[0]} to {crew.shift[1]}"
    if crew.longest is not None and route.returns - route.departs > crew.longest:
        yield f"{name} is out for {route.returns - route.departs}; at most {crew.longest}"
    rests = [(begins, begins + rest.length) for begins, rest in zip(route.breaks, crew.breaks, strict=False)]
    here, now = crew.start, route.departs
    for visit, stop in zip(route.visits, stops, strict=True):
        yield from _drive(problem, name, (here, now), (stop.place, visit.arrives), rests)
        if visit.begins < visit.arrives:
            yield f"stop {stop.id!r} begins at {visit.begins}, before {name} arrives at {visit.arrives}"
        if visit.leaves != visit.begins + stop.service:
            yield f"stop {stop.id!r} ends at {visit.leaves}; begun at {visit.begins} it takes {stop.service}"
        here, now = stop.place, visit.leaves
    yield from _drive(problem, name, (here, now), (crew.end, route.returns), rests)


def _drive(
    problem: RoutingProblem, crew: str, begin: tuple[int, int], end: tuple[int, int], rests: list[tuple[int, int]]
) -> Iterator[str]:
    """The time of a drive, less the breaks in it, is enough."""
    (here, leaves), (there, arrives) = begin, end
    needed = int(problem.duration[here, there])
    if needed == NO_WAY:
        yield f"{crew} goes from place {here} to {there}, where there is no way"
        return
    rested = sum(max(0, min(over, arrives) - max(begins, leaves)) for begins, over in rests)
    if arrives - leaves - rested < needed:
        yield f"{crew} leaves place {here} at {leaves} and is at {there} at {arrives}; the way takes {needed}"


def _fitness(problem: RoutingProblem, route: Route, crew: Crew, stops: list[Stop]) -> Iterator[str]:
    """Windows, skills, capacity."""
    locks = {lock.stop: lock for lock in problem.locks}
    load = sum(stop.load for stop in stops)
    if crew.capacity is not None and load > crew.capacity:
        yield f"crew {crew.id!r} takes {load}; its capacity is {crew.capacity}"
    for visit, stop in zip(route.visits, stops, strict=True):
        lock = locks.get(stop.id)
        if lock is None and not stop.skills <= crew.skills:
            yield f"crew {crew.id!r} lacks {sorted(stop.skills - crew.skills)} for stop {stop.id!r}"
        if lock is not None and lock.begins is not None:
            continue
        if stop.windows and not any(opens <= visit.begins <= closes for opens, closes in stop.windows):
            yield f"stop {stop.id!r} begins at {visit.begins}, in none of its windows {list(stop.windows)}"


def _rests(route: Route, crew: Crew) -> Iterator[str]:
    """Every break in its time, never during a visit, never across leaving or coming back."""
    if len(route.breaks) != len(crew.breaks):
        yield f"crew {crew.id!r} takes {len(route.breaks)} breaks; expected {len(crew.breaks)}"
        return
    busy = [(visit.begins, visit.leaves) for visit in route.visits]
    for begins, rest in zip(route.breaks, crew.breaks, strict=True):
        over = begins + rest.length
        if not rest.earliest <= begins <= rest.latest:
            yield f"crew {crew.id!r} takes a break at {begins}; expected {rest.earliest} to {rest.latest}"
        if any(begins < end and start < over for start, end in busy):
            yield f"crew {crew.id!r} takes a break at {begins}, during a visit"
        if any(begins < moment < over for moment in (route.departs, route.returns)):
            yield f"crew {crew.id!r} takes a break at {begins}, while it leaves or comes back"


def _locks(problem: RoutingProblem, plan: Plan) -> Iterator[str]:
    where = {visit.stop: (route, at) for route in plan.routes for at, visit in enumerate(route.visits)}
    for lock in problem.locks:
        if lock.stop not in where:
            continue
        route, at = where[lock.stop]
        if route.crew != lock.crew:
            yield f"stop {lock.stop!r} is locked to crew {lock.crew!r}, not {route.crew!r}"
        if lock.position is not None and at != lock.position:
            yield f"stop {lock.stop!r} is locked to position {lock.position}, not {at}"
        if lock.begins is not None and route.visits[at].begins != lock.begins:
            yield f"stop {lock.stop!r} is locked to begin at {lock.begins}, not {route.visits[at].begins}"
        for later in lock.before:
            if later in where and where[later][0] is route and where[later][1] <= at:
                yield f"stop {lock.stop!r} is locked before {later!r}, and comes after it"


def _pair(plan: Plan, pair: Together) -> Iterator[str]:
    found = {visit.stop: (route.crew, visit.begins) for route in plan.routes for visit in route.visits}
    first, second = found.get(pair.first), found.get(pair.second)
    name = f"stops {pair.first!r} and {pair.second!r} belong together"
    if first is None or second is None:
        if first is not second:
            yield f"{name}; only one is visited"
        return
    if first[0] == second[0]:
        yield f"{name} and are both with crew {first[0]!r}"
    if abs(first[1] - second[1]) > pair.within:
        yield f"{name}; they begin {abs(first[1] - second[1])} apart, at most {pair.within}"


def _reason(problem: RoutingProblem, plan: Plan, left: LeftOut, stop: Stop) -> Iterator[str]:
    """The reason holds, and no other one hides it."""
    lock = next((lock for lock in problem.locks if lock.stop == stop.id), None)
    able = [c for c in problem.crews if (c.id == lock.crew if lock else stop.skills <= c.skills)]
    large = [c for c in able if c.capacity is None or stop.load <= c.capacity]
    ways = [(c, *_there_and_back(problem, c, stop)) for c in large]
    reach = [(c, there, back) for c, there, back in ways if NO_WAY not in (there, back)]
    short = [(c, there, back) for c, there, back in reach if there + back + stop.service <= _hours(c)]
    windows = ((lock.begins, lock.begins),) if lock is not None and lock.begins is not None else stop.windows
    met = [c for c, there, back in short if _meets(windows, c.shift[0] + there, c.shift[1] - back - stop.service)]
    facts = [
        (Reason.NO_SKILL, not able),
        (Reason.TOO_LARGE, not large),
        (Reason.UNREACHABLE, not reach),
        (Reason.TOO_LONG, not short),
        (Reason.WINDOW, not met),
        (Reason.PARTNER, left.reason is not Reason.WINDOW and _alone(problem, plan, stop)),
    ]
    holds = next((reason for reason, true in facts if true), None)
    # What no crew without a break could do is no question of breaks; what only crews with one can, may be.
    if holds is None and left.reason is Reason.WINDOW and all(crew.breaks for crew in met):
        return
    if holds is not None and left.reason is not holds:
        yield f"stop {stop.id!r} is left out for {left.reason}; expected {holds}"
    if holds is None and left.reason is not Reason.NO_ROOM:
        yield f"stop {stop.id!r} is left out for {left.reason}, which does not hold"


def _meets(windows: tuple[tuple[int, int], ...], earliest: int, latest: int) -> bool:
    """Whether a visit may begin between two moments."""
    return not windows or any(max(opens, earliest) <= min(closes, latest) for opens, closes in windows)


def _alone(problem: RoutingProblem, plan: Plan, stop: Stop) -> bool:
    """Whether the stop that this one belongs together with cannot be visited whatever else is planned."""
    pair = next((pair for pair in problem.together if stop.id in (pair.first, pair.second)), None)
    if pair is None:
        return False
    other = pair.second if stop.id == pair.first else pair.first
    return any(one.stop == other and one.reason not in (Reason.NO_ROOM, Reason.PARTNER) for one in plan.left_out)


def _forcing(problem: RoutingProblem, left: LeftOut) -> Iterator[str]:
    """What forcing it would take is said whole, of a crew that there is, and is not less than what leaving it costs."""
    told = (left.crew, left.extra_cost, left.late)
    if told == (None, None, None):
        return
    if left.extra_cost is None or left.late is None or left.crew not in {crew.id for crew in problem.crews}:
        yield f"forcing stop {left.stop!r} would take {told}; expected a crew, a cost and how late, or None of them"
    elif left.late < 0:
        yield f"forcing stop {left.stop!r} would be {left.late} late; expected at least 0"
    elif left.late == 0 and left.price is not None and left.extra_cost < left.price and not _paired(problem, left):
        yield f"stop {left.stop!r} is left out at {left.price}; forcing it would cost {left.extra_cost} only"


def _paired(problem: RoutingProblem, left: LeftOut) -> bool:
    return any(left.stop in (pair.first, pair.second) for pair in problem.together)


def _there_and_back(problem: RoutingProblem, crew: Crew, stop: Stop) -> tuple[int, int]:
    return int(problem.duration[crew.start, stop.place]), int(problem.duration[stop.place, crew.end])


def _hours(crew: Crew) -> int:
    shift = crew.shift[1] - crew.shift[0]
    return shift if crew.longest is None else min(shift, crew.longest)


def _totals(problem: RoutingProblem, plan: Plan, stops: dict[str, Stop]) -> Iterator[str]:
    crews = {crew.id: crew for crew in problem.crews}
    total = sum(left.price or 0 for left in plan.left_out)
    for route in plan.routes:
        crew = crews[route.crew]
        places = [crew.start, *(stops[stop].place for stop in route.stops), crew.end]
        far = sum(int(problem.distance[i, j]) for i, j in pairwise(places))
        took = route.returns - route.departs
        cost = crew.fixed_cost + problem.distance_cost * far + problem.duration_cost * took
        if (far, cost) != (route.distance, route.cost):
            told = f"distance {route.distance} and cost {route.cost}"
            yield f"crew {crew.id!r} says {told}; it adds up to {far} and {cost}"
        total += cost
    if total != plan.cost:
        yield f"the plan says it costs {plan.cost}; it adds up to {total}"
