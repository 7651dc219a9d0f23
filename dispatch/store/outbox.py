"""The ledger as an outbox: what comes after an entry, a page at a time."""

from __future__ import annotations

from sqlalchemy import Connection, select

from dispatch.records.task import Task
from dispatch.store import casefiles
from dispatch.store.ledger import Entry, entry
from dispatch.store.tables import LEDGER, TASKS


def entries_after(connection: Connection, sequence: int, most: int) -> list[Entry]:
    """At most ``most`` entries after number ``sequence``, in order."""
    query = select(LEDGER).where(LEDGER.c.sequence > sequence).order_by(LEDGER.c.sequence).limit(most)
    return [entry(row) for row in connection.execute(query)]


def task(connection: Connection, task_id: str) -> Task | None:
    """The task of that id as it stands, or None."""
    query = select(*casefiles.TASK_COLUMNS).where(TASKS.c.id == task_id)
    return next(iter(casefiles.tasks(connection.execute(query))), None)
