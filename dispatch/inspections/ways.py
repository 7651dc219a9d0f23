"""Minutes on the way between places of inspections: along a line, or along streets."""

from __future__ import annotations

from itertools import pairwise
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gis.travel import TravelTimes

Floats = NDArray[np.float64]

EARTH_M = 6_371_008.8
DETOUR, LINE_KMH = 1.3, 25.0
"""Without streets: 1.3 times the great circle at 25 km/h, the house's assumption for town streets."""
FAR_FROM_STREETS_M = 1_000.0


class Ways(Protocol):
    """Travel between any places.

    Attributes
    ----------
    along
        What a way follows: ``streets``, or a straight ``line`` where no network is known.
    """

    along: str

    def minutes(self, lon: ArrayLike, lat: ArrayLike) -> Floats:
        """Minutes from row to column, shape (n, n); infinite where no way leads. Degrees, WGS84."""
        ...

    def line(self, lon: ArrayLike, lat: ArrayLike) -> Floats:
        """The way from each place to the next, for a map: longitude and latitude, shape (m, 2) with m at least n."""
        ...


class LineWays:
    """Travel without a street network.

    >>> float(LineWays().minutes([121.5, 121.6], [29.9, 29.9])[0, 1].round(1))
    30.1
    """

    along = "line"

    def minutes(self, lon: ArrayLike, lat: ArrayLike) -> Floats:
        east, north = np.radians(np.asarray(lon, float)), np.radians(np.asarray(lat, float))
        h = (
            np.sin((north[:, None] - north) / 2) ** 2
            + np.cos(north[:, None]) * np.cos(north) * np.sin((east[:, None] - east) / 2) ** 2
        )
        metres = 2 * EARTH_M * np.arcsin(np.sqrt(np.clip(h, 0, 1)))
        return np.asarray(DETOUR * metres / (LINE_KMH / 0.06), np.float64)

    def line(self, lon: ArrayLike, lat: ArrayLike) -> Floats:
        return np.column_stack([np.asarray(lon, float), np.asarray(lat, float)])


class StreetWays:
    """Travel along streets; a place farther than a kilometre from every street cannot be reached."""

    along = "streets"

    def __init__(self, travel: TravelTimes) -> None:
        self._travel = travel

    def minutes(self, lon: ArrayLike, lat: ArrayLike) -> Floats:
        places = self._travel.place(lon, lat)
        minutes = self._travel.matrix(places, places) / 60.0
        far = places.offset_m > FAR_FROM_STREETS_M
        minutes[far, :] = np.inf
        minutes[:, far] = np.inf
        np.fill_diagonal(minutes, 0.0)
        return np.asarray(minutes, np.float64)

    def line(self, lon: ArrayLike, lat: ArrayLike) -> Floats:
        """Along the streets, with every place itself on it; straight where no way leads."""
        spots = np.column_stack([np.asarray(lon, float), np.asarray(lat, float)])
        found = [spots[:1]]
        for here, there in pairwise(spots):
            route = self._travel.path(self._travel.place(here[:1], here[1:]), self._travel.place(there[:1], there[1:]))
            found += [np.column_stack([route.lon, route.lat]), there[None]]
        return np.concatenate(found)
