"""Unit grid cells: a place cut into coded cells, who is next to whom, and cells split or merged later on.

A code is 12 digits of the community and 3 of the cell. A code once given is never given again: a cell that is split
or merged retires, and what takes its place gets the next number after the highest of the community. That number is
in the frame, so the frame alone knows which codes are spent.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components
from shapely import Geometry, LineString, MultiLineString, MultiPolygon, Polygon

from gis.communities import MOST_CELLS, grow_communities, on_one_plane
from gis.cutting import cut_pieces
from gis.schemas import BadInput, Fault, shorten
from gis.tiling import Floats, Ints, area_m2, in_degrees, segments, shared_borders

__all__ = ["MOST_CELLS", "code_cells", "cut", "grow_communities", "merge", "neighbours", "split"]

LEAST_PART_M2 = 1.0
"""A part smaller than this comes from a line that was drawn along a border, not from a wish to split."""

SAME_CORNER_DEG = 1e-7
"""A line this near a corner of the cell (1 cm) is meant to run through it."""

Point = tuple[float, float]


def cut(
    outline: Polygon | MultiPolygon,
    lines: gpd.GeoSeries | gpd.GeoDataFrame | None,
    target_m2: float = 10_000.0,
    water: Geometry | gpd.GeoSeries | gpd.GeoDataFrame | None = None,
    size_m2: Callable[[Floats, Floats], Floats] | None = None,
) -> gpd.GeoDataFrame:
    """A place cut along its streets and banks into cells of about one size.

    Parameters
    ----------
    outline
        The place in WGS84 degrees; holes and several parts are allowed.
    lines
        Centre lines in EPSG:4326 that cells should end at; they may cross, end blindly and leave the outline. Empty
        shapes and shapes that are not lines are passed over.
    target_m2
        The size wanted, in square metres.
    water
        Polygons in WGS84 degrees that belong to no cell.
    size_m2
        The size wanted at places, instead of ``target_m2``: takes longitudes and latitudes (n,), returns (n,) square
        metres above 0; so a town gets small cells and mountains large ones.

    Returns
    -------
    GeoDataFrame
        ``geometry`` (each one Polygon) and ``area_m2`` in EPSG:4326, neighbours near each other in the frame. Cells
        cover the outline without the water exactly once (its vertices moved by 1 mm at most) and neighbours share
        exact vertices. Nearly all are between half and twice the size wanted; an island or a strip of land that is
        smaller than that is a cell of its own.

    Raises
    ------
    BadInput
        When the outline is empty, not a polygon, crosses itself or is not in degrees, the lines are not in EPSG:4326,
        or a size is 0 or less.
    """
    _check_outline(outline)
    if not target_m2 > 0:
        raise BadInput(Fault("cells", None, "target_m2", shorten(target_m2), "a size above 0 square metres"))
    land: Geometry = outline if water is None else outline.difference(_one_shape(water, "water"))
    wanted = size_m2 or (lambda lon, _lat: np.full(lon.shape, target_m2))
    streets = np.empty(0, dtype=object) if lines is None else in_degrees(lines, "lines").geometry.to_numpy()
    pieces = gpd.GeoSeries(cut_pieces(land, streets, _positive(wanted)), crs="EPSG:4326")
    pieces = pieces.iloc[np.argsort(pieces.hilbert_distance().to_numpy(), kind="stable")].reset_index(drop=True)
    return gpd.GeoDataFrame({"area_m2": area_m2(pieces.to_numpy())}, geometry=pieces)[["geometry", "area_m2"]]


def neighbours(cells: gpd.GeoDataFrame) -> tuple[Ints, Ints]:
    """Rows of cells that share a border, each pair once with i < j; meeting in a corner is not enough.

    ``cells`` must be a valid coverage (equal vertices along a common border), as ``cut``, ``split`` and ``merge`` make.
    """
    i, j, _ = shared_borders(cells.geometry.to_numpy())
    return i, j


# ------------------------------------------------------------------------------------------------------- codes


def code_cells(pieces: gpd.GeoDataFrame, community: ArrayLike) -> gpd.GeoDataFrame:
    """Pieces numbered within their communities.

    Parameters
    ----------
    pieces
        Polygons in EPSG:4326, shape (n,).
    community
        The 12-digit code of each piece's community, shape (n,), as text.

    Returns
    -------
    GeoDataFrame
        ``code, community, town, area_m2, geometry``, sorted by code. The last three digits run from 001 as one
        reads: rows from north to south (a row is as high as the community's average cell), in a row from west to east.

    Raises
    ------
    BadInput
        When a code is not 12 digits or a community has more than 999 pieces.
    """
    codes = _community_codes(community, len(pieces))
    shapes = in_degrees(pieces, "pieces").geometry
    area = area_m2(shapes.to_numpy())
    names, which = np.unique(codes, return_inverse=True)
    size = np.bincount(which, minlength=len(names))
    if (size > MOST_CELLS).any():
        at = int(np.argmax(size))
        raise BadInput(
            Fault("cells", None, "community", f"{size[at]} cells in {names[at]}", f"at most {MOST_CELLS}"),
            advice="Use larger cells or more communities.",
        )
    order = _reading_order(shapes, area, which, len(names))
    first = np.concatenate([[0], np.cumsum(size)[:-1]]).astype(np.int64)
    number = np.arange(len(codes)) - first[which[order]] + 1
    sorted_codes = codes[order]
    return gpd.GeoDataFrame(
        {
            "code": [f"{name}{n:03d}" for name, n in zip(sorted_codes, number, strict=True)],
            "community": sorted_codes,
            "town": [name[:9] for name in sorted_codes],
            "area_m2": area[order],
        },
        geometry=gpd.GeoSeries(shapes.to_numpy()[order], crs="EPSG:4326"),
    ).astype({"code": "str", "community": "str", "town": "str"})


def _community_codes(community: ArrayLike, n: int) -> NDArray[np.object_]:
    codes = np.array([str(code) for code in np.asarray(community, dtype=object)], dtype=object)
    if len(codes) != n:
        raise ValueError(f"there are {n} pieces and {len(codes)} community codes; give one code a piece.")
    wrong = [at for at, code in enumerate(codes) if not (len(code) == 12 and code.isascii() and code.isdigit())]
    if wrong:
        raise BadInput(
            *(Fault("cells", at + 2, "community", shorten(codes[at]), "12 digits") for at in wrong),
            advice="A community code is 6 digits of the district, 3 of the town and 3 of its own.",
        )
    return codes


def _reading_order(shapes: gpd.GeoSeries, area: Floats, which: Ints, n: int) -> Ints:
    """Row numbers by community, then in rows from north to south, then from west to east."""
    x, y = _centres(shapes)
    top = np.full(n, -np.inf)
    np.maximum.at(top, which, y)
    height = np.sqrt(np.bincount(which, area, n) / np.maximum(np.bincount(which, minlength=n), 1))
    row = np.floor((top[which] - y) / height[which] + 0.5)
    return np.lexsort((y, x, row, which))


# ---------------------------------------------------------------------------------------------- split and merge


def split(cells: gpd.GeoDataFrame, code: str, line: LineString | MultiLineString) -> gpd.GeoDataFrame:
    """The cells with cell ``code`` divided along ``line``.

    Parameters
    ----------
    cells
        As ``code_cells`` returns them; further columns are copied to the parts.
    code
        The cell to divide. Its code retires.
    line
        In WGS84 degrees. It must cross the cell from border to border, or close a ring inside it; what stands out is
        ignored.

    Returns
    -------
    GeoDataFrame
        Sorted by code; the parts carry the next free numbers of the community, from north to south. Where the line
        meets the border, the neighbours get the new vertex too, so the cells stay a valid coverage.

    Raises
    ------
    BadInput
        When there is no such cell, the line does not divide it, or the community has no free number.
    """
    row = _row_of(cells, code)
    cell = cells.geometry.iloc[row]
    corners = shapely.multipoints(shapely.get_coordinates(cell))
    noded = shapely.union(shapely.boundary(cell), shapely.snap(line, corners, SAME_CORNER_DEG))
    parts = shapely.get_parts(shapely.polygonize(shapely.get_parts(np.array([noded], dtype=object))))
    parts = parts[shapely.contains(cell, shapely.point_on_surface(parts))]
    if len(parts) <= shapely.get_num_geometries(cell) or area_m2(parts).min() < LEAST_PART_M2:
        raise BadInput(
            Fault("cells", None, "code", f"a line that does not divide cell {code}", "a line across the cell"),
            advice="Draw it from beyond one border of the cell to beyond another.",
        )
    others = cells.drop(index=cells.index[row])
    others = _with_new_vertices(others, cell, parts)
    centres = shapely.centroid(parts)
    order = np.lexsort((shapely.get_x(centres), -shapely.get_y(centres)))
    return _with_new_cells(others, cells.iloc[row], parts[order], _next_codes(cells, code[:12], len(parts)))


def merge(cells: gpd.GeoDataFrame, codes: Sequence[str]) -> gpd.GeoDataFrame:
    """The cells with ``codes`` made one.

    Parameters
    ----------
    cells
        As ``code_cells`` returns them; further columns are taken from the first of ``codes``.
    codes
        Two or more cells of one community that hang together by borders. Their codes retire.

    Returns
    -------
    GeoDataFrame
        Sorted by code; the merged cell carries the next free number of the community.

    Raises
    ------
    BadInput
        When a cell is unknown or named twice, they are of different communities or do not touch, or the community has
        no free number.
    """
    rows = [_row_of(cells, code) for code in codes]
    if len(set(rows)) < 2 or len(set(rows)) < len(rows):
        raise BadInput(Fault("cells", None, "code", shorten(list(codes)), "two or more different cells"))
    if len({code[:12] for code in codes}) > 1:
        raise BadInput(Fault("cells", None, "code", shorten(list(codes)), "cells of one community"))
    shapes = cells.geometry.to_numpy()[rows]
    i, j, _ = shared_borders(shapes)
    n, _ = connected_components(csr_array((np.ones(len(i)), (i, j)), shape=(len(rows), len(rows))), directed=False)
    if n > 1:
        raise BadInput(
            Fault("cells", None, "code", shorten(list(codes)), "cells that share a border"),
            advice="Meeting in a corner is not enough; add the cell that lies between them.",
        )
    merged = np.array([shapely.coverage_union_all(shapes)], dtype=object)
    others = cells.drop(index=cells.index[rows])
    return _with_new_cells(others, cells.iloc[rows[0]], merged, _next_codes(cells, codes[0][:12], 1))


def _row_of(cells: gpd.GeoDataFrame, code: str) -> int:
    at = np.flatnonzero((cells["code"] == code).to_numpy())
    if len(at) != 1:
        raise BadInput(Fault("cells", None, "code", shorten(code), "the code of one of the cells"))
    return int(at[0])


def _next_codes(cells: gpd.GeoDataFrame, community: str, n: int) -> list[str]:
    """The ``n`` numbers after the highest ever given: whatever retired, something higher took its place."""
    used = cells["code"][cells["code"].str.startswith(community)]
    highest = int(used.str[12:].astype(int).max())
    if highest + n > MOST_CELLS:
        raise BadInput(
            Fault("cells", None, "code", f"{highest} numbers spent in community {community}", f"at most {MOST_CELLS}"),
            advice="The community has to be coded anew before its cells can be changed.",
        )
    return [f"{community}{highest + 1 + k:03d}" for k in range(n)]


def _with_new_cells(
    others: gpd.GeoDataFrame, like: pd.Series[Any], shapes: NDArray[np.object_], codes: list[str]
) -> gpd.GeoDataFrame:
    """``others`` and one cell for each shape, alike in all but code, area and geometry."""
    new = gpd.GeoDataFrame([like] * len(shapes), columns=others.columns, geometry=others.geometry.name, crs=others.crs)
    new = new.astype({name: kind for name, kind in others.dtypes.items() if name != others.geometry.name})
    new["code"], new["area_m2"] = codes, area_m2(shapes)
    new = new.set_geometry(gpd.GeoSeries(shapes, crs=others.crs, index=new.index))
    return pd.concat([others, new]).sort_values("code", ignore_index=True)


def _with_new_vertices(others: gpd.GeoDataFrame, cell: Geometry, parts: NDArray[np.object_]) -> gpd.GeoDataFrame:
    """Neighbours of ``cell`` with the vertices that its division put on their common border."""
    inserts = _inserts(cell, parts)
    ends = shapely.multipoints([point for side in inserts for point in side]) if inserts else None
    if ends is None:
        return others
    shapes = others.geometry.to_numpy().copy()
    for row in np.flatnonzero(shapely.intersects(shapes, ends)):
        shapes[row] = _inserted(shapes[row], inserts)
    return others.set_geometry(gpd.GeoSeries(shapes, index=others.index, crs=others.crs))


def _inserts(cell: Geometry, parts: NDArray[np.object_]) -> dict[tuple[Point, Point], list[Point]]:
    """Border segment of ``cell`` in both directions → the new vertices on it, in that direction."""
    start, end, _ = segments(np.array([cell], dtype=object))
    old = {tuple(xy) for xy in start.tolist()}
    a, b, _ = segments(parts)
    sides = [(tuple(p), tuple(q)) for p, q in zip(a.tolist(), b.tolist(), strict=True)]
    outer = set(sides) - {(q, p) for p, q in sides}
    new = sorted({point for side in outer for point in side} - old)
    lines = shapely.linestrings(np.stack([start, end], axis=1))
    inserts: dict[tuple[Point, Point], list[Point]] = {}
    for point in new:
        at = int(np.argmin(shapely.distance(lines, shapely.Point(point))))
        inserts.setdefault((tuple(start[at].tolist()), tuple(end[at].tolist())), []).append(point)
    for (p, q), points in list(inserts.items()):
        points.sort(key=lambda point, p=p: (point[0] - p[0]) ** 2 + (point[1] - p[1]) ** 2)  # type: ignore[misc]
        inserts[q, p] = points[::-1]
    return inserts


def _inserted(shape: Any, inserts: dict[tuple[Point, Point], list[Point]]) -> Polygon | MultiPolygon:
    """``shape`` with the new vertices on those of its segments that have some."""
    if isinstance(shape, MultiPolygon):
        return MultiPolygon([Polygon(*_rings(part, inserts)) for part in shape.geoms])

    return Polygon(*_rings(shape, inserts))


def _rings(polygon: Polygon, inserts: dict[tuple[Point, Point], list[Point]]) -> tuple[list[Point], list[list[Point]]]:
    """Outer ring and holes of ``polygon`` with the new vertices."""

    def ring(border: Any) -> list[Point]:
        points = [tuple(point) for point in border.coords]
        return points[:1] + [point for p, q in pairwise(points) for point in (*inserts.get((p, q), ()), q)]

    return ring(polygon.exterior), [ring(hole) for hole in polygon.interiors]


# ------------------------------------------------------------------------------------------------------ the door


def _one_shape(water: Any, name: str) -> Geometry:
    if isinstance(water, Geometry):
        return water
    return shapely.union_all(in_degrees(water, name).geometry.to_numpy())


def _check_outline(outline: Geometry) -> None:
    def refuse(found: str, expected: str) -> BadInput:
        return BadInput(Fault("outline", None, None, found, expected))

    if not isinstance(outline, Polygon | MultiPolygon):
        raise refuse(type(outline).__name__, "a Polygon or MultiPolygon")
    if outline.is_empty:
        raise refuse("an empty polygon", "a polygon with an area")
    if not outline.is_valid:
        raise refuse(shapely.is_valid_reason(outline), "a border that does not cross itself")
    west, south, east, north = outline.bounds
    if not (west >= -180 and east <= 180 and south >= -90 and north <= 90):
        raise refuse(f"bounds {west:.6g}, {south:.6g}, {east:.6g}, {north:.6g}", "lon and lat in degrees")


def _positive(size_m2: Callable[[Floats, Floats], Floats]) -> Callable[[Floats, Floats], Floats]:
    def checked(lon: Floats, lat: Floats) -> Floats:
        wanted = np.broadcast_to(np.asarray(size_m2(lon, lat), dtype=np.float64), lon.shape)
        if not (wanted > 0).all():
            at = int(np.argmin(wanted > 0))
            place = f"{wanted[at]} at {lon[at]:.5f}, {lat[at]:.5f}"
            raise BadInput(Fault("cells", None, "size_m2", place, "a size above 0 square metres"))
        return wanted

    return checked


def _centres(shapes: gpd.GeoSeries) -> tuple[Floats, Floats]:
    xy, _ = on_one_plane(shapes, np.empty(0), np.empty(0))
    return xy[:, 0], xy[:, 1]
