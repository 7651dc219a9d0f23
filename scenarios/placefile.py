"""place.toml: what a person writes down about a place, read strictly."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from gis.tomlfile import Part, read_toml

Point = tuple[Annotated[float, Field(ge=-180, le=180)], Annotated[float, Field(ge=-90, le=90)]]
Code9 = Annotated[str, Field(pattern=r"^\d{9}$")]


class Town(Part):
    """Where a town's seat lies (approximately), how large and how busy it is, and how it is built.

    ``officers`` is a published head count; without one the towns share what is left, by people.
    """

    code: Code9
    name_en: str = ""
    lon: Annotated[float, Field(ge=-180, le=180)]
    lat: Annotated[float, Field(ge=-90, le=90)]
    area_km2: Annotated[float, Field(gt=0)]
    people_k: Annotated[float, Field(gt=0)]
    build: Literal["old", "dense", "edge", "plain", "hill"]
    officers: Annotated[int, Field(ge=1)] | None = None


class Water(Part):
    """A river along its middle line, a lake by its shore, or a bank: the outline's border between two points."""

    name: str
    points: Annotated[tuple[Point, ...], Field(min_length=2)]
    width_m: Annotated[float, Field(gt=0, le=2000)] = 20.0
    kind: Literal["river", "lake", "bank"] = "river"


class Road(Part):
    """A through road drawn by hand."""

    name: str
    road: Literal["trunk", "primary", "secondary"]
    points: Annotated[tuple[Point, ...], Field(min_length=2)]


class Mark(Part):
    """A named point of the border whose position is known, by which an outline in another datum is found out."""

    name: str
    lon: Annotated[float, Field(ge=-180, le=180)]
    lat: Annotated[float, Field(ge=-90, le=90)]


class Brigade(Part):
    """Officers of a district's body with one certificate; for a pool of ``towns``, or for all of them."""

    body: str
    field: str
    officers: Annotated[int, Field(ge=2)]
    towns: tuple[Code9, ...] = ()


class Roster(Part):
    """Published head counts; who the people are is made up. Whoever is in no town and no brigade is the bureau's."""

    officers: Annotated[int, Field(ge=2)]
    in_towns: Annotated[int, Field(ge=2)]
    empowered: tuple[Code9, ...] = ()
    certified_in_empowered: Annotated[int, Field(ge=0)] = 0
    bureau: str = "ZF"
    brigade: tuple[Brigade, ...] = ()

    @property
    def in_bureau(self) -> int:
        return self.officers - self.in_towns - sum(brigade.officers for brigade in self.brigade)

    @model_validator(mode="after")
    def _no_more_than_there_are(self) -> Self:
        if self.in_bureau < 0:
            posted = self.officers - self.in_bureau
            raise ValueError(f"at least the {posted} officers of towns and brigades together")
        return self


class Volume(Part):
    """Published yearly volume and how many of it were simple."""

    per_year: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    simple: Annotated[float, Field(ge=0)]
    open_at_start: Annotated[int, Field(ge=0)] = 90


class PlaceFile(Part):
    """A whole place.toml.

    ``called`` is how its offices name it, Chinese and English. ``ground`` says whether its map is drawn (files given),
    grown (made up from seats), or grown district by district (a city, of which ``opens`` is
    the district shown first). ``hills`` is the border of ground with few
    people and few roads.
    """

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,40}$")]
    title_zh: str
    title_en: str
    code: Annotated[str, Field(pattern=r"^\d{6}$")]
    called: tuple[str, str] = ("", "")
    timezone: str = "Asia/Shanghai"
    seed: Annotated[int, Field(ge=0)] = 1
    synthetic: Annotated[tuple[tuple[str, str], ...], Field(min_length=1)]
    ground: Literal["drawn", "grown", "city"]
    mark: tuple[Mark, ...] = ()
    town: tuple[Town, ...] = ()
    water: tuple[Water, ...] = ()
    road: tuple[Road, ...] = ()
    hills: tuple[Point, ...] = ()
    opens: str = ""
    roster: Roster | None = None
    volume: Volume


def read_place(path: Path) -> PlaceFile:
    """The place a file describes; a faulty one is refused as by `gis.tomlfile.read_toml`."""
    return read_toml(path, PlaceFile, "a place")
