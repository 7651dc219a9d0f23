"""A calendar under way and something that went otherwise: what was begun and locked stays, little else moves.

A crew that lost an officer gets another one where it can, and is not touched further. A visit without a place goes
where it costs the fewest minutes on the day of a crew that may make it; where there is none, one other visit moves to
make room; where that does not help either, a new crew goes out. Nothing else is asked again, so the difference is short
and can be read before it is taken.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import combinations

import numpy as np

from dispatch.inspections.days import LONGEST_MIN, Slot, TownWork
from dispatch.inspections.hours import Hours, overtime, timed
from dispatch.inspections.planning import Programme, crew_days
from dispatch.inspections.reasons import Why
from dispatch.inspections.specialists import days_in_towns
from dispatch.records.inspection import LARGEST_CREW, SMALLEST_CREW, Calendar, Call, CrewDay, Undone, Visit

SHIFT_MIN = 60
"""Minutes of driving that are worth it not to tell one more shop another hour."""
LIKELIEST = 40
"""Exchanges of two visits that are looked at to the end, those first that lengthen the first crew's day least."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How things stand when the calendar is looked at again.

    Attributes
    ----------
    today, minute
        Now; nothing new begins before it.
    begun
        Visits finished or under way; they and their crews stay whatever happens.
    locked
        Visits that keep their crew, day and hour unless the crew itself breaks.
    again
        Visits that were stood up, as at a closed shop, and the first day on which to try again.
    """

    today: date
    minute: int = 0
    begun: frozenset[str] = frozenset()
    locked: frozenset[str] = frozenset()
    again: Mapping[str, date] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Move:
    """One visit that is elsewhere than before; ``None`` where it had, or has, no place."""

    visit: str
    before: tuple[date, int, tuple[str, ...]] | None
    after: tuple[date, int, tuple[str, ...]] | None


@dataclass(frozen=True, slots=True)
class Change:
    """The calendar as it would be, and the difference to show before it is taken."""

    calendar: Calendar
    moves: tuple[Move, ...]


def replan(programme: Programme, calendar: Calendar, standing: Standing) -> Change:
    """The calendar with as little changed as the day asks.

    Parameters
    ----------
    programme
        As things are now: an officer who fell ill is away, a shop has its new hours.
    calendar
        As it was adopted; its crews of days gone by are kept as they are.
    """
    presence = days_in_towns(
        programme.inspectors, programme.items, {p.id: p for p in programme.premises}, programme.days
    )
    crews: list[CrewDay] = []
    undone = list(calendar.undone)
    for town in programme.towns:
        kept = [crew for crew in calendar.crews if crew.town == town]
        planned, left = _Town(programme, town, kept, presence, standing).planned()
        crews += planned
        undone += left
    changed = replace(calendar, crews=tuple(crews), undone=tuple(undone))
    return Change(changed, tuple(_moves(calendar, changed)))


def _moves(before: Calendar, after: Calendar) -> Iterator[Move]:
    was, now = _where(before), _where(after)
    for visit in sorted(was.keys() | now.keys()):
        if was.get(visit) != now.get(visit):
            yield Move(visit, was.get(visit), now.get(visit))


def _where(calendar: Calendar) -> dict[str, tuple[date, int, tuple[str, ...]]]:
    return {call.visit.id: (crew.day, call.arrive, crew.officers) for crew in calendar.crews for call in crew.calls}


class _Town:
    """One town while it is put in order."""

    def __init__(
        self,
        programme: Programme,
        town: str,
        crews: Sequence[CrewDay],
        presence: Mapping[str, Sequence[str]],
        standing: Standing,
    ) -> None:
        self.standing, self.town = standing, town
        self.past = [self._only_begun(crew) for crew in crews if crew.day < standing.today]
        self.calls = {call.visit.id: (crew, call) for crew in crews for call in crew.calls}
        gone = {call.visit.id for crew in self.past for call in crew.calls}
        visits = tuple(call.visit for name, (_, call) in sorted(self.calls.items()) if name not in gone)
        self.work = _work(programme, town, visits, presence, standing, self.calls)
        self.row = {visit.id: row for row, visit in enumerate(visits)}
        self.told = {
            (row, self.work.days.index(self.calls[visit.id][0].day)): self.calls[visit.id][1].arrive
            for row, visit in enumerate(visits)
            if visit.id not in standing.again
        }
        self.slots: list[Slot] = []
        self.names: list[str] = []
        self.waiting: list[int] = []
        self.known = {who.id: row for row, who in enumerate(self.work.inspectors)}
        coming = [crew for crew in crews if crew.day >= standing.today]
        self.going: dict[int, set[int]] = {day: set() for day in range(len(self.work.days))}
        for crew in coming:
            self.going[self.work.days.index(crew.day)] |= set(self._there(crew))
        for crew in coming:
            self._mend(crew)
        placed = {visit for slot in self.slots for visit in slot.route}
        self.waiting = sorted(set(self.row.values()) - placed, key=lambda row: (visits[row].last, row))

    def _only_begun(self, crew: CrewDay) -> CrewDay:
        return replace(crew, calls=tuple(call for call in crew.calls if call.visit.id in self.standing.begun))

    def planned(self) -> tuple[list[CrewDay], list[Undone]]:
        """The town's crews, and the items for which there is no place any more."""
        left = [visit for visit in self.waiting if not self._place(visit)]
        undone = [
            Undone(item, Why.NO_ROOM, overtime(self.work, self.slots, visit))
            for visit in left
            for item in self.work.visits[visit].items
        ]
        kept = [crew for crew in self.past if crew.calls]
        names = {slot: name for slot, name in zip(self.slots, self.names, strict=True) if name}
        return [*kept, *crew_days(self.work, self.slots, names, lambda slot: self._hours(slot.day, slot.route))], undone

    def _not_before(self, day: int) -> int:
        return self.standing.minute if self.work.days[day] == self.standing.today else 0

    def _hours(self, day: int, route: Sequence[int]) -> Hours | None:
        """The day by the clock, every shop at the hour it was told where that holds; None when it is too long."""
        told = {visit: self.told[visit, day] for visit in route if (visit, day) in self.told}
        for hours in (
            timed(self.work, route, self._not_before(day), told),
            timed(self.work, route, self._not_before(day)),
        ):
            if hours is not None and hours.out <= LONGEST_MIN:
                return hours
        return None

    def _fixed(self, visit: int) -> bool:
        name = self.work.visits[visit].id
        return name in self.standing.begun or name in self.standing.locked

    def _mend(self, crew: CrewDay) -> None:
        """Take a crew's day over as it is, with another officer for one who is away; what no longer fits waits."""
        day = self.work.days.index(crew.day)
        route = tuple(self.row[call.visit.id] for call in crew.calls if call.visit.id not in self.standing.again)
        there = self._there(crew)
        self.going[day] -= {self.known[who] for who in crew.officers if who in self.known}
        if len(there) == len(crew.officers):
            officers: tuple[int, ...] | None = there
        else:
            officers, route = self._with_others(day, there, route)
        if officers is not None and (kept := self._in_time(day, route)):
            self._goes(Slot(day, officers, kept), crew.id)

    def _there(self, crew: CrewDay) -> tuple[int, ...]:
        """The crew's officers that are there; all of them when it has begun."""
        day = self.work.days.index(crew.day)
        begun = any(call.visit.id in self.standing.begun for call in crew.calls)
        rows = (self.known[who] for who in crew.officers if who in self.known)
        return tuple(row for row in rows if begun or self.work.free[row, day])

    def _with_others(
        self, day: int, there: tuple[int, ...], route: tuple[int, ...]
    ) -> tuple[tuple[int, ...] | None, tuple[int, ...]]:
        """Those who are there with as few others as cover the route; else those who cover most of it, and that much."""
        whole = self._completed(day, there, route)
        if whole is not None:
            return whole, route
        crews = [there, *((*there, other) for other in self._free(day, ()))]
        crews = [crew for crew in crews if len(crew) >= SMALLEST_CREW]
        if not crews:
            return None, ()
        kept = [tuple(visit for visit in route if self._may(Slot(day, crew, ()), visit)) for crew in crews]
        best = max(range(len(crews)), key=lambda at: (len(kept[at]), -len(crews[at])))
        return crews[best], kept[best]

    def _in_time(self, day: int, route: Sequence[int]) -> tuple[int, ...]:
        """The visits that can still be made in this order, whatever the clock says now."""
        kept: tuple[int, ...] = ()
        for visit in route:
            if self._hours(day, (*kept, visit)) is not None:
                kept = (*kept, visit)
        return kept

    def _goes(self, slot: Slot, name: str = "") -> None:
        self.slots.append(slot)
        self.names.append(name)
        self.going[slot.day] |= set(slot.officers)

    def _completed(self, day: int, there: tuple[int, ...], route: Sequence[int]) -> tuple[int, ...] | None:
        """The officers that are there and as few others as make them a lawful crew for the route."""
        free = self._free(day, route)
        for more in range(max(SMALLEST_CREW - len(there), 0), LARGEST_CREW - len(there) + 1):
            for others in combinations(free, more):
                if self._covers((*there, *others), route):
                    return (*there, *others)
        return None

    def _free(self, day: int, route: Sequence[int]) -> list[int]:
        places = {self.work.visits[visit].premises for visit in route}
        return [
            who
            for who in np.flatnonzero(self.work.free[:, day]).tolist()
            if who not in self.going[day] and not places & self.work.inspectors[who].conflicts
        ]

    def _covers(self, officers: Sequence[int], route: Sequence[int]) -> bool:
        held = frozenset().union(*(self.work.inspectors[who].certificates for who in officers))
        return all(self.work.visits[visit].needs <= held for visit in route)

    def _may(self, slot: Slot, visit: int) -> bool:
        wanted = self.work.visits[visit]
        inside = wanted.first <= self.work.days[slot.day] <= wanted.last
        barred = any(wanted.premises in self.work.inspectors[who].conflicts for who in slot.officers)
        return inside and not barred and self._covers(slot.officers, [visit])

    def _place(self, visit: int) -> bool:
        """Into the cheapest gap, or by moving one other visit, or with a new crew."""
        best = self._best_gap(visit)
        if best is not None:
            _, at, slot = best
            self.slots[at] = slot
            return True
        return self._after_moving_one(visit) or self._with_a_new_crew(visit)

    def _best_gap(self, visit: int, but: int = -1) -> tuple[int, int, Slot] | None:
        """What it costs at least, with which crew, and that crew's day then."""
        found = [
            (cost, at, longer)
            for at, slot in enumerate(self.slots)
            if at != but and self._may(slot, visit)
            for longer, cost in self._longer(slot, visit)
        ]
        return min(found, key=lambda one: one[:2], default=None)

    def _longer(self, slot: Slot, visit: int) -> Iterator[tuple[Slot, int]]:
        """The day with the visit in each gap that holds; the minutes it takes, and some for each hour it shifts."""
        before = self._hours(slot.day, slot.route)
        told = dict(zip(slot.route, before.begins, strict=True)) if before is not None else {}
        for gap in range(len(slot.route) + 1):
            route = (*slot.route[:gap], visit, *slot.route[gap:])
            hours = self._hours(slot.day, route)
            if hours is not None:
                begins = dict(zip(route, hours.begins, strict=True))
                shifted = sum(begins[one] != hour for one, hour in told.items())
                yield (
                    replace(slot, route=route),
                    hours.out - (before.out if before is not None else 0) + SHIFT_MIN * shifted,
                )

    def _after_moving_one(self, visit: int) -> bool:
        """Somebody else's visit moves to another crew so that this one fits: the cheapest exchange of the likeliest."""
        exchanges = []
        for at, slot in enumerate(self.slots):
            if not self._may(slot, visit):
                continue
            for other in slot.route:
                room = replace(slot, route=tuple(one for one in slot.route if one != other))
                fitting = min(self._longer(room, visit), key=lambda one: one[1], default=None)
                if fitting is not None and not self._fixed(other):
                    exchanges.append((fitting[1], at, other, fitting[0]))
        found = []
        for cost, at, other, longer in sorted(exchanges, key=lambda one: one[:3])[:LIKELIEST]:
            elsewhere = self._best_gap(other, but=at)
            if elsewhere is not None:
                found.append((cost + elsewhere[0], at, longer, elsewhere))
        if not found:
            return False
        _, at, longer, (_, there, slot) = min(found, key=lambda one: one[:2])
        self.slots[at], self.slots[there] = longer, slot
        return True

    def _with_a_new_crew(self, visit: int) -> bool:
        wanted = self.work.visits[visit]
        for day, date_ in enumerate(self.work.days):
            if date_ < self.standing.today or not wanted.first <= date_ <= wanted.last:
                continue
            officers = self._completed(day, (), [visit])
            if officers is not None and self._hours(day, [visit]) is not None:
                self._goes(Slot(day, officers, (visit,)))
                return True
        return False


def _work(
    programme: Programme,
    town: str,
    visits: tuple[Visit, ...],
    presence: Mapping[str, Sequence[str]],
    standing: Standing,
    calls: Mapping[str, tuple[CrewDay, Call]],
) -> TownWork:
    """The town's visits that are still to come, those with a fixed hour open just then."""
    places = {place.id: place for place in programme.premises}
    sites = [places[visit.premises] for visit in visits]
    base = programme.base(town)
    ways = programme.ways.minutes([*(p.lon for p in sites), base[0]], [*(p.lat for p in sites), base[1]])
    stay = standing.begun | standing.locked
    sites = [
        replace(place, opens=calls[visit.id][1].arrive, closes=calls[visit.id][1].leave) if visit.id in stay else place
        for visit, place in zip(visits, sites, strict=True)
    ]
    inspectors = tuple(who for who in programme.inspectors if town in presence[who.id])
    free = [[here == town for here in presence[who.id]] for who in inspectors]
    return TownWork(
        town,
        tuple(_from(visit, standing.again) for visit in visits),
        tuple(sites),
        inspectors,
        programme.days,
        np.array(free, np.bool_).reshape(len(inspectors), len(programme.days)),
        ways,
    )


def _from(visit: Visit, again: Mapping[str, date]) -> Visit:
    return replace(visit, first=max(visit.first, again[visit.id])) if visit.id in again else visit
