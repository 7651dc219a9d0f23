"""What the screen of inspections shows besides the book's own rows: ways on the street, and the papers of a day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from dispatch.desk.question import inspectors
from dispatch.records.calls import PUT_BACK, Outing
from dispatch.records.inspection import Calendar, Call, CrewDay, Premises
from dispatch.review.papers import Papers, act_codes
from dispatch.store import inspections
from dispatch.store.inspections import InForce
from gis.streets import Profile
from ui.services.centre import Centre, centre
from ui.wording import Wording

Way = tuple[NDArray[np.float64], NDArray[np.float64]]
Place = tuple[float, float]


def street_ways(
    opened: Centre, outings: Sequence[Outing], force: InForce, premises: Mapping[str, Premises]
) -> dict[str, Way]:
    """Each crew's way along the streets by its day's id, from its base by its stops and back, WGS84.

    Legs without a way are left out, and crews without a leg.
    """
    ways = {}
    for outing in outings:
        stops = [premises[stop.visit.premises] for stop in force.of(outing.id)]
        base = opened.inspections.bases.get(outing.town)
        places = [(place.lon, place.lat) for place in stops]
        round_trip = [base, *places, base] if base else places
        legs = [_leg(a, b) for a, b in pairwise(round_trip)]
        legs = [leg for leg in legs if leg[0].size > 1]
        if legs:
            ways[outing.id] = (np.concatenate([leg[0] for leg in legs]), np.concatenate([leg[1] for leg in legs]))
    return ways


@lru_cache(maxsize=2048)
def _leg(start: Place, end: Place) -> Way:
    travel = centre().travel[Profile.CAR]
    route = travel.path(travel.place([start[0]], [start[1]]), travel.place([end[0]], [end[1]]))
    return route.lon, route.lat


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
        items = inspections.items(connection, called)
        recusals = inspections.recusals(connection)
    day = min(outing.day for outing in outings)
    calendar = Calendar(tuple(crews))
    scenario = opened.scenario
    names = {who.id: who.name for team in teams for who in team.officers}
    names |= {code: words.pick(each.name_zh, each.name_en) for code, each in opened.rules.departments.items()}
    fields = {code: words.pick(each.name_zh, each.name_en) for code, each in scenario.fields.items()}
    names |= {f"certificate {code}": name for code, name in fields.items()}
    for item in items.values():  # a table of checks brings no names: the field says at least what is looked at
        names.setdefault(item.id, f"{fields.get(item.certificate, item.certificate)} ({item.id})")
    names |= {town: scenario.areas.name(town) for town in towns}
    return Papers(
        calendar,
        places,
        items,
        {who.id: who for who in inspectors(teams, towns, [day], recusals)},
        act_codes(calendar, scenario.code),
        opened.clock(),
        opened.zone,
        words("app.and").join(words.pick(zh, en) for zh, en in scenario.synthetic),
        names,
        {town: opened.inspections.bases[town] for town in towns if town in opened.inspections.bases},
    )
