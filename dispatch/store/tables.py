"""The tables of the casebook, one class a table. A row never leaves ``dispatch.store``."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Date,
    DateTime,
    Dialect,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
)
from sqlalchemy import text as words
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator


class UtcTime(TypeDecorator[datetime]):
    """An aware datetime, kept in UTC whatever the database does with time zones.

    SQLite forgets the zone, PostgreSQL keeps it; both give back an aware datetime in UTC.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value.isoformat()} has no time zone; the casebook keeps aware times only (use UTC).")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


# Only a plain INTEGER key is SQLite's own row number; a BIGINT one would cost a second index.
Counter = BigInteger().with_variant(Integer, "sqlite")

STILL_OUT = "status IN ('assigned', 'accepted', 'on_scene')"


class Base(DeclarativeBase):
    """What all tables share: the names of indexes and keys, so that a migration can name them again."""

    metadata = MetaData(naming_convention={"ix": "ix_%(table_name)s_%(column_0_N_name)s", "pk": "pk_%(table_name)s"})
    type_annotation_map = {  # noqa: RUF012
        str: Text,
        int: Integer,
        float: Float(53),
        bool: Boolean,
        datetime: UtcTime,
        date: Date,
        bytes: LargeBinary,
    }


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


class TaskRow(Base):
    """One department's part in an incident."""

    __tablename__ = "tasks"

    id: Mapped[str] = mapped_column(primary_key=True)
    incident: Mapped[str] = mapped_column(index=True)
    department: Mapped[str]
    body: Mapped[str]
    what_zh: Mapped[str]
    what_en: Mapped[str]
    lead: Mapped[bool]
    due_at: Mapped[datetime]
    status: Mapped[str] = mapped_column(index=True)
    said: Mapped[str]
    done_at: Mapped[datetime | None]
    kind: Mapped[str]
    asked_by: Mapped[str]
    package: Mapped[str]
    clause: Mapped[str]
    answer_by_at: Mapped[datetime | None]
    arrive_by_at: Mapped[datetime | None]
    arrived_at: Mapped[datetime | None]
    raised: Mapped[int]
    returned_by: Mapped[str]
    version: Mapped[int]


class DisputeRow(Base):
    """One dispute about who is competent; ``parties`` is a JSON list of departments."""

    __tablename__ = "disputes"

    id: Mapped[str] = mapped_column(primary_key=True)
    incident: Mapped[str] = mapped_column(index=True)
    task: Mapped[str] = mapped_column(index=True)
    parties: Mapped[str]
    superior: Mapped[str]
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime]
    status: Mapped[str] = mapped_column(index=True)
    department: Mapped[str]
    clause: Mapped[str]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str]
    version: Mapped[int]


class LiaisonRow(Base):
    """The fixed officer of one community."""

    __tablename__ = "liaisons"

    community: Mapped[str] = mapped_column(primary_key=True)
    officer: Mapped[str]
    backup: Mapped[str]
    version: Mapped[int]


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


class PersonRow(Base):
    """One person who may sign in; ``posts`` is a JSON list of job and area."""

    __tablename__ = "people"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    posts: Mapped[str]
    officer: Mapped[str]
    body: Mapped[str]
    email: Mapped[str] = mapped_column(index=True)
    password: Mapped[str]
    must_change: Mapped[bool]
    active: Mapped[bool]
    version: Mapped[int]


class SessionRow(Base):
    """One browser that somebody signed in with."""

    __tablename__ = "sessions"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    person: Mapped[str] = mapped_column(index=True)
    since: Mapped[datetime]
    until: Mapped[datetime] = mapped_column(index=True)


class KeyRow(Base):
    """One key with which another system reports."""

    __tablename__ = "keys"

    id: Mapped[str] = mapped_column(primary_key=True)
    source: Mapped[str]
    hash: Mapped[str] = mapped_column(index=True)
    made_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    version: Mapped[int]


class HookRow(Base):
    """One system that is told what happened; ``events`` is a JSON list."""

    __tablename__ = "hooks"

    id: Mapped[str] = mapped_column(primary_key=True)
    url: Mapped[str]
    events: Mapped[str]
    secret: Mapped[str]
    cursor: Mapped[int] = mapped_column(Counter)
    active: Mapped[bool]
    tries: Mapped[int]
    next_at: Mapped[datetime | None]
    said: Mapped[str]
    version: Mapped[int]


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


class LedgerRow(Base):
    """One entry of the hash chain; every column but ``hash`` is under the hash."""

    __tablename__ = "ledger"

    sequence: Mapped[int] = mapped_column(Counter, primary_key=True, autoincrement=False)
    at: Mapped[str]
    actor: Mapped[str]
    deed: Mapped[str]
    kind: Mapped[str]
    subject: Mapped[str] = mapped_column(index=True)
    team: Mapped[str] = mapped_column(index=True)
    version_before: Mapped[int]
    version_after: Mapped[int]
    details: Mapped[str]
    previous: Mapped[str]
    hash: Mapped[str]

    __table_args__ = (Index("ix_ledger_actor_deed_sequence", "actor", "deed", "sequence"),)


class StateRow(Base):
    """The one row every writer takes first: how far the book has come and where the chain ends."""

    __tablename__ = "state"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    revision: Mapped[int] = mapped_column(Counter)
    roster_revision: Mapped[int] = mapped_column(Counter)
    reported: Mapped[int] = mapped_column(Counter)
    filed: Mapped[int] = mapped_column(Counter)
    acts: Mapped[int] = mapped_column(Counter)
    list_version: Mapped[int] = mapped_column(Counter)
    entries: Mapped[int] = mapped_column(Counter)
    head: Mapped[str]


class SettingRow(Base):
    """A word about the book itself: which place it is, from which scenario."""

    __tablename__ = "settings"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]


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
    incident: Mapped[str] = mapped_column(index=True)
    version: Mapped[int]


class UndoneRow(Base):
    """One item that a calendar has no visit for, and why."""

    __tablename__ = "undone"

    calendar: Mapped[str] = mapped_column(primary_key=True)
    item: Mapped[str] = mapped_column(primary_key=True)
    reason: Mapped[str]
    price: Mapped[str]


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


def table(row: type[Base]) -> Table:
    """The Core table behind a row class."""
    found: Any = row.__table__
    assert isinstance(found, Table)
    return found


INCIDENTS = table(IncidentRow)
TEAMS = table(TeamRow)
OFFICERS = table(OfficerRow)
CERTIFICATES = table(CertificateRow)
CREWS = table(CrewRow)
TASKS = table(TaskRow)
CASES = table(CaseRow)
STAMPS = table(StampRow)
POWERS = table(PowerRow)
HOLIDAYS = table(HolidayRow)
LEDGER = table(LedgerRow)
STATE = table(StateRow)
SETTINGS = table(SettingRow)
DISPUTES = table(DisputeRow)
LIAISONS = table(LiaisonRow)
EVIDENCE = table(EvidenceRow)
PEOPLE = table(PersonRow)
SESSIONS = table(SessionRow)
KEYS = table(KeyRow)
HOOKS = table(HookRow)
PREMISES = table(PremisesRow)
DUE_ITEMS = table(DueItemRow)
RECUSALS = table(RecusalRow)
ABSENCES = table(AbsenceRow)
CALENDARS = table(CalendarRow)
OUTINGS = table(OutingRow)
CALLS = table(CallRow)
UNDONE = table(UndoneRow)
TRAITS = table(TraitRow)
PLAN_LINES = table(PlanLineRow)
CHECKS = table(CheckRow)
CLASHES_LEFT = table(ApartRow)
DRAWS = table(DrawRow)
PATROL_OBJECTS = table(PatrolObjectRow)
PATROLS = table(PatrolRow)
PATROL_CELLS = table(PatrolCellRow)
PATROL_ROUNDS = table(PatrolRoundRow)
PATROL_STOPS = table(PatrolStopRow)
PATROL_LEFT_OUT = table(PatrolLeftOutRow)
FINDINGS = table(FindingRow)
