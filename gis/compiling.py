"""Compiles what locates points, once for a machine, on the smallest grid: `make setup` runs it.

Otherwise the first place that is opened waits for it. Numba keeps the result beside the program until that changes.
"""

from __future__ import annotations

import geopandas as gpd
import shapely

from gis.locate import CellLocator

if __name__ == "__main__":
    corners = [(121.5 + 0.001 * column, 29.8 + 0.001 * row) for row in range(3) for column in range(3)]
    squares = [shapely.box(lon, lat, lon + 0.001, lat + 0.001) for lon, lat in corners]
    cells = gpd.GeoDataFrame({"code": [str(at) for at in range(9)]}, geometry=squares, crs="EPSG:4326")
    CellLocator(cells).locate(*zip(*corners, strict=True))
