"""Cases and tasks between rows and records, and how they are read and saved on one connection."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, insert, select

from dispatch.records.case import Case, Outcome, Party, PartyKind, Procedure, Stamp
from dispatch.records.task import OPEN, Task, TaskKind, TaskStatus
from dispatch.store.tables import CASES, STAMPS, TASKS

TASK_FIELDS = tuple(field.name for field in fields(Task))
TASK_COLUMNS = tuple(TASKS.c[name] for name in TASK_FIELDS)
IDS_AT_ONCE = 900
CASE_WORDS = ("id", "incident", "matter", "town", "body", "mode", "letterhead", "basis")


def tasks(rows: Iterable[Row[Any]]) -> list[Task]:
    """Records of rows selected by ``TASK_COLUMNS``."""
    records = []
    for row in rows:
        values = dict(zip(TASK_FIELDS, row, strict=True))
        values["returned_by"] = tuple(json.loads(values["returned_by"]))
        records.append(Task(**{**values, "status": TaskStatus(values["status"]), "kind": TaskKind(values["kind"])}))
    return records


def task_row(task: Task) -> dict[str, Any]:
    told = {"status": task.status.value, "kind": task.kind.value, "returned_by": json.dumps(list(task.returned_by))}
    return asdict(task) | told


def tasks_where(incident: str | None = None, *, open_only: bool = False) -> Select[Any]:
    """The query for an incident's tasks, or all, by id."""
    query = select(*TASK_COLUMNS).order_by(TASKS.c.id)
    if incident is not None:
        query = query.where(TASKS.c.incident == incident)
    return query.where(TASKS.c.status.in_(sorted(OPEN))) if open_only else query


def cases_where(
    *,
    open_only: bool = False,
    incident: str | None = None,
    party: str | None = None,
    matter: str | None = None,
    body: str | None = None,
    limit: int | None = None,
    filed_since: datetime | None = None,
) -> Select[Any]:
    """The query for the cases that answer to everything given, the first filed first."""
    query = select(CASES).order_by(CASES.c.filed_at, CASES.c.id)
    for column, wanted in (
        (CASES.c.incident, incident),
        (CASES.c.party_id, party),
        (CASES.c.matter, matter),
        (CASES.c.body, body),
    ):
        if wanted is not None:
            query = query.where(column == wanted)
    if filed_since is not None:
        query = query.where(CASES.c.filed_at >= filed_since)
    query = query.where(CASES.c.closed_at.is_(None)) if open_only else query
    return query if limit is None else query.limit(limit)


def read_cases(connection: Connection, query: Select[Any]) -> list[Case]:
    """The cases of a query made by :func:`cases_where`, each with its stamps."""
    rows = connection.execute(query).all()
    stamps = _stamps(connection, [row.id for row in rows])
    return [_case(row, stamps.get(row.id, ())) for row in rows]


def read_case(connection: Connection, case_id: str) -> Case | None:
    """The case of that id, or None."""
    return next(iter(read_cases(connection, select(CASES).where(CASES.c.id == case_id))), None)


def case_row(case: Case) -> dict[str, Any]:
    """The columns of a case without its stamps."""
    return {name: getattr(case, name) for name in CASE_WORDS} | {
        "party_id": case.party.id,
        "party_name": case.party.name,
        "party_kind": case.party.kind.value,
        "procedure": case.procedure.value,
        "filed_at": case.filed_at,
        "facts": _json(case.facts),
        "outcome": case.outcome.value if case.outcome else None,
        "fine_yuan": case.fine_yuan,
        "closed_at": case.closed_at,
        "version": case.version,
    }


def save_stamps(connection: Connection, case_id: str, stamps: Sequence[Stamp], after: int) -> None:
    """The stamps that come after the first ``after``: a stamp is never written again."""
    rows = [
        {
            "case_id": case_id,
            "number": number,
            "step": stamp.step,
            "at": stamp.at,
            "by": stamp.by,
            "officers": json.dumps(list(stamp.officers)),
            "act_code": stamp.act_code,
            "facts": _json(stamp.facts),
        }
        for number, stamp in enumerate(stamps[after:], start=after + 1)
    ]
    if rows:
        connection.execute(insert(STAMPS), rows)


def case_facts(case: Case) -> dict[str, Any]:
    """What the ledger keeps of a case: every field but id, version and the stamps, which are entries themselves."""
    party = {"id": case.party.id, "name": case.party.name, "kind": case.party.kind.value}
    kept = {name: getattr(case, name) for name in CASE_WORDS if name != "id"}
    return kept | {
        "party": party,
        "procedure": case.procedure.value,
        "filed_at": case.filed_at,
        "facts": dict(case.facts),
        "outcome": case.outcome.value if case.outcome else None,
        "fine_yuan": case.fine_yuan,
        "closed_at": case.closed_at,
    }


def task_facts(task: Task) -> dict[str, Any]:
    """What the ledger keeps of a task: every field but id and version."""
    return {name: value for name, value in task_row(task).items() if name not in ("id", "version")}


def stamp_told(stamp: Stamp) -> dict[str, Any]:
    """A stamp as the ledger keeps it."""
    told = {"step": stamp.step, "officers": list(stamp.officers), "act_code": stamp.act_code}
    return told | {"facts": dict(stamp.facts)}


def _case(row: Row[Any], stamps: Sequence[Stamp]) -> Case:
    return Case(
        **{name: getattr(row, name) for name in CASE_WORDS},
        party=Party(row.party_id, row.party_name, PartyKind(row.party_kind)),
        procedure=Procedure(row.procedure),
        filed_at=row.filed_at,
        stamps=tuple(stamps),
        facts=json.loads(row.facts),
        outcome=Outcome(row.outcome) if row.outcome else None,
        fine_yuan=row.fine_yuan,
        closed_at=row.closed_at,
        version=row.version,
    )


def _stamps(connection: Connection, cases: Sequence[str]) -> dict[str, list[Stamp]]:
    found: dict[str, list[Stamp]] = defaultdict(list)
    for start in range(0, len(cases), IDS_AT_ONCE):
        some = cases[start : start + IDS_AT_ONCE]
        query = select(STAMPS).where(STAMPS.c.case_id.in_(some)).order_by(STAMPS.c.case_id, STAMPS.c.number)
        for row in connection.execute(query):
            officers = tuple(json.loads(row.officers))
            found[row.case_id].append(Stamp(row.step, row.at, row.by, officers, row.act_code, json.loads(row.facts)))
    return found


def _json(facts: Mapping[str, Any]) -> str:
    return json.dumps(dict(facts), ensure_ascii=False, sort_keys=True)
