"""Patrols in a real browser: the plan drawn, the round walked on a phone, the fire lane settled without a case."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from zipfile import ZipFile

import pytest
from playwright.sync_api import Page, expect

from dispatch.desk.incidents import Desk
from dispatch.desk.patrolling import Patrolling
from dispatch.desk.patrols import Patrols
from dispatch.inspections.patrol_places import PatrolGround
from dispatch.inspections.patrol_plan import Terms
from dispatch.inspections.ways import StreetWays
from dispatch.records.patrol import RoundStatus
from dispatch.records.person import Job, Person, Post
from dispatch.store import patrols, people
from dispatch.store.casebook import Casebook, open_casebook
from dispatch.store.writing import Actor
from gis.locate import CellLocator
from gis.streets import Profile
from gis.travel import TravelTimes
from tests.browser.conftest import Screen, fill, unfold
from tests.towns import NOON, everybody, incident, nine_cells

EAST = "990100001"
MONDAY, TODAY = date(2026, 4, 13), date(2026, 4, 15)
DAYS = tuple(MONDAY + timedelta(days=at) for at in range(5))
WORDS = "施工围挡，进不去"


class House:
    """A running place with a patrol this week: one cell missed on Monday, the rest of it nobody's so far."""

    def __init__(self, url: str, casebook: Casebook) -> None:
        self.url = url
        self.casebook = casebook


@pytest.fixture(scope="module")
def house(serve_app: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    home = tmp_path_factory.mktemp("home")
    db = f"sqlite:///{home / 'desk.db'}"
    with open_casebook(db) as casebook:
        everybody(casebook, "anna")
        with casebook.writing() as page:
            helper = Person("helper", "甲辅", (Post(Job.TEAM, EAST),), officer="A1")
            people.add_person(page, Actor("test", NOON, "person_add"), helper)
        _patrol(casebook)
        casebook.add_incidents([incident()], at=NOON)  # the demo's clock goes on where the ledger ends
        settings = {
            "HOME": str(home),
            "DB": db,
            "PLACE": "nine_cells",
            "DEMO": "1",
            "DEMO_SPEED": "0.001",
            "SHARP": "0",
        }
        url = serve_app("ui/app.py", {f"GRIDBEAT_{name}": value for name, value in settings.items()})
        yield House(url, casebook)


def _patrol(casebook: Casebook) -> None:
    """The week planned, and a round of Monday that left a cell out."""
    place = nine_cells()
    desk = Desk(casebook, place.rulebook, CellLocator(place.cells), place.cells, lambda: NOON, zone=place.zone)
    desk.set_roster("test", place.teams(NOON))
    ground = PatrolGround(place.cells, place.streets.lines(), place.water)
    ways = StreetWays(TravelTimes(place.streets, Profile.EBIKE))
    bases = {line.town: (line.lon, line.lat) for line in reversed(place.roster)}
    items = place.rules.patrol_items
    book = Patrols(desk, items, ground, ways, bases, {EAST: "甲镇"}, place.zone, new_seed=lambda: "seed")
    early = NOON - timedelta(days=2)
    plan = book.plan("anna", EAST, Terms(DAYS, 1, 240, 1), now=early)
    with casebook.reading() as connection:
        monday = patrols.rounds(connection, plan.id, day=MONDAY)[0]
        stops = patrols.stops(connection, round_id=monday.id)
    walking = Patrolling(desk, items)
    one = walking.begin("test", monday.id, 1, "T1", now=early)
    cells = [stop.cell for stop in stops[1:]]
    one = walking.passed("test", one.id, one.version, cells, officer="O1", now=early + timedelta(hours=1))
    walking.ended("test", one.id, one.version, WORDS, now=early + timedelta(hours=2))


def _tab(page: Page, name: str) -> None:
    page.locator(f'[data-act="tab:{name}"]').click()


def _papers(page: Page) -> Path:
    """The zip of the day: a link answers the first press."""
    with page.expect_download(timeout=30_000) as papers:
        page.get_by_role("link", name="资料：").click()
    return papers.value.path()


def test_the_screen_says_which_cell_was_missed_and_why_and_proves_the_draw(
    screen: Callable[..., Screen], house: House
) -> None:
    """A lead asks two questions: where were we not, and could anybody have arranged it."""
    shown = screen(width=1280, height=720)
    page = shown.page
    shown.open(f"{house.url}/?view=inspections", who="anna")
    _tab(page, "patrols")
    shown.map_drawn()
    first = page.locator(".patrol-row").first
    expect(page.locator(".patrol-row").filter(has_text=WORDS)).to_have_count(1)
    first.click()
    expect(page.locator(".panel-root").filter(has_text="巡查对象")).to_contain_text("主次干道")
    page.locator('[data-act="back"]').click()
    with ZipFile(_papers(page)) as packed:
        assert {Path(name).suffix for name in packed.namelist()} == {".docx", ".gpx", ""}
    page.locator('[data-act="side:plan"]').click()
    page.get_by_role("button", name="重新抽取并比对", exact=True).click()
    expect(page.locator(".words.good")).to_contain_text("完全一致")


def test_an_auxiliary_settles_a_blocked_fire_lane_and_no_case_is_made(
    screen: Callable[..., Screen], house: House
) -> None:
    """Found, spoken to, cleared; the button for an order is not even there."""
    shown = screen(width=412, height=900, theme="dark")
    page = shown.page
    shown.open(f"{house.url}/?view=field", who="helper")
    before = len(house.casebook.open_incidents())
    unfold(page, re.compile("巡查：今天有"))
    page.get_by_role("button", name="出发", exact=True).click()
    patrol = page.locator(".field-patrol")
    expect(patrol).to_contain_text("已巡 0 格")
    with page.expect_download(timeout=30_000) as way:
        page.get_by_role("link", name="导航路线").click()
    assert way.value.suggested_filename.endswith(".gpx")
    patrol.get_by_role("button", name="已巡查").first.click()
    expect(patrol).to_contain_text("已巡 1 格")
    patrol.get_by_text("已巡的 1 格").click()
    patrol.get_by_role("button", name="其实未巡").click()
    expect(patrol).to_contain_text("已巡 0 格")
    patrol.get_by_role("button", name="已巡查").first.click()
    expect(patrol).to_contain_text("已巡 1 格")
    unfold(page, "发现问题")
    fill(page, "情况", "一辆货车堵住消防通道", exact=True)
    page.get_by_role("button", name="记录", exact=True).click()
    expect(page.locator(".patrol-finding")).to_contain_text("待处置")
    expect(page.get_by_role("button", name="已责令", exact=True)).to_have_count(0)
    unfold(page, "结束本轮")
    expect(page.get_by_text("还有 1 件发现未处理完")).to_be_visible()
    expect(page.get_by_role("button", name="本轮结束", exact=True)).to_have_count(0)
    fill(page, "说了什么", "请车主移车")
    page.get_by_text("当场整改", exact=True).click()
    page.get_by_role("button", name="已劝导", exact=True).click()
    expect(page.locator(".patrol-finding")).to_contain_text("自行处置")
    with house.casebook.reading() as connection:
        (found,) = patrols.findings(connection)
        (walked,) = [one for one in patrols.rounds(connection, day=TODAY) if one.status is RoundStatus.UNDER_WAY]
    assert (found.self_handled, found.finder, found.round, found.incident) == (True, "A1", walked.id, "")
    assert found.handled_by == "A1"
    assert len(house.casebook.open_incidents()) == before


def test_a_phone_that_is_nobodys_asks_who_acts_before_it_shows_the_list(
    screen: Callable[..., Screen], house: House
) -> None:
    """Below it, the first press on the list is refused and the thumb has to go down and up again."""
    shown = screen(width=390, height=844)
    page = shown.page
    shown.open(f"{house.url}/?view=field", who="anna")
    begin = page.get_by_text("巡查：今天有")
    patrol = page.locator(".field-patrol")
    expect(begin.or_(patrol).first).to_be_visible()
    if begin.is_visible():
        begin.click()
        page.get_by_role("button", name="出发", exact=True).click()
    who = page.get_by_label("由队中何人巡查")
    expect(patrol).to_be_visible()
    expect(who).to_be_visible()
    above, below = who.bounding_box(), patrol.bounding_box()
    assert above is not None
    assert below is not None
    assert above["y"] + above["height"] <= below["y"]
