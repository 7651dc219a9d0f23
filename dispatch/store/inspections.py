"""Premises, what is due there, and calendars of inspections between rows and records."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Select, delete, func, insert, select, update

from dispatch.records.absence import Absence
from dispatch.records.calls import AHEAD, STAYS, Adopted, CallStatus, Outing, Stop
from dispatch.records.inspection import DueItem, Occasion, Premises, Remote, Undone, Visit
from dispatch.store.casefiles import IDS_AT_ONCE
from dispatch.store.ledger import Kind
from dispatch.store.tables import ABSENCES, CALENDARS, CALLS, DUE_ITEMS, LEDGER, OUTINGS, PREMISES, RECUSALS, UNDONE
from dispatch.store.writing import Writing

PREMISES_FIELDS = tuple(each.name for each in fields(Premises) if each.name != "visits_later")  # the book counts those
ITEM_FIELDS = tuple(each.name for each in fields(DueItem))
ABSENCE_FIELDS = tuple(each.name for each in fields(Absence))
HAS_BEGUN = sorted(STAYS - AHEAD)


@dataclass(frozen=True, slots=True)
class InForce:
    """Everything that is planned, under way or behind us.

    Attributes
    ----------
    calendars
        The one in force of each town.
    outings, stops
        By id; stops by crew and hour. Of calendars that were replaced only what was begun; what a re-plan superseded,
        and a crew's day with nothing else, is not among them.
    undone
        By calendar.
    """

    calendars: dict[str, Adopted]
    outings: dict[str, Outing]
    stops: dict[str, Stop]
    undone: dict[str, tuple[Undone, ...]]
    _by_outing: dict[str, list[Stop]] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        for stop in self.stops.values():
            self._by_outing.setdefault(stop.outing, []).append(stop)

    def of(self, outing: str) -> list[Stop]:
        """A crew's calls in the order of their hours."""
        return list(self._by_outing.get(outing, ()))

    def day_of(self, stop: Stop) -> date:
        return self.outings[stop.outing].day

    def town_of(self, stop: Stop) -> str:
        return self.outings[stop.outing].town

    def busy(self, day: date, but: Collection[str] = ()) -> frozenset[str]:
        """Who goes out with a crew on that day, in any town; ``but`` are crews' days that do not count."""
        crews = (one for one in self.outings.values() if one.day == day and one.id not in but)
        return frozenset(who for one in crews for who in one.officers)

    def current(self, outing: Outing) -> bool:
        """Whether it belongs to the calendar in force of its town, not to one that was replaced."""
        calendar = self.calendars.get(outing.town)
        return calendar is not None and calendar.id == outing.calendar


def premises(connection: Connection, towns: Collection[str] | None = None) -> list[Premises]:
    """Premises by id, of these towns or all."""
    query = select(*(PREMISES.c[name] for name in PREMISES_FIELDS)).order_by(PREMISES.c.id)
    if towns is not None:
        query = query.where(PREMISES.c.town.in_(sorted(towns)))
    return [Premises(*row) for row in connection.execute(query)]


def counted_at(connection: Connection, towns: Collection[str] | None = None) -> dict[str, datetime]:
    """When premises, of these towns or all, were taken in last, and their visits counted."""
    query = select(PREMISES.c.id, PREMISES.c.counted_at)
    if towns is not None:
        query = query.where(PREMISES.c.town.in_(sorted(towns)))
    return {row.id: row.counted_at for row in connection.execute(query)}


def due_items(connection: Connection, towns: Collection[str] | None = None, *, open_only: bool = True) -> list[DueItem]:
    """Items by id, of premises of these towns or all; without what is done unless asked for."""
    query = select(*(DUE_ITEMS.c[name] for name in ITEM_FIELDS)).order_by(DUE_ITEMS.c.id)
    if towns is not None:
        here = select(PREMISES.c.id).where(PREMISES.c.town.in_(sorted(towns)))
        query = query.where(DUE_ITEMS.c.premises.in_(here))
    if open_only:
        query = query.where(DUE_ITEMS.c.done_at.is_(None))
    return [_item(row) for row in connection.execute(query)]


def to_visit(connection: Connection, towns: Collection[str] | None = None) -> list[DueItem]:
    """What is due in these towns, or all, and asks for somebody to go there."""
    return [item for item in due_items(connection, towns) if not item.remote]


def items(connection: Connection, ids: Collection[str]) -> dict[str, DueItem]:
    """These items by id, done or not."""
    found: dict[str, DueItem] = {}
    wanted = sorted(ids)
    for start in range(0, len(wanted), IDS_AT_ONCE):
        some = DUE_ITEMS.c.id.in_(wanted[start : start + IDS_AT_ONCE])
        query = select(*(DUE_ITEMS.c[name] for name in ITEM_FIELDS)).where(some)
        found |= {row.id: _item(row) for row in connection.execute(query)}
    return found


def done_at(connection: Connection, ids: Collection[str]) -> dict[str, datetime]:
    """When those of these items were done that are."""
    found: dict[str, datetime] = {}
    wanted = sorted(ids)
    for start in range(0, len(wanted), IDS_AT_ONCE):
        some = DUE_ITEMS.c.id.in_(wanted[start : start + IDS_AT_ONCE]) & DUE_ITEMS.c.done_at.is_not(None)
        found |= {
            row.id: row.done_at for row in connection.execute(select(DUE_ITEMS.c.id, DUE_ITEMS.c.done_at).where(some))
        }
    return found


def leads(connection: Connection) -> frozenset[str]:
    """Ids of the items, done or not, that follow a lead."""
    return frozenset(connection.scalars(select(DUE_ITEMS.c.id).where(DUE_ITEMS.c.occasion == Occasion.LEAD.value)))


def recusals(connection: Connection) -> dict[str, frozenset[str]]:
    """Premises that an officer must not inspect, by officer."""
    found: dict[str, set[str]] = {}
    for officer, place in connection.execute(select(RECUSALS.c.officer, RECUSALS.c.premises)):
        found.setdefault(officer, set()).add(place)
    return {officer: frozenset(places) for officer, places in found.items()}


def absences(connection: Connection, since: date = date.min) -> list[Absence]:
    """Who is, was or will be away on ``since`` or later, by first day; what was called off is left out."""
    query = select(*(ABSENCES.c[name] for name in ABSENCE_FIELDS)).where(ABSENCES.c.called_off.is_(False))
    query = query.where(ABSENCES.c.last >= since)
    return [Absence(*row) for row in connection.execute(query.order_by(ABSENCES.c.first, ABSENCES.c.id))]


def absence(connection: Connection, absence_id: str) -> Absence | None:
    """The absence of that id, called off or not, or None."""
    query = select(*(ABSENCES.c[name] for name in ABSENCE_FIELDS)).where(ABSENCES.c.id == absence_id)
    row = connection.execute(query).one_or_none()
    return Absence(*row) if row else None


def keep_absence(page: Writing, one: Absence) -> None:
    """An absence as it is now, new or in place of its former version."""
    page.connection.execute(delete(ABSENCES).where(ABSENCES.c.id == one.id))
    page.connection.execute(insert(ABSENCES), asdict(one))
    page.touch()


def in_force(connection: Connection, towns: Collection[str] | None = None, since: date | None = None) -> InForce:
    """The calendars as they stand.

    Parameters
    ----------
    towns
        Whose calls are read, None for all; crews' days are read of all towns, since officers go out in any.
    since
        Of calendars that were replaced, what was begun from this day on, and what is under way still; None for all
        there ever was.
    """
    newest = newest_calendars(connection)
    ids = sorted({calendar.id for calendar in newest.values()})
    live = select(CALLS.c.outing).where(CALLS.c.status != CallStatus.SUPERSEDED)
    going = select(CALLS.c.outing).where(CALLS.c.status.in_(HAS_BEGUN))
    open_ = select(CALLS.c.outing).where(CALLS.c.status == CallStatus.UNDER_WAY)
    begun = (OUTINGS.c.id.in_(going) & (OUTINGS.c.day >= (since or date.min))) | OUTINGS.c.id.in_(open_)
    wanted = begun | (OUTINGS.c.calendar.in_(ids) & OUTINGS.c.id.in_(live))
    query = select(OUTINGS, begun.label("begun")).where(wanted).order_by(OUTINGS.c.day, OUTINGS.c.id)
    outings, current = {}, set()
    for row in connection.execute(query):
        if row.town in newest and newest[row.town].id == row.calendar:
            current.add(row.id)
        if row.begun or row.id in current:
            outings[row.id] = _outing(row)
    calls = select(CALLS).join(OUTINGS, CALLS.c.outing == OUTINGS.c.id).where(wanted)
    calls = calls.where(CALLS.c.status != CallStatus.SUPERSEDED)
    if towns is not None:
        calls = calls.where(OUTINGS.c.town.in_(sorted(towns)))
    stops = {
        row.id: _stop(row)
        for row in connection.execute(calls.order_by(CALLS.c.outing, CALLS.c.arrive, CALLS.c.id))
        if row.outing in current or (row.outing in outings and row.status in HAS_BEGUN)
    }
    undone: dict[str, list[Undone]] = {}
    for row in connection.execute(select(UNDONE).where(UNDONE.c.calendar.in_(ids)).order_by(UNDONE.c.item)):
        undone.setdefault(row.calendar, []).append(Undone(row.item, row.reason, row.price))
    return InForce(newest, outings, stops, {name: tuple(each) for name, each in undone.items()})


def newest_calendars(connection: Connection) -> dict[str, Adopted]:
    """The calendar in force of each town."""
    newest: dict[str, Adopted] = {}
    for calendar in calendars(connection):
        newest |= dict.fromkeys(calendar.towns, calendar)
    return newest


def done_since(connection: Connection, sequence: int) -> tuple[int, bool]:
    """The last entry of the ledger, and whether one after ``sequence`` is about inspections."""
    last = connection.scalar(select(func.max(LEDGER.c.sequence))) or 0
    after = (LEDGER.c.sequence > sequence) & (LEDGER.c.kind == Kind.INSPECTION)
    return int(last), connection.execute(select(LEDGER.c.sequence).where(after).limit(1)).first() is not None


def calendars(connection: Connection) -> list[Adopted]:
    """Every calendar that was ever adopted, the first first."""
    rows = connection.execute(select(CALENDARS).order_by(CALENDARS.c.made_at, CALENDARS.c.id))
    return [
        Adopted(
            row.id,
            row.made_at,
            row.by,
            tuple(json.loads(row.towns)),
            tuple(date.fromisoformat(day) for day in json.loads(row.days)),
            row.seed,
            row.seconds,
            json.loads(row.bounds),
        )
        for row in rows
    ]


def stop(connection: Connection, call_id: str) -> Stop | None:
    """The call of that id, or None."""
    row = connection.execute(select(CALLS).where(CALLS.c.id == call_id)).one_or_none()
    return _stop(row) if row else None


def at_the_door(connection: Connection, premises_id: str) -> list[tuple[Outing, Stop]]:
    """Every call at these premises that was begun, of any calendar, with its crew's day; the newest first."""
    begun = (CALLS.c.premises == premises_id) & CALLS.c.status.in_(HAS_BEGUN)
    stops = [_stop(row) for row in connection.execute(select(CALLS).where(begun))]
    days = select(OUTINGS).where(OUTINGS.c.id.in_(sorted({stop.outing for stop in stops})))
    crews = {row.id: _outing(row) for row in connection.execute(days)}
    made = ((crews[stop.outing], stop) for stop in stops)
    return sorted(made, key=lambda each: (each[0].day, each[1].arrive, each[1].id), reverse=True)


def outing(connection: Connection, outing_id: str) -> Outing | None:
    """The crew's day of that id, or None."""
    row = connection.execute(select(OUTINGS).where(OUTINGS.c.id == outing_id)).one_or_none()
    return _outing(row) if row else None


def names_of(connection: Connection, calendar: str) -> set[str]:
    """Ids that calls and crews' days of a calendar have or once had, so that none is given twice."""
    ids = (CALLS.c.id, OUTINGS.c.id)
    own = (select(id_).where(id_.startswith(f"{calendar}-", autoescape=True)) for id_ in ids)
    return {name for query in own for name in connection.scalars(query)}


def town_of_call(connection: Connection, call_id: str) -> str:
    """The town whose crew makes a call; empty when there is none of that id."""
    query = select(OUTINGS.c.town).join(CALLS, CALLS.c.outing == OUTINGS.c.id).where(CALLS.c.id == call_id)
    return str(connection.scalar(query) or "")


def keep_premises(page: Writing, given: Sequence[Premises], at: datetime) -> None:
    """Premises as they are given and counted ``at`` that time, in place of those of the same id."""
    known = _versions(page.connection, PREMISES, [one.id for one in given])
    _keep(page, PREMISES, known, [{**_told(one), "counted_at": at} for one in given])


def _told(place: Premises) -> dict[str, Any]:
    return {name: getattr(place, name) for name in PREMISES_FIELDS}


def keep_items(page: Writing, given: Sequence[DueItem]) -> None:
    """Items as they are given, due from now on."""
    known = _versions(page.connection, DUE_ITEMS, [one.id for one in given])
    _keep(page, DUE_ITEMS, known, [{**asdict(one), "done_at": None} for one in given])


def drop_items(page: Writing, ids: Iterable[str]) -> None:
    """These items are due no more, and no calendar lacks them; what was made stays."""
    wanted = sorted(ids)
    for start in range(0, len(wanted), IDS_AT_ONCE):
        some = wanted[start : start + IDS_AT_ONCE]
        page.connection.execute(delete(DUE_ITEMS).where(DUE_ITEMS.c.id.in_(some), DUE_ITEMS.c.done_at.is_(None)))
        page.connection.execute(delete(UNDONE).where(UNDONE.c.item.in_(some)))
    page.touch()


def keep_recusals(page: Writing, given: Iterable[tuple[str, str]]) -> None:
    """Exactly these officers must keep away from exactly these premises."""
    page.connection.execute(delete(RECUSALS))
    rows = [{"officer": officer, "premises": place} for officer, place in sorted(set(given))]
    if rows:
        page.connection.execute(insert(RECUSALS), rows)
    page.touch()


def items_done(page: Writing, items: Collection[str], at: datetime | None) -> None:
    """These items were checked; with ``at`` None they are due again."""
    page.connection.execute(
        update(DUE_ITEMS).where(DUE_ITEMS.c.id.in_(sorted(items))).values(done_at=at, version=DUE_ITEMS.c.version + 1)
    )
    page.touch()


def known_premises(connection: Connection, ids: Collection[str]) -> set[str]:
    """Those of these ids that the book has."""
    return set(_versions(connection, PREMISES, list(ids)))


def write_calendar(
    page: Writing,
    adopted: Adopted,
    outings: Sequence[Outing],
    stops: Sequence[Stop],
    undone: Sequence[Undone],
    kept: Collection[str],
) -> None:
    """A calendar with its crews and calls; ``kept`` are crews' days of the former one that stay as they are."""
    row = {**asdict(adopted), "towns": _json(adopted.towns), "days": _json([day.isoformat() for day in adopted.days])}
    row["bounds"] = json.dumps(adopted.bounds)
    page.connection.execute(insert(CALENDARS), row)
    if kept:
        page.connection.execute(update(OUTINGS).where(OUTINGS.c.id.in_(sorted(kept))).values(calendar=adopted.id))
    put_outings(page, outings)
    add_stops(page, stops)
    _put_undone(page, {adopted.id: undone})
    page.touch()


def put_bounds(page: Writing, calendar: str, bounds: Mapping[str, int]) -> None:
    """The bounds of a calendar's towns as they are now."""
    page.connection.execute(update(CALENDARS).where(CALENDARS.c.id == calendar).values(bounds=json.dumps(dict(bounds))))
    page.touch()


def put_outings(page: Writing, outings: Sequence[Outing]) -> None:
    """Crews' days as they are, in place of those of the same id."""
    if outings:
        page.connection.execute(delete(OUTINGS).where(OUTINGS.c.id.in_([one.id for one in outings])))
        rows = [{**asdict(one), "officers": _json(one.officers)} for one in outings]
        page.connection.execute(insert(OUTINGS), rows)
        page.touch()


def add_stops(page: Writing, stops: Sequence[Stop]) -> None:
    """Calls that are new in the calendar in force."""
    if stops:
        page.connection.execute(insert(CALLS), [_stop_row(one) for one in stops])
        page.touch()


def undone(connection: Connection, calendars: Collection[str], towns: Collection[str]) -> tuple[Undone, ...]:
    """What these calendars have no visit for in these towns."""
    query = select(UNDONE).where(UNDONE.c.calendar.in_(sorted(calendars)), UNDONE.c.item.in_(_items_of(towns)))
    return tuple(Undone(row.item, row.reason, row.price) for row in connection.execute(query.order_by(UNDONE.c.item)))


def replace_undone(page: Writing, undone: Mapping[str, Sequence[Undone]], towns: Collection[str]) -> None:
    """What has no visit in these towns, by calendar; what the same calendars leave out elsewhere stays."""
    mine = UNDONE.c.calendar.in_(sorted(undone)) & UNDONE.c.item.in_(_items_of(towns))
    page.connection.execute(delete(UNDONE).where(mine))
    _put_undone(page, undone)
    page.touch()


def _items_of(towns: Collection[str]) -> Select[tuple[str]]:
    here = select(DUE_ITEMS.c.id).join(PREMISES, PREMISES.c.id == DUE_ITEMS.c.premises)
    return here.where(PREMISES.c.town.in_(sorted(towns)))


def _put_undone(page: Writing, undone: Mapping[str, Sequence[Undone]]) -> None:
    rows = [
        {"calendar": calendar, "item": one.item, "reason": str(one.reason), "price": one.price}
        for calendar, each in undone.items()
        for one in each
    ]
    if rows:
        page.connection.execute(insert(UNDONE), rows)


def put_stop(page: Writing, after: Stop) -> None:
    """A call as it is now."""
    page.connection.execute(update(CALLS).where(CALLS.c.id == after.id).values(_stop_row(after)))
    page.touch()


def _versions(connection: Connection, table: Any, ids: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for start in range(0, len(ids), IDS_AT_ONCE):
        some = list(ids[start : start + IDS_AT_ONCE])
        found |= {
            row.id: row.version
            for row in connection.execute(select(table.c.id, table.c.version).where(table.c.id.in_(some)))
        }
    return found


def _keep(page: Writing, table: Any, known: dict[str, int], rows: Sequence[dict[str, Any]]) -> None:
    new = [{**row, "version": 1} for row in rows if row["id"] not in known]
    if new:
        page.connection.execute(insert(table), new)
    for row in rows:
        if row["id"] in known:
            values = {**row, "version": known[row["id"]] + 1}
            page.connection.execute(update(table).where(table.c.id == row["id"]).values(values))
    page.touch()


def _item(row: Any) -> DueItem:
    id, place, department, certificate, minutes, first, last, occasion, name, remote = row
    asked = department, certificate, minutes, first, last
    return DueItem(id, place, *asked, Occasion(occasion), name, Remote(remote))


def _outing(row: Any) -> Outing:
    return Outing(row.id, row.calendar, row.day, row.town, tuple(json.loads(row.officers)), row.travel)


def _stop(row: Any) -> Stop:
    visit = Visit(
        row.visit,
        row.premises,
        tuple(json.loads(row.items)),
        row.first,
        row.last,
        row.minutes,
        frozenset(json.loads(row.needs)),
    )
    return Stop(
        row.id,
        row.outing,
        visit,
        row.arrive,
        row.leave,
        CallStatus(row.status),
        row.begun_at,
        row.ended_at,
        tuple(json.loads(row.entered)),
        row.said,
        tuple(row.incident.split()),
        row.version,
    )


def _stop_row(one: Stop) -> dict[str, Any]:
    return {
        "id": one.id,
        "outing": one.outing,
        "visit": one.visit.id,
        "premises": one.visit.premises,
        "items": _json(one.visit.items),
        "needs": _json(sorted(one.visit.needs)),
        "first": one.visit.first,
        "last": one.visit.last,
        "minutes": one.visit.minutes,
        "arrive": one.arrive,
        "leave": one.leave,
        "status": one.status.value,
        "begun_at": one.begun_at,
        "ended_at": one.ended_at,
        "entered": _json(one.entered),
        "said": one.said,
        "incident": " ".join(one.incidents),
        "version": one.version,
    }


def _json(words: Sequence[str]) -> str:
    return json.dumps(list(words), ensure_ascii=False)
