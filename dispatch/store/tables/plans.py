"""Departments' plans and draws: the register, lines, checks, clashes left apart."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.store.tables.base import Base, table


class TraitRow(Base):
    """What the register says of one premises: the scene it is inspected in, its risk and its credit."""

    __tablename__ = "premises_traits"

    premises: Mapped[str] = mapped_column(primary_key=True)
    type: Mapped[str]
    risk: Mapped[str]
    credit: Mapped[str]


class PlanLineRow(Base):
    """One line of a department's year plan.

    ``left_out`` of its checks found no room under an annual cap. ``withdrawn`` when a newer sheet has it no more.
    """

    __tablename__ = "plan_lines"

    department: Mapped[str] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, index=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    sheet: Mapped[str]
    row: Mapped[int]
    premises: Mapped[str] = mapped_column(index=True)
    item: Mapped[str]
    basis: Mapped[str]
    inspectors: Mapped[str]
    times: Mapped[int | None]
    first: Mapped[date | None]
    last: Mapped[date | None]
    occasion: Mapped[str]
    left_out: Mapped[int]
    withdrawn: Mapped[bool]


class CheckRow(Base):
    """One check of a line with its days.

    ``fixed`` once it was made due or moved; ``lapsed`` says why it is owed no more. Whether it is due, and was done,
    stands in ``due_items`` under the same id.
    """

    __tablename__ = "checks"

    id: Mapped[str] = mapped_column(primary_key=True)
    department: Mapped[str]
    year: Mapped[int]
    line: Mapped[str]
    nth: Mapped[int]
    certificate: Mapped[str]
    minutes: Mapped[int]
    earliest: Mapped[date]
    latest: Mapped[date]
    since: Mapped[date]
    rolled: Mapped[int]
    fixed: Mapped[bool]
    lapsed: Mapped[str]
    remote: Mapped[str] = mapped_column(server_default="")

    __table_args__ = (Index("ix_checks_line", "department", "year", "line"),)


class ApartRow(Base):
    """Two checks of two departments at one door that stay two visits within thirty days, and why."""

    __tablename__ = "clashes_left"

    earlier: Mapped[str] = mapped_column(primary_key=True)
    later: Mapped[str] = mapped_column(primary_key=True)
    why: Mapped[str]
    by: Mapped[str]
    at: Mapped[datetime]


class DrawRow(Base):
    """One draw: what it was made from, as JSON, and its record once a seed was given."""

    __tablename__ = "draws"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    towns: Mapped[str]
    scene: Mapped[str]
    items: Mapped[str]
    count: Mapped[int]
    crew: Mapped[int]
    seed_from: Mapped[str]
    premises: Mapped[str]
    inspectors: Mapped[str]
    opened_at: Mapped[datetime]
    opened_by: Mapped[str]
    drawn_at: Mapped[datetime | None]
    drawn_by: Mapped[str]
    record: Mapped[str]
    first: Mapped[date | None]
    last: Mapped[date | None]
    lists: Mapped[str] = mapped_column(server_default="")


TRAITS = table(TraitRow)
PLAN_LINES = table(PlanLineRow)
CHECKS = table(CheckRow)
CLASHES_LEFT = table(ApartRow)
DRAWS = table(DrawRow)
