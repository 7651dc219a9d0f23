"""A book of the very first version, with rows in it, is brought up to date on both databases and loses nothing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from alembic import command
from sqlalchemy import text

from dispatch.store.casebook import open_casebook
from dispatch.store.database import _config, _engine, _parse, writer
from dispatch.store.ledger import Head, Kind, Line, next_line
from tests.dispatch.conftest import NOW, incident
from tests.postgres import Server


@pytest.fixture(params=["sqlite", "postgresql"])
def nothing(request, tmp_path):
    """The address of a database without any table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'old.db'}"
        return
    server: Server = request.getfixturevalue("postgres_server")
    address = server.bare()
    yield address
    server.drop(address)


def first_version(url: str) -> Line:
    """Tables of 0001 with an incident, a team with its crew, a setting and one entry."""
    engine = _engine(_parse(url))
    line = next_line(Head(), at=NOW, actor="li", deed="report", kind=Kind.INCIDENT, subject="i1", version_after=1)
    time = "'2026-03-02 01:00:00.000000'" if url.startswith("sqlite") else "'2026-03-02 01:00:00+00'"
    late = time.replace("01:00", "01:20")
    statements = [
        "INSERT INTO incidents (id, text, lon, lat, cell, town, matter, priority, reported_at, due_at, source, address,"
        " status, team, version, revision) VALUES ('i1', 'a stall on the pavement', 121.6, 29.9, '330203001001001',"
        f" '330203001', 'M-STALL', 2, {time}, {late}, 'desk', '', 'reported', '', 1, 1)",
        "INSERT INTO teams VALUES ('e1', 'team', '330203001', '330203001', 121.6, 29.9, 'car', '[]',"
        f" {time}, {late}, 'free', '', 3, 1, 1)",
        "INSERT INTO officers VALUES ('a', 'a', 'officer', '330203001')",
        "INSERT INTO certificates VALUES ('a', 0, 'city', '2026-12-31')",
        "INSERT INTO crews VALUES ('e1', 0, 'a')",
        "INSERT INTO settings VALUES ('place', 'haishu')",
        f"UPDATE state SET revision = 1, roster_revision = 1, reported = 1, entries = 1, head = '{line.hash}'",
    ]
    config = _config()
    with writer(engine).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        for statement in statements:
            connection.execute(text(statement))
        names = ", ".join(f":{name}" for name in Line._fields)
        connection.execute(text(f"INSERT INTO ledger VALUES ({names})"), line._asdict())
    engine.dispose()
    return line


def test_a_first_book_comes_up_to_date_with_every_row(nothing):
    """The district that began with the first version opens the newest one and works on."""
    line = first_version(nothing)
    with open_casebook(nothing, create=False) as book:
        assert book.incidents() == [incident("i1")]
        [crew] = book.teams()
        assert (crew.id, crew.done_today, crew.on_duty_to) == ("e1", 3, NOW + timedelta(minutes=20))
        assert [officer.id for officer in crew.officers] == ["a"]
        assert book.setting("place") == "haishu"
        assert (book.verify().whole, book.verify().head) == (True, line.hash)
        book.add_incidents([incident("i2")], at=NOW)
        assert (book.verify().whole, book.verify().entries) == (True, 2)


def test_two_that_open_an_old_book_together_bring_it_up_once(nothing):
    """`serve` and an import in the same minute of the morning after the update."""
    first_version(nothing)
    with ThreadPoolExecutor(4) as pool:
        books = list(pool.map(open_casebook, [nothing] * 4))
    assert [book.verify().entries for book in books] == [1] * 4
    for book in books:
        book.close()
