"""What the map shows of a board: tables on the shelf, made once for all sessions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from dispatch.records.incident import Incident
from dispatch.records.team import Team
from ui.map import layers
from ui.map.shelf import Shelf
from ui.map.spec import Tables, View
from ui.services.board import Board, overdue
from ui.services.centre import Centre, centre, shelf
from ui.services.cover import Covered


@dataclass(frozen=True, slots=True)
class Ground:
    """Addresses of what does not change while the process lives, and the view of the whole district."""

    cells: str
    water: str
    minor: str
    major: str
    borders: str
    labels: str
    home: View


@cache
def ground() -> Ground:
    """The district's own tables, packed once."""
    scenario, place = centre().scenario, shelf()
    lines = scenario.streets.lines()
    minor, major = layers.roads_tables(lines)
    labels = [
        *layers.area_labels(scenario.towns, layers.Kind.TOWN, to_zoom=14.5),
        *layers.street_labels(lines),
    ]
    west, south, east, north = scenario.cells.total_bounds
    return Ground(
        cells=place.put(layers.cells_table(scenario.cells)),
        water=place.put(layers.water_table(scenario.water)),
        minor=place.put(minor),
        major=place.put(major),
        borders=place.put(layers.borders_table(scenario.towns, scenario.water)),
        labels=place.put(layers.labels_table(labels)),
        home=View.of(west, south, east, north),
    )


class Pictures:
    """Tables that change with the board; equal boards and filters share one."""

    def __init__(self, place: Shelf) -> None:
        self._shelf = place
        self._lock = Lock()
        self._teams: tuple[tuple[int, int], str] | None = None
        self._tint: tuple[Covered, str] | None = None
        self._incidents: tuple[object, str] | None = None

    def teams(self, board: Board) -> str:
        """Address of the teams on duty as they stand on this board."""
        key = (board.revision, len(board.on_duty))
        with self._lock:
            if self._teams is None or self._teams[0] != key:
                self._teams = key, self._shelf.put(_teams_table(board))
            return self._teams[1]

    def incidents(self, shown: Sequence[Incident], now: datetime) -> str:
        """Address of the incidents that a filter lets through."""
        key = [(incident.id, incident.version, overdue(incident, now)) for incident in shown]
        with self._lock:
            if self._incidents is None or self._incidents[0] != key:
                self._incidents = key, self._shelf.put(_incidents_table(shown, now))
            return self._incidents[1]

    def tint(self, opened: Centre, board: Board) -> str:
        """Address of the cells' tint: minutes to the nearest free lawful pair."""
        covered = opened.cover.by(board.free_teams(), board.now, opened.today())
        with self._lock:
            if self._tint is None or self._tint[0] is not covered:
                self._tint = covered, self._shelf.put(layers.tint(opened.cover.steps(covered.seconds)))
            return self._tint[1]


@cache
def pictures() -> Pictures:
    """The process's pictures."""
    return Pictures(shelf())


def tables(board: Board, shown: Sequence[Incident], route: str | None, hidden: frozenset[str]) -> Tables:
    """Every table of the map but those of ``hidden`` layers (``cover``, ``streets``, ``teams``, ``towns``)."""
    fixed, made = ground(), pictures()
    streets = "streets" not in hidden
    return Tables(
        cells=fixed.cells,
        tint=None if "cover" in hidden else made.tint(centre(), board),
        water=fixed.water,
        minor=fixed.minor if streets else None,
        major=fixed.major if streets else None,
        borders=None if "towns" in hidden else fixed.borders,
        labels=fixed.labels,
        route=route,
        teams=None if "teams" in hidden else made.teams(board),
        incidents=made.incidents(shown, board.now),
    )


def route_table(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> str:
    """Address of one way on the map."""
    return shelf().put(layers.route_table(lon, lat))


def _teams_table(board: Board) -> bytes:
    on_duty = [team for team in board.teams.values() if team.id in board.on_duty]
    return layers.teams_table(
        [team.id for team in on_duty],
        [team.lon for team in on_duty],
        [team.lat for team in on_duty],
        [layers.RING_OF[team.activity] for team in on_duty],
        [_tip(team) for team in on_duty],
    )


def _tip(team: Team) -> str:
    return f"{team.name} · {team.incident}" if team.incident else team.name


def _incidents_table(shown: Sequence[Incident], now: datetime) -> bytes:
    marked = [incident for incident in shown if incident.status in layers.STAGE_OF]
    matters = centre().scenario.rulebook.matters
    return layers.incidents_table(
        [incident.id for incident in marked],
        [incident.lon for incident in marked],
        [incident.lat for incident in marked],
        [incident.priority for incident in marked],
        [layers.STAGE_OF[incident.status] for incident in marked],
        [overdue(incident, now) for incident in marked],
        [
            f"{matters[incident.matter].name_zh if incident.matter in matters else incident.text[:24]} · {incident.id}"
            for incident in marked
        ],
    )
