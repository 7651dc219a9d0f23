"""Workbooks that are no tables: a few kilobytes that would become more than the machine has."""

from __future__ import annotations

from datetime import time, timedelta
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from dispatch.desk import sheets
from dispatch.desk.plansheets import table_of
from dispatch.desk.sheets import read_sheet
from dispatch.inspections.tables import premises_in
from gis.crs import Datum
from gis.schemas import BadInput

HEADER = '<row r="1"><c r="A1" t="inlineStr"><is><t>premises_id</t></is></c></row>'


def with_rows(folder: Path, rows: str) -> Path:
    """A workbook whose only sheet has these rows below its header."""
    empty, made = folder / "empty.xlsx", folder / "made.xlsx"
    Workbook().save(empty)
    namespace = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    sheet = f"<worksheet {namespace}><sheetData>{HEADER}{rows}</sheetData></worksheet>"
    with ZipFile(empty) as parts, ZipFile(made, "w", ZIP_DEFLATED) as out:
        for name in parts.namelist():
            out.writestr(name, sheet.encode() if name.endswith("sheet1.xml") else parts.read(name))
    return made


def far_right(rows: int) -> str:
    return "".join(f'<row r="{row}"><c r="XFD{row}"><v>1</v></c></row>' for row in range(2, rows + 2))


def test_a_row_beyond_the_last_of_all_is_refused(tmp_path: Path):
    """Its reader would make a thousand million empty rows before it."""
    bomb = with_rows(tmp_path, '<row r="999999999"><c r="A999999999"><v>1</v></c></row>')
    assert bomb.stat().st_size < 10_000
    with pytest.raises(BadInput, match="more than a table holds"):
        read_sheet(bomb)


def test_rows_that_reach_to_the_last_column_of_all_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Every one of them is sixteen thousand cells; one alone is a slip, which the reader of the table blames."""
    monkeypatch.setattr(sheets, "MOST_CELLS", 100_000)
    with pytest.raises(BadInput, match="row 8: found more than a table holds"):
        read_sheet(with_rows(tmp_path, far_right(20)))
    assert read_sheet(with_rows(tmp_path, far_right(1))).rows[0].fault is not None


def test_what_unpacks_to_more_than_a_table_is_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A megabyte of the letter A a thousand times over is a kilobyte."""
    monkeypatch.setattr(sheets, "MOST_UNPACKED_MB", 1)
    long = with_rows(tmp_path, f'<row r="2"><c r="A2" t="inlineStr"><is><t>{"A" * 2_000_000}</t></is></c></row>')
    assert long.stat().st_size < 20_000
    with pytest.raises(BadInput, match="1 MB unpacked"):
        read_sheet(long)


def test_an_hour_of_24_00_is_read_as_a_person_sees_it(tmp_path: Path):
    """A spreadsheet program makes a whole day of it; a bar that is open until midnight was refused."""
    book = Workbook()
    for row in (["closes"], [timedelta(days=1)], [timedelta(hours=8, minutes=30)]):
        book.active.append(row)
    book.save(tmp_path / "hours.xlsx")
    assert [row.cells["closes"] for row in read_sheet(tmp_path / "hours.xlsx").rows] == ["24:00:00", "08:30:00"]


def without_results(folder: Path, *rows: list[object]) -> Path:
    """A workbook as a program writes it that does not calculate; a program that does would have written the results."""
    book = Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path := folder / "written.xlsx")
    return path


def test_a_row_of_formulas_without_results_is_named_and_not_dropped(tmp_path: Path):
    """It looked empty: a shop would never have been inspected, and nobody told."""
    shown = without_results(tmp_path, ["a", "b"], ["=1+1", "=2+2"], ["x", None], [None, None], ["y", "=3"])
    rows = read_sheet(shown).rows
    assert [row.number for row in rows] == [2, 3, 5]
    told = [(row.fault.row, row.fault.column, row.fault.found) if row.fault else None for row in rows]
    assert told == [(2, "a", "a formula without a result"), None, (5, "b", "a formula without a result")]


def test_a_table_of_premises_blames_every_formula_without_a_result(tmp_path: Path):
    """Also in a column that may be empty: a cap that was not calculated is no shop without a cap."""
    header = ["premises_id", "name", "lon", "lat", "town", "opens", "closes", "annual_cap", "visits_this_year"]
    row = ["P1", "shop", 121.5, 29.9, "t", "08:00", "18:00", "=1+1", "=0"]
    file, table = table_of(without_results(tmp_path, header, row))
    premises_in(file, table, Datum.WGS84)
    assert [(fault.row, fault.column, fault.found) for fault in file.faults] == [
        (2, column, "a formula without a result") for column in ("annual_cap", "visits_this_year")
    ]


@pytest.mark.parametrize("mac", [False, True])
def test_a_cell_of_hours_and_minutes_that_holds_24_00_is_the_end_of_the_day(tmp_path: Path, mac: bool):
    """Who formats the column as h:mm and types 24:00 sees 0:00, and the program keeps a whole day."""
    book = Workbook()
    if mac:
        book.epoch = CALENDAR_MAC_1904
    for row in (["opens", "closes"], [1 / 3, 1.0], ["08:00", time(18, 30)]):
        book.active.append(row)
    for cell in (book.active["A2"], book.active["B2"]):
        cell.number_format = "h:mm"
    book.save(tmp_path / "hours.xlsx")
    _, table = table_of(tmp_path / "hours.xlsx")
    assert table[1:] == [["08:00:00", "24:00"], ["08:00", "18:30:00"]]


def test_a_table_in_a_foreign_encoding_is_told_nothing_of_a_map(tmp_path: Path):
    """Only tickets have a map with options."""
    (tmp_path / "due.csv").write_bytes(b"item_id\n\xff\xfe\x81\n")
    with pytest.raises(BadInput, match="CSV UTF-8") as refused:
        table_of(tmp_path / "due.csv")
    assert "map" not in str(refused.value)


def test_a_blank_typed_below_a_table_is_no_record(tmp_path: Path):
    book = Workbook()
    page = book.active
    assert page is not None
    for row in (["id", "text"], ["1", "two"], [None, " "], ["　", None]):
        page.append(row)
    book.save(tmp_path / "tickets.xlsx")
    (tmp_path / "tickets.csv").write_text("id,text\n1,two\n , \n", encoding="utf-8")
    for name in ("tickets.xlsx", "tickets.csv"):
        assert [row.number for row in read_sheet(tmp_path / name).rows] == [2]
