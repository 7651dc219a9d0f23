"""The rule book's lists as one workbook, out to the keeper's spreadsheet program and back in, the same both ways."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, TypeVar
from xml.parsers import expat
from zipfile import ZipFile, ZipInfo

from dispatch.rulebook import discretion as benchmark
from dispatch.rulebook import matters as catalogue
from dispatch.rulebook.competence import RuleBook
from dispatch.rulebook.discretion import Discretion, Tier, read_discretion
from dispatch.rulebook.lists import ListFile, ListRow, list_rows
from dispatch.rulebook.matters import Leniency, Matter, matters_of
from dispatch.rulebook.powers import (
    BODY_COLUMNS,
    BODY_OPTIONAL,
    POWER_COLUMNS,
    Body,
    Power,
    bodies_of,
    faults_beside,
    powers_of,
)
from gis.mapfiles import replacing
from gis.schemas import BadInput, Fault, shorten

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell
    from openpyxl.workbook import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

Read = TypeVar("Read")

MATTERS, BODIES, POWERS, TIERS, README = "matters", "bodies", "powers", "tiers", "说明 README"
COLUMNS: Mapping[str, tuple[str, ...]] = {
    MATTERS: catalogue.COLUMNS,
    BODIES: (*BODY_COLUMNS, *BODY_OPTIONAL),
    POWERS: POWER_COLUMNS,
    TIERS: benchmark.COLUMNS,
}
"""The sheets of lists and their columns; ``tiers`` may be missing."""

EXPLAINED = (
    "matters 事项目录，bodies 执法主体，powers 职权清单，tiers 裁量基准。",
    "每行一条，首行为列名，请勿改动列名；多个值之间用 ; 分隔。",
    "来源列 source 为 illustrative 的行是示例，不是任何地方的真实清单，",
    "须由使用单位的法制机构核对、改为本地规定后方可使用。",
    "所有单元格均为文本：编码保留前导零，日期写作 2026-03-02。请勿合并单元格，请勿使用公式。",
    "",
    "Sheets: matters (the catalogue), bodies, powers, tiers (the benchmark of discretion).",
    "One record a row; keep the header; several values in one cell are joined by ;",
    "A row whose source is illustrative is an example and no place's real list:",
    "your legal department has to check it and put your own rule in its place before it is used.",
    "Every cell is text: codes keep their zeros, dates are written 2026-03-02. No merged cells, no formulas.",
)

MOST_ROWS, MOST_COLUMNS, LONGEST_CELL = 100_000, 200, 32_767
MOST_UNPACKED, MOST_UNPACKED_IN_ALL = 20_000_000, 60_000_000
"""Bytes of one part of a workbook, and of all of them: what unpacks to more is no list."""
ALL_ROWS, ALL_COLUMNS = 1_048_576, 16_384
MOST_MERGED = 10_000
"""Cells that may be merged in a sheet; a program that reads it makes every one of them."""
UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]|_x[0-9A-Fa-f]{4}_")
"""What a workbook would not give back as it was: control characters, half characters, its own way of escaping."""

ADVICE = "Mend these cells of the workbook and read it again."


@dataclass(frozen=True)
class RuleLists:
    """What a place's rule book is read from."""

    matters: Mapping[str, Matter]
    bodies: Mapping[str, Body]
    powers: tuple[Power, ...]
    discretion: Discretion = field(default_factory=Discretion)

    def rulebook(self) -> RuleBook:
        """The rule book by these lists."""
        return RuleBook(self.matters, self.bodies, self.powers)


def write_workbook(lists: RuleLists, path: Path) -> None:
    """A sheet a list with a header row and text cells, and one that explains; in place whole or not at all.

    Raises
    ------
    BadInput
        When a field could not be read back as it is: blanks around it, a ``;`` inside a keyword, a control character,
        over 32,767 characters; or the lists contradict each other.
    """
    tables = _tables(lists)
    faults = [fault for sheet, table in tables.items() for fault in _unwritable(f"{path.name}, sheet {sheet}", table)]
    if faults:
        raise BadInput(*faults, advice="Take these characters out of the list.")
    if _parsed(path.name, tables) != lists:
        raise BadInput(
            Fault(path.name, None, None, "a field that reads back as another", "no blanks around texts, no ; in words")
        )
    with replacing(path) as target:
        _workbook(tables).save(target)


def read_workbook(path: Path) -> RuleLists:
    """The lists that a workbook holds, with the sheets and columns that `write_workbook` writes.

    Numbers and dates that the spreadsheet program made of a text are taken as a person reads them.

    Raises
    ------
    BadInput
        When the file is no workbook, a sheet or column is missing, cells of a list are merged or hold a formula or an
        error, or a row is wrong by itself or beside the others; each fault names sheet, row and column.
    """
    book = _opened(path)
    missing = [sheet for sheet in COLUMNS if sheet not in book.sheetnames and sheet != TIERS]
    if missing:
        found = f"the sheets {', '.join(shorten(name) for name in book.sheetnames)}"
        raise BadInput(*(Fault(path.name, None, None, found, f"a sheet called {sheet}") for sheet in missing))
    faults: list[Fault] = []
    tables = {
        sheet: _table(f"{path.name}, sheet {sheet}", book[sheet], faults)
        for sheet in COLUMNS
        if sheet in book.sheetnames
    }
    if faults:
        raise BadInput(*faults, advice=ADVICE)
    return _parsed(path.name, tables)


def _tables(lists: RuleLists) -> dict[str, list[list[str]]]:
    """Every list as the cells of its sheet, header first."""
    tiers = [tier for some in lists.discretion.by_matter.values() for tier in some]
    cells: dict[str, list[dict[str, str]]] = {
        MATTERS: [_matter_cells(matter) for matter in lists.matters.values()],
        BODIES: [_as_text(body) for body in lists.bodies.values()],
        POWERS: [_as_text(power) for power in lists.powers],
        TIERS: [_tier_cells(tier) for tier in tiers],
    }
    return {sheet: [list(COLUMNS[sheet]), *_ordered(rows, COLUMNS[sheet])] for sheet, rows in cells.items()}


def _ordered(rows: Iterable[Mapping[str, str]], columns: Sequence[str]) -> Iterable[list[str]]:
    return ([row[column] for column in columns] for row in rows)


def _as_text(record: Body | Power | Matter | Tier) -> dict[str, str]:
    """The fields of a record that are texts, numbers or dates; None is an empty cell."""
    values = ((name, getattr(record, name)) for name in record.__slots__)
    return {name: "" if value is None else str(value) for name, value in values}


def _matter_cells(matter: Matter) -> dict[str, str]:
    leniency = [each for each in Leniency if each in matter.leniency]
    return _as_text(matter) | {
        "respond_within_min": f"{matter.respond_within.total_seconds() / 60:g}",
        "limit": str(matter.limit.amount),
        "limit_unit": matter.limit.unit.value,
        "assisting": ";".join(matter.assisting),
        "under": ";".join(matter.under),
        "leniency": ";".join(leniency),
        "keywords": ";".join(matter.keywords),
    }


def _tier_cells(tier: Tier) -> dict[str, str]:
    return _as_text(tier) | {"from": _number(tier.least), "to": _number(tier.most)}


def _number(value: float) -> str:
    return f"{value:.4f}".rstrip("0").rstrip(".")


def _unwritable(file: str, table: Sequence[Sequence[str]]) -> Iterable[Fault]:
    for number, cells in enumerate(table[1:], start=2):
        for column, text in zip(table[0], cells, strict=True):
            wrong = UNWRITABLE.search(text)
            if wrong:
                yield Fault(file, number, column, f"the characters {wrong.group()!a}", "plain text")
            if len(text) > LONGEST_CELL:
                yield Fault(file, number, column, f"{len(text)} characters", f"at most {LONGEST_CELL}")


def _workbook(tables: Mapping[str, Sequence[Sequence[str]]]) -> Workbook:
    from openpyxl import Workbook

    book = Workbook()
    page = book.active
    assert page is not None
    page.title = README
    _fill(page, [[line] for line in EXPLAINED], bold_rows=0)
    page.column_dimensions["A"].width = 120
    for sheet, table in tables.items():
        page = book.create_sheet(sheet)
        _fill(page, table, bold_rows=1)
        page.freeze_panes = "A2"
        for at, column in enumerate(table[0]):
            letters = page.cell(1, at + 1).column_letter
            longest = max((len(row[at]) for row in table), default=0)
            page.column_dimensions[letters].width = min(max(len(column), longest) + 3, 60)
            page.column_dimensions[letters].number_format = "@"  # what is typed below keeps its zeros as well
    return book


def _fill(page: Worksheet, table: Sequence[Sequence[str]], bold_rows: int) -> None:
    """Every cell is text: a formula that came in stays the words it was, a code keeps its zeros."""
    from openpyxl.cell.cell import Cell
    from openpyxl.styles import Font

    bold = Font(bold=True)
    for number, cells in enumerate(table, start=1):
        for at, text in enumerate(cells, start=1):
            cell = page.cell(number, at)
            assert isinstance(cell, Cell)
            if text:
                cell.value = text
                cell.data_type = "s"
                cell.quotePrefix = text.startswith(("=", "+", "-", "@"))
            cell.number_format = "@"
            if number <= bold_rows:
                cell.font = bold


def _opened(path: Path) -> Workbook:
    from openpyxl import load_workbook

    try:
        faults = _oversized(path)
        if not faults:
            return load_workbook(path)
    except Exception as error:  # a damaged zip or XML raises whatever its readers did not think of
        found = f"a damaged or cut-off workbook ({type(error).__name__})"
        raise BadInput(
            Fault(path.name, None, None, found, "a complete .xlsx file"),
            advice="Open it in the spreadsheet program and save it again.",
        ) from error
    raise BadInput(*faults, advice="Copy the lists into a new workbook, values only, and save that.")


def _oversized(path: Path) -> list[Fault]:
    """What would cost far more to load than the file shows: found out from the zip, before anything is loaded."""
    with ZipFile(path) as parts:
        infos = parts.infolist()
        faults = [
            Fault(
                f"{path.name}, {info.filename}",
                None,
                None,
                _megabytes(info.file_size),
                f"at most {_megabytes(MOST_UNPACKED)}",
            )
            for info in infos
            if info.file_size > MOST_UNPACKED
        ]
        unpacked = sum(info.file_size for info in infos)
        if not faults and unpacked > MOST_UNPACKED_IN_ALL:
            faults.append(
                Fault(path.name, None, None, _megabytes(unpacked), f"at most {_megabytes(MOST_UNPACKED_IN_ALL)}")
            )
        if faults:
            return faults
        return [fault for info in infos for fault in _too_wide(path.name, parts, info)]


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.0f} MB unpacked"


def _too_wide(file: str, parts: ZipFile, info: ZipInfo) -> list[Fault]:
    """Merged ranges of one part that are no list's, and rows and columns beyond a list's; pictures have none."""
    ranges: list[str] = []
    rows = 0

    def begin(name: str, given: dict[str, str]) -> None:
        nonlocal rows
        match name.rpartition(" ")[2]:
            case "mergeCell":
                ranges.append(given.get("ref", ""))
            case "row":
                rows += 1

    def refuse_entities(*_: object) -> None:
        raise ValueError("a document type")

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = begin
    parser.StartDoctypeDeclHandler = refuse_entities
    with parts.open(info) as stream:
        try:
            parser.ParseFile(stream)
        except expat.ExpatError:
            return []  # no XML, or such as its reader refuses too: this is the parser that it uses
    where = f"{file}, {info.filename}"
    if rows > MOST_ROWS:
        return [Fault(where, None, None, f"{rows} rows", f"at most {MOST_ROWS}")]
    if sum(map(_cells_in, ranges)) > MOST_MERGED:
        largest = max(ranges, key=_cells_in)
        return [Fault(where, None, None, f"the merged cells {shorten(largest)}", "a value in every cell")]
    return []


def _cells_in(reference: str) -> int:
    """How many cells a range such as A1:C3 has."""
    from openpyxl.utils import range_boundaries

    left, top, right, bottom = range_boundaries(reference)
    columns = abs(right - left) + 1 if left and right else ALL_COLUMNS
    rows = abs(bottom - top) + 1 if top and bottom else ALL_ROWS
    return columns * rows


def _table(file: str, page: Any, faults: list[Fault]) -> list[list[str]]:
    """The cells of a sheet as text, blank rows included; what cannot be text is added to ``faults``."""
    if not hasattr(page, "merged_cells"):
        faults.append(Fault(file, None, None, "a sheet without cells, such as a chart", "a sheet with a list"))
        return []
    if page.max_row > MOST_ROWS or page.max_column > MOST_COLUMNS:
        found = f"{page.max_row} rows and {page.max_column} columns"
        faults.append(Fault(file, None, None, found, f"at most {MOST_ROWS} rows and {MOST_COLUMNS} columns"))
        return []
    header = [_shown(cell.value).strip() for cell in next(page.iter_rows(max_row=1), ())]
    for merged in page.merged_cells.ranges:
        column = _named(header, merged.min_col - 1)
        faults.append(Fault(file, merged.min_row, column, f"the merged cells {merged.coord}", "a value in every cell"))
    return [_row(file, header, row, faults) for row in page.iter_rows()]


def _row(file: str, header: Sequence[str], row: Iterable[Cell], faults: list[Fault]) -> list[str]:
    texts = []
    for at, cell in enumerate(row):
        if getattr(cell, "data_type", "") in ("f", "e"):
            what = "the formula" if cell.data_type == "f" else "the error"
            found = f"{what} {shorten(getattr(cell.value, 'text', cell.value))}"
            faults.append(Fault(file, cell.row, _named(header, at), found, "a text"))
        texts.append(_shown(cell.value))
    while texts and not texts[-1].strip():
        texts.pop()
    return texts


def _named(header: Sequence[str], at: int) -> str | None:
    return (header[at] if at < len(header) else "") or None


def _shown(value: object) -> str:
    """A cell as a person reads it: a day as a day, a whole number without a decimal point."""
    if value is None:
        return ""
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


def _parsed(name: str, tables: Mapping[str, Sequence[Sequence[str]]]) -> RuleLists:
    """The records of the sheets, with the faults of all of them together."""
    faults: list[Fault] = []

    def rows(sheet: str, optional: Sequence[str] = ()) -> tuple[ListFile, list[ListRow]]:
        file = ListFile(f"{name}, sheet {sheet}")
        columns = [column for column in COLUMNS[sheet] if column not in optional]
        return file, list_rows(file, tables[sheet], columns, optional, "Keep the header row as it was written.")

    def read(reading: Callable[[], Read], otherwise: Read) -> Read:
        try:
            return reading()
        except BadInput as bad:
            faults.extend(bad.faults)
            return otherwise

    matters = read(lambda: matters_of(*rows(MATTERS)), dict[str, Matter]())
    bodies = read(lambda: bodies_of(*rows(BODIES, BODY_OPTIONAL)), dict[str, Body]())
    powers = read(lambda: powers_of(*rows(POWERS)), tuple[Power, ...]())
    if not faults:  # beside a faulty catalogue every row would look wrong
        file, lines = rows(POWERS)
        faults += faults_beside(powers, matters, bodies, file.name, [row.number for row in lines])
    discretion = Discretion()
    if not faults and TIERS in tables:
        discretion = read(lambda: _tiers(f"{name}, sheet {TIERS}", tables[TIERS], matters), discretion)
    if faults:
        raise BadInput(*faults, advice=ADVICE)
    return RuleLists(matters, bodies, powers, discretion)


def _tiers(file: str, table: Sequence[Sequence[str]], matters: Mapping[str, Matter]) -> Discretion:
    """The benchmark by the one reader it has, which reads files; its faults name the sheet."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "tiers.csv"
        with path.open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows(table)
        try:
            return read_discretion(path, matters)
        except BadInput as bad:
            raise BadInput(*(replace(fault, file=file) for fault in bad.faults), advice=ADVICE) from bad
