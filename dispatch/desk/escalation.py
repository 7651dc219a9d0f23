"""What is late is told upwards by itself: tasks level by level, incidents once in the ledger."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import NamedTuple

from sqlalchemy import Connection

from dispatch.desk.door import Door
from dispatch.records.task import Task
from dispatch.store import between
from dispatch.store.casebook import Casebook
from dispatch.store.ledger import Kind
from dispatch.store.writing import Actor

CLOCK = "clock"
"""Who enters what no person did but time."""
RAISE_EVERY = timedelta(minutes=30)
"""How long one level has before the next one is told. An assumption, the length of the city clocks' checks."""
TOLD = (9, 6, 4)
"""Digits of the commands that are told: town, district, city."""


class Raised(NamedTuple):
    """What one round found: tasks as they are now, and ids of incidents newly overdue."""

    tasks: tuple[Task, ...]
    overdue: tuple[str, ...]


class Escalation:
    """The clock's own door, without rights; one round is cheap when nothing has become late.

    Which incidents were told as overdue is read from the ledger once and kept; afterwards only what was added is.

    Parameters
    ----------
    district
        Code of the place, which stands for who asked where a task's incident lies in no town.
    """

    def __init__(
        self, casebook: Casebook, district: str, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._door = Door(casebook, clock)
        self._casebook = casebook
        self._district = district
        self._told: set[tuple[str, datetime]] = set()
        self._read_to = 0
        self._turn = Lock()

    def escalate(self, now: datetime | None = None) -> Raised:
        """One round at ``now`` (aware): each late task told one level further up when its turn has come, each incident
        that nobody reached in time entered as overdue, once for every time it was due.

        A second round at the same moment changes nothing, whoever runs it.
        """
        at = now or self._door.clock()
        with self._turn:
            with self._casebook.reading() as connection:
                quiet = not (self._late(connection, at) or self._overdue(connection, at))
            if quiet:
                return Raised((), ())
            return self._enter(at)

    def _late(self, connection: Connection, at: datetime) -> list[tuple[Task, str]]:
        """Late tasks whose turn has come, each with the command that is told next."""
        late = [task for task in between.late_tasks(connection, at) if task.raised < len(TOLD)]
        about = between.incidents_of(connection, {task.incident for task in late if not task.asked_by})
        towns = {incident.id: incident.town for incident in about.values()}
        above = ((task, levels_above(task, towns.get(task.incident) or self._district)) for task in late)
        waiting = [(task, levels[task.raised]) for task, levels in above if task.raised < len(levels)]
        last = between.last_raised(connection, [task.id for task, _ in waiting if task.raised])
        return [(task, to) for task, to in waiting if not task.raised or last[task.id] + RAISE_EVERY <= at]

    def _overdue(self, connection: Connection, at: datetime) -> dict[str, datetime]:
        for sequence, incident, due_at in between.told_overdue(connection, CLOCK, self._read_to):
            self._told.add((incident, due_at))
            self._read_to = sequence
        found = between.unanswered_since(connection, at)
        return {incident: due for incident, due in found.items() if (incident, due) not in self._told}

    def _enter(self, at: datetime) -> Raised:
        """Under the write lock, where what was read just now is looked at once more."""
        with self._casebook.writing() as page:
            raised = []
            for task, to in self._late(page.connection, at):
                after = task.raised_once_more()
                page.change_task(Actor(CLOCK, at, between.RAISED), task, after, to=to, waited_for=task.waits_until())
                raised.append(after)
            overdue = self._overdue(page.connection, at)
            for incident, due_at in overdue.items():
                version = page.version_of(Kind.INCIDENT, incident)
                page.enter(
                    Actor(CLOCK, at, between.OVERDUE),
                    Kind.INCIDENT,
                    incident,
                    version_before=version,
                    version_after=version,
                    details={"due_at": due_at},
                )
        return Raised(tuple(raised), tuple(overdue))


def levels_above(task: Task, place: str) -> tuple[str, ...]:
    """Codes of the commands above who asked, the nearest first.

    A town that asked knows it itself, so its district is told first; where the matter asked, the command of ``place``,
    in which the incident lies.
    """
    if task.asked_by:
        return tuple(task.asked_by[:digits] for digits in TOLD if digits < len(task.asked_by))
    return tuple(place[:digits] for digits in TOLD if digits <= len(place))
