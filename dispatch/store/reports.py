"""What other systems may read of the incidents: found by what they ask, page by page, with the last deed on each."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, literal, or_, select

from dispatch.records.incident import Incident
from dispatch.store.ledger import REFUSED, Kind, as_kept
from dispatch.store.tables import INCIDENTS, KEYS, LEDGER
from dispatch.store.translation import INCIDENT_COLUMNS, OPEN_NOW, incidents

BY_KEY = "key:"
"""How the actors begin who report with a key."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which incidents somebody asks for. None lets everything through.

    Attributes
    ----------
    source
        Beside what came in with a key, everything of this source; empty: nothing beside it.
    ids, matters
        Only these; ids stand alone, the other wishes are then passed over.
    since, until
        Aware: when they were reported, both included.
    open
        True for open ones, False for closed and merged ones.
    changed_after, changed_before
        Aware: when the last deed on them was done, both excluded.
    skip, most
        Where the page begins and how long it is.
    """

    source: str = ""
    ids: Collection[str] | None = None
    matters: Collection[str] | None = None
    since: datetime | None = None
    until: datetime | None = None
    open: bool | None = None
    changed_after: datetime | None = None
    changed_before: datetime | None = None
    skip: int = 0
    most: int = 200


def reported(connection: Connection, wanted: Wanted) -> list[tuple[Incident, datetime]]:
    """The incidents asked for, the last reported first, each with the time (aware, UTC) of the last deed on it."""
    changed = (
        select(func.max(LEDGER.c.at))
        .where(LEDGER.c.subject == INCIDENTS.c.id, LEDGER.c.kind == Kind.INCIDENT.value)
        .where(LEDGER.c.deed.not_like(REFUSED + "%"))
        .scalar_subquery()
    )
    query = select(*INCIDENT_COLUMNS, changed).where(_may_be_read(wanted.source), *_conditions(wanted, changed))
    query = query.order_by(INCIDENTS.c.reported_at.desc(), INCIDENTS.c.id.desc())
    rows = connection.execute(query.limit(wanted.most).offset(wanted.skip)).all()
    found = incidents(row[:-1] for row in rows)  # type: ignore[misc]
    return [
        (incident, datetime.fromisoformat(row[-1]) if row[-1] else incident.reported_at)
        for incident, row in zip(found, rows, strict=True)
    ]


def _may_be_read(source: str) -> ColumnElement[bool]:
    """The ledger says what came in with a key; a word in a column could be anybody's."""
    actors = select(literal(BY_KEY) + KEYS.c.id)
    told = select(LEDGER.c.subject).where(LEDGER.c.actor.in_(actors), LEDGER.c.deed == "report")
    by_key = INCIDENTS.c.id.in_(told)
    return or_(by_key, INCIDENTS.c.source == source) if source else by_key


def _conditions(wanted: Wanted, changed: ColumnElement[str]) -> list[ColumnElement[bool]]:
    if wanted.ids is not None:
        return [INCIDENTS.c.id.in_(list(wanted.ids))]
    is_open = INCIDENTS.c.status.in_(OPEN_NOW)
    conditions: list[ColumnElement[bool] | None] = [
        None if wanted.matters is None else INCIDENTS.c.matter.in_(list(wanted.matters)),
        None if wanted.since is None else INCIDENTS.c.reported_at >= wanted.since,
        None if wanted.until is None else INCIDENTS.c.reported_at <= wanted.until,
        None if wanted.open is None else (is_open if wanted.open else ~is_open),
        None if wanted.changed_after is None else changed > as_kept(wanted.changed_after),
        None if wanted.changed_before is None else changed < as_kept(wanted.changed_before),
    ]
    return [each for each in conditions if each is not None]
