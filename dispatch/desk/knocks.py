"""Who knocks in vain: only so many strangers a minute get an entry of the ledger; the others are counted too."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock

KNOCKS, KNOCKS_WITHIN = 60, timedelta(minutes=1)
"""How many strangers a minute get an entry: who tries thousands must not be able to fill the ledger."""


class Knocks:
    """The strangers at one door of one process.

    Parameters
    ----------
    wall
        The wall's clock, aware.
    remembered
        How long those without an entry are remembered.
    """

    def __init__(self, wall: Callable[[], datetime], remembered: timedelta = KNOCKS_WITHIN) -> None:
        self._wall, self._remembered = wall, remembered
        self._entered: deque[datetime] = deque(maxlen=KNOCKS)
        self._unentered: deque[tuple[datetime, str, str]] = deque()
        self._lock = Lock()

    def gets_an_entry(self, name: str = "", client: str = "") -> bool:
        """Whether this one does; one that gets none is remembered with the name it gave and where it came from."""
        with self._lock:
            now = self._wall()
            if len(self._entered) < KNOCKS or now - self._entered[0] >= KNOCKS_WITHIN:
                self._entered.append(now)
                return True
            self._forget(now)
            self._unentered.append((now, name, client))
            return False

    def without_entry(self, name: str) -> list[str]:
        """From where that name was tried by those who got no entry and are still remembered."""
        with self._lock:
            self._forget(self._wall())
            return [client for _, each, client in self._unentered if each == name]

    def _forget(self, now: datetime) -> None:
        while self._unentered and now - self._unentered[0][0] >= self._remembered:
            self._unentered.popleft()
