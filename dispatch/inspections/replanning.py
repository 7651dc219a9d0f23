"""A calendar under way and something that went otherwise: what was begun and locked stays, little else moves.

A crew that lost an officer gets another one where it can, and is not touched further. A visit without a place goes
where it costs the fewest minutes on the day of a crew that may make it, between the hours that others were told; else
that crew's hours are dealt anew; where there is none, one other visit moves to make room; where that does not help
either, a new crew goes out. Nothing else is asked again, so the difference is short
and can be read before it is taken.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from dispatch.inspections.days import lower_bound
from dispatch.inspections.filling import filled, priced
from dispatch.inspections.ground import ground_of, town_work
from dispatch.inspections.noon import at_work, by_the_clock
from dispatch.inspections.programme import Programme
from dispatch.inspections.settling import SettledTown, still_locked
from dispatch.inspections.specialists import days_in_towns
from dispatch.inspections.standing import Standing
from dispatch.inspections.stopping import every_town
from dispatch.records.inspection import SHARED, Calendar, CrewDay, Undone, Visit


def replan(
    programme: Programme,
    calendar: Calendar,
    standing: Standing,
    waiting: Sequence[Visit] = (),
    towns: Collection[str] | None = None,
    going: Callable[[str], bool] = every_town,
) -> Calendar:
    """The calendar with as little changed as the day asks.

    Parameters
    ----------
    programme
        As things are now, from today on: an officer who fell ill is away, a shop has its new hours, and every item that
        is due, those that came since included. What the calendar left undone is tried again.
    calendar
        The crews that have not begun; their officers are free on no other crew's account.
    waiting
        Visits of earlier that have no crew any more.
    going
        Asked about each town before it is put in order; where it says False the crews stay as they are.
    towns
        Those to put in order, None for all; the crews of the others stay as they are, and nothing is said of what the
        given ``calendar`` left undone there.
    """
    noon, programme, calendar = programme.noon, programme.at_work(), at_work(programme.noon, calendar)
    if noon is not None:
        standing = replace(standing, minute=noon.worked(standing.minute))
    mended = _in_order(programme, calendar, standing, waiting, towns, going)
    while (more := filled(programme, mended, standing=standing)) is not mended:
        kept = replace(standing, locked=still_locked(standing, calendar.crews, mended.crews))
        again = _in_order(programme, more, kept, (), towns, going)
        if len(again.undone) >= len(mended.undone):
            mended = more
            break
        mended = again
    return by_the_clock(noon, priced(programme, mended, standing))


def _in_order(
    programme: Programme,
    calendar: Calendar,
    standing: Standing,
    waiting: Sequence[Visit],
    towns: Collection[str] | None,
    going: Callable[[str], bool],
) -> Calendar:
    """The towns put in order one after the other; all by the minutes that are worked."""
    presence = _presence(programme, calendar)
    before: dict[str, list[CrewDay]] = {town: [] for town in programme.towns}
    for crew in calendar.crews:
        before.setdefault(crew.town, []).append(crew)
    crews: list[CrewDay] = []
    undone: list[Undone] = []
    bounds = dict(calendar.bounds)
    for town in programme.towns:
        if (towns is not None and town not in towns) or not going(town):
            crews += before[town]
            continue
        here = {place.id for place in programme.premises if place.town == town}
        late = [visit for visit in waiting if visit.premises in here]
        items = [item for item in programme.items if item.premises in here]
        planned, left = SettledTown(programme, town, before[town], items, presence, standing, late).planned()
        crews += planned
        undone += left
        if late or sorted(planned, key=_by_id) != sorted(before[town], key=_by_id):
            visits = [call.visit for crew in planned for call in crew.calls]
            bounds[town] = quick_bound(programme, town, visits)
    return replace(calendar, crews=tuple(crews), undone=tuple(undone), bounds=bounds)


def _by_id(crew: CrewDay) -> str:
    return crew.id


def quick_bound(programme: Programme, town: str, visits: Sequence[Visit]) -> int:
    """Officer-days below which no crews of the town, whoever goes with whom, can make these visits.

    It needs no search, so it may lie further below the best than that of a new calendar.
    """
    if not visits:
        return 0
    programme = programme.at_work()
    anybody = {
        who.id: (town if who.town in (town, SHARED) else "",) * len(programme.days) for who in programme.inspectors
    }
    ground = ground_of(programme, town, {visit.premises for visit in visits}, anybody)
    return lower_bound(town_work(programme, ground, town, tuple(visits), anybody), 0.0, (), ())


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
