"""A term: so many of which unit. Whether a day is a working day is the calendar's to say."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Unit(StrEnum):
    """What a term is counted in.

    Working days and calendar days are the Penalty Law's (article 85: 2, 3, 5 and 7 days are working days, 15 and 90 are
    not); working hours and urgent hours are the city clocks', where urgent hours run through the night.
    """

    WORKING_DAYS = "working_days"
    CALENDAR_DAYS = "calendar_days"
    WORKING_HOURS = "working_hours"
    URGENT_HOURS = "urgent_hours"


@dataclass(frozen=True, slots=True)
class Term:
    """``amount`` of ``unit``, above 0."""

    amount: int
    unit: Unit

    def __post_init__(self) -> None:
        if self.amount <= 0:
            raise ValueError(f"A term of {self.amount} {self.unit} cannot run; it must be above 0.")
