"""A calendar under way and something that went otherwise: what was begun and locked stays, little else moves.

A crew that lost an officer gets another one where it can, and is not touched further. A visit without a place goes
where it costs the fewest minutes on the day of a crew that may make it, between the hours that others were told; else
that crew's hours are dealt anew; where there is none, one other visit moves to make room; where that does not help
either, a new crew goes out. Nothing else is asked again, so the difference is short
and can be read before it is taken.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from dispatch.inspections.days import lower_bound
from dispatch.inspections.mending import MendedTown, Standing, town_work
from dispatch.inspections.owed import Ground, owed
from dispatch.inspections.planning import Programme
from dispatch.inspections.reasons import Why
from dispatch.inspections.specialists import days_in_towns
from dispatch.records.inspection import (
    SHARED,
    Calendar,
    Call,
    CrewDay,
    DueItem,
    Undone,
    Visit,
)


@dataclass(frozen=True, slots=True)
class Move:
    """One visit that is elsewhere than before; ``None`` where it had, or has, no place."""

    visit: str
    before: tuple[date, int, tuple[str, ...]] | None
    after: tuple[date, int, tuple[str, ...]] | None


@dataclass(frozen=True, slots=True)
class Change:
    """The calendar as it would be, and the difference to show before it is taken."""

    calendar: Calendar
    moves: tuple[Move, ...]


def replan(
    programme: Programme,
    calendar: Calendar,
    standing: Standing,
    waiting: Sequence[Visit] = (),
    towns: Collection[str] | None = None,
) -> Change:
    """The calendar with as little changed as the day asks.

    Parameters
    ----------
    programme
        As things are now: an officer who fell ill is away, a shop has its new hours, and every item that is due, those
        that came since included. What the calendar left undone is tried again.
    calendar
        As it was adopted; its crews of days gone by are kept as they are.
    waiting
        Visits of earlier that have no crew any more.
    towns
        Those to put in order, None for all; the crews of the others stay as they are.
    """
    presence = _presence(programme, calendar)
    before: dict[str, list[CrewDay]] = {town: [] for town in programme.towns}
    for crew in calendar.crews:
        before.setdefault(crew.town, []).append(crew)
    crews: list[CrewDay] = []
    undone: list[Undone] = []
    bounds = dict(calendar.bounds)
    for town in programme.towns:
        if towns is not None and town not in towns:
            crews += before[town]
            continue
        planned, left = _town(programme, town, calendar, presence, standing, waiting)
        crews += planned
        undone += left
        if sorted(planned, key=_by_id) != sorted(before[town], key=_by_id):
            bounds[town] = _bound(programme, town, planned, presence, standing)
    changed = replace(calendar, crews=tuple(crews), undone=tuple(undone), bounds=bounds)
    return Change(changed, tuple(_moves(calendar, changed)))


def _town(
    programme: Programme,
    town: str,
    calendar: Calendar,
    presence: Mapping[str, Sequence[str]],
    standing: Standing,
    waiting: Sequence[Visit],
) -> tuple[list[CrewDay], list[Undone]]:
    """One town's crews, and the items for which there is no place any more."""
    days = tuple(day for day in programme.days if day >= standing.today)
    of_town = [crew for crew in calendar.crews if crew.town == town]
    past = [crew for crew in of_town if crew.day < standing.today]
    if not days:
        return past, [each for each in calendar.undone if _town_of(programme, each.item) == town]
    coming = [crew for crew in of_town if crew.day >= standing.today]
    here = {place.id for place in programme.premises if place.town == town}
    late = [call.visit for crew in past for call in crew.calls if call.visit.id not in standing.begun]
    late += [visit for visit in waiting if visit.premises in here]
    items = [item for item in programme.items if item.premises in here]
    made = {item for crew in past for call in crew.calls if call.visit not in late for item in call.visit.items}
    items = [item for item in items if item.id not in made]
    ground = _ground(programme, town, items, coming, days)

    def put_in_order(
        crews: Sequence[CrewDay], waiting: Sequence[Visit], at: Standing
    ) -> tuple[list[CrewDay], list[Undone]]:
        now = owed(ground, items, crews, waiting, at.begun, at.locked, at.again)
        planned, left = MendedTown(programme, town, ground, now, presence, replace(at, locked=now.locked)).planned()
        return planned, [*now.undone, *left]

    planned, left = put_in_order(coming, late, standing)
    # Checks of a visit that found no place may join visits that have one.
    while not standing.again and any(one.reason in (Why.NO_ROOM, Why.LOCKED) for one in left):
        more, still = put_in_order(planned, (), standing)
        if len(still) >= len(left):
            break
        planned, left = more, still
    only_begun = [
        replace(crew, calls=tuple(call for call in crew.calls if call.visit.id in standing.begun)) for crew in past
    ]
    return [*(crew for crew in only_begun if crew.calls), *planned], left


def _by_id(crew: CrewDay) -> str:
    return crew.id


def _bound(
    programme: Programme,
    town: str,
    crews: Sequence[CrewDay],
    presence: Mapping[str, Sequence[str]],
    standing: Standing,
) -> int:
    """Officer-days below which no calendar of these visits can be, whose crews of before now stay.

    Crews that have begun might make all the rest; it is the quick bound, which needs no search.
    """
    days = tuple(day for day in programme.days if day >= standing.today)
    gone = [crew for crew in crews if crew.day < standing.today]
    begun = [crew for crew in crews if crew not in gone and any(_has_begun(standing, call) for call in crew.calls)]
    rest = [crew for crew in crews if crew.day >= standing.today]
    visits = tuple(call.visit for crew in rest for call in crew.calls if not _has_begun(standing, call))
    ground = _ground(programme, town, (), rest, days)
    needed = lower_bound(town_work(programme, ground, town, visits, presence), 0.0, (), ()) if visits else 0
    return _officer_days(gone) + max(needed, _officer_days(begun))


def _has_begun(standing: Standing, call: Call) -> bool:
    return call.visit.id in standing.begun


def _officer_days(crews: Sequence[CrewDay]) -> int:
    return sum(len(crew.officers) for crew in crews)


def _town_of(programme: Programme, item: str) -> str:
    places = {place.id: place.town for place in programme.premises}
    return next((places[each.premises] for each in programme.items if each.id == item), "")


def _ground(
    programme: Programme, town: str, items: Sequence[DueItem], crews: Sequence[CrewDay], days: tuple[date, ...]
) -> Ground:
    """The town's premises that matter now, and the ways between them."""
    wanted = {item.premises for item in items} | {call.visit.premises for crew in crews for call in crew.calls}
    places = tuple(place for place in programme.premises if place.id in wanted)
    base = programme.base(town)
    ways = programme.ways.minutes([*(p.lon for p in places), base[0]], [*(p.lat for p in places), base[1]])
    mine = tuple(who for who in programme.inspectors if who.town in (town, SHARED))
    return Ground(places, ways, days, mine)


def _presence(programme: Programme, calendar: Calendar) -> dict[str, tuple[str, ...]]:
    """The town of every inspector on each day; a specialist stays with the crew that the calendar has for them."""
    places = {place.id: place for place in programme.premises}
    dealt = days_in_towns(programme.inspectors, programme.items, places, programme.days)
    sent = {(who, crew.day): crew.town for crew in calendar.crews for who in crew.officers}
    return {
        who.id: dealt[who.id]
        if who.town != SHARED
        else tuple(
            town if day in who.away else sent.get((who.id, day), town)
            for day, town in zip(programme.days, dealt[who.id], strict=True)
        )
        for who in programme.inspectors
    }


def _moves(before: Calendar, after: Calendar) -> Iterator[Move]:
    was, now = _where(before), _where(after)
    for visit in sorted(was.keys() | now.keys()):
        if was.get(visit) != now.get(visit):
            yield Move(visit, was.get(visit), now.get(visit))


def _where(calendar: Calendar) -> dict[str, tuple[date, int, tuple[str, ...]]]:
    return {call.visit.id: (crew.day, call.arrive, crew.officers) for crew in calendar.crews for call in crew.calls}
