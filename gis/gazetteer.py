"""Names of a place's towns, communities and streets, found in what people write, with the point they mean.

People write "鼓楼社区中山路" or "中山路和解放路口": the street is meant where it passes the community, and two streets
where they meet. A name alone means its middle, and says how far the true place may lie from it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from gis.areas import Areas, town_of
from gis.crs import great_circle_m
from gis.streets import Streets

ENDINGS = ("村村委会", "村委会", "社区居委会", "居委会", "社区")
SHORTEST = 2
FULL = (*ENDINGS, "街道", "镇", "乡", "村", "小区")
# 新区 is no place in 浦东新区, nor 中山 in 中山西路: a short name starts a word, and no longer name goes on from it.
SHORT = (
    r"(?:(?<![\u4e00-\u9fff])|(?<=[在到从去于住是镇区道]))"
    r"{}(?![东西南北中上下大新老一二三四五六七八九十]*(?:路|街|巷|弄|道|桥|河|站|院|校|厦|场|区|市|县|省|新村))"
)
MEET_WITHIN_M = 60.0


class Precision(StrEnum):
    """What a found point stands for, the best first."""

    CROSSING = "crossing"
    STREET_IN_COMMUNITY = "street_in_community"
    COMMUNITY = "community"
    STREET_IN_TOWN = "street_in_town"
    STREET = "street"
    TOWN = "town"


@dataclass(frozen=True, slots=True)
class Spot:
    """One reading of the words.

    Attributes
    ----------
    names
        The names it is read from, as the gazetteer spells them.
    lon, lat
        WGS84 degrees.
    within_m
        How far the true place may be from the point.
    """

    precision: Precision
    names: tuple[str, ...]
    lon: float
    lat: float
    within_m: float


@dataclass(frozen=True, slots=True)
class _Points:
    """Points that a name covers, WGS84 degrees, shape (n,) each; ``town`` is the name of the town around an area."""

    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    town: str = ""

    def middle(self) -> tuple[float, float, float]:
        """The point of them nearest to their mean, and how far the farthest lies from it."""
        near = self.nearest(float(self.lon.mean()), float(self.lat.mean()))
        lon, lat = float(self.lon[near]), float(self.lat[near])
        return lon, lat, float(great_circle_m(self.lon, self.lat, lon, lat).max())

    def nearest(self, lon: float, lat: float) -> int:
        return int(np.argmin(great_circle_m(self.lon, self.lat, lon, lat)))


class Gazetteer:
    """Finds places of one district in text.

    Parameters
    ----------
    areas
        Names and codes.
    cells
        ``code, community, town, geometry``, EPSG:4326: where each area lies.
    streets
        Named edges; a name counts from two characters on.
    """

    def __init__(self, areas: Areas, cells: gpd.GeoDataFrame, streets: Streets) -> None:
        self._areas = _covered(areas, cells, "community")
        self._towns = _covered(areas, cells, "town")
        self._streets = _streets(streets)
        whole = {*self._streets, *(name for name in (*self._areas, *self._towns) if name.endswith(FULL))}
        names = sorted({*self._areas, *self._towns, *self._streets}, key=len, reverse=True)
        forms = (re.escape(name) if name in whole else SHORT.format(re.escape(name)) for name in names)
        self._any = re.compile("|".join(forms) or r"(?!)")

    def find(self, text: str) -> tuple[Spot, ...]:
        """Readings of ``text``, the most precise first; empty when no name of the district stands in it."""
        named = list(dict.fromkeys(self._any.findall(text)))
        roads = [name for name in named if name in self._streets]
        spots = [*self._crossings(roads), *self._along(roads, named), *self._alone(named)]
        return tuple(sorted(spots, key=lambda spot: (list(Precision).index(spot.precision), spot.within_m)))

    def _crossings(self, roads: list[str]) -> Iterable[Spot]:
        for n, first in enumerate(roads):
            for second in roads[n + 1 :]:
                meeting = _meeting(self._streets[first], self._streets[second])
                if meeting is not None:
                    yield Spot(Precision.CROSSING, (first, second), *meeting, MEET_WITHIN_M)

    def _along(self, roads: list[str], named: list[str]) -> Iterable[Spot]:
        """The street where it passes the middle of a named area."""
        around = ((self._areas, Precision.STREET_IN_COMMUNITY), (self._towns, Precision.STREET_IN_TOWN))
        for road in roads:
            points = self._streets[road]
            for known, precision in around:
                for area, place in _meant(known, named):
                    lon, lat, within = place.middle()
                    near = points.nearest(lon, lat)
                    gap = float(great_circle_m(points.lon[near], points.lat[near], lon, lat))
                    if gap <= within:
                        yield Spot(precision, (area, road), float(points.lon[near]), float(points.lat[near]), within)

    def _alone(self, named: list[str]) -> Iterable[Spot]:
        for known, precision in ((self._areas, Precision.COMMUNITY), (self._towns, Precision.TOWN)):
            for name, place in _meant(known, named):
                yield Spot(precision, (name,), *place.middle())
        for name in named:
            if name in self._streets:
                yield Spot(Precision.STREET, (name,), *self._streets[name].middle())


def _meant(known: Mapping[str, list[_Points]], named: list[str]) -> Iterator[tuple[str, _Points]]:
    """The areas that names may mean: of several that share a name the one in a named town, else all of them."""
    for name in named:
        places = known.get(name, [])
        in_town = [place for place in places if place.town in named]
        for place in in_town or places:
            yield name, place


def _covered(areas: Areas, cells: gpd.GeoDataFrame, column: str) -> dict[str, list[_Points]]:
    """The areas of one level, ``community`` or ``town``, by their full name and by what people call them."""
    middles = shapely.centroid(cells.geometry.to_numpy())
    lon, lat = shapely.get_x(middles), shapely.get_y(middles)
    code = cells[column].to_numpy(dtype=object).astype(str)
    found: dict[str, list[_Points]] = defaultdict(list)
    for area in np.unique(code):
        here = code == area
        for name in _called(areas.name(area)):
            found[name].append(_Points(lon[here], lat[here], areas.name(town_of(area))))
    return found


def _called(name: str) -> list[str]:
    """A community's names: 澄浪社区 is also 澄浪, but nothing shorter than two characters is a name."""
    short = next((name.removesuffix(ending) for ending in ENDINGS if name.endswith(ending)), name)
    return [each for each in dict.fromkeys((name, short)) if len(each) >= SHORTEST]


def _streets(streets: Streets) -> dict[str, _Points]:
    rows: dict[str, list[int]] = defaultdict(list)
    for edge, name in enumerate(streets.name):
        if len(name) >= SHORTEST:
            rows[name].append(edge)
    found = {}
    for name, edges in rows.items():
        points = np.concatenate([np.arange(streets.shape_start[edge], streets.shape_start[edge + 1]) for edge in edges])
        found[name] = _Points(streets.shape_lon[points], streets.shape_lat[points])
    return found


def _meeting(first: _Points, second: _Points) -> tuple[float, float] | None:
    """Where two streets come nearest, if they meet."""
    away = great_circle_m(first.lon[:, None], first.lat[:, None], second.lon[None, :], second.lat[None, :])
    row, column = np.unravel_index(int(np.argmin(away)), away.shape)
    if away[row, column] > MEET_WITHIN_M:
        return None
    return float((first.lon[row] + second.lon[column]) / 2), float((first.lat[row] + second.lat[column]) / 2)
