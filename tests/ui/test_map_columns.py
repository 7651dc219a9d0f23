"""Tables for the map: what goes in comes out, geometry stays whole, and only who may see them gets them."""

from __future__ import annotations

import asyncio
import gzip
import json
import struct
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray
from starlette.applications import Starlette
from starlette.requests import Request

from ui.map import layers
from ui.map.columns import STEPS_PER_DEGREE, degrees, pack
from ui.map.component import HEIGHT
from ui.map.events import Click, read_click, read_lasso
from ui.map.layers import Kind, Label, Ring, Stage
from ui.map.palette import DARK, LIGHT, Theme, palette
from ui.map.pieces import simple_polygons, single_edges, tiles_of
from ui.map.routes import bundle_name, from_this_machine, map_routes
from ui.map.shelf import Shelf
from ui.map.spec import MapSpec, Pin, Tables, View

KINDS = {"u1": "u1", "u2": "<u2", "u4": "<u4", "i4": "<i4", "f4": "<f4", "f8": "<f8"}
SQUARE = shapely.box(121.5, 29.8, 121.6, 29.9)
DOUGHNUT = SQUARE.difference(shapely.box(121.53, 29.83, 121.55, 29.85)).difference(
    shapely.box(121.56, 29.86, 121.58, 29.88)
)


def read(blob: bytes) -> dict[str, Any]:
    """The container read back by its description, as the browser does."""
    magic, length = struct.unpack_from("<4sI", blob)
    assert magic == b"GBC1"
    header = json.loads(blob[8 : 8 + length])
    body = -(-(8 + length) // 8) * 8
    table: dict[str, Any] = {"n": header["n"]}
    for name, kind, count, at in header["columns"]:
        assert at % 8 == 0, "a typed array in the browser must begin at a multiple of its width"
        raw = blob[body + at :]
        table[name] = json.loads(raw[:count]) if kind == "json" else np.frombuffer(raw, KINDS[kind], count)
    return table


def frame(*geometry: Any, **columns: list[Any]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=list(geometry), crs=4326)


# ---- columns


@given(
    arrays(st.sampled_from([np.uint8, np.int32, np.float64]), array_shapes(max_dims=1, max_side=30)),
    st.lists(st.text(max_size=8), max_size=8),
    st.text("abc_", min_size=1, max_size=9),
)
@settings(max_examples=60)
def test_what_is_packed_is_read_back(numbers: NDArray[Any], words: list[str], name: str):
    """Chinese text before a column of doubles must not shift the doubles off their place."""
    table = read(pack(3, words=words, **{f"x{name}": numbers}))
    assert table["n"] == 3
    assert table["words"] == words
    np.testing.assert_array_equal(table[f"x{name}"], numbers)


def test_a_column_the_browser_cannot_read_is_refused():
    """An int64 array silently read as something else would put teams into the sea."""
    with pytest.raises(ValueError, match="int64"):
        pack(1, wrong=np.array([1], np.int64))


@given(st.floats(-180, 180), st.floats(-90, 90))
@settings(max_examples=60)
def test_a_place_is_kept_to_a_centimetre(lon: float, lat: float):
    """Seven decimals of a degree are what the map promises."""
    back = degrees([lon], [lat]) / STEPS_PER_DEGREE
    assert np.abs(back - [lon, lat]).max() <= 0.5001e-7


@pytest.mark.parametrize("place", [(200.0, 10.0), (10.0, 200.0), (float("nan"), 10.0), (10.0, float("inf"))])
def test_a_place_off_the_globe_is_refused(place: tuple[float, float]):
    """A latitude of 200 wraps round in 32 bits and lands somewhere plausible."""
    with pytest.raises(ValueError, match="no place"):
        degrees([place[0]], [place[1]])


# ---- geometry


@pytest.mark.parametrize("shape", [SQUARE, DOUGHNUT, shapely.MultiPolygon([SQUARE, shapely.box(122, 29, 122.1, 29.1)])])
def test_pieces_without_holes_fill_exactly_the_polygon(shape: shapely.Geometry):
    """The graphics card knows no holes; a lake in a cell must stay a lake."""
    n, columns = simple_polygons(np.array([shape], dtype=object))
    rings = np.split(columns["xy"].reshape(-1, 2) / STEPS_PER_DEGREE, columns["start"][1:-1])
    pieces = [shapely.Polygon(ring) for ring in rings]
    assert n == len(pieces)
    assert all(piece.is_valid for piece in pieces)
    assert shapely.union_all(pieces).symmetric_difference(shape).area < 1e-9
    assert sum(piece.area for piece in pieces) == pytest.approx(shape.area, rel=1e-6)


def test_each_piece_knows_its_cell():
    """A click on the far half of a cell with a hole names the same cell."""
    cells = frame(shapely.box(121, 29, 121.1, 29.1), DOUGHNUT, code=["330203001001001", "330203001001002"])
    table = read(layers.cells_table(cells))
    assert table["owner"][0] == 0
    assert set(table["owner"][1:]) == {1}
    assert table["id"] == ["330203001001001", "330203001001002"]
    assert len(table["start"]) == table["n"] + 1


def test_an_edge_that_two_cells_share_is_drawn_once():
    """A see-through line drawn twice is darker than its neighbours."""
    left, right = shapely.box(121, 29, 121.1, 29.1), shapely.box(121.1, 29, 121.2, 29.1)
    assert len(single_edges(np.array([left, right], dtype=object))) == 7


@given(arrays(np.float64, st.tuples(st.integers(1, 40), st.just(2)), elements=st.floats(-80, 80)), st.floats(0.01, 200))
@settings(max_examples=60)
def test_every_row_lies_in_a_tile_that_covers_it(corner: NDArray[np.float64], side_deg: float):
    """A tile whose box is too small leaves a hole in the map when only it is in view."""
    box = np.hstack([corner, corner + 0.5])
    order, columns = tiles_of(box, side_deg)
    assert sorted(order) == list(range(len(box)))
    start = columns["tile_start"].astype(int)
    assert len(start) <= 14 * 14
    cover = np.repeat(columns["tile_box"].reshape(-1, 4), np.diff(np.append(start, len(box))), axis=0)
    assert (cover[:, :2] <= box[order, :2]).all()
    assert (cover[:, 2:] >= box[order, 2:]).all()


def test_streets_are_parted_into_minor_and_major_with_links_beside_their_road():
    """Close up everything is drawn; from afar only what carries the traffic."""
    line = shapely.LineString([(121.5, 29.8), (121.6, 29.9)])
    minor, major = layers.roads_tables(
        frame(line, line, line, line, road=["residential", "motorway_link", "tertiary", "bridleway"])
    )
    assert read(minor)["cls"].tolist() == [4, 4]
    assert read(major)["cls"].tolist() == [3, 0], "the widest is drawn last"


def test_a_district_without_streets_has_empty_tables():
    """A user may bring an outline before the network."""
    minor, major = layers.roads_tables(frame(road=[]))
    assert read(minor)["n"] == read(major)["n"] == 0


def test_borders_between_towns_are_lines_that_meet_no_line_twice():
    """Two neighbours digitised the same border; one line stands for both."""
    table = read(layers.borders_table(frame(shapely.box(121, 29, 122, 30), shapely.box(122, 29, 123, 30))))
    assert table["n"] == 3
    assert len(table["start"]) == 4


def test_a_street_name_never_reads_upside_down():
    """Heads turn 90 degrees at most."""
    for east, north in [(1, 0), (1, 1), (-1, 1), (-1, 0), (-1, -1), (0, -1), (1, -1)]:
        line = shapely.LineString([(121.5, 29.8), (121.5 + east / 100, 29.8 + north / 100)])
        (label,) = layers.street_labels(frame(line, road=["primary"], name=["中山路"]))
        assert -90 <= label.angle <= 90


def test_one_street_is_not_named_at_every_corner():
    """The same words every hundred metres hide the map."""
    pieces = [shapely.LineString([(121.5 + k / 1000, 29.8), (121.501 + k / 1000, 29.8)]) for k in range(10)]
    assert len(layers.street_labels(frame(*pieces, road=["primary"] * 10, name=["中山路"] * 10))) == 1


def test_names_keep_their_order_of_importance():
    """The browser drops the later of two that collide."""
    towns = frame(shapely.box(121, 29, 121.1, 29.1), shapely.box(122, 29, 123, 30), name=["小", "大"])
    labels = layers.area_labels(towns, Kind.TOWN)
    assert [label.text for label in labels] == ["大", "小"]
    assert read(layers.labels_table(labels))["text"] == ["大", "小"]
    assert read(layers.labels_table([]))["n"] == 0


# ---- incidents and teams


def test_the_most_urgent_incident_lies_on_top():
    """Of two at one corner the red triangle must be seen and hit."""
    table = read(
        layers.incidents_table(
            ["low", "sent", "urgent", "late"],
            [121.5] * 4,
            [29.8] * 4,
            priority=[4, 1, 1, 1],
            stage=[Stage.WAITING, Stage.SENT, Stage.WAITING, Stage.WAITING],
            overdue=[False, False, False, True],
            tip=["a", "b", "c", "d"],
        )
    )
    assert table["id"] == ["sent", "low", "urgent", "late"]
    assert table["tip"] == ["b", "a", "c", "d"]
    assert table["priority"].tolist() == [1, 4, 1, 1]


def test_an_incident_without_a_place_is_left_out_not_drawn_at_sea():
    """It stays in the list, where somebody will locate it."""
    table = read(layers.incidents_table(["a", "b"], [np.nan, 121.5], [29.8, 29.8], [1, 2], [0, 0], [0, 0]))
    assert table["id"] == ["b"]
    assert table["n"] == 1


def test_free_teams_lie_above_busy_ones():
    """The dispatcher looks for the free one."""
    table = read(layers.teams_table(["busy", "free"], [121.5, 121.5], [29.8, 29.8], [Ring.BUSY, Ring.FREE]))
    assert table["id"] == ["busy", "free"]
    assert table["cls"].tolist() == [Ring.BUSY, Ring.FREE]
    free_first = read(layers.teams_table(["free", "busy"], [121.5, 121.5], [29.8, 29.8], [Ring.FREE, Ring.BUSY]))
    assert free_first["id"] == ["busy", "free"]


def test_nine_thousand_teams_weigh_little_enough_for_every_refresh():
    """Positions are sent again at each change."""
    rng = np.random.default_rng(1)
    lon, lat = rng.uniform(121.4, 121.6, 9000), rng.uniform(29.8, 29.9, 9000)
    blob = layers.teams_table([f"T{k}" for k in range(9000)], lon, lat, rng.integers(0, 3, 9000))
    assert len(blob) < 170_000


# ---- shelf


def test_equal_tables_have_one_address():
    """The browser then never asks for the same thing twice."""
    shelf = Shelf()
    assert shelf.put(pack(1, a=np.zeros(1))) == shelf.put(pack(1, a=np.zeros(1)))
    assert len(shelf) == 1


@given(st.lists(st.binary(min_size=1, max_size=40), max_size=60))
@settings(max_examples=60)
def test_the_shelf_never_grows_beyond_its_bound(blobs: list[bytes]):
    """It runs for months; and what was put last can always be had."""
    shelf = Shelf(limit_bytes=100)
    for raw in blobs:
        address = shelf.put(raw)
        blob = shelf.get(address.rpartition("/")[2])
        assert blob is not None
        assert blob.raw == raw
        assert shelf.size_bytes <= 100


def test_what_is_asked_for_stays_longer_than_what_is_not():
    """Streets are asked for by each new page, an old refresh by nobody."""
    shelf = Shelf(limit_bytes=250)
    streets = shelf.put(b"s" * 100).rpartition("/")[2]
    old = shelf.put(b"o" * 100).rpartition("/")[2]
    shelf.get(streets)
    shelf.put(b"n" * 100)
    assert shelf.get(streets) is not None
    assert shelf.get(old) is None


def test_many_threads_may_use_the_shelf_at_once():
    """Fifty dispatchers refresh in fifty threads."""
    shelf = Shelf(limit_bytes=5_000)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda k: shelf.get(shelf.put(bytes([k % 251]) * 100).rpartition("/")[2]), range(2_000)))
    assert shelf.size_bytes == 100 * len(shelf) <= 5_000


# ---- routes


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    content: bytes


def ask(shelf: Shelf, path: str, accept: str = "gzip", allowed: bool = True) -> Answer:
    """One GET through Starlette, without a network."""
    app = Starlette(routes=map_routes(shelf, lambda request: allowed))
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(app(scope(path, {"accept-encoding": accept}), receive, send))
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return Answer(sent[0]["status"], headers, b"".join(message.get("body", b"") for message in sent[1:]))


def scope(path: str, headers: dict[str, str], client: str = "127.0.0.1") -> dict[str, Any]:
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    return {
        "type": "http",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "root_path": "",
        "query_string": b"",
        "headers": raw,
        "client": (client, 5000),
        "server": ("127.0.0.1", 8501),
    }


def test_a_table_is_kept_by_the_browser_and_by_nobody_between():
    """Its address is the hash of its content; a shared cache must not hold it."""
    shelf = Shelf()
    table = pack(4000, cls=np.zeros(4000, np.uint8))
    answer = ask(shelf, shelf.put(table))
    assert gzip.decompress(answer.content) == table
    assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"
    assert answer.headers["content-encoding"] == "gzip"
    assert len(answer.content) < 200


def test_a_browser_without_gzip_gets_the_bytes_as_they_are():
    """Accept-Encoding is the browser's to choose."""
    shelf = Shelf()
    address = shelf.put(b"x" * 5000)
    answer = ask(shelf, address, accept="identity")
    assert answer.content == b"x" * 5000
    assert "content-encoding" not in answer.headers


def test_what_gzip_does_not_shrink_is_not_squeezed():
    """Noise costs time on both sides and saves nothing."""
    shelf = Shelf()
    noise = np.random.default_rng(1).bytes(5000)
    blob = shelf.get(shelf.put(noise).rpartition("/")[2])
    assert blob is not None
    assert blob.squeezed is None
    zeros = shelf.get(shelf.put(bytes(5000)).rpartition("/")[2])
    assert zeros is not None
    assert zeros.squeezed is not None
    assert gzip.decompress(zeros.squeezed) == bytes(5000)


def test_who_may_not_see_tables_learns_nothing_about_them():
    """Known or unknown, the answer is the same."""
    shelf = Shelf()
    assert ask(shelf, shelf.put(b"secret"), allowed=False).status == 403
    assert ask(shelf, "/map/0123", allowed=False).status == 403


def test_an_unknown_hash_is_not_found_and_not_remembered():
    """After a restart the same address may come to life."""
    answer = ask(Shelf(), "/map/0123")
    assert answer.status == 404
    assert answer.headers["cache-control"] == "no-store"


def test_the_script_is_served_under_its_hash():
    """A new release has a new address, so no browser runs the old script on new data."""
    answer = ask(Shelf(), f"/map/script/{bundle_name()}.js", allowed=False)
    assert answer.status == 200
    assert answer.headers["content-type"].startswith("text/javascript")
    assert ask(Shelf(), "/map/script/old.js").status == 404


@pytest.mark.parametrize(
    ("client_host", "headers", "answer"),
    [
        ("127.0.0.1", {"host": "localhost:8501"}, True),
        ("::1", {"host": "[::1]:8501"}, True),
        ("10.0.0.7", {"host": "localhost:8501"}, False),
        ("127.0.0.1", {"host": "evil.example"}, False),
        ("127.0.0.1", {"host": "127.0.0.1", "x-forwarded-for": "10.0.0.7"}, False),
    ],
)
def test_the_demo_answers_only_this_machine(client_host: str, headers: dict[str, str], answer: bool):
    """Through a proxy everybody looks local, and a foreign page can point its own name at 127.0.0.1."""
    request = Request(scope("/map/x", headers, client_host))
    assert from_this_machine(request) is answer


# ---- what the browser says


def test_a_click_is_read():
    """The one form that is believed."""
    sent = {"layer": "incidents", "id": "I-1", "lon": 121.5, "lat": 29, "tip": "ignored"}
    assert read_click(sent) == Click("incidents", "I-1", 121.5, 29.0)
    assert read_click({"layer": "", "id": "", "lon": 121.5, "lat": 29}) == Click("", "", 121.5, 29.0)


@pytest.mark.parametrize(
    "sent",
    [
        None,
        "incidents",
        {},
        {"layer": "ledger", "id": "1", "lon": 1, "lat": 1},
        {"layer": "teams", "id": 7, "lon": 1, "lat": 1},
        {"layer": "teams", "id": "", "lon": 1, "lat": 1},
        {"layer": "teams", "id": "x" * 10_000, "lon": 1, "lat": 1},
        {"layer": "teams", "id": "T", "lon": 999, "lat": 1},
        {"layer": "teams", "id": "T", "lon": float("nan"), "lat": 1},
        {"layer": "teams", "id": "T", "lon": True, "lat": 1},
        {"layer": ["teams"], "id": "T", "lon": 1, "lat": 1},
    ],
)
def test_what_is_not_a_click_is_dropped(sent: object):
    """Anybody can send anything over a websocket."""
    assert read_click(sent) is None


@pytest.mark.parametrize(
    "sent", [None, 3, [[1, 2]], [[1, 2]] * 2, [[1, 2, 3]] * 4, [[1, "2"]] * 4, [[1, 95]] * 4, [[1, 2]] * 5000]
)
def test_what_is_not_an_area_is_dropped(sent: object):
    """An area has at least three corners, all on the globe."""
    assert read_lasso(sent) is None


json_like = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["layer", "id", "lon", "lat"]), inner),
    max_leaves=12,
)


@given(json_like)
@settings(max_examples=60)
def test_nothing_a_browser_sends_makes_the_reader_fail(sent: object):
    """A broken message must not take the dispatcher's page down."""
    read_click(sent)
    read_lasso(sent)


def test_an_area_taken_away_is_told_from_nothing_done():
    """The list must then show everything again."""
    assert read_lasso([]) == ()
    assert read_lasso([[1, 2], [3, 4], [5, 6.5]]) == ((1.0, 2.0), (3.0, 4.0), (5.0, 6.5))


# ---- spec


@pytest.mark.parametrize("theme", list(Theme))
def test_every_colour_is_written_as_the_browser_reads_it(theme: Theme):
    """A colour the browser cannot read is black, or nothing."""
    colours = palette(theme).as_spec()
    flat = [each for value in colours.values() for each in ([value] if isinstance(value, str) else value)]
    assert all(is_hex(each) for each in flat)
    assert len(colours["road"]) == len(colours["casing"]) == len(layers.TIERS)
    assert len(colours["priority"]) == len(colours["priority_ink"]) == 4
    assert len(colours["label"]) == len(Kind)


def is_hex(text: str) -> bool:
    return text[0] == "#" and len(text) in (7, 9) and int(text[1:], 16) >= 0


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_priorities_stand_out_from_the_ground(theme: Any):
    """WCAG 2.2, 1.4.11: graphics that carry meaning keep 3:1 against what surrounds them. Their edge counts for it."""
    for ink, shape in zip(theme.priority_ink, theme.priority, strict=True):
        assert contrast(ink, shape) >= 2.4
    assert contrast(theme.text, theme.panel) >= 7
    assert contrast(theme.muted, theme.panel) >= 4.5
    assert contrast(theme.overdue, theme.load[2]) >= 3
    assert all(min(contrast(theme.crew_ink, each), contrast(each, theme.ground)) >= 3 for each in theme.crew)
    for ring in (theme.free, theme.on_way):
        assert contrast(ring, theme.load[4]) >= 2.5


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    channels = np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)]) / 255
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def test_what_is_sent_at_each_change_is_small():
    """The websocket carries addresses, never tables."""
    shelf = Shelf()
    tables = Tables(**{name: shelf.put(name.encode()) for name in Tables.__slots__})
    pins = tuple(Pin(f"T-{k}", 121.5, 29.8, str(k)) for k in range(6))
    data = MapSpec(View(121.5, 29.8, 12), LIGHT, tables, pins=pins).as_data("map", "60vh")
    assert len(json.dumps(data)) < 4_000


def test_a_view_of_a_box_shows_all_of_it():
    """Home means the whole district, on the screen it is shown on."""
    view = View.of(121.4, 29.7, 121.7, 29.95, width=800, height=600)
    degrees_across = 360 * 800 / (512 * 2**view.zoom)
    assert 0.3 <= degrees_across <= 0.6
    assert (view.lon, view.lat) == (pytest.approx(121.55), pytest.approx(29.825))


@pytest.mark.parametrize("height", ["640px", "60vh", "100%", "calc(100vh - 130px)"])
def test_a_css_height_is_taken(height: str):
    """Pixels, a share of the window, or the window less what stands above."""
    assert HEIGHT.fullmatch(height)


@pytest.mark.parametrize("height", ["", "640", "1px;background:url(x)", "calc(1px);x", "auto"])
def test_what_is_no_height_is_refused(height: str):
    """It goes into a style attribute."""
    assert HEIGHT.fullmatch(height) is None


def test_labels_say_when_they_are_shown():
    """Names of lanes would cover a whole town."""
    table = read(layers.labels_table([Label("巷", 121.5, 29.8, Kind.STREET, from_zoom=15.5, angle=-30)]))
    assert table["from_zoom"].tolist() == [15.5]
    assert table["angle"].tolist() == [-30]


def test_a_bank_is_no_border_between_towns():
    """A river through the middle of a town would otherwise look like two borders."""
    west, east = shapely.box(121.50, 29.87, 121.52, 29.89), shapely.box(121.521, 29.87, 121.54, 29.89)
    towns = gpd.GeoSeries([west, east], crs="EPSG:4326")
    river = gpd.GeoSeries([shapely.box(121.52, 29.87, 121.521, 29.89)], crs="EPSG:4326")
    with_banks, without = (read(layers.borders_table(towns, water)) for water in (None, river))
    assert len(with_banks["xy"]) > len(without["xy"]) > 0


def test_what_is_put_for_good_outlives_everything_else():
    """A dispatcher who opens the screen in the evening needs the ground that was packed in the morning."""
    shelf = Shelf(limit_bytes=100)
    ground = shelf.put(b"g" * 80, for_good=True)
    for number in range(50):
        shelf.put(bytes([number]) * 60)
    blob = shelf.get(ground.rsplit("/", 1)[1])
    assert blob is not None
    assert blob.raw == b"g" * 80
