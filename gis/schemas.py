"""What a file must hold before the rest of GridBeat trusts it, and how a bad one is refused."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

IN_A_MESSAGE = 5
"""How many faults a message shows; it counts the rest."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with one place of an input.

    ``row`` counts as the user's editor does: 1 is the header of a table, 2 its first record; None when the
    fault concerns the whole file.
    """

    file: str
    row: int | None
    column: str | None
    found: str
    expected: str

    def __str__(self) -> str:
        where = [self.file]
        if self.row is not None:
            where.append(f"row {self.row}")
        if self.column is not None:
            where.append(f"column {self.column}")
        return f"{', '.join(where)}: found {self.found}, expected {self.expected}"


class BadInput(ValueError):  # noqa: N818 - read in messages
    """Input that cannot be used: what came in, what was expected, what to do.

    Parameters
    ----------
    *faults
        At least one; the message shows the first five and counts the rest.
    advice
        One sentence that says what to try.
    """

    def __init__(self, *faults: Fault, advice: str = "") -> None:
        self.faults = faults
        shown = "; ".join(str(fault) for fault in faults[:IN_A_MESSAGE])
        more = f"; and {len(faults) - IN_A_MESSAGE} more" if len(faults) > IN_A_MESSAGE else ""
        super().__init__(f"{shown}{more}.{' ' + advice if advice else ''}")


def shorten(value: object, limit: int = 60) -> str:
    """``value`` as it can stand in a message: quoted, on one line, at most ``limit`` characters."""
    text = " ".join(str(value).split())
    return repr(text if len(text) <= limit else text[: limit - 1] + "…")


def check_columns(frame: pd.DataFrame, wanted: Sequence[str], file: str) -> None:
    """Refuse a table that lacks one of the ``wanted`` columns; the message lists those that are there."""
    missing = [name for name in wanted if name not in frame.columns]
    if missing:
        found = "columns " + ", ".join(shorten(name) for name in frame.columns) if len(frame.columns) else "no columns"
        raise BadInput(
            *(Fault(file, 1, name, found, f"a column {name!r}") for name in missing),
            advice="Column names are written in small letters, exactly as expected.",
        )


def check_points(frame: pd.DataFrame, file: str) -> pd.DataFrame:
    """A table of points as the rest of GridBeat trusts it.

    Parameters
    ----------
    frame
        Columns ``id, lon, lat`` and any others, as text (from `gis.mapfiles.read_table`) or as numbers. An index called
        ``row`` holds the row in the user's file; otherwise the first record counts as row 2.
    file
        What to call the input in messages.

    Returns
    -------
    DataFrame
        The same rows in the same order, numbered from 0: ``id`` text, ``lon`` and ``lat`` float64 in degrees, the
        other columns untouched. No rows in, no rows out.

    Raises
    ------
    BadInput
        A column is missing; an id is blank or repeated; a coordinate is blank, no number, NaN, or outside ±180, ±90.
    """
    check_columns(frame, ("id", "lon", "lat"), file)
    rows = _rows_of(frame)
    ids = check_ids(frame["id"], file)
    lon, faults_lon = _numbers(frame["lon"], rows, file)
    lat, faults_lat = _numbers(frame["lat"], rows, file)
    faults = [*faults_lon, *faults_lat]
    if faults:
        raise BadInput(*faults, advice="Every point needs both coordinates in degrees; remove or complete these rows.")
    _refuse_beyond(lon, lat, rows, file)
    return frame.assign(id=ids.to_numpy(), lon=lon, lat=lat).reset_index(drop=True)


def check_ids(ids: pd.Series[Any], file: str) -> pd.Series[Any]:
    """``ids`` as text, each standing once and none blank.

    Raises
    ------
    BadInput
        Names the rows at fault, and for a repeated id the row in which it stood first.
    """
    rows = _rows_of(ids.to_frame())
    column = str(ids.name)
    text = as_text(ids)
    blank = (text.str.strip() == "").to_numpy()
    if blank.any():
        raise BadInput(*(Fault(file, int(row), column, "nothing", "one in every row") for row in rows[blank]))
    again = text.duplicated().to_numpy()
    if again.any():
        first = dict(zip(text[::-1], rows[::-1].tolist(), strict=True))
        raise BadInput(
            *(
                Fault(file, int(row), column, f"{shorten(value)} again, first in row {first[value]}", "each value once")
                for row, value in zip(rows[again], text[again], strict=True)
            ),
            advice="Remove or rename the repeated rows.",
        )
    return text


def as_text(column: pd.Series[Any]) -> pd.Series[Any]:
    """Codes and ids as text: whole numbers without a decimal point, what is missing as ''."""
    if pd.api.types.is_float_dtype(column):
        return column.map(
            lambda value: "" if math.isnan(value) else f"{value:.0f}" if value.is_integer() else str(value)
        )
    return column.map(lambda value: "" if value is None or value is pd.NA or value != value else str(value))


def check_cells(cells: gpd.GeoDataFrame, file: str) -> gpd.GeoDataFrame:
    """Cells as the rest of GridBeat trusts them.

    Parameters
    ----------
    cells
        Polygons or multipolygons, holes allowed, with a ``code`` column and a CRS.
    file
        What to call the input in messages.

    Returns
    -------
    GeoDataFrame
        The same rows in the same order and CRS, numbered from 0, ``code`` as text.

    Raises
    ------
    BadInput
        No CRS; no ``code`` column; a code blank or repeated; a shape that is missing, empty, not a polygon, not finite,
        or crosses itself.
    """
    check_columns(cells, ("code",), file)
    if cells.crs is None:
        raise no_crs(file)
    codes = check_ids(cells["code"], file)
    rows = _rows_of(cells)
    faults = [
        Fault(file, int(rows[at]), "geometry", f"cell {shorten(codes.iloc[at])}: {why}", "a valid polygon")
        for at, why in _wrong_shapes(cells.geometry.to_numpy())
    ]
    if faults:
        raise BadInput(*faults, advice="Repair these cells in the program that drew them, e.g. QGIS, Fix geometries.")
    return cells.assign(code=codes.to_numpy()).reset_index(drop=True)


def no_crs(file: str) -> BadInput:
    """The refusal of shapes of which nobody says what their numbers are."""
    return BadInput(
        Fault(file, None, None, "no coordinate reference system", "a file that says which one its numbers are in"),
        advice="Set it in the program that wrote the file, or name the datum if the numbers are degrees.",
    )


def _wrong_shapes(shapes: NDArray[np.object_]) -> list[tuple[int, str]]:
    missing = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    areal = np.isin(shapely.get_type_id(shapes), (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON))
    invalid = ~missing & areal & ~shapely.is_valid(shapes)
    wrong = [(int(at), "no shape") for at in np.flatnonzero(missing)]
    wrong += [(int(at), f"a {shapes[at].geom_type}") for at in np.flatnonzero(~missing & ~areal)]
    wrong += [(int(at), shapely.is_valid_reason(shapes[at])) for at in np.flatnonzero(invalid)]
    return sorted(wrong)


def _rows_of(frame: pd.DataFrame) -> NDArray[np.int64]:
    """The row of each record in the user's file."""
    if frame.index.name == "row":
        return np.asarray(frame.index, dtype=np.int64)
    return np.arange(2, len(frame) + 2, dtype=np.int64)


def _numbers(column: pd.Series[Any], rows: NDArray[np.int64], file: str) -> tuple[NDArray[np.float64], list[Fault]]:
    """The column as float64 and what stands in it that is no finite number."""
    try:
        values = np.array([float(value) for value in column], dtype=np.float64)
    except (TypeError, ValueError):
        values = np.array([_number(value) for value in column], dtype=np.float64)
    faults = [
        Fault(file, int(rows[at]), str(column.name), _shown(column.iloc[at]), "a number of degrees")
        for at in np.flatnonzero(~np.isfinite(values))
    ]
    return values, faults


def _number(value: object) -> float:
    try:
        return float(str(value))
    except ValueError:
        return math.nan


def _shown(value: object) -> str:
    return shorten(value) if str(value).strip() else "nothing"


def _refuse_beyond(lon: NDArray[np.float64], lat: NDArray[np.float64], rows: NDArray[np.int64], file: str) -> None:
    beyond = (np.abs(lon) > 180.0) | (np.abs(lat) > 90.0)
    if not beyond.any():
        return
    faults = []
    for at in np.flatnonzero(beyond):
        column, value, limit = ("lat", lat[at], 90) if abs(lat[at]) > 90.0 else ("lon", lon[at], 180)
        faults.append(Fault(file, int(rows[at]), column, f"{value:g}", f"degrees between -{limit} and {limit}"))
    swapped = (np.abs(lat[beyond]) <= 180.0) & (np.abs(lon[beyond]) <= 90.0)
    if swapped.all():
        advice = "The columns lon and lat look swapped: exchange their names in the header."
    else:
        advice = "Coordinates must be longitude and latitude in degrees; metres have to be converted first."
    raise BadInput(*faults, advice=advice)
