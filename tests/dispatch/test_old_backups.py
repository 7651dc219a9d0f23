"""A backup of yesterday's GridBeat goes back into today's, whole or not at all."""

from __future__ import annotations

import json
import zipfile
from dataclasses import asdict

import pytest
from sqlalchemy import inspect, text

from dispatch.store import inspections, plans
from dispatch.store.backup import FORM, MANIFEST, Manifest, pack, tables_there
from dispatch.store.casebook import open_casebook
from dispatch.store.database import _engine, _parse, newest_version, open_engine, step_to, writer
from dispatch.store.ledger import Head, Kind, Line, next_line
from dispatch.store.restoring import restore
from gis.schemas import BadInput
from tests.dispatch.conftest import NOW, incident

AT, LATE = "2026-03-02 01:00:00.000000", "2026-03-02 01:20:00.000000"
ROWS = (
    "INSERT INTO incidents (id, text, lon, lat, cell, town, matter, priority, reported_at, due_at, source, address,"
    " status, team, version, revision) VALUES ('i1', 'a stall on the pavement', 121.6, 29.9, '330203001001001',"
    f" '330203001', 'M-STALL', 2, '{AT}', '{LATE}', 'desk', '', 'reported', '', 1, 1)",
    f"INSERT INTO tasks VALUES ('i1-1', 'i1', 'city', '330203001', '清理', 'clear it', TRUE, '{LATE}', 'sent', '',"
    " NULL, 1)",
    "INSERT INTO holidays VALUES ('2026-10-01', 'off', '国庆', 'National Day', FALSE)",
    "INSERT INTO settings VALUES ('place', 'haishu')",
)


def second_version(file, where, *, entries: int = 1) -> Manifest:
    """The backup of a book with tables of 0002: an incident, its task, a holiday, a setting and one entry."""
    line = next_line(Head(), at=NOW, actor="li", deed="report", kind=Kind.INCIDENT, subject="i1", version_after=1)
    engine = _engine(_parse(f"sqlite:///{where}"))
    with writer(engine).begin() as connection, zipfile.ZipFile(file, "w") as packed:
        step_to(connection, "0002")
        for statement in ROWS:
            connection.execute(text(statement))
        connection.execute(
            text(f"INSERT INTO ledger VALUES ({', '.join(':' + name for name in Line._fields)})"), line._asdict()
        )
        connection.execute(text(f"UPDATE state SET revision = 1, reported = 1, entries = 1, head = '{line.hash}'"))
        made = Manifest(FORM, "0002", NOW.isoformat(), entries, line.hash)
        for table in tables_there(connection):
            pack(connection, table, packed, made)
        packed.writestr(MANIFEST, json.dumps(asdict(made)))
    engine.dispose()
    return made


def test_a_backup_of_older_tables_comes_up_to_date_with_every_row(url, tmp_path):
    """The disk that broke held the new GridBeat; the last good file is of the week before the update."""
    made = second_version(tmp_path / "old.zip", tmp_path / "old.db")
    assert "people" not in made.columns
    restore(tmp_path / "old.zip", url, actor="it", now=NOW)
    with open_casebook(url, create=False) as book:
        assert book.incidents() == [incident("i1")]
        [task] = book.tasks("i1")
        assert (task.what_zh, task.lead, task.kind, task.returned_by) == ("清理", True, "part", ())
        assert book.setting("place") == "haishu"
        assert [entry.deed for entry in book.latest_entries(9)] == ["restore", "report"]
        book.add_incidents([incident("i2")], at=NOW)
        assert (book.verify().whole, book.verify().entries) == (True, 3)


def test_the_tables_of_a_restored_old_backup_are_those_of_a_new_book(url, tmp_path):
    """The next update has to find every index where it left it."""

    def shape(address):
        engine = open_engine(address, create=True)
        seen = inspect(engine)
        names = sorted(seen.get_table_names())
        told = {
            name: (
                {(column["name"], str(column["type"]), column["nullable"]) for column in seen.get_columns(name)},
                {
                    (index["name"], tuple(index["column_names"]), bool(index["unique"]))
                    for index in seen.get_indexes(name)
                },
                seen.get_pk_constraint(name)["constrained_columns"],
            )
            for name in names
        }
        engine.dispose()
        return told

    before = shape(url)
    second_version(tmp_path / "old.zip", tmp_path / "old.db")
    restore(tmp_path / "old.zip", url, actor="it", now=NOW)
    assert shape(url) == before


def test_an_old_backup_that_does_not_hold_leaves_nothing_behind(url, tmp_path):
    """The tables went down a version inside the same transaction; they come back with it."""
    second_version(tmp_path / "old.zip", tmp_path / "old.db", entries=2)
    with open_casebook(url) as book:
        book.set_setting("place", "haishu", actor="it", at=NOW)
        before = book.verify()
    with pytest.raises(BadInput, match="another chain"):
        restore(tmp_path / "old.zip", url, actor="it", now=NOW, allow_replace=True)
    fresh = tmp_path / "fresh.db"
    with pytest.raises(BadInput, match="a ledger that breaks"):
        restore(tmp_path / "old.zip", f"sqlite:///{fresh}", actor="it", now=NOW)
    assert [each.name for each in tmp_path.iterdir() if each.name.startswith(("fresh", ".writing"))] == []
    with open_casebook(url, create=False) as book:
        assert book.verify() == before


def test_an_empty_database_stays_empty_when_an_old_backup_does_not_hold(url, tmp_path):
    """Empty and up to date before, empty and up to date after."""
    second_version(tmp_path / "old.zip", tmp_path / "old.db", entries=2)
    open_engine(url, create=True).dispose()
    with pytest.raises(BadInput, match="a ledger that breaks"):
        restore(tmp_path / "old.zip", url, actor="it", now=NOW)
    with open_casebook(url, create=False) as book:
        assert (book.verify().entries, book.verify().whole, book.incidents()) == (0, True, [])
    engine = _engine(_parse(url))
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT version_num FROM alembic_version")) == newest_version()
    engine.dispose()


PLANNED = (
    "INSERT INTO plan_lines VALUES ('fire', 'L1', 2026, 'f.xlsx', 2, 'P1', 'S02-03', 'b', '[]', 1, NULL, NULL, 'daily',"
    " 0)",
    "INSERT INTO checks VALUES ('fire:L1.1', 'fire', 'L1', 1, 'fire', 30, '2026-03-01', '2026-03-31', '2026-03-01', 0,"
    " TRUE, '')",
    "INSERT INTO due_items VALUES ('fire:L1.1', 'P1', 'fire', 'fire', 30, '2026-03-01', '2026-03-31', NULL, 1)",
    """INSERT INTO calls VALUES ('C1', 'O1', 'V1', 'P1', '["I9", "fire:L1.1"]', '[]', '2026-03-02', '2026-03-02', 30,"""
    " 540, 570, 'planned', NULL, NULL, '[]', '', '', 1)",
    "INSERT INTO premises VALUES ('P1', 'shop', 121.6, 29.9, '330203001', 0, 1440, 4, 1, 1)",
)


def test_a_plan_of_before_gets_its_year_into_every_id(url):
    """A check is the same check in the plan, on the list of what is due and in the call that makes it."""
    engine = _engine(_parse(url))
    with writer(engine).begin() as connection:
        step_to(connection, "0007")
        for statement in PLANNED:
            connection.execute(text(statement))
        brought = {"premises": 1}
        line = next_line(
            Head(), at=NOW, actor="li", deed="inspect_take_in", kind=Kind.INSPECTION, subject="due", details=brought
        )
        connection.execute(
            text(f"INSERT INTO ledger VALUES ({', '.join(':' + name for name in Line._fields)})"), line._asdict()
        )
        step_to(connection, newest_version())
        [check] = plans.checks(connection)
        assert (check.check.id, check.check.line.year, check.due) == ("fire:2026:L1.1", 2026, True)
        assert connection.scalar(text("SELECT items FROM calls")) == '["I9", "fire:2026:L1.1"]'
        assert inspections.counted_at(connection) == {"P1": NOW}
        step_to(connection, "0007")
        assert connection.scalar(text("SELECT id FROM due_items")) == "fire:L1.1"
    engine.dispose()


def test_a_line_that_looks_like_another_with_its_year_and_a_check_without_a_line_come_through(url):
    """Somebody numbered lines by the year already; and a line was lost once, before the desk forbade it."""
    engine = _engine(_parse(url))
    with writer(engine).begin() as connection:
        step_to(connection, "0007")
        for statement in PLANNED[:3]:
            connection.execute(text(statement))
            connection.execute(text(statement.replace("L1", "2026:L1").replace("S02-03", "S02-04")))
        connection.execute(text(PLANNED[1].replace("L1", "L9")))
        step_to(connection, newest_version())
        assert set(connection.scalars(text("SELECT id FROM checks WHERE year = 2026"))) == {
            "fire:2026:L1.1",
            "fire:2026:2026:L1.1",
            "fire:2026:L9.1",
        }
        assert set(connection.scalars(text("SELECT id FROM due_items"))) == {"fire:2026:L1.1", "fire:2026:2026:L1.1"}
        assert {one.check.id for one in plans.checks(connection)} == {"fire:2026:L1.1", "fire:2026:2026:L1.1"}
    engine.dispose()


def test_checks_of_before_get_the_code_of_their_item(url):
    """The name of a check of a plan, a draw or a scene is in the book already; an office's own has none."""
    engine = _engine(_parse(url))
    ids = {"fire:2026:L1.1": "S02-03", "D0001:P1:S02-01": "S02-01", "P1:S02-05:20260302": "S02-05", "P1-7": ""}
    with writer(engine).begin() as connection:
        step_to(connection, "0007")
        for statement in PLANNED[:3]:
            connection.execute(text(statement))
        for id in list(ids)[1:]:
            connection.execute(text(PLANNED[2].replace("fire:L1.1", id.replace(":", r"\:"))))
        step_to(connection, newest_version())
        assert {one.id: one.name for one in inspections.due_items(connection)} == ids
        step_to(connection, "0010")
    engine.dispose()


def test_a_due_check_of_before_gets_its_lines_occasion(url):
    """A check that follows a lead was held against the annual cap; from now on it is not."""
    engine = _engine(_parse(url))
    with writer(engine).begin() as connection:
        step_to(connection, "0007")
        for statement in PLANNED:
            connection.execute(text(statement.replace("'daily'", "'lead'")))
        connection.execute(text(PLANNED[2].replace("fire:L1.1", "I9")))
        step_to(connection, "0011")
        assert inspections.leads(connection) == {"fire:2026:L1.1"}
        with pytest.raises(BadInput, match="1 checks that follow a lead"):
            step_to(connection, "0010")
        connection.execute(text("DELETE FROM due_items WHERE occasion = 'lead'"))
        step_to(connection, "0010")
        assert connection.scalar(text("SELECT id FROM due_items")) == "I9"
    engine.dispose()


def test_superseded_calls_do_not_go_back_to_tables_that_know_none(url):
    """GridBeat of version 0008 would read a call that nobody makes and stop at its status."""
    engine = _engine(_parse(url))
    with writer(engine).begin() as connection:
        step_to(connection, "0009")
        connection.execute(text(PLANNED[3].replace("'planned'", "'superseded'")))
        with pytest.raises(BadInput, match="1 superseded calls"):
            step_to(connection, "0008")
        connection.execute(text("DELETE FROM calls"))
        step_to(connection, "0008")
        assert connection.scalar(text("SELECT version_num FROM alembic_version")) == "0008"
    engine.dispose()
