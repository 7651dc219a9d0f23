"""Appraisals and objections between rows and records, read on a connection and written on a page."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import Any

from sqlalchemy import Connection, select

from dispatch.records.appraisal import Appraisal, Objection, Ruling, Side
from dispatch.store.ledger import Kind
from dispatch.store.tables import APPRAISALS, OBJECTIONS
from dispatch.store.writing import Actor, Writing

APPRAISAL_FIELDS = tuple(field.name for field in fields(Appraisal))
OBJECTION_FIELDS = tuple(field.name for field in fields(Objection))
UNTOLD = frozenset({"id", "version", "basis"})
"""What no entry of the ledger repeats; of the basis it has the hash."""


def appraisals(connection: Connection) -> list[Appraisal]:
    """Every appraisal, the last one opened first."""
    query = select(*(APPRAISALS.c[name] for name in APPRAISAL_FIELDS))
    return [Appraisal(*row) for row in connection.execute(query.order_by(APPRAISALS.c.opened_at.desc()))]


def appraisal(connection: Connection, id: str) -> Appraisal | None:
    """The appraisal of that id, or None."""
    query = select(*(APPRAISALS.c[name] for name in APPRAISAL_FIELDS)).where(APPRAISALS.c.id == id)
    row = connection.execute(query).one_or_none()
    return Appraisal(*row) if row else None


def add_appraisal(page: Writing, actor: Actor, new: Appraisal, **told: Any) -> None:
    row = asdict(new)
    page.put(actor, Kind.APPRAISAL, APPRAISALS, row, {**_told(row), **told})


def publish(page: Writing, actor: Actor, before: Appraisal, after: Appraisal, **told: Any) -> None:
    """An appraisal brought to its last version; ``told`` is what the ledger keeps of the figures."""
    changed = {"published_at": after.published_at, "published_by": after.published_by}
    page.amend(actor, Kind.APPRAISAL, APPRAISALS, before.version, asdict(after), {"set": changed, **told})


def objections(connection: Connection, appraisal: str) -> list[Objection]:
    """What was objected to in an appraisal, in that order."""
    query = select(*(OBJECTIONS.c[name] for name in OBJECTION_FIELDS)).where(OBJECTIONS.c.appraisal == appraisal)
    return [_objection(row) for row in connection.execute(query.order_by(OBJECTIONS.c.made_at, OBJECTIONS.c.id))]


def objection(connection: Connection, id: str) -> Objection | None:
    """The objection of that id, or None."""
    query = select(*(OBJECTIONS.c[name] for name in OBJECTION_FIELDS)).where(OBJECTIONS.c.id == id)
    row = connection.execute(query).one_or_none()
    return _objection(row) if row else None


def add_objection(page: Writing, actor: Actor, new: Objection) -> None:
    row = _row(new)
    page.put(actor, Kind.OBJECTION, OBJECTIONS, row, _told(row))


def change_objection(page: Writing, actor: Actor, before: Objection, after: Objection) -> None:
    was, now = _row(before), _row(after)
    told = {name: value for name, value in now.items() if was[name] != value and name not in UNTOLD}
    page.amend(actor, Kind.OBJECTION, OBJECTIONS, before.version, now, {"set": told})


def _objection(row: Any) -> Objection:
    values = dict(zip(OBJECTION_FIELDS, row, strict=True))
    return Objection(**{**values, "side": Side(values["side"]), "ruling": Ruling(values["ruling"])})


def _row(one: Objection) -> dict[str, Any]:
    return asdict(one) | {"side": one.side.value, "ruling": one.ruling.value}


def _told(row: dict[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in row.items() if name not in UNTOLD}
    return {name: value.isoformat() if name in ("first", "end") else value for name, value in kept.items()}
