"""Signing in with an organisation account: a real provider, Streamlit's own way there and back, a real browser."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, Request, expect

from dispatch.desk.accounts import FIRST, Accounts
from dispatch.desk.door import Door
from dispatch.desk.rights import PeopleRights
from dispatch.records.person import Job, Person, Post
from dispatch.store.casebook import Casebook, open_casebook
from dispatch.store.ledger import Kind
from tests.browser.conftest import Screen
from tests.identity import CLIENT_ID, CLIENT_SECRET
from tests.servers import APP, Servers, free_port, servers
from tests.towns import NOON, incident, nine_cells
from ui.gate import COOKIE, PROVIDED

EAST, ADDRESS = "990100001", "anna@east.example"


@dataclass(frozen=True)
class House:
    """A served place with a provider, and one person the provider knows."""

    url: str
    casebook: Casebook


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    with servers(tmp_path_factory.mktemp) as started:
        yield started


@pytest.fixture(scope="module")
def house(running: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    home, place, port = tmp_path_factory.mktemp("home"), nine_cells(), free_port()
    provider = running.start("uvicorn tests.identity:app --host 127.0.0.1 --port {port}")
    db = f"sqlite:///{home / 'desk.db'}"
    with open_casebook(db) as casebook:
        casebook.add_incidents([incident()], at=NOON)
        accounts = Accounts(Door(casebook, rights=PeopleRights(place.code)), place.code, place.areas.towns)
        printed = accounts.begin()
        assert printed is not None
        accounts.choose_password(FIRST, printed, "a long enough one")
        accounts.add(FIRST, Person("anna", "安娜", (Post(Job.DISPATCHER, EAST),), email=ADDRESS))
        settings = {
            "HOME": str(home),
            "DB": db,
            "PLACE": "nine_cells",
            "SHARP": "0",
            "OIDC_METADATA_URL": f"{provider}/.well-known/openid-configuration",
            "OIDC_CLIENT_ID": CLIENT_ID,
            "OIDC_CLIENT_SECRET": CLIENT_SECRET,
            "OIDC_REDIRECT": f"http://127.0.0.1:{port}/oauth2callback",
        }
        env = {f"GRIDBEAT_{name}": value for name, value in settings.items()}
        yield House(running.start(APP, env, port=port), casebook)


def _say_who(page: Page, house: House, email: str, mood: str = "right") -> None:
    """From a page of ours to the provider, and what is typed there."""
    page.goto(f"{house.url}/?view=dispatch&incident=I1")
    page.get_by_role("button", name="用单位账号登录").click()
    page.get_by_label("email").fill(email)
    page.get_by_label("mood").select_option(mood)
    page.get_by_role("button", name="It is me").click()


def _cookies(page: Page) -> set[str]:
    return {cookie.get("name", "") for cookie in page.context.cookies()}


def test_who_the_provider_knows_comes_in_and_goes_out_for_good(screen: Callable[..., Screen], house: House) -> None:
    """They land where they were going; and who has signed out is asked again, though the provider still knows them."""
    page = screen(width=1280, height=720).page
    _say_who(page, house, ADDRESS.upper())
    expect(page.locator('.decision[data-incident="I1"]')).to_be_visible()
    names = _cookies(page)
    assert COOKIE in names
    assert not any(name.startswith(PROVIDED) for name in names)
    assert "sign_in_oidc" in [entry.deed for entry in house.casebook.history(Kind.PERSON, "anna")]
    page.locator(".who summary").click()
    page.get_by_role("button", name="退出登录").click()
    expect(page.get_by_label("用户名")).to_be_visible()
    page.goto(house.url)
    expect(page.get_by_label("用户名")).to_be_visible()


@pytest.mark.parametrize(
    ("email", "mood", "said"),
    [("nobody@east.example", "right", "nobody@east.example"), (ADDRESS, "unverified", "没有给出经过验证的邮箱")],
)
def test_who_is_not_known_here_is_told_so(
    screen: Callable[..., Screen], house: House, email: str, mood: str, said: str
) -> None:
    """The address that is not known is named, and with whom it can be entered; the screens stay shut."""
    page = screen().page
    _say_who(page, house, email, mood)
    expect(page.get_by_role("alert")).to_contain_text(said)
    expect(page.locator(".strip")).to_have_count(0)
    assert COOKIE not in _cookies(page)
    page.goto(f"{house.url}/?view=lists")
    expect(page.get_by_role("alert")).to_contain_text(said)
    page.get_by_role("button", name="换一个账号").click()
    expect(page.get_by_label("用户名")).to_be_visible()
    assert not any(name.startswith(PROVIDED) for name in _cookies(page))


@pytest.mark.parametrize("mood", ["wrong state", "wrong nonce", "wrong key"])
def test_an_answer_that_was_not_asked_for_or_not_signed_opens_nothing(
    screen: Callable[..., Screen], house: House, mood: str
) -> None:
    page = screen().page
    _say_who(page, house, ADDRESS, mood)
    expect(page.get_by_label("用户名")).to_be_visible()
    assert not _cookies(page) & {COOKIE, PROVIDED}


def test_a_ticket_is_good_once(screen: Callable[..., Screen], house: House) -> None:
    """Who finds one in a cache or over a shoulder has nothing."""
    page = screen().page
    sent: list[str] = []

    def note(request: Request) -> None:
        if request.url.endswith("/signin/ticket"):
            sent.append(request.post_data or "")

    page.on("request", note)
    _say_who(page, house, ADDRESS)
    expect(page.locator('.decision[data-incident="I1"]')).to_be_visible()
    assert sent[0].startswith("ticket=")
    again = urllib.request.Request(f"{house.url}/signin/ticket", sent[0].encode())
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(again, timeout=30)
    assert refused.value.code == 403
    assert COOKIE not in str(refused.value.headers)


@pytest.mark.parametrize("path", ["/", "/map/anything", "/_stcore/host-config", "/media/x", "/evidence/x"])
def test_a_provider_opens_no_more_than_its_own_way(house: House, path: str) -> None:
    """Without a cookie of the provider nothing is served; with one that nobody signed, the page and nothing else."""

    def answer(cookie: str) -> int:
        request = urllib.request.Request(f"{house.url}{path}", headers={"Cookie": cookie})
        try:
            with urllib.request.urlopen(request, timeout=30) as answered:
                status: int = answered.status
                return status
        except urllib.error.HTTPError as refused:
            return refused.code

    assert answer("") == 401
    assert answer(f"{PROVIDED}=forged") == (200 if path in ("/", "/_stcore/host-config") else 401)


def test_a_forged_cookie_of_the_provider_shows_no_screen(screen: Callable[..., Screen], house: House) -> None:
    page = screen().page
    page.context.add_cookies([{"name": PROVIDED, "value": "forged", "url": house.url}])
    page.goto(f"{house.url}/?view=lists")
    expect(page.get_by_text("重新登录")).to_be_visible()
    expect(page.locator(".strip")).to_have_count(0)
