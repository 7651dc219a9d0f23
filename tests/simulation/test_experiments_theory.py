"""Experiments beside the textbook: a plan that is one queue, with everything an experiment does to a plan."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from simulation.approximation import Approximation
from simulation.experiments import Experiment
from simulation.plan import Desk, DeskKind, Post
from simulation.replications import GROWTH, Setup
from simulation.rules import Ground, Rules
from simulation.stations import stations_of
from simulation.tables import Force, always, orders
from simulation.theory import mg1, mmc
from tests.simulation.experimenting import fortnight, laboratory

HOURS_A_YEAR = 8760
MINUTES, SPREAD = 30.0, 0.5


def queue(an_hour: float, pairs: int = 1) -> Setup:
    """Pairs who are always there and have no way, half an hour of work, so many incidents an hour: M/G/c.

    Whoever waits at all is late.
    """
    usual, officers = fortnight(), 2 * pairs
    procedure = usual.plan.file.procedure.model_copy(
        update={"simple_min": MINUTES, "ordinary_min": MINUTES, "spread": SPREAD, "steps": 0, "pair_steps": 0}
    )
    patrols = usual.plan.file.patrols.model_copy(update={"passes_a_day": 0.0})
    file = usual.plan.file.model_copy(update={"procedure": procedure, "patrols": patrols, "absent": 0.0, "days": 35})
    desk = Desk("only", DeskKind.TOWN, "ZF", "990100001", 0.0, 0.0, usual.plan.desks[0].profile, frozenset(), 2)
    post = Post(("only",), officers, frozenset(), "MEN", 2)
    cells, matters = len(usual.ground.town), len(usual.demand.matters)
    start, end = always(officers)
    order_start, order_desk = orders([[], [0]])
    force = Force(
        pace=np.ones(1),
        seconds=np.zeros((1, cells)),
        certified=np.ones((officers, 1), np.bool_),
        duty_start=start,
        duty_end=end,
        duty_officer=np.arange(officers, dtype=np.int32),
        duty_desk=np.zeros(officers, np.int32),
        order_of=np.repeat([[0], [1]], cells, axis=1).astype(np.int32),
        order_start=order_start,
        order_desk=order_desk,
        patrol_desk=np.full(cells, -1, np.int32),
    )
    nobody, first = np.zeros((1, matters), np.int32), np.ones((1, matters), np.int32)
    one_field = np.zeros(matters, np.int32)
    answers = np.repeat([[False], [True]], cells, axis=1)
    keys = np.arange(officers, dtype=np.uint64)
    rules = Rules(
        force, np.zeros(1), first, nobody, nobody, one_field, 0, 0, answers, np.zeros(officers, np.int32), keys
    )
    demand = replace(usual.demand, hour_of_week=np.ones(168), per_year=an_hour * HOURS_A_YEAR)
    hurry = replace(usual.matters, within_s=np.full(matters, 1e-3), priority=np.zeros(matters, np.int32))
    plan = replace(usual.plan, file=file, desks=(desk,), posts=(post,))
    return Setup(plan, rules, Ground(usual.ground.town, force.seconds), demand, hurry)


def played(setup: Setup, replications: int = 16) -> Experiment:
    with laboratory(seed=11) as lab:
        return lab.experiment(setup, replications)


def test_one_pair_is_late_as_often_as_pollaczek_and_khinchine_say():
    made, line = played(queue(1.2)), mg1(1.2, MINUTES / 60, SPREAD)
    on_time, busy = made.estimates[""]["on_time_share"], made.estimates[""]["utilisation"]
    assert abs(on_time.mean - (1 - line.p_wait)) < 1.5 * on_time.half < 0.03
    assert abs(busy.mean - line.util) < 1.5 * busy.half < 0.03
    assert made.warnings == ()
    assert made.desks["only"]["utilisation"].mean == pytest.approx(busy.mean)
    assert made.desks["only"]["asked_a_week"].mean == pytest.approx(1.2 * 168, rel=0.02)


def test_a_backlog_grows_by_what_cannot_be_done():
    """Three an hour come, two can be done: 168 more a week, in the place, in its town and at the desk."""
    made = played(queue(3.0), 6)
    assert {reason.code for reason in made.warnings} >= {"saturated_place", "saturated_desk"}
    for told in (made.estimates[""], made.desks["only"]):
        assert abs(told[GROWTH].mean - 168) < 2 * told[GROWTH].half < 60


@pytest.mark.parametrize(("an_hour", "pairs"), [(1.2, 1), (3.0, 2), (5.0, 3)])
def test_the_formula_of_the_search_is_erlangs_where_the_desk_is_a_plain_queue(an_hour, pairs):
    """Share that waits: exact for one pair, Erlang's for several; the load is counted from three pilots."""
    setup = queue(an_hour, pairs)
    approximation = Approximation(setup, seed=2)
    (station,) = stations_of(setup.plan)
    table = approximation.table(station, 2 * pairs)
    share = table[-1] / (len(approximation.asked.desk) / 3)
    assert share == pytest.approx(mmc(an_hour, 60 / MINUTES, pairs).p_wait, rel=0.08)
