"""The dispatcher's screen in a real browser, against a real server and its database."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from dispatch.records.incident import Incident, Status
from dispatch.store.casebook import Casebook, open_casebook
from dispatch.store.ledger import Kind
from tests.browser.conftest import Screen
from tests.towns import NOON, everybody, incident

Open = Callable[..., Screen]
QUEUE = [
    incident(id="I1"),
    incident(id="I2", lon=121.5424, lat=29.8622, due_at=NOON + timedelta(hours=3)),
    incident(id="I3", lon=121.5406, lat=29.8604, due_at=NOON + timedelta(hours=4), priority=1),
]


class Town:
    """The smallest town behind a running server, and its database."""

    def __init__(self, url: str, casebook: Casebook) -> None:
        self.url = url
        self.casebook = casebook

    def waiting(self) -> list[Incident]:
        return [
            each
            for each in self.casebook.open_incidents()
            if each.status is Status.REPORTED and each.matter and not math.isnan(each.lon)
        ]


@pytest.fixture(scope="module")
def open_town(
    serve_app: Callable[..., str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[float], Town]]:
    """``open_town(refresh_s)``: nine_cells at NOON with a small queue; its clock hardly moves, so nothing happens by
    itself."""
    opened: list[Casebook] = []

    def start(refresh_s: float) -> Town:
        home = tmp_path_factory.mktemp("home")
        db = f"sqlite:///{home / 'desk.db'}"
        casebook = open_casebook(db)
        opened.append(casebook)
        casebook.add_incidents(QUEUE, at=NOON)
        everybody(casebook, "anna", "bert")
        settings = {
            "HOME": str(home),
            "DB": db,
            "PLACE": "nine_cells",
            "DEMO": "1",
            "DEMO_SPEED": "0.001",
            "REFRESH_S": str(refresh_s),
            "SHARP": "0",
        }
        url = serve_app("ui/app.py", {f"GRIDBEAT_{name}": value for name, value in settings.items()})
        return Town(url, casebook)

    yield start
    for casebook in opened:
        casebook.close()


@pytest.fixture(scope="module")
def town(open_town: Callable[[float], Town]) -> Town:
    """A town whose screens refresh every two seconds."""
    return open_town(2.0)


@pytest.fixture(scope="module")
def still_town(open_town: Callable[[float], Town]) -> Town:
    """A town whose screens stay as they are when others act."""
    return open_town(3600.0)


def _ready(screen: Open, town: Town, desk: str = "anna", **how: object) -> Screen:
    shown = screen(**how)
    shown.open(f"{town.url}/", who=desk)
    shown.map_drawn()
    expect(shown.page.locator(".queue .row").first).to_be_visible(timeout=30_000)
    return shown


def _standing_still(shown: Screen) -> None:
    """Waits until the map's flight is over: the view is the same on two looks."""
    view: dict[str, float] = {}
    for _ in range(100):
        before, view = view, shown.view()
        if before == view:
            return
        shown.page.evaluate("() => new Promise(done => setTimeout(done, 150))")
    raise AssertionError("the map never comes to rest")


def _can_be_sent(town: Town, page: Page) -> Incident:
    """The first waiting incident for which the screen has a team."""
    for waiting in town.waiting():
        page.locator(f'[data-act="select:{waiting.id}"]').click()
        expect(page.locator(f'.decision[data-incident="{waiting.id}"]')).to_be_visible()
        if page.locator(".card.best .btn").count():
            return waiting
    raise AssertionError("no waiting incident has a candidate")


def test_an_incident_clicked_on_the_map_is_assigned_in_the_database_and_undone(screen: Open, town: Town) -> None:
    """The main job: see it, send a team, change one's mind."""
    shown = _ready(screen, town, width=1600, height=900)
    page = shown.page
    chosen = _can_be_sent(town, page)
    _standing_still(shown)
    shown.click_place(chosen.lon, chosen.lat)
    expect(page.locator(f'.decision[data-incident="{chosen.id}"]')).to_be_visible()
    team = page.locator(".card.best").get_attribute("data-team")
    page.locator(".card.best .btn").click()
    expect(page.locator(".note.fine")).to_be_visible()
    kept = town.casebook.incident(chosen.id)
    assert kept is not None
    assert (kept.status, kept.team) == (Status.ASSIGNED, team)
    page.locator('[data-act^="step:undo"]').click()
    expect(page.locator(".card.best .btn")).to_be_visible()
    undone = town.casebook.incident(chosen.id)
    assert undone is not None
    assert undone.status is Status.REPORTED
    assert town.casebook.verify().whole


def test_a_refresh_loses_neither_view_nor_selection_nor_typed_text(screen: Open, town: Town) -> None:
    """A screen that jumps under the hand every few seconds is worse than none."""
    shown = _ready(screen, town, width=1600, height=900)
    page = shown.page
    chosen = _can_be_sent(town, page)
    _standing_still(shown)
    before = shown.view()
    page.get_by_placeholder("搜索编号、文字、地址").type("半句")
    for word in ("one", "two"):
        town.casebook.set_setting("note", word, actor="test", at=NOON)
        shown.map_drawn(town.casebook.revision())
    assert page.get_by_placeholder("搜索编号、文字、地址").input_value() == "半句"
    assert page.locator(".decision").get_attribute("data-incident") == chosen.id
    assert shown.view() == pytest.approx(before, abs=1e-6)


def test_a_lasso_plans_and_sends_many_at_once(screen: Open, still_town: Town) -> None:
    """The preview is what is taken, the database has every line of it, and it can all be taken back."""
    town = still_town
    shown = _ready(screen, town, width=1600, height=900)
    page = shown.page
    _standing_still(shown)
    page.get_by_role("button", name="圈选").click()
    west, east, south, north = 121.5398, 121.5434, 29.8598, 29.8630
    corners = [shown.pixel(lon, lat) for lon, lat in [(west, north), (east, north), (east, south), (west, south)]]
    page.mouse.move(*corners[0])
    page.mouse.down()
    for corner in [*corners[1:], corners[0]]:
        page.mouse.move(*corner, steps=6)
    page.mouse.up()
    expect(page.locator(".batch")).to_be_visible()
    expect(page.locator(".batch tbody tr")).to_have_count(len(QUEUE))
    page.locator('[data-act="batch:take"]').click()
    expect(page.locator(".note.fine")).to_be_visible()
    sent = [each for each in town.casebook.open_incidents() if each.team]
    assert len(sent) == len({each.team for each in sent}) > 0
    page.locator('[data-act="undo"]').click()
    expect(page.locator(".note.fine").filter(has_text="已撤销")).to_be_visible()
    assert not any(each.team for each in town.casebook.open_incidents())
    assert town.casebook.verify().whole


def test_the_second_dispatcher_is_told_who_was_first(screen: Open, still_town: Town) -> None:
    """Two desks, one team: one has it, the other reads who, and nothing is lost."""
    town = still_town
    anna, bert = (_ready(screen, town, desk=desk, width=1600, height=900) for desk in ("anna", "bert"))
    chosen = _can_be_sent(town, anna.page)
    bert.page.locator(f'[data-act="select:{chosen.id}"]').click()
    expect(bert.page.locator(".card.best .btn")).to_be_visible()
    anna.page.locator(".card.best .btn").click()
    expect(anna.page.locator(".note.fine")).to_be_visible()
    bert.page.locator(".card.best .btn").click()
    expect(bert.page.locator(".note").filter(has_text="anna")).to_be_visible()
    kept = town.casebook.incident(chosen.id)
    assert kept is not None
    assert kept.status is Status.ASSIGNED
    deeds = [(entry.actor, entry.deed) for entry in town.casebook.history(Kind.INCIDENT, chosen.id)]
    assert deeds[-2:] == [("anna", "assign"), ("bert", "refused:assign")]
    assert town.casebook.verify().whole
    anna.page.locator('[data-act^="step:undo"]').click()  # the one team that may go is free for the next test
    expect(anna.page.locator(".card.best .btn")).to_be_visible()


def test_what_was_done_anew_meanwhile_is_not_undone_by_an_old_button(screen: Open, still_town: Town) -> None:
    """Bert sees the first dispatch; anna has taken it back and sent again. His Undo must not hit hers."""
    town = still_town
    anna = _ready(screen, town, desk="anna", width=1600, height=900)
    chosen = _can_be_sent(town, anna.page)
    anna.page.locator(".card.best .btn").click()
    expect(anna.page.locator(".note.fine")).to_be_visible()
    bert = _ready(screen, town, desk="bert", width=1600, height=900)
    bert.open(f"{town.url}/?incident={chosen.id}", who="bert")
    expect(bert.page.locator('[data-act^="step:undo"]')).to_be_visible()
    anna.page.locator('[data-act^="step:undo"]').click()
    anna.page.locator(".card.best .btn").click()
    expect(anna.page.locator(".done")).to_be_visible()
    again = town.casebook.incident(chosen.id)
    bert.page.locator('[data-act^="step:undo"]').click()
    expect(bert.page.locator(".note").filter(has_text="anna")).to_be_visible()
    assert town.casebook.incident(chosen.id) == again


def test_a_call_is_written_down_and_put_on_the_map(screen: Open, town: Town) -> None:
    """From a citizen's words to an incident in its cell, without leaving the screen."""
    shown = _ready(screen, town, width=1600, height=900)
    page = shown.page
    page.locator('[data-act="report"]').click()
    words = page.get_by_label("来电或来件内容")
    words.fill("桥头有人占道卖水果")
    words.blur()
    shown.click_place(121.5413, 29.8615)
    expect(page.get_by_text("位置：")).to_be_visible()
    page.get_by_role("button", name="登记", exact=True).click()
    expect(page.locator(".note.fine")).to_be_visible()
    (told,) = [each for each in town.casebook.open_incidents() if each.text == "桥头有人占道卖水果"]
    assert told.cell.startswith("990100001")
    assert told.matter == ""
    expect(page.locator(f'.decision[data-incident="{told.id}"]')).to_contain_text("还没有确定事项")


def test_words_of_a_citizen_are_shown_and_never_run(screen: Open, town: Town) -> None:
    """A script in a complaint must stay a complaint."""
    nasty = "<script>window.hacked=1</script><img src=x onerror='window.hacked=1'> =cmd|' /C calc'!A0"
    town.casebook.add_incidents(
        [incident(id="nasty", text=nasty)],
        at=NOON,
    )
    shown = screen(width=1600, height=900)
    shown.open(f"{town.url}/?incident=nasty", who="anna")
    expect(shown.page.locator(".words")).to_contain_text("<script>window.hacked=1</script>")
    assert shown.page.evaluate("() => window.hacked") is None


@pytest.mark.parametrize(("width", "height"), [(1600, 900), (1280, 720)])
@pytest.mark.parametrize(("locale", "words"), [("zh-CN", "事件队列"), ("en-US", "Incidents")])
def test_the_screen_fits_in_both_languages(screen: Open, town: Town, width: int, height: int, locale: str, words: str):
    """Nothing scrolls but the panels, and the map keeps 800 pixels."""
    shown = _ready(screen, town, width=width, height=height, locale=locale)
    page = shown.page
    expect(page.locator(".queue .head")).to_contain_text(words if width >= 1500 else "")
    box = page.locator(".gridbeat-map").bounding_box()
    assert box is not None
    assert box["width"] >= 800
    overflow = page.evaluate("() => document.documentElement.scrollHeight - window.innerHeight")
    assert overflow <= 0


def test_the_parts_of_the_page_that_our_style_names_are_there(screen: Open, town: Town) -> None:
    """Streamlit may rename its parts with a new version; then the shell must change with it."""
    shown = _ready(screen, town, width=1600, height=900)
    for part in ("stMain", "stMainBlockContainer", "stVerticalBlock", "stHorizontalBlock", "stColumn"):
        assert shown.page.locator(f'[data-testid="{part}"]').count() > 0, part


def test_dark_is_chosen_and_kept(screen: Open, town: Town) -> None:
    """A night shift sets it once."""
    shown = _ready(screen, town, width=1600, height=900)
    shown.page.locator('[data-act="theme:Dark"]').click()
    expect(shown.page.locator(".panel-root.dark").first).to_be_visible(timeout=30_000)
