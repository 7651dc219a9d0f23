"""An incident read from the first word to the closed file, in a real browser, and handed on."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from dispatch.desk.incidents import Desk
from dispatch.desk.refusals import Refused
from dispatch.records.incident import CallBack
from dispatch.store.casebook import Casebook, open_casebook
from dispatch.store.ledger import Kind
from gis.locate import CellLocator
from scenarios.binding import bind
from tests.browser.conftest import Screen
from tests.towns import NOON, everybody, nine_cells

Open = Callable[..., Screen]
PHONE = "13843215678"


class Told:
    """A served town with one closed incident."""

    def __init__(self, url: str, casebook: Casebook, incident: str) -> None:
        self.url = url
        self.casebook = casebook
        self.incident = incident


def _lived_through(casebook: Casebook) -> str:
    """One incident from the call to the call back, with one dispatch refused."""
    town = nine_cells()
    bind(casebook, town, actor="opening", at=NOON)
    desk = Desk(casebook, town.rulebook, CellLocator(town.cells), town.cells, lambda: NOON)
    desk.set_roster("opening", town.teams(NOON))
    new = desk.report("li", f"摊贩占道，电话{PHONE}", lon=121.5415, lat=29.8613, matter="C08-01", caller=PHONE)
    with pytest.raises(Refused):
        desk.assign("li", new.id, "T3", 1)
    sent = desk.assign("li", new.id, "T1", 1).incident
    way = desk.accept("team T1", new.id, sent.version).incident
    there = desk.arrive("team T1", new.id, way.version).incident
    done = desk.handle("team T1", new.id, there.version, "已劝离").incident
    checked = desk.verify("wu", new.id, done.version, passed=True, how="照片")
    desk.close("li", new.id, checked.version, CallBack.SATISFIED, "谢谢")
    return new.id


@pytest.fixture(scope="module")
def told(serve_app: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> Told:
    home = tmp_path_factory.mktemp("home")
    db = f"sqlite:///{home / 'desk.db'}"
    casebook = open_casebook(db)
    incident = _lived_through(casebook)
    everybody(casebook, "anna")
    settings = {"HOME": str(home), "DB": db, "PLACE": "nine_cells", "DEMO": "1", "DEMO_SPEED": "0.001", "SHARP": "0"}
    url = serve_app("ui/app.py", {f"GRIDBEAT_{name}": value for name, value in settings.items()})
    return Told(url, casebook, incident)


def _page(screen: Open, told: Told, address: str, **how: object) -> Page:
    shown = screen(**how)
    shown.open(f"{told.url}/?{address}", who="anna")
    return shown.page


def _file(page: Page, button: str) -> str:
    with page.expect_download() as download:
        page.get_by_role("button", name=button).click()
    return Path(download.value.path()).read_text(encoding="utf-8")


def test_an_auditor_reads_checks_and_takes_the_story_along(screen: Open, told: Told) -> None:
    """The whole job: every deed and refusal, the chain, and both files."""
    page = _page(screen, told, f"view=story&incident={told.incident}", width=1600, height=900)
    entries = told.casebook.history(Kind.INCIDENT, told.incident)
    expect(page.locator(".told > li")).to_have_count(len(entries))
    expect(page.locator(".stages .is-done")).to_have_count(7)
    page.locator('[data-act="show:refused"]').click()
    expect(page.locator(".told > li")).to_have_count(1)
    expect(page.locator(".told .refused .ground").first).to_be_visible()
    page.locator('[data-act="verify"]').click()
    expect(page.locator(".chain .good")).to_contain_text("完整")
    text = _file(page, "下载全文")
    assert all(f"#{entry.sequence} {entry.hash[:8]}" in text for entry in entries)
    assert PHONE not in text
    assert PHONE not in page.locator(".story").inner_text()
    raw = [json.loads(line) for line in _file(page, "下载原始条目").splitlines()]
    assert [line["hash"] for line in raw] == [entry.hash for entry in entries]


@pytest.mark.parametrize(("width", "height", "locale"), [(1600, 900, "zh-CN"), (1280, 720, "en-US")])
def test_the_story_fits_and_its_way_back_leads_to_the_incident(
    screen: Open, told: Told, width: int, height: int, locale: str
) -> None:
    """Nothing scrolls but the boxes, and who came to read can go on working."""
    page = _page(screen, told, f"view=story&incident={told.incident}", width=width, height=height, locale=locale)
    expect(page.locator(".told > li").first).to_be_visible()
    assert page.evaluate("() => document.documentElement.scrollHeight - window.innerHeight") <= 0
    assert page.evaluate("() => document.documentElement.scrollWidth - window.innerWidth") <= 0
    page.locator('[data-act="back"]').click()
    expect(page.locator(f'.decision[data-incident="{told.incident}"]')).to_be_visible()
    page.locator('[data-act="story"]').click()
    expect(page.locator(f'.story[data-incident="{told.incident}"]')).to_be_visible()


def test_a_typed_id_opens_its_story_and_a_wrong_one_says_so(screen: Open, told: Told) -> None:
    """An auditor comes with a number on paper."""
    page = _page(screen, told, "view=story&incident=nowhere", width=1280, height=720)
    expect(page.locator(".story .hint")).to_contain_text("nowhere")
    field = page.get_by_placeholder("打开事件或案件编号")
    field.fill(told.incident)
    field.press("Enter")
    expect(page.locator(f'.story[data-incident="{told.incident}"]')).to_be_visible()
