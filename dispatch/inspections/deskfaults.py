"""The checker's look at days at the desk: its own arithmetic, none of the planner's code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date

from dispatch.inspections.checked import CREW, LONGEST_MIN, Asked, lawful_crew, up, who_may, worked, wrong
from dispatch.records.inspection import SHARED, Calendar, CrewDay, DeskDay, DueItem, Inspector, Premises
from dispatch.records.reason import Reason


def _of(desk: DeskDay) -> dict[str, str]:
    """How a day at the desk is named in a reason: by who sits there."""
    return {"crew": ",".join(desk.officers), "day": desk.day.isoformat()}


def desk_faults(asked: Asked, calendar: Calendar) -> Iterator[Reason]:
    """Every rule that a day at the desk breaks: who sits there, what is checked there, and for how long."""
    items = {item.id: item for item in asked.items}
    seen = DeskLook(asked, calendar)
    for desk in calendar.desk:
        checks = [items[id] for id in desk.items if id in items]
        if desk.day not in asked.days:
            yield wrong("check_no_day", **_of(desk))
        yield from _checks_belong_there(asked, desk, checks)
        yield from _officers_lawful(asked, desk, checks)
        crews = {crew.id for crew in calendar.crews if crew.day == desk.day and set(crew.officers) & set(desk.officers)}
        if (crews and any(seen.crew_of(desk.day, who) not in crews for who in desk.officers)) or len(crews) > 1:
            yield wrong("check_desk_apart", **_of(desk))
        takes = sum(item.minutes for item in checks)
        out = max((seen.out(crew) for crew in calendar.crews if crew.id in crews), default=0)
        if takes + out > LONGEST_MIN:
            yield wrong("check_desk_full", **_of(desk), takes_min=takes, out_min=out, most_min=LONGEST_MIN)
    for (who, day), times in Counter((who, desk.day) for desk in calendar.desk for who in desk.officers).items():
        if times > 1:
            yield wrong("check_two_desks", officer=who, day=day.isoformat(), times=times)


def _checks_belong_there(asked: Asked, desk: DeskDay, checks: Sequence[DueItem]) -> Iterator[Reason]:
    towns = {place.id: place.town for place in asked.premises}
    for item in checks:
        told = {"item": item.id, "premises": item.premises}
        if not item.remote:
            yield wrong("check_must_go", **told, day=desk.day.isoformat())
        if not item.earliest <= desk.day <= item.latest:
            first, last = item.earliest.isoformat(), item.latest.isoformat()
            yield wrong("check_dates", **told, day=desk.day.isoformat(), first=first, last=last)
        if towns.get(item.premises) != desk.town:
            yield wrong("check_not_its_town", **_of(desk), crew_town=desk.town, premises=item.premises)


def _officers_lawful(asked: Asked, desk: DeskDay, checks: Sequence[DueItem]) -> Iterator[Reason]:
    known = {who.id: who for who in asked.inspectors}
    if len(desk.officers) not in CREW or len(set(desk.officers)) != len(desk.officers):
        yield wrong("check_crew_size", **_of(desk), officers=len(set(desk.officers)))
    for stranger in sorted(set(desk.officers) - known.keys()):
        yield wrong("check_no_inspector", officer=stranger, **_of(desk))
    officers = [known[who] for who in desk.officers if who in known]
    for who in officers:
        if who.town not in (desk.town, SHARED):
            crew = ",".join(desk.officers)
            yield wrong("check_other_town", officer=who.id, town=who.town, crew=crew, crew_town=desk.town)
        if desk.day in who.away:
            yield wrong("check_away", officer=who.id, **_of(desk))
    for item in checks:
        if not any(item.certificate in who.certificates for who in officers):
            yield wrong("check_lacks", **_of(desk), certificates=item.certificate, premises=item.premises)
        for who in officers:
            if not who.may_make(item.premises, item.id):
                code = "check_conflict" if item.premises in who.conflicts else "check_not_drawn"
                yield wrong(code, officer=who.id, **_of(desk), premises=item.premises)


class DeskLook:
    """The days at the desk of a calendar, arranged for questions about one check."""

    def __init__(self, asked: Asked, calendar: Calendar) -> None:
        self.asked, self.calendar = asked, calendar
        self.staff = {who.id: who for who in asked.inspectors}
        self.places = {place.id: place for place in asked.premises}
        self.minutes = {item.id: item.minutes for item in asked.items}
        self._out: dict[str, int] = {}

    def crew_of(self, day: date, officer: str) -> str:
        """The crew with which an officer goes out on a day; empty when there is none."""
        return next((crew.id for crew in self.calendar.crews if crew.day == day and officer in crew.officers), "")

    def out(self, crew: CrewDay) -> int:
        """Minutes from the base back to it."""
        if crew.id not in self._out and crew.calls:
            first, last = (self.places[crew.calls[at].visit.premises] for at in (0, -1))
            base = self.asked.base(crew.town)
            ways = self.asked.ways.minutes([base[0], first.lon, last.lon], [base[1], first.lat, last.lat])
            there = worked(self.asked, crew.calls[0].arrive, crew.calls[-1].leave)
            self._out[crew.id] = up(float(ways[0, 1] + there + ways[2, 0]))
        return self._out.get(crew.id, 0)

    def room(self, item: DueItem, place: Premises, days: Sequence[date]) -> bool:
        """Whether on one of the days somebody could have made the check besides what they do."""
        return any(left >= item.minutes for left in self._left(item, place, days)) or any(
            self._free(item, place, day) for day in days
        )

    def more(self, item: DueItem, place: Premises, days: Sequence[date]) -> tuple[int, str]:
        """Least overtime of who may make the check, or the officer-days of a new desk where nobody may."""
        beyond = [item.minutes - left for left in self._left(item, place, days)]
        return (min(beyond), "minutes") if beyond else (CREW.start, "officer-days")

    def _left(self, item: DueItem, place: Premises, days: Sequence[date]) -> Iterator[int]:
        """Minutes that those have left who sit somewhere already, or go out and might."""
        for desk in self.calendar.desk:
            officers = [self.staff[who] for who in desk.officers]
            if desk.town == place.town and desk.day in days and len(_able(officers, item)) == len(officers):
                crew = self.crew_of(desk.day, desk.officers[0])
                out = max((self.out(one) for one in self.calendar.crews if one.id == crew), default=0)
                yield LONGEST_MIN - out - sum(self.minutes[id] for id in desk.items)
        for crew_day in self.calendar.crews:
            if crew_day.town != place.town or crew_day.day not in days or self._sits(crew_day):
                continue
            if _able([self.staff[who] for who in crew_day.officers if who in self.staff], item):
                yield LONGEST_MIN - self.out(crew_day)

    def _sits(self, crew: CrewDay) -> bool:
        return any(desk.day == crew.day and set(desk.officers) & set(crew.officers) for desk in self.calendar.desk)

    def _free(self, item: DueItem, place: Premises, day: date) -> bool:
        busy = {who for crew in self.calendar.crews if crew.day == day for who in crew.officers}
        busy |= {who for desk in self.calendar.desk if desk.day == day for who in desk.officers}
        free = [who for who in who_may(self.asked, place, [item]) if who.id not in busy]
        return lawful_crew(free, [item], frozenset(who.id for who in free if day in who.away))


def _able(officers: Sequence[Inspector], item: DueItem) -> list[Inspector]:
    """Who of them may make the check; nobody when they are no lawful crew for it."""
    able = [who for who in officers if who.may_make(item.premises, item.id)]
    lawful = len(able) >= CREW.start and any(item.certificate in who.certificates for who in able)
    return able if lawful else []
