"""Heads over stations: officer by officer and by proof, beside every allocation there is."""

from __future__ import annotations

from itertools import product

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from simulation.allocation import exact, marginal, swaps

FALLING = st.lists(st.lists(st.integers(0, 40), min_size=1, max_size=4), min_size=1, max_size=4).map(
    lambda rows: [np.array(sorted(row, reverse=True), dtype=np.float64) for row in rows]
)


def late(tables: list[np.ndarray], given: tuple[int, ...] | list[int]) -> float:
    return sum(float(table[many]) for table, many in zip(tables, given, strict=True))


def best(tables: list[np.ndarray], heads: int) -> float:
    """Every allocation tried."""
    every = product(*(range(len(table)) for table in tables))
    return min(late(tables, given) for given in every if sum(given) <= heads)


@settings(max_examples=40)
@given(FALLING, st.integers(0, 10))
def test_the_proved_allocation_is_the_best_of_all(tables, heads):
    found = exact(tables, heads)
    assert sum(found) <= heads
    assert late(tables, found) == best(tables, heads)


@settings(max_examples=100)
@given(FALLING, st.integers(0, 10))
def test_officer_by_officer_is_the_best_of_all_where_gains_shrink(tables, heads):
    """On tables whose every head is worth less than the one before (Fox 1966)."""
    convex = [table[0] - np.concatenate(([0.0], np.cumsum(np.sort(-np.diff(table))[::-1]))) for table in tables]
    found = marginal(convex, heads)
    assert sum(found) <= heads
    assert late(convex, found) == best(convex, heads)


@given(FALLING, st.integers(0, 10))
def test_officer_by_officer_never_gives_what_is_not_there(tables, heads):
    found = marginal(tables, heads)
    assert sum(found) <= heads
    assert all(0 <= many < len(table) for many, table in zip(found, tables, strict=True))


def test_a_pair_is_given_although_its_first_officer_alone_is_worth_nothing():
    tables = [np.array([10.0, 10.0, 0.0]), np.array([5.0, 3.0, 2.5])]
    assert marginal(tables, 2) == [2, 0] == exact(tables, 2)


def test_swaps_move_a_pair_and_the_cheapest_come_first():
    tables = [np.array([9.0, 5.0, 3.0, 2.9]), np.array([9.0, 5.0, 1.0, 0.0]), np.array([4.0, 3.0, 2.0, 1.0])]
    assert swaps(tables, [2, 1, 0], 2) == [[0, 3, 0], [0, 1, 2]]
