"""A patrol's round on paper and on a phone's map: docx to be ticked off and signed, GPX from cell to cell; WGS84."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from gpxpy.gpx import GPX, GPXRoute, GPXRoutePoint

from dispatch.review.bundle import write_files
from dispatch.review.paper import Paper
from dispatch.review.plain import file_name, plain
from dispatch.review.wording import Words, words


@dataclass(frozen=True, slots=True)
class SheetStop:
    """A cell on a round's sheet: what it is called, where its point is, and what is looked at.

    ``arrive`` counts minutes from the start; ``looks`` are place, item and what it is like when in order.
    """

    number: int
    name: str
    lon: float
    lat: float
    arrive: int
    minutes: int
    looks: Sequence[tuple[str, str, str]]


@dataclass(frozen=True, slots=True)
class RoundSheet:
    """One round with everything that its papers say about it.

    Attributes
    ----------
    id, name
        Of the round, and what people call it.
    made_at
        Aware; when the patrol was planned. It is the only clock in the papers, so the same round gives the same bytes.
    base
        Longitude and latitude where it begins and ends, or None.
    made_up
        What of it is synthetic, in the language of the papers; empty when all is real.
    """

    id: str
    name: str
    town: str
    day: date
    minutes: int
    stops: Sequence[SheetStop]
    made_at: datetime
    team: str = ""
    base: tuple[float, float] | None = None
    made_up: str = ""


def write_rounds(sheets: Sequence[RoundSheet], path: Path, language: str = "zh") -> int:
    """Write a sheet and a GPX route for each round as one zip, whole or not at all; returns how many files are in it.

    Raises
    ------
    BadInput
        When the folder of ``path`` does not exist.
    """
    return write_files(_files(sheets, words(language)), path)


def sheet(one: RoundSheet, words: Words) -> bytes:
    """The round as docx: a table for every cell with a box to tick for every look, and a place to sign."""
    paper = Paper(words, words("round.title"), one.made_at.astimezone(UTC).replace(microsecond=0), one.made_up)
    paper.heading(words("round.title"))
    paper.fields(
        [
            (words("round.round"), f"{one.name} ({one.id})"),
            (words("word.town"), one.town),
            (words("word.date"), words.day(one.day)),
            (words("round.team"), one.team),
            (words("word.minutes"), str(one.minutes)),
        ]
    )
    header = [words(f"round.{each}") for each in ("place", "item", "standard", "in_order")]
    for stop in one.stops:
        paper.part(words("round.stop", number=stop.number, name=stop.name, arrive=stop.arrive, minutes=stop.minutes))
        paper.rows(header, [(*look, "□") for look in stop.looks], (18, 26, 44, 12))
    paper.blank(words("round.found"), 3.0)
    paper.blank(words("round.walked_by"), 1.6, signed=True)
    return paper.content()


def gpx(one: RoundSheet, words: Words) -> bytes:
    """The round as GPX 1.1: one route from the base, by every cell's point in order, to the base."""
    file = GPX()
    file.creator, file.time = "GridBeat", one.made_at.astimezone(UTC).replace(microsecond=0)
    file.name = plain(f"{one.day.isoformat()} {one.name}")
    label = [words("page.synthetic", what=one.made_up)] if one.made_up else []
    file.description = plain("\n".join([*label, words("track.straight")]))
    route = GPXRoute(file.name)
    ends = [GPXRoutePoint(one.base[1], one.base[0], name=plain(words("word.base")))] if one.base else []
    route.points = [*ends, *(_point(stop, words) for stop in one.stops), *ends]
    file.routes.append(route)
    return file.to_xml("1.1").encode()


def _point(stop: SheetStop, words: Words) -> GPXRoutePoint:
    about = words.listed([f"{what} · {where}" for where, what, _ in stop.looks])
    return GPXRoutePoint(stop.lat, stop.lon, name=plain(f"{stop.number}. {stop.name}"), description=plain(about))


def _files(sheets: Sequence[RoundSheet], words: Words) -> Iterator[tuple[str, bytes]]:
    for one in sheets:
        name = f"{one.day.isoformat()}_{file_name(one.id)}"
        yield f"{name}.docx", sheet(one, words)
        yield f"{name}.gpx", gpx(one, words)
