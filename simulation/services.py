"""The diary read once: every service with its times, and what became of every incident."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from simulation.diary import NOBODY, Diary, Event

Floats = NDArray[np.float64]
Whole = NDArray[np.int32]
Columns = tuple[NDArray[Any], ...]

TOLD, FOUND, PASSED_ON, WAITS, LOST, SENT, ARRIVED, WORKED, BACK, CLOSED = (int(event) for event in list(Event)[1:])


@dataclass(frozen=True)
class Services:
    """One row for each time officers were sent, in order, shape (services,) each. Seconds; NaN for what never came.

    Attributes
    ----------
    incident, desk, first, second
        ``second`` is -1 where one officer went alone.
    asked_s, sent_s, arrived_s, worked_s, free_s
        When the step could begin, when officers were sent, when they were on the spot (NaN for work at the desk), when
        the work was done, and when they were at their desk again.
    """

    incident: Whole
    desk: Whole
    first: Whole
    second: Whole
    asked_s: Floats
    sent_s: Floats
    arrived_s: Floats
    worked_s: Floats
    free_s: Floats

    @property
    def wait_s(self) -> Floats:
        return self.sent_s - self.asked_s

    @property
    def officers(self) -> Whole:
        """How many went."""
        return np.where(self.second == NOBODY, 1, 2).astype(np.int32)

    def busy_s(self, begin_s: float, end_s: float) -> Floats:
        """Officer-seconds each service took between two instants; what is not over yet lasts at least until then."""
        free = np.where(np.isnan(self.free_s), np.inf, self.free_s)
        both = np.clip(free, begin_s, end_s) - np.clip(self.sent_s, begin_s, end_s)
        return np.asarray(both * self.officers)


@dataclass(frozen=True)
class Fates:
    """One row for each incident, shape (n,) each. Seconds; NaN for what never came.

    Attributes
    ----------
    known_s
        When it was told or found.
    arrived_s
        When officers were on the spot for the first time.
    closed_s
        When its last step was done.
    passed_on, lost, found, waited
        Whether nobody here may act on it; whether nobody could and it went away; whether a patrol saw it first;
        whether it stood in line before its first step.
    """

    known_s: Floats
    arrived_s: Floats
    closed_s: Floats
    passed_on: NDArray[np.bool_]
    lost: NDArray[np.bool_]
    found: NDArray[np.bool_]
    waited: NDArray[np.bool_]


def read(diary: Diary, incidents: int, officers: int) -> tuple[Services, Fates]:
    """Both tables of one diary."""
    rows = int(np.count_nonzero(diary.event == Event.SENT))
    whole: Columns = tuple(np.full(rows, NOBODY, np.int32) for _ in range(4))
    times: Columns = tuple(np.full(rows, np.nan) for _ in range(5))
    known, arrived, closed = (np.full(incidents, np.nan) for _ in range(3))
    marks = tuple(np.zeros(incidents, np.bool_) for _ in range(4))
    n = _read(
        diary.t, diary.event, diary.incident, diary.desk, diary.officer, officers, whole, times,
        (known, arrived, closed), marks,
    )  # fmt: skip
    columns = [column[:n] for column in (*whole, *times)]
    return Services(*columns), Fates(known, arrived, closed, *marks)


@njit(nogil=True, cache=True)
def _read(
    t: Floats,
    event: NDArray[np.int8],
    incident: Whole,
    desk: Whole,
    officer: Whole,
    officers: int,
    whole: Columns,
    times: Columns,
    fates: Columns,
    marks: Columns,
) -> int:
    which, where, first, second = whole
    asked_s, sent_s, arrived_s, worked_s, free_s = times
    known, reached, closed = fates
    passed_on, lost, found, waited = marks
    since = np.full(len(known), np.nan)  # when it began to stand in line
    present = np.full(len(known), -1)  # the service it has now
    of_officer = np.full(officers, -1)
    begun = np.zeros(len(known), np.bool_)
    n = 0
    for line in range(len(t)):
        i, now, what = incident[line], t[line], event[line]
        if what in (TOLD, FOUND):
            known[i] = now
            found[i] = what == FOUND
        elif what == PASSED_ON:
            passed_on[i] = True
        elif what == LOST:
            lost[i] = True
        elif what == WAITS:
            since[i] = now
            waited[i] = waited[i] or not begun[i]
        elif what == SENT:
            if present[i] >= 0:
                second[present[i]] = officer[line]
                continue
            begun[i] = True
            which[n], where[n], first[n] = i, desk[line], officer[line]
            asked_s[n] = now if np.isnan(since[i]) else since[i]
            sent_s[n] = now
            since[i] = np.nan
            present[i] = n
            of_officer[officer[line]] = n
            n += 1
        elif what == ARRIVED:
            arrived_s[present[i]] = now
            if np.isnan(reached[i]):
                reached[i] = now
        elif what == WORKED:
            row = present[i]
            worked_s[row] = now
            if np.isnan(arrived_s[row]):
                free_s[row] = now
            present[i] = -1
        elif what == BACK:
            free_s[of_officer[officer[line]]] = now
        elif what == CLOSED:
            closed[i] = now
    return n
