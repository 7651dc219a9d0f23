"""Requests of enterprises between rows and records."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, select

from dispatch.records.request import Request, Wish
from dispatch.store.ledger import Kind
from dispatch.store.tables import REQUESTS
from dispatch.store.writing import Actor, Writing


def at(connection: Connection, premises: str) -> list[Request]:
    """Those of these premises, the newest first."""
    query = select(REQUESTS).where(REQUESTS.c.premises == premises)
    rows = connection.execute(query.order_by(REQUESTS.c.taken_at.desc(), REQUESTS.c.id.desc()))
    return [_request(row) for row in rows]


def waiting(connection: Connection) -> list[Request]:
    """Those that nobody has answered, the most pressing first."""
    query = select(REQUESTS).where(REQUESTS.c.answered_at.is_(None))
    return [_request(row) for row in connection.execute(query.order_by(REQUESTS.c.answer_by, REQUESTS.c.id))]


def one(connection: Connection, id: str) -> Request | None:
    """The request of that id, or None."""
    row = connection.execute(select(REQUESTS).where(REQUESTS.c.id == id)).one_or_none()
    return _request(row) if row else None


def add(page: Writing, actor: Actor, new: Request) -> None:
    told = {"premises": new.premises, "wish": new.wish.value, "asker": new.asker, "said": new.said}
    days = {"asked_on": new.asked_on.isoformat(), "answer_by": new.answer_by.isoformat()}
    page.put(actor, Kind.INSPECTION, REQUESTS, asdict(new), {**told, **days})


def change(page: Writing, actor: Actor, before: Request, after: Request) -> None:
    """A request brought to its next version."""
    told = {"premises": after.premises, "answer": after.answer}
    page.amend(actor, Kind.INSPECTION, REQUESTS, before.version, asdict(after), {"set": told})


def _request(row: Any) -> Request:
    return Request(**{**row._mapping, "wish": Wish(row.wish)})
