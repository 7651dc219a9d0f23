"""Which incident may go to which team at what cost: as a list, as a matrix, or as points on the earth."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from gis.crs import EARTH_RADIUS_M, great_circle_m

Ints = NDArray[np.int64]


class Arcs(NamedTuple):
    """Pairs that may be: incident row, team row and cost, each of shape (pairs,)."""

    incident: Ints
    team: Ints
    cost: Ints

    def and_also(self, more: Arcs) -> Arcs:
        return Arcs(*(np.concatenate(both) for both in zip(self, more, strict=True)))


class Pairs(Protocol):
    """All pairs of a problem, without listing them."""

    def nearest(self, k: int) -> Arcs:
        """The ``k`` cheapest possible pairs of each incident."""

    def cheaper(self, worth: Ints, price: Ints, scale: int, k: int) -> Arcs:
        """Pairs with ``scale * cost + price[team] < worth[incident]``: up to ``k`` an incident, the least first.

        An incident without any in the answer has none.
        """


@dataclass(frozen=True, slots=True)
class DensePairs:
    """All pairs as one matrix.

    Attributes
    ----------
    cost
        Shape (incidents, teams), whole; below 0 where the team may not or cannot go.
    """

    cost: NDArray[np.integer]

    def nearest(self, k: int) -> Arcs:
        teams = self.cost.shape[1]
        return self._best(np.iinfo(np.int64).max, np.zeros(teams, dtype=np.int64), 1, k)

    def cheaper(self, worth: Ints, price: Ints, scale: int, k: int) -> Arcs:
        return self._best(worth[:, None], price, scale, k)

    def _best(self, worth: Ints | int, price: Ints, scale: int, k: int) -> Arcs:
        found = list(self._best_by_chunk(worth, price, scale, k))
        return Arcs(*(np.concatenate(column) for column in zip(*found, strict=True))) if found else nothing()

    def _best_by_chunk(self, worth: Ints | int, price: Ints, scale: int, k: int) -> Iterator[Arcs]:
        rows, teams = self.cost.shape
        step = max(1, 2_000_000 // max(teams, 1))
        for first in range(0, rows if teams else 0, step):
            cost = self.cost[first : first + step].astype(np.int64)
            limit = worth if isinstance(worth, int) else worth[first : first + step]
            most = np.iinfo(np.int64).max
            reduced = np.where((cost >= 0) & (cost * scale + price < limit), cost * scale + price, most)
            best = np.argpartition(reduced, min(k, teams) - 1, axis=1)[:, :k]
            good = np.take_along_axis(reduced, best, axis=1) < most
            i, team = np.nonzero(good)[0], best[good]
            yield Arcs(i + first, team, cost[i, team])


def nothing() -> Arcs:
    empty = np.zeros(0, dtype=np.int64)
    return Arcs(empty, empty, empty)


@dataclass(frozen=True, slots=True)
class LinePairs:
    """All pairs by great-circle metres, rounded to the nearest whole metre.

    Attributes
    ----------
    incident_lon, incident_lat, team_lon, team_lat
        Degrees, shapes (incidents,) and (teams,), finite.
    needs
        Shape (incidents,): row of ``holds`` for each incident.
    holds
        Shape (certificates, teams): who holds what.
    """

    incident_lon: NDArray[np.float64]
    incident_lat: NDArray[np.float64]
    team_lon: NDArray[np.float64]
    team_lat: NDArray[np.float64]
    needs: Ints
    holds: NDArray[np.bool_]

    def nearest(self, k: int) -> Arcs:
        seekers, there = on_sphere(self.incident_lon, self.incident_lat), on_sphere(self.team_lon, self.team_lat)
        found = [nothing()]
        for certificate, holders in enumerate(self.holds):
            rows, teams = np.flatnonzero(self.needs == certificate), np.flatnonzero(holders)
            if rows.size and teams.size:
                nearest = min(k, len(teams))
                _, best = cKDTree(there[teams]).query(seekers[rows], k=np.arange(1, nearest + 1))
                found.append(self._priced(np.repeat(rows, nearest), teams[best.ravel()]))
        return Arcs(*(np.concatenate(column) for column in zip(*found, strict=True)))

    def cheaper(self, worth: Ints, price: Ints, scale: int, k: int) -> Arcs:
        seekers, there = on_sphere(self.incident_lon, self.incident_lat), on_sphere(self.team_lon, self.team_lat)
        best, found = _cheaper_on_sphere(seekers, there, self.needs, self.holds, worth, price, scale, k)
        exact = self._below(np.repeat(np.arange(len(found)), found), best[best >= 0], worth, price, scale)
        # Where all k were dropped as ties after rounding, a further pair could hide behind them: look at every team.
        hidden = np.setdiff1d(np.flatnonzero(found == k), exact.incident)
        for row in hidden:
            holders = np.flatnonzero(self.holds[self.needs[row]])
            exact = exact.and_also(self._below(np.full(len(holders), row), holders, worth, price, scale))
        return exact

    def _below(self, incident: Ints, team: Ints, worth: Ints, price: Ints, scale: int) -> Arcs:
        arcs = self._priced(incident, team)
        keep = arcs.cost * scale + price[arcs.team] < worth[arcs.incident]
        return Arcs(*(column[keep] for column in arcs))

    def _priced(self, incident: Ints, team: Ints) -> Arcs:
        metres = great_circle_m(
            self.incident_lon[incident], self.incident_lat[incident], self.team_lon[team], self.team_lat[team]
        )
        return Arcs(incident.astype(np.int64), team.astype(np.int64), np.rint(metres).astype(np.int64))


def on_sphere(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.float64]:
    """Points of the sphere in metres from its centre, shape (n, 3): straight lines between them grow with arcs."""
    east, north = np.radians(lon), np.radians(lat)
    unit = np.column_stack((np.cos(north) * np.cos(east), np.cos(north) * np.sin(east), np.sin(north)))
    return np.ascontiguousarray(EARTH_RADIUS_M * unit)


@njit(cache=True)
def _cheaper_on_sphere(seekers, there, needs, holds, worth, price, scale, k):  # type: ignore[no-untyped-def]
    """Up to ``k`` teams an incident, least cost first, whose arc may be below the limit; -1 where there are fewer."""
    n, teams = len(seekers), len(there)
    best = np.full((n, k), -1, np.int64)
    found = np.zeros(n, np.int64)
    costs = np.empty(k, np.float64)
    for i in range(n):
        x, y, z = seekers[i, 0], seekers[i, 1], seekers[i, 2]
        mine = holds[needs[i]]
        count = 0
        for t in range(teams):
            if not mine[t] or price[t] >= worth[i]:
                continue
            # The dearest whole cost still below the limit, half a metre for rounding, a millimetre for arithmetic.
            limit = -((price[t] - worth[i]) // scale) - 1 + 0.501
            chord2 = (x - there[t, 0]) ** 2 + (y - there[t, 1]) ** 2 + (z - there[t, 2]) ** 2
            if chord2 > limit * limit:
                continue
            arc = 2 * EARTH_RADIUS_M * np.arcsin(min(1.0, np.sqrt(chord2) / (2 * EARTH_RADIUS_M)))
            cost = arc * scale + price[t]
            if arc > limit or (count == k and cost >= costs[k - 1]):
                continue
            count = min(count + 1, k)
            place = count - 1
            while place > 0 and costs[place - 1] > cost:
                costs[place], best[i, place] = costs[place - 1], best[i, place - 1]
                place -= 1
            costs[place], best[i, place] = cost, t
        found[i] = count
    return best, found
