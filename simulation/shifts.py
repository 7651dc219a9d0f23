"""Shifts: which one a team works on a day, and which covers or next follows an instant."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import combinations
from math import gcd
from zoneinfo import ZoneInfo

FIRST_MONDAY = date(2024, 1, 1)
LONGEST_WAIT_DAYS = 60


@dataclass(frozen=True, slots=True)
class Shift:
    """Working hours on the wall clock; an end at or before the start is on the next day."""

    start: time
    end: time


SHIFTS = {
    "M": Shift(time(6, 0), time(14, 0)),
    "D": Shift(time(8, 30), time(17, 30)),
    "E": Shift(time(14, 0), time(22, 0)),
    "N": Shift(time(22, 0), time(8, 0)),
}
"""Early, day, evening and night, by the letter that stands for them in a rota. Illustrative hours."""

OFF = "-"

ROTA = rf"(?=.*[{''.join(SHIFTS)}])[{''.join(SHIFTS)}{OFF}]{{1,400}}"
ROTA_FORM = f"letters {', '.join(SHIFTS)} or {OFF}, one a day"


def letter_on(rota: str, day: date) -> str:
    """The letter of the shift that begins on ``day``, or ``-``."""
    return rota[(day - FIRST_MONDAY).days % len(rota)]


@cache
def ever_together(one: str, other: str) -> bool:
    """Whether two rotas ever have people on duty at the same moment.

    Examples
    --------
    >>> ever_together("DDDDD--", "-----DD"), ever_together("D", "N"), ever_together("M-", "-N")
    (False, False, True)
    """
    common = gcd(len(one), len(other))  # days that fall together are those that leave the same remainder

    def on(rota: str, day: int) -> set[str]:
        return set(rota[day % common :: common]) - {OFF}

    return any(
        _meet(SHIFTS[mine], SHIFTS[theirs], later)
        for day in range(common)
        for later in (-1, 0, 1)
        for mine in on(one, day)
        for theirs in on(other, day + later)
    )


def a_pair(officers: Iterable[tuple[str, int]]) -> bool:
    """Whether two of these, so many with each rota, are ever on duty together."""
    there = [(rota, many) for rota, many in officers if many]
    if any(many > 1 for _, many in there):
        return True
    return any(ever_together(one, other) for one, other in combinations([rota for rota, _ in there], 2))


def _meet(one: Shift, other: Shift, later: int) -> bool:
    """Whether a shift and another, so many days later, overlap."""

    def lasts(shift: Shift, on: date) -> tuple[datetime, datetime]:
        until = on if shift.end > shift.start else on + timedelta(days=1)
        return datetime.combine(on, shift.start), datetime.combine(until, shift.end)

    (start, end), (begin, until) = lasts(one, FIRST_MONDAY), lasts(other, FIRST_MONDAY + timedelta(days=later))
    return max(start, begin) < min(end, until)


def hours_of(rota: str, day: date, zone: ZoneInfo) -> tuple[datetime, datetime] | None:
    """From when to when (UTC) the shift that begins on ``day`` lasts, or None on a day off.

    ``rota`` has one letter a day, beginning on Monday 1 January 2024, and repeats.

    Examples
    --------
    >>> hours_of("DDDDD--", date(2024, 1, 6), ZoneInfo("Asia/Shanghai")) is None
    True
    """
    letter = letter_on(rota, day)
    if letter == OFF:
        return None
    shift = SHIFTS[letter]
    until = day if shift.end > shift.start else day + timedelta(days=1)
    begin = datetime.combine(day, shift.start, zone)
    return begin.astimezone(UTC), datetime.combine(until, shift.end, zone).astimezone(UTC)


def shift_at(rota: str, now: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The shift (UTC, end excluded) that covers ``now``, or else the next one after it.

    Raises
    ------
    ValueError
        When the rota has no shift at all.
    """
    today = now.astimezone(zone).date()
    for ahead in range(-1, LONGEST_WAIT_DAYS):
        hours = hours_of(rota, today + timedelta(days=ahead), zone)
        if hours is not None and now < hours[1]:
            return hours
    raise ValueError(f"the rota {rota[:20]!r} has no shift within {LONGEST_WAIT_DAYS} days of {now:%Y-%m-%d}.")
