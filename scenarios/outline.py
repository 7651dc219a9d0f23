"""The outline of a place, refused when the known positions of its towns say that it is drawn in another datum."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import shapely

from gis.crs import Datum, to_wgs84
from gis.mapfiles import read_shapes
from gis.schemas import BadInput, Fault
from scenarios.placefile import PlaceFile, Town

OUTLINE = "outline.geojson"


def read_outline(place: PlaceFile, source: Path) -> Any:
    """The outline in WGS84 degrees.

    Raises
    ------
    BadInput
        When it cannot be read, or a town's seat of place.toml lies outside it; with the line of the town and, when the
        outline would hold every seat were it read as GCJ-02 or BD-09, that datum.
    """
    shape = read_shapes(source / OUTLINE, Datum.WGS84).geometry.union_all()
    outside = _outside(place.town, shape)
    if not outside:
        return shape
    where = f"inside {OUTLINE}, which reaches from {_corner(shape, 0)} to {_corner(shape, 2)}"
    faults = [Fault("place.toml", _line(source, town), "town.lon", _said(town), where) for town in outside]
    raise BadInput(*faults, advice=_advice(place.town, shape))


def _outside(towns: tuple[Town, ...], shape: Any) -> list[Town]:
    inside = shapely.contains_xy(shape, [town.lon for town in towns], [town.lat for town in towns])
    return [town for town, within in zip(towns, np.atleast_1d(inside), strict=True) if not within]


def _advice(towns: tuple[Town, ...], shape: Any) -> str:
    for datum in (Datum.GCJ02, Datum.BD09):
        moved = shapely.transform(shape, lambda xy, old=datum: np.column_stack(to_wgs84(xy[:, 0], xy[:, 1], old)))
        if not _outside(towns, moved):
            return f"Read as {datum.value} the outline holds every town: convert it to WGS84."
    return "Look at the order of lon and lat and at the position of these towns."


def _corner(shape: Any, first: int) -> str:
    return ", ".join(f"{degrees:.3f}" for degrees in shape.bounds[first : first + 2])


def _line(source: Path, town: Town) -> int | None:
    lines = (source / "place.toml").read_text(encoding="utf-8").splitlines()
    return next((number for number, line in enumerate(lines, start=1) if f'"{town.code}"' in line), None)


def _said(town: Town) -> str:
    return f"{town.code} at {town.lon}, {town.lat}"
