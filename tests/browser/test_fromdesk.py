"""Checks without a visit and requests of an enterprise, in a real browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from dispatch.desk.incidents import Desk
from dispatch.desk.inspections import Inspections, Proposal
from dispatch.inspections.planning import plan
from dispatch.inspections.ways import StreetWays
from dispatch.records.inspection import DueItem, Premises, Remote
from dispatch.store import inspections, requests
from dispatch.store.casebook import Casebook, open_casebook
from gis.locate import CellLocator
from gis.streets import Profile
from gis.travel import TravelTimes
from tests.browser.conftest import Screen, fill, unfold
from tests.towns import NOON, everybody, incident, nine_cells

EAST = "990100001"
TODAY, LAST = date(2026, 4, 15), date(2026, 4, 24)


def _due(place: str, name: str, remote: Remote = Remote.NO) -> DueItem:
    return DueItem(f"{place}-{name}", place, "enforcement", "city", 20, TODAY, LAST, remote=remote)


class House:
    """A running place: one shop with a check that asks for a visit, and two that do not."""

    def __init__(self, url: str, casebook: Casebook) -> None:
        self.url, self.casebook = url, casebook

    def due(self) -> dict[str, DueItem]:
        with self.casebook.reading() as connection:
            return {one.id: one for one in inspections.due_items(connection)}


@pytest.fixture(scope="module")
def house(serve_app: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    home, place = tmp_path_factory.mktemp("home"), nine_cells()
    db = f"sqlite:///{home / 'desk.db'}"
    with open_casebook(db) as casebook:
        casebook.add_incidents([incident()], at=NOON)
        everybody(casebook, "anna")
        desk = Desk(casebook, place.rulebook, CellLocator(place.cells), place.cells, lambda: NOON)
        desk.set_roster("test", place.teams(NOON))
        ways = StreetWays(TravelTimes(place.streets, Profile.CAR))
        bases = {line.town: (line.lon, line.lat) for line in reversed(place.roster)}
        book = Inspections(desk, ways, bases, {EAST: "东"}, ZoneInfo(place.timezone))
        shop = Premises("P1", "店P1", 121.5415, 29.8613, EAST, 8 * 60, 20 * 60)
        book.take_in("test", [shop], [_due("P1", "a"), _due("P1", "b", Remote.DATA), _due("P1", "c", Remote.PAPERS)])
        asked = book.question([EAST], (TODAY, date(2026, 4, 16)))
        book.adopt("test", Proposal(asked, plan(asked.programme, 0.1), 1, 0.1))
        names = {"HOME": str(home), "DB": db, "PLACE": "nine_cells", "DEMO": "1", "DEMO_SPEED": "0.001", "SHARP": "0"}
        yield House(serve_app("ui/app.py", {f"GRIDBEAT_{name}": each for name, each in names.items()}), casebook)


def test_a_check_is_made_from_the_desk_and_another_becomes_a_visit(screen: Callable[..., Screen], house: House) -> None:
    """Both are due no more; what looked suspicious waits for a crew, and the card of the shop has it all."""
    shown = screen(width=1280, height=720)
    page = shown.page
    shown.open(f"{house.url}/?view=inspections", who="anna")
    row = page.locator(".due-row").filter(has_text="店P1")
    expect(row).to_contain_text("3 项检查 → 1 次")
    expect(row).to_contain_text("非现场 2 项")
    page.locator('[data-act="tab:desk"]').click()
    page.locator('[data-act="check:P1-b"]').click()
    fill(page, "检查情况", "在线数据正常")
    page.get_by_role("button", name="记为已查", exact=True).click()
    expect(page.locator(".note.fine").filter(has_text="不必上门")).to_be_visible()
    page.locator('[data-act="check:P1-c"]').click()
    page.get_by_text("发现疑点，须上门核查").click()
    expect(page.get_by_text("天内不宜再去")).to_be_visible()
    fill(page, "检查情况", "许可证不是这家的")
    fill(page, "三十天内", "疑为冒用")
    page.get_by_role("button", name="记为已查", exact=True).click()
    expect(page.locator(".note.fine").filter(has_text="一周内上门核查")).to_be_visible()
    assert set(house.due()) == {"P1-a", "P1-c:V00002"}
    page.locator('[data-act="tab:due"]').click()
    row.click()
    card = page.locator(".panel-root").filter(has_text="在线数据正常")
    expect(card).to_contain_text("非现场检查（报送材料）")
    expect(card).to_contain_text("已转上门核查 P1-c:V00002")


def test_a_request_is_taken_down_at_the_card_and_answered_there(screen: Callable[..., Screen], house: House) -> None:
    """Until it is answered, everybody who opens the list sees by which day it must be."""
    shown = screen(width=1600, height=900, theme="dark")
    page = shown.page
    shown.open(f"{house.url}/?view=inspections", who="anna")
    page.locator(".due-row").filter(has_text="店P1").click()
    unfold(page, "登记企业诉求")
    fill(page, "提出人", "老王")
    fill(page, "原话", "盘点，请推迟一周")
    page.get_by_role("button", name="登记", exact=True).click()
    expect(page.locator(".note.fine").filter(has_text="已登记")).to_be_visible()
    page.locator('[data-act="back"]').first.click()
    waiting = page.locator(".panel-root").filter(has_text="待答复的企业诉求")
    expect(waiting).to_contain_text("04-22")
    waiting.locator('[data-act="place:P1"]').click()
    fill(page, "答复 Q00001", "可以，改在下周")
    page.get_by_role("button", name="答复", exact=True).click()
    expect(page.locator(".note.fine").filter(has_text="已答复")).to_be_visible()
    expect(page.locator(".panel-root").filter(has_text="盘点，请推迟一周")).to_contain_text("可以，改在下周")
    with house.casebook.reading() as connection:
        assert requests.waiting(connection) == []
