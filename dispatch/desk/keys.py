"""Keys of other systems: made and ended by administrators, shown with every report, never kept in clear."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import NoReturn

from dispatch.desk.door import Door
from dispatch.desk.knocks import Knocks
from dispatch.desk.refusals import Refused, Stale, Unknown
from dispatch.desk.rights import KEY
from dispatch.records.person import Key
from dispatch.records.reason import Reason
from dispatch.store import people
from dispatch.store.ledger import Kind
from dispatch.store.series import Series, next_id
from dispatch.store.writing import storable

KEY_REASONS = (
    "key_without_source",
    "key_of_ours",  # source
    "key_ended",  # key
    "wrong_key",  # shown, client
    "missing_attribute",  # attribute
    "outside_district",  # lon, lat, west, south, east, north
    "unreadable_report",  # said
)
"""What the keeper of keys, and a system that shows one, can be refused with."""
NOBODY = f"{KEY}?"
"""The actor of what is tried with a key that is none."""
LONGEST_SOURCE = 40
OWN_SOURCES = frozenset({"desk", "patrol", "import"})
"""Under which this program keeps what people told the desk or a patrol, and tickets of which nobody says more."""


class Keys(Door):
    """The keys of one casebook.

    Parameters
    ----------
    door
        Whose rights say who may make and end keys.
    wall
        The wall's clock, by which wrong keys are counted.
    """

    def __init__(self, door: Door, wall: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        super().__init__(door.casebook, door.clock, door.rights)
        # To be turned away nobody needs a right.
        self._out = Door(door.casebook, door.clock)
        self._knocks = Knocks(wall)

    def all(self) -> list[Key]:
        """Every key, ended ones included, by id."""
        with self.casebook.reading() as connection:
            return people.keys(connection)

    def make(self, actor: str, source: str, *, now: datetime | None = None) -> tuple[Key, str]:
        """A new key, and its secret, which is said here for the only time.

        ``source`` is the word under which its incidents are kept; whoever has the key reads all that is kept under it.

        Raises
        ------
        Refused
            ``key_without_source`` when the word is empty or longer than 40 characters; ``key_of_ours`` for one under
            which this program keeps what people told the desk or a patrol.
        """
        secret = secrets.token_urlsafe(32)
        with self.deed("key_make", actor, Kind.KEY, "", now) as (page, who):
            word = source.strip()
            if not 0 < len(word) <= LONGEST_SOURCE:
                raise Refused(Reason("key_without_source", False))
            if word.casefold() in OWN_SOURCES:
                raise Refused(Reason("key_of_ours", False, {"source": word}))
            new = Key(next_id(page.connection, Series.KEY), word, hash_of(secret), who.at)
            people.add_key(page, who, new)
        return new, secret

    def end(self, actor: str, key_id: str, version: int, *, now: datetime | None = None) -> Key:
        """The key no longer good.

        Raises
        ------
        Refused
            ``key_ended`` when it has ended already.
        """
        with self.deed("key_end", actor, Kind.KEY, key_id, now) as (page, who):
            before = people.key(page.connection, key_id)
            if before is None:
                raise Unknown("key", key_id)
            if before.version != version:
                raise Stale("key", key_id, version, before.version, page.latest(Kind.KEY, key_id))
            if before.ended_at is not None:
                raise Refused(Reason("key_ended", False, {"key": key_id}))
            after = replace(before, ended_at=who.at, version=version + 1)
            people.change_key(page, who, before, after)
        return after

    def holder(self, secret: str) -> Key | None:
        """The key with this secret while it is good, or None."""
        if not secret or not storable(secret):
            return None
        with self.casebook.reading() as connection:
            return people.key_of(connection, hash_of(secret))

    def turn_away(self, key: Key, reason: Reason, *, now: datetime | None = None) -> NoReturn:
        """A report refused before it was taken down; the ledger says whose key it was and why.

        Raises
        ------
        Refused
            Always, with ``reason``.
        """
        with self._out.deed("report", actor_of(key), Kind.INCIDENT, "", now):
            raise Refused(reason)

    def turn_away_stranger(self, secret: str, client: str) -> NoReturn:
        """A report with a key that is none refused; the ledger keeps the client and the first letters of the hash.

        Of more than 60 a minute only the first 60 get an entry.

        Raises
        ------
        Refused
            Always: ``wrong_key``.
        """
        shown = hash_of(secret)[:8] if storable(secret) else "?"
        wrong = Reason("wrong_key", False, {"shown": shown, "client": client})
        if not self._knocks.gets_an_entry():
            raise Refused(wrong)
        with self._out.deed("report", NOBODY, Kind.KEY, ""):
            raise Refused(wrong)


def actor_of(key: Key) -> str:
    """Under which name its deeds stand in the ledger."""
    return f"{KEY}{key.id}"


def hash_of(secret: str) -> str:
    """What is kept of a secret. It has 256 random bits, so a plain hash cannot be guessed back."""
    return sha256(secret.encode()).hexdigest()
