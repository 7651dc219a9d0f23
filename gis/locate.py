"""Which cell is this? A million points in a fraction of a second, exactly."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import pyproj
from numpy.typing import ArrayLike, NDArray

from gis.crs import WGS84, WrongCRS
from gis.pixels import build
from gis.pyramid import find, rings_of

BUDGET_BYTES: Final = 24_000_000


class CellLocator:
    """Finds the cell in which a point lies.

    A point belongs to the first cell, in the order of the rows, whose closed area holds it: a point on a shared border
    belongs to exactly one cell, a point on the rim of a hole to the cell around it. The answer is exact for the
    coordinates as they stand, with no tolerance, and equals that of ``shapely.covers``.

    Parameters
    ----------
    cells
        Polygons and multipolygons, holes allowed, overlaps too; a missing or empty shape holds nothing. Degrees, or
        any projection: points are then projected first, which takes far longer than finding the cell.
    budget_bytes
        Memory to aim for beside the cells. With less the locator is slower, not less exact.

    Raises
    ------
    WrongCRS
        When the cells have no CRS.

    Examples
    --------
    >>> from shapely import box
    >>> cells = gpd.GeoDataFrame({"code": ["a", "b"]}, geometry=[box(0, 0, 1, 1), box(1, 0, 2, 1)], crs="EPSG:4326")
    >>> locator = CellLocator(cells)
    >>> locator.locate([0.5, 1.0, 1.5, 3.0], [0.5, 0.5, 0.5, 0.5])
    array([ 0,  0,  1, -1], dtype=int32)
    >>> list(locator.codes([1.5, 3.0], [0.5, 0.5]))
    ['b', '']
    """

    def __init__(self, cells: gpd.GeoDataFrame, budget_bytes: int = BUDGET_BYTES) -> None:
        if cells.crs is None:
            raise WrongCRS("the cells have no CRS, so nobody knows what their numbers are; set it with set_crs(…).")
        self._to_cells = (
            pyproj.Transformer.from_crs(WGS84, cells.crs, always_xy=True) if cells.crs.is_projected else None
        )
        self._pyramid = build(rings_of(cells.geometry.to_numpy()), budget_bytes)
        self._codes = np.array([*cells["code"], ""], dtype=object) if "code" in cells.columns else None

    @property
    def nbytes(self) -> int:
        """Memory held beside the cells, in bytes."""
        return self._pyramid.nbytes

    def locate(self, lon: ArrayLike, lat: ArrayLike) -> NDArray[np.int32]:
        """The row of the cell in which each point lies, counted from 0; -1 outside all cells or where NaN.

        Parameters
        ----------
        lon, lat
            WGS84 degrees, scalars or arrays of the same shape; no points give no answers.

        Raises
        ------
        ValueError
            When the shapes differ.
        """
        x, y = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
        if x.shape != y.shape:
            raise ValueError(f"lon has shape {x.shape} but lat {y.shape}; every point needs both.")
        found = np.empty(x.size, dtype=np.int32)
        flat_x, flat_y = np.ravel(x), np.ravel(y)
        if self._to_cells is not None:
            flat_x, flat_y = self._to_cells.transform(flat_x, flat_y)
        find(np.ascontiguousarray(flat_x), np.ascontiguousarray(flat_y), found, self._pyramid)
        return found.reshape(x.shape)

    def codes(self, lon: ArrayLike, lat: ArrayLike) -> NDArray[np.object_]:
        """The code of the cell in which each point lies, '' outside all cells.

        Raises
        ------
        ValueError
            When the cells have no ``code`` column, or as `locate`.
        """
        if self._codes is None:
            raise ValueError("the cells have no column 'code'; add one, or ask for rows with locate().")
        return np.asarray(self._codes[self.locate(lon, lat)])
