"""Whose browser this is, remembered for a few seconds: every table of the map and every refresh asks."""

from __future__ import annotations

import time
from threading import Lock

from dispatch.desk.accounts import Accounts
from dispatch.records.person import Person

FRESH_S = 5.0
MOST = 10_000


class Known:
    """The owners of sessions. What they may do is asked anew inside every deed; this only opens screens."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts
        self._lock = Lock()
        self._kept: dict[str, tuple[float, Person | None]] = {}

    def whose(self, token: str) -> Person | None:
        """Whose session this is, as it was at most five seconds ago."""
        now = time.monotonic()
        kept = self._kept.get(token)
        if kept is not None and now - kept[0] < FRESH_S:
            return kept[1]
        person = self._accounts.whose(token)
        with self._lock:
            if len(self._kept) >= MOST:
                self._kept.clear()
            self._kept[token] = (now, person)
        return person

    def forget(self, token: str) -> None:
        """Asked anew next time, since something was changed here."""
        with self._lock:
            self._kept.pop(token, None)
