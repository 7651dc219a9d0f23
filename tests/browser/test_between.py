"""Between bodies in a real browser: a whistle answered, a dispute decided, a shift handed over, a team's phone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Locator, Page, expect

from dispatch.desk.incidents import Desk
from dispatch.desk.tasks import Tasks
from dispatch.desk.transfers import Transfers
from dispatch.records.dispute import DisputeStatus
from dispatch.records.incident import Status
from dispatch.records.person import Job, Person, Post
from dispatch.records.task import TaskKind, TaskStatus
from dispatch.rulebook.terms import Term, Unit
from dispatch.store import between, people
from dispatch.store.casebook import Casebook, open_casebook
from dispatch.store.ledger import Kind
from dispatch.store.writing import Actor
from gis.locate import CellLocator
from tests.browser.conftest import Screen, fill
from tests.towns import NOON, everybody, incident, nine_cells

EAST = "990100001"
CLAUSE = "《城市市容和环境卫生管理条例》第三十六条"
ONE_EMPTY_FORM = """() => {
    const words = [...document.querySelectorAll('input[aria-label="请他们做什么"]')];
    return words.length === 1 && words[0].value === '';
}"""
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63606060000000040001f61738550000000049454e44ae426082"
)


class House:
    """A running place with an incident that may be whistled for, one in dispute, and one a team has in hand."""

    def __init__(self, url: str, casebook: Casebook) -> None:
        self.url = url
        self.casebook = casebook


@pytest.fixture(scope="module")
def house(serve_app: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    home, place = tmp_path_factory.mktemp("home"), nine_cells()
    db = f"sqlite:///{home / 'desk.db'}"
    with open_casebook(db) as casebook:
        casebook.add_incidents([incident(), incident(id="I2"), incident(id="I3")], at=NOON)
        everybody(casebook, "anna", "bert")
        phone = Person("phone", "甲一", (Post(Job.TEAM, EAST),), officer="O1")
        with casebook.writing() as page:
            people.add_person(page, Actor("test", NOON, "person_add"), phone)
        desk = Desk(casebook, place.rulebook, CellLocator(place.cells), place.cells, lambda: NOON)
        desk.set_roster("test", place.teams(NOON))
        desk.assign("test", "I3", "T1", 1)
        _quarrel(desk)
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


def _quarrel(desk: Desk) -> None:
    """I2 handed over and sent back three times."""
    place = nine_cells()
    bodies, matters, calendar = place.rulebook.bodies, place.rulebook.matters, place.rules.calendar
    tasks = Tasks(desk, bodies, calendar, place.rules.departments, matters)
    task = Transfers(desk, bodies, matters, calendar).transfer_out("test", "I2", 1, "market", "越权", CLAUSE).task
    for department in ("traffic", "fire", ""):
        task = tasks.give_back("test", task.id, task.version, CLAUSE)
        if department:
            task = tasks.send_again("test", task.id, task.version, department, Term(3, Unit.WORKING_DAYS))
    assert task.status is TaskStatus.DISPUTED


def _send(page: Page, button: str) -> None:
    page.get_by_role("button", name=button, exact=True).click()
    expect(page.locator(".note.fine")).to_be_visible()


def _choose(page: Page, department: str) -> None:
    """Whom to call, picked until it stands in the field: the list may be drawn anew under the pointer."""
    field = page.get_by_test_id("stMultiSelect").first
    for _ in range(5):
        page.get_by_label("吹哨请谁").click()
        page.get_by_role("option").filter(has_text=department).first.click()
        page.keyboard.press("Escape")
        page.wait_for_timeout(500)
        if department in field.inner_text():
            return
    expect(field).to_contain_text(department)


def _whistle(shown: Screen, department: str, what: str) -> Locator:
    """The form for the incident that is looked at filled in and sent; the row it made.

    While the next empty form is drawn the sent one stands beside it for a moment.
    """
    page = shown.page
    page.wait_for_function(ONE_EMPTY_FORM)
    shown.at_rest()
    _choose(page, department)
    fill(page, "请他们做什么", what)
    page.get_by_label("理由").first.fill("摊位堵住消防通道")
    page.get_by_role("button", name="吹哨", exact=True).click()
    row = page.locator(".task-row").filter(has_text=what)
    expect(row).to_contain_text("等回应")
    return row


def test_a_town_whistles_and_the_department_comes(screen: Callable[..., Screen], house: House) -> None:
    """From the incident on the desk to help that was there in time, every clock in the book.

    The second whistle for one incident has no second lead.
    """
    shown = screen(width=1280, height=720)
    page = shown.page
    shown.open(f"{house.url}/?incident=I1", who="anna")
    page.locator('[data-act="between"]').click()
    expect(page.locator(".side-card")).to_contain_text("I1")
    page.get_by_role("button", name="吹哨", exact=True).click()
    expect(
        page.locator(".note[role=alert]").filter(has_text="还没有填：吹哨请谁（第一个牵头）、请他们做什么、理由")
    ).to_be_visible()
    row = _whistle(shown, "消防", "到场排查消防通道")
    _whistle(shown, "交警", "疏导交通")
    task, second = [each for each in house.casebook.tasks("I1") if each.kind is TaskKind.WHISTLE]
    assert (task.lead, second.lead) == (True, False)
    row.click()
    _send(page, "接收")
    expect(row).to_contain_text("等到场")
    _send(page, "已到场")
    fill(page, "办理结果", "已清理，通道畅通")
    page.get_by_role("button", name="办结", exact=True).click()
    expect(row).to_have_count(0)
    deeds = [entry.deed for entry in house.casebook.history(Kind.TASK, task.id)]
    assert deeds == ["whistle", "task_accept", "task_arrive", "task_done"]


def test_the_superior_decides_a_dispute(screen: Callable[..., Screen], house: House) -> None:
    """Sent back three times it stands on the agenda, with every clause; a decision without one is refused."""
    shown = screen(width=1600, height=900, theme="dark")
    page = shown.page
    shown.open(f"{house.url}/?view=between", who="bert")
    page.locator('[data-act="tab:agenda"]').click()
    item = page.locator(".agenda-item")
    expect(item).to_contain_text("第三十六条")
    item.click()
    page.get_by_role("button", name="裁定", exact=True).click()
    expect(page.locator(".note[role=alert]")).to_be_visible()
    fill(page, "依据的条款", CLAUSE)
    _send(page, "裁定")
    with house.casebook.reading() as connection:
        (dispute,) = between.disputes(connection)
    assert (dispute.status, dispute.decided_by) == (DisputeStatus.DECIDED, "bert")


def test_a_shift_is_handed_over_by_one_and_signed_for_by_another(screen: Callable[..., Screen], house: House) -> None:
    url = f"{house.url}/?view=between"
    anna, bert = screen(), screen()
    anna.open(url, who="anna")
    anna.page.locator('[data-act="tab:shift"]').click()
    fill(anna.page, "交代", "看住 I3")
    _send(anna.page, "交班")
    bert.open(url, who="bert")
    bert.page.locator('[data-act="tab:shift"]').click()
    expect(bert.page.locator(".shift")).to_contain_text("看住 I3")
    expect(anna.page.locator(".hint")).to_contain_text("由下一班签收")
    expect(anna.page.get_by_role("button", name="接班签收")).to_have_count(0)
    _send(bert.page, "接班签收")
    assert house.casebook.history(Kind.SHIFT, "shift:990100")[-1].actor == "bert"


def test_a_team_works_from_its_phone(screen: Callable[..., Screen], house: House, tmp_path: Path) -> None:
    """Accept, arrive, a picture with its fingerprint, done; a colleague of no team sees no button."""
    picture = tmp_path / "处置前.png"
    picture.write_bytes(PNG)
    shown = screen(width=390, height=844)
    page = shown.page
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"longitude": 121.5415, "latitude": 29.8613, "accuracy": 8})
    shown.open(f"{house.url}/", who="phone")
    page.get_by_role("button", name="记录位置").click()
    expect(page.locator(".field-where")).to_contain_text("121.54150")
    page.get_by_role("button", name="接单，出发").click()
    page.get_by_role("button", name="已到现场").click()
    expect(page.get_by_label("办理结果").or_(page.get_by_label("结果"))).to_be_visible()
    page.get_by_role("button", name="上交证据").click()
    expect(page.locator(".note[role=alert]").filter(has_text="请先拍照或选择文件")).to_be_visible()
    page.get_by_role("button", name="处置完毕").click()
    expect(page.locator(".note[role=alert]").filter(has_text="还没有填：处置结果")).to_be_visible()
    expect(page.locator(".note[role=alert]")).to_have_count(1)
    with page.expect_file_chooser() as asked:
        page.locator("[data-testid='stFileUploader'] button").filter(has_text="Upload").click()
    asked.value.set_files(picture)
    expect(page.locator("[data-testid='stFileUploader']")).to_contain_text("处置前.png")
    shown.at_rest()
    page.get_by_role("button", name="上交证据").click()
    expect(page.locator(".field-files a")).to_have_count(1)
    address = page.locator(".field-files a").get_attribute("href")
    assert page.request.get(f"{house.url}{address}").body() == PNG
    assert urlopen_status(f"{house.url}{address}") == 401
    page.locator("textarea").first.fill("已劝离")
    page.get_by_role("button", name="处置完毕").click()
    expect(page.locator(".field-task")).to_have_count(0)
    kept = house.casebook.incident("I3")
    assert kept.status is Status.HANDLED
    with house.casebook.reading() as connection:
        (evidence,) = between.evidence(connection, "I3")
    assert (round(evidence.lon, 4), evidence.accuracy_m, evidence.by) == (121.5415, 8.0, "phone")
    assert evidence.at - NOON < timedelta(minutes=1)
    assert house.casebook.verify().whole


def urlopen_status(url: str) -> int:
    try:
        with urlopen(Request(url), timeout=30) as answer:
            return int(answer.status)
    except OSError as refused:
        return int(getattr(refused, "code", 0))
