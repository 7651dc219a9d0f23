"""What a hand did on the map. It comes from a browser, so nothing of it is believed unseen."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

LAYERS = frozenset({"", "incidents", "teams", "cells", "pins"})
LONGEST_ID = 200
MOST_CORNERS = 1_000


@dataclass(frozen=True, slots=True)
class Click:
    """A click on the thing ``id`` of ``layer``, or on bare ground (both empty), at WGS84 degrees."""

    layer: str
    id: str
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class MapEvents:
    """What happened since the last run: None where nothing did. An empty lasso means: area taken away."""

    click: Click | None = None
    lasso: tuple[tuple[float, float], ...] | None = None


def read_click(sent: object) -> Click | None:
    """The click, or None when what came is not one."""
    if not isinstance(sent, Mapping):
        return None
    layer, name, place = sent.get("layer"), sent.get("id"), read_place([sent.get("lon"), sent.get("lat")])
    if not isinstance(layer, str) or layer not in LAYERS or place is None:
        return None
    if not isinstance(name, str) or len(name) > LONGEST_ID or bool(name) != bool(layer):
        return None
    return Click(layer, name, *place)


def read_lasso(sent: object) -> tuple[tuple[float, float], ...] | None:
    """The corners, at least three, or an empty tuple for an area taken away; None when what came is neither."""
    if not isinstance(sent, list) or len(sent) > MOST_CORNERS or 0 < len(sent) < 3:
        return None
    corners = [read_place(each) for each in sent]
    return tuple(corner for corner in corners if corner is not None) if None not in corners else None


def read_place(sent: object) -> tuple[float, float] | None:
    """Longitude and latitude in degrees, or None."""
    if not isinstance(sent, list) or len(sent) != 2:
        return None
    lon, lat = sent
    if not all(isinstance(each, int | float) and not isinstance(each, bool) for each in sent):
        return None
    if not (math.isfinite(lon) and math.isfinite(lat) and abs(lon) <= 180 and abs(lat) <= 90):
        return None
    return float(lon), float(lat)
