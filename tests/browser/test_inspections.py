"""Inspections in a real browser: what merges, a calendar made and adopted, a call moved about, a door that opens."""

from __future__ import annotations

import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

import docx
import geopandas as gpd
import gpxpy
import icalendar
import openpyxl
import pytest
from playwright.sync_api import Page, expect
from playwright.sync_api import TimeoutError as NotThere

from dispatch.desk.incidents import Desk
from dispatch.desk.inspections import Inspections, Proposal
from dispatch.inspections.planning import plan
from dispatch.inspections.ways import StreetWays
from dispatch.records.calls import CallStatus, Stop
from dispatch.records.inspection import DueItem, Premises
from dispatch.records.team import Role
from dispatch.store import inspections
from dispatch.store.casebook import Casebook, open_casebook
from gis.locate import CellLocator
from gis.streets import Profile
from gis.travel import TravelTimes
from tests.browser.conftest import Screen, fill
from tests.towns import NOON, everybody, incident, nine_cells

EAST = "990100001"
TODAY, TOMORROW, LAST = date(2026, 4, 15), date(2026, 4, 16), date(2026, 4, 24)


class House:
    """A running place with a calendar in force: two shops today, one that waits for a new calendar."""

    def __init__(self, url: str, casebook: Casebook) -> None:
        self.url = url
        self.casebook = casebook
        self.officer = next(who.name for team in casebook.teams() for who in team.officers if who.role is Role.OFFICER)

    def calls(self, place: str) -> list[Stop]:
        with self.casebook.reading() as connection:
            force = inspections.in_force(connection)
        return [stop for stop in force.stops.values() if stop.visit.premises == place]


@pytest.fixture(scope="module")
def house(serve_app: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    home, place = tmp_path_factory.mktemp("home"), nine_cells()
    db = f"sqlite:///{home / 'desk.db'}"
    with open_casebook(db) as casebook:
        casebook.add_incidents([incident()], at=NOON)
        everybody(casebook, "anna")
        desk = Desk(casebook, place.rulebook, CellLocator(place.cells), place.cells, lambda: NOON)
        desk.set_roster("test", place.teams(NOON))
        _plan(desk)
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


def _plan(desk: Desk) -> None:
    place = nine_cells()
    ways = StreetWays(TravelTimes(place.streets, Profile.CAR))
    bases = {line.town: (line.lon, line.lat) for line in reversed(place.roster)}
    book = Inspections(desk, ways, bases, {EAST: "东"}, ZoneInfo(place.timezone))
    shops = [Premises(name, f"店{name}", 121.5415, 29.8613, EAST, 8 * 60, 20 * 60) for name in ("P1", "P2", "P3")]
    due = [_item("P1", "a", TODAY), _item("P1", "b", TODAY), _item("P2", "a", TODAY)]
    shops.append(Premises("P4", "店P4", 121.5415, 29.8613, EAST, 8 * 60, 20 * 60))
    due.append(_item("P4", "a", TODAY, LAST))
    book.take_in("test", shops, due)
    asked = book.question([EAST], (TODAY, TOMORROW, date(2026, 4, 17)))
    book.adopt("test", Proposal(asked, plan(asked.programme, 0.1), 1, 0.1))
    book.take_in("test", [], [_item("P3", name, TOMORROW, LAST) for name in "abcd"])


def _item(place: str, name: str, first: date, last: date | None = None) -> DueItem:
    return DueItem(f"{place}-{name}", place, "enforcement", "city", 20, first, last or first)


def _press(page: Page, button: str) -> None:
    page.get_by_role("button", name=button, exact=True).click()
    expect(page.locator(".note.fine").first).to_be_visible()


def _tab(page: Page, name: str) -> None:
    page.locator(f'[data-act="tab:{name}"]').click()


def test_a_calendar_is_made_looked_at_and_adopted(screen: Callable[..., Screen], house: House) -> None:
    """From four checks of one shop to one visit in the book; bound, gap and what stays are in sight all the way."""
    shown = screen(width=1280, height=720)
    page = shown.page
    shown.open(f"{house.url}/?view=inspections", who="anna")
    row = page.locator(".due-row").filter(has_text="店P3")
    expect(row).to_contain_text("4 项检查 → 1 次")
    expect(row).to_contain_text("少 3 次")
    expect(row).to_contain_text("4 项未排")
    page.locator("input[type=search]").fill("p3")
    expect(page.locator(".due-row")).to_have_count(1)
    row.click()
    expect(page.get_by_text("综合查一次")).to_be_visible()
    expect(page.get_by_text("计划外增加一次检查")).to_be_visible()
    _tab(page, "calendar")
    expect(page.locator(".weeks .crew")).to_have_count(1)
    fill(page, "计算秒数", "1")
    page.get_by_role("button", name="开始排期", exact=True).click()
    expect(page.locator(".panel-root").filter(has_text="新排期与现行的差别")).to_contain_text("独立核查：没有违规")
    told = page.locator(".totals").last.inner_text()
    page.get_by_role("button", name="采用", exact=True).click()
    expect(page.locator(".note.fine").filter(has_text="已采用")).to_be_visible()
    expect(page.locator(".totals")).to_have_count(1)
    assert page.locator(".totals").inner_text() == told
    (stop,) = house.calls("P3")
    assert len(stop.visit.items) == 4
    _tab(page, "due")
    expect(row).not_to_contain_text("未排")


def test_a_crew_goes_in_one_door_and_finds_another_closed(screen: Callable[..., Screen], house: House) -> None:
    """Lock and undo, two officers at the door, and a closed shop that is due again."""
    shown = screen(width=1600, height=900, theme="dark")
    page = shown.page
    shown.open(f"{house.url}/?view=inspections", who="anna")
    _tab(page, "day")
    shown.map_drawn()
    page.locator(".stop-row").filter(has_text="店P1").click()
    _press(page, "锁定")
    assert house.calls("P1")[0].status is CallStatus.LOCKED
    page.get_by_role("button", name="撤销我上一步锁定或移动").click()
    expect(page.locator(".note.fine").filter(has_text="已撤销")).to_be_visible()
    page.get_by_role("button", name="进门，开始检查", exact=True).click()
    expect(page.locator(".note.fine").filter(has_text="已进门")).to_be_visible()
    fill(page, "检查情况", "未见异常")
    page.get_by_role("button", name="检查完毕", exact=True).click()
    expect(page.locator(".stop-row.done")).to_contain_text("店P1")
    page.locator(".stop-row").filter(has_text="店P2").click()
    page.get_by_text("没有查成").click()
    page.get_by_role("button", name="店门关着，退回待查", exact=True).click()
    expect(page.locator(".note[role=alert]")).to_be_visible()
    fill(page, "门口情况", "卷帘门锁着")
    page.get_by_role("button", name="店门关着，退回待查", exact=True).click()
    expect(page.locator(".stop-row.closed_shop")).to_contain_text("店P2")
    with house.casebook.reading() as connection:
        due = {item.id for item in inspections.due_items(connection)}
    assert "P2-a" in due
    assert not due & {"P1-a", "P1-b"}


def test_what_went_otherwise_is_seen_before_it_is_taken(screen: Callable[..., Screen], house: House) -> None:
    """The shop was closed: the button says what would change, the planner reads it, and only then is it so."""
    shown = screen(width=1280, height=720, theme="dark")
    page = shown.page
    (closed,) = [stop for stop in house.calls("P2") if stop.status is CallStatus.CLOSED_SHOP]
    with house.casebook.reading() as connection:
        others = {name: stop for name, stop in inspections.in_force(connection).stops.items() if name != closed.id}
    shown.open(f"{house.url}/?view=inspections", who="anna")
    _tab(page, "calendar")
    expect(page.locator(".lines .warn").filter(has_text="没有查成")).to_be_visible()
    page.get_by_role("button", name="看看会变什么", exact=True).click()
    answer = page.locator(".panel-root").filter(has_text="重排会变什么")
    expect(answer).to_contain_text("独立核查：没有违规")
    expect(answer).to_contain_text("店P2")
    page.get_by_role("button", name="采用重排", exact=True).click()
    expect(page.locator(".note.fine").filter(has_text="已采用重排")).to_be_visible()
    with house.casebook.reading() as connection:
        force = inspections.in_force(connection)
    assert {name: force.stops[name] for name in others} == others


def test_who_is_away_is_written_down_and_taken_off(screen: Callable[..., Screen], house: House) -> None:
    """The crew shows who is missing; what was written down in error goes again."""
    shown = screen(width=1600, height=900)
    page = shown.page
    shown.open(f"{house.url}/?view=inspections", who="anna")
    _tab(page, "calendar")
    page.get_by_text("登记不在岗", exact=True).click()
    _choose_officer(page, house.officer)
    page.get_by_role("button", name="登记", exact=True).click()
    expect(page.locator(".note.fine").filter(has_text="已登记")).to_be_visible()
    expect(page.locator(".away-row")).to_have_count(1)
    page.locator(".away-row").get_by_role("button", name="撤销").click()
    expect(page.locator(".away-row")).to_have_count(0)
    with house.casebook.reading() as connection:
        assert inspections.absences(connection) == []


def _choose_officer(page: Page, name: str) -> None:
    """Picked until the name stands in the field: the list may be drawn anew under the pointer."""
    who = page.get_by_label("执法人员", exact=True)
    for _ in range(8):
        who.click()
        who.fill(name[:1])
        with suppress(NotThere):
            page.get_by_role("option").first.click(timeout=5_000)
        page.wait_for_timeout(500)
        if len(who.input_value()) > 1:
            return
    pytest.fail(f"{name} cannot be chosen: the field holds {who.input_value()!r}")


def test_a_stop_is_dragged_to_another_day_and_taken_back(screen: Callable[..., Screen], house: House) -> None:
    """Under the mouse every target says its hour or why not; a refusal changes nothing, an undo puts it back."""
    shown = screen(width=1600, height=900)
    page = shown.page
    (before,) = house.calls("P4")
    shown.open(f"{house.url}/?view=inspections", who="anna")
    _tab(page, "day")
    shown.map_drawn()
    row = page.locator(".stop-row").filter(has_text="店P4")
    if row.count() == 0:
        with house.casebook.reading() as connection:
            day = inspections.in_force(connection).day_of(before)
        page.get_by_role("combobox").first.click()
        page.get_by_role("option", name=f"{day:%m-%d}").click()
    _take_up(page, "店P4")
    target = page.locator(".target.may.new").last
    expect(target).to_contain_text("到")
    _let_go(page, ".target.may.new", last=True)
    expect(page.locator(".note.fine").filter(has_text="已换给")).to_be_visible()
    (moved,) = house.calls("P4")
    assert moved.outing != before.outing
    undo = page.get_by_role("button", name="撤销我上一步锁定或移动")
    undo.click()  # it is noon, and the call was for eight in the morning
    expect(page.get_by_role("alert").filter(has_text="08:00")).to_be_visible()
    assert house.calls("P4") == [moved]
    _take_up(page, "店P4")
    _let_go(page, ".target.may.new", last=False)
    expect(page.locator(".note.fine").filter(has_text="已换给")).to_be_visible()
    (again,) = house.calls("P4")
    assert again.outing != moved.outing
    undo.click()
    expect(page.locator(".note.fine").filter(has_text="已撤销")).to_be_visible()
    (back,) = house.calls("P4")
    assert (back.outing, back.arrive) == (moved.outing, moved.arrive)


def _take_up(page: Page, shop: str) -> None:
    box = page.locator(".stop-row").filter(has_text=shop).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 60, box["y"] + 12)
    page.mouse.down()
    page.mouse.move(box["x"] + 90, box["y"] + 40, steps=4)
    expect(page.locator(".target").first).to_be_visible()


def _let_go(page: Page, target: str, *, last: bool = False) -> None:
    found = page.locator(target)
    box = (found.last if last else found.first).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 30, box["y"] + 12, steps=6)
    expect(page.locator("[data-over]")).to_have_count(1)
    page.mouse.up()


def test_the_papers_of_a_day_open_in_their_own_libraries(
    screen: Callable[..., Screen], house: House, tmp_path: Path
) -> None:
    """What the screen hands out is what the office prints: every file of the zip is whole."""
    shown = screen(width=1600, height=900)
    page = shown.page
    shown.open(f"{house.url}/?view=inspections", who="anna")
    _tab(page, "day")
    shown.map_drawn()
    path = tmp_path / "papers.zip"
    _printed(page, path)
    kinds = Counter()
    with zipfile.ZipFile(path) as papers:
        assert papers.testzip() is None
        for name in papers.namelist():
            data, kind = papers.read(name), Path(name).suffix
            kinds[kind] += 1
            if kind in OPENED:
                assert OPENED[kind](data), name
    assert OPENED.keys() <= kinds.keys(), kinds


def _printed(page: Page, path: Path) -> None:
    """The zip of the day comes at the first press, though the screen is drawn anew all the time."""
    with page.expect_download(timeout=60_000) as started:
        page.get_by_role("link", name="打印：当日全部文书（zip）").click()
    started.value.save_as(path)


OPENED: dict[str, Callable[[bytes], object]] = {
    ".docx": lambda data: docx.Document(BytesIO(data)).paragraphs,
    ".xlsx": lambda data: openpyxl.load_workbook(BytesIO(data)).sheetnames,
    ".ics": lambda data: icalendar.Calendar.from_ical(data).walk("VEVENT"),
    ".gpx": lambda data: gpxpy.parse(data.decode()).routes or gpxpy.parse(data.decode()).waypoints,
    ".geojson": lambda data: len(gpd.read_file(BytesIO(data))),
}
