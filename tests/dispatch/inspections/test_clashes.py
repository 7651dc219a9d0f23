"""The warning of 30 days: who could have come together."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from dispatch.inspections.clashes import APART_DAYS, clashes
from dispatch.records.inspection import DueItem

MAY = date(2026, 5, 1)


def item(id, department, first, last, premises="P1"):
    return DueItem(id, premises, department, "market", 20, MAY + timedelta(first), MAY + timedelta(last))


def test_two_departments_ten_days_apart_clash():
    """Three days after fire comes market: the shop counts two visits that could have been one."""
    found = clashes([item("a", "fire", 0, 4), item("b", "market", 14, 20)])
    assert [(clash.earlier, clash.later, clash.apart, clash.move_to) for clash in found] == [
        ("a", "b", 10, MAY + timedelta(4))
    ]


def test_days_that_meet_are_no_clash():
    """They are one visit."""
    assert clashes([item("a", "fire", 0, 14), item("b", "market", 14, 20)]) == ()


def test_thirty_days_apart_and_another_premises_are_no_clash():
    """The warning loses its worth where it comes too often."""
    assert clashes([item("a", "fire", 0, 4), item("b", "market", 34, 40)]) == ()
    assert clashes([item("a", "fire", 0, 4), item("b", "market", 14, 20, premises="P2")]) == ()


def test_a_third_department_is_seen_behind_a_long_second():
    """Sorted by their first days, the clash is not always between neighbours."""
    found = clashes([item("a", "fire", 0, 4), item("b", "market", 1, 60), item("c", "health", 10, 12)])
    assert [(clash.earlier, clash.later) for clash in found] == [("a", "c")]


SPAN = st.tuples(st.integers(0, 90), st.integers(0, 20), st.sampled_from(["fire", "market", "health"]))


@given(st.lists(SPAN, max_size=8))
def test_every_clash_and_no_other_is_found(spans):
    """Held against the definition, pair by pair."""
    items = [item(f"i{n}", who, first, first + long) for n, (first, long, who) in enumerate(spans)]
    expected = {
        (a.id, b.id)
        for a in items
        for b in items
        if a.department != b.department and 0 < (b.earliest - a.latest).days < APART_DAYS
    }
    assert {(clash.earlier, clash.later) for clash in clashes(items)} == expected
