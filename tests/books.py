"""Empty casebooks in memory, quickly: the migrations run once a process, every further book is a copy of the first.

PostgreSQL's tests do the same (`tests.postgres.Server`); that the migrations themselves are right is asked in
`tests/dispatch/test_store.py`.
"""

from __future__ import annotations

import sqlite3
from functools import cache

from sqlalchemy import make_url

from dispatch.store.casebook import Casebook
from dispatch.store.database import _engine, open_engine


def empty_book() -> Casebook:
    """What ``open_casebook("sqlite://")`` opens, in a hundredth of its time."""
    engine = _engine(make_url("sqlite://"))
    with engine.connect() as connection:
        memory = connection.connection.driver_connection
        assert isinstance(memory, sqlite3.Connection)
        _first().backup(memory)
    return Casebook(engine)


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
