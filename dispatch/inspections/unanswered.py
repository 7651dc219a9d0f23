"""Codes of one table that no row of another answers: no fault of a row, and most likely a slip of the pen."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from dispatch.inspections.codes import resembling
from dispatch.records.inspection import DueItem, Inspector, Premises

EVERYWHERE = "*"


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A code that stands alone.

    Attributes
    ----------
    table, column, code
        Where it stands, as ``items``, ``certificate``, ``fier``.
    rows
        Ids of the rows that have it, in their order.
    nearest
        The code of the other table that it resembles; empty when it resembles none.
    """

    table: str
    column: str
    code: str
    rows: tuple[str, ...]
    nearest: str = ""


def unanswered(
    premises: Sequence[Premises], items: Sequence[DueItem], officers: Sequence[Inspector]
) -> tuple[Unanswered, ...]:
    """Certificates and departments of checks that no officer has, towns without officers, conflicts with nobody.

    A town is only held against towns of officers that have no premises: neighbours are often called alike.
    """
    held = {each for officer in officers for each in officer.certificates}
    departments = {officer.department for officer in officers if officer.department}
    towns, posted = {place.town for place in premises}, {officer.town for officer in officers}
    known = {place.id for place in premises}
    asked = ((item.certificate, item.id) for item in items)
    sent = ((item.department, item.id) for item in items if item.department)
    lying = ((place.town, place.id) for place in premises if EVERYWHERE not in posted)
    kept_away = ((place, officer.id) for officer in officers for place in sorted(officer.conflicts))
    return (
        *_alone("items", "certificate", asked, held, held),
        *_alone("items", "department", sent, departments, departments),
        *_alone("premises", "town", lying, posted, posted - towns),
        *_alone("officers", "conflicts", kept_away, known, ()),
    )


def _alone(
    table: str, column: str, said: Iterable[tuple[str, str]], answers: Collection[str], like: Collection[str]
) -> Iterator[Unanswered]:
    rows: dict[str, list[str]] = defaultdict(list)
    for code, row in said:
        if code not in answers:
            rows[code].append(row)
    for code, ids in rows.items():
        yield Unanswered(table, column, code, tuple(ids), resembling(code, like))
