"""What went otherwise is mended with little moved; what was begun and locked stays."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dispatch.inspections.faults import faults
from dispatch.inspections.planning import Programme, plan
from dispatch.inspections.replanning import Standing, replan
from tests.dispatch.inspections.programmes import DAYS, FIRE, FOOD, due, officer, programme, programmes, shop


def a_week() -> Programme:
    """Six shops around the base, an hour each, four officers who can all pair."""
    shops = [shop(f"p{k}", lon=121.5 + k / 500) for k in range(6)]
    items = [due(f"i{k}", premises=f"p{k}", minutes=60) for k in range(6)]
    return programme(shops, items, [officer(f"o{k}", FIRE, FOOD) for k in range(4)])


def test_a_closed_shop_is_visited_on_a_later_day_and_nothing_else_moves():
    """The team knocks on Monday, nobody opens: one line of difference, from the next day on."""
    asked = a_week()
    calendar = plan(asked, seconds=0.3)
    crew = calendar.crews[0]
    stood_up = crew.calls[-1].visit.id
    begun = frozenset(call.visit.id for call in crew.calls[:-1])
    later = DAYS[DAYS.index(crew.day) + 1]
    change = replan(asked, calendar, Standing(crew.day, 1000, begun, again={stood_up: later}))
    assert [move.visit for move in change.moves] == [stood_up]
    after = change.moves[0].after
    assert after is not None
    assert after[0] >= later
    assert faults(asked, change.calendar) == []


def test_who_falls_ill_is_replaced_and_the_visits_keep_their_hours():
    """The shops were told a time; another officer comes, at that time."""
    asked = a_week()
    calendar = plan(asked, seconds=0.3)
    crew = calendar.crews[0]
    ill = replace(
        asked,
        inspectors=tuple(
            replace(who, away=frozenset(DAYS)) if who.id == crew.officers[0] else who for who in asked.inspectors
        ),
    )
    change = replan(ill, calendar, Standing(DAYS[0]))
    assert faults(ill, change.calendar) == []
    hours = {call.visit.id: (one.day, call.arrive) for one in calendar.crews for call in one.calls}
    now = {call.visit.id: (one.day, call.arrive) for one in change.calendar.crews for call in one.calls}
    assert now == hours
    assert [one.id for one in change.calendar.crews] == [one.id for one in calendar.crews]


def test_what_finds_no_place_any_more_is_undone_with_its_price():
    """Both officers are ill for the rest of the calendar: the items are named, nothing vanishes."""
    asked = programme([shop()], [due("a", 3, 9)], [officer("o1", FIRE), officer("o2", FOOD)])
    calendar = plan(asked, seconds=0.1)
    ill = replace(asked, inspectors=tuple(replace(who, away=frozenset(DAYS)) for who in asked.inspectors))
    change = replan(ill, calendar, Standing(DAYS[0]))
    assert [(one.item, one.price) for one in change.calendar.undone] == [("a", "2 officer-days")]
    assert [(move.visit, move.after) for move in change.moves] == [("p1-1", None)]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(programmes(), st.data())
def test_begun_and_locked_stay_whatever_happens(asked: Programme, data: st.DataObject):
    """Any calendar, any day, any one event: no fault, and what was begun is where it was."""
    calendar = plan(asked, seconds=0.1)
    visits = [(crew, call) for crew in calendar.crews for call in crew.calls]
    if not visits:
        return
    crew, call = data.draw(st.sampled_from(visits))
    begun = frozenset(
        other.visit.id
        for one, other in visits
        if one.day < crew.day or (one.id == crew.id and other.arrive < call.arrive)
    )
    after = [day for day in DAYS if day > crew.day]
    again = {call.visit.id: after[0]} if after and data.draw(st.booleans()) else {}
    locked = frozenset(
        other.visit.id for _, other in visits if other.visit.id not in again and data.draw(st.booleans())
    )
    change = replan(asked, calendar, Standing(crew.day, call.arrive, begun, locked, again))
    assert faults(asked, change.calendar) == []
    assert not {move.visit for move in change.moves} & (begun | locked)
