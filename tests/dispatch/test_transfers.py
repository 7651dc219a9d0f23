"""Handing over: the package, the receipt, the way back, and the clock that follows the incident."""

from __future__ import annotations

import json
from datetime import timedelta
from hashlib import sha256
from math import nan

import pytest

from dispatch.desk.clocks import dispatching, handling
from dispatch.records.evidence import Evidence
from dispatch.records.incident import Status, WrongStep
from dispatch.records.task import TaskKind, TaskStatus
from dispatch.rulebook.calendar import CHINA
from dispatch.store import between
from dispatch.store.ledger import Kind
from dispatch.store.writing import Actor
from tests.between import CLAUSE, DAY, DISTRICT, JIA, VENDOR, YI, Command, why
from ui.services.board import board_of


@pytest.fixture
def command(casebook):
    return Command(casebook)


def clock(command, incident_id):
    incident = command.book.incident(incident_id)
    matter = command.place.rulebook.matters[VENDOR]
    return handling(
        incident, command.book.history(Kind.INCIDENT, incident_id), matter, command.place.rules.calendar, command.now
    )


def test_what_is_handed_over_waits_for_no_team_and_is_with_one_body(command):
    """The dispatcher's queue holds what is the dispatcher's."""
    task = command.handed()
    there = command.incident(task)
    assert there.status is Status.TRANSFERRED
    board = board_of(1, there.due_at + timedelta(hours=1), [there], [])
    assert board.waiting() == []
    assert (board.figures.waiting, board.figures.overdue) == (0, 0)
    assert (task.kind, task.department, task.body, task.asked_by) == (TaskKind.TRANSFER, "planning", "NAT", JIA)
    with pytest.raises(WrongStep):
        command.desk.assign("li", there.id, "T1", there.version)


def test_the_receipt_has_a_clock_of_a_working_day(command):
    """Handed over on Wednesday noon, received at the latest when Thursday ends."""
    task = command.handed()
    assert task.answer_by_at.astimezone(CHINA).isoformat()[:16] == "2026-04-17T00:00"
    assert command.tasks.accept("planning", task.id, 1).status is TaskStatus.ACCEPTED


def test_the_package_holds_facts_story_and_the_fingerprints_of_the_evidence(command):
    """The receiver need not ask again; whom to call back stays with the desk that will call."""
    new = command.heard(caller="13800001234", address="中山路 8 号")
    data = b"a picture"
    picture = Evidence(
        f"{new.id}-E1", new.id, command.now, "T1", nan, nan, nan, "a.jpg", "image/jpeg", 9, sha256(data).hexdigest()
    )
    with command.book.writing() as page:
        between.add_evidence(page, Actor("T1", command.now, "evidence"), picture, data)
    sent = command.transfers.transfer_out("li", new.id, 1, "planning", "属规划事项", CLAUSE)
    told = json.loads(sent.task.package)
    assert told["incident"]["address"] == "中山路 8 号"
    assert told["evidence"][0]["sha256"] == picture.sha256
    assert told["sent"]["from"] == JIA
    assert (told["sent"]["by"], told["sent"]["why"], told["sent"]["basis"]) == ("li", "属规划事项", CLAUSE)
    assert [each["deed"] for each in told["story"]] == ["report"]
    assert "13800001234" not in sent.task.package
    assert command.book.history(Kind.TASK, sent.task.id)[0].details["set"]["package"] == sent.task.package


def test_a_transfer_nobody_could_take_is_refused(command):
    new = command.heard()
    out = command.transfers.transfer_out
    assert why(lambda: out("li", new.id, 1, "planning", "x", "not ours")) == ["needs_clause"]
    assert why(lambda: out("li", new.id, 1, "planning", " ", CLAUSE)) == ["needs_words"]
    assert why(lambda: out("li", new.id, 1, "no-such", "x", CLAUSE)) == ["no_body_here"]
    command.whistles.blow("li", new.id, 1, [command.call("planning")], "x")
    assert why(lambda: out("li", new.id, 2, "planning", "x", CLAUSE)) == ["same_department"]
    with pytest.raises(ValueError, match="lies in town"):
        out("li", new.id, 2, "housing", "x", CLAUSE, asked_by=YI)
    assert command.book.incident(new.id).status is Status.REPORTED


def test_done_by_the_other_body_it_is_looked_at_here(command):
    """Who handed it over still answers to the caller."""
    task = command.handed()
    accepted = command.tasks.accept("planning", task.id, 1)
    command.tasks.finish("planning", task.id, accepted.version, "已依法处理")
    handled = command.incident(task)
    assert handled.status is Status.HANDLED
    seen = command.desk.verify("li", handled.id, handled.version, passed=True, how="照片")
    assert command.desk.close("li", handled.id, seen.version).status is Status.CLOSED


def test_sent_back_it_waits_here_and_the_clocks_say_so(command):
    """The clock from report to handled stands, the dispatch clock starts."""
    task = command.handed()
    command.later(10)
    back = command.tasks.give_back("planning", task.id, 1, CLAUSE)
    incident = command.incident(task)
    history = command.book.history(Kind.INCIDENT, incident.id)
    assert incident.status is Status.REPORTED
    assert clock(command, incident.id).paused_since == command.now
    due = dispatching(incident, history, command.place.rules.calendar, command.now).due_at
    assert due == command.now + timedelta(minutes=15)
    command.later(60)
    command.tasks.send_again("li", task.id, back.version, "planning", DAY)
    same = clock(command, incident.id)
    assert same.paused_since is None
    assert same.started == incident.reported_at
    assert command.incident(task).status is Status.TRANSFERRED


def test_sent_on_to_another_body_the_clock_starts_anew(command):
    """The second body is not punctual at the cost of the first."""
    task = command.handed()
    command.later(10)
    back = command.tasks.give_back("planning", task.id, 1, CLAUSE)
    command.later(60)
    command.tasks.send_again("li", task.id, back.version, "housing", DAY)
    assert clock(command, task.incident).started == command.now


def test_taken_back_before_it_was_sent_back_the_clock_runs_on(command):
    task = command.handed()
    command.later(10)
    command.tasks.withdraw("li", task.id, 1, "本镇自办")
    assert command.incident(task).status is Status.REPORTED
    assert clock(command, task.incident).paused_since is None


def test_what_came_back_is_sent_on_or_withdrawn_before_it_is_handed_over_anew(command):
    """Otherwise nobody would ever be at the third return."""
    task = command.handed()
    command.tasks.give_back("planning", task.id, 1, CLAUSE)
    incident = command.incident(task)
    tried = lambda: command.transfers.transfer_out("li", incident.id, incident.version, "housing", "x", CLAUSE)  # noqa: E731
    assert why(tried) == ["transfer_waits"]
    command.tasks.withdraw("li", task.id, 2, "改办")
    assert tried().incident.status is Status.TRANSFERRED


def test_a_team_sent_meanwhile_must_come_back_before_it_is_handed_over_again(command):
    task = command.handed()
    back = command.tasks.give_back("planning", task.id, 1, CLAUSE)
    incident = command.incident(task)
    command.desk.assign("li", incident.id, "T1", incident.version)
    with pytest.raises(WrongStep, match="transferred only while it is reported"):
        command.tasks.send_again("li", task.id, back.version, "housing", DAY)
    assert command.task(task) == back


def test_what_the_district_handed_over_is_asked_by_the_district(command):
    new = command.heard()
    sent = command.transfers.transfer_out("li", new.id, 1, "planning", "x", CLAUSE, asked_by=DISTRICT)
    assert sent.task.asked_by == DISTRICT
