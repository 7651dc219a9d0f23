"""The register's word on premises, departments' plans and their checks between rows and records."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Select, bindparam, delete, insert, select, tuple_, update

from dispatch.inspections.due import Check
from dispatch.inspections.plans import Key, PlanLine
from dispatch.inspections.registers import Credit, Registered, Risk, Traits
from dispatch.records.inspection import Occasion, Premises, Remote
from dispatch.store.casefiles import IDS_AT_ONCE
from dispatch.store.inspections import PREMISES_FIELDS
from dispatch.store.tables import CHECKS, CLASHES_LEFT, DUE_ITEMS, PLAN_LINES, PREMISES, TRAITS, UNDONE
from dispatch.store.writing import Writing

LINE_KEY = (PLAN_LINES.c.department, PLAN_LINES.c.year, PLAN_LINES.c.id)


@dataclass(frozen=True, slots=True)
class KeptLine:
    """A line of the book.

    Attributes
    ----------
    sheet
        The one it came in.
    left_out
        How many of its checks no cap had room for.
    withdrawn
        A newer sheet has it no more; it is kept for the checks of it that were made, or will be, all the same.
    """

    line: PlanLine
    sheet: str
    left_out: int = 0
    withdrawn: bool = False


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
        row[0]: Registered(Premises(*row[:-3]), Traits(row[-3], Risk(row[-2]), Credit(row[-1])))
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
    """Every line by department, year and id, at premises of these towns or all, of a year or all."""
    query = _here(select(PLAN_LINES), towns).order_by(*LINE_KEY)
    if year is not None:
        query = query.where(PLAN_LINES.c.year == year)
    return [KeptLine(_line(row), row.sheet, row.left_out, row.withdrawn) for row in connection.execute(query)]


def keep_lines(page: Writing, given: Iterable[PlanLine], sheet: str) -> None:
    """Lines as they are given, new or in place of those of the same department, year and id."""
    rows = {line.key: _line_row(line, sheet) for line in given}
    _drop(page, PLAN_LINES, LINE_KEY, list(rows))
    if rows:
        page.connection.execute(insert(PLAN_LINES), list(rows.values()))
    page.touch()


def drop_lines(page: Writing, keys: Iterable[Key]) -> None:
    """Lines that a newer sheet has no more and of which nothing was made."""
    _drop(page, PLAN_LINES, LINE_KEY, sorted(keys))
    page.touch()


def say_withdrawn(page: Writing, keys: Iterable[Key]) -> None:
    """These lines stand only for what was made of them."""
    _update_lines(page, dict.fromkeys(keys, True), "withdrawn")


def say_left_out(page: Writing, counts: Mapping[Key, int]) -> None:
    """How many checks of these lines no annual cap has room for."""
    _update_lines(page, counts, "left_out")


def _update_lines(page: Writing, given: Mapping[Key, int | bool], column: str) -> None:
    if given:
        department, year, id = LINE_KEY
        query = update(PLAN_LINES).where(
            department == bindparam("of"), year == bindparam("in_year"), id == bindparam("named")
        )
        rows = [
            {"of": of, "in_year": in_year, "named": named, "said": said}
            for (of, in_year, named), said in sorted(given.items())
        ]
        page.connection.execute(query.values({column: bindparam("said")}), rows)
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
        if (line := of.get((row.department, row.year, row.line))) is not None
    ]


def keep_checks(page: Writing, given: Sequence[Check], *, fixed: bool) -> None:
    """Checks with their days, new or in place of those of the same id."""
    _drop(page, CHECKS, (CHECKS.c.id,), [(check.id,) for check in given])
    if given:
        page.connection.execute(insert(CHECKS), [_check_row(check, fixed) for check in given])
    page.touch()


def drop_checks(page: Writing, ids: Collection[str]) -> None:
    """Checks that the plans no longer have; they are due no more either, and no calendar lacks them."""
    keys = [(id,) for id in sorted(ids)]
    _drop(page, CHECKS, (CHECKS.c.id,), keys)
    _drop(page, DUE_ITEMS, (DUE_ITEMS.c.id,), keys, DUE_ITEMS.c.done_at.is_(None))
    _drop(page, UNDONE, (UNDONE.c.item,), keys)
    page.touch()


def lapse(page: Writing, given: Mapping[str, str]) -> None:
    """Checks that are owed no more, each with the code of its reason; they are due no more either."""
    for id, code in sorted(given.items()):
        page.connection.execute(update(CHECKS).where(CHECKS.c.id == id).values(lapsed=code, fixed=True))
        page.connection.execute(delete(DUE_ITEMS).where(DUE_ITEMS.c.id == id, DUE_ITEMS.c.done_at.is_(None)))
        page.connection.execute(delete(UNDONE).where(UNDONE.c.item == id))
    page.touch()


def withdrawn_of(connection: Connection, ids: Collection[str]) -> set[str]:
    """Those of these checks whose line a newer sheet has no more: once their call comes to nothing, nobody asks."""
    of_line = (
        (CHECKS.c.department == PLAN_LINES.c.department)
        & (CHECKS.c.year == PLAN_LINES.c.year)
        & (CHECKS.c.line == PLAN_LINES.c.id)
    )
    query = select(CHECKS.c.id).join(PLAN_LINES, of_line)
    return set(connection.scalars(query.where(PLAN_LINES.c.withdrawn, CHECKS.c.id.in_(sorted(ids)))))


def named(connection: Connection, today: date) -> dict[str, frozenset[str]]:
    """Checks still due whose days are not over and for which the department named officers, each with those."""
    of_line = (
        (CHECKS.c.department == PLAN_LINES.c.department)
        & (CHECKS.c.year == PLAN_LINES.c.year)
        & (CHECKS.c.line == PLAN_LINES.c.id)
    )
    query = select(CHECKS.c.id, PLAN_LINES.c.inspectors).join(PLAN_LINES, of_line)
    query = query.join(DUE_ITEMS, DUE_ITEMS.c.id == CHECKS.c.id)
    query = query.where(PLAN_LINES.c.inspectors != "[]", DUE_ITEMS.c.done_at.is_(None), DUE_ITEMS.c.latest >= today)
    return {row.id: frozenset(json.loads(row.inspectors)) for row in connection.execute(query)}


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
        .join(
            CHECKS,
            (CHECKS.c.department == PLAN_LINES.c.department)
            & (CHECKS.c.year == PLAN_LINES.c.year)
            & (CHECKS.c.line == PLAN_LINES.c.id),
        )
        .join(DUE_ITEMS, DUE_ITEMS.c.id == CHECKS.c.id)
        .where(PLAN_LINES.c.premises == premises, DUE_ITEMS.c.done_at.is_(None))
    )
    return {row.item: row.id for row in connection.execute(query)}


def _here(query: Select[Any], towns: Collection[str] | None) -> Select[Any]:
    if towns is None:
        return query
    return query.where(PLAN_LINES.c.premises.in_(select(PREMISES.c.id).where(PREMISES.c.town.in_(sorted(towns)))))


def _drop(
    page: Writing, table: Any, columns: tuple[Any, ...], keys: Sequence[tuple[str | int, ...]], *only: Any
) -> None:
    for start in range(0, len(keys), IDS_AT_ONCE // len(columns)):
        some = list(keys[start : start + IDS_AT_ONCE // len(columns)])
        page.connection.execute(delete(table).where(tuple_(*columns).in_(some), *only))


def _parts(ids: Sequence[str]) -> Iterable[list[str]]:
    return (list(ids[start : start + IDS_AT_ONCE]) for start in range(0, len(ids), IDS_AT_ONCE))


def _told(traits: Traits) -> dict[str, str]:
    return {"type": traits.type, "risk": traits.risk.value, "credit": traits.credit.value}


def _line(row: Any) -> PlanLine:
    return PlanLine(
        row.id,
        row.row,
        row.year,
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


def _line_row(line: PlanLine, sheet: str) -> dict[str, Any]:
    return {
        "department": line.department,
        "id": line.id,
        "year": line.year,
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
        "withdrawn": False,
    }


def _check(row: Any, line: PlanLine) -> Check:
    days = row.earliest, row.latest, row.since
    return Check(line, row.nth, row.certificate, row.minutes, *days, row.rolled, Remote(row.remote))


def _check_row(check: Check, fixed: bool) -> dict[str, Any]:
    return {
        "id": check.id,
        "department": check.line.department,
        "year": check.line.year,
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
        "remote": check.remote.value,
    }
