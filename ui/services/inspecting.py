"""What the screen of inspections shows besides the book's own rows: ways on the street, and the papers of a day."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from dispatch.desk.question import inspectors, stands
from dispatch.records.calls import PUT_BACK, CallStatus, Outing
from dispatch.records.inspection import Calendar, Call, CrewDay, DeskDay, DueItem, Inspector, Premises, Undone
from dispatch.records.team import Team
from dispatch.review.papers import Papers, act_codes
from dispatch.store import deskchecks, inspections
from dispatch.store.inspections import InForce
from gis.streets import Profile
from gis.travel import TravelTimes
from ui.services.centre import Centre
from ui.wording import Wording

DESK_DAYS = 40
"""Working days over which checks are dealt to desks: those of the screen, so that papers say the same."""
SINCE = "since"
"""The reason of a check that the calendar in force has never seen."""

Way = tuple[NDArray[np.float64], NDArray[np.float64]]
Place = tuple[float, float]


def street_ways(
    opened: Centre, outings: Sequence[Outing], force: InForce, premises: Mapping[str, Premises]
) -> dict[str, Way]:
    """Each crew's way along the streets by its day's id, from its base by its stops and back, WGS84.

    Legs without a way are left out, and crews without a leg.
    """
    stops = {one.id: [premises[stop.visit.premises] for stop in force.of(one.id)] for one in outings}
    ways = {one.id: _street_way(opened, one.town, stops[one.id]) for one in outings}
    return {name: way for name, way in ways.items() if way is not None}


def _street_way(opened: Centre, town: str, stops: Sequence[Premises]) -> Way | None:
    """From a town's base by these stops and back, legs without a way left out; None when there is none at all."""
    base = opened.inspections.bases.get(town)
    places = [(place.lon, place.lat) for place in stops]
    travel = opened.travel[Profile.CAR]
    legs = [_leg(travel, a, b) for a, b in pairwise([base, *places, base] if base else places)]
    legs = [leg for leg in legs if leg[0].size > 1]
    if not legs:
        return None
    return np.concatenate([leg[0] for leg in legs]), np.concatenate([leg[1] for leg in legs])


@lru_cache(maxsize=2048)
def _leg(travel: TravelTimes, start: Place, end: Place) -> Way:
    route = travel.path(travel.place([start[0]], [start[1]]), travel.place([end[0]], [end[1]]))
    return route.lon, route.lat


def check_name(opened: Centre, item: DueItem, words: Wording) -> str:
    """What a check is called, with its code; its field where nobody gave it a name."""
    field, listed = opened.scenario.fields.get(item.certificate), opened.rules.scenes.items.get(item.name)
    if listed is not None:
        return f"{words.pick(listed.name_zh, listed.name_en)} {item.name} ({item.id})"
    called = words.pick(field.name_zh, field.name_en) if field is not None else item.certificate
    return f"{item.name or called} ({item.id})"


def to_show(opened: Centre, item: DueItem) -> tuple[str, ...]:
    """What the business has to show for a check, as the list of items says it; nothing for one that is not listed."""
    listed = opened.rules.scenes.items.get(item.name)
    return listed.documents if listed is not None else ()


def papers_of_day(opened: Centre, force: InForce, outings: Sequence[Outing], words: Wording) -> Papers:
    """Everything that the papers of these crews' days are written from.

    Calls that came to nothing have no papers.
    """
    crews = []
    for outing in outings:
        calls = tuple(
            Call(stop.visit, stop.arrive, stop.leave) for stop in force.of(outing.id) if stop.status not in PUT_BACK
        )
        if calls:
            crews.append(CrewDay(outing.id, outing.day, outing.town, outing.officers, calls, outing.travel))
    towns = sorted({outing.town for outing in outings})
    teams = opened.casebook.teams()
    with opened.casebook.reading() as connection:
        places = {place.id: place for place in inspections.premises(connection)}
        called = {item for crew in crews for call in crew.calls for item in call.visit.items}
        due = {item.id: item for item in inspections.due_items(connection, towns)}
        undone = without_visit(force, towns, due, opened.today())
        desk = _at_the_desk(opened, connection, force, teams, sorted({one.day for one in outings}), towns)
        called |= {item for day in desk for item in day.items}
        items = inspections.items(connection, called) | {one.item: due[one.item] for one in undone}
        recusals = inspections.recusals(connection)
    day = min(outing.day for outing in outings)
    calendar = Calendar(tuple(crews), undone, desk=desk)
    scenario = opened.scenario
    names = {who.id: who.name for team in teams for who in team.officers}
    names |= {code: words.pick(each.name_zh, each.name_en) for code, each in opened.rules.departments.items()}
    fields = {code: words.pick(each.name_zh, each.name_en) for code, each in scenario.fields.items()}
    names |= {f"certificate {code}": name for code, name in fields.items()}
    for item in items.values():
        names.setdefault(item.id, check_name(opened, item, words))
    names |= {town: scenario.areas.name(town) for town in towns}
    bodies = {town: opened.rulebook.bodies[town] for town in towns if town in opened.rulebook.bodies}
    names |= {f"authority {town}": words.pick(body.name_zh, body.name_en) for town, body in bodies.items()}
    return Papers(
        calendar,
        places,
        items,
        {who: Inspector(who, crew.town) for crew in crews for who in crew.officers}  # who has left since included
        | {who.id: who for who in inspectors(teams, towns, [day], recusals)},
        act_codes(calendar, scenario.code),
        opened.clock(),
        opened.zone,
        words.sentences(scenario.synthetic),
        names,
        {town: opened.inspections.bases[town] for town in towns if town in opened.inspections.bases},
        _ways(opened, crews, places),
        {item.id: to_show(opened, item) for item in items.values()},
        over={stop.visit.id for one in outings for stop in force.of(one.id) if stop.status is CallStatus.DONE},
    )


def _at_the_desk(
    opened: Centre,
    connection: Connection,
    force: InForce,
    teams: Sequence[Team],
    days: Sequence[date],
    towns: Collection[str],
) -> tuple[DeskDay, ...]:
    """What was checked from the desk on these days, and what is to be."""
    place = {one.id: one.town for one in inspections.premises(connection, towns)}
    made = [one for one in deskchecks.since(connection, days[0]) if one.day in days and one.premises in place]
    past = [DeskDay(one.day, place[one.premises], one.officers, (one.item,)) for one in made]
    today = opened.today()
    found = opened.desk_checks.listed(connection, force, teams, towns, opened.working_days(today, DESK_DAYS))
    return (*past, *(one for one in found.days if one.day in days))


def without_visit(
    force: InForce, towns: Collection[str], due: Mapping[str, DueItem], today: date
) -> tuple[Undone, ...]:
    """What somebody has to go for in these towns and no call answers for: why, as the calendar in force says.

    What became due since has a reason of its own.
    """
    answered = {item for stop in force.stops.values() if stands(force, stop, today) for item in stop.visit.items}
    calendars = {force.calendars[town].id for town in towns if town in force.calendars}
    told = {one.item: one for calendar in sorted(calendars) for one in force.undone.get(calendar, ())}
    to_visit = {id for id, item in due.items() if not item.remote}
    return tuple(told.get(item, Undone(item, SINCE)) for item in sorted(to_visit - answered))


def _ways(
    opened: Centre, crews: Sequence[CrewDay], places: Mapping[str, Premises]
) -> dict[str, list[tuple[float, float]]]:
    """The crews' ways along the streets, by crew."""
    found = {}
    for crew in crews:
        way = _street_way(opened, crew.town, [places[call.visit.premises] for call in crew.calls])
        if way is not None:
            found[crew.id] = list(zip(way[0].tolist(), way[1].tolist(), strict=True))
    return found
