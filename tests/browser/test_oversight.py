"""Oversight in a real browser: a week's tables, a finding that leads to its story, the map of hot spots, a paper."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from docx import Document
from playwright.sync_api import expect

from dispatch.store.casebook import open_casebook
from scenarios.reproduced.keeping import KeptFigures
from scenarios.reproduced.models import Cities
from scenarios.reproduced.table import QUICK, lines, met
from tests.browser.conftest import Screen
from tests.towns import NOON, everybody, incident

Open = Callable[..., Screen]


@pytest.fixture(scope="module")
def place(serve_app: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> str:
    """A place with one incident of yesterday to which nobody went, and two published figures worked out."""
    home = tmp_path_factory.mktemp("home")
    kept = KeptFigures(home / "figures.json")
    for line in lines():
        if line.measure in ("simple_before", "simple_after"):
            kept.keep(line, QUICK, met(line, QUICK, Cities()))
    db = f"sqlite:///{home / 'desk.db'}"
    with open_casebook(db) as casebook:
        casebook.add_incidents([incident(id="LATE", reported_at=NOON - timedelta(days=1))], at=NOON)
        casebook.add_incidents([incident(id="NEW")], at=NOON)
        everybody(casebook, "anna")
    settings = {"HOME": str(home), "DB": db, "PLACE": "nine_cells", "DEMO": "1", "DEMO_SPEED": "0.001", "SHARP": "0"}
    return serve_app("ui/app.py", {f"GRIDBEAT_{name}": value for name, value in settings.items()})


def test_a_supervisor_reads_the_week_and_takes_it_along(screen: Open, place: str) -> None:
    """From the towns to one finding and its story, the places on the map, and the paper for the meeting."""
    shown = screen(width=1280, height=720)
    shown.open(f"{place}/?view=oversight", who="anna")
    page = shown.page
    expect(page.locator("table.oversight tbody tr").first).to_be_visible()
    expect(page.locator(".strip dd").first).to_have_text("2")
    assert page.evaluate("() => document.documentElement.scrollHeight - window.innerHeight") <= 0
    assert page.evaluate("() => document.documentElement.scrollWidth - window.innerWidth") <= 0
    with page.expect_download() as download:
        page.get_by_role("link", name="报告 docx").click()
    told = [
        cell.text for table in Document(Path(download.value.path())).tables for row in table.rows for cell in row.cells
    ]
    assert "LATE" in told
    page.locator('[data-act="tab:hot_spots"]').click()
    shown.map_drawn()
    page.locator('[data-act="tab:findings"]').click()
    page.locator('table.oversight [data-act="incident:LATE"]').first.click()
    expect(page.locator('.story[data-incident="LATE"]')).to_be_visible()


def test_a_planner_reads_what_carries_a_predicted_figure(screen: Open, place: str) -> None:
    """Only what is worked out has a number; the rest says so, and the workbook holds what the table shows."""
    shown = screen(width=1280, height=720)
    shown.open(f"{place}/?view=oversight", who="anna")
    page = shown.page
    page.locator('[data-act="tab:figures"]').click()
    page.locator('[data-act="figure:chongqing/simple_after_minutes/predicted"]').click()
    expect(page.locator("table.figures svg").first).to_be_visible()
    chosen = page.locator("table.figures tr.chosen")
    expect(chosen).to_contain_text("简易程序用时，改革后（分钟）")
    expect(chosen).not_to_contain_text("simple_after_minutes")
    expect(page.locator("table.figures tr", has_text="2022 年执法案件").first).to_contain_text("未计算")
    assert page.evaluate("() => document.documentElement.scrollHeight - window.innerHeight") <= 0
    with page.expect_download() as download:
        page.get_by_role("link", name="表格 xlsx").click()
    book = openpyxl.load_workbook(BytesIO(Path(download.value.path()).read_bytes()))
    assert book["数字对照"].max_row - 2 == 2
