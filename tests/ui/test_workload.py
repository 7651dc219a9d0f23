"""Posts by workload as a planner has them: the book's checks are work, and the plan can be kept and read again."""

from __future__ import annotations

import io
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import openpyxl
import pytest

from dispatch.records.inspection import DueItem
from simulation.apportionment import Method
from simulation.sheets import plan_of
from simulation.workload import Norms, allocate
from tests.simulation.experimenting import fortnight
from ui.services.findings import workbook
from ui.services.workload import COLUMNS, Asked, Context, Reckoned, cells, findings, minutes_by_town, told
from ui.wording import Language, wording

TODAY = date(2026, 4, 15)
EAST, WEST = "990100001", "990100002"


@pytest.fixture(scope="module")
def found() -> Reckoned:
    setup = fortnight()
    asked = Asked(setup.plan, setup.plan.heads, Norms(), Method.ADAMS, inspected=False, seed=1)
    return Reckoned(asked, allocate(setup, 1, asked.norms, {EAST: 60_000.0}, asked.cap, asked.method))


def due(premises: str, minutes: int, earliest: date) -> DueItem:
    return DueItem(f"{premises}-{minutes}", premises, "d", "city", minutes, earliest, earliest + timedelta(days=30))


def test_a_check_is_two_officers_work_in_the_town_of_its_premises():
    items = [due("A", 40, TODAY), due("B", 20, TODAY), due("A", 5, TODAY + timedelta(days=400)), due("gone", 9, TODAY)]
    assert minutes_by_town(items, {"A": EAST, "B": WEST}, TODAY) == {EAST: 80.0, WEST: 40.0}


def test_the_plan_that_is_kept_is_the_plan_that_was_reckoned(found: Reckoned):
    assert plan_of(found.sheets).hash == found.allocation.plan.hash


@pytest.mark.parametrize("language", list(Language))
def test_the_paper_holds_every_town_with_what_it_goes_back_to(found: Reckoned, language: Language):
    at = datetime(2026, 4, 15, 12, tzinfo=ZoneInfo("Asia/Shanghai"))
    context = Context("Nine", "abc", {EAST: "East", WEST: "West"}, "", at)
    made = findings(found, context, wording(language))
    book = openpyxl.load_workbook(io.BytesIO(workbook(made, wording(language))))
    rows = list(book.worksheets[1].iter_rows(values_only=True))[-2:]
    assert [row[0] for row in rows] == ["East", "West"]
    assert rows[0][-3] == found.allocation.plan.hash
    assert [row[7] for row in rows] == [row.after for row in found.allocation.rows]
    assert all(len(cells(row)) == len(told(row)) == len(COLUMNS) for row in found.allocation.rows)
