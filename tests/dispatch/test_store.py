"""The casebook gives back what it was given, opens only what it knows, and reads one moment at a time."""

from __future__ import annotations

import math
import shutil
import sqlite3
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError

from dispatch.records.incident import Incident, Status
from dispatch.records.task import Task
from dispatch.records.team import Activity, Certificate, Officer, Role, Team
from dispatch.rulebook.calendar import DayKind, Holiday
from dispatch.store.casebook import Casebook, open_casebook
from dispatch.store.database import _config, newest_version
from dispatch.store.ledger import Kind
from dispatch.store.tables import Base
from dispatch.store.writing import Actor
from gis.schemas import BadInput
from tests.books import empty_book
from tests.dispatch.conftest import EAST, NOW, four_teams, incident, manned, rulebook

ALICE = Actor("alice", NOW, "test")

storable = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40)
times = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
degrees = st.floats(-90, 90) | st.just(math.nan)

any_incident = st.builds(
    Incident,
    id=storable,
    text=storable,
    lon=st.just(math.nan),
    lat=st.just(math.nan),
    cell=storable,
    town=storable,
    matter=storable,
    priority=st.integers(1, 4),
    reported_at=times,
    due_at=times,
    source=storable,
    address=storable,
    status=st.just(Status.CLOSED),
    team=storable,
    closed_at=st.none() | times,
    parent=storable,
    voices=st.integers(1, 99),
    caller=storable,
)
officers = st.builds(
    Officer,
    id=storable,
    name=storable,
    role=st.sampled_from(Role),
    town=storable,
    certificates=st.lists(st.builds(Certificate, field=storable, valid_to=st.dates()), max_size=3).map(tuple),
)
any_team = st.builds(
    Team,
    id=storable,
    name=storable,
    body=storable,
    town=storable,
    officers=st.lists(officers, max_size=3, unique_by=lambda officer: officer.id).map(tuple),
    lon=st.floats(-180, 180),
    lat=st.floats(-90, 90),
    profile=st.sampled_from(["car", "ebike", "foot"]),
    beat=st.frozensets(storable, max_size=3),
    on_duty_from=times,
    on_duty_to=times,
    activity=st.sampled_from(Activity),
    incident=storable,
    done_today=st.integers(0, 99),
)


def open_file(path: Path, *, create: bool = True) -> Casebook:
    return open_casebook(f"sqlite:///{path}", create=create)


@settings(max_examples=40, deadline=None)
@given(given_incident=any_incident, given_team=any_team)
def test_a_record_comes_back_as_it_went_in(given_incident, given_team):
    """Whatever people type and whichever zone they type it in."""
    with empty_book() as book:
        book.add_incidents([given_incident], at=NOW)
        with book.writing() as page:
            page.set_roster(ALICE, [given_team])
        [stored] = book.incidents()
        assert replace(stored, lon=0.0, lat=0.0) == replace(given_incident, lon=0.0, lat=0.0)
        assert math.isnan(stored.lon)
        assert book.teams() == [given_team] == [book.team(given_team.id)]


@pytest.mark.parametrize(
    "words",
    [
        "<script>alert(1)</script>",
        "=cmd|' /C calc'!A0",
        "'; DROP TABLE incidents; --",
        "长" * 10_000,
        "line\r\nline\ttab",
        "100 % {0} \\n 👮‍♀️ ‮right to left",
        "",
    ],
)
def test_text_is_kept_as_text(casebook, words):
    """It is what the citizen said; only the screen that shows it makes it harmless."""
    casebook.add_incidents([incident("i", text=words)], at=NOW)
    assert casebook.incident("i").text == words
    assert casebook.history(Kind.INCIDENT, "i")[0].details["set"]["text"] == words


@pytest.mark.parametrize("words", ["nul \0 inside", "half \ud83d of a pair"])
def test_text_that_cannot_be_kept_whole_is_refused_before_anything_is_written(casebook, words):
    """A database would cut it off or fail half way; the message says which incident and which column."""
    with pytest.raises(BadInput, match=r"incident 'bad', column text"):
        casebook.add_incidents([incident("good"), incident("bad", text=words)], at=NOW)
    assert casebook.incidents() == []


def test_times_come_back_in_utc(casebook):
    """A report typed in Ningbo at nine is the same moment as one at one o'clock UTC."""
    china = datetime(2026, 3, 2, 9, 0, tzinfo=timezone(timedelta(hours=8)))
    casebook.add_incidents([replace(incident("i"), reported_at=china)], at=china)
    stored = casebook.incident("i").reported_at
    assert (stored, stored.tzinfo) == (NOW, UTC)
    assert casebook.history(Kind.INCIDENT, "i")[0].at == NOW


def test_a_time_without_zone_is_refused(casebook):
    """Guessing the zone would move a deadline by eight hours."""
    with pytest.raises(Exception, match="no time zone"):
        casebook.add_incidents([replace(incident("i"), due_at=datetime(2026, 1, 1))], at=NOW)  # noqa: DTZ001
    assert casebook.revision() == 0


def test_an_incident_is_imported_once(casebook):
    """The same file again, or an id twice in it: counted, never doubled, the first one kept."""
    first = casebook.add_incidents([incident("a"), incident("b"), incident("a", text="later")], at=NOW, file="t.csv")
    assert (first.added, first.duplicates) == (("a", "b"), ("a",))
    again = casebook.add_incidents([incident("b", text="changed"), incident("c")], at=NOW, file="t.csv")
    assert (again.added, again.duplicates) == (("c",), ("b",))
    assert [one.text for one in casebook.incidents()] == ["a stall on the pavement"] * 3


def test_an_import_is_traceable_from_both_ends(casebook):
    """From the file to its incidents, and from an incident to the file it came in."""
    casebook.add_incidents([incident("a"), incident("a")], at=NOW, actor="clerk", file="t.csv", sha256="ab12")
    [of_file] = casebook.history(Kind.FILE, "t.csv")
    assert of_file.details == {"added": 1, "duplicates": 1, "sha256": "ab12"}
    [of_incident] = casebook.history(Kind.INCIDENT, "a")
    assert (of_incident.details["import_entry"], of_incident.actor) == (of_file.sequence, "clerk")


def test_nothing_of_a_failed_deed_remains(casebook):
    """Not the incident, not the entry, not the revision."""
    casebook.add_incidents([incident("a")], at=NOW)
    before = (casebook.incidents(), casebook.latest_entries(), casebook.revision())
    with pytest.raises(IntegrityError), casebook.writing() as page:
        page.add(ALICE, [incident("b"), incident("a")])
    assert (casebook.incidents(), casebook.latest_entries(), casebook.revision()) == before


def test_the_database_itself_forbids_two_incidents_for_one_team(casebook):
    """The last bolt, should a program ever forget to ask the desk."""
    out = [replace(incident(name), status=Status.ASSIGNED, team="e1") for name in ("a", "b")]
    with pytest.raises(IntegrityError, match=r"(?i)unique"), casebook.writing() as page:
        page.add(ALICE, out)


def test_an_import_sends_nobody(casebook):
    """A team that is out on paper only would never come back."""
    with pytest.raises(ValueError, match="assign it at the desk"):
        casebook.add_incidents([replace(incident("a"), status=Status.ASSIGNED, team="e1")], at=NOW)
    assert casebook.incidents() == []


def test_the_queue_shows_the_first_due_first(casebook):
    """What is open, by time left; what is closed is asked for by when it was closed."""
    late = replace(incident("late"), due_at=NOW + timedelta(hours=9))
    done = replace(incident("done"), status=Status.CLOSED, closed_at=NOW)
    casebook.add_incidents([late, incident("soon"), done], at=NOW)
    assert [one.id for one in casebook.open_incidents()] == ["soon", "late"]
    assert [one.id for one in casebook.closed_since(NOW)] == ["done"]
    assert casebook.closed_since(NOW + timedelta(microseconds=1)) == []
    assert casebook.counts() == {"reported": 2, "closed": 1}


def test_a_screen_renews_only_what_has_changed(casebook):
    """Every few seconds, for five thousand incidents and nine thousand officers."""
    desk = manned(casebook)
    casebook.add_incidents([incident("a"), incident("b")], at=NOW)
    seen = casebook.snapshot()
    assert casebook.changed_since(seen.revision).incidents == []
    desk.assign("li", "a", "e1", 1)
    desk.positions(["w1"], [121.1], [29.9])
    changes = casebook.changed_since(seen.revision)
    assert [one.id for one in changes.incidents] == ["a"]
    assert [one.id for one in changes.teams] == ["e1", "w1"]
    assert (changes.whole_roster, changes.revision) == (False, seen.revision + 2)


def test_a_snapshot_is_kept_until_something_changes(casebook):
    """A screen that asks every second must not read five thousand rows every second."""
    desk = manned(casebook)
    seen = casebook.snapshot()
    assert casebook.snapshot() is seen
    desk.report("li", "x")
    assert len(casebook.snapshot().incidents) == 1
    assert seen.incidents == ()


def test_a_screen_learns_that_a_team_has_left(casebook):
    """A team that is gone changes no row; the whole roster is sent instead."""
    desk = manned(casebook)
    seen = casebook.revision()
    desk.set_roster("lead", four_teams()[:2])
    changes = casebook.changed_since(seen)
    assert changes.whole_roster
    assert [one.id for one in changes.teams] == ["e1", "e2"]


def test_another_process_sees_a_new_crew(url):
    """The kept crews are those of one roster; a roster set elsewhere replaces them."""
    with open_casebook(url) as here, open_casebook(url) as there:
        manned(here)
        assert len(there.teams()[0].officers) == 2
        with here.writing() as page:
            page.set_roster(ALICE, [replace(four_teams()[0], officers=())])
        assert there.teams()[0].officers == ()


def test_settings_are_kept_and_their_change_is_traced(casebook):
    """Which place a book belongs to must not change in silence."""
    assert casebook.setting("place") is None
    for place in ("haishu", "haishu", "jiangbei"):
        casebook.set_setting("place", place, actor="lead", at=NOW)
    assert casebook.setting("place") == "jiangbei"
    assert [entry.details["was"] for entry in casebook.history(Kind.SETTING, "place")] == [None, "haishu"]


def test_a_book_is_there_again_after_closing(url):
    """The reason for a database."""
    with open_casebook(url) as book:
        manned(book).report("li", "x", lon=121.6, lat=29.9)
        before = book.snapshot()
    with open_casebook(url, create=False) as book:
        assert book.snapshot() == before


def test_a_writer_survives_a_power_cut_and_lets_readers_read(tmp_path):
    """WAL beside synchronous FULL, on every connection the book opens."""
    with open_file(tmp_path / "city.db") as book:
        for engine in (book._reader, book._writer):
            with engine.connect() as connection:
                assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
                assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2


def test_a_reader_sees_one_moment_while_a_writer_writes(url):
    """Half a deed on the map would show a team on an incident that has none."""
    with open_casebook(url) as book:
        with book._reader.connect() as connection:
            before = connection.exec_driver_sql("SELECT count(*) FROM incidents").scalar()
            book.add_incidents([incident("a")], at=NOW)
            assert connection.exec_driver_sql("SELECT count(*) FROM incidents").scalar() == before == 0
        assert len(book.incidents()) == 1


def test_threads_take_turns(url):
    """Streamlit answers every session in a thread of its own."""
    with open_casebook(url) as book:
        desk = manned(book)
        crowd = [
            threading.Thread(target=lambda: [desk.report("li", "x") and book.snapshot() for _ in range(5)])
            for _ in range(6)
        ]
        for one in crowd:
            one.start()
        for one in crowd:
            one.join()
        assert len({one.id for one in book.incidents()}) == 30
        assert book.verify().whole


def test_a_book_in_memory_serves_threads_too(casebook):
    """Tests and one-off looks need no file."""
    casebook.add_incidents([incident("a")], at=NOW)
    seen = []
    reader = threading.Thread(target=lambda: seen.append(casebook.incident("a")))
    reader.start()
    reader.join()
    assert seen == [casebook.incident("a")]


def test_the_migrations_make_exactly_the_tables_the_code_uses(casebook):
    """A column added in one place only fails here and not on the user's data."""
    with casebook._reader.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


def test_an_older_database_is_brought_up_to_date(tmp_path):
    """A book from before its first table, as a broken-off creation would leave it, is finished on opening."""
    path = tmp_path / "city.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
    connection.close()
    with open_file(path) as book:
        assert book.revision() == 0


def test_a_newer_database_is_refused(tmp_path):
    """Writing old rows into new tables would lose what the newer version knows."""
    path = tmp_path / "city.db"
    open_file(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(BadInput, match=rf"version 9999, expected version {newest_version()} or older.*update GridBeat"):
        open_file(path)


def test_a_database_of_something_else_is_refused(tmp_path):
    """Somebody's own SQLite file must not get our tables."""
    path = tmp_path / "bank.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE accounts (id)")
    connection.close()
    with pytest.raises(BadInput, match=r"tables of something else \(accounts\)"):
        open_file(path)


def test_a_file_that_is_no_database_is_refused(tmp_path):
    """And it stays as it is."""
    path = tmp_path / "notes.txt"
    path.write_text("buy milk\n" * 500)
    with pytest.raises(BadInput, match="not a database"):
        open_file(path)
    assert path.read_text() == "buy milk\n" * 500


@pytest.mark.parametrize("url", ["city.db", "", "mysql+nothing://x/y", "postgresql+psycopg9://u:secret@h/n"])
def test_a_wrong_url_is_explained(url):
    """The first thing a new administrator types wrong; a password is not repeated."""
    with pytest.raises(BadInput) as refused:
        open_casebook(url)
    assert "secret" not in str(refused.value)


def test_a_missing_file_is_not_made_when_only_looking(tmp_path):
    """`audit verify` on a mistyped path must not answer that all is well."""
    with pytest.raises(BadInput, match="no such file"):
        open_file(tmp_path / "city.db", create=False)
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "empty.db").touch()
    with pytest.raises(BadInput, match="an empty database"):
        open_file(tmp_path / "empty.db", create=False)


def test_a_missing_folder_is_named(tmp_path):
    """SQLite itself only says that it cannot open it."""
    with pytest.raises(BadInput, match="no folder"):
        open_file(tmp_path / "gone" / "city.db")


def test_processes_that_start_together_make_one_database(tmp_path):
    """`serve` and an import in the same minute of the first morning."""
    script = (
        "import sys; from dispatch.store.casebook import open_casebook\n"
        "with open_casebook(sys.argv[1]) as book: print(book.revision())"
    )
    command = [sys.executable, "-W", "error", "-c", script, f"sqlite:///{tmp_path / 'city.db'}"]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    assert [(one.communicate(timeout=60), one.returncode) for one in started] == [(("0\n", ""), 0)] * 3


def test_a_copied_book_opens_elsewhere(tmp_path):
    """The whole memory of a district is one file, also after the last connection is closed."""
    with open_file(tmp_path / "city.db") as book:
        book.add_incidents([incident("a", EAST)], at=NOW)
    shutil.copy(tmp_path / "city.db", tmp_path / "copy.db")
    with open_file(tmp_path / "copy.db", create=False) as book:
        assert book.verify().entries == 1


def test_officers_keep_their_order_and_every_certificate(casebook):
    """The first two certified officers are the pair; the order is the crew's."""
    crew = tuple(
        Officer(
            name, name, Role.OFFICER, EAST, (Certificate("z", date(2030, 1, 1)), Certificate("a", date(2029, 1, 1)))
        )
        for name in ("z", "a", "m")
    )
    with casebook.writing() as page:
        page.set_roster(ALICE, [replace(four_teams()[0], officers=crew)])
    assert casebook.teams()[0].officers == crew


def back_to_the_first(casebook: Casebook) -> None:
    config = _config()
    with casebook._writer.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0001")


def test_an_empty_book_goes_back_to_the_first_tables_and_up_again(url):
    """Whoever tried the new version without using it loses nothing."""
    with open_casebook(url) as casebook:
        casebook.add_incidents([incident("i1")], at=NOW)
        back_to_the_first(casebook)
    with open_casebook(url, create=False) as casebook:
        assert casebook.incident("i1") == incident("i1")


@pytest.mark.parametrize("what", ["tasks", "powers", "holidays", "later incidents"])
def test_a_book_with_newer_things_is_not_taken_back(url, what):
    """Dropping a table of cases is not an undo."""
    with open_casebook(url) as casebook:
        casebook.add_incidents([incident("i1")], at=NOW)
        with casebook.writing() as page:
            if what == "tasks":
                page.add_tasks(ALICE, [Task("i1.1", "i1", "d", "", "事", "thing", True, NOW)])
            elif what == "powers":
                page.set_powers(ALICE, rulebook().powers)
            elif what == "holidays":
                day = date(2027, 3, 8)
                page.take_holidays(ALICE, {day: Holiday(day, DayKind.OFF, "假", "off", False)})
            else:
                page.change(ALICE, page.incident("i1"), page.incident("i1").merged_into("i0"))
        with pytest.raises(BadInput, match=rf"found [1-9]\d* {what}"):
            back_to_the_first(casebook)
        assert casebook.incident("i1") is not None
        assert casebook.verify().whole
