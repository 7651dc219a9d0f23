"""A call tried with another crew: what the independent checker finds then, and who might go out for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import Connection

from dispatch.desk.question import NOTICE_MIN, Bases, as_planned, crew_day, of_calendar
from dispatch.inspections.checked import UnderWay
from dispatch.inspections.crews import new_crew
from dispatch.inspections.faults import faults
from dispatch.inspections.moving import Moved, move
from dispatch.inspections.noon import Noon
from dispatch.inspections.programme import Programme
from dispatch.inspections.ways import Ways
from dispatch.records.calls import AHEAD, CallStatus, Outing, Stop
from dispatch.records.inspection import Calendar, Call, CrewDay
from dispatch.records.reason import Reason
from dispatch.records.team import Team
from dispatch.store.inspections import InForce


@dataclass(frozen=True, slots=True)
class Choice:
    """Another crew's day that a call might go to.

    Attributes
    ----------
    outing
        The crew's day; of a new crew one without an id, with the officers who would go.
    why
        Why it cannot; empty when it can.
    arrive
        The minute at which it would be there, when it can.
    """

    outing: Outing
    why: tuple[Reason, ...]
    arrive: int = 0

    @property
    def new(self) -> bool:
        return not self.outing.id


@dataclass(frozen=True, slots=True)
class Trial:
    """A town's calendar while a call of ``source`` is tried elsewhere, on the day and at the minute it is."""

    now: InForce
    programme: Programme
    calendar: Calendar
    source: CrewDay
    stop: Stop
    today: date
    minute: int

    def choice(self, target: Outing) -> Choice:
        """The call with that crew: its hour, or everything against it."""
        tried = self.tried(target)
        if not isinstance(tried, Moved):
            return Choice(target, tried)
        arrive = next(call.arrive for call in tried.target.calls if call.visit.id == self.stop.visit.id)
        return Choice(target, self.new_faults(tried), arrive)

    def with_new_crew(self, day: date) -> Choice:
        """A crew of officers who are free on that day, as small as is lawful."""
        needs = self.stop.visit.needs
        free = [
            who
            for who in self.programme.inspectors
            if day not in who.away and who.id not in self.now.busy(day) and not who.barred(self.stop.visit)
        ]
        crew = new_crew(free, needs, self._load)
        target = self.outing("", day, tuple(who.id for who in crew))
        if not crew and self.stop.status is not CallStatus.LOCKED:
            told = {"day": day.isoformat(), "certificates": ",".join(sorted(needs))}
            return Choice(target, (Reason("no_crew_free", False, told),))
        return self.choice(target)

    def tried(self, target: Outing) -> Moved | tuple[Reason, ...]:
        """Both crews' days after the move, or what stands against it before the checker is asked."""
        if self.stop.status is CallStatus.LOCKED:
            return (Reason("call_locked", False, {"call": self.stop.id}),)
        if target.day < self.today:
            return (Reason("day_is_over", False, {"day": target.day.isoformat()}),)
        if any(each.status not in AHEAD for each in self.now.of(target.id)):
            return (Reason("crew_has_begun", False, {"crew": target.id}),)
        fixed = {each.visit.id for each in self.now.of(target.id) if each.status is not CallStatus.PLANNED}
        call = Call(self.stop.visit, self.stop.arrive, self.stop.leave)
        not_before = self.minute + NOTICE_MIN if target.day == self.today else 0
        day = crew_day(self.now, target, self.programme)
        return move(self.programme, call, self.source, day, fixed, not_before)

    def new_faults(self, moved: Moved) -> tuple[Reason, ...]:
        """What the independent checker finds after a move and did not find before.

        It is shown the crews of both days and all that come to the same premises: a move changes nothing else.
        """
        visit = {call.visit.premises for call in moved.target.calls} | {
            call.visit.premises for call in self.source.calls
        }
        days = {moved.source.day, moved.target.day}
        near = [
            crew
            for crew in self.calendar.crews
            if crew.day in days or any(call.visit.premises in visit for call in crew.calls)
        ]
        changed = {moved.source.id: moved.source, moved.target.id: moved.target}
        after = [changed.pop(crew.id, crew) for crew in near] + list(changed.values())
        items = {item for crew in near for call in crew.calls for item in call.visit.items}
        asked = replace(self.programme, items=tuple(item for item in self.programme.items if item.id in items))
        before = Calendar(tuple(near))
        under_way = UnderWay(self.today, self.minute + NOTICE_MIN, before)
        found = faults(asked, Calendar(tuple(crew for crew in after if crew.calls)), under_way)
        known = faults(asked, before)
        return tuple(fault for fault in found if fault not in known)

    @property
    def _load(self) -> Counter[str]:
        """On how many days each officer goes out."""
        return Counter(who for one in self.now.outings.values() for who in one.officers)

    def outing(self, name: str, day: date, officers: tuple[str, ...]) -> Outing:
        """A day of a crew that there is not yet."""
        town = self.source.town
        return Outing(name, self.now.calendars[town].id, day, town, officers, 0)


def trial(
    connection: Connection,
    now: InForce,
    teams: Sequence[Team],
    stop: Stop,
    ways: Ways,
    bases: Bases,
    at: tuple[date, int],
    noon: Noon | None = None,
) -> Trial:
    """The town's calendar as it is ``at`` a day and a minute, with the call to be tried."""
    town = now.town_of(stop)
    programme = of_calendar(connection, now, teams, town, at[0], ways, bases, noon)
    source = crew_day(now, now.outings[stop.outing], programme)
    return Trial(now, programme, as_planned(now, town, programme), source, stop, *at)
