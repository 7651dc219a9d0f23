"""Designing lists: the score says what its words say, the lists are the best there are, and a checker agrees."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import chain, combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.rulebook.listcheck import list_faults
from dispatch.rulebook.listdesign import (
    CHONGQING,
    HAISHU,
    Criterion,
    Register,
    RegisterRow,
    by_town,
    equal_weights,
    evaluated_on,
    first_case_guided,
    marks,
    score,
    zero_use,
)
from dispatch.rulebook.listoptimum import Terms, best_lists
from scenarios.rules import shipped_calendar

TYPES = ("street", "street", "town")
TERMS = Terms(price=0.1, least_uses=1.0, pair_minutes=1_000.0)


def a_power(code: str, field: str = "city", minutes: float = 30.0, *, simple: bool = True) -> RegisterRow:
    return RegisterRow(code, code, field, minutes, found=True, simple=simple)


def a_register(uses: list[list[float]], *powers: RegisterRow, city: tuple[float, ...] = (4, 4, 4)) -> Register:
    """Three towns, two of them of one type."""
    rows = powers or tuple(a_power(f"P{row}") for row in range(len(uses)))
    asked = np.array(uses, dtype=float)
    nothing = np.zeros_like(asked)
    return Register(rows, ("a", "b", "c"), TYPES, asked, nothing, nothing, {"city": np.array(city, dtype=float)})


def test_three_high_and_two_easy_are_the_mean_of_five():
    """A power used monthly, half of it by several, a quarter again, simple, in a town with two pairs."""
    register = replace(a_register([[12, 0, 0]]), several=np.array([[6.0, 0, 0]]), again=np.array([[3.0, 0, 0]]))
    assert score(register, equal_weights(HAISHU))[0, 0] == pytest.approx((1 + 0.5 + 0.25 + 1 + 1) / 5)


def test_what_nobody_asked_for_has_no_score_however_easy():
    assert score(a_register([[0, 1, 0]]), equal_weights(CHONGQING))[0, 0] == 0


def test_one_certified_officer_is_no_pair_and_takes_nothing_on():
    told = marks(a_register([[1, 1, 1]], city=(1, 2, 9)))
    assert told[Criterion.TAKEN_ON][0].tolist() == [0.0, 0.5, 1.0]


def test_the_two_wordings_differ_in_what_is_easy():
    register = a_register([[12, 12, 12]], city=(0, 0, 0))
    haishu, chongqing = (score(register, equal_weights(wording))[0, 0] for wording in (HAISHU, CHONGQING))
    assert chongqing > haishu


def test_zero_use_is_what_is_held_and_never_used():
    register = a_register([[0, 2, 0], [0, 0, 0]])
    held = by_town(register, {"street": ("P0",)})
    assert zero_use(held, register.uses).tolist() == [[True, False, False], [False, False, False]]
    assert first_case_guided(held, register.uses).tolist() == [[True, False, False], [False, False, False]]


def test_a_power_is_evaluated_on_a_working_day_a_year_later():
    """1 January 2025 is a holiday, 29 February has no next year."""
    calendar = shipped_calendar()
    assert evaluated_on(date(2024, 1, 1), calendar) == date(2025, 1, 2)
    assert evaluated_on(date(2024, 2, 29), calendar) == date(2025, 2, 28)


def test_a_type_takes_no_power_for_which_one_of_its_towns_has_no_pair():
    """Article 42: two certified officers, or the act is void."""
    register = a_register([[5, 5, 5]], city=(4, 1, 4))
    lists = best_lists(register, score(register, equal_weights(HAISHU)), TERMS)
    assert lists.chosen == {"street": (), "town": ("P0",)}


def test_no_more_is_given_than_pairs_have_time_for():
    register = a_register([[20, 20, 20], [20, 20, 20]], a_power("A", minutes=40.0), a_power("B", minutes=40.0))
    scores = np.array([[0.9, 0.9, 0.9], [0.5, 0.5, 0.5]])
    tight, loose = (best_lists(register, scores, replace(TERMS, pair_minutes=each)) for each in (500.0, 1000.0))
    assert tight.chosen == {"street": ("A",), "town": ("A",)}
    assert loose.chosen == {"street": ("A", "B"), "town": ("A", "B")}
    assert list_faults(register, loose.chosen, 1000.0, 1.0) == ()
    assert any("takes 1600 minutes" in fault for fault in list_faults(register, loose.chosen, 500.0, 1.0))


@pytest.mark.parametrize(
    ("chosen", "fault"),
    [
        ({"street": ("P9",)}, "no power of the register"),
        ({"street": ("P0", "P0")}, "stands twice"),
        ({"street": ("P1",)}, "is used 0 times"),
        ({"town": ("P0",)}, "no lawful pair"),
    ],
)
def test_the_checker_finds_what_is_wrong(chosen: dict[str, tuple[str, ...]], fault: str):
    register = a_register([[5, 5, 5], [0, 0, 0]], city=(4, 4, 1))
    assert any(fault in each for each in list_faults(register, chosen, 1_000.0, 1.0))


def worth(scores: np.ndarray, register: Register, chosen: dict[str, tuple[str, ...]], price: float) -> float:
    held = by_town(register, chosen)
    return float((scores[held] - price).sum())


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(*[st.integers(0, 20)] * 3), min_size=1, max_size=4),
    st.tuples(*[st.integers(0, 5)] * 3),
    st.sampled_from([300.0, 900.0, 5_000.0]),
)
def test_the_lists_are_the_best_of_all_that_the_checker_lets_pass(uses, city, pair_minutes):
    """Every combination is tried on the smallest registers."""
    register = a_register([list(map(float, row)) for row in uses], city=city)
    scores = score(register, equal_weights(HAISHU))
    terms = Terms(price=0.3, least_uses=2.0, pair_minutes=pair_minutes)
    found = best_lists(register, scores, terms)
    assert found.proved
    assert list_faults(register, found.chosen, pair_minutes, terms.least_uses) == ()
    codes = [one.code for one in register.rows]
    subsets = list(chain.from_iterable(combinations(codes, size) for size in range(len(codes) + 1)))
    best = {
        kind: max(
            worth(scores, register, {kind: subset}, terms.price)
            for subset in subsets
            if not list_faults(register, {kind: subset}, pair_minutes, terms.least_uses)
        )
        for kind in register.kinds
    }
    assert worth(scores, register, dict(found.chosen), terms.price) == pytest.approx(sum(best.values()), abs=0.01)
