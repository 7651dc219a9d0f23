"""The list of powers as a place keeps it: bodies, what each may do where, since when, on what basis."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path

from dispatch.rulebook.lists import ListFile, ListRow, read_list
from dispatch.rulebook.matters import CATEGORY, Matter
from gis.schemas import BadInput, Fault, shorten

BODY_COLUMNS = ("id", "name_zh", "name_en", "town")
BODY_OPTIONAL = ("department",)
POWER_COLUMNS = ("matter", "town", "body", "mode", "basis", "principal", "valid_from", "valid_to", "source")
PLACE = r"\d{6}|\d{9}"


class Mode(StrEnum):
    """By what right a body acts; the order is the order in which actors are named."""

    STATUTORY = "statutory"
    EMPOWERED = "empowered"
    DELEGATED = "delegated"
    DEPARTMENT = "department"


@dataclass(frozen=True, slots=True)
class Body:
    """A body that can act: a town's government, a bureau.

    Attributes
    ----------
    town
        Its 9-digit town or the 6-digit district.
    department
        Code of the department it is in this place, or empty.
    """

    id: str
    name_zh: str
    name_en: str
    town: str
    department: str = ""


@dataclass(frozen=True, slots=True)
class Power:
    """One row of the list of powers, in force from ``valid_from`` through ``valid_to``, both days included.

    Attributes
    ----------
    matter
        Code of a matter, or of a category for all its matters.
    town
        9-digit town, or the 6-digit district for every town of it.
    principal
        Id of the body that delegated it; empty in every other mode.
    valid_to
        None while nobody has taken it back.
    source
        Where the row comes from, as the keeper of the list wrote it.
    """

    matter: str
    town: str
    body: str
    mode: Mode
    basis: str
    principal: str
    valid_from: date
    valid_to: date | None
    source: str

    def overlaps(self, other: Power) -> bool:
        return self.valid_from <= (other.valid_to or date.max) and other.valid_from <= (self.valid_to or date.max)


def read_bodies(path: Path) -> dict[str, Body]:
    """The bodies of a place by id.

    Raises
    ------
    BadInput
        With every row that is wrong, among them an id that stands twice.
    """
    return bodies_of(*read_list(path, BODY_COLUMNS, BODY_OPTIONAL))


def bodies_of(file: ListFile, rows: list[ListRow]) -> dict[str, Body]:
    """The bodies in the rows of a list, as `read_bodies` reads them."""
    bodies: dict[str, Body] = {}
    for row in rows:
        body = Body(
            row.text("id", expected="an id"),
            row.text("name_zh", expected="a Chinese name"),
            row.text("name_en", expected="an English name"),
            row.text("town", pattern=PLACE, expected="a 9-digit town or the 6-digit district"),
            row.text("department", empty=True),
        )
        if body.id in bodies:
            row.blame("id", "an id that stands once")
        bodies[body.id] = body
    file.stop_if_faulty("Mend these rows of the list of bodies and read it again.")
    return bodies


def read_powers(path: Path) -> tuple[Power, ...]:
    """The list of powers, in the order of the file; whether its matters and bodies exist is asked by ``RuleBook``.

    Raises
    ------
    BadInput
        With every row that is wrong: no basis, a delegated power without a principal, a principal in another mode,
        a date that is none, an end before the beginning, rows that overlap.
    """
    return powers_of(*read_list(path, POWER_COLUMNS))


def powers_of(file: ListFile, rows: list[ListRow]) -> tuple[Power, ...]:
    """The powers in the rows of a list, as `read_powers` reads them."""
    powers = tuple(_power(row) for row in rows)
    file.stop_if_faulty("Mend these rows of the list of powers and read it again.")
    faults = faults_of_rows(powers, file.name, [row.number for row in rows])
    if faults:
        raise BadInput(*faults, advice="Mend these rows of the list of powers and read it again.")
    return powers


def faults_of_rows(
    powers: tuple[Power, ...], file: str = "powers", numbers: Iterable[int] | None = None
) -> list[Fault]:
    """What is wrong with the rows by themselves, whatever the catalogue and the bodies are."""
    faults: list[Fault] = []
    same: dict[tuple[str, str, str, Mode], list[tuple[int, Power]]] = defaultdict(list)
    for number, power in zip(numbers or range(2, len(powers) + 2), powers, strict=True):
        faults += (Fault(file, number, *wrong) for wrong in _wrong_in(power))
        siblings = same[power.matter, power.town, power.body, power.mode]
        for earlier, sibling in siblings:
            if power.overlaps(sibling):
                span = f"{power.valid_from} to {power.valid_to or 'open'}"
                faults.append(Fault(file, number, "valid_from", span, f"days that row {earlier} does not cover"))
        siblings.append((number, power))
    return faults


def faults_beside(
    powers: tuple[Power, ...],
    matters: Mapping[str, Matter],
    bodies: Mapping[str, Body],
    file: str = "powers",
    numbers: Iterable[int] | None = None,
) -> list[Fault]:
    """What is wrong with the powers beside the catalogue, the bodies and each other."""
    known = set(matters) | {matter.category for matter in matters.values()}
    in_own_right: dict[str, list[Power]] = defaultdict(list)
    for power in powers:
        if power.mode is not Mode.DELEGATED:
            in_own_right[power.body].append(power)
    faults: list[Fault] = []
    for number, power in zip(numbers or range(2, len(powers) + 2), powers, strict=True):
        # A category may be listed before the catalogue has a matter of it.
        if power.matter not in known and not re.fullmatch(CATEGORY, power.matter, re.ASCII):
            faults.append(Fault(file, number, "matter", shorten(power.matter), "a matter of the catalogue"))
        for column, body in (("body", power.body), ("principal", power.principal)):
            if body and body not in bodies:
                faults.append(Fault(file, number, column, shorten(body), "a body of the list of bodies"))
        home = bodies[power.body].town if power.body in bodies else power.town
        if not power.town.startswith(home):
            expected = f"{home}, where {power.body} may act, or a town of it"
            faults.append(Fault(file, number, "town", power.town, expected))
        entrusted = power.mode is Mode.DELEGATED and power.principal in bodies and power.principal != power.body
        if entrusted and not any(_gives(own, power, matters) for own in in_own_right[power.principal]):
            expected = "a principal who holds this power in its own right for all that time (article 20)"
            faults.append(Fault(file, number, "principal", shorten(power.principal), expected))
    return faults


def _gives(own: Power, delegated: Power, matters: Mapping[str, Matter]) -> bool:
    """Whether a power held in one's own right covers the matter, the place and every day of a delegated one."""
    matter = matters.get(delegated.matter)
    wider = (matter.category, *matter.under) if matter else ()
    ends = own.valid_to or date.max
    return (
        own.matter in (delegated.matter, *wider)
        and delegated.town.startswith(own.town)
        and own.valid_from <= delegated.valid_from
        and (delegated.valid_to or date.max) <= ends
    )


def _power(row: ListRow) -> Power:
    return Power(
        matter=row.text("matter", expected="the code of a matter or category"),
        town=row.text("town", pattern=PLACE, expected="a 9-digit town or the 6-digit district"),
        body=row.text("body", expected="the id of a body"),
        mode=row.choice("mode", Mode),
        basis=row.text("basis", empty=True),
        principal=row.text("principal", empty=True),
        valid_from=row.day("valid_from"),
        valid_to=row.day("valid_to") if row.values["valid_to"] else None,
        source=row.text("source", expected="where the row comes from"),
    )


def _wrong_in(power: Power) -> Iterator[tuple[str, str, str]]:
    if not power.basis:
        yield "basis", "nothing", "the clause that gives the power"
    if power.mode is Mode.DELEGATED and power.principal in ("", power.body):
        found = shorten(power.principal) if power.principal else "nothing"
        yield "principal", found, "the body that delegated the power"
    if power.mode is not Mode.DELEGATED and power.principal:
        yield "principal", shorten(power.principal), f"nothing, since a {power.mode} power is used in one's own name"
    if power.valid_to is not None and power.valid_to < power.valid_from:
        yield "valid_to", power.valid_to.isoformat(), f"a day from {power.valid_from} on, or nothing"
