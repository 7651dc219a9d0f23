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

from dispatch.inspections.filedraw import draw_files
from dispatch.records.case import Stamp
from dispatch.records.filereview import ClosedFile, FileReview, Observer, Quota
from dispatch.records.person import Job, Person, Post
from dispatch.store import filereviews, people
from dispatch.store.casebook import Casebook, open_casebook
from dispatch.store.writing import Actor
from scenarios.reproduced.keeping import KeptFigures
from scenarios.reproduced.models import Cities
from scenarios.reproduced.table import QUICK, lines, met
from tests.browser.conftest import Screen
from tests.casework import a_case
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
        drawn_for("lawyer", casebook)
    settings = {"HOME": str(home), "DB": db, "PLACE": "nine_cells", "DEMO": "1", "DEMO_SPEED": "0.001", "SHARP": "0"}
    return serve_app("ui/app.py", {f"GRIDBEAT_{name}": value for name, value in settings.items()})


def drawn_for(who: str, casebook: Casebook) -> None:
    """A closed case, drawn for somebody from outside."""
    told = Stamp("told", NOON, "li", facts={"note": "138 0000 5678"})
    closed = a_case(id="CLOSED", town="990100001", body="990100001", stamps=(told,), closed_at=NOON)
    actor, day = Actor("test", NOON, "test"), NOON.date()
    files, eyes = (ClosedFile("CLOSED", "990100001", 1, frozenset()),), (Observer(who, ("990100",)),)
    one = FileReview("R0001", "Q1", day, day, Quota(1), 2, "lottery", files, (), NOON, "test", observers=eyes)
    with casebook.writing() as page:
        people.add_person(page, actor, Person(who, who, (Post(Job.OBSERVER, "990100"),)))
        page.add_case(actor, closed)
        filereviews.add_review(page, actor, one, {})
        filereviews.keep_draw(page, actor, one, draw_files("seed", files, (), one.quota, one.crew, eyes), {})


def test_an_observer_rates_what_the_lot_gave_and_opens_nothing_else(screen: Open, place: str) -> None:
    """From outside: turned back from a story in words, a file without numbers, one rating, and then none to give."""
    shown = screen(width=1280, height=720)
    shown.open(f"{place}/?view=story", who="lawyer")
    page = shown.page
    expect(page.locator(".strip")).to_contain_text("事件全程")
    expect(page.locator(".strip nav button")).to_have_count(1)
    expect(page.locator('[data-file="CLOSED"]')).to_contain_text("待评价")
    expect(page.get_by_text("***5678")).to_be_visible()
    page.get_by_role("radio", name="4").or_(page.get_by_role("button", name="4", exact=True)).first.click()
    page.get_by_label("文字评价").fill("说清楚了")
    page.get_by_role("button", name="提交评价").click()
    expect(page.locator('[data-file="CLOSED"]')).to_contain_text("说清楚了")
    expect(page.get_by_role("button", name="提交评价")).to_have_count(0)


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
