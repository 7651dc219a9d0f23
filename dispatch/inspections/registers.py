"""The two registers of an inspection: premises with type, risk and credit, and the people who may inspect them."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from dispatch.inspections.codes import Codes, blame_unknown
from dispatch.inspections.columns import rows_of
from dispatch.inspections.tables import once, premises_of_rows
from dispatch.records.inspection import Inspector, Premises
from dispatch.records.team import Role
from dispatch.rulebook.lists import ListFile, ListRow, read_list
from dispatch.rulebook.matters import Source
from gis.crs import Datum
from gis.schemas import Fault

PREMISES_COLUMNS = ("premises_id", "name", "lon", "lat", "town", "type", "risk", "credit")
PREMISES_OPTIONAL = ("opens", "closes", "annual_cap", "visits_this_year")
INSPECTOR_COLUMNS = ("officer_id", "town", "department", "certificates")
INSPECTOR_OPTIONAL = ("role", "conflicts")
TRAIT_COLUMNS = ("premises_id", "type", "risk", "credit")
RISK_COLUMNS = ("risk", "credit", "times", "weight", "source")
DATED = re.compile(r"[:：]\s*\d{4}")
"""As the roster of a place has certificates; taken as they stand, they would be asked for by no check."""
Record = TypeVar("Record")


class Risk(StrEnum):
    """How much harm a fault there could do."""

    LOW = "low"
    ORDINARY = "ordinary"
    RAISED = "raised"
    HIGH = "high"


class Credit(StrEnum):
    """How far the business has kept the law so far; A is best."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"


@dataclass(frozen=True, slots=True)
class RiskClass:
    """What follows from risk and credit.

    Attributes
    ----------
    times
        Planned inspections a year and item; 0 where only the draw brings one.
    weight
        A whole number above 0: how much more likely than weight 1 the draw takes the premises.
    """

    times: int
    weight: int
    source: Source


RiskClasses = Mapping[tuple[Risk, Credit], RiskClass]


@dataclass(frozen=True, slots=True)
class Traits:
    """What a register says of premises beside their place and hours; ``type`` is the code of the scene."""

    type: str
    risk: Risk
    credit: Credit


@dataclass(frozen=True, slots=True)
class Registered:
    """One premises of the register."""

    premises: Premises
    traits: Traits


@dataclass(frozen=True, slots=True)
class PremisesRegister:
    """The premises by id, and the rows that could not be taken, each with its faults."""

    entries: Mapping[str, Registered]
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class InspectorRegister:
    """Who may inspect, by id; who is known and may not (auxiliaries and grid workers), by id; rows not taken.

    ``ended`` are ids of officers whose certificates have all ended.
    """

    inspectors: Mapping[str, Inspector]
    others: Mapping[str, Role]
    faults: tuple[Fault, ...] = ()
    ended: frozenset[str] = frozenset()


def read_risk_classes(path: Path) -> dict[tuple[Risk, Credit], RiskClass]:
    """The table from risk and credit to how often and how likely.

    Raises
    ------
    BadInput
        With every row that is wrong, and every pair of risk and credit that has no row.
    """
    file, rows = read_list(path, RISK_COLUMNS)
    found: dict[tuple[Risk, Credit], RiskClass] = {}
    for row in rows:
        key = row.choice("risk", Risk), row.choice("credit", Credit)
        if key in found:
            row.blame("credit", "each pair of risk and credit once")
        found[key] = RiskClass(row.whole("times", 0, 366), row.whole("weight", 1, 1000), row.choice("source", Source))
    for risk in Risk:
        for credit in Credit:
            if (risk, credit) not in found:
                file.blame(None, "risk", f"no row for {risk} and {credit}", "one for every pair")
    file.stop_if_faulty("Mend the table of risk classes and read it again.")
    return found


def premises_of(file: ListFile, table: Sequence[Sequence[str]], types: Collection[str]) -> PremisesRegister:
    """The register of premises in a table whose first row is the header.

    Parameters
    ----------
    file
        For messages.
    table
        As for `dispatch.inspections.tables.premises_in`, in WGS84; hours that are empty are all day.
    types
        Codes of the scenes.

    Raises
    ------
    BadInput
        When a column is missing. A row that is wrong is left out and stands in ``faults``.
    """
    rows = rows_of(file, table, PREMISES_COLUMNS, PREMISES_OPTIONAL)
    traits = traits_of(rows, types)
    places = premises_of_rows(rows, Datum.WGS84, all_day=True)
    found = {one.id: Registered(one, traits[one.id]) for one in places}
    return PremisesRegister(_without_faults(file, rows, "premises_id", found), tuple(file.faults))


def traits_of(rows: Sequence[ListRow], types: Collection[str]) -> dict[str, Traits]:
    """Type, risk and credit by premises, out of a table that has these columns; what is wrong is blamed on its row."""
    return {row.values["premises_id"]: _traits(row, types) for row in rows}


def inspectors_of(
    file: ListFile,
    table: Sequence[Sequence[str]],
    departments: Codes | None = None,
    fields: Codes | None = None,
    columns: Sequence[str] = INSPECTOR_COLUMNS,
) -> InspectorRegister:
    """The register of people in a table whose first row is the header, in its order; the town ``*`` is all of them.

    An empty role, or no column of that name, is an officer's.

    Parameters
    ----------
    departments, fields
        The codes that departments and certificates may have; any when left out.
    columns
        Those that the table must have.

    Raises
    ------
    BadInput
        When a column is missing. A row that is wrong is left out and stands in ``faults``.
    """
    rows = rows_of(file, table, columns, (*INSPECTOR_COLUMNS, *INSPECTOR_OPTIONAL))
    seen: dict[str, int] = {}
    people = [_inspector(row, seen, departments or {}, fields or {}) for row in rows]
    right = _without_faults(file, rows, "officer_id", {person.id: (person, role) for person, role in people})
    return InspectorRegister(
        {id: person for id, (person, role) in right.items() if role is Role.OFFICER},
        {id: role for id, (_, role) in right.items() if role is not Role.OFFICER},
        tuple(file.faults),
    )


def _without_faults(
    file: ListFile, rows: Sequence[ListRow], column: str, kept: Mapping[str, Record]
) -> dict[str, Record]:
    """Only the records that no row blamed; of an id that stands twice none, since nobody knows which one is meant."""
    wrong = {fault.row for fault in file.faults}
    blamed = {row.values[column] for row in rows if row.number in wrong}
    return {id: record for id, record in kept.items() if id not in blamed}


def _traits(row: ListRow, types: Collection[str]) -> Traits:
    if row.values["type"]:
        blame_unknown(row, "type", dict.fromkeys(types, ()), "a scene")
    else:
        row.blame("type", "the code of a scene")
    return Traits(row.values["type"], row.choice("risk", Risk), row.choice("credit", Credit))


def _inspector(row: ListRow, seen: dict[str, int], departments: Codes, fields: Codes) -> tuple[Inspector, Role]:
    blame_unknown(row, "department", departments, "a department")
    blame_unknown(row, "certificates", fields, "a certificate")
    if not fields and any(DATED.search(part) for part in row.several("certificates")):
        row.blame("certificates", "certificates without their last days, such as city; leave out those that have ended")
    inspector = Inspector(
        id=once(row, "officer_id", seen),
        town=row.text("town", expected="the town of the posting, or * for all"),
        department=row.values["department"],
        certificates=frozenset(row.several("certificates")),
        conflicts=frozenset(row.several("conflicts")),
    )
    return inspector, row.choice("role", Role) if row.values["role"] else Role.OFFICER
