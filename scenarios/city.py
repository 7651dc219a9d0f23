"""A city of many districts as tables, and each of its districts as a place: seats of towns and communities made up.

districts.csv, towns.csv and outlines.geojson say what is known of every district; the rest of a district's description
(where its towns' seats lie, how large and how busy they are, which communities they have) follows from these tables and
the city's seed, so that one code describes all of them.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from dispatch.rulebook.lists import ListFile, ListRow, read_list
from gis.crs import Datum
from gis.mapfiles import read_shapes
from gis.schemas import BadInput, Fault, shorten
from scenarios.outline import OUTLINE
from scenarios.placefile import Brigade, PlaceFile, Roster, Town, Volume, read_place
from scenarios.plane import Plane
from scenarios.settlement import place_communities, samples
from scenarios.townlists import TYPE_COLUMNS, TownType
from simulation.streams import stream

DISTRICTS, TOWNS, OUTLINES = "districts.csv", "towns.csv", "outlines.geojson"
DISTRICT_COLUMNS = ("code", "name", "name_en", "people_k", "hills", "bureau", "pools")
TOWN_COLUMNS = ("code", "name", "name_en", "type", "build", "officers", "committees", "villages")

BUILDS: tuple[str, ...] = get_args(Town.model_fields["build"].annotation)
POOL_TOWNS = 10
"""A district's pools of officers serve about so many towns each. Assumed."""
COMMITTEE = 3
"""How many times the people of a village a residents' committee has. Assumed."""
VILLAGES_FROM = 200
"""A village's committee has a number from here on within its town, a residents' committee one below."""
SAMPLES_A_TOWN = 200


@dataclass(frozen=True, slots=True)
class CityTown:
    """One row of towns.csv; ``committees`` and ``villages`` are counts."""

    code: str
    name: str
    name_en: str
    type: TownType
    build: str
    officers: int
    committees: int
    villages: int

    @property
    def people(self) -> int:
        """In proportion to its people."""
        return COMMITTEE * self.committees + self.villages


@dataclass(frozen=True, slots=True)
class District:
    """One row of districts.csv with its towns; ``bureau`` and ``pools`` are officers sent by the district."""

    code: str
    name: str
    name_en: str
    people_k: int
    hills: bool
    bureau: int
    pools: int
    towns: tuple[CityTown, ...]
    outline: Any

    @property
    def in_towns(self) -> int:
        return sum(town.officers for town in self.towns)

    @property
    def officers(self) -> int:
        return self.in_towns + self.bureau + self.pools


@dataclass(frozen=True)
class City:
    """The tables of a city. ``districts`` are by code."""

    place: PlaceFile
    districts: dict[str, District]

    def code_of(self, name: str) -> str:
        """The code of a district given by its code or its name in either language.

        Raises
        ------
        BadInput
            When the city has no such district.
        """
        for code, district in self.districts.items():
            if name.strip().casefold() in (code, district.name, district.name_en.casefold()):
                return code
        known = ", ".join(district.name for district in self.districts.values())
        raise BadInput(Fault("--district", None, None, shorten(name), f"one of {known}"))

    @cached_property
    def parts(self) -> tuple[PlaceFile, ...]:
        """Every district as a place, where offices stand under the district's code: ``500103-ZF``."""
        return tuple(self.part(code, prefix=f"{code}-") for code in self.districts)

    def part(self, code: str, prefix: str = "") -> PlaceFile:
        """One district as a place of its own. ``prefix`` stands before the ids of its offices."""
        district, city = self.districts[code], self.place
        share = district.officers / sum(one.officers for one in self.districts.values())
        per_year = round(city.volume.per_year * share)
        seats, km2 = _seats(district, city.seed, city.name)
        west, south, east, north = district.outline.bounds
        return PlaceFile(
            name=part_name(city.name, code),
            title_zh=f"{city.called[0]}{district.name}（演示）",
            title_en=f"{district.name_en}, {city.called[1]} (demonstration)",
            code=code,
            called=(district.name, district.name_en),
            seed=city.seed,
            synthetic=city.synthetic,
            ground="grown",
            town=_towns(district, seats, km2),
            hills=((west, south), (east, south), (east, north), (west, north)) if district.hills else (),
            roster=_roster(district, seats, prefix),
            volume=Volume(
                per_year=per_year,
                simple=round(per_year * city.volume.simple / city.volume.per_year),
                open_at_start=min(city.volume.open_at_start, max(20, per_year // 100)),
            ),
        )


def part_name(city: str, code: str) -> str:
    """The name of the place that a district of a city is.

    Examples
    --------
    >>> part_name("chongqing", "500103")
    'chongqing_500103'
    """
    return f"{city}_{code}"


def district_codes(source: Path) -> frozenset[str]:
    """The codes of a city's districts, without reading more than their list."""
    _, rows = read_list(source / DISTRICTS, DISTRICT_COLUMNS)
    return frozenset(row.text("code") for row in rows)


def read_city(source: Path) -> City:
    """A city from the tables of a folder.

    Raises
    ------
    BadInput
        With every row that is wrong: a town of no district or without an officer, a district without a town or an
        outline, heads that do not sum to those of place.toml.
    """
    place = read_place(source / "place.toml")
    towns = _read_towns(source / TOWNS)
    shapes = read_shapes(source / OUTLINES, Datum.WGS84)
    outlines = dict(zip(shapes["code"].astype(str), shapes.geometry, strict=True))
    file, rows = read_list(source / DISTRICTS, DISTRICT_COLUMNS)
    districts = {one.code: one for one in (_district(row, towns, outlines) for row in rows)}
    for code in sorted(set(towns) - set(districts)):
        file.blame(None, "code", f"towns of {code}, which is no district", "a row for every district of towns.csv")
    _blame_sums(file, place, districts)
    file.stop_if_faulty()
    return City(place, districts)


def write_source(city: City, code: str, folder: Path) -> None:
    """The files beside place.toml that describe one district: areas, outline, types of towns."""
    district = city.districts[code]
    pd.DataFrame(_areas(district), columns=["code", "name", "level", "parent"]).to_csv(
        folder / "areas.csv", index=False
    )
    write_types(district.towns, folder / "town_types.csv")
    feature = {
        "type": "Feature",
        "properties": {"code": code},
        "geometry": json.loads(shapely.to_geojson(district.outline)),
    }
    text = json.dumps({"type": "FeatureCollection", "features": [feature]})
    (folder / OUTLINE).write_text(text, encoding="utf-8")


def write_types(towns: Sequence[CityTown], path: Path) -> None:
    frame = pd.DataFrame([(town.code, town.type.value) for town in towns], columns=list(TYPE_COLUMNS))
    frame.to_csv(path, index=False)


def whole_areas(city: City) -> pd.DataFrame:
    """Districts and towns, each town with one community that is all of it (its number is 000)."""
    rows: list[tuple[str, str, str, str]] = []
    for district in city.districts.values():
        rows.append((district.code, district.name, "district", ""))
        for town in district.towns:
            rows.append((town.code, town.name, "town", district.code))
            rows.append((whole(town.code), f"{town.name}全域", "community", town.code))
    return pd.DataFrame(rows, columns=["code", "name", "level", "parent"])


def whole(town: str) -> str:
    """The one community that stands for all of a town."""
    return f"{town}000"


def _read_towns(path: Path) -> dict[str, list[CityTown]]:
    file, rows = read_list(path, TOWN_COLUMNS)
    towns: dict[str, list[CityTown]] = defaultdict(list)
    seen: set[str] = set()
    for row in rows:
        town = CityTown(
            code=row.text("code", pattern=r"\d{9}", expected="a 9-digit town"),
            name=row.text("name", expected="a Chinese name"),
            name_en=row.text("name_en", expected="an English name"),
            type=row.choice("type", TownType),
            build=row.text("build", pattern="|".join(BUILDS), expected=f"one of {', '.join(BUILDS)}"),
            officers=row.whole("officers", 1, 10_000),
            committees=row.whole("committees", 0, VILLAGES_FROM - 1),
            villages=row.whole("villages", 0, 999 - VILLAGES_FROM),
        )
        if town.code in seen:
            row.blame("code", "a town that stands once")
        if not town.people:
            row.blame("villages", "at least one committee or village in a town")
        seen.add(town.code)
        towns[town.code[:6]].append(town)
    file.stop_if_faulty()
    return towns


def _district(row: ListRow, towns: Mapping[str, list[CityTown]], outlines: Mapping[str, Any]) -> District:
    code = row.text("code", pattern=r"\d{6}", expected="a 6-digit district")
    if code not in towns:
        row.blame("code", f"a district with towns in {TOWNS}")
    if code not in outlines:
        row.blame("code", f"a district with an outline in {OUTLINES}")
    return District(
        code=code,
        name=row.text("name", expected="a Chinese name"),
        name_en=row.text("name_en", expected="an English name"),
        people_k=row.whole("people_k", 1, 100_000),
        hills=row.text("hills", pattern="yes|no", expected="yes or no") == "yes",
        bureau=row.whole("bureau", 0, 10_000),
        pools=row.whole("pools", 0, 10_000),
        towns=tuple(towns.get(code, ())),
        outline=outlines.get(code),
    )


def _blame_sums(file: ListFile, place: PlaceFile, districts: Mapping[str, District]) -> None:
    if place.roster is None:
        return
    for told, counted in (
        (place.roster.officers, sum(one.officers for one in districts.values())),
        (place.roster.in_towns, sum(one.in_towns for one in districts.values())),
    ):
        if told != counted:
            file.blame(None, None, f"{counted} officers in the tables", f"the {told} of place.toml")


def _seats(district: District, seed: int, city: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Made-up seats of a district's towns in degrees (t, 2) and their areas in km²: dense towns in the middle."""
    plane = Plane.around(*np.asarray(district.outline.centroid.coords[0]))
    land = plane.to_metres(district.outline)
    shapely.prepare(land)
    xy = samples(land, float(np.sqrt(land.area / (SAMPLES_A_TOWN * len(district.towns)))))
    middle = shapely.get_coordinates(shapely.point_on_surface(land))[0]
    order = sorted(range(len(district.towns)), key=lambda at: BUILDS.index(district.towns[at].build))
    crowded = Town(code=f"{district.code}000", lon=0, lat=0, area_km2=1, people_k=1, build="edge")
    grown = place_communities(crowded, len(order), xy, middle, stream(seed, city, "seats", district.code))
    _, at = cKDTree(xy).query(grown)
    seats = np.empty_like(grown)
    seats[order] = xy[at]
    _, nearest = cKDTree(seats).query(xy)
    return plane.degrees(seats), land.area / 1e6 * np.bincount(nearest, minlength=len(seats)) / len(xy)


def _towns(district: District, seats: NDArray[np.float64], km2: NDArray[np.float64]) -> tuple[Town, ...]:
    people = district.people_k / sum(town.people for town in district.towns)
    return tuple(
        Town(
            code=town.code,
            name_en=town.name_en,
            lon=float(lon),
            lat=float(lat),
            area_km2=float(size),
            people_k=people * town.people,
            build=town.build,  # type: ignore[arg-type]  # one of BUILDS, asked while reading
            officers=town.officers,
        )
        for town, (lon, lat), size in zip(district.towns, seats, km2, strict=True)
    )


def _roster(district: District, seats: NDArray[np.float64], prefix: str) -> Roster:
    """Officers of the towns, the bureau's for the whole district, and pools each for the towns in one direction."""
    count = max(1, round(len(district.towns) / POOL_TOWNS)) if district.pools else 0
    order = np.argsort(np.arctan2(*(seats - seats.mean(axis=0)).T), kind="stable")
    sizes = [district.pools // count + (at < district.pools % count) for at in range(count)]
    pools = tuple(
        Brigade(
            body=f"{prefix}ZF",
            field="city",
            officers=size,
            towns=tuple(district.towns[at].code for at in own),
        )
        for size, own in zip(sizes, np.array_split(order, count) if count else [], strict=True)
    )
    return Roster(
        officers=district.officers,
        in_towns=district.in_towns,
        empowered=tuple(town.code for town in district.towns),
        certified_in_empowered=district.in_towns,
        bureau=f"{prefix}ZF",
        brigade=pools,
    )


def _areas(district: District) -> list[tuple[str, str, str, str]]:
    """The district, its towns, and communities numbered within them under made-up names."""
    rows = [(district.code, district.name, "district", "")]
    for town in district.towns:
        rows.append((town.code, town.name, "town", district.code))
        for first, count, kind in ((1, town.committees, "社区居委会"), (VILLAGES_FROM, town.villages, "村村委会")):
            rows += [
                (f"{town.code}{first + at:03d}", f"{town.name}{at + 1}号{kind}", "community", town.code)
                for at in range(count)
            ]
    return rows
