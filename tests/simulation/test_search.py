"""The search beside every plan there is, on a place small enough to try them all."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.schemas import BadInput
from scenarios.planning import setting_up
from simulation.approximation import Approximation
from simulation.plan import Desk, Post, StaffingPlan
from simulation.replications import Setup
from simulation.search import Found, Question, SetUp, search
from simulation.stations import Station, staffed, stations_of
from tests.simulation.experimenting import for_days, fortnight, laboratory
from tests.towns import nine_cells

CAP, SPARE = 16, 4
EVERY = ("city", "emergency", "housing", "planning", "water")


@cache
def set_up_for(desks: tuple[Desk, ...]) -> SetUp:
    return setting_up(nine_cells(), desks)


def set_up(plan: StaffingPlan) -> Setup:
    return set_up_for(plan.desks)(plan)


@pytest.fixture(scope="module")
def small() -> Setup:
    """Both towns, the brigade and a pair for everything else; so busy that it matters where people stand."""
    posts = (
        Post(("990100001-ZF",), 4, frozenset((*EVERY, "ecology")), "DDDDDDD", 2),
        Post(("990100002-ZF",), 3, frozenset(EVERY), "DDDDDDD", 3),
        Post(("990100-ZF",), 3, frozenset(EVERY), "DDDDDDD", 4),
        Post(("990100-MKT",), 2, frozenset(("market", "culture", "health", "police")), "DDDDDDD", 5),
        Post(("tour-1",), 2, frozenset(("ecology",)), "DDDDDDD", 6),
        Post(("pool",), 2, frozenset(("agriculture",)), "DDDDDDD", 7),
    )
    made = set_up(replace(for_days(fortnight(), warm_up_days=7).plan, posts=posts))
    return replace(made, demand=replace(made.demand, per_year=7_000.0))


@pytest.fixture(scope="module")
def found(small) -> Found:
    with laboratory() as lab:
        return search(small, set_up, Question(CAP, indifference=0.02, swaps=4, levels=3, replications=10), lab)


def test_two_whose_shifts_never_meet_are_not_the_pair_that_is_left(small):
    """The first two of the station would be one by day and one by night."""
    market = frozenset(("market",))
    apart = tuple(Post(("990100-MKT",), many, market, rota, 9) for many, rota in ((2, "D"), (2, "N")))
    (station,) = stations_of(replace(small.plan, posts=apart))
    assert (station.least, station.spread(2), station.spread(3)) == (3, [1, 1], [2, 1])


def test_the_chosen_plan_is_as_good_as_the_best_of_all_plans(small, found):
    """Every staffing of the four stations that matter, all on the same eight cities."""
    stations = stations_of(small.plan)
    assert [station.least for station in stations] == [2] * 6
    every = [given for given in product(range(SPARE + 1), repeat=4) if sum(given) == SPARE]
    with laboratory() as lab:

        def late(heads: tuple[int, ...]) -> float:
            ready = replace(set_up(staffed(small.plan, stations, heads)), demand=small.demand)
            return 1.0 - float(np.mean([one.told[""]["on_time_share"] for one in lab.outcomes(ready, 8)]))

        shares = [late((*(2 + more for more in given), 2, 2)) for given in every]
        chosen = late(found.best.heads)
    assert chosen <= min(shares) + 0.02
    assert chosen < np.median(shares) - 0.02
    assert found.choice.decided


def test_the_best_plan_keeps_the_cap_and_the_law(small, found):
    assert found.best.plan.heads == found.best.total <= CAP
    set_up(found.best.plan)  # nobody left without a lawful pair
    assert {candidate.origin for candidate in found.candidates} >= {"own", "proved", "swapped"}
    assert all(candidate.total <= CAP for candidate in found.candidates)


def test_no_plan_of_the_front_is_beaten_in_both(found):
    cost = [point.plan.cost_a_year for point in found.front]
    late = [point.late.mean for point in found.front]
    assert cost == sorted(set(cost))
    assert late == sorted(set(late), reverse=True)
    assert len(found.front) >= 2


def test_an_officer_more_is_worth_something_where_officers_are_short(found):
    assert set(found.worth) == {"990100001", "990100002"}
    best = max(found.worth.values(), key=lambda worth: worth.mean)
    assert best.mean - best.half > 0


def test_too_few_heads_for_lawful_pairs_are_refused(small):
    with laboratory() as lab, pytest.raises(BadInput, match="found 11 heads, expected 12 or more"):
        search(small, set_up, Question(11), lab)


def test_by_the_formula_more_heads_are_never_later(small):
    approximation = Approximation(small, 1)
    for station in stations_of(small.plan):
        late = approximation.table(station, station.least + 12)
        assert (np.diff(late) <= 0).all()


@given(st.lists(st.integers(1, 9), min_size=1, max_size=5), st.integers(0, 40))
def test_a_head_more_takes_nobody_from_a_post(shares, heads):
    station = Station(("a",), tuple(range(len(shares))), tuple(shares), 0)
    before, after = station.spread(heads), station.spread(heads + 1)
    assert sum(before) == heads
    assert all(a >= b for a, b in zip(after, before, strict=True))
    assert station.spread(sum(shares)) == shares
