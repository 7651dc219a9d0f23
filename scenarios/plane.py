"""Metres for building a place: its projection both ways, and lines that look walked rather than ruled."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from gis.crs import metric_crs

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Plane:
    """Degrees to metres and back around one place."""

    crs: pyproj.CRS

    @staticmethod
    def around(lon: float, lat: float) -> Plane:
        return Plane(metric_crs(lon, lat))

    def metres(self, lon: Any, lat: Any) -> Floats:
        """Shape (n, 2)."""
        return np.column_stack(self._forth.transform(np.asarray(lon, float), np.asarray(lat, float)))

    def degrees(self, xy: Floats) -> Floats:
        """Shape (n, 2), to seven decimals."""
        return np.round(np.column_stack(self._back.transform(xy[:, 0], xy[:, 1])), 7)

    @cached_property
    def _forth(self) -> pyproj.Transformer:
        return pyproj.Transformer.from_crs("EPSG:4326", self.crs, always_xy=True)

    @cached_property
    def _back(self) -> pyproj.Transformer:
        return pyproj.Transformer.from_crs(self.crs, "EPSG:4326", always_xy=True)

    def to_metres(self, shape: Any) -> Any:
        return shapely.transform(shape, lambda xy: self.metres(xy[:, 0], xy[:, 1]))

    def to_degrees(self, shape: Any) -> Any:
        return shapely.transform(shape, self.degrees)


def smooth(points: Floats, rounds: int = 3, *, closed: bool = False) -> Floats:
    """Corners cut off ``rounds`` times; an open line keeps its ends.

    References
    ----------
    Chaikin (1974), An algorithm for high-speed curve generation, Computer Graphics and Image Processing 3.
    """
    for _ in range(rounds):
        ahead = np.roll(points, -1, axis=0) if closed else points[1:]
        here = points if closed else points[:-1]
        cut = np.stack([0.75 * here + 0.25 * ahead, 0.25 * here + 0.75 * ahead], axis=1).reshape(-1, 2)
        points = cut if closed else np.concatenate([points[:1], cut[1:-1], points[-1:]])
    return points


def bent(start: Floats, end: Floats, sway: float, step_m: float, rng: np.random.Generator) -> Floats:
    """A line from start to end that leaves the straight by up to about ``sway`` of its length; shape (k, 2)."""
    length = float(np.hypot(*(end - start)))
    t = np.linspace(0.0, 1.0, max(2, round(length / step_m) + 1))
    phase = rng.uniform(0, 2 * np.pi, 2)
    wave = np.sin(np.pi * t) * (rng.uniform(-1, 1) + 0.5 * np.sin(2 * np.pi * t + phase[0]))
    wave += 0.25 * np.sin(np.pi * t) * np.sin(length / 900.0 * np.pi * t + phase[1])
    across = np.array([start[1] - end[1], end[0] - start[0]])
    return np.asarray(start + t[:, None] * (end - start) + sway * wave[:, None] * across)
