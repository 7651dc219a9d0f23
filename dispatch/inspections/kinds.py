"""What kinds of crews there are and which visits each may make on which day: the questions that the bound asks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dispatch.records.inspection import LARGEST_CREW, SMALLEST_CREW

Bools = NDArray[np.bool_]
Ints = NDArray[np.int32]

MOST_KINDS = 6


@dataclass(frozen=True, slots=True)
class Question:
    """What one kind of crew can make on one day."""

    officers: int
    visits: NDArray[np.int64]


def questions_of(needs: Bools, first: Ints, last: Ints, holds: Bools) -> Iterator[Question]:
    """Kinds of crews by days, without those that another answers as well with no more officers.

    Parameters
    ----------
    needs
        Shape (visits, certificates).
    first, last
        Shape (visits,): days counted from any.
    holds
        Shape (officers, certificates).
    """
    days = {day: (first <= day) & (day <= last) for day in sorted({*first.tolist()})}
    kept: list[tuple[int, Bools]] = []
    for officers, able in _kinds(needs, holds):
        for there in days.values():
            visits = able & there
            if visits.any() and not any(not (visits & ~other).any() for _, other in kept):
                kept = [(size, other) for size, other in kept if size < officers or (other & ~visits).any()] + [
                    (officers, visits)
                ]
    for officers, visits in kept:
        yield Question(officers, np.flatnonzero(visits))


def _kinds(needs: Bools, holds: Bools) -> Iterator[tuple[int, Bools]]:
    """Crews by officers, fewest first, and the visits that they may make; where there are too many, two become one
    that may make the visits of both."""
    asked = np.flatnonzero(needs.any(axis=0))
    held = {sum(1 << int(bit) for bit in np.flatnonzero(row)) for row in holds[:, asked]}
    wants = [sum(1 << int(bit) for bit in np.flatnonzero(row)) for row in needs[:, asked]]
    reach, before = held, np.zeros((0, len(wants)), np.bool_)
    for officers in range(2, LARGEST_CREW + 1):
        reach = _greatest({one | other for one in reach for other in held})
        if officers < SMALLEST_CREW:
            continue
        able = np.array([[not want & ~one for want in wants] for one in reach], np.bool_).reshape(-1, len(wants))
        able = able[[not any(not (row & ~old).any() for old in before) for row in able]]
        while len(able) > MOST_KINDS:
            more = (able[:, None] & ~able[None]).sum(axis=2) + np.where(np.eye(len(able)), len(wants) + 1, 0)
            into, gone = np.unravel_index(np.argmin(more.T), more.shape)
            able[into] |= able[gone]
            able = np.delete(able, gone, axis=0)
        yield from ((officers, row) for row in able)
        before = np.concatenate([before, able])


def _greatest(sets: set[int]) -> set[int]:
    """Sets, as bits, that no other contains."""
    return {one for one in sets if not any(one != other and not one & ~other for other in sets)}
