"""What is open in each town of a city, from the casebooks of its districts."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from datetime import time as hour
from threading import Lock
from zoneinfo import ZoneInfo

from dispatch.records.incident import OPEN
from dispatch.response.coverage import ready
from dispatch.store.casebook import Casebook, open_casebook
from gis.schemas import BadInput
from ui.services.board import Board, Boards, overdue

ASK_AGAIN_S = 20.0
"""So long a district that had no casebook is not looked for again."""


@dataclass(frozen=True, slots=True)
class Load:
    """Of a town or a district: open incidents, those where nobody came in time, and free lawful pairs on duty."""

    open: int = 0
    overdue: int = 0
    pairs: int = 0

    def __add__(self, other: Load) -> Load:
        return Load(self.open + other.open, self.overdue + other.overdue, self.pairs + other.pairs)


def by_town(board: Board, day: date) -> dict[str, Load]:
    """The load of each town; what has no town yet, and who is posted in the whole district, under its 6 digits or ''.

    Parameters
    ----------
    day
        Today in the place's own calendar, for certificates.
    """
    standing = [each for each in board.incidents.values() if each.status in OPEN]
    waiting = Counter(each.town for each in standing)
    late = Counter(each.town for each in standing if overdue(each, board.now))
    pairs = Counter(team.town for team in board.teams.values() if ready(team, board.now, day))
    return {town: Load(waiting[town], late[town], pairs[town]) for town in waiting.keys() | pairs.keys()}


def beside(url: str, own: str, code: str) -> str | None:
    """Where another district's casebook lies: its code stands in the address where this one's does.

    >>> beside("sqlite:///city/demo-chongqing_500103.db", "500103", "500106")
    'sqlite:///city/demo-chongqing_500106.db'
    """
    return url.replace(own, code) if own in url else None


class Books:
    """The casebooks of a city's other districts, opened when they are there and only read.

    Parameters
    ----------
    url, own
        Of this process's district: the address of its casebook and its 6-digit code.
    """

    def __init__(self, url: str, own: str, zone: ZoneInfo) -> None:
        self._url, self._own, self._zone = url, own, zone
        self._open: dict[str, tuple[Casebook, Boards]] = {}
        self._missing: dict[str, float] = {}
        self._lock = Lock()

    def loads(self, code: str, now: datetime | None) -> Mapping[str, Load] | None:
        """The load of each of a district's towns, or None while it has no casebook.

        Parameters
        ----------
        now
            Aware; None in a demo, each of which has a clock of its own: the moment of its last deed.
        """
        with self._lock:
            found = self._book(code)
        if found is None:
            return None
        book, boards = found
        last = book.latest_entries(1)
        at = now or (last[0].at if last else datetime.now(UTC))
        day = at.astimezone(self._zone).date()
        return by_town(boards.at(at, datetime.combine(day, hour(), self._zone).astimezone(UTC)), day)

    def _book(self, code: str) -> tuple[Casebook, Boards] | None:
        if code not in self._open and time.monotonic() - self._missing.get(code, -ASK_AGAIN_S) >= ASK_AGAIN_S:
            address = beside(self._url, self._own, code)
            try:
                book = open_casebook(address, create=False) if address else None
            except BadInput:
                book = None
            if book is None:
                self._missing[code] = time.monotonic()
            else:
                self._open[code] = (book, Boards(book))
        return self._open.get(code)

    def close(self) -> None:
        for book, _ in self._open.values():
            book.close()
