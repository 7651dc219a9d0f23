"""Street pieces from drawn lines: checked, joined where they end together, measured."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import KDTree

from gis.crs import great_circle_m
from gis.pieces import Pieces, rounded, slices
from gis.roadclasses import ALLOWED, CAR_KMH, FOOT, ROAD_CLASSES, road_class
from gis.schemas import BadInput, Fault, shorten

SAME_NODE_DEG = 1e-7


def drawn_pieces(lines: gpd.GeoDataFrame) -> Pieces:
    """Pieces of drawn lines; see ``gis.streets.Streets.from_lines``."""
    return _pieces_of(_checked_lines(lines))


def _checked_lines(lines: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Single LineStrings with all four columns, or a refusal that names the row (2 is the first, as in a table)."""
    if lines.crs is None or not lines.crs.equals("EPSG:4326", ignore_axis_order=True):
        found = "no CRS" if lines.crs is None else lines.crs.name
        fault = Fault("street lines", None, "geometry", found, "EPSG:4326 (degrees)")
        raise BadInput(fault, advice='Use lines.to_crs("EPSG:4326"), or set_crs when they are in degrees already.')
    if "road" not in lines.columns:
        raise BadInput(Fault("street lines", None, "road", "no such column", "a road class per line"))
    defaults = {"name": "", "oneway": False, "speed_kmh": np.nan}
    full = lines.assign(**{key: value for key, value in defaults.items() if key not in lines.columns})
    if faults := _line_faults(full):
        raise BadInput(*faults)
    single = full.explode(index_parts=False)
    single = single[~single.geometry.is_empty & (single.geom_type == "LineString")].reset_index(drop=True)
    if single.empty:
        raise BadInput(Fault("street lines", None, None, "no line", "at least one street"))
    return single


def _line_faults(lines: gpd.GeoDataFrame) -> list[Fault]:
    bounds = lines.geometry.bounds.to_numpy()
    far = (np.abs(bounds) > [180, 90, 180, 90]).any(axis=1) | (np.isnan(bounds).any(axis=1) & ~_empty(lines))
    speed = lines["speed_kmh"].to_numpy(dtype=np.float64, na_value=np.nan)
    wrong = {
        "geometry": (far, "degrees with |lon| <= 180, |lat| <= 90"),
        "road": (~lines["road"].isin(ROAD_CLASSES), f"one of {', '.join(ROAD_CLASSES)}"),
        "oneway": (~(lines["oneway"].isin([True, False]) | lines["oneway"].isna()), "true or false"),
        "speed_kmh": ((speed <= 0) | np.isinf(speed), "above 0, or empty for the table"),
    }
    return [
        Fault("street lines", int(row) + 2, column, shorten(lines[column].iloc[int(row)]), expected)
        for column, (bad, expected) in wrong.items()
        for row in np.flatnonzero(bad)
    ]


def _empty(lines: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    return np.asarray(lines.geometry.is_empty | lines.geometry.isna(), dtype=bool)


def _pieces_of(lines: gpd.GeoDataFrame) -> Pieces:
    """Pieces of checked lines; a line shorter than a centimetre is none."""
    start, points = _shapes_of(lines)
    size = np.maximum.reduceat(points, start[:-1]) - np.minimum.reduceat(points, start[:-1])
    long_enough = np.flatnonzero(size.max(axis=1) > SAME_NODE_DEG)
    if not long_enough.size:
        raise BadInput(Fault("street lines", None, None, "only lines under 1 cm", "at least one street"))
    kept, start = slices(start, long_enough)
    points, lines = points[kept], lines.iloc[long_enough]
    first, last = start[:-1], start[1:] - 1
    nodes, ends = _joined(np.concatenate([points[first], points[last]]))
    tail, head = np.split(ends, 2)
    points[first], points[last] = nodes[tail], nodes[head]
    lon, lat = points.T.copy()
    road = np.array([road_class(name) for name in lines["road"]], dtype=np.uint8)
    speed = lines["speed_kmh"].to_numpy(dtype=np.float64, na_value=np.nan)
    oneway = lines["oneway"].isin([True]).to_numpy()
    along = ALLOWED[road]
    return Pieces(
        lon=nodes[:, 0].copy(),
        lat=nodes[:, 1].copy(),
        tail=tail,
        head=head,
        length_m=shape_lengths_m(start, lon, lat),
        speed_kmh=np.where(np.isnan(speed), CAR_KMH[road], speed).astype(np.float32),
        road=road,
        along=along,
        against=np.where(oneway, along & FOOT, along).astype(np.uint8),
        name=tuple("" if name is None or name != name else str(name) for name in lines["name"]),
        shape_start=start,
        shape_lon=lon,
        shape_lat=lat,
    )


def _shapes_of(lines: gpd.GeoDataFrame) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Where the points of each line start, shape (p + 1,), and all points, to seven decimals."""
    points, owner = shapely.get_coordinates(lines.geometry.to_numpy(), return_index=True)
    start = np.zeros(len(lines) + 1, dtype=np.int64)
    start[1:] = np.cumsum(np.bincount(owner, minlength=len(lines)))
    return start, rounded(points)


def shape_lengths_m(
    start: NDArray[np.int64], lon: NDArray[np.float64], lat: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Great-circle metres along each shape of at least two points, shape (p,)."""
    step = np.zeros(len(lon))
    step[1:] = great_circle_m(lon[:-1], lat[:-1], lon[1:], lat[1:])
    step[start[:-1]] = 0.0  # no street runs from the end of one shape to the beginning of the next
    return np.add.reduceat(step, start[:-1])


def _joined(ends: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """Nodes (n, 2) that stand for all end points (e, 2) within ``SAME_NODE_DEG`` of each other, and which is whose."""
    points, of_end = np.unique(ends, axis=0, return_inverse=True)
    close = KDTree(points).query_pairs(SAME_NODE_DEG * 1.01, p=np.inf, output_type="ndarray")
    near = csr_array((np.ones(len(close)), (close[:, 0], close[:, 1])), shape=(len(points), len(points)))
    count, group = connected_components(near, directed=False)
    first = np.full(count, len(points))
    np.minimum.at(first, group, np.arange(len(points)))
    return points[first], group[of_end.ravel()].astype(np.int32)
