"""A backup holds one moment whole, goes back into either kind of database, and never costs anybody newer work."""

from __future__ import annotations

import json
import os
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import select

from dispatch.desk.scene import Scene
from dispatch.records.person import Job, Person, Post, Session
from dispatch.store import people
from dispatch.store.backup import MANIFEST, back_up, read_manifest
from dispatch.store.casebook import open_casebook
from dispatch.store.export import export
from dispatch.store.restoring import restore
from dispatch.store.tables import SESSIONS, STATE, Base
from gis.schemas import BadInput
from tests.dispatch.conftest import DISTRICT, NOW, incident, manned, rulebook
from tests.dispatch.test_store import ALICE

# Every byte there is, and too many for one row of a page.
PHOTOGRAPH = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 300


@pytest.fixture
def full(url, tmp_path):
    """A book with something in it, somebody signed in, and its backup."""
    with open_casebook(url) as book:
        desk = manned(book)
        book.add_incidents([incident("a", text="=1+1 区\r\n👮"), incident("b")], at=NOW)
        Scene(desk.casebook, desk.clock, desk.rights).hand_in("li", "a", "before.jpg", PHOTOGRAPH, lon=121.6, lat=29.9)
        with book.writing() as page:
            page.set_powers(ALICE, rulebook().powers)
            people.add_person(page, ALICE, Person("wang", "王", (Post(Job.DISPATCHER, DISTRICT),), password="$argon2"))
            people.begin_session(page, ALICE, Session("token", "wang", NOW, NOW + timedelta(hours=8)))
    back_up(url, tmp_path / "b.zip", now=NOW)
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def other(request, tmp_path):
    """Another empty database, of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'other.db'}"
        return
    server = request.getfixturevalue("postgres_server")
    address = server.new()
    yield address
    server.drop(address)


def rows(url):
    """Every row but those of the counters and the sessions."""
    with open_casebook(url, create=False) as book, book._reader.connect() as connection:
        tables = [table for table in Base.metadata.sorted_tables if table not in (STATE, SESSIONS)]
        return {t.name: connection.execute(select(t).order_by(*t.primary_key)).all() for t in tables}


def test_a_backup_goes_back_into_either_kind(full, other, tmp_path):
    """The district that outgrows its file moves to a server, and back for the laptop of an audit."""
    made = restore(tmp_path / "b.zip", other, actor="it", now=NOW)
    before, after = rows(full), rows(other)
    assert after.pop("ledger")[:-1] == before.pop("ledger")
    assert after == before
    with open_casebook(other, create=False) as book:
        assert (book.verify().whole, book.verify().head) == (True, made.head)
        last = book.latest_entries(1)[0]
        assert (last.deed, last.actor, last.details["entries"]) == ("restore", "it", made.entries - 1)
        book.add_incidents([incident("c")], at=NOW)
        assert book.verify().whole


def test_what_was_handed_in_comes_back_byte_for_byte(full, other, tmp_path):
    """A photograph whose fingerprint no longer agrees is none for a court."""
    restore(tmp_path / "b.zip", other, actor="it", now=NOW)
    with open_casebook(other, create=False) as book:
        [kept] = Scene(book).of("a")
        assert Scene(book).file(kept.id) == (kept, PHOTOGRAPH)


def test_nobody_is_signed_in_after_a_restore_and_everybody_can_sign_in(full, other, tmp_path):
    """A session in a file on a shelf would open the door to whoever finds it."""
    assert SESSIONS.name not in read_manifest(tmp_path / "b.zip").columns
    assert b"token" not in b"".join(zipfile.ZipFile(tmp_path / "b.zip").read(f"{t}.jsonl") for t in ("people", "state"))
    restore(tmp_path / "b.zip", other, actor="it", now=NOW)
    with open_casebook(other, create=False) as book, book.reading() as connection:
        assert connection.execute(select(SESSIONS)).all() == []
        assert people.person(connection, "wang").password == "$argon2"


def test_a_backup_that_holds_sessions_goes_back_without_them(full, other, tmp_path):
    """The first ones were made before we thought of it."""
    made = read_manifest(tmp_path / "b.zip")
    with zipfile.ZipFile(tmp_path / "b.zip") as packed:
        content = {name: packed.read(name) for name in packed.namelist() if name != MANIFEST}
    columns = [column.name for column in SESSIONS.columns]
    content["sessions.jsonl"] = b'["t", "wang", "2026-03-02T01:00:00+00:00", "2026-03-02T09:00:00+00:00"]\n'
    print_of_it = sha256(content["sessions.jsonl"]).hexdigest()
    told = replace(
        made,
        columns=made.columns | {"sessions": columns},
        counts=made.counts | {"sessions": 1},
        sha256=made.sha256 | {"sessions": print_of_it},
    )
    with zipfile.ZipFile(tmp_path / "with.zip", "w") as packed:
        for name, inside in (content | {MANIFEST: json.dumps(asdict(told)).encode()}).items():
            packed.writestr(name, inside)
    restore(tmp_path / "with.zip", other, actor="it", now=NOW)
    with open_casebook(other, create=False) as book, book.reading() as connection:
        assert connection.execute(select(SESSIONS)).all() == []


def test_a_backup_taken_while_four_desks_write_is_one_moment(url, tmp_path):
    """Nobody stops a district for its backup: what is in it agrees with itself, and the chain holds."""
    stop = Event()

    def report(writer):
        with open_casebook(url) as book:
            number = 0
            while not stop.is_set():
                book.add_incidents([incident(f"{writer}-{number}")], at=NOW)
                number += 1
            return number

    with open_casebook(url) as book:
        book.add_incidents([incident("first")], at=NOW)
    with ThreadPoolExecutor(4) as pool:
        writers = [pool.submit(report, name) for name in "abcd"]
        try:
            backups = [back_up(url, tmp_path / f"{number}.zip", now=NOW) for number in range(4)]
        finally:
            stop.set()
        written = sum(each.result() for each in writers)
    assert backups[0].entries < backups[-1].entries <= written + 1
    for number, made in enumerate(backups):
        assert made.counts["ledger"] == made.counts["incidents"] == made.entries
        again = f"sqlite:///{tmp_path / f'{number}.db'}"
        restore(tmp_path / f"{number}.zip", again, actor="it", now=NOW)
        with open_casebook(again, create=False) as book:
            assert (book.verify().whole, book.verify().entries) == (True, made.entries + 1)
            assert len(book.incidents()) == made.entries


def test_a_refused_restore_leaves_no_new_file(full, tmp_path):
    """The next try would find a book there, and an empty one looks like a lost one."""
    file = tmp_path / "b.zip"
    with zipfile.ZipFile(file) as packed:
        content = {name: packed.read(name) for name in packed.namelist()}
    told = json.loads(content[MANIFEST])
    content[MANIFEST] = json.dumps(told | {"head": "0" * 64}).encode()
    with zipfile.ZipFile(file, "w") as packed:
        for name, inside in content.items():
            packed.writestr(name, inside)
    before = sorted(tmp_path.iterdir())
    with pytest.raises(BadInput, match="a ledger that breaks"):
        restore(file, f"sqlite:///{tmp_path / 'new.db'}", actor="it", now=NOW)
    assert [each for each in sorted(tmp_path.iterdir()) if each.suffix in (".db", "") and each not in before] == []


def test_a_newer_database_is_never_written_over(full, tmp_path):
    """Yesterday's file over today's work is the accident that a backup must not be."""
    with open_casebook(full) as book:
        book.add_incidents([incident("c")], at=NOW)
    before = rows(full)
    with pytest.raises(BadInput, match=r"database of \d+ entries.*It is newer.*Nothing was changed"):
        restore(tmp_path / "b.zip", full, actor="it", now=NOW, allow_replace=True)
    assert rows(full) == before


def test_an_older_state_of_the_same_book_is_replaced_only_when_asked(full, other, tmp_path):
    """The standby of last night takes this noon's file."""
    restore(tmp_path / "b.zip", other, actor="it", now=NOW)
    with open_casebook(other) as book:
        book.add_incidents([incident("c")], at=NOW)
    back_up(other, tmp_path / "later.zip", now=NOW)
    with pytest.raises(BadInput, match="add --replace"):
        restore(tmp_path / "later.zip", full, actor="it", now=NOW)
    restore(tmp_path / "later.zip", full, actor="it", now=NOW, allow_replace=True)
    with open_casebook(full, create=False) as book:
        assert book.incident("c") is not None
        assert book.verify().whole


def test_another_chain_is_refused(full, other, tmp_path):
    """Fewer entries do not make it the same book."""
    with open_casebook(other) as book:
        book.add_incidents([incident("z")], at=NOW)
    with pytest.raises(BadInput, match="another chain"):
        restore(tmp_path / "b.zip", other, actor="it", now=NOW, allow_replace=True)
    with open_casebook(other, create=False) as book:
        assert [one.id for one in book.incidents()] == ["z"]


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("harm", ["cut", "foreign", "newer", "row"])
def test_a_file_that_is_not_whole_is_refused_before_the_database_is_touched(full, tmp_path, harm):
    """Half a book is worse than none."""
    file = tmp_path / "b.zip"
    if harm == "cut":
        file.write_bytes(file.read_bytes()[:-200])
    elif harm == "foreign":
        file.write_text("id,lon,lat\n")
    else:
        with zipfile.ZipFile(file) as packed:
            content = {name: packed.read(name) for name in packed.namelist()}
        if harm == "newer":
            content[MANIFEST] = json.dumps(json.loads(content[MANIFEST]) | {"tables_version": "9999"}).encode()
        else:
            content["incidents.jsonl"] = content["incidents.jsonl"].splitlines(keepends=True)[0]
        with zipfile.ZipFile(file, "w") as packed:
            for name, inside in content.items():
                packed.writestr(name, inside)
    told = {"newer": "update GridBeat", "row": "incidents altered"}.get(harm, "no whole backup")
    with pytest.raises(BadInput, match=told):
        restore(file, f"sqlite:///{tmp_path / 'new.db'}", actor="it", now=NOW)
    assert not (tmp_path / "new.db").exists()


def test_an_altered_book_is_not_backed_up_in_silence(full, tmp_path):
    """No file is left that looks like a good one."""
    with open_casebook(full) as book, book._writer.begin() as connection:
        connection.exec_driver_sql("UPDATE ledger SET actor = 'x' WHERE sequence = 2")
    with pytest.raises(BadInput, match=r"row 2.*audit verify"):
        back_up(full, tmp_path / "later.zip", now=NOW)
    assert not (tmp_path / "later.zip").exists()


def test_a_backup_never_goes_over_the_one_of_before(full, tmp_path):
    """The last good one may be all there is."""
    before = (tmp_path / "b.zip").read_bytes()
    with pytest.raises(BadInput, match="there already"):
        back_up(full, tmp_path / "b.zip", now=NOW)
    assert (tmp_path / "b.zip").read_bytes() == before


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX")
def test_nobody_else_on_the_machine_reads_what_we_write(tmp_path: Path):
    """A book, its backup and its export hold what people said, and the first two hashes of passwords."""
    book, file, other, folder = (tmp_path / name for name in ("book.db", "book.zip", "other.db", "out"))
    with open_casebook(f"sqlite:///{book}") as opened:
        opened.add_incidents([incident("a")], at=NOW)
        open_to_others = [each.name for each in tmp_path.iterdir() if each.stat().st_mode & 0o077]
    back_up(f"sqlite:///{book}", file, now=NOW)
    restore(file, f"sqlite:///{other}", actor="wang", now=NOW)
    export(f"sqlite:///{book}", folder)
    open_to_others += [each.name for each in (file, other, folder) if each.stat().st_mode & 0o077]
    assert open_to_others == []
