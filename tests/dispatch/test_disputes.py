"""Whose is it: the third return, the superior's word, and the agenda of the meeting."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import event

from dispatch.desk.disputes import agenda, read_disputes
from dispatch.desk.refusals import Stale, Unknown
from dispatch.desk.superior import superior_of
from dispatch.records.dispute import DisputeStatus
from dispatch.records.incident import Status, WrongStep
from dispatch.records.task import TaskStatus
from dispatch.rulebook.powers import Body
from dispatch.store import between
from dispatch.store.ledger import Kind
from tests.between import CLAUSE, DAY, DISTRICT, JIA, VENDOR, YI, Command, why


@pytest.fixture
def command(casebook):
    return Command(casebook)


def disputed(command):
    """A transfer that planning, housing and water sent back, and the dispute about it."""
    task = command.back_and_forth(command.handed(), "housing", "water")
    with command.book.reading() as connection:
        (dispute,) = between.disputes(connection)
    return task, dispute


def test_the_third_return_goes_before_the_superior_in_the_same_deed(command):
    """Three bodies that each point at another do not settle it by a fourth letter."""
    twice = command.back_and_forth(command.handed(), "housing")
    assert twice.status is TaskStatus.RETURNED
    command.book.incident(twice.incident)
    again = command.tasks.send_again("li", twice.id, twice.version, "planning", DAY)
    third = command.tasks.give_back("planning", twice.id, again.version, CLAUSE)
    with command.book.reading() as connection:
        (dispute,) = between.disputes(connection)
    assert third.status is TaskStatus.DISPUTED
    assert (dispute.parties, dispute.superior) == (("planning", "housing"), DISTRICT)
    assert (dispute.due_at + timedelta(hours=8)).date() == date(2026, 4, 25)
    assert command.incident(third).status is Status.REPORTED
    assert command.book.history(Kind.DISPUTE, dispute.id)[0].deed == "dispute_open"


def test_nobody_sends_on_what_is_before_the_superior(command):
    task, _ = disputed(command)
    assert why(lambda: command.tasks.send_again("li", task.id, task.version, "health", DAY)) == ["is_disputed"]
    with pytest.raises(WrongStep):
        command.tasks.accept("water", task.id, task.version)


def test_what_was_decided_cannot_be_sent_back_again(command):
    """The superior's word ends it, for a party or for one that never had it."""
    task, dispute = disputed(command)
    assert why(lambda: command.tasks.decide("chief", dispute.id, 1, "housing", "clear")) == ["needs_clause"]
    assert why(lambda: command.tasks.decide("chief", dispute.id, 1, "no-such", CLAUSE)) == ["unknown_department"]
    decided = command.tasks.decide("chief", dispute.id, 1, "housing", CLAUSE)
    assert (decided.status, decided.decided_by, decided.version) == (DisputeStatus.DECIDED, "chief", 2)
    sent = command.task(task)
    assert (sent.status, sent.department) == (TaskStatus.SENT, "housing")
    assert command.incident(task).status is Status.TRANSFERRED
    assert why(lambda: command.tasks.give_back("housing", task.id, sent.version, CLAUSE)) == ["decided_for_you"]
    with pytest.raises(Stale):
        command.tasks.decide("chief", dispute.id, 1, "water", CLAUSE)
    with pytest.raises(WrongStep, match="only while it is open"):
        command.tasks.decide("chief", dispute.id, 2, "water", CLAUSE)
    with pytest.raises(Unknown):
        command.tasks.decide("chief", "no-such", 1, "water", CLAUSE)


def test_a_task_withdrawn_takes_its_dispute_along(command):
    """The superior is not asked about what nobody wants any more."""
    task, dispute = disputed(command)
    command.tasks.withdraw("li", task.id, task.version, "本镇自办")
    with command.book.reading() as connection:
        assert between.dispute(connection, dispute.id).status is DisputeStatus.WITHDRAWN
        assert between.disputes(connection, open_only=True) == []


def test_what_is_passed_on_is_disputed_no_longer(command):
    """Whatever withdraws the tasks withdraws what they wait for."""
    outside = command.desk.report("li", "x", lon=125.0, lat=29.9, matter="Y01")
    part = command.book.tasks(outside.id)[0]
    task = command.back_and_forth(part, "culture", "water")
    assert task.status is TaskStatus.DISPUTED
    command.desk.pass_on("li", outside.id, 1, "the next district", "not ours")
    with command.book.reading() as connection:
        (dispute,) = between.disputes(connection)
    assert (dispute.superior, dispute.status) == (DISTRICT, DisputeStatus.WITHDRAWN)


BODIES = {
    body.id: body
    for body in (
        Body("B", "局", "bureau", DISTRICT, "market"),
        Body("S", "所", "station", JIA, "fire"),
        Body("P", "所", "police station", JIA, "police"),
        Body("Q", "所", "police station", YI, "police"),
    )
}


@pytest.mark.parametrize(
    ("parties", "town", "superior"),
    [
        (["fire", "police"], JIA, JIA),
        (["fire", "market"], JIA, DISTRICT),
        (["market", "nobody here"], JIA, DISTRICT),
        (["fire"], JIA, JIA),
        (["fire", "police"], "", DISTRICT),
    ],
)
def test_the_superior_is_the_smallest_area_above_all_parties(parties, town, superior):
    """Article 25: the common superior, and no higher than need be."""
    assert superior_of(parties, town, BODIES) == superior


def test_the_agenda_of_the_next_friday_lists_who_says_what_and_what_was_decided_before(command):
    """Whoever chairs the meeting opens one page and asks nobody to look anything up."""
    _, first = disputed(command)
    command.tasks.decide("chief", first.id, 1, "housing", CLAUSE)
    command.later(24 * 60)
    task = command.back_and_forth(command.handed("culture"), "water", "health")
    told = agenda(read_disputes(command.book), (command.now + timedelta(hours=8)).date())
    assert told.meets_on == date(2026, 4, 17)
    assert told.meets_on.strftime("%A") == "Friday"
    (item,) = told.items
    assert (item.dispute.task, item.words, item.matter) == (task.id, "流动摊贩占道经营", VENDOR)
    assert item.place == command.incident(task).cell
    assert item.parties == (
        ("culture", (CLAUSE,)),
        ("water", ("《water职责》第一条",)),
        ("health", ("《health职责》第一条",)),
    )
    assert [(each.department, each.clause) for each in item.precedents] == [("housing", CLAUSE)]
    assert (item.waited_days, item.late) == (1, False)
    later = agenda(read_disputes(command.book), date(2026, 5, 4))
    assert (later.meets_on, later.items[0].late) == (date(2026, 5, 8), True)
    assert [each.dispute.id for each in read_disputes(command.book, open_only=True)] == [item.dispute.id]
    assert agenda([], date(2026, 4, 18)).meets_on == date(2026, 4, 24)


def test_the_agenda_asks_the_book_no_more_often_for_many_disputes(command):
    """It is drawn anew every three seconds for everybody who looks, and disputes are kept for ever."""
    asked = [0]

    @event.listens_for(command.book._engine, "before_cursor_execute")
    def count(*_: object) -> None:
        asked[0] += 1

    def times() -> int:
        asked[0] = 0
        assert read_disputes(command.book)
        return asked[0]

    disputed(command)
    one = times()
    for _ in range(4):
        command.back_and_forth(command.handed(), "housing", "water")
    assert len(read_disputes(command.book)) == 5
    assert times() == one
    event.remove(command.book._engine, "before_cursor_execute", count)
