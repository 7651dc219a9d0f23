"""A task: what one body asks of another about an incident, until it is answered."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from dispatch.records.incident import WrongStep


class TaskKind(StrEnum):
    """Why a department is asked."""

    PART = "part"
    """Its part in a matter that concerns several: sent out with the matter."""
    WHISTLE = "whistle"
    """A town calls it to the spot: it accepts, arrives and helps."""
    TRANSFER = "transfer"
    """The incident as a whole is handed over, with a package."""


class TaskStatus(StrEnum):
    """How far a department has come with it."""

    SENT = "sent"
    ACCEPTED = "accepted"
    ARRIVED = "arrived"
    RETURNED = "returned"
    DISPUTED = "disputed"
    DONE = "done"
    WITHDRAWN = "withdrawn"


OPEN = frozenset(TaskStatus) - {TaskStatus.DONE, TaskStatus.WITHDRAWN}


@dataclass(frozen=True, slots=True)
class Task:
    """What one department is asked to do about an incident.

    Attributes
    ----------
    id
        The incident's id, a dot and a running number.
    department
        Code of the department; ``body`` is the body of the place that it is there, or empty.
    lead
        Whether this department answers for the whole.
    due_at
        Aware, UTC: by when it is done.
    said
        What the department reported, or why it sent the task back.
    asked_by
        Code of the town or district that asked, empty where the matter itself did.
    package
        What was handed over with it, as JSON text, or empty.
    clause
        The clause by which the last department said that it is another's.
    answer_by_at
        By when it is accepted or sent back, or None where nobody waits for that.
    arrive_by_at, arrived_at
        Of a whistle: by when somebody is there, as first asked and then as promised, and when somebody was.
    raised
        How many levels up its lateness has been reported.
    returns
        How often it was sent back; ``returned_by`` are the departments that did, in that order.
    """

    id: str
    incident: str
    department: str
    body: str
    what_zh: str
    what_en: str
    lead: bool
    due_at: datetime
    status: TaskStatus = TaskStatus.SENT
    said: str = ""
    done_at: datetime | None = None
    kind: TaskKind = TaskKind.PART
    asked_by: str = ""
    package: str = ""
    clause: str = ""
    answer_by_at: datetime | None = None
    arrive_by_at: datetime | None = None
    arrived_at: datetime | None = None
    raised: int = 0
    returned_by: tuple[str, ...] = ()
    version: int = 1

    @property
    def returns(self) -> int:
        return len(self.returned_by)

    @property
    def open(self) -> bool:
        return self.status in OPEN

    def waits_until(self) -> datetime | None:
        """By when the next thing is to happen to it (aware, UTC); None when nothing is."""
        if self.status is TaskStatus.SENT:
            return self.answer_by_at or self.due_at
        if self.status is TaskStatus.ACCEPTED and self.arrive_by_at is not None:
            return min(self.arrive_by_at, self.due_at)
        return self.due_at if self.status in (TaskStatus.ACCEPTED, TaskStatus.ARRIVED) else None

    def accepted(self, arrive_by_at: datetime | None = None) -> Task:
        """In hand; of a whistle, with the time by which somebody will be there."""
        self._must_be("accepted", TaskStatus.SENT)
        return self._next(status=TaskStatus.ACCEPTED, arrive_by_at=arrive_by_at or self.arrive_by_at, raised=0)

    def arrived(self, at: datetime) -> Task:
        """Of a whistle: somebody is there."""
        if self.kind is not TaskKind.WHISTLE:
            raise WrongStep(f"Task {self.id} is a {self.kind}; only a whistle has an arrival.")
        self._must_be("marked as arrived", TaskStatus.ACCEPTED)
        return self._next(status=TaskStatus.ARRIVED, arrived_at=at, raised=0)

    def returned(self, why: str) -> Task:
        """Sent back with the clause that makes it another's; whoever sent it decides what next."""
        self._must_be("sent back", TaskStatus.SENT, TaskStatus.ACCEPTED)
        return self._next(
            status=TaskStatus.RETURNED, said=why, clause=why, returned_by=(*self.returned_by, self.department)
        )

    def disputed(self) -> Task:
        """Nobody sends it anywhere until the superior has decided."""
        self._must_be("put before the superior", TaskStatus.RETURNED)
        return self._next(status=TaskStatus.DISPUTED)

    def sent_again(self, department: str, body: str, due_at: datetime, answer_by_at: datetime | None = None) -> Task:
        """Sent out anew after it came back, to the same department or another."""
        self._must_be("sent again", TaskStatus.RETURNED, TaskStatus.DISPUTED)
        return self._next(
            status=TaskStatus.SENT,
            department=department,
            body=body,
            due_at=due_at,
            answer_by_at=answer_by_at,
            arrive_by_at=None,
            said="",
            raised=0,
        )

    def done(self, at: datetime, said: str) -> Task:
        """Done and told; of a whistle, only by who was there."""
        before = TaskStatus.ARRIVED if self.kind is TaskKind.WHISTLE else TaskStatus.ACCEPTED
        self._must_be("done", before)
        return self._next(status=TaskStatus.DONE, said=said, done_at=at)

    def raised_once_more(self) -> Task:
        """Its lateness reported one level further up."""
        self._must_be("reported as late", TaskStatus.SENT, TaskStatus.ACCEPTED, TaskStatus.ARRIVED)
        return self._next(raised=self.raised + 1)

    def withdrawn(self, why: str) -> Task:
        """No longer asked for."""
        self._must_be("withdrawn", *OPEN)
        return self._next(status=TaskStatus.WITHDRAWN, said=why)

    def _must_be(self, deed: str, *allowed: TaskStatus) -> None:
        if self.status not in allowed:
            raise WrongStep(
                f"Task {self.id} is {self.status}; it can be {deed} only while it is {' or '.join(allowed)}."
            )

    def _next(self, **changes: object) -> Task:
        return replace(self, version=self.version + 1, **changes)  # type: ignore[arg-type]
