"""The register's word on premises, departments' plans and their checks between rows and records."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, bindparam, delete, insert, select, tuple_, update

from dispatch.inspections.due import Check
from dispatch.inspections.plans import Occasion, PlanLine
from dispatch.inspections.registers import Credit, Registered, Risk, Traits
from dispatch.records.inspection import Premises
from dispatch.store.casefiles import IDS_AT_ONCE
from dispatch.store.inspections import PREMISES_FIELDS
from dispatch.store.tables import CHECKS, CLASHES_LEFT, DUE_ITEMS, PLAN_LINES, PREMISES, TRAITS
from dispatch.store.writing import Writing


@dataclass(frozen=True, slots=True)
class KeptLine:
    """A line of the book: its year, the sheet it came in, and how many of its checks no cap had room for."""

    line: PlanLine
    year: int
    sheet: str
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class KeptCheck:
    """A check of the book.

    Attributes
    ----------
    fixed
        Its days are no longer the arrangement's to change: it was made due, or moved.
    due, done
        Whether it is among the due items, and whether somebody made it.
    lapsed
        Why it is owed no more; empty while it is.
    """

    check: Check
    fixed: bool = False
    due: bool = False
    done: bool = False
    lapsed: str = ""


def registered(connection: Connection, towns: Collection[str] | None = None) -> dict[str, Registered]:
    """The register by id: premises whose type, risk and credit are known, of these towns or all."""
    columns = [*(PREMISES.c[name] for name in PREMISES_FIELDS), TRAITS.c.type, TRAITS.c.risk, TRAITS.c.credit]
    query = select(*columns).join(TRAITS, TRAITS.c.premises == PREMISES.c.id).order_by(PREMISES.c.id)
    if towns is not None:
        query = query.where(PREMISES.c.town.in_(sorted(towns)))
    return {
        row[0]: Registered(Premises(*row[:-3]), row[-3], Risk(row[-2]), Credit(row[-1]))
        for row in connection.execute(query)
    }


def keep_traits(page: Writing, given: Mapping[str, Traits]) -> None:
    """What the register says of these premises from now on."""
    for some in _parts(sorted(given)):
        page.connection.execute(delete(TRAITS).where(TRAITS.c.premises.in_(some)))
        rows = [{"premises": id, **_told(given[id])} for id in some]
        page.connection.execute(insert(TRAITS), rows)
    page.touch()


def lines(connection: Connection, towns: Collection[str] | None = None, year: int | None = None) -> list[KeptLine]:
    """Every line by department and id, at premises of these towns or all, of a year or all."""
    query = _here(select(PLAN_LINES), towns).order_by(PLAN_LINES.c.department, PLAN_LINES.c.id)
    if year is not None:
        query = query.where(PLAN_LINES.c.year == year)
    return [KeptLine(_line(row), row.year, row.sheet, row.left_out) for row in connection.execute(query)]


def keep_lines(page: Writing, given: Iterable[PlanLine], year: int, sheet: str) -> None:
    """Lines as they are given, new or in place of those of the same department and id."""
    rows = {line.key: _line_row(line, year, sheet) for line in given}
    _drop(page, PLAN_LINES, (PLAN_LINES.c.department, PLAN_LINES.c.id), list(rows))
    if rows:
        page.connection.execute(insert(PLAN_LINES), list(rows.values()))
    page.touch()


def say_left_out(page: Writing, counts: Mapping[tuple[str, str], int]) -> None:
    """How many checks of these lines no annual cap has room for."""
    if counts:
        query = update(PLAN_LINES).where(
            PLAN_LINES.c.department == bindparam("of"), PLAN_LINES.c.id == bindparam("named")
        )
        rows = [{"of": of, "named": named, "count": count} for (of, named), count in sorted(counts.items())]
        page.connection.execute(query.values(left_out=bindparam("count")), rows)
    page.touch()


def checks(connection: Connection, towns: Collection[str] | None = None, year: int | None = None) -> list[KeptCheck]:
    """Every check by id, at premises of these towns or all, of lines of a year or all; lapsed ones too."""
    of = {each.line.key: each.line for each in lines(connection, towns, year)}
    query = select(CHECKS, DUE_ITEMS.c.id.label("due_id"), DUE_ITEMS.c.done_at).outerjoin(
        DUE_ITEMS, DUE_ITEMS.c.id == CHECKS.c.id
    )
    return [
        KeptCheck(_check(row, line), row.fixed, row.due_id is not None, row.done_at is not None, row.lapsed)
        for row in connection.execute(query.order_by(CHECKS.c.id))
        if (line := of.get((row.department, row.line))) is not None
    ]


def keep_checks(page: Writing, given: Sequence[Check], *, fixed: bool) -> None:
    """Checks with their days, new or in place of those of the same id."""
    _drop(page, CHECKS, (CHECKS.c.id,), [(check.id,) for check in given])
    if given:
        page.connection.execute(insert(CHECKS), [_check_row(check, fixed) for check in given])
    page.touch()


def drop_checks(page: Writing, ids: Collection[str]) -> None:
    """Checks that the arrangement no longer has."""
    _drop(page, CHECKS, (CHECKS.c.id,), [(id,) for id in sorted(ids)])
    page.touch()


def lapse(page: Writing, given: Mapping[str, str]) -> None:
    """Checks that are owed no more, each with the code of its reason; they are due no more either."""
    for id, code in sorted(given.items()):
        page.connection.execute(update(CHECKS).where(CHECKS.c.id == id).values(lapsed=code, fixed=True))
        page.connection.execute(delete(DUE_ITEMS).where(DUE_ITEMS.c.id == id, DUE_ITEMS.c.done_at.is_(None)))
    page.touch()


def left_apart(connection: Connection) -> dict[tuple[str, str], str]:
    """The clashes that somebody decided to leave, earlier and later check, with the reason."""
    query = select(CLASHES_LEFT.c.earlier, CLASHES_LEFT.c.later, CLASHES_LEFT.c.why)
    return {(row.earlier, row.later): row.why for row in connection.execute(query)}


def leave_apart(page: Writing, earlier: str, later: str, why: str, by: str, at: datetime) -> None:
    row = {"earlier": earlier, "later": later, "why": why, "by": by, "at": at}
    page.connection.execute(
        delete(CLASHES_LEFT).where(CLASHES_LEFT.c.earlier == earlier, CLASHES_LEFT.c.later == later)
    )
    page.connection.execute(insert(CLASHES_LEFT), row)
    page.touch()


def due_for(connection: Connection, premises: str) -> dict[str, str]:
    """Codes of the items of scenes that are due at these premises by a plan, each with the id of the due item."""
    query = (
        select(PLAN_LINES.c.item, CHECKS.c.id)
        .join(CHECKS, (CHECKS.c.department == PLAN_LINES.c.department) & (CHECKS.c.line == PLAN_LINES.c.id))
        .join(DUE_ITEMS, DUE_ITEMS.c.id == CHECKS.c.id)
        .where(PLAN_LINES.c.premises == premises, DUE_ITEMS.c.done_at.is_(None))
    )
    return {row.item: row.id for row in connection.execute(query)}


def _here(query: Select[Any], towns: Collection[str] | None) -> Select[Any]:
    if towns is None:
        return query
    return query.where(PLAN_LINES.c.premises.in_(select(PREMISES.c.id).where(PREMISES.c.town.in_(sorted(towns)))))


def _drop(page: Writing, table: Any, columns: tuple[Any, ...], keys: Sequence[tuple[str, ...]]) -> None:
    for start in range(0, len(keys), IDS_AT_ONCE // len(columns)):
        some = list(keys[start : start + IDS_AT_ONCE // len(columns)])
        page.connection.execute(delete(table).where(tuple_(*columns).in_(some)))


def _parts(ids: Sequence[str]) -> Iterable[list[str]]:
    return (list(ids[start : start + IDS_AT_ONCE]) for start in range(0, len(ids), IDS_AT_ONCE))


def _told(traits: Traits) -> dict[str, str]:
    return {"type": traits.type, "risk": traits.risk.value, "credit": traits.credit.value}


def _line(row: Any) -> PlanLine:
    return PlanLine(
        row.id,
        row.row,
        row.department,
        row.premises,
        row.item,
        row.basis,
        tuple(json.loads(row.inspectors)),
        row.times,
        row.first,
        row.last,
        Occasion(row.occasion),
    )


def _line_row(line: PlanLine, year: int, sheet: str) -> dict[str, Any]:
    return {
        "department": line.department,
        "id": line.id,
        "year": year,
        "sheet": sheet,
        "row": line.row,
        "premises": line.premises,
        "item": line.item,
        "basis": line.basis,
        "inspectors": json.dumps(list(line.inspectors), ensure_ascii=False),
        "times": line.times,
        "first": line.first,
        "last": line.last,
        "occasion": line.occasion.value,
        "left_out": 0,
    }


def _check(row: Any, line: PlanLine) -> Check:
    return Check(line, row.nth, row.certificate, row.minutes, row.earliest, row.latest, row.since, row.rolled)


def _check_row(check: Check, fixed: bool) -> dict[str, Any]:
    return {
        "id": check.id,
        "department": check.line.department,
        "line": check.line.id,
        "nth": check.nth,
        "certificate": check.certificate,
        "minutes": check.minutes,
        "earliest": check.earliest,
        "latest": check.latest,
        "since": check.since,
        "rolled": check.rolled,
        "fixed": fixed,
        "lapsed": "",
    }
