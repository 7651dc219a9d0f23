"""What lies on the desk: incidents, teams and who is in them."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Index
from sqlalchemy import text as words
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.store.tables.base import STILL_OUT, Base, Counter, table


class IncidentRow(Base):
    """One incident; ``lon`` and ``lat`` are null while it has no place."""

    __tablename__ = "incidents"

    id: Mapped[str] = mapped_column(primary_key=True)
    text: Mapped[str]
    lon: Mapped[float | None]
    lat: Mapped[float | None]
    cell: Mapped[str]
    town: Mapped[str]
    matter: Mapped[str]
    priority: Mapped[int]
    reported_at: Mapped[datetime]
    due_at: Mapped[datetime]
    source: Mapped[str]
    address: Mapped[str]
    status: Mapped[str] = mapped_column(index=True)
    team: Mapped[str]
    closed_at: Mapped[datetime | None] = mapped_column(index=True)
    parent: Mapped[str] = mapped_column(index=True)
    voices: Mapped[int]
    caller: Mapped[str]
    version: Mapped[int]
    revision: Mapped[int] = mapped_column(Counter, index=True)

    # The desk checks it first and says it better; this is the last bolt on the door.
    __table_args__ = (
        Index(
            "one_incident_a_team",
            "team",
            unique=True,
            sqlite_where=words(STILL_OUT),
            postgresql_where=words(STILL_OUT),
        ),
    )


class TeamRow(Base):
    """One team of the present roster; ``beat`` is a sorted JSON list of community codes."""

    __tablename__ = "teams"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    body: Mapped[str]
    town: Mapped[str]
    lon: Mapped[float]
    lat: Mapped[float]
    profile: Mapped[str]
    beat: Mapped[str]
    on_duty_from: Mapped[datetime]
    on_duty_to: Mapped[datetime]
    activity: Mapped[str]
    incident: Mapped[str]
    done_today: Mapped[int]
    version: Mapped[int]
    revision: Mapped[int] = mapped_column(Counter, index=True)


class OfficerRow(Base):
    """One person of the roster."""

    __tablename__ = "officers"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    role: Mapped[str]
    town: Mapped[str]


class CertificateRow(Base):
    """One certificate of one officer; ``place`` keeps the order in which they were given."""

    __tablename__ = "certificates"

    officer: Mapped[str] = mapped_column(primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    field: Mapped[str]
    valid_to: Mapped[date]


class CrewRow(Base):
    """Who sits in which team; ``seat`` keeps the order, since the first two certified are the pair."""

    __tablename__ = "crews"

    team: Mapped[str] = mapped_column(primary_key=True)
    seat: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    officer: Mapped[str] = mapped_column(index=True)


class EvidenceRow(Base):
    """One file from the scene with its bytes; no place is null."""

    __tablename__ = "evidence"

    id: Mapped[str] = mapped_column(primary_key=True)
    incident: Mapped[str] = mapped_column(index=True)
    at: Mapped[datetime]
    by: Mapped[str]
    lon: Mapped[float | None]
    lat: Mapped[float | None]
    accuracy_m: Mapped[float | None]
    name: Mapped[str]
    media: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[str]
    note: Mapped[str]
    data: Mapped[bytes]


INCIDENTS = table(IncidentRow)
TEAMS = table(TeamRow)
OFFICERS = table(OfficerRow)
CERTIFICATES = table(CertificateRow)
CREWS = table(CrewRow)
EVIDENCE = table(EvidenceRow)
