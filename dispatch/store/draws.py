"""Draws between rows and records: what each was made from, kept whole, so that anybody can draw again."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from dispatch.inspections.draw import Draw, Entrant, from_json, to_json
from dispatch.inspections.drawfile import Lists
from dispatch.records.inspection import Inspector
from dispatch.store.tables import DRAWS, DUE_ITEMS
from dispatch.store.writing import Writing


@dataclass(frozen=True, slots=True)
class KeptDraw:
    """A draw as the book keeps it.

    Attributes
    ----------
    towns, scene, items
        Whose premises are in it, of which scene, and the codes of the items that are checked there.
    seed_from
        Where the seed comes from, said before anybody knows it.
    premises, inspectors
        Both registers as they were when the draw was opened; of inspectors what the draw looks at.
    lists
        What the lists said on that day; None of draws from before they were kept.
    record
        None until a seed was given.
    first, last
        The days between which the drawn premises are inspected; None until they were made due.
    """

    id: str
    name: str
    towns: tuple[str, ...]
    scene: str
    items: tuple[str, ...]
    count: int
    crew: int
    seed_from: str
    premises: tuple[Entrant, ...]
    inspectors: tuple[Inspector, ...]
    opened_at: datetime
    opened_by: str
    drawn_at: datetime | None = None
    drawn_by: str = ""
    record: Draw | None = None
    first: date | None = None
    last: date | None = None
    lists: Lists | None = None


def draws(connection: Connection) -> list[KeptDraw]:
    """Every draw, the last one first."""
    rows = connection.execute(select(DRAWS).order_by(DRAWS.c.opened_at.desc(), DRAWS.c.id.desc()))
    return [_draw(row) for row in rows]


def draw(connection: Connection, id: str) -> KeptDraw | None:
    """The draw of that id, or None."""
    row = connection.execute(select(DRAWS).where(DRAWS.c.id == id)).one_or_none()
    return _draw(row) if row else None


def add_draw(page: Writing, one: KeptDraw) -> None:
    row = {
        "id": one.id,
        "name": one.name,
        "towns": _json(one.towns),
        "scene": one.scene,
        "items": _json(one.items),
        "count": one.count,
        "crew": one.crew,
        "seed_from": one.seed_from,
        "premises": json.dumps([[e.id, e.town, e.weight, sorted(e.needs)] for e in one.premises], ensure_ascii=False),
        "inspectors": json.dumps(
            [[p.id, p.town, p.department, sorted(p.certificates), sorted(p.conflicts)] for p in one.inspectors],
            ensure_ascii=False,
        ),
        "opened_at": one.opened_at,
        "opened_by": one.opened_by,
        "drawn_at": None,
        "drawn_by": "",
        "record": "",
        "first": None,
        "last": None,
        "lists": json.dumps(one.lists.told(), ensure_ascii=False) if one.lists else "",
    }
    page.connection.execute(insert(DRAWS), row)
    page.touch()


def keep_record(page: Writing, id: str, record: Draw, at: datetime, by: str) -> None:
    """What was drawn, when and by whom."""
    values = {"record": to_json(record), "drawn_at": at, "drawn_by": by}
    page.connection.execute(update(DRAWS).where(DRAWS.c.id == id).values(values))
    page.touch()


def keep_days(page: Writing, id: str, first: date, last: date) -> None:
    """Between which days the drawn premises are inspected."""
    page.connection.execute(update(DRAWS).where(DRAWS.c.id == id).values(first=first, last=last))
    page.touch()


def only(connection: Connection, today: date) -> dict[str, frozenset[str]]:
    """Drawn checks that are still due and whose days are not over, each with the officers drawn for it."""
    query = select(DUE_ITEMS.c.id).where(
        DUE_ITEMS.c.id.like("D%:%"), DUE_ITEMS.c.done_at.is_(None), DUE_ITEMS.c.latest >= today
    )
    still: dict[str, list[str]] = defaultdict(list)
    for id in connection.scalars(query):
        still[id.rpartition(":")[0]].append(id)
    names = sorted({door.partition(":")[0] for door in still})
    records = select(DRAWS.c.id, DRAWS.c.record).where(DRAWS.c.id.in_(names), DRAWS.c.record != "")
    return {
        id: frozenset(each.inspectors)
        for one in (connection.execute(records) if names else ())
        for each in from_json(one.record, one.id).drawn
        for id in still.get(f"{one.id}:{each.premises}", ())
    }


def _draw(row: Any) -> KeptDraw:
    return KeptDraw(
        row.id,
        row.name,
        tuple(json.loads(row.towns)),
        row.scene,
        tuple(json.loads(row.items)),
        row.count,
        row.crew,
        row.seed_from,
        tuple(Entrant(id, town, weight, frozenset(needs)) for id, town, weight, needs in json.loads(row.premises)),
        tuple(
            Inspector(id, town, department, frozenset(certificates), frozenset(conflicts))
            for id, town, department, certificates, conflicts in json.loads(row.inspectors)
        ),
        row.opened_at,
        row.opened_by,
        row.drawn_at,
        row.drawn_by,
        from_json(row.record, row.id) if row.record else None,
        row.first,
        row.last,
        Lists.of(json.loads(row.lists)) if row.lists else None,
    )


def _json(words: Sequence[str]) -> str:
    return json.dumps(list(words), ensure_ascii=False)
