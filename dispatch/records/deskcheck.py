"""A check that was made without going there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from dispatch.records.inspection import Remote


@dataclass(frozen=True, slots=True)
class DeskCheck:
    """What officers found by video, data or papers.

    Attributes
    ----------
    item
        Id of the due item that it answers.
    day
        The place's own calendar day.
    minutes
        What it took of each of the officers.
    said
        What they found.
    lead
        Id of the due item that it led to: a visit, since what was found was suspicious; empty when it was not.
    taken_back
        It was written down by mistake, and the item is due again.
    """

    id: str
    item: str
    premises: str
    day: date
    officers: tuple[str, ...]
    minutes: int
    remote: Remote
    said: str
    lead: str
    made_at: datetime
    made_by: str
    taken_back: bool = False
    version: int = 1
