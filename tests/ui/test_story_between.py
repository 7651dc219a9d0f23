"""What bodies did with each other, told as sentences in both languages."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.between import CLAUSE, DISTRICT, Command
from tests.books import empty_book
from tests.ui.test_story import clocks, stages, story_of, told
from ui.services.sentences import _form
from ui.services.story import Stage
from ui.wording import Language, wording


@pytest.fixture
def command():
    with empty_book() as book:
        yield Command(book)


def quarrelled(command):
    """Whistled, handed over, sent back thrice, decided, late, taken back: every deed between bodies once."""
    task = command.handed()
    incident = command.incident(task)
    called = [command.call("fire")]
    (fire,) = command.whistles.blow("li", incident.id, incident.version, called, "现场复杂").tasks
    accepted = command.tasks.accept("fire", fire.id, 1)
    command.tasks.arrive("fire", fire.id, accepted.version)
    task = command.back_and_forth(task, "housing", "water")
    command.tasks.decide("chief", f"{task.id}-D1", 1, "housing", CLAUSE)
    command.later(60 * 24 * 30)
    command.clock.escalate()
    command.tasks.withdraw("li", task.id, command.task(task).version, "本镇自办")
    command.clock.escalate()
    return command.incident(task)


@pytest.mark.parametrize("language", list(Language))
def test_every_deed_between_bodies_has_a_sentence_of_its_own(command, language):
    """Nobody reads the name of a deed; who did what to whom is what is read."""
    incident = quarrelled(command)
    lines = told(command.book, incident.id, language)
    deeds = {line.entry.deed for line in lines}
    assert deeds >= {
        "whistle",
        "task_arrive",
        "transfer_out",
        "dispute_open",
        "dispute_decide",
        "task_raise",
        "overdue",
    }
    words = wording(language).words
    for line in lines:
        assert f"story.did.{_form(line.entry)}" in words
        assert not [change for change in line.changes if "{" in change.now]
        assert "_" not in line.words
        assert not any(change.now.startswith("[") for change in line.changes)


def test_the_sentences_name_bodies_clauses_and_who_was_told(command):
    incident = quarrelled(command)
    lines = [line.words for line in told(command.book, incident.id)]
    assert any("handed the incident over to Nine Cells Land and Planning Bureau" in words for words in lines)
    assert any(CLAUSE in words for words in lines if words.startswith("chief decided"))
    area = command.place.areas.name(DISTRICT)
    assert any(f"told to {area}" in words for words in lines)


def test_what_another_body_handled_was_dispatched_and_worked_on(command):
    """It never saw a team, and was worked on all the same."""
    task = command.handed()
    accepted = command.tasks.accept("planning", task.id, 1)
    command.later(30)
    command.tasks.finish("planning", task.id, accepted.version, "done")
    reached = stages(command.book, task.incident)
    assert [reached[each][0] for each in (Stage.DISPATCHED, Stage.WORKED, Stage.REPORTED_BACK)] == ["done"] * 3
    read = clocks(
        story_of(command.book, task.incident),
        command.place.rulebook.matters,
        command.place.rules.calendar,
        command.now + timedelta(days=9),
    )
    assert next(each for each in read if each.name == "response").ended_at == command.now
