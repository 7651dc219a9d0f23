"""Map files and tables in and out: GeoPackage, GeoJSON, GeoParquet, CSV.

What is read is checked here, once. What is written appears whole or not at all.
"""

from __future__ import annotations

import csv
import gzip
import os
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import zip_longest
from pathlib import Path
from typing import IO

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pyproj
import shapely
from numpy.typing import NDArray

from gis.crs import WGS84, Datum, to_wgs84
from gis.schemas import BadInput, Fault, check_cells, check_points, no_crs, shorten

FORMATS = (".gpkg", ".geojson", ".parquet")


def read_shapes(path: str | Path, datum: Datum | None = None) -> gpd.GeoDataFrame:
    """The shapes of a map file with their columns, in EPSG:4326.

    Parameters
    ----------
    path
        A .gpkg, .geojson or .parquet file. GeoJSON that names no CRS is WGS84 (RFC 7946, section 4); the other two have
        to name theirs.
    datum
        What the degrees in the file are measured against, where its label is missing or says less than the user knows:
        a GeoJSON file drawn on an AMap map is in GCJ-02 whatever it says.

    Raises
    ------
    BadInput
        The file is absent, empty, cut short, of another kind, without CRS, or holds no shapes; degrees are out of
        range; ``datum`` is given for a file in metres.
    """
    shapes = _read(Path(path), datum)
    return shapes if shapes.crs == WGS84 else shapes.to_crs(WGS84)


def read_cells(path: str | Path, datum: Datum | None = None) -> gpd.GeoDataFrame:
    """Checked cells in the CRS of their file, so that `gis.locate.CellLocator` sees the borders exactly as drawn.

    Parameters and errors are those of `read_shapes` and `gis.schemas.check_cells`.
    """
    return check_cells(_read(Path(path), datum), Path(path).name)


def write_shapes(frame: gpd.GeoDataFrame, path: str | Path) -> None:
    """Write ``frame`` as .gpkg, .geojson or .parquet; the file appears whole or not at all.

    GeoJSON is written in WGS84 with all digits. The same frame gives the same bytes.

    Raises
    ------
    ValueError
        When the frame has no CRS or the ending is another.
    """
    path = Path(path)
    if frame.crs is None:
        raise ValueError(f"{path.name}: the frame has no CRS; set it with frame.set_crs(…) before writing.")
    if path.suffix not in FORMATS:
        raise ValueError(f"{path.name}: shapes are written as {', '.join(FORMATS)}.")
    with replacing(path) as target:
        if path.suffix == ".parquet":
            frame.to_parquet(target)
        elif path.suffix == ".geojson":
            frame.to_crs(WGS84).to_file(target, driver="GeoJSON")
        else:
            _write_geopackage(frame, target, layer=path.stem)


def read_points(path: str | Path, datum: Datum) -> pd.DataFrame:
    """Points of a CSV file ``id,lon,lat``, moved to WGS84.

    Returns
    -------
    DataFrame
        In the order of the file: ``id`` (text), ``lon``, ``lat`` (float64, WGS84), then the other columns as text.

    Raises
    ------
    BadInput
        As `read_table` and `gis.schemas.check_points`.
    """
    points = check_points(read_table(path), Path(path).name)
    lon, lat = to_wgs84(points["lon"].to_numpy(), points["lat"].to_numpy(), datum)
    return points.assign(lon=lon, lat=lat)


def read_table(path: str | Path) -> pd.DataFrame:
    """A CSV file (.csv or .csv.gz) as text: UTF-8 with or without BOM, comma, header row.

    Returns
    -------
    DataFrame
        All columns as text, blank where the file is blank. The index, called ``row``, counts as the user's editor
        does: 2 is the first record. Rows without any text are left out.

    Raises
    ------
    BadInput
        The file is absent, empty, not UTF-8 or cut short; a column name stands twice; a row has more or fewer fields
        than the header.
    """
    path = Path(path)
    _refuse_absent(path)
    try:
        with _opened(path) as stream:
            records = list(csv.reader(stream, strict=True))
    except UnicodeDecodeError as error:
        raise BadInput(
            Fault(path.name, None, None, f"bytes that are not UTF-8 near byte {error.start}", "UTF-8 text"),
            advice="Save the table as 'CSV UTF-8'; Chinese Excel writes GBK otherwise.",
        ) from error
    except (csv.Error, EOFError, OSError, zlib.error) as error:
        raise _broken(path, error) from error
    return _as_frame(records, path.name)


def write_table(frame: pd.DataFrame, path: str | Path) -> None:
    """Write ``frame`` without its index as CSV in UTF-8 (.csv or .csv.gz); the file appears whole or not at all."""
    path = Path(path)
    with replacing(path) as target:
        if path.suffix == ".gz":
            # Without a time of writing in the header the same table gives the same bytes.
            frame.to_csv(target, index=False, lineterminator="\n", compression={"method": "gzip", "mtime": 1})
        else:
            frame.to_csv(target, index=False, lineterminator="\n")


@contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """A temporary path beside ``path`` that takes its place when the block ends well, and vanishes when it does not.

    Raises
    ------
    BadInput
        When the folder of ``path`` does not exist.
    """
    path = Path(path)
    if not path.parent.is_dir():
        raise BadInput(
            Fault(path.name, None, None, f"no folder {shorten(path.parent)}", "an existing folder to write into"),
            advice="Create the folder first.",
        )
    # In its own folder: GDAL and SQLite leave journals beside a file that they could not finish.
    with tempfile.TemporaryDirectory(prefix=".writing-", dir=path.parent) as folder:
        temporary = Path(folder) / path.name
        yield temporary
        os.replace(temporary, path)


@contextmanager
def beginning(path: str | Path) -> Iterator[Path]:
    """As `replacing`, for a file whose name must be new: nothing that lies there is ever written over.

    Raises
    ------
    BadInput
        When the folder of ``path`` does not exist, or the name is taken, also by somebody who was quicker meanwhile.
    """
    path = Path(path)
    if path.exists():
        raise _already_there(path)
    with replacing(path) as temporary:
        yield temporary
        try:
            path.touch(exist_ok=False)  # the name is ours from here on, on every kind of disk
        except FileExistsError:
            raise _already_there(path) from None


def _already_there(path: Path) -> BadInput:
    return BadInput(
        Fault(path.name, None, None, "a file that is there already", "a new name"),
        advice="Nothing is written over; a name with the day in it is new every day.",
    )


def _read(path: Path, datum: Datum | None) -> gpd.GeoDataFrame:
    _refuse_absent(path)
    if path.suffix not in FORMATS:
        raise BadInput(Fault(path.name, None, None, f"a file ending in {shorten(path.suffix)}", ", ".join(FORMATS)))
    try:
        shapes = gpd.read_parquet(path) if path.suffix == ".parquet" else gpd.read_file(path, layer=_layer(path))
    except BadInput:
        raise
    except Exception as error:  # whatever the drivers raise: the file cannot be used
        raise _broken(path, error) from error
    if not isinstance(shapes, gpd.GeoDataFrame) or not len(shapes):
        raise BadInput(Fault(path.name, None, None, "no shapes", "at least one"))
    shapes = _labelled(shapes, path.name, datum)
    _refuse_beyond_the_earth(shapes, path.name)
    return shapes if datum is None else _moved(shapes, datum)


def _layer(path: Path) -> str | None:
    """The one layer with shapes; None leaves it to the driver."""
    if path.suffix != ".gpkg":
        return None
    layers = [str(name) for name, kind in pyogrio.list_layers(path) if kind is not None]
    if len(layers) > 1 and path.stem not in layers:
        found = f"layers {', '.join(shorten(name) for name in layers)}"
        raise BadInput(
            Fault(path.name, None, None, found, f"one layer of shapes, or one called {path.stem!r}"),
            advice="Export the layer that is meant to a file of its own.",
        )
    return path.stem if path.stem in layers else None


def _labelled(shapes: gpd.GeoDataFrame, file: str, datum: Datum | None) -> gpd.GeoDataFrame:
    """``shapes`` with a CRS that can be trusted: the file's own, or degrees because the user said so."""
    crs = shapes.crs if shapes.crs is not None and (shapes.crs.is_geographic or shapes.crs.is_projected) else None
    if crs is None and datum is None:
        raise no_crs(file)
    if crs is not None and crs.is_projected:
        if datum is not None:
            raise BadInput(
                Fault(file, None, None, f"shapes in {shorten(crs.name)}, in metres", f"degrees, as datum {datum} says"),
                advice="Leave the datum away: the file says itself what it is in.",
            )
        return shapes
    return shapes.set_crs(WGS84, allow_override=True) if crs is None or _is_wgs84_or_cgcs2000(crs) else shapes


def _is_wgs84_or_cgcs2000(crs: pyproj.CRS) -> bool:
    """Degrees that need no conversion, e.g. OGC:CRS84, EPSG:4326, EPSG:4490."""
    name = crs.name.lower()
    return "wgs 84" in name or "wgs84" in name or ("2000" in name and "china" in name)


def _refuse_beyond_the_earth(shapes: gpd.GeoDataFrame, file: str) -> None:
    if shapes.crs.is_projected:
        return
    west, south, east, north = shapes.bounds.to_numpy().T
    beyond = (west < -180.0) | (east > 180.0) | (south < -90.0) | (north > 90.0)
    if not beyond.any():
        return
    at = int(np.argmax(beyond))
    found = f"coordinates from {west[at]:g} {south[at]:g} to {east[at]:g} {north[at]:g}"
    swapped = (np.abs([south, north]) <= 180.0).all() and (np.abs([west, east]) <= 90.0).all()
    raise BadInput(
        Fault(file, at + 2, "geometry", found, "longitude within ±180, latitude within ±90 degrees"),
        advice="Longitude and latitude look swapped."
        if swapped
        else "The numbers look like metres: the file must name the CRS that they are in.",
    )


def _moved(shapes: gpd.GeoDataFrame, datum: Datum) -> gpd.GeoDataFrame:
    if datum in (Datum.WGS84, Datum.CGCS2000):
        return shapes

    def move(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(to_wgs84(xy[:, 0], xy[:, 1], datum))

    moved = shapely.transform(shapes.geometry.to_numpy(), move)
    return shapes.set_geometry(gpd.GeoSeries(moved, index=shapes.index, crs=WGS84))


def _write_geopackage(frame: gpd.GeoDataFrame, target: Path, layer: str) -> None:
    """GDAL stamps the time of writing into the file unless it is told the date."""
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": "2000-01-01T00:00:00.000Z"})
    try:
        frame.to_file(target, driver="GPKG", layer=layer)
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})


def _opened(path: Path) -> IO[str]:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")


def _as_frame(records: list[list[str]], file: str) -> pd.DataFrame:
    if not records or not any(name.strip() for name in records[0]):
        raise BadInput(Fault(file, 1, None, "nothing", "a header row"))
    header = [name.strip() for name in records[0]]
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise BadInput(*(Fault(file, 1, name, "two columns of this name", "each name once") for name in twice))
    kept = [(row, record) for row, record in enumerate(records[1:], start=2) if any(map(str.strip, record))]
    uneven = [
        Fault(file, row, None, f"{len(record)} fields", f"{len(header)} as in the header")
        for row, record in kept
        if len(record) != len(header)
    ]
    if uneven:
        raise BadInput(*uneven, advice="A field that holds a comma must stand in double quotes.")
    columns = list(zip_longest(*(record for _, record in kept))) or [()] * len(header)
    index = pd.Index([row for row, _ in kept], name="row", dtype=np.int64)
    return pd.DataFrame(
        {name: pd.Series(list(values), index=index, dtype="str") for name, values in zip(header, columns, strict=True)}
    )


def _refuse_absent(path: Path) -> None:
    if not path.is_file():
        raise BadInput(Fault(path.name, None, None, "no such file", "a file"), advice=f"Looked for it at {path}.")
    if path.stat().st_size == 0:
        raise BadInput(Fault(path.name, None, None, "0 bytes", "a file with content"))


def _broken(path: Path, error: Exception) -> BadInput:
    return BadInput(
        Fault(
            path.name, None, None, f"a file that cannot be read ({shorten(error, 160)})", f"a whole {path.suffix} file"
        ),
        advice="It may have been cut short on its way, or be of another kind than its ending says; fetch it again.",
    )
