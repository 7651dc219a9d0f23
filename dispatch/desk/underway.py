"""The calendar in force of some towns as it is now: what may change, what stays, and what it is held against."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Connection

from dispatch.desk.ahead import StillAhead, still_ahead_of
from dispatch.desk.caps import counted
from dispatch.desk.question import NOTICE_MIN, Bases, begun, fingerprint, inspectors, kept_away, stands, told_of
from dispatch.desk.refusals import Refused
from dispatch.inspections.noon import Noon
from dispatch.inspections.programme import Programme
from dispatch.inspections.standing import Standing
from dispatch.inspections.ways import Ways
from dispatch.records.calls import AHEAD, PUT_BACK, CallStatus, Outing, Stop
from dispatch.records.inspection import Calendar, Call, CrewDay, DueItem, Undone, Visit
from dispatch.records.reason import Reason
from dispatch.records.team import Team
from dispatch.store import inspections
from dispatch.store.inspections import InForce


@dataclass(frozen=True, slots=True)
class AsItStands:
    """The calendar in force of some towns as it is now, and what it is held against.

    Attributes
    ----------
    programme
        What is due and not under way or done, and who is there.
    calendar
        The crews that have not begun, from today on; its visits, and those of ``late``, have the ids of their calls.
    standing
        Now, and the visits that are locked.
    late
        Visits that have no crew any more: nobody came on their day, or their crew broke up on its way.
    kept
        Ids of crews' days that have begun; they stay as they are.
    ahead
        Of those crews' visits the ones that are still to be made.
    undone
        What the book says has no visit in these towns.
    staying
        Officer-days, by town, of the crews' days that stay as they are.
    bounds
        By town, as the book has them; a town of an old calendar may have none.
    taken
        Ids that are not given again.
    fingerprint
        Of everything this was made from.
    """

    towns: tuple[str, ...]
    programme: Programme
    calendar: Calendar
    standing: Standing
    late: tuple[Visit, ...]
    kept: tuple[str, ...]
    ahead: StillAhead
    undone: tuple[Undone, ...]
    staying: Mapping[str, int]
    bounds: Mapping[str, int]
    taken: frozenset[str]
    fingerprint: str


def as_it_stands(
    connection: Connection,
    force: InForce,
    teams: Sequence[Team],
    towns: Collection[str],
    local: datetime,
    ways: Ways,
    bases: Bases,
    noon: Noon | None = None,
) -> AsItStands:
    """Of ``towns`` those that have a calendar, at an hour of the place's own.

    Raises
    ------
    Refused
        ``no_calendar_ahead`` when no town of them has a calendar with a day from today on.
    """
    today, minute = local.date(), 60 * local.hour + local.minute
    here = tuple(sorted(force.calendars.keys() & set(towns)))
    calendars = {force.calendars[town].id for town in here}
    current = [one for one in force.outings.values() if one.town in here and force.current(one)]
    ahead = _days_ahead(force, here, current, today)
    absences = inspections.absences(connection, min(one.day for one in current) if current else today)
    away = {(absence.officer, day) for absence in absences for day in absence.days()}
    out = begun(force)
    kept = {one.id for one in force.outings.values() if one.town in here and one.id in out}
    open_ = [one for one in current if one.day >= today and one.id not in out]
    late = _late(force, current, kept, today, away)
    staying = [stop for stop in force.stops.values() if stop.outing in kept and stop.id not in late]
    stay = [stop for stop in staying if stands(force, stop, today)]
    places = counted(connection, force, here, ahead[0].year, local.tzinfo or UTC, stay)
    covered = {item for stop in stay if stop.status is not CallStatus.DONE for item in stop.visit.items}
    not_before = _not_before(force, today)
    items = tuple(
        _tried_again(item, not_before) for item in inspections.to_visit(connection, here) if item.id not in covered
    )
    busy = [one for one in force.outings.values() if one.id in kept or one.town not in here]
    recusals, not_drawn = kept_away(connection, teams, today)
    officers = inspectors(teams, here, ahead, recusals, busy, absences, not_drawn)
    bases = {town: bases[town] for town in here if town in bases}
    programme = Programme(places, items, officers, ahead, ways, bases, noon, today)
    crews = tuple(crew for one in open_ if (crew := _by_call(force, one)).calls)
    planned = {item for crew in crews for call in crew.calls for item in call.visit.items}
    still = still_ahead_of(connection, force, stay, programme, out, planned)
    locked = frozenset(stop.id for one in open_ for stop in force.of(one.id) if stop.status is CallStatus.LOCKED)
    calls = [stop for one in open_ for stop in force.of(one.id)] + staying + [force.stops[one] for one in late]
    return AsItStands(
        here,
        still.less(programme),
        Calendar(crews),
        Standing(today, minute + NOTICE_MIN, locked=locked),
        tuple(_named(force.stops[one]) for one in sorted(late)),
        tuple(sorted(kept)),
        still,
        inspections.undone(connection, calendars, here),
        _staying(force, current, here, {crew.id for crew in crews}, late),
        {town: each for town in here if (each := force.calendars[town].bounds.get(town)) is not None},
        frozenset(name for each in calendars for name in inspections.names_of(connection, each)),
        _fingerprint(programme, current, calls),
    )


def _days_ahead(force: InForce, towns: Iterable[str], current: Iterable[Outing], today: date) -> tuple[date, ...]:
    """Working days of the calendars in force, and days on which a crew goes out."""
    days = {day for town in towns for day in force.calendars[town].days} | {one.day for one in current}
    ahead = tuple(sorted(day for day in days if day >= today))
    if not ahead:
        raise Refused(Reason("no_calendar_ahead", False))
    return ahead


def _fingerprint(programme: Programme, current: Iterable[Outing], calls: Iterable[Stop]) -> str:
    told = {
        **told_of(programme),
        "crews": sorted(f"{one.id} {one.day} {' '.join(one.officers)}" for one in current),
        "calls": sorted(f"{stop.id} {stop.version} {stop.outing}" for stop in calls),
    }
    return fingerprint(told)


def _named(stop: Stop) -> Visit:
    """The visit under the id of its call: a visit's own id is that of its calendar only."""
    return replace(stop.visit, id=stop.id)


def _by_call(force: InForce, outing: Outing) -> CrewDay:
    """A crew's day whose visits have the ids of their calls."""
    calls = tuple(Call(_named(stop), stop.arrive, stop.leave) for stop in force.of(outing.id))
    return CrewDay(outing.id, outing.day, outing.town, outing.officers, calls, outing.travel)


def _staying(
    force: InForce,
    current: Iterable[Outing],
    towns: Collection[str],
    may_change: Collection[str],
    late: Collection[str],
) -> dict[str, int]:
    """Officer-days by town of the crews that have made or still make a call of theirs, whatever the re-plan says."""
    found = dict.fromkeys(towns, 0)
    for one in current:
        if one.id not in may_change and any(stop.id not in late for stop in force.of(one.id)):
            found[one.town] += len(one.officers)
    return found


def _late(
    force: InForce, current: Iterable[Outing], kept: Collection[str], today: date, away: Collection[tuple[str, date]]
) -> set[str]:
    """Ids of calls whose crew will not make them: its day is over, or it has begun and one of it has gone home."""
    return {
        stop.id
        for one in current
        for stop in force.of(one.id)
        if stop.status in AHEAD
        and (one.day < today or (one.id in kept and any((who, one.day) in away for who in one.officers)))
    }


def _not_before(force: InForce, today: date) -> dict[str, date]:
    """The first day on which a check may be tried again, after somebody stood before a closed door."""
    found: dict[str, date] = {}
    for stop in force.stops.values():
        if stop.status in PUT_BACK:
            day = force.day_of(stop) + timedelta(days=1)
            found |= {item: max(day, found.get(item, day)) for item in stop.visit.items if day > today}
    return found


def _tried_again(item: DueItem, not_before: Mapping[str, date]) -> DueItem:
    """Not on the day of the closed door, unless there is no other day."""
    day = not_before.get(item.id)
    return replace(item, earliest=day) if day is not None and item.earliest < day <= item.latest else item
