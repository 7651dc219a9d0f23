"""Crews of a day in the order in which the book first had them, so that each keeps its letter whoever joins or goes."""

from __future__ import annotations

import json
from datetime import date

from sqlalchemy import Connection, func, select

from dispatch.store.inspections import InForce
from dispatch.store.ledger import Kind
from dispatch.store.tables import CALENDARS, LEDGER, OUTINGS

MADE_BY = ("inspect_move", "inspect_replan")
"""Deeds that add a crew to a calendar."""


def in_order(connection: Connection, force: InForce, day: date) -> list[tuple[str, str]]:
    """Ids and towns of a day's crews, those that have no call any more included.

    First those that were adopted with a calendar, by id; then the added ones, as the ledger has them. Of calendars of
    which no crew is left on that day there is none.
    """
    left = {one.id for one in force.outings.values() if one.day == day}
    rows = connection.execute(select(OUTINGS.c.id, OUTINGS.c.town).where(OUTINGS.c.day == day)).all()
    first = {name for name in connection.scalars(select(CALENDARS.c.id)) if any(_of(id, name) for id in left)}
    added = _added(connection, first)
    there = [(row.id, row.town) for row in rows if row.id in left or any(_of(row.id, each) for each in first)]
    return sorted(there, key=lambda each: (added.get(each[0], -1), each[0]))


def _of(outing: str, calendar: str) -> bool:
    """Whether the calendar gave the crew its id; one that stays keeps it in the next calendar."""
    return outing.startswith(f"{calendar}-")


def _added(connection: Connection, calendars: set[str]) -> dict[str, int]:
    """The place in the ledger's order of each crew that was added to one of these calendars."""
    adopted = select(func.min(LEDGER.c.sequence)).where(LEDGER.c.subject.in_(calendars))
    query = select(LEDGER.c.details).where(LEDGER.c.kind == Kind.INSPECTION, LEDGER.c.deed.in_(MADE_BY))
    since = connection.scalar(adopted)
    rows = connection.scalars(query.where(LEDGER.c.sequence > since).order_by(LEDGER.c.sequence)) if since else ()
    made = (name for details in rows for name in json.loads(details).get("made", ()))
    return {name: at for at, name in enumerate(dict.fromkeys(made))}
