"""What is wrong with a staffing plan, in the planner's words."""

from __future__ import annotations

import re
from typing import NamedTuple, Protocol

from gis.schemas import Fault
from simulation.plan import PlanFile, Procedure
from ui.wording import Wording

KEYS = frozenset({*PlanFile.model_fields, *Procedure.model_fields})
"""Of the TOML; those that the form of the plan shows have a word there."""

EXPECTED = {
    "desk": r"a desk of desks\.csv(, or several joined by ; for who tours)?",
    "lacking": r"at most (?P<most>\d+), who lack the certificate there",
    "spare_most": r"at most (?P<share>\S+): every desk keeps its lawful pairs",
    "spare_least": r"at least (?P<share>\S+): every desk keeps its lawful pairs",
    "whole": r"a whole number from (?P<least>\d+) to (?P<most>\d+)",
    "cap": r"at most (?P<cap>\d+), the headcount cap of the plan",
    "rota": r"letters M, D, E, N or -, one a day",
    "field": r"a field of the place(: .*)?",
    "pair": r"a desk with two certified for (?P<field>\w+)",
    "pair_there": r"a desk that may act there",
    "once": r"a desk that stands once",
    "id": r"an id of letters, digits, \. and -",
    "choice": r"one of (?P<choices>.*)",
    "body": r"the id of a body( of bodies\.csv)?",
    "town": r"a town of the place",
    "area": r"a 9-digit town or the 6-digit district",
    "degrees": r"degrees from -(?P<limit>\d+) to \d+",
    "near": r"a position in the place or near it, from (?P<west>\S+), (?P<south>\S+) to (?P<east>\S+), (?P<north>\S+)",
    "serves": r"towns joined by ; or \* for all",
    "posts": r"at least one",
    "other": r"another desk than they come from",
    "move": r"at least (?P<officers>\d+) to move",
    "key": r"a key of a plan",
    "value": r"a value for it",
    "above": r"greater than (?P<least>\S+)",
    "least": r"greater than or equal to (?P<least>\S+)",
    "most": r"less than or equal to (?P<most>\S+)",
    "finite": r"a finite number",
    "integer": r"a valid integer.*",
    "number": r"a valid number.*",
    "date": r"a date like .*|a valid date.*|Datetimes provided to dates.*",
    "text": r"a valid string",
    "table": r"a valid dictionary.*",
    "pairs": r"a valid tuple.*",
    "beside": r"String should match pattern '\^\[\^/.*",
    "name": r"String should match pattern .*",
    "toml": r"TOML in UTF-8",
    "file": r"a plan file",
}
"""Every refusal of ``simulation``'s plan, training, sheets, pushdown and rules by what it expects."""

FOUND = {
    "nothing": r"nothing",
    "not_there": r"No such file or directory",
    "no_posts": r"no posts",
    "posts": r"(?P<posts>\d+) posts in all",
    "no_pair": r"no lawful pair for (?P<town>\d+)",
    "fewer": r"fewer than two officers with (?P<field>\w+) on duty together at every desk",
    "officers": r"(?P<officers>-?\d+) officers at (?P<desk>\S+)",
    "learners": r"(?P<officers>\d+) officers to train at (?P<desk>\S+)",
    "share": r"(?P<share>\S+) of the heads in towns",
    "key": r"an unknown key",
    "no_key": r"no such key",
    "toml": r".*\(at line (?P<line>\d+), column (?P<place>\d+)\).*",
    "toml_end": r".*\(at end of document\).*",
    "not_text": r".*codec can't decode.*",
}


class Names(Protocol):
    """How the place calls its towns and certificates."""

    def town(self, code: str) -> str: ...
    def field(self, code: str) -> str: ...


class Told(NamedTuple):
    """One fault: in which file and row, in which column, what is there and what should be."""

    file: str
    row: str
    column: str
    found: str
    expected: str


def told(fault: Fault, w: Wording, names: Names) -> Told:
    """A fault in words; a damaged table is told as the reader of files says it.

    A key of the TOML is called as the form of the plan calls it, with the key beside, since that is what stands there.
    """
    column = fault.column or ""
    return Told(
        w.words.get(f"staffing.file_{fault.file.partition('.')[0]}", fault.file),
        str(fault.row or "–"),
        _column(column, w),
        _said("found", FOUND, fault.found, w, names),
        _said("expected", EXPECTED, fault.expected, w, names),
    )


def _column(column: str, w: Wording) -> str:
    key = column.rpartition(".")[2]
    if f"staffing.column_{key}" in w.words:
        return w(f"staffing.column_{key}")
    called = w.words.get(f"staffing.{key}", "") if key in KEYS else ""
    return f"{called} {column}".strip() or "–"


def _said(kind: str, forms: dict[str, str], text: str, w: Wording, names: Names) -> str:
    for name, form in forms.items():
        if match := re.fullmatch(form, text, re.DOTALL):
            values = {key: value for key, value in match.groupdict().items() if value is not None}
            if "town" in values:
                values["town"] = names.town(values["town"])
            if "field" in values:
                values["field"] = names.field(values["field"])
            return w(f"staffing.{kind}_{name}", **values)
    return text
