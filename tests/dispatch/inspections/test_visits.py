"""Merging: the fewest visits, proved, inside dates, caps and a crew's day."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.inspections import visits
from dispatch.inspections.reasons import Why
from dispatch.inspections.visits import Merged, Window, merge, window
from dispatch.records.inspection import DueItem, Occasion, Premises, Undone
from tests.dispatch.inspections.programmes import DAYS, FIRE, FOOD, due, shop


def merged(items: list[DueItem], place: Premises | None = None, longest: int = 480, most_kinds: int = 9) -> Merged:
    windows = [found for item in items if isinstance(found := window(item, DAYS, DAYS[0]), Window)]
    assert len(windows) == len(items)
    return merge(place or shop(), windows, DAYS, longest, lambda needs, _drawn, _first, _last: len(needs) <= most_kinds)


def test_checks_that_share_a_day_are_one_visit():
    """State Council document 54 of 2024: what can be merged must be."""
    one = merged([due("a", 0, 5), due("b", 4, 9, certificate=FOOD), due("c", 3, 6)])
    (visit,) = one.visits
    assert visit.items == ("a", "b", "c")
    assert (visit.first, visit.last, visit.minutes) == (DAYS[4], DAYS[5], 180)
    assert visit.needs == {FIRE, FOOD}


def test_the_proof_names_items_that_share_no_day():
    """Whoever doubts that two visits are needed can look at these two."""
    two = merged([due("a", 0, 3), due("b", 2, 8), due("c", 5, 9)])
    assert two.fewest == 2
    assert set(two.proof) == {"a", "c"}


def test_a_visit_is_never_longer_than_the_day():
    """Nine hours of checks in one shop are two visits, however well their dates agree."""
    assert len(merged([due("a", minutes=270), due("b", minutes=270)]).visits) == 2


@pytest.mark.parametrize("cap", [None, 3])
@pytest.mark.parametrize("effort", [1e-9, 1e-3, 1e-2, 0.1])
def test_where_the_effort_runs_out_the_checks_are_made_all_the_same(monkeypatch, effort: float, cap: int | None):
    """Premises without a cap would be told that their cap is used up; what is not proved is not claimed."""
    monkeypatch.setattr(visits, "EFFORT", effort)
    items = [due(f"i{n:02d}", certificate=f"c{n % 5}", minutes=170) for n in range(12)]
    found = merged(items, shop(annual_cap=cap), most_kinds=2)
    assert len(found.undone) == (0 if cap is None else 12 - sum(len(visit.items) for visit in found.visits))
    assert found.fewest == len(found.visits) <= (12 if cap is None else cap)
    assert all(visit.minutes <= 480 and len(visit.needs) <= 2 for visit in found.visits)
    assert effort > 1e-6 or not found.proved


def test_a_visit_never_needs_more_than_a_crew_can_cover():
    """A merged visit for which no lawful crew exists would never be made."""
    split = merged([due("a", certificate=FIRE), due("b", certificate=FOOD), due("c", certificate=FIRE)], most_kinds=1)
    assert sorted(visit.items for visit in split.visits) == [("a", "c"), ("b",)]


def test_the_cap_leaves_out_as_little_as_can_be():
    """One visit left this year: it takes the two checks that share a day, not the one that stands alone."""
    capped = merged([due("a", 0, 1), due("b", 4, 6), due("c", 5, 9)], shop(annual_cap=4, visits_this_year=3))
    assert [visit.items for visit in capped.visits] == [("b", "c")]
    assert [(one.item, one.reason, one.price) for one in capped.undone] == [("a", Why.ANNUAL_CAP, "1 visits")]


def test_a_check_that_follows_a_lead_stands_outside_the_cap():
    """A complaint has to be looked into, however often the shop was visited this year."""
    lead = replace(due("lead", 8, 9), occasion=Occasion.LEAD)
    full = merged([due("a", 0, 1), due("b", 4, 5), lead], shop(annual_cap=1))
    assert sorted(visit.items for visit in full.visits) in ([("a",), ("lead",)], [("b",), ("lead",)])
    assert [one.reason for one in full.undone] == [Why.ANNUAL_CAP]


def test_a_lead_is_looked_into_with_the_visit_that_counts_anyway():
    """Outside the cap is no reason to ring twice."""
    lead = replace(due("lead", 0, 9), occasion=Occasion.LEAD)
    capped = merged([due("a", 0, 1), due("b", 4, 5), lead], shop(annual_cap=1))
    (visit,) = capped.visits
    assert "lead" in visit.items


def test_a_cap_that_is_used_up_leaves_everything_undone():
    """Undone with its reason, not dropped."""
    nothing = merged([due("a")], shop(annual_cap=2, visits_this_year=2))
    assert not nothing.visits
    assert [one.item for one in nothing.undone] == ["a"]


@pytest.mark.parametrize(
    ("first", "last", "reason"), [(5, 3, Why.DATES_REVERSED)], ids=["an item that ends before it begins"]
)
def test_dates_that_cannot_be_are_said(first: int, last: int, reason: Why):
    """An office's typing error must come back to the office."""
    found = window(due("a", first, last), DAYS, DAYS[0])
    assert isinstance(found, Undone)
    assert found.reason == reason


def test_outside_the_calendar_is_told_with_days():
    """The reader wants to know by how much it was missed."""
    past, later = window(due("a", 0, 1), DAYS[5:], DAYS[5]), window(due("b", 8, 9), DAYS[:5], DAYS[0])
    assert isinstance(past, Undone)
    assert isinstance(later, Undone)
    assert (past.reason, past.price) == (Why.PAST, "6 days")
    assert (later.reason, later.price) == (Why.LATER, "6 days")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.sampled_from([40, 200, 300])), max_size=5))
def test_no_partition_of_the_items_has_fewer_visits(drawn: list[tuple[int, int, int]]):
    """Every way to deal up to five items to visits is tried; none that fits is shorter than ours."""
    items = [
        due(f"i{k}", min(first, last), max(first, last), minutes=minutes)
        for k, (first, last, minutes) in enumerate(drawn)
    ]
    assert merged(items).fewest == min((len(set(deal)) for deal in _deals(items)), default=0)


def _deals(items: list[DueItem]) -> list[tuple[int, ...]]:
    """Ways to number the items so that those of one number share a day and fit eight hours."""
    return [deal for deal in product(range(len(items)), repeat=len(items)) if all(map(_fits, _groups(items, deal)))]


def _groups(items: list[DueItem], deal: tuple[int, ...]) -> list[list[DueItem]]:
    return [[item for item, number in zip(items, deal, strict=True) if number == one] for one in set(deal)]


def _fits(group: list[DueItem]) -> bool:
    together = max(item.earliest for item in group) <= min(item.latest for item in group)
    return together and sum(item.minutes for item in group) <= 480
