"""Certificates to come: ``training.csv`` beside a plan, which it may lack.

Each row says how many officers of a desk hold one more certificate from a day on, and how many days before it they are
away to learn.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from dispatch.rulebook.lists import ListRow

TRAINING_COLUMNS = ("desk", "officers", "certificate", "held_from", "away_days")
MOST_OFFICERS_TRAINED, MOST_AWAY_DAYS = 100_000, 366
LONG_AGO = date(2000, 1, 1)
"""Held from any earlier day is held from here: the days of learning still have a date."""


@dataclass(frozen=True, slots=True)
class Training:
    """So many officers of a desk gain a certificate."""

    desk: str
    officers: int
    certificate: str
    held_from: date
    away_days: int
    row: int

    @property
    def away(self) -> tuple[date, date]:
        """The days on which they learn, the last one excluded."""
        return self.held_from - timedelta(days=self.away_days), self.held_from


def training_of(row: ListRow) -> Training:
    """One row of ``training.csv``; what is wrong with it is kept in its list."""
    return Training(
        desk=row.text("desk", expected="a desk of desks.csv"),
        officers=row.whole("officers", 1, MOST_OFFICERS_TRAINED),
        certificate=row.text("certificate", expected="a field of the place"),
        held_from=max(row.day("held_from"), LONG_AGO),
        away_days=row.whole("away_days", 0, MOST_AWAY_DAYS),
        row=row.number,
    )
