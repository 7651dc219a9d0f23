"""One thing for the citizen, a task for each department: sent out together, closed only when all are done."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatch.desk.incidents import Desk
from dispatch.desk.parts import body_of
from dispatch.desk.refusals import Refused, Stale
from dispatch.desk.tasks import Tasks
from dispatch.desk.voices import Voices
from dispatch.records.incident import Status, WrongStep
from dispatch.records.task import TaskStatus
from dispatch.rulebook.calendar import Calendar
from dispatch.rulebook.onething import Part, read_parts
from dispatch.rulebook.powers import Body
from dispatch.rulebook.terms import Term, Unit
from dispatch.store.ledger import Kind
from gis.schemas import BadInput
from tests.books import empty_book
from tests.dispatch.conftest import CELLS, EAST, FUMES, NOW, STALL, TwoCells, four_teams, rulebook

DAY = Term(1, Unit.URGENT_HOURS)
PARTS = {
    STALL: (
        Part(STALL, 1, "enforcement", "现场处置", "Act on the spot", True, DAY),
        Part(STALL, 2, "market", "核查证照", "Check the licence", False, Term(2, Unit.URGENT_HOURS)),
    )
}


@pytest.fixture
def desk():
    with empty_book() as book:
        opened = Desk(book, rulebook(), TwoCells(), CELLS, lambda: NOW, parts=PARTS)
        opened.set_roster("test", four_teams())
        yield opened


@pytest.fixture
def tasks(desk):
    return Tasks(desk, desk.rulebook.bodies, Calendar({}), ("enforcement", "market", "health"))


def handled(desk):
    new = desk.report("li", "x", lon=121.6, lat=29.9, matter=STALL)
    desk.assign("li", new.id, "e1", 1)
    desk.accept("e1", new.id, 2)
    desk.arrive("e1", new.id, 3)
    return desk.handle("e1", new.id, 4, "done").incident


def test_a_matter_of_several_departments_sends_each_its_task(desk):
    """The citizen tells it once; the desk does not ring round."""
    new = desk.report("li", "x", lon=121.6, lat=29.9, matter=STALL)
    sent = desk.casebook.tasks(new.id)
    assert [(task.id, task.department, task.lead) for task in sent] == [
        (f"{new.id}.1", "enforcement", True),
        (f"{new.id}.2", "market", False),
    ]
    assert [task.due_at - NOW for task in sent] == [timedelta(hours=1), timedelta(hours=2)]


def test_it_is_not_verified_while_a_department_is_still_at_it(desk, tasks):
    """The lead answers for the whole, not for its own part."""
    done = handled(desk)
    with pytest.raises(Refused) as refused:
        desk.verify("li", done.id, done.version, passed=True, how="seen")
    assert refused.value.reasons[0].code == "tasks_open"
    for task in desk.casebook.tasks(done.id):
        accepted = tasks.accept(task.department, task.id, task.version)
        tasks.finish(task.department, task.id, accepted.version, "in order")
    assert desk.verify("li", done.id, done.version, passed=True, how="seen").status is Status.VERIFIED


def test_another_matter_withdraws_the_tasks_of_the_first(desk):
    """A department must not work on what turned out to be something else."""
    new = desk.report("li", "x", lon=121.6, lat=29.9, matter=STALL)
    desk.classify("li", new.id, 1, FUMES)
    assert {task.status for task in desk.casebook.tasks(new.id)} == {TaskStatus.WITHDRAWN}


def test_a_task_sent_back_says_why_and_goes_to_another(desk, tasks):
    """Whoever sends it on decides; whoever sends it back names the clause."""
    new = desk.report("li", "x", lon=121.6, lat=29.9, matter=STALL)
    task = desk.casebook.tasks(new.id)[1]
    with pytest.raises(Refused, match="needs_words"):
        tasks.give_back("market", task.id, 1, "  ")
    back = tasks.give_back("market", task.id, 1, "《无证无照经营查处办法》第二条")
    with pytest.raises(Refused, match="same_department"):
        tasks.send_again("li", task.id, back.version, "enforcement", DAY)
    with pytest.raises(Refused, match="unknown_department"):
        tasks.send_again("li", task.id, back.version, "no-such", DAY)
    again = tasks.send_again("li", task.id, back.version, "health", DAY)
    assert (again.department, again.status, again.said) == ("health", TaskStatus.SENT, "")
    assert [entry.deed for entry in desk.casebook.history(Kind.TASK, task.id)] == [
        "report",
        "refused:task_return",
        "task_return",
        "refused:task_send",
        "refused:task_send",
        "task_send",
    ]


def test_a_task_seen_on_an_old_screen_is_refused(desk, tasks):
    """Two people of one department look at the same list."""
    new = desk.report("li", "x", lon=121.6, lat=29.9, matter=STALL)
    task = desk.casebook.tasks(new.id)[0]
    tasks.accept("a", task.id, 1)
    with pytest.raises(Stale):
        tasks.accept("b", task.id, 1)
    with pytest.raises(WrongStep):
        tasks.accept("b", task.id, 2)


def test_a_task_finds_the_towns_own_body_before_the_districts():
    """The station in the town is nearer than the bureau."""
    bodies = {
        "B": Body("B", "局", "bureau", EAST[:6], "market"),
        "S": Body("S", "所", "station", EAST, "market"),
    }
    assert body_of("market", EAST, bodies) == "S"
    assert body_of("market", "330203002", bodies) == "B"
    assert body_of("fire", EAST, bodies) == ""


def test_a_matter_without_one_lead_is_bad_input(tmp_path):
    """Two leads are none."""
    path = tmp_path / "tasks.csv"
    path.write_text(
        "matter,order,department,task_zh,task_en,lead,limit,limit_unit\n"
        f"{STALL},1,enforcement,处置,act,yes,1,urgent_hours\n",
        encoding="utf-8",
    )
    with pytest.raises(BadInput, match="kind one_thing"):
        read_parts(path, rulebook().matters)


def test_a_voice_and_what_is_passed_on_ask_nobody_any_more(desk):
    """Two departments would otherwise work on an incident that has left the queue."""
    first = desk.report("li", "x", lon=121.6, lat=29.9, matter=STALL)
    second = desk.report("li", "x", lon=121.6, lat=29.9, matter=STALL)
    Voices(desk.casebook, lambda: NOW).merge("li", second.id, 1, first.id, 1)
    assert {task.status for task in desk.casebook.tasks(second.id)} == {TaskStatus.WITHDRAWN}
    assert {task.status for task in desk.casebook.tasks(first.id)} == {TaskStatus.SENT}
    outside = desk.report("li", "x", lon=125.0, lat=29.9, matter=STALL)
    desk.pass_on("li", outside.id, 1, "the next district", "not ours")
    assert {task.status for task in desk.casebook.tasks(outside.id)} == {TaskStatus.WITHDRAWN}


def test_the_same_matter_said_once_more_asks_nobody_twice(desk, tasks):
    """Whoever presses the button again must not undo what a department has done meanwhile."""
    new = desk.report("li", "x", lon=121.6, lat=29.9, matter=STALL)
    lead, other = desk.casebook.tasks(new.id)
    tasks.finish("a", lead.id, tasks.accept("a", lead.id, 1).version, "in order")
    tasks.send_again("li", other.id, tasks.give_back("market", other.id, 1, "《示例》第三条").version, "health", DAY)
    desk.classify("li", new.id, 1, STALL)
    assert [(task.department, task.status) for task in desk.casebook.tasks(new.id)] == [
        ("enforcement", TaskStatus.DONE),
        ("health", TaskStatus.SENT),
    ]


def test_a_matter_that_comes_back_is_asked_for_anew(desk):
    """What was withdrawn for another matter stays withdrawn."""
    new = desk.report("li", "x", lon=121.6, lat=29.9, matter=STALL)
    desk.classify("li", new.id, 1, FUMES)
    desk.classify("li", new.id, 2, STALL)
    assert [task.status for task in desk.casebook.tasks(new.id)] == [TaskStatus.WITHDRAWN] * 2 + [TaskStatus.SENT] * 2


def test_what_is_reopened_is_asked_of_every_department_anew(desk, tasks):
    """What they reported the first time did not last; it may not be verified by it."""
    done = handled(desk)
    for task in desk.casebook.tasks(done.id):
        tasks.finish("a", task.id, tasks.accept("a", task.id, task.version).version, "in order")
    seen = desk.verify("li", done.id, done.version, passed=True, how="seen")
    closed = desk.close("li", done.id, seen.version)
    again = desk.reopen("li", done.id, closed.version, "the stall is back")
    assert [task.status for task in desk.casebook.tasks(done.id)] == [TaskStatus.DONE] * 2 + [TaskStatus.SENT] * 2
    desk.classify("li", done.id, again.version, STALL)
    assert len(desk.casebook.tasks(done.id)) == 4


@pytest.mark.parametrize("words", ["a\0b", "\ud800"])
def test_words_that_cannot_be_kept_are_bad_input_and_leave_an_entry(desk, tasks, words):
    """A form filled in by a broken program must not end in a broken screen, nor unseen."""
    new = desk.report("li", "x", lon=121.6, lat=29.9, matter=STALL)
    task = desk.casebook.tasks(new.id)[1]
    with pytest.raises(BadInput, match="half a character"):
        tasks.give_back("market", task.id, 1, words)
    assert desk.casebook.tasks(new.id)[1] == task
    assert desk.casebook.history(Kind.TASK, task.id)[-1].deed == "refused:task_return"
    assert desk.casebook.verify().whole
