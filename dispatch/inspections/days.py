"""Visits of one town to days and crews: few officer-days first, then little driving, with a proved bound beside it.

A greedy calendar is complete at once where there is room; ruin and recreate (:mod:`dispatch.inspections.search`) then
sends crews home one at a time as long as everything still fits, and last shortens the ways. The work is counted in
rounds, not in seconds, so the same seed gives the same calendar.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from time import thread_time

import numpy as np
from numpy.typing import NDArray

from dispatch.inspections import search
from dispatch.inspections.bound import fewest_officer_days
from dispatch.inspections.state import NEAR, NOWHERE, State, Town, copied, empty, put_back
from dispatch.records.inspection import SMALLEST_CREW, Inspector, Premises, Visit

Floats = NDArray[np.float64]

LONGEST_MIN = 480
UNLIMITED = 1 << 30
CHUNK = 2_000
ROUNDS_A_SECOND = 1_500_000
"""Rounds times visits that a slow core does in a second; the unit in which ``seconds`` are counted."""
ROUNDS_A_VISIT = 4_000
"""More rounds than this times the visits have not been seen to help."""
SHARE_FEWER = 0.8
"""Share of the rounds that goes into fewer officer-days; the rest into shorter ways."""
GUARD = 2.0
"""A machine this many times slower than counted on is stopped by its clock."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the search is: what a person who waits wants to see."""

    town: str
    share: float
    waiting: int
    officer_days: int
    bound: int

    @property
    def gap(self) -> float:
        """By how much the calendar may be above the best, as a share of the bound."""
        return self.officer_days / self.bound - 1 if self.bound else 0.0


Told = Callable[[Progress], bool]
"""Hears of progress; False stops the search, which then keeps the best it has."""


@dataclass(frozen=True, slots=True)
class TownWork:
    """What one town has to plan.

    Attributes
    ----------
    visits, premises
        The visits, and the premises of each, in the same order.
    free
        Shape (inspectors, days): who is there.
    travel
        Shape (visits + 1, visits + 1): minutes from row to column, not rounded; the last place is the base.
    """

    town: str
    visits: tuple[Visit, ...]
    premises: tuple[Premises, ...]
    inspectors: tuple[Inspector, ...]
    days: tuple[date, ...]
    free: NDArray[np.bool_]
    travel: Floats

    @property
    def crews_a_day(self) -> int:
        return max(int(self.free.sum(axis=0).max(initial=0)) // SMALLEST_CREW, 1)


@dataclass(frozen=True, slots=True)
class Slot:
    """One crew's day as the search found it: officers and visits as rows of the town's work."""

    day: int
    officers: tuple[int, ...]
    route: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """The best calendar found, the visits it has no room for, and the bound on its officer-days."""

    slots: tuple[Slot, ...]
    left: tuple[int, ...]
    bound: int

    @property
    def officer_days(self) -> int:
        return sum(len(slot.officers) for slot in self.slots)


def nobody(_: Progress) -> bool:
    """Nobody listens; go on."""
    return True


def plan_town(work: TownWork, seconds: float, seed: int, told: Told = nobody) -> Found:
    """The best calendar of a town within about so many seconds of one core.

    Parameters
    ----------
    seconds
        Counted in work, so that the calendar is the same on every machine; a much slower one stops by its clock.
    told
        Called several times a second.
    """
    if not work.visits:
        return Found((), (), 0)
    town = as_town(work)
    bound = _bound(work)
    run = _Run(town, work.town, bound, seconds, seed, told)
    left = run.fill()
    if not run.stopped:
        run.fewer()
    if not run.stopped:
        run.shorter()
    return Found(slots_of(run.best, town), left, bound if not left else _bound(work, without=left))


def as_town(work: TownWork) -> Town:
    """The question as the search reads it."""
    kinds = sorted(frozenset().union(*(visit.needs for visit in work.visits)))
    words = max(-(-len(kinds) // 64), 1)
    whole = np.ceil(np.where(np.isfinite(work.travel), work.travel, UNLIMITED >> 8) - 1e-9).astype(np.int32)
    row_of = {day: at for at, day in enumerate(work.days)}
    n = len(work.visits)
    apart = whole[:n, :n] + np.where(np.eye(n, dtype=bool), UNLIMITED, 0)
    return Town(
        minutes=np.array([visit.minutes for visit in work.visits], np.int32),
        opens=np.array([place.opens for place in work.premises], np.int32),
        closes=np.array([place.closes for place in work.premises], np.int32),
        first=np.array([row_of[visit.first] for visit in work.visits], np.int32),
        last=np.array([row_of[visit.last] for visit in work.visits], np.int32),
        needs=_as_bits([visit.needs for visit in work.visits], kinds, words),
        barred=np.array([[v.premises in who.conflicts for who in work.inspectors] for v in work.visits], np.bool_),
        holds=_as_bits([who.certificates for who in work.inspectors], kinds, words),
        free=work.free,
        travel=whole,
        near=np.argsort(apart, axis=1, kind="stable")[:, : min(NEAR, n - 1)].astype(np.int32),
        starts=np.zeros(len(work.days), np.int32),
        home=np.full(n, NOWHERE, np.int32),
        fixed=np.zeros(n, np.bool_),
        longest=LONGEST_MIN,
        crews_a_day=work.crews_a_day,
        move_price=0,
    )


def slots_of(state: State, town: Town) -> tuple[Slot, ...]:
    """Every crew's day of a calendar, by day."""
    return tuple(
        Slot(
            int(slot) // town.crews_a_day,
            tuple(int(who) for who in state.crew[slot, : state.size[slot]]),
            tuple(int(visit) for visit in state.route[slot, : state.length[slot]]),
        )
        for slot in np.flatnonzero(state.length > 0)
    )


class _Run:
    """One search under way."""

    def __init__(self, town: Town, name: str, bound: int, seconds: float, seed: int, told: Told) -> None:
        self.town, self.name, self.bound, self.told = town, name, bound, told
        visits = len(town.minutes)
        self.rounds = int(max(min(seconds * ROUNDS_A_SECOND / visits, ROUNDS_A_VISIT * visits), 1))
        self.state = empty(town, seed)
        self.best = copied(self.state)
        self.score = np.array([visits, 0, 0, UNLIMITED], np.int64)
        self.done, self.stopped = 0, False
        self.until = math.inf
        self.seconds = seconds

    def fill(self) -> tuple[int, ...]:
        """Everything in, with as many officers as there are; what found no room, and then leave that be."""
        self._go(1, 0, search.HOT_MIN)
        self.until = thread_time() + GUARD * self.seconds + 1.0  # not before: the first round may be compiled first
        while self.score[0] and self.done < self.rounds // 2 and not self.stopped:
            self._go(CHUNK, 0, search.HOT_MIN)
        put_back(self.state, self.best)
        left = np.flatnonzero(self.best.slot_of == NOWHERE)
        self.town.first[left], self.town.last[left] = 1, 0  # no day at all: the search passes them over
        self.score[0] = 0  # of the others none may be missing from now on
        self.score[3] = self.score[1] - 1
        return tuple(int(visit) for visit in left)

    def fewer(self) -> None:
        """Fewer officer-days, as long as the bound lets hope."""
        end = int(self.rounds * SHARE_FEWER)
        while self.done < end and self.score[1] > self.bound and not self.stopped:
            self._go(min(CHUNK, end - self.done), self.bound, _cooled(self.done / max(end, 1)))

    def shorter(self) -> None:
        """Shorter ways with no more officer-days."""
        put_back(self.state, self.best)
        self.score[3] = self.score[1]
        begun = self.done
        end = min(self.rounds, begun + int(self.rounds * (1 - SHARE_FEWER)) + 1)
        while self.done < end and not self.stopped:
            share = (self.done - begun) / max(end - begun, 1)
            self._go(min(CHUNK, end - self.done), int(self.score[1]), _cooled(share) / 2)

    def _go(self, rounds: int, goal: int, warmth: float) -> None:
        search.improve(self.town, self.state, self.best, self.score, goal, rounds, warmth, warmth)
        self.done += rounds
        waiting, officers = int(self.score[0]), int(self.score[1])
        going = self.told(Progress(self.name, min(self.done / self.rounds, 1.0), waiting, officers, self.bound))
        self.stopped = not going or thread_time() > self.until


def _cooled(share: float) -> float:
    return search.HOT_MIN * float((search.COLD_MIN / search.HOT_MIN) ** share)


def _bound(work: TownWork, without: tuple[int, ...] = ()) -> int:
    kept = [at for at in range(len(work.visits)) if at not in set(without)]
    visits = [work.visits[at] for at in kept]
    if not visits:
        return 0
    kinds = sorted(frozenset().union(*(visit.needs for visit in visits)))
    places = [*kept, len(work.visits)]
    travel = work.travel[np.ix_(places, places)].copy()
    first = np.array([visit.first.toordinal() for visit in visits])
    last = np.array([visit.last.toordinal() for visit in visits])
    apart = (last[:, None] < first[None, :]) | (last[None, :] < first[:, None])
    travel[:-1, :-1][apart] = np.inf
    return fewest_officer_days(
        np.array([visit.minutes for visit in visits], np.int32),
        np.array([[kind in visit.needs for kind in kinds] for visit in visits], np.bool_),
        np.array([[kind in who.certificates for kind in kinds] for who in work.inspectors], np.bool_),
        work.free.sum(axis=1),
        travel,
        LONGEST_MIN,
    )


def _as_bits(sets: Sequence[frozenset[str]], kinds: Sequence[str], words: int) -> NDArray[np.uint64]:
    bits = np.zeros((len(sets), words), np.uint64)
    for row, kept in enumerate(sets):
        for at, kind in enumerate(kinds):
            if kind in kept:
                bits[row, at // 64] |= np.uint64(1 << at % 64)
    return bits
