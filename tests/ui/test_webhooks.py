"""Webhooks: nothing lost, in order, signed, to receivers that hang, fail and recover."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from dispatch.desk.hooks import Hooks
from dispatch.desk.incidents import Desk
from dispatch.records.person import Hook
from dispatch.records.task import Task, TaskKind
from dispatch.store import people
from dispatch.store.casebook import Casebook, open_casebook
from dispatch.store.ledger import Kind
from dispatch.store.writing import Actor
from tests.books import empty_file
from tests.dispatch.conftest import NOW, incident, manned
from tests.receivers import Receiver, receiver
from ui.doors.webhooks import Patience, signature, start

HASTE = Patience(answer_s=0.6, first_wait_s=0.05, longest_wait_s=0.2, look_every_s=0.02)


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Casebook]:
    with open_casebook(empty_file(tmp_path / "book.db")) as opened:
        yield opened


@pytest.fixture
def desk(book: Casebook) -> Desk:
    return manned(book)


@contextmanager
def telling(*books: Casebook) -> Iterator[None]:
    """A deliverer a book, as a process each would have."""
    stop = threading.Event()
    threads = [start(book, stop, patience=HASTE) for book in books]
    yield
    stop.set()
    for thread in threads:
        thread.join(20)
        assert not thread.is_alive()


def hook_to(desk: Desk, where: Receiver, *events: str) -> Hook:
    hooks = Hooks(desk)
    made = hooks.make("admin", where.url, events or ["assignment"])
    return hooks.change("admin", made.id, 1, active=True)


def send_and_recall(desk: Desk, times: int) -> list[int]:
    """Deeds a hook wants to be told; returns their numbers."""
    desk.casebook.add_incidents([incident("E", text="张三 13800005678")], at=NOW)
    version, before = 1, len(desk.casebook.entries_since(0))
    for _ in range(times):
        desk.assign("li", "E", "e1", version)
        desk.recall("li", "E", version + 1, "no")
        version += 2
    return [entry.sequence for entry in desk.casebook.entries_since(before)]


def until(holds: Callable[[], bool], seconds: float = 60) -> None:
    """Waits for what must come; how soon is not asked."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.02)


def kept(book: Casebook, hook: Hook) -> Hook:
    with book.reading() as connection:
        found = people.hook(connection, hook.id)
    assert found is not None
    return found


def test_what_happens_is_told_in_order_and_signed(book: Casebook, desk: Desk):
    with receiver() as where, telling(book):
        hook = hook_to(desk, where)
        wanted = send_and_recall(desk, 5)
        until(lambda: len(where.told) == 10)
        until(lambda: kept(book, hook).cursor == wanted[-1])
    assert where.deliveries == wanted
    for headers, body in where.told:
        expected = signature(hook.secret, headers["x-gridbeat-timestamp"], body)
        assert headers["x-gridbeat-signature"] == f"sha256={expected}"
        assert headers["x-gridbeat-event"] == "assignment"


def test_what_is_sent_names_nobody(book: Casebook, desk: Desk):
    """It leaves the house: codes, places and times only."""
    with receiver() as where, telling(book):
        hook_to(desk, where)
        send_and_recall(desk, 1)
        until(lambda: len(where.told) == 2)
    body = where.told[0][1].decode()
    told = json.loads(body)
    assert "张三" not in body
    assert "13800005678" not in body
    assert (told["incident"]["id"], told["team"], told["deed"]) == ("E", "e1", "assign")
    assert told["link"] == "/?view=story&incident=E"


@pytest.mark.parametrize("mood", ["500", "302", "hang", "trickle"])
def test_a_receiver_that_fails_loses_nothing_once_it_recovers(book: Casebook, desk: Desk, mood: str):
    """At least once and in order, whatever the far side does; a redirect is not followed."""
    with receiver(mood) as where, telling(book):
        hook = hook_to(desk, where)
        wanted = send_and_recall(desk, 3)
        until(lambda: kept(book, hook).tries >= 2)
        failing = kept(book, hook)
        assert failing.cursor < wanted[0]
        assert ("no answer within 0.6 s" if mood in ("hang", "trickle") else f"answered {mood}") in failing.said
        assert f"entry {wanted[0]}" in failing.said
        where.mood = "200"
        until(lambda: kept(book, hook).cursor == wanted[-1])
    assert where.deliveries == wanted
    assert kept(book, hook).tries == 0


def test_no_hook_waits_for_another(book: Casebook, desk: Desk):
    """One hanging receiver must not keep the news from the others."""
    with receiver("hang") as slow, receiver() as quick, telling(book):
        hook_to(desk, slow)
        hook_to(desk, quick)
        wanted = send_and_recall(desk, 20)
        until(lambda: quick.deliveries == wanted)
    assert slow.told == []


def test_a_receiver_that_is_not_there_is_tried_again(book: Casebook, desk: Desk):
    with receiver() as where:
        pass
    with telling(book):
        hook = hook_to(desk, where)
        send_and_recall(desk, 1)
        until(lambda: kept(book, hook).tries >= 2)
    assert "ConnectError" in kept(book, hook).said


def test_a_hook_that_is_off_is_told_nothing(book: Casebook, desk: Desk):
    with receiver() as where, receiver() as on, telling(book):
        off = Hooks(desk).make("admin", where.url, ["assignment"])
        hook_to(desk, on)
        wanted = send_and_recall(desk, 2)
        until(lambda: on.deliveries == wanted)
        assert where.knocks == 0
    assert kept(book, off).tries == 0


def test_two_processes_on_one_book_tell_it_once(book: Casebook, desk: Desk, tmp_path: Path):
    """Each with a casebook of its own on the same file, as two servers would."""
    with open_casebook(f"sqlite:///{tmp_path / 'book.db'}") as second, receiver() as where, telling(book, second):
        hook = hook_to(desk, where)
        wanted = send_and_recall(desk, 15)
        until(lambda: kept(book, hook).cursor == wanted[-1])
    assert where.deliveries == wanted


def test_what_was_not_told_when_the_process_ended_is_told_by_the_next(book: Casebook, desk: Desk):
    with receiver("500") as where:
        with telling(book):
            hook = hook_to(desk, where)
            wanted = send_and_recall(desk, 3)
            until(lambda: kept(book, hook).tries >= 1)
        where.mood = "200"
        with telling(book):
            until(lambda: kept(book, hook).cursor == wanted[-1])
    assert where.deliveries == wanted


def test_whistles_and_lateness_are_events_of_their_own(book: Casebook, desk: Desk):
    """A department's part in a matter is no whistle, though its task has the same deeds."""
    due = NOW + timedelta(hours=1)
    part = Task("E.1", "E", "fire", "FIRE", "看", "look", False, due)
    whistle = Task("E.2", "E", "fire", "FIRE", "来", "come", False, due, kind=TaskKind.WHISTLE, arrive_by_at=due)
    with receiver() as where, telling(book):
        hook_to(desk, where, "whistle", "overdue")
        book.add_incidents([incident("E")], at=NOW)
        with book.writing() as page:
            page.add_tasks(Actor("li", NOW, "whistle"), [part, whistle])
            page.change_task(Actor("fire", NOW, "task_accept"), part, part.accepted())
            page.change_task(Actor("fire", NOW, "task_accept"), whistle, whistle.accepted(due))
            page.enter(Actor("gridbeat", NOW, "overdue"), Kind.INCIDENT, "E")
        until(lambda: len(where.told) == 3)
    told = [json.loads(body) for _, body in where.told]
    assert [each["event"] for each in told] == ["whistle", "whistle", "overdue"]
    assert [each.get("task", {}).get("id") for each in told] == ["E.2", "E.2", None]


def test_a_whistle_is_told_to_its_end(book: Casebook, desk: Desk):
    """Whoever was called must hear that nobody waits any more, or that the superior sent it to another."""
    whistles = [
        Task(f"E.{n}", "E", "fire", "FIRE", "来", "come", False, NOW, kind=TaskKind.WHISTLE, arrive_by_at=NOW)
        for n in range(1, 4)
    ]
    with receiver() as where, telling(book):
        hook_to(desk, where, "whistle")
        book.add_incidents([incident("E")], at=NOW)
        with book.writing() as page:
            page.add_tasks(Actor("li", NOW, "whistle"), whistles)
            for task, deed in zip(whistles, ("pass_on", "merge"), strict=False):
                page.change_task(Actor("li", NOW, deed), task, task.withdrawn("x"))
            back = whistles[2].returned("§ 1")
            page.change_task(Actor("fire", NOW, "task_return"), whistles[2], back)
            page.change_task(Actor("fire", NOW, "dispute_open"), back, back.disputed())
            again = back.disputed().sent_again("police", "POLICE", NOW)
            page.change_task(Actor("chief", NOW, "dispute_decide"), back.disputed(), again)
            page.enter(Actor("fire", NOW, "refused:task_accept"), Kind.TASK, "E.3")
            page.change_task(Actor("police", NOW, "task_accept"), again, again.accepted(NOW))
        until(lambda: len(where.told) == 9)
    deeds = [json.loads(body)["deed"] for _, body in where.told]
    assert deeds[3:] == ["pass_on", "merge", "task_return", "dispute_open", "dispute_decide", "task_accept"]


def test_a_team_that_gives_an_incident_back_is_told_like_one_called_back(book: Casebook, desk: Desk):
    """Otherwise the other system goes on waiting for a team that has left."""
    with receiver() as where, telling(book):
        hook_to(desk, where)
        book.add_incidents([incident("E")], at=NOW)
        desk.assign("li", "E", "e1", 1)
        desk.hand_back("e1", "E", 2, "not ours")
        until(lambda: len(where.told) == 2)
    assert json.loads(where.told[1][1])["deed"] == "hand_back"


def test_many_entries_nobody_wants_are_passed_for_good(book: Casebook, desk: Desk):
    """A hook for rare things must not read the same thousand entries each second."""
    with receiver() as where, telling(book):
        hook = hook_to(desk, where, "overdue")
        book.add_incidents([incident(f"N{n:04d}") for n in range(450)], at=NOW)
        until(lambda: kept(book, hook).cursor >= hook.cursor + 400)
        assert where.knocks == 0


def test_a_host_that_is_no_longer_allowed_is_not_reached(book: Casebook, desk: Desk):
    """The operator took it off the list while the hook stood."""
    with telling(book):
        hooks = Hooks(desk, ["erp.example"])
        hook = hooks.change("admin", hooks.make("admin", "http://erp.example/", ["assignment"]).id, 1, active=True)
        send_and_recall(desk, 1)
        until(lambda: kept(book, hook).tries >= 1)
    assert "GRIDBEAT_HOOKS_TO" in kept(book, hook).said


def test_waits_double_up_to_an_hour():
    rng, patience = np.random.default_rng(1), Patience()
    waits = [patience.wait_s(tries, rng) for tries in range(1, 60)]
    assert 4 <= waits[0] <= 5
    assert 8 <= waits[1] <= 10
    assert all(2880 <= wait <= 3600 for wait in waits[12:])
