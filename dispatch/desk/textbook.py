"""Workbooks whose every cell is text: a formula that came in stays the words it was, a code keeps its zeros."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gis.mapfiles import replacing

WIDEST = 60
_COLOUR = "FFF2CC"
_FORMULA = ("=", "+", "-", "@")


@dataclass(frozen=True, slots=True)
class Page:
    """A sheet by its title: rows, the first one the header, and cells (row, column; from 0) that stand out."""

    title: str
    rows: Sequence[Sequence[str]]
    coloured: frozenset[tuple[int, int]] = frozenset()
    typed: int = 0
    """How many rows below the last one are text too, for whoever fills the sheet in."""


def write_book(pages: Sequence[Page], path: Path) -> None:
    """The sheets in this order, header row bold and frozen, put in place whole or not at all."""
    from openpyxl import Workbook
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    book = Workbook()
    book.remove(book.worksheets[0])
    bold, fill = Font(bold=True), PatternFill("solid", start_color=_COLOUR)
    for each in pages:
        page = book.create_sheet(each.title)
        page.freeze_panes = "A2"
        for number, row in enumerate(each.rows):
            for at, text in enumerate(row):
                cell = page.cell(number + 1, at + 1)
                assert isinstance(cell, Cell)
                if text:
                    cell.value = ILLEGAL_CHARACTERS_RE.sub("\N{REPLACEMENT CHARACTER}", text)
                    cell.data_type = "s"
                    cell.quotePrefix = text.startswith(_FORMULA)
                cell.number_format = "@"
                if "\n" in text:
                    cell.alignment = Alignment(wrap_text=True, vertical="top")
                if number == 0:
                    cell.font = bold
                if (number, at) in each.coloured:
                    cell.fill = fill
        for number in range(len(each.rows) + 1, len(each.rows) + 1 + each.typed):
            for at in range(1, len(each.rows[0]) + 1):
                page.cell(number, at).number_format = "@"
        for at in range(len(each.rows[0])):
            longest = max(_width(line) for row in each.rows if at < len(row) for line in row[at].split("\n"))
            page.column_dimensions[get_column_letter(at + 1)].width = min(max(longest, 8) + 2, WIDEST)
    with replacing(path) as target:
        book.save(target)


def _width(text: str) -> int:
    """About how many letters wide it is shown; a Chinese one counts for two."""
    return sum(1 if letter.isascii() else 2 for letter in text)
