"""An appraisal of towns and departments, and what is objected to in it before it is published."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from dispatch.records.incident import WrongStep


class Side(StrEnum):
    """As what somebody is appraised, and objects."""

    TOWN = "town"
    DEPARTMENT = "department"


class Ruling(StrEnum):
    """What became of an objection."""

    OPEN = "open"
    UPHELD = "upheld"
    DISMISSED = "dismissed"


@dataclass(frozen=True, slots=True)
class Appraisal:
    """The figures of a month or quarter that is over, as they were counted when it was opened.

    Attributes
    ----------
    id
        Its length and first day, ``month-2026-03-01``: a time is appraised once.
    first, end
        Its first day and the first day after it.
    appeal_by_at
        Aware, UTC: objections are taken before it, and nothing is published.
    basis
        Every event that was counted and the weights, as JSON text that never changes.
    sha256
        Of ``basis``; the ledger's entry of the opening has it too.
    head
        Hash of the ledger's last entry before it was counted.
    """

    id: str
    period: str
    first: date
    end: date
    opened_at: datetime
    opened_by: str
    appeal_by_at: datetime
    basis: str
    sha256: str
    head: str
    published_at: datetime | None = None
    published_by: str = ""
    version: int = 1

    def published(self, at: datetime, by: str) -> Appraisal:
        """For everybody to see; nothing of it changes from then on."""
        if self.published_at is not None:
            raise WrongStep(f"Appraisal {self.id} was published already; open one of another time.")
        return replace(self, published_at=at, published_by=by, version=self.version + 1)


@dataclass(frozen=True, slots=True)
class Objection:
    """What an appraised town or department says against one event.

    Attributes
    ----------
    event
        Id of the event in the appraisal's basis.
    side, who
        As what it objects, and the code of the town or department.
    said, evidence
        Why it should not count, and what shows that: documents, files of the incident, entries of the ledger.
    reason
        Of the ruling.
    """

    id: str
    appraisal: str
    event: str
    side: Side
    who: str
    said: str
    evidence: str
    made_at: datetime
    made_by: str
    ruling: Ruling = Ruling.OPEN
    reason: str = ""
    ruled_at: datetime | None = None
    ruled_by: str = ""
    version: int = 1

    def ruled(self, upheld: bool, reason: str, at: datetime, by: str) -> Objection:
        if self.ruling is not Ruling.OPEN:
            raise WrongStep(f"Objection {self.id} is {self.ruling}; it can be ruled on only while it is open.")
        ruling = Ruling.UPHELD if upheld else Ruling.DISMISSED
        return replace(self, ruling=ruling, reason=reason, ruled_at=at, ruled_by=by, version=self.version + 1)
