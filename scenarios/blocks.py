"""Street blocks: a patch of town divided again and again, as towns divide their land, until blocks are small enough."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.ops import split

Floats = NDArray[np.float64]

THINNEST_M = 18.0


@dataclass(frozen=True)
class Grain:
    """How a kind of town is divided.

    Attributes
    ----------
    block_m2
        Size of block aimed at.
    turn_deg
        How far streets deviate from square, one standard deviation.
    open_share
        Share of the last divisions that get no street: two blocks in one yard.
    blind_share
        Share of the last streets that end before the other side.
    """

    block_m2: float
    turn_deg: float
    open_share: float = 0.08
    blind_share: float = 0.12

    def times(self, coarse: float) -> Grain:
        """The same with blocks so many times as large."""
        return replace(self, block_m2=self.block_m2 * coarse)


GRAINS = {
    "old": Grain(9_500, 6.0, 0.05, 0.16),
    "dense": Grain(15_000, 3.0),
    "edge": Grain(24_000, 3.5),
    "plain": Grain(24_000, 5.0, 0.08, 0.18),
    "hill": Grain(20_000, 10.0, 0.10, 0.25),
    "village": Grain(8_500, 9.0, 0.10, 0.30),
    "field": Grain(330_000, 8.0, 0.22, 0.20),
}


@dataclass(frozen=True, slots=True)
class Street:
    """A drawn street in metres before it is joined with the others."""

    line: Any
    road: str
    name: str


def divide(patch: Any, grain: Grain, rng: np.random.Generator, *, roads: tuple[str, str, str]) -> list[tuple[Any, str]]:
    """Streets (line in metres, road class) that divide a polygon.

    Parameters
    ----------
    roads
        Class of a street that divides more than 0.5 km², more than 0.12 km², and less.
    """
    streets: list[tuple[Any, str]] = []
    open_ = [patch]
    while open_:
        polygon = open_.pop()
        area = polygon.area
        size = grain.block_m2 * rng.lognormal(0.0, 0.35)
        if area <= 1.6 * size or area / max(polygon.length, 1.0) < THINNEST_M / 2:
            continue
        line = _dividing_line(polygon, grain, rng)
        if line is None:
            continue
        parts = [part for part in split(polygon, line).geoms if part.area > 1.0]
        if len(parts) < 2:
            continue
        drawn = shapely.intersection(line, polygon)
        last = area < 3.0 * size
        fate = rng.random() if last else 1.0
        if fate >= grain.open_share:
            road = roads[0] if area > 500_000 else roads[1] if area > 120_000 else roads[2]
            blind = fate < grain.open_share + grain.blind_share
            streets += [(_shortened(piece, rng) if blind else piece, road) for piece in _pieces(drawn)]
        open_ += parts
    return streets


def _dividing_line(polygon: Any, grain: Grain, rng: np.random.Generator) -> Any:
    """Across the longer side of the polygon, near its middle, a little off square and a little bowed."""
    box = shapely.get_coordinates(shapely.minimum_rotated_rectangle(polygon))
    if len(box) < 5:
        return None
    sides = np.diff(box[:3], axis=0)
    lengths = np.hypot(*sides.T)
    long_, short = int(np.argmax(lengths)), int(np.argmin(lengths))
    if lengths[long_] < 2 * THINNEST_M:
        return None
    along = sides[long_] / lengths[long_]
    middle = box[:4].mean(axis=0) + along * lengths[long_] * rng.uniform(-0.13, 0.13)
    turn = np.radians(rng.normal(0.0, grain.turn_deg))
    across = np.array([-along[1], along[0]])
    across = across * np.cos(turn) + along * np.sin(turn)
    half = 0.75 * (lengths[short] + 40.0) / max(np.cos(turn), 0.5)
    bow = along * lengths[short] * rng.normal(0.0, 0.018)
    t = np.array([-1.0, -0.6, -0.2, 0.2, 0.6, 1.0])[:, None]
    return shapely.LineString(middle + across * half * t + bow * (1.0 - t**2))


def _pieces(drawn: Any) -> list[Any]:
    return [piece for piece in shapely.get_parts(drawn) if piece.geom_type == "LineString" and piece.length > 8.0]


def _shortened(line: Any, rng: np.random.Generator) -> Any:
    """A street that ends in a blind alley, from one side or the other."""
    share = rng.uniform(0.5, 0.8)
    line = shapely.reverse(line) if rng.random() < 0.5 else line
    coordinates = shapely.get_coordinates(line)
    at = shapely.line_interpolate_point(line, share, normalized=True)
    passed = [xy for xy in coordinates if line.project(shapely.Point(xy)) < share * line.length - 1.0]
    return shapely.LineString([*passed, (at.x, at.y)])
