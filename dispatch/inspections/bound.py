"""How few officer-days any calendar of a town can have: a linear programme over kinds of crews' days, rounded up.

A kind is which visits a crew may make, how many officers it has and in which ring around the base its farthest visit lies;
crews that cover no more than a smaller one are left out. Every visit must be made by crews that may make it and go so far,
and a crew's day holds no more than its minutes less the way to its ring and back. Each visit brings its own minutes and
what it adds to the way at least. The programme asks less than any real calendar must give, so its optimum, rounded up, is a
proved bound. Dates and opening hours are left out, which only lowers it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import combinations_with_replacement

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import coo_array, vstack

from dispatch.records.inspection import LARGEST_CREW, SMALLEST_CREW

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
RINGS = 8
ROUNDING = 1e-6


def fewest_officer_days(
    minutes: NDArray[np.int32], needs: Bools, holds: Bools, days: NDArray[np.int64], travel: Floats, longest: int
) -> int:
    """A number of officer-days below which no calendar can be.

    Parameters
    ----------
    minutes
        Shape (visits,).
    needs, holds
        Shape (visits, certificates) and (officers, certificates).
    days
        Shape (officers,): on how many days each officer is there.
    travel
        Shape (visits + 1, visits + 1): minutes, not rounded up; the last place is the base; infinite between visits that
        cannot follow each other.
    longest
        Minutes of a crew's day.

    Returns
    -------
    int
        0 without visits.
    """
    if len(minutes) == 0:
        return 0
    ways, spent, away = least_travel(travel, minutes, longest)
    edges = np.unique(np.quantile(away, np.arange(RINGS) / RINGS))
    ring = np.searchsorted(edges, away, side="right") - 1
    sorts, sort_of = np.unique(np.column_stack([ring, needs]), axis=0, return_inverse=True)
    load = np.bincount(sort_of.ravel(), weights=minutes + ways, minlength=len(sorts)).astype(np.float64)
    room = longest - spent - edges
    return math.ceil(_optimum(load, sorts[:, 0], sorts[:, 1:].astype(np.bool_), holds, days, room) - ROUNDING)


def least_travel(travel: Floats, minutes: NDArray[np.int32], longest: int) -> tuple[Floats, float, Floats]:
    """What no day's way can be shorter than: the farthest visit's way out and home, the sum of the visits' own, a constant.

    A way from i to j is at least what it brings nearer to the farthest visit, or back from it. What is left of it is shared
    between its ends: half of the least that is left at each place, up to a length that the base pays for.

    Returns
    -------
    tuple
        Each visit's own minutes, shape (visits,); minutes that a day has besides, at most 0; minutes from the base to each
        visit and back, shape (visits,).
    """
    out, back = travel[-1], travel[:, -1]
    left = travel - np.maximum(out[None, :] - out[:, None], back[:, None] - back[None, :])
    np.fill_diagonal(left, np.inf)
    between = np.minimum(left, left.T)[:-1, :-1]
    half = np.where(np.isfinite(least := between.min(axis=1, initial=np.inf)), np.maximum(least, 0.0) / 2, 0.0)
    crews = minutes.sum() / longest
    limits = np.quantile(half, np.linspace(0, 1, 21))
    limit = max(limits, key=lambda most: float(np.minimum(half, most).sum() - crews * most))
    return 2 * np.minimum(half, limit), -2.0 * float(limit), (out + back)[:-1]


def _optimum(
    load: Floats, ring: NDArray[np.int64], sorts: Bools, holds: Bools, days: NDArray[np.int64], room: Floats
) -> float:
    """The linear programme's optimum in officer-days.

    ``load`` minutes of each sort of visits, ``ring`` and certificates of the sort; ``room`` minutes of a day by ring.
    """
    asked = sorts.any(axis=0)
    classes, class_of = np.unique(holds[:, asked], axis=0, return_inverse=True)
    there = np.bincount(class_of.ravel(), weights=days, minlength=len(classes))
    kinds = list(_kinds(classes, sorts[:, asked], np.bincount(class_of.ravel(), minlength=len(classes))))
    doers = sorted({may for _, may in kinds})
    rings = np.flatnonzero(room > 0)
    row_of = {(may, far): row for row, (may, far) in enumerate((may, far) for may in doers for far in rings)}
    crews = [(members, row_of[may, far]) for members, may in kinds for far in rings]
    visits = [
        (sort, row)
        for (may, far), row in row_of.items()
        for sort in range(len(load))
        if may >> sort & 1 and ring[sort] <= far
    ]
    if set(range(len(load))) - {sort for sort, _ in visits}:
        return 0.0
    fars = np.array([far for _, far in row_of])
    row = np.array([row for _, row in crews] + [row for _, row in visits])
    value = np.concatenate([-room[fars[row[: len(crews)]]], np.ones(len(visits))])
    capacity = coo_array((value, (row, np.arange(len(row)))), shape=(len(row_of), len(row)))
    member = [(who, k) for k, (members, _) in enumerate(crews) for who in members]
    present = coo_array(
        (np.ones(len(member)), ([who for who, _ in member], [k for _, k in member])), shape=(len(classes), len(row))
    )
    made = coo_array(
        (np.ones(len(visits)), ([sort for sort, _ in visits], np.arange(len(crews), len(row)))),
        shape=(len(load), len(row)),
    )
    answer = linprog(
        np.concatenate([[len(members) for members, _ in crews], np.zeros(len(visits))]),
        A_ub=vstack([capacity, present]).tocsr(),
        b_ub=np.concatenate([np.zeros(len(row_of)), there]),
        A_eq=made.tocsr(),
        b_eq=load,
        method="highs-ipm",
    )
    return float(answer.fun) if answer.status == 0 else SMALLEST_CREW * float(load.sum()) / float(room.max())


def _kinds(classes: Bools, sorts: Bools, count: NDArray[np.int64]) -> Iterator[tuple[tuple[int, ...], int]]:
    """Crews as classes of officers, and the sorts of visits that they may make as bits; only where each member counts."""
    holds = [sum(1 << int(c) for c in np.flatnonzero(row)) for row in classes]
    wants = [sum(1 << int(c) for c in np.flatnonzero(row)) for row in sorts]
    made = 0
    for size in range(SMALLEST_CREW, LARGEST_CREW + 1):
        for members in combinations_with_replacement(range(len(classes)), size):
            if any(members.count(member) > count[member] for member in set(members)):
                continue
            may = _may(members, holds, wants)
            if may and (
                size == SMALLEST_CREW or all(_may(rest, holds, wants) != may for rest in _without_one(members))
            ):
                made += 1
                yield members, may


def _may(members: tuple[int, ...], holds: list[int], wants: list[int]) -> int:
    held = 0
    for member in members:
        held |= holds[member]
    return sum(1 << sort for sort, want in enumerate(wants) if not want & ~held)


def _without_one(members: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    for at in range(len(members)):
        yield members[:at] + members[at + 1 :]
