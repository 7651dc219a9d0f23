"""A dispute: several bodies, none of which says that a matter is its own, and the superior who decides."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from dispatch.records.incident import WrongStep


class DisputeStatus(StrEnum):
    """Whether the superior has spoken."""

    OPEN = "open"
    DECIDED = "decided"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Dispute:
    """Who is competent, asked of the common superior (Administrative Penalty Law, article 25).

    Attributes
    ----------
    id
        The task's id and ``-D1``: a task is disputed once.
    task, incident
        What it is about.
    parties
        Departments that had it and sent it back, in that order.
    superior
        Code of the area whose command decides: the smallest that holds all parties.
    due_at
        Aware, UTC: by when it is decided.
    department, clause
        What was decided, and on which clause.
    """

    id: str
    incident: str
    task: str
    parties: tuple[str, ...]
    superior: str
    opened_at: datetime
    due_at: datetime
    status: DisputeStatus = DisputeStatus.OPEN
    department: str = ""
    clause: str = ""
    decided_at: datetime | None = None
    decided_by: str = ""
    version: int = 1

    def decided(self, department: str, clause: str, at: datetime, by: str) -> Dispute:
        self._must_be_open("decided")
        return self._next(
            status=DisputeStatus.DECIDED, department=department, clause=clause, decided_at=at, decided_by=by
        )

    def withdrawn(self, at: datetime, by: str) -> Dispute:
        """Nobody asks any more, since the task is gone."""
        self._must_be_open("withdrawn")
        return self._next(status=DisputeStatus.WITHDRAWN, decided_at=at, decided_by=by)

    def _must_be_open(self, deed: str) -> None:
        if self.status is not DisputeStatus.OPEN:
            raise WrongStep(f"Dispute {self.id} is {self.status}; it can be {deed} only while it is open.")

    def _next(self, **changes: object) -> Dispute:
        return replace(self, version=self.version + 1, **changes)  # type: ignore[arg-type]
