"""What went otherwise is mended with little moved; what was begun and locked stays."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dispatch.inspections.checked import UnderWay
from dispatch.inspections.faults import faults
from dispatch.inspections.noon import Noon
from dispatch.inspections.planning import plan
from dispatch.inspections.programme import Programme
from dispatch.inspections.reasons import Why
from dispatch.inspections.replanning import replan
from dispatch.inspections.standing import Standing
from dispatch.records.inspection import Calendar, Call, CrewDay, DueItem, Inspector, Occasion, Visit
from tests.dispatch.inspections.programmes import DAYS, FIRE, FOOD, due, officer, programme, programmes, shop


def a_week() -> Programme:
    """Six shops around the base, an hour each, four officers who can all pair."""
    shops = [shop(f"p{k}", lon=121.5 + k / 500) for k in range(6)]
    items = [due(f"i{k}", premises=f"p{k}", minutes=60) for k in range(6)]
    return programme(shops, items, [officer(f"o{k}", FIRE, FOOD) for k in range(4)])


def moved(before: Calendar, after: Calendar) -> set[str]:
    """Visits that are on another day, at another hour or with others than before, or nowhere."""
    was, now = ({v: (day, at, who) for v, day, at, who in _where(each)} for each in (before, after))
    return {visit for visit in was.keys() | now.keys() if was.get(visit) != now.get(visit)}


def _where(calendar: Calendar) -> list[tuple[str, date, int, tuple[str, ...]]]:
    return [(call.visit.id, crew.day, call.arrive, crew.officers) for crew in calendar.crews for call in crew.calls]


def reasons(calendar: Calendar) -> list[tuple[str, str, str]]:
    return [(one.item, one.reason, one.price) for one in calendar.undone]


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
    assert faults(ill, change) == []
    hours = {call.visit.id: (one.day, call.arrive) for one in calendar.crews for call in one.calls}
    now = {call.visit.id: (one.day, call.arrive) for one in change.crews for call in one.calls}
    assert now == hours
    assert [one.id for one in change.crews] == [one.id for one in calendar.crews]


def test_one_visit_that_waits_for_its_only_officer_does_not_try_every_crew_of_the_town():
    """Its one holder is out each day, and 29 others have 140,000 crews a day of which none will do."""
    shops = [shop(f"p{k}") for k in range(11)]
    items = [due(f"i{k}", k, k, premises=f"p{k}", certificate=FOOD, minutes=470) for k in range(10)]
    asked = programme(shops, items, [officer("only", FOOD), *(officer(f"o{k:02d}", FIRE) for k in range(29))])
    calendar = plan(asked, seconds=0.1)
    more = replace(asked, items=(*asked.items, due("late", premises="p10", certificate=FOOD)))
    began = time.process_time()
    change = replan(more, calendar, Standing(DAYS[0]))
    assert time.process_time() - began < 2, "the goal for one event"
    assert reasons(change)[0][:2] == ("late", "no_room")
    assert faults(more, change) == []


def test_a_new_crew_of_a_re_plan_is_of_those_who_go_out_least():
    """By the order of their names the same two would go out every time."""
    asked = programme([shop("p0"), shop("p1")], [due("a", 0, 0, premises="p0")], [officer(k, FIRE) for k in "abcd"])
    crew = replace(plan(asked, seconds=0.1).crews[0], officers=("a", "b"))
    more = replace(asked, items=(*asked.items, due("b", 5, 5, premises="p1")))
    change = replan(more, Calendar((crew,)), Standing(DAYS[0]))
    assert [set(each.officers) for each in change.crews] == [{"a", "b"}, {"c", "d"}]


def test_what_finds_no_place_any_more_is_undone_with_its_price():
    """Both officers are ill for the rest of the calendar: the items are named, nothing vanishes."""
    asked = programme([shop()], [due("a", 3, 9)], [officer("o1", FIRE), officer("o2", FOOD)])
    calendar = plan(asked, seconds=0.1)
    ill = replace(asked, inspectors=tuple(replace(who, away=frozenset(DAYS)) for who in asked.inspectors))
    change = replan(ill, calendar, Standing(DAYS[0]))
    assert reasons(change) == [("a", "no_certificate", "1 officers")]
    assert change.crews == ()
    assert faults(ill, change) == []


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(programmes().map(Programme.to_visit), st.data())
def test_where_nothing_happened_nothing_moves(asked: Programme, data: st.DataObject):
    """Looking again at a calendar that holds asks nobody for another hour, locked or not.

    Unless a check that had no room finds some.
    """
    calendar = plan(asked, seconds=0.1)
    names = [call.visit.id for crew in calendar.crews for call in crew.calls]
    locked = frozenset(name for name in names if data.draw(st.booleans()))
    again = replan(asked, calendar, Standing(DAYS[0], locked=locked))
    assert len(again.undone) < len(calendar.undone) or not moved(calendar, again) & set(names)
    assert len(again.undone) <= len(calendar.undone)


def test_only_the_check_that_lacks_its_officer_is_given_up():
    """The food inspector goes on leave for good: the fire check is made, as a new calendar would have it."""
    asked = programme(
        [shop()],
        [due("a"), due("b", certificate=FOOD)],
        [officer("o1", FIRE), officer("o2", FIRE), officer("o3", FOOD)],
    )
    calendar = plan(asked, seconds=0.1)
    assert len(calendar.crews) == 1
    ill = replace(asked, inspectors=(*asked.inspectors[:2], replace(asked.inspectors[2], away=frozenset(DAYS))))
    change = replan(ill, calendar, Standing(DAYS[0]))
    assert faults(ill, change) == []
    assert reasons(change) == reasons(plan(ill, seconds=0.1)) == [("b", "no_certificate", "1 officers")]
    assert [call.visit.items for crew in change.crews for call in crew.calls] == [("a",)]


def test_checks_whose_officers_are_there_on_different_days_are_made_on_different_days():
    """Fire is there in the first week, food in the second: one visit for both would never be made."""
    first, second = frozenset(DAYS[:5]), frozenset(DAYS[5:])
    staff = [officer("o1", FIRE, away=second), officer("o2", FIRE, away=second), officer("o3", FOOD, away=first)]
    asked = programme([shop()], [due("a"), due("b", certificate=FOOD)], [*staff, officer("o4", FOOD, away=first)])
    for found in (plan(asked, seconds=0.1), replan(asked, Calendar(()), Standing(DAYS[0]))):
        assert faults(asked, found) == []
        assert not found.undone
        assert sorted(crew.day in first for crew in found.crews) == [False, True]


def test_the_partner_who_is_away_on_the_only_day_is_a_crew_that_lacks():
    """One officer may not go alone; that is no want of room."""
    staff = [officer("o1", FIRE), officer("o2", FIRE, away=frozenset(DAYS[2:3]))]
    asked = programme([shop()], [due("a", 2, 2), due("b")], staff)
    change = replan(asked, Calendar(()), Standing(DAYS[0]))
    assert reasons(change) == [("a", "no_crew", "1 officers")]
    assert faults(asked, change) == []


def test_a_cap_of_the_next_year_holds_when_the_calendar_is_looked_at_again():
    """On New Year's Eve this year's visit is to be had, and next year's only one is planned: there is no second."""
    eve, first, late = date(2026, 12, 31), date(2027, 1, 4), date(2027, 1, 7)
    items = (replace(due("a"), earliest=first, latest=first), replace(due("b"), earliest=late, latest=late))
    staff = [officer("o1", FIRE), officer("o2", FIRE)]
    asked = programme([shop(annual_cap=1)], items, staff, (eve, first, late))
    once = replan(asked, Calendar(()), Standing(eve))
    assert [call.visit.items for crew in once.crews for call in crew.calls] == [("a",)]
    assert reasons(once) == [("b", "annual_cap", "1 visits")]
    again = replan(asked, once, Standing(eve))
    assert faults(asked, again) == []
    assert again == once


def test_who_loses_the_crew_on_new_years_eve_is_not_put_into_a_year_that_is_full():
    """Next year's only visit stands already in another calendar; this year's may be had on the eve alone."""
    eve, later = date(2026, 12, 31), date(2027, 1, 7)
    item = replace(due("a"), earliest=eve, latest=later)
    staff = [officer("o1", FIRE), officer("o2", FIRE)]
    asked = programme([shop(annual_cap=1, visits_later=(1,))], [item], staff, (eve, later))
    first = replan(asked, Calendar(()), Standing(eve))
    assert [crew.day for crew in first.crews] == [eve]
    ill = replace(asked, inspectors=(replace(staff[0], away=frozenset({eve})), staff[1]))
    again = replan(ill, first, Standing(eve))
    assert faults(ill, again) == []
    assert not again.crews
    assert reasons(again) == [("a", "no_room", "2 officer-days")]


def test_a_check_joins_a_visit_whose_lock_broke_with_its_crew():
    """It was left out for a lock that holds nothing any more, and found its place only when somebody looked again."""
    asked = programme([shop()], [due("a")], [officer("o1", FIRE), officer("o2", FIRE)])
    calendar = plan(asked, seconds=0.1)
    (crew,) = calendar.crews
    (call,) = crew.calls
    ill = replace(asked.inspectors[0], away=frozenset({crew.day}))
    now = replace(asked, items=(*asked.items, due("late", minutes=10)), inspectors=(ill, asked.inspectors[1]))
    standing = Standing(DAYS[0], locked=frozenset({call.visit.id}))
    change = replan(now, calendar, standing)
    assert not change.undone
    assert [call.visit.items for crew in change.crews for call in crew.calls] == [("a", "late")]
    assert replan(now, change, Standing(DAYS[0])) == change


def test_a_check_that_came_late_joins_the_visit_that_is_planned():
    """Another department owes the same shop a check: nobody enters twice, and no hour of anybody moves."""
    asked = a_week()
    calendar = plan(asked, seconds=0.3)
    last = calendar.crews[0].calls[-1].visit
    late = due("late", premises=last.premises, minutes=10, certificate=FOOD)
    more = replace(asked, items=(*asked.items, late))
    change = replan(more, calendar, Standing(DAYS[0]))
    assert faults(more, change) == []
    assert moved(calendar, change) == set()
    assert not change.undone
    assert sum(len(one.calls) for one in change.crews) == 6


def test_a_check_that_would_have_to_join_a_locked_visit_says_so():
    """The shop was told twenty minutes with two officers; more than that somebody has to unlock first."""
    asked = programme([shop()], [due("a", 3, 5)], [officer("o1", FIRE, FOOD), officer("o2", FIRE)])
    calendar = plan(asked, seconds=0.1)
    more = replace(asked, items=(*asked.items, due("b", 3, 5, certificate=FOOD)))
    change = replan(more, calendar, Standing(DAYS[0], locked=frozenset({"p1-1"})))
    assert reasons(change) == [("b", "locked", "1 locks")]
    assert faults(more, change) == []
    open_ = replan(more, calendar, Standing(DAYS[0]))
    assert not open_.undone


def test_no_lock_keeps_a_check_out_where_the_locked_visit_has_no_place_itself():
    """Both officers are ill on New Year's Eve, and next year's visit is made: there is nothing to unlock."""
    eve, first = date(2026, 12, 31), date(2027, 1, 4)
    place = shop(annual_cap=1, visits_later=(1,))
    one, late = (replace(due(name), earliest=eve, latest=first) for name in ("a", "late"))
    two = [officer("o1", FIRE), officer("o2", FIRE)]
    asked = programme([place], [one], two, (eve, first))
    calendar = plan(asked, seconds=0.1)
    (crew,) = calendar.crews
    assert crew.day == eve
    ill = tuple(replace(who, away=frozenset({eve})) for who in two)
    more = replace(asked, items=(one, late), inspectors=ill)
    change = replan(more, calendar, Standing(eve, locked=frozenset({crew.calls[0].visit.id})))
    assert "locked" not in {one.reason for one in change.undone}
    assert faults(more, change, UnderWay(eve, 0, calendar)) == []


def test_new_hours_of_a_shop_move_its_visit_only():
    """The shop opens in the afternoon from now on; the neighbours keep the hours they were told."""
    asked = a_week()
    calendar = plan(asked, seconds=0.3)
    first = calendar.crews[0].calls[0]
    assert first.arrive < 780
    later = tuple(
        replace(place, opens=780, closes=1080) if place.id == first.visit.premises else place
        for place in asked.premises
    )
    change = replan(replace(asked, premises=later), calendar, Standing(DAYS[0]))
    assert moved(calendar, change) == {first.visit.id}
    assert faults(replace(asked, premises=later), change) == []


def test_a_cap_that_was_lowered_takes_the_last_visit_off():
    """What is left out names the cap and its price."""
    asked = programme([shop()], [due("a", 0, 1), due("b", 7, 8)], [officer("o1", FIRE), officer("o2", FIRE)])
    calendar = plan(asked, seconds=0.1)
    capped = replace(asked, premises=(shop(annual_cap=1),))
    change = replan(capped, calendar, Standing(DAYS[0]))
    assert reasons(change) == [("b", "annual_cap", "1 visits")]
    assert faults(capped, change) == []


@pytest.mark.parametrize(("cap", "left"), [(1, {"b"}), (2, set())])
def test_each_year_has_its_own_cap_in_a_re_plan_too(cap: int, left: set[str]):
    """A visit stands on 4 January; what came since for that week is beyond the cap, what is due in December is not."""
    days = (date(2026, 12, 30), date(2026, 12, 31), date(2027, 1, 4), date(2027, 1, 7))
    names = {"a": (2, 2), "b": (3, 3), "old": (0, 1)}
    checks = {name: replace(due(name), earliest=days[one], latest=days[two]) for name, (one, two) in names.items()}
    first = programme([shop(annual_cap=cap)], [checks["a"]], officers_of_fire(), days)
    more = replace(first, items=tuple(checks.values()))
    change = replan(more, plan(first, seconds=0.1), Standing(days[0]))
    assert {one.item for one in change.undone if one.reason == "annual_cap"} == left
    assert faults(more, change) == []


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 2**32 - 1))
def test_no_re_plan_over_new_year_goes_beyond_a_cap(seed: int):
    """Nor does it enter twice where once would do, whatever was had in either year and came since."""
    rng = np.random.default_rng(seed)
    days = [day for n in range(16) if (day := date(2026, 12, 28) + timedelta(n)).weekday() < 5]
    shops = [
        shop(f"p{k}", annual_cap=int(rng.integers(1, 3)), visits_this_year=int(rng.integers(2)), visits_later=(k % 2,))
        for k in range(4)
    ]
    spans = np.sort(rng.integers(0, len(days), (12, 2)))
    items = [
        replace(due(f"i{n}", premises=f"p{rng.integers(4)}"), earliest=days[first], latest=days[last])
        for n, (first, last) in enumerate(spans)
    ]
    before = programme(shops, items[:8], officers_of_fire(), days)
    calendar = plan(before, seconds=0.05)
    gone = frozenset(days[at] for at in rng.integers(0, len(days), 2))
    ill = replace(before, items=tuple(items), inspectors=(*before.inspectors, officer("o3", FIRE, away=gone)))
    for asked, found in ((before, calendar), (ill, replan(ill, calendar, Standing(days[0])))):
        assert not {"check_cap", "check_spared"} & {each.code for each in faults(asked, found)}


@pytest.mark.parametrize(("cap", "codes"), [(1, set()), (2, {"check_spared"})])
def test_two_visits_that_only_a_year_without_a_visit_left_could_join_are_not_spared(cap: int, codes: set[str]):
    """On 29 December both could be made at once, but where that year's cap is used up nobody may."""
    days = (date(2026, 12, 28), date(2026, 12, 29), date(2027, 1, 5))
    daily = replace(due("daily"), earliest=days[1], latest=days[2])
    lead = replace(due("lead"), earliest=days[0], latest=days[1], occasion=Occasion.LEAD)
    asked = programme([shop(annual_cap=cap, visits_this_year=1)], [daily, lead], officers_of_fire(), days)
    crews = (
        CrewDay(f"c{item.id}", day, "t1", ("o1", "o2"), (Call(visit_of_one(item), 600, 660),))
        for item, day in ((lead, days[0]), (daily, days[2]))
    )
    assert {each.code for each in faults(asked, Calendar(tuple(crews)))} == codes


def visit_of_one(item: DueItem) -> Visit:
    return Visit(f"v{item.id}", "p1", (item.id,), item.earliest, item.latest, item.minutes, frozenset({FIRE}))


def test_a_lead_is_followed_though_the_cap_is_used_up():
    """The visits that count are spent; the complaint of today is looked into, and the checker agrees."""
    lead = replace(due("lead", 3, 3), occasion=Occasion.LEAD)
    asked = programme([shop(annual_cap=1)], [due("a", 0, 1), due("b", 7, 8), lead], officers_of_fire())
    for found in (plan(asked, seconds=0.1), replan(asked, Calendar(()), Standing(DAYS[0]))):
        assert [one.reason for one in found.undone] == ["annual_cap"]
        assert "lead" in {item for crew in found.crews for call in crew.calls for item in call.visit.items}
        assert faults(asked, found) == []
    counted = replace(asked, items=tuple(replace(item, occasion=Occasion.DAILY) for item in asked.items))
    assert "check_cap" in {each.code for each in faults(counted, found)}


def test_a_check_that_counts_does_not_hide_in_a_visit_that_follows_a_lead():
    """With it the visit would count, and the cap has no room."""
    lead = replace(due("lead", 3, 3), occasion=Occasion.LEAD)
    asked = programme([shop(annual_cap=1)], [due("a", 0, 1), lead], officers_of_fire())
    calendar = plan(asked, seconds=0.1)
    more = replace(asked, items=(*asked.items, due("b", 3, 5)))
    change = replan(more, calendar, Standing(DAYS[0]))
    assert reasons(change) == [("b", "annual_cap", "1 visits")]
    assert faults(more, change) == []


def officers_of_fire() -> list[Inspector]:
    return [officer("o1", FIRE), officer("o2", FIRE)]


def test_a_new_visit_of_today_leaves_time_for_the_way_there():
    """At ten the crew is at its base, half an hour away: nobody is told ten, the way comes first."""
    far = shop(lon=121.65)
    asked = programme([far], [due("a", 0, 0)], [officer("o1", FIRE), officer("o2", FIRE)], DAYS[:1])
    asked = replace(asked, bases={"t1": (121.5, 29.9)})
    change = replan(asked, Calendar(()), Standing(DAYS[0], 600))
    (crew,) = change.crews
    way = asked.ways.minutes([121.5, far.lon], [29.9, far.lat])[0, 1]
    assert way > 20
    assert 600 + way <= crew.calls[0].arrive <= 600 + way + 1
    early = replace(crew, calls=(replace(crew.calls[0], arrive=600, leave=660),))
    (fault,) = faults(asked, Calendar((early,)), UnderWay(DAYS[0], 600, Calendar(())))
    assert fault.code == "check_left_already"


def test_who_joins_a_crew_of_today_has_the_way_before_him_too():
    """The shop was told ten past ten; an officer who hears of it at ten cannot be there, so its hour moves."""
    far = shop(lon=121.65)
    asked = programme([far], [due("a", 0, 0)], [officer(f"o{k}", FIRE) for k in range(3)], DAYS[:1])
    asked = replace(asked, bases={"t1": (121.5, 29.9)})
    visit = Visit("v", "p1", ("a",), DAYS[0], DAYS[0], 60, frozenset({FIRE}))
    told = replan(asked, Calendar(()), Standing(DAYS[0], 0)).crews[0]
    told = replace(told, officers=("o0", "o1"), calls=(Call(visit, 610, 670),))
    ill = replace(asked, inspectors=(replace(asked.inspectors[0], away=frozenset(DAYS)), *asked.inspectors[1:]))
    change = replan(ill, Calendar((told,)), Standing(DAYS[0], 600))
    assert faults(ill, change, UnderWay(DAYS[0], 600, Calendar((told,)))) == []
    (crew,) = change.crews
    assert crew.calls[0].arrive > 610


@st.composite
def busy_weeks(draw: st.DrawFn) -> Programme:
    """A town in which nearly everything can be done, and its days are rather full."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    shops = [shop(f"p{k}", lon=121.5 + rng.uniform(0, 0.1)) for k in range(draw(st.integers(4, 9)))]
    items = [
        due(
            f"i{k}",
            *sorted(rng.integers(0, 10, 2).tolist()),
            minutes=int(rng.choice([30, 60, 120, 200])),
            premises=f"p{rng.integers(len(shops))}",
            certificate=str(rng.choice([FIRE, FOOD])),
        )
        for k in range(draw(st.integers(6, 20)))
    ]
    crowd = [officer(f"o{k}", *([FIRE, FOOD] if k % 2 else [FIRE])) for k in range(draw(st.integers(3, 6)))]
    crowd.append(officer("far", FOOD, town="*"))
    return replace(programme(shops, items, crowd), noon=Noon(720, 810) if draw(st.booleans()) else None)


@st.composite
def events(draw: st.DrawFn, asked: Programme) -> Programme:
    """The programme after some of everything: leave, hours, caps, checks that came or were done elsewhere."""
    inspectors = tuple(
        replace(who, away=who.away | {draw(st.sampled_from(DAYS))}) if draw(st.integers(0, 4)) == 0 else who
        for who in asked.inspectors
    )
    places = tuple(
        replace(place, opens=draw(st.sampled_from([0, 480, 600, 780])), closes=draw(st.sampled_from([900, 1080, 1440])))
        if draw(st.integers(0, 3)) == 0
        else replace(place, annual_cap=draw(st.integers(0, 2)))
        if draw(st.integers(0, 7)) == 0
        else place
        for place in asked.premises
    )
    items = [item for item in asked.items if draw(st.integers(0, 5))]
    for number in range(draw(st.integers(0, 4))):
        first, last = sorted((draw(st.integers(0, 9)), draw(st.integers(0, 9))))
        place, kind = draw(st.sampled_from(asked.premises)), draw(st.sampled_from([FIRE, FOOD]))
        items.append(due(f"new{number}", first, last, minutes=30, premises=place.id, certificate=kind))
    return replace(asked, premises=places, items=tuple(items), inspectors=inspectors)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.one_of(programmes().map(Programme.to_visit), busy_weeks(), busy_weeks()), st.data())
def test_whatever_happened_the_calendar_made_of_it_has_no_fault(asked: Programme, data: st.DataObject):
    """Leave, new hours, caps, new checks, locks, any hour of any day: lawful, complete, and no door entered in vain."""
    calendar = plan(asked, seconds=0.05)
    today, minute = data.draw(st.sampled_from(DAYS)), data.draw(st.integers(0, 1200))
    ahead = Calendar(tuple(crew for crew in calendar.crews if crew.day >= today))
    gone = {item for crew in calendar.crews if crew.day < today for call in crew.calls for item in call.visit.items}
    now = data.draw(events(asked))
    now = replace(
        now,
        items=tuple(item for item in now.items if item.id not in gone),
        days=tuple(day for day in DAYS if day >= today),
    )
    names = [call.visit.id for crew in ahead.crews for call in crew.calls]
    locked = frozenset(name for name in names if data.draw(st.integers(0, 4)) == 0)
    change = replan(now, ahead, Standing(today, minute, locked=locked))
    found = faults(now, change, UnderWay(today, minute, ahead))
    kept = {call.visit.premises for crew in ahead.crews for call in crew.calls if call.visit.id in locked}
    assert [each for each in found if each.code != "check_spared" or each.values["premises"] not in kept] == []
    for town, bound in change.bounds.items():
        assert bound <= sum(len(crew.officers) for crew in change.crews if crew.town == town)
    for crew in change.crews:
        told = {call.visit.id: call.arrive for one in ahead.crews if one.id == crew.id for call in one.calls}
        late = [call for call in crew.calls if crew.day == today and call.arrive < minute]
        assert all(told.get(call.visit.id) == call.arrive for call in late), "nothing new begins before now"
    stay = {name for name, *where in _where(ahead) if (name, *where) in _where(change)}
    again = replan(now, change, Standing(today, minute, locked=locked & stay))
    assert moved(change, again) == set(), "what was just put in order is in order"
    undone = {one.item: one.reason for one in change.undone}
    for_a_lock = {item for item, reason in undone.items() if reason is Why.LOCKED and not locked <= stay}
    assert undone.keys() - for_a_lock <= {one.item for one in again.undone} <= undone.keys(), "a lock may have fallen"
