"""Street pieces as they are drawn: one row from junction to junction, before directions are made of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Pieces:
    """``p`` street pieces over ``n`` nodes.

    Attributes
    ----------
    lon, lat
        Nodes, shape (n,), WGS84 degrees.
    tail, head
        First and last node of each piece, shape (p,).
    length_m, speed_kmh
        Shape (p,); car running speed.
    road
        Index into ``ROAD_CLASSES``, shape (p,).
    along, against
        Bitmask of profiles from tail to head and back, shape (p,).
    name
        Length p.
    shape_start, shape_lon, shape_lat
        Geometry from tail to head: piece i owns ``shape_start[i]:shape_start[i + 1]``.
    """

    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    tail: NDArray[np.int32]
    head: NDArray[np.int32]
    length_m: NDArray[np.float64]
    speed_kmh: NDArray[np.float32]
    road: NDArray[np.uint8]
    along: NDArray[np.uint8]
    against: NDArray[np.uint8]
    name: tuple[str, ...]
    shape_start: NDArray[np.int64]
    shape_lon: NDArray[np.float64]
    shape_lat: NDArray[np.float64]


def rounded(degrees: NDArray[np.float64]) -> NDArray[np.float64]:
    """Degrees to seven decimals, one centimetre, OpenStreetMap's own resolution; so files keep them exactly."""
    return np.round(degrees * 1e7) / 1e7


def flattened(
    shapes: list[NDArray[np.float64]],
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Start of each shape (p + 1,), and the lon and lat of all, from arrays of shape (k, 2)."""
    start = np.zeros(len(shapes) + 1, dtype=np.int64)
    start[1:] = np.cumsum([len(shape) for shape in shapes])
    joined = np.concatenate(shapes) if shapes else np.zeros((0, 2))
    return start, joined[:, 0].copy(), joined[:, 1].copy()


def slices(start: NDArray[np.int64], rows: NDArray[np.intp]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Positions that ``rows`` of a ragged array own, one after the other, and where each begins in the result."""
    sizes = start[rows + 1] - start[rows]
    begin = np.zeros(len(rows) + 1, dtype=np.int64)
    np.cumsum(sizes, out=begin[1:])
    return np.arange(begin[-1]) + np.repeat(start[rows] - begin[:-1], sizes), begin
