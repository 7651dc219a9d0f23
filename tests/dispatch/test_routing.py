"""Who goes where and when: small questions whose answer one can see, and any question at all."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.routing.plan import LeftOut, Plan, Reason, Route, Visit, faults
from dispatch.routing.problem import NO_WAY, Break, Lock, RoutingProblem, Stop, Together
from dispatch.routing.solve import solve
from tests.ways import a_rest, crew, on_a_line, problems, windows

ROUNDS = 60


def solved(problem: RoutingProblem, rounds: int = ROUNDS) -> Plan:
    plan = solve(problem, rounds=rounds)
    assert faults(problem, plan) == []
    return plan


def left(plan: Plan) -> dict[str, LeftOut]:
    return {one.stop: one for one in plan.left_out}


def stops_of(plan: Plan) -> dict[str, list[str]]:
    return {route.crew: route.stops for route in plan.routes}


@settings(max_examples=120)
@given(problems(priced=True))
def test_whatever_is_asked_the_plan_keeps_every_rule(problem):
    """Windows, breaks, pairs, skills, loads, prices in any mixture: the checker that knows no engine finds nothing."""
    assert faults(problem, solve(problem, rounds=ROUNDS)) == []


@settings(max_examples=40)
@given(problems(priced=True))
def test_nothing_is_left_out_that_fits_for_less_than_its_price(problem):
    """Otherwise the first colleague to look at the plan would put it in by hand."""
    alone = replace(problem, together=())
    for one in solve(alone, rounds=ROUNDS).left_out:
        assert one.late != 0 or one.extra_cost >= one.price


@settings(max_examples=60)
@given(st.integers(0, 5), st.integers(0, 5), st.integers(0, 4), windows(last=20), st.integers(8, 18), a_rest())
def test_a_stop_is_said_to_miss_its_window_exactly_when_no_times_would_do(place, end, service, opens, shift, rest):
    """Every moment of leaving, resting and beginning is tried by hand; the checker judges them."""
    stop = Stop("s", place, service, opens, price=1000)
    breaks = (rest,) if rest is not None and rest.latest + rest.length <= shift else ()
    problem = on_a_line([stop], [crew(end=end, shift=(0, shift), breaks=breaks)])
    far = place + abs(place - end)
    possible = any(
        faults(
            problem, Plan((Route("c1", leaves, (Visit("s", at, at, at + service),), back, rests, far, far),), (), far)
        )
        == []
        for leaves in range(shift + 1)
        for at in range(leaves, shift + 1)
        for rests in ([(begins,) for begins in range(breaks[0].earliest, breaks[0].latest + 1)] if breaks else [()])
        for back in sorted({at + service + abs(place - end) + pause for pause in (0, *(b.length for b in breaks))})
    )
    assert (solved(problem).left_out == ()) == possible


@settings(max_examples=80)
@given(problems(priced=False))
def test_with_stops_that_must_be_visited_only_these_can_be_at_fault(problem):
    """A must that does not fit is left out and said so; everything else is kept, locks too."""
    plan = solve(problem, rounds=ROUNDS)
    missing = [one for one in plan.left_out if one.price is None]
    assert plan.complete == (not missing)
    assert faults(problem, plan) == [
        f"stop {one.stop!r} must be visited and is left out: {one.reason}" for one in missing
    ]


@settings(max_examples=15)
@given(problems(priced=True))
def test_the_same_seed_gives_the_same_plan(problem):
    """Two people who press the same button see the same plan."""
    assert solve(problem, rounds=ROUNDS, seed=3) == solve(problem, rounds=ROUNDS, seed=3)


def test_the_shortest_way_round_is_found_and_adds_up():
    plan = solved(on_a_line([Stop(f"s{k}", k) for k in (5, 1, 3)], [crew()]))
    [route] = plan.routes
    assert (route.distance, route.duration, plan.cost) == (10, 10, 10)


def test_a_crew_leaves_as_late_as_it_can():
    """Nobody waits in front of a closed door when they could have stayed at the base."""
    plan = solved(on_a_line([Stop("s", 10, windows=((50, 60),))], [crew()]))
    assert (plan.routes[0].departs, plan.routes[0].visits[0].begins, plan.routes[0].returns) == (40, 50, 60)


def test_the_second_window_is_used_when_the_first_is_over():
    early, late = Stop("early", 20, 5, ((20, 20),)), Stop("either", 1, 5, ((0, 3), (60, 70)))
    plan = solved(on_a_line([early, late], [crew()]))
    begins = {visit.stop: visit.begins for visit in plan.routes[0].visits}
    assert begins["early"] == 20
    assert 0 <= begins["either"] <= 3 or 60 <= begins["either"] <= 70


def test_a_break_interrupts_a_drive_and_never_a_visit():
    rest = Break(10, 10, 30)
    plan = solved(on_a_line([Stop("s", 20, 5)], [crew(shift=(0, 80), longest=75, breaks=(rest,))]))
    [route] = plan.routes
    assert route.breaks == (10,)
    assert route.visits[0].begins >= 40 or route.visits[0].leaves <= 10 or route.departs >= 40


def test_a_break_that_leaves_no_time_keeps_the_stop_out():
    stop = Stop("s", 20, 5, ((30, 35),), price=500)
    plan = solved(on_a_line([stop], [crew(shift=(0, 70), breaks=(Break(21, 29, 20),))]))
    assert left(plan)["s"].reason is Reason.WINDOW


def test_stops_that_belong_together_begin_together_with_two_crews():
    """Town and department inspect at the same moment, each in its own car."""
    stops = [Stop("town", 10, 5), Stop("bureau", 40, 5)]
    plan = solved(on_a_line(stops, [crew("a"), crew("b", start=50)], together=(Together("town", "bureau", 2),)))
    assert stops_of(plan) in ({"a": ["town"], "b": ["bureau"]}, {"a": ["bureau"], "b": ["town"]})
    first, second = (route.visits[0].begins for route in plan.routes)
    assert abs(first - second) <= 2


def test_one_crew_alone_leaves_a_pair_out():
    stops = [Stop("x", 10, 5, price=900), Stop("y", 11, 5, price=900)]
    plan = solved(on_a_line(stops, [crew()], together=(Together("x", "y", 5),)))
    assert left(plan).keys() == {"x", "y"}


def test_a_partner_that_cannot_be_visited_keeps_the_other_out():
    stops = [Stop("x", 10, price=9, skills=frozenset({"fire"})), Stop("y", 11, price=900)]
    plan = solved(on_a_line(stops, [crew("a"), crew("b")], together=(Together("x", "y", 5),)))
    assert {name: one.reason for name, one in left(plan).items()} == {"x": Reason.NO_SKILL, "y": Reason.PARTNER}


def test_finished_and_locked_stops_stay():
    """A new plan at noon must not move what was done in the morning."""
    done = Lock("done", "far", position=0, begins=45)
    stops = [Stop("done", 5, 5, ((0, 10),)), Stop("new", 6, 5), Stop("next", 7, 5)]
    crews = [crew("near"), crew("far", start=50, shift=(0, 200))]
    plan = solved(on_a_line(stops, crews, locks=(done, Lock("next", "far", before=("new",)))))
    far = next(route for route in plan.routes if route.crew == "far")
    assert (far.stops[0], far.visits[0].begins) == ("done", 45)
    assert "next" in far.stops


def test_skills_decide_who_goes():
    stops = [Stop("kitchen", 1, skills=frozenset({"food"})), Stop("store", 2, skills=frozenset({"fire"}))]
    crews = [crew("a", skills=frozenset({"fire"})), crew("b", skills=frozenset({"food"}))]
    assert stops_of(solved(on_a_line(stops, crews))) == {"a": ["store"], "b": ["kitchen"]}


def test_a_stop_cheaper_than_its_way_is_left_out_with_what_it_would_take():
    plan = solved(on_a_line([Stop("far", 40, price=10)], [crew()]))
    assert left(plan)["far"] == LeftOut("far", 10, Reason.NO_ROOM, "c1", 80, 0)
    assert plan.cost == 10


def test_forcing_a_stop_into_a_full_day_says_how_late_it_would_be():
    stops = [Stop("must", 10, 70), Stop("extra", 10, 25, price=5)]
    plan = solved(on_a_line(stops, [crew(shift=(0, 100))]))
    assert left(plan)["extra"] == LeftOut("extra", 5, Reason.NO_ROOM, "c1", 0, 15)


@pytest.mark.parametrize(
    ("stop", "why"),
    [
        (Stop("s", 1, price=9, skills=frozenset({"diving"})), Reason.NO_SKILL),
        (Stop("s", 1, price=9, load=7), Reason.TOO_LARGE),
        (Stop("s", 59, price=9), Reason.UNREACHABLE),
        (Stop("s", 20, 70, price=9), Reason.TOO_LONG),
        (Stop("s", 20, 5, ((5, 19), (90, 95)), price=9), Reason.WINDOW),
    ],
)
def test_what_no_crew_could_do_alone_has_its_reason(stop, why):
    """'We had no time' and 'nobody may' are different letters to the citizen."""
    at = np.arange(60)
    ways = np.abs(at[:, None] - at[None, :])
    ways[:, 59] = NO_WAY
    ways[59, 59] = 0
    plan = solved(on_a_line([stop], [crew(capacity=5)], distance=ways, duration=ways))
    assert left(plan)["s"].reason is why


def test_as_many_musts_as_fit_are_visited_before_anything_with_a_price():
    stops = [Stop(f"m{k}", 10, 30) for k in range(3)] + [Stop("p", 10, 30, price=1000)]
    plan = solve(on_a_line(stops, [crew()]), rounds=ROUNDS)
    assert not plan.complete
    assert sorted(left(plan)) in (["m0", "p"], ["m1", "p"], ["m2", "p"])


def test_nothing_to_do_and_nobody_to_do_it_are_plans_too():
    assert solved(on_a_line([], [crew()])) == Plan((), (), 0)
    plan = solved(on_a_line([Stop("s", 1, price=4)], []))
    assert (left(plan)["s"].reason, plan.cost) == (Reason.NO_SKILL, 4)


def test_the_search_ends_at_its_cpu_seconds():
    """Seconds are CPU time of this process: a busy machine does not make the answer worse, only later."""
    shares = []
    solve(on_a_line([Stop(f"s{k}", k) for k in range(1, 30)], [crew()]), seconds=0.2, watch=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_a_search_without_an_end_is_refused():
    with pytest.raises(ValueError, match="neither seconds nor rounds"):
        solve(on_a_line([], []))


STOPS = (Stop("s", 1), Stop("t", 2))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"stops": (Stop("s", 1), Stop("s", 2))}, "stop 's' is there twice"),
        ({"crews": (crew(), crew())}, "crew 'c1' is there twice"),
        ({"stops": (Stop("s", 99),)}, "place is 99"),
        ({"stops": (Stop("s", 1, windows=((5, 4),)),)}, "window 5 to 4"),
        ({"stops": (Stop("s", 1, price=-1),)}, "price is -1"),
        ({"crews": (crew(shift=(9, 8)),)}, "shift 9 to 8"),
        ({"crews": (crew(breaks=(Break(90, 95, 10),)),)}, "break of 10"),
        ({"distance": np.zeros((3, 2), dtype=int)}, "shape"),
        ({"distance": np.zeros((60, 60))}, "whole numbers"),
        ({"duration": np.full((60, 60), -2)}, "no way"),
        ({"duration": np.full((60, 60), -1)}, "disagree"),
        ({"locks": (Lock("x", "c1"),)}, "names stop 'x'"),
        ({"locks": (Lock("s", "c9"),)}, "locked to crew 'c9'"),
        ({"locks": (Lock("s", "c1"), Lock("s", "c1"))}, "locked twice"),
        ({"locks": (Lock("s", "c1", 0), Lock("t", "c1", 0))}, "two stops are locked to position 0"),
        ({"locks": (Lock("s", "c1", before=("t",)), Lock("t", "c1", before=("s",)))}, "all to come before one another"),
        ({"together": (Together("s", "s", 1),)}, "beside itself"),
        ({"together": (Together("s", "t", 1), Together("t", "s", 1))}, "two pairs"),
        ({"distance": np.full((60, 60), 10**9), "distance_cost": 10**9}, "do not fit"),
    ],
)
def test_a_question_that_cannot_be_is_refused_where_it_is_made(change, told):
    """One sentence with the id beats a solver that says 'infeasible' after a minute."""
    with pytest.raises(ValueError, match=told):
        replace(on_a_line(STOPS, [crew()]), **change)
