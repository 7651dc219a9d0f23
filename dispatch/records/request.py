"""What an enterprise asks of those who inspect it, and what it was answered."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from dispatch.records.incident import WrongStep


class Wish(StrEnum):
    """What is asked for."""

    PUT_OFF = "put_off"
    GUIDANCE = "guidance"
    CHECK = "check"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Request:
    """One request of an enterprise.

    Attributes
    ----------
    asker
        Who asked, as they gave their name.
    asked_on
        The place's own calendar day.
    answer_by
        The last day on which an answer is in time.
    answered_at
        Aware, UTC; None while it is open.
    """

    id: str
    premises: str
    wish: Wish
    asker: str
    said: str
    asked_on: date
    answer_by: date
    taken_at: datetime
    taken_by: str
    answer: str = ""
    answered_at: datetime | None = None
    answered_by: str = ""
    version: int = 1

    @property
    def open(self) -> bool:
        return self.answered_at is None

    def answered(self, words: str, by: str, at: datetime) -> Request:
        if not self.open:
            raise WrongStep(f"request {self.id} was answered already; what was said stands in the ledger.")
        return replace(self, answer=words, answered_by=by, answered_at=at, version=self.version + 1)
