"""What a patrol looks at in each cell: from the place's own data.

References
----------
CJJ 37-2012, Code for design of urban road engineering: expressway, main, secondary and branch roads; ours are
``trunk``, ``primary``, ``secondary`` and what is below, of which only the lowest are lanes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from dispatch.records.inspection import Premises
from dispatch.records.patrol import PatrolObject

ROADS: Mapping[str, tuple[str, ...]] = {
    "main_road": ("primary", "secondary"),
    "back_lane": ("living_street", "service", "pedestrian"),
}
"""Object of the list to the classes of street that are it."""
STILL_WATER = ("湖", "塘", "池", "水库")
"""What ends in one of these is a pond or reservoir; other water is a river, and has a bank."""
BESIDE_DEG = 1e-4
"""A cell ends at the bank; some ten metres are beside it."""
SMALL_PREMISES = "nine_small"
"""What a place of business is to a patrol unless the list of objects says something else of the same id."""


@dataclass(frozen=True)
class PatrolGround:
    """The cells of a place as patrols see them.

    Attributes
    ----------
    cells
        ``code``, ``town`` and polygons, EPSG:4326, shape (n,).
    lines
        Streets with ``road`` and their geometry.
    water
        ``name`` and polygons; may be empty.
    """

    cells: gpd.GeoDataFrame
    lines: gpd.GeoDataFrame
    water: gpd.GeoDataFrame

    @cached_property
    def row(self) -> dict[str, int]:
        """Row of each cell by its code."""
        return {str(code): at for at, code in enumerate(self.cells["code"])}

    @cached_property
    def points(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Longitude and latitude of a point inside each cell."""
        inside = shapely.point_on_surface(self.cells.geometry.to_numpy())
        return shapely.get_x(inside), shapely.get_y(inside)

    @cached_property
    def kinds(self) -> dict[str, frozenset[str]]:
        """The list's objects that streets and water make of each cell; cells without any are left out."""
        found: dict[int, set[str]] = defaultdict(set)
        tree = shapely.STRtree(self.cells.geometry.to_numpy())
        for kind, roads in ROADS.items():
            shapes = self.lines.geometry[self.lines["road"].isin(roads)].to_numpy()
            for at in np.unique(tree.query(shapes, predicate="intersects")[1]).tolist():
                found[at].add(kind)
        for name, shape in zip(self.water["name"], self.water.geometry, strict=True):
            kinds = {"pond"} if str(name).endswith(STILL_WATER) else {"river", "shore"}
            for at in tree.query(shape, predicate="dwithin", distance=BESIDE_DEG).tolist():
                found[at] |= kinds
        codes = self.cells["code"].to_numpy()
        return {str(codes[at]): frozenset(kinds) for at, kinds in found.items()}

    def of_town(self, town: str) -> gpd.GeoDataFrame:
        """The cells of a town, numbered from 0."""
        return self.cells[self.cells["town"] == town].reset_index(drop=True)


def kinds_by_cell(
    ground: PatrolGround, objects: Iterable[PatrolObject], premises: Iterable[tuple[str, Premises]]
) -> dict[str, frozenset[str]]:
    """Everything of the list that lies in each cell: streets and water, the list of objects, places of business.

    Parameters
    ----------
    premises
        Each with the code of its cell, empty outside all cells.
    """
    found: dict[str, set[str]] = {cell: set(kinds) for cell, kinds in ground.kinds.items()}
    listed = set()
    for one in objects:
        listed.add(one.id)
        found.setdefault(one.cell, set()).add(one.kind)
    for cell, place in premises:
        if cell and place.id not in listed:
            found.setdefault(cell, set()).add(SMALL_PREMISES)
    return {cell: frozenset(kinds) for cell, kinds in found.items()}


def workload(kinds: Sequence[frozenset[str]], risk: Sequence[Fraction], minutes: Mapping[str, Fraction]) -> list[float]:
    """Minutes of looking that each cell asks for a day; ``minutes`` by object at ordinary risk."""
    return [
        float(factor * sum((minutes.get(kind, Fraction(0)) for kind in some), Fraction(0)))
        for some, factor in zip(kinds, risk, strict=True)
    ]
