"""The break at noon: a crew's day is planned by the minutes that are worked, and told by the clock.

Cutting the break out of the clock leaves a day without one, which every part of the planner can plan. A visit that
noon falls into is interrupted for it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import time

from dispatch.records.inspection import DAY_MIN, Calendar, Call, CrewDay, Premises

HALVES = 2


@dataclass(frozen=True, slots=True)
class Noon:
    """From when until when nobody works, in minutes after midnight.

    Raises
    ------
    ValueError
        When it does not begin before it ends, within one day.

    Examples
    --------
    >>> noon = Noon(720, 810)
    >>> [noon.worked(minute) for minute in (600, 720, 750, 810, 840)]
    [600, 720, 720, 720, 750]
    >>> noon.arrives(720), noon.leaves(720), noon.leaves(750)
    (810, 720, 840)
    """

    begins: int
    ends: int

    def __post_init__(self) -> None:
        if not 0 <= self.begins < self.ends <= DAY_MIN:
            told = "-".join(f"{minute // 60:02d}:{minute % 60:02d}" for minute in (self.begins, self.ends))
            raise ValueError(f"the break {told} does not begin before it ends in one day; write it like 12:00-13:30.")

    @property
    def lasts(self) -> int:
        return self.ends - self.begins

    def worked(self, minute: int) -> int:
        """A minute of the clock with the break cut out."""
        return minute if minute <= self.begins else max(self.begins, minute - self.lasts)

    def arrives(self, worked: int) -> int:
        """The minute of the clock at which something begins; nothing begins in the break."""
        return worked if worked < self.begins else worked + self.lasts

    def leaves(self, worked: int) -> int:
        """The minute of the clock at which something is over; nothing ends in the break."""
        return worked if worked <= self.begins else worked + self.lasts

    def at_work(self, places: Iterable[Premises]) -> tuple[Premises, ...]:
        """Premises whose hours are those in which somebody works."""
        return tuple(
            replace(place, opens=self.worked(place.opens), closes=self.worked(place.closes)) for place in places
        )

    def without(self, crew: CrewDay) -> CrewDay:
        """A crew's day by the minutes that are worked."""
        return _timed(crew, self.worked, self.worked)

    def by_the_clock(self, crew: CrewDay) -> CrewDay:
        """A crew's day as it is told, of one by the minutes that are worked."""
        return _timed(crew, self.arrives, self.leaves)


def at_work(noon: Noon | None, calendar: Calendar) -> Calendar:
    """A calendar by the minutes that are worked."""
    return calendar if noon is None else replace(calendar, crews=tuple(map(noon.without, calendar.crews)))


def by_the_clock(noon: Noon | None, calendar: Calendar) -> Calendar:
    """A calendar as it is told."""
    return calendar if noon is None else replace(calendar, crews=tuple(map(noon.by_the_clock, calendar.crews)))


def noon_of(blocks: Iterable[tuple[time, time]]) -> Noon | None:
    """The break between the two halves of a working day; None when it has not two.

    >>> noon_of([(time(8, 30), time(12)), (time(13, 30), time(17, 30))])
    Noon(begins=720, ends=810)
    """
    halves = list(blocks)
    if len(halves) != HALVES:
        return None
    ((_, begins), (ends, _)) = halves
    return Noon(60 * begins.hour + begins.minute, 60 * ends.hour + ends.minute)


def read_noon(text: str) -> Noon:
    """A break from words like ``12:00-13:30``.

    Raises
    ------
    ValueError
        When it is none.
    """
    match = re.fullmatch(r"(\d\d):([0-5]\d)-(\d\d):([0-5]\d)", text.strip(), re.ASCII)
    if match is None:
        raise ValueError(f"{text!r} is no break at noon; write it like 12:00-13:30.")
    hour, minute, until, past = map(int, match.groups())
    return Noon(60 * hour + minute, 60 * until + past)


def _timed(crew: CrewDay, begin: Callable[[int], int], end: Callable[[int], int]) -> CrewDay:
    return replace(crew, calls=tuple(Call(call.visit, begin(call.arrive), end(call.leave)) for call in crew.calls))
