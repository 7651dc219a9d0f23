"""A PostgreSQL server of the tests' own: a new data folder, one unix socket, no network, gone when they are done."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import Engine, make_url

from dispatch.store.casebook import Casebook
from dispatch.store.database import _engine, newest_version, open_engine
from dispatch.store.tables import STATE, Base

REQUIRED = "GRIDBEAT_POSTGRES_TESTS"
# What is lost when the machine stops is only a test's.
QUICK = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "shared_buffers=32MB",
    "max_connections=120",
    "max_wal_size=256MB",
    "autovacuum=off",
)


def programs() -> Path | None:
    """The folder of ``initdb`` and ``pg_ctl``, or None; Debian keeps them off the path."""
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda each: int(each.parts[-3]))
    return found[-1].parent if found else None


def required() -> bool:
    """Whether a machine without PostgreSQL fails the tests instead of skipping them."""
    return os.environ.get(REQUIRED) == "required"


class Lent:
    """A database that serves one test after another, with the engine that has written its statements down.

    To empty it takes a tenth of what it takes to copy and drop one.
    """

    MOST = 100
    """Times it is lent: nobody sweeps up what is deleted."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._left = self.MOST
        with engine.connect() as connection:
            (self._state,) = connection.execute(STATE.select()).all()
        engine.dispose()

    def emptied(self) -> bool:
        """Whether it is as it was when it was new; if not, it is of no further use."""
        self._left -= 1
        with self.engine.begin() as connection:
            if connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() != newest_version():
                return False
            deletions = ";".join(f'DELETE FROM "{name}"' for name in Base.metadata.tables)
            connection.exec_driver_sql(f"SET LOCAL session_replication_role = replica; {deletions}")
            connection.execute(STATE.insert(), self._state._asdict())
        self.engine.dispose()
        return self._left > 0


class Server:
    """A running server; every :meth:`new` database is a copy of one that is up to date and empty."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket
        self._numbers = count(1)
        self._free: list[Lent] = []

    def url(self, database: str) -> str:
        """The address of that database for GridBeat."""
        return f"postgresql+psycopg://gridbeat@/{database}?host={self._socket}"

    def bare(self) -> str:
        """The address of a new database without any table."""
        return self._create("template0")

    def new(self) -> str:
        """The address of a new casebook without entries."""
        return self._create(self._template)

    @contextmanager
    def book(self) -> Iterator[Casebook]:
        """A casebook without entries, for the block: a new one, or one that was lent before and has been emptied."""
        lent = self._free.pop() if self._free else Lent(_engine(make_url(self.new())))
        with Casebook(lent.engine) as casebook:
            yield casebook
        if lent.emptied():
            self._free.append(lent)
        else:
            self.drop(lent.engine.url.render_as_string())

    def drop(self, url: str) -> None:
        """Take a database away, whoever is still connected to it."""
        name = make_url(url).database
        self._run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    @cached_property
    def _template(self) -> str:
        self._run("CREATE DATABASE empty_book TEMPLATE template0")
        open_engine(self.url("empty_book"), create=True).dispose()
        return "empty_book"

    @cached_property
    def _quickly(self) -> str:
        """Copying files takes half the work of writing every page to the log, which is the way since version 15."""
        with psycopg.connect(host=str(self._socket), user="gridbeat", dbname="postgres") as connection:
            return "STRATEGY FILE_COPY" if connection.info.server_version >= 150_000 else ""

    def _create(self, template: str) -> str:
        name = f"book_{next(self._numbers)}"
        self._run(f'CREATE DATABASE "{name}" TEMPLATE {template} {self._quickly}')
        return self.url(name)

    def _run(self, statement: str) -> None:
        with psycopg.connect(host=str(self._socket), user="gridbeat", dbname="postgres", autocommit=True) as connection:
            connection.execute(statement.encode())


@contextmanager
def running(folder_of_programs: Path) -> Iterator[Server]:
    """A server for as long as the block lasts."""
    # The path of a unix socket may have 107 characters; pytest's own folders are longer, and closed to other users.
    home = Path(tempfile.mkdtemp(prefix="gb-pg-"))
    owner = _owner()
    try:
        if owner:
            shutil.chown(home, owner["user"], owner["group"])
        data = home / "data"
        initdb = [
            "initdb",
            "-D",
            str(data),
            "-U",
            "gridbeat",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "--locale-provider=icu",
            "--icu-locale=en-US",
            "--no-sync",
        ]
        _call(folder_of_programs, initdb, owner)
        settings = " ".join(f"-c {each}" for each in QUICK)
        options = f"-c listen_addresses='' -c unix_socket_directories='{home}' {settings}"
        start = ["pg_ctl", "-D", str(data), "-l", str(home / "log"), "-o", options, "-w", "start"]
        _call(folder_of_programs, start, owner)
        try:
            yield Server(home)
        finally:
            _call(folder_of_programs, ["pg_ctl", "-D", str(data), "-m", "immediate", "-w", "stop"], owner)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _owner() -> dict[str, Any]:
    """As whom to run it: PostgreSQL refuses to be root."""
    if os.geteuid() != 0:
        return {}
    import pwd

    names = {each.pw_name: each for each in pwd.getpwall()}
    user = names.get("postgres") or names["nobody"]
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _call(folder: Path, command: list[str], owner: dict[str, Any]) -> None:
    """Run it to its end; the output goes to a file, since a server that keeps a pipe open would never let go of it."""
    with tempfile.TemporaryFile() as said:
        line = [str(folder / command[0]), *command[1:]]
        done = subprocess.run(line, stdout=said, stderr=said, stdin=subprocess.DEVNULL, cwd="/", **owner)
        said.seek(0)
        if done.returncode:
            raise RuntimeError(f"{command[0]} ended with {done.returncode}: {said.read().decode(errors='replace')}")
