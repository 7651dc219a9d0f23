"""How things stand when a calendar under way is looked at again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Standing:
    """How things stand when the calendar is looked at again.

    Attributes
    ----------
    today, minute
        Now; to nothing new anybody sets out before it.
    locked
        Visits that keep their crew, day and hour unless the crew itself breaks.
    """

    today: date
    minute: int = 0
    locked: frozenset[str] = frozenset()
