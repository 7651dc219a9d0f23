"""Empty casebooks in SQLite, quickly: the migrations run once a process, every further book is a copy of the first.

The engine of a closed book serves the next one: it has the statements written down that a new one would write again,
which is half the work of a small test. PostgreSQL's tests do the same (`tests.postgres.Server`); that the migrations
themselves are right is asked in `tests/dispatch/test_store.py`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event, make_url

from dispatch.store.casebook import Casebook
from dispatch.store.database import _engine, open_engine

_free: list[Engine] = []


def empty_book() -> Casebook:
    """What ``open_casebook("sqlite://")`` opens, in a hundredth of its time."""
    engine = _free.pop() if _free else _in_memory()
    with engine.connect() as connection:
        memory = connection.connection.driver_connection
        assert isinstance(memory, sqlite3.Connection)
        _first().backup(memory)
    return Casebook(engine)


def empty_file(file: Path) -> str:
    """The address of a new file with a book without entries in it."""
    with closing(sqlite3.connect(file)) as new:
        new.execute("PRAGMA synchronous = OFF")
        _first().backup(new)
    return f"sqlite:///{file}"


def _in_memory() -> Engine:
    """An engine that is free again once its book is closed; what was in the book is gone then."""
    engine = _engine(make_url("sqlite://"))
    event.listen(engine, "engine_disposed", lambda closed: closed in _free or _free.append(closed))
    return engine


class Looked:
    """What a book says, asked again only after a row was written; SQLite itself counts them, a failed deed's too.

    Every reading method of :class:`Casebook` is one here, for tests that look at all of it after each deed.
    """

    def __init__(self, book: Casebook, memory: sqlite3.Connection) -> None:
        self._book, self._memory = book, memory
        self._said: dict[object, Any] = {}
        self._written = memory.total_changes

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def read(*about: Any, **wanted: Any) -> Any:
            if self._memory.total_changes != self._written:
                self._said.clear()
                self._written = self._memory.total_changes
            asked = (name, about, tuple(wanted.items()))
            if asked not in self._said:
                self._said[asked] = getattr(self._book, name)(*about, **wanted)
            return self._said[asked]

        return read


def looked(book: Casebook) -> Looked:
    """A look at a book of :func:`empty_book`."""
    with book.reading() as connection:
        memory = connection.connection.driver_connection
    assert isinstance(memory, sqlite3.Connection)
    return Looked(book, memory)


@cache
def _first() -> sqlite3.Connection:
    kept = sqlite3.connect(":memory:", check_same_thread=False)
    engine = open_engine("sqlite://", create=True)
    with engine.connect() as connection:
        made = connection.connection.driver_connection
        assert isinstance(made, sqlite3.Connection)
        made.backup(kept)
    engine.dispose()
    return kept
