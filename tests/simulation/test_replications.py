"""A plan played on the nine cells: the same by either engine; another plan meets the same city."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.builder import HERE
from scenarios.planning import setup_of
from simulation.diary import Event
from simulation.plan import Post
from simulation.replications import Setup, measured, play, trace
from simulation.rules import compile_rules
from simulation.tables import Kind
from simulation.training import Training
from tests.towns import nine_cells


@pytest.fixture(scope="module")
def setup() -> Setup:
    return setup_of(nine_cells(), HERE / "nine_cells" / "plan.toml")


def with_procedure(setup: Setup, **changes: object) -> Setup:
    procedure = setup.plan.file.procedure.model_copy(update=changes)
    file = setup.plan.file.model_copy(update={"procedure": procedure})
    return replace(setup, plan=replace(setup.plan, file=file))


def test_both_engines_write_the_same_trace(setup):
    readable, compiled = (trace(play(setup, 3, 9, engine)) for engine in ("simpy", "fast"))
    assert readable.equals(compiled)
    assert list(compiled.columns) == ["t", "sequence", "incident", "event", "desk", "officer", "lon", "lat", "at"]
    assert set(compiled["event"]) >= {"found", "told", "waits", "sent", "arrived", "worked", "back", "closed"}


def test_the_city_has_the_volume_that_was_asked_for(setup):
    """8,760 a year of the nine cells, 56.2 % of them simple; within 3 %."""
    told = [measured(play(setup, number, 1))[""] for number in range(6)]
    assert np.mean([one["incidents"] for one in told]) == pytest.approx(8760 * setup.plan.file.days / 365, rel=0.03)
    assert np.mean([one["simple_share"] for one in told]) == pytest.approx(4923 / 8760, abs=0.01)


def test_another_plan_meets_the_same_city(setup):
    """Shorter work and fewer steps change what officers do, not what happens, when, where, and who would escalate."""
    leaner = with_procedure(setup, simple_min=10.0, steps=12)
    before, after = play(setup, 0, 4), play(leaner, 0, 4)
    assert np.array_equal(before.work.told_s, after.work.told_s)
    assert np.array_equal(before.reports.cell, after.reports.cell)
    first = [played.work.work_s[played.work.step_start[:-1]] for played in (before, after)]
    simple = setup.matters.simple[before.reports.matter]
    assert first[1][simple] == pytest.approx(first[0][simple] / 3)
    escalated = [np.add.reduceat(p.work.kind == Kind.ESCALATED, p.work.step_start[:-1]) for p in (before, after)]
    assert np.array_equal(*escalated)


def test_a_leaner_procedure_closes_sooner(setup):
    """Chongqing's twelve steps instead of twenty."""
    leaner = with_procedure(setup, steps=12)
    before, after = (measured(play(one, 0, 4))[""] for one in (setup, leaner))
    assert after["closure_h_p90"] < before["closure_h_p90"]


def test_what_is_whistled_for_and_sent_back_is_looked_at_again(setup):
    always = with_procedure(setup, whistled=1.0, returned=1.0)
    work = play(always, 0, 1).work
    returned = np.flatnonzero(work.kind == Kind.RETURNED)
    assert len(returned) > 100
    assert (work.kind[returned - 1] == Kind.SCENE).all()
    assert (work.kind[returned + 1] == Kind.SCENE).all()


def test_simple_matters_have_no_steps_at_the_desk(setup):
    played = play(setup, 0, 1)
    owner = np.repeat(np.arange(len(played.work)), np.diff(played.work.step_start))
    stepped = owner[np.isin(played.work.kind, (Kind.STEP, Kind.REVIEW))]
    assert not setup.matters.simple[played.reports.matter[stepped]].any()


def test_officers_who_act_are_certified_and_in_their_shift_when_they_set_out(setup):
    """Checked against the plan's tables from the diary alone."""
    played = play(setup, 1, 1)
    diary, force = played.diary, played.force
    sent = np.flatnonzero(diary.event == Event.SENT)
    for line in sent[:: max(1, len(sent) // 500)]:
        officer, t = diary.officer[line], diary.t[line]
        mine = (force.duty_officer == officer) & (force.duty_desk == diary.desk[line])
        assert ((force.duty_start[mine] <= t) & (t < force.duty_end[mine])).any()


def test_towns_add_up_to_the_place(setup):
    told = measured(play(setup, 0, 1))
    for name in ("incidents", "backlog_end"):
        assert told[""][name] == sum(values[name] for where, values in told.items() if where)


def test_a_quiet_day_is_played_too(setup):
    """Nothing reported: no figure about incidents, nobody busy, and no error."""
    file = setup.plan.file.model_copy(update={"days": 1, "warm_up_days": 0})
    quiet = replace(setup, plan=replace(setup.plan, file=file), demand=replace(setup.demand, per_year=1e-9))
    told = measured(play(quiet, 0, 1))[""]
    assert told["incidents"] == told["utilisation"] == told["backlog_end"] == 0
    assert np.isnan(told["response_min_p50"])
    assert set(trace(play(quiet, 0, 1))["event"]) == {"on_duty"}


FIELDS = ("city", "housing", "planning", "water", "ecology", "emergency", "agriculture")
DESKS = ("990100-ZF", "990100001", "990100001-ZF", "990100002-ZF", "tour-1", "pool")
POSTS = st.builds(
    Post,
    desks=st.lists(st.sampled_from(DESKS), min_size=1, max_size=2, unique=True).map(tuple),
    officers=st.integers(1, 4),
    certificates=st.frozensets(st.sampled_from(FIELDS)),
    rota=st.text("MDEN-", min_size=1, max_size=7).filter(lambda rota: set(rota) != {"-"}),
    row=st.just(2),
)


COURSES = st.builds(
    Training,
    desk=st.sampled_from(DESKS),
    officers=st.integers(1, 3),
    certificate=st.sampled_from(FIELDS),
    held_from=st.dates(date(2026, 4, 11), date(2026, 4, 26)),
    away_days=st.integers(0, 4),
    row=st.just(2),
)


@settings(max_examples=25)
@given(
    posts=st.lists(POSTS, max_size=6),
    training=st.lists(COURSES, max_size=4),
    busy=st.sampled_from([2_000.0, 20_000.0]),
    seed=st.integers(0, 99),
    steps=st.integers(0, 6),
)
def test_both_engines_agree_on_any_plan(setup, posts, training, busy, seed, steps):
    """Ten days of the nine cells with whatever people a planner might put there, beside those who must be."""
    file = setup.plan.file.model_copy(update={"days": 8, "warm_up_days": 2})
    plan = replace(setup.plan, file=file, posts=(*setup.plan.posts, *posts), training=tuple(training))
    rules = compile_rules(plan, nine_cells().rulebook, setup.demand.matters, setup.ground, nine_cells().zone)
    demand = replace(setup.demand, per_year=busy)
    anything = with_procedure(
        replace(setup, plan=plan, rules=rules, demand=demand), steps=steps, whistled=0.3, escalated=0.3
    )
    readable, compiled = (play(anything, 0, seed, engine).diary for engine in ("simpy", "fast"))
    assert readable.same_as(compiled)


def test_one_officer_more_leaves_everybody_elses_absences_as_they_were(setup):
    """Otherwise the lot falls anew for the whole district, and what the officer is worth drowns in it."""
    plan = replace(setup.plan, posts=(replace(setup.plan.posts[4], officers=5), *setup.plan.posts))
    rules = compile_rules(plan, nine_cells().rulebook, setup.demand.matters, setup.ground, nine_cells().zone)

    def present(one: Setup) -> set[tuple[int, float]]:
        force = play(one, 2, 3).force
        return set(zip(one.rules.officer_key[force.duty_officer].tolist(), force.duty_start.tolist(), strict=True))

    before, after = present(setup), present(replace(setup, plan=plan, rules=rules))
    assert before < after
    missed = 1 - len(before) / len(setup.rules.force.duty_start)
    assert missed == pytest.approx(setup.plan.file.absent, abs=0.01)
