"""Which town takes which listed power: one list for a kind of town, spread over the towns of a place.

A province gives powers by lists, not town by town: what statutes give to every town, what all must take, what each
chooses, what is delegated (answer of the Chongqing Bureau of Justice of 29 March 2024: 27 statutory, 15 for all, 34 of
84 by choice, 34 delegated in road traffic). Choices differ by the type of town (Huancui, 2025: main streets, developed
towns, industry towns; 97 powers given in 2024, 65 taken back in 2025, so a row has a first and a last day). Which
towns are of which type and which powers they chose is illustrative in the lists that come with GridBeat.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path

from dispatch.rulebook.lists import ListFile, ListRow, read_list
from dispatch.rulebook.matters import Kind, Matter
from dispatch.rulebook.powers import Body, Mode, Power
from gis.schemas import BadInput, Fault, shorten

LIST_COLUMNS = ("town_type", "matter", "mode", "principal", "basis", "valid_from", "valid_to", "source")
TYPE_COLUMNS = ("town", "type")

ALL = "all"
"""Every town of the list of types."""
DISTRICT = "district"
"""No town: a department of the district itself, so that it holds what it delegates (article 20)."""

MODES = {
    Kind.ONE_THING: frozenset({Mode.DEPARTMENT}),
    Kind.STATUTORY: frozenset({Mode.STATUTORY}),
    Kind.UNIVERSAL: frozenset({Mode.EMPOWERED}),
    Kind.OPTIONAL: frozenset({Mode.EMPOWERED}),
    Kind.DELEGATED: frozenset({Mode.DELEGATED, Mode.DEPARTMENT}),
}
"""By what right each kind is used (Administrative Penalty Law, articles 20 and 24); one-things are their lead's."""

ADVICE = "Mend these rows of the list and read it again."


class TownType(StrEnum):
    """The three kinds of town for which Huancui keeps lists of their own."""

    MAIN_STREET = "main_street"
    DEVELOPED_TOWN = "developed_town"
    INDUSTRY_TOWN = "industry_town"


def usual_type(name: str) -> TownType:
    """The type a town is taken to have where nobody says it, by its Chinese name; illustrative.

    Examples
    --------
    >>> usual_type("外滩街道").value, usual_type("慈城镇").value
    ('main_street', 'developed_town')
    """
    return TownType.MAIN_STREET if name.endswith("街道") else TownType.DEVELOPED_TOWN


TAKERS = (ALL, DISTRICT, *TownType)


@dataclass(frozen=True, slots=True)
class ListedPower:
    """One row of the list: a power and the kind of town that takes it, both days included.

    Attributes
    ----------
    town_type
        A ``TownType``, ``ALL`` or ``DISTRICT``.
    principal
        Code of a department: in a delegated row the one that delegates, in a department's row the one that holds the
        power; empty otherwise.
    valid_to
        None while it is not taken back.
    row
        Where it stands in the file, for messages.
    """

    town_type: str
    matter: str
    mode: Mode
    principal: str
    basis: str
    valid_from: date
    valid_to: date | None
    source: str
    row: int

    def clashes(self, other: ListedPower) -> bool:
        """Whether one town would have both on the same day."""
        same_town = self.town_type == other.town_type or ALL in (self.town_type, other.town_type)
        begins, ends = max(self.valid_from, other.valid_from), date.max
        return same_town and begins <= min(self.valid_to or ends, other.valid_to or ends)


def read_town_lists(path: Path, matters: Mapping[str, Matter]) -> tuple[ListedPower, ...]:
    """The list of which kind of town takes which power, in the order of the file.

    Parameters
    ----------
    path
        CSV with the columns of ``LIST_COLUMNS``.
    matters
        The catalogue; a row names one of its listed powers.

    Raises
    ------
    BadInput
        With every row that is wrong: a matter that is no listed power, a mode that its kind does not allow, a
        department missing or named where none acts, no basis, an end before the beginning, or a day on which a town
        would take the same power twice.
    """
    file, rows = read_list(path, LIST_COLUMNS)
    listed = tuple(_listed(row, matters) for row in rows)
    _blame_clashes(file, listed)
    file.stop_if_faulty(ADVICE)
    return listed


def read_town_types(path: Path) -> dict[str, TownType]:
    """The type of each town, by 9-digit code; a town that is not listed takes nothing.

    Raises
    ------
    BadInput
        With every row that is wrong, among them a town that stands twice.
    """
    file, rows = read_list(path, TYPE_COLUMNS)
    types: dict[str, TownType] = {}
    for row in rows:
        town = row.text("town", pattern=r"\d{9}", expected="a 9-digit town")
        if town in types:
            row.blame("town", "a town that stands once")
        types[town] = row.choice("type", TownType)
    file.stop_if_faulty(ADVICE)
    return types


def expand(
    listed: Iterable[ListedPower], types: Mapping[str, TownType], bodies: Mapping[str, Body]
) -> tuple[Power, ...]:
    """The place's list of powers: a row of the list once for each town that takes it.

    Parameters
    ----------
    listed
        As ``read_town_lists`` returns it.
    types
        Type of each town; the others take nothing.
    bodies
        The bodies of the place by id. A town acts by the body whose id and town are its code; a town without one
        takes nothing. A department is the district's one body of that ``department``.

    Returns
    -------
    tuple
        In the order of the list, and within a row of ``types``. Add them to the rows of powers.csv; ``RuleBook``
        checks all of them together, also that a principal holds what it delegates.

    Raises
    ------
    BadInput
        With every row whose department has no body here, or more than one.
    """
    listed = tuple(listed)
    departments = _departments(bodies)
    faults = [fault for one in listed if (fault := _department_fault(one, departments))]
    if faults:
        raise BadInput(*faults, advice="Give one body of bodies.csv that department, or take the rows off the list.")
    return tuple(power for one in listed for power in _spread(one, types, bodies, departments))


def _listed(row: ListRow, matters: Mapping[str, Matter]) -> ListedPower:
    valid_from = row.day("valid_from")
    valid_to = row.day("valid_to") if row.values["valid_to"] else None
    if valid_to is not None and valid_to < valid_from:
        row.blame("valid_to", f"a day from {valid_from} on, or nothing")
    listed = ListedPower(
        town_type=row.text("town_type", pattern="|".join(TAKERS), expected=f"one of {', '.join(TAKERS)}"),
        matter=row.text("matter", expected="the code of a listed power"),
        mode=row.choice("mode", Mode),
        principal=row.text("principal", pattern=r"[a-z]\w*", expected="the code of a department", empty=True),
        basis=row.text("basis", expected="the clause that gives the power"),
        valid_from=valid_from,
        valid_to=valid_to,
        source=row.text("source", expected="where the row comes from"),
        row=row.number,
    )
    _blame_kind(row, listed, matters)
    _blame_department(row, listed)
    return listed


def _blame_kind(row: ListRow, listed: ListedPower, matters: Mapping[str, Matter]) -> None:
    """What situation a citizen reports is no power, and nobody is empowered to what must be delegated."""
    matter = matters.get(listed.matter)
    modes = MODES.get(matter.kind) if matter else None
    if modes is None:
        row.blame("matter", "a listed power of the catalogue")
    elif listed.mode not in modes:
        row.blame("mode", f"{' or '.join(sorted(modes))}, since {listed.matter} is of that kind")


def _blame_department(row: ListRow, listed: ListedPower) -> None:
    if listed.principal and listed.mode not in (Mode.DELEGATED, Mode.DEPARTMENT):
        row.blame("principal", f"nothing, since a {listed.mode} power is used in the town's own name")
    if not listed.principal and listed.mode in (Mode.DELEGATED, Mode.DEPARTMENT):
        row.blame("principal", "the code of the department that holds the power")
    if (listed.town_type == DISTRICT) is not (listed.mode is Mode.DEPARTMENT):
        row.blame("town_type", f"{DISTRICT} for a department's own power and for no other")


def _blame_clashes(file: ListFile, listed: Iterable[ListedPower]) -> None:
    """Two bases for one power would leave the document without one."""
    same: dict[tuple[str, Mode], list[ListedPower]] = defaultdict(list)
    for one in listed:
        siblings = same[one.matter, one.mode]
        for earlier in siblings:
            if one.clashes(earlier):
                expected = f"towns or days that row {earlier.row} does not cover"
                file.blame(one.row, "matter", shorten(f"{one.matter} for {one.town_type}"), expected)
        siblings.append(one)


def _departments(bodies: Mapping[str, Body]) -> dict[str, list[str]]:
    """Ids of the district's bodies by department; a town's own body is nobody's principal here."""
    found: dict[str, list[str]] = defaultdict(list)
    for body in bodies.values():
        if body.department and len(body.town) == 6:
            found[body.department].append(body.id)
    return found


def _department_fault(listed: ListedPower, departments: Mapping[str, list[str]]) -> Fault | None:
    here = departments.get(listed.principal, ())
    if not listed.principal or len(here) == 1:
        return None
    found = f"{listed.principal}, which is {' and '.join(here)}" if here else f"{listed.principal}, which is nobody"
    return Fault("lists.csv", listed.row, "principal", found, "a department with one body in this district")


def _spread(
    listed: ListedPower,
    types: Mapping[str, TownType],
    bodies: Mapping[str, Body],
    departments: Mapping[str, list[str]],
) -> Iterator[Power]:
    department = departments[listed.principal][0] if listed.principal else ""
    if listed.town_type == DISTRICT:
        yield _power(listed, bodies[department], "")
        return
    for town, kind in types.items():
        body = bodies.get(town)
        if listed.town_type in (ALL, kind) and body is not None and body.town == town:
            yield _power(listed, body, department)


def _power(listed: ListedPower, body: Body, principal: str) -> Power:
    return Power(
        matter=listed.matter,
        town=body.town,
        body=body.id,
        mode=listed.mode,
        basis=listed.basis,
        principal=principal,
        valid_from=listed.valid_from,
        valid_to=listed.valid_to,
        source=listed.source,
    )
