"""Travel times of 1,000 places on a network of over 50,000 nodes within 15 minutes, against networkx.

The peer runs ``single_source_dijkstra_path_length`` on the same weights from a sample of the same sources; its CPU time
is scaled to all. It is asked for the whole network, as one does who has no limit, and once more with our limit.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import shapely

from benchmarks.report import Row, print_table
from gis.streets import Streets, read_streets
from gis.travel import Places, TravelTimes

SHANGHAI = Path(__file__).resolve().parents[2] / "shared" / "real" / "shanghai_center.osm.gz"
TILES = 4
SOURCES = 1_000
SAMPLE = 10
LIMIT_S = 900.0
GOAL = 150


def rows() -> list[Row]:
    """Measure now."""
    tile, source = (read_streets(SHANGHAI), "Shanghai") if SHANGHAI.is_file() else (grid(60), "a synthetic grid")
    travel = TravelTimes(tiled(tile, TILES), snap="node")
    rng = np.random.default_rng(1)
    nodes = rng.choice(len(travel.streets.lon), SOURCES, replace=False)
    places = travel.place(travel.streets.lon[nodes], travel.streets.lat[nodes])
    travel.matrix(places[:2], places, LIMIT_S)  # warm
    ours = min(cpu_seconds(lambda: travel.matrix(places, places, LIMIT_S)) for _ in range(3))
    graph = as_networkx(travel)
    whole = cpu_seconds(lambda: [lengths(graph, node, None) for node in nodes[:SAMPLE].tolist()])
    limited = cpu_seconds(lambda: [lengths(graph, node, LIMIT_S) for node in nodes[:SAMPLE].tolist()])
    check_equal(travel, places, nodes, graph)
    size = f"{len(travel.streets.lon):,} nodes of {source} tiled {TILES}x{TILES}"
    scale = SOURCES / SAMPLE
    return [
        _row(f"1,000 x 1,000 travel times within 15 min, {size}; networkx without a limit", ours, whole * scale, GOAL),
        _row("the same; networkx with the same limit", ours, limited * scale, None),
    ]


def _row(claim: str, ours: float, peer: float, goal: int | None) -> Row:
    return Row(
        claim=claim,
        ours=f"{ours:.2f} CPU-s",
        peer=f"networkx {peer:.1f} CPU-s (scaled from {SAMPLE} sources)",
        figure=f"{peer / ours:.0f}x",
        goal="(for comparison)" if goal is None else f">= {goal}x",
        met=goal is None or peer / ours >= goal,
    )


def cpu_seconds(deed: Callable[[], object]) -> float:
    """CPU time of one call, all threads."""
    begin = time.process_time()
    deed()
    return time.process_time() - begin


def lengths(graph: nx.DiGraph, node: Hashable, cutoff: float | None) -> dict[Hashable, float]:
    """The peer."""
    found: dict[Hashable, float] = nx.single_source_dijkstra_path_length(graph, node, cutoff=cutoff, weight="cost")
    return found


def as_networkx(travel: TravelTimes) -> nx.DiGraph:
    """The same graph with the same weights, of parallel streets the cheapest."""
    graph = nx.DiGraph()
    streets = travel.streets
    for tail, head, cost in zip(streets.tail.tolist(), streets.head.tolist(), travel.cost.tolist(), strict=True):
        if tail != head and cost < graph.get_edge_data(tail, head, {"cost": np.inf})["cost"]:
            graph.add_edge(tail, head, cost=cost)
    return graph


def check_equal(travel: TravelTimes, places: Places, nodes: np.ndarray, graph: nx.DiGraph) -> None:
    """A faster wrong answer is no answer: both must agree within a microsecond."""
    ours = travel.matrix(places[:SAMPLE], places, LIMIT_S)
    for row, node in zip(ours, nodes[:SAMPLE].tolist(), strict=True):
        reached = lengths(graph, node, LIMIT_S)
        theirs = np.array([reached.get(target, np.inf) for target in nodes.tolist()])
        np.testing.assert_allclose(row, theirs, atol=1e-6)


def tiled(streets: Streets, times: int) -> Streets:
    """``times`` x ``times`` copies side by side, each joined to its neighbours by two-way streets in twenty places."""
    lines = streets.lines()
    low_lon, low_lat, high_lon, high_lat = lines.total_bounds
    wide, tall = (high_lon - low_lon) + 0.002, (high_lat - low_lat) + 0.002
    nodes = np.column_stack([streets.lon, streets.lat])
    east, west = (_rim(nodes, 0, side) for side in (1, -1))
    north, south = (_rim(nodes, 1, side) for side in (1, -1))
    to_east, to_north = np.array([wide, 0.0]), np.array([0.0, tall])
    links = np.concatenate([np.stack([east, west + to_east], axis=1), np.stack([north, south + to_north], axis=1)])
    joined = gpd.GeoDataFrame(
        {"road": "primary"}, index=range(len(links)), geometry=shapely.linestrings(links), crs=4326
    )
    one = pd.concat([lines, joined.assign(name="", oneway=False, speed_kmh=np.nan)], ignore_index=True)
    moves = [(column * wide, row * tall) for row in range(times) for column in range(times)]
    copies = [one.set_geometry(_moved(one, move), crs=4326) for move in moves]
    return Streets.from_lines(gpd.GeoDataFrame(pd.concat(copies, ignore_index=True), crs=4326))


def _moved(lines: gpd.GeoDataFrame, move: tuple[float, float]) -> np.ndarray:
    moved: np.ndarray = shapely.transform(lines.geometry.to_numpy(), lambda degrees: degrees + move)
    return moved


def _rim(nodes: np.ndarray, axis: int, side: int, bands: int = 20) -> np.ndarray:
    """In each band across ``axis`` the outermost node on one side, shape (bands, 2)."""
    across = nodes[:, 1 - axis]
    edges = np.linspace(across.min(), across.max(), bands + 1)
    band = np.clip(np.searchsorted(edges, across, side="right") - 1, 0, bands - 1)
    order = np.lexsort((nodes[:, axis] * side, band))
    last = np.searchsorted(band[order], np.arange(bands), side="right") - 1
    return nodes[order[last]]


def grid(side: int) -> Streets:
    """A synthetic town for machines without the real one: ``side`` x ``side`` junctions, 100 m apart."""
    step = 0.001
    points = np.stack(np.meshgrid(121.5 + step * np.arange(side), 29.8 + step * np.arange(side)), axis=-1)
    across = np.stack([points[:, :-1], points[:, 1:]], axis=2).reshape(-1, 2, 2)
    upward = np.stack([points[:-1], points[1:]], axis=2).reshape(-1, 2, 2)
    ends = np.concatenate([across, upward])
    lines = gpd.GeoDataFrame({"road": ["residential"] * len(ends)}, geometry=shapely.linestrings(ends), crs=4326)
    return Streets.from_lines(lines)


if __name__ == "__main__":
    print_table(rows())
