"""An independent look at a calendar of inspections: every rule it breaks, found without any of the planner's code.

It reads the programme and the calendar, nothing else, and does its own arithmetic. No fault is what tests, benchmarks
and the command ask for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import combinations, pairwise

from dispatch.inspections.checked import (
    APART_DAYS,
    CREW,
    LONGEST_MIN,
    Asked,
    UnderWay,
    clock,
    one_visit,
    whole,
    worked,
    wrong,
)
from dispatch.inspections.deskfaults import desk_faults
from dispatch.inspections.untrue import untrue
from dispatch.inspections.ways import Floats
from dispatch.records.inspection import SHARED, Calendar, CrewDay, Occasion, Premises
from dispatch.records.reason import Reason

CHECK_REASONS = (
    "check_item_times",  # item, premises, times
    "check_item_unknown",  # item
    "check_no_reason",  # item
    "check_reason",  # item, premises
    "check_price",  # item, premises, says, takes: amount and unit
    "check_no_day",  # crew, day
    "check_dates",  # item, premises, day, first, last
    "check_other_premises",  # item, premises, visited
    "check_lasts",  # premises, day, lasts_min, takes_min
    "check_crew_size",  # crew, day, officers: how many
    "check_no_inspector",  # officer, crew, day
    "check_other_town",  # officer, town, crew, crew_town
    "check_away",  # officer, crew, day
    "check_lacks",  # crew, day, certificates, premises
    "check_conflict",  # officer, crew, day, premises
    "check_not_drawn",  # officer, crew, day, premises
    "check_two_crews",  # officer, day, times
    "check_crew_id",  # crew, times
    "check_not_its_town",  # crew, day, crew_town, premises
    "check_closed",  # premises, day, arrive, leave, opens, closes: hours and minutes
    "check_noon",  # premises, day, arrive, leave, begins, ends: hours and minutes
    "check_too_soon",  # crew, day, premises, before: the premises visited before
    "check_left_already",  # crew, day, premises, leaves, earliest: hours and minutes
    "check_for_nothing",  # crew, day
    "check_out_too_long",  # crew, day, out_min, most_min
    "check_midnight",  # crew, day
    "check_home_late",  # crew, day
    "check_travel",  # crew, day, says_min, takes_min
    "check_cap",  # premises, visits, cap
    "check_no_premises",  # crew, day, premises
    "check_visit_says",  # premises, day
    "check_visit_id",  # visit, times
    "check_bound",  # town, bound, officer_days
    "check_spared",  # premises, day, other: the other day
    "check_must_go",  # item, premises, day
    "check_could_stay",  # item, premises, day
    "check_desk_full",  # crew: who sits there, day, takes_min, out_min, most_min
    "check_desk_apart",  # crew: who sits there, day
    "check_two_desks",  # officer, day, times
)


def faults(asked: Asked, calendar: Calendar, under_way: UnderWay | None = None) -> list[Reason]:
    """Every broken rule with its values; an empty list when the calendar is lawful and complete.

    With ``under_way`` what is new on its day is asked for a way there besides. A visit to premises that were never
    asked about is told alone: nothing else can be said of its day.
    """
    strange = list(_nowhere(asked, calendar))
    return strange or [
        *_each_item_once(asked, calendar),
        *untrue(asked, calendar, under_way),
        *_items_inside_their_dates(asked, calendar),
        *_crews_lawful(asked, calendar),
        *one_crew_a_day(calendar),
        *_days_hold(asked, calendar),
        *(left_already(asked, calendar, under_way) if under_way is not None else ()),
        *_caps(asked, calendar),
        *spared(asked, calendar),
        *desk_faults(asked, calendar),
    ]


def _of(crew: CrewDay) -> dict[str, str]:
    """How a crew's day is named in a reason."""
    return {"crew": crew.id, "day": crew.day.isoformat()}


def _nowhere(asked: Asked, calendar: Calendar) -> Iterator[Reason]:
    known = {place.id for place in asked.premises}
    for crew in calendar.crews:
        for call in crew.calls:
            if call.visit.premises not in known:
                yield wrong("check_no_premises", **_of(crew), premises=call.visit.premises)


def _each_item_once(asked: Asked, calendar: Calendar) -> Iterator[Reason]:
    named = Counter(item for crew in calendar.crews for call in crew.calls for item in call.visit.items)
    named.update(undone.item for undone in calendar.undone)
    named.update(item for desk in calendar.desk for item in desk.items)
    for item in asked.items:
        if named[item.id] != 1:
            yield wrong("check_item_times", item=item.id, premises=item.premises, times=named[item.id])
    for unknown in named.keys() - {item.id for item in asked.items}:
        yield wrong("check_item_unknown", item=unknown)
    for undone in calendar.undone:
        if not undone.reason:
            yield wrong("check_no_reason", item=undone.item)


def _items_inside_their_dates(asked: Asked, calendar: Calendar) -> Iterator[Reason]:
    items = {item.id: item for item in asked.items}
    for crew in calendar.crews:
        if crew.day not in asked.days:
            yield wrong("check_no_day", **_of(crew))
        for call in crew.calls:
            visit, day = call.visit, crew.day.isoformat()
            known = [items[each] for each in visit.items if each in items]
            for item in known:
                told = {"item": item.id, "premises": item.premises}
                if not item.earliest <= crew.day <= item.latest:
                    first, last = item.earliest.isoformat(), item.latest.isoformat()
                    yield wrong("check_dates", **told, day=day, first=first, last=last)
                if item.premises != visit.premises:
                    yield wrong("check_other_premises", **told, visited=visit.premises)
            minutes, lasts = sum(item.minutes for item in known), worked(asked, call.arrive, call.leave)
            if lasts != minutes:
                yield wrong("check_lasts", premises=visit.premises, day=day, lasts_min=lasts, takes_min=minutes)


def _crews_lawful(asked: Asked, calendar: Calendar) -> Iterator[Reason]:
    known = {who.id: who for who in asked.inspectors}
    items = {item.id: item for item in asked.items}
    for crew in calendar.crews:
        if len(crew.officers) not in CREW or len(set(crew.officers)) != len(crew.officers):
            yield wrong("check_crew_size", **_of(crew), officers=len(set(crew.officers)))
        officers = [known[who] for who in crew.officers if who in known]
        for stranger in sorted(set(crew.officers) - known.keys()):
            yield wrong("check_no_inspector", officer=stranger, **_of(crew))
        held = {certificate for who in officers for certificate in who.certificates}
        for who in officers:
            if who.town not in (crew.town, SHARED):
                yield wrong("check_other_town", officer=who.id, town=who.town, crew=crew.id, crew_town=crew.town)
            if crew.day in who.away:
                yield wrong("check_away", officer=who.id, **_of(crew))
        for call in crew.calls:
            missing = {items[one].certificate for one in call.visit.items if one in items} - held
            if missing:
                lacking = ",".join(sorted(missing))
                yield wrong("check_lacks", **_of(crew), certificates=lacking, premises=call.visit.premises)
            for who in officers:
                if who.barred(call.visit):
                    code = "check_conflict" if call.visit.premises in who.conflicts else "check_not_drawn"
                    yield wrong(code, officer=who.id, **_of(crew), premises=call.visit.premises)


def one_crew_a_day(calendar: Calendar) -> Iterator[Reason]:
    """Officers who would be in two crews on one day, in whatever towns; crews of one id."""
    crews = Counter((who, crew.day) for crew in calendar.crews for who in crew.officers)
    for (who, day), count in crews.items():
        if count > 1:
            yield wrong("check_two_crews", officer=who, day=day.isoformat(), times=count)
    for id_, count in Counter(crew.id for crew in calendar.crews).items():
        if count > 1:
            yield wrong("check_crew_id", crew=id_, times=count)


def _days_hold(asked: Asked, calendar: Calendar) -> Iterator[Reason]:
    places = {place.id: place for place in asked.premises}
    bases = {town: asked.base(town) for town in {place.town for place in asked.premises}}
    for crew in calendar.crews:
        if not crew.calls:
            yield wrong("check_for_nothing", **_of(crew))
            continue
        stops = [places[call.visit.premises] for call in crew.calls]
        if any(place.town != crew.town for place in stops):
            elsewhere = ",".join(place.id for place in stops if place.town != crew.town)
            yield wrong("check_not_its_town", **_of(crew), crew_town=crew.town, premises=elsewhere)
            continue
        base = bases.get(crew.town) or asked.base(crew.town)
        ways = asked.ways.minutes([base[0], *(p.lon for p in stops)], [base[1], *(p.lat for p in stops)])
        yield from _nobody_comes_or_goes_at_noon(asked, crew)
        yield from _one_day(asked, crew, stops, ways)


def _nobody_comes_or_goes_at_noon(asked: Asked, crew: CrewDay) -> Iterator[Reason]:
    if asked.noon is None:
        return
    begins, ends = asked.noon.begins, asked.noon.ends
    for call in crew.calls:
        if begins <= call.arrive < ends or begins < call.leave <= ends:
            hours = {"arrive": call.arrive, "leave": call.leave, "begins": begins, "ends": ends}
            told = {name: clock(minute) for name, minute in hours.items()}
            yield wrong("check_noon", premises=call.visit.premises, day=crew.day.isoformat(), **told)


def _one_day(asked: Asked, crew: CrewDay, stops: list[Premises], ways: Floats) -> Iterator[Reason]:
    for call, place in zip(crew.calls, stops, strict=True):
        if call.arrive < place.opens or call.leave > place.closes:
            hours = {"arrive": call.arrive, "leave": call.leave, "opens": place.opens, "closes": place.closes}
            told = {name: clock(minute) for name, minute in hours.items()}
            yield wrong("check_closed", premises=place.id, day=crew.day.isoformat(), **told)
    for at, (one, other) in enumerate(pairwise(crew.calls), start=1):
        if worked(asked, one.leave, other.arrive) < ways[at, at + 1] - 1e-6:
            yield wrong("check_too_soon", **_of(crew), premises=other.visit.premises, before=one.visit.premises)
    out = ways[0, 1] + worked(asked, crew.calls[0].arrive, crew.calls[-1].leave) + ways[len(stops), 0]
    if out > LONGEST_MIN + 1e-6:
        yield wrong("check_out_too_long", **_of(crew), out_min=whole(out), most_min=LONGEST_MIN)
    if worked(asked, 0, crew.calls[0].arrive) - ways[0, 1] < -1e-6:
        yield wrong("check_midnight", **_of(crew))
    if worked(asked, 0, crew.calls[-1].leave) + ways[len(stops), 0] > worked(asked, 0, 1440) + 1e-6:
        yield wrong("check_home_late", **_of(crew))
    driven = ways[0, 1] + sum(ways[at, at + 1] for at in range(1, len(stops))) + ways[len(stops), 0]
    if not abs(crew.travel - driven) <= 1:  # NaN is no number of minutes either
        yield wrong("check_travel", **_of(crew), says_min=crew.travel, takes_min=whole(driven))


def left_already(asked: Asked, calendar: Calendar, under_way: UnderWay) -> Iterator[Reason]:
    """Calls for which a crew would have had to leave, from its base or its last stop, before the minute that it is.

    What keeps its crew and its hour is on its way already, unless somebody joins the crew for it.
    """
    known = {crew.id: crew for crew in under_way.before.crews}
    places = {place.id: place for place in asked.premises}
    for crew in calendar.crews:
        stops = [places[call.visit.premises] for call in crew.calls]
        if crew.day != under_way.day or not stops or any(place.town != crew.town for place in stops):
            continue
        base, before = asked.base(crew.town), known.get(crew.id)
        ways = asked.ways.minutes([base[0], *(p.lon for p in stops)], [base[1], *(p.lat for p in stops)])
        told = {} if before is None or set(crew.officers) - set(before.officers) else _told(before)
        for at, call in enumerate(crew.calls):
            leaves = call.arrive - ways[at, at + 1]
            there_in = worked(asked, under_way.minute, call.arrive)
            if told.get(call.visit.id) != call.arrive and there_in < ways[at, at + 1] - 1e-6:
                hours = {"leaves": clock(whole(max(leaves, 0))), "earliest": clock(under_way.minute)}
                yield wrong("check_left_already", **_of(crew), premises=call.visit.premises, **hours)


def _told(crew: CrewDay) -> dict[str, int]:
    """The hour at which each visit of a crew was told to begin."""
    return {call.visit.id: call.arrive for call in crew.calls}


def _caps(asked: Asked, calendar: Calendar) -> Iterator[Reason]:
    """Visits beyond a cap; one for nothing but leads stands outside it."""
    counted = _counted(asked)
    planned = Counter(
        (call.visit.premises, crew.day.year)
        for crew in calendar.crews
        for call in crew.calls
        if not counted.isdisjoint(call.visit.items)
    )
    places = {place.id: place for place in asked.premises}
    for (premises, year), visits in planned.items():
        place = places[premises]
        total = visits + dict(enumerate(place.visits_by_year, asked.days[0].year)).get(year, 0)
        if place.annual_cap is not None and total > place.annual_cap:
            yield wrong("check_cap", premises=premises, visits=total, cap=place.annual_cap)


def spared(asked: Asked, calendar: Calendar) -> Iterator[Reason]:
    """Two visits within thirty days whose items share a working day, fit one visit and one lawful crew.

    A day of a year whose cap the other visits have used up is no day for both.
    """
    places = {place.id: place for place in asked.premises}
    items, counted = {item.id: item for item in asked.items}, _counted(asked)
    calls: dict[str, list[tuple[date, tuple[str, ...]]]] = {}
    for crew in calendar.crews:
        for call in crew.calls:
            calls.setdefault(call.visit.premises, []).append((crew.day, call.visit.items))
    for place, visits in calls.items():
        for (day, one), (other_day, other) in combinations(sorted(visits), 2):
            both = [items[known] for known in (*one, *other) if known in items]
            if not both or abs((other_day - day).days) >= APART_DAYS:
                continue
            others = [(at, some) for at, some in visits if (at, some) not in ((day, one), (other_day, other))]
            free = _under_the_cap(asked, places[place], counted, (*one, *other), others)
            if one_visit(asked, places[place], both, days=free):
                yield wrong("check_spared", premises=place, day=day.isoformat(), other=other_day.isoformat())


def _counted(asked: Asked) -> set[str]:
    """Checks whose visit counts towards a cap."""
    return {item.id for item in asked.items if item.occasion is not Occasion.LEAD and not item.remote}


def _under_the_cap(
    asked: Asked, place: Premises, counted: set[str], checks: Iterable[str], others: list[tuple[date, tuple[str, ...]]]
) -> list[date]:
    """Days on which a visit for these checks may be, beside the others there."""
    if place.annual_cap is None or counted.isdisjoint(checks):
        return list(asked.days)
    had = Counter(day.year for day, some in others if not counted.isdisjoint(some))
    had.update(dict(enumerate(place.visits_by_year, asked.days[0].year)))
    return [day for day in asked.days if had[day.year] < place.annual_cap]
