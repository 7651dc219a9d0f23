"""A real browser and a real server for the tests of what a dispatcher sees."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from tests.servers import servers

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

collect_ignore = ["map_app.py", "map_page.py"]  # scripts for Streamlit: importing one would run it
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-gl=angle",
    "--use-angle=gl-egl",  # Mesa keeps the shaders it has compiled: a map costs 0.5 CPU-s instead of 5 ...
    "--ignore-gpu-blocklist",
    "--enable-unsafe-swiftshader",  # ... and where there is no Mesa, SwiftShader draws
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # no way out of this machine
]
PATIENCE_MS = 90_000  # a shared machine without a graphics card
AT_ONCE = """
const animate = Element.prototype.animate;
Element.prototype.animate = function (frames, options) {
  return animate.call(this, frames, { ...Object(options), duration: 0 });
};
"""
"""What unfolds takes half a second, asked for less motion or not, and what is pressed meanwhile moves away."""
OWN_ADDRESSES = ("http://127.0.0.1:", "ws://127.0.0.1:", "blob:", "data:")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Debian's Chromium; without one the test is skipped, or fails where GRIDBEAT_BROWSER_TESTS=required.

    It ends with this folder's tests: as long as it runs, this thread has a running event loop, and whoever
    wants one of its own here is refused.
    """
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        reason = "no Chromium on this machine (Debian: apt-get install chromium fonts-noto-cjk)"
        pytest.fail(reason) if os.environ.get("GRIDBEAT_BROWSER_TESTS") == "required" else pytest.skip(reason)
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., str]]:
    """``serve(command, env)``: see `tests.servers.Servers.start`; its servers end with the file that started them."""
    with servers(tmp_path_factory.mktemp) as running:
        yield running.start


@pytest.fixture(scope="module")
def serve_app(serve: Callable[..., str]) -> Callable[..., str]:
    """``serve_app(file, env)``: the Streamlit app in ``file``, a path from the top of the checkout."""

    def start(file: str, env: Mapping[str, str] | None = None) -> str:
        options = "--server.address 127.0.0.1 --server.headless true --server.fileWatcherType none"
        return serve(f"streamlit run {file} --server.port {{port}} {options} --browser.gatherUsageStats false", env)

    return start


@dataclass
class Screen:
    """A page, with what it did that it should not."""

    page: Page
    outside: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def open(self, url: str, who: str = "") -> None:
        """The page at rest; ``who`` opens it, of a demo's people, where it matters."""
        if who:
            path = quote(url.removeprefix(origin := "/".join(url.split("/")[:3])) or "/", safe="")
            url = f"{origin}/signin?as={who}&next={path}"
        self.page.goto(url)
        self.at_rest()

    def at_rest(self) -> None:
        """As `at_rest`."""
        at_rest(self.page)

    def map_drawn(self, revision: int | None = None) -> None:
        """Waits until the map has drawn everything it was told to show."""
        mark = "" if revision is None else f'[data-revision="{revision}"]'
        self.page.wait_for_selector(f'.gridbeat-map[data-ready="1"]{mark}')

    def pixel(self, lon: float, lat: float) -> tuple[float, float]:
        """Where on the page the map draws a place."""
        x, y = self.page.locator(".gridbeat-map").evaluate("(e, [lon, lat]) => e.map.project(lon, lat)", [lon, lat])
        return x, y

    def click_place(self, lon: float, lat: float) -> None:
        self.page.mouse.click(*self.pixel(lon, lat))

    def view(self) -> dict[str, float]:
        """Where the map looks."""
        script = "e => (({longitude, latitude, zoom}) => ({longitude, latitude, zoom}))(e.map.view)"
        view: dict[str, float] = self.page.locator(".gridbeat-map").evaluate(script)
        return view


def at_rest(page: Page) -> None:
    """Waits until the script has run to its end: a press on what it is about to draw anew may be lost."""
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]', state="attached")


def unfold(page: Page, words: str | re.Pattern[str]) -> None:
    """Opens what stands folded under these words; its place is known when the page is at rest."""
    at_rest(page)
    page.get_by_text(words, exact=True).click()


def fill(page: Page, label: str, text: str, *, exact: bool = False) -> None:
    """Into the one field of that label; while a form is drawn anew its old one stands beside it for a moment."""
    from playwright.sync_api import Error, expect

    field = page.get_by_label(label, exact=exact)
    while True:
        expect(field).to_have_count(1)
        try:
            return field.fill(text)
        except Error as error:
            if "strict mode violation" not in error.message:
                raise


@pytest.fixture
def screen(browser: Browser) -> Iterator[Callable[..., Screen]]:
    """``screen(width, height, theme, locale)``: a fresh page. It must ask no foreign address, fail no script."""
    opened: list[Screen] = []

    def open_page(width: int = 1280, height: int = 720, theme: str = "light", locale: str = "zh-CN") -> Screen:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if theme == "dark" else "light",
            locale=locale,
            reduced_motion="reduce",
        )
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.add_init_script(AT_ONCE)
        shown = Screen(page)
        page.on("request", lambda request: _own(request.url) or shown.outside.append(request.url))
        page.on("websocket", lambda socket: _own(socket.url) or shown.outside.append(socket.url))
        page.on("pageerror", lambda error: shown.errors.append(str(error)))
        opened.append(shown)
        return shown

    yield open_page
    for shown in opened:
        shown.page.context.close()
        assert shown.outside == []
        assert shown.errors == []


def _own(url: str) -> bool:
    return url.startswith(OWN_ADDRESSES)
