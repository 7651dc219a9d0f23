"""Which town a spot belongs to, and where its communities lie: grown from the seats, synthetic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from scenarios.placefile import Town
from scenarios.plane import Plane

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SAMPLE_M = 130.0
ROUNDS = 150
CROWD = {"old": 0.0, "dense": 0.0, "edge": 1.6, "plain": 1.8, "hill": 1.4}
"""How much denser communities lie at the seat than at the rim, as an exponent. Assumed."""


@dataclass(frozen=True)
class TownMap:
    """Towns as additively weighted distances from their seats, in metres."""

    seats: Floats
    reach: Floats
    grain: Floats

    def town_at(self, xy: Floats) -> Ints:
        """Index of the town at each point (n, 2)."""
        return np.asarray(np.argmin(self._distance(xy) - self.reach, axis=1))

    def _distance(self, xy: Floats) -> Floats:
        """Distances (n, t) on ground that is slightly warped, so that borders wind as real ones do."""
        wound = xy + 170.0 * np.sin(xy[:, ::-1] / 610.0 + self.grain[0]) + 60.0 * np.sin(xy / 190.0 + self.grain[1])
        return np.asarray(np.hypot(*(wound[:, None, :] - self.seats[None, :, :]).transpose(2, 0, 1)))


def map_towns(
    towns: Sequence[Town], land: Any, plane: Plane, rng: np.random.Generator, sample_m: float = SAMPLE_M
) -> tuple[TownMap, Floats]:
    """The towns of dry land (metres) with about their areas, and the sample points (n, 2) they were measured on."""
    seats = plane.metres([town.lon for town in towns], [town.lat for town in towns])
    xy = samples(land, sample_m)
    wanted = np.array([town.area_km2 for town in towns])
    wanted = wanted / wanted.sum() * len(xy)
    towns_at = TownMap(seats, np.zeros(len(towns)), rng.uniform(0, 2 * np.pi, (2, 2)))
    distance, reach = towns_at._distance(xy), np.sqrt(wanted) * sample_m * 0.5
    for turn in range(ROUNDS):
        got = np.bincount(np.argmin(distance - reach, axis=1), minlength=len(towns))
        pace = 0.5 if turn < ROUNDS // 2 else 0.2
        reach = reach + pace * sample_m * (np.sqrt(wanted) - np.sqrt(got))
    return TownMap(seats, reach, towns_at.grain), xy


def samples(land: Any, sample_m: float) -> Floats:
    """A square lattice of points on the land."""
    west, south, east, north = land.bounds
    x, y = np.meshgrid(np.arange(west, east, sample_m), np.arange(south, north, sample_m))
    inside = shapely.contains_xy(land, x.ravel(), y.ravel())
    return np.column_stack([x.ravel()[inside], y.ravel()[inside]])


def place_communities(town: Town, count: int, xy: Floats, seat: Floats, rng: np.random.Generator) -> Floats:
    """Middles of a town's communities (count, 2), nearest the seat first; ``xy`` are the town's sample points.

    Lloyd's iteration on the samples, weighted towards the seat where the town has a centre.
    """
    distance = np.hypot(*(xy - seat).T)
    weight = (1.0 + distance / 400.0) ** -CROWD[town.build]
    middles = xy[rng.choice(len(xy), size=count, replace=False, p=weight / weight.sum())]
    for _ in range(12):
        _, nearest = cKDTree(middles).query(xy)
        mass = np.bincount(nearest, weight, count)
        moved = np.column_stack([np.bincount(nearest, weight * axis, count) for axis in xy.T])
        middles = np.where(mass[:, None] > 0, moved / np.maximum(mass, 1e-9)[:, None], middles)
    gap, _ = cKDTree(middles).query(middles, k=2) if count > 1 else (np.full((1, 2), 200.0), None)
    middles = middles + rng.normal(0.0, 0.12, middles.shape) * gap[:, 1:]
    return np.asarray(middles[np.argsort(np.hypot(*(middles - seat).T), kind="stable")])


def in_one_piece(town: Ints, i: Ints, j: Ints, area: Floats) -> Ints:
    """Towns of cells with every stray fragment given to the neighbour it borders most; pairs (i, j) are neighbours.

    A fragment that borders no other town, as an island in the water, stays.
    """
    town = town.copy()
    for _ in range(4):
        same = town[i] == town[j]
        n = len(town)
        _, part = connected_components(
            csr_array((np.ones(same.sum()), (i[same], j[same])), shape=(n, n)), directed=False
        )
        size = np.bincount(part, area)
        largest = {t: part[town == t][np.argmax(size[part[town == t]])] for t in np.unique(town)}
        stray = np.array([part[k] != largest[town[k]] for k in range(n)])
        if not stray.any():
            break
        votes: dict[int, list[int]] = {}
        for a, b in ((i, j), (j, i)):
            at = stray[a] & (town[a] != town[b])
            for fragment, other in zip(part[a[at]].tolist(), town[b[at]].tolist(), strict=True):
                votes.setdefault(fragment, []).append(other)
        for fragment, others in votes.items():
            town[part == fragment] = np.bincount(others).argmax()
    return town
