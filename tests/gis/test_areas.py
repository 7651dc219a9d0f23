"""Codes and what lies in what."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
from shapely import box

from gis.areas import Areas, Level, UnknownArea, community_of, level_of, parent_code, town_of
from gis.schemas import BadInput
from tests.real import real_file

HAISHU = pd.DataFrame(
    {
        "code": ["330203005003", "330203", "330203005", "330203006"],
        "name": ["天一社区", "海曙区", "江厦街道", "南门街道"],
    }
)


def test_levels_follow_from_the_number_of_digits():
    """6, 9 and 12 digits by the National Bureau of Statistics."""
    assert [level_of(code) for code in ("330203", "330203005", "330203005003")] == list(Level)
    for code in ("3302", "33020300", "33020300A", "３３０２０３", ""):
        with pytest.raises(ValueError, match="no area code"):
            level_of(code)


def test_a_cell_knows_its_community_and_town():
    """The code of a cell begins with where it lies."""
    cell = "330203005003017"
    assert (community_of(cell), town_of(cell)) == ("330203005003", "330203005")
    assert town_of("330203005") == "330203005"
    with pytest.raises(ValueError, match="longer code"):
        town_of("330203")


def test_areas_are_looked_up_by_code():
    """Without shapes too: rule books need names long before anybody draws a border."""
    areas = Areas(HAISHU)
    assert areas.name("330203005") == "江厦街道"
    assert areas.parent("330203005003") == "330203005"
    assert areas.parent("330203") == ""
    assert areas.children("330203") == ("330203005", "330203006")
    assert areas.children("330203006") == ()
    assert (areas.districts, areas.towns, areas.communities) == (
        ("330203",), ("330203005", "330203006"), ("330203005003",),
    )  # fmt: skip
    assert "330203005" in areas
    assert len(areas) == 4
    assert areas.frame["level"].tolist() == ["district", "town", "community", "town"]


def test_shapes_stay_with_their_areas():
    """The map draws what the table names."""
    shapes = gpd.GeoDataFrame(HAISHU, geometry=[box(0, 0, 1, 1)] * 4, crs="EPSG:4326")
    towns = Areas(shapes).of_level(Level.TOWN)
    assert isinstance(towns, gpd.GeoDataFrame)
    assert towns["name"].tolist() == ["江厦街道", "南门街道"]


def test_an_unknown_code_is_an_error_that_shows_it():
    """A typing slip must not become an empty name."""
    areas = Areas(HAISHU)
    for question in (areas.name, areas.parent, areas.children):
        with pytest.raises(UnknownArea, match="330299"):
            question("330299")


def test_a_town_without_its_district_is_refused():
    """Otherwise its officers would belong to nobody."""
    with pytest.raises(BadInput, match="row 3, column code: found 330299001 without its 330299"):
        Areas(pd.DataFrame({"code": ["330203", "330299001"], "name": ["海曙区", "某街道"]}))


def test_codes_spoilt_by_a_spreadsheet_are_refused():
    """Rounded, shortened, repeated and blank codes all end in the wrong town."""
    for code in ("3.30203E+11", "33020", "330203", ""):
        with pytest.raises(BadInput, match="row 3, column code"):
            Areas(pd.DataFrame({"code": ["330203", code], "name": ["海曙区", "x"]}))


def test_whole_numbers_are_read_as_codes():
    """A table read without care holds integers; nothing is lost in them."""
    assert Areas(pd.DataFrame({"code": [330203, 330203005], "name": ["a", "b"]})).towns == ("330203005",)
    assert Areas(pd.DataFrame({"code": [330203.0, 330203005.0], "name": ["a", "b"]})).towns == ("330203005",)


def test_a_parent_or_level_that_contradicts_the_code_is_refused():
    """One of the two is wrong and we cannot know which."""
    with pytest.raises(BadInput, match="column parent: found '330206'"):
        Areas(HAISHU.assign(parent=["330203005", "", "330206", "330203"]))
    with pytest.raises(BadInput, match="column level: found 'village'"):
        Areas(HAISHU.assign(level=["village", "district", "town", "town"]))


def test_every_real_community_of_the_five_places_has_its_town():
    """12,202 communities, 1,086 towns and 42 districts of the reference places fit together."""
    tables = [
        pd.read_csv(real_file(name), dtype=str)[["code", "name"]]
        for name in (
            "cn_districts_reference_places.csv", "cn_towns_reference_places.csv",
            "cn_villages_reference_places.csv.gz",
        )
    ]  # fmt: skip
    areas = Areas(pd.concat(tables, ignore_index=True))
    assert (len(areas.districts), len(areas.towns), len(areas.communities)) == (42, 1086, 12202)
    assert len([code for code in areas.towns if parent_code(code) == "330203"]) == 17
