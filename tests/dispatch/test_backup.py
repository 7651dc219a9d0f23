"""A backup holds one moment whole, goes back into either kind of database, and never costs anybody newer work."""

from __future__ import annotations

import json
import zipfile

import pytest
from sqlalchemy import select

from dispatch.store.backup import MANIFEST, back_up
from dispatch.store.casebook import open_casebook
from dispatch.store.restoring import restore
from dispatch.store.tables import STATE, Base
from gis.schemas import BadInput
from tests.dispatch.conftest import NOW, incident, manned, rulebook
from tests.dispatch.test_store import ALICE


@pytest.fixture
def full(url, tmp_path):
    """A book with something in it, and its backup."""
    with open_casebook(url) as book:
        manned(book)
        book.add_incidents([incident("a", text="=1+1 区\r\n👮"), incident("b")], at=NOW)
        with book.writing() as page:
            page.set_powers(ALICE, rulebook().powers)
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
    """Every row but the ledger's last entry and the counters."""
    with open_casebook(url, create=False) as book, book._reader.connect() as connection:
        tables = [table for table in Base.metadata.sorted_tables if table is not STATE]
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
    """The file of before stays."""
    before = (tmp_path / "b.zip").read_bytes()
    with open_casebook(full) as book, book._writer.begin() as connection:
        connection.exec_driver_sql("UPDATE ledger SET actor = 'x' WHERE sequence = 2")
    with pytest.raises(BadInput, match=r"row 2.*audit verify"):
        back_up(full, tmp_path / "b.zip", now=NOW)
    assert (tmp_path / "b.zip").read_bytes() == before
