"""An officer who is not there: on leave, ill, lent to somebody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class Absence:
    """Days on which an officer goes out with no crew, from ``first`` through ``last``.

    Attributes
    ----------
    reason
        Why, in somebody's words; empty when nobody needs to know.
    called_off
        It never came to it, or it was written down in error.
    """

    id: str
    officer: str
    first: date
    last: date
    reason: str = ""
    called_off: bool = False
    version: int = 1

    def days(self) -> Iterator[date]:
        """Every day of it, in order.

        >>> [day.day for day in Absence("A1", "o", date(2026, 2, 28), date(2026, 3, 1)).days()]
        [28, 1]
        """
        return (self.first + timedelta(days=ahead) for ahead in range((self.last - self.first).days + 1))

    def overlaps(self, first: date, last: date) -> bool:
        """Whether a day from ``first`` through ``last`` is one of it."""
        return self.first <= last and first <= self.last

    def changed(self, first: date, last: date, reason: str) -> Absence:
        return replace(self, first=first, last=last, reason=reason, version=self.version + 1)

    def without(self) -> Absence:
        return replace(self, called_off=True, version=self.version + 1)
