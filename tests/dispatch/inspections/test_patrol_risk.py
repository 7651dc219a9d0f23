"""How risky a cell is to the next plan, and that it does not feed on itself."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dispatch.inspections.patrol_risk import MOST_RISK, left_behind, per_pass, risks


def plainly(counts):
    return risks(counts, [Fraction(0)] * len(counts))


def test_counts_that_chance_alone_explains_make_no_cell_riskier():
    """Two thefts in one street and none in the next are no pattern; a patrol that follows noise follows nothing."""
    noise = np.random.default_rng(1).poisson(1.0, 400)
    assert np.mean([risk > Fraction(12, 10) for risk in plainly(noise)]) < 0.05


def test_a_corner_where_it_happens_again_and_again_is_passed_oftener():
    counts = [0] * 40 + [1] * 8 + [12, 20]
    found = plainly(counts)
    assert found[-1] == MOST_RISK
    assert found[0] == 1


def test_a_cell_that_was_left_behind_is_passed_oftener_until_it_has_caught_up():
    """The street that was cut off every round comes first next time, the others as before."""
    missed = risks([0, 0, 0, 0], left_behind([20, 20, 20, 20], [20, 20, 20, 8]))
    assert missed == [1, 1, 1, Fraction(14, 10)]
    assert risks([0] * 4, left_behind([20] * 4, [20] * 4)) == [1] * 4


def test_a_town_with_too_few_rounds_does_not_ask_for_more_of_them():
    """All cells missed alike: raising them all would only miss more."""
    assert left_behind([20, 10, 4], [10, 5, 2]) == [0, 0, 0]


def test_more_passes_that_find_more_are_no_risk_of_their_own():
    """Twenty plans one after the other, where a look finds something in one of ten passes everywhere alike.

    Counted plainly, the cell that was passed oftener once would be found riskier, be passed oftener, and so on.
    """
    passes = np.array([20.0] * 30 + [40.0])
    for _ in range(20):
        risk = plainly(per_pass(passes / 10, passes))
        passes = np.array([float(20 * each) for each in risk])
    assert set(passes.tolist()) == {20.0}


COUNTS = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 60), st.integers(0, 60), st.integers(0, 60)), max_size=40
)


@given(COUNTS)
def test_risk_is_never_below_the_list_nor_above_its_cap(rows):
    """The list is the least that is owed; whatever happened, was found or was missed, the cap is the most."""
    happened = [row[0] for row in rows]
    owed, passed = [row[1] for row in rows], [min(row[1], row[2]) for row in rows]
    fairly = per_pass([row[3] for row in rows], passed)
    behind = left_behind(owed, passed)
    assert all(0 <= each <= 1 for each in behind)
    assert all(1 <= risk <= MOST_RISK for risk in risks(fairly + happened, behind))


@given(st.lists(st.integers(0, 60), max_size=40))
def test_more_incidents_never_mean_fewer_passes(counts):
    found = plainly(counts)
    order = np.argsort(counts, kind="stable")
    assert all(found[a] <= found[b] for a, b in pairwise(order))
