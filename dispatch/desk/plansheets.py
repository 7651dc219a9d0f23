"""The cells of the tables that offices and departments send, whatever spreadsheet program wrote them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from dispatch.desk.sheets import encoding_of, read_sheet
from dispatch.rulebook.lists import ListFile

A_WHOLE_DAY = ("1900-01-01T00:00:00", "1904-01-02T00:00:00")
"""As what openpyxl reads the number 1 in a cell of hours, by the two epochs of workbooks."""


def table_of(path: Path, *, empty: bool = False) -> tuple[ListFile, list[list[str]]]:
    """The cells of a .csv or .xlsx file as text, each record at its row number, dates as days.

    A CSV file is in UTF-8 or, as a Chinese spreadsheet program saves it, in GB 18030. A formula without a result stands
    as `dispatch.rulebook.lists.NO_RESULT`, which the reader of lists blames.

    Parameters
    ----------
    empty
        Whether a header without any record will do.

    Raises
    ------
    BadInput
        When the file cannot be read.
    """
    sheet = read_sheet(path, encoding_of(path), empty=empty)
    table = [list(sheet.columns)]
    for row in sheet.rows:
        table += [[]] * (row.number - 1 - len(table))
        cells = [_text(row.cells.get(column, "")) for column in sheet.columns]
        table.append([*cells, *map(_text, row.beyond)])  # fields too many, which the reader of lists blames
    return ListFile(sheet.file), table


def _text(cell: str | datetime) -> str:
    """A cell as people read it: of a date its day, and 24:00 where a cell for hours and minutes holds a whole day."""
    if not isinstance(cell, datetime):
        return cell
    return "24:00" if cell.isoformat() in A_WHOLE_DAY else cell.date().isoformat()
