"""Checks that ask nobody to go, dealt to days at the desk: by video, by data, by papers that were sent in.

The visits come first. A crew checks from the desk in what its day out leaves of eight hours, before it goes or once it
is back; where no crew has the minutes, officers who are in none that day sit down together. Nobody is at two desks on
one day, and who sits together makes everything there one after the other, so that minutes need only be added up.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from dispatch.inspections.crews import Roster, new_crew
from dispatch.inspections.days import LONGEST_MIN
from dispatch.inspections.programme import Programme
from dispatch.inspections.reasons import Why, price
from dispatch.inspections.visits import Window, window
from dispatch.records.inspection import (
    SHARED,
    SMALLEST_CREW,
    Calendar,
    CrewDay,
    DeskDay,
    DueItem,
    Inspector,
    Premises,
    Undone,
)

Spent = Mapping[tuple[str, date], int]
"""Minutes that an officer has been at the desk already, by officer and day."""


@dataclass(frozen=True, slots=True)
class FromDesk:
    """Days at the desk in the order of their dates, and the checks that have none, each with its reason."""

    days: tuple[DeskDay, ...] = ()
    undone: tuple[Undone, ...] = ()


@dataclass(slots=True)
class _Desk:
    """Officers who may sit together on a day, the minutes that they have left, and what they check."""

    officers: tuple[Inspector, ...]
    left: int
    items: list[str] = field(default_factory=list)

    def who_may(self, item: DueItem) -> tuple[Inspector, ...]:
        """Who of them makes the check; all of them once they sit. Empty when that is no lawful crew for it."""
        able = tuple(who for who in self.officers if who.may_make(item.premises, item.id))
        all_of_them = not self.items or len(able) == len(self.officers)
        certified = any(item.certificate in who.certificates for who in able)
        return able if all_of_them and certified and len(able) >= SMALLEST_CREW else ()


def with_desk(programme: Programme, calendar: Calendar) -> Calendar:
    """A finished calendar of visits, told by the clock, with the checks that ask nobody to go."""
    found = from_the_desk(programme, calendar.crews)
    return replace(calendar, desk=found.days, undone=(*calendar.undone, *found.undone))


def from_the_desk(programme: Programme, crews: Sequence[CrewDay], spent: Spent | None = None) -> FromDesk:
    """The programme's remote checks dealt to days at the desk, the most pressing first.

    Parameters
    ----------
    crews
        Who goes out, by the clock; their visits stay as they are.
    spent
        What of these days is over already.
    """
    desks = _Desks(programme, crews, spent or {})
    places = {place.id: place for place in programme.premises}
    due = sorted((item for item in programme.items if item.remote), key=lambda one: (one.latest, one.earliest, one.id))
    undone = tuple(left for item in due if (left := desks.seat(item, places[item.premises])) is not None)
    return FromDesk(desks.days(), undone)


def minutes_out(programme: Programme, crews: Sequence[CrewDay]) -> dict[str, int]:
    """Worked minutes from leaving the base until coming back, by crew's day."""
    places = {place.id: place for place in programme.premises}
    of_town: dict[str, list[CrewDay]] = defaultdict(list)
    for crew in crews:
        of_town[crew.town].append(crew)
    found: dict[str, int] = {}
    for town, some in of_town.items():
        ends = [crew.calls[at].visit.premises for crew in some for at in (0, -1)]
        known = {name: row for row, name in enumerate(dict.fromkeys(ends))}
        ways = programme.minutes(town, [places[name] for name in known])
        for crew in some:
            first, last = (known[crew.calls[at].visit.premises] for at in (0, -1))
            between = _worked(programme, crew.calls[-1].leave) - _worked(programme, crew.calls[0].arrive)
            found[crew.id] = math.ceil(ways[-1, first] + between + ways[last, -1] - 1e-9)
    return found


def _worked(programme: Programme, minute: int) -> int:
    return minute if programme.noon is None else programme.noon.worked(minute)


class _Desks:
    """Every desk of every day, filled check by check; what has no room now has none later."""

    def __init__(self, programme: Programme, crews: Sequence[CrewDay], spent: Spent) -> None:
        self.programme, self.spent = programme, spent
        staff = {who.id: who for who in programme.inspectors}
        out = minutes_out(programme, crews)
        self.desks: dict[tuple[date, str], list[_Desk]] = defaultdict(list)
        self.busy: dict[date, set[str]] = defaultdict(set)
        self.load: Counter[str] = Counter()
        for crew in crews:
            officers = tuple(staff[who] for who in crew.officers if who in staff)
            self.desks[crew.day, crew.town].append(_Desk(officers, self._left(officers, crew.day, out[crew.id])))
            self.busy[crew.day].update(crew.officers)
        self.rosters = {
            town: Roster([who for who in programme.inspectors if who.town in (town, SHARED)], programme.days)
            for town in programme.towns
        }

    def seat(self, item: DueItem, place: Premises) -> Undone | None:
        """Put the check on a day; else why it has none."""
        found = window(item, self.programme.days, self.programme.begins)
        if isinstance(found, Undone):
            return found
        if (nobody := self._nobody(item, place, found)) is not None:
            return nobody
        if item.minutes > LONGEST_MIN:
            return Undone(item.id, Why.TOO_LONG, price(item.minutes - LONGEST_MIN, "minutes"))
        days = self.programme.days[found.first : found.last + 1]
        there = [(day, desk) for day in days for desk in self.desks[day, place.town] if desk.who_may(item)]
        for _, desk in there:
            if item.minutes <= desk.left:
                desk.officers = desk.who_may(item)
                desk.items.append(item.id)
                desk.left -= item.minutes
                return None
        if any(self._sits_down(item, place, day) for day in days):
            return None
        beyond = min((item.minutes - desk.left for _, desk in there), default=0)
        return Undone(item.id, Why.NO_ROOM, price(beyond, "minutes") or price(SMALLEST_CREW, "officer-days"))

    def _nobody(self, item: DueItem, place: Premises, found: Window) -> Undone | None:
        asked = frozenset([item.certificate]), found.first, found.last, place.id, item.id
        roster = self.rosters[place.town]
        why = roster.why_nobody(*asked)
        if why is Why.NO_CERTIFICATE:
            ends = roster.ends(item.certificate, *asked[1:])
            if ends is not None:
                beyond = (self.programme.days[-1] - ends).days
                return Undone(item.id, Why.CERTIFICATE_ENDS, price(beyond, "days"))
        return None if why is None else Undone(item.id, why, price(1, "officers"))

    def _sits_down(self, item: DueItem, place: Premises, day: date) -> bool:
        """Whether officers who are in no crew that day sit down for the check."""
        everybody = self.rosters[place.town].everybody
        free = [who for who in everybody if day not in who.away and who.id not in self.busy[day]]
        free = [who for who in free if who.may_make(item.premises, item.id)]
        free = [who for who in free if self._left([who], day) >= item.minutes]
        officers = new_crew(free, frozenset([item.certificate]), self.load)
        if not officers:
            return False
        left = self._left(officers, day) - item.minutes
        self.desks[day, place.town].append(_Desk(officers, left, [item.id]))
        self.busy[day].update(who.id for who in officers)
        self.load.update(who.id for who in officers)
        return True

    def _left(self, officers: Sequence[Inspector], day: date, out: int = 0) -> int:
        return LONGEST_MIN - out - max((self.spent.get((who.id, day), 0) for who in officers), default=0)

    def days(self) -> tuple[DeskDay, ...]:
        return tuple(sorted(self._days(), key=lambda one: (one.day, one.town, one.officers)))

    def _days(self) -> Iterator[DeskDay]:
        for (day, town), desks in self.desks.items():
            for desk in desks:
                if desk.items:
                    yield DeskDay(day, town, tuple(who.id for who in desk.officers), tuple(sorted(desk.items)))
