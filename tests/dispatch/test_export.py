"""An export holds everything but what opens a door, and harms nobody who opens it."""

from __future__ import annotations

import zipfile
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import openpyxl
import pyarrow.parquet as pq
import pytest

from dispatch.desk.scene import Scene
from dispatch.inspections.patrol_plan import Terms
from dispatch.records.person import Hook, Job, Key, Person, Post, Session
from dispatch.store import export as exporting
from dispatch.store import patrols, people
from dispatch.store.casebook import open_casebook
from dispatch.store.export import SECRETS, WHOLE_TABLE, export, leaving
from dispatch.store.tables import Base
from gis.schemas import BadInput
from tests.dispatch.conftest import DISTRICT, NOW, incident, manned
from tests.dispatch.patroltown import DAYS, Town
from tests.dispatch.test_store import ALICE
from tests.towns import NOON

# Each would be found wherever it stood: in a cell, in an entry of the ledger, in the bytes of a file.
PASSWORD, TOKEN, KEY_HASH, HOOK_SECRET = "argon-zq1", "token-zq2", "keyhash-zq3", "hooksecret-zq4"
PHOTOGRAPH = b"\xff\xd8\xff\xe0photograph-zq5"
HIDDEN = (PASSWORD, TOKEN, KEY_HASH, HOOK_SECRET, "photograph-zq5")
LINE = "=HYPERLINK(1)\r\n_x0041_ 区👮\x07"


@pytest.fixture
def full(url):
    with open_casebook(url) as book:
        desk = manned(book)
        starts = ("+1", "-1", "@a", "=1+1", LINE, "👮" * 20_000)
        book.add_incidents([incident(f"i{n}", text=text) for n, text in enumerate(starts)], at=NOW)
        Scene(desk.casebook, desk.clock, desk.rights).hand_in("li", "i0", "a.jpg", PHOTOGRAPH)
        wang = Person("wang", "王", (Post(Job.DISPATCHER, DISTRICT),), password="first-zq1")
        with book.writing() as page:
            people.add_person(page, ALICE, wang)
            people.change_person(page, ALICE, wang, wang.changed(password=PASSWORD))
            people.begin_session(page, ALICE, Session(TOKEN, "wang", NOW, NOW + timedelta(hours=8)))
            people.add_key(page, ALICE, Key("k1", "hotline", KEY_HASH, NOW))
            people.add_hook(page, ALICE, Hook("h1", "https://a.example", ("close",), HOOK_SECRET, 0))
    return url


def everything(folder) -> bytes:
    """All bytes of an export, files as they are, unpacked, and every value of them."""
    found = []
    for file in (each for each in folder.rglob("*") if each.is_file()):
        found.append(file.read_bytes())
        if file.suffix == ".xlsx":
            with zipfile.ZipFile(file) as packed:
                found += [packed.read(name) for name in packed.namelist()]
        if file.suffix == ".parquet":
            found.append(repr(pq.read_table(file).to_pydict()).encode())
    return b"".join(found)


@pytest.mark.parametrize("form", exporting.FORMS)
def test_no_secret_is_anywhere_in_an_export(full, tmp_path, form):
    """The folder goes to statisticians, by mail, on sticks."""
    export(full, tmp_path / "out", form=form)
    found = everything(tmp_path / "out")
    assert b"https://a.example" in found
    assert [secret for secret in HIDDEN if secret.encode() in found] == []


def test_every_secret_names_a_column_and_every_column_like_one_is_secret():
    """Whoever adds a table has to say whether it may leave."""
    columns = {(table.name, column.name) for table in Base.metadata.sorted_tables for column in table.columns}
    whole = {(name, WHOLE_TABLE) for name in Base.metadata.tables}
    assert columns | whole >= SECRETS
    suspects = {
        (table.name, column.name)
        for table, columns in leaving()
        for column in columns
        if any(word in column.name for word in ("password", "secret", "token", "hash", "data", "key"))
    }
    # The chain of the ledger is there to be checked by anybody.
    assert suspects == {("ledger", "hash")}


def test_parquet_gives_every_row_back_as_it_stands_in_the_book(full, tmp_path):
    """Programs count with it: kinds, times and nothing cut."""
    done = export(full, tmp_path / "out", form="parquet")
    assert {file.stem for file in (tmp_path / "out").iterdir()} == set(Base.metadata.tables) - {"sessions"}
    read = {name: pq.read_table(tmp_path / "out" / f"{name}.parquet") for name in done.rows}
    assert {name: table.num_rows for name, table in read.items()} == done.rows
    by_id = {row["id"]: row for row in read["incidents"].to_pylist()}
    assert (by_id["i4"]["text"], by_id["i5"]["text"]) == (LINE, "👮" * 20_000)
    assert (by_id["i0"]["reported_at"], by_id["i0"]["closed_at"], by_id["i0"]["lon"]) == (NOW, None, 121.6)
    assert done.rows["ledger"] > 0
    assert done.rows["disputes"] == 0


def test_a_workbook_shows_text_as_text_and_says_what_it_cut(full, tmp_path):
    """A citizen's message that begins with = must compute nothing on the statistician's machine."""
    done = export(full, tmp_path / "out")
    book = openpyxl.load_workbook(tmp_path / "out" / "book.xlsx")
    sheet = book["incidents"]
    heads = [cell.value for cell in sheet[1]]
    cells = {row[0].value: row[heads.index("text")] for row in sheet.iter_rows(min_row=2)}
    assert [cells[f"i{n}"].value for n in range(4)] == ["+1", "-1", "@a", "=1+1"]
    assert {cell.data_type for cell in cells.values()} == {"s"}
    assert all(cells[f"i{n}"].quotePrefix for n in range(5))
    with zipfile.ZipFile(tmp_path / "out" / "book.xlsx") as packed:
        assert not any(b"<f>" in packed.read(name) for name in packed.namelist())
    assert cells["i5"].value == "👮" * 16_383
    assert done.cut == 2  # in the incident, and in the entry that tells of it
    notes = [row[1].value for row in book["notes"].iter_rows(min_row=2)]
    assert any("i5" in note and "text is cut" in note for note in notes)
    when = sheet.cell(2, heads.index("reported_at") + 1).value
    assert when == NOW.replace(tzinfo=None)


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_a_table_too_long_for_a_sheet_goes_on_on_the_next(full, tmp_path, monkeypatch):
    """Excel would show the first million and say nothing of the rest."""
    monkeypatch.setattr(exporting, "MOST_ROWS", 4)
    done = export(full, tmp_path / "out")
    book = openpyxl.load_workbook(tmp_path / "out" / "book.xlsx")
    ids = [row[0].value for name in ("incidents", "incidents 2") for row in book[name].iter_rows(min_row=2)]
    assert ids == [f"i{n}" for n in range(6)]
    assert "incidents 3" not in book.sheetnames
    assert done.rows["incidents"] == 6
    assert any("incidents" in str(row[0].value) for row in book["notes"].iter_rows(min_row=2))


def test_evidence_comes_as_files_only_when_asked_for(full, tmp_path):
    """Photographs of people leave the house when somebody says so."""
    assert export(full, tmp_path / "without", form="parquet").files == 0
    assert not (tmp_path / "without" / "evidence").exists()
    assert export(full, tmp_path / "with", form="parquet", files=True).files == 1
    assert (tmp_path / "with" / "evidence" / "i0-E1").read_bytes() == PHOTOGRAPH


@pytest.mark.parametrize("name", ["../../etc/x", "a/b", ".hidden", "C:\\x", "工单-1-E1", "..", ""])
def test_an_id_of_another_system_stays_in_its_folder_as_a_file_name(name):
    """Ids come in with tickets; a slash in one must lead nowhere."""
    made = exporting._file_name(name)
    assert not set(made) & set("/\\:")
    assert not made.startswith(".")


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_a_folder_with_something_in_it_is_refused_and_a_failed_export_leaves_none(full, tmp_path, monkeypatch):
    """Half an export would be counted as a whole one."""
    (tmp_path / "used").mkdir()
    (tmp_path / "used" / "mine.txt").write_text("mine")
    with pytest.raises(BadInput, match="a new or an empty folder"):
        export(full, tmp_path / "used")

    def broken(*_):
        raise OSError(28, "No space left on device", "x")

    monkeypatch.setattr(exporting, "_parquet", broken)
    with pytest.raises(OSError, match="No space"):
        export(full, tmp_path / "out", form="parquet")
    assert {each.name for each in tmp_path.iterdir() if each.is_dir()} == {"used"}
    (tmp_path / "empty").mkdir()
    export(full, tmp_path / "empty")
    assert (tmp_path / "empty" / "book.xlsx").exists()


def test_where_a_patrol_will_be_is_in_no_export(url, tmp_path):
    """The list of this week's rounds, in a mail to the statisticians, would tell every shop when to tidy up."""
    with open_casebook(url) as book:
        town = Town(book)
        town.planned(Terms(DAYS, 2, 20, 1))
        walked = town.out()
        with book.reading() as connection:
            left = patrols.left_out(connection, walked.plan)
    assert left
    export(url, tmp_path / "now", form="parquet")
    rounds, stops, out = (
        pq.read_table(tmp_path / "now" / f"patrol_{name}.parquet").to_pylist()
        for name in ("rounds", "stops", "left_out")
    )
    assert {row["day"] for row in rounds} == {*DAYS[:3]}
    assert [row["id"] for row in rounds if row["day"] == DAYS[2]] == [walked.id]
    assert {row["round"] for row in stops} == {row["id"] for row in rounds}
    assert out == []
    with open_casebook(url) as book:
        book.add_incidents([incident("later")], at=NOON + timedelta(days=7))
    export(url, tmp_path / "later", form="parquet")
    assert len(pq.read_table(tmp_path / "later" / "patrol_left_out.parquet")) == len(left)


def test_what_lies_ahead_is_told_by_the_place_s_own_clock(url, tmp_path):
    """Half an hour before a round's day is over in the place itself, it is the next day in the east already."""
    with open_casebook(url) as book:
        town = Town(book)
        town.planned(Terms(DAYS, 2, 20, 1))
        at = datetime.combine(DAYS[-1], time(23, 30), ZoneInfo("Asia/Urumqi"))
        book.add_incidents([incident("later")], at=at)
    days = {}
    for zone in ("Asia/Urumqi", "Asia/Tokyo"):
        folder = tmp_path / zone.partition("/")[2]
        export(url, folder, form="parquet", zone=ZoneInfo(zone))
        days[zone] = {row["day"] for row in pq.read_table(folder / "patrol_rounds.parquet").to_pylist()}
    assert days == {"Asia/Urumqi": {*DAYS[:-1]}, "Asia/Tokyo": {*DAYS}}
