"""Random days between bodies: whatever is called, handed over, sent back or decided, nothing is lost or hangs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import ClassVar

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from dispatch.desk.refusals import REFUSALS
from dispatch.records.dispute import Dispute, DisputeStatus
from dispatch.records.incident import Status
from dispatch.records.task import Task, TaskKind, TaskStatus
from dispatch.store import between
from tests.between import CLAUSE, DAY, Command
from tests.books import empty_book, looked

DEPARTMENTS = ("fire", "traffic", "planning", "no-such")
WITH_A_BODY = {TaskStatus.SENT, TaskStatus.ACCEPTED}


class AnyQuarrel(RuleBasedStateMachine):
    """Everything bodies can do to each other, by people with old screens."""

    pick: ClassVar = st.integers(0, 5)
    behind: ClassVar = st.sampled_from([0, 0, 0, 0, 1])
    department: ClassVar = st.sampled_from(DEPARTMENTS)

    def __init__(self) -> None:
        super().__init__()
        self.book = empty_book()
        self.seen = looked(self.book)
        self.command = Command(self.book)

    def teardown(self) -> None:
        self.book.close()

    def attempt(self, deed: Callable[[], object]) -> None:
        """Refused: one entry, all as before. Done: each thing that changed is one version on under one entry a step."""
        before, last = self.state(), len(self.seen.entries_since(0))
        try:
            deed()
        except REFUSALS:
            assert [entry.refused for entry in self.seen.entries_since(0)[last:]] == [True]
            assert self.state() == before
        else:
            self.told(before, last)

    def told(self, before: dict[str, object], last: int) -> None:
        entries = self.seen.entries_since(0)[last:]
        steps = [(entry.deed, entry.subject) for entry in entries]
        assert len(steps) == len(set(steps))
        assert not any(entry.refused for entry in entries)
        after = self.state()
        changed = {name for name in after if after[name] != before.get(name)}
        moved = [entry for entry in entries if entry.version_after != entry.version_before]
        assert {entry.subject for entry in moved} == changed
        assert all(entry.version_after == entry.version_before + 1 for entry in moved)
        for name in changed:
            was = getattr(before.get(name), "version", 0)
            assert after[name].version - was == sum(entry.subject == name for entry in moved)  # type: ignore[attr-defined]

    def state(self) -> dict[str, object]:
        things = [*self.seen.incidents(), *self.seen.tasks(), *self.disputes()]
        return {each.id: each for each in things}

    def disputes(self) -> list[Dispute]:
        with self.book.reading() as connection:
            return between.disputes(connection)

    @initialize()
    def a_whistle_and_a_transfer_that_came_back_twice(self) -> None:
        self.command.whistled("fire", "traffic")
        self.command.back_and_forth(self.command.handed(), "housing")

    @rule(matter=st.sampled_from(["C08-01", "Y15"]))
    def report(self, matter: str) -> None:
        if len(self.seen.incidents()) < 4:
            self.attempt(lambda: self.command.heard(matter))

    @rule(pick=pick, asked=st.lists(department, max_size=3), lead=st.booleans(), behind=behind)
    def whistle(self, pick: int, asked: list[str], lead: bool, behind: int) -> None:
        known = self.seen.incidents()
        one = known[pick % len(known)]
        calls = [self.command.call(each, 20, lead=lead) for each in asked]
        self.attempt(lambda: self.command.whistles.blow("li", one.id, one.version - behind, calls, "x"))

    @rule(pick=pick, department=department, clause=st.sampled_from([CLAUSE, "ours no more"]), behind=behind)
    def hand_over(self, pick: int, department: str, clause: str, behind: int) -> None:
        known = self.seen.incidents()
        one = known[pick % len(known)]
        deed = self.command.transfers.transfer_out
        self.attempt(lambda: deed("li", one.id, one.version - behind, department, "x", clause))

    @rule(
        pick=pick,
        deed=st.sampled_from(["accept", "arrive", "return", "return", "return", "finish", "withdraw", "send", "send"]),
        department=department,
        behind=behind,
    )
    def task(self, pick: int, deed: str, department: str, behind: int) -> None:
        known = self.seen.tasks(open_only=True)
        if known:
            one = known[pick % len(known)]
            self.attempt(lambda: self.do(deed, one, one.version - behind, department))

    @rule(pick=pick, rounds=st.integers(1, 3))
    def ping_pong(self, pick: int, rounds: int) -> None:
        """One task sent back and sent on several times, as people do who do not read."""
        known = self.seen.tasks(open_only=True)
        for _ in range(rounds if known else 0):
            for deed in ("return", "send"):
                one = self.command.task(known[pick % len(known)])
                self.attempt(lambda deed=deed, one=one: self.do(deed, one, one.version, one.department))  # type: ignore[misc]

    @rule(pick=pick, steps=st.integers(1, 3))
    def work(self, pick: int, steps: int) -> None:
        """One task as a careful department goes about it."""
        known = [task for task in self.seen.tasks(open_only=True) if task.status is TaskStatus.SENT]
        for deed in ("accept", "arrive", "finish")[:steps] if known else ():
            one = self.command.task(known[pick % len(known)])
            if deed != "arrive" or one.kind is TaskKind.WHISTLE:
                self.attempt(lambda deed=deed, one=one: self.do(deed, one, one.version, one.department))  # type: ignore[misc]

    def do(self, deed: str, one: Task, version: int, department: str) -> Task:
        tasks, by = self.command.tasks, one.department
        later = self.command.now + timedelta(minutes=10)
        deeds: dict[str, Callable[[], Task]] = {
            "accept": lambda: tasks.accept(by, one.id, version, later),
            "arrive": lambda: tasks.arrive(by, one.id, version),
            "return": lambda: tasks.give_back(by, one.id, version, CLAUSE),
            "finish": lambda: tasks.finish(by, one.id, version, "done"),
            "withdraw": lambda: tasks.withdraw("li", one.id, version, "x"),
            "send": lambda: tasks.send_again("li", one.id, version, department, DAY),
        }
        return deeds[deed]()

    @rule(pick=pick, department=st.sampled_from([*DEPARTMENTS, "housing"]), behind=behind)
    def decide(self, pick: int, department: str, behind: int) -> None:
        known = self.disputes()
        if known:
            one = known[pick % len(known)]
            self.attempt(lambda: self.command.tasks.decide("chief", one.id, one.version - behind, department, CLAUSE))

    @rule(pick=pick, passed=st.booleans())
    def look(self, pick: int, passed: bool) -> None:
        known = self.seen.incidents()
        one = known[pick % len(known)]
        self.attempt(lambda: self.command.desk.verify("li", one.id, one.version, passed=passed, how="x"))

    @rule(pick=pick, other=pick)
    def merge(self, pick: int, other: int) -> None:
        known = self.seen.incidents()
        one, parent = known[pick % len(known)], known[other % len(known)]
        if one.status is Status.REPORTED and len(known) > 2:
            merge = self.command.voices.merge
            self.attempt(lambda: merge("li", one.id, one.version, parent.id, parent.version))

    @rule(minutes=st.integers(1, 60))
    def time_tells(self, minutes: int) -> None:
        """A while on, what is late is told; a second round at the same moment has nothing to add."""
        self.command.later(minutes)
        before, last = self.state(), len(self.seen.entries_since(0))
        self.command.clock.escalate()
        self.told(before, last)
        last = len(self.seen.entries_since(0))
        assert self.command.clock.escalate() == ((), ())
        assert len(self.seen.entries_since(0)) == last

    @invariant()
    def the_ledger_is_whole(self) -> None:
        assert self.seen.verify().whole

    @invariant()
    def an_incident_is_with_another_body_exactly_while_one_transfer_is(self) -> None:
        for one in self.seen.incidents():
            out = [
                task
                for task in self.seen.tasks(one.id)
                if task.kind is TaskKind.TRANSFER and task.status in WITH_A_BODY
            ]
            assert len(out) == (one.status is Status.TRANSFERRED)
            if one.status is Status.VERIFIED:
                assert self.seen.tasks(one.id, open_only=True) == []

    @invariant()
    def the_third_return_and_nothing_else_has_opened_one_dispute(self) -> None:
        about: dict[str, list[Dispute]] = {}
        for dispute in self.disputes():
            about.setdefault(dispute.task, []).append(dispute)
        for task in self.seen.tasks():
            disputes = about.get(task.id, [])
            assert task.returns <= 3
            assert len(disputes) == (task.returns == 3)
            waits = any(each.status is DisputeStatus.OPEN for each in disputes)
            assert waits == (task.status is TaskStatus.DISPUTED)
            if any(each.status is DisputeStatus.DECIDED for each in disputes):
                assert task.status not in (TaskStatus.RETURNED, TaskStatus.DISPUTED)

    @invariant()
    def nobody_is_asked_twice_and_nobody_late_is_told_above_the_top(self) -> None:
        for one in self.seen.incidents():
            asked = [task.department for task in self.seen.tasks(one.id, open_only=True)]
            assert len(asked) == len(set(asked))
        assert all(task.raised <= 3 for task in self.seen.tasks())


TestAnyQuarrel = AnyQuarrel.TestCase
# A day of forty deeds takes minutes to shrink; the deeds of the failing day are told as they were drawn.
TestAnyQuarrel.settings = settings(
    max_examples=40, stateful_step_count=30, deadline=None, phases=[Phase.explicit, Phase.generate]
)
