"""Inspections: premises, what is due, calendars in force with their crews and calls."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Mapped, mapped_column

from dispatch.store.tables.base import Base, table


class PremisesRow(Base):
    """One place of business that is inspected; hours in minutes after midnight."""

    __tablename__ = "premises"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    lon: Mapped[float]
    lat: Mapped[float]
    town: Mapped[str] = mapped_column(index=True)
    opens: Mapped[int]
    closes: Mapped[int]
    annual_cap: Mapped[int | None]
    visits_this_year: Mapped[int]
    counted_at: Mapped[datetime]
    version: Mapped[int]


class DueItemRow(Base):
    """One check that is owed; ``done_at`` is null while it is."""

    __tablename__ = "due_items"

    id: Mapped[str] = mapped_column(primary_key=True)
    premises: Mapped[str] = mapped_column(index=True)
    department: Mapped[str]
    certificate: Mapped[str]
    minutes: Mapped[int]
    earliest: Mapped[date]
    latest: Mapped[date]
    name: Mapped[str]
    done_at: Mapped[datetime | None]
    version: Mapped[int]
    occasion: Mapped[str] = mapped_column(server_default="daily")
    remote: Mapped[str] = mapped_column(server_default="")


class RecusalRow(Base):
    """One officer who must not inspect one place of business."""

    __tablename__ = "recusals"

    officer: Mapped[str] = mapped_column(primary_key=True)
    premises: Mapped[str] = mapped_column(primary_key=True)


class AbsenceRow(Base):
    """Days on which one officer is not there."""

    __tablename__ = "absences"

    id: Mapped[str] = mapped_column(primary_key=True)
    officer: Mapped[str] = mapped_column(index=True)
    first: Mapped[date]
    last: Mapped[date]
    reason: Mapped[str]
    called_off: Mapped[bool]
    version: Mapped[int]


class CalendarRow(Base):
    """One adopted calendar of inspections; ``towns`` and ``days`` are JSON lists, ``bounds`` JSON by town."""

    __tablename__ = "calendars"

    id: Mapped[str] = mapped_column(primary_key=True)
    made_at: Mapped[datetime]
    by: Mapped[str]
    towns: Mapped[str]
    days: Mapped[str]
    seed: Mapped[int]
    seconds: Mapped[float]
    bounds: Mapped[str] = mapped_column(server_default="{}")


class OutingRow(Base):
    """One crew's day of a calendar; ``officers`` is a JSON list."""

    __tablename__ = "outings"

    id: Mapped[str] = mapped_column(primary_key=True)
    calendar: Mapped[str] = mapped_column(index=True)
    day: Mapped[date] = mapped_column(index=True)
    town: Mapped[str]
    officers: Mapped[str]
    travel: Mapped[int]


class CallRow(Base):
    """One call of a crew's day; ``items``, ``needs`` and ``entered`` are JSON lists."""

    __tablename__ = "calls"

    id: Mapped[str] = mapped_column(primary_key=True)
    outing: Mapped[str] = mapped_column(index=True)
    visit: Mapped[str]
    premises: Mapped[str] = mapped_column(index=True)
    items: Mapped[str]
    needs: Mapped[str]
    first: Mapped[date]
    last: Mapped[date]
    minutes: Mapped[int]
    arrive: Mapped[int]
    leave: Mapped[int]
    status: Mapped[str]
    begun_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    entered: Mapped[str]
    said: Mapped[str]
    incident: Mapped[str] = mapped_column(index=True)  # ids, a space between
    version: Mapped[int]


class DeskCheckRow(Base):
    """One check that was made from the desk; ``officers`` is a JSON list, ``lead`` the due item that it led to."""

    __tablename__ = "desk_checks"

    id: Mapped[str] = mapped_column(primary_key=True)
    item: Mapped[str] = mapped_column(index=True)
    premises: Mapped[str] = mapped_column(index=True)
    day: Mapped[date] = mapped_column(index=True)
    officers: Mapped[str]
    minutes: Mapped[int]
    remote: Mapped[str]
    said: Mapped[str]
    lead: Mapped[str]
    made_at: Mapped[datetime]
    made_by: Mapped[str]
    taken_back: Mapped[bool]
    version: Mapped[int]


class RequestRow(Base):
    """One request of an enterprise; ``answered_at`` is null while it is open."""

    __tablename__ = "requests"

    id: Mapped[str] = mapped_column(primary_key=True)
    premises: Mapped[str] = mapped_column(index=True)
    wish: Mapped[str]
    asker: Mapped[str]
    said: Mapped[str]
    asked_on: Mapped[date]
    answer_by: Mapped[date]
    taken_at: Mapped[datetime]
    taken_by: Mapped[str]
    answer: Mapped[str]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[str]
    version: Mapped[int]


class UndoneRow(Base):
    """One item that a calendar has no visit for, and why."""

    __tablename__ = "undone"

    calendar: Mapped[str] = mapped_column(primary_key=True)
    item: Mapped[str] = mapped_column(primary_key=True)
    reason: Mapped[str]
    price: Mapped[str]


PREMISES = table(PremisesRow)
DUE_ITEMS = table(DueItemRow)
RECUSALS = table(RecusalRow)
ABSENCES = table(AbsenceRow)
CALENDARS = table(CalendarRow)
OUTINGS = table(OutingRow)
CALLS = table(CallRow)
DESK_CHECKS = table(DeskCheckRow)
REQUESTS = table(RequestRow)
UNDONE = table(UndoneRow)
