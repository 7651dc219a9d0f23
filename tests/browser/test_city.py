"""The city in a real browser: its towns drawn, a click on the map shows a district, and the way to its own map.

The whole of Chongqing is not built here: strips of each district's outline stand for its towns.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from PIL import Image
from playwright.sync_api import expect

from dispatch.store.casebook import open_casebook
from scenarios.builder import HERE, built_folder, folder_of
from scenarios.city import City, District, read_city
from scenarios.folder import CARD
from tests.browser.conftest import PATIENCE_MS, Screen
from tests.towns import NOON, incident

OWN, OTHER, CLOSED = "500103", "500106", "500104"
LATE, CALM = "500106011", "500106012"


@pytest.fixture(scope="module")
def chongqing() -> City:
    return read_city(HERE / "chongqing")


@pytest.fixture(scope="module")
def city(serve_app: Callable[..., str], tmp_path_factory: pytest.TempPathFactory, chongqing: City) -> str:
    """Yuzhong's server, beside it Shapingba's casebook with one incident that is late, and no other."""
    home = tmp_path_factory.mktemp("home")
    built_folder(f"chongqing_{OWN}", home)  # else the server needs longer to answer than a test waits
    built = folder_of("chongqing", home)
    built.mkdir(parents=True)
    strips = [strip for one in chongqing.districts.values() for strip in _strips(one)]
    gpd.GeoDataFrame(strips, columns=["code", "name", "geometry"], crs=4326).to_parquet(built / "towns.parquet")
    (built / CARD).write_text("{}", encoding="utf-8")
    late = incident(id="LATE", town=LATE, cell="", due_at=NOON - timedelta(hours=1))
    for code, told in ((OWN, incident(town="", cell="")), (OTHER, late)):
        with open_casebook(_book(home, code)) as casebook:
            casebook.add_incidents([told], at=NOON)
    settings = {"HOME": str(home), "DB": _book(home, OWN), "PLACE": f"chongqing_{OWN}", "SHARP": "0"}
    settings |= {"DEMO": "1", "DEMO_SPEED": "0.001"}
    return serve_app("ui/app.py", {f"GRIDBEAT_{name}": value for name, value in settings.items()})


def _book(home: Path, code: str) -> str:
    return f"sqlite:///{home / f'demo-chongqing_{code}.db'}"


def _strips(district: District) -> list[tuple[str, str, shapely.Geometry]]:
    """As many upright parts of a district as it has towns."""
    west, south, east, north = district.outline.bounds
    wide = (east - west) / len(district.towns)
    boxes = (shapely.box(west + at * wide, south, west + (at + 1) * wide, north) for at in range(len(district.towns)))
    parts = (shapely.intersection(district.outline, box) for box in boxes)
    return [(town.code, town.name, part) for town, part in zip(district.towns, parts, strict=True)]


def _colour(shown: Screen, shape: shapely.Geometry) -> tuple[int, ...]:
    """What the map shows in the upper part of a town, away from its pin and its name."""
    west, south, east, north = shape.bounds
    middle = (west + east) / 2
    at = shapely.intersection(shape, shapely.LineString([(middle, south), (middle, north)])).interpolate(
        0.8, normalized=True
    )
    picture = Image.open(BytesIO(shown.page.screenshot())).convert("RGB")
    x, y = shown.pixel(at.x, at.y)
    return picture.getpixel((round(x), round(y)))


def test_a_click_on_the_map_opens_a_district_with_its_towns_and_the_way_into_it(
    screen: Callable[..., Screen], city: str, chongqing: City
):
    """From the whole city, what is late first, to the towns of one district and to the own district's desk."""
    shown = screen(width=1280, height=720)
    shown.open(f"{city}/?view=city", who="demo")
    shown.map_drawn()
    page, head = shown.page, shown.page.locator(".box .head span").first
    rows, door = page.locator("table.city tbody tr"), page.locator(".city-door")
    expect(rows).to_have_count(1 + 38)
    expect(rows.nth(1)).to_contain_text("沙坪坝区")
    expect(rows.filter(has_text="江北区")).to_contain_text("–")

    chosen = chongqing.districts[OTHER]
    middle = chosen.outline.representative_point()
    shown.click_place(middle.x, middle.y)
    expect(head).to_have_text("沙坪坝区")
    expect(rows).to_have_count(1 + len(chosen.towns))
    expect(door.get_by_role("button", name="打开该区县")).to_be_visible()
    shapes = {code: shape for code, _, shape in _strips(chosen)}
    page.wait_for_timeout(1500)  # the map flies there
    assert _colour(shown, shapes[LATE]) != _colour(shown, shapes[CALM])

    page.locator('[data-act="city"]').click()
    expect(rows).to_have_count(1 + 38)
    page.locator(f'[data-act="district:{OWN}"]').click()
    door.get_by_role("link", name="进入该区县").click()
    expect(page.locator(".queue")).to_be_visible()


def test_a_district_that_is_closed_is_opened_by_its_button_and_has_figures_from_then_on(
    screen: Callable[..., Screen], city: str
):
    """A server of its own, at whose dispatch desk one arrives; back in the city its dash has become a number."""
    shown = screen(width=1280, height=720)
    shown.open(f"{city}/?view=city", who="demo")
    page, door = shown.page, shown.page.locator(".city-door")
    row = page.locator("table.city tbody tr").filter(has_text="大渡口区")
    expect(row).to_contain_text("–")
    page.locator(f'[data-act="district:{CLOSED}"]').click()
    door.get_by_role("button", name="打开该区县").click()
    expect(door).to_contain_text("正在打开")
    way = door.get_by_role("link", name="进入该区县")
    expect(way).to_be_visible(timeout=2 * PATIENCE_MS)
    assert not (way.get_attribute("href") or "").startswith(city)
    way.click()
    expect(page.locator(".queue")).to_be_visible(timeout=2 * PATIENCE_MS)
    expect(page.locator("body")).to_contain_text("大渡口区")

    shown.open(f"{city}/?view=city")
    expect(row).not_to_contain_text("–")


@pytest.mark.parametrize("locale", ["zh-CN", "en-US"])
def test_the_figures_of_a_citys_district_stand_whole_above_every_width(
    screen: Callable[..., Screen], city: str, locale: str
) -> None:
    """The way to the city is one word more on the strip: labels were cut to a letter, or stood over the clock."""
    shown = screen(width=1280, height=720, locale=locale)
    shown.open(f"{city}/?view=dispatch", who="demo")
    page = shown.page
    expect(page.locator(".strip dt")).to_have_count(7)
    script = """strip => {
        const box = strip.getBoundingClientRect(), figures = [...strip.querySelectorAll("dl div")];
        const from = strip.querySelector("nav").getBoundingClientRect().right;
        const to = strip.querySelector(".side").getBoundingClientRect().left;
        const wrong = figures.filter(figure => {
            const { left, right, top, bottom } = figure.getBoundingClientRect(), label = figure.querySelector("dt");
            const beside = left < from || right > to, beyond = top < box.top || bottom > box.bottom;
            return beside || beyond || label.scrollWidth > label.clientWidth;
        });
        return wrong.map(figure => figure.title);
    }"""
    for width in (1280, 1366, 1440, 1500, 1600, 1680, 1800, 1920):
        page.set_viewport_size({"width": width, "height": 720})
        page.wait_for_timeout(300)
        assert page.locator(".strip").evaluate(script) == [], width
