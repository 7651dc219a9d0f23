"""The map in a real browser: what is clicked arrives, what is seen stays."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Screen
from tests.browser.map_town import KNOWN, KNOWN_AT, KNOWN_TEAM, KNOWN_TEAM_AT, MIDDLE


@pytest.fixture(scope="module")
def url(serve_app: Callable[..., str]) -> str:
    return serve_app("tests/browser/map_app.py")


@pytest.fixture
def shown(screen: Callable[..., Screen], url: str) -> Screen:
    opened = screen()
    opened.open(url)
    opened.map_drawn()
    return opened


def seen(page: Page, text: str) -> None:
    expect(page.locator(".seen")).to_contain_text(text)


def test_a_click_on_an_incident_reaches_python_and_leaves_the_view_alone(shown: Screen):
    """The main thing a dispatcher does; a map that jumps meanwhile loses her place."""
    before = shown.view()
    shown.click_place(*KNOWN_AT)
    seen(shown.page, f"clicked incidents {KNOWN}")
    shown.at_rest()
    assert shown.view() == before


def test_a_click_on_a_team_and_on_a_cell_name_them(shown: Screen):
    """Rings are small and cells lie under everything; both can be meant."""
    shown.click_place(*KNOWN_TEAM_AT)
    seen(shown.page, f"clicked teams {KNOWN_TEAM}")
    shown.at_rest()
    shown.click_place(KNOWN_TEAM_AT[0], KNOWN_TEAM_AT[1] + 0.0011)
    seen(shown.page, "clicked cells 330203")


def test_a_refresh_keeps_view_and_typed_words_and_fetches_only_what_changed(shown: Screen):
    """Every few seconds new positions come; streets and cells do not come again."""
    page = shown.page
    page.get_by_role("textbox").fill("half a sentence")
    page.locator("button.zoom_in").click()
    before = shown.view()
    fetched: list[str] = []
    page.on("request", lambda request: "/map/" in request.url and fetched.append(request.url))
    page.get_by_role("button", name="next").click()
    shown.map_drawn(revision=1)
    shown.at_rest()
    assert shown.view() == before
    expect(page.get_by_role("textbox")).to_have_value("half a sentence")
    assert len(fetched) == 2, "incidents and teams"


def test_the_lasso_by_hand_stays_until_it_is_cleared(shown: Screen):
    """Who drew an area around a market wants to see it while working through its list."""
    page, (x, y) = shown.page, shown.pixel(*MIDDLE)
    page.locator("button.lasso").click()
    page.mouse.move(x, y)
    page.mouse.down()
    for dx, dy in [(80, 10), (120, 70), (60, 130), (-40, 110), (-60, 40)]:
        page.mouse.move(x + dx, y + dy, steps=4)
    page.mouse.up()
    seen(page, "lasso of")
    shown.at_rest()
    assert shown.view()["zoom"] == 13.6, "the map below stood still"
    assert area_stands(shown)
    page.get_by_role("button", name="clear").click()
    shown.at_rest()
    expect_no_area(shown)


def test_the_lasso_by_corners_closes_with_enter_and_escape_gives_up(shown: Screen):
    """Freehand is hard with a trackpad."""
    page, (x, y) = shown.page, shown.pixel(*MIDDLE)
    page.locator("button.lasso").click()
    expect(page.locator(".hint")).to_be_visible()
    page.mouse.click(x, y)
    page.keyboard.press("Escape")
    expect(page.locator(".hint")).to_be_hidden()
    page.locator("button.lasso").click()
    for dx, dy in [(0, 0), (150, 0), (150, 90), (0, 90)]:
        page.mouse.click(x + dx, y + dy)
    page.keyboard.press("Enter")
    seen(page, "lasso of 4 corners")


def test_python_moves_the_camera_once(shown: Screen):
    """Choosing in the list flies there; the next refresh must not fly there again. A reload keeps the place."""
    page = shown.page
    page.get_by_role("button", name="fly").click()
    wait_for_view(shown, KNOWN_TEAM_AT, 15.5)
    page.locator("button.zoom_out").click()
    after = shown.view()
    page.get_by_role("button", name="next").click()
    shown.map_drawn(revision=1)
    assert shown.view() == after
    page.reload()
    shown.at_rest()
    shown.map_drawn()
    assert shown.view() == after


def test_a_tooltip_shows_text_and_never_runs_it(shown: Screen):
    """Citizens' words stand in it."""
    shown.page.mouse.move(*shown.pixel(*KNOWN_AT))
    expect(shown.page.locator(".tip")).to_contain_text(f"{KNOWN} · 占道经营 <b>bold</b>")
    assert shown.page.locator(".tip b").count() == 0


def test_the_map_answers_the_keyboard_and_speaks_the_readers_language(screen: Callable[..., Screen], url: str):
    """Not everybody holds a mouse, and not everybody reads Chinese."""
    shown = screen(theme="dark", locale="en-GB")
    shown.open(url)
    shown.map_drawn()
    page = shown.page
    expect(page.locator(".canvas")).to_have_attribute("aria-label", re.compile("Map of the district"))
    expect(page.locator("button.zoom_in")).to_have_attribute("title", "Zoom in (+)")
    page.locator(".canvas").focus()
    page.keyboard.press("+")
    assert shown.view()["zoom"] == 14.5
    page.keyboard.press("ArrowRight")
    assert shown.view()["longitude"] > MIDDLE[0]


def area_stands(shown: Screen) -> bool:
    script = "e => e.map.sheets.shown.includes('lasso')"
    return bool(shown.page.locator(".gridbeat-map").evaluate(script))


def expect_no_area(shown: Screen) -> None:
    shown.page.wait_for_function(
        "e => !e.map.sheets.shown.includes('lasso')",
        arg=shown.page.locator(".gridbeat-map").element_handle(),
    )


def wait_for_view(shown: Screen, place: tuple[float, float], zoom: float) -> None:
    shown.page.wait_for_function(
        """([{map: {view}}, lon, lat, zoom]) =>
            Math.hypot(view.longitude - lon, view.latitude - lat) < 1e-6 && view.zoom === zoom""",
        arg=[shown.page.locator(".gridbeat-map").element_handle(), *place, zoom],
    )
