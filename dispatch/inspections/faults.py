"""An independent look at a calendar of inspections: every rule it breaks, found without any of the planner's code.

It reads the programme and the calendar, nothing else, and does its own arithmetic. No fault is what tests, benchmarks
and the command ask for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from itertools import combinations, pairwise
from typing import Protocol

from dispatch.inspections.ways import Floats, Ways
from dispatch.records.inspection import SHARED, Calendar, CrewDay, DueItem, Inspector, Premises

LONGEST_MIN = 480
CREW = range(2, 6)
APART_DAYS = 30


class Asked(Protocol):
    """What a calendar is held against: a :class:`dispatch.inspections.planning.Programme`."""

    @property
    def premises(self) -> tuple[Premises, ...]: ...
    @property
    def items(self) -> tuple[DueItem, ...]: ...
    @property
    def inspectors(self) -> tuple[Inspector, ...]: ...
    @property
    def days(self) -> tuple[date, ...]: ...
    @property
    def ways(self) -> Ways: ...
    def base(self, town: str) -> tuple[float, float]: ...


def faults(asked: Asked, calendar: Calendar) -> list[str]:
    """Every broken rule as a sentence; an empty list when the calendar is lawful and complete."""
    return [
        *_each_item_once(asked, calendar),
        *_items_inside_their_dates(asked, calendar),
        *_crews_lawful(asked, calendar),
        *_one_crew_a_day(calendar),
        *_days_hold(asked, calendar),
        *_caps(asked, calendar),
        *_no_visit_that_could_have_been_spared(asked, calendar),
    ]


def _each_item_once(asked: Asked, calendar: Calendar) -> Iterator[str]:
    named = Counter(item for crew in calendar.crews for call in crew.calls for item in call.visit.items)
    named.update(undone.item for undone in calendar.undone)
    for item in asked.items:
        if named[item.id] != 1:
            yield f"item {item.id} is named {named[item.id]} times; every item is in one visit or undone, once."
    for unknown in named.keys() - {item.id for item in asked.items}:
        yield f"item {unknown} was never asked for."
    for undone in calendar.undone:
        if not undone.reason:
            yield f"item {undone.item} is undone without a reason."


def _items_inside_their_dates(asked: Asked, calendar: Calendar) -> Iterator[str]:
    items = {item.id: item for item in asked.items}
    for crew in calendar.crews:
        if crew.day not in asked.days:
            yield f"crew {crew.id} goes out on {crew.day}, no day of the calendar."
        for call in crew.calls:
            for item in (items[known] for known in call.visit.items if known in items):
                if not item.earliest <= crew.day <= item.latest:
                    yield f"item {item.id} is done on {crew.day}, outside {item.earliest} to {item.latest}."
                if item.premises != call.visit.premises:
                    yield f"item {item.id} belongs to {item.premises} and is done at {call.visit.premises}."
            minutes = sum(items[known].minutes for known in call.visit.items if known in items)
            if call.leave - call.arrive != minutes:
                yield f"visit {call.visit.id} lasts {call.leave - call.arrive} minutes; its items take {minutes}."


def _crews_lawful(asked: Asked, calendar: Calendar) -> Iterator[str]:
    known = {who.id: who for who in asked.inspectors}
    items = {item.id: item for item in asked.items}
    for crew in calendar.crews:
        if len(crew.officers) not in CREW or len(set(crew.officers)) != len(crew.officers):
            yield f"crew {crew.id} has {len(crew.officers)} officers; a crew has 2 to 5."
        officers = [known[who] for who in crew.officers if who in known]
        held = {certificate for who in officers for certificate in who.certificates}
        for who in officers:
            if who.town not in (crew.town, SHARED):
                yield f"officer {who.id} of {who.town} is in crew {crew.id} of {crew.town}."
            if crew.day in who.away:
                yield f"officer {who.id} is away on {crew.day} and in crew {crew.id}."
        for call in crew.calls:
            missing = {items[one].certificate for one in call.visit.items if one in items} - held
            if missing:
                yield f"crew {crew.id} lacks {', '.join(sorted(missing))} for visit {call.visit.id}."
            for who in officers:
                if call.visit.premises in who.conflicts:
                    yield f"officer {who.id} must not inspect {call.visit.premises} and is in crew {crew.id}."


def _one_crew_a_day(calendar: Calendar) -> Iterator[str]:
    crews = Counter((who, crew.day) for crew in calendar.crews for who in crew.officers)
    for (who, day), count in crews.items():
        if count > 1:
            yield f"officer {who} is in {count} crews on {day}."
    for id_, count in Counter(crew.id for crew in calendar.crews).items():
        if count > 1:
            yield f"crew id {id_} stands {count} times."


def _days_hold(asked: Asked, calendar: Calendar) -> Iterator[str]:
    places = {place.id: place for place in asked.premises}
    for crew in calendar.crews:
        stops = [places[call.visit.premises] for call in crew.calls]
        if any(place.town != crew.town for place in stops):
            yield f"crew {crew.id} of {crew.town} visits {', '.join(place.id for place in stops)} of another town."
            continue
        base = asked.base(crew.town)
        ways = asked.ways.minutes([base[0], *(p.lon for p in stops)], [base[1], *(p.lat for p in stops)])
        yield from _one_day(crew, stops, ways)


def _one_day(crew: CrewDay, stops: list[Premises], ways: Floats) -> Iterator[str]:
    for call, place in zip(crew.calls, stops, strict=True):
        if call.arrive < place.opens or call.leave > place.closes:
            yield f"visit {call.visit.id} is outside the opening hours of {place.id}."
    for at, (one, other) in enumerate(pairwise(crew.calls), start=1):
        if other.arrive < one.leave + ways[at, at + 1] - 1e-6:
            yield f"crew {crew.id} cannot be at {other.visit.id} so soon after {one.visit.id}."
    if not crew.calls:
        yield f"crew {crew.id} goes out for nothing."
        return
    out = crew.calls[-1].leave + ways[len(stops), 0] - (crew.calls[0].arrive - ways[0, 1])
    if out > LONGEST_MIN + 1e-6:
        yield f"crew {crew.id} is out for {out:.0f} minutes; {LONGEST_MIN} are allowed."
    if crew.calls[0].arrive - ways[0, 1] < -1e-6:
        yield f"crew {crew.id} would leave before midnight."
    driven = ways[0, 1] + sum(ways[at, at + 1] for at in range(1, len(stops))) + ways[len(stops), 0]
    if abs(crew.travel - driven) > 1:
        yield f"crew {crew.id} says {crew.travel} minutes on the way; the ways take {driven:.1f}."


def _caps(asked: Asked, calendar: Calendar) -> Iterator[str]:
    planned = Counter(call.visit.premises for crew in calendar.crews for call in crew.calls)
    for place in asked.premises:
        total = place.visits_this_year + planned[place.id]
        if place.annual_cap is not None and planned[place.id] and total > place.annual_cap:
            yield f"{place.id} would be visited {total} times this year; its cap is {place.annual_cap}."


def _no_visit_that_could_have_been_spared(asked: Asked, calendar: Calendar) -> Iterator[str]:
    """Two visits within thirty days whose items share a working day, fit one visit and one lawful crew."""
    places = {place.id: place for place in asked.premises}
    items = {item.id: item for item in asked.items}
    calls: dict[str, list[tuple[date, tuple[str, ...]]]] = {}
    for crew in calendar.crews:
        for call in crew.calls:
            calls.setdefault(call.visit.premises, []).append((crew.day, call.visit.items))
    for place, visits in calls.items():
        for (day, one), (other_day, other) in combinations(sorted(visits), 2):
            both = [items[known] for known in (*one, *other) if known in items]
            if abs((other_day - day).days) < APART_DAYS and _one_visit(asked, places[place], both):
                yield f"{place} is visited on {day} and {other_day}; one visit would have done."


def _one_visit(asked: Asked, place: Premises, items: list[DueItem]) -> bool:
    first, last = max(item.earliest for item in items), min(item.latest for item in items)
    if not any(first <= day <= last for day in asked.days):
        return False
    base = asked.base(place.town)
    ways = asked.ways.minutes([base[0], place.lon], [base[1], place.lat])
    minutes = sum(item.minutes for item in items)
    if minutes > place.closes - place.opens or minutes + ways[0, 1] + ways[1, 0] > LONGEST_MIN - 2:
        return False
    needs = {item.certificate for item in items}
    held = [
        who.certificates & needs
        for who in asked.inspectors
        if who.town in (place.town, SHARED) and place.id not in who.conflicts
    ]
    useful = {one for one in held if one}
    return any(
        needs <= frozenset().union(*crew) for size in CREW for crew in combinations(useful, min(size, len(useful)))
    )
