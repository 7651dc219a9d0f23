"""Hot spots: cells in and around which more happened than chance would bring, with the chance said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

Longs = NDArray[np.int64]

SHARE_FALSE = 0.05
"""Of the cells named, about so many may be named by chance (false discovery rate)."""


@dataclass(frozen=True, slots=True)
class HotSpot:
    """One cell.

    Attributes
    ----------
    count, around
        Incidents in it; in it and its neighbours.
    expected
        How many in it and its neighbours if the cells' counts were dealt out anew at random.
    z
        Getis-Ord Gi*.
    chance
        How often as many would then lie there, adjusted for every cell being looked at.
    """

    cell: str
    count: int
    around: int
    expected: float
    z: float
    chance: float


def hot_spots(cells: gpd.GeoDataFrame, counts: Mapping[str, int], share_false: float = SHARE_FALSE) -> list[HotSpot]:
    """The cells of significantly many incidents, the hottest first.

    Parameters
    ----------
    cells
        Polygons with a column ``code``; any CRS.
    counts
        Incidents by code of cell, 0 or more; codes that are no cell are passed over.

    Notes
    -----
    The chance is exact for neighbours whose counts are drawn from all cells with replacement; of thousands of cells it
    hardly differs from dealing them out anew.

    References
    ----------
    Ord and Getis (1995), Local spatial autocorrelation statistics, Geographical Analysis 27(4), equation 14. Caldas de
    Castro and Singer (2006), Controlling the false discovery rate, Geographical Analysis 38(2).
    """
    from scipy.stats import false_discovery_control  # here, because no desk has to wait for it when it opens

    codes = cells["code"].to_numpy()
    x = np.array([counts.get(code, 0) for code in codes], np.int64)
    n = len(x)
    if n < 2 or np.ptp(x) == 0:
        return []
    neighbours = _around(cells)
    size = np.array([len(each) for each in neighbours], np.int64)
    total = np.array([x[each].sum() for each in neighbours], np.int64)
    expected = x.mean() * size
    spread = x.std() * np.sqrt((n * size - size**2) / (n - 1))
    z = np.divide(total - expected, spread, out=np.zeros(n), where=spread > 0)
    chance = false_discovery_control(_chances(x, size, total))
    hot = np.flatnonzero((chance <= share_false) & (z > 0))
    return [
        HotSpot(str(codes[at]), int(x[at]), int(total[at]), float(expected[at]), float(z[at]), float(chance[at]))
        for at in hot[np.lexsort((codes[hot], -z[hot]))]
    ]


def _around(cells: gpd.GeoDataFrame) -> Sequence[NDArray[np.intp]]:
    """Of every cell itself and those that touch it."""
    shapes = cells.geometry.to_numpy()
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    order = np.argsort(one, kind="stable")
    return np.split(other[order], np.searchsorted(one[order], np.arange(1, len(shapes))))


def _chances(x: Longs, size: Longs, total: Longs) -> NDArray[np.float64]:
    """How often cells drawn at random, as many as each neighbourhood has, hold as many or more."""
    chance = np.ones(len(x))
    one = np.bincount(x) / len(x)
    sums = np.ones(1)  # of no cell: surely none
    for many in range(1, int(size.max()) + 1):
        sums = np.convolve(sums, one)
        of = size == many
        chance[of] = np.cumsum(sums[::-1])[::-1][total[of]]
    return np.clip(chance, 0.0, 1.0)
