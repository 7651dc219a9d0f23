"""What a re-plan would change, line by line, and whether the independent checker lets it pass."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from dispatch.desk.underway import AsItStands
from dispatch.inspections.checked import UnderWay
from dispatch.inspections.faults import faults, one_crew_a_day
from dispatch.inspections.ids import free_id
from dispatch.inspections.programme import Programme
from dispatch.inspections.replanning import replan
from dispatch.inspections.stopping import Going, always
from dispatch.records.calls import PUT_BACK, Stop
from dispatch.records.inspection import SHARED, Calendar, Call, CrewDay, Undone
from dispatch.records.reason import Reason
from dispatch.store.inspections import InForce


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
class Replanned:
    """What a re-plan would change, for somebody to take or to put away.

    Attributes
    ----------
    broken
        Rules that the independent checker finds broken; with one of them it is not taken.
    same
        Visits that stay where they are.
    later
        Towns that were not come to when somebody ended it; nothing of theirs is in it.
    undone
        Every check that has no visit, and why.
    """

    asked: AsItStands
    calendar: Calendar
    shifts: tuple[Shift, ...]
    swaps: tuple[Swap, ...]
    same: int
    broken: tuple[Reason, ...]
    later: tuple[str, ...] = ()

    @property
    def undone(self) -> tuple[Undone, ...]:
        return (*self.calendar.undone, *self.asked.ahead.joining)

    @property
    def officer_days(self) -> int:
        """Of all crews of these towns, those that stay included."""
        return self.calendar.officer_days + sum(self.asked.staying.values())

    @property
    def officer_days_before(self) -> int:
        """The same of the calendar as it stands."""
        return self.asked.calendar.officer_days + sum(self.asked.staying.values())

    @property
    def bounds(self) -> dict[str, int]:
        """By town: no crews that make the same visits, and leave be what stays, have fewer officer-days."""
        new = {town: bound + self.asked.staying[town] for town, bound in self.calendar.bounds.items()}
        return {**self.asked.bounds, **new}

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


def answered(asked: AsItStands, force: InForce, going: Going = always) -> Replanned:
    """What putting in order the towns that are not would change; only whole where ``going`` says yes to the end."""
    towns = _in_disorder(asked)
    come_to: set[str] = set()

    def onward(town: str) -> bool:
        if going():
            come_to.add(town)
        return town in come_to

    planned = replan(asked.programme, asked.calendar, asked.standing, asked.late, towns, onward)
    return _told(asked, force, _with_new_names(planned, force, asked), towns, tuple(sorted(towns - come_to)))


def alone(asked: AsItStands, force: InForce, proposal: Replanned) -> Replanned:
    """Of an answer that was stopped the part of the towns that ``asked`` is about, as the answer to that question."""
    _, mine = _of_towns(asked.programme, proposal.calendar, asked.towns)
    bounds = {town: bound for town, bound in proposal.calendar.bounds.items() if town in asked.towns}
    return _told(asked, force, replace(mine, bounds=bounds), asked.towns, proposal.later)


def _told(
    asked: AsItStands, force: InForce, calendar: Calendar, towns: Collection[str], later: tuple[str, ...]
) -> Replanned:
    before = calls_before(force, asked)
    after = {call.visit.id: (crew, call) for crew in calendar.crews for call in crew.calls}
    shifts = tuple(_shifts(before, after, force, asked))
    swaps = tuple(_swaps(calendar, force))
    same = sum(name in after and stays(stop, *after[name]) for name, stop in before.items())
    return Replanned(asked, calendar, shifts, swaps, same, broken(asked, calendar, towns), later)


def _in_disorder(asked: AsItStands) -> set[str]:
    """Towns with a visit that has no crew, or in whose calendar the independent checker finds a fault.

    The others have nothing to be put in order, so nothing of theirs is asked again.
    """
    places = {place.id: place.town for place in asked.programme.premises}
    twice = {each.values["officer"] for each in one_crew_a_day(asked.calendar) if "officer" in each.values}
    found = {places[visit.premises] for visit in asked.late if visit.premises in places}
    found |= {crew.town for crew in asked.calendar.crews if twice & set(crew.officers)}
    found |= {
        crew.town
        for crew in asked.calendar.crews
        if any(places.get(call.visit.premises) != crew.town for call in crew.calls)
    }
    rest = [town for town in asked.towns if town not in found]
    return found | {town for town in rest if faults(*_of_towns(asked.programme, asked.calendar, {town}))}


def _of_towns(programme: Programme, calendar: Calendar, towns: Collection[str]) -> tuple[Programme, Calendar]:
    """What some towns are asked, and what they answer."""
    places = tuple(place for place in programme.premises if place.town in towns)
    here = {place.id for place in places}
    items = tuple(item for item in programme.items if item.premises in here)
    named = {item.id for item in items}
    staff = tuple(who for who in programme.inspectors if who.town in towns or who.town == SHARED)
    crews = tuple(crew for crew in calendar.crews if crew.town in towns)
    undone = tuple(each for each in calendar.undone if each.item in named)
    return replace(programme, premises=places, items=items, inspectors=staff), Calendar(crews, undone)


def _with_new_names(calendar: Calendar, force: InForce, asked: AsItStands) -> Calendar:
    """New crews and visits under ids that nothing else in the book has."""
    before = calls_before(force, asked)
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


def calls_before(force: InForce, asked: AsItStands) -> dict[str, Stop]:
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
        if not stays(stop, crew, call):
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


def broken(asked: AsItStands, calendar: Calendar, towns: Collection[str]) -> tuple[Reason, ...]:
    """What the checker finds in these towns, but for a second visit to premises where somebody has locked the first."""
    kept = {
        call.visit.premises
        for crew in asked.calendar.crews
        for call in crew.calls
        if call.visit.id in asked.standing.locked
    }
    under_way = UnderWay(asked.standing.today, asked.standing.minute, asked.calendar)
    found = faults(*_of_towns(asked.programme, calendar, towns), under_way)
    found += asked.ahead.spared(asked.programme, _new(asked, calendar, towns))
    found += [each for each in one_crew_a_day(calendar) if each not in found]
    return tuple(each for each in found if each.code != "check_spared" or each.values["premises"] not in kept)


def _new(asked: AsItStands, calendar: Calendar, towns: Collection[str]) -> Calendar:
    """Of these towns the visits that were not there before, or not with these checks."""
    before = {call.visit.id: call.visit.items for crew in asked.calendar.crews for call in crew.calls}
    crews = (crew for crew in calendar.crews if crew.town in towns)
    fresh = (
        replace(crew, calls=tuple(call for call in crew.calls if before.get(call.visit.id) != call.visit.items))
        for crew in crews
    )
    return Calendar(tuple(crew for crew in fresh if crew.calls))


def stays(stop: Stop, crew: CrewDay, call: Call) -> bool:
    """Whether crew, hour and checks of a call are as they were."""
    same = (stop.outing, stop.arrive, stop.leave) == (crew.id, call.arrive, call.leave)
    return same and set(stop.visit.items) == set(call.visit.items)
