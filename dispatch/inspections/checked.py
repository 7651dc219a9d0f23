"""What the checker of a calendar counts with: its own arithmetic of minutes and crews, none of the planner's code."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import Protocol

from dispatch.inspections.noon import Noon
from dispatch.inspections.ways import Ways
from dispatch.records.inspection import SHARED, Calendar, DueItem, Inspector, Premises
from dispatch.records.reason import Reason

LONGEST_MIN = 480
CREW = range(2, 6)
APART_DAYS = 30


class Asked(Protocol):
    """What a calendar is held against: a :class:`dispatch.inspections.programme.Programme`."""

    @property
    def premises(self) -> tuple[Premises, ...]: ...
    @property
    def items(self) -> tuple[DueItem, ...]: ...
    @property
    def inspectors(self) -> tuple[Inspector, ...]: ...
    @property
    def days(self) -> tuple[date, ...]: ...
    @property
    def begins(self) -> date: ...
    @property
    def ways(self) -> Ways: ...
    @property
    def noon(self) -> Noon | None: ...
    def base(self, town: str) -> tuple[float, float]: ...


@dataclass(frozen=True, slots=True)
class UnderWay:
    """A calendar that is changed while its crews go out: on ``day`` nobody sets out anew before ``minute``.

    Attributes
    ----------
    before
        The calendar as its crews know it.
    """

    day: date
    minute: int
    before: Calendar


def wrong(code: str, **values: str | int | float) -> Reason:
    return Reason(code, False, values)


def worked(asked: Asked, since: int, until: int) -> int:
    """Minutes between two minutes of the clock in which somebody works."""
    if asked.noon is None:
        return until - since
    return until - since - max(0, min(until, asked.noon.ends) - max(since, asked.noon.begins))


def up(minutes: float) -> int:
    """Whole minutes that a way takes; a day and more where no way leads."""
    return math.ceil(minutes - 1e-9) if math.isfinite(minutes) else 2 * 1440


def open_for(asked: Asked, place: Premises, out: float, back: float) -> int:
    """Minutes for which a crew that comes and goes between two midnights finds the premises open."""
    opens, closes, ends = (worked(asked, 0, minute) for minute in (place.opens, place.closes, 1440))
    return min(closes, ends - up(back)) - max(opens, up(out))


def whole(minutes: float) -> int:
    """Minutes as people say them; a day where no way leads."""
    return round(min(minutes, 1440))


def clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def absences(officers: list[Inspector], days: list[date]) -> set[frozenset[str]]:
    """Who is away together on some of these days."""
    away = [who for who in officers if who.away]
    return {frozenset(who.id for who in away if day in who.away) for day in days}


def lawful_crew(officers: list[Inspector], items: list[DueItem], away: frozenset[str]) -> bool:
    """Whether officers who are there could make one crew for these items."""
    needs = {item.certificate for item in items}
    held = [who.certificates & needs for who in officers if who.id not in away]
    useful = {one for one in held if one}
    return len(held) >= CREW.start and any(
        needs <= frozenset().union(*crew) for size in CREW for crew in combinations(useful, min(size, len(useful)))
    )


def who_may(asked: Asked, place: Premises, items: list[DueItem]) -> list[Inspector]:
    """Officers who may come to the premises and make these items, there or away."""
    return [
        who
        for who in asked.inspectors
        if who.town in (place.town, SHARED) and who.may_make(place.id, *(item.id for item in items))
    ]


def one_visit(
    asked: Asked,
    place: Premises,
    items: list[DueItem],
    most_min: float = LONGEST_MIN - 2,
    days: Sequence[date] | None = None,
) -> bool:
    """Whether a lawful crew could check all of them in one visit, on a day that they have in common.

    A crew may be out ``most_min`` for it; two minutes are left to rounding unless said. Of the calendar's days those
    are asked that are given.
    """
    first, last = max(item.earliest for item in items), min(item.latest for item in items)
    days = [day for day in (asked.days if days is None else days) if first <= day <= last]
    if not days:
        return False
    base = asked.base(place.town)
    ways = asked.ways.minutes([base[0], place.lon], [base[1], place.lat])
    minutes = sum(item.minutes for item in items)
    out, back = ways[0, 1], ways[1, 0]
    if minutes > open_for(asked, place, out, back) or minutes + out + back > most_min:
        return False
    anybody = who_may(asked, place, items)
    return any(lawful_crew(anybody, items, away) for away in absences(anybody, days))
