"""Workload to posts: the rounding is the published one, the load is the work that was drawn, pairs stay lawful."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.schemas import BadInput
from simulation.apportionment import Method, adams, apportion, hamilton
from simulation.plan import DeskKind
from simulation.replications import Setup
from simulation.stations import stations_of
from simulation.workload import Allocation, Norms, allocate
from tests.simulation.experimenting import fortnight, with_procedure

NO_PATROL = Norms(pass_min=0.0)
loads_and_least = st.lists(st.tuples(st.integers(0, 900).map(float), st.integers(1, 4)), min_size=1, max_size=5)


@pytest.fixture(scope="module")
def setup() -> Setup:
    """Two towns for a fortnight, three times as busy as usual."""
    made = fortnight()
    return replace(made, demand=replace(made.demand, per_year=3 * made.demand.per_year))


def by_workload(setup: Setup, more: int = 0, norms: Norms = NO_PATROL, **duties: float) -> Allocation:
    return allocate(
        setup, 1, norms, {code.strip("_"): minutes for code, minutes in duties.items()}, setup.plan.heads + more
    )


@given(loads_and_least, st.integers(0, 6))
def test_no_other_posts_have_a_smaller_greatest_load(towns: list[tuple[float, int]], more: int):
    """Held against every way to give the posts."""
    loads, least = [load for load, _ in towns], [many for _, many in towns]

    def greatest(given: tuple[int, ...] | list[int]) -> float:
        return max(load / many for load, many in zip(loads, given, strict=True))

    extra = (each for each in product(range(more + 1), repeat=len(least)) if sum(each) == more)
    best = min(greatest([a + b for a, b in zip(least, each, strict=True)]) for each in extra)
    assert greatest(adams(loads, sum(least) + more, least)) == best


@given(loads_and_least, st.integers(0, 40), st.sampled_from(Method))
def test_all_posts_are_given_and_nobody_has_fewer_than_their_least(
    towns: list[tuple[float, int]], more: int, method: Method
):
    loads, least = [load for load, _ in towns], [many for _, many in towns]
    given = apportion(method, loads, sum(least) + more, least)
    assert sum(given) == sum(least) + more
    assert all(many >= few for many, few in zip(given, least, strict=True))


@given(st.lists(st.integers(1, 900).map(float), min_size=2, max_size=6), st.integers(1, 60))
def test_largest_remainders_stay_within_one_of_the_exact_share(loads: list[float], posts: int):
    """The quota rule, which Adams's method may break and Hamilton's never does."""
    given = hamilton(loads, posts, [0] * len(loads))
    exact = [posts * load / sum(loads) for load in loads]
    assert all(abs(many - share) < 1 for many, share in zip(given, exact, strict=True))


def test_fewer_posts_than_lawful_pairs_are_refused():
    with pytest.raises(ValueError, match="fewer than 4"):
        apportion(Method.ADAMS, [1.0, 1.0], 3, [2, 2])


def test_the_plan_has_the_heads_of_the_cap_and_every_lawful_pair(setup: Setup):
    made = by_workload(setup, 4)
    assert made.plan.heads == setup.plan.heads + 4
    assert sum(row.after for row in made.rows) + made.elsewhere == made.plan.heads
    least = {one.desks: one.least for one in stations_of(setup.plan)}
    assert all(one.heads >= least[one.desks] for one in stations_of(made.plan))


def test_brigades_pools_and_reviewers_stay_where_they_are(setup: Setup):
    towns = {desk.id for desk in setup.plan.desks if desk.kind is DeskKind.TOWN}

    def others(plan: object) -> list[tuple[tuple[str, ...], int]]:
        return [(one.desks, one.heads) for one in stations_of(plan) if not towns.issuperset(one.desks)]  # type: ignore[arg-type]

    assert others(by_workload(setup, 5).plan) == others(setup.plan)


def test_twice_the_minutes_on_the_spot_are_more_work_and_the_same_duty(setup: Setup):
    how = setup.plan.file.procedure
    longer = with_procedure(setup, simple_min=2 * how.simple_min, ordinary_min=2 * how.ordinary_min)
    short, long = (by_workload(one).rows for one in (setup, longer))
    assert all(b.load.reported_h > a.load.reported_h for a, b in zip(short, long, strict=True) if a.load.reported_h)
    assert [row.load.duty_h for row in short] == pytest.approx([row.load.duty_h for row in long], rel=0.2)


def test_patrol_is_passes_times_cells_times_minutes_of_a_pair(setup: Setup):
    made = by_workload(setup, norms=Norms(pass_min=3.0))
    passes = setup.plan.file.patrols.passes_a_day
    for row in made.rows:
        cells = len(setup.ground.cells_of[row.town])
        assert row.load.patrol_h == pytest.approx(2 * cells * passes * 365 * 3.0 / 60)


def test_a_town_with_more_duties_gets_the_posts(setup: Setup):
    plain = by_workload(setup, 6)
    idle = min(plain.rows, key=lambda row: row.load.reported_h)
    laden = by_workload(setup, 6, **{f"_{idle.town}": 60.0 * 50_000})
    (now,) = (row for row in laden.rows if row.town == idle.town)
    assert now.load.duties_h == pytest.approx(50_000)
    assert now.after > idle.after


def test_what_is_needed_leaves_room_to_answer(setup: Setup):
    """At 60 % an officer's hours are filled by three fifths; at 30 % twice as many are needed."""
    tight, loose = (by_workload(setup, norms=Norms(0.0, share)) for share in (0.6, 0.3))
    assert loose.needed == pytest.approx(2 * tight.needed)


def test_a_cap_below_the_lawful_pairs_is_refused_with_what_is_needed(setup: Setup):
    least = sum(one.least for one in stations_of(setup.plan))
    with pytest.raises(BadInput, match="lawful pairs in every town"):
        allocate(setup, 1, NO_PATROL, {}, least - 2)
