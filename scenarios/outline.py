"""The outline of a place, refused when known positions say that it is drawn in another datum or another order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from gis.crs import EARTH_RADIUS_M, Datum, to_wgs84
from gis.mapfiles import read_shapes
from gis.schemas import BadInput, Fault
from scenarios.placefile import PlaceFile

OUTLINE = "outline.geojson"
DEGREE_M = np.pi / 180.0 * EARTH_RADIUS_M
NEAR_M = 200.0
"""A mark lies so near the border; the datums of Chinese maps differ by 400 m and more."""


@dataclass(frozen=True, slots=True)
class Known:
    """A named position in WGS84 degrees: within the outline, or near its border where it is a mark of it.

    ``row`` is where it stands in its file, for messages.
    """

    name: str
    lon: float
    lat: float
    row: int | None
    of_border: bool = False


def read_outline(place: PlaceFile, source: Path) -> Any:
    """The outline in WGS84 degrees.

    Raises
    ------
    BadInput
        When it cannot be read, a town's seat of place.toml lies outside it or a mark away from its border; with the
        line of each and, when all would fit were the outline read as GCJ-02 or BD-09, that datum.
    """
    shape = read_shapes(source / OUTLINE, Datum.WGS84).geometry.union_all()
    written = source / "place.toml"  # a district of a city is described by tables and has none
    lines = written.read_text(encoding="utf-8").splitlines() if written.is_file() else ()
    seats = [Known(town.code, town.lon, town.lat, _line(lines, town.code)) for town in place.town]
    marks = [Known(mark.name, mark.lon, mark.lat, _line(lines, mark.name), of_border=True) for mark in place.mark]
    refuse_misfits(shape, [*seats, *marks], "place.toml", OUTLINE)
    return shape


def refuse_misfits(
    shape: Any, known: Sequence[Known], file: str, outline: str, mend: str = "convert it to WGS84"
) -> None:
    """Hold the outline ``shape`` (WGS84 degrees) of the file ``outline`` against the positions known from ``file``.

    Parameters
    ----------
    mend
        What to do when it would fit in another datum, which stands for ``{datum}``.

    Raises
    ------
    BadInput
        As `read_outline`.
    """
    misfits = _misfits(known, shape)
    if not misfits:
        return
    marks = f"; marks within {NEAR_M:.0f} m of it" if any(one.of_border for one in known) else ""
    expected = f"within {outline}, from {_corner(shape, 0)} to {_corner(shape, 2)}{marks}"
    faults = [
        Fault(file, one.row, "lon", f"{one.name} at {round(one.lon, 6)}, {round(one.lat, 6)}", expected)
        for one in misfits
    ]
    raise BadInput(*faults, advice=_advice(known, shape, mend))


def _misfits(known: Sequence[Known], shape: Any) -> list[Known]:
    """Seats outside the shape and marks away from its border."""
    border = shapely.boundary(shape)
    within = [one for one in known if not one.of_border]
    inside = shapely.contains_xy(shape, [one.lon for one in within], [one.lat for one in within])
    outside = [one for one, is_in in zip(within, inside, strict=True) if not is_in]
    return outside + [one for one in known if one.of_border and _metres_between(border, one) > NEAR_M]


def _metres_between(border: Any, mark: Known) -> float:
    """About; on a plane that is true at the mark."""
    scale = np.array([np.cos(np.radians(mark.lat)), 1.0]) * DEGREE_M
    here = shapely.Point(np.array([mark.lon, mark.lat]) * scale)
    return float(shapely.distance(shapely.transform(border, lambda xy: xy * scale), here))


def _advice(known: Sequence[Known], shape: Any, mend: str) -> str:
    for datum in (Datum.GCJ02, Datum.BD09):
        if not _misfits(known, _read_as(datum, shape)):
            return f"Read as {datum.value} the outline fits all of them: {mend.format(datum=datum.value)}."
    return "Look at the order of lon and lat, and at the positions of these names."


def _read_as(datum: Datum, shape: Any) -> Any:
    return shapely.transform(shape, lambda xy: np.column_stack(to_wgs84(xy[:, 0], xy[:, 1], datum)))


def _corner(shape: Any, first: int) -> str:
    return ", ".join(f"{degrees:.3f}" for degrees in shape.bounds[first : first + 2])


def _line(lines: Sequence[str], name: str) -> int | None:
    return next((number for number, line in enumerate(lines, start=1) if f'"{name}"' in line), None)
