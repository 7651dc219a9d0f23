"""The collections of OGC API Features: the district's cells, its incidents, where teams are and which way they go."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import isfinite
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from dispatch.records.incident import Incident
from dispatch.records.team import Activity, Team
from dispatch.response.arrival import way
from scenarios.scenario import Scenario
from ui.doors.answers import stamp
from ui.services.centre import Centre

CELL_COLUMNS = ("code", "community", "town", "area_m2")
UNDER_WAY = frozenset({Activity.ASSIGNED, Activity.EN_ROUTE})


Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class Features:
    """The features of one collection at one moment, in the order in which they are paged.

    Attributes
    ----------
    ids
        One a feature.
    shapes
        EPSG:4326; None for what has no place.
    values
        By property, one a feature; these can be filtered by.
    times
        Aware, one a feature; None where a collection knows no time.
    """

    ids: Sequence[str]
    shapes: NDArray[np.object_]
    values: Mapping[str, Sequence[Any]]
    times: Sequence[datetime] | None = None
    _written: dict[int, str] = field(default_factory=dict, compare=False)

    def chosen(self, wanted: Mapping[str, str], bbox: Sequence[float] | None, span: Span | None) -> NDArray[np.int64]:
        """Rows that answer to every property, touch the box, and lie in the span (both ends included)."""
        rows = np.ones(len(self.ids), dtype=bool)
        for name, value in wanted.items():
            rows &= np.array([as_text(each) == value for each in self.values[name]], dtype=bool).reshape(len(rows))
        if bbox is not None:
            rows &= self._touching(bbox)
        if span is not None and self.times is not None:
            rows &= np.array([span[0] <= at <= span[1] for at in self.times], dtype=bool).reshape(len(rows))
        return np.flatnonzero(rows)

    def written(self, row: int) -> str:
        """One feature as GeoJSON; what was written once is kept with the collection."""
        text = self._written.get(row)
        if text is None:
            shape = self.shapes[row]
            geometry = "null" if shape is None else shapely.to_geojson(shape)
            values = json.dumps({name: each[row] for name, each in self.values.items()}, ensure_ascii=False)
            head = f'{{"type":"Feature","id":{json.dumps(self.ids[row])}'
            text = f'{head},"geometry":{geometry},"properties":{values}}}'
            self._written[row] = text
        return text

    def _touching(self, bbox: Sequence[float]) -> NDArray[np.bool_]:
        """A box whose west lies east of its east goes over the 180th meridian."""
        west, south, east, north = bbox
        spans = [(west, east)] if west <= east else [(west, 180.0), (-180.0, east)]
        hit = np.zeros(len(self.ids), dtype=bool)
        for left, right in spans:
            hit |= shapely.intersects(self.shapes, shapely.box(left, south, right, north))
        return hit


@dataclass(frozen=True, slots=True)
class Collection:
    """One collection as it is announced, and how its features are made.

    Attributes
    ----------
    properties
        Each with its type in JSON Schema.
    geometry
        Name of the geometry in GeoJSON.
    """

    id: str
    title: str
    description: str
    geometry: str
    properties: Mapping[str, str]
    make: Callable[[Centre, Sequence[str]], Features]


_KEPT: list[tuple[Scenario, Features]] = []
"""The cells of the place that is open, with what was written of them."""


def as_text(value: object) -> str:
    """A property as somebody writes it behind the question mark."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _cells(opened: Centre, _areas: Sequence[str]) -> Features:
    """Cells do not change while a place is open: written once for it."""
    place = opened.scenario
    if not _KEPT or _KEPT[0][0] is not place:
        values: dict[str, list[Any]] = {name: place.cells[name].tolist() for name in CELL_COLUMNS}
        _KEPT[:] = [(place, Features(values["code"], place.cells.geometry.to_numpy(), values))]
    return _KEPT[0][1]


def _incidents(opened: Centre, areas: Sequence[str]) -> Features:
    """Open ones and those closed today. No text, address or caller: who fetches a map need not know them."""
    shown = list(opened.board().within(areas).incidents.values())
    values: dict[str, list[Any]] = {
        "id": [each.id for each in shown],
        "matter": [each.matter for each in shown],
        "status": [each.status.value for each in shown],
        "priority": [each.priority for each in shown],
        "reported_at": [stamp(each.reported_at) for each in shown],
        "due_at": [stamp(each.due_at) for each in shown],
        "town": [each.town for each in shown],
        "cell": [each.cell for each in shown],
    }
    shapes = _points([each.lon for each in shown], [each.lat for each in shown])
    return Features(values["id"], shapes, values, [each.reported_at for each in shown])


def _teams(opened: Centre, areas: Sequence[str]) -> Features:
    """Everybody on the roster where they last were; never who sits in the team."""
    board = opened.board().within(areas)
    teams = sorted(board.teams.values(), key=lambda team: team.id)
    values: dict[str, list[Any]] = {
        "id": [each.id for each in teams],
        "name": [each.name for each in teams],
        "body": [each.body for each in teams],
        "town": [each.town for each in teams],
        "activity": [each.activity.value for each in teams],
        "incident": [each.incident for each in teams],
        "on_duty": [each.id in board.on_duty for each in teams],
    }
    return Features(values["id"], _points([each.lon for each in teams], [each.lat for each in teams]), values)


def _routes(opened: Centre, areas: Sequence[str]) -> Features:
    """The way along the streets of each team that has been sent and is not there yet."""
    board = opened.board().within(areas)
    going = [
        (team, board.incidents[team.incident])
        for team in sorted(board.teams.values(), key=lambda team: team.id)
        if team.activity in UNDER_WAY and team.incident in board.incidents
    ]
    lines = [(team, incident, *_way(opened, team, incident)) for team, incident in going]
    lines = [each for each in lines if each[2] is not None]
    values: dict[str, list[Any]] = {
        "team": [team.id for team, *_ in lines],
        "incident": [incident.id for _, incident, *_ in lines],
        "seconds": [round(seconds) for *_, seconds in lines],
    }
    shapes = np.array([shape for _, _, shape, _ in lines], dtype=object)
    return Features(values["team"], shapes, values)


def _way(opened: Centre, team: Team, incident: Incident) -> tuple[shapely.LineString | None, float]:
    if not (isfinite(incident.lon) and isfinite(incident.lat)):
        return None, 0.0
    route = way(opened.travel, team, incident)
    if route.lon.size < 2 or not isfinite(route.cost):
        return None, 0.0
    return shapely.LineString(np.column_stack((route.lon, route.lat))), float(route.cost)


def _points(lon: Sequence[float], lat: Sequence[float]) -> NDArray[np.object_]:
    shapes = np.empty(len(lon), dtype=object)
    for row, (x, y) in enumerate(zip(lon, lat, strict=True)):
        shapes[row] = shapely.Point(x, y) if isfinite(x) and isfinite(y) else None
    return shapes


COLLECTIONS: Mapping[str, Collection] = {
    each.id: each
    for each in (
        Collection(
            "grid_cells",
            "单元网格 Grid cells",
            "Every cell of the district.",
            "Polygon",
            {"code": "string", "community": "string", "town": "string", "area_m2": "number"},
            _cells,
        ),
        Collection(
            "incidents",
            "事件 Incidents",
            "Open incidents and those closed today, without their words.",
            "Point",
            {
                **dict.fromkeys(("id", "matter", "status"), "string"),
                "priority": "integer",
                **dict.fromkeys(("reported_at", "due_at", "town", "cell"), "string"),
            },
            _incidents,
        ),
        Collection(
            "teams",
            "队伍 Teams",
            "Each team of the roster where it last was.",
            "Point",
            {**dict.fromkeys(("id", "name", "body", "town", "activity", "incident"), "string"), "on_duty": "boolean"},
            _teams,
        ),
        Collection(
            "routes",
            "路线 Routes",
            "The way by street of each team that has been sent and is not there yet.",
            "LineString",
            {"team": "string", "incident": "string", "seconds": "integer"},
            _routes,
        ),
    )
}
