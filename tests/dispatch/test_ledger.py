"""The hash chain: whatever is done to the ledger behind the desk's back is found, at the place where it was done."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine, text

from dispatch.desk.accounts import Accounts
from dispatch.desk.door import Door
from dispatch.desk.incidents import Desk
from dispatch.records.person import Job, Person, Post
from dispatch.store import ledger
from dispatch.store.casebook import open_casebook
from dispatch.store.ledger import START, Head, Kind, Line, canonical, entry, next_line
from tests.dispatch.conftest import DISTRICT, EAST, FUMES, NOW, STALL, incident, manned

INSIDE = [column for column in Line._fields if column != "sequence"]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A casebook with a handful of deeds in it, closed; nobody touches it."""
    path = tmp_path_factory.mktemp("book") / "city.db"
    with open_casebook(f"sqlite:///{path}") as book:
        desk = manned(book)
        for _ in range(3):
            new = desk.report("li", "a stall", lon=121.6, lat=29.9, matter=STALL)
            desk.assign("li", new.id, "e1", 1)
            desk.undo("li")
    return path


@pytest.fixture
def file(written: Path, tmp_path: Path) -> Path:
    """A copy of it to tamper with."""
    assert [each.name for each in written.parent.iterdir()] == [written.name]  # no journal holds a part of it
    return Path(shutil.copy(written, tmp_path))


def tamper(path: Path, *statements: str) -> None:
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def verified(path: Path):
    with open_casebook(f"sqlite:///{path}", create=False) as book:
        return book.verify()


def test_an_untouched_ledger_is_whole(file):
    """Ten deeds: the roster, three reports, three dispatches, three undone."""
    found = verified(file)
    assert (found.whole, found.entries, found.broken) == (True, 10, None)
    assert found.head != START


def test_an_empty_ledger_is_whole(casebook):
    """Nothing has happened, so nothing can have been hidden."""
    assert casebook.verify().whole


@pytest.mark.parametrize("column", INSIDE)
@pytest.mark.parametrize("value", ["'x'", "7", "''", "x'80ff'"])
def test_a_changed_column_is_found_in_its_entry(file, column, value):
    """Who, what, when, to whom, with which words: none of it can be rewritten."""
    tamper(file, f"UPDATE ledger SET {column} = {value} WHERE sequence = 6")
    assert verified(file).broken == 6


def test_text_that_cannot_be_read_any_more_is_found(file):
    """Bytes flipped on the disk are as bad as a hand in the table."""
    tamper(file, "UPDATE ledger SET actor = CAST(x'80ff' AS TEXT) WHERE sequence = 5")
    assert verified(file).broken == 5


def test_words_moved_from_one_column_to_the_next_are_found(file):
    """The columns are hashed with their lengths: 'li' + 'assign' is not 'l' + 'iassign'."""
    tamper(file, "UPDATE ledger SET actor = 'l', deed = 'iassign' WHERE sequence = 3")
    assert verified(file).broken == 3


@pytest.mark.parametrize("sequence", [1, 4, 10])
def test_a_deleted_entry_is_found(file, sequence):
    """At the start, in the middle, and at the end, where only the count kept aside can tell."""
    tamper(file, f"DELETE FROM ledger WHERE sequence = {sequence}")
    assert verified(file).broken == sequence


def test_a_deleted_entry_is_found_when_the_rest_is_renumbered(file):
    """The gap is closed, but the chain is not."""
    tamper(
        file, "DELETE FROM ledger WHERE sequence = 4", "UPDATE ledger SET sequence = sequence - 1 WHERE sequence > 4"
    )
    assert verified(file).broken == 4


def test_exchanged_entries_are_found(file):
    """Who was first decides who was taken from; the order is part of the record."""
    tamper(
        file,
        "UPDATE ledger SET sequence = 100 WHERE sequence = 3",
        "UPDATE ledger SET sequence = 3 WHERE sequence = 6",
        "UPDATE ledger SET sequence = 6 WHERE sequence = 100",
    )
    assert verified(file).broken == 3


def test_an_entry_put_in_is_found(file):
    """Even one whose own hash is right, since nobody counted it."""
    with open_casebook(f"sqlite:///{file}") as book:
        last = book.verify()
    forged = next_line(
        Head(last.entries, last.head), at=NOW, actor="x", deed="close", kind=Kind.INCIDENT, subject="i", details={}
    )
    values = ", ".join(f"'{value}'" for value in forged)
    tamper(file, f"INSERT INTO ledger ({', '.join(Line._fields)}) VALUES ({values})")
    assert verified(file).broken == 11


@pytest.mark.parametrize("sequence", [0, -3])
def test_an_entry_put_in_before_the_first_is_found(file, sequence):
    """Whoever reads the ledger by its numbers would show it as the oldest."""
    columns = ", ".join(INSIDE)
    tamper(
        file, f"INSERT INTO ledger (sequence, {columns}) SELECT {sequence}, {columns} FROM ledger WHERE sequence = 1"
    )
    assert verified(file).broken == 1


def test_damage_beyond_the_first_page_is_found_at_its_entry(file, monkeypatch):
    """The ledger is read in pages; the border of a page is no hole in the chain."""
    monkeypatch.setattr(ledger, "_IN_ORDER", ledger._IN_ORDER.limit(3))
    assert (verified(file).whole, verified(file).entries) == (True, 10)
    for sequence in (9, 7, 6, 4):
        tamper(file, f"UPDATE ledger SET actor = 'x' WHERE sequence = {sequence}")
        assert verified(file).broken == sequence


@pytest.mark.parametrize("change", ["entries = 9", "entries = 11", f"head = '{START}'"])
def test_a_changed_count_or_head_is_found(file, change):
    """The counter beside the ledger is no way round it either."""
    tamper(file, f"UPDATE state SET {change}")
    assert not verified(file).whole


def test_a_lost_counter_is_found(file):
    """Without it nobody could say whether the end is missing."""
    tamper(file, "DELETE FROM state")
    assert not verified(file).whole


def test_a_refused_deed_is_chained_too(file):
    """An attempt cannot be made to disappear."""
    with open_casebook(f"sqlite:///{file}") as book:
        desk = manned(book)
        with pytest.raises(LookupError):
            desk.accept("x", "nothing", 1)
    assert verified(file).entries == 11
    tamper(file, "DELETE FROM ledger WHERE sequence = 11")
    assert verified(file).broken == 11


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(details=st.dictionaries(st.text(max_size=5), anything, max_size=4))
def test_equal_details_are_equal_text_in_any_order(details):
    """Otherwise the same deed would have two hashes."""
    assert canonical(details) == canonical(dict(reversed(details.items())))
    line = next_line(Head(), at=NOW, actor="a", deed="d", kind=Kind.INCIDENT, subject="s", details=details)
    assert entry(line).at == NOW


def test_a_time_without_zone_is_refused():
    """Two offices would read it eight hours apart."""
    with pytest.raises(ValueError, match="no time zone"):
        next_line(Head(), at=datetime(2026, 1, 1), actor="a", deed="d", kind=Kind.FILE, subject="s")  # noqa: DTZ001


@pytest.mark.parametrize(
    ("statement", "broken"),
    [
        ("UPDATE ledger SET actor = 'nobody' WHERE sequence = 4", 4),
        ("UPDATE ledger SET details = '{}' WHERE sequence = 4", 4),
        ("DELETE FROM ledger WHERE sequence = 4", 4),
        ("DELETE FROM ledger WHERE sequence = 10", 10),
        ("UPDATE state SET entries = 9", 10),
        ("UPDATE ledger SET version_after = version_after + 1 WHERE sequence = 7", 7),
    ],
)
def test_what_is_altered_behind_the_desk_is_found_on_every_database(url, statement, broken):
    """The chain belongs to the book and not to the kind of database it lies in."""
    with open_casebook(url) as book:
        desk = manned(book)
        for _ in range(3):
            new = desk.report("li", "a stall", lon=121.6, lat=29.9, matter=STALL)
            desk.assign("li", new.id, "e1", 1)
            desk.undo("li")
        assert (book.verify().whole, book.verify().entries) == (True, 10)
        engine = create_engine(url)
        with engine.begin() as connection:
            connection.execute(text(statement))
        engine.dispose()
        assert book.verify().broken == broken


def test_a_person_a_team_and_an_incident_of_one_name_each_have_their_own_entries(desk: Desk):
    """An import may bring an incident called like a colleague; whoever reads one must not be told of the other."""
    book, accounts = desk.casebook, Accounts(Door(desk.casebook, desk.clock), DISTRICT, (EAST,))
    anna = Person("anna", "安娜", (Post(Job.DISPATCHER, EAST),))
    accounts.add("admin", anna)
    accounts.enter("anna", "demo")
    book.add_incidents([incident("anna"), incident("e1"), incident("other")], at=NOW)
    desk.assign("li", "other", "e1", 1)
    desk.classify("li", "anna", 1, FUMES)

    def told(kind: Kind, subject: str) -> list[str]:
        with book.writing() as page:
            seen_by_the_deed = page.history(kind, subject)
        assert seen_by_the_deed == book.history(kind, subject)
        return [entry.deed for entry in seen_by_the_deed]

    assert told(Kind.INCIDENT, "anna") == ["report", "classify"]
    assert told(Kind.PERSON, "anna") == ["person_add", "sign_in_demo", "sign_in_demo"]
    assert told(Kind.INCIDENT, "e1") == ["report"]
    assert told(Kind.TEAM, "e1") == ["assign"]
    both = book.histories({Kind.INCIDENT: ["anna"], Kind.TEAM: ["e1"]})
    assert [entry.deed for entry in both] == ["report", "assign", "classify"]
    with book.writing() as page:
        assert page.latest(Kind.INCIDENT, "anna").deed == "classify"
        assert page.latest(Kind.PERSON, "anna").deed == "sign_in_demo"
        assert page.latest(Kind.TEAM, "e1").deed == "assign"
