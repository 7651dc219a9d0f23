"""How soon a free lawful pair can be in each cell, and what a team that leaves would leave uncovered."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
from numpy.typing import NDArray

from dispatch.records.team import Activity, Team
from gis.streets import Profile
from gis.travel import Places, TravelTimes


@dataclass(frozen=True, slots=True, eq=False)
class Reach:
    """How soon the teams of one means of travel are in each cell.

    Attributes
    ----------
    teams, places
        Those that count (``ready``), and where they stand.
    seconds, which
        Shape (cells,): inf and -1 where none comes within the limit; otherwise a row of ``teams``.
    """

    travel: TravelTimes
    cells: Places
    teams: tuple[Team, ...]
    places: Places
    seconds: NDArray[np.float64]
    which: NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Coverage:
    """How soon the nearest free lawful pair, by whatever means, is in each cell.

    Attributes
    ----------
    seconds
        Shape (cells,); inf where nobody comes within the limit.
    """

    reaches: tuple[Reach, ...]
    seconds: NDArray[np.float64]

    def left_uncovered(self, leaving: Iterable[str], target_s: float) -> dict[str, int]:
        """Team id → how many cells would have no free lawful pair within ``target_s`` any more if that team left.

        Only cells that have nobody else within the target by another means and whose nearest pair it is can lose
        theirs, so each team asked takes one search to these from the others. A team that covers nothing leaves
        nothing uncovered.
        """
        asked = set(leaving)
        lost = dict.fromkeys(asked, 0)
        for reach in self.reaches:
            others = [other.seconds for other in self.reaches if other is not reach]
            elsewhere = np.min(others, axis=0) if others else np.full(len(self.seconds), np.inf)
            alone = (reach.seconds <= target_s) & (elsewhere > target_s)
            for row, team in enumerate(reach.teams):
                if team.id in asked:
                    lost[team.id] = _lost(reach, row, np.flatnonzero(alone & (reach.which == row)), target_s)
        return lost


def coverage(
    travel: Mapping[Profile, TravelTimes],
    cells: Mapping[Profile, Places],
    teams: Sequence[Team],
    now: datetime,
    day: date,
    limit_s: float = math.inf,
) -> Coverage:
    """Coverage by those of ``teams`` that are ready, each by its own means.

    Parameters
    ----------
    cells
        One place in each cell, made by the ``place`` of that profile's travel times.
    day
        Today in the place's own calendar, for certificates.
    """
    able = [team for team in teams if ready(team, now, day)]
    reaches = tuple(
        _reach(times, cells[profile], tuple(team for team in able if team.profile == profile), limit_s)
        for profile, times in travel.items()
    )
    return Coverage(reaches, np.min([reach.seconds for reach in reaches], axis=0))


def ready(team: Team, now: datetime, day: date) -> bool:
    """Whether the team is free, on duty, of known position, and two of its officers share a field."""
    if team.activity is not Activity.FREE or not team.on_duty(now) or not math.isfinite(team.lon + team.lat):
        return False
    fields = {certificate.field for officer in team.officers for certificate in officer.certificates}
    return any(team.pair_for(field, day).lawful for field in fields)


def _reach(travel: TravelTimes, cells: Places, teams: tuple[Team, ...], limit_s: float) -> Reach:
    places = travel.place(np.array([team.lon for team in teams]), np.array([team.lat for team in teams]))
    seconds, which = travel.reach(places, cells, limit_s)
    return Reach(travel, cells, teams, places, seconds, which.astype(np.intp))


def _lost(reach: Reach, row: int, relying: NDArray[np.intp], target_s: float) -> int:
    """How many of the cells that rely on this team no other of the same means reaches within the target."""
    if not relying.size:
        return 0
    others = np.arange(len(reach.teams)) != row
    instead, _ = reach.travel.reach(reach.places[others], reach.cells[relying], target_s)
    return int(np.count_nonzero(np.isinf(instead)))
