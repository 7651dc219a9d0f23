"""Appraisals and what is objected to in them."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Mapped, mapped_column

from dispatch.store.tables.base import Base, table


class AppraisalRow(Base):
    """One appraisal; ``basis`` is JSON, written once."""

    __tablename__ = "appraisals"

    id: Mapped[str] = mapped_column(primary_key=True)
    period: Mapped[str]
    first: Mapped[date]
    end: Mapped[date]
    opened_at: Mapped[datetime]
    opened_by: Mapped[str]
    appeal_by_at: Mapped[datetime]
    basis: Mapped[str]
    sha256: Mapped[str]
    head: Mapped[str]
    published_at: Mapped[datetime | None]
    published_by: Mapped[str]
    version: Mapped[int]


class ObjectionRow(Base):
    """One objection to one event of an appraisal."""

    __tablename__ = "objections"

    id: Mapped[str] = mapped_column(primary_key=True)
    appraisal: Mapped[str] = mapped_column(index=True)
    event: Mapped[str]
    side: Mapped[str]
    who: Mapped[str]
    said: Mapped[str]
    evidence: Mapped[str]
    made_at: Mapped[datetime]
    made_by: Mapped[str]
    ruling: Mapped[str]
    reason: Mapped[str]
    ruled_at: Mapped[datetime | None]
    ruled_by: Mapped[str]
    version: Mapped[int]


APPRAISALS = table(AppraisalRow)
OBJECTIONS = table(ObjectionRow)
