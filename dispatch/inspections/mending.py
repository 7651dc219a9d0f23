"""One town put in order: who goes instead of whom, and where a visit without a place costs least."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from dispatch.inspections.crews import new_crew
from dispatch.inspections.days import LONGEST_MIN, Slot, TownWork
from dispatch.inspections.ground import Ground, town_work
from dispatch.inspections.hours import timed
from dispatch.inspections.owed import Owed
from dispatch.inspections.planning import crew_days
from dispatch.inspections.programme import Programme
from dispatch.inspections.reasons import Why
from dispatch.inspections.standing import Standing
from dispatch.records.inspection import (
    LARGEST_CREW,
    SMALLEST_CREW,
    Call,
    CrewDay,
    Premises,
    Undone,
)

SHIFT_MIN = 20
"""Minutes of driving that are worth it not to tell one more shop another hour."""


class MendedTown:
    """One town while it is put in order.

    Every visit that has a place keeps its hour, so what is put between finds only the gaps; the hours of one crew's day
    are dealt anew only where nothing else helps.
    """

    def __init__(
        self,
        programme: Programme,
        town: str,
        ground: Ground,
        now: Owed,
        presence: Mapping[str, Sequence[str]],
        standing: Standing,
    ) -> None:
        self.standing, self.town = standing, town
        self.calls = {call.visit.id: call for crew in now.crews for call in crew.calls}
        visits = (*(call.visit for _, call in sorted(self.calls.items())), *now.waiting)
        self.work = town_work(programme, ground, town, visits, presence)
        self.row = {visit.id: row for row, visit in enumerate(visits)}
        self.fixed = {row for name, row in self.row.items() if name in standing.locked}
        self.told: dict[int, int] = {self.row[name]: call.arrive for name, call in self.calls.items()}
        self.leads = {item.id for item in programme.items if not item.capped}
        self._sites: dict[tuple[int, int], Premises] = {}
        self.slots: list[Slot] = []
        self.names: list[str] = []
        self.known = {who.id: row for row, who in enumerate(self.work.inspectors)}
        self.going: dict[int, set[int]] = {day: set() for day in range(len(self.work.days))}
        for crew in now.crews:
            self.going[self.work.days.index(crew.day)] |= set(self._there(crew))
        for crew in now.crews:
            self._mend(crew)
        placed = {visit for slot in self.slots for visit in slot.route}
        self.waiting = sorted(set(self.row.values()) - placed, key=lambda row: (visits[row].last, row))
        self.fixed -= set(self.waiting)
        for row in self.waiting:
            self.told.pop(row, None)

    def planned(self) -> tuple[list[CrewDay], list[Undone]]:
        """The town's crews, and the items for which there is no place any more, without their price yet."""
        left = self.waiting
        while left != (still := [visit for visit in left if not self._place(visit)]):
            left = still  # a place that was found may have made room for one that waits
        undone = [Undone(item, Why.NO_ROOM) for visit in left for item in self.work.visits[visit].items]
        slots = [slot for slot in self.slots if slot.route]
        names = {slot: name for slot, name in zip(self.slots, self.names, strict=True) if name}
        return list(crew_days(self._as_told(), slots, names)), undone

    def _as_told(self, anew: Collection[int] = ()) -> TownWork:
        """The town with every visit that has a place open at its hour only, but for those whose hour is dealt anew."""
        loose = set(anew) - self.fixed
        sites = (
            self._open_at(row, self.told[row]) if row in self.told and row not in loose else place
            for row, place in enumerate(self.work.premises)
        )
        return replace(self.work, premises=tuple(sites))

    def _open_at(self, row: int, hour: int) -> Premises:
        """A visit's premises, open for just as long as it takes."""
        if (row, hour) not in self._sites:
            closes = hour + self.work.visits[row].minutes
            self._sites[row, hour] = replace(self.work.premises[row], opens=hour, closes=closes)
        return self._sites[row, hour]

    def _not_before(self, day: int) -> int:
        return self.standing.minute if self.work.days[day] == self.standing.today else 0

    def _mend(self, crew: CrewDay) -> None:
        """Take a crew's day over as it is, with another officer for one who is away; what no longer fits waits."""
        day = self.work.days.index(crew.day)
        route = tuple(self.row[call.visit.id] for call in crew.calls if self._on_its_day(call, day))
        there = self._there(crew)
        self.going[day] -= {self.known[who] for who in crew.officers if who in self.known}
        officers: tuple[int, ...] | None = there
        if len(there) < len(crew.officers) or not self._whole(there, route):
            officers, route = self._with_others(day, there, route)
        if officers is not None:
            joined = {self.work.inspectors[who].id for who in officers} - set(crew.officers)
            if kept := self._in_time(day, route, () if joined else route):
                self._goes(Slot(day, officers, kept), crew.id)

    def _on_its_day(self, call: Call, day: int) -> bool:
        """Whether the visit may be made on this day and at the hour it was told."""
        row, date_ = self.row[call.visit.id], self.work.days[day]
        place = self.work.premises[row]
        open_ = place.opens <= call.arrive and call.arrive + call.visit.minutes <= place.closes
        return open_ and call.visit.first <= date_ <= call.visit.last

    def _whole(self, officers: Sequence[int], route: Sequence[int]) -> bool:
        """Whether these officers are a lawful crew for the whole route."""
        return (
            SMALLEST_CREW <= len(officers) <= LARGEST_CREW
            and self._covers(officers, route)
            and not self._barred(officers, route)
        )

    def _barred(self, officers: Sequence[int], route: Sequence[int]) -> bool:
        return any(self.work.inspectors[who].barred(self.work.visits[visit]) for who in officers for visit in route)

    def _there(self, crew: CrewDay) -> tuple[int, ...]:
        """The crew's officers that are there."""
        day = self.work.days.index(crew.day)
        rows = (self.known[who] for who in crew.officers if who in self.known)
        return tuple(row for row in rows if self.work.free[row, day])

    def _with_others(
        self, day: int, there: tuple[int, ...], route: tuple[int, ...]
    ) -> tuple[tuple[int, ...] | None, tuple[int, ...]]:
        """Those who are there with as few others as cover the route; else those who cover most of it, and that much."""
        whole = self._completed(day, there, route)
        if whole is not None:
            return whole, route
        crews = [there, *((*there, other) for other in self._free(day, (), there))]
        crews = [crew for crew in crews if SMALLEST_CREW <= len(crew) <= LARGEST_CREW]
        if not crews:
            return None, ()
        kept = [tuple(visit for visit in route if self._may(Slot(day, crew, ()), visit)) for crew in crews]
        best = max(range(len(crews)), key=lambda at: (len(kept[at]), -len(crews[at])))
        return crews[best], kept[best]

    def _in_time(self, day: int, route: Sequence[int], told: Collection[int]) -> tuple[int, ...]:
        """The visits that can still be made at the hours they were told; the crew knows of those in ``told``."""
        work, kept = self._as_told(), tuple[int, ...]()
        for visit in route:
            hours = timed(work, (*kept, visit), self._not_before(day), told)
            if hours is not None and hours.out <= LONGEST_MIN:
                kept = (*kept, visit)
        return kept

    def _goes(self, slot: Slot, name: str = "") -> None:
        self.slots.append(slot)
        self.names.append(name)
        self.going[slot.day] |= set(slot.officers)

    def _completed(self, day: int, there: tuple[int, ...], route: Sequence[int]) -> tuple[int, ...] | None:
        """The officers that are there and as few others as make them a lawful crew for the route."""
        if self._barred(there, route):
            return None
        people = self.work.inspectors
        needs = frozenset().union(*(self.work.visits[visit].needs for visit in route))
        load = Counter(people[who].id for going in self.going.values() for who in going)
        free = [people[who] for who in self._free(day, route, there)]
        crew = new_crew(free, needs, load, [people[who] for who in there])
        return tuple(self.known[who.id] for who in crew) or None

    def _free(self, day: int, route: Sequence[int], there: Sequence[int]) -> list[int]:
        """Who else might join those who are there."""
        return [
            who
            for who in np.flatnonzero(self.work.free[:, day]).tolist()
            if who not in self.going[day] and who not in there and not self._barred([who], route)
        ]

    def _covers(self, officers: Sequence[int], route: Sequence[int]) -> bool:
        held = frozenset().union(*(self.work.inspectors[who].certificates for who in officers))
        return all(self.work.visits[visit].needs <= held for visit in route)

    def _may(self, slot: Slot, visit: int) -> bool:
        wanted = self.work.visits[visit]
        inside = wanted.first <= self.work.days[slot.day] <= wanted.last
        able = not self._barred(slot.officers, [visit]) and self._covers(slot.officers, [visit])
        return inside and able and self._under_the_cap(visit, slot.day)

    def _under_the_cap(self, visit: int, day: int) -> bool:
        """Whether the visit may be made in the year of a day, beside those of its premises that are planned there."""
        place, year = self.work.premises[visit], self.work.days[day].year
        left = place.left_in(year - self.work.days[0].year)
        if left is None or not self._counts(visit):
            return True
        planned = ((row, self.work.days[slot.day].year) for slot in self.slots for row in slot.route if row != visit)
        made = sum(
            its == year and self.work.visits[row].premises == place.id and self._counts(row) for row, its in planned
        )
        return made < left

    def _counts(self, visit: int) -> bool:
        """Whether a visit counts against the cap: one for nothing but leads does not."""
        return not self.leads.issuperset(self.work.visits[visit].items)

    def _place(self, visit: int) -> bool:
        """Into a gap, or by dealing one crew's hours anew, or by moving one other visit, or with a new crew."""
        for anew in (False, True):
            best = self._best_gap(visit, anew)
            if best is not None:
                self._settle(*best)
                return True
        return self._after_moving_one(visit) or self._with_a_new_crew(visit)

    def _settle(self, at: int, slot: Slot, begins: Mapping[int, int]) -> None:
        self.slots[at] = slot
        self.told |= begins

    def _best_gap(self, visit: int, anew: bool, but: int = -1) -> tuple[int, Slot, dict[int, int]] | None:
        """The crew's day that the visit lengthens least, and the hours of its visits."""
        told = self._as_told()
        found = [
            (cost, at, longer, begins)
            for at, slot in enumerate(self.slots)
            if at != but and self._may(slot, visit)
            for longer, begins, cost in self._longer(slot, visit, anew, told)
        ]
        if not found:
            return None
        _, at, slot, begins = min(found, key=lambda one: one[:2])
        return at, slot, begins

    def _longer(
        self, slot: Slot, visit: int, anew: bool, as_told: TownWork
    ) -> Iterator[tuple[Slot, dict[int, int], int]]:
        """The day with the visit in each gap that holds, its hours, and its minutes with some for each new hour."""
        work = self._as_told(slot.route) if anew else as_told
        told = self.fixed if anew else slot.route
        before = timed(as_told, slot.route)
        for gap in range(len(slot.route) + 1):
            route = (*slot.route[:gap], visit, *slot.route[gap:])
            hours = timed(work, route, self._not_before(slot.day), told)
            if hours is not None and hours.out <= LONGEST_MIN:
                begins = dict(zip(route, hours.begins, strict=True))
                shifted = sum(begins[one] != self.told[one] for one in slot.route)
                cost = hours.out - (before.out if before is not None else 0) + SHIFT_MIN * shifted
                yield replace(slot, route=route), begins, cost

    def _after_moving_one(self, visit: int) -> bool:
        """Somebody else's visit moves to another crew so that this one fits; the first that works."""
        as_told = self._as_told()
        for at, slot in enumerate(self.slots):
            if not self._may(slot, visit):
                continue
            for other in slot.route:
                if other in self.fixed:
                    continue
                room = replace(slot, route=tuple(one for one in slot.route if one != other))
                fitting = next(iter(sorted(self._longer(room, visit, False, as_told), key=lambda one: one[2])), None)
                if fitting is None:
                    continue
                hour = self.told.pop(other)
                elsewhere = self._best_gap(other, False, but=at) or self._best_gap(other, True, but=at)
                if elsewhere is not None:
                    self._settle(at, *fitting[:2])
                    self._settle(*elsewhere)
                    return True
                self.told[other] = hour
        return False

    def _with_a_new_crew(self, visit: int) -> bool:
        wanted = self.work.visits[visit]
        for day, date_ in enumerate(self.work.days):
            if not wanted.first <= date_ <= wanted.last or not self._under_the_cap(visit, day):
                continue
            officers = self._completed(day, (), [visit])
            hours = timed(self.work, [visit], self._not_before(day))
            if officers is None or hours is None or hours.out > LONGEST_MIN:
                continue
            self._goes(Slot(day, officers, (visit,)))
            self.told[visit] = hours.begins[0]
            return True
        return False
