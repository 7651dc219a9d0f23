"""Reviews of case files and what was found of each file."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Mapped, mapped_column

from dispatch.store.tables.base import Base, table


class FileReviewRow(Base):
    """One review: both registers as JSON, written once, and the record once a seed was given."""

    __tablename__ = "file_reviews"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    first: Mapped[date]
    last: Mapped[date]
    count: Mapped[int]
    percent: Mapped[int]
    crew: Mapped[int]
    seed_from: Mapped[str]
    files: Mapped[str]
    reviewers: Mapped[str]
    opened_at: Mapped[datetime]
    opened_by: Mapped[str]
    drawn_at: Mapped[datetime | None]
    drawn_by: Mapped[str]
    record: Mapped[str]
    version: Mapped[int]


class FileMarkRow(Base):
    """What was found of one drawn file; written once."""

    __tablename__ = "file_marks"

    review: Mapped[str] = mapped_column(primary_key=True)
    case: Mapped[str] = mapped_column(primary_key=True)
    mark: Mapped[str]
    reason: Mapped[str]
    at: Mapped[datetime]
    by: Mapped[str]


FILE_REVIEWS = table(FileReviewRow)
FILE_MARKS = table(FileMarkRow)
