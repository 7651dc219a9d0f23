"""A crew's round of inspections: calls locked, moved and taken back; begun, done, put back; what was found there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import Connection

from dispatch.desk.deed import Deed, stated
from dispatch.desk.door import Door
from dispatch.desk.incidents import Desk
from dispatch.desk.question import NOTICE_MIN, Bases, as_planned, crew_day, kept_away, of_calendar
from dispatch.desk.refusals import Refused, Stale, Unknown
from dispatch.inspections.crews import new_crew
from dispatch.inspections.faults import faults
from dispatch.inspections.moving import Moved, move
from dispatch.inspections.planning import Programme
from dispatch.inspections.ways import Ways
from dispatch.records.calls import AHEAD, CallStatus, Outing, Stop
from dispatch.records.incident import Incident
from dispatch.records.inspection import SMALLEST_CREW, Calendar, Call, CrewDay
from dispatch.records.reason import Reason
from dispatch.records.team import Officer, Role, Team
from dispatch.rulebook.competence import Answer
from dispatch.store import inspections
from dispatch.store.inspections import InForce
from dispatch.store.ledger import Entry, Kind
from dispatch.store.writing import Actor, Writing

ROUND_REASONS = (
    "call_replaced",  # call
    "call_locked",  # call
    "crew_has_begun",  # crew
    "day_is_over",  # day
    "no_crew_free",  # day, certificates
    "officer_busy",  # officer, day
    "not_its_day",  # day
    "two_must_enter",
    "not_of_the_crew",  # officer
    "no_inspector",  # officer, role
    "entered_without",  # certificates
    "nothing_to_take_back",
)
UNDONE_BY = ("inspect_lock", "inspect_unlock", "inspect_move")
UNDO_BACK = timedelta(days=7)
MOST_TOLD = 5


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


class Rounds(Door):
    """The deeds on one call, one transaction each.

    Parameters
    ----------
    desk
        The desk of incidents, by which a violation is filed.
    ways, bases
        As for ``dispatch.desk.inspections.Inspections``.
    """

    def __init__(self, desk: Desk, ways: Ways, bases: Bases) -> None:
        super().__init__(desk.casebook, desk.clock, desk.rights)
        self._desk = desk
        self.ways = ways
        self.bases = bases

    def lock(self, actor: str, call: str, version: int, *, now: datetime | None = None) -> Stop:
        """The call stays with its crew, on its day and at its hour, whatever is planned anew."""
        with self._call("inspect_lock", actor, call, version, now) as (page, who, stop):
            return _save(page, who, stop, stop.locked())

    def unlock(self, actor: str, call: str, version: int, *, now: datetime | None = None) -> Stop:
        """The call may be moved again."""
        with self._call("inspect_unlock", actor, call, version, now) as (page, who, stop):
            return _save(page, who, stop, stop.unlocked())

    def choices(self, call: str, *, now: datetime | None = None) -> list[Choice]:
        """Every other crew's day of the town that is still ahead, and a new crew on every day on which the call may be.

        Each comes with its hour, or with what keeps the call from it; by day, crews that there are first.
        """
        teams, at = self.casebook.teams(), now or self.clock()
        with self.casebook.reading() as connection:
            stop = _there(connection, call)
            force = inspections.in_force(connection)
            if stop.id not in force.stops:
                return []
            scene = self._scene(connection, force, teams, stop, at)
            ahead = [
                outing
                for outing in force.outings.values()
                if outing.town == scene.source.town
                and force.current(outing)
                and outing.id != stop.outing
                and outing.day >= scene.today
            ]
            crews = [self._choice(scene, stop, outing) for outing in ahead]
            days = [day for day in scene.programme.days if day >= scene.today]
            new = [self._with_new(scene, stop, day) for day in days if stop.visit.first <= day <= stop.visit.last]
        return sorted([*crews, *new], key=lambda each: (each.outing.day, each.new, each.outing.id))

    def move(self, actor: str, call: str, version: int, to: str, *, now: datetime | None = None) -> Stop:
        """The call with another crew, on whatever day that crew goes out.

        Raises
        ------
        Refused
            With what stands against it: see ``dispatch.inspections.moving``; or with what the independent checker
            finds.
        """
        with self._call("inspect_move", actor, call, version, now) as (page, who, stop):
            standing = inspections.in_force(page.connection)
            target = standing.outings.get(to)
            if target is None:
                raise Unknown("crew's day", to)
            scene = self._scene(page.connection, standing, page.teams(), stop, who.at)
            return _write_move(page, who, scene, stop, target, self._lawful_move(scene, stop, target))

    def move_to_new_crew(
        self, actor: str, call: str, version: int, day: date, officers: Sequence[str], *, now: datetime | None = None
    ) -> Stop:
        """The call with a crew that goes out for it on that day.

        Raises
        ------
        Refused
            As for :meth:`move`; ``officer_busy`` when one of them goes out with another crew on that day.
        """
        with self._call("inspect_move", actor, call, version, now) as (page, who, stop):
            standing = inspections.in_force(page.connection)
            scene = self._scene(page.connection, standing, page.teams(), stop, who.at)
            busy = [each for each in sorted(set(officers)) if each in scene.busy(day)]
            if busy:
                raise Refused(*(Reason("officer_busy", False, {"officer": each, "day": str(day)}) for each in busy))
            target = scene.outing(scene.free_id(day), day, tuple(officers))
            return _write_move(page, who, scene, stop, target, self._lawful_move(scene, stop, target))

    def undo(self, actor: str, *, now: datetime | None = None) -> Stop:
        """The actor's last lock, unlocking or move that is not yet taken back, taken back.

        Raises
        ------
        Refused
            ``nothing_to_take_back``; ``call_replaced``; ``day_is_over``; ``crew_has_begun``; or what the independent
            checker would find.
        Stale
            When somebody has changed one of the calls since.
        """
        call = self._last_done(actor, now or self.clock())
        with self.deed("inspect_undo", actor, Kind.INSPECTION, call.subject if call else "", now) as (page, who):
            if call is None:
                raise Refused(Reason("nothing_to_take_back", False))
            standing = inspections.in_force(page.connection)
            today = self._desk.day(who.at)
            wrong = list(_against_undoing(standing, call, today))
            if wrong:
                raise Refused(*wrong)
            before = self._found(page, standing, standing.town_of(standing.stops[call.subject]), today)
            stop = _take_back(page, who, call)
            standing = inspections.in_force(page.connection)
            new = [each for each in self._found(page, standing, standing.town_of(stop), today) if each not in before]
            if new:
                raise Refused(*new[:MOST_TOLD])
            return stop

    def begin(
        self, actor: str, call: str, version: int, officers: Sequence[str], *, now: datetime | None = None
    ) -> Stop:
        """The officers have gone in: at least two of the crew, with every certificate the visit needs between them.

        Raises
        ------
        Refused
            With everything that is wrong: ``not_its_day``; ``two_must_enter`` (Administrative Penalty Law, article 42);
            ``not_of_the_crew``; ``no_inspector`` for an auxiliary or grid worker; ``entered_without``;
            ``must_not_inspect`` for who is recused, or was not drawn where others were (article 43); ``officer_away``.
        """
        with self._call("inspect_begin", actor, call, version, now) as (page, who, stop):
            after = stop.begun(who.at, tuple(officers))
            outing = inspections.outing(page.connection, stop.outing)
            assert outing is not None
            today = self._desk.day(who.at)
            wrong = list(_wrong_at_the_door(stop, outing, officers, page.teams(), today))
            wrong += _kept_from_the_door(page, stop, officers, today)
            if wrong:
                raise Refused(*wrong)
            return _save(page, who, stop, after)

    def finish(self, actor: str, call: str, version: int, said: str = "", *, now: datetime | None = None) -> Stop:
        """Everything was checked; the items are no longer due."""
        with self._call("inspect_finish", actor, call, version, now) as (page, who, stop):
            after = stop.done(who.at, said.strip())
            inspections.items_done(page, stop.visit.items, who.at)
            return _save(page, who, stop, after)

    def closed(self, actor: str, call: str, version: int, said: str, *, now: datetime | None = None) -> Stop:
        """The shop was closed: its items are due again."""
        return self._put_back("inspect_closed", CallStatus.CLOSED_SHOP, actor, call, version, said, now)

    def refused(self, actor: str, call: str, version: int, said: str, *, now: datetime | None = None) -> Stop:
        """Nobody was let in: its items are due again."""
        return self._put_back("inspect_refused", CallStatus.REFUSED, actor, call, version, said, now)

    def violation(
        self, actor: str, call: str, version: int, matter: str, said: str, *, now: datetime | None = None
    ) -> tuple[Incident, Answer]:
        """What was found, filed as an incident at the premises, and who is competent for it.

        Raises
        ------
        Refused
            ``needs_words``; ``unknown_matter``.
        """
        with self._call("inspect_violation", actor, call, version, now) as (page, who, stop):
            words = stated(said)
            place = next(one for one in inspections.premises(page.connection) if one.id == stop.visit.premises)
            deed = Deed(page, Actor(who.name, who.at, "report"), "")
            incident = self._desk.file(
                deed, words, lon=place.lon, lat=place.lat, matter=matter, address=place.name, source="inspection"
            )
            answer = self._desk.rulebook.resolve(matter, incident.town, self._desk.day(who.at))
            body = answer.actors[0].body if answer.lawful else ""
            _save(page, who, stop, stop.led_to(incident.id), body=body, competence=str(answer.why))
            return incident, answer

    @contextmanager
    def _call(
        self, deed: str, actor: str, call: str, version: int, now: datetime | None
    ) -> Iterator[tuple[Writing, Actor, Stop]]:
        """The call on a page, provided it is as the actor saw it and no newer calendar has taken its place."""
        with self.deed(deed, actor, Kind.INSPECTION, call, now) as (page, who):
            stop = _there(page.connection, call)
            if stop.version != version:
                raise Stale("call", call, version, stop.version, page.latest(Kind.INSPECTION, call))
            if stop.status in AHEAD and call not in inspections.in_force(page.connection).stops:
                raise Refused(Reason("call_replaced", False, {"call": call}))
            yield page, who, stop

    def _put_back(
        self, deed: str, status: CallStatus, actor: str, call: str, version: int, said: str, now: datetime | None
    ) -> Stop:
        with self._call(deed, actor, call, version, now) as (page, who, stop):
            outing = inspections.outing(page.connection, stop.outing)
            assert outing is not None
            if outing.day != self._desk.day(who.at):
                raise Refused(Reason("not_its_day", False, {"day": outing.day.isoformat()}))
            return _save(page, who, stop, stop.put_back(status, who.at, stated(said)))

    def _found(self, page: Writing, standing: InForce, town: str, today: date) -> list[Reason]:
        """What the independent checker finds in a town's calendar in force."""
        programme = of_calendar(page.connection, standing, page.teams(), town, today, self.ways, self.bases)
        return list(faults(programme, as_planned(standing, town, programme)))

    def _scene(self, connection: Connection, now: InForce, teams: Sequence[Team], stop: Stop, at: datetime) -> _Scene:
        town = now.town_of(stop)
        programme = of_calendar(connection, now, teams, town, self._desk.day(at), self.ways, self.bases)
        calendar = as_planned(now, town, programme)
        source = crew_day(now, now.outings[stop.outing], programme)
        return _Scene(now, programme, calendar, source, self._desk.day(at), self._desk.minute(at))

    def _choice(self, scene: _Scene, stop: Stop, target: Outing) -> Choice:
        tried = self._tried(scene, stop, target)
        if not isinstance(tried, Moved):
            return Choice(target, tried)
        arrive = next(call.arrive for call in tried.target.calls if call.visit.id == stop.visit.id)
        return Choice(target, scene.new_faults(tried), arrive)

    def _with_new(self, scene: _Scene, stop: Stop, day: date) -> Choice:
        """A crew of officers who are free on that day, as small as is lawful."""
        free = [
            who
            for who in scene.programme.inspectors
            if day not in who.away and who.id not in scene.busy(day) and not who.barred(stop.visit)
        ]
        crew = new_crew(free, stop.visit.needs, scene.load)
        target = scene.outing("", day, tuple(who.id for who in crew))
        if not crew and stop.status is not CallStatus.LOCKED:
            told = {"day": day.isoformat(), "certificates": ",".join(sorted(stop.visit.needs))}
            return Choice(target, (Reason("no_crew_free", False, told),))
        return self._choice(scene, stop, target)

    def _lawful_move(self, scene: _Scene, stop: Stop, target: Outing) -> Moved:
        tried = self._tried(scene, stop, target)
        wrong = scene.new_faults(tried) if isinstance(tried, Moved) else tried
        if wrong or not isinstance(tried, Moved):
            raise Refused(*wrong)
        return tried

    @staticmethod
    def _tried(scene: _Scene, stop: Stop, target: Outing) -> Moved | tuple[Reason, ...]:
        """Both crews' days after the move, or what stands against it before the checker is asked."""
        if stop.status is CallStatus.LOCKED:
            return (Reason("call_locked", False, {"call": stop.id}),)
        if target.day < scene.today:
            return (Reason("day_is_over", False, {"day": target.day.isoformat()}),)
        if any(each.status not in AHEAD for each in scene.now.of(target.id)):
            return (Reason("crew_has_begun", False, {"crew": target.id}),)
        fixed = {each.visit.id for each in scene.now.of(target.id) if each.status is not CallStatus.PLANNED}
        call = Call(stop.visit, stop.arrive, stop.leave)
        not_before = scene.minute + NOTICE_MIN if target.day == scene.today else 0
        day = crew_day(scene.now, target, scene.programme)
        return move(scene.programme, call, scene.source, day, fixed, not_before)

    def _last_done(self, actor: str, at: datetime) -> Entry | None:
        entries = self.casebook.deeds_of(actor, *UNDONE_BY, "inspect_undo", since=at - UNDO_BACK)
        undone = {entry.details.get("undoes") for entry in entries if entry.deed == "inspect_undo"}
        return next((each for each in entries if each.deed in UNDONE_BY and each.sequence not in undone), None)


@dataclass(frozen=True, slots=True)
class _Scene:
    """A town's calendar while a call of ``source`` is looked at, on the day and at the minute it is."""

    now: InForce
    programme: Programme
    calendar: Calendar
    source: CrewDay
    today: date
    minute: int

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
        before = faults(asked, Calendar(tuple(near)))
        found = faults(asked, Calendar(tuple(crew for crew in after if crew.calls)))
        return tuple(fault for fault in found if fault not in before)

    def busy(self, day: date) -> frozenset[str]:
        """Who goes out with a crew on that day, in any town."""
        return frozenset(who for one in self.now.outings.values() if one.day == day for who in one.officers)

    @property
    def load(self) -> Counter[str]:
        """On how many days each officer goes out."""
        return Counter(who for one in self.now.outings.values() for who in one.officers)

    def outing(self, name: str, day: date, officers: tuple[str, ...]) -> Outing:
        """A day of a crew that there is not yet."""
        town = self.source.town
        return Outing(name, self.now.calendars[town].id, day, town, officers, 0)

    def free_id(self, day: date) -> str:
        """An id that no crew's day of the calendar has."""
        stem = f"{self.now.calendars[self.source.town].id}-{self.source.town}-{day:%m%d}"
        return next(name for number in count(1) if (name := f"{stem}-{number}") not in self.now.outings)


def _there(connection: Connection, call: str) -> Stop:
    stop = inspections.stop(connection, call)
    if stop is None:
        raise Unknown("call", call)
    return stop


def _save(page: Writing, who: Actor, before: Stop, after: Stop, **details: Any) -> Stop:
    """A call brought to its next version under one entry."""
    inspections.put_stop(page, after)
    told: dict[str, Any] = {"set": {"status": after.status.value}, "was": {"status": before.status.value}, **details}
    if after.said != before.said:
        told["said"] = after.said
    if after.entered != before.entered:
        told["entered"] = list(after.entered)
    if after.incident != before.incident:
        told["incident"] = after.incident
    page.enter(
        who, Kind.INSPECTION, before.id, version_before=before.version, version_after=after.version, details=told
    )
    return after


def _wrong_at_the_door(
    stop: Stop, outing: Outing, officers: Sequence[str], teams: Sequence[Team], today: date
) -> Iterator[Reason]:
    if outing.day != today:
        yield Reason("not_its_day", False, {"day": outing.day.isoformat()})
    roster: dict[str, Officer] = {officer.id: officer for team in teams for officer in team.officers}
    if len(set(officers)) < SMALLEST_CREW:
        yield Reason("two_must_enter", False)
    for name in sorted(set(officers)):
        role = roster[name].role if name in roster else None
        if role is not None and role is not Role.OFFICER:
            yield Reason("no_inspector", False, {"officer": name, "role": role.value})
        elif name not in outing.officers or role is None:
            yield Reason("not_of_the_crew", False, {"officer": name})
    inside = [roster[name] for name in set(officers) if name in roster]
    lacks = {field for field in stop.visit.needs if not any(officer.certified(field, today) for officer in inside)}
    if lacks:
        yield Reason("entered_without", False, {"certificates": ",".join(sorted(lacks))})


def _kept_from_the_door(page: Writing, stop: Stop, officers: Sequence[str], today: date) -> Iterator[Reason]:
    """Whoever may not inspect there, or is on leave."""
    barred = kept_away(page.connection, page.teams(), today)
    away = {each.officer for each in inspections.absences(page.connection) if each.first <= today <= each.last}
    for name in sorted(set(officers)):
        if not barred.get(name, frozenset()).isdisjoint(stop.visit.doors):
            yield Reason("must_not_inspect", False, {"officer": name, "premises": stop.visit.premises})
        if name in away:
            yield Reason("officer_away", False, {"officer": name, "day": today.isoformat()})


def _write_move(page: Writing, who: Actor, scene: _Scene, stop: Stop, target: Outing, moved: Moved) -> Stop:
    """Both crews' days and every call whose hour changed, under one entry that can be taken back."""
    source = scene.now.outings[stop.outing]
    hours = {call.visit.id: call for call in moved.target.calls}
    before = [stop, *(each for each in scene.now.of(target.id) if each.visit.id in hours)]
    after = [
        each.moved(target.id, call.arrive, call.leave)
        for each in before
        if _differs(each, call := hours[each.visit.id], target)
    ]
    for each in after:
        inspections.put_stop(page, each)
    emptied = not [each for each in scene.now.of(source.id) if each.id != stop.id]
    if emptied:
        inspections.drop_outing(page, source.id)
    else:
        inspections.put_outings(page, [replace(source, travel=moved.source.travel)])
    inspections.put_outings(page, [replace(target, travel=moved.target.travel)])
    made = target.id not in scene.now.outings
    was = {each.id: each for each in before}
    page.enter(
        who,
        Kind.INSPECTION,
        stop.id,
        version_before=stop.version,
        version_after=stop.version + 1,
        details={
            "from": source.id,
            "to": target.id,
            "outings": [_told(source)] if made else [_told(source), _told(target)],
            "made": target.id if made else "",
            "was": {each.id: [was[each.id].outing, was[each.id].arrive, was[each.id].leave] for each in after},
            "set": {each.id: [each.outing, each.arrive, each.leave] for each in after},
        },
    )
    return next(each for each in after if each.id == stop.id)


def _differs(stop: Stop, call: Call, target: Outing) -> bool:
    return (stop.outing, stop.arrive) != (target.id, call.arrive)


def _told(outing: Outing) -> dict[str, Any]:
    return {
        "id": outing.id,
        "calendar": outing.calendar,
        "day": outing.day.isoformat(),
        "town": outing.town,
        "officers": list(outing.officers),
        "travel": outing.travel,
    }


def _against_undoing(standing: InForce, entry: Entry, today: date) -> Iterator[Reason]:
    """A calendar that was adopted since, a day that is over, a crew that has begun since."""
    calls = entry.details.get("was", {}) if entry.deed == "inspect_move" else [entry.subject]
    crews = entry.details.get("outings", ())
    newest = {town: each.id for town, each in standing.calendars.items()}
    if not standing.stops.keys() >= set(calls) or any(newest.get(one["town"]) != one["calendar"] for one in crews):
        yield Reason("call_replaced", False, {"call": entry.subject})
    for one in crews:
        if date.fromisoformat(one["day"]) < today:
            yield Reason("day_is_over", False, {"day": one["day"]})
        begun = (each.begun_at or each.ended_at for each in standing.of(one["id"]))
        if any(at is not None and at > entry.at for at in begun):
            yield Reason("crew_has_begun", False, {"crew": one["id"]})


def _take_back(page: Writing, who: Actor, entry: Entry) -> Stop:
    if entry.deed != "inspect_move":
        stop = _there(page.connection, entry.subject)
        if stop.status.value != entry.details["set"]["status"]:
            raise Stale("call", stop.id, entry.version_after, stop.version, page.latest(Kind.INSPECTION, stop.id))
        step: Callable[[], Stop] = stop.unlocked if entry.deed == "inspect_lock" else stop.locked
        return _save(page, who, stop, step(), undoes=entry.sequence)
    back = []
    for call, was in entry.details["was"].items():
        stop = _there(page.connection, call)
        if [stop.outing, stop.arrive, stop.leave] != entry.details["set"][
            call
        ] or stop.status is not CallStatus.PLANNED:
            raise Stale("call", call, entry.version_after, stop.version, page.latest(Kind.INSPECTION, call))
        back.append(stop.moved(*was))
    outings = [
        Outing(
            one["id"],
            one["calendar"],
            date.fromisoformat(one["day"]),
            one["town"],
            tuple(one["officers"]),
            one["travel"],
        )
        for one in entry.details["outings"]
    ]
    made = entry.details.get("made", "")
    _refuse_changed_crews(page, entry, outings, made, {each.id for each in back})
    for each in back:
        inspections.put_stop(page, each)
    inspections.put_outings(page, outings)
    if made:
        inspections.drop_outing(page, made)
    stop = next(each for each in back if each.id == entry.subject)
    page.enter(
        who,
        Kind.INSPECTION,
        stop.id,
        version_before=stop.version - 1,
        version_after=stop.version,
        details={"undoes": entry.sequence, "from": entry.details["to"], "to": entry.details["from"]},
    )
    return stop


def _refuse_changed_crews(
    page: Writing, entry: Entry, outings: Sequence[Outing], made: str, moved_back: set[str]
) -> None:
    """Stop when a crew has other officers by now, or when a crew that was made has other calls besides."""
    others = inspections.calls_of(page.connection, made) - moved_back if made else set()
    there = [(one, inspections.outing(page.connection, one.id)) for one in outings]
    changed = [one.id for one, now in there if now is not None and now.officers != one.officers]
    for name in [*changed, *([made] if others else [])]:
        by = page.latest(Kind.INSPECTION, next(iter(sorted(others)), "calendar"))
        raise Stale("crew's day", name, entry.version_after, entry.version_after + 1, by)
