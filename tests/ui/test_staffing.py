"""A plan while a planner edits it: every refusal said in their words, each state judged once, saved to the files."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from gis.schemas import BadInput
from scenarios.builder import HERE
from scenarios.plankeeping import legal
from simulation.plan import DESK_COLUMNS, POST_COLUMNS
from simulation.sheets import Sheets, read_sheets
from tests.towns import nine_cells
from ui.services.planfaults import told
from ui.wording import Language, wording

SHEETS = read_sheets(HERE / "nine_cells")


class Names:
    def town(self, code: str) -> str:
        return f"镇{code}"

    def field(self, code: str) -> str:
        return f"域{code}"


def typed(table: str, column: int, value: str) -> Sheets:
    """One value of the first row of a table typed over."""
    rows = getattr(SHEETS, table)
    first = (*rows[0][:column], value, *rows[0][column + 1 :])
    return replace(SHEETS, **{table: (first, *rows[1:])})


def broken() -> list[Sheets]:
    """Whatever can be typed wrong, and the ways in which a plan that is written well cannot be."""
    typos = [
        typed(table, column, value)
        for table, columns in (("desks", DESK_COLUMNS), ("posts", POST_COLUMNS))
        for column in range(len(columns))
        for value in ("", "?", "999", "-7", "juggling")
    ]
    alone = replace(SHEETS, posts=tuple(row for row in SHEETS.posts if row and row[0] != "pool"))
    west = tuple(replaced_serves(row) for row in SHEETS.desks if row)
    return [
        *typos,
        replace(SHEETS, posts=()),
        replace(SHEETS, desks=(*SHEETS.desks, SHEETS.desks[0])),
        SHEETS.with_value("headcount_cap", 20),
        alone,
        replace(SHEETS, desks=west),
    ]


def replaced_serves(row: tuple[str, ...]) -> tuple[str, ...]:
    return (*row[:7], "990100001")


def faults() -> dict[str, tuple[object, ...]]:
    found = {}
    for sheets in broken():
        try:
            legal(sheets, nine_cells(), nine_cells().rulebook)
        except BadInput as bad:
            for fault in bad.faults:
                found[str(fault)] = (fault,)
    return found


def test_every_refusal_is_said_in_both_languages_with_its_row():
    """A planner who reads Chinese is told in Chinese, whatever was typed wrong."""
    refusals = [fault for (fault,) in faults().values()]
    assert len(refusals) > 30
    for fault in refusals:
        zh, en = (told(fault, wording(language), Names()) for language in Language)
        assert zh.row == en.row == str(fault.row or "–")
        words = re.sub(r"[‘'].*[’']|\b[MDEN]\b|town|brigade|pool|touring|review|car|ebike|foot|域\w+", "", zh.found)
        expected = re.sub(r"town|brigade|pool|touring|review|car|ebike|foot|\b[MDEN]\b|域\w+", "", zh.expected)
        assert not re.search(r"[a-zA-Z]{3,}", words + expected), (fault, zh)


def test_a_refusal_of_a_town_names_the_town():
    sheets = replace(SHEETS, desks=tuple(replaced_serves(row) for row in SHEETS.desks if row))
    with pytest.raises(BadInput) as refused:
        legal(sheets, nine_cells(), nine_cells().rulebook)
    said = [told(fault, wording(Language.ZH), Names()) for fault in refused.value.faults]
    assert any("镇990100002" in each.found for each in said)
