"""Patrols: objects, cells, rounds, stops and what was found."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Mapped, mapped_column

from dispatch.store.tables.base import Base, table


class PatrolObjectRow(Base):
    """One place that the patrol list has items for."""

    __tablename__ = "patrol_objects"

    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    name: Mapped[str]
    lon: Mapped[float]
    lat: Mapped[float]
    cell: Mapped[str] = mapped_column(index=True)
    town: Mapped[str] = mapped_column(index=True)


class PatrolRow(Base):
    """One town's patrol for a period; ``days``, ``items`` and ``travel`` are JSON."""

    __tablename__ = "patrols"

    id: Mapped[str] = mapped_column(primary_key=True)
    town: Mapped[str] = mapped_column(index=True)
    days: Mapped[str]
    rounds_a_day: Mapped[int]
    longest: Mapped[int]
    seed: Mapped[str]
    commitment: Mapped[str]
    algorithm: Mapped[str]
    lots: Mapped[int]
    made_at: Mapped[datetime]
    by: Mapped[str]
    items: Mapped[str]
    weeks: Mapped[int]
    travel: Mapped[str]
    rules: Mapped[int]


class PatrolCellRow(Base):
    """One cell of a patrol; ``objects`` and ``spared`` are JSON lists, ``risk`` and ``behind`` fractions."""

    __tablename__ = "patrol_cells"

    plan: Mapped[str] = mapped_column(primary_key=True)
    cell: Mapped[str] = mapped_column(primary_key=True)
    beat: Mapped[int]
    objects: Mapped[str]
    risk: Mapped[str]
    incidents: Mapped[int]
    passes: Mapped[int]
    short: Mapped[int]
    lon: Mapped[float]
    lat: Mapped[float]
    found: Mapped[int]
    behind: Mapped[str]
    spared: Mapped[str]


class PatrolRoundRow(Base):
    """One round of a beat."""

    __tablename__ = "patrol_rounds"

    id: Mapped[str] = mapped_column(primary_key=True)
    plan: Mapped[str] = mapped_column(index=True)
    town: Mapped[str]
    beat: Mapped[int]
    day: Mapped[date] = mapped_column(index=True)
    slot: Mapped[int]
    minutes: Mapped[int]
    team: Mapped[str] = mapped_column(index=True)
    begun_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    said: Mapped[str]
    version: Mapped[int]


class PatrolStopRow(Base):
    """One cell on a round; ``items`` is a JSON list."""

    __tablename__ = "patrol_stops"

    round: Mapped[str] = mapped_column(primary_key=True)
    cell: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int]
    nth: Mapped[int]
    drawn: Mapped[int]
    items: Mapped[str]
    arrive: Mapped[int]
    minutes: Mapped[int]
    passed_at: Mapped[datetime | None]
    passed_by: Mapped[str]


class PatrolLeftOutRow(Base):
    """One pass that is on no round, and why."""

    __tablename__ = "patrol_left_out"

    plan: Mapped[str] = mapped_column(primary_key=True)
    cell: Mapped[str] = mapped_column(primary_key=True)
    nth: Mapped[int] = mapped_column(primary_key=True)
    drawn: Mapped[int]
    reason: Mapped[str]


class FindingRow(Base):
    """One thing that was out of order on a round; ``lon`` and ``lat`` are null where nobody knows the place."""

    __tablename__ = "findings"

    id: Mapped[str] = mapped_column(primary_key=True)
    round: Mapped[str] = mapped_column(index=True)
    cell: Mapped[str]
    item: Mapped[str]
    text: Mapped[str]
    found_at: Mapped[datetime]
    finder: Mapped[str]
    role: Mapped[str]
    handling: Mapped[str]
    put_right: Mapped[bool]
    incident: Mapped[str]
    said: Mapped[str]
    version: Mapped[int]
    lon: Mapped[float | None]
    lat: Mapped[float | None]
    handled_by: Mapped[str]


PATROL_OBJECTS = table(PatrolObjectRow)
PATROLS = table(PatrolRow)
PATROL_CELLS = table(PatrolCellRow)
PATROL_ROUNDS = table(PatrolRoundRow)
PATROL_STOPS = table(PatrolStopRow)
PATROL_LEFT_OUT = table(PatrolLeftOutRow)
FINDINGS = table(FindingRow)
