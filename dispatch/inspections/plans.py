"""What departments plan to inspect, line by line, and which lines law or lists do not allow, with the reason."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from dispatch.inspections.codes import Codes, nearest
from dispatch.inspections.columns import TO_MEND, ours, rows_of
from dispatch.inspections.registers import InspectorRegister, PremisesRegister, RiskClasses
from dispatch.inspections.scenes import Scenes
from dispatch.records.inspection import SHARED, SMALLEST_CREW, Inspector, Occasion
from dispatch.records.reason import Reason
from dispatch.rulebook.lists import ListFile, ListRow
from gis.schemas import Fault, shorten

PLAN_COLUMNS = ("line_id", "department", "premises_id", "item", "basis", "inspectors")
PLAN_OPTIONAL = ("times", "first", "last", "occasion")

REFUSALS: Mapping[str, tuple[str, str]] = {
    "premises_unknown": ("premises_id", "the id of a premises of the register"),
    "item_unknown": ("item", "the code of an item of the scenes"),
    "item_unpublished": ("item", "an item of the published list (State Council, document 54 of 2024)"),
    "department_unknown": ("department", "the code of a department that has items in the scenes"),
    "item_of_another_department": ("department", "the department whose item it is"),
    "item_of_another_type": ("item", "an item of the scene of these premises"),
    "basis_missing": ("basis", "the clause that allows the inspection"),
    "not_an_officer": ("inspectors", "certified officers only (State Council, document 54 of 2024)"),
    "inspector_unknown": ("inspectors", "ids of the register of inspectors"),
    "certificates_ended": ("inspectors", "officers whose certificates are in force"),
    "named_no_crew": ("inspectors", "two officers at least who may come to the town, or nobody"),
    "named_no_certificate": ("inspectors", "somebody with the certificate of the item among them, or nobody"),
    "inspector_in_conflict": ("inspectors", "officers without a conflict of interest (Penalty Law, article 43)"),
    "too_often": (
        "times",
        "at most what the list allows in a year, with all lines and other checks of the premises",
    ),
    "only_by_draw": ("times", "a number, or premises whose risk class has planned inspections"),
    "planned_twice": ("item", "one line for an item at a premises"),
    "line_id_twice": ("line_id", "an id that the department has used in no other sheet"),
    "line_begun": ("line_id", "a new id: checks of the line with this id were made due already"),
    "cap_reached": ("premises_id", "premises whose annual cap leaves room for the visit"),
}
"""Every code for which a line is refused: the column at fault and what was expected there."""


Planned = tuple[int, str, str, date | None]
Key = tuple[str, int, str]


@dataclass(frozen=True, slots=True)
class PlanLine:
    """One department's wish to check one item at one premises.

    Attributes
    ----------
    row
        In the sheet it came in, header 1.
    year
        Of the plan it belongs to.
    inspectors
        Ids of those whom the department names: nobody else makes the check. None when the crew is left open.
    times
        How often in the year; None where the risk class says it.
    first, last
        The days between which it wants to come, both included; None for the year plan.
    """

    id: str
    row: int
    year: int
    department: str
    premises: str
    item: str
    basis: str
    inspectors: tuple[str, ...] = ()
    times: int | None = None
    first: date | None = None
    last: date | None = None
    occasion: Occasion = Occasion.DAILY

    @property
    def key(self) -> Key:
        """Department, year and id: what tells it from every other line of a place."""
        return self.department, self.year, self.id

    @property
    def planned(self) -> Planned:
        """What it asks for; a second line for the same would be a second visit for one check."""
        return self.year, self.premises, self.item, self.first

    @property
    def when(self) -> tuple[str, str, int | None, date | None, date | None, Occasion]:
        """All that its days depend on: while this is the same, its checks may stay where they are."""
        return self.premises, self.item, self.times, self.first, self.last, self.occasion


@dataclass(frozen=True, slots=True)
class Refused:
    """A line, or one of its checks, that is not taken, and why."""

    line: PlanLine
    reason: Reason

    def fault(self, file: str) -> Fault:
        """The same for the sheet that goes back to the department."""
        column, expected = REFUSALS[self.reason.code]
        said = ", ".join(f"{name} {value}" for name, value in self.reason.values.items())
        return Fault(file, self.line.row, column, said or "nothing", f"{expected} [{self.reason.code}]")


@dataclass(frozen=True)
class Ground:
    """What a plan is held against.

    Attributes
    ----------
    departments
        Those that may hand one in, with their names; those of the scenes when empty.
    """

    premises: PremisesRegister
    people: InspectorRegister
    scenes: Scenes
    risks: RiskClasses
    departments: Codes = field(default_factory=dict)

    @property
    def known_departments(self) -> Codes:
        return self.departments or dict.fromkeys(sorted(self.scenes.departments), ())


@dataclass(frozen=True, slots=True)
class PlanSheet:
    """A sheet of lines: those taken, those refused, and rows that could not be read at all.

    Attributes
    ----------
    ids
        Of lines that stand in the sheet, wrong ones too: a line that has to be mended is not withdrawn.
    mended
        Whether it holds nothing but rows that went back to be mended: then the lines that it lacks stay as they are.
    """

    file: str
    lines: tuple[PlanLine, ...]
    refused: tuple[Refused, ...] = ()
    faults: tuple[Fault, ...] = ()
    ids: frozenset[str] = frozenset()
    mended: bool = False

    @property
    def all_faults(self) -> tuple[Fault, ...]:
        """What the department has to mend, in the order of its rows."""
        said = [*self.faults, *(each.fault(self.file) for each in self.refused)]
        return tuple(sorted(said, key=lambda fault: fault.row or 0))


def plan_of(file: ListFile, table: Sequence[Sequence[str]], ground: Ground, year: int) -> PlanSheet:
    """A department's plan in a table whose first row is the header, held against registers, scenes and law.

    Parameters
    ----------
    table
        Cells as text, dates as 2026-03-31. With ``first`` and ``last`` a line is one check between these days; without
        them it is arranged over the year. With a column ``to_mend`` it holds rows that went back and were mended.
    year
        Of the plan; a line with days of its own begins in it.

    Raises
    ------
    BadInput
        When a column is missing. A line that is wrong is left out and stands in ``faults`` or ``refused``.
    """
    rows = rows_of(file, table, PLAN_COLUMNS, PLAN_OPTIONAL)
    read = [_line(row, year) for row in rows]
    _each_id_once(rows, read)
    unread: dict[int | None, set[str]] = defaultdict(set)
    for fault in file.faults:
        unread[fault.row].add(fault.column or "")
    kept, refused = held_against(read, ground, unread)
    mended = TO_MEND in map(ours, table[0])
    return PlanSheet(file.name, kept, refused, tuple(file.faults), frozenset(line.id for line in read), mended)


def held_against(
    lines: Sequence[PlanLine], ground: Ground, unread: Mapping[int | None, Collection[str]] | None = None
) -> tuple[tuple[PlanLine, ...], tuple[Refused, ...]]:
    """Lines that every rule lets pass, and the others with every reason against them.

    Parameters
    ----------
    unread
        By row, columns that could not be read. Such a line cannot be taken, and is told what else is wrong with it.
    """
    without = unread or {}
    before = _Before(ground)
    kept: list[PlanLine] = []
    others: list[tuple[PlanLine, list[Reason]]] = []
    for line in lines:
        against = _against(line, ground, without.get(line.row, ()))
        if line.row in without or against or before.against(line):
            others.append((line, against))
        else:
            before.take(line)
            kept.append(line)
    refused: list[Refused] = []
    for line, against in others:  # beside all that were kept, where each of these stands once it is mended
        if _counted(line, ground, without.get(line.row, ())):
            beside = before.against(line)
            against += [reason for reason in beside if reason.code not in {each.code for each in against}]
            if not beside:
                before.take(line)
        refused += [Refused(line, reason) for reason in against]
    return tuple(kept), tuple(refused)


def _counted(line: PlanLine, ground: Ground, unread: Collection[str]) -> bool:
    """Whether a line says enough to know what it plans and how often."""
    told = {"premises_id", "item", "times", "first", "last"}.isdisjoint(unread)
    return told and line.premises in ground.premises.entries and line.item in ground.scenes.items


def _against(line: PlanLine, ground: Ground, unread: Collection[str]) -> list[Reason]:
    """What every rule says, but for those that look at a column which could not be read."""
    people = dict.fromkeys(line.inspectors)
    said = [rule(person, line, ground) for person in people for rule in PERSON_RULES]
    told = [reason for reason in (*said, *(rule(line, ground) for rule in RULES)) if reason is not None]
    return [reason for reason in told if REFUSALS[reason.code][0] not in unread]


def side_by_side(
    sheets: Sequence[PlanSheet], ground: Ground, made: Mapping[tuple[int, str, str], int] | None = None
) -> tuple[PlanSheet, ...]:
    """Sheets of one place with what shows only when they lie side by side, earlier sheets first.

    Refused is what an earlier sheet has planned already, a line whose id its department has used there, and what would
    be checked too often in a year by all lines together. Departments may number their lines as they like: 1 of one
    department is not 1 of another.

    Parameters
    ----------
    made
        Checks by year, premises and item that no line of these sheets stands for.
    """
    before = _Before(ground, made or {})
    used: set[Key] = set()
    found = []
    for sheet in sheets:
        refused, kept = [], []
        for line in sheet.lines:
            against = before.against(line)
            if line.key in used:
                against.append(Reason("line_id_twice", False, {"line": line.id, "department": line.department}))
            refused += [Refused(line, reason) for reason in against]
            if not against:
                before.take(line)
                kept.append(line)
        used.update(line.key for line in kept)
        found.append(replace(sheet, lines=tuple(kept), refused=(*sheet.refused, *refused)))
    return tuple(found)


class _Before:
    """What the lines before a line have planned: the same check, and how often the item at these premises in a year."""

    def __init__(self, ground: Ground, made: Mapping[tuple[int, str, str], int] | None = None) -> None:
        self._ground = ground
        self._planned: set[Planned] = set()
        self._times = Counter(made or {})

    def against(self, line: PlanLine) -> list[Reason]:
        if line.planned in self._planned:
            return [Reason("planned_twice", False, {"premises": line.premises, "item": line.item})]
        times = self._times[_of_the_year(line)] + times_of(line, self._ground)
        most = self._ground.scenes.items[line.item].most_a_year
        return [Reason("too_often", False, {"times": times, "most": most})] if times > most else []

    def take(self, line: PlanLine) -> None:
        self._planned.add(line.planned)
        self._times[_of_the_year(line)] += times_of(line, self._ground)


def _of_the_year(line: PlanLine) -> tuple[int, str, str]:
    return line.year, line.premises, line.item


def times_of(line: PlanLine, ground: Ground) -> int:
    """How often in the year: as it says, once on days of its own, else as the risk class does but within the list."""
    if line.times is not None or line.first is not None:
        return line.times or 1
    entry = ground.premises.entries[line.premises]
    return min(ground.risks[entry.traits.risk, entry.traits.credit].times, ground.scenes.items[line.item].most_a_year)


# ----------------------------------------------------------------------------------------------- one rule, one function


def the_premises_are_registered(line: PlanLine, ground: Ground) -> Reason | None:
    if line.premises in ground.premises.entries:
        return None
    return Reason("premises_unknown", False, {"premises": line.premises})


def the_item_is_listed(line: PlanLine, ground: Ground) -> Reason | None:
    if line.item in ground.scenes.items:
        return None
    return Reason("item_unknown", False, {"item": line.item})


def the_item_is_published(line: PlanLine, ground: Ground) -> Reason | None:
    item = ground.scenes.items.get(line.item)
    if item is None or item.published:
        return None
    return Reason("item_unpublished", False, {"item": item.code, "name": item.name_zh})


def the_department_is_known(line: PlanLine, ground: Ground) -> Reason | None:
    known = ground.known_departments
    if line.department in known:
        return None
    told = {"department": line.department, "nearest": nearest(line.department, known)}
    return Reason("department_unknown", False, told)


def the_item_is_the_departments(line: PlanLine, ground: Ground) -> Reason | None:
    item = ground.scenes.items.get(line.item)
    if item is None or item.department == line.department or line.department not in ground.known_departments:
        return None
    return Reason("item_of_another_department", False, {"department": line.department, "owner": item.department})


def the_item_fits_the_premises(line: PlanLine, ground: Ground) -> Reason | None:
    item, entry = ground.scenes.items.get(line.item), ground.premises.entries.get(line.premises)
    if item is None or entry is None or item.scene == entry.traits.type:
        return None
    return Reason("item_of_another_type", False, {"item": item.code, "scene": item.scene, "type": entry.traits.type})


def a_basis_is_given(line: PlanLine, _: Ground) -> Reason | None:
    return None if line.basis else Reason("basis_missing", False)


def the_named_make_a_crew(line: PlanLine, ground: Ground) -> Reason | None:
    """Two officers enter (Administrative Penalty Law, article 42), and others than those named do not come."""
    able = _able(line, ground)
    if not line.inspectors or len(able) >= SMALLEST_CREW or line.premises not in ground.premises.entries:
        return None
    return Reason("named_no_crew", False, {"able": len(able), "least": SMALLEST_CREW})


def the_named_hold_the_certificate(line: PlanLine, ground: Ground) -> Reason | None:
    item, able = ground.scenes.items.get(line.item), _able(line, ground)
    if item is None or not able or any(item.certificate in who.certificates for who in able):
        return None
    return Reason("named_no_certificate", False, {"field": item.certificate})


def _able(line: PlanLine, ground: Ground) -> list[Inspector]:
    """Officers among the named who may come to these premises: the town's own and those whom the towns share."""
    entry = ground.premises.entries.get(line.premises)
    known = (ground.people.inspectors.get(person) for person in dict.fromkeys(line.inspectors))
    some = (who for who in known if who is not None and line.premises not in who.conflicts)
    return [who for who in some if entry is not None and who.town in (entry.premises.town, SHARED)]


def no_oftener_than_allowed(line: PlanLine, ground: Ground) -> Reason | None:
    item = ground.scenes.items.get(line.item)
    if item is None or line.times is None or line.times <= item.most_a_year:
        return None
    return Reason("too_often", False, {"times": line.times, "most": item.most_a_year})


def the_risk_class_has_planned_checks(line: PlanLine, ground: Ground) -> Reason | None:
    entry = ground.premises.entries.get(line.premises)
    if entry is None or line.times is not None or line.first is not None:
        return None
    if ground.risks[entry.traits.risk, entry.traits.credit].times:
        return None
    return Reason("only_by_draw", False, {"risk": entry.traits.risk.value, "credit": entry.traits.credit.value})


def only_officers_inspect(person: str, _: PlanLine, ground: Ground) -> Reason | None:
    role = ground.people.others.get(person)
    return Reason("not_an_officer", False, {"person": person, "role": role.value}) if role is not None else None


def the_inspector_is_registered(person: str, _: PlanLine, ground: Ground) -> Reason | None:
    people = ground.people
    known = person in people.inspectors or person in people.others or person in people.ended
    return None if known else Reason("inspector_unknown", False, {"person": person})


def the_inspector_holds_a_certificate(person: str, _: PlanLine, ground: Ground) -> Reason | None:
    return Reason("certificates_ended", False, {"person": person}) if person in ground.people.ended else None


def nobody_inspects_their_own(person: str, line: PlanLine, ground: Ground) -> Reason | None:
    who = ground.people.inspectors.get(person)
    if who is None or line.premises not in who.conflicts:
        return None
    return Reason("inspector_in_conflict", False, {"person": person, "premises": line.premises})


Rule = Callable[[PlanLine, Ground], Reason | None]
RULES: tuple[Rule, ...] = (
    the_premises_are_registered,
    the_item_is_listed,
    the_item_is_published,
    the_department_is_known,
    the_item_is_the_departments,
    the_item_fits_the_premises,
    a_basis_is_given,
    the_named_make_a_crew,
    the_named_hold_the_certificate,
    no_oftener_than_allowed,
    the_risk_class_has_planned_checks,
)
PersonRule = Callable[[str, PlanLine, Ground], Reason | None]
PERSON_RULES: tuple[PersonRule, ...] = (
    only_officers_inspect,
    the_inspector_is_registered,
    the_inspector_holds_a_certificate,
    nobody_inspects_their_own,
)
"""Asked of everybody whom a line names."""


def _line(row: ListRow, year: int) -> PlanLine:
    first = row.day("first") if row.values["first"] else None
    last = row.day("last") if row.values["last"] else None
    if (first is None) != (last is None):
        row.blame("last" if last is None else "first", "both days or neither")
    elif first is not None and last is not None and date.min < last < first:
        row.blame("last", f"a day on or after {first}, which is first")
    if first is not None and first.year not in (year, date.min.year):
        row.blame("first", f"a day of {year}, the year of the plan")
    times = row.whole("times", 1, 366) if row.values["times"] else None
    if first is not None and times not in (None, 1):
        row.blame("times", "once, or nothing, where first and last are given")
    return PlanLine(
        id=row.text("line_id", expected="the id of the line"),
        row=row.number,
        year=year,
        department=row.text("department", expected="the code of a department"),
        premises=row.text("premises_id", expected="the id of a premises"),
        item=row.text("item", expected="the code of an item"),
        basis=row.values["basis"],
        inspectors=row.several("inspectors"),
        times=times,
        first=first,
        last=last,
        occasion=row.choice("occasion", Occasion) if row.values["occasion"] else Occasion.DAILY,
    )


def _each_id_once(rows: Sequence[ListRow], lines: Sequence[PlanLine]) -> None:
    first: dict[str, int] = {}
    for row, line in zip(rows, lines, strict=True):
        if line.id in first:
            row.blame("line_id", f"an id that stands once; {shorten(line.id)} is in row {first[line.id]}")
        first.setdefault(line.id, row.number)
