"""Signing in, in a real browser against a real server: the one-time password, the own one, what each level sees."""

from __future__ import annotations

import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import expect

from dispatch.desk.accounts import FIRST, Accounts
from dispatch.desk.door import Door
from dispatch.desk.rights import PeopleRights
from dispatch.records.person import Job, Person, Post
from dispatch.store.casebook import Casebook, open_casebook
from dispatch.store.ledger import Kind
from tests.browser.conftest import Screen
from tests.towns import NOON, incident, nine_cells
from ui.gate import COOKIE

EAST, WEST = "990100001", "990100002"
OWN = "a long enough one"


@dataclass(frozen=True)
class House:
    """A served place with people, and the one-time password of its administrator."""

    url: str
    casebook: Casebook
    printed: str


@pytest.fixture(scope="module")
def house(serve_app: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Nine cells with an incident in each town, an administrator and a dispatcher of the east; no demo."""
    home, place = tmp_path_factory.mktemp("home"), nine_cells()
    db = f"sqlite:///{home / 'desk.db'}"
    with open_casebook(db) as casebook:
        west = incident(id="I2", town=WEST, cell=f"{WEST}003001", lon=121.5425)
        casebook.add_incidents([incident(), west], at=NOON)
        accounts = Accounts(Door(casebook, rights=PeopleRights(place.code)), place.code, place.areas.towns)
        printed = accounts.begin()
        assert printed is not None
        accounts.choose_password(FIRST, printed, OWN)
        _, first = accounts.add(FIRST, Person("anna", "安娜", (Post(Job.DISPATCHER, EAST),)))
        settings = {"HOME": str(home), "DB": db, "PLACE": "nine_cells", "SHARP": "0"}
        url = serve_app("ui/app.py", {f"GRIDBEAT_{name}": value for name, value in settings.items()})
        yield House(url, casebook, first)


def test_a_printed_password_becomes_an_own_one_and_a_town_sees_its_own(
    screen: Callable[..., Screen], house: House
) -> None:
    """The whole way of a new colleague: told a password, chooses one, works, signs out, is out."""
    shown = screen(width=1280, height=720)
    page = shown.page
    page.goto(f"{house.url}/?view=dispatch&incident=I1")
    page.get_by_label("用户名").fill("anna")
    page.get_by_label("密码").fill("wrong")
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("alert")).to_contain_text("不对")
    page.get_by_label("密码").fill(house.printed)
    page.get_by_role("button", name="登录").click()
    page.get_by_label("新密码（").fill(OWN)
    page.get_by_label("再输一遍").fill(OWN)
    page.get_by_role("button", name="设为我的密码").click()
    expect(page.locator('.decision[data-incident="I1"]')).to_be_visible()
    expect(page.locator(".queue [data-act='select:I1']")).to_be_visible()
    expect(page.locator(".queue [data-act='select:I2']")).to_have_count(0)
    expect(page.locator('[data-act="go:cases"]')).to_have_count(0)

    page.goto(f"{house.url}/?view=story&incident=I2")
    expect(page.locator(".story .hint")).to_contain_text("案卷里没有 I2")
    page.goto(f"{house.url}/")
    page.locator(".who summary").click()
    expect(page.locator(".who-card")).to_contain_text("派遣员 · 甲镇")
    page.get_by_role("button", name="退出登录").click()
    expect(page.get_by_label("用户名")).to_be_visible()
    page.goto(f"{house.url}/")
    expect(page.get_by_label("用户名")).to_be_visible()
    deeds = [entry.deed for entry in house.casebook.history(Kind.PERSON, "anna")]
    assert deeds == ["person_add", "refused:sign_in", "sign_in", "choose_password", "choose_password", "sign_out"]


@pytest.mark.parametrize("path", ["/", "/map/anything", "/_stcore/host-config", "/media/x", "/component/x"])
@pytest.mark.parametrize("cookie", ["", "guessed"])
def test_nothing_is_served_to_who_has_not_signed_in(house: House, path: str, cookie: str) -> None:
    """Screens, tables of the map and files alike; a guessed session is none."""
    request = urllib.request.Request(f"{house.url}{path}", headers={"Cookie": f"{COOKIE}={cookie}"})
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=30)
    assert refused.value.code == 401


class Staying(urllib.request.HTTPRedirectHandler):
    """Does not follow: the cookie is in the answer that leads on."""

    def redirect_request(self, *_: object) -> None:
        return None


def test_behind_a_proxy_with_https_the_session_never_travels_in_the_clear(house: House) -> None:
    """The proxy speaks plainly to us and says by X-Forwarded-Proto how it was asked."""

    def cookie(**headers: str) -> str:
        form = urllib.parse.urlencode({"name": FIRST, "password": OWN}).encode()
        with pytest.raises(urllib.error.HTTPError) as led_on:
            urllib.request.build_opener(Staying).open(
                urllib.request.Request(f"{house.url}/signin", data=form, headers=headers), timeout=30
            )
        assert led_on.value.code == 303
        return str(led_on.value.headers["set-cookie"]).lower()

    behind = cookie(**{"X-Forwarded-Proto": "https", "X-Forwarded-For": "10.0.0.7"})
    assert all(word in behind for word in ("; secure", "; httponly", "; samesite=lax"))
    plain = cookie()
    assert "; secure" not in plain
    assert "; httponly" in plain


def test_a_socket_is_not_opened_to_who_has_not_signed_in(screen: Callable[..., Screen], house: House) -> None:
    page = screen().page
    page.goto(f"{house.url}/healthz")
    closed = page.evaluate(
        """(url) => new Promise((done) => {
             const socket = new WebSocket(url);
             socket.onclose = () => done("closed"); socket.onopen = () => done("open");
           })""",
        house.url.replace("http", "ws") + "/_stcore/stream",
    )
    assert closed == "closed"


def test_being_somebody_else_is_for_demos_only(screen: Callable[..., Screen], house: House) -> None:
    page = screen().page
    page.goto(f"{house.url}/signin?as={FIRST}&next=//evil.example")
    expect(page.get_by_label("用户名")).to_be_visible()
    assert page.context.cookies() == []
