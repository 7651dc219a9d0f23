"""The rule book's lists as people keep them, CSV from a spreadsheet, read strictly: all faults at once."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from gis.schemas import BadInput, Fault, shorten

DEGREES = r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?"
Choice = TypeVar("Choice", bound=StrEnum)
Record = TypeVar("Record")

NO_RESULT = "=?"
"""What stands in a cell whose formula has no result: the program that wrote the workbook does not calculate."""
WITHOUT_RESULT = ("a formula without a result", "its result: open it in a spreadsheet program and save it")
"""What was found there, and what was expected."""


@dataclass(slots=True)
class ListFile:
    """One list while it is read: its name for messages and the faults found so far."""

    name: str
    faults: list[Fault] = field(default_factory=list)

    def blame(self, row: int | None, column: str | None, found: str, expected: str) -> None:
        self.faults.append(Fault(self.name, row, column, found, expected))

    def stop_if_faulty(self, advice: str = "") -> None:
        """Refuse the file with everything that is wrong with it."""
        if self.faults:
            raise BadInput(*sorted(self.faults, key=lambda fault: fault.row or 0), advice=advice)


@dataclass(frozen=True, slots=True)
class ListRow:
    """One record of a list. A field that is not as expected is noted as a fault and a harmless value is returned."""

    list: ListFile
    number: int
    values: dict[str, str]

    def text(self, column: str, *, pattern: str = "", expected: str = "a text", empty: bool = False) -> str:
        """The field without surrounding blanks; it must match ``pattern`` in full and be there unless ``empty``."""
        value = self.values[column]
        if not value and empty:
            return value
        if not value or (pattern and not re.fullmatch(pattern, value, re.ASCII)):
            self.blame(column, expected)
        return value

    def whole(self, column: str, least: int, most: int) -> int:
        value = self.values[column]
        if re.fullmatch(r"\d{1,9}", value, re.ASCII) and least <= int(value) <= most:
            return int(value)
        self.blame(column, f"a whole number from {least} to {most}")
        return least

    def degrees(self, column: str, most: float) -> float:
        """Longitude or latitude as a decimal number within ±``most``; 0 when it is none."""
        said = self.values[column]
        value = float(said) if re.fullmatch(DEGREES, said, re.ASCII) else math.nan
        if abs(value) <= most:
            return value
        self.blame(column, f"degrees within ±{most:g}")
        return 0.0

    def choice(self, column: str, kind: type[Choice]) -> Choice:
        value = self.values[column]
        if value in {member.value for member in kind}:
            return kind(value)
        self.blame(column, f"one of {', '.join(kind)}")
        return next(iter(kind))

    def several(self, column: str) -> tuple[str, ...]:
        """The parts of a field between semicolons of either width, each once; an empty field has none."""
        parts = self.values[column].replace("；", ";").split(";")
        return tuple(dict.fromkeys(filter(None, (part.strip() for part in parts))))

    def choices(self, column: str, kind: type[Choice]) -> tuple[Choice, ...]:
        parts, known = self.several(column), {member.value for member in kind}
        if not known.issuperset(parts):
            self.blame(column, f"some of {', '.join(kind)}, joined by ;")
            return ()
        return tuple(kind(part) for part in parts)

    def day(self, column: str) -> date:
        value = self.values[column]
        try:
            if re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII):
                return date.fromisoformat(value)
        except ValueError:  # 2023-02-30 has the form of a date and is none
            pass
        self.blame(column, "a date like 2024-03-31")
        return date.min

    def blame(self, column: str, expected: str) -> None:
        value = self.values[column]
        self.list.blame(self.number, column, shorten(value) if value else "nothing", expected)


def read_list(path: Path, columns: Sequence[str], optional: Sequence[str] = ()) -> tuple[ListFile, list[ListRow]]:
    """The records of a CSV file that has at least ``columns``; blank lines are passed over.

    Parameters
    ----------
    path
        UTF-8, comma, header row; a byte order mark is accepted.
    optional
        Columns that may be missing; their fields are empty then.

    Returns
    -------
    file, rows
        ``file`` collects further faults; call its ``stop_if_faulty`` once every row has been looked at.

    Raises
    ------
    BadInput
        When the file is missing, empty, not UTF-8, or a column is missing or stands twice, or a record is longer
        than the header.
    """
    file = ListFile(path.name)
    return file, list_rows(file, _table(path, file), columns, optional)


def list_rows(
    file: ListFile,
    table: Sequence[Sequence[str]],
    columns: Sequence[str],
    optional: Sequence[str] = (),
    advice: str = "Save the sheet as CSV UTF-8 with its header row.",
) -> list[ListRow]:
    """The records of a table whose first row is the header; as `read_list`, for tables from other files."""
    header = [name.strip() for name in table[0]] if table else []
    for column in (*columns, *optional):
        if header.count(column) != 1 and (column in columns or column in header):
            found = f"{header.count(column)} columns of that name" if column in header else "no such column"
            file.blame(1, column, found, f"the columns {','.join(columns)}")
    file.stop_if_faulty(advice)
    rows = []
    for number, cells in enumerate(table[1:], start=2):
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) > len(header):
            file.blame(number, None, f"{len(cells)} fields", f"{len(header)}, as in the header")
        padded = [*cells, *[""] * (len(header) - len(cells))]
        values = {name: cell.strip() for name, cell in zip(header, padded, strict=False)}
        for name in [name for name, value in values.items() if value == NO_RESULT]:
            file.blame(number, name, *WITHOUT_RESULT)
            values[name] = ""
        rows.append(ListRow(file, number, {**dict.fromkeys(optional, ""), **values}))
    return rows


def each_once(rows: Sequence[ListRow], column: str, made: Callable[[ListRow], Record]) -> dict[str, Record]:
    """What is made of each row, by what stands in ``column``; a value that stands twice is a fault of its row."""
    found: dict[str, Record] = {}
    for row in rows:
        record, key = made(row), row.values[column]
        if key in found:
            row.blame(column, f"a {column} that stands once")
        found[key] = record
    return found


def _table(path: Path, file: ListFile) -> list[list[str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            table = list(csv.reader(stream))
    except OSError as error:
        file.blame(None, None, error.strerror or "an unreadable file", "a CSV file")
    except UnicodeDecodeError as error:
        file.blame(None, None, f"byte {error.start} that is not UTF-8", "CSV in UTF-8")
    except csv.Error as error:
        file.blame(None, None, str(error), "CSV")
    else:
        if not table:
            file.blame(None, None, "an empty file", "a header row and records")
        file.stop_if_faulty()
        return table
    file.stop_if_faulty("Save the sheet as CSV UTF-8 with its header row.")
    return []
