"""The database under the casebook: opened safely, brought up to date, and everything that only SQLite needs.

All words that one kind of database alone understands are in this file; the rest of ``store`` runs on any.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.pool import QueuePool

from gis.mapfiles import replacing
from gis.schemas import BadInput, Fault, shorten

MIGRATIONS = Path(__file__).parent / "migrations"

# A deed holds the write lock for a few milliseconds; whoever waits this long is stuck behind something else.
WAIT_FOR_LOCK_S = 30.0

WRITING = "gridbeat_writing"

_MIGRATION_LOCK = 0x67726964  # any number that all GridBeats share
_NOBODY_TYPED_THIS = secrets.token_hex(16)

# Alembic keeps the migration under way in a global; threads that open two databases at once take turns.
_MIGRATING = Lock()


def open_engine(url: str, *, create: bool) -> Engine:
    """A database ready for the casebook, its tables of the newest version.

    Parameters
    ----------
    url
        ``sqlite:///file.db``, ``sqlite://`` (in memory, gone when closed) or ``postgresql+psycopg://…``.
    create
        Make the tables, and the SQLite file, when there are none. Older tables are migrated either way.

    Raises
    ------
    BadInput
        When the URL cannot be understood, nothing is there and ``create`` is false, the file is no database, the
        database is not GridBeat's or was written by a newer GridBeat.
    """
    parsed = _parse(url)
    _refuse_missing_file(parsed, create)
    if create:
        _make_file(parsed)
    engine = _engine(parsed)
    try:
        with engine.execution_options(**{WRITING: True}).begin() as connection:
            _bring_up_to_date(connection, parsed, create)
    except DBAPIError as problem:
        engine.dispose()
        raise _unusable(parsed, f"{problem.orig}", "a database that can be opened") from problem
    except BaseException:
        engine.dispose()
        raise
    return engine


def writer(engine: Engine) -> Engine:
    """``engine`` for writing: on SQLite a transaction takes the write lock at its start, not at its first change.

    Two writers who both read first and then want to change would otherwise meet in a dead end.
    """
    return engine.execution_options(**{WRITING: True})


def reader(engine: Engine) -> Engine:
    """``engine`` for reading: all statements of one transaction see the same moment."""
    if engine.dialect.name == "sqlite":
        return engine
    return engine.execution_options(isolation_level="REPEATABLE READ")


@cache
def newest_version() -> str:
    """The version of the tables that this GridBeat writes."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    assert head is not None
    return head


@cache
def known_versions() -> frozenset[str]:
    """The versions of the tables that this GridBeat can bring up to date."""
    return frozenset(script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions())


def step_to(connection: Connection, version: str) -> None:
    """The tables taken to ``version``, up or down, inside the caller's transaction, which holds the write lock.

    Raises
    ------
    BadInput
        On the way down, when the older tables have no place for what is there.
    """
    found = MigrationContext.configure(connection).get_current_revision()
    if found == version:
        return
    config = _config()
    config.attributes["connection"] = connection
    # Versions are numbered and of one width, so text sorts as they follow each other.
    step = command.downgrade if found is not None and version < found else command.upgrade
    with _MIGRATING:
        step(config, version)


@contextmanager
def whole_or_not_there(url: str) -> Iterator[str]:
    """``url``; or, for an SQLite file that is not there yet, one aside that takes its place when the block ends well.

    Raises
    ------
    BadInput
        When the URL cannot be understood, its folder is missing, or somebody made the file meanwhile.
    """
    parsed = _parse(url)
    if parsed.get_backend_name() != "sqlite" or _in_memory(parsed) or Path(parsed.database or "").exists():
        yield url
        return
    file = Path(parsed.database or "")
    with replacing(file) as temporary:
        yield parsed.set(database=str(temporary)).render_as_string(hide_password=False)
        if file.exists():
            raise _unusable(parsed, "a file made meanwhile", "no file yet", "Look at it, then try again.")


def _parse(url: str) -> URL:
    try:
        return make_url(url)
    except ArgumentError as problem:
        raise BadInput(
            Fault("database", None, None, shorten(url), "a database URL"),
            advice="Write sqlite:///city.db for a file in this folder, or postgresql+psycopg://user@host/name.",
        ) from problem


def _refuse_missing_file(url: URL, create: bool) -> None:
    if url.get_backend_name() != "sqlite" or _in_memory(url):
        return
    file = Path(url.database or "")
    if not create and not file.exists():
        raise _unusable(url, "no such file", "an existing casebook", "Check the path, or make one: gridbeat import.")
    if not file.parent.is_dir():
        raise _unusable(url, f"no folder {file.parent}", "a folder that exists", "Create the folder first.")


def _make_file(url: URL) -> None:
    """A new SQLite file is its owner's alone to read; what SQLite lays beside it follows it in that."""
    if url.get_backend_name() == "sqlite" and not _in_memory(url):
        with suppress(OSError):  # it is there, or the driver says what stands in the way
            Path(url.database or "").touch(mode=0o600, exist_ok=False)


def _in_memory(url: URL) -> bool:
    return url.database in (None, "", ":memory:")


def _engine(url: URL) -> Engine:
    if url.get_backend_name() == "sqlite":
        engine = _sqlite(url)
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    try:
        engine = create_engine(url, pool_pre_ping=True)
    except (NoSuchModuleError, ModuleNotFoundError) as problem:
        raise _unusable(
            url, f"{problem}", "a database this machine has a driver for", "Use sqlite:///FILE or install the driver."
        ) from problem
    event.listen(engine, "before_cursor_execute", _find_nothing_by_nul, retval=True)
    return engine


def _find_nothing_by_nul(
    _connection: object, _cursor: object, statement: str, parameters: Any, context: Any, _many: bool
) -> tuple[str, Any]:
    """PostgreSQL refuses even to look for a text with NUL in it; nobody has stored one, so the answer is: not there."""
    compiled = context.compiled if context is not None else None
    if compiled is not None and compiled.statement.is_select and isinstance(parameters, dict):
        parameters = {name: _without_nul(value) for name, value in parameters.items()}
    return statement, parameters


def _without_nul(value: Any) -> Any:
    return value.replace("\0", _NOBODY_TYPED_THIS) if isinstance(value, str) else value


def _sqlite(url: URL) -> Engine:
    options: dict[str, Any] = {"connect_args": {"check_same_thread": False, "timeout": WAIT_FOR_LOCK_S}}
    if _in_memory(url):
        # A second connection to memory would be a second, empty database.
        return create_engine(url, poolclass=QueuePool, pool_size=1, max_overflow=0, **options)
    return create_engine(url, pool_size=8, max_overflow=56, **options)


def _set_up_sqlite(connection: Any, _record: object) -> None:
    """Readers beside one writer (WAL); a deed that was answered survives a power cut (synchronous FULL)."""
    connection.isolation_level = None  # the driver must not begin transactions of its own; see _begin_sqlite
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    writing = connection.get_execution_options().get(WRITING, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _bring_up_to_date(connection: Connection, url: URL, create: bool) -> None:
    if MigrationContext.configure(connection).get_current_revision() == newest_version():
        return
    if connection.dialect.name == "postgresql":
        # Two that start together would both make the tables; SQLite's write lock has already settled it there.
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})")
    found = MigrationContext.configure(connection).get_current_revision()
    if found == newest_version():
        return
    if found is None:
        _refuse_strangers(connection, url, create)
    elif found not in known_versions():
        raise _unusable(
            url,
            f"tables of version {found}",
            f"version {newest_version()} or older",
            "A newer GridBeat wrote this database: update GridBeat here, or open another database.",
        )
    step_to(connection, newest_version())


def _refuse_strangers(connection: Connection, url: URL, create: bool) -> None:
    tables = set(inspect(connection).get_table_names()) - {"alembic_version"}
    if tables:
        names = ", ".join(sorted(tables)[:3])
        raise _unusable(
            url, f"tables of something else ({names})", "a casebook or nothing", "Give it its own database."
        )
    if not create:
        raise _unusable(url, "an empty database", "an existing casebook", "Let gridbeat import tickets make one.")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


def _unusable(url: URL, found: str, expected: str, advice: str = "") -> BadInput:
    return BadInput(Fault(url.render_as_string(hide_password=True), None, None, found, expected), advice=advice)
