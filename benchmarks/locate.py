"""Points to cells: ours against geopandas.sjoin in the same run, on one core."""

from __future__ import annotations

import time
import tracemalloc

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from benchmarks.report import Row, print_table
from gis.locate import CellLocator

CELLS, POINTS, TOWNS = 20_000, 1_000_000, 17
WEST, SOUTH, EAST, NORTH = 121.10, 29.66, 121.60, 30.06
GOAL_RATIO, GOAL_MB = 20.0, 30.0


def rows() -> list[Row]:
    """One row for straight borders, one for winding ones, and the memory of both."""
    found: list[Row] = []
    for kind, corner_every in (("straight borders", 0.0), ("winding borders", 0.0003)):
        found.extend(_compared(kind, _cells(corner_every), _points(np.random.default_rng(2), POINTS)))
    return found


def _compared(kind: str, cells: gpd.GeoDataFrame, points: NDArray[np.float64]) -> list[Row]:
    lon, lat = np.ascontiguousarray(points.T)
    theirs_s, theirs = _joined(cells, lon, lat)
    CellLocator(cells.iloc[:2]).locate(lon[:2], lat[:2])  # compiled once per machine, kept on disk
    tracemalloc.start()
    start = time.process_time()
    locator = CellLocator(cells)
    build_s = time.process_time() - start
    peak_mb = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    ours_s, ours = min((_located(locator, lon, lat) for _ in range(3)), key=lambda run: run[0])
    equal, ratio = bool((ours == theirs).all()), theirs_s / ours_s
    corners = shapely.get_num_coordinates(cells.geometry.to_numpy()).sum() / len(cells)
    claim = f"{POINTS:,} clustered points in {len(cells):,} cells, {kind} ({corners:.0f} corners)"
    verdict = "equal answers" if equal else f"{int((ours != theirs).sum())} ANSWERS DIFFER"
    once = theirs_s / (ours_s + build_s)
    return [
        Row(
            claim,
            f"{ours_s:.3f} s (+ {build_s:.2f} s to build, once)",
            f"geopandas.sjoin {theirs_s:.2f} s",
            f"{ratio:.0f}x ({once:.0f}x with building), {verdict}",
            f">= {GOAL_RATIO:.0f}x, equal",
            equal and ratio >= GOAL_RATIO,
        ),
        Row(
            f"memory beside those cells, {kind}",
            f"{locator.nbytes / 1e6:.1f} MB kept, {peak_mb:.1f} MB at most while building",
            "",
            f"{locator.nbytes / 1e6:.1f} MB",
            f"<= {GOAL_MB:.0f} MB",
            locator.nbytes <= GOAL_MB * 1e6,
        ),
    ]


def _located(
    locator: CellLocator, lon: NDArray[np.float64], lat: NDArray[np.float64]
) -> tuple[float, NDArray[np.int32]]:
    start = time.process_time()
    found = locator.locate(lon, lat)
    return time.process_time() - start, found


def _joined(
    cells: gpd.GeoDataFrame, lon: NDArray[np.float64], lat: NDArray[np.float64]
) -> tuple[float, NDArray[np.int32]]:
    """The peer; making the points is not counted against it, the first of several cells is taken."""
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(lon, lat, crs=cells.crs))
    start = time.process_time()
    joined = gpd.sjoin(points, cells, how="left", predicate="intersects")
    seconds = time.process_time() - start
    first = joined["index_right"].groupby(level=0).min()
    return seconds, first.fillna(-1).to_numpy().astype(np.int32)


def _points(rng: np.random.Generator, count: int) -> NDArray[np.float64]:
    """Most of them around 17 town seats, the rest anywhere; the seats are the same for every ``rng``."""
    seats = np.random.default_rng(1)
    centre = seats.uniform((WEST + 0.05, SOUTH + 0.04), (EAST - 0.03, NORTH - 0.04), (TOWNS, 2))
    spread, share = seats.uniform(0.004, 0.02, TOWNS), seats.dirichlet(np.full(TOWNS, 2.0))
    town = rng.choice(TOWNS, count, p=share)
    points = centre[town] + rng.normal(size=(count, 2)) * spread[town, None]
    anywhere = rng.random(count) < 0.15
    points[anywhere] = rng.uniform((WEST, SOUTH), (EAST, NORTH), (int(anywhere.sum()), 2))
    return points


def _cells(corner_every: float) -> gpd.GeoDataFrame:
    """A Voronoi tessellation around clustered seeds, its borders bent at corners ``corner_every`` degrees apart."""
    seeds = shapely.multipoints(_points(np.random.default_rng(3), CELLS))
    shapes = shapely.intersection(
        shapely.get_parts(shapely.voronoi_polygons(seeds)), shapely.box(WEST, SOUTH, EAST, NORTH)
    )
    shapes = shapes[~shapely.is_empty(shapes)]
    if corner_every:
        shapes = shapely.transform(shapely.segmentize(shapes, corner_every), _bent)
        shapes = shapes[shapely.is_valid(shapes)]
    codes = [f"330203{at:09d}" for at in range(len(shapes))]
    return gpd.GeoDataFrame({"code": codes}, geometry=shapes, crs="EPSG:4326")


def _bent(xy: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same move for the same corner; rounded first: cut from either side a border differs in its last digits."""
    xy = np.round(xy, 8)
    return xy + 4e-5 * np.sin(xy[:, ::-1] * 40_000.0)


if __name__ == "__main__":
    print_table(rows())
