"""What happened in the simulated city, in order; every figure is counted from here."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Whole = NDArray[np.int32]

NOBODY = -1
LINE = (np.float64, np.int8, np.int32, np.int32, np.int32)


class Event(IntEnum):
    """One line of the diary. ``SENT`` stands once for each officer; of a pair the first speaks for both otherwise."""

    ON_DUTY = 0
    """An officer begins a shift at a desk."""
    TOLD = 1
    """A citizen has reported it."""
    FOUND = 2
    """A patrol has seen it before anybody reported it."""
    PASSED_ON = 3
    """No desk may act on it here: it is for another body, and closed."""
    WAITS = 4
    """Whoever may act is busy, off duty or not certified: it stands in line."""
    LOST = 5
    """The same where nothing stands in line."""
    SENT = 6
    ARRIVED = 7
    WORKED = 8
    """The step is done."""
    BACK = 9
    """Its officers are back at their desk; after a step without a way there is no such line."""
    CLOSED = 10


@dataclass(frozen=True)
class Diary:
    """Lines in the order in which they happened, shape (lines,) each.

    Attributes
    ----------
    t
        Seconds from the start.
    event
        An `Event`.
    incident, desk, officer
        Rows of the work and of the force; -1 where the line is about none.
    until_s
        Where the story ends; what is open then stays open.
    """

    t: Floats
    event: NDArray[np.int8]
    incident: Whole
    desk: Whole
    officer: Whole
    until_s: float

    @classmethod
    def of(cls, written: list[float], until_s: float) -> Diary:
        """A diary from its lines one behind the other: t, event, incident, desk, officer."""
        t, event, incident, desk, officer = (
            np.array(written[place :: len(LINE)], dtype) for place, dtype in enumerate(LINE)
        )
        return cls(t, event, incident, desk, officer, until_s)

    def __len__(self) -> int:
        return len(self.t)

    def same_as(self, other: Diary) -> bool:
        """Whether both say the same, line by line and to the last bit."""
        mine, theirs = self._columns(), other._columns()
        return all(np.array_equal(a, b) for a, b in zip(mine, theirs, strict=True))

    def frame(self) -> pd.DataFrame:
        """``t, sequence, incident, event, desk, officer``, the event by its name."""
        names = np.array([event.name.lower() for event in Event], dtype=object)
        return pd.DataFrame(
            {
                "t": self.t,
                "sequence": np.arange(len(self.t)),
                "incident": self.incident,
                "event": names[self.event],
                "desk": self.desk,
                "officer": self.officer,
            }
        )

    def _columns(self) -> tuple[NDArray[np.generic], ...]:
        return self.t, self.event, self.incident, self.desk, self.officer
