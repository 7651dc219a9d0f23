"""Coverage of the district, kept fresh enough for a map and for advice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from threading import Lock, Timer

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from dispatch.records.team import Team
from dispatch.response.assignment import USUAL
from dispatch.response.coverage import Coverage, coverage
from gis.streets import Profile
from gis.travel import TravelTimes

STEPS_MIN = (5.0, 10.0, 15.0, 20.0)
STALE_AFTER_S = 20.0
TOO_OLD = 3
AFTER_THE_SCREEN_S = 0.5
"""A search because time has passed begins so much later than it is asked for, when the screen that asks is drawn."""


class Cover:
    """Coverage of one place; all sessions share one search.

    It is made anew at once when who is free changes; because time has passed it is made beside the screens, which show
    the last one until the next is there.

    ``speed`` is how many seconds of the clock pass in one of the wall's, more than 1 only in a demo.
    """

    def __init__(self, cells: gpd.GeoDataFrame, travel: Mapping[Profile, TravelTimes], speed: float = 1.0) -> None:
        points = shapely.point_on_surface(cells.geometry.to_numpy())
        lon, lat = shapely.get_x(points), shapely.get_y(points)
        self._travel = travel
        self._stale_after = timedelta(seconds=STALE_AFTER_S * speed)
        self._cells = {profile: times.place(lon, lat) for profile, times in travel.items()}
        self._lock = Lock()
        self._serial = 0
        self._free: frozenset[str] = frozenset()
        self._at: datetime | None = None
        self._coverage: Coverage | None = None
        self._lost: dict[str, int] = {}
        self._renewing = False

    def by(self, teams: Sequence[Team], now: datetime, day: date) -> tuple[int, Coverage]:
        """Coverage by these free teams, and a number that grows with every new search."""
        with self._lock:
            covered = self._renewed(teams, now, day)
            return self._serial, covered

    def left_uncovered(self, teams: Sequence[Team], asked: Sequence[Team], now: datetime, day: date) -> dict[str, int]:
        """Team id → cells that would have no free lawful pair within the target if it left."""
        with self._lock:
            covered = self._renewed(teams, now, day)
            new = [team.id for team in asked if team.id not in self._lost]
            self._lost |= covered.left_uncovered(new, USUAL.pair_within_s)
            return {team.id: self._lost[team.id] for team in asked}

    @staticmethod
    def steps(seconds: NDArray[np.float64]) -> NDArray[np.uint8]:
        """Class of each cell for its tint: 0 within the first of ``STEPS_MIN``, one more for each step passed."""
        return np.searchsorted(np.array(STEPS_MIN) * 60, seconds, side="left").astype(np.uint8)

    def _renewed(self, teams: Sequence[Team], now: datetime, day: date) -> Coverage:
        free = frozenset(team.id for team in teams)
        age = now - self._at if self._at is not None and free == self._free else None
        if age is None or not timedelta(0) <= age < TOO_OLD * self._stale_after:
            self._keep(self._search(teams, now, day), free, now)
        elif age >= self._stale_after and not self._renewing:
            self._renewing = True
            later = Timer(AFTER_THE_SCREEN_S, self._renew, (tuple(teams), free, now, day))
            later.daemon = True
            later.start()
        assert self._coverage is not None
        return self._coverage

    def _renew(self, teams: Sequence[Team], free: frozenset[str], now: datetime, day: date) -> None:
        try:
            found = self._search(teams, now, day)
            with self._lock:
                if free == self._free and self._at is not None and self._at < now:
                    self._keep(found, free, now)
        finally:
            self._renewing = False

    def _search(self, teams: Sequence[Team], now: datetime, day: date) -> Coverage:
        return coverage(self._travel, self._cells, teams, now, day, STEPS_MIN[-1] * 60)

    def _keep(self, found: Coverage, free: frozenset[str], now: datetime) -> None:
        self._coverage, self._serial, self._at, self._free, self._lost = found, self._serial + 1, now, free, {}
