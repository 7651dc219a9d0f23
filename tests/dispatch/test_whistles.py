"""The whistle: whom a town can call, and what those owe it who are called."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import timedelta

import pytest

from dispatch.desk.refusals import Stale
from dispatch.desk.tasks import ANSWER_WITHIN
from dispatch.oversight import bundled
from dispatch.oversight.indicators import About
from dispatch.oversight.matrix import COUNTS, reporting_in
from dispatch.records.incident import Status, WrongStep
from dispatch.records.task import TaskKind, TaskStatus
from dispatch.store.ledger import Kind
from tests.between import CLAUSE, DAY, JIA, MINUTE, Command, why


@pytest.fixture
def command(casebook):
    return Command(casebook)


def test_a_whistle_asks_every_department_with_a_clock_to_answer_and_one_to_be_there(command):
    """One deed calls all; the first one called leads when the town names no other."""
    fire, traffic = command.whistled("fire", "traffic")
    assert (fire.kind, fire.body, fire.asked_by) == (TaskKind.WHISTLE, "FIRE", JIA)
    assert (fire.lead, traffic.lead) == (True, False)
    assert fire.answer_by_at == command.now + ANSWER_WITHIN
    assert fire.arrive_by_at == command.now + 30 * MINUTE
    assert command.incident(fire).version == 2
    assert command.book.tasks(fire.incident) == [fire, traffic]


def test_who_is_to_be_there_in_five_minutes_has_five_to_answer(command):
    """An answer after the time to arrive would be none."""
    (fire,) = command.whistled("fire", minutes=5)
    assert fire.answer_by_at == fire.arrive_by_at


@pytest.mark.parametrize(
    ("calls", "codes"),
    [
        ([], ["nobody_asked"]),
        ([("no-such", 30, False)], ["no_body_here"]),
        ([("fire", 30, False), ("fire", 40, False)], ["same_department"]),
        ([("fire", 0, False)], ["arrive_by_past"]),
        ([("fire", 30, True), ("traffic", 30, True)], ["two_leads"]),
        ([("no-such", 0, True), ("fire", 30, True)], ["no_body_here", "arrive_by_past", "two_leads"]),
    ],
)
def test_a_whistle_nobody_could_follow_is_refused_with_everything_that_is_wrong(command, calls, codes):
    """Whoever blows it in a hurry mends all of it at once; nothing was changed and the ledger says who tried."""
    new = command.heard()
    asked = [command.call(department, minutes, lead=lead) for department, minutes, lead in calls]
    assert why(lambda: command.whistles.blow("li", new.id, 1, asked, "x")) == codes
    assert command.book.tasks(new.id) == []
    assert command.book.incident(new.id) == new
    assert command.book.history(Kind.INCIDENT, new.id)[-1].deed == "refused:whistle"


def test_who_is_asked_already_is_not_called_a_second_time(command):
    (fire,) = command.whistled("fire")
    again = [command.call("fire"), command.call("traffic", lead=True)]
    tried = lambda: command.whistles.blow("li", fire.incident, 2, again, "x")  # noqa: E731
    assert why(tried) == ["same_department", "two_leads"]
    with pytest.raises(Stale):
        command.whistles.blow("li", fire.incident, 1, [command.call("traffic")], "x")


def test_nobody_is_called_to_what_is_closed(command):
    outside = command.desk.report("li", "x", lon=125.0, lat=29.9, matter="C08-01")
    closed = command.desk.pass_on("li", outside.id, 1, "the next district", "not ours")
    with pytest.raises(WrongStep, match="closed"):
        command.whistles.blow("li", closed.id, closed.version, [command.call("fire")], "x")


def test_who_is_called_after_somebody_looked_is_waited_for(command):
    """A closed incident with a task that still runs would be told upwards as late for ever."""
    new = command.heard()
    command.desk.assign("li", new.id, "T1", 1)
    command.desk.accept("T1", new.id, 2)
    command.desk.arrive("T1", new.id, 3)
    command.desk.handle("T1", new.id, 4, "done")
    seen = command.desk.verify("li", new.id, 5, passed=True, how="seen")
    blown = command.whistles.blow("li", new.id, seen.version, [command.call("fire")], "smoke again")
    (fire,) = blown.tasks
    assert why(lambda: command.desk.close("li", new.id, blown.incident.version)) == ["tasks_open"]
    accepted = command.tasks.accept("fire", fire.id, fire.version)
    there = command.tasks.arrive("fire", fire.id, accepted.version)
    command.tasks.finish("fire", fire.id, there.version, "nothing burns")
    assert command.desk.close("li", new.id, blown.incident.version).status is Status.CLOSED


def test_accepted_with_a_promise_arrived_and_done(command):
    """Whistle, time of arrival, arrival, done: each is a deed of its own."""
    (fire,) = command.whistled("fire")
    assert why(lambda: command.tasks.accept("fire", fire.id, 1, command.now - MINUTE)) == ["arrive_by_past"]
    promised = command.later(2) + 10 * MINUTE
    accepted = command.tasks.accept("fire", fire.id, 1, promised)
    assert accepted.waits_until() == promised
    with pytest.raises(WrongStep, match="while it is arrived"):
        command.tasks.finish("fire", fire.id, 2, "seen from afar")
    there = command.tasks.arrive("fire", fire.id, 2, now=command.later(5))
    assert there.arrived_at == command.now
    done = command.tasks.finish("fire", fire.id, 3, "楼道已清理")
    assert (done.status, done.version) == (TaskStatus.DONE, 4)


def test_a_part_of_a_matter_has_no_arrival(command):
    lanes = command.heard("Y01")
    part = command.book.tasks(lanes.id)[0]
    accepted = command.tasks.accept("x", part.id, 1)
    with pytest.raises(WrongStep, match="only a whistle has an arrival"):
        command.tasks.arrive("x", part.id, accepted.version)


def test_who_called_can_call_off(command):
    (fire,) = command.whistled("fire")
    assert why(lambda: command.tasks.withdraw("li", fire.id, 1, " ")) == ["needs_words"]
    assert command.tasks.withdraw("li", fire.id, 1, "已散去").status is TaskStatus.WITHDRAWN


def test_another_matter_leaves_the_whistle_standing(command):
    """The matter's parts go with the matter; those called to the spot are still needed there."""
    new = command.heard("Y01")
    (called,) = command.whistles.blow("li", new.id, 1, [command.call("water")], "x").tasks
    command.desk.classify("li", new.id, 2, "C08-01")
    standing = {task.id: task.status for task in command.book.tasks(new.id)}
    assert standing.pop(called.id) is TaskStatus.SENT
    assert set(standing.values()) == {TaskStatus.WITHDRAWN}


@pytest.mark.parametrize("words", ["不归我们管", "not ours", "第三次了", "C08", "《》"])
def test_a_return_without_a_clause_is_refused(command, words):
    """A dispatcher cannot look up an opinion."""
    (fire,) = command.whistled("fire")
    assert why(lambda: command.tasks.give_back("fire", fire.id, 1, words)) == ["needs_clause"]
    assert command.task(fire) == fire


@pytest.mark.parametrize(
    "words", ["《消防法》", "依第十二条属交警", "权责清单第37项", "see article 18", "C08-01", "清单 12"]
)
def test_a_return_with_something_to_look_up_is_taken(command, words):
    (fire,) = command.whistled("fire")
    back = command.tasks.give_back("fire", fire.id, 1, words)
    assert (back.status, back.clause, back.returned_by) == (TaskStatus.RETURNED, words, ("fire",))


def test_a_whistle_sent_on_needs_a_promise_and_a_body(command):
    (fire,) = command.whistled("fire")
    back = command.tasks.give_back("fire", fire.id, 1, CLAUSE)
    assert why(lambda: command.tasks.send_again("li", fire.id, back.version, "no-such", DAY)) == ["unknown_department"]
    again = command.tasks.send_again("li", fire.id, back.version, "traffic", DAY)
    assert again.answer_by_at == command.now + ANSWER_WITHIN
    assert why(lambda: command.tasks.accept("traffic", fire.id, again.version)) == ["needs_arrival"]
    assert command.tasks.accept("traffic", fire.id, again.version, command.now + MINUTE).status is TaskStatus.ACCEPTED


def test_the_matrix_counts_promises_kept_for_both_sides(command):
    """A later promise does not make it punctual: what the town asked for first is counted beside it."""
    fire, traffic = command.whistled("fire", "traffic")
    command.later(20)
    command.clock.escalate()
    command.tasks.accept("fire", fire.id, command.task(fire).version, command.now + 60 * MINUTE)
    command.tasks.give_back("traffic", traffic.id, command.task(traffic).version, CLAUSE)
    command.later(30)
    there = command.tasks.arrive("fire", fire.id, command.task(fire).version)
    command.tasks.finish("fire", fire.id, there.version, "ok")
    entries = command.book.histories({Kind.TASK: [fire.id, traffic.id]})
    rows = reporting_in(command.book.tasks(), entries)
    assert [(row.town, row.department) for row in rows] == [(JIA, "fire"), (JIA, "traffic")]
    told = rows[0]
    assert (told.asked, told.answered, told.answered_in_time, told.raised) == (1, 1, 0, 1)
    assert (told.arrived, told.arrived_as_asked, told.arrived_as_promised) == (1, 0, 1)
    assert (told.done, told.done_in_time, told.returned) == (1, 1, 0)
    assert (rows[1].answered, rows[1].returned, rows[1].done) == (1, 1, 0)
    assert reporting_in([], []) == []


def test_a_town_and_its_department_share_the_mark_of_what_was_asked(command):
    """The department came late, so its town is marked for it too; who was not asked shares nothing."""
    fire, traffic = command.whistled("fire", "traffic")
    command.later(20)
    command.tasks.accept("fire", fire.id, command.task(fire).version, command.now + 60 * MINUTE)
    command.tasks.give_back("traffic", traffic.id, command.task(traffic).version, CLAUSE)
    rows = reporting_in(command.book.tasks(), command.book.histories({Kind.TASK: [fire.id, traffic.id]}))
    weights = {(About.PAIR, "answered_in_time"): 3, (About.PAIR, "raised"): 1}
    assert [bundled.of_pair(row, weights) for row in rows] == [25.0, 25.0]
    assert bundled.departments(rows, weights) == [("fire", 1, 25.0), ("traffic", 1, 25.0)]
    assert bundled.towns(rows, weights) == [(JIA, 2, 25.0)]
    nobody = replace(rows[0], town="", asked=0, answered=0, raised=0)
    (alone,) = bundled.departments([nobody], weights)
    assert (alone.asked, math.isnan(alone.mark)) == (0, True)
    assert bundled.towns([nobody], weights) == []


def test_the_matrix_can_tell_whether_it_must_count_anew(command):
    """All that was ever asked is a lot to read every three seconds; a position report of a team changes none of it."""
    seen = [command.book.tasks_revision()]
    (fire,) = command.whistled("fire")
    seen.append(command.book.tasks_revision())
    command.desk.positions(["T1"], [121.5], [29.8])
    assert command.book.tasks_revision() == seen[-1]
    command.tasks.accept("fire", fire.id, fire.version)
    seen.append(command.book.tasks_revision())
    command.later(60)
    command.clock.escalate()
    seen.append(command.book.tasks_revision())
    assert len(set(seen)) == 4


def test_no_amount_reaches_the_matrix():
    """Article 74: fines are not linked to any assessment."""
    assert not [name for name in COUNTS if any(word in name for word in ("yuan", "fine", "amount", "paid"))]


def test_a_day_without_an_answer_is_one_word_to_each_level(command):
    """Town asks, district is told, then the city; after that everybody knows."""
    (fire,) = command.whistled("fire")
    assert command.clock.escalate(command.now + ANSWER_WITHIN).tasks == ()
    start, told = command.now, []
    for minutes in range(0, 24 * 60, 10):
        command.now = start + timedelta(minutes=minutes)
        told += [(minutes, each.raised) for each in command.clock.escalate().tasks]
        entries = len(command.book.entries_since(0))
        assert command.clock.escalate().tasks == ()
        assert len(command.book.entries_since(0)) == entries
    assert told == [(20, 1), (50, 2)]
    raised = [entry for entry in command.book.history(Kind.TASK, fire.id) if entry.deed == "task_raise"]
    assert [(entry.actor, entry.details["to"]) for entry in raised] == [("clock", "990100"), ("clock", "9901")]


def test_a_new_wait_is_told_from_the_first_level_again(command):
    """Answered late is answered; whether somebody comes is another promise."""
    (fire,) = command.whistled("fire")
    command.later(20)
    assert [each.raised for each in command.clock.escalate().tasks] == [1]
    accepted = command.tasks.accept("fire", fire.id, 2, command.now + 5 * MINUTE)
    assert accepted.raised == 0
    assert command.clock.escalate(command.now + 5 * MINUTE).tasks == ()
    assert [each.raised for each in command.clock.escalate(command.now + 6 * MINUTE).tasks] == [1]


def test_a_late_part_of_a_matter_is_told_to_the_town_first(command):
    """Nobody asked but the matter, so the town does not know yet."""
    lanes = command.heard("Y01")
    command.later(60 * 24 * 60)
    first = command.clock.escalate().tasks[0]
    entry = next(e for e in command.book.history(Kind.TASK, first.id) if e.deed == "task_raise")
    assert entry.details["to"] == lanes.town


def test_an_incident_nobody_reached_is_entered_as_overdue_once(command):
    """It stays as it is; a second program that asks at the same moment finds nothing to do."""
    new = command.heard()
    assert command.clock.escalate(new.due_at).overdue == ()
    after = new.due_at + MINUTE
    assert command.clock.escalate(after).overdue == (new.id,)
    assert command.clock.escalate(after).overdue == ()
    other = Command(command.book)
    assert other.clock.escalate(after + MINUTE).overdue == ()
    entry = command.book.history(Kind.INCIDENT, new.id)[-1]
    assert (entry.actor, entry.deed, entry.version_before, entry.version_after) == ("clock", "overdue", 1, 1)
    assert command.book.incident(new.id) == new
    sent = command.desk.assign("li", new.id, "T1", 1)
    with pytest.raises(Stale, match="last deed: assign by li"):
        command.desk.accept("T1", new.id, sent.incident.version + 1)


def test_an_incident_with_a_new_time_to_be_there_can_be_overdue_again(command):
    new = command.heard(matter="")
    late = new.due_at + MINUTE
    assert command.clock.escalate(late).overdue == (new.id,)
    again = command.desk.classify("li", new.id, 1, "C08-01")
    assert again.due_at != new.due_at
    late = max(again.due_at, late) + MINUTE
    assert command.clock.escalate(late).overdue == (new.id,)
