"""People, keys and hooks in a real browser: what an administrator does on the screen is so at the door at once."""

from __future__ import annotations

import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from dispatch.desk.accounts import FIRST, Accounts
from dispatch.desk.door import Door
from dispatch.desk.rights import PeopleRights
from dispatch.records.person import Job, Person, Post
from dispatch.store.casebook import Casebook, open_casebook
from tests.browser.conftest import Screen, fill
from tests.doors import V2, form
from tests.receivers import receiver
from tests.towns import NOON, incident, nine_cells
from ui.doors.webhooks import signature

EAST = "990100001"
OWN, HERS = "a long enough one", "another long one"


@dataclass(frozen=True)
class House:
    """A served place whose administrator has chosen a password."""

    url: str
    casebook: Casebook


@pytest.fixture(scope="module")
def house(serve_app: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Nine cells with one incident; the wall's clock, no demo."""
    home, place = tmp_path_factory.mktemp("home"), nine_cells()
    db = f"sqlite:///{home / 'desk.db'}"
    with open_casebook(db) as casebook:
        casebook.add_incidents([incident()], at=NOON)
        accounts = Accounts(Door(casebook, rights=PeopleRights(place.code)), place.code, place.areas.towns)
        printed = accounts.begin()
        assert printed is not None
        accounts.choose_password(FIRST, printed, OWN)
        accounts.add(FIRST, Person("bert", "贝特", (Post(Job.DISPATCHER, EAST),)))
        settings = {"HOME": str(home), "DB": db, "PLACE": "nine_cells", "SHARP": "0", "REFRESH_S": "1"}
        yield House(serve_app("ui/app.py", {f"GRIDBEAT_{name}": value for name, value in settings.items()}), casebook)


def _sign_in(page: Page, url: str, name: str, password: str) -> None:
    page.goto(url)
    fill(page, "用户名", name)
    fill(page, "密码", password)
    page.get_by_role("button", name="登录").click()


def _at_the_keepers(shown: Screen, house: House, tab: str) -> Page:
    _sign_in(shown.page, f"{house.url}/?view=people&tab={tab}", FIRST, OWN)
    expect(shown.page.locator(f".{tab}-list")).to_be_visible()
    shown.at_rest()
    return shown.page


def _pick(page: Page, label: str, option: str) -> None:
    page.get_by_role("combobox", name=label).first.fill(option)
    page.get_by_role("option").filter(has_text=option).first.click()


def _secret(page: Page) -> str:
    """What is shown this once."""
    shown = page.locator(".once code")
    expect(shown).to_be_visible()
    return shown.inner_text()


def test_somebody_added_signs_in_with_what_was_shown_once_and_let_go_is_out(
    screen: Callable[..., Screen], house: House
) -> None:
    """From the first day of a colleague to the last."""
    keeper, hers = screen(width=1600, height=900), screen(width=1280, height=720)
    page = _at_the_keepers(keeper, house, "people")
    page.get_by_role("button", name="新增并生成一次性密码").click()
    expect(page.locator(".note[role=alert]").filter(has_text="还没有填：用户名、姓名、岗位")).to_be_visible()
    fill(page, "用户名", "anna", exact=True)
    fill(page, "姓名", "安娜", exact=True)
    _pick(page, "岗位", "派遣员")
    _pick(page, "范围", "甲镇")
    page.get_by_role("button", name="新增并生成一次性密码").click()
    printed = _secret(page)
    expect(page.locator('[role=option][data-person="anna"]')).to_contain_text("一次性密码待用")
    assert printed not in page.url

    _sign_in(hers.page, f"{house.url}/?view=dispatch&incident=I1", "anna", printed)
    fill(hers.page, "新密码（", HERS)
    fill(hers.page, "再输一遍", HERS)
    hers.page.get_by_role("button", name="设为我的密码").click()
    expect(hers.page.locator('.decision[data-incident="I1"]')).to_be_visible()
    expect(hers.page.locator('[data-act="go:people"]')).to_have_count(0)
    expect(page.locator('[role=option][data-person="anna"] .tag')).to_have_text("在用")

    page.locator('[role=option][data-person="anna"]').click()
    expect(page.locator('.people-head[data-person="anna"] .title')).to_have_text("安娜")
    expect(page.locator(".once")).to_have_count(0)
    page.locator(".people-head summary", has_text="停用").click()
    page.get_by_role("button", name="确认停用").click()
    expect(page.locator('[role=option][data-person="anna"]')).to_contain_text("已停用")
    expect(hers.page.get_by_text("登录已过期或已在别处退出")).to_be_visible()
    _sign_in(hers.page, house.url, "anna", HERS)
    expect(hers.page.get_by_role("alert")).to_contain_text("不对")


def test_nobody_takes_the_branch_away_that_they_sit_on(screen: Callable[..., Screen], house: House) -> None:
    """A password reset by oneself would end the session before it can be read, and the last key would be lost."""
    page = _at_the_keepers(screen(width=1280, height=720), house, "people")
    page.locator(f'[role=option][data-person="{FIRST}"]').click()
    expect(page.locator(f'.people-head[data-person="{FIRST}"]')).to_contain_text("另一位管理员")
    expect(page.locator(".people-head summary")).to_have_count(0)


def test_who_is_no_administrator_sees_nobody(screen: Callable[..., Screen], house: House) -> None:
    """The tab is not there; who knows its address begins where everybody of that job begins, and is told why."""
    place = nine_cells()
    accounts = Accounts(Door(house.casebook, rights=PeopleRights(place.code)), place.code, place.areas.towns)
    bert = accounts.person("bert")
    assert bert is not None
    accounts.choose_password("bert", accounts.reset(FIRST, "bert", bert.version), HERS)
    shown = screen()
    _sign_in(shown.page, f"{house.url}/?view=people", "bert", HERS)
    expect(shown.page.locator(".turned")).to_contain_text("“人员”页不属于您的岗位")
    expect(shown.page.locator(".queue")).to_be_visible()
    expect(shown.page.locator("[data-act='go:people']")).to_have_count(0)
    expect(shown.page.locator(".people-list")).to_have_count(0)


def test_who_was_changed_meanwhile_is_not_changed_again_unseen(screen: Callable[..., Screen], house: House) -> None:
    """Two administrators at once: the form shows what the other one has just written."""
    keeper = screen(width=1600, height=900)
    page = _at_the_keepers(keeper, house, "people")
    page.locator('[role=option][data-person="bert"]').click()
    # The empty form may stand a moment beside the one that is drawn.
    expect(page.locator('input[aria-label="姓名"][value="贝特"]')).to_be_visible()
    place = nine_cells()
    accounts = Accounts(Door(house.casebook, rights=PeopleRights(place.code)), place.code, place.areas.towns)
    bert = accounts.person("bert")
    assert bert is not None
    accounts.change(FIRST, "bert", bert.version, name="贝特二")
    expect(page.locator('input[aria-label="姓名"][value="贝特二"]')).to_be_visible()
    keeper.at_rest()
    fill(page, "姓名", "贝特三", exact=True)
    page.get_by_role("button", name="保存修改").click()
    expect(page.locator(".note.fine").filter(has_text="贝特三")).to_be_visible()
    after = accounts.person("bert")
    assert after is not None
    assert (after.name, after.posts, after.version) == ("贝特三", bert.posts, bert.version + 2)


def _report(house: House, secret: str) -> int:
    """The answer to a report by another system."""
    body = urllib.parse.urlencode(form(secret)).encode()
    try:
        with urllib.request.urlopen(f"{house.url}{V2}/requests.json", body, timeout=60) as answer:
            status: int = answer.status
            return status
    except urllib.error.HTTPError as refused:
        return refused.code


def test_a_key_made_on_the_screen_opens_the_door_until_it_is_ended(screen: Callable[..., Screen], house: House) -> None:
    """Its secret is shown once and never again, not even to who made it."""
    page = _at_the_keepers(screen(width=1280, height=720), house, "keys")
    page.get_by_role("textbox", name="来源").fill("12345")
    page.get_by_role("button", name="生成密钥").click()
    secret = _secret(page)
    expect(page.locator(".key-use pre")).to_contain_text(f"{house.url}/open311/v2/requests.json")
    assert _report(house, secret) == 200
    assert house.casebook.latest_entries(1)[0].actor == "key:K001"
    page.locator('[data-key="K001"] summary').click()
    page.get_by_role("button", name="确认停用").click()
    expect(page.locator(".note.fine")).to_be_visible()
    expect(page.locator(".once")).to_have_count(0)
    assert _report(house, secret) == 403


def _nobody_came(house: House) -> None:
    """An incident whose time was over before it came into the book."""
    now = datetime.now(UTC)
    late = incident(id="LATE", reported_at=now - timedelta(hours=3), due_at=now - timedelta(hours=1))
    house.casebook.add_incidents([late], at=now)


def test_a_hook_switched_on_is_told_and_the_screen_says_so(screen: Callable[..., Screen], house: House) -> None:
    """What happened before it was switched on is not told; what is told is signed with the secret shown once."""
    with receiver() as other:
        page = _at_the_keepers(screen(width=1600, height=900), house, "hooks")
        page.get_by_role("textbox", name="地址").fill(other.url)
        page.get_by_text("超时未到场", exact=True).click()
        page.get_by_role("button", name="新增（先不开启）").click()
        secret = _secret(page)
        page.locator('[data-hook="H001"][role=option]').click()
        page.get_by_role("button", name="开启", exact=True).click()
        expect(page.locator('[data-hook="H001"][role=option] .tag')).to_have_text("已开启")
        _nobody_came(house)
        expect(page.locator('[data-hook="H001"][role=option]')).to_contain_text("answered 200")
        (told,) = other.told
        assert told[0]["x-gridbeat-event"] == "overdue"
        signed = signature(secret, told[0]["x-gridbeat-timestamp"], told[1])
        assert told[0]["x-gridbeat-signature"] == f"sha256={signed}"
        page.get_by_role("button", name="关闭", exact=True).click()
        expect(page.locator('[data-hook="H001"][role=option] .tag')).to_have_text("已关闭")
        expect(page.locator(".once")).to_have_count(0)
