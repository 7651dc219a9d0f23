"""Disputes, liaisons and evidence between rows and records, read on a connection and written on a page."""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from dispatch.records.dispute import Dispute, DisputeStatus
from dispatch.records.evidence import Evidence, Liaison
from dispatch.records.incident import UNANSWERED, Incident
from dispatch.records.task import Task, TaskStatus
from dispatch.store import casefiles
from dispatch.store.ledger import Kind
from dispatch.store.tables import DISPUTES, EVIDENCE, INCIDENTS, LEDGER, LIAISONS, TASKS
from dispatch.store.translation import INCIDENT_COLUMNS, incidents
from dispatch.store.writing import Actor, Writing

DISPUTE_FIELDS = tuple(field.name for field in fields(Dispute))
LIAISON_FIELDS = tuple(field.name for field in fields(Liaison))
EVIDENCE_FIELDS = tuple(field.name for field in fields(Evidence))
RAISED = "task_raise"
OVERDUE = "overdue"
UNANSWERED_NOW = sorted(status.value for status in UNANSWERED)


def dispute(connection: Connection, dispute_id: str) -> Dispute | None:
    """The dispute of that id, or None."""
    return next(iter(_disputes(connection, DISPUTES.c.id == dispute_id)), None)


def disputes(
    connection: Connection, *, task: str | None = None, incident: str | None = None, open_only: bool = False
) -> list[Dispute]:
    """Disputes about a task or an incident, or all, the first opened first."""
    wanted = [DISPUTES.c.task == task] if task is not None else []
    wanted += [DISPUTES.c.incident == incident] if incident is not None else []
    if open_only:
        wanted.append(DISPUTES.c.status == DisputeStatus.OPEN.value)
    return _disputes(connection, *wanted)


def add_dispute(page: Writing, actor: Actor, new: Dispute) -> None:
    row = _dispute_row(new)
    page.put(actor, Kind.DISPUTE, DISPUTES, row, {name: row[name] for name in row if name not in ("id", "version")})


def change_dispute(page: Writing, actor: Actor, before: Dispute, after: Dispute) -> None:
    was, now = _dispute_row(before), _dispute_row(after)
    told = {name: value for name, value in now.items() if was[name] != value and name != "version"}
    page.amend(actor, Kind.DISPUTE, DISPUTES, before.version, now, {"set": told})


def late_tasks(connection: Connection, now: datetime) -> list[Task]:
    """Tasks whose ``waits_until`` has passed at ``now`` (aware), by id."""
    status, due = TASKS.c.status, TASKS.c.due_at < now
    unanswered = (status == TaskStatus.SENT) & (func.coalesce(TASKS.c.answer_by_at, TASKS.c.due_at) < now)
    not_there = (status == TaskStatus.ACCEPTED) & (due | (TASKS.c.arrive_by_at < now))
    not_done = (status == TaskStatus.ARRIVED) & due
    query = select(*casefiles.TASK_COLUMNS).where(unanswered | not_there | not_done).order_by(TASKS.c.id)
    return casefiles.tasks(connection.execute(query))


def last_raised(connection: Connection, tasks: Sequence[str]) -> dict[str, datetime]:
    """When the lateness of each of these tasks was last reported, of those where it ever was."""
    found: dict[str, datetime] = {}
    for start in range(0, len(tasks), casefiles.IDS_AT_ONCE):
        some = list(tasks[start : start + casefiles.IDS_AT_ONCE])
        query = select(LEDGER.c.subject, LEDGER.c.at).where(LEDGER.c.subject.in_(some), LEDGER.c.deed == RAISED)
        found |= {
            row.subject: datetime.fromisoformat(row.at) for row in connection.execute(query.order_by(LEDGER.c.sequence))
        }
    return found


def incidents_of(connection: Connection, wanted: Collection[str]) -> dict[str, Incident]:
    """Those of these incidents that the book has, by id."""
    ids, found = sorted(wanted), dict[str, Incident]()
    for start in range(0, len(ids), casefiles.IDS_AT_ONCE):
        some = ids[start : start + casefiles.IDS_AT_ONCE]
        rows = connection.execute(select(*INCIDENT_COLUMNS).where(INCIDENTS.c.id.in_(some)))
        found |= {each.id: each for each in incidents(rows)}
    return found


def unanswered_since(connection: Connection, now: datetime) -> dict[str, datetime]:
    """The incidents that nobody reached in time, by id, with the time by which somebody should have been there."""
    query = select(INCIDENTS.c.id, INCIDENTS.c.due_at).where(
        INCIDENTS.c.status.in_(UNANSWERED_NOW), INCIDENTS.c.due_at < now
    )
    return {row.id: row.due_at for row in connection.execute(query.order_by(INCIDENTS.c.due_at, INCIDENTS.c.id))}


def told_overdue(connection: Connection, actor: str, after: int) -> list[tuple[int, str, datetime]]:
    """What ``actor`` wrote down as overdue after entry ``after``: number, incident and the time that had passed."""
    query = select(LEDGER.c.sequence, LEDGER.c.subject, LEDGER.c.details)
    query = query.where(LEDGER.c.actor == actor, LEDGER.c.deed == OVERDUE, LEDGER.c.sequence > after)
    rows = connection.execute(query.order_by(LEDGER.c.sequence))
    return [(r.sequence, r.subject, datetime.fromisoformat(json.loads(r.details)["due_at"])) for r in rows]


def liaisons(connection: Connection) -> dict[str, Liaison]:
    """The liaison officers by community."""
    query = select(*(LIAISONS.c[name] for name in LIAISON_FIELDS)).order_by(LIAISONS.c.community)
    return {row.community: Liaison(*row) for row in connection.execute(query)}


def liaison(connection: Connection, community: str) -> Liaison | None:
    query = select(*(LIAISONS.c[name] for name in LIAISON_FIELDS)).where(LIAISONS.c.community == community)
    row = connection.execute(query).one_or_none()
    return Liaison(*row) if row else None


def set_liaison(page: Writing, actor: Actor, before: Liaison | None, after: Liaison) -> None:
    told = {"officer": after.officer, "backup": after.backup}
    if before is None:
        page.put(actor, Kind.LIAISON, LIAISONS, asdict(after), told)
    else:
        page.amend(actor, Kind.LIAISON, LIAISONS, before.version, asdict(after), {"set": told})


def evidence(connection: Connection, incident: str) -> list[Evidence]:
    """What was handed in about an incident, in that order, without the bytes."""
    query = select(*(EVIDENCE.c[name] for name in EVIDENCE_FIELDS)).where(EVIDENCE.c.incident == incident)
    return [_evidence(row) for row in connection.execute(query.order_by(EVIDENCE.c.at, EVIDENCE.c.id))]


def evidence_file(connection: Connection, evidence_id: str) -> tuple[Evidence, bytes] | None:
    """One of them with its bytes, or None."""
    query = select(*(EVIDENCE.c[name] for name in EVIDENCE_FIELDS), EVIDENCE.c.data)
    row = connection.execute(query.where(EVIDENCE.c.id == evidence_id)).one_or_none()
    return (_evidence(row), bytes(row.data)) if row is not None else None


def evidence_count(connection: Connection, incident: str) -> int:
    return int(connection.scalar(select(func.count()).where(EVIDENCE.c.incident == incident)) or 0)


def add_evidence(page: Writing, actor: Actor, new: Evidence, data: bytes) -> None:
    """A file kept; the entry of its incident holds its fingerprint."""
    row = {name: None if isinstance(v, float) and math.isnan(v) else v for name, v in asdict(new).items()}
    told = {name: row[name] for name in row if name not in ("id", "at", "by")}
    page.put(actor, Kind.EVIDENCE, EVIDENCE, {**row, "data": data}, told)


def _disputes(connection: Connection, *wanted: Any) -> list[Dispute]:
    query = select(*(DISPUTES.c[name] for name in DISPUTE_FIELDS)).where(*wanted)
    records = []
    for row in connection.execute(query.order_by(DISPUTES.c.opened_at, DISPUTES.c.id)):
        values = dict(zip(DISPUTE_FIELDS, row, strict=True))
        told = {"parties": tuple(json.loads(values["parties"])), "status": DisputeStatus(values["status"])}
        records.append(Dispute(**{**values, **told}))
    return records


def _dispute_row(one: Dispute) -> dict[str, Any]:
    return asdict(one) | {"parties": json.dumps(list(one.parties)), "status": one.status.value}


def _evidence(row: Any) -> Evidence:
    values = {name: getattr(row, name) for name in EVIDENCE_FIELDS}
    told: dict[str, Any] = {name: math.nan if value is None else value for name, value in values.items()}
    return Evidence(**told)
