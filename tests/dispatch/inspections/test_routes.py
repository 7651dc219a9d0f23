"""A day's calls dealt anew among its crews: never longer, never unlawful, as long on the street as in the calendar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.inspections.faults import faults
from dispatch.inspections.filling import priced
from dispatch.inspections.planning import plan
from dispatch.inspections.programme import Programme
from dispatch.inspections.routes import driven, routed
from dispatch.inspections.ways import Floats, StreetWays
from dispatch.records.inspection import Calendar, Call, CrewDay
from gis.streets import Profile, read_streets
from gis.travel import TravelTimes
from tests.dispatch.inspections.months import small_month
from tests.dispatch.inspections.programmes import FIRE, FOOD, due, officer, programme, shop
from tests.real import real_file


def again(asked: Programme, calendar: Calendar) -> Calendar:
    """Every day's crews routed once more."""
    places, staff = {p.id: p for p in asked.premises}, {who.id: who for who in asked.inspectors}
    crews: list[CrewDay] = []
    for _, of_day in groupby(sorted(calendar.crews, key=lambda crew: crew.day), lambda crew: crew.day):
        same = list(of_day)
        crews += routed(same, places, staff, ways_of(asked, same), asked.ends)
    return priced(asked, replace(calendar, crews=tuple(crews)))


def ways_of(asked: Programme, crews: Sequence[CrewDay]) -> Floats:
    """Minutes between the base and all stops of one town's crews."""
    places = {place.id: place for place in asked.premises}
    stops = [places[call.visit.premises] for crew in crews for call in crew.calls]
    lon, lat = asked.base(crews[0].town)
    return asked.ways.minutes([lon, *(p.lon for p in stops)], [lat, *(p.lat for p in stops)])


def on_the_way(asked: Programme, crew: CrewDay) -> float:
    """Minutes of one crew's whole way."""
    return driven(ways_of(asked, [crew]), range(1, len(crew.calls) + 1))


def shuffled(asked: Programme, seed: int) -> Calendar:
    """A lawful calendar on long ways: every crew's visits of a day in the first order that holds, drawn."""
    calendar = plan(asked, seconds=0.01)
    rng = np.random.default_rng(seed)
    crews = []
    for crew in calendar.crews:
        changed = crew
        for _ in range(10):
            calls, now = [], crew.calls[0].arrive
            for at in rng.permutation(len(crew.calls)):
                call = crew.calls[at]
                calls.append(replace(call, arrive=now, leave=now + call.visit.minutes))
                now += call.visit.minutes + 25
            tried = replace(
                crew, calls=tuple(calls), travel=round(on_the_way(asked, replace(crew, calls=tuple(calls))))
            )
            one = replace(calendar, crews=tuple(tried if each is crew else each for each in calendar.crews))
            if not faults(asked, one):
                changed = tried
                break
        crews.append(changed)
    return replace(calendar, crews=tuple(crews))


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_routing_a_day_anew_breaks_no_rule_and_is_never_longer(seed: int):
    """From a calendar on long ways, held against the independent checker; nothing is lost on the way."""
    asked = small_month(seed)
    before = shuffled(asked, seed)
    after = again(asked, before)
    assert faults(asked, after) == []
    assert sum(on_the_way(asked, c) for c in after.crews) <= sum(on_the_way(asked, c) for c in before.crews) + 1e-6
    visits = [sorted(call.visit.id for crew in each.crews for call in crew.calls) for each in (before, after)]
    assert visits[0] == visits[1]


def test_two_crews_that_cross_each_other_exchange_their_visits():
    """Each crew was sent past the other's shops: the day becomes shorter, the crews stay who they are."""
    shops = [shop("w1", lon=121.40), shop("w2", lon=121.41), shop("e1", lon=121.60), shop("e2", lon=121.61)]
    pairs = [officer("a", FIRE), officer("b", FIRE), officer("c", FIRE), officer("d", FIRE)]
    asked = replace(
        programme(shops, [due(f"i{s.id}", 0, 0, premises=s.id, minutes=100) for s in shops], pairs),
        bases={"t1": (121.5, 29.9)},
    )
    calendar = plan(asked, seconds=0.2)
    one, other = calendar.crews
    crossed = replace(
        calendar,
        crews=(
            replace(one, calls=_at(calendar, ("w1", "e1"), 600), travel=0),
            replace(other, calls=_at(calendar, ("w2", "e2"), 600), travel=0),
        ),
    )
    crossed = replace(crossed, crews=tuple(replace(c, travel=round(on_the_way(asked, c))) for c in crossed.crews))
    mended = again(asked, crossed)
    assert faults(asked, mended) == []
    assert sum(crew.travel for crew in mended.crews) < 0.7 * sum(crew.travel for crew in crossed.crews)
    assert [crew.officers for crew in mended.crews] == [crew.officers for crew in crossed.crews]


def _at(calendar: Calendar, shops: tuple[str, ...], begins: int) -> tuple[Call, ...]:
    calls = {call.visit.premises: call for crew in calendar.crews for call in crew.calls}
    return tuple(
        replace(calls[name], arrive=begins + 150 * at, leave=begins + 150 * at + calls[name].visit.minutes)
        for at, name in enumerate(shops)
    )


def test_who_must_not_enter_a_door_is_not_sent_there_for_a_shorter_way():
    """The near crew has an officer in conflict; the far one goes, however long its way."""
    shops = [shop("near", lon=121.501), shop("far", lon=121.6)]
    asked = replace(
        programme(
            shops,
            [due("x", 0, 0, premises="near"), due("y", 0, 0, premises="far", certificate=FOOD, minutes=300)],
            [
                officer("a", FIRE, conflicts=frozenset({"near"})),
                officer("b", FIRE, FOOD, conflicts=frozenset({"near"})),
                officer("c", FIRE),
                officer("d", FIRE),
            ],
        ),
        bases={"t1": (121.5, 29.9)},
    )
    calendar = plan(asked, seconds=0.2)
    routes = again(asked, calendar)
    assert faults(asked, routes) == []
    assert {crew.officers for crew in routes.crews for call in crew.calls if call.visit.premises == "near"} == {
        ("c", "d")
    }


def test_the_calendar_s_ways_are_as_long_on_shanghai_s_streets():
    """Within 5 %, each leg found anew along its streets from crossing to crossing."""
    travel = TravelTimes(read_streets(real_file("shanghai_center.osm.gz")), Profile.CAR)
    rng = np.random.default_rng(3)
    node = rng.choice(len(travel.streets.lon), 40, replace=False)
    shops = [
        shop(f"p{n}", lon=float(travel.streets.lon[at]), lat=float(travel.streets.lat[at])) for n, at in enumerate(node)
    ]
    items = [
        due(f"i{n}", premises=place.id, certificate=(FIRE, FOOD)[n % 2], minutes=45) for n, place in enumerate(shops)
    ]
    crowd = [officer(f"o{n}", (FIRE, FOOD)[n % 2]) for n in range(8)]
    asked = replace(programme(shops, items, crowd), ways=StreetWays(travel))
    calendar = plan(asked, seconds=1.0)
    assert faults(asked, calendar) == []
    assert calendar.crews
    places = {p.id: p for p in asked.premises}
    on_the_street = 0.0
    for crew in calendar.crews:
        stops = [(places[call.visit.premises].lon, places[call.visit.premises].lat) for call in crew.calls]
        base = asked.base(crew.town)
        for a, b in pairwise([base, *stops, base]):
            on_the_street += travel.path(travel.place([a[0]], [a[1]]), travel.place([b[0]], [b[1]])).cost / 60
    assert sum(crew.travel for crew in calendar.crews) == pytest.approx(on_the_street, rel=0.05)
