"""Everything in the book for people and programs, as Parquet or as an Excel workbook; what opens a door stays here."""

from __future__ import annotations

import math
import os
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Date,
    DateTime,
    Float,
    Integer,
    Table,
    func,
    or_,
    select,
)
from sqlalchemy.types import TypeDecorator

from dispatch.rulebook.calendar import CHINA
from dispatch.store.database import open_engine, reader
from dispatch.store.tables import EVIDENCE, LEDGER, PATROL_LEFT_OUT, PATROL_ROUNDS, PATROL_STOPS, Base
from gis.schemas import BadInput, Fault, shorten

WHOLE_TABLE = "*"
SECRETS = frozenset(
    {
        ("people", "password"),
        ("sessions", WHOLE_TABLE),
        ("keys", "hash"),
        ("hooks", "secret"),
        ("evidence", "data"),
        ("patrols", "seed"),  # who has it knows where the patrol will be
    }
)
"""Columns that never leave in an export; evidence only as files, and only when asked for."""
FORMS = ("xlsx", "parquet")
ROWS_AT_ONCE = 5000
# Excel's own borders.
MOST_ROWS, LONGEST_CELL, LARGEST_WHOLE = 1_048_576, 32_767, 10**15
NOTES = "notes"
_FORMULA = ("=", "+", "-", "@")
_LOOKS_ESCAPED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_NO_FILE_NAME = re.compile(r"[^\w.-]|^\.")


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written: rows by table, files of evidence, and cells whose text an Excel cell cannot hold."""

    rows: dict[str, int]
    files: int = 0
    cut: int = 0


def export(url: str, folder: Path, *, form: str = "xlsx", files: bool = False, zone: tzinfo = CHINA) -> Exported:
    """Write every table of the book at ``url``, as it stood at one moment, into the new folder ``folder``.

    Rounds of patrols that lie ahead stay in the book.

    Parameters
    ----------
    form
        ``parquet``: TABLE.parquet a table; ``xlsx``: one ``book.xlsx`` with a sheet a table.
    files
        Also what was handed in as evidence, each file as it came, as ``evidence/ID``.
    zone
        Where the place keeps its calendar: it says which rounds lie ahead.

    Raises
    ------
    BadInput
        When there is no book, or the folder exists and is not empty; nothing is written then.
    """
    _refuse_used(folder)
    engine = open_engine(url, create=False)
    try:
        with tempfile.TemporaryDirectory(prefix=".writing-", dir=folder.absolute().parent) as aside:
            inside = Path(aside) / "export"
            inside.mkdir(mode=0o700)  # it holds what people said
            with reader(engine).connect() as connection:
                write = _workbook if form == "xlsx" else _parquet
                done = write(connection, inside, zone)
                count = _evidence(connection, inside) if files else 0
            # Takes the place of an empty folder, and of no other.
            os.replace(inside, folder)
    finally:
        engine.dispose()
    return Exported(done.rows, count, done.cut)


def leaving() -> list[tuple[Table, list[Column[Any]]]]:
    """Every table that may leave, with the columns that may."""
    tables = [table for table in Base.metadata.sorted_tables if (table.name, WHOLE_TABLE) not in SECRETS]
    return [(table, [each for each in table.columns if (table.name, each.name) not in SECRETS]) for table in tables]


def _pages(
    connection: Connection, table: Table, columns: Sequence[Column[Any]], zone: tzinfo
) -> Iterator[Sequence[Any]]:
    query = select(*columns).order_by(*table.primary_key.columns).execution_options(yield_per=ROWS_AT_ONCE)
    may_leave = _known_by_now(connection, zone).get(table)
    if may_leave is not None:
        query = query.where(may_leave)
    yield from connection.execute(query).partitions()


def _known_by_now(connection: Connection, zone: tzinfo) -> Mapping[Table, ColumnElement[bool]]:
    """Which rows of patrols may leave: where a patrol will be is nobody's to read, and the inspected read too.

    A round is known once it has begun or its day is over, by the day of the book's last entry; a pass that is on no
    round once no round of its patrol lies ahead.
    """
    last = connection.scalar(select(func.max(LEDGER.c.at)))
    today = datetime.fromisoformat(last).astimezone(zone).date() if last else date.min
    known = or_(PATROL_ROUNDS.c.begun_at.is_not(None), PATROL_ROUNDS.c.day < today)
    running = select(PATROL_ROUNDS.c.plan).where(PATROL_ROUNDS.c.day >= today)
    return {
        PATROL_ROUNDS: known,
        PATROL_STOPS: PATROL_STOPS.c.round.in_(select(PATROL_ROUNDS.c.id).where(known)),
        PATROL_LEFT_OUT: PATROL_LEFT_OUT.c.plan.not_in(running),
    }


def _parquet(connection: Connection, folder: Path, zone: tzinfo) -> Exported:
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = {}
    for table, columns in leaving():
        schema = pa.schema([(column.name, _arrow(pa, column)) for column in columns])
        rows[table.name] = 0
        with pq.ParquetWriter(folder / f"{table.name}.parquet", schema, compression="zstd") as out:
            for page in _pages(connection, table, columns, zone):
                by_column = list(zip(*page, strict=True))
                arrays = [pa.array(each, field.type) for each, field in zip(by_column, schema, strict=True)]
                out.write_batch(pa.record_batch(arrays, schema=schema))
                rows[table.name] += len(page)
    return Exported(rows)


def _arrow(pa: Any, column: Column[Any]) -> Any:
    kind = column.type.impl_instance if isinstance(column.type, TypeDecorator) else column.type
    # A boolean before a whole number, a moment before a day: the narrower kind names itself first.
    for ours, theirs in (
        (Boolean, pa.bool_()),
        (Integer, pa.int64()),
        (Float, pa.float64()),
        (DateTime, pa.timestamp("us", tz="UTC")),
        (Date, pa.date32()),
    ):
        if isinstance(kind, ours):
            return theirs
    return pa.string()


def _workbook(connection: Connection, folder: Path, zone: tzinfo) -> Exported:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    rows: dict[str, int] = {}
    notes = [("all sheets", "Times are UTC. Secrets and rounds of patrols that lie ahead are left out.")]
    for table, columns in leaving():
        rows[table.name], long = _sheets(book, connection, table, columns, zone)
        notes += [(table.name, each) for each in long]
    cut = len(notes) - 1
    for name, count in rows.items():
        if count >= MOST_ROWS:
            notes.append((name, f"{count:,} rows on several sheets: a sheet of Excel ends at row {MOST_ROWS:,}"))
    sheet = _sheet(book, NOTES, 1, ["sheet", "note"])
    for note in notes[: MOST_ROWS - 1]:
        sheet.append([_cell(sheet, value) for value in note])
    book.save(folder / "book.xlsx")
    return Exported(rows, cut=cut)


def _sheets(
    book: Any, connection: Connection, table: Table, columns: list[Column[Any]], zone: tzinfo
) -> tuple[int, list[str]]:
    """A table on as many sheets as it needs; how many rows it has, and a note for every text that was cut."""
    header = [column.name for column in columns]
    sheet = _sheet(book, table.name, 1, header)
    count, notes = 0, list[str]()
    for row in (row for page in _pages(connection, table, columns, zone) for row in page):
        if count and count % (MOST_ROWS - 1) == 0:
            sheet = _sheet(book, table.name, 1 + count // (MOST_ROWS - 1), header)
        count += 1
        long = [name for name, value in zip(header, row, strict=True) if _too_long(value)]
        notes += [f"{shorten(str(row[0]))}: {name} is cut after {LONGEST_CELL:,} letters" for name in long]
        sheet.append([_cell(sheet, value) for value in row])
    return count, notes


def _sheet(book: Any, name: str, number: int, header: list[str]) -> Any:
    sheet = book.create_sheet(name if number == 1 else f"{name} {number}")
    sheet.freeze_panes = "A2"
    sheet.append(header)
    return sheet


def _too_long(value: Any) -> bool:
    return isinstance(value, str) and _letters(_excels(value)) > LONGEST_CELL


def _letters(text: str) -> int:
    """As Excel counts: a character beyond the first 65,536 is two."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def _excels(text: str) -> str:
    """``text`` so that Excel shows it: what only looks like its escape is escaped, what it forbids is replaced."""
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    whole = ILLEGAL_CHARACTERS_RE.sub("\N{REPLACEMENT CHARACTER}", text)
    return _LOOKS_ESCAPED.sub("_x005F_", whole).replace("\r", "_x000D_")


def _cell(sheet: Any, value: Any) -> Any:
    """A cell that shows ``value`` and computes nothing."""
    from openpyxl.cell import WriteOnlyCell

    if isinstance(value, datetime):
        value = value.astimezone(UTC).replace(tzinfo=None) if value.year >= 1900 else value.isoformat()
    elif isinstance(value, int) and abs(value) > LARGEST_WHOLE:
        value = str(value)  # Excel would round it
    elif isinstance(value, float) and not math.isfinite(value):
        value = str(value)
    if not isinstance(value, str):
        return value
    shown = _excels(value)
    if _letters(shown) > LONGEST_CELL:
        shown = shown.encode("utf-16-le")[: 2 * LONGEST_CELL].decode("utf-16-le", "ignore")
    cell = WriteOnlyCell(sheet)
    cell.value = shown
    # Whatever it begins with, it is text; the quote keeps it text when somebody edits the cell.
    cell.data_type = "s"
    if shown.startswith(_FORMULA):
        cell.quotePrefix = True
    return cell


def _evidence(connection: Connection, folder: Path) -> int:
    into = folder / "evidence"
    into.mkdir()
    count = 0
    # One at a time: each may have ten megabytes.
    for (found,) in connection.execute(select(EVIDENCE.c.id).order_by(EVIDENCE.c.id)).all():
        data = connection.execute(select(EVIDENCE.c.data).where(EVIDENCE.c.id == found)).scalar_one()
        (into / _file_name(found)).write_bytes(data)
        count += 1
    return count


def _file_name(evidence_id: str) -> str:
    """The id as a file name that stays in its folder; another system's ids may hold a slash."""
    return _NO_FILE_NAME.sub(lambda found: f"%{ord(found[0]):02X}", evidence_id)


def _refuse_used(folder: Path) -> None:
    if not folder.absolute().parent.is_dir():
        fault = Fault(
            str(folder), None, None, f"no folder {shorten(folder.parent)}", "an existing folder to write into"
        )
        raise BadInput(fault, advice="Create the folder first.")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        fault = Fault(str(folder), None, None, "something is there", "a new or an empty folder")
        raise BadInput(fault, advice="Nothing of yours is written over; name another folder.")
