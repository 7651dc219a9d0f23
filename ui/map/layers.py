"""From frames and arrays to the tables the map draws. Coordinates in, WGS84 degrees; bytes for the shelf out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from dispatch.records.incident import Status
from dispatch.records.team import Activity
from ui.map.columns import degrees, pack
from ui.map.pieces import merged, paths, plain, simple_polygons, single_edges, tiled_edges, tiles_of

# Side of a tile in degrees. At the zoom from which cells and minor streets are drawn a screen holds some twenty.
FINE_TILE = 0.03
COARSE_TILE = 0.12

# Streets by the tier they are drawn in, widest first; what is not named here is drawn as a residential street.
TIERS = (
    ("motorway", "trunk"),
    ("primary",),
    ("secondary",),
    ("tertiary",),
    ("residential", "unclassified"),
    ("living_street", "service", "pedestrian"),
    ("footway", "path", "cycleway", "steps", "track"),
)
RESIDENTIAL = 4
FIRST_MINOR = 4
STREET_ZOOM = (12.0, 12.5, 13.3, 14.3, 15.2, 15.8, 16.5)  # names appear at this zoom, by tier
_TIER_OF = {road: tier for tier, roads in enumerate(TIERS) for road in roads}
BANK_DEG = 3e-5


class Stage(IntEnum):
    """How far an incident has come, as the map shows it."""

    WAITING = 0
    SENT = 1
    ON_SCENE = 2


class Ring(IntEnum):
    """What a team does, as the colour of its ring. Teams off duty are not on the map."""

    FREE = 0
    ON_WAY = 1
    BUSY = 2


STAGE_OF = {
    Status.REPORTED: Stage.WAITING,
    Status.ASSIGNED: Stage.SENT,
    Status.ACCEPTED: Stage.SENT,
    Status.ON_SCENE: Stage.ON_SCENE,
}
RING_OF = {
    Activity.FREE: Ring.FREE,
    Activity.ASSIGNED: Ring.ON_WAY,
    Activity.EN_ROUTE: Ring.ON_WAY,
    Activity.ON_SCENE: Ring.BUSY,
}


class Kind(IntEnum):
    """What a name on the map names."""

    TOWN = 0
    COMMUNITY = 1
    STREET = 2
    WATER = 3


@dataclass(frozen=True, slots=True)
class Label:
    """A name on the map, shown from ``from_zoom`` and below ``to_zoom``; ``angle`` in degrees, anticlockwise."""

    text: str
    lon: float
    lat: float
    kind: Kind
    from_zoom: float = 0.0
    to_zoom: float = 30.0
    angle: float = 0.0


def cells_table(cells: gpd.GeoDataFrame) -> bytes:
    """Cells with their outlines; columns ``code`` and ``geometry``. One tint until :func:`tint` says more.

    Cells with holes and cells in several parts are cut into simple pieces that know their cell; a click on any of
    them names the cell's code.
    """
    geometry = cells.geometry.to_numpy()
    n, columns = simple_polygons(geometry)
    return pack(n, **columns, **tiled_edges(geometry, FINE_TILE), id=cells["code"].astype(str).tolist())


def tint(cls: ArrayLike) -> bytes:
    """Class of each cell in the order of ``cells_table``, 0 the lightest of ``Palette.load``; 20 kB for 20,000."""
    classes = np.asarray(cls, dtype=np.uint8)
    return pack(len(classes), cls=classes)


def water_table(water: gpd.GeoDataFrame | gpd.GeoSeries) -> bytes:
    """Rivers and lakes as polygons, with their banks."""
    geometry = water.geometry.to_numpy()
    n, columns = simple_polygons(geometry)
    return pack(n, **columns, edge_xy=single_edges(geometry).ravel())


def roads_tables(lines: gpd.GeoDataFrame) -> tuple[bytes, bytes]:
    """Minor and major streets, each in tiles, the widest drawn last.

    Parameters
    ----------
    lines
        Columns ``road`` (a name of ``TIERS``, ``_link`` counts as its road) and LineString ``geometry``, as
        ``Streets.lines()`` gives them: one row for a street, not one a direction.
    """
    tier = np.array([_tier(road) for road in lines["road"]], dtype=np.uint8)
    geometry = lines.geometry.to_numpy()
    minor = tier >= FIRST_MINOR
    return _roads(geometry[minor], tier[minor], FINE_TILE), _roads(geometry[~minor], tier[~minor], COARSE_TILE)


def borders_table(
    areas: gpd.GeoDataFrame | gpd.GeoSeries, water: gpd.GeoDataFrame | gpd.GeoSeries | None = None
) -> bytes:
    """Borders between towns, each once; banks of ``water`` are left out, since water is drawn for itself."""
    edges = single_edges(areas.geometry.to_numpy())
    if water is not None and not water.empty:
        middle = (edges[:, :2].astype(np.float64) + edges[:, 2:]) / 2e7
        wet = shapely.union_all(water.geometry.to_numpy()).buffer(BANK_DEG)
        edges = edges[~shapely.contains_xy(wet, middle[:, 0], middle[:, 1])]
    lines = merged(edges)
    return pack(len(lines), **paths(lines))


def route_table(lon: ArrayLike, lat: ArrayLike) -> bytes:
    """One way from its first point to its last."""
    return routes_table([(lon, lat)])


def routes_table(ways: Sequence[tuple[ArrayLike, ArrayLike]], crews: Sequence[int] | None = None) -> bytes:
    """Several ways, each from its first point to its last; ``crews`` says whose colour each wears, counted from 0."""
    each = [degrees(lon, lat).ravel() for lon, lat in ways]
    start = np.cumsum([0, *(xy.size // 2 for xy in each)])
    whose = {} if crews is None else {"cls": np.asarray(crews, np.uint8)}
    return pack(len(each), xy=np.concatenate(each), start=start.astype(np.uint32), **whose)


def labels_table(labels: Sequence[Label]) -> bytes:
    """Names, the more important first: where two would collide the earlier one is shown."""
    return pack(
        len(labels),
        xy=degrees([each.lon for each in labels], [each.lat for each in labels]),
        text=[each.text for each in labels],
        kind=np.array([each.kind for each in labels], np.uint8),
        from_zoom=np.array([each.from_zoom for each in labels], np.float32),
        to_zoom=np.array([each.to_zoom for each in labels], np.float32),
        angle=np.array([each.angle for each in labels], np.float32),
    )


def area_labels(areas: gpd.GeoDataFrame, kind: Kind, from_zoom: float = 0.0, to_zoom: float = 30.0) -> list[Label]:
    """The areas' names inside them, larger areas first; columns ``name`` and ``geometry``."""
    largest_first = areas.iloc[np.argsort(-shapely.area(areas.geometry.to_numpy()), kind="stable")]
    inside = shapely.point_on_surface(largest_first.geometry.to_numpy())
    places = zip(largest_first["name"], shapely.get_x(inside), shapely.get_y(inside), strict=True)
    return [Label(str(name), float(x), float(y), kind, from_zoom, to_zoom) for name, x, y in places if name]


def street_labels(lines: gpd.GeoDataFrame, apart_deg: float = 0.012) -> list[Label]:
    """Names along the streets, wide streets first, the same name again only ``apart_deg`` away.

    Parameters
    ----------
    lines
        Columns ``road``, ``name`` and LineString ``geometry``.
    """
    named = lines[lines["name"].astype(bool)]
    tier = np.array([_tier(road) for road in named["road"]], dtype=np.uint8)
    length = shapely.length(named.geometry.to_numpy())
    shown: dict[str, list[tuple[float, float]]] = {}
    labels = []
    for row in np.lexsort((-length, tier)):
        name, label = str(named["name"].iloc[row]), _along(named.geometry.iloc[row])
        near = shown.setdefault(name, [])
        if all(max(abs(label[0] - x), abs(label[1] - y)) > apart_deg for x, y in near):
            near.append(label[:2])
            labels.append(Label(name, label[0], label[1], Kind.STREET, STREET_ZOOM[tier[row]], angle=label[2]))
    return labels


def incidents_table(
    ids: Sequence[str],
    lon: ArrayLike,
    lat: ArrayLike,
    priority: ArrayLike,
    stage: ArrayLike,
    overdue: ArrayLike,
    tip: Sequence[str] | None = None,
) -> bytes:
    """Incidents as marks, the most urgent drawn last and so on top. Those without a place (NaN) are left out.

    Parameters
    ----------
    priority
        1 to 4.
    stage
        Values of :class:`Stage`.
    overdue
        True wears the red ring.
    tip
        What a pointer reads; the id where None.
    """
    place = np.column_stack([np.asarray(lon, np.float64), np.asarray(lat, np.float64)])
    columns = (np.asarray(priority, np.uint8), np.asarray(stage, np.uint8), np.asarray(overdue, np.uint8))
    order = np.lexsort((-columns[0].astype(int), columns[2], -columns[1].astype(int)))
    order = order[np.isfinite(place[order]).all(axis=1)]
    return pack(
        len(order),
        xy=degrees(place[order, 0], place[order, 1]),
        **dict(zip(("priority", "stage", "overdue"), (column[order] for column in columns), strict=True)),
        **_names(ids, tip, order),
    )


def teams_table(
    ids: Sequence[str], lon: ArrayLike, lat: ArrayLike, ring: ArrayLike, tip: Sequence[str] | None = None
) -> bytes:
    """Teams as hollow rings by what they do (:class:`Ring`), free ones on top. Those without a place are left out."""
    place = np.column_stack([np.asarray(lon, np.float64), np.asarray(lat, np.float64)])
    cls = np.asarray(ring, np.uint8)
    order = np.argsort(-cls.astype(int), kind="stable")
    order = order[np.isfinite(place[order]).all(axis=1)]
    return pack(len(order), xy=degrees(place[order, 0], place[order, 1]), cls=cls[order], **_names(ids, tip, order))


def _names(ids: Sequence[str], tip: Sequence[str] | None, order: NDArray[np.intp]) -> dict[str, list[str]]:
    names = {"id": [str(ids[row]) for row in order]}
    return names if tip is None else names | {"tip": [str(tip[row]) for row in order]}


def _tier(road: object) -> int:
    return _TIER_OF.get(str(road).removesuffix("_link"), RESIDENTIAL)


def _roads(geometry: NDArray[np.object_], tier: NDArray[np.uint8], side_deg: float) -> bytes:
    narrow_first = np.argsort(-tier.astype(int), kind="stable")
    order, columns = tiles_of(shapely.bounds(geometry[narrow_first]).reshape(-1, 4), side_deg)
    order = narrow_first[order]
    return pack(len(order), **paths(plain(geometry[order])), cls=tier[order], **columns)


def _along(line: shapely.LineString) -> tuple[float, float, float]:
    """Middle of a line and the angle in degrees at which a name reads along it, never upside down."""
    middle = line.interpolate(0.5, normalized=True)
    before, after = line.interpolate(0.3, normalized=True), line.interpolate(0.7, normalized=True)
    east = (after.x - before.x) * math.cos(math.radians(middle.y))
    angle = math.degrees(math.atan2(after.y - before.y, east))
    return middle.x, middle.y, (angle + 90) % 180 - 90
