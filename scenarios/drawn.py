"""A place whose cells and streets are drawn in files."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio

from gis.cells import code_cells
from gis.schemas import BadInput, Fault, shorten
from gis.streets import Streets
from scenarios.folder import Ground


def drawn_ground(source: Path) -> Ground:
    """The ground of ``areas.csv``, ``cells.geojson`` (``community`` and shape), ``streets.geojson``, ``water.geojson``.

    Water may be left out.
    """
    areas = pd.read_csv(source / "areas.csv", dtype=str, keep_default_na=False)
    pieces = _shapes(source / "cells.geojson")
    cells = code_cells(pieces, pieces["community"].to_numpy())
    streets = Streets.from_lines(_shapes(source / "streets.geojson"))
    wet = source / "water.geojson"
    return Ground(areas, cells, _shapes(wet)[["name", "geometry"]] if wet.exists() else no_water(), streets)


def no_water() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"name": pd.Series([], dtype=str)}, geometry=gpd.GeoSeries([]), crs="EPSG:4326")


def _shapes(path: Path) -> gpd.GeoDataFrame:
    try:
        return gpd.read_file(path, engine="pyogrio")
    except (pyogrio.errors.DataSourceError, OSError) as error:
        raise BadInput(Fault(path.name, None, None, shorten(error), "a GeoJSON file")) from None
