"""Checks that were made from the desk between rows and records."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from dispatch.records.deskcheck import DeskCheck
from dispatch.records.inspection import Remote
from dispatch.store.tables import DESK_CHECKS
from dispatch.store.writing import Writing


def at(connection: Connection, premises: str) -> list[DeskCheck]:
    """Those of these premises, the newest first; what was taken back is left out."""
    query = select(DESK_CHECKS).where(DESK_CHECKS.c.premises == premises, DESK_CHECKS.c.taken_back.is_(False))
    order = DESK_CHECKS.c.made_at.desc(), DESK_CHECKS.c.id.desc()
    return [_check(row) for row in connection.execute(query.order_by(*order))]


def since(connection: Connection, day: date) -> list[DeskCheck]:
    """Those of this day and later, the newest first; what was taken back is left out."""
    query = select(DESK_CHECKS).where(DESK_CHECKS.c.day >= day, DESK_CHECKS.c.taken_back.is_(False))
    order = DESK_CHECKS.c.made_at.desc(), DESK_CHECKS.c.id.desc()
    return [_check(row) for row in connection.execute(query.order_by(*order))]


def one(connection: Connection, id: str) -> DeskCheck | None:
    """The check of that id, taken back or not, or None."""
    row = connection.execute(select(DESK_CHECKS).where(DESK_CHECKS.c.id == id)).one_or_none()
    return _check(row) if row else None


def keep(page: Writing, check: DeskCheck) -> None:
    """A check as it is now, new or in place of its former version."""
    page.connection.execute(delete(DESK_CHECKS).where(DESK_CHECKS.c.id == check.id))
    officers = json.dumps(list(check.officers), ensure_ascii=False)
    page.connection.execute(insert(DESK_CHECKS), {**asdict(check), "officers": officers})
    page.touch()


def _check(row: Any) -> DeskCheck:
    values = dict(row._mapping)
    officers = tuple(json.loads(values.pop("officers")))
    return DeskCheck(**{**values, "remote": Remote(row.remote), "officers": officers})
