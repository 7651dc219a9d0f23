"""The outline of a place, refused when known positions say that it is drawn in another datum or another order."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import shapely

from gis.crs import EARTH_RADIUS_M, Datum, to_wgs84
from gis.mapfiles import read_shapes
from gis.schemas import BadInput, Fault
from scenarios.placefile import Mark, PlaceFile, Town

OUTLINE = "outline.geojson"
DEGREE_M = np.pi / 180.0 * EARTH_RADIUS_M
NEAR_M = 200.0
"""A mark lies so near the border; the datums of Chinese maps differ by 400 m and more."""


def read_outline(place: PlaceFile, source: Path) -> Any:
    """The outline in WGS84 degrees.

    Raises
    ------
    BadInput
        When it cannot be read, a town's seat of place.toml lies outside it or a mark away from its border; with the
        line of each and, when all would fit were the outline read as GCJ-02 or BD-09, that datum.
    """
    shape = read_shapes(source / OUTLINE, Datum.WGS84).geometry.union_all()
    misfits = _misfits(place, shape)
    if not misfits:
        return shape
    expected = f"within {OUTLINE}, from {_corner(shape, 0)} to {_corner(shape, 2)}; marks within {NEAR_M:.0f} m of it"
    faults = [
        Fault("place.toml", _line(source, one), "lon", f"{_name(one)} at {one.lon}, {one.lat}", expected)
        for one in misfits
    ]
    raise BadInput(*faults, advice=_advice(place, shape))


def _misfits(place: PlaceFile, shape: Any) -> list[Town | Mark]:
    """Towns outside the shape and marks away from its border."""
    misfits: list[Town | Mark] = []
    if place.town:
        inside = shapely.contains_xy(shape, [town.lon for town in place.town], [town.lat for town in place.town])
        misfits += [town for town, within in zip(place.town, inside, strict=True) if not within]
    border = shapely.boundary(shape)
    return misfits + [mark for mark in place.mark if _metres_between(border, mark) > NEAR_M]


def _metres_between(border: Any, mark: Mark) -> float:
    """About; on a plane that is true at the mark."""
    scale = np.array([np.cos(np.radians(mark.lat)), 1.0]) * DEGREE_M
    here = shapely.Point(np.array([mark.lon, mark.lat]) * scale)
    return float(shapely.distance(shapely.transform(border, lambda xy: xy * scale), here))


def _advice(place: PlaceFile, shape: Any) -> str:
    for datum in (Datum.GCJ02, Datum.BD09):
        if not _misfits(place, _read_as(datum, shape)):
            return f"Read as {datum.value} the outline fits all of them: convert it to WGS84."
    return "Look at the order of lon and lat, and at the positions of these names."


def _read_as(datum: Datum, shape: Any) -> Any:
    return shapely.transform(shape, lambda xy: np.column_stack(to_wgs84(xy[:, 0], xy[:, 1], datum)))


def _corner(shape: Any, first: int) -> str:
    return ", ".join(f"{degrees:.3f}" for degrees in shape.bounds[first : first + 2])


def _name(one: Town | Mark) -> str:
    return one.code if isinstance(one, Town) else one.name


def _line(source: Path, one: Town | Mark) -> int | None:
    lines = (source / "place.toml").read_text(encoding="utf-8").splitlines()
    return next((number for number, line in enumerate(lines, start=1) if f'"{_name(one)}"' in line), None)
