"""What lies in a cell, and how risky it is."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dispatch.inspections.patrol_places import MOST_RISK, PatrolGround, risks
from tests.towns import nine_cells


def test_counts_that_chance_alone_explains_make_no_cell_riskier():
    """Two thefts in one street and none in the next are no pattern; a patrol that follows noise follows nothing."""
    noise = np.random.default_rng(1).poisson(1.0, 400)
    assert np.mean([risk > Fraction(12, 10) for risk in risks(noise)]) < 0.05


def test_a_corner_where_it_happens_again_and_again_is_passed_oftener():
    counts = [0] * 40 + [1] * 8 + [12, 20]
    found = risks(counts)
    assert found[-1] == MOST_RISK
    assert found[0] == 1


@given(st.lists(st.integers(0, 60), max_size=40))
def test_risk_is_never_below_the_list_nor_above_its_cap_and_follows_the_count(counts):
    """The list is the least that is owed; and more incidents never mean fewer passes."""
    found = risks(counts)
    assert all(1 <= risk <= MOST_RISK for risk in found)
    order = np.argsort(counts, kind="stable")
    assert all(found[a] <= found[b] for a, b in pairwise(order))


def test_streets_and_water_make_objects_of_cells():
    """A cell that no road touches has none of a road's items."""
    place = nine_cells()
    ground = PatrolGround(place.cells, place.streets.lines(), place.water)
    roads = set(place.streets.lines()["road"])
    kinds = set().union(*ground.kinds.values())
    assert kinds <= {"main_road", "back_lane", "river", "shore", "pond"}
    assert ("main_road" in kinds) == bool(roads & {"primary", "secondary"})
    assert set(ground.kinds) <= set(place.cells["code"])
