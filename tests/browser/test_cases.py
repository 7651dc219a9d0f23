"""The case screen in a real browser, against a real server and its database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from docx import Document
from playwright.sync_api import Page, expect

from dispatch.desk.incidents import Desk
from dispatch.records.case import Case, Outcome, Procedure
from dispatch.store.casebook import Casebook, open_casebook
from gis.locate import CellLocator
from tests.browser.conftest import Screen
from tests.towns import NOON, everybody, incident, nine_cells

Open = Callable[..., Screen]


class Town:
    """nine_cells behind a running server, with one incident on which T1 is on scene."""

    def __init__(self, url: str, casebook: Casebook) -> None:
        self.url = url
        self.casebook = casebook

    def the_case(self) -> Case:
        (case,) = self.casebook.cases(incident="I1")
        return case


@pytest.fixture(scope="module")
def town(serve_app: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    home = tmp_path_factory.mktemp("home")
    db = f"sqlite:///{home / 'desk.db'}"
    place = nine_cells()
    with open_casebook(db) as casebook:
        casebook.add_incidents([incident()], at=NOON)
        everybody(casebook, "anna", "bert")
        desk = Desk(casebook, place.rulebook, CellLocator(place.cells), place.cells, lambda: NOON)
        desk.set_roster("test", place.teams(NOON))
        desk.assign("test", "I1", "T1", 1)
        desk.accept("test", "I1", 2)
        desk.arrive("test", "I1", 3)
        settings = {
            "HOME": str(home),
            "DB": db,
            "PLACE": "nine_cells",
            "DEMO": "1",
            "DEMO_SPEED": "0.001",
            "REFRESH_S": "3600",
            "SHARP": "0",
        }
        url = serve_app("ui/app.py", {f"GRIDBEAT_{name}": value for name, value in settings.items()})
        yield Town(url, casebook)


def _say(page: Page, fact: str, answer: str = "是") -> None:
    group = page.locator('[data-testid="stButtonGroup"]').filter(has_text=fact)
    button = group.locator("button").filter(has_text=answer)
    button.click()
    expect(button).to_have_attribute("aria-checked", "true")


def _choose(page: Page, label: str, option: str) -> None:
    page.get_by_role("combobox", name=label).first.click()
    page.get_by_role("option", name=option).first.click()


def _fill(page: Page, label: str, words: str) -> None:
    field = page.get_by_label(label, exact=True)
    field.fill(words)
    field.press("Tab")


def _day(page: Page, label: str, digits: str) -> None:
    page.get_by_role("group", name=label).get_by_role("spinbutton").first.click()
    page.keyboard.type(digits)


def _press(shown: Screen, step: str) -> None:
    shown.page.get_by_role("button", name=f"完成“{step}”").click()
    expect(shown.page.locator(".note.fine").filter(has_text=step)).to_be_visible()
    shown.at_rest()


@pytest.mark.parametrize(("width", "height"), [(1600, 900), (1280, 720)])
def test_the_screen_fits(screen: Open, town: Town, width: int, height: int) -> None:
    """Nothing scrolls but the boxes. Nobody has touched the case so far."""
    shown = screen(width=width, height=height, locale="en-US")
    shown.open(f"{town.url}/?view=cases&incident=I1", who="anna")
    expect(shown.page.locator(".casefile")).to_contain_text("Jia Town Government")
    overflow = shown.page.evaluate("() => document.documentElement.scrollHeight - window.innerHeight")
    assert overflow <= 0


def test_a_simple_case_goes_from_its_incident_to_the_archive_and_no_step_can_be_skipped(
    screen: Open, town: Town
) -> None:
    """The main job: what was done, what comes next, what is barred and why."""
    shown = screen(width=1600, height=900)
    page = shown.page
    shown.open(f"{town.url}/?view=cases&incident=I1", who="anna")
    expect(page.locator(".casefile")).to_contain_text("甲镇人民政府")
    _fill(page, "证件号或统一社会信用代码", "SYN-000001")
    _fill(page, "姓名或名称", "合成商户001")
    _say(page, "已出示执法证件")
    _say(page, "违法事实确凿")
    page.get_by_role("button", name="立案并完成第一步").click()
    expect(page.locator(".steps li.is-done")).to_have_count(1)
    case = town.the_case()
    assert (case.procedure, case.body, case.stamps[0].officers) == (Procedure.SIMPLE, "990100001", ("O1", "O2"))

    barred = page.locator('.barred[data-step="closed"]')
    expect(barred.locator("button")).to_be_disabled()
    expect(barred).to_contain_text("当场决定")
    barred.locator("button").evaluate("e => e.click()")
    assert town.the_case() == case

    _say(page, "已告知拟处罚内容")
    _say(page, "已告知陈述、申辩等权利")
    _fill(page, "拟处罚款（元）", "100")
    _choose(page, "陈述申辩", "未提出")
    _press(shown, "告知并听取陈述申辩")

    _say(page, "处理结果", "罚款")
    _fill(page, "罚款（元）", "100")
    page.get_by_role("button", name="完成“当场决定”").click()
    expect(page.locator(".note").filter(has_text="责令改正")).to_be_visible()
    assert town.the_case().outcome is None
    _say(page, "此前已责令限期改正")
    _say(page, "责令改正期限已满")
    expect(page.locator("[data-advice=penalty]")).to_be_visible()
    _choose(page, "裁量档次", "2 ")
    expect(page.locator(".tier.chosen")).to_contain_text("50 – 200")
    _say(page, "已责令改正")
    _press(shown, "当场决定")
    assert (town.the_case().outcome, town.the_case().fine_yuan) == (Outcome.FINE, 100)

    _say(page, "已当场交付决定书")
    _choose(page, "签收情况", "已签收")
    _day(page, "送达日期", "20260415")
    _press(shown, "当场交付")
    expect(page.locator(".term")).to_contain_text("2026-04-30 24:00")
    _fill(page, "已缴金额（元）", "100")
    _day(page, "缴款日期", "20260415")
    _press(shown, "缴纳罚款")
    _say(page, "已报所属行政机关备案")
    _fill(page, "案卷号", "2026-001")
    _press(shown, "备案归档")

    closed = town.the_case()
    assert not closed.open
    assert [stamp.by for stamp in closed.stamps] == ["anna"] * 6
    expect(page.get_by_text("案件已结")).to_be_visible()
    page.locator(".steps button").nth(2).click()
    expect(page.locator(".qr figcaption")).to_have_text(closed.stamps[2].act_code)
    assert town.casebook.verify().whole


def test_the_documents_of_the_case_are_taken_along_and_its_file_is_drawn_and_reviewed(screen: Open, town: Town) -> None:
    """A decision for the party; months later the file for two reviewers who had no hand in it."""
    case = town.the_case()
    shown = screen(width=1600, height=900)
    page = shown.page
    shown.open(f"{town.url}/?view=cases&case={case.id}", who="anna")
    documents = page.locator("details.documents")
    expect(documents.locator('[data-document="no_penalty"]')).to_contain_text("罚款")
    with page.expect_download() as download:
        documents.get_by_role("link", name="当场行政处罚决定书").click()
    paper = Document(Path(download.value.path()))
    assert any("罚款人民币 100 元（大写：壹佰元整）" in paragraph.text for paragraph in paper.paragraphs)

    shown.open(f"{town.url}/?view=oversight", who="anna")
    page.locator('[data-act="tab:files"]').click()
    page.get_by_text("新的案卷评查").click()
    _fill(page, "名称", "季度评查")
    _fill(page, "种子来源", "公开摇号")
    page.get_by_role("button", name="封存名录").click()
    expect(page.locator(".note.fine")).to_contain_text("指纹已入台账")
    page.get_by_label("种子（来自公开摇号）").fill("07 11 19")
    page.get_by_role("button", name="抽取", exact=True).click()
    drawn = page.locator(f'tr[data-file="{case.id}"]')
    expect(drawn).to_contain_text("待评查")
    _say(page, "评查等次", "优秀")
    page.get_by_label("理由").fill("程序完整")
    page.get_by_role("button", name="录入", exact=True).click()
    expect(page.locator(".note")).to_contain_text("须回避")

    shown.open(f"{town.url}/?view=oversight", who="bert")
    page.locator('[data-act="tab:files"]').click()
    _say(page, "评查等次", "优秀")
    page.get_by_label("理由").fill("程序完整")
    page.get_by_role("button", name="录入", exact=True).click()
    expect(drawn).to_contain_text("程序完整")
    page.get_by_role("button", name="重新抽取验证").click()
    expect(page.locator(".note.fine")).to_contain_text("重抽结果一致")
    assert page.evaluate("() => document.documentElement.scrollHeight - window.innerHeight") <= 0
