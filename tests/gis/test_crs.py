"""Datums, projections, distances."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box

from gis.crs import Datum, WrongCRS, from_wgs84, great_circle_m, metric_crs, parse_datum, to_metric, to_wgs84
from gis.schemas import BadInput

IN_CHINA = (st.floats(73.0, 135.0), st.floats(3.0, 54.0))
ANYWHERE = (st.floats(-180.0, 180.0), st.floats(-90.0, 90.0))


@pytest.mark.parametrize(
    ("wgs84", "datum", "displaced"),
    [
        ((121.55, 29.874), Datum.GCJ02, (121.5541583, 29.8714173)),
        ((121.55, 29.874), Datum.BD09, (121.5605644, 29.8777629)),
        ((106.569, 29.553), Datum.GCJ02, (106.5726935, 29.5501192)),
    ],
)
def test_known_points_in_ningbo_and_chongqing(wgs84, datum, displaced):
    """Figures from outside this code; a slip in one coefficient shows here."""
    np.testing.assert_allclose(from_wgs84(*wgs84, datum), displaced, atol=5e-8)
    np.testing.assert_allclose(to_wgs84(*displaced, datum), wgs84, atol=5e-8)


@settings(deadline=None, max_examples=60)
@given(*IN_CHINA, st.sampled_from(Datum))
def test_there_and_back_is_within_a_millimetre(lon, lat, datum):
    """An export read in again must not creep."""
    back = to_wgs84(*from_wgs84(lon, lat, datum), datum)
    assert great_circle_m(lon, lat, *back) < 0.001
    forth = from_wgs84(*to_wgs84(lon, lat, datum), datum)
    assert great_circle_m(lon, lat, *forth) < 0.001


@settings(deadline=None, max_examples=60)
@given(st.floats(98.0, 123.0), st.floats(21.0, 45.0), st.sampled_from([Datum.GCJ02, Datum.BD09]))
def test_a_forgotten_conversion_is_no_matter_of_rounding(lon, lat, datum):
    """Half of China moves by 430 metres and more, a few places by 18; so unlabelled coordinates are refused."""
    assert 15.0 < great_circle_m(lon, lat, *from_wgs84(lon, lat, datum)) < 3000.0


@settings(deadline=None, max_examples=60)
@given(st.floats(-180.0, 71.0) | st.floats(139.0, 180.0), st.floats(-90.0, 90.0), st.sampled_from(Datum))
def test_outside_china_nothing_moves(lon, lat, datum):
    """Boston's tickets carry no Chinese offset."""
    assert tuple(map(float, from_wgs84(lon, lat, datum))) == (lon, lat)
    assert tuple(map(float, to_wgs84(lon, lat, datum))) == (lon, lat)


def test_arrays_keep_their_shape_and_the_input_its_values():
    """Conversion runs on whole columns, empty ones too."""
    lon, lat = np.array([[121.0, -71.0]]), np.array([[29.0, 42.0]])
    x, y = from_wgs84(lon, lat, Datum.GCJ02)
    assert x.shape == y.shape == (1, 2)
    assert x.dtype == np.float64
    assert lon[0, 0] == 121.0
    assert to_wgs84([], [], Datum.BD09)[0].shape == (0,)


@pytest.mark.parametrize(("lon", "lat"), [(121.0, 200.0), (np.nan, 29.0), (190.0, 29.0), (121.0, np.inf)])
def test_impossible_coordinates_are_named(lon, lat):
    """Nonsense must not come out as other nonsense."""
    with pytest.raises(ValueError, match="number 1 is"):
        to_wgs84([120.0, lon], [30.0, lat], Datum.GCJ02)


def test_labels_are_read_generously_but_never_guessed():
    """People write GCJ-02; nobody gets a default."""
    assert parse_datum(" GCJ-02 ") is Datum.GCJ02
    assert parse_datum("WGS 84") is Datum.WGS84
    for label in (None, "", "mars"):
        with pytest.raises(BadInput, match="expected one of wgs84, cgcs2000, gcj02, bd09"):
            parse_datum(label, file="tickets.csv")


@pytest.mark.parametrize(
    ("lon", "lat", "epsg"),
    [(121.5, 29.9, 4549), (121.6, 29.9, 4550), (122.1, 37.5, 4550), (106.5, 29.5, 4544), (-71.06, 42.35, 32619),
     (151.2, -33.9, 32756), (180.0, 60.0, 32660)],
)  # fmt: skip
def test_each_place_is_measured_in_its_own_zone(lon, lat, epsg):
    """Ningbo, Weihai and Chongqing in CGCS2000, Boston and Sydney in UTM."""
    assert metric_crs(lon, lat).to_epsg() == epsg


@settings(deadline=None, max_examples=60)
@given(st.floats(75.0, 135.0), st.floats(5.0, 53.0))
def test_a_hectare_is_a_hectare_anywhere_in_china(lon, lat):
    """Cells are judged by their area."""
    side_lat = 100.0 / great_circle_m(lon, lat - 0.5, lon, lat + 0.5)
    side_lon = 100.0 / great_circle_m(lon - 0.5, lat, lon + 0.5, lat)
    place = gpd.GeoDataFrame(geometry=[box(lon, lat, lon + side_lon, lat + side_lat)], crs="EPSG:4326")
    assert to_metric(place).area[0] == pytest.approx(10_000.0, rel=0.01)  # the sphere itself is off by up to 0.7 %


def test_metres_stay_metres_and_nothing_is_guessed():
    """A frame that is in metres already is not projected twice; one without CRS not at all."""
    place = gpd.GeoDataFrame(geometry=[box(121.3, 29.8, 121.4, 29.9)], crs="EPSG:4326")
    metric = to_metric(place)
    assert to_metric(metric) is metric
    with pytest.raises(WrongCRS, match="set_crs"):
        to_metric(place.set_crs(None, allow_override=True))
    with pytest.raises(WrongCRS, match="lies nowhere"):
        to_metric(place.iloc[:0])


@settings(deadline=None, max_examples=60)
@given(*ANYWHERE, *ANYWHERE)
def test_distance_is_symmetric_and_at_most_half_the_globe(lon1, lat1, lon2, lat2):
    """A quarter turn along the equator is a quarter of its length, and no way is longer than half."""
    there, back = great_circle_m(lon1, lat1, lon2, lat2), great_circle_m(lon2, lat2, lon1, lat1)
    assert there == pytest.approx(float(back))
    assert 0.0 <= there <= np.pi * 6_371_008.8 + 1e-6
    assert great_circle_m(0.0, 0.0, 90.0, 0.0) == pytest.approx(np.pi / 2 * 6_371_008.8)
