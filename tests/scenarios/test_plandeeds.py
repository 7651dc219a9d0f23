"""Editing plans is a deed as any other: the right is asked where it is done, and the ledger says who did what."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from dispatch.desk.door import Door
from dispatch.desk.refusals import Refused, Stale
from dispatch.desk.rights import PeopleRights
from dispatch.records.person import Job, Person, Post
from dispatch.store import people
from dispatch.store.casebook import Casebook, open_casebook
from dispatch.store.ledger import Kind
from dispatch.store.writing import Actor
from gis.schemas import BadInput
from scenarios.conditions import Conditions
from scenarios.historykeeping import HistoryShelf
from scenarios.plandeeds import PlanDeeds
from scenarios.plankeeping import PlanShelf
from scenarios.runkeeping import Run
from simulation.sheets import plan_of
from tests.simulation.histories import MONDAY, known, lived
from tests.towns import NOON, nine_cells

DAY = NOON.date()


@pytest.fixture
def book() -> Iterator[Casebook]:
    with open_casebook("sqlite://") as casebook:
        with casebook.writing() as page:
            for name, job, area in (
                ("anna", Job.PLANNER, "990100"),
                ("ben", Job.PLANNER, "990100001"),
                ("carl", Job.SUPERVISOR, "990100"),
            ):
                people.add_person(page, Actor("test", NOON, "person_add"), Person(name, name, (Post(job, area),)))
        yield casebook


@pytest.fixture
def deeds(book: Casebook, tmp_path: Path) -> PlanDeeds:
    return PlanDeeds(Door(book, lambda: NOON, PeopleRights("990100")), PlanShelf(tmp_path / "plans"))


def test_every_deed_on_a_plan_stands_in_the_ledger_with_its_hashes(deeds, book):
    name = deeds.start("anna", nine_cells(), DAY, "甲", "A")
    opened = deeds.shelf.sheets(name)
    changed = opened.with_value("absent", 0.2)
    kept = deeds.save("anna", name, opened, changed)
    copy = deeds.copy("anna", name, "乙", "B")
    deeds.remove("anna", name)
    told = [(one.deed, one.version_before, one.version_after) for one in book.history(Kind.PLAN, name)]
    assert told == [("staff_start", 0, 1), ("staff_save", 1, 2), ("staff_remove", 2, 3)]
    saved = book.history(Kind.PLAN, name)[1].details
    assert (saved["was"], saved["set"]) == (plan_of(opened).hash, plan_of(kept).hash)
    assert [one.details["source"] for one in book.history(Kind.PLAN, copy)] == [name]
    assert book.verify().whole


@pytest.mark.parametrize("who", ["ben", "carl", "nobody"])
def test_who_may_not_plan_is_refused_by_the_deed_itself(deeds, book, who):
    """Whatever a screen has shown: a town's planner would move officers out of other towns."""
    name = deeds.start("anna", nine_cells(), DAY, "甲", "A")
    opened = deeds.shelf.sheets(name)
    with pytest.raises(Refused):
        deeds.save(who, name, opened, opened.with_value("absent", 0.3))
    with pytest.raises(Refused):
        deeds.remove(who, name)
    with pytest.raises(Refused):
        deeds.start(who, nine_cells(), DAY, "乙", "B")
    assert deeds.shelf.names() == [name]
    assert deeds.shelf.sheets(name) == opened
    refused = [(one.actor, one.deed) for one in book.history(Kind.PLAN, name) if one.refused]
    assert refused == [(who, "refused:staff_save"), (who, "refused:staff_remove")]


def test_who_comes_second_is_told_who_was_first(deeds):
    name = deeds.start("anna", nine_cells(), DAY, "甲", "A")
    opened = deeds.shelf.sheets(name)
    theirs = deeds.save("anna", name, opened, opened.with_value("absent", 0.1))
    with pytest.raises(Stale) as refused:
        deeds.save("anna", name, opened, opened.with_value("absent", 0.2))
    assert refused.value.by is not None
    assert refused.value.by.deed == "staff_save"
    assert deeds.shelf.sheets(name) == theirs


def test_what_is_no_plan_is_refused_and_that_stands_there_too(deeds, book):
    name = deeds.start("anna", nine_cells(), DAY, "甲", "A")
    opened = deeds.shelf.sheets(name)
    with pytest.raises(BadInput):
        deeds.save("anna", name, opened, opened.with_value("days", "never"))
    assert book.history(Kind.PLAN, name)[-1].deed == "refused:staff_save"
    assert deeds.shelf.sheets(name) == opened


def test_tickets_are_taken_in_by_planners_and_that_stands_there(deeds, book, tmp_path):
    history = lived(known().draw(MONDAY, MONDAY + timedelta(weeks=2), 1, 0), MONDAY + timedelta(weeks=2))
    shelf = HistoryShelf(tmp_path / "histories")
    with pytest.raises(Refused):
        deeds.take_in("carl", shelf, history, "tickets.csv")
    assert shelf.histories() == []
    kept = deeds.take_in("anna", shelf, history, "tickets.csv")
    entry = book.history(Kind.PLAN, "histories")[-1]
    assert (entry.actor, entry.details["set"], entry.details["tickets"]) == ("anna", kept.id, len(history))
    assert shelf.histories() == [kept]
    assert shelf.source("gone") == "gone"


def test_a_history_is_deleted_by_who_plans_and_not_while_runs_have_met_it(deeds, book, tmp_path):
    """A wrong file taken in is gone again; what was found with a right one can be found out once more."""
    shelf = HistoryShelf(tmp_path / "histories")
    history = lived(known().draw(MONDAY, MONDAY + timedelta(weeks=2), 1, 0), MONDAY + timedelta(weeks=2))
    kept = deeds.take_in("anna", shelf, history, "tickets.csv")
    run = Run(tmp_path / "run", None, "", 1, "", Conditions(history=kept.id))  # type: ignore[arg-type]
    with pytest.raises(Refused, match="not_your_job"):
        deeds.put_away("carl", shelf, kept.id, [])
    with pytest.raises(Refused, match="history_in_use"):
        deeds.put_away("anna", shelf, kept.id, [run])
    assert [one.id for one in shelf.histories()] == [kept.id]
    deeds.put_away("anna", shelf, kept.id, [replace(run, conditions=Conditions())])
    assert shelf.histories() == []
    assert book.history(Kind.PLAN, "histories")[-1].details["was"] == kept.id
    with pytest.raises(BadInput, match="no history"):
        deeds.put_away("anna", shelf, kept.id, [])
    assert book.verify().whole


def test_who_had_what_played_stands_in_the_ledger(deeds, book):
    """A figure that goes round is traced to who asked for it; who only dispatches asks for none."""
    deeds.play("ben", "play", plans=["abc"], seed=7)
    deeds.play("carl", "search", plans=["abc"], seed=7, cap=40)
    entries = book.history(Kind.PLAN, "runs")
    assert [(one.actor, one.details["work"], one.details["seed"]) for one in entries] == [
        ("ben", "play", 7),
        ("carl", "search", 7),
    ]
    with pytest.raises(Refused, match="not_known"):
        deeds.play("nobody", "play", plans=["abc"], seed=7)
