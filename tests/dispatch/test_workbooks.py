"""The lists as a workbook: what goes out comes back the same, and what a spreadsheet did to it is named by its cell."""

import random
import tracemalloc
import zipfile
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from dispatch.desk.workbooks import COLUMNS, README, RuleLists, read_workbook, write_workbook
from dispatch.records.case import Procedure
from dispatch.rulebook.competence import Body, Mode, Power
from dispatch.rulebook.discretion import Discretion, Tier, Unit
from dispatch.rulebook.matters import Kind, Leniency, Matter, Source
from dispatch.rulebook.terms import Term
from dispatch.rulebook.terms import Unit as TermUnit
from gis.schemas import BadInput

DISTRICT, TOWN = "330203", "330203001"
SINCE = date(2022, 1, 1)
POWER = Matter(
    "F01",
    "C90",
    "对占道经营的处罚",
    "Penalty for stalls",
    "",
    "urban",
    3,
    timedelta(minutes=240),
    Procedure.ORDINARY,
    "《某条例》第三条",
    Source.STATUTE,
    kind=Kind.STATUTORY,
    lead="town",
    keywords=("占道", "摊点"),
    valid_from=SINCE,
)
STALL = replace(
    POWER,
    code="0101",
    category="C09",
    kind=Kind.SITUATION,
    national_code="08016",
    limit=Term(4, TermUnit.URGENT_HOURS),
    assisting=("police", "market"),
    under=("F01",),
    leniency=frozenset({Leniency.FIRST_WAIVER, Leniency.WARNING_ONLY}),
    keywords=(),
    source=Source.ILLUSTRATIVE,
    valid_to=date(2029, 12, 31),
)
OWN = Power("C90", DISTRICT, "007", Mode.DEPARTMENT, "=职责清单", "", SINCE, None, "illustrative")
GIVEN = Power("F01", TOWN, TOWN, Mode.DELEGATED, "委托书 7 号", "007", SINCE, date(2027, 6, 30), "document")
LISTS = RuleLists(
    {"F01": POWER, "0101": STALL},
    {"007": Body("007", "局", "Bureau", DISTRICT, "enforcement"), TOWN: Body(TOWN, "镇", "Town", TOWN)},
    (OWN, GIVEN),
    Discretion(
        {
            "F01": (
                Tier("F01", "首次", 1, 0, 0, Unit.WARNING, Source.ILLUSTRATIVE),
                Tier("F01", "再次", 2, 0.5, 200, Unit.YUAN, Source.DOCUMENT),
            )
        }
    ),
)


@pytest.fixture
def path(tmp_path):
    file = tmp_path / "lists.xlsx"
    write_workbook(LISTS, file)
    return file


def spoil(path, change):
    """The workbook as somebody gave it back."""
    book = load_workbook(path)
    change(book)
    book.save(path)


def at(book, sheet, column, row=2):
    return book[sheet].cell(row, COLUMNS[sheet].index(column) + 1)


def faults(path):
    with pytest.raises(BadInput) as refused:
        read_workbook(path)
    return [(fault.file, fault.row, fault.column) for fault in refused.value.faults]


def test_what_goes_out_comes_back_the_same_in_the_same_order(path):
    """Nothing is typed twice: the keeper mends one cell and sends the rest back as it was."""
    back = read_workbook(path)
    assert back == LISTS
    assert [*back.matters, *back.bodies] == [*LISTS.matters, *LISTS.bodies]
    assert back.rulebook().resolve("0101", TOWN, date(2026, 3, 2)).actor(TOWN).letterhead == "局"


def test_every_cell_is_text_and_every_sheet_has_its_header(path):
    """A code with a leading zero keeps it, and a text that begins with = is not calculated."""
    book = load_workbook(path)
    assert book.sheetnames == [README, *COLUMNS]
    for sheet, columns in COLUMNS.items():
        rows = list(book[sheet].iter_rows())
        assert tuple(cell.value for cell in rows[0]) == columns
        assert {cell.data_type for row in rows for cell in row if cell.value is not None} == {"s"}
        assert {cell.number_format for row in rows for cell in row} == {"@"}
    assert at(book, "matters", "national_code", 3).value == "08016"
    assert at(book, "powers", "basis").value == "=职责清单"


def test_the_first_sheet_says_that_illustrative_rows_need_the_legal_department(path):
    """Whoever gets only the workbook must read it there."""
    words = " ".join(str(cell.value) for row in load_workbook(path)[README].iter_rows() for cell in row)
    assert "法制机构" in words
    assert "legal department" in words


def test_what_a_spreadsheet_made_of_a_date_or_a_number_is_read_as_it_is_shown(path):
    """Dates typed into a sheet become dates, and codes become numbers, whatever one does."""

    def change(book):
        at(book, "powers", "valid_from").value = date(2022, 1, 1)
        at(book, "powers", "town").value = 330203
        at(book, "tiers", "to", 3).value = 200.0

    spoil(path, change)
    assert read_workbook(path) == LISTS


def test_a_code_that_lost_its_zero_is_not_taken(path):
    """8016 is no national code; nobody guesses which one it was."""
    spoil(path, lambda book: setattr(at(book, "matters", "national_code", 3), "value", 8016))
    assert faults(path) == [("lists.xlsx, sheet matters", 3, "national_code")]


@pytest.mark.parametrize(
    ("sheet", "row", "column", "value"),
    [
        ("matters", 2, "category", "X1"),
        ("matters", 3, "under", "F99"),
        ("bodies", 3, "town", "33"),
        ("powers", 3, "basis", None),
        ("powers", 3, "principal", "nobody"),
        ("powers", 3, "matter", "unheard"),
        ("powers", 3, "valid_to", "2027-02-30"),
        ("tiers", 3, "tier", "3"),
        ("tiers", 2, "matter", "unheard"),
    ],
)
def test_a_row_that_is_wrong_is_named_by_sheet_row_and_column(path, sheet, row, column, value):
    """By itself or beside the other sheets: the keeper goes straight to the cell."""
    spoil(path, lambda book: setattr(at(book, sheet, column, row), "value", value))
    assert (f"lists.xlsx, sheet {sheet}", row, column) in faults(path)


def test_rows_are_counted_as_the_spreadsheet_counts_them(path):
    """Also below a row that somebody left empty."""

    def change(book):
        book["powers"].insert_rows(2)
        at(book, "powers", "body", 4).value = "nobody"
        book["tiers"].insert_rows(3)
        at(book, "tiers", "circumstance", 4).value = None

    spoil(path, change)
    assert faults(path) == [("lists.xlsx, sheet powers", 4, "body")]
    spoil(path, lambda book: setattr(at(book, "powers", "body", 4), "value", TOWN))
    assert faults(path) == [("lists.xlsx, sheet tiers", 4, "circumstance")]


def test_faults_of_all_sheets_come_together(path):
    """Three rounds of mending for three sheets would be two too many."""

    def change(book):
        at(book, "matters", "priority").value = "9"
        at(book, "bodies", "name_zh").value = None
        at(book, "powers", "mode").value = "somehow"

    spoil(path, change)
    assert [(row, column) for _, row, column in faults(path)] == [(2, "priority"), (2, "name_zh"), (2, "mode")]


def test_merged_cells_are_named_by_their_range(path):
    """One value over three rows says of two of them nothing that a program may guess."""
    spoil(path, lambda book: book["powers"].merge_cells("C2:C3"))
    with pytest.raises(BadInput, match="merged cells C2:C3") as refused:
        read_workbook(path)
    [fault] = refused.value.faults
    assert (fault.file, fault.row, fault.column) == ("lists.xlsx, sheet powers", 2, "body")


def test_merged_cells_in_the_sheet_that_explains_do_no_harm(path):
    """Only the lists are lists."""
    spoil(path, lambda book: book[README].merge_cells("A1:C2"))
    assert read_workbook(path) == LISTS


@pytest.mark.parametrize("value", ["=A3", "=1+1", "#REF!"])
def test_formulas_and_errors_are_refused(path, value):
    """What a formula shows depends on the machine that opened it last."""
    spoil(path, lambda book: setattr(at(book, "powers", "basis"), "value", value))
    assert faults(path) == [("lists.xlsx, sheet powers", 2, "basis")]


def test_a_missing_sheet_or_column_is_named(path):
    """The benchmark alone may be missing: not every place has one."""
    spoil(path, lambda book: book.remove(book["tiers"]))
    assert read_workbook(path) == replace(LISTS, discretion=Discretion())
    spoil(path, lambda book: setattr(at(book, "powers", "source", 1), "value", "comes from"))
    assert faults(path) == [("lists.xlsx, sheet powers", 1, "source")]
    spoil(path, lambda book: book.remove(book["powers"]))
    with pytest.raises(BadInput, match="a sheet called powers"):
        read_workbook(path)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut off", b"code,category\n"])
def test_a_file_that_is_no_workbook_is_refused(tmp_path, content):
    """A CSV with the wrong ending, or half a download."""
    path = tmp_path / "lists.xlsx"
    path.write_bytes(content)
    with pytest.raises(BadInput, match=r"a complete \.xlsx file"):
        read_workbook(path)


@pytest.mark.parametrize(
    "body",
    [
        Body("007", "局\x07", "Bureau", DISTRICT),
        Body("007", "局\r", "Bureau", DISTRICT),
        Body("007", "局_x0041_", "Bureau", DISTRICT),
        Body("007", "局\uffff", "Bureau", DISTRICT),
        Body("007", "局\ud800", "Bureau", DISTRICT),
        Body("007", "局" * 40_000, "Bureau", DISTRICT),
        Body("007", " 局", "Bureau", DISTRICT),
        Body("008", "局", "Bureau", DISTRICT),
    ],
    ids=["bell", "return", "escape", "no character", "half a character", "too long", "blank", "id of another"],
)
def test_what_would_not_come_back_the_same_does_not_go_out(tmp_path, body):
    """A silent change in a law's wording is worse than an error; nothing is left lying there."""
    path = tmp_path / "lists.xlsx"
    with pytest.raises(BadInput):
        write_workbook(replace(LISTS, bodies={**LISTS.bodies, "007": body}), path)
    assert not path.exists()


TEXT = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters=";\ufffe\uffff"), min_size=1, max_size=12
).filter(lambda text: text == text.strip() and "_x" not in text)
WORDS = st.lists(TEXT, max_size=3, unique=True).map(tuple)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_any_lists_survive_the_round_trip(data):
    """Whatever a keeper can have in a list: signs, dashes, formulas as text, several lines."""
    draw = data.draw
    matter = replace(
        STALL,
        name_zh=draw(TEXT),
        name_en=draw(TEXT | st.just("two\nlines")),
        basis=draw(TEXT | st.sampled_from(["=1+1", "-1", "+86", "@x", "007", "1e5", "TRUE", "2026-01-01", "'quoted"])),
        priority=draw(st.integers(1, 4)),
        respond_within=timedelta(minutes=draw(st.integers(1, 43_200))),
        limit=Term(draw(st.integers(1, 999)), draw(st.sampled_from(TermUnit))),
        procedure=draw(st.sampled_from(Procedure)),
        keywords=draw(WORDS),
        assisting=draw(WORDS),
        leniency=draw(st.frozensets(st.sampled_from(Leniency))),
        valid_from=draw(st.dates(max_value=date(2025, 1, 1))),
        valid_to=draw(st.none() | st.dates(min_value=date(2025, 1, 1))),
    )
    power = replace(
        OWN,
        matter="0101",
        basis=draw(TEXT),
        source=draw(TEXT),
        valid_from=draw(st.dates(max_value=date(2025, 1, 1))),
        valid_to=draw(st.none() | st.dates(min_value=date(2025, 1, 1))),
    )
    least = draw(st.integers(0, 10_000_000)) / 10_000
    most = round(least + draw(st.integers(0, 9)), 4)  # as many decimals as the sheet has
    tier = Tier("0101", draw(TEXT), 1, least, most, Unit.TIMES, Source.DOCUMENT)
    lists = RuleLists(
        {"F01": POWER, "0101": matter}, LISTS.bodies, (*LISTS.powers, power), Discretion({"0101": (tier,)})
    )
    with TemporaryDirectory() as folder:
        path = Path(folder) / "lists.xlsx"
        write_workbook(lists, path)
        assert read_workbook(path) == lists


POWERS_PART = "xl/worksheets/sheet4.xml"


def rewrite(path, part, change):
    """One part of the workbook as somebody who knows the format wrote it."""
    with zipfile.ZipFile(path) as parts:
        content = {name: parts.read(name) for name in parts.namelist()}
    content[part] = change(content[part])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as parts:
        for name, data in content.items():
            parts.writestr(name, data)


@pytest.mark.parametrize("merged", ["A1:XFD1048576", "A2:Z200000", "A:C", "1:5"])
def test_a_merged_range_of_millions_is_refused_before_it_is_loaded(path, merged):
    """Nine kilobytes took gigabytes of the server's memory, and everybody's screen with them."""
    cells = f'</sheetData><mergeCells count="1"><mergeCell ref="{merged}"/></mergeCells>'.encode()
    rewrite(path, POWERS_PART, lambda xml: xml.replace(b"</sheetData>", cells))
    tracemalloc.start()
    try:
        with pytest.raises(BadInput, match=f"the merged cells '{merged}'"):
            read_workbook(path)
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("parts", [1, 4])
def test_a_workbook_that_unpacks_to_a_hundred_times_its_size_is_refused(path, parts):
    """A text of 24 million letters, or four of 16, is no list."""
    size = 24_000_000 if parts == 1 else 16_000_000
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as book:
        for number in range(parts):
            book.writestr(f"xl/extra{number}.xml", b"<x>" + b"x" * size + b"</x>")
    with pytest.raises(BadInput, match="MB unpacked"):
        read_workbook(path)


def test_more_rows_than_a_list_has_are_refused_before_they_are_loaded(path):
    """A million rows took a minute."""
    rows = b"".join(b'<row r="%d"/>' % number for number in range(20, 100_100))
    rewrite(path, POWERS_PART, lambda xml: xml.replace(b"</sheetData>", rows + b"</sheetData>"))
    with pytest.raises(BadInput, match="rows, expected at most 100000"):
        read_workbook(path)


def test_a_document_type_is_refused(path):
    """No spreadsheet program writes one; it can only be there to do harm."""
    kind = b'<!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/hostname">]><worksheet'
    rewrite(path, POWERS_PART, lambda xml: xml.replace(b"<worksheet", kind, 1))
    with pytest.raises(BadInput, match="a damaged or cut-off workbook"):
        read_workbook(path)


def test_an_encrypted_workbook_or_an_unknown_packing_is_refused(path):
    """Byte 6 and 8 of a zip's entry say so; the zip module answers with errors of its own."""
    whole = path.read_bytes()
    for mark, at, value in ((b"PK\x01\x02", 8, 1), (b"PK\x01\x02", 10, 77), (b"PK\x01\x02", 6, 185)):
        bent = bytearray(whole)
        bent[whole.index(mark) + at] = value
        path.write_bytes(bent)
        with pytest.raises(BadInput):
            read_workbook(path)


def test_a_missing_workbook_is_bad_input(tmp_path):
    """And no stack trace."""
    with pytest.raises(BadInput):
        read_workbook(tmp_path / "none.xlsx")


def test_a_workbook_with_bytes_turned_over_is_read_or_refused(path):
    """Nothing else may come out of a damaged download."""
    whole, chance = path.read_bytes(), random.Random(1)
    for _ in range(60):
        bent = bytearray(whole)
        for _ in range(chance.choice([1, 3, 10])):
            bent[chance.randrange(len(bent))] = chance.randrange(256)
        path.write_bytes(bent)
        with suppress(BadInput):
            assert read_workbook(path).matters
