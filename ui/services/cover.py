"""Minutes from the nearest free lawful pair to every cell, kept fresh enough for a map and for advice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from threading import Lock

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from dispatch.records.team import Team
from dispatch.response.assignment import USUAL
from dispatch.response.coverage import left_uncovered, minutes_to_pair
from gis.streets import Profile
from gis.travel import TravelTimes

STEPS_MIN = (5.0, 10.0, 15.0, 20.0)
STALE_AFTER = timedelta(seconds=20)


@dataclass(frozen=True, slots=True)
class Reached:
    """Coverage by the teams of one profile: who they were, and per cell the seconds and the row of the nearest."""

    teams: tuple[Team, ...]
    seconds: NDArray[np.float64]
    which: NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Covered:
    """Coverage by all teams at ``at``; ``seconds`` has shape (cells,), inf where nobody comes."""

    at: datetime
    free: frozenset[str]
    by_profile: Mapping[Profile, Reached]
    seconds: NDArray[np.float64]


class Cover:
    """Coverage of one place; all sessions share one search, made anew when who is free changes or time has passed."""

    def __init__(self, cells: gpd.GeoDataFrame, travel: Mapping[Profile, TravelTimes]) -> None:
        points = shapely.point_on_surface(cells.geometry.to_numpy())
        lon, lat = shapely.get_x(points), shapely.get_y(points)
        self._travel = travel
        self._cells = {profile: times.place(lon, lat) for profile, times in travel.items()}
        self._lock = Lock()
        self._made: Covered | None = None

    def by(self, teams: Sequence[Team], now: datetime, day: date) -> Covered:
        """Coverage by these free teams."""
        free = frozenset(team.id for team in teams)
        with self._lock:
            made = self._made
            if made is None or made.free != free or not timedelta(0) <= now - made.at < STALE_AFTER:
                made = self._made = self._search(teams, free, now, day)
            return made

    def left_uncovered(self, teams: Sequence[Team], asked: Sequence[Team], now: datetime, day: date) -> dict[str, int]:
        """Team id → cells that would have no free lawful pair within the target if it left; cells that a team with
        another means of travel also covers are not lost."""
        covered, target_s = self.by(teams, now, day), USUAL.pair_within_s
        lost: dict[str, int] = {}
        for profile, reached in covered.by_profile.items():
            known = {team.id for team in reached.teams}
            leaving = [team.id for team in asked if team.id in known]
            if leaving:
                others = [other.seconds for p, other in covered.by_profile.items() if p is not profile]
                elsewhere = np.min(others, axis=0, initial=np.inf) if others else np.inf
                which = np.where(elsewhere <= target_s, -1, reached.which)
                lost |= left_uncovered(
                    self._travel[profile],
                    self._cells[profile],
                    reached.teams,
                    reached.seconds,
                    which,
                    leaving,
                    target_s,
                    now,
                    day,
                )
        return lost

    @staticmethod
    def steps(seconds: NDArray[np.float64]) -> NDArray[np.uint8]:
        """Class of each cell for its tint: 0 within the first of ``STEPS_MIN``, one more for each step passed."""
        return np.searchsorted(np.array(STEPS_MIN) * 60, seconds, side="left").astype(np.uint8)

    def _search(self, teams: Sequence[Team], free: frozenset[str], now: datetime, day: date) -> Covered:
        limit_s = STEPS_MIN[-1] * 60
        by_profile: dict[Profile, Reached] = {}
        for profile, times in self._travel.items():
            mine = tuple(team for team in teams if team.profile == profile)
            if mine:
                by_profile[profile] = Reached(
                    mine, *minutes_to_pair(times, self._cells[profile], mine, now, day, limit_s)
                )
        cells = len(next(iter(self._cells.values())).lon)
        found = [reached.seconds for reached in by_profile.values()]
        seconds = np.min(found, axis=0) if found else np.full(cells, np.inf)
        return Covered(now, free, by_profile, seconds)
