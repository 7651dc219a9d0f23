"""Names of places in what people write, and the point they mean."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.areas import Areas
from gis.crs import great_circle_m
from gis.gazetteer import Gazetteer, Precision
from gis.locate import CellLocator
from tests.towns import nine_cells


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    place = nine_cells()
    return Gazetteer(place.areas, place.cells, place.streets)


def test_a_community_is_found_by_its_name_and_by_what_people_call_it(gazetteer):
    """Nobody says "东风社区居民委员会" on the telephone."""
    place, locator = nine_cells(), CellLocator(nine_cells().cells)
    for words in ("东风社区门口有摊贩", "在东风那边"):
        spot = gazetteer.find(words)[0]
        assert spot.precision is Precision.COMMUNITY
        row = int(locator.locate([spot.lon], [spot.lat])[0])
        assert place.areas.name(place.cells["community"].iloc[row]) == "东风社区"


def test_two_streets_mean_the_place_where_they_meet(gazetteer):
    """A crossing is the most exact thing a caller can say."""
    streets = nine_cells().streets
    names = sorted({name for name in streets.name if name})
    meeting = [spot for spot in gazetteer.find("和".join(names)) if spot.precision is Precision.CROSSING]
    assert meeting
    for spot in meeting:
        for name in spot.names:
            edges = [i for i, each in enumerate(streets.name) if each == name]
            points = [p for e in edges for p in range(streets.shape_start[e], streets.shape_start[e + 1])]
            away = great_circle_m(streets.shape_lon[points], streets.shape_lat[points], spot.lon, spot.lat)
            assert away.min() <= 60


@pytest.mark.parametrize("words", ["大东风路上有人占道", "浦东风景区有人占道", "东风中路和人民路口", "沪东风机厂门口"])
def test_a_piece_of_a_longer_name_is_no_place(gazetteer, words):
    """A place in another city must not become one of ours because two of its characters are."""
    assert not [spot for spot in gazetteer.find(words) if spot.precision is Precision.COMMUNITY]


def test_words_without_a_place_find_none(gazetteer):
    """Better to ask than to send somebody anywhere."""
    assert gazetteer.find("隔壁装修太吵了") == ()


def test_of_two_communities_with_one_name_the_named_town_decides():
    """Haishu has a 高桥 in two towns; the first by code is not more likely than the other."""
    place = nine_cells()
    frame = place.areas.frame
    communities = frame[frame["level"] == "community"]["code"]
    frame.loc[frame["code"].isin(communities), "name"] = "东风社区"
    areas = Areas(frame)
    twins = Gazetteer(areas, place.cells, place.streets)
    assert len(twins.find("东风社区有人占道")) == len(communities)
    for town in areas.towns:
        spots = [
            spot for spot in twins.find(f"{areas.name(town)}东风社区有人占道") if spot.precision is Precision.COMMUNITY
        ]
        rows = CellLocator(place.cells).locate([spot.lon for spot in spots], [spot.lat for spot in spots])
        assert {place.cells["town"].iloc[int(row)] for row in rows} == {town}


@settings(max_examples=80, deadline=None)
@given(st.text(max_size=60))
def test_whatever_is_written_is_read_or_left(gazetteer, words):
    """A pasted letter must never stop the desk."""
    order = [list(Precision).index(spot.precision) for spot in gazetteer.find(words)]
    assert order == sorted(order)
