"""How departments reported in when towns asked, and how towns asked: one row for each pair, both ways readable.

Counted are promises kept and nothing that could be paid: no amount reaches a score (article 74 of the Penalty Law).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from dispatch.oversight.indicators import Share
from dispatch.records.task import Task, TaskKind, TaskStatus
from dispatch.store.ledger import Entry


@dataclass(frozen=True, slots=True)
class ReportingIn:
    """What became of what a town (or district) asked of a department.

    Attributes
    ----------
    asked
        How often the department was asked; a task that came back and was sent again counts again.
    answered, answered_in_time
        Accepted or sent back, and of those with a time to answer or without one what was in time.
    arrived, arrived_as_asked, arrived_as_promised
        Of whistles: somebody came; by the time first asked for; by the time the department then gave.
    done, done_in_time
        Finished at all, and by the day it was due.
    returned
        Sent back.
    raised
        How often its lateness was told a level up.
    withdrawn
        What the town itself no longer asked for.
    """

    town: str
    department: str
    asked: int = 0
    answered: int = 0
    answered_in_time: int = 0
    arrived: int = 0
    arrived_as_asked: int = 0
    arrived_as_promised: int = 0
    done: int = 0
    done_in_time: int = 0
    returned: int = 0
    raised: int = 0
    withdrawn: int = 0

    def shares(self) -> dict[str, Share]:
        """Of the pair, by the names of ``OF_PAIRS``."""
        return {
            "answered_in_time": Share(self.answered_in_time, self.answered),
            "arrived_as_asked": Share(self.arrived_as_asked, self.arrived),
            "done_in_time": Share(self.done_in_time, self.done),
            "raised": Share(min(self.raised, self.asked), self.asked),
        }


OF_PAIRS = {"answered_in_time": 1, "arrived_as_asked": 1, "done_in_time": 1, "raised": -1}
"""Indicators of a town and a department, and which way is better: 1 more, -1 less."""
COUNTS = tuple(field.name for field in fields(ReportingIn) if field.name not in ("town", "department"))


@dataclass(frozen=True, slots=True)
class Event:
    """One deed on a task, and what it counts for.

    Attributes
    ----------
    entry, asked
        Number of its entry in the ledger, and of the one by which the department had been asked that time.
    body
        Id of the department's body that had the task then, or empty.
    counts
        The names of what it adds one to, each of ``COUNTS``.
    """

    entry: int
    asked: int
    deed: str
    at: datetime
    task: str
    town: str
    department: str
    body: str
    counts: tuple[str, ...]


def reporting_in(tasks: Iterable[Task], entries: Iterable[Entry]) -> list[ReportingIn]:
    """The matrix of who asked and who was asked, by town and department.

    Parameters
    ----------
    tasks
        Whistles and transfers; parts of a matter, for which nobody asked, are passed over.
    entries
        Of those tasks, in the order of the ledger (``Casebook.histories``); refusals change nothing.
    """
    return matrix(events(tasks, entries))


def matrix(counted: Iterable[Event]) -> list[ReportingIn]:
    """The matrix that these events make, by town and department."""
    counts: dict[tuple[str, str], dict[str, Any]] = defaultdict(lambda: dict.fromkeys(COUNTS, 0))
    for event in counted:
        for name in event.counts:
            counts[event.town, event.department][name] += 1
    return [ReportingIn(*pair, **counts[pair]) for pair in sorted(counts)]


def events(tasks: Iterable[Task], entries: Iterable[Entry]) -> list[Event]:
    """Everything that the matrix counts, task by task in the order of the ledger; see ``reporting_in``."""
    told: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        if not entry.refused:
            told[entry.subject].append(entry)
    return [event for task in tasks if task.kind is not TaskKind.PART for event in _of_task(task, told[task.id])]


def _of_task(task: Task, history: Sequence[Entry]) -> Iterator[Event]:
    """One task's entries, each laid to the department that had it then."""
    now: dict[str, Any] = {}
    asked_for, asked = "", 0
    for entry in history:
        new = entry.details.get("set", {})
        if new.get("status") == TaskStatus.SENT:
            asked_for, asked = str(new.get("arrive_by_at") or ""), entry.sequence
        now |= new
        if counts := tuple(_counts(entry, now, asked_for)):
            whom = task.asked_by, str(now["department"]), str(now.get("body") or "")
            yield Event(entry.sequence, asked, entry.deed, entry.at, task.id, *whom, counts)


def _counts(entry: Entry, now: dict[str, Any], asked_for: str) -> Iterator[str]:
    status, at = entry.details.get("set", {}).get("status"), entry.at
    if status == TaskStatus.SENT:
        yield "asked"
    if entry.deed in ("task_accept", "task_return") and (status == TaskStatus.ACCEPTED or _unaccepted(entry)):
        yield "answered"
        if _by(at, now.get("answer_by_at") or now["due_at"]):
            yield "answered_in_time"
    match status:
        case TaskStatus.ARRIVED:
            yield "arrived"
            if asked_for and _by(at, asked_for):
                yield "arrived_as_asked"
            if _by(at, now["arrive_by_at"]):
                yield "arrived_as_promised"
        case TaskStatus.DONE:
            yield "done"
            if _by(at, now["due_at"]):
                yield "done_in_time"
        case TaskStatus.RETURNED:
            yield "returned"
        case TaskStatus.WITHDRAWN:
            yield "withdrawn"
        case _ if entry.deed == "task_raise":
            yield "raised"


def _unaccepted(entry: Entry) -> bool:
    """Whether it was sent back without having been accepted first: then that was the answer."""
    return bool(entry.details.get("was", {}).get("status") == TaskStatus.SENT)


def _by(at: datetime, until: Any) -> bool:
    return at <= (until if isinstance(until, datetime) else datetime.fromisoformat(str(until)))
