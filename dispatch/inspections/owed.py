"""A town's calendar held against what is due now: which checks its visits still answer, and what waits besides.

Before anything is moved, every visit that has not begun is brought in line with the book: checks that are no longer due
leave it, visits of one premises that can be one by now are one, checks that came since join a visit where they can, and
only what cannot becomes a visit of its own. So nobody enters a door twice because a check was added late.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import combinations

from dispatch.inspections.ground import Ground
from dispatch.inspections.ids import free_id
from dispatch.inspections.reasons import Why, price
from dispatch.inspections.visits import Window, counts, may_be_one, merge
from dispatch.records.inspection import Call, CrewDay, DueItem, Premises, Undone, Visit

NO_DAY = -1


@dataclass(frozen=True, slots=True)
class Owed:
    """What one town has to make now.

    Attributes
    ----------
    crews
        With their visits as they are due now, hours as before; a crew may have none left.
    waiting
        Visits that have no crew.
    undone
        Items that nobody can do, or whose premises have a locked visit that they would have to join.
    locked
        Visits whose lock still holds: hours, dates and length are as they were.
    """

    crews: tuple[CrewDay, ...]
    waiting: tuple[Visit, ...]
    undone: tuple[Undone, ...]
    locked: frozenset[str]


def owed(
    ground: Ground,
    items: Sequence[DueItem],
    crews: Sequence[CrewDay],
    waiting: Sequence[Visit],
    locked: Collection[str],
) -> Owed:
    """The town's visits as they are due now.

    Parameters
    ----------
    items
        Everything due in the town, what is in a visit included.
    crews
        Of days that are not over.
    waiting
        Visits without a crew.
    """
    held = {who.id: who.certificates for who in ground.roster.everybody}
    due: dict[str, list[DueItem]] = defaultdict(list)
    for item in items:
        due[item.premises].append(item)
    standing: dict[str, list[_Standing]] = defaultdict(list)
    for crew in crews:
        can = frozenset().union(*(held.get(who, frozenset()) for who in crew.officers))
        for call in crew.calls:
            lock = call if call.visit.id in locked else None
            standing[call.visit.premises].append(_Standing(call.visit, ground.days.index(crew.day), can, lock))
    for visit in waiting:
        standing[visit.premises].append(_Standing(visit, NO_DAY, frozenset(), None))
    taken = {call.visit.id for crew in crews for call in crew.calls} | {visit.id for visit in waiting}
    now: dict[str, Visit] = {}
    new: list[Visit] = []
    undone: list[Undone] = []
    still: set[str] = set()
    for at, place in enumerate(ground.places):
        door = _Door(ground, at, due[place.id], standing[place.id])
        new += [replace(visit, id=free_id(visit.premises, taken)) for visit in door.new]
        now |= door.visits()
        undone += door.undone
        still |= door.locked()
    return Owed(
        tuple(replace(crew, calls=tuple(_calls(crew, now))) for crew in crews),
        (*(now[visit.id] for visit in waiting if visit.id in now), *new),
        tuple(undone),
        frozenset(still),
    )


def _calls(crew: CrewDay, now: Mapping[str, Visit]) -> Iterable[Call]:
    for call in crew.calls:
        if call.visit.id in now:
            visit = now[call.visit.id]
            yield call if visit is call.visit else Call(visit, call.arrive, call.arrive + visit.minutes)


class _Standing:
    """A visit of the calendar and the windows of its checks as they are now."""

    def __init__(self, visit: Visit, day: int, can: frozenset[str], lock: Call | None) -> None:
        self.visit, self.day, self.can, self.lock = visit, day, can, lock
        self.group: list[Window] = []


class _Door:
    """One place of business: its visits, and the checks that are due there."""

    def __init__(self, ground: Ground, at: int, items: Sequence[DueItem], standing: list[_Standing]) -> None:
        self.days, self.place = ground.days, ground.places[at]
        self.longest, self.able = ground.longest(at), ground.able(at)
        self.undone: list[Undone] = []
        self.new: list[Visit] = []
        loose: dict[str, Window] = {}
        for item in items:
            one = ground.alone(at, item)
            if isinstance(one, Undone):
                self.undone.append(one)
            else:
                loose[item.id] = one
        for each in standing:
            self._keep(each, loose)
        self.standing = self._under_the_cap(self._united([each for each in standing if each.group]), loose)
        self._join(loose)
        self._merge(list(loose.values()))

    def _keep(self, one: _Standing, loose: dict[str, Window]) -> None:
        """Those of its checks that are still due and go together, on its day first."""
        mine = [loose[item] for item in one.visit.items if item in loose]
        mine.sort(key=lambda each: (not each.around(one.day), each.last, each.item.id))
        for each in mine:
            if self._fits([*one.group, each]):
                one.group.append(each)
                del loose[each.item.id]
        if one.lock is not None and not self._lock_holds(one, one.lock):
            one.lock = None

    def _lock_holds(self, one: _Standing, call: Call) -> bool:
        whole = {each.item.id for each in one.group} == set(one.visit.items)
        inside = self.place.opens <= call.arrive and call.leave <= self.place.closes
        minutes = sum(each.item.minutes for each in one.group)
        return whole and inside and minutes == one.visit.minutes and all(each.around(one.day) for each in one.group)

    def _united(self, standing: list[_Standing]) -> list[_Standing]:
        """Two visits that can be one by now, since a check of theirs fell away or hours grew, are one."""
        for one, other in combinations(standing, 2):
            both = [*one.group, *other.group]
            if one.lock is None and other.lock is None and self._fits(both):
                stays, goes = sorted((one, other), key=lambda each: (not _as_it_is(each, both), each.day == NO_DAY))
                stays.group = both
                return self._united([each for each in standing if each is not goes])
        return standing

    def _under_the_cap(self, standing: list[_Standing], loose: dict[str, Window]) -> list[_Standing]:
        """As many visits that count as the cap allows: locked ones first, then the nearest."""
        if self.place.annual_cap is None:
            return standing
        counted = [one for one in standing if counts(one.group)]
        counted.sort(key=lambda one: (one.lock is None, one.day == NO_DAY, one.day, one.visit.id))
        off: list[_Standing] = []
        for year in {self._year(one) for one in counted}:
            off += [one for one in counted if self._year(one) == year][self._most(year) :]
        for one in off:
            loose |= {each.item.id: each for each in one.group}
        return [one for one in standing if one not in off]

    def _join(self, loose: dict[str, Window]) -> None:
        """Checks that can be done in a visit there is: best where neither its day nor its crew need change."""
        for one in sorted(loose.values(), key=lambda one: (one.last, one.first, one.item.id)):
            fitting = [each for each in self.standing if self._allowed(each, one) and self._fits([*each.group, one])]
            free = [each for each in fitting if each.lock is None]
            if free:
                best = min(free, key=lambda each: (not _as_it_is(each, [one]), each.day))
                best.group.append(one)
            elif fitting:
                self.undone.append(Undone(one.item.id, Why.LOCKED, price(1, "locks")))
            else:
                continue
            del loose[one.item.id]

    def _allowed(self, visit: _Standing, one: Window) -> bool:
        """Whether the cap of the year into which it falls lets the visit have the check."""
        group = [*visit.group, one]
        if self.place.annual_cap is None or not counts(group):
            return True
        year = self._year_of(group, visit.day)
        had = sum(counts(each.group) for each in self.standing if each is not visit and self._year(each) == year)
        return had < self._most(year)

    def _year(self, one: _Standing) -> int:
        return self._year_of(one.group, one.day)

    def _year_of(self, group: Sequence[Window], day: int) -> int:
        """The year of a visit on this day, of its first day where that one will not do."""
        stays = day != NO_DAY and all(each.around(day) for each in group)
        return self.days[day if stays else max(each.first for each in group)].year

    def _most(self, year: int) -> int:
        """Visits that the cap of that year still allows."""
        return self.place.left_in(year - self.days[0].year) or 0

    def _merge(self, rest: Sequence[Window]) -> None:
        """What is left becomes visits of its own, as few as can be."""
        if not rest:
            return
        merged = merge(self._with_those_that_stand(), rest, self.days, self.longest, self.able)
        self.new += merged.visits
        self.undone += merged.undone

    def _with_those_that_stand(self) -> Premises:
        had = Counter(dict(enumerate(self.place.visits_by_year, self.days[0].year)))
        had.update(self._year(one) for one in self.standing if counts(one.group))
        this, *later = (had[year] for year in range(self.days[0].year, self.days[-1].year + 1))
        return replace(self.place, visits_this_year=this, visits_later=tuple(later))

    def _fits(self, group: Sequence[Window]) -> bool:
        """Whether one visit can hold them: short enough, and a lawful crew on a day in common."""
        return sum(one.item.minutes for one in group) <= self.longest and may_be_one(group, self.able)

    def visits(self) -> dict[str, Visit]:
        """The visits that stand, by id; one that has not changed is the very same."""
        return {one.visit.id: self._as_due(one) for one in self.standing}

    def locked(self) -> set[str]:
        return {one.visit.id for one in self.standing if one.lock is not None}

    def _may_be(self, one: _Standing, day: date) -> bool:
        """Whether the visit may be on that day; one that the cap counts stays in its year."""
        inside = all(self.days[each.first] <= day <= self.days[each.last] for each in one.group)
        free = self.place.annual_cap is None or not counts(one.group)
        return inside and (free or day.year == self._year(one))

    def _as_due(self, one: _Standing) -> Visit:
        days = [day for day in self.days if self._may_be(one, day)]
        first = days[0]
        now = replace(
            one.visit,
            items=tuple(sorted(each.item.id for each in one.group)),
            first=one.visit.first if first == self.days[0] and one.visit.first < first else first,
            last=days[-1],
            minutes=sum(each.item.minutes for each in one.group),
            needs=frozenset(each.item.certificate for each in one.group),
        )
        return one.visit if now == one.visit else now


def _as_it_is(standing: _Standing, more: Sequence[Window]) -> bool:
    """Whether a visit's own day and crew would do for these checks."""
    return all(each.around(standing.day) and each.item.certificate in standing.can for each in more)
