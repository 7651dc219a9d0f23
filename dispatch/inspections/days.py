"""Visits of one town to days and crews: few officer-days first, then little driving, with a proved bound beside it.

A greedy calendar is complete at once where there is room; ruin and recreate (:mod:`dispatch.inspections.search`) then
sends crews home one at a time as long as everything still fits, and last shortens the ways. The work is counted in
rounds, not in seconds, so the same seed gives the same calendar.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date
from time import thread_time

import numpy as np
from numpy.typing import NDArray

from dispatch.inspections import search
from dispatch.inspections.bound import Tour, fewest_officer_days
from dispatch.inspections.state import (
    CREW,
    FIRST,
    LAST,
    LENGTH,
    NEAR,
    NOWHERE,
    ROUTE,
    SIZE,
    SLOT,
    Longs,
    Town,
    as_arrays,
    empty,
    put_back,
)  # fmt: skip
from dispatch.records.inspection import DAY_MIN, SMALLEST_CREW, Inspector, Premises, Visit

Floats = NDArray[np.float64]

LONGEST_MIN = 480
UNLIMITED = 1 << 30
CHUNK = 2_000
ROUND_US, ROUND_US_A_VISIT = 13.0, 0.18
"""Microseconds of one core that a round takes, and that each visit of the town adds; ``seconds`` are counted so."""
ROUNDS_A_VISIT = 40_000
"""More rounds than this times the visits have not been seen to help."""
SHARE_OF_BOUND = 0.15
"""Share of the seconds that goes into the bound."""
SHARE_BEFORE_BOUND = 0.25
"""Share of the rounds before the bound, which learns from the calendar found by then."""
SHARE_FEWER = 0.8
"""Share of the rounds that goes into fewer officer-days; the rest into shorter ways."""
GUARD = 2.0
"""A machine this many times slower than counted on is stopped by its clock."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the search is: what a person who waits wants to see.

    Attributes
    ----------
    share
        Of the work, from 0 to 1.
    waiting
        Visits without a place so far.
    officer_days, bound
        Of the best calendar so far, and below which none can come.
    """

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
    ends
        The minute by which every crew is home.
    """

    town: str
    visits: tuple[Visit, ...]
    premises: tuple[Premises, ...]
    inspectors: tuple[Inspector, ...]
    days: tuple[date, ...]
    free: NDArray[np.bool_]
    travel: Floats
    ends: int = DAY_MIN

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
    run = _Run(town, work.town, lower_bound(work, 0.0, (), ()), seconds, seed, told)
    left = run.fill()
    run.fewer(SHARE_BEFORE_BOUND)
    run.bound = lower_bound(work, 0.0 if run.stopped else SHARE_OF_BOUND * seconds, slots_of(run.best, town), left)
    run.fewer(SHARE_FEWER)
    if not run.stopped:
        run.shorter()
    return Found(slots_of(run.best, town), left, run.bound)


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
        barred=np.array([[who.barred(v) for who in work.inspectors] for v in work.visits], np.bool_),
        holds=_as_bits([who.certificates for who in work.inspectors], kinds, words),
        free=work.free,
        travel=whole,
        near=np.argsort(apart, axis=1, kind="stable")[:, : min(NEAR, n - 1)].astype(np.int32),
        longest=LONGEST_MIN,
        ends=work.ends,
        crews_a_day=work.crews_a_day,
    )


def slots_of(plan: Longs, town: Town) -> tuple[Slot, ...]:
    """Every crew's day of a calendar, by day."""
    return tuple(
        Slot(
            int(slot) // town.crews_a_day,
            tuple(plan[slot, CREW : CREW + plan[slot, SIZE]].tolist()),
            tuple(plan[slot, ROUTE : ROUTE + plan[slot, LENGTH]].tolist()),
        )
        for slot in np.flatnonzero(plan[:, LENGTH] > 0)
    )


class _Run:
    """One search under way."""

    def __init__(self, town: Town, name: str, bound: int, seconds: float, seed: int, told: Told) -> None:
        self.town, self.name, self.bound, self.told = town, name, bound, told
        visits = len(town.minutes)
        rounds = (1 - SHARE_OF_BOUND) * seconds * 1e6 / (ROUND_US + ROUND_US_A_VISIT * visits)
        self.rounds = int(max(min(rounds, ROUNDS_A_VISIT * visits), 1))
        self.arrays, self.state = as_arrays(town), empty(town, seed)
        self.best = self.state.plan.copy()
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
        put_back(self.town, self.state, self.best)
        left = np.flatnonzero(self.state.where[:, SLOT] == NOWHERE)
        self.arrays.visits[left, FIRST], self.arrays.visits[left, LAST] = 1, 0  # no day: the search passes them over
        self.score[0] = 0  # of the others none may be missing from now on
        self.score[3] = self.score[1] - 1
        return tuple(left.tolist())

    def fewer(self, until: float) -> None:
        """Fewer officer-days, until a share of the rounds is done, as long as the bound lets hope."""
        end = int(self.rounds * until)
        while self.done < end and self.score[1] > self.bound and not self.stopped:
            self._go(min(CHUNK, end - self.done), self.bound, _cooled(self.done / max(self.rounds * SHARE_FEWER, 1)))

    def shorter(self) -> None:
        """Shorter ways with no more officer-days."""
        put_back(self.town, self.state, self.best)
        self.score[3] = self.score[1]
        begun = self.done
        end = min(self.rounds, begun + int(self.rounds * (1 - SHARE_FEWER)) + 1)
        while self.done < end and not self.stopped:
            share = (self.done - begun) / max(end - begun, 1)
            self._go(min(CHUNK, end - self.done), int(self.score[1]), _cooled(share) / 2)

    def _go(self, rounds: int, goal: int, warmth: float) -> None:
        search.improve(*self.arrays, *self.state, self.best, self.score, goal, rounds, warmth)
        self.done += rounds
        waiting, officers = int(self.score[0]), int(self.score[1])
        going = self.told(Progress(self.name, min(self.done / self.rounds, 1.0), waiting, officers, self.bound))
        self.stopped = not going or thread_time() > self.until


def _cooled(share: float) -> float:
    return search.HOT_MIN * float((search.COLD_MIN / search.HOT_MIN) ** share)


def lower_bound(work: TownWork, seconds: float, slots: Sequence[Slot], without: Collection[int]) -> int:
    """The bound on the officer-days of all visits but some; ``slots`` are a calendar of them, or nothing."""
    out = set(without)
    kept = [at for at in range(len(work.visits)) if at not in out]
    visits, places = [work.visits[at] for at in kept], [work.premises[at] for at in kept]
    if not visits:
        return 0
    kinds = sorted(frozenset().union(*(visit.needs for visit in visits)))
    rows = [*kept, len(work.visits)]
    tour = Tour(
        minutes=np.array([visit.minutes for visit in visits], np.int32),
        first=np.array([visit.first.toordinal() for visit in visits], np.int32),
        last=np.array([visit.last.toordinal() for visit in visits], np.int32),
        opens=np.array([place.opens for place in places], np.int32),
        closes=np.array([place.closes for place in places], np.int32),
        needs=np.array([[kind in visit.needs for kind in kinds] for visit in visits], np.bool_),
        travel=work.travel[np.ix_(rows, rows)],
    )
    holds = np.array([[kind in who.certificates for kind in kinds] for who in work.inspectors], np.bool_)
    row_of = {visit: row for row, visit in enumerate(kept)}
    known = [(len(slot.officers), [row_of[visit] for visit in slot.route]) for slot in slots]
    return fewest_officer_days(tour, holds.reshape(-1, len(kinds)), LONGEST_MIN, seconds, known)


def _as_bits(sets: Sequence[frozenset[str]], kinds: Sequence[str], words: int) -> NDArray[np.uint64]:
    bits = np.zeros((len(sets), words), np.uint64)
    for row, kept in enumerate(sets):
        for at, kind in enumerate(kinds):
            if kind in kept:
                bits[row, at // 64] |= np.uint64(1 << at % 64)
    return bits
