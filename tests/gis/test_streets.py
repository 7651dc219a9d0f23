"""Streets: read from every kind of file, refused when unreadable, kept exactly, open to whom they should be."""

import bz2
import dataclasses
import gzip
import math
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import osmium
import osmnx as ox
import pytest
import requests
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.crs import great_circle_m
from gis.roadclasses import CAR_KMH, ROAD_CLASSES, closed_to_the_public
from gis.schemas import BadInput
from gis.streets import Profile, Streets, download_streets, read_streets
from tests.real import real_file

# A small town: a main road 1-2-3 (2 is a mere bend), a one-way lane 3-4, a lane 4-1, an alley 1-9, a footpath 4-5-6
# that runs off the extract, and things that are no streets.
TOWN = """<?xml version="1.0" encoding="UTF-8"?>
<osm version="0.6" generator="a tired clerk">
  <node id="1" lat="29.8700000" lon="121.5500000"/>
  <node id="2" lat="29.8705000" lon="121.5520000"/>
  <node id="3" lat="29.8700000" lon="121.5540000"/>
  <node id="4" lat="29.8750000" lon="121.5540000"/>
  <node id="5" lat="29.8750000" lon="121.5560000"/>
  <node id="6" lat="29.8760000" lon="121.5570000"/>
  <node id="7" lat="29.8600000" lon="121.5400000"/>
  <node id="8" lat="29.8600000" lon="121.5410000"/>
  <node id="9" lat="29.8690000" lon="121.5500000"/>
  <way id="11"><nd ref="1"/><nd ref="2"/><nd ref="3"/>
    <tag k="highway" v="primary"/><tag k="name" v="中山路"/></way>
  <way id="12"><nd ref="3"/><nd ref="4"/>
    <tag k="highway" v="residential"/><tag k="oneway" v="yes"/><tag k="maxspeed" v="25"/></way>
  <way id="13"><nd ref="4"/><nd ref="1"/><tag k="highway" v="residential"/></way>
  <way id="18"><nd ref="1"/><nd ref="9"/><tag k="highway" v="living_street"/></way>
  <way id="14"><nd ref="4"/><nd ref="5"/><tag k="highway" v="footway"/></way>
  <way id="15"><nd ref="5"/><nd ref="6"/><nd ref="99"/><tag k="highway" v="footway"/></way>
  <way id="16"><nd ref="7"/><nd ref="8"/><nd ref="7"/><tag k="building" v="yes"/></way>
  <way id="17"><nd ref="1"/><nd ref="7"/><tag k="highway" v="construction"/></way>
</osm>
"""


def written(path: Path, text: str = TOWN) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def edges(streets: Streets) -> set[tuple[object, ...]]:
    """The network without its numbering."""
    ends = np.column_stack(
        [streets.lon[streets.tail], streets.lat[streets.tail], streets.lon[streets.head], streets.lat[streets.head]]
    )
    return {
        (*end, ROAD_CLASSES[road], name, allowed, round(length, 6), round(float(kmh), 3))
        for end, road, name, allowed, length, kmh in zip(
            ends.tolist(),
            streets.road.tolist(),
            streets.name,
            streets.allowed.tolist(),
            streets.length_m.tolist(),
            streets.speed_kmh,
            strict=True,
        )
    }


def lines(*drawn: list[tuple[float, float]], **columns: object) -> gpd.GeoDataFrame:
    shapes = [shapely.LineString(points) for points in drawn]
    return gpd.GeoDataFrame({"road": "residential", **columns}, index=range(len(drawn)), geometry=shapes, crs=4326)


def same(one: Streets, other: Streets) -> bool:
    return all(np.array_equal(getattr(one, f.name), getattr(other, f.name)) for f in dataclasses.fields(Streets))


def test_a_street_runs_from_junction_to_junction(tmp_path):
    """A bend is no junction; searches over bends would take several times as long for the same answer."""
    streets = read_streets(written(tmp_path / "town.osm"))
    main = [i for i, name in enumerate(streets.name) if name == "中山路"]
    assert len(main) == 2
    by_hand = great_circle_m([121.55, 121.552], [29.87, 29.8705], [121.552, 121.554], [29.8705, 29.87]).sum()
    np.testing.assert_allclose(streets.length_m[main], by_hand, rtol=1e-6)
    assert (121.552, 29.8705) not in set(zip(streets.lon, streets.lat, strict=True))


def test_a_one_way_lane_is_one_way_for_wheels_and_not_for_feet(tmp_path):
    """Walkers go both ways; a patrol on foot must not be sent round the block."""
    streets = read_streets(written(tmp_path / "town.osm"))
    lane = {
        (streets.lat[streets.tail[i]] < streets.lat[streets.head[i]]): int(streets.allowed[i])
        for i in range(len(streets.tail))
        if {float(streets.lat[streets.tail[i]]), float(streets.lat[streets.head[i]])} == {29.87, 29.875}
        and streets.lon[streets.tail[i]] == streets.lon[streets.head[i]]
    }
    assert lane == {True: 7, False: Profile.FOOT.bit}


def test_riders_may_go_against_a_lane_that_says_so(tmp_path):
    """oneway:bicycle=no is common on Chinese side streets."""
    text = TOWN.replace('<tag k="maxspeed" v="25"/>', '<tag k="oneway:bicycle" v="no"/>')
    streets = read_streets(written(tmp_path / "town.osm", text))
    assert Profile.EBIKE.bit | Profile.FOOT.bit in set(streets.allowed.tolist())


def test_cars_keep_off_footpaths_and_walkers_off_motorways(tmp_path):
    """The tables must hold for what the file says and for what it leaves out."""
    text = TOWN.replace('<tag k="highway" v="primary"/>', '<tag k="highway" v="motorway"/>')
    streets = read_streets(written(tmp_path / "town.osm", text))
    footway, motorway = (streets.road == ROAD_CLASSES.index(name) for name in ("footway", "motorway"))
    assert footway.any()
    assert not streets.open_to(Profile.CAR)[footway].any()
    assert not streets.open_to(Profile.FOOT)[motorway].any()
    assert not streets.open_to(Profile.EBIKE)[motorway].any()


def test_the_posted_speed_counts_where_there_is_one(tmp_path):
    """And junctions still take their share of it."""
    streets = read_streets(written(tmp_path / "town.osm"))
    posted = streets.speed_kmh[np.isclose(streets.speed_kmh, 25 * 0.67)]
    assert len(posted) == 2
    main = streets.road == ROAD_CLASSES.index("primary")
    np.testing.assert_allclose(streets.speed_kmh[main], 60 * 0.67)
    np.testing.assert_allclose(streets.seconds(Profile.CAR)[main], streets.length_m[main] * 3.6 / (60 * 0.67))


def test_time_on_a_street_of_two_speeds_is_the_sum(tmp_path):
    """Joining 20 km/h and 40 km/h to a street of 30 would lose a tenth of the time."""
    half = TOWN.replace('<nd ref="1"/><nd ref="2"/><nd ref="3"/>', '<nd ref="1"/><nd ref="2"/>').replace(
        '<way id="12">',
        '<way id="19"><nd ref="2"/><nd ref="3"/><tag k="highway" v="primary"/><tag k="maxspeed" v="20"/></way>'
        '<way id="12">',
    )
    streets = read_streets(written(tmp_path / "town.osm", half))
    main = streets.road == ROAD_CLASSES.index("primary")
    first, second = great_circle_m([121.55, 121.552], [29.87, 29.8705], [121.552, 121.554], [29.8705, 29.87])
    expected = first * 3.6 / (60 * 0.67) + second * 3.6 / (20 * 0.67)
    np.testing.assert_allclose(streets.seconds(Profile.CAR)[main], expected, rtol=1e-6)


def test_every_kind_of_file_gives_the_same_network(tmp_path):
    """People bring what their download gave them."""
    plain = written(tmp_path / "town.osm", TOWN.replace('<nd ref="99"/>', ""))
    (tmp_path / "town.osm.gz").write_bytes(gzip.compress(plain.read_bytes()))
    (tmp_path / "town.osm.bz2").write_bytes(bz2.compress(plain.read_bytes()))
    with osmium.SimpleWriter(str(tmp_path / "town.osm.pbf")) as writer:
        for thing in osmium.FileProcessor(str(plain)):
            writer.add(thing)
    # OSMnx takes any way for a street, so it gets the streets alone.
    streets_only = TOWN.replace('<nd ref="99"/>', "").replace("building", "highway").replace("construction", "proposed")
    ox.save_graphml(ox.graph_from_xml(written(tmp_path / "all.osm", streets_only)), tmp_path / "town.graphml")
    expected = edges(read_streets(plain))
    assert len(expected) == 10
    for name in ("town.osm.gz", "town.osm.bz2", "town.osm.pbf", "town.graphml"):
        assert edges(read_streets(tmp_path / name)) == expected, name


def test_a_way_cut_at_the_border_keeps_its_inner_part(tmp_path):
    """Extracts name nodes they do not hold; that must cost the last stretch, not the file."""
    streets = read_streets(written(tmp_path / "town.osm"))
    assert 29.876 in streets.lat


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("empty.osm", b"", "0 bytes"),
        ("cut.osm", TOWN[: len(TOWN) // 2].encode(), "unreadable"),
        ("cut.osm.gz", gzip.compress(TOWN.encode())[:200], "unreadable"),
        ("cut.osm.bz2", bz2.compress(TOWN.encode())[:200], "unreadable"),
        ("not.osm.pbf", TOWN.encode(), "unreadable"),
        ("not.graphml", b"<osm/>", "unreadable"),
        ("cut.graphml", b"<graphml><graph", "unreadable"),
        ("table.csv", b"id,lon,lat\n", "ending .csv"),
        ("noending", b"?", "ending (none)"),
        ("far.osm", TOWN.replace('lat="29', 'lat="229').encode(), "far.osm"),
        ("bomb.osm", b'<!DOCTYPE x [<!ENTITY a "aaa">]><osm version="0.6">&a;</osm>', "unreadable"),
        ("nothing.osm", b'<?xml version="1.0"?><osm version="0.6"></osm>', "no street"),
        ("houses.osm", TOWN.replace("highway", "building").encode(), "no street"),
    ],
)
def test_a_file_that_cannot_be_read_says_so_and_what_to_try(tmp_path, name, content, told):
    """The person who sees this has a download to repeat, not a stack trace to read."""
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(BadInput, match=r"expected .+\. .+") as refused:
        read_streets(path)
    assert told in str(refused.value)
    assert name in str(refused.value)


def test_a_missing_file_is_named():
    """Most often the path is mistyped."""
    with pytest.raises(BadInput, match="no such file"):
        read_streets("nowhere.osm")


def test_reading_leaves_osmnx_and_the_folder_as_they_were(tmp_path, monkeypatch):
    """A library's settings belong to whoever set them, and nobody asked for a cache."""
    monkeypatch.chdir(tmp_path)
    before = {key: value for key, value in vars(ox.settings).items() if not key.startswith("__")}
    path = written(tmp_path / "town.osm")
    read_streets(path)
    assert {key: value for key, value in vars(ox.settings).items() if not key.startswith("__")} == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (requests.exceptions.ConnectionError("unreachable"), "Connect the machine"),
        (TypeError("no polygon"), "boundary"),
    ],
)
def test_a_download_that_fails_says_why(monkeypatch, error, told):
    """Most machines of a town stand behind a wall."""

    def refuse(*args: object, **options: object) -> None:
        raise error

    monkeypatch.setattr(ox, "graph_from_place", refuse)
    with pytest.raises(BadInput, match=told):
        download_streets("海曙区, 宁波市, 中国")


def test_a_download_becomes_the_same_streets_as_its_file(tmp_path, monkeypatch):
    """One reading of tags for both."""
    path = written(tmp_path / "town.osm", TOWN.replace('<nd ref="99"/>', ""))

    def answer(*args: object, **options: object) -> nx.MultiDiGraph:
        graph = ox.graph_from_xml(path, simplify=False, retain_all=True)
        graph.remove_edges_from([edge for edge in graph.edges(keys=True) if "highway" not in graph.edges[edge]])
        return graph

    monkeypatch.setattr(ox, "graph_from_place", answer)
    assert edges(download_streets("anywhere")) == edges(read_streets(path))


def test_lines_that_end_within_a_centimetre_of_each_other_meet():
    """Drawn by hand or computed, ends never agree to the last digit."""
    streets = Streets.from_lines(
        lines([(121.5, 29.8), (121.501, 29.8)], [(121.50100006, 29.80000004), (121.501, 29.801)], oneway=[True, False])
    )
    assert len(streets.lon) == 3
    assert streets.open_to(Profile.CAR).tolist() == [True, False, True, True]
    assert streets.lines()["oneway"].tolist() == [True, False]


def test_lines_without_a_known_crs_class_or_speed_are_refused():
    """A network in metres taken for degrees would put every street in the sea."""
    good = lines([(121.5, 29.8), (121.501, 29.8)])
    with pytest.raises(BadInput, match="no CRS"):
        Streets.from_lines(good.set_crs(None, allow_override=True))
    with pytest.raises(BadInput, match="EPSG:4326"):
        Streets.from_lines(good.to_crs(4549))
    with pytest.raises(BadInput, match="'boulevard'"):
        Streets.from_lines(good.assign(road="boulevard"))
    with pytest.raises(BadInput, match="speed_kmh"):
        Streets.from_lines(good.assign(speed_kmh=0.0))
    with pytest.raises(BadInput, match="row 2, column oneway: found 'no'"):
        Streets.from_lines(good.assign(oneway="no"))
    with pytest.raises(BadInput, match="row 3, column geometry"):
        Streets.from_lines(lines([(121.5, 29.8), (121.501, 29.8)], [(121.5, 200.0), (121.501, 29.8)]))
    with pytest.raises(BadInput, match="no line"):
        Streets.from_lines(good.iloc[:0])


def test_lines_taken_out_and_put_back_are_the_same_network():
    """Tiling, clipping and drawing go through lines; nothing may get lost there."""
    town = lines(
        [(121.5, 29.8), (121.501, 29.8005), (121.502, 29.8)],
        [(121.502, 29.8), (121.502, 29.802)],
        [(121.502, 29.802), (121.5, 29.8)],
        oneway=[False, True, False],
        name=["东街", "", "南街"],
        speed_kmh=[math.nan, 17.0, math.nan],
    )
    streets = Streets.from_lines(town)
    assert same(Streets.from_lines(streets.lines()), streets)
    assert streets.lines()["name"].tolist() == ["东街", "", "南街"]
    assert streets.speed_kmh.tolist()[2] == 17.0
    np.testing.assert_allclose(streets.speed_kmh[0], CAR_KMH[ROAD_CLASSES.index("residential")])


# To five decimals: a line shorter than a centimetre is none.
places = st.tuples(st.integers(0, 30_000), st.integers(0, 30_000)).map(
    lambda p: (121.4 + p[0] / 1e5, 29.7 + p[1] / 1e5)
)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(places, min_size=2, max_size=5, unique=True), min_size=1, max_size=8))
def test_a_saved_network_comes_back_equal(tmp_path_factory, drawn):
    """Travel times must not move by an hour's rest on disk."""
    streets = Streets.from_lines(lines(*drawn))
    path = tmp_path_factory.mktemp("saved") / "streets.npz"
    streets.save(path)
    assert same(Streets.load(path), streets)
    assert [found.name for found in path.parent.iterdir()] == ["streets.npz"]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(places, min_size=2, max_size=5, unique=True), min_size=1, max_size=8))
def test_both_directions_of_a_street_are_the_same_street(drawn):
    """Equal length, opposite ends, mirrored geometry; and geometry starts and ends at its nodes."""
    streets = Streets.from_lines(lines(*drawn))
    there, back = slice(0, None, 2), slice(1, None, 2)
    assert np.array_equal(streets.tail[there], streets.head[back])
    assert np.array_equal(streets.length_m[there], streets.length_m[back])
    shapes = streets.shapes(np.arange(len(streets.tail)))
    for one, other in zip(shapes[there], shapes[back], strict=True):
        assert np.array_equal(shapely.get_coordinates(one), shapely.get_coordinates(other)[::-1])
    assert np.array_equal(streets.shape_lon[streets.shape_start[:-1]], streets.lon[streets.tail])
    assert np.array_equal(streets.shape_lat[streets.shape_start[1:] - 1], streets.lat[streets.head])


def test_a_damaged_saved_network_is_refused(tmp_path):
    """A copy cut short must not load as a smaller town."""
    path = tmp_path / "streets.npz"
    Streets.from_lines(lines([(121.5, 29.8), (121.501, 29.8)])).save(path)
    for damaged in (b"", path.read_bytes()[:300], b"not a network"):
        path.write_bytes(damaged)
        with pytest.raises(BadInput, match="saved by GridBeat"):
            Streets.load(path)


def test_the_connected_part_leaves_no_way_in_without_a_way_out():
    """A team sent down a one-way stub at the edge of the map could never come home."""
    town = lines(
        [(121.5, 29.8), (121.501, 29.8)],
        [(121.501, 29.8), (121.501, 29.801)],
        [(121.501, 29.801), (121.5, 29.8)],
        [(121.501, 29.801), (121.51, 29.81)],
        oneway=True,
    )
    streets = Streets.from_lines(town)
    cars = streets.connected(Profile.CAR)
    assert (len(cars.lon), len(cars.tail)) == (3, 3)
    assert len(streets.connected(Profile.FOOT).lon) == 4


def test_the_outline_is_an_area_even_of_one_straight_street():
    """Builders buffer and cut it."""
    assert Streets.from_lines(lines([(121.5, 29.8), (121.501, 29.8)])).outline_hull().area > 0


def test_the_most_special_tag_tells_whether_a_way_is_closed():
    """access=no with motor_vehicle=yes is a bus lane opened to cars, not a closed road."""
    assert closed_to_the_public({"access": "no"})
    assert not closed_to_the_public({"access": "no", "motor_vehicle": "yes"})
    assert closed_to_the_public({"access": "yes", "motorcar": "private"})


def test_shanghai_has_the_size_its_readme_states(shanghai):
    """3,827 nodes and 8,970 edges for cars, 3,686 of the nodes mutually reachable."""
    assert len(shanghai.lon) == 3_827
    assert shanghai.open_to(Profile.CAR).sum() == 8_970
    assert len(shanghai.connected(Profile.CAR).lon) == 3_686
    assert "西藏南路" in shanghai.name
    assert 5 < shanghai.speed_kmh.min() < shanghai.speed_kmh.max() < 100


def test_shanghai_comes_back_from_disk_equal_and_small(shanghai, tmp_path):
    """Places are stored with their streets; the repository stays light."""
    shanghai.save(tmp_path / "streets.npz")
    assert same(Streets.load(tmp_path / "streets.npz"), shanghai)
    assert (tmp_path / "streets.npz").stat().st_size < 400_000


def test_boston_reads_with_its_miles_an_hour():
    """25 mph on 620 ways; taken for km/h every trip would last half as long again."""
    boston = read_streets(real_file("boston_central.osm.gz"))
    assert len(boston.lon) == 583
    assert len(boston.connected(Profile.CAR).lon) == 488
    assert np.isclose(boston.speed_kmh, 25 * 1.609344 * 0.67, atol=0.01).sum() > 100
