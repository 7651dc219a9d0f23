"""What the map shows of a board: tables on the shelf, made once for all sessions."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from dispatch.records.incident import Incident
from dispatch.records.team import Team
from dispatch.rulebook.matters import Matter
from ui.map import layers
from ui.map.palette import Palette
from ui.map.shelf import Shelf
from ui.map.spec import MapSpec, Pin, Selected, Tables, View, Words
from ui.services.board import Board, overdue
from ui.services.centre import Centre, centre, shelf
from ui.settings import settings
from ui.wording import Wording

TABLES_KEPT = 24


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
        cells=place.put(layers.cells_table(scenario.cells), for_good=True),
        water=place.put(layers.water_table(scenario.water), for_good=True),
        minor=place.put(minor, for_good=True),
        major=place.put(major, for_good=True),
        borders=place.put(layers.borders_table(scenario.towns, scenario.water), for_good=True),
        labels=place.put(layers.labels_table(labels), for_good=True),
        home=View.of(west, south, east, north),
    )


def on_ground(
    w: Wording,
    name: str,
    colours: Palette,
    *,
    home: View | None = None,
    selected: Selected | None = None,
    pins: Sequence[Pin] = (),
    revision: int = 0,
    **drawn: str | None,
) -> MapSpec:
    """A map without a lasso: the district's ground, with tables ``drawn`` upon it or instead of the ground's own.

    Parameters
    ----------
    name
        What the map is called, for those who hear it.
    home
        Where it looks; at the whole district unless given.
    """
    fixed = ground()
    own = {table: getattr(fixed, table) for table in ("cells", "water", "minor", "major", "borders", "labels")}
    return MapSpec(
        home=home or fixed.home,
        palette=colours,
        tables=Tables(**own | drawn),
        words=Words(name, w("map.in"), w("map.out"), w("map.home"), "", ""),
        selected=selected,
        pins=tuple(pins),
        revision=revision,
        sharp=settings().sharp,
    )


class Pictures:
    """Tables that change with the board; equal boards and filters share one.

    A table is put on the shelf at every use, since what nobody asks for falls off.
    """

    def __init__(self, place: Shelf) -> None:
        self._shelf = place
        self._lock = Lock()
        self._made: OrderedDict[object, bytes] = OrderedDict()

    def teams(self, board: Board) -> str:
        """Address of the teams on duty as they stand on this board."""
        return self._kept(("teams", board.revision, board.on_duty), lambda: _teams_table(board))

    def incidents(self, shown: Sequence[Incident], now: datetime, words: Wording) -> str:
        """Address of the incidents that a filter lets through."""
        key = tuple((incident.id, incident.version, overdue(incident, now)) for incident in shown)
        return self._kept(("incidents", words.language, key), lambda: _incidents_table(shown, now, words))

    def tint(self, opened: Centre, board: Board) -> str:
        """Address of the cells' tint: minutes to the nearest free lawful pair."""
        serial, covered = opened.cover.by(board.free_teams(), board.now, opened.today())
        return self._kept(("tint", serial), lambda: layers.tint(opened.cover.steps(covered.seconds)))

    def _kept(self, key: object, make: Callable[[], bytes]) -> str:
        with self._lock:
            if key not in self._made:
                self._made[key] = make()
                if len(self._made) > TABLES_KEPT:
                    self._made.popitem(last=False)
            self._made.move_to_end(key)
            return self._shelf.put(self._made[key])


@cache
def pictures() -> Pictures:
    """The process's pictures."""
    return Pictures(shelf())


def tables(
    board: Board, shown: Sequence[Incident], route: str | None, hidden: frozenset[str], words: Wording
) -> Tables:
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
        incidents=made.incidents(shown, board.now, words),
    )


def route_table(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> str:
    """Address of one way on the map."""
    return shelf().put(layers.route_table(lon, lat))


def routes_table(ways: Sequence[tuple[NDArray[np.float64], NDArray[np.float64]]]) -> str:
    """Address of several ways on the map, longitudes and latitudes of each."""
    return shelf().put(layers.routes_table(ways))


def crews_table(ways: Mapping[int, tuple[NDArray[np.float64], NDArray[np.float64]]]) -> str:
    """Address of crews' ways on the map: longitudes and latitudes by the number whose colour they wear."""
    return shelf().put(layers.routes_table(list(ways.values()), list(ways)))


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


def _incidents_table(shown: Sequence[Incident], now: datetime, words: Wording) -> bytes:
    marked = [incident for incident in shown if incident.status in layers.STAGE_OF]
    matters = centre().rulebook.matters
    return layers.incidents_table(
        [incident.id for incident in marked],
        [incident.lon for incident in marked],
        [incident.lat for incident in marked],
        [incident.priority for incident in marked],
        [layers.STAGE_OF[incident.status] for incident in marked],
        [overdue(incident, now) for incident in marked],
        [f"{_called(incident, matters, words)} · {incident.id}" for incident in marked],
    )


def _called(incident: Incident, matters: Mapping[str, Matter], words: Wording) -> str:
    """The matter's name, or the first words while it has none."""
    matter = matters.get(incident.matter)
    return words.pick(matter.name_zh, matter.name_en) if matter else incident.text[:24]
