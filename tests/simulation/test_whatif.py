"""What would turn the difference of two plans: assumptions varied one at a time."""

from __future__ import annotations

import math

import pytest

from scenarios.builder import HERE
from scenarios.planning import setup_of
from simulation.intervals import Estimate
from simulation.replications import Setup, drawn
from simulation.whatif import ASSUMED, turns_at
from tests.towns import nine_cells


@pytest.fixture(scope="module")
def setup() -> Setup:
    return setup_of(nine_cells(), HERE / "nine_cells" / "plan.toml")


def test_more_of_one_thing_leaves_the_others_as_they_were(setup):
    """Otherwise nobody could say which of them turned the difference."""
    usual = drawn(setup, 0, 1)
    for name, vary in ASSUMED.items():
        force, work, reports = drawn(vary(setup, 1.2), 0, 1)
        more = {
            "demand": len(reports.told_s) > 1.1 * len(usual[2].told_s),
            "absence": len(force.duty_start) < len(usual[0].duty_start),
            "work": work.work_s.mean() > 1.19 * usual[1].work_s.mean(),
        }
        assert more == {each: each == name for each in more}, name


def test_as_much_as_before_is_the_same_plan(setup):
    assert {vary(setup, 1.0).plan.hash for vary in ASSUMED.values()} == {setup.plan.hash}


@pytest.mark.parametrize(
    ("means", "turn"),
    [((1, 2, 3), None), ((-1, 1, 3), 0.9), ((3, 1, -1), 1.1), ((-1, math.nan, 1), 1.0), ((math.nan,) * 3, None)],
)
def test_the_turn_lies_where_a_straight_line_crosses(means, turn):
    points = [(factor, Estimate(mean, 0.1, 5)) for factor, mean in zip((0.8, 1.0, 1.2), means, strict=True)]
    found = turns_at(points)
    assert found == (None if turn is None else pytest.approx(turn))
