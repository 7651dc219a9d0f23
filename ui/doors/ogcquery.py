"""What is asked of a collection: a page of it, a box, a time, properties."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from gis.schemas import shorten
from ui.doors.answers import Unfit
from ui.doors.features import Span
from ui.doors.queries import W3C, whole

USUAL_LIMIT, LARGEST_LIMIT = 1_000, 10_000
FARTHEST = 100_000_000
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
OWN = frozenset({"limit", "offset", "bbox", "bbox-crs", "datetime", "f"})
BEFORE_ALL, AFTER_ALL = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Query:
    """A page of a collection. ``bbox`` is west, south, east, north in degrees."""

    limit: int
    offset: int
    bbox: tuple[float, float, float, float] | None
    span: Span | None
    properties: Mapping[str, str]


def query(given: Mapping[str, str], properties: Sequence[str]) -> Query:
    """What stands behind the question mark, read by the standard: a larger limit than ours is ours.

    Raises
    ------
    Unfit
        400, naming the parameter, what came and what was expected.
    """
    unknown = [name for name in given if name not in OWN and name not in properties]
    if unknown:
        known = ", ".join(sorted({*OWN, *properties}))
        raise Unfit(400, f"there is no parameter {shorten(unknown[0])} here; there are {known}.")
    if given.get("f", "json") not in ("json", "geojson"):
        raise Unfit(400, f"f is {shorten(given['f'])}; only json is given.")
    if given.get("bbox-crs", CRS84) != CRS84:
        raise Unfit(400, f"bbox-crs is {shorten(given['bbox-crs'])}; only {CRS84} is understood.")
    return Query(
        min(whole(given, "limit", USUAL_LIMIT, 999_999_999), LARGEST_LIMIT),
        whole(given, "offset", 0, FARTHEST, least=0),
        _box(given["bbox"]) if "bbox" in given else None,
        _span(given["datetime"]) if "datetime" in given else None,
        {name: value for name, value in given.items() if name not in OWN},
    )


def _box(text: str) -> tuple[float, float, float, float]:
    """Four numbers, or six with heights, which are passed over."""
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) == 6:
        numbers = [*numbers[:2], *numbers[3:5]]
    good = len(numbers) == 4 and all(map(math.isfinite, numbers)) and numbers[1] <= numbers[3]
    if not good or max(abs(numbers[0]), abs(numbers[2])) > 180 or max(abs(numbers[1]), abs(numbers[3])) > 90:
        raise Unfit(400, f"bbox is {shorten(text)}; expected west,south,east,north in degrees.")
    return numbers[0], numbers[1], numbers[2], numbers[3]


def _span(text: str) -> Span:
    """One moment, or two with a slash between; an open end is written as two dots or nothing."""
    ends = text.replace(" ", "+").split("/")
    if len(ends) > 2 or (len(ends) == 2 and all(end in ("", "..") for end in ends)) or not text:
        raise _no_time(text)
    if len(ends) == 1:
        at = _moment(ends[0], text)
        return at, at
    since = BEFORE_ALL if ends[0] in ("", "..") else _moment(ends[0], text)
    until = AFTER_ALL if ends[1] in ("", "..") else _moment(ends[1], text)
    if until < since:
        raise _no_time(text)
    return since, until


def _moment(end: str, text: str) -> datetime:
    try:
        at = datetime.fromisoformat(end) if re.fullmatch(W3C, end) else None
        if at is not None:
            return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise _no_time(text)


def _no_time(text: str) -> Unfit:
    return Unfit(
        400, f"datetime is {shorten(text)}; expected 2026-04-15T00:00:00Z, or two with / between, .. for open."
    )
