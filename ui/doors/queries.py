"""What stands behind the question mark, checked once: dates, numbers, lists, and the words that came with them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from dispatch.store.reports import Wanted
from dispatch.store.writing import storable
from gis.schemas import shorten
from ui.doors.answers import Unfit
from ui.doors.services import UNSORTED

WINDOW = timedelta(days=90)
PAGE_SIZE, LARGEST_PAGE, LAST_PAGE = 50, 200, 1_000_000
MOST_IDS = 200
W3C = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:?\d\d)?)?", re.ASCII)


def wanted(given: Mapping[str, str], source: str, now: datetime) -> Wanted:
    """The incidents a GET asks for; by the standard those of the last 90 days unless it says so.

    Raises
    ------
    Unfit
        400, naming the parameter, what came and what was expected.
    """
    for name, value in given.items():
        if not storable(value):
            raise Unfit(400, f"{name} holds NUL or half a character; expected text in UTF-8.")
    size = whole(given, "page_size", PAGE_SIZE, LARGEST_PAGE)
    page: dict[str, Any] = {
        "source": source,
        "skip": (whole(given, "page", 1, LAST_PAGE) - 1) * size,
        "most": size,
    }
    if ids := listed(given, "service_request_id"):
        return Wanted(ids=ids, **page)
    since, until = _window(given, now)
    return Wanted(
        since=since,
        until=until,
        matters=["" if code == UNSORTED else code for code in listed(given, "service_code")] or None,
        open=_status(given),
        changed_after=moment(given, "updated_after"),
        changed_before=moment(given, "updated_before"),
        **page,
    )


def whole(given: Mapping[str, str], name: str, usual: int, most: int, least: int = 1) -> int:
    """A whole number of ``least`` … ``most``, or the usual one when nothing was said."""
    text = given.get(name, "").strip()
    if not text:
        return usual
    if not re.fullmatch(r"[0-9]{1,9}", text) or not least <= int(text) <= most:
        raise Unfit(400, f"{name} is {shorten(text)}; expected a whole number from {least} to {most:,}.")
    return int(text)


def listed(given: Mapping[str, str], name: str) -> list[str]:
    """Words between commas, each once."""
    words = list(dict.fromkeys(word.strip() for word in given.get(name, "").split(",") if word.strip()))
    if len(words) > MOST_IDS:
        raise Unfit(400, f"{name} names {len(words)} things; expected at most {MOST_IDS} in one question.")
    return words


def moment(given: Mapping[str, str], name: str, end_of_day: bool = False) -> datetime | None:
    """A time as the W3C writes it (2026-04-15T12:00:00Z), aware; without a zone in UTC; None when nothing was said.

    A ``+`` that came as a blank, since nobody escaped it, is read as the plus it was.
    """
    text = given.get(name, "").strip().replace(" ", "+")
    if not text:
        return None
    at = _or_none(datetime.fromisoformat, text) if W3C.fullmatch(text) else None
    if at is None or not 1970 <= at.year <= 9000:
        raise Unfit(400, f"{name} is {shorten(text)}; expected a time such as 2026-04-15T12:00:00Z.")
    if end_of_day and len(text) == 10:
        at += timedelta(days=1) - timedelta(microseconds=1)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _window(given: Mapping[str, str], now: datetime) -> tuple[datetime, datetime]:
    since, until = moment(given, "start_date"), moment(given, "end_date", end_of_day=True)
    if since is None and until is None:
        return now - WINDOW, now
    since = since or (until or now) - WINDOW
    until = until or since + WINDOW
    if until < since:
        raise Unfit(400, f"end_date {until.isoformat()} is before start_date {since.isoformat()}; change them over.")
    if until - since > WINDOW + timedelta(days=1):
        raise Unfit(400, "start_date and end_date are more than 90 days apart; ask for 90 days at a time.")
    return since, until


def _status(given: Mapping[str, str]) -> bool | None:
    asked = set(listed(given, "status"))
    if asked - {"open", "closed"}:
        raise Unfit(400, f"status is {shorten(given['status'])}; expected open, closed, or both with a comma.")
    return None if len(asked) != 1 else asked == {"open"}


def _or_none(read: Callable[[str], datetime], text: str) -> datetime | None:
    try:
        return read(text)
    except ValueError:
        return None
