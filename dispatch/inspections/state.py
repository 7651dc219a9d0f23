"""One town's visits, officers and days as arrays, and the calendar that the search changes in place.

A *slot* is a place for a crew on a day: slot ``day * town.crews_a_day + j``. An empty slot has no officers, no stops.
Certificates stand as bits of 64-bit words, so a crew covers a visit when no needed bit is missing. The compiled search
reads and changes tables of whole numbers with named columns: few arguments of one kind compile several times faster
than many arrays of many kinds.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dispatch.records.inspection import LARGEST_CREW

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Words = NDArray[np.uint64]
Bools = NDArray[np.bool_]

NOWHERE = -1
NEAR = 40
MOST_STOPS = 48

MINUTES, OPENS, CLOSES, FIRST, LAST, NEEDS = range(6)
"""Columns of a visit; from ``NEEDS`` on its certificates as bits, then whom it bars as bits."""
LONGEST, CREWS_A_DAY, WORDS, ENDS = range(4)
"""Places of the rules; ``WORDS`` of certificates."""
SLOT, ABSENT = range(2)
"""Columns of where a visit is: its slot, or ``NOWHERE``, and how often the search found no room for it."""
SIZE, LENGTH, PURE, CREW = range(4)
"""Columns of a slot: officers, stops, minutes without waiting; the crew."""
ROUTE = CREW + LARGEST_CREW
BEFORE = ROUTE + MOST_STOPS
AFTER = BEFORE + 3 * (MOST_STOPS + 1)
WANTED = AFTER + 3 * (MOST_STOPS + 1)
"""Further columns of a slot: its stops; the day up to each gap and from it on, as duration, earliest and latest start;
what its visits need together and whom they bar, as bits."""


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
    longest
        Minutes that a crew may be out, travel included.
    ends
        Minute after midnight by which every crew is home.
    crews_a_day
        Slots on a day.
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
    longest: int
    ends: int
    crews_a_day: int


class Arrays(NamedTuple):
    """The question as the compiled search reads it.

    Attributes
    ----------
    visits
        Shape (visits, 5 + words).
    travel, near
        As in the :class:`Town`.
    rule
        Shape (4,).
    """

    visits: Longs
    travel: Ints
    near: Ints
    rule: Longs


class State(NamedTuple):
    """A calendar under way, with what makes trying an insertion cheap.

    Attributes
    ----------
    who
        Shape (officers, words + days): certificates as bits, then 1 on every day on which the officer is there and in
        no crew.
    plan
        Shape (slots, columns).
    where
        Shape (visits, 2).
    random
        Shape (1,): state of the generator.
    """

    who: Longs
    plan: Longs
    where: Longs
    random: Words


def as_arrays(town: Town) -> Arrays:
    """A town's question in few arrays."""
    columns = [town.minutes, town.opens, town.closes, town.first, town.last]
    return Arrays(
        np.column_stack([*columns, town.needs.view(np.int64), _bits(town.barred)]).astype(np.int64),
        town.travel,
        town.near,
        np.array([town.longest, town.crews_a_day, town.needs.shape[1], town.ends], np.int64),
    )


def empty(town: Town, seed: int) -> State:
    """A calendar with nothing in it."""
    days, words = town.free.shape[1], town.needs.shape[1] + _bits(town.barred).shape[1]
    plan = np.zeros((days * town.crews_a_day, WANTED + words), np.int64)
    plan[:, BEFORE + 2] = plan[:, AFTER + 2] = town.ends
    return State(
        who=np.column_stack([town.holds.view(np.int64), town.free.astype(np.int64)]),
        plan=plan,
        where=np.column_stack([np.full(len(town.minutes), NOWHERE), np.ones(len(town.minutes))]).astype(np.int64),
        random=np.array([seed * 2_654_435_761 + 88_172_645_463_325_252], np.uint64),
    )


def put_back(town: Town, state: State, plan: Longs) -> None:
    """Make the calendar what ``plan`` is; the generator and the counts go on."""
    state.plan[:] = plan
    state.who[:, town.needs.shape[1] :] = town.free
    state.where[:, SLOT] = NOWHERE
    for slot in np.flatnonzero(plan[:, LENGTH]):
        state.where[plan[slot, ROUTE : ROUTE + plan[slot, LENGTH]], SLOT] = slot
        crew = plan[slot, CREW : CREW + plan[slot, SIZE]]
        state.who[crew, town.needs.shape[1] + slot // town.crews_a_day] = 0


def _bits(flags: Bools) -> Longs:
    """Rows of flags as 64-bit words."""
    words = max(-(-flags.shape[1] // 64), 1)
    padded = np.zeros((len(flags), words * 64), np.bool_)
    padded[:, : flags.shape[1]] = flags
    return np.packbits(padded, axis=1, bitorder="little").view("<i8").astype(np.int64).reshape(len(flags), words)
