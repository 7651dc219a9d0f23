"""A backup put back: into an empty database, or over an older state of the same chain; never over anything newer."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, insert, select, update

from dispatch.store import backup, ledger
from dispatch.store.backup import Manifest
from dispatch.store.database import open_engine, whole_or_not_there, writer
from dispatch.store.ledger import Head, Kind
from dispatch.store.tables import LEDGER, STATE
from gis.schemas import BadInput, Fault


def restore(file: Path, url: str, *, actor: str, now: datetime, allow_replace: bool = False) -> Manifest:
    """Bring back the book in ``file``; who did it is the ledger's next entry, and nobody is signed in.

    Returns
    -------
    Manifest
        Of the restored book: ``entries`` and ``head`` with that entry.

    Raises
    ------
    BadInput
        When the file is not whole, or the database holds what the backup would lose. The database stays as it was.
    """
    made = backup.read_manifest(file)
    with whole_or_not_there(url) as into:
        return _put_back(file, made, into, actor, now, allow_replace)


def _put_back(file: Path, made: Manifest, url: str, actor: str, now: datetime, allow_replace: bool) -> Manifest:
    engine = open_engine(url, create=True)
    try:
        with writer(engine).begin() as connection:
            # As every writer does: nobody adds a deed between our question and our answer.
            connection.execute(select(STATE).with_for_update()).all()
            _refuse_loss(connection, file, made, allow_replace)
            backup.unpack(connection, file, made)
            found = ledger.verify(connection)
            if not found.whole or (found.entries, found.head) != (made.entries, made.head):
                fault = Fault(str(file), None, None, f"a ledger that breaks at {found.broken}", "a chain that holds")
                raise BadInput(fault, advice="The backup was altered; take an older one. Nothing was changed.")
            head = _enter(connection, made, actor, now)
    finally:
        engine.dispose()
    return replace(made, entries=head.entries, head=head.hash)


def _refuse_loss(connection: Connection, file: Path, made: Manifest, allow_replace: bool) -> None:
    if backup.is_empty(connection):
        return
    entries, head = backup.standing(connection)
    there = f"a database of {entries} entries, head {head[:12]}"
    held = f"the backup's {made.entries} entries, head {made.head[:12]}"
    if entries > made.entries:
        raise _kept(there, f"nothing beyond {held}", "It is newer: restore into an empty database and compare.")
    if not ledger.verify(connection).whole or backup.hash_at(file, made, entries) != head:
        raise _kept(there, f"an older state of {held}", "It is another chain: restore into an empty database.")
    if not allow_replace:
        raise _kept(there, "an empty database", f"It is an older state of {held}: add --replace to go on.")


def _kept(found: str, expected: str, advice: str) -> BadInput:
    return BadInput(Fault("database", None, None, found, expected), advice=f"{advice} Nothing was changed.")


def _enter(connection: Connection, made: Manifest, actor: str, now: datetime) -> Head:
    details = {"entries": made.entries, "head": made.head, "made_at": made.made_at}
    line = ledger.next_line(
        Head(made.entries, made.head),
        at=now,
        actor=actor,
        deed="restore",
        kind=Kind.FILE,
        subject="backup",
        details=details,
    )
    connection.execute(insert(LEDGER), [line._asdict()])
    # One revision on, for screens of before; the roster's too, since its kept crews may be another book's.
    revision = connection.execute(select(STATE.c.revision)).scalar_one() + 1
    connection.execute(
        update(STATE).values(entries=line.sequence, head=line.hash, revision=revision, roster_revision=revision)
    )
    return Head(line.sequence, line.hash)
