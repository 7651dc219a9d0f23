"""Cases and what they go by: steps, powers, holidays."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Mapped, mapped_column

from dispatch.store.tables.base import Base, Counter, table


class CaseRow(Base):
    """One case; ``facts`` is JSON. Its stamps stand in a table of their own."""

    __tablename__ = "cases"

    id: Mapped[str] = mapped_column(primary_key=True)
    incident: Mapped[str] = mapped_column(index=True)
    matter: Mapped[str] = mapped_column(index=True)
    town: Mapped[str]
    body: Mapped[str]
    mode: Mapped[str]
    letterhead: Mapped[str]
    basis: Mapped[str]
    party_id: Mapped[str] = mapped_column(index=True)
    party_name: Mapped[str]
    party_kind: Mapped[str]
    procedure: Mapped[str]
    filed_at: Mapped[datetime]
    facts: Mapped[str]
    outcome: Mapped[str | None]
    fine_yuan: Mapped[int]
    closed_at: Mapped[datetime | None] = mapped_column(index=True)
    version: Mapped[int]


class StampRow(Base):
    """One step of a case; ``number`` keeps the order, ``officers`` and ``facts`` are JSON."""

    __tablename__ = "stamps"

    case_id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    step: Mapped[str]
    at: Mapped[datetime]
    by: Mapped[str]
    officers: Mapped[str]
    act_code: Mapped[str] = mapped_column(index=True)
    facts: Mapped[str]


class PowerRow(Base):
    """One row of the list of powers, in the versions ``since`` … ``until`` (null: still); ``place`` keeps the order."""

    __tablename__ = "powers"

    number: Mapped[int] = mapped_column(Counter, primary_key=True, autoincrement=False)
    since: Mapped[int] = mapped_column(index=True)
    until: Mapped[int | None] = mapped_column(index=True)
    place: Mapped[int]
    matter: Mapped[str]
    town: Mapped[str]
    body: Mapped[str]
    mode: Mapped[str]
    basis: Mapped[str]
    principal: Mapped[str]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    source: Mapped[str]


class HolidayRow(Base):
    """One day that is not what its weekday says; ``provisional`` while nobody has announced it."""

    __tablename__ = "holidays"

    day: Mapped[date] = mapped_column(primary_key=True)
    kind: Mapped[str]
    name_zh: Mapped[str]
    name_en: Mapped[str]
    provisional: Mapped[bool]


CASES = table(CaseRow)
STAMPS = table(StampRow)
POWERS = table(PowerRow)
HOLIDAYS = table(HolidayRow)
