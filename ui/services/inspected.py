"""What the book has about inspections, read once for all who look."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any, TypeVar

from dispatch.records.absence import Absence
from dispatch.records.inspection import DueItem, Premises
from dispatch.store import inspections
from dispatch.store.casebook import Casebook
from dispatch.store.inspections import InForce

MOST_KEPT = 32
Kept = TypeVar("Kept")


@dataclass(frozen=True, slots=True)
class Book:
    """What the book has about inspections: premises and open items by id, calendars in force, who is away."""

    premises: Mapping[str, Premises]
    items: Mapping[str, DueItem]
    force: InForce
    absences: tuple[Absence, ...]


class Books:
    """The newest :class:`Book` of a casebook, read again only after a deed of inspections; shared by all sessions."""

    def __init__(self, casebook: Casebook) -> None:
        self._casebook = casebook
        self._kept: dict[Hashable, Any] = {}
        self._lock = Lock()
        self._revision = self._sequence = -1
        self._book: Book | None = None

    def now(self) -> Book:
        """As it stands. Others' deeds cost two small questions, those of inspections a reading."""
        revision = self._casebook.revision()
        with self._lock:
            if self._book is not None and revision == self._revision:
                return self._book
            with self._casebook.reading() as connection:
                last, changed = inspections.done_since(connection, self._sequence)
                if self._book is None or changed:
                    newest = inspections.newest_calendars(connection).values()
                    since = min((each.days[0] for each in newest), default=None)
                    self._book = Book(
                        {one.id: one for one in inspections.premises(connection)},
                        {one.id: one for one in inspections.due_items(connection)},
                        inspections.in_force(connection, since=since),
                        tuple(inspections.absences(connection)),
                    )
                    self._kept = {}
            self._revision, self._sequence = revision, last
            return self._book

    def kept(self, key: Hashable, make: Callable[[], Kept]) -> Kept:
        """What was made of the newest book for ``key``, made again only once the book has changed."""
        self.now()
        with self._lock:
            kept = self._kept
            if key in kept:
                found: Kept = kept[key]
                return found
        made = make()
        with self._lock:
            while len(kept) >= MOST_KEPT:
                del kept[next(iter(kept))]
            kept[key] = made
        return made
