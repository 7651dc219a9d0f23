"""A task: one department's part in a matter that concerns several."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from dispatch.records.incident import WrongStep


class TaskStatus(StrEnum):
    """How far a department has come with its part."""

    SENT = "sent"
    ACCEPTED = "accepted"
    RETURNED = "returned"
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
        Aware, UTC.
    said
        What the department reported, or why it sent the task back.
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
    version: int = 1

    @property
    def open(self) -> bool:
        return self.status in OPEN

    def accepted(self) -> Task:
        self._must_be("accepted", TaskStatus.SENT)
        return self._next(status=TaskStatus.ACCEPTED)

    def returned(self, why: str) -> Task:
        """Sent back with the clause that makes it another's; whoever sent it decides what next."""
        self._must_be("sent back", TaskStatus.SENT, TaskStatus.ACCEPTED)
        return self._next(status=TaskStatus.RETURNED, said=why)

    def sent_again(self, department: str, body: str, due_at: datetime) -> Task:
        """Sent out anew after it came back, to the same department or another."""
        self._must_be("sent again", TaskStatus.RETURNED)
        return self._next(status=TaskStatus.SENT, department=department, body=body, due_at=due_at, said="")

    def done(self, at: datetime, said: str) -> Task:
        self._must_be("done", TaskStatus.ACCEPTED)
        return self._next(status=TaskStatus.DONE, said=said, done_at=at)

    def withdrawn(self, why: str) -> Task:
        """No longer asked for, since the matter turned out to be another."""
        self._must_be("withdrawn", *OPEN)
        return self._next(status=TaskStatus.WITHDRAWN, said=why)

    def _must_be(self, deed: str, *allowed: TaskStatus) -> None:
        if self.status not in allowed:
            raise WrongStep(
                f"Task {self.id} is {self.status}; it can be {deed} only while it is {' or '.join(allowed)}."
            )

    def _next(self, **changes: object) -> Task:
        return replace(self, version=self.version + 1, **changes)  # type: ignore[arg-type]
