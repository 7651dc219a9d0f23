"""What a file must hold, and how a bad one is refused."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, MultiPolygon, Polygon, box

from gis.schemas import BadInput, Fault, as_text, check_cells, check_points, shorten


def points(*rows: tuple[object, object, object]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=["id", "lon", "lat"])


def cells(*shapes: object, codes: list[object] | None = None, crs: str | None = "EPSG:4326") -> gpd.GeoDataFrame:
    names = [f"c{at}" for at in range(len(shapes))] if codes is None else codes
    return gpd.GeoDataFrame({"code": names}, geometry=list(shapes), crs=crs)


def test_a_message_says_where_what_and_what_to_do():
    """One line a tired person can act on."""
    error = BadInput(Fault("p.csv", 3, "lat", "'x'", "a number"), advice="Correct the row.")
    assert str(error) == "p.csv, row 3, column lat: found 'x', expected a number. Correct the row."


def test_a_long_list_of_faults_is_counted_not_printed():
    """A million broken rows must not scroll the first one away."""
    error = BadInput(*(Fault("p.csv", row, "lat", "nothing", "a number") for row in range(2, 12)))
    assert "row 6" in str(error)
    assert "row 7" not in str(error)
    assert "and 5 more" in str(error)
    assert len(error.faults) == 10


def test_hostile_text_is_shown_short_and_on_one_line():
    """10,000 characters or line breaks in a cell must not flood a terminal."""
    assert len(shorten("x" * 10_000)) <= 62
    assert "\n" not in shorten("a\nb")


def test_good_points_come_out_typed_and_in_order():
    """Ids stay text with their zeros, other columns stay as they are."""
    checked = check_points(points(("007", "121.5", "29.8"), ("b", 121, 29)).assign(note=["x", ""]), "p.csv")
    assert checked["id"].tolist() == ["007", "b"]
    assert checked["lon"].tolist() == [121.5, 121.0]
    assert checked["lat"].dtype == np.float64
    assert checked["note"].tolist() == ["x", ""]
    assert len(check_points(points(), "p.csv")) == 0


@settings(deadline=None, max_examples=60)
@given(st.floats(-180.0, 180.0), st.floats(-90.0, 90.0))
def test_coordinates_survive_as_text_to_the_last_bit(lon, lat):
    """A point on a border must stay on it through a file."""
    checked = check_points(points(("a", repr(lon), repr(lat))), "p.csv")
    assert (checked["lon"][0], checked["lat"][0]) == (lon, lat)


@pytest.mark.parametrize(
    ("value", "shown"),
    [("nan", "'nan'"), ("", "nothing"), ("  ", "nothing"), ("x", "'x'"), ("inf", "'inf'"),
     (np.nan, "'nan'"), ("=cmd|' /C calc'!A0", "=cmd"), ("<script>", "'<script>'")],
)  # fmt: skip
def test_what_is_no_number_is_named_with_row_and_column(value, shown):
    """The user has to find the field again among a million."""
    with pytest.raises(BadInput) as caught:
        check_points(points(("a", 121.0, 29.0), ("b", 121.0, value)), "p.csv")
    [fault] = caught.value.faults
    assert (fault.row, fault.column) == (3, "lat")
    assert shown in fault.found


def test_every_bad_field_is_reported_at_once():
    """Nobody wants to run an import ten times to find ten mistakes."""
    with pytest.raises(BadInput) as caught:
        check_points(points(("a", "x", "29"), ("b", "121", ""), ("c", "", "y")), "p.csv")
    assert sorted((fault.row, fault.column) for fault in caught.value.faults) == [
        (2, "lon"), (3, "lat"), (4, "lat"), (4, "lon"),
    ]  # fmt: skip


def test_swapped_columns_are_recognised():
    """The commonest mistake of all deserves its own advice."""
    with pytest.raises(BadInput, match="lon and lat look swapped"):
        check_points(points(("a", 29.8, 121.5), ("b", 29.9, 121.6)), "p.csv")


def test_a_latitude_of_200_is_not_called_a_swap():
    """200 fits neither column."""
    with pytest.raises(BadInput, match="column lat: found 200, expected degrees between -90 and 90") as caught:
        check_points(points(("a", 29.8, 200)), "p.csv")
    assert "swapped" not in str(caught.value)


def test_metres_are_not_taken_for_degrees():
    """Gauss-Kruger coordinates have six and seven digits."""
    with pytest.raises(BadInput, match="metres have to be converted"):
        check_points(points(("a", 548_000.0, 3_300_000.0)), "p.csv")


def test_an_id_stands_once():
    """An incident counted twice is sent twice."""
    with pytest.raises(BadInput, match="row 4, column id: found 'a' again, first in row 2"):
        check_points(points(("a", 1, 1), ("b", 1, 1), ("a", 1, 1)), "p.csv")
    with pytest.raises(BadInput, match="row 3, column id: found nothing"):
        check_points(points(("a", 1, 1), (" ", 1, 1)), "p.csv")


def test_a_missing_column_is_answered_with_those_that_are_there():
    """'lng' instead of 'lon' is seen at once that way."""
    with pytest.raises(BadInput, match="found columns 'id', 'lng', 'lat', expected a column 'lon'"):
        check_points(points(("a", 1, 1)).rename(columns={"lon": "lng"}), "p.csv")


def test_rows_count_as_in_the_users_file():
    """Blank rows that were skipped still count, or the user looks in the wrong one."""
    frame = points(("a", 1, 1), ("b", 1, "x"))
    frame.index = pd.Index([2, 9], name="row")
    with pytest.raises(BadInput, match="row 9, column lat"):
        check_points(frame, "p.csv")


def test_codes_keep_their_digits():
    """15 digits fit a float, but not its usual way of printing."""
    assert as_text(pd.Series([330203005003017.0, np.nan, 1.5])).tolist() == ["330203005003017", "", "1.5"]
    assert as_text(pd.Series(["007", None], dtype=object)).tolist() == ["007", ""]
    assert as_text(pd.Series([330203005003017])).tolist() == ["330203005003017"]


def test_good_cells_come_out_numbered_with_codes_as_text():
    """Holes and parts are allowed."""
    holed = Polygon([(0, 0), (9, 0), (9, 9), (0, 9)], [[(1, 1), (2, 1), (2, 2)]])
    checked = check_cells(cells(holed, MultiPolygon([box(10, 0, 11, 1), box(12, 0, 13, 1)]), codes=[1, 2]), "c.gpkg")
    assert checked["code"].tolist() == ["1", "2"]
    assert checked.index.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("shape", "why"),
    [
        (Polygon([(0, 0), (1, 1), (1, 0), (0, 1)]), r"Self-intersection\[0.5 0.5\]"),
        (LineString([(0, 0), (1, 1)]), "a LineString"),
        (Polygon(), "no shape"),
        (None, "no shape"),
        (Polygon([(0, 0), (1, np.nan), (1, 0)]), "Invalid Coordinate"),
    ],
)
def test_a_spoilt_cell_is_named_with_row_code_and_reason(shape, why):
    """A self-crossing cell has no inside; answering anyway would send teams astray."""
    with pytest.raises(BadInput, match=f"c.gpkg, row 3, column geometry: found cell 'c1': {why}"):
        check_cells(cells(box(0, 0, 1, 1), shape), "c.gpkg")


def test_cells_need_a_crs_and_codes_that_stand_once():
    """Numbers without a CRS are not places; a code must lead to one cell."""
    with pytest.raises(BadInput, match="no coordinate reference system"):
        check_cells(cells(box(0, 0, 1, 1), crs=None), "c.gpkg")
    with pytest.raises(BadInput, match="row 3, column code: found 'a' again"):
        check_cells(cells(box(0, 0, 1, 1), box(1, 0, 2, 1), codes=["a", "a"]), "c.gpkg")
    with pytest.raises(BadInput, match="row 3, column code: found nothing"):
        check_cells(cells(box(0, 0, 1, 1), box(1, 0, 2, 1), codes=["a", None]), "c.gpkg")
    with pytest.raises(BadInput, match="found columns 'id', 'geometry', expected a column 'code'"):
        check_cells(cells(box(0, 0, 1, 1)).rename(columns={"code": "id"}), "c.gpkg")
