"""A crew's round of inspections: calls locked, moved and taken back; begun, done, put back; what was found there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from dispatch.desk.deed import Deed, stated
from dispatch.desk.door import Door
from dispatch.desk.incidents import Desk
from dispatch.desk.question import Bases, as_planned, crew_day, of_calendar
from dispatch.desk.refusals import Refused, Stale, Unknown
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
    "not_its_day",  # day
    "two_must_enter",
    "not_of_the_crew",  # officer
    "no_inspector",  # officer, role
    "entered_without",  # certificates
    "nothing_to_take_back",
)
UNDONE_BY = ("inspect_lock", "inspect_unlock", "inspect_move")
UNDO_BACK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Choice:
    """Another crew's day that a call might go to, and why it cannot; empty when it can."""

    outing: Outing
    why: tuple[Reason, ...]


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

    def choices(self, call: str) -> list[Choice]:
        """Every other crew's day of the town that is still ahead, by day, each with what keeps the call from it."""
        teams = self.casebook.teams()
        with self.casebook.reading() as connection:
            stop = _there(connection, call)
            now = inspections.in_force(connection)
            if stop.id not in now.stops:
                return []
            scene = self._scene(connection, now, teams, stop)
            today = self._desk.day()
            ahead = [
                outing
                for outing in now.outings.values()
                if outing.town == scene.source.town
                and now.current(outing)
                and outing.id != stop.outing
                and outing.day >= today
            ]
            return [Choice(outing, self._why_not(scene, stop, outing, today)) for outing in ahead]

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
            scene = self._scene(page.connection, standing, page.teams(), stop)
            why = self._why_not(scene, stop, target, self._desk.day(who.at))
            if why:
                raise Refused(*why)
            moved = self._moved(scene, stop, target)
            assert isinstance(moved, Moved), "nothing stood against it a moment ago"
            return _write_move(page, who, scene, stop, target, moved)

    def undo(self, actor: str, *, now: datetime | None = None) -> Stop:
        """The actor's last lock, unlocking or move that is not yet taken back, taken back.

        Raises
        ------
        Refused
            ``nothing_to_take_back``.
        Stale
            When somebody has changed one of the calls since.
        """
        call = self._last_done(actor, now or self.clock())
        with self.deed("inspect_undo", actor, Kind.INSPECTION, call.subject if call else "", now) as (page, who):
            if call is None:
                raise Refused(Reason("nothing_to_take_back", False))
            return _take_back(page, who, call)

    def begin(
        self, actor: str, call: str, version: int, officers: Sequence[str], *, now: datetime | None = None
    ) -> Stop:
        """The officers have gone in: at least two of the crew, with every certificate the visit needs between them.

        Raises
        ------
        Refused
            With everything that is wrong: ``not_its_day``; ``two_must_enter`` (Administrative Penalty Law, article 42);
            ``not_of_the_crew``; ``no_inspector`` for an auxiliary or grid worker; ``entered_without``.
        """
        with self._call("inspect_begin", actor, call, version, now) as (page, who, stop):
            after = stop.begun(who.at, tuple(officers))
            outing = inspections.outing(page.connection, stop.outing)
            assert outing is not None
            wrong = list(_wrong_at_the_door(stop, outing, officers, page.teams(), self._desk.day(who.at)))
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
            town = inspections.town_of_call(page.connection, stop.id)
            place = next(one for one in inspections.premises(page.connection, [town]) if one.id == stop.visit.premises)
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

    def _scene(self, connection: Connection, now: InForce, teams: Sequence[Team], stop: Stop) -> _Scene:
        town = now.town_of(stop)
        programme = of_calendar(connection, now, teams, town, self.ways, self.bases)
        calendar = as_planned(now, town, programme)
        source = crew_day(now, now.outings[stop.outing], programme)
        return _Scene(now, programme, calendar, source)

    def _why_not(self, scene: _Scene, stop: Stop, target: Outing, today: date) -> tuple[Reason, ...]:
        if stop.status is CallStatus.LOCKED:
            return (Reason("call_locked", False, {"call": stop.id}),)
        if target.day < today:
            return (Reason("day_is_over", False, {"day": target.day.isoformat()}),)
        if any(each.status not in AHEAD for each in scene.now.of(target.id)):
            return (Reason("crew_has_begun", False, {"crew": target.id}),)
        moved = self._moved(scene, stop, target)
        if not isinstance(moved, Moved):
            return moved
        before = faults(scene.programme, scene.calendar)
        return tuple(fault for fault in faults(scene.programme, scene.after(moved)) if fault not in before)

    @staticmethod
    def _moved(scene: _Scene, stop: Stop, target: Outing) -> Moved | tuple[Reason, ...]:
        fixed = {each.visit.id for each in scene.now.of(target.id) if each.status is not CallStatus.PLANNED}
        call = Call(stop.visit, stop.arrive, stop.leave)
        return move(scene.programme, call, scene.source, crew_day(scene.now, target, scene.programme), fixed)

    def _last_done(self, actor: str, at: datetime) -> Entry | None:
        entries = self.casebook.deeds_of(actor, *UNDONE_BY, "inspect_undo", since=at - UNDO_BACK)
        undone = {entry.details.get("undoes") for entry in entries if entry.deed == "inspect_undo"}
        return next((each for each in entries if each.deed in UNDONE_BY and each.sequence not in undone), None)


@dataclass(frozen=True, slots=True)
class _Scene:
    """A town's calendar while a call of ``source`` is looked at."""

    now: InForce
    programme: Programme
    calendar: Calendar
    source: CrewDay

    def after(self, moved: Moved) -> Calendar:
        """The calendar with both crews as the move leaves them."""
        changed = {moved.source.id: moved.source, moved.target.id: moved.target}
        crews = [changed.get(crew.id, crew) for crew in self.calendar.crews]
        if moved.target.id not in {crew.id for crew in crews}:
            crews.append(moved.target)
        return replace(self.calendar, crews=tuple(crew for crew in crews if crew.calls))


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
            "outings": [_told(source), _told(target)],
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
    for each in back:
        inspections.put_stop(page, each)
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
    inspections.put_outings(page, outings)
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
