"""A replication on the map: teams on their ways along the streets, and incidents, as tables that the map draws."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from gis.crs import great_circle_m
from gis.streets import Profile
from simulation.instants import GOING, RETURNING, WORKING, Instant, Playback
from simulation.replications import play
from simulation.stories import Reports
from ui.map import layers
from ui.services.centre import centre, shelf
from ui.services.experimenting import experiments

RINGS = {GOING: layers.Ring.ON_WAY, WORKING: layers.Ring.BUSY}
"""Who is on the way back wears the ring of the free."""


@lru_cache(maxsize=2)
def playback(run: str, replication: int) -> Playback | None:
    """One replication of a kept run, played again; None when the run is not there any more."""
    labs = experiments()
    found = next((each for each in labs.shelf.runs() if each.id == run), None)
    return Playback(play(labs.setup(found), replication, found.seed)) if found is not None else None


MOST_WAYS = 40
"""So many are looked up for one picture; whoever else is out is drawn on a straight line."""
Line = tuple[NDArray[np.float64], NDArray[np.float64]]


def whereabouts(shown: Playback, now: Instant) -> tuple[NDArray[np.float64], NDArray[np.float64], list[Line]]:
    """Where whoever is out is, degrees, along the streets; and the ways of those who are going there.

    A way is drawn in the colour of who is going: of one who comes back it would say the opposite.
    """
    lon, lat = now.on_a_line()
    desks, ways = shown.played.setup.plan.desks, []
    for row in np.flatnonzero(now.doing != WORKING)[:MOST_WAYS].tolist():
        profile = desks[int(shown.services.desk[now.out[row]])].profile
        desk, spot = (now.desk_lon[row], now.desk_lat[row]), (now.spot_lon[row], now.spot_lat[row])
        back = bool(now.doing[row] == RETURNING)
        way = _way(profile, *(spot if back else desk), *(desk if back else spot))
        if len(way[0]) > 1:
            lon[row], lat[row] = along(way, 1.0 - now.share[row] if back else now.share[row])
            ways += [] if back else [way]
    return lon, lat, ways


def along(way: Line, share: float) -> tuple[float, float]:
    """The point that lies at a share of a line's length, from 0 to 1."""
    lon, lat = way
    done_m = np.concatenate(([0.0], np.cumsum(great_circle_m(lon[:-1], lat[:-1], lon[1:], lat[1:]))))
    at_m = share * done_m[-1]
    return float(np.interp(at_m, done_m, lon)), float(np.interp(at_m, done_m, lat))


@lru_cache(maxsize=512)
def _way(profile: Profile, from_lon: float, from_lat: float, to_lon: float, to_lat: float) -> Line:
    """Along the streets; empty where there is no way."""
    times = centre().travel[profile]
    route = times.path(times.place([from_lon], [from_lat]), times.place([to_lon], [to_lat]))
    return route.lon, route.lat


def teams(shown: Playback, now: Instant, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> str:
    """Address of whoever is out, where they are."""
    desks, services = shown.played.setup.plan.desks, shown.services
    rings = [RINGS.get(int(doing), layers.Ring.FREE) for doing in now.doing]
    ids = [f"S{row}" for row in now.out]
    tips = [f"{desks[services.desk[row]].id} · {services.officers[row]}" for row in now.out]
    return shelf().put(layers.teams_table(ids, lon, lat, rings, tips))


def visited_by(shown: Playback, now: Instant) -> NDArray[np.intp]:
    """Rows of the incidents that somebody goes to or works at."""
    return np.unique(shown.services.incident[now.out[now.doing != RETURNING]]).astype(np.intp)


def incidents(shown: Playback, now: Instant) -> str:
    """Address of what waits for somebody and of what somebody goes to or works at; what they come back from is done."""
    reports, setup = shown.played.reports, shown.played.setup
    visited = visited_by(shown, now)
    rows = np.concatenate([now.waiting, visited]).astype(np.intp)
    working = set(shown.services.incident[now.out[now.doing == WORKING]].tolist())
    stage = [layers.Stage.WAITING] * len(now.waiting) + [
        layers.Stage.ON_SCENE if row in working else layers.Stage.SENT for row in visited
    ]
    overdue = np.concatenate([now.late, np.zeros(len(visited), dtype=bool)])
    return shelf().put(
        layers.incidents_table(
            [f"I{row + 1}" for row in rows],
            reports.lon[rows],
            reports.lat[rows],
            setup.matters.priority[reports.matter[rows]] + 1,
            stage,
            overdue,
            [f"I{row + 1} · {_matter(reports, int(row))}" for row in rows],
        )
    )


def _matter(reports: Reports, row: int) -> str:
    return str(centre().scenario.demand.matters[reports.matter[row]])
