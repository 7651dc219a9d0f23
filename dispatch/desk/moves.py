"""Calls moved to other crews: where one might go and why not, the move, and the last one taken back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from dispatch.desk.door import Door
from dispatch.desk.incidents import Desk
from dispatch.desk.question import NOTICE_MIN, Bases, as_planned, of_calendar
from dispatch.desk.refusals import Refused, Stale, Unknown, first_of
from dispatch.desk.rewriting import rewrite
from dispatch.desk.takingback import MOVE, against, take_back, two_crews
from dispatch.desk.trying import Choice, Trial, trial
from dispatch.inspections.checked import UnderWay
from dispatch.inspections.faults import faults
from dispatch.inspections.ids import free_id
from dispatch.inspections.moving import Moved
from dispatch.inspections.noon import Noon
from dispatch.inspections.ways import Ways
from dispatch.records.calls import AHEAD, CallStatus, Outing, Stop
from dispatch.records.inspection import Calendar, Call
from dispatch.records.reason import Reason
from dispatch.store import inspections
from dispatch.store.inspections import InForce
from dispatch.store.ledger import Entry, Kind
from dispatch.store.writing import Actor, Writing

UNDONE_BY = ("inspect_lock", "inspect_unlock", MOVE)
UNDO_BACK = timedelta(days=7)


class Moves(Door):
    """The deeds that lock one call, move it or take that back, one transaction each.

    Parameters
    ----------
    desk
        The desk of incidents, whose door and calendar it shares.
    ways, bases, noon
        As for ``dispatch.desk.inspections.Inspections``.
    """

    def __init__(self, desk: Desk, ways: Ways, bases: Bases, noon: Noon | None = None) -> None:
        super().__init__(desk.casebook, desk.clock, desk.rights)
        self._desk = desk
        self.ways = ways
        self.bases = bases
        self.noon = noon

    def lock(self, actor: str, call: str, version: int, *, now: datetime | None = None) -> Stop:
        """The call stays with its crew, on its day and at its hour, whatever is planned anew."""
        with self._call("inspect_lock", actor, call, version, now) as (page, who, stop):
            return save(page, who, stop, stop.locked())

    def unlock(self, actor: str, call: str, version: int, *, now: datetime | None = None) -> Stop:
        """The call may be moved again."""
        with self._call("inspect_unlock", actor, call, version, now) as (page, who, stop):
            return save(page, who, stop, stop.unlocked())

    def choices(self, call: str, *, now: datetime | None = None) -> list[Choice]:
        """Every other crew's day of the town that is still ahead, and a new crew on every day on which the call may be.

        Each comes with its hour, or with what keeps the call from it; by day, crews that there are first.
        """
        teams, at = self.casebook.teams(), now or self.clock()
        with self.casebook.reading() as connection:
            stop = there(connection, call)
            force = self._in_force(connection, stop, at)
            if stop.id not in force.stops:
                return []
            tried = trial(connection, force, teams, stop, self.ways, self.bases, self._at(at), self.noon)
        ahead = [
            outing
            for outing in force.outings.values()
            if outing.town == tried.source.town
            and force.current(outing)
            and outing.id != stop.outing
            and outing.day >= tried.today
        ]
        days = [day for day in tried.programme.days if day >= tried.today]
        crews = [tried.choice(outing) for outing in ahead]
        new = [tried.with_new_crew(day) for day in days if stop.visit.first <= day <= stop.visit.last]
        return sorted([*crews, *new], key=lambda each: (each.outing.day, each.new, each.outing.id))

    def move(self, actor: str, call: str, version: int, to: str, *, now: datetime | None = None) -> Stop:
        """The call with another crew, on whatever day that crew goes out.

        Raises
        ------
        Refused
            With what stands against it: see ``dispatch.inspections.moving``; or with what the independent checker
            finds.
        """
        with self._call(MOVE, actor, call, version, now) as (page, who, stop):
            tried = self._trial(page, stop, who.at)
            target = tried.now.outings.get(to)
            if target is None:
                raise Unknown("crew's day", to)
            return _write_move(page, who, tried, target)

    def move_to_new_crew(
        self, actor: str, call: str, version: int, day: date, officers: Sequence[str], *, now: datetime | None = None
    ) -> Stop:
        """The call with a crew that goes out for it on that day.

        Raises
        ------
        Refused
            As for :meth:`move`; ``officer_busy`` when one of them goes out with another crew on that day.
        """
        with self._call(MOVE, actor, call, version, now) as (page, who, stop):
            tried = self._trial(page, stop, who.at)
            busy = list(two_crews(officers, tried.now.busy(day), day))
            if busy:
                raise Refused(*busy)
            calendar = tried.now.calendars[tried.source.town].id
            taken = inspections.names_of(page.connection, calendar)
            name = free_id(f"{calendar}-{tried.source.town}-{day:%m%d}", taken)
            return _write_move(page, who, tried, tried.outing(name, day, tuple(officers)))

    def undoable(self, actor: str, *, now: datetime | None = None) -> int:
        """The number of the deed that :meth:`undo` would take back; 0 when there is none."""
        last = _last_done(self._recent(actor, now or self.clock()))
        return last.sequence if last else 0

    def undo(self, actor: str, seen: int | None = None, *, now: datetime | None = None) -> Stop:
        """The actor's last lock, unlocking or move that is not yet taken back, taken back.

        ``seen`` is what was :meth:`undoable` when the actor looked; whatever is last when it is not said.

        Raises
        ------
        Refused
            ``nothing_to_take_back``; ``call_replaced``; ``day_is_over``; ``crew_has_begun``;
            ``officer_busy`` as for :meth:`move_to_new_crew`; or what the independent checker would find.
        Stale
            When somebody has changed one of the calls since, or the actor has done something else since.
        """
        recent = self._recent(actor, now or self.clock())
        last = _last_done(recent)
        with self.deed("inspect_undo", actor, Kind.INSPECTION, last.subject if last else "", now) as (page, who):
            if last is None:
                raise Refused(Reason("nothing_to_take_back", False))
            if seen is not None and seen != last.sequence:
                raise Stale("deed", last.subject, seen, last.sequence, recent[0])
            stop = there(page.connection, last.subject)
            standing = self._in_force(page.connection, stop, who.at)
            wrong = list(against(standing, last, self._desk.day(who.at)))
            if wrong:
                raise Refused(*wrong)
            if last.deed != MOVE:
                return _turned_back(page, who, stop, last)
            before, known = self._found(page, standing, stop, who.at)
            back = take_back(page, who, standing, last)
            today, minute = self._at(who.at)
            under_way = UnderWay(today, minute + NOTICE_MIN, before)
            _, found = self._found(page, self._in_force(page.connection, back, who.at), back, who.at, under_way)
            new = [each for each in found if each not in known]
            if new:
                raise Refused(*first_of(new))
            return back

    @contextmanager
    def _call(
        self, deed: str, actor: str, call: str, version: int, now: datetime | None
    ) -> Iterator[tuple[Writing, Actor, Stop]]:
        """The call on a page, provided it is as the actor saw it and nothing newer has taken its place."""
        with self.deed(deed, actor, Kind.INSPECTION, call, now) as (page, who):
            stop = there(page.connection, call)
            if stop.version != version:
                raise Stale("call", call, version, stop.version, page.latest(Kind.INSPECTION, call))
            if stop.status is CallStatus.SUPERSEDED or (stop.status in AHEAD and _replaced(page.connection, stop)):
                raise Refused(Reason("call_replaced", False, {"call": call}))
            yield page, who, stop

    def _trial(self, page: Writing, stop: Stop, at: datetime) -> Trial:
        standing = self._in_force(page.connection, stop, at)
        return trial(page.connection, standing, page.teams(), stop, self.ways, self.bases, self._at(at), self.noon)

    def _in_force(self, connection: Connection, stop: Stop, at: datetime) -> InForce:
        """What is in force with the calls of the call's own town."""
        return inspections.in_force(connection, [inspections.town_of_call(connection, stop.id)], self._desk.day(at))

    def _at(self, at: datetime) -> tuple[date, int]:
        return self._desk.day(at), self._desk.minute(at)

    def _found(
        self, page: Writing, standing: InForce, stop: Stop, at: datetime, under_way: UnderWay | None = None
    ) -> tuple[Calendar, list[Reason]]:
        """The calendar in force of the call's town, and what the independent checker finds in it."""
        town = standing.town_of(stop)
        today = self._desk.day(at)
        programme = of_calendar(page.connection, standing, page.teams(), town, today, self.ways, self.bases, self.noon)
        calendar = as_planned(standing, town, programme)
        return calendar, faults(programme, calendar, under_way)

    def _recent(self, actor: str, at: datetime) -> list[Entry]:
        """What the actor has done of late that can be taken back, and what was taken back, newest first."""
        return self.casebook.deeds_of(actor, *UNDONE_BY, "inspect_undo", since=at - UNDO_BACK)


def _last_done(entries: Sequence[Entry]) -> Entry | None:
    """The newest deed that no other of them takes back."""
    undone = {entry.details.get("undoes") for entry in entries if entry.deed == "inspect_undo"}
    return next((each for each in entries if each.deed in UNDONE_BY and each.sequence not in undone), None)


def there(connection: Connection, call: str) -> Stop:
    """The call of that id; raises ``Unknown``."""
    stop = inspections.stop(connection, call)
    if stop is None:
        raise Unknown("call", call)
    return stop


def save(page: Writing, who: Actor, before: Stop, after: Stop, **details: Any) -> Stop:
    """A call brought to its next version under one entry."""
    inspections.put_stop(page, after)
    told: dict[str, Any] = {"set": {"status": after.status.value}, "was": {"status": before.status.value}, **details}
    if after.said != before.said:
        told["said"] = after.said
    if after.entered != before.entered:
        told["entered"] = list(after.entered)
    if after.incidents != before.incidents:
        told["incident"] = after.incidents[-1]
    page.enter(
        who, Kind.INSPECTION, before.id, version_before=before.version, version_after=after.version, details=told
    )
    return after


def _replaced(connection: Connection, stop: Stop) -> bool:
    """Whether a newer calendar has taken the place of the call's own."""
    outing = inspections.outing(connection, stop.outing)
    newest = inspections.newest_calendars(connection).get(outing.town) if outing is not None else None
    return outing is None or newest is None or newest.id != outing.calendar


def _turned_back(page: Writing, who: Actor, stop: Stop, entry: Entry) -> Stop:
    """Locked again, or unlocked again."""
    if stop.status.value != entry.details["set"]["status"]:
        raise Stale("call", stop.id, entry.version_after, stop.version, page.latest(Kind.INSPECTION, stop.id))
    after = stop.unlocked() if entry.deed == "inspect_lock" else stop.locked()
    return save(page, who, stop, after, undoes=entry.sequence)


def _write_move(page: Writing, who: Actor, tried: Trial, target: Outing) -> Stop:
    """Both crews' days and every call whose hour changed, under one entry that can be taken back."""
    moved, stop = tried.tried(target), tried.stop
    wrong = tried.new_faults(moved) if isinstance(moved, Moved) else moved
    if wrong or not isinstance(moved, Moved):
        raise Refused(*wrong)
    source = tried.now.outings[stop.outing]
    hours = {call.visit.id: call for call in moved.target.calls}
    before = [stop, *(each for each in tried.now.of(target.id) if each.visit.id in hours)]
    after = [
        each.moved(target.id, call.arrive, call.leave)
        for each in before
        if _differs(each, call := hours[each.visit.id], target)
    ]
    days = [replace(target, travel=moved.target.travel)]
    if moved.source.calls:
        days.append(replace(source, travel=moved.source.travel))
    told = rewrite(page, tried.now, days, after)
    page.enter(
        who,
        Kind.INSPECTION,
        stop.id,
        version_before=stop.version,
        version_after=stop.version + 1,
        details={"from": source.id, "to": target.id, **told},
    )
    return next(each for each in after if each.id == stop.id)


def _differs(stop: Stop, call: Call, target: Outing) -> bool:
    return (stop.outing, stop.arrive) != (target.id, call.arrive)
