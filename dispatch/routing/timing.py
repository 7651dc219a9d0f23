"""When a crew that visits given stops in a given order is where, its breaks included."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations_with_replacement, pairwise
from typing import NamedTuple

from dispatch.routing.problem import NO_WAY, Crew, RoutingProblem


@dataclass(frozen=True, slots=True)
class Times:
    """The times of one route.

    Attributes
    ----------
    departs, returns
        When the crew leaves and is back.
    visits
        ``(arrives, begins, leaves)`` of each stop, in order.
    breaks
        When each break begins.
    late
        By how much windows, breaks, the shift and the longest duration are broken in all; 0 for a route that can be.
        A crew that is late goes on as if it had been on time, so that one lateness is not counted at every stop.
    """

    departs: int
    returns: int
    visits: tuple[tuple[int, int, int], ...]
    breaks: tuple[int, ...]
    late: int

    @property
    def duration(self) -> int:
        return self.returns - self.departs


def timed(problem: RoutingProblem, crew: int, stops: Sequence[int]) -> Times | None:
    """The least late and then shortest times of a route; None when there is no way between two of its places.

    The crew leaves as late as it can without being back later. With one window a stop the answer is exact; of several
    windows the first that can be met is taken.

    Parameters
    ----------
    crew, stops
        Rows of the problem.
    """
    route = _Route(problem, crew, stops)
    if route.no_way:
        return None
    best: Times | None = None
    for legs in route.where_breaks_may_lie():
        times = route.timed(legs)
        if best is None or (times.late, times.duration, times.departs) < (best.late, best.duration, best.departs):
            best = times
    return best


def lateness(
    problem: RoutingProblem,
    crew: int,
    stops: Sequence[int],
    only: tuple[int, int] | None = None,
    below: float = math.inf,
) -> int | None:
    """How late the route is at best, 0 when it can be.

    None when there is no way between two of its places, or when it is not ``below`` what is asked; with ``below=1``
    only routes that can be are told. ``only`` stands in for the windows of all stops.
    """
    route = _Route(problem, crew, stops)
    if only is not None:
        route.windows = [(only,)] * len(stops)
    return None if route.no_way else route.least_late(below)


def distance(problem: RoutingProblem, crew: int, stops: Sequence[int]) -> int:
    """How far the crew goes; there must be a way."""
    places = _places(problem, crew, stops)
    return sum(int(problem.distance[i, j]) for i, j in pairwise(places))


def cost(problem: RoutingProblem, crew: int, stops: Sequence[int], times: Times) -> int:
    """What the route costs; a crew that goes nowhere costs nothing."""
    if not stops:
        return 0
    far = problem.distance_cost * distance(problem, crew, stops)
    return problem.crews[crew].fixed_cost + far + problem.duration_cost * times.duration


def in_order(problem: RoutingProblem, stops: Sequence[int]) -> bool:
    """Whether the order keeps every locked position and every "before"."""
    at = {row: position for position, row in enumerate(stops)}
    for row, position in at.items():
        lock = problem.lock_of.get(row)
        if lock is None:
            continue
        if lock.position is not None and lock.position != position:
            return False
        if any(at.get(problem.rows[later], position + 1) <= position for later in lock.before):
            return False
    return True


class _Route:
    """One crew and one order of stops, ready to be timed for every way its breaks may lie."""

    def __init__(self, problem: RoutingProblem, crew: int, stops: Sequence[int]) -> None:
        places = _places(problem, crew, stops)
        self.crew: Crew = problem.crews[crew]
        self.travel = [int(problem.duration[i, j]) for i, j in pairwise(places)]
        self.no_way = NO_WAY in self.travel
        self.windows = [problem.windows(row) for row in stops]
        self.service = [problem.stops[row].service for row in stops]
        self.bar = math.inf

    def where_breaks_may_lie(self) -> Iterator[tuple[int, ...]]:
        """For each break the leg in which it lies: -1 before the crew leaves, one past the last leg once it is back."""
        return combinations_with_replacement(range(-1, len(self.travel) + 1), len(self.crew.breaks))

    def least_late(self, below: float) -> int | None:
        """The least lateness over all ways the breaks may lie; a way is left as soon as it is no longer ``below``."""
        self.bar = below
        for before in range(len(self.crew.breaks) + 1):
            legs = (-1,) * before
            self._go_on(0, self._earliest(legs), legs, 0)
        return None if self.bar == below else int(self.bar)

    def _go_on(self, leg: int, now: int, legs: tuple[int, ...], late: int) -> None:
        """Lower the bar by the rest of a route, from ``leg`` on, ``legs`` being those of the breaks so far."""
        rests, last = len(self.crew.breaks), leg == len(self.travel)
        for taken in range(rests if last else len(legs), rests + 1):
            here = (*legs, *(leg,) * (taken - len(legs)))
            drive = self._drive(now, 0 if last else self.travel[leg], here, leg)
            missed, ready = late + drive.late, drive.ready
            if last:
                missed += self._over_longest(now, here) if missed == 0 else 0
                self.bar = min(self.bar, missed)
                return
            if leg < len(self.windows):
                begins, too_late = _begins(ready, self.windows[leg])
                missed, ready = missed + too_late, begins + self.service[leg]
            else:
                missed += max(0, ready - self.crew.shift[1])
            if missed < self.bar:
                self._go_on(leg + 1, ready, here, missed)

    def _over_longest(self, returns: int, legs: tuple[int, ...]) -> int:
        longest = self.crew.longest
        if longest is None or returns - self._earliest(legs) <= longest:
            return 0
        return self.timed(legs).late

    def timed(self, legs: tuple[int, ...]) -> Times:
        """The times when each break lies in its leg."""
        best = first = self._run(self._earliest(legs), legs)
        if not first.late:
            # Back at the same time but leaving later: who leaves later is never back earlier.
            low, high = first.departs, first.returns
            while low < high:
                middle = (low + high + 1) // 2
                times = self._run(middle, legs)
                if times.late or times.returns > first.returns:
                    high = middle - 1
                else:
                    low, best = middle, times
        longest = self.crew.longest
        over = 0 if longest is None else max(0, best.duration - longest)
        return replace(best, late=best.late + over)

    def _earliest(self, legs: tuple[int, ...]) -> int:
        over = [rest.earliest + rest.length for rest, leg in zip(self.crew.breaks, legs, strict=False) if leg == -1]
        return max(self.crew.shift[0], *over) if over else self.crew.shift[0]

    def _run(self, departs: int, legs: tuple[int, ...]) -> Times:
        """The earliest times for a crew that leaves at ``departs``."""
        late, now = 0, departs
        visits: list[tuple[int, int, int]] = []
        rests = [
            min(rest.latest, departs - rest.length)
            for rest, leg in zip(self.crew.breaks, legs, strict=True)
            if leg == -1
        ]
        for leg, travel in enumerate(self.travel):
            drive = self._drive(now, travel, legs, leg)
            rests += drive.breaks
            late += drive.late
            now = drive.ready
            if leg < len(self.windows):
                begins, missed = _begins(now, self.windows[leg])
                late += missed
                now = begins + self.service[leg]
                visits.append((drive.arrives, begins, now))
        after = self._drive(now, 0, legs, len(self.travel))
        late += after.late + max(0, now - self.crew.shift[1])
        return Times(departs, now, tuple(visits), (*rests, *after.breaks), late)

    def _drive(self, now: int, travel: int, legs: tuple[int, ...], leg: int) -> _Drive:
        breaks, late, arrives = [], 0, None
        for rest, where in zip(self.crew.breaks, legs, strict=False):
            if where != leg:
                continue
            begins = max(now, rest.earliest)
            if travel <= begins - now and arrives is None:
                arrives = now + travel
            travel = max(0, travel - (begins - now))
            now = begins + rest.length
            late += max(0, begins - rest.latest)
            breaks.append(begins)
        return _Drive(now + travel if arrives is None else arrives, now + travel, breaks, late)


class _Drive(NamedTuple):
    """From one stop to the next: when the crew is there, when it is free to begin, its breaks, how late they begin."""

    arrives: int
    ready: int
    breaks: list[int]
    late: int


def _begins(arrives: int, windows: tuple[tuple[int, int], ...]) -> tuple[int, int]:
    """When the visit begins, and by how much that is too late."""
    for opens, closes in windows:
        if arrives <= closes:
            return max(arrives, opens), 0
    return windows[-1][1], arrives - windows[-1][1]


def _places(problem: RoutingProblem, crew: int, stops: Sequence[int]) -> list[int]:
    who = problem.crews[crew]
    return [who.start, *(problem.stops[row].place for row in stops), who.end]
