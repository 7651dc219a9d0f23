"""A made-up district for the page that drives the map: bent streets, a river, four towns, incidents and teams."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from ui.map import layers
from ui.map.layers import Kind, Ring, Stage
from ui.map.shelf import Shelf
from ui.map.spec import Tables, View

MIDDLE = (121.55, 29.87)
SIDE = 56
STEP = 0.0011
SHELF = Shelf()
HOME = View(*MIDDLE, 13.6)

# The incident the tests click on: alone in its cell, in the middle of the view.
KNOWN = "I-0001"
KNOWN_AT = (MIDDLE[0] - 0.0041, MIDDLE[1] + 0.0037)
KNOWN_TEAM = "T-001"
KNOWN_TEAM_AT = (MIDDLE[0] + 0.0052, MIDDLE[1] - 0.0036)


@dataclass(frozen=True, slots=True)
class Town:
    cells: gpd.GeoDataFrame
    streets: gpd.GeoDataFrame
    towns: gpd.GeoDataFrame
    water: gpd.GeoSeries


@cache
def town() -> Town:
    x, y = np.meshgrid(np.arange(SIDE + 1.0), np.arange(SIDE + 1.0), indexing="ij")
    corners = _bend(x + _noise(1, 0.12), y + _noise(2, 0.12))
    water = gpd.GeoSeries([_river()], crs=4326)
    cells = gpd.GeoDataFrame(
        {"code": [f"{330203001001 + row // SIDE}{row % SIDE:03d}" for row in range(SIDE * SIDE)]},
        geometry=[_quad(corners, i, j) for i in range(SIDE) for j in range(SIDE)],
        crs=4326,
    )
    return Town(cells, _streets(corners), _towns(corners), water)


@cache
def still_tables() -> Tables:
    """What does not change while the page runs."""
    here = town()
    minor, major = layers.roads_tables(here.streets)
    names = layers.area_labels(here.towns, Kind.TOWN) + layers.street_labels(here.streets)
    load = np.random.default_rng(5).gamma(1.6, 1.0, SIDE * SIDE)
    return Tables(
        cells=SHELF.put(layers.cells_table(here.cells)),
        tint=SHELF.put(layers.tint(np.digitize(load, [0.6, 1.3, 2.2, 3.6]))),
        water=SHELF.put(layers.water_table(here.water)),
        minor=SHELF.put(minor),
        major=SHELF.put(major),
        borders=SHELF.put(layers.borders_table(here.towns)),
        labels=SHELF.put(layers.labels_table(names)),
    )


def incidents(revision: int, count: int = 90) -> bytes:
    rng = np.random.default_rng(100 + revision)
    lon, lat = _scattered(rng, count)
    lon[0], lat[0] = KNOWN_AT
    stage = rng.choice([Stage.WAITING, Stage.SENT, Stage.ON_SCENE], count, p=[0.55, 0.25, 0.2])
    stage[0] = Stage.WAITING
    priority = rng.choice([1, 2, 3, 4], count, p=[0.1, 0.2, 0.4, 0.3])
    priority[0] = 1
    overdue = (rng.random(count) < 0.2) & (stage == Stage.WAITING)
    ids = [f"I-{k + 1:04d}" for k in range(count)]
    tips = [f"{each} · 占道经营 <b>bold</b>\n待派" for each in ids]
    return layers.incidents_table(ids, lon, lat, priority, stage, overdue, tips)


def teams(revision: int, count: int = 120) -> bytes:
    rng = np.random.default_rng(200 + revision)
    lon, lat = _scattered(rng, count)
    lon[0], lat[0] = KNOWN_TEAM_AT
    ring = rng.choice([Ring.FREE, Ring.ON_WAY, Ring.BUSY], count, p=[0.5, 0.3, 0.2])
    return layers.teams_table([f"T-{k + 1:03d}" for k in range(count)], lon, lat, ring)


def route() -> bytes:
    """From the known team to the known incident, along corners of the net."""
    (x0, y0), (x1, y1) = KNOWN_TEAM_AT, KNOWN_AT
    lon = np.array([x0, x0 - 0.0012, x0 - 0.0030, x0 - 0.0052, x1 + 0.0006, x1])
    lat = np.array([y0, y0 + 0.0021, y0 + 0.0031, y1 - 0.0012, y1 - 0.0003, y1])
    return layers.route_table(lon, lat)


def _noise(seed: int, size: float) -> NDArray[np.float64]:
    return np.random.default_rng(seed).uniform(-size, size, (SIDE + 1, SIDE + 1))


def _bend(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    u, v = x - SIDE / 2, y - SIDE / 2
    lon = MIDDLE[0] + STEP * (u + 0.18 * v + 1.4 * np.sin(v / 9))
    lat = MIDDLE[1] + 0.86 * STEP * (v - 0.12 * u + 1.4 * np.sin(u / 11))
    return np.stack([lon, lat], axis=-1)


def _quad(corners: NDArray[np.float64], i: int, j: int) -> shapely.Polygon:
    return shapely.Polygon([corners[i, j], corners[i + 1, j], corners[i + 1, j + 1], corners[i, j + 1]])


def _river() -> shapely.Polygon:
    t = np.linspace(-6, SIDE + 6, 80)
    x = 0.68 * SIDE + 5 * np.sin(t / 8)
    return shapely.LineString(_bend(x, t)).buffer(0.0019)


def _streets(corners: NDArray[np.float64]) -> gpd.GeoDataFrame:
    """Every net line is a street; each fourth is wider, each eighth wider still."""
    rows = []
    for k in range(SIDE + 1):
        for line, name in ((corners[k], f"甬江{k}路"), (corners[:, k], f"中山{k}街")):
            road = (
                "primary" if k % 16 == 8 else "secondary" if k % 8 == 0 else "tertiary" if k % 4 == 0 else "residential"
            )
            step = 4 if road == "residential" else 8
            rows += [(road, name, shapely.LineString(line[a : a + step + 1])) for a in range(0, SIDE, step)]
    return gpd.GeoDataFrame(rows, columns=["road", "name", "geometry"], crs=4326)


def _towns(corners: NDArray[np.float64]) -> gpd.GeoDataFrame:
    half = SIDE // 2
    names = ["鼓楼街道", "南门街道", "江厦街道", "白云街道"]
    quarters = [(i, j) for i in (0, half) for j in (0, half)]
    return gpd.GeoDataFrame({"name": names}, geometry=[_block(corners, i, j, half) for i, j in quarters], crs=4326)


def _block(corners: NDArray[np.float64], i: int, j: int, n: int) -> shapely.Polygon:
    bottom, right = corners[i : i + n + 1, j], corners[i + n, j : j + n + 1]
    top, left = corners[i : i + n + 1, j + n][::-1], corners[i, j : j + n + 1][::-1]
    return shapely.Polygon(np.vstack([bottom, right, top, left]))


def _scattered(rng: np.random.Generator, count: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Places in the district, none within a stone's throw of the known incident or team."""
    x, y = rng.uniform(1, SIDE - 1, (2, 4 * count))
    lon, lat = _bend(x, y).T
    clear = np.ones(4 * count, bool)
    for known in (KNOWN_AT, KNOWN_TEAM_AT):
        clear &= np.maximum(np.abs(lon - known[0]), np.abs(lat - known[1])) > 0.0025
    return lon[clear][:count], lat[clear][:count]
