"""What the book holds open tonight is what a plan begins with: once each, and no further than it has come."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from dispatch.records.case import Stamp
from dispatch.records.incident import Status
from dispatch.records.reason import Reason
from dispatch.store.casebook import Casebook, open_casebook
from dispatch.store.writing import Actor
from scenarios.builder import HERE
from scenarios.planning import setup_of
from scenarios.tonight import Backlog, backlog, tonight
from simulation.diary import Event
from simulation.experiments import Experiment
from simulation.opening import NOTHING
from simulation.outcome import outcome
from simulation.replications import Setup, play
from simulation.tables import Kind
from tests.casework import a_case
from tests.towns import NOON, incident, nine_cells


def ordinary() -> str:
    """A matter for the whole procedure that both towns have somebody for."""
    demand, matters = nine_cells().demand, nine_cells().rulebook.matters
    usual = (code for code, simple in zip(demand.matters, demand.simple, strict=True) if not simple)
    return next(code for code in usual if matters[code].field == "city")


@pytest.fixture(scope="module")
def book() -> Casebook:
    """Seven incidents and three cases, each of another kind."""
    casebook = open_casebook("sqlite://")
    code, steps = ordinary(), [step.name for step in nine_cells().rules.procedures.of(a_case().procedure)]
    case = a_case(matter=code, town="990100002")
    half = tuple(Stamp(name, NOON, "test") for name in steps[: len(steps) // 2])
    with casebook.writing() as page:
        actor = Actor("test", NOON, "add")
        incidents = [
            incident(id="waits"),
            incident(id="unsaid", matter=""),
            incident(id="on_scene", status=Status.ON_SCENE, matter=code),
            incident(id="handled", status=Status.HANDLED),
            incident(id="elsewhere", status=Status.TRANSFERRED),
            incident(id="outside", cell="", town=""),
            incident(id="has_case", status=Status.HANDLED, matter=code, cell="990100001002002"),
        ]
        page.add(actor, incidents)
        page.add_case(actor, replace(case, id="C1", incident="has_case", stamps=half))
        page.add_case(actor, replace(case, id="C2", incident="long closed"))
        page.add_case(actor, replace(case, id="C3", incident="", closed_at=NOON))
    return casebook


@pytest.fixture(scope="module")
def open_now(book) -> Backlog:
    return backlog(book, nine_cells(), NOON)


@pytest.fixture(scope="module")
def begun(open_now) -> Setup:
    plan = setup_of(nine_cells(), HERE / "nine_cells" / "plan.toml")
    return tonight(open_now, nine_cells(), plan, days=21)


def test_every_open_thing_is_taken_once_or_left_out_with_its_reason(open_now):
    assert len(open_now) == 5  # waits, unsaid, on_scene, C1 for has_case, C2
    left_out = {reason.code: reason.values["count"] for reason in open_now.left_out}
    assert left_out == {"left_nothing_to_do": 1, "left_transferred": 1, "left_outside": 1}


def test_it_begins_now_and_nothing_is_known_before(begun):
    """At noon: who comes on duty in the evening is there this evening, not after the next midnight."""
    assert begun.begin == NOON - timedelta(hours=12)
    assert begun.warm_up_s == timedelta(hours=12).total_seconds()
    assert begun.weeks == pytest.approx(20.5 / 7)
    played = play(begun, 0, 1)
    known = np.minimum(played.work.told_s, played.work.pass_s)
    assert known.min() == begun.warm_up_s
    assert (known[: len(begun.opening)] == begun.warm_up_s).all()
    assert played.diary.t[played.diary.event == Event.SENT].min() >= begun.warm_up_s
    assert outcome(begun, 0, 1).told[""]["incidents"] >= len(begun.opening)


def test_a_backlog_that_goes_to_what_is_usual_is_not_called_saturated(begun):
    """From five open things to a usual day's work is growth, and says nothing of what the plan can do."""
    made = Experiment(
        begun, 1, tuple(outcome(begun, number, 1) for number in range(3)), Reason("as_many_as_asked", None)
    )
    assert made.estimates[""]["backlog_growth_a_week"].mean > 0
    assert made.warnings == ()
    assert replace(made, setup=replace(begun, opening=NOTHING)).warnings != ()


def test_who_has_been_there_does_not_go_again_and_half_a_case_is_half_the_steps(begun):
    work = play(begun, 0, 1).work
    kinds = [work.kind[work.step_start[row] : work.step_start[row + 1]] for row in range(len(begun.opening))]
    order = np.argsort([-1.0 if np.isnan(done) else done for done in begun.opening.done])
    scene = [bool((kind == Kind.SCENE).any()) for kind in kinds]
    steps = [int(np.isin(kind, (Kind.STEP, Kind.REVIEW)).sum()) for kind in kinds]
    done = begun.opening.done
    assert [scene[row] for row in range(len(begun.opening))] == np.isnan(done).tolist()
    half = int(np.flatnonzero(done == 0.5)[0])
    whole = int(np.flatnonzero(done == 0.0)[0])
    assert steps[half] == pytest.approx(steps[whole] / 2, abs=1)
    assert order[-1] == half


def test_both_engines_and_every_replication_begin_with_the_same_backlog(begun):
    readable, compiled = (play(begun, 0, 1, engine) for engine in ("simpy", "fast"))
    assert readable.diary.same_as(compiled.diary)
    other = play(begun, 1, 1)
    known = [(played.work.told_s == begun.warm_up_s).sum() for played in (compiled, other)]
    assert known == [len(begun.opening)] * 2


def test_an_empty_book_begins_with_nothing_and_a_full_one_with_more_work(begun):
    with open_casebook("sqlite://") as empty:
        nothing = backlog(empty, nine_cells(), NOON)
    assert (len(nothing), nothing.left_out) == (0, ())
    none = tonight(nothing, nine_cells(), begun, days=21)
    opened = [outcome(one, 0, 1).open_by_day[0] for one in (none, begun)]
    assert opened[0] < opened[1]
