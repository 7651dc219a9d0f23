"""place.toml: what a person writes down about a place, read strictly."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gis.schemas import BadInput, Fault, shorten

Point = tuple[Annotated[float, Field(ge=-180, le=180)], Annotated[float, Field(ge=-90, le=90)]]
Code9 = Annotated[str, Field(pattern=r"^\d{9}$")]


class Part(BaseModel):
    """Every part refuses keys it does not know: a misspelt key would otherwise be silently ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Town(Part):
    """Where a town's seat lies (approximately), how large and how busy it is, and how it is built."""

    code: Code9
    lon: Annotated[float, Field(ge=-180, le=180)]
    lat: Annotated[float, Field(ge=-90, le=90)]
    area_km2: Annotated[float, Field(gt=0)]
    people_k: Annotated[float, Field(gt=0)]
    build: Literal["old", "dense", "edge", "plain", "hill"]


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


class Roster(Part):
    """Published head counts; who the people are is made up."""

    officers: Annotated[int, Field(ge=2)]
    in_towns: Annotated[int, Field(ge=2)]
    empowered: tuple[Code9, ...] = ()
    certified_in_empowered: Annotated[int, Field(ge=0)] = 0
    bureau: str = "ZF"
    brigades: tuple[tuple[str, str], ...] = ()


class Volume(Part):
    """Published yearly volume and how many of it were simple."""

    per_year: Annotated[float, Field(gt=0)]
    simple: Annotated[float, Field(ge=0)]
    open_at_start: Annotated[int, Field(ge=0)] = 90


class PlaceFile(Part):
    """A whole place.toml.

    ``ground`` says whether its map is drawn (files given) or grown (made up from seats). ``hills`` is the border of
    ground with few people and few roads.
    """

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,40}$")]
    title_zh: str
    title_en: str
    code: Annotated[str, Field(pattern=r"^\d{6}$")]
    timezone: str = "Asia/Shanghai"
    seed: Annotated[int, Field(ge=0)] = 1
    synthetic: Annotated[tuple[tuple[str, str], ...], Field(min_length=1)]
    ground: Literal["drawn", "grown"]
    town: tuple[Town, ...] = ()
    water: tuple[Water, ...] = ()
    road: tuple[Road, ...] = ()
    hills: tuple[Point, ...] = ()
    roster: Roster | None = None
    volume: Volume


def read_place(path: Path) -> PlaceFile:
    """The place a file describes.

    Raises
    ------
    BadInput
        When the file is missing, is no TOML, lacks a key, or has one that is unknown or wrong; each with its line
        where the file shows it.
    """
    try:
        text = path.read_text(encoding="utf-8")
        found = tomllib.loads(text)
    except OSError as error:
        raise BadInput(Fault(path.name, None, None, error.strerror or "an unreadable file", "a place file")) from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadInput(Fault(path.name, None, None, shorten(error), "TOML in UTF-8")) from None
    try:
        return PlaceFile.model_validate(found)
    except ValidationError as error:
        faults = [_fault(path.name, text, one["loc"], one["type"], one["msg"], one["input"]) for one in error.errors()]
        raise BadInput(*faults, advice=f"The keys of a place are: {', '.join(PlaceFile.model_fields)}.") from None


def _fault(file: str, text: str, where: tuple[int | str, ...], kind: str, message: str, value: object) -> Fault:
    names = [str(step) for step in where if isinstance(step, str)]
    row = _line_of(text, names[-1]) if names else None
    column = ".".join(str(step) for step in where)
    match kind:
        case "extra_forbidden":
            return Fault(file, row, column, "an unknown key", "a key of a place")
        case "missing":
            return Fault(file, None, column, "no such key", "a value for it")
        case _:
            return Fault(file, row, column, shorten(value), message)


def _line_of(text: str, key: str) -> int | None:
    """The only line on which the key stands; None when it stands nowhere or on several."""
    pattern = re.compile(rf"^\s*(\[+\s*)?{re.escape(key)}\b|[{{,]\s*{re.escape(key)}\s*=")
    lines = [number for number, line in enumerate(text.splitlines(), start=1) if pattern.search(line)]
    return lines[0] if len(lines) == 1 else None
