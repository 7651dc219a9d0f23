"""What is wrong with a table of inspections or a file of tickets, in the words of whoever handed it in."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Protocol

from dispatch.desk.tomend import Wrong
from dispatch.inspections.columns import CHINESE
from dispatch.inspections.plans import REFUSALS, PlanSheet, Refused
from gis.schemas import Fault
from ui.services.planfaults import Told
from ui.wording import Wording

EXPECTED = {
    "columns": r"the columns (?P<columns>.*)",
    "fields": r"(?P<n>\d+)(?: fields)?,? as in the header",
    "header": r"a header with the names of the columns",
    "different": r"a different name for every column",
    "records": r"a file with a header row and records|a header row and records|at least one record below the header",
    "workbook": r"a complete \.xlsx file",
    "result": r"its result: open it in a spreadsheet program and save it",
    "size": r"at most (?P<rows>\d+) rows, (?P<cells>\d+) cells and (?P<mb>\d+) MB unpacked",
    "kinds": r"one of \.csv, .*",
    "text": r"text in \S+|fields by comma, quotes closed",
    "whole": r"a whole number from (?P<least>\d+) to (?P<most>\d+)",
    "choice": r"one of (?P<choices>.*)",
    "day": r"a date like 2024-03-31",
    "clock": r"a time like 08:30(?:, at most 24:00)?",
    "degrees": r"degrees (?:within ±|between -\d+ and )(?P<limit>\d+)",
    "id": r"an id",
    "id_plain": r"an id on one line without semicolons",
    "id_same": r"an id that stands once, or the same ticket again as in row (?P<n>\d+)",
    "id_once": r"(?:each id once; it stood first in row|an id that stands once; .* is in row) (?P<n>\d+)",
    "premises": r"an id of the table of premises|the id of a premises",
    "town": r"the town whose crews come",
    "town_near": r"a town of this place, by its code or name; the nearest is (?P<name>.*)",
    "certificate": r"the certificate that the check asks for",
    "department": r"the code of a department",
    "scene": r"the code of a scene",
    "item": r"the code of an item",
    "published": r"an item of the published list \(State Council, document 54 of 2024\)",
    "line": r"the id of the line",
    "department_near": r"the code of a department; the nearest is (?P<department>.*)",
    "certificate_near": r"the code of a certificate; the nearest is (?P<field>.*)",
    "scene_near": r"the code of a scene; the nearest is (?P<scene>.*)",
    "both_days": r"both days or neither",
    "day_after": r"a day on or after (?P<day>\S+), which is first",
    "day_of_year": r"a day of (?P<year>\d+), the year of the plan",
    "once": r"once, or nothing, where first and last are given",
    "moment": r"when it was reported|a time such as .*",
    "moment_there": r"a time that exists in .*",
    "characters": r"at most (?P<n>[\d,]+) characters",
    "signs": r"signs that a database can keep",
    "points": r"longitude and latitude in their columns",
}
"""Every refusal of the readers of tables by what it expects."""

FOUND = {
    "nothing": r"nothing",
    "no_column": r"no such column",
    "columns": r"(?P<n>\d+) columns of that name",
    "fields": r"(?P<n>\d+) fields.*",
    "empty": r"0 bytes|an empty file",
    "no_record": r"no record",
    "empty_row": r"an empty row",
    "name_twice": r"the name twice",
    "damaged": r"a damaged or cut-off workbook .*",
    "no_result": r"a formula without a result",
    "oversized": r"more than a table holds",
    "not_text": r"bytes that are not .*|a row that is no CSV .*",
    "ending": r"the ending (?P<ending>.*)",
    "characters": r"(?P<n>[\d,]+) characters",
    "signs": r"a zero byte or half a character",
    "swapped": r"(?P<n>\d+) points that lie in the district only .*",
}


class Names(Protocol):
    """How the place calls what stands behind codes."""

    def department(self, code: str) -> str: ...
    def field(self, code: str) -> str: ...
    def scene(self, code: str) -> str: ...
    def item(self, code: str) -> str: ...


def told(fault: Fault, w: Wording, names: Names | None = None) -> Told:
    """A fault in words; what has none is told as the reader of files says it.

    Without ``names`` of a table in which no code stands, as tickets are.
    """
    return Told(
        fault.file,
        str(fault.row or "–"),
        _column(fault.column or "", w),
        _said("found", FOUND, fault.found, w, names),
        _said("expected", EXPECTED, fault.expected, w, names),
    )


def told_of(sheet: PlanSheet, w: Wording, names: Names) -> list[Told]:
    """Everything that a department has to mend in its plan, by row."""
    said = [(fault.row or 0, told(fault, w, names)) for fault in sheet.faults]
    said += [(each.line.row, _refused(each, sheet.file, w, names)) for each in sheet.refused]
    return [each for _, each in sorted(said, key=lambda pair: pair[0])]


def to_mend(sheet: PlanSheet, w: Wording, names: Names) -> dict[int, Wrong]:
    """The same for the workbook that goes back: by row what is wrong, and the columns at fault."""
    columns: dict[int, set[str]] = {}
    for fault in sheet.all_faults:
        columns.setdefault(fault.row or 0, set()).add(fault.column or "")
    return {
        row: Wrong(
            "\n".join(line(each, w, whole=False) for each in told_of(sheet, w, names) if each.row == str(row)), at
        )
        for row, at in columns.items()
    }


def line(one: Told, w: Wording, *, whole: bool = True) -> str:
    """A fault as one sentence, with file and row when ``whole``."""
    return w("tables.fault" if whole else "tables.fault_in_row", **one._asdict())


def sentence(faults: Iterable[Fault], w: Wording, names: Names | None = None) -> str:
    """The first fault, and how many more there are."""
    first, *more = [told(fault, w, names) for fault in faults]
    return line(first, w) + (w("tables.more", n=len(more)) if more else "")


def _refused(each: Refused, file: str, w: Wording, names: Names) -> Told:
    code = each.reason.code
    values = {key: str(value) for key, value in each.reason.values.items()}
    values |= _named(values, names)
    return Told(
        file,
        str(each.line.row),
        _column(REFUSALS[code][0], w),
        w(f"tables.refused_{code}", **values),
        w(f"tables.wanted_{code}", **values),
    )


def _column(column: str, w: Wording) -> str:
    return w.pick(CHINESE.get(column, column), column) or "–"


def _said(kind: str, forms: dict[str, str], text: str, w: Wording, names: Names | None) -> str:
    for name, form in forms.items():
        if match := re.fullmatch(form, text, re.DOTALL):
            values = {key: value for key, value in match.groupdict().items() if value is not None}
            return w(f"tables.{kind}_{name}", **values, **_named(values, names))
    return text


def _named(values: dict[str, str], names: Names | None) -> dict[str, str]:
    """The names of codes that stand among the values."""
    if names is None:
        return {}
    called = {"department": names.department, "field": names.field, "scene": names.scene, "item": names.item}
    called |= {"owner": names.department, "nearest": names.department, "type": names.scene}
    return {f"{key}_name": call(values[key]) for key, call in called.items() if key in values}
