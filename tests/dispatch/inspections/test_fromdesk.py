"""Checks that ask nobody to go: two officers, their minutes, no door entered, and a checker that sees otherwise."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings

from dispatch.inspections.clashes import clashes
from dispatch.inspections.faults import faults
from dispatch.inspections.fresh import new_faults
from dispatch.inspections.fromdesk import from_the_desk, minutes_out
from dispatch.inspections.noon import Noon
from dispatch.inspections.planning import plan
from dispatch.inspections.programme import Programme
from dispatch.inspections.reasons import Why
from dispatch.records.inspection import Calendar, DeskDay, DueItem, Inspector, Remote
from tests.dispatch.inspections.programmes import DAYS, FIRE, FOOD, LABOUR, due, officer, programme, programmes, shop

TWO = (officer("o1", FIRE), officer("o2", FOOD))
FOUR = (*TWO, officer("o3", FIRE), officer("o4", FOOD))


def papers(name: str, first: int = 0, last: int = 9, *, minutes: int = 60, **more: str) -> DueItem:
    return due(name, first, last, minutes=minutes, remote=Remote.PAPERS, **more)


def asked(*items: DueItem, officers: tuple[Inspector, ...] = TWO, **more: object) -> Programme:
    return programme([shop(**more)], items, officers)


def codes(programme: Programme, calendar: Calendar) -> set[str]:
    return {fault.code for fault in faults(programme, calendar)}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(programmes())
def test_whatever_is_due_no_day_at_the_desk_has_a_fault(problem: Programme):
    """Every check of a random town made from the desk where it can be: no officer twice, no day too long."""
    every = replace(problem, items=tuple(replace(item, remote=Remote.VIDEO) for item in problem.items))
    calendar = plan(every, seconds=0.01)
    assert not calendar.crews
    assert new_faults(every, calendar) == []


def test_a_crew_checks_from_the_desk_on_a_day_on_which_it_goes_out_anyway():
    """Two officers who drive out in the morning have the afternoon: no officer-day more for it."""
    problem = asked(due("go", 3, 3), papers("stay"))
    calendar = plan(problem, seconds=0.1)
    assert calendar.desk == (DeskDay(DAYS[3], "t1", ("o1", "o2"), ("stay",)),)
    assert [call.visit.items for crew in calendar.crews for call in crew.calls] == [("go",)]
    assert new_faults(problem, calendar) == []


def test_who_is_out_all_day_checks_on_another():
    """Eight hours are eight hours, wherever they are spent."""
    calendar = plan(asked(due("go", 3, 3, minutes=450), papers("stay", 3, 4)), seconds=0.1)
    assert [desk.day for desk in calendar.desk] == [DAYS[4]]


@pytest.mark.parametrize("noon", [None, Noon(720, 810)])
def test_the_break_is_no_time_out(noon: Noon | None):
    """Otherwise a crew that waits for the afternoon has less time at its desk than one that does not."""
    problem = replace(asked(due("go", minutes=300)), noon=noon)
    [crew] = plan(problem, seconds=0.1).crews
    assert minutes_out(problem, [crew]) == {crew.id: 300}


def test_a_check_from_the_desk_uses_no_visit_of_the_cap_and_needs_no_open_door():
    """The cap counts doors that were entered."""
    problem = asked(papers("stay"), annual_cap=1, visits_this_year=1, opens=540, closes=540)
    calendar = plan(problem, seconds=0.1)
    assert [desk.items for desk in calendar.desk] == [("stay",)]
    assert new_faults(problem, calendar) == []


def test_a_visit_and_a_check_from_the_desk_do_not_clash():
    """The thirty days are between two visits."""
    later = replace(papers("b", 5, 9), department="other")
    assert clashes([due("a", 0, 1), replace(later, remote=Remote.NO)])
    assert not clashes([due("a", 0, 1), later])


@pytest.mark.parametrize(
    ("problem", "reason", "price"),
    [
        (asked(papers("a"), officers=TWO[:1]), Why.NO_CREW, "1 officers"),
        (asked(papers("a", certificate=LABOUR)), Why.NO_CERTIFICATE, "1 officers"),
        (asked(papers("a", minutes=500)), Why.TOO_LONG, "20 minutes"),
        (asked(papers("a", 0, 0, minutes=300), papers("b", 0, 0, minutes=300)), Why.NO_ROOM, "120 minutes"),
        (asked(due("go", 0, 0, minutes=300), papers("a", 0, 0, minutes=200)), Why.NO_ROOM, "20 minutes"),
    ],
)
def test_what_has_no_desk_says_why_and_what_it_would_take(problem: Programme, reason: Why, price: str):
    """And the checker, which asks on its own, agrees."""
    calendar = plan(problem, seconds=0.1)
    [undone] = calendar.undone
    assert (undone.reason, undone.price) == (reason, price)
    assert new_faults(problem, calendar) == []


def test_a_crew_whose_member_must_keep_away_sends_the_others_to_the_desk():
    """Article 43 holds for papers as it does for doors."""
    three = (officer("o1", FIRE), officer("o2", FOOD, conflicts=frozenset({"p2"})), officer("o3", LABOUR))
    fields = [due(f"go{n}", 0, 0, certificate=field) for n, field in enumerate((FIRE, FOOD, LABOUR))]
    problem = programme([shop(), shop("p2")], [*fields, papers("stay", 0, 0, premises="p2")], three)
    calendar = plan(problem, seconds=0.1)
    assert [desk.officers for desk in calendar.desk] == [("o1", "o3")]
    assert new_faults(problem, calendar) == []


def test_minutes_that_are_over_are_not_there_again():
    """A check made this morning leaves so much less of the afternoon."""
    problem = asked(papers("a", 0, 0, minutes=300))
    spent = {("o1", DAYS[0]): 200}
    assert from_the_desk(problem, ()).undone == ()
    [undone] = from_the_desk(problem, (), spent).undone
    assert undone.reason == Why.NO_ROOM


WRONG: list[tuple[DeskDay, set[str]]] = [
    (DeskDay(DAYS[0], "t1", ("o1",), ("a",)), {"check_crew_size"}),
    (DeskDay(DAYS[0], "t1", ("o1", "o3"), ("b", "a")), {"check_lacks"}),
    (DeskDay(DAYS[0], "t1", ("o1", "x"), ("a",)), {"check_no_inspector"}),
    (DeskDay(DAYS[0], "t2", ("o1", "o2"), ("a",)), {"check_other_town", "check_not_its_town"}),
    (DeskDay(DAYS[9], "t1", ("o1", "o2"), ("a",)), {"check_dates"}),
    (DeskDay(date(2026, 12, 6), "t1", ("o1", "o2"), ("a",)), {"check_dates", "check_no_day"}),
    (DeskDay(DAYS[0], "t1", ("o1", "o2"), ("go",)), {"check_must_go"}),
    (DeskDay(DAYS[0], "t1", ("o1", "o2"), ("a", "b", "long")), {"check_desk_full"}),
]


@pytest.mark.parametrize(("desk", "said"), WRONG)
def test_the_checker_sees_what_is_wrong_at_a_desk(desk: DeskDay, said: set[str]):
    """A desk that nobody looks at is where two officers would become one."""
    some = (papers("a", 0, 5), papers("b", 0, 5, certificate=FOOD), papers("long", 0, 5, minutes=400), due("go", 0, 5))
    problem = asked(*some, officers=FOUR)
    assert said <= codes(problem, Calendar((), desk=(desk,)))


def test_the_checker_sees_two_desks_mixed_crews_and_a_trip_for_nothing():
    """What the planner never does, whoever changes a calendar by hand might."""
    problem = asked(papers("a", 0, 5), papers("b", 0, 5), due("go", 0, 0), officers=FOUR)
    good = plan(problem, seconds=0.1)
    [crew] = good.crews
    inside, outside = crew.officers[0], next(who.id for who in FOUR if who.id not in crew.officers)
    apart = replace(good, desk=(DeskDay(crew.day, "t1", tuple(sorted((inside, outside))), ("a", "b")),))
    assert "check_desk_apart" in codes(problem, apart)
    twice = replace(good, desk=tuple(DeskDay(DAYS[1], "t1", ("o1", "o2"), (item,)) for item in ("a", "b")))
    assert "check_two_desks" in codes(problem, twice)
    sent = plan(replace(problem, items=tuple(replace(item, remote=Remote.NO) for item in problem.items)), seconds=0.1)
    assert {fault.code for fault in new_faults(problem, sent)} == {"check_could_stay"}


def test_the_checker_sees_a_desk_that_had_room():
    """`no_room` that is not so would put a check off for nothing."""
    problem = asked(papers("a", 0, 0, minutes=300), papers("b", 0, 0, minutes=300))
    calendar = plan(problem, seconds=0.1)
    roomy = replace(problem, inspectors=FOUR)
    assert codes(problem, calendar) == set()
    assert codes(roomy, calendar) == {"check_reason"}
