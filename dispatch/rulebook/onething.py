"""What each department does in a matter that concerns several: one thing for the citizen, a task for each of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from dispatch.rulebook.lists import ListRow, read_list
from dispatch.rulebook.matters import Kind, Matter
from dispatch.rulebook.terms import Term, Unit
from gis.schemas import shorten

COLUMNS = ("matter", "order", "department", "task_zh", "task_en", "lead", "limit", "limit_unit")


class YesNo(StrEnum):
    YES = "yes"
    NO = "no"


@dataclass(frozen=True, slots=True)
class Part:
    """One department's part; ``term`` runs from the moment it is sent out."""

    matter: str
    order: int
    department: str
    task_zh: str
    task_en: str
    lead: bool
    term: Term


def read_parts(path: Path, matters: Mapping[str, Matter]) -> dict[str, tuple[Part, ...]]:
    """The parts of every matter that several departments do as one, in their order.

    Raises
    ------
    BadInput
        With every row that is wrong: a matter that is no such thing of the catalogue, an order that stands twice, a
        matter without exactly one lead or whose lead is not the catalogue's.
    """
    file, rows = read_list(path, COLUMNS)
    found: dict[str, list[Part]] = defaultdict(list)
    for row in rows:
        part = _part(row)
        matter = matters.get(part.matter)
        if matter is None or matter.kind is not Kind.ONE_THING:
            row.blame("matter", "a matter of kind one_thing of the catalogue")
        elif part.lead and part.department != matter.lead:
            row.blame("department", f"{matter.lead}, which leads this matter in the catalogue")
        if any(part.order == other.order for other in found[part.matter]):
            row.blame("order", "a number that stands once in its matter")
        found[part.matter].append(part)
    for code, parts in found.items():
        leads = sum(part.lead for part in parts)
        if leads != 1:
            file.blame(None, "lead", f"{leads} leads of {shorten(code)}", "exactly one")
    file.stop_if_faulty("Mend these rows of the list of tasks and read it again.")
    return {code: in_order(parts) for code, parts in found.items()}


def in_order(parts: Sequence[Part]) -> tuple[Part, ...]:
    return tuple(sorted(parts, key=lambda part: part.order))


def _part(row: ListRow) -> Part:
    return Part(
        matter=row.text("matter", expected="the code of a matter"),
        order=row.whole("order", 1, 99),
        department=row.text("department", expected="the code of a department"),
        task_zh=row.text("task_zh", expected="a Chinese task"),
        task_en=row.text("task_en", expected="an English task"),
        lead=row.choice("lead", YesNo) is YesNo.YES,
        term=Term(row.whole("limit", 1, 999), row.choice("limit_unit", Unit)),
    )
