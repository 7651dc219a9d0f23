"""Which coordinates are these? Every pair carries its datum, and what is unlabelled is refused.

Inside GridBeat all coordinates are WGS84 longitude and latitude in degrees. Chinese map services publish GCJ-02 (AMap,
Tencent) and BD-09 (Baidu), displaced by some 500 m, five grid cells; files from surveyors are in CGCS2000.

CGCS2000 is treated as WGS84: the two frames differ by centimetres, far below the 0.5 m that the best accuracy class of
urban management data asks for.

References
----------
GCJ-02 has no published definition. The offsets below are the ones in general use, with the ellipsoid of Krasovsky 1940.
Outside the rectangle in which they are applied (72.004 to 137.8347 E, 0.8293 to 55.8271 N) both are the identity.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Final

import geopandas as gpd
import numpy as np
import pyproj
from numpy.typing import ArrayLike, NDArray

from gis.schemas import BadInput, Fault, shorten

Degrees = NDArray[np.float64]
Move = Callable[[Degrees, Degrees], tuple[Degrees, Degrees]]

WGS84: Final = "EPSG:4326"
EARTH_RADIUS_M: Final = 6_371_008.8

CHINA_WEST, CHINA_EAST, CHINA_SOUTH, CHINA_NORTH = 72.004, 137.8347, 0.8293, 55.8271

KRASOVSKY_A_M: Final = 6_378_245.0
KRASOVSKY_E2: Final = 0.006_693_421_622_965_943
BAIDU_WAVE: Final = np.pi * 3000.0 / 180.0

# A step of the inverse leaves under 0.5 % of the error for GCJ-02 and 2 % for BD-09; both start some 1,000 m off.
GCJ02_STEPS: Final = 4
BD09_STEPS: Final = 7


class Datum(StrEnum):
    """What a pair of longitude and latitude is measured against."""

    WGS84 = "wgs84"
    CGCS2000 = "cgcs2000"
    GCJ02 = "gcj02"
    BD09 = "bd09"


class WrongCRS(ValueError):  # noqa: N818 - read in messages
    """A frame in a coordinate reference system that the step cannot use, or in none."""


def parse_datum(text: str | None, file: str = "") -> Datum:
    """The datum a label names; capitals, spaces and hyphens do not matter.

    Raises
    ------
    BadInput
        When the label is missing or unknown. There is no default: a wrong guess is 500 m.

    Examples
    --------
    >>> parse_datum("GCJ-02")
    <Datum.GCJ02: 'gcj02'>
    """
    label = "".join(letter for letter in (text or "").lower() if letter.isalnum())
    if label in set(Datum):
        return Datum(label)
    found = shorten(text) if label else "no datum"
    raise BadInput(
        Fault(file or "datum", None, None, found, f"one of {', '.join(Datum)}"),
        advice="AMap and Tencent deliver gcj02, Baidu bd09, GPS and OpenStreetMap wgs84, Chinese surveyors cgcs2000.",
    )


def to_wgs84(lon: ArrayLike, lat: ArrayLike, datum: Datum) -> tuple[Degrees, Degrees]:
    """WGS84 coordinates of points that are given in ``datum``, exact to 1 mm.

    Parameters
    ----------
    lon, lat
        Degrees, scalars or arrays that broadcast against each other; empty arrays give empty arrays.

    Returns
    -------
    tuple of arrays
        Longitude and latitude, float64, of the common shape.

    Raises
    ------
    ValueError
        When a coordinate is NaN or outside ±180, ±90.

    Examples
    --------
    >>> lon, lat = to_wgs84(121.5541583, 29.8714173, Datum.GCJ02)
    >>> print(f"{lon:.5f} {lat:.5f}")
    121.55000 29.87400
    """
    lon, lat = _checked(lon, lat)
    match Datum(datum):
        case Datum.GCJ02:
            return _restored(_gcj02_to_wgs84, lon, lat)
        case Datum.BD09:
            return _restored(_bd09_to_wgs84, lon, lat)
        case _:
            return lon, lat


def from_wgs84(lon: ArrayLike, lat: ArrayLike, datum: Datum) -> tuple[Degrees, Degrees]:
    """The reverse of `to_wgs84`, with the same shapes, units and errors.

    Examples
    --------
    >>> lon, lat = from_wgs84(121.55, 29.874, Datum.BD09)
    >>> print(f"{lon:.7f} {lat:.7f}")
    121.5605644 29.8777629
    """
    lon, lat = _checked(lon, lat)
    match Datum(datum):
        case Datum.GCJ02:
            return _displaced(_wgs84_to_gcj02, lon, lat)
        case Datum.BD09:
            return _displaced(lambda x, y: _gcj02_to_bd09(*_wgs84_to_gcj02(x, y)), lon, lat)
        case _:
            return lon, lat


def metric_crs(lon: float, lat: float) -> pyproj.CRS:
    """A projection in metres for the surroundings of a place.

    In China the CGCS2000 3-degree Gauss-Kruger zone whose meridian is nearest (a place halfway gets the western one),
    elsewhere the UTM zone of WGS84. Lengths are true to 0.03 % in the first, 0.1 % in the second.

    Examples
    --------
    >>> metric_crs(121.5, 29.87).to_epsg(), metric_crs(-71.06, 42.35).to_epsg()
    (4549, 32619)
    """
    x, y = (float(value) for value in _checked(lon, lat))
    if 73.5 <= x <= 135.1 and 3.4 <= y <= 53.6:  # CGCS2000 is defined for China, its seas included
        zone = int(np.ceil((x - 1.5) / 3.0))
        return pyproj.CRS.from_epsg(4534 + zone - 25)
    zone = min(int((x + 180.0) // 6.0) + 1, 60)
    return pyproj.CRS.from_epsg((32600 if y >= 0 else 32700) + zone)


def to_metric(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """``frame`` in metres: in the `metric_crs` of its middle, or as it is when it is in metres already.

    Raises
    ------
    WrongCRS
        When the frame has no CRS, or has no shape from which to tell where on earth it lies.
    """
    if frame.crs is None:
        raise WrongCRS("the frame has no CRS, so its numbers may be degrees or metres; set it with frame.set_crs(…).")
    if frame.crs.is_projected and frame.crs.axis_info[0].unit_name == "metre":
        return frame
    bounds = frame.geometry.to_crs(WGS84).total_bounds
    if not np.isfinite(bounds).all():
        raise WrongCRS("the frame has no shapes, so it lies nowhere; use frame.to_crs(…) with the CRS that is wanted.")
    west, south, east, north = bounds
    return frame.to_crs(metric_crs((west + east) / 2.0, (south + north) / 2.0))


def great_circle_m(lon1: ArrayLike, lat1: ArrayLike, lon2: ArrayLike, lat2: ArrayLike) -> NDArray[np.float64]:
    """Metres between points in degrees on a sphere of 6,371,008.8 m, by the haversine formula; NaN stays NaN.

    Examples
    --------
    >>> float(great_circle_m(121.0, 30.0, 121.0, 31.0).round())
    111195.0
    """
    x1, y1, x2, y2 = (np.radians(np.asarray(value, dtype=np.float64)) for value in (lon1, lat1, lon2, lat2))
    square = np.sin((y2 - y1) / 2.0) ** 2 + np.cos(y1) * np.cos(y2) * np.sin((x2 - x1) / 2.0) ** 2
    return np.asarray(2.0 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.minimum(square, 1.0))))


def _checked(lon: ArrayLike, lat: ArrayLike) -> tuple[Degrees, Degrees]:
    x, y = np.broadcast_arrays(np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64))
    for name, values, limit in (("longitude", x, 180.0), ("latitude", y, 90.0)):
        wrong = ~(np.abs(values) <= limit)
        if wrong.any():
            at = int(np.argmax(wrong))
            raise ValueError(
                f"{name} number {at} is {values.flat[at]}; a {name} lies between -{limit:.0f} and {limit:.0f} degrees."
            )
    return x.copy(), y.copy()


def _in_china(lon: Degrees, lat: Degrees, margin: float = 0.0) -> NDArray[np.bool_]:
    across = (lon >= CHINA_WEST - margin) & (lon <= CHINA_EAST + margin)
    along = (lat >= CHINA_SOUTH - margin) & (lat <= CHINA_NORTH + margin)
    return np.asarray(across & along)


def _displaced(displace: Move, lon: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    """Move the points inside the rectangle, leave the others."""
    inside = _in_china(lon, lat)
    lon[inside], lat[inside] = displace(lon[inside], lat[inside])
    return lon, lat


def _restored(restore: Move, lon: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    """Undo `_displaced`: a point was moved if the place it came from lies inside the rectangle."""
    near = np.flatnonzero(_in_china(lon, lat, margin=0.1))
    x, y = restore(lon.flat[near], lat.flat[near])
    inside = _in_china(x, y)
    lon.flat[near[inside]], lat.flat[near[inside]] = x[inside], y[inside]
    return lon, lat


def _wgs84_to_gcj02(lon: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    east_m, north_m = _gcj02_offset_m(lon, lat)
    phi = np.radians(lat)
    w2 = 1.0 - KRASOVSKY_E2 * np.sin(phi) ** 2
    metres_north = KRASOVSKY_A_M * (1.0 - KRASOVSKY_E2) / (w2 * np.sqrt(w2)) * np.pi / 180.0
    metres_east = KRASOVSKY_A_M / np.sqrt(w2) * np.cos(phi) * np.pi / 180.0
    return lon + east_m / metres_east, lat + north_m / metres_north


def _gcj02_offset_m(lon: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    x, y = lon - 105.0, lat - 35.0
    root = np.sqrt(np.abs(x))
    wave = 20.0 * np.sin(6.0 * np.pi * x) + 20.0 * np.sin(2.0 * np.pi * x)
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north += (wave + 20.0 * np.sin(np.pi * y) + 40.0 * np.sin(np.pi * y / 3.0)) * 2.0 / 3.0
    north += (160.0 * np.sin(np.pi * y / 12.0) + 320.0 * np.sin(np.pi * y / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east += (wave + 20.0 * np.sin(np.pi * x) + 40.0 * np.sin(np.pi * x / 3.0)) * 2.0 / 3.0
    east += (150.0 * np.sin(np.pi * x / 12.0) + 300.0 * np.sin(np.pi * x / 30.0)) * 2.0 / 3.0
    return east, north


def _gcj02_to_bd09(lon: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    length = np.hypot(lon, lat) + 0.00002 * np.sin(lat * BAIDU_WAVE)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * BAIDU_WAVE)
    return length * np.cos(angle) + 0.0065, length * np.sin(angle) + 0.006


def _gcj02_to_wgs84(lon: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    return _inverse(_wgs84_to_gcj02, lon, lat, GCJ02_STEPS)


def _bd09_to_wgs84(lon: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    return _gcj02_to_wgs84(*_inverse(_gcj02_to_bd09, lon, lat, BD09_STEPS))


def _inverse(displace: Move, lon: Degrees, lat: Degrees, steps: int) -> tuple[Degrees, Degrees]:
    """The points that ``displace`` moves to ``lon, lat``: subtract the displacement found at the last guess."""
    x, y = lon, lat
    for _ in range(steps):
        moved_x, moved_y = displace(x, y)
        x, y = x - (moved_x - lon), y - (moved_y - lat)
    return x, y
