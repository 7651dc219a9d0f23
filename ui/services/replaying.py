"""A replication on the map: teams and incidents at an instant, as tables that the map draws."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from simulation.instants import GOING, WORKING, Instant, Playback
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


def teams(shown: Playback, now: Instant) -> str:
    """Address of whoever is out."""
    desks, services = shown.played.setup.plan.desks, shown.services
    rings = [RINGS.get(int(doing), layers.Ring.FREE) for doing in now.doing]
    ids = [f"S{row}" for row in now.out]
    tips = [f"{desks[services.desk[row]].id} · {services.officers[row]}" for row in now.out]
    return shelf().put(layers.teams_table(ids, now.lon, now.lat, rings, tips))


def incidents(shown: Playback, now: Instant) -> str:
    """Address of what waits for somebody and of what somebody is out for."""
    reports, setup = shown.played.reports, shown.played.setup
    visited = np.unique(shown.services.incident[now.out])
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
