"""A backup: the whole book at one moment as one file, the same from SQLite and PostgreSQL, and readable without us.

A zip with ``manifest.json`` and, for each table, ``TABLE.jsonl``: one JSON list a row, columns named in the manifest.
It is made from the tables' own description, so a table that is added later comes along. Bytes are base64. Who is signed
in stays out of it: a session in a file would be a key to the door, and everybody can sign in anew.
"""

from __future__ import annotations

import json
import zipfile
import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, DateTime, LargeBinary, MetaData, Table, event, func, insert, inspect, select
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.types import TypeDecorator

from dispatch.store import ledger
from dispatch.store.database import known_versions, newest_version, open_engine, reader, step_to
from dispatch.store.tables import LEDGER, SESSIONS, STATE, Base
from dispatch.store.tables.base import UtcTime
from gis.mapfiles import beginning
from gis.schemas import BadInput, Fault, shorten

FORM = "gridbeat backup 1"
MANIFEST = "manifest.json"
LEFT_OUT = (SESSIONS.name,)
"""Tables that are in no backup and come back empty."""
ROWS_AT_ONCE = 5000
FILES_AT_ONCE = 8  # a row may hold a photograph of ten megabytes
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says about itself.

    Attributes
    ----------
    tables_version
        The migration the tables stood at.
    entries, head
        Where the ledger ended.
    columns, counts, sha256
        By table: its columns in order, its rows, and the fingerprint of its file.
    """

    form: str
    tables_version: str
    made_at: str
    entries: int
    head: str
    columns: dict[str, list[str]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    sha256: dict[str, str] = field(default_factory=dict)


def back_up(url: str, file: Path, *, now: datetime) -> Manifest:
    """Write the book at ``url`` to ``file`` as it stood at one moment, while others go on writing.

    Raises
    ------
    BadInput
        When there is no book, its ledger does not hold, or the file cannot be written or is there already; nothing is
        left or changed then.
    """
    engine = open_engine(url, create=False)
    try:
        with beginning(file) as temporary, reader(engine).connect() as connection:
            # The transaction's first statement fixes the moment; everything after it reads the same one.
            found = ledger.verify(connection)
            if not found.whole:
                fault = Fault("ledger", found.broken, None, found.what, "a chain that holds")
                raise BadInput(fault, advice="A backup of an altered book would hide it: run gridbeat audit verify.")
            made = Manifest(FORM, newest_version(), now.astimezone(UTC).isoformat(), found.entries, found.head)
            temporary.touch(mode=0o600)  # it holds what people said, and hashes of their passwords
            with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as packed:
                for table in Base.metadata.sorted_tables:
                    if table.name not in LEFT_OUT:
                        pack(connection, table, packed, made)
                packed.writestr(MANIFEST, json.dumps(asdict(made), ensure_ascii=False, indent=1))
            return made
    finally:
        engine.dispose()


def read_manifest(file: Path) -> Manifest:
    """What the backup says of itself, once every table in it agrees with its count and fingerprint.

    Raises
    ------
    BadInput
        When the file is none of ours, cut short, altered, or of a GridBeat newer than this one.
    """
    try:
        with zipfile.ZipFile(file) as packed:
            told = json.loads(packed.read(MANIFEST))
            if not isinstance(told, dict) or told.get("form") != FORM:
                raise _refused(file, "a file of another form", f"a file that says {FORM!r}")
            made = Manifest(**told)
            _refuse_a_newer_version(file, made)
            for name in {LEDGER.name, STATE.name, *made.columns}:
                if _fingerprint(packed, name) != (made.counts[name], made.sha256[name]):
                    raise _refused(file, f"table {name} altered or cut short", "the rows the manifest names")
            return made
    except (zipfile.BadZipFile, KeyError, TypeError, ValueError, EOFError, zlib.error) as problem:
        if isinstance(problem, BadInput):
            raise
        raise _refused(file, f"no whole backup ({shorten(problem)})", "a file written by gridbeat backup") from problem


def unpack(connection: Connection, file: Path, made: Manifest) -> None:
    """Every table of the database replaced by the backup's, then brought up to date when the backup is older.

    The tables go back to the backup's version first, so its rows find the columns they were made for, and the
    migrations do to them what they do to a book. The caller's transaction decides whether it stands.

    Raises
    ------
    BadInput
        When the backup's tables are not those of its version, or a row does not fit.
    """
    for table in reversed(Base.metadata.sorted_tables):
        connection.execute(table.delete())
    step_to(connection, made.tables_version)
    tables = tables_there(connection)
    theirs = {name: set(columns) for name, columns in made.columns.items() if name not in LEFT_OUT}
    if theirs != {table.name: set(table.columns.keys()) for table in tables}:
        raise _refused(file, "other tables or columns", f"those of version {made.tables_version}")
    # What is there once the tables are made (the counters' row) is the backup's to say.
    for table in tables:
        connection.execute(table.delete())
    try:
        with zipfile.ZipFile(file) as packed:
            for table in tables:
                _load(connection, table, packed, made.columns[table.name])
    except (ValueError, TypeError, IntegrityError, DataError) as problem:
        raise _refused(file, f"a row that fits no table ({shorten(problem)})", "rows as they were written") from problem
    step_to(connection, newest_version())


def tables_there(connection: Connection) -> list[Table]:
    """The tables of a backup as the database has them now, whatever their version."""
    found = MetaData()
    event.listen(found, "column_reflect", _times_are_utc)
    names = set(inspect(connection).get_table_names()) - {"alembic_version", *LEFT_OUT}
    found.reflect(connection, only=sorted(names & set(Base.metadata.tables)))
    return found.sorted_tables


def standing(connection: Connection) -> tuple[int, str]:
    """How many entries the database has and the hash of its last."""
    row = connection.execute(select(STATE.c.entries, STATE.c.head)).one()
    return int(row[0]), str(row[1])


def is_empty(connection: Connection) -> bool:
    """Whether nothing has ever been kept here: no row but the counters' own."""
    tables = [table for table in Base.metadata.sorted_tables if table is not STATE]
    return all(connection.scalar(select(func.count()).select_from(table)) == 0 for table in tables)


def hash_at(file: Path, made: Manifest, sequence: int) -> str:
    """The hash of the backup's entry of that number; the chain's start for 0."""
    if sequence == 0:
        return ledger.START
    number, held = (made.columns[LEDGER.name].index(name) for name in ("sequence", "hash"))
    with zipfile.ZipFile(file) as packed, packed.open(f"{LEDGER.name}.jsonl") as lines:
        rows = (json.loads(line) for line in lines)
        return next((str(row[held]) for row in rows if row[number] == sequence), "")


def pack(connection: Connection, table: Table, packed: zipfile.ZipFile, made: Manifest) -> None:
    """One table into the zip and the manifest."""
    query = select(table).order_by(*table.primary_key.columns).execution_options(yield_per=_at_once(table))
    count, digest = 0, sha256()
    with packed.open(f"{table.name}.jsonl", "w", force_zip64=True) as out:
        for row in connection.execute(query):
            line = (json.dumps([_told(value) for value in row], ensure_ascii=False) + "\n").encode()
            digest.update(line)
            out.write(line)
            count += 1
    made.columns[table.name] = [column.name for column in table.columns]
    made.counts[table.name] = count
    made.sha256[table.name] = digest.hexdigest()


def _load(connection: Connection, table: Table, packed: zipfile.ZipFile, columns: list[str]) -> None:
    some: list[dict[str, Any]] = []
    for row in _rows(packed, table, columns):
        some.append(row)
        if len(some) == _at_once(table):
            connection.execute(insert(table), some)
            some = []
    if some:
        connection.execute(insert(table), some)


def _at_once(table: Table) -> int:
    holds_files = any(isinstance(column.type, LargeBinary) for column in table.columns)
    return FILES_AT_ONCE if holds_files else ROWS_AT_ONCE


def _times_are_utc(_inspector: object, _table: object, column: Any) -> None:
    """A database tells a time column's kind, not that all our times are aware."""
    if isinstance(column["type"], DateTime):
        column["type"] = UtcTime()


def _told(value: Any) -> Any:
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return {"base64": b64encode(value).decode()} if isinstance(value, (bytes, memoryview)) else value


def _rows(packed: zipfile.ZipFile, table: Table, columns: list[str]) -> Iterator[dict[str, Any]]:
    kinds = [_kind(table, name) for name in columns]
    with packed.open(f"{table.name}.jsonl") as lines:
        for line in lines:
            values = json.loads(line)
            yield {name: _read(value, kind) for name, value, kind in zip(columns, values, kinds, strict=True)}


def _kind(table: Table, column: str) -> type:
    kind = table.c[column].type
    return (kind.impl_instance if isinstance(kind, TypeDecorator) else kind).python_type


def _read(value: Any, kind: type) -> Any:
    if isinstance(value, str) and issubclass(kind, datetime):
        return datetime.fromisoformat(value)
    if isinstance(value, str) and issubclass(kind, date):
        return date.fromisoformat(value)
    return b64decode(value["base64"]) if isinstance(value, dict) and "base64" in value else value


def _fingerprint(packed: zipfile.ZipFile, table: str) -> tuple[int, str]:
    count, digest = 0, sha256()
    with packed.open(f"{table}.jsonl") as lines:
        for line in lines:
            digest.update(line)
            count += 1
    return count, digest.hexdigest()


def _refuse_a_newer_version(file: Path, made: Manifest) -> None:
    if made.tables_version not in known_versions():
        advice = "A newer GridBeat made it: update GridBeat here and restore again."
        raise _refused(file, f"tables of version {made.tables_version}", f"version {newest_version()} or older", advice)


def _refused(file: Path, found: str, expected: str, advice: str = "") -> BadInput:
    return BadInput(Fault(str(file), None, None, found, expected), advice=advice or "Nothing was changed.")
