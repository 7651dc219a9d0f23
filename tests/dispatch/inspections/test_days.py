"""Visits on days with crews: lawful, complete where there is room, and the same again."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.inspections import days
from dispatch.inspections.days import Progress
from dispatch.inspections.faults import faults
from dispatch.inspections.planning import plan
from dispatch.inspections.programme import Programme
from dispatch.inspections.reasons import Why
from dispatch.inspections.state import SLOT, empty, put_back
from tests.dispatch.inspections.months import small_month


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 9), st.integers(1, 5))
def test_no_calendar_has_a_fault(seed: int, officers: int, days_: int):
    """The checker shares no code with the search; what it finds is a rule broken on somebody's street."""
    programme = small_month(seed, officers=officers, days=days_)
    calendar = plan(programme, seconds=0.2, seed=seed)
    assert faults(programme, calendar) == []


def test_the_same_seed_gives_the_same_calendar():
    """A plan that was signed must be the plan that is printed again."""
    programme = small_month(4, places=30)
    assert plan(programme, 0.5, seed=3) == plan(programme, 0.5, seed=3)


def test_towns_planned_at_once_give_the_same_calendar():
    """Two cores are for the wait, not for the plan."""
    one, other = small_month(1), small_month(2)
    both = Programme(
        (*one.premises, *(replace(p, id=f"q{p.id}", town="u") for p in other.premises)),
        (*one.items, *(replace(i, id=f"q{i.id}", premises=f"q{i.premises}") for i in other.items)),
        (*one.inspectors, *(replace(o, id=f"q{o.id}", town="u", conflicts=frozenset()) for o in other.inspectors)),
        one.days, one.ways, {},
    )  # fmt: skip
    assert plan(both, 0.5, seed=1, workers=2) == plan(both, 0.5, seed=1, workers=1)


def test_a_person_who_stops_the_search_keeps_the_best_so_far():
    """Stopping is for those who have waited enough, not for those who want nothing."""
    heard: list[Progress] = []

    def enough(progress: Progress) -> bool:
        heard.append(progress)
        return len(heard) < 3

    programme = small_month(7, places=30)
    calendar = plan(programme, 30.0, seed=1, told=enough)
    assert len(heard) == 3
    assert faults(programme, calendar) == []
    assert calendar.officer_days == heard[-1].officer_days


def test_what_finds_no_room_is_named_with_its_price():
    """One officer's day too few must not look like a plan that is complete."""
    programme = small_month(2, places=40, officers=4, days=2)
    calendar = plan(programme, 0.5, seed=1)
    left = [undone for undone in calendar.undone if undone.reason == Why.NO_ROOM]
    assert left
    assert all(undone.price.endswith(("minutes", "officer-days")) for undone in left)


def test_more_time_never_gives_more_officer_days():
    """The best is kept, whatever the search tries afterwards."""
    programme = small_month(9, places=40, officers=10, days=6)
    short, long = plan(programme, 0.05, seed=1), plan(programme, 2.0, seed=1)
    assert not long.undone
    assert long.officer_days <= short.officer_days


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> days._Run:
    """A search of a town with its first calendar."""
    runs: list[days._Run] = []
    begin = days._Run.fill

    def fill(self: days._Run) -> tuple[int, ...]:
        runs.append(self)
        return begin(self)

    monkeypatch.setattr(days._Run, "fill", fill)
    plan(small_month(5, places=30, officers=8), 0.2, seed=1)
    return runs[0]


def test_what_the_search_keeps_beside_the_plan_agrees_with_it(run: days._Run):
    """Who is free and where each visit is are changed with every step; one slip and two crews share an officer."""
    run._go(500, 0, 20.0)
    again = empty(run.town, 1)
    put_back(run.town, again, run.state.plan)
    assert np.array_equal(again.who, run.state.who)
    assert np.array_equal(again.where[:, SLOT], run.state.where[:, SLOT])
    assert not np.array_equal(run.state.plan, run.best)
