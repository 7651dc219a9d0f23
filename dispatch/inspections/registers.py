"""The two registers of an inspection: premises with type, risk and credit, and the people who may inspect them."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from dispatch.inspections.codes import Codes, blame_unknown
from dispatch.inspections.columns import id_in, rows_of
from dispatch.records.inspection import Inspector, Premises
from dispatch.records.team import Role
from dispatch.rulebook.lists import ListFile, ListRow, read_list
from dispatch.rulebook.matters import Source
from gis.schemas import Fault

PREMISES_COLUMNS = ("premises_id", "name", "lon", "lat", "town", "type", "risk", "credit")
PREMISES_OPTIONAL = ("opens", "closes", "annual_cap", "visits_this_year")
INSPECTOR_COLUMNS = ("officer_id", "town", "department", "certificates")
INSPECTOR_OPTIONAL = ("role", "conflicts")
TRAIT_COLUMNS = ("premises_id", "type", "risk", "credit")
RISK_COLUMNS = ("risk", "credit", "times", "weight", "source")
CLOCK = r"(?:([01]?\d|2[0-3]):[0-5]\d|24:00)(:00)?"
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
    """One premises of the register; ``type`` is the code of its scene."""

    premises: Premises
    type: str
    risk: Risk
    credit: Credit

    @property
    def traits(self) -> Traits:
        return Traits(self.type, self.risk, self.credit)


@dataclass(frozen=True, slots=True)
class PremisesRegister:
    """The premises by id, and the rows that could not be taken, each with its faults."""

    entries: Mapping[str, Registered]
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class InspectorRegister:
    """Who may inspect, by id; who is known and may not (auxiliaries and grid workers), by id; rows not taken."""

    inspectors: Mapping[str, Inspector]
    others: Mapping[str, Role]
    faults: tuple[Fault, ...] = ()


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
        Cells as text. ``lon, lat`` in degrees, WGS84; ``opens, closes`` as HH:MM, all day when empty.
    types
        Codes of the scenes.

    Raises
    ------
    BadInput
        When a column is missing. A row that is wrong is left out and stands in ``faults``.
    """
    rows = rows_of(file, table, PREMISES_COLUMNS, PREMISES_OPTIONAL)
    kept: dict[str, Registered] = {}
    for row in rows:
        entry = _registered(row, types)
        if entry.premises.id in kept:
            row.blame("premises_id", "an id that stands once")
        kept.setdefault(entry.premises.id, entry)
    entries = _without_faults(file, rows, "premises_id", kept)
    return PremisesRegister(entries, tuple(file.faults))


def traits_of(rows: Sequence[ListRow], types: Collection[str]) -> dict[str, Traits]:
    """Type, risk and credit by premises, out of a table that has these columns; what is wrong is blamed on its row."""
    return {row.values["premises_id"]: _traits(row, types) for row in rows}


def inspectors_of(
    file: ListFile, table: Sequence[Sequence[str]], departments: Codes | None = None, fields: Codes | None = None
) -> InspectorRegister:
    """The register of people in a table whose first row is the header; an empty role is an officer's.

    Parameters
    ----------
    departments, fields
        The codes that departments and certificates may have; any when left out.

    Raises
    ------
    BadInput
        When a column is missing. A row that is wrong is left out and stands in ``faults``.
    """
    rows = rows_of(file, table, INSPECTOR_COLUMNS, INSPECTOR_OPTIONAL)
    kept: dict[str, tuple[Inspector, Role]] = {}
    for row in rows:
        inspector, role = _inspector(row)
        blame_unknown(row, "department", departments or {}, "a department")
        blame_unknown(row, "certificates", fields or {}, "a certificate")
        if inspector.id in kept:
            row.blame("officer_id", "an id that stands once")
        kept.setdefault(inspector.id, (inspector, role))
    right = _without_faults(file, rows, "officer_id", kept)
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


def _registered(row: ListRow, types: Collection[str]) -> Registered:
    opens, closes = _minutes(row, "opens", 0), _minutes(row, "closes", 1440)
    if closes <= opens:
        row.blame("closes", "a time after it opens")
    cap = row.values["annual_cap"]
    premises = Premises(
        id=id_in(row, "premises_id", expected="the id of the premises"),
        name=row.text("name", expected="its name"),
        lon=_degrees(row, "lon", 180),
        lat=_degrees(row, "lat", 90),
        town=row.text("town", expected="the town whose officers come"),
        opens=opens,
        closes=closes,
        annual_cap=row.whole("annual_cap", 0, 366) if cap else None,
        visits_this_year=row.whole("visits_this_year", 0, 366) if row.values["visits_this_year"] else 0,
    )
    traits = _traits(row, types)
    return Registered(premises, traits.type, traits.risk, traits.credit)


def _traits(row: ListRow, types: Collection[str]) -> Traits:
    if row.values["type"]:
        blame_unknown(row, "type", dict.fromkeys(types, ()), "a scene")
    else:
        row.blame("type", "the code of a scene")
    return Traits(row.values["type"], row.choice("risk", Risk), row.choice("credit", Credit))


def _inspector(row: ListRow) -> tuple[Inspector, Role]:
    role = row.choice("role", Role) if row.values["role"] else Role.OFFICER
    inspector = Inspector(
        id=id_in(row, "officer_id", expected="the id of the person"),
        town=row.text("town", expected="the town they work for, * for all"),
        department=row.values["department"],
        certificates=frozenset(row.several("certificates")),
        conflicts=frozenset(row.several("conflicts")),
    )
    return inspector, role


def _minutes(row: ListRow, column: str, otherwise: int) -> int:
    """Minutes after midnight of a clock time."""
    value = row.values[column]
    if not value:
        return otherwise
    if not re.fullmatch(CLOCK, value, re.ASCII):
        row.blame(column, "a time like 08:30")
        return otherwise
    hours, minutes = value.split(":")[:2]
    return int(hours) * 60 + int(minutes)


def _degrees(row: ListRow, column: str, most: int) -> float:
    try:
        value = float(row.values[column])
    except ValueError:
        value = float("nan")
    if not -most <= value <= most:
        row.blame(column, f"degrees between -{most} and {most}")
    return value
