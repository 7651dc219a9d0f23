"""The city around the district that this process serves: its map, its districts' figures, the way to each of them."""

from __future__ import annotations

import logging
import math
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property

import geopandas as gpd
import numpy as np

from scenarios.builder import HERE, built_folder, city_and_code
from scenarios.city import City, District, read_city
from scenarios.scenario import home
from ui.map import layers
from ui.map.spec import View
from ui.services.board import Board
from ui.services.centre import Centre, centre, shelf
from ui.services.cityload import Books, Load, by_town
from ui.services.cityservers import Servers
from ui.settings import settings
from ui.wording import Wording

log = logging.getLogger(__name__)

FIGURES = ("open", "overdue", "pairs")
STEPS = 4
"""How many steps of colour a town can have above the one for nothing."""
NAMES_OF_TOWNS_FROM = 9.4


@dataclass(frozen=True, slots=True)
class Drawn:
    """Addresses of the city's map on the shelf, the towns in the order of ``cells``, and where they lie."""

    cells: str
    borders: str
    town_borders: str
    labels: str
    home: View
    towns: tuple[str, ...]
    shapes: gpd.GeoSeries


class Around:
    """A city, seen from the server of one of its districts."""

    def __init__(self, opened: Centre, name: str, own: str) -> None:
        chosen = settings()
        self.name, self.own, self.demo = name, own, chosen.demo
        self._opened = opened
        self._books = Books(chosen.db_url, own, opened.zone)
        self.servers = Servers(name, chosen.host)
        self._drawn: dict[str, Drawn] = {}
        self._drawing: threading.Thread | None = None

    @cached_property
    def city(self) -> City:
        return read_city(HERE / self.name)

    def loads(self, board: Board) -> dict[str, Mapping[str, Load] | None]:
        """By district the load of its towns; None where there is no casebook. ``board`` is this district's, whole."""
        now = None if self.demo else board.now
        return {
            code: by_town(board, self._opened.today()) if code == self.own else self._books.loads(code, now)
            for code in self.city.districts
        }

    def drawn(self, w: Wording) -> Drawn | None:
        """The city's map with names in the reader's language; None while it is built, once, beside the screens."""
        if w.language not in self._drawn:
            if self._drawing is None or not self._drawing.is_alive():
                self._drawing = threading.Thread(target=self._draw, args=(w,), name="city-map", daemon=True)
                self._drawing.start()
            self._drawing.join(2.0)
        return self._drawn.get(w.language)

    def _draw(self, w: Wording) -> None:
        try:
            folder = built_folder(self.name, home())
            towns = gpd.read_parquet(folder / "towns.parquet")
            self._drawn[w.language] = _drawn(towns, self.city, w)
        except Exception:
            log.exception("the map of %s could not be drawn", self.name)

    def district_at(self, code: str) -> District | None:
        """The district of a code of 6 digits or more."""
        return self.city.districts.get(code[:6])

    def close(self) -> None:
        self.servers.close()
        self._books.close()


def _drawn(towns: gpd.GeoDataFrame, city: City, w: Wording) -> Drawn:
    towns = towns.sort_values("code", ignore_index=True)
    english = {town.code: town.name_en for one in city.districts.values() for town in one.towns}
    named = towns.assign(
        name=[w.pick(name, english[code]) for code, name in zip(towns["code"], towns["name"], strict=True)]
    )
    outlines = gpd.GeoDataFrame(
        {"name": [w.pick(one.name, one.name_en) for one in city.districts.values()]},
        geometry=[one.outline for one in city.districts.values()],
        crs="EPSG:4326",
    )
    labels = [
        *layers.area_labels(outlines, layers.Kind.TOWN, to_zoom=NAMES_OF_TOWNS_FROM),
        *layers.area_labels(named, layers.Kind.COMMUNITY, from_zoom=NAMES_OF_TOWNS_FROM),
    ]
    place = shelf()
    return Drawn(
        cells=place.put(layers.cells_table(towns), for_good=True),
        borders=place.put(layers.borders_table(outlines), for_good=True),
        town_borders=place.put(layers.borders_table(towns), for_good=True),
        labels=place.put(layers.labels_table(labels), for_good=True),
        home=View.of(*outlines.total_bounds),
        towns=tuple(towns["code"]),
        shapes=towns.set_index("code").geometry,
    )


def tint(drawn: Drawn, loads: Mapping[str, Mapping[str, Load] | None], figure: str) -> str:
    """Address of the towns' colours by one of ``FIGURES``: the lightest for nothing, then even steps up to the most."""
    of_town = {town: getattr(load, figure) for of in loads.values() for town, load in (of or {}).items()}
    values = np.array([of_town.get(town, 0) for town in drawn.towns], dtype=np.float64)
    most = max(1.0, float(values.max(initial=0.0)))
    return shelf().put(layers.tint(np.ceil(STEPS * values / most).astype(np.uint8)))


def whole(of: Mapping[str, Load] | None) -> Load | None:
    """A district's figures: its towns', who is posted in the whole of it, and what has no town yet."""
    return None if of is None else sum(of.values(), Load())


def box(drawn: Drawn, district: District) -> View:
    """The view of one district."""
    west, south, east, north = district.outline.bounds
    view = View.of(west, south, east, north, width=560, height=520)
    return View(view.lon, view.lat, max(view.zoom, math.floor(drawn.home.zoom)))


@cache
def around() -> Around | None:
    """The city of this process's district; None when its place is in none."""
    found = city_and_code(settings().place)
    return None if found is None else Around(centre(), *found)
