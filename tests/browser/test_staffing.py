"""Staffing in a real browser: from a plan that is kept to a pair that is compared, seen on the map and handed over."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from dispatch.desk.incidents import Desk
from dispatch.store.casebook import open_casebook
from gis.locate import CellLocator
from scenarios.builder import HERE
from scenarios.plankeeping import PlanShelf
from simulation.pushdown import share_in_towns
from simulation.sheets import plan_of, read_sheets, write_sheets
from tests.browser.conftest import Screen, at_rest, fill
from tests.towns import NOON, everybody, incident, nine_cells
from ui.services.histories import example

KEPT = "nine_cells_staffed"


@pytest.fixture(scope="module")
def house(serve_app: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, PlanShelf]]:
    """A running place with one lawful plan of three weeks."""
    home, place = tmp_path_factory.mktemp("home"), nine_cells()
    shelf = PlanShelf(home / "staffing" / "nine_cells" / "plans")
    (shelf.folder / KEPT).mkdir(parents=True)
    short = read_sheets(HERE / "nine_cells").with_value("days", 15).with_value("warm_up_days", 3)
    write_sheets(short, shelf.folder / KEPT)
    db = f"sqlite:///{home / 'desk.db'}"
    with open_casebook(db) as casebook:
        casebook.add_incidents([incident()], at=NOON)
        everybody(casebook, "anna")
        desk = Desk(casebook, place.rulebook, CellLocator(place.cells), place.cells, lambda: NOON)
        desk.set_roster("test", place.teams(NOON))
        settings = {
            "HOME": str(home),
            "DB": db,
            "PLACE": "nine_cells",
            "DEMO": "1",
            "DEMO_SPEED": "0.001",
            "SHARP": "0",
            "REFRESH_S": "1",
        }
        yield serve_app("ui/app.py", {f"GRIDBEAT_{name}": value for name, value in settings.items()}), shelf


def _tab(page: Page, name: str) -> None:
    page.locator(f'[data-act="tab:{name}"]').click()
    expect(page.locator(f'[data-act="tab:{name}"]')).to_have_attribute("aria-current", "page")


def _done(page: Page, words: str) -> None:
    expect(page.locator(".note.fine").filter(has_text=words)).to_be_visible()


def _saved_file(page: Page, button: str, path: Path) -> bytes:
    at_rest(page)
    with page.expect_download() as asked:
        page.get_by_role("button", name=button, exact=True).click()
    asked.value.save_as(path)
    return path.read_bytes()


def test_from_old_tickets_to_a_compared_pair_and_its_report(
    screen: Callable[..., Screen], house: tuple[str, PlanShelf], tmp_path: Path
) -> None:
    """What a planner who is new to it does in ten minutes, by the manual."""
    url, shelf = house
    shown = screen(width=1600, height=900)
    page = shown.page
    shown.open(f"{url}/?view=staffing", who="anna")

    _tab(page, "history")
    tickets = {"name": "旧工单.csv", "mimeType": "text/csv", "buffer": example(nine_cells(), NOON)}
    page.locator('input[type="file"]').set_input_files([tickets])  # type: ignore[list-item]
    page.get_by_role("button", name="收入并检验", exact=True).click()
    _done(page, "可以用来预测")
    data = _saved_file(page, "下载数据（xlsx）", tmp_path / "verdict.xlsx")
    [kept] = [path.name for path in (shelf.folder.parent / "histories").iterdir()]
    weeks = list(openpyxl.load_workbook(BytesIO(data)).worksheets[1].iter_rows(min_row=3, values_only=True))
    assert len(weeks) == 8
    assert all(kept in week for week in weeks)

    _tab(page, "plans")
    page.get_by_role("button", name="＋ 从今天的花名册生成", exact=True).click()
    _done(page, "已按今天的花名册生成方案")
    faults = page.locator(".plan-faults")
    expect(faults).to_contain_text("的都不到两人")

    page.locator(f'[data-act="plan:{KEPT}"]').click()
    expect(page.locator(".chip.good").filter(has_text="合规")).to_be_visible()
    page.get_by_role("button", name="复制", exact=True).click()
    _done(page, "已复制")
    share = page.get_by_role("slider", name="下沉到镇街的人员比例")
    share.press("End")
    page.get_by_role("button", name="调整比例", exact=True).click()
    expect(page.locator(".note").filter(has_text="每个岗点都要保留两人执法")).to_be_visible()
    at_rest(page)
    for _ in range(100 - 70):
        share.press("ArrowLeft")
    page.get_by_role("button", name="调整比例", exact=True).click()
    _done(page, "已调整下沉比例")
    fill(page, "人数", "2", exact=True)
    page.get_by_role("button", name="调动", exact=True).click()
    _done(page, "已调动")
    page.get_by_role("button", name="保存", exact=True).click()
    _done(page, "已保存")
    copy = next(name for name in shelf.names() if name not in (KEPT, "nine_cells_today"))
    assert shelf.sheets(copy).heads == shelf.sheets(KEPT).heads
    assert share_in_towns(plan_of(shelf.sheets(copy))) > share_in_towns(plan_of(shelf.sheets(KEPT))) + 0.1

    _tab(page, "runs")
    page.get_by_role("combobox", name=re.compile("^(Selected .*)?来件")).click()
    page.get_by_role("option", name="按“旧工单.csv”预测", exact=True).click()
    fill(page, "推演次数", "3", exact=True)
    page.get_by_role("button", name="开始推演", exact=True).click()
    _done(page, "推演完成")
    rows = page.locator(".runs tbody tr")
    expect(rows).to_have_count(2)
    page.get_by_role("button", name="比较 A 与 B", exact=True).click()
    expect(page.locator(".compare tbody tr").first).to_contain_text("按时到场率")
    expect(page.locator(".said-lines")).to_contain_text("事件数")
    expect(page.locator(".facts").filter(has_text="推演条件")).to_contain_text("按“旧工单.csv”预测")
    data = _saved_file(page, "下载数据（xlsx）", tmp_path / "told.xlsx")
    row = next(openpyxl.load_workbook(BytesIO(data)).worksheets[1].iter_rows(min_row=3, values_only=True))
    runs = [path.name for path in (shelf.folder.parent / "runs").iterdir()]
    assert any(run.startswith(f"{row[-5]}-{row[-3]}-{row[-2]}-") for run in runs)
    assert any(run.startswith(f"{row[-4]}-{row[-3]}-{row[-2]}-") for run in runs)

    _tab(page, "towns")
    shown.map_drawn()
    expect(page.locator(".towns tbody tr")).to_have_count(2)
    shown.click_place(121.5415, 29.8613)
    expect(page.locator(".towns tr.chosen")).to_have_count(1)
    _tab(page, "replay")
    shown.map_drawn()
    expect(page.locator(".facts").filter(has_text="在岗人员")).to_be_visible()

    _tab(page, "runs")
    fill(page, "推演次数", "2", exact=True)
    page.get_by_role("button", name="从此刻的真实积压开始推演", exact=True).click()
    _done(page, "推演完成")
    expect(page.locator(".runs tbody tr").filter(has_text="1 件在办")).to_have_count(2)


def test_workload_becomes_a_plan_among_the_kept_ones(
    screen: Callable[..., Screen], house: tuple[str, PlanShelf]
) -> None:
    url, shelf = house
    shown = screen(width=1280, height=720)
    shown.open(f"{url}/?view=staffing", who="anna")
    page = shown.page
    _tab(page, "workload")
    before = shelf.names()
    page.get_by_role("button", name="计算").click()
    expect(page.locator("table.compare tbody tr")).to_have_count(2)
    page.locator('[data-act="keep"]').click()
    expect(page.locator('[data-act="tab:plans"]')).to_have_attribute("aria-current", "page")
    (new,) = set(shelf.names()) - set(before)
    assert shelf.sheets(new).heads == shelf.sheets(KEPT).heads
    assert "按工作量" in shelf.sheets(new).value("title_zh")


def test_a_small_screen_hides_nothing_and_nothing_typed_is_lost(
    screen: Callable[..., Screen], house: tuple[str, PlanShelf]
) -> None:
    """Moved officers were gone with the change of light, and what was asked with the end of a run."""
    url, _ = house
    shown = screen(width=1600, height=900)
    shown.open(f"{url}/?view=staffing", who="anna")
    page = shown.page
    page.locator(f'[data-act="plan:{KEPT}"]').click()
    expect(page.locator(".chip.good").filter(has_text="合规")).to_be_visible()
    page.set_viewport_size({"width": 1280, "height": 720})
    side = page.locator(".st-key-staffing-side")
    page.wait_for_function(
        "() => document.querySelector('.st-key-staffing-side').getBoundingClientRect().right <= 1280"
    )
    fill(page, "人数", "1", exact=True)
    side.get_by_role("button", name="调动", exact=True).click()
    _done(page, "已调动")
    asked: list[str] = []
    page.once("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.locator('[data-act^="theme:"]').click()
    page.wait_for_timeout(500)
    assert asked == ["beforeunload"]
    expect(page.locator(".staffing-row").filter(has_text="未保存")).to_be_visible()
    side.get_by_role("button", name="还原", exact=True).click()
    expect(page.locator(".staffing-row").filter(has_text="未保存")).to_have_count(0)

    _tab(page, "runs")
    play = side.get_by_role("button", name="五种压力测试一并推演", exact=True)
    play.hover()
    page.wait_for_timeout(600)
    expect(page.get_by_role("tooltip")).to_have_count(0)
    fill(page, "推演次数", "2", exact=True)
    fill(page, "随机种子", "5", exact=True)
    side.get_by_role("button", name="开始推演", exact=True).click()
    rows = page.locator(".runs tbody tr").filter(has=page.locator("td:nth-child(3)", has_text=re.compile("^5$")))
    expect(rows.filter(has=page.locator("td:nth-child(4)", has_text=re.compile("^2$")))).to_have_count(2)
    expect(page.get_by_label("随机种子", exact=True)).to_have_value("5")
    row = rows.first
    for side_of in ("A", "B"):
        pick = row.locator(".ab").filter(has_text=side_of)
        if pick.get_attribute("aria-pressed") == "false":
            pick.click()
        expect(pick).to_have_attribute("aria-pressed", "true")
    expect(page.locator('[data-act="compare"]')).to_have_count(0)
    expect(page.locator(".head").filter(has_text="还不能比较")).to_be_visible()
