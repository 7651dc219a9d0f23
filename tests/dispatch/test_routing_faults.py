"""The checker of plans: a right plan passes, and each kind of tampering is seen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from dispatch.routing.plan import LeftOut, Plan, Reason, Route, Visit, faults
from dispatch.routing.problem import Break, Lock, RoutingProblem, Stop, Together
from tests.ways import crew, on_a_line

FIRE = frozenset({"fire"})


def a_day() -> RoutingProblem:
    """Crew a does three stops with a break, crew b one that belongs to a's second; one stop is not worth its way."""
    stops = (
        Stop("s1", 5, 10, ((0, 20),), load=2, skills=FIRE),
        Stop("s2", 10, 10),
        Stop("s3", 20, 10, price=500),
        Stop("s4", 40, 10),
        Stop("far", 59, 10, price=3),
        Stop("never", 5, price=7, skills=frozenset({"diving"})),
    )
    a = crew("a", shift=(0, 130), longest=120, capacity=3, fixed_cost=4, skills=FIRE, breaks=(Break(60, 70, 20),))
    b = crew("b", start=50, shift=(0, 100))
    locks = (Lock("s1", "a", position=0, begins=5, before=("s3",)),)
    return on_a_line(stops, (a, b), locks=locks, together=(Together("s2", "s4", 5),), duration_cost=1)


def its_plan() -> Plan:
    """Written by hand, as a dispatcher would."""
    of_a = (Visit("s1", 5, 5, 15), Visit("s2", 20, 20, 30), Visit("s3", 40, 40, 50))
    a = Route("a", 0, of_a, 90, (60,), 40, 4 + 40 + 90)
    b = Route("b", 10, (Visit("s4", 20, 20, 30),), 40, (), 20, 20 + 30)
    left = (LeftOut("far", 3, Reason.NO_ROOM, "b", 18, 0), LeftOut("never", 7, Reason.NO_SKILL))
    return Plan((a, b), left, 134 + 50 + 3 + 7)


def test_a_right_plan_has_no_fault():
    assert faults(a_day(), its_plan()) == []


def route(plan: Plan, at: int, **changes) -> Plan:
    routes = list(plan.routes)
    routes[at] = replace(routes[at], **changes)
    return replace(plan, routes=tuple(routes))


def visit(plan: Plan, at: int, number: int, **changes) -> Plan:
    visits = list(plan.routes[at].visits)
    visits[number] = replace(visits[number], **changes)
    return route(plan, at, visits=tuple(visits))


def left(plan: Plan, at: int, **changes) -> Plan:
    rest = list(plan.left_out)
    rest[at] = replace(rest[at], **changes)
    return replace(plan, left_out=tuple(rest))


def moved(plan: Plan, by: int) -> Plan:
    """Crew b's whole tour later."""
    b = plan.routes[1]
    visits = tuple(Visit(v.stop, v.arrives + by, v.begins + by, v.leaves + by) for v in b.visits)
    return route(plan, 1, departs=b.departs + by, visits=visits, returns=b.returns + by)


TAMPERED: dict[str, Callable[[Plan], Plan]] = {
    "is there 0 times": lambda p: replace(p, left_out=p.left_out[1:], cost=p.cost - 3),
    "is there 2 times": lambda p: replace(p, left_out=(*p.left_out, p.left_out[0]), cost=p.cost + 3),
    "is not in the problem": lambda p: left(p, 0, stop="elsewhere"),
    "crew 'z' is not in the problem": lambda p: route(p, 1, crew="z"),
    "its price is 3": lambda p: left(p, 0, price=2),
    "has 2 routes": lambda p: replace(p, routes=(*p.routes, p.routes[1])),
    "route without a stop": lambda p: replace(p, routes=(*p.routes, Route("b", 0, (), 0, (), 0, 0))),
    "its shift is 0 to 100": lambda p: route(p, 1, returns=101),
    "at most 120": lambda p: route(p, 0, returns=121),
    "the way takes 5": lambda p: visit(p, 0, 0, arrives=4),
    "the way takes 20": lambda p: route(p, 0, returns=89),
    "before crew 'a' arrives": lambda p: visit(p, 0, 2, arrives=41),
    "it takes 10": lambda p: visit(p, 0, 2, leaves=49),
    "takes a break at 59": lambda p: route(p, 0, breaks=(59,)),
    "takes 0 breaks": lambda p: route(p, 0, breaks=()),
    "while it leaves or comes back": lambda p: route(p, 0, breaks=(70,), returns=75),
    "is locked to begin at 5": lambda p: visit(p, 0, 0, begins=6, leaves=16),
    "begin 6 apart": lambda p: moved(p, 6),
    "expected no_skill": lambda p: left(p, 1, reason=Reason.NO_ROOM),
    "which does not hold": lambda p: left(p, 0, reason=Reason.TOO_LONG),
    "left out for window, which does not hold": lambda p: left(p, 0, reason=Reason.WINDOW),
    "left out for partner, which does not hold": lambda p: left(p, 0, reason=Reason.PARTNER),
    "expected a crew, a cost and how late": lambda p: left(p, 0, crew="z"),
    "would be -1 late": lambda p: left(p, 0, late=-1),
    "forcing it would cost 2 only": lambda p: left(p, 0, extra_cost=2),
    "says distance 41": lambda p: route(p, 0, distance=41),
    "and cost 1;": lambda p: route(p, 0, cost=1),
    "the plan says it costs 1;": lambda p: replace(p, cost=1),
}


@pytest.mark.parametrize("told", TAMPERED)
def test_a_tampered_plan_is_caught(told):
    """A checker that overlooks one kind of fault would let an engine make it."""
    assert any(told in fault for fault in faults(a_day(), TAMPERED[told](its_plan())))


def test_a_stop_that_must_be_visited_is_missed():
    plan = its_plan()
    rest = (*plan.left_out, LeftOut("s4", None, Reason.NO_ROOM))
    told = faults(a_day(), replace(plan, routes=plan.routes[:1], left_out=rest, cost=plan.cost - 50))
    assert any("must be visited" in fault for fault in told)
    assert any("only one is visited" in fault for fault in told)


def test_a_window_that_nobody_can_meet_is_no_want_of_room():
    """Who is told that the day is full asks for another crew, and none of them could come."""
    asked = a_day()
    far = replace(asked.stops[4], windows=((0, 5),))
    asked = replace(asked, stops=(*asked.stops[:4], far, asked.stops[5]))
    assert any("expected window" in fault for fault in faults(asked, its_plan()))
    assert faults(asked, left(its_plan(), 0, reason=Reason.WINDOW)) == []


def test_a_stop_whose_partner_nobody_can_visit_is_left_out_for_that():
    """It belongs together with a stop for which nobody holds the skill."""
    asked = replace(a_day(), together=(*a_day().together, Together("far", "never", 5)))
    assert any("expected partner" in fault for fault in faults(asked, its_plan()))
    assert faults(asked, left(its_plan(), 0, reason=Reason.PARTNER)) == []


CHANGED: dict[str, Callable[[RoutingProblem], RoutingProblem]] = {
    "in none of its windows": lambda p: replace(
        p, stops=(*p.stops[:1], replace(p.stops[1], windows=((0, 19),)), *p.stops[2:])
    ),
    "lacks ['food']": lambda p: replace(
        p, stops=(*p.stops[:1], replace(p.stops[1], skills=frozenset({"food"})), *p.stops[2:])
    ),
    "its capacity is 1": lambda p: replace(p, crews=(replace(p.crews[0], capacity=1), p.crews[1])),
    "is locked to crew 'b'": lambda p: replace(p, locks=(Lock("s1", "b"),)),
    "is locked to position 1": lambda p: replace(p, locks=(Lock("s1", "a", position=1),)),
    "is locked before 's1'": lambda p: replace(p, locks=(Lock("s3", "a", before=("s1",)),)),
    "are both with crew 'a'": lambda p: replace(p, together=(Together("s1", "s3", 100),)),
    "during a visit": lambda p: replace(p, crews=(replace(p.crews[0], breaks=(Break(20, 25, 20),)), p.crews[1])),
    "there is no way": lambda p: replace(p, distance=_cut(p), duration=_cut(p)),
}


def _cut(problem: RoutingProblem):
    ways = problem.distance.copy()
    ways[5, 10] = -1
    return ways


@pytest.mark.parametrize("told", CHANGED)
def test_a_plan_for_another_question_is_caught(told):
    """The same plan, asked for something that it does not keep."""
    plan = its_plan()
    if "visit" in told:
        plan = route(plan, 0, breaks=(22,))
    assert any(told in fault for fault in faults(CHANGED[told](a_day()), plan))
