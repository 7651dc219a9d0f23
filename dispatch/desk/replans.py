"""The calendar in force put in order after something went otherwise: what would change is shown, then taken."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, tzinfo
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection

from dispatch.desk.door import Door
from dispatch.desk.question import NOTICE_MIN, Bases, around, inspectors, kept_away, stands, told_of
from dispatch.desk.refusals import Refused
from dispatch.desk.rewriting import free_id, rewrite
from dispatch.inspections.faults import UnderWay, faults, left_already
from dispatch.inspections.planning import Programme
from dispatch.inspections.replanning import Standing, replan
from dispatch.inspections.ways import Ways
from dispatch.records.calls import AHEAD, PUT_BACK, CallStatus, Outing, Stop
from dispatch.records.inspection import Calendar, Call, CrewDay, DueItem, Undone, Visit
from dispatch.records.reason import Reason
from dispatch.records.team import Team
from dispatch.rulebook.calendar import CHINA
from dispatch.store import inspections
from dispatch.store.inspections import InForce
from dispatch.store.ledger import Kind, canonical
from dispatch.store.writing import Actor, Writing

REPLAN_REASONS = ("no_calendar_ahead", "based_on_changed")
LOOK_BACK = timedelta(days=30)
"""A door that stayed closed under a former calendar is remembered for so long."""


@dataclass(frozen=True, slots=True)
class Where:
    """A day, a minute after midnight, and who comes."""

    day: date
    arrive: int
    officers: tuple[str, ...]
    outing: str = ""


@dataclass(frozen=True, slots=True)
class Shift:
    """One visit that is elsewhere than before.

    Attributes
    ----------
    was, now
        Where it was and will be; None where it had, or has, no place.
    unlocked
        It was locked and could not stay.
    again
        Somebody stood before a closed door; ``was`` says when.
    """

    call: str
    premises: str
    items: tuple[str, ...]
    was: Where | None
    now: Where | None
    unlocked: bool = False
    again: bool = False

    @property
    def stays_there(self) -> bool:
        """Whether the crew comes at the same hour, for other checks."""
        return self.was is not None and self.now is not None and not self.again and self.was == self.now


@dataclass(frozen=True, slots=True)
class Swap:
    """A crew's day with other officers than before; its visits keep their hours."""

    outing: str
    day: date
    town: str
    out: tuple[str, ...]
    into: tuple[str, ...]
    visits: int


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
    undone
        What the book says has no visit in these towns.
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
    undone: tuple[Undone, ...]
    taken: frozenset[str]
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Replanned:
    """What a re-plan would change, for somebody to take or to put away.

    Attributes
    ----------
    broken
        Rules that the independent checker finds broken; with one of them it is not taken.
    same
        Visits that stay where they are.
    undone
        Every check that has no visit, and why.
    """

    asked: AsItStands
    calendar: Calendar
    shifts: tuple[Shift, ...]
    swaps: tuple[Swap, ...]
    same: int
    broken: tuple[Reason, ...]

    @property
    def undone(self) -> tuple[Undone, ...]:
        return self.calendar.undone

    @property
    def left_out(self) -> tuple[Undone, ...]:
        """Checks without a visit of which the book does not know that, or not why."""
        known = {(each.item, each.reason) for each in self.asked.undone}
        return tuple(each for each in self.undone if (each.item, each.reason) not in known)

    @property
    def settled(self) -> tuple[Undone, ...]:
        """Checks of which the book says that they have no visit, and which have one or are no longer due."""
        still = {each.item for each in self.undone}
        return tuple(each for each in self.asked.undone if each.item not in still)

    @property
    def nothing(self) -> bool:
        """Whether everything stays as it is."""
        return not (self.shifts or self.swaps or self.left_out or self.settled)


class Replans(Door):
    """Looking at the calendar in force again, and taking what comes of it.

    Parameters
    ----------
    ways, bases, zone
        As for ``dispatch.desk.inspections.Inspections``.
    """

    def __init__(self, door: Door, ways: Ways, bases: Bases, zone: tzinfo = CHINA) -> None:
        super().__init__(door.casebook, door.clock, door.rights)
        self.ways, self.bases, self._zone = ways, bases, zone

    def look(self, towns: Collection[str], *, now: datetime | None = None) -> Replanned:
        """What would change in these towns, and what would not.

        Raises
        ------
        Refused
            ``no_calendar_ahead`` when no town of them has a calendar with a day from today on.
        """
        teams = self.casebook.teams()
        at = now or self.clock()
        with self.casebook.reading() as connection:
            force = self._in_force(connection, towns, at)
            asked = self._ask(connection, force, teams, towns, at)
        return _answered(asked, force)

    def take(self, actor: str, proposal: Replanned, *, now: datetime | None = None) -> tuple[Shift, ...]:
        """The changes made; every call that does not move keeps its id, its lock and its crew.

        Raises
        ------
        Refused
            With what the independent checker finds; ``based_on_changed`` when premises, checks, officers or calls are
            no longer as they were, or the hour of something new has passed.
        """
        asked = proposal.asked
        broken = _broken(asked, proposal.calendar)
        with self.deed("inspect_replan", actor, Kind.INSPECTION, "calendar", now, place=around(asked.towns)) as (
            page,
            who,
        ):
            if broken:
                raise Refused(*broken[:5])
            force = self._in_force(page.connection, asked.towns, who.at)
            if not force.calendars.keys() & set(asked.towns):
                raise Refused(Reason("based_on_changed", False))
            stands_now = self._ask(page.connection, force, page.teams(), asked.towns, who.at)
            if stands_now.fingerprint != asked.fingerprint or self._too_late(proposal, who.at):
                raise Refused(Reason("based_on_changed", False))
            _write(page, who, force, proposal)
            return proposal.shifts

    def _in_force(self, connection: Connection, towns: Collection[str], at: datetime) -> InForce:
        return inspections.in_force(connection, towns, at.astimezone(self._zone).date() - LOOK_BACK)

    def _too_late(self, proposal: Replanned, at: datetime) -> bool:
        """Whether somebody would have to have left by now for something new."""
        local = at.astimezone(self._zone)
        under_way = UnderWay(local.date(), 60 * local.hour + local.minute, proposal.asked.calendar)
        return any(True for _ in left_already(proposal.asked.programme, proposal.calendar, under_way))

    def _ask(
        self, connection: Connection, force: InForce, teams: Sequence[Team], towns: Collection[str], at: datetime
    ) -> AsItStands:
        """As :class:`AsItStands` says; of ``towns`` those that have a calendar."""
        local = at.astimezone(self._zone)
        today, minute = local.date(), 60 * local.hour + local.minute
        here = tuple(sorted(force.calendars.keys() & set(towns)))
        calendars = {force.calendars[town].id for town in here}
        current = [one for one in force.outings.values() if one.town in here and force.current(one)]
        days = {day for town in here for day in force.calendars[town].days} | {one.day for one in current}
        days = {day for day in days if day >= today}
        if not days:
            raise Refused(Reason("no_calendar_ahead", False))
        absences = inspections.absences(connection)
        away = {(absence.officer, day) for absence in absences for day in absence.days()}
        begun = {stop.outing for stop in force.stops.values() if stop.status not in AHEAD}
        kept = {one.id for one in force.outings.values() if one.town in here and one.id in begun}
        open_ = [one for one in current if one.day >= today and one.id not in begun]
        late = _late(force, current, kept, today, away)
        staying = [stop for stop in force.stops.values() if stop.outing in kept and stop.id not in late]
        covered = {item for stop in staying if stands(force, stop, today) for item in stop.visit.items}
        visited = inspections.visits_made(connection, here) + _to_come(force, staying, today)
        places = tuple(
            replace(place, visits_this_year=place.visits_this_year + visited[place.id])
            for place in inspections.premises(connection, here)
        )
        not_before = _not_before(force, today)
        items = tuple(
            _tried_again(item, not_before) for item in inspections.due_items(connection, here) if item.id not in covered
        )
        busy = [one for one in force.outings.values() if one.id in kept or one.town not in here]
        ahead = tuple(sorted(days))
        officers = inspectors(teams, here, ahead, kept_away(connection, teams), busy, absences)
        bases = {town: self.bases[town] for town in here if town in self.bases}
        programme = Programme(places, items, officers, ahead, self.ways, bases)
        crews = tuple(crew for one in open_ if (crew := _by_call(force, one)).calls)
        locked = frozenset(stop.id for one in open_ for stop in force.of(one.id) if stop.status is CallStatus.LOCKED)
        calls = [stop for one in open_ for stop in force.of(one.id)] + staying + [force.stops[one] for one in late]
        told = {
            **told_of(programme),
            "crews": sorted(f"{one.id} {one.day} {' '.join(one.officers)}" for one in current),
            "calls": sorted(f"{stop.id} {stop.version} {stop.outing}" for stop in calls),
        }
        return AsItStands(
            here,
            programme,
            Calendar(crews),
            Standing(today, minute + NOTICE_MIN, locked=locked),
            tuple(_named(force.stops[one]) for one in sorted(late)),
            tuple(sorted(kept)),
            inspections.undone(connection, calendars, here),
            frozenset(name for each in calendars for name in inspections.names_of(connection, each)),
            sha256(canonical(told).encode()).hexdigest(),
        )


def _named(stop: Stop) -> Visit:
    """The visit under the id of its call: a visit's own id is that of its calendar only."""
    return replace(stop.visit, id=stop.id)


def _by_call(force: InForce, outing: Outing) -> CrewDay:
    """A crew's day whose visits have the ids of their calls."""
    calls = tuple(Call(_named(stop), stop.arrive, stop.leave) for stop in force.of(outing.id))
    return CrewDay(outing.id, outing.day, outing.town, outing.officers, calls, outing.travel)


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


def _to_come(force: InForce, staying: Iterable[Stop], today: date) -> Counter[str]:
    """Visits that stay and still will be made, by premises: they count towards a cap."""
    return Counter(
        stop.visit.premises for stop in staying if stop.status is not CallStatus.DONE and stands(force, stop, today)
    )


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


def _answered(asked: AsItStands, force: InForce) -> Replanned:
    change = replan(asked.programme, asked.calendar, asked.standing, asked.late)
    calendar = _with_new_names(change.calendar, force, asked)
    before = _calls_before(force, asked)
    after = {call.visit.id: (crew, call) for crew in calendar.crews for call in crew.calls}
    shifts = tuple(_shifts(before, after, force, asked))
    swaps = tuple(_swaps(calendar, force))
    same = sum(name in after and _stays(stop, *after[name]) for name, stop in before.items())
    return Replanned(asked, calendar, shifts, swaps, same, _broken(asked, calendar))


def _with_new_names(calendar: Calendar, force: InForce, asked: AsItStands) -> Calendar:
    """New crews and visits under ids that nothing else in the book has."""
    before = _calls_before(force, asked)
    taken = set(asked.taken)

    def named(call: Call, stem: str) -> Call:
        if call.visit.id in before:
            return call
        return replace(call, visit=replace(call.visit, id=free_id(f"{stem}-{call.visit.premises}", taken)))

    crews = []
    for crew in calendar.crews:
        stem = force.calendars[crew.town].id
        name = crew.id if crew.id in force.outings else free_id(f"{stem}-{crew.town}-{crew.day:%m%d}", taken)
        crews.append(replace(crew, id=name, calls=tuple(named(call, stem) for call in crew.calls)))
    return replace(calendar, crews=tuple(crews))


def _calls_before(force: InForce, asked: AsItStands) -> dict[str, Stop]:
    """The calls that a re-plan may move, by id."""
    names = {call.visit.id for crew in asked.calendar.crews for call in crew.calls}
    return {name: force.stops[name] for name in sorted(names | {visit.id for visit in asked.late})}


def _shifts(
    before: Mapping[str, Stop], after: Mapping[str, tuple[CrewDay, Call]], force: InForce, asked: AsItStands
) -> Iterator[Shift]:
    stood_up: dict[str, Stop] = {}
    for stop in sorted(force.stops.values(), key=force.day_of):
        if stop.status in PUT_BACK:
            stood_up |= dict.fromkeys(stop.visit.items, stop)
    for name, stop in before.items():
        was, locked = _where(force, stop), name in asked.standing.locked
        if name not in after:
            if was.day >= asked.standing.today:
                yield Shift(name, stop.visit.premises, stop.visit.items, was, None, locked)
            continue
        crew, call = after[name]
        if not _stays(stop, crew, call):
            now = Where(crew.day, call.arrive, crew.officers, crew.id)
            unlocked = locked and (was.outing, was.arrive) != (now.outing, now.arrive)
            yield Shift(name, call.visit.premises, call.visit.items, was, now, unlocked)
    for name in sorted(after.keys() - before.keys()):
        crew, call = after[name]
        knocked = next((stood_up[item] for item in call.visit.items if item in stood_up), None)
        now = Where(crew.day, call.arrive, crew.officers, crew.id)
        was_then = _where(force, knocked) if knocked is not None else None
        yield Shift(name, call.visit.premises, call.visit.items, was_then, now, again=knocked is not None)


def _where(force: InForce, stop: Stop) -> Where:
    outing = force.outings[stop.outing]
    return Where(outing.day, stop.arrive, outing.officers, outing.id)


def _swaps(calendar: Calendar, force: InForce) -> Iterator[Swap]:
    for crew in calendar.crews:
        before = force.outings.get(crew.id)
        if before is not None and set(before.officers) != set(crew.officers):
            out = tuple(who for who in before.officers if who not in crew.officers)
            into = tuple(who for who in crew.officers if who not in before.officers)
            yield Swap(crew.id, crew.day, crew.town, out, into, len(crew.calls))


def _broken(asked: AsItStands, calendar: Calendar) -> tuple[Reason, ...]:
    """What the checker finds, but for a second visit to premises where somebody has locked the first."""
    kept = {
        call.visit.premises
        for crew in asked.calendar.crews
        for call in crew.calls
        if call.visit.id in asked.standing.locked
    }
    under_way = UnderWay(asked.standing.today, asked.standing.minute, asked.calendar)
    found = faults(asked.programme, calendar, under_way)
    return tuple(each for each in found if each.code != "check_spared" or each.values["premises"] not in kept)


def _write(page: Writing, who: Actor, force: InForce, proposal: Replanned) -> None:
    """Crews, calls and what is left out as the proposal has them, under one entry."""
    asked, calendar = proposal.asked, proposal.calendar
    outings = [
        Outing(crew.id, force.calendars[crew.town].id, crew.day, crew.town, crew.officers, crew.travel)
        for crew in calendar.crews
    ]
    told = rewrite(page, force, outings, list(_calls_after(force, proposal)))
    places = {place.id: place.town for place in asked.programme.premises}
    town_of = {item.id: places[item.premises] for item in asked.programme.items}
    undone: dict[str, list[Undone]] = defaultdict(list)
    for each in calendar.undone:
        undone[force.calendars[town_of[each.item]].id].append(each)
    ids = {force.calendars[town].id for town in asked.towns}
    inspections.replace_undone(page, {name: undone[name] for name in ids}, asked.towns)
    page.enter(who, Kind.INSPECTION, "calendar", details={**_details(proposal), **told})


def _calls_after(force: InForce, proposal: Replanned) -> Iterator[Stop]:
    """Every call that may change as it will be; one for which there is no place stays on record as superseded."""
    before = _calls_before(force, proposal.asked)
    for crew in proposal.calendar.crews:
        for call in crew.calls:
            stop = before.pop(call.visit.id, None)
            if stop is None:
                yield Stop(call.visit.id, crew.id, call.visit, call.arrive, call.leave)
            else:
                yield _as_planned(stop, crew, call)
    for stop in before.values():
        if force.day_of(stop) >= proposal.asked.standing.today:
            yield stop.superseded()


def _stays(stop: Stop, crew: CrewDay, call: Call) -> bool:
    """Whether crew, hour and checks of a call are as they were."""
    same = (stop.outing, stop.arrive, stop.leave) == (crew.id, call.arrive, call.leave)
    return same and set(stop.visit.items) == set(call.visit.items)


def _as_planned(stop: Stop, crew: CrewDay, call: Call) -> Stop:
    """The call as the proposal has it; the very same when nothing changes."""
    visit = replace(call.visit, id=stop.visit.id)
    if _stays(stop, crew, call) and visit == stop.visit:
        return stop
    return stop.replanned(crew.id, visit, call.arrive, call.leave)


def _details(proposal: Replanned) -> dict[str, Any]:
    """What the entry says beside the calls and crews' days that change."""
    return {
        "towns": list(proposal.asked.towns),
        "officers": {swap.outing: [list(swap.out), list(swap.into)] for swap in proposal.swaps},
        "same": proposal.same,
        "undone": len(proposal.undone),
        "left_out": {each.item: [each.reason, each.price] for each in proposal.left_out},
        "settled": {each.item: [each.reason, each.price] for each in proposal.settled},
        "standing": proposal.asked.fingerprint,
    }
