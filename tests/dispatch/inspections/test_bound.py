"""The bound on officer-days: never above what somebody can do, and near it."""

import math
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.inspections import bound, kinds
from dispatch.inspections.bound import Tour, fewest_officer_days
from dispatch.inspections.dearest import FINE, dearest_days
from dispatch.inspections.planning import plan
from tests.dispatch.inspections.months import small_month

LONGEST = 480


def tour(seed: int, visits: int, kinds: int = 3) -> tuple[Tour, np.ndarray]:
    """Visits round a base, and officers who hold one or two certificates."""
    rng = np.random.default_rng(seed)
    x, y = np.append(rng.normal(0, 30, visits), 0), np.append(rng.normal(0, 30, visits), 0)
    first = rng.integers(0, 4, visits)
    opens = rng.choice([480, 540, 1020], visits)
    needs = rng.random((visits, kinds)) < 0.4
    needs[np.arange(visits), rng.integers(0, kinds, visits)] = True
    holds = np.eye(kinds, dtype=bool)[rng.integers(0, kinds, 5)] | (rng.random((5, kinds)) < 0.3)
    holds[np.arange(kinds), np.arange(kinds)] = True
    return Tour(
        minutes=rng.integers(20, 200, visits).astype(np.int32),
        first=first.astype(np.int32),
        last=(first + rng.integers(0, 3, visits)).astype(np.int32),
        opens=opens.astype(np.int32),
        closes=(opens + 500).astype(np.int32),
        needs=needs,
        travel=np.hypot(x[:, None] - x, y[:, None] - y),
    ), holds


def makeable(one: Tour, visits: tuple[int, ...]) -> bool:
    """Whether one crew can make these visits on one day, by the clock, in some order."""
    if one.first[list(visits)].max() > one.last[list(visits)].min():
        return False
    return any(out(one, order) <= LONGEST + 1e-6 for order in permutations(visits))


def out(one: Tour, order: tuple[int, ...]) -> float:
    """Minutes from leaving to coming back: home as early as can be, and for that gone as late as can be."""
    base, now, begins = len(one.minutes), -np.inf, []
    for last, visit in zip((base, *order), order, strict=False):
        now = max(now + one.travel[last, visit], float(one.opens[visit]))
        begins.append(now)
        now += one.minutes[visit]
        if now > one.closes[visit] + 1e-9:
            return np.inf
    latest = begins[-1]
    for visit, following in zip(order[-2::-1], order[::-1], strict=False):
        latest -= one.travel[visit, following] + one.minutes[visit]
        latest = min(latest, float(one.closes[visit] - one.minutes[visit]))
    return now + one.travel[order[-1], base] - latest + one.travel[base, order[0]]


def fewest_by_trying(one: Tour, holds: np.ndarray) -> float:
    """The fewest officer-days over all ways to share the visits among crews' days, whoever is there."""
    n = len(one.minutes)
    cost = {}
    for size in range(1, n + 1):
        for visits in combinations(range(n), size):
            crew = smallest_crew(one.needs[list(visits)].any(axis=0), holds)
            cost[frozenset(visits)] = crew if makeable(one, visits) else np.inf
    best: dict[frozenset[int], float] = {frozenset(): 0.0}
    for size in range(1, n + 1):
        for visits in combinations(range(n), size):
            whole = frozenset(visits)
            best[whole] = min(cost[part] + best[whole - part] for part in parts_with(visits[0], visits[1:]))
    return best[frozenset(range(n))]


def parts_with(first: int, others: tuple[int, ...]) -> Iterator[frozenset[int]]:
    for size in range(len(others) + 1):
        for chosen in combinations(others, size):
            yield frozenset((first, *chosen))


def smallest_crew(needs: np.ndarray, holds: np.ndarray) -> float:
    for size in range(2, 6):
        if any(holds[list(crew)].any(axis=0)[needs].all() for crew in combinations(range(len(holds)), size)):
            return size
    return np.inf


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10_000))
def test_the_bound_is_never_above_the_best_of_all_calendars(seed: int):
    """It is called proved; one town in which somebody does better would end that."""
    one, holds = tour(seed, 5)
    fewest = fewest_by_trying(one, holds)
    assert fewest_officer_days(one, holds, LONGEST, 1.0) <= fewest


def test_the_bound_is_what_trying_all_calendars_gives_for_most_small_towns():
    """A bound that is only low would also be proved."""
    towns = [tour(seed, 5) for seed in range(12)]
    reached = [fewest_officer_days(*town, LONGEST, 1.0) / fewest_by_trying(*town) for town in towns]
    assert np.mean(reached) > 0.9


@pytest.mark.parametrize("seed", [0, 6, 31])
def test_an_odd_number_of_officer_days_needs_a_crew_of_three(seed: int):
    """Where pairs do all the work, one officer-day more is proved; trying all calendars says so too."""
    one, holds = tour(seed, 7)
    by_prices_alone = bound._Programme(one, holds, LONGEST, ()).bound(1e9)
    assert math.ceil(by_prices_alone - 1e-6) % 2 == 1
    assert fewest_officer_days(one, holds, LONGEST, 4.0) == math.ceil(by_prices_alone - 1e-6) + 1
    assert fewest_officer_days(one, holds, LONGEST, 4.0) == fewest_by_trying(one, holds)


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10_000))
def test_no_calendar_we_make_is_below_its_bound(seed: int):
    """Where it is, the screen would show a gap below nothing."""
    calendar = plan(small_month(seed), seconds=0.1, seed=1)
    assert calendar.bound <= calendar.officer_days


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_the_dearest_day_is_that_of_trying_all(seed: int):
    """A day that is missed here makes the bound too high, which nobody would notice."""
    rng = np.random.default_rng(seed)
    n = 6
    steps = rng.integers(40 * FINE, 200 * FINE, (n + 1, n)).astype(np.int32)
    back = rng.integers(5 * FINE, 40 * FINE, n).astype(np.int32)  # nowhere is it shorter home by another visit
    duals = rng.uniform(0.1, 1.0, n)
    bits = np.uint64(1) << np.arange(n, dtype=np.uint64)
    near = np.full((n, n), bits.sum(), np.uint64)
    routes, values = np.empty((4, n + 1), np.int32), np.empty(4)
    upper, whole, found, _ = dearest_days(duals, steps, back, bits, near, LONGEST, 0.05, routes, values)
    assert whole
    dearest = 0.0
    for size in range(1, n + 1):
        for order in permutations(range(n), size):
            spent = sum(steps[a, b] for a, b in zip((n, *order), order, strict=False)) + back[order[-1]]
            dearest = max(dearest, duals[list(order)].sum()) if spent <= LONGEST * FINE else dearest
    if dearest > 0.05:
        assert upper == pytest.approx(dearest)
        assert values[0] == pytest.approx(duals[routes[0, : int(np.argmax(routes[0] < 0))]].sum())
    else:
        assert found == 0


def test_a_day_cut_short_still_proves(monkeypatch: pytest.MonkeyPatch):
    """With little time the bound is lower, not wrong."""
    one, holds = tour(3, 6)
    quick, slow = fewest_officer_days(one, holds, LONGEST, 0.0), fewest_officer_days(one, holds, LONGEST, 2.0)
    assert 0 < quick <= slow <= fewest_by_trying(one, holds)


def test_crews_made_one_to_have_fewer_kinds_only_lower_the_bound(monkeypatch: pytest.MonkeyPatch):
    """Towns with many certificates have thousands of kinds of crews; they are united, not left out."""
    one, holds = tour(5, 6, kinds=5)
    exact = fewest_officer_days(one, holds, LONGEST, 1.0)
    monkeypatch.setattr(kinds, "MOST_KINDS", 1)
    assert 0 < fewest_officer_days(one, holds, LONGEST, 1.0) <= exact


def test_nothing_to_do_takes_nobody():
    """And a visit that nobody can make says nothing about the others' days."""
    one, holds = tour(1, 3)
    none = replace(one, **{name: getattr(one, name)[:0] for name in ("minutes", "first", "last", "opens", "closes")})
    assert fewest_officer_days(replace(none, needs=one.needs[:0]), holds, LONGEST, 1.0) == 0
    assert fewest_officer_days(one, np.zeros_like(holds), LONGEST, 1.0) == 0


def test_a_bound_without_time_is_simple_and_still_counts_the_ways():
    """The first figure on the screen is proved before anything was searched."""
    one, holds = tour(2, 6)
    at_once = fewest_officer_days(one, holds, LONGEST, 0.0)
    assert at_once >= np.ceil(2 * one.minutes.sum() / LONGEST)
    assert at_once <= fewest_by_trying(one, holds)
