"""A workbook in the making: sheets with a label, a header and rows, in which nothing is a formula."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date, datetime
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.header_footer import HeaderFooterItem, _HeaderFooterPart
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.writer.excel import ExcelWriter

from dispatch.review.plain import in_cell, in_line
from dispatch.review.sealing import sealed

Value = str | int | float | date
FORMULA = ("=", "+", "-", "@", "\t")
WIDEST = 50
ABOUT_WIDE = 110
LONGEST_HEADING = 200
"""Letters at the head of a printed page; Excel takes 255 with its own signs."""


class Book:
    """An xlsx file. On every sheet row 1 says what it is and that it is synthetic, also in print; row 2 is the header.

    Parameters
    ----------
    made_utc
        The moment that the file gives as its own.
    label
        That something is synthetic, in a few words; empty when nothing is.
    what
        All that is, for the first sheet.
    """

    def __init__(self, made_utc: datetime, label: str, what: str = "") -> None:
        self._book, self._label, self._what = Workbook(), label, what
        self._book.properties.created = self._book.properties.modified = made_utc.replace(tzinfo=None)
        self._book.properties.creator = "GridBeat"

    def about(self, title: str, lines: Sequence[str]) -> None:
        """The first sheet, which explains the others."""
        first = self._book.active
        assert isinstance(first, Worksheet)
        first.title = title
        _fill(first, self._label, (), [(line,) for line in (*lines, self._what) if line])
        first.column_dimensions["A"].width = ABOUT_WIDE

    def sheet(self, title: str, header: Sequence[str], rows: Sequence[Sequence[Value]]) -> None:
        _fill(self._book.create_sheet(title), self._label, header, rows)

    def content(self) -> bytes:
        """The workbook as a file; the same one gives the same bytes."""
        return _bytes(self._book)


def _fill(page: Worksheet, label: str, header: Sequence[str], rows: Sequence[Sequence[Value]]) -> None:
    _put(page, 1, 1, f"{page.title}  {label}".strip()).font = Font(bold=True)
    for at, column in enumerate(header, 1):
        _put(page, 2, at, column).font = Font(bold=True)
        longest = max((_wide(row[at - 1]) for row in rows), default=0)
        page.column_dimensions[get_column_letter(at)].width = min(max(longest, 8) + 2, WIDEST)
    for number, row in enumerate(rows, 3):
        for at, value in enumerate(row, 1):
            _put(page, number, at, value).alignment = Alignment(vertical="top", wrap_text=True)
    if header:
        page.freeze_panes = "A3"
        page.auto_filter.ref = f"A2:{get_column_letter(len(header))}{len(rows) + 2}"
    page.print_title_rows = "1:2"
    page.page_setup.orientation, page.page_setup.paperSize, page.page_setup.fitToHeight = "landscape", 9, 0
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    page.oddHeader = HeaderFooterItem(center=_HeaderFooterPart(_in_print(label)))
    page.oddFooter = HeaderFooterItem(center=_HeaderFooterPart("&P / &N"))


def _put(page: Worksheet, row: int, column: int, value: Value) -> Cell:
    """A cell that shows its value and computes nothing, whatever it begins with."""
    cell = page.cell(row, column)
    assert isinstance(cell, Cell)
    if isinstance(value, str):
        cell.value = in_cell(value)
        cell.data_type = "s"
        cell.quotePrefix = value.startswith(FORMULA)
    else:
        cell.value = value
    if isinstance(value, date):
        cell.number_format = "yyyy-mm-dd"
    return cell


def _wide(value: Value) -> int:
    """Columns that a value takes; a Chinese character takes two."""
    return max((sum(1 + (ord(letter) > 0x2E7F) for letter in line) for line in str(value).split("\n")), default=0)


def _in_print(text: str) -> str:
    """A page's head: an ampersand would be read as a sign of Excel's."""
    return in_line(text)[:LONGEST_HEADING].replace("&", "&&")


def _bytes(book: Workbook) -> bytes:
    """As :meth:`Workbook.save`, which would write the moment of writing into the file."""
    out = io.BytesIO()
    ExcelWriter(book, ZipFile(out, "w", ZIP_DEFLATED)).save()
    return sealed(out.getvalue())
