"""What the planner is asked for some towns: the book's premises, items and officers, less what stays as it is."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date, timedelta, tzinfo
from hashlib import sha256
from operator import attrgetter
from typing import Any, NamedTuple

from sqlalchemy import Connection

from dispatch.desk.ahead import StillAhead, still_ahead_of
from dispatch.desk.caps import counted
from dispatch.inspections.moving import travelled
from dispatch.inspections.noon import Noon
from dispatch.inspections.programme import Programme
from dispatch.inspections.ways import Ways
from dispatch.records.absence import Absence
from dispatch.records.calls import AHEAD, PUT_BACK, STAYS, CallStatus, Outing, Stop
from dispatch.records.inspection import SHARED, SMALLEST_CREW, Calendar, Call, CrewDay, DueItem, Inspector, Premises
from dispatch.records.team import Officer, Role, Team
from dispatch.store import inspections, plans
from dispatch.store.draws import only
from dispatch.store.inspections import InForce

Bases = Mapping[str, tuple[float, float]]
NOTICE_MIN = 30
"""Nothing new begins sooner: a crew has to be told and to get there, and a planner to read what would change."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question to the planner, and what its answer will be held against.

    Attributes
    ----------
    programme
        What is to be planned. Officers are away on the days on which a crew of theirs stays as it is, and visits that
        were made or stay count towards a cap.
    kept
        Ids of crews' days that stay: somebody locked a call of theirs that is still ahead, or they have begun.
    standing
        Fingerprint of everything the question was made from.
    ahead
        Visits that stay and are still to be made.
    """

    towns: tuple[str, ...]
    programme: Programme
    kept: tuple[str, ...]
    standing: str
    ahead: StillAhead = field(default_factory=StillAhead)


def ask(
    connection: Connection,
    teams: Sequence[Team],
    towns: Collection[str],
    days: Sequence[date],
    today: date,
    zone: tzinfo,
    ways: Ways,
    bases: Bases,
    noon: Noon | None = None,
) -> Question:
    """The question for these towns and working days, as the book stands.

    What nobody came to before ``today`` is due again. Caps are those of the year in which the days begin.
    """
    now = inspections.in_force(connection, towns, min(today, days[0]).replace(month=1, day=1))
    kept = kept_outings(now, towns, days, today)
    stay = [stop for stop in now.stops.values() if stop.outing in kept and stands(now, stop, today)]
    staying = {item for stop in stay if stop.status is not CallStatus.DONE for item in stop.visit.items}
    places = counted(connection, now, towns, days[0].year, zone, stay)
    items = tuple(item for item in inspections.to_visit(connection, towns) if item.id not in staying)
    busy = [outing for outing in now.outings.values() if outing.id in kept or outing.town not in towns]
    recusals, not_drawn = kept_away(connection, teams, today)
    officers = inspectors(teams, towns, days, recusals, busy, inspections.absences(connection), not_drawn)
    bases = {town: bases[town] for town in towns if town in bases}
    since = min(days[0], today + timedelta(days=1))
    programme = Programme(places, items, officers, tuple(days), ways, bases, noon, since)
    standing = _standing(programme, now, towns, kept, today)
    ahead = still_ahead_of(connection, now, stay, programme, begun(now))
    return Question(tuple(sorted(towns)), ahead.less(programme), tuple(sorted(kept)), standing, ahead)


def begun(now: InForce) -> set[str]:
    """Ids of crews' days on which somebody was at a door already."""
    return {stop.outing for stop in now.stops.values() if stop.status not in AHEAD}


def kept_outings(now: InForce, towns: Collection[str], days: Sequence[date], today: date) -> set[str]:
    """Crews' days of these towns that a new calendar for ``days`` leaves alone.

    A locked call of a day that is over, to which nobody came, holds its crew no longer.
    """
    fixed = {
        stop.outing
        for stop in now.stops.values()
        if stop.status in STAYS and (stop.status not in AHEAD or now.day_of(stop) >= today)
    }
    return {
        outing.id
        for outing in now.outings.values()
        if outing.town in towns and now.current(outing) and (outing.id in fixed or today <= outing.day < days[0])
    }


def stands(now: InForce, stop: Stop, today: date) -> bool:
    """Whether a call answers for its items: it was made, or it still will be."""
    if stop.status in AHEAD:
        return now.day_of(stop) >= today
    return stop.status not in PUT_BACK


def inspectors(
    teams: Iterable[Team],
    towns: Collection[str],
    days: Sequence[date],
    recusals: Mapping[str, frozenset[str]],
    busy: Iterable[Outing] = (),
    absences: Iterable[Absence] = (),
    not_drawn: Mapping[str, frozenset[str]] | None = None,
) -> tuple[Inspector, ...]:
    """The officers on the roster with certificates good on these days; who is posted to the district is shared.

    They are away on the days of their ``absences``, of the outings for which they are ``busy``, and once their last
    certificate has ended; ``recusals`` and ``not_drawn`` are those of `kept_away`. Auxiliaries and grid workers find
    and dissuade, they do not inspect.
    """
    away: dict[str, set[date]] = {}
    for outing in busy:
        for officer in outing.officers:
            away.setdefault(officer, set()).add(outing.day)
    for absence in absences:
        away.setdefault(absence.officer, set()).update(absence.days())
    found: dict[str, Inspector] = {}
    for team in teams:
        for who in team.officers:
            held, ending, until = _held(who, days)
            away.setdefault(who.id, set()).update(day for day in days if day > until)
            town = who.town if len(who.town) > 6 else SHARED
            if who.role is Role.OFFICER and held and (town == SHARED or town in towns):
                found[who.id] = Inspector(
                    who.id,
                    town,
                    team.body,
                    held,
                    recusals.get(who.id, frozenset()),
                    frozenset(away.get(who.id, ())),
                    (not_drawn or {}).get(who.id, frozenset()),
                    ending,
                )
    return tuple(found[name] for name in sorted(found))


def _held(who: Officer, days: Sequence[date]) -> tuple[frozenset[str], frozenset[tuple[str, date]], date]:
    """The fields of an officer that hold on all the days, else those that hold longest from the first; until when.

    In the middle those that end before, each with its last day: they are counted on no day, and a check that only they
    would do is told so.
    """
    ends: dict[str, date] = {}
    for each in who.certificates:
        ends[each.field] = max(each.valid_to, ends.get(each.field, date.min))
    until = max((end for end in ends.values() if end >= days[0]), default=date.min)
    until = min(until, days[-1])
    held = frozenset(field for field, end in ends.items() if end >= until >= days[0])
    return held, frozenset((field, end) for field, end in ends.items() if days[0] <= end < until), until


class KeptAway(NamedTuple):
    """By officer, premises at which they have a conflict of interest, and due items for which others go.

    Those are the officers drawn, or named by the department.
    """

    recusals: dict[str, frozenset[str]]
    not_drawn: dict[str, frozenset[str]]


def kept_away(connection: Connection, teams: Iterable[Team], today: date) -> KeptAway:
    """What is not for every officer to inspect.

    A draw binds its own items until they are done or their days are over; other checks at that door are anybody's. So
    does a department that names officers in its plan, as long as two of them are on the roster.
    """
    officers = {who.id for team in teams for who in team.officers}
    named = plans.named(connection, today).items()
    bound = only(connection, today) | {item: able for item, able in named if len(able & officers) >= SMALLEST_CREW}
    not_drawn = {who: frozenset(item for item, able in bound.items() if who not in able) for who in sorted(officers)}
    return KeptAway(inspections.recusals(connection), not_drawn)


def as_planned(now: InForce, town: str, programme: Programme) -> Calendar:
    """A town's calendar in force as the planner would have written it; calls that came to nothing are left out."""
    crews = [
        crew_day(now, outing, programme)
        for outing in now.outings.values()
        if outing.town == town and now.current(outing)
    ]
    return Calendar(tuple(crew for crew in crews if crew.calls))


def crew_day(now: InForce, outing: Outing, programme: Programme) -> CrewDay:
    """One crew's day with the calls that stand."""
    calls = tuple(Call(stop.visit, stop.arrive, stop.leave) for stop in now.of(outing.id) if _counts(stop))
    day = CrewDay(outing.id, outing.day, outing.town, outing.officers, calls, outing.travel)
    return day if len(calls) == len(now.of(outing.id)) else travelled(programme, day)


def of_calendar(
    connection: Connection,
    now: InForce,
    teams: Sequence[Team],
    town: str,
    today: date,
    ways: Ways,
    bases: Bases,
    noon: Noon | None = None,
) -> Programme:
    """What a town's calendar in force answers: exactly the items that its calls contain."""
    named = {
        item
        for stop in now.stops.values()
        if now.town_of(stop) == town and now.current(now.outings[stop.outing]) and _counts(stop)
        for item in stop.visit.items
    }
    items: dict[str, DueItem] = inspections.items(connection, named)
    visited = {stop.visit.premises for stop in now.stops.values() if now.town_of(stop) == town}
    # Premises that were moved to another town since are still called on by the crew that has the call.
    places: list[Premises] = [
        replace(place, town=town)
        for place in inspections.premises(connection)
        if place.town == town or place.id in visited
    ]
    days = now.calendars[town].days
    own = {outing.day for outing in now.outings.values() if outing.town == town and now.current(outing)}
    days = tuple(sorted({*days, *own}))
    recusals, not_drawn = kept_away(connection, teams, today)
    return Programme(
        tuple(places),
        tuple(items.values()),
        inspectors(teams, [town], days, recusals, (), inspections.absences(connection), not_drawn),
        days,
        ways,
        {town: bases[town]} if town in bases else {},
        noon,
    )


def _counts(stop: Stop) -> bool:
    return stop.status not in PUT_BACK


def _standing(programme: Programme, now: InForce, towns: Collection[str], kept: Collection[str], today: date) -> str:
    """Of what is asked and of the calendars that the answer replaces: whoever moved a call there is not undone.

    And of the day: by the next morning crews would have set out already that nobody has told.
    """
    current = [
        stop for stop in now.stops.values() if now.town_of(stop) in towns and now.current(now.outings[stop.outing])
    ]
    told = {
        **told_of(programme),
        "replaces": sorted(each.id for town, each in now.calendars.items() if town in towns),
        "kept": sorted(kept),
        "today": today.isoformat(),
        "calls": sorted(f"{stop.id} {stop.version} {stop.outing}" for stop in current),
    }
    return fingerprint(told)


def around(towns: Collection[str]) -> frozenset[str]:
    """Where a deed about these towns lies: in each of them, so that two posts in two towns are enough for both."""
    return frozenset(towns or [""])


def fingerprint(told: Mapping[str, Any]) -> str:
    """Of words, numbers and lists of them: the same whenever they are."""
    return sha256(repr(sorted(told.items())).encode(errors="backslashreplace")).hexdigest()


def told_of(programme: Programme) -> dict[str, Any]:
    """A programme as words that are the same whenever it is the same."""
    return {
        "premises": [_PREMISES(one) for one in programme.premises],
        "items": [(*_ITEM(one), str(one.earliest), str(one.latest)) for one in programme.items],
        "officers": [
            (
                *(*_OFFICER(one), sorted(one.certificates), sorted(one.conflicts), sorted(map(str, one.away))),
                sorted(one.not_drawn_for),
                sorted((field, str(end)) for field, end in one.ending),
            )
            for one in programme.inspectors
        ],
        "days": [str(day) for day in programme.days],
    }


_PREMISES = attrgetter(*(each.name for each in fields(Premises)))
_ITEM = attrgetter("id", "premises", "department", "certificate", "minutes", "occasion")
_OFFICER = attrgetter("id", "town", "department")
