"""How soon a free lawful pair can be in each cell, and what a team that leaves would leave uncovered."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import date, datetime

import numpy as np
from numpy.typing import NDArray

from dispatch.records.team import Activity, Team
from gis.travel import Places, TravelTimes


def minutes_to_pair(
    travel: TravelTimes,
    cells: Places,
    teams: Sequence[Team],
    now: datetime,
    day: date,
    limit_s: float = math.inf,
) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """For each cell the seconds to the nearest free lawful pair, by street, and which team that is.

    Parameters
    ----------
    travel
        Times of the profile with which all these teams move.
    cells
        One place in each cell, made by ``travel.place``.
    teams
        Those that may be asked; ``ready`` decides who counts.

    Returns
    -------
    seconds, which
        Shape (cells,): inf and -1 where no pair comes within ``limit_s``; otherwise a row of ``teams``.
    """
    rows = np.array([row for row, team in enumerate(teams) if ready(team, now, day)], dtype=np.intp)
    seconds, which = travel.reach(_places(travel, teams, rows), cells, limit_s)
    return seconds, np.where(which >= 0, rows[which] if rows.size else -1, -1)


def left_uncovered(
    travel: TravelTimes,
    cells: Places,
    teams: Sequence[Team],
    seconds: NDArray[np.float64],
    which: NDArray[np.intp],
    leaving: Iterable[str],
    target_s: float,
    now: datetime,
    day: date,
) -> dict[str, int]:
    """Team id → how many cells would have no free lawful pair within ``target_s`` any more if that team left.

    Only cells whose nearest pair it is can lose theirs, so each team asked takes one search to these from the others.

    Parameters
    ----------
    seconds, which
        The answer of ``minutes_to_pair`` for the same travel, cells, teams and time.
    leaving
        Ids of a handful of teams; one that is not ready leaves nothing uncovered.
    """
    rows = np.array([row for row, team in enumerate(teams) if ready(team, now, day)], dtype=np.intp)
    everybody = _places(travel, teams, rows)
    row_of = {team.id: row for row, team in enumerate(teams)}
    lost = {}
    for team in leaving:
        relying = np.flatnonzero((which == row_of[team]) & (seconds <= target_s))
        instead, _ = travel.reach(everybody[rows != row_of[team]], cells[relying], target_s)
        lost[team] = int(np.count_nonzero(np.isinf(instead)))
    return lost


def ready(team: Team, now: datetime, day: date) -> bool:
    """Whether the team is free, on duty, of known position, and two of its officers share a field."""
    if team.activity is not Activity.FREE or not team.on_duty(now) or not math.isfinite(team.lon + team.lat):
        return False
    fields = {certificate.field for officer in team.officers for certificate in officer.certificates}
    return any(team.pair_for(field, day).lawful for field in fields)


def _places(travel: TravelTimes, teams: Sequence[Team], rows: NDArray[np.intp]) -> Places:
    return travel.place(np.array([teams[row].lon for row in rows]), np.array([teams[row].lat for row in rows]))
