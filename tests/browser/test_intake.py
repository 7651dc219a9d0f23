"""The intake screen in a real browser, by keyboard alone, against a real server and its database."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from dispatch.records.incident import Incident, Status
from dispatch.store.casebook import Casebook, open_casebook
from dispatch.store.ledger import Kind
from tests.browser.conftest import Screen
from tests.towns import NOON, everybody, incident

Open = Callable[..., Screen]
STALL = "中心社区中心大道有流动摊贩占道经营，天天堵路，行人只能走车道。"
FUMES = "一横路的饭店油烟直排，窗户都不敢开。"
UNCLEAR = "一横路这里有点问题，麻烦来看看。"


class Town:
    """The smallest town behind a running server, and its database."""

    def __init__(self, url: str, casebook: Casebook) -> None:
        self.url = url
        self.casebook = casebook

    def told(self, text: str) -> Incident:
        """The one message in the book with these words, whatever became of it."""
        found = [entry.subject for entry in self.casebook.latest_entries(50) if entry.deed == "report"]
        kept = [self.casebook.incident(each) for each in dict.fromkeys(found)]
        matching = [each for each in kept if each is not None and each.text == text]
        assert len(matching) == 1
        return matching[0]


@pytest.fixture(scope="module")
def town(serve_app: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """nine_cells at NOON with one stall in its queue; its clock hardly moves, so nothing happens by itself."""
    home = tmp_path_factory.mktemp("home")
    db = f"sqlite:///{home / 'desk.db'}"
    with open_casebook(db) as casebook:
        casebook.add_incidents([incident(text="中心大道流动摊贩占道经营，天天堵路")], at=NOON)
        everybody(casebook, "anna", "bert")
        settings = {
            "HOME": str(home),
            "DB": db,
            "PLACE": "nine_cells",
            "DEMO": "1",
            "DEMO_SPEED": "0.001",
            "REFRESH_S": "2",
            "SHARP": "0",
        }
        url = serve_app("ui/app.py", {f"GRIDBEAT_{name}": value for name, value in settings.items()})
        yield Town(url, casebook)


@pytest.fixture
def page(screen: Open, town: Town) -> Page:
    """The screen just opened; nobody has touched a mouse."""
    shown = screen(width=1280, height=720)
    shown.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    shown.open(f"{town.url}/?view=intake", who="anna")
    expect(_field(shown.page, "text")).to_be_focused()
    return shown.page


def _field(page: Page, name: str) -> Locator:
    return page.locator(f".intake-form [name={name}]")


def _paste(page: Page, words: str) -> None:
    page.evaluate("words => navigator.clipboard.writeText(words)", words)
    page.keyboard.press("Control+V")


def test_words_are_pasted_and_enter_registers_them_and_opens_the_next(page: Page, town: Town) -> None:
    """The whole ticket without a mouse: paste, look, Enter; the field is empty and under the hand again."""
    _paste(page, FUMES)
    shown = page.locator(".intake-shown")
    expect(shown.locator("[data-matter=C05-01]")).to_be_visible()
    expect(shown).to_contain_text("一横路")
    expect(shown.locator("q").first).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator(".intake-line")).to_have_count(1)
    expect(_field(page, "text")).to_have_value("")
    expect(_field(page, "text")).to_be_focused()
    kept = town.told(FUMES)
    assert (kept.matter, kept.status, kept.source) == ("C05-01", Status.REPORTED, "12345")
    assert kept.cell
    assert town.casebook.history(Kind.INCIDENT, kept.id)[0].actor == "anna"
    page.keyboard.type("东风社区")
    expect(page.locator(".intake-shown")).to_contain_text("东风社区")
    expect(page.locator(".intake-line")).to_have_count(1)
    assert town.casebook.verify().whole


def test_a_duplicate_is_seen_beside_the_new_words_and_merged(page: Page, town: Town) -> None:
    """Alt+D says it is the same, Enter makes it one more voice."""
    _paste(page, STALL)
    double = page.locator(".intake-double")
    expect(double).to_have_count(1)
    expect(double).to_contain_text("天天堵路")
    page.keyboard.press("Alt+D")
    expect(double).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Enter")
    expect(page.locator(".intake-line")).to_contain_text("I1")
    parent = town.casebook.incident("I1")
    assert parent is not None
    assert (town.told(STALL).status, town.told(STALL).parent) == (Status.MERGED, "I1")
    assert parent.voices == 2
    page.keyboard.press("Alt+Z")
    expect(page.locator(".note.fine").filter(has_text="拆出")).to_be_visible()
    assert town.told(STALL).status is Status.REPORTED


def test_what_is_not_clear_is_asked_and_not_registered(page: Page, town: Town) -> None:
    """Enter on a question registers nothing; two words in the search and Enter answer it."""
    before = town.casebook.revision()
    _paste(page, UNCLEAR)
    expect(_field(page, "find")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".note").filter(has_text="没有替您猜")).to_be_visible()
    assert town.casebook.revision() == before
    page.keyboard.type("油烟")
    expect(page.locator('[data-act="pick:C05-01"]')).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator(".intake-shown [data-matter=C05-01]")).to_be_visible()
    expect(_field(page, "text")).to_be_focused()
    expect(_field(page, "find")).to_have_value("")
    expect(page.locator(".intake-shown")).not_to_contain_text("检索")
    page.keyboard.press("Enter")
    expect(page.locator(".intake-line")).to_have_count(1)
    assert town.told(UNCLEAR).matter == "C05-01"


def test_enter_that_comes_before_the_proposal_registers_nothing_unseen(page: Page, town: Town) -> None:
    """A quick hand is asked to look; what nobody has seen nobody has agreed to."""
    words = "一横路又有商家把垃圾倒在路边。"
    page.keyboard.insert_text("一横路")
    expect(page.locator(".intake-shown .halves")).to_be_visible()
    page.keyboard.insert_text(words.removeprefix("一横路"))
    page.keyboard.press("Enter")
    expect(page.locator(".note").filter(has_text="看一眼")).to_be_visible()
    expect(page.locator(".intake-shown")).to_contain_text("C07")
    assert _field(page, "text").input_value() == words
    page.keyboard.press("Escape")
    expect(_field(page, "text")).to_have_value("")
    page.keyboard.press("Alt+Z")
    expect(_field(page, "text")).to_have_value(words)


def test_a_word_typed_right_before_a_click_elsewhere_is_not_lost(page: Page, town: Town) -> None:
    """The dispatcher glances at another screen while the caller is still speaking."""
    page.keyboard.insert_text("一横路的")
    page.locator('[data-act="go:lists"]').click()
    expect(page.locator(".lists-tabs")).to_be_visible()
    page.locator('[data-act="go:intake"]').click()
    expect(_field(page, "text")).to_have_value("一横路的")


def test_a_double_click_registers_once_and_what_came_of_it_stays_said(page: Page, town: Town) -> None:
    """Many hands click twice; the second must not turn the good news into a complaint."""
    words = FUMES + "昨天也是。"
    _paste(page, words)
    expect(page.locator(".intake-shown [data-matter=C05-01]")).to_be_visible()
    page.locator('.intake-shown [data-act^="accept:"]').dblclick()
    expect(page.locator(".note.fine").filter(has_text="已登记")).to_be_visible()
    expect(page.locator(".intake-line")).to_have_count(1)
    page.wait_for_timeout(2500)
    expect(page.locator(".note.fine").filter(has_text="已登记")).to_be_visible()
    assert town.told(words).matter == "C05-01"


def test_enter_that_ends_a_chinese_word_is_no_deed(page: Page, town: Town) -> None:
    """An input method takes Enter for itself while a word is being put together."""
    before = town.casebook.revision()
    page.keyboard.insert_text(FUMES.replace("一横路", "中心大道"))
    expect(page.locator(".intake-shown [data-matter=C05-01]")).to_be_visible()
    key = "new KeyboardEvent('keydown', {key: 'Enter', isComposing: true, bubbles: true, cancelable: true})"
    assert _field(page, "text").evaluate(f"field => field.dispatchEvent({key})")
    page.keyboard.press("Shift+Enter")
    expect(_field(page, "text")).to_have_value(FUMES.replace("一横路", "中心大道") + "\n")
    assert town.casebook.revision() == before
