"""A review of case files (案卷评查): which closed files are looked at, by whom, and what was found of each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Mark(StrEnum):
    """What reviewers find of a file."""

    EXCELLENT = "excellent"
    QUALIFIED = "qualified"
    UNQUALIFIED = "unqualified"


@dataclass(frozen=True, slots=True)
class ClosedFile:
    """A closed case as a draw sees it.

    Attributes
    ----------
    weight
        A whole number above 0; twice the weight, twice the chance to be drawn next among the files of its body.
    handlers
        Ids of everybody who took part in it or stepped back from it.
    """

    id: str
    body: str
    weight: int
    handlers: frozenset[str]


@dataclass(frozen=True, slots=True)
class Reviewer:
    """Somebody who may review files; ``body`` is the one they belong to, or empty."""

    id: str
    body: str


@dataclass(frozen=True, slots=True)
class Quota:
    """How many files of each body: ``percent`` of them, rounded up, and at least ``count``; never more than there are.

    Examples
    --------
    >>> Quota(percent=5).of(61), Quota(count=3).of(2), Quota(count=3, percent=5).of(61)
    (4, 2, 4)
    """

    count: int = 0
    percent: int = 0

    def of(self, files: int) -> int:
        return min(files, max(self.count, -(-files * self.percent // 100)))


@dataclass(frozen=True, slots=True)
class Marked:
    """What was found of a drawn file, by whom it was entered; ``at`` is aware, UTC."""

    review: str
    case: str
    mark: Mark
    reason: str
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class FileReview:
    """One review, from its sealed registers to its draw.

    Attributes
    ----------
    first, last
        The files were closed on these days or between them.
    crew
        Reviewers a file.
    seed_from
        Where the seed comes from, said before anybody knows it.
    files, reviewers
        Both registers as they were when the review was opened.
    record
        What `dispatch.inspections.filedraw` drew, as it writes it; empty until a seed was given.
    """

    id: str
    name: str
    first: date
    last: date
    quota: Quota
    crew: int
    seed_from: str
    files: tuple[ClosedFile, ...]
    reviewers: tuple[Reviewer, ...]
    opened_at: datetime
    opened_by: str
    drawn_at: datetime | None = None
    drawn_by: str = ""
    record: str = ""
    version: int = 1
