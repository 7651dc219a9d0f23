"""Plans and draws in a real browser: a sheet handed in, a clash, a month made due; a draw sealed, drawn, proved."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from openpyxl import Workbook, load_workbook
from playwright.sync_api import Page, expect

from dispatch.desk.incidents import Desk
from dispatch.desk.inspections import Inspections
from dispatch.inspections.plans import PLAN_COLUMNS, PLAN_OPTIONAL
from dispatch.inspections.registers import Credit, Risk, Traits
from dispatch.inspections.ways import LineWays
from dispatch.records.inspection import Premises
from dispatch.store import draws, inspections
from dispatch.store.casebook import Casebook, open_casebook
from gis.locate import CellLocator
from tests.browser.conftest import Screen, fill
from tests.towns import NOON, everybody, incident, nine_cells

EAST = "990100001"


@pytest.fixture(scope="module")
def house(serve_app: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Casebook]]:
    """A running place with three restaurants in its register and nothing planned."""
    home, place = tmp_path_factory.mktemp("home"), nine_cells()
    db = f"sqlite:///{home / 'desk.db'}"
    with open_casebook(db) as casebook:
        casebook.add_incidents([incident()], at=NOON)
        everybody(casebook, "anna")
        desk = Desk(casebook, place.rulebook, CellLocator(place.cells), place.cells, lambda: NOON)
        desk.set_roster("test", place.teams(NOON))
        book = Inspections(desk, LineWays(), {}, {EAST: "东"}, ZoneInfo(place.timezone))
        shops = [Premises(name, f"店{name}", 121.5415, 29.8613, EAST, 8 * 60, 20 * 60) for name in ("P1", "P2", "P3")]
        book.take_in("test", shops, [], {each.id: Traits("restaurant", Risk.HIGH, Credit.B) for each in shops})
        settings = {"HOME": str(home), "DB": db, "PLACE": "nine_cells", "DEMO": "1", "DEMO_SPEED": "0.001"}
        url = serve_app("ui/app.py", {f"GRIDBEAT_{name}": value for name, value in settings.items()})
        yield url, casebook


def _sheet(folder: Path, department: str, item: str, rows: list[tuple[str, str, str]]) -> Path:
    """A department's workbook: premises with the days between which it wants to come."""
    columns = (*PLAN_COLUMNS, *PLAN_OPTIONAL)
    book = Workbook()
    page = book.active
    assert page is not None
    page.append(columns)
    for number, (place, first, last) in enumerate(rows, start=1):
        line = {"line_id": f"{number}", "department": department, "premises_id": place, "item": item}
        line |= {"basis": "《示例条例》", "first": first, "last": last}
        page.append([line.get(column, "") for column in columns])
    path = folder / f"{department}.xlsx"
    book.save(path)
    return path


def _tab(page: Page, name: str) -> None:
    page.locator(f'[data-act="tab:{name}"]').click()


def _hand_in(page: Page, path: Path, said: str, note: str = ".note.fine") -> None:
    """The form is open already when the sheet before had rows to mend."""
    uploader = page.locator(".st-key-inspections-side input[type=file]")
    if uploader.count() == 0 or not page.get_by_role("button", name="导入", exact=True).is_visible():
        page.get_by_text("接收部门年度计划").click()
    uploader.set_input_files(path)
    expect(page.get_by_text(path.name)).to_be_visible()
    page.get_by_role("button", name="导入", exact=True).click()
    expect(page.locator(note)).to_contain_text(said)


def test_two_departments_hand_in_their_plans_and_a_month_is_made_due(
    screen: Callable[..., Screen], house: tuple[str, Casebook], tmp_path: Path
) -> None:
    """The rows to mend come back as a workbook, the clash is answered, and one button makes May due."""
    url, casebook = house
    shown = screen(width=1280, height=720)
    page = shown.page
    shown.open(f"{url}/?view=inspections", who="anna")
    _tab(page, "plans")
    one = [("P1", "2026-05-11", "2026-05-15"), ("P2", "2026-05-11", "2026-05-15"), ("P9", "2026-05-11", "2026-05-15")]
    _hand_in(page, _sheet(tmp_path, "enforcement", "S04-05", one), "新增 2 行")
    with page.expect_download() as download:
        page.get_by_role("button", name="下载需修改的 1 行").click()
    mended = load_workbook(io.BytesIO(download.value.path().read_bytes()))
    (row,) = mended.worksheets[0].iter_rows(min_row=2, values_only=True)
    assert "对象编号：填的是“P9”" in row[0]
    assert row[1:5] == ("3", "enforcement", "P9", "S04-05")
    _hand_in(page, _sheet(tmp_path, "fire", "S04-03", [("P1", "2026-05-25", "2026-05-29")]), "新增 1 行")
    clash = page.locator(".clash-row")
    expect(clash).to_contain_text("店P1")
    expect(clash).to_contain_text("相隔 10 天")
    clash.click()
    together = page.get_by_role("button", name="并为一次：消防救援大队提前到 05-15")
    expect(together).to_be_in_viewport()
    expect(page.get_by_role("button", name="保留两次")).to_be_in_viewport()
    together.click()
    expect(page.locator(".note.fine")).to_contain_text("同一天上门")
    expect(clash).to_have_count(0)
    page.locator('[data-act="month:2026-05-01"]').click()
    page.get_by_role("button", name="五月列入待查（3）").click()
    expect(page.locator(".note.fine")).to_contain_text("3 项已列入待查")
    with casebook.reading() as connection:
        due = {item.id for item in inspections.due_items(connection)}
    assert due == {"enforcement:2026:1.1", "enforcement:2026:2.1", "fire:2026:1.1"}
    _tab(page, "due")
    expect(page.locator(".due-row").filter(has_text="店P1")).to_contain_text("2 项检查 → 1 次")
    _tab(page, "plans")
    none = _sheet(tmp_path, "fires", "S04-05", [("P9", "2026-05-11", "2026-05-15")])
    _hand_in(page, none, "没有接收任何一行：1 行都需修改", ".note:not(.fine)")
    expect(page.locator(".faults")).to_contain_text("最接近的是 fire（消防救援大队）")
    _hand_in(page, _sheet(tmp_path, "enforcement", "S04-05", one[:1]), "请先看清", ".note.warn-note")
    expect(page.get_by_text("撤回：账册里有，这份表里没有")).to_be_visible()
    expect(page.locator(".st-key-inspections-side")).to_contain_text("店P2")
    page.get_by_role("button", name="接收这份表").click()
    expect(page.locator(".note.fine")).to_contain_text("撤回 1 行，1 项检查不再需要")
    with casebook.reading() as connection:
        assert {item.id for item in inspections.due_items(connection)} == due - {"enforcement:2026:2.1"}


def test_a_draw_is_sealed_drawn_and_comes_out_again(screen: Callable[..., Screen], house: tuple[str, Casebook]) -> None:
    """Sealed before the seed, drawn once, drawn again from what is kept."""
    url, casebook = house
    shown = screen(width=1600, height=900, theme="dark")
    page = shown.page
    shown.open(f"{url}/?view=inspections", who="anna")
    _tab(page, "draw")
    expect(page.locator(".box").filter(has_text="抽取范围：餐饮店")).to_contain_text("3 户")
    fill(page, "抽取户数", "2")
    fill(page, "名称或文号", "抽查 7 号")
    fill(page, "种子来源", "当晚开奖号码")
    page.get_by_role("button", name="封存名录（下一步填种子）").click()
    expect(page.locator(".note.fine")).to_contain_text("还没有抽取")
    fill(page, "种子（当晚开奖号码）", "07 11 19")
    page.locator(".st-key-inspections-side").get_by_role("button", name="抽取", exact=True).click()
    expect(page.locator(".note.fine")).to_contain_text("结果已留存")
    with casebook.reading() as connection:
        (kept,) = draws.draws(connection)
    assert kept.record is not None
    assert kept.record.seed == "07 11 19"
    expect(page.locator(".box tbody tr")).to_have_count(2)
    page.get_by_role("button", name="重新验证").click()
    expect(page.locator(".note.fine")).to_contain_text("结果一致")
    page.get_by_role("button", name="抽中的列入待查").click()
    expect(page.locator(".note.fine")).to_contain_text("只由抽中的人员上门")
