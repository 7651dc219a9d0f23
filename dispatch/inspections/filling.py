"""The last look at what found no room: of each door as many checks as go together, where some day has room for them.

The search lays a visit down as a whole, and deals specialists to towns before it. So a part of a visit may still find
its place in the finished calendar, and somebody who was dealt to a town that does not need him may come. Caps are first
held as if the calendar were of one year; what they leave out may have a visit in the next one, if it begins meanwhile.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

import numpy as np

from dispatch.inspections.alone import lawful, longest_visit
from dispatch.inspections.crews import Roster, new_crew
from dispatch.inspections.days import LONGEST_MIN, TownWork
from dispatch.inspections.hours import Hours, after_noon, timed
from dispatch.inspections.ids import free_id
from dispatch.inspections.noon import Noon
from dispatch.inspections.programme import Programme
from dispatch.inspections.reasons import Why, price
from dispatch.inspections.standing import Standing
from dispatch.inspections.visits import Window, may_be_one, visit_of, window
from dispatch.records.inspection import SHARED, SMALLEST_CREW, Calendar, Call, CrewDay, DueItem, Premises, Undone, Visit

ANEW = -1
LAST = (Why.NO_ROOM, Why.ANNUAL_CAP)
"""Reasons that only the finished calendar can tell."""


@dataclass(frozen=True, slots=True)
class _Spot:
    """A crew's day with one visit more, and which of the calendar's it replaces: :data:`ANEW` for a new one."""

    at: int
    crew: CrewDay


def filled(
    programme: Programme, calendar: Calendar, noon: Noon | None = None, standing: Standing | None = None
) -> Calendar:
    """The calendar with what has room in it after all.

    Parameters
    ----------
    programme, calendar
        By the minutes that are worked.
    noon
        The break that a crew's day is put around, where nobody has been told its hours yet.
    standing
        Where crews have been told their hours: these stay, and nobody sets out anew before now.

    Returns
    -------
    Calendar
        The very same where nothing has room.
    """
    places = {place.id: place for place in programme.premises}
    items = {item.id: item for item in programme.items}
    waiting: dict[str, list[DueItem]] = defaultdict(list)
    for one in calendar.undone:
        if one.reason in LAST and one.item in items:
            waiting[items[one.item].premises].append(items[one.item])
    crews, done = list(calendar.crews), set[str]()
    for town in sorted({places[door].town for door in waiting}):
        here = [(places[door], some) for door, some in waiting.items() if places[door].town == town]
        look = _Town(programme, town, [place for place, _ in here], crews, noon, standing)
        for place, some in sorted(here, key=lambda one: (min(item.latest for item in one[1]), one[0].id)):
            while placed := look.one_visit_more(place, [item for item in some if item.id not in done]):
                done |= placed
    if not done:
        return calendar
    left = tuple(one for one in calendar.undone if one.item not in done)
    visits = sum(len(crew.calls) for crew in crews)
    if visits > calendar.fewest_visits:  # checks that were thought to be nobody's: nothing is proved of them
        calendar = replace(calendar, fewest_visits=visits, fewest_proved=False)
    return replace(calendar, crews=tuple(crews), undone=left)


def priced(programme: Programme, calendar: Calendar, standing: Standing | None = None) -> Calendar:
    """The calendar with what a visit for every check alone would take that has no room, or whose cap leaves no day.

    That is one visit beyond the cap where the year of each of its days has had all of them; else the least overtime of
    a crew that may make it, or the officer-days of a new crew. The arguments are those of :func:`filled`.
    """
    places = {place.id: place for place in programme.premises}
    items = {item.id: item for item in programme.items}
    waiting = [items[one.item] for one in calendar.undone if one.reason in LAST and one.item in items]
    told: dict[str, Undone] = {}
    for town in sorted({places[item.premises].town for item in waiting}):
        here = [item for item in waiting if places[item.premises].town == town]
        doors = [places[door] for door in dict.fromkeys(item.premises for item in here)]
        look = _Town(programme, town, doors, list(calendar.crews), None, standing)
        told |= {item.id: look.undone(places[item.premises], item) for item in here}
    return replace(calendar, undone=tuple(told.get(one.item, one) for one in calendar.undone))


class _Town:
    """One town's doors that have no room, and the crews of the calendar, which it changes."""

    def __init__(
        self,
        programme: Programme,
        town: str,
        doors: Sequence[Premises],
        crews: list[CrewDay],
        noon: Noon | None,
        standing: Standing | None,
    ) -> None:
        self.programme, self.town, self.crews, self.noon, self.standing = programme, town, crews, noon, standing
        self.staff = {who.id: who for who in programme.inspectors}
        self.roster = Roster([who for who in self.staff.values() if who.town in (town, SHARED)], programme.days)
        mine = {call.visit.premises for crew in crews if crew.town == town for call in crew.calls}
        mine |= {place.id for place in doors}
        self.places = {place.id: place for place in programme.premises if place.id in mine}
        self.row = {id: row for row, id in enumerate(self.places)}
        self.ways = programme.minutes(town, list(self.places.values()))

    def one_visit_more(self, place: Premises, items: Sequence[DueItem]) -> set[str]:
        """Ids of as many of the items as one visit more can hold, the most pressing first."""
        known = [clear for one in self._windows(items) if (clear := self._under_the_cap(place, one)) is not None]
        group: list[Window] = []
        best: _Spot | None = None
        for one in sorted(known, key=lambda one: (one.last, one.first, one.item.id)):
            spot = self._spot(place, [*group, one])
            if spot is not None:
                group, best = [*group, one], spot
        if best is not None and best.at == ANEW:
            self.crews.append(best.crew)
        elif best is not None:
            self.crews[best.at] = best.crew
        return {one.item.id for one in group}

    def _spot(self, place: Premises, group: Sequence[Window]) -> _Spot | None:
        """Where a visit for the group lengthens a crew's day least, else a new crew's day."""
        there = [visit for _, visit in self._there(place)]
        if not self._goes_together(place, group) or self._near(place, self._windows(one.item for one in group), there):
            return None
        taken = {visit.id for visit in there}
        visit = visit_of(place, group, free_id(place.id, taken), self.programme.days)
        longer = min(self._longer(visit), key=lambda one: one[0], default=None)
        return longer[1] if longer is not None else self._new(visit)

    def _goes_together(self, place: Premises, group: Sequence[Window]) -> bool:
        at = self.row[place.id]
        longest = longest_visit(place, float(self.ways[-1, at]), float(self.ways[at, -1]), self.programme.ends)
        able = partial(lawful, self.roster, place.id)
        return sum(one.item.minutes for one in group) <= longest and may_be_one(group, able)

    def _windows(self, items: Iterable[DueItem]) -> list[Window]:
        found = (window(item, self.programme.days, self.programme.begins) for item in items)
        return [replace(one, drawn=self.roster.bars(one.item.id)) for one in found if isinstance(one, Window)]

    def _there(self, place: Premises) -> list[tuple[date, Visit]]:
        """The visits of the premises in the calendar."""
        return [(crew.day, call.visit) for crew in self.crews for call in crew.calls if call.visit.premises == place.id]

    def _under_the_cap(self, place: Premises, one: Window) -> Window | None:
        """The window less the days of a year that has had its visits; None when nothing is left of it."""
        if place.annual_cap is None or not one.item.capped:
            return one
        days = self.programme.days
        follows = {item.id for item in self.programme.items if not item.capped}
        had = Counter(day.year for day, visit in self._there(place) if not follows.issuperset(visit.items))
        had.update(dict(enumerate(place.visits_by_year, days[0].year)))
        clear = [at for at in range(one.first, one.last + 1) if had[days[at].year] < place.annual_cap]
        return replace(one, first=clear[0], last=clear[-1]) if clear else None

    def _near(self, place: Premises, group: Sequence[Window], there: Sequence[Visit]) -> bool:
        """Whether the group would have to be part of a visit that there is."""
        due = {item.id: item for item in self.programme.items if item.premises == place.id}
        for visit in there:
            if self._goes_together(place, [*group, *self._windows(due[id] for id in visit.items if id in due)]):
                return True
        return False

    def undone(self, place: Premises, item: DueItem) -> Undone:
        """Why the item is left out of the finished calendar, and what a visit for it alone would take."""
        windows = self._windows([item])
        clear = [within for one in windows if (within := self._under_the_cap(place, one)) is not None]
        if not clear:
            return Undone(item.id, Why.ANNUAL_CAP, price(1, "visits"))
        visit = visit_of(place, clear, "", self.programme.days)
        beyond = [hours.out - LONGEST_MIN for *_, hours in self._days_with(visit)]
        most = price(max(min(beyond), 1), "minutes") if beyond else price(SMALLEST_CREW, "officer-days")
        return Undone(item.id, Why.NO_ROOM, most)

    def _longer(self, visit: Visit) -> Iterator[tuple[int, _Spot]]:
        """The days of crews that have room for the visit, with it in each gap, and how much longer they get."""
        before: dict[int, Hours | None] = {}
        for at, work, route, hours in self._days_with(visit):
            if at not in before:
                before[at] = timed(work, range(len(self.crews[at].calls)))
            if (was := before[at]) is not None and hours.out <= LONGEST_MIN:
                yield hours.out - was.out, _Spot(at, self._timed(self.crews[at], work, route, hours))

    def _days_with(self, visit: Visit) -> Iterator[tuple[int, TownWork, list[int], Hours]]:
        """The days of crews that may make the visit, with it in each gap that the doors allow, however long."""
        for at, crew in enumerate(self.crews):
            officers = [self.staff[who] for who in crew.officers if who in self.staff]
            held = frozenset().union(*(who.certificates for who in officers))
            inside = crew.town == self.town and visit.first <= crew.day <= visit.last
            if not inside or not visit.needs <= held or any(who.barred(visit) for who in officers):
                continue
            work, told = self._work(crew, visit)
            for gap in range(len(crew.calls) + 1):
                route = [*range(gap), len(crew.calls), *range(gap, len(crew.calls))]
                hours = timed(work, route, self._not_before(crew), told)
                if hours is not None:
                    yield at, work, route, hours

    def _new(self, visit: Visit) -> _Spot | None:
        """The first day on which officers who are free make a crew for the visit."""
        load = Counter(who for crew in self.crews for who in crew.officers)
        for day in self.programme.days:
            if not visit.first <= day <= visit.last:
                continue
            busy = {who for crew in self.crews if crew.day == day for who in crew.officers}
            free = [who for who in self.roster.everybody if day not in who.away and who.id not in busy]
            officers = new_crew([who for who in free if not who.barred(visit)], visit.needs, load)
            taken = {crew.id for crew in self.crews}
            name = free_id(f"{self.town}-{day:%m%d}", taken)
            crew = CrewDay(name, day, self.town, tuple(who.id for who in officers), ())
            work, _ = self._work(crew, visit)
            hours = timed(work, [0], self._not_before(crew))
            if officers and hours is not None and hours.out <= LONGEST_MIN:
                return _Spot(ANEW, self._timed(crew, work, [0], hours))
        return None

    def _work(self, crew: CrewDay, visit: Visit) -> tuple[TownWork, range]:
        """One crew's visits and last the one more, and the rows whose hours have been told."""
        visits = (*(call.visit for call in crew.calls), visit)
        places = [self.places[one.premises] for one in visits]
        told = range(0 if self.standing is None else len(crew.calls))
        for row in told:
            call = crew.calls[row]
            places[row] = replace(places[row], opens=call.arrive, closes=call.leave)
        rows = [*(self.row[one.premises] for one in visits), len(self.row)]
        days = self.programme.days
        nobody = np.zeros((0, len(days)), np.bool_)
        ways, ends = self.ways[np.ix_(rows, rows)], self.programme.ends
        return TownWork(self.town, visits, tuple(places), (), days, nobody, ways, ends), told

    def _not_before(self, crew: CrewDay) -> int:
        return self.standing.minute if self.standing is not None and crew.day == self.standing.today else 0

    def _timed(self, crew: CrewDay, work: TownWork, route: Sequence[int], hours: Hours) -> CrewDay:
        visits = [work.visits[row] for row in route]
        calls = (Call(one, begins, begins + one.minutes) for one, begins in zip(visits, hours.begins, strict=True))
        longer = replace(crew, calls=tuple(calls), travel=round(hours.travel))
        return longer if self.noon is None else after_noon(work, longer, self.noon)
