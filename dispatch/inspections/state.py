"""One town's visits, officers and days as arrays, and the calendar that the search changes in place.

A *slot* is a place for a crew on a day: slot ``day * town.crews_a_day + j``. An empty slot has no officers, no stops.
Certificates stand as bits of 64-bit words, so a crew covers a visit when no needed bit is missing.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dispatch.records.inspection import LARGEST_CREW

Ints = NDArray[np.int32]
Shorts = NDArray[np.int16]
Words = NDArray[np.uint64]
Bools = NDArray[np.bool_]

NOWHERE = -1
NEAR = 40
MOST_STOPS = 64
DAY = 1440


class Town(NamedTuple):
    """The question, never changed by the search.

    Attributes
    ----------
    minutes, opens, closes
        Shape (visits,): minutes of the visit; minutes after midnight between which it begins and ends.
    first, last
        Shape (visits,): first and last day of the calendar, counted from 0, both included.
    needs
        Shape (visits, words): certificates as bits.
    barred
        Shape (visits, officers): who must not come.
    holds
        Shape (officers, words): certificates as bits.
    free
        Shape (officers, days): who is there.
    travel
        Shape (visits + 1, visits + 1): whole minutes from row to column; the last one is the base.
    near
        Shape (visits, q): the nearest other visits, nearest first.
    starts
        Shape (days,): minute of the day before which no crew that can still be changed arrives anywhere.
    home
        Shape (visits,): slot of the plan before, or ``NOWHERE``.
    fixed
        Shape (visits,): what stays in its slot, at its minute.
    longest
        Minutes that a crew may be out, travel included.
    crews_a_day
        Slots on a day.
    move_price
        Minutes of driving that are worth it to leave a visit in its home.
    """

    minutes: Ints
    opens: Ints
    closes: Ints
    first: Ints
    last: Ints
    needs: Words
    barred: Bools
    holds: Words
    free: Bools
    travel: Ints
    near: Ints
    starts: Ints
    home: Ints
    fixed: Bools
    longest: int
    crews_a_day: int
    move_price: int


class State(NamedTuple):
    """A calendar under way, with what makes trying an insertion cheap.

    Attributes
    ----------
    crew, size
        Shape (slots, 5) and (slots,): officers of a slot.
    route, length
        Shape (slots, most stops) and (slots,): visits in their order.
    slot_of
        Shape (visits,): where each is, or ``NOWHERE``.
    busy
        Shape (officers, days).
    wanted
        Shape (slots, words): certificates that the slot's visits need together.
    bars
        Shape (slots, officers): how many visits of the slot bar the officer.
    before, after
        Shape (slots, most stops + 1, 3): the day up to a gap and from it on, as duration, earliest and latest start.
    absent
        Shape (visits,): how often the search found no room for it.
    random
        Shape (1,): state of the generator.
    """

    crew: Shorts
    size: Shorts
    route: Shorts
    length: Shorts
    slot_of: Ints
    busy: Bools
    wanted: Words
    bars: Shorts
    before: Ints
    after: Ints
    absent: NDArray[np.int64]
    random: Words


def empty(town: Town, seed: int) -> State:
    """A calendar with nothing in it."""
    visits, (officers, days), words = len(town.minutes), town.free.shape, town.needs.shape[1]
    slots, stops = days * town.crews_a_day, min(MOST_STOPS, max(visits, 1))
    stretch = np.zeros((slots, stops + 1, 3), np.int32)
    stretch[:, 0, 2] = DAY
    return State(
        crew=np.full((slots, LARGEST_CREW), NOWHERE, np.int16),
        size=np.zeros(slots, np.int16),
        route=np.full((slots, stops), NOWHERE, np.int16),
        length=np.zeros(slots, np.int16),
        slot_of=np.full(visits, NOWHERE, np.int32),
        busy=np.zeros((officers, days), np.bool_),
        wanted=np.zeros((slots, words), np.uint64),
        bars=np.zeros((slots, officers), np.int16),
        before=stretch,
        after=stretch.copy(),
        absent=np.ones(visits, np.int64),
        random=np.array([seed * 2_654_435_761 + 88_172_645_463_325_252], np.uint64),
    )


def copied(state: State) -> State:
    """The same calendar, apart."""
    return State(**{name: part.copy() for name, part in state._asdict().items()})


def put_back(state: State, kept: State) -> None:
    """Make ``state`` what ``kept`` is; the generator and the counts go on."""
    for name in State._fields[:-2]:
        getattr(state, name)[...] = getattr(kept, name)
