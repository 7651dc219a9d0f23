"""Workbooks that are no tables: a few kilobytes that would become more than the machine has."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from openpyxl import Workbook

from dispatch.desk import sheets
from dispatch.desk.sheets import read_sheet
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
