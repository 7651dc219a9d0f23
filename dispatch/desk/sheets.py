"""Rows out of other people's files (CSV, Excel, GeoJSON), and the sheet of faults that goes back to them."""

from __future__ import annotations

import csv
import gzip
import io
import json
import math
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

from dispatch.rulebook.lists import NO_RESULT, WITHOUT_RESULT
from gis.mapfiles import replacing
from gis.schemas import BadInput, Fault, shorten

GEOMETRY_LON = "geometry.lon"
GEOMETRY_LAT = "geometry.lat"
KINDS = (".csv", ".csv.gz", ".xlsx", ".geojson")
ENCODE = 'Save it as "CSV UTF-8".'

_LONGEST_FIELD = 10_000_000
MOST_ROWS, MOST_CELLS, MOST_UNPACKED_MB = 1_048_576, 20_000_000, 300
"""Of a workbook: its program's own number of rows; of cells, the empty ones between others included; of its parts."""


@dataclass(frozen=True, slots=True)
class Row:
    """One record: its number as the user's editor counts (a table's header is 1; GeoJSON features from 1).

    ``beyond`` are cells that stand to the right of the header.
    """

    number: int
    cells: Mapping[str, str | datetime]
    fault: Fault | None = None
    beyond: tuple[str | datetime, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file's column names and its rows. A GeoJSON file has its points as ``geometry.lon`` and ``geometry.lat``."""

    file: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


def read_sheet(path: Path, encoding: str = "utf-8", *, empty: bool = False, encode: str = ENCODE) -> Sheet:
    """Every row of a .csv, .csv.gz, .xlsx (first sheet) or .geojson file, cells as text or Excel's own dates.

    Rows of nothing but blanks are left out but counted in the row numbers. A row whose number of fields differs from
    the header's, or with a formula that has no result, carries its fault; the file stands. A file without any record is
    refused unless ``empty``; one in another encoding with the advice ``encode``.

    Raises
    ------
    BadInput
        When the file is empty, cut off, not what its ending says, or without a usable header.
    OSError
        When it cannot be opened.
    """
    name = path.name
    if path.stat().st_size == 0:
        raise BadInput(Fault(name, None, None, "0 bytes", "a file with a header row and records"))
    lower = name.lower()
    if lower.endswith(".csv"):
        sheet = _from_csv(name, path.read_bytes(), encoding, encode)
    elif lower.endswith(".csv.gz"):
        sheet = _from_csv(name, _unpacked(path), encoding, encode)
    elif lower.endswith(".xlsx"):
        sheet = _from_xlsx(path)
    elif lower.endswith((".geojson", ".json")):
        sheet = _from_geojson(path)
    else:
        raise BadInput(Fault(name, None, None, f"the ending {shorten(path.suffix)}", f"one of {', '.join(KINDS)}"))
    if not sheet.rows and not empty:
        fault = Fault(name, None, None, "no record", "at least one record below the header")
        raise BadInput(fault, advice="Of a workbook the first sheet is read." if lower.endswith(".xlsx") else "")
    return sheet


def encoding_of(path: Path) -> str:
    """Of a CSV nobody has said it of: UTF-8 unless the bytes can only be GB 18030, as Chinese spreadsheets save them.

    Raises
    ------
    BadInput
        When a packed file is damaged.
    """
    lower = path.name.lower()
    if not lower.endswith((".csv", ".csv.gz")):
        return "utf-8"
    data = _unpacked(path) if lower.endswith(".gz") else path.read_bytes()
    return next((each for each in ("utf-8", "gb18030") if _decodes(data, each)), "utf-8")


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _unpacked(path: Path) -> bytes:
    try:
        return gzip.decompress(path.read_bytes())
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise BadInput(
            Fault(path.name, None, None, f"a damaged or cut-off gzip file ({error})", "a complete gzip file"),
            advice="Copy or download the file again.",
        ) from error


def _from_csv(name: str, data: bytes, encoding: str, encode: str) -> Sheet:
    try:
        text = data.decode("utf-8-sig" if encoding.lower() in {"utf-8", "utf8"} else encoding)
    except UnicodeDecodeError as error:
        row = data.count(b"\n", 0, error.start) + 1
        raise BadInput(
            Fault(name, row, None, f"bytes that are not {encoding}", f"text in {encoding}"),
            advice=encode,
        ) from error
    return _tabular(name, _csv_records(name, text))


def _csv_records(name: str, text: str) -> Iterator[list[str]]:
    csv.field_size_limit(_LONGEST_FIELD)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    records = 0
    try:
        for record in reader:
            records += 1
            yield record
    except csv.Error as error:
        raise BadInput(
            Fault(name, records + 1, None, f"a row that is no CSV ({error})", "fields by comma, quotes closed")
        ) from error


def _from_xlsx(path: Path) -> Sheet:
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        _refuse_oversized(path)
        book = load_workbook(path, read_only=True, data_only=True)
        try:
            page = book.worksheets[0]
            page.reset_dimensions()  # writers other than Excel often record a wrong extent
            rows = _counted(path.name, page.iter_rows(values_only=True))
            records = [[_plain(value) for value in record] for record in rows]
        finally:
            book.close()
        _mark_without_result(path, records)
    except BadInput:
        raise
    except (BadZipFile, InvalidFileException, KeyError, IndexError, ValueError, SyntaxError, EOFError, zlib.error) as e:
        raise BadInput(
            Fault(
                path.name, None, None, f"a damaged or cut-off workbook ({type(e).__name__})", "a complete .xlsx file"
            ),
            advice="Open it in the spreadsheet program and save it again.",
        ) from e
    return _tabular(path.name, iter(records))


def _mark_without_result(path: Path, records: list[list[str | datetime]]) -> None:
    """Writes :data:`NO_RESULT` where a formula has none; else its cell, and perhaps its row, would pass for empty."""
    from openpyxl import load_workbook

    if not _has_formulas(path):
        return
    book = load_workbook(path, read_only=True)
    try:
        page = book.worksheets[0]
        page.reset_dimensions()
        for record, cells in zip(records, page.iter_rows(), strict=True):
            for at, cell in enumerate(cells):
                if cell.data_type == "f" and record[at] == "":
                    record[at] = NO_RESULT
    finally:
        book.close()


def _has_formulas(path: Path) -> bool:
    """Whether a sheet of the workbook has any: they are read a second time only then."""
    with ZipFile(path) as parts:
        sheets = [name for name in parts.namelist() if name.startswith("xl/worksheets/")]
        return any(b"<f" in chunk for name in sheets for chunk in _chunks(parts, name))


def _chunks(parts: ZipFile, name: str) -> Iterator[bytes]:
    """A part of a workbook piece by piece, each with the last byte of the one before."""
    last = b""
    with parts.open(name) as stream:
        while piece := stream.read(1 << 20):
            yield last + piece
            last = piece[-1:]


def _refuse_oversized(path: Path) -> None:
    """Stop before anything is unpacked: a few kilobytes may become more than the machine has."""
    with ZipFile(path) as parts:
        unpacked = sum(part.file_size for part in parts.infolist())
    if unpacked > MOST_UNPACKED_MB * 1_000_000:
        raise _oversized(path.name)


def _counted(name: str, rows: Iterable[tuple[object, ...]]) -> Iterator[tuple[object, ...]]:
    """The rows as long as they are a table's: a cell far out makes its reader fill everything before it."""
    cells = 0
    for number, row in enumerate(rows, start=1):
        cells += len(row)
        if number > MOST_ROWS or cells > MOST_CELLS:
            raise _oversized(name, number)
        yield row


def _oversized(name: str, row: int | None = None) -> BadInput:
    most = f"at most {MOST_ROWS} rows, {MOST_CELLS} cells and {MOST_UNPACKED_MB} MB unpacked"
    return BadInput(
        Fault(name, row, None, "more than a table holds", most),
        advice="Copy the table into a new workbook, values only, or save it as CSV.",
    )


def _plain(value: object) -> str | datetime:
    """A cell's value as the user reads it: whole numbers without ``.0``, dates as dates."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime.combine(value, time())
    if isinstance(value, timedelta):  # 24:00, which is no time of a day
        minutes, seconds = divmod(int(value.total_seconds()), 60)
        return f"{minutes // 60:02d}:{minutes % 60:02d}:{seconds:02d}"
    if isinstance(value, float) and math.isfinite(value) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


def _tabular(name: str, records: Iterator[list[Any]]) -> Sheet:
    header = next(records, [])
    columns = tuple(str(cell).strip() for cell in header)
    while columns and not columns[-1]:
        columns = columns[:-1]
    _check_header(name, columns)
    rows = []
    for number, record in enumerate(records, start=2):
        if any(str(cell).strip() for cell in record):  # a blank typed below the table is no record
            rows.append(_table_row(name, number, columns, record))
    return Sheet(name, columns, tuple(rows))


def _check_header(name: str, columns: tuple[str, ...]) -> None:
    if not columns:
        raise BadInput(Fault(name, 1, None, "an empty row", "a header with the names of the columns"))
    for column in columns:
        if columns.count(column) > 1:
            raise BadInput(Fault(name, 1, column or "(no name)", "the name twice", "a different name for every column"))


def _table_row(name: str, number: int, columns: tuple[str, ...], record: list[Any]) -> Row:
    extra = [cell for cell in record[len(columns) :] if cell != ""]
    cells = dict(zip(columns, [*record, *[""] * len(columns)], strict=False))
    if extra:
        found = f"{len(record)} fields, the last one {shorten(extra[-1])}"
        fault = Fault(name, number, None, found, f"{len(columns)} fields as in the header")
        return Row(number, cells, fault, tuple(record[len(columns) :]))
    faults = (Fault(name, number, column, *WITHOUT_RESULT) for column, cell in cells.items() if cell == NO_RESULT)
    return Row(number, cells, next(faults, None))


def _from_geojson(path: Path) -> Sheet:
    name = path.name
    try:
        document = json.loads(path.read_bytes().decode("utf-8-sig"))
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise BadInput(Fault(name, None, None, f"text that is no JSON ({error})", "a complete GeoJSON file")) from error
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list):
        raise BadInput(Fault(name, None, None, "no list of features", "a GeoJSON FeatureCollection of points"))
    _check_reference(name, document.get("crs"))
    rows = tuple(_feature_row(name, number, feature) for number, feature in enumerate(features, start=1))
    columns = dict.fromkeys(column for row in rows for column in row.cells)
    return Sheet(name, (*columns, *(c for c in (GEOMETRY_LON, GEOMETRY_LAT) if c not in columns)), rows)


def _check_reference(name: str, crs: object) -> None:
    """Only degrees can be read; which datum they are in is the map's to say."""
    text = json.dumps(crs)
    if crs is not None and not any(known in text for known in ("CRS84", "4326", "4490")):
        raise BadInput(
            Fault(name, None, "crs", shorten(text), "longitude and latitude in degrees (CRS84)"),
            advice="Export it again in EPSG:4326.",
        )


def _feature_row(name: str, number: int, feature: object) -> Row:
    if not isinstance(feature, dict) or not isinstance(feature.get("properties") or {}, dict):
        return Row(number, {}, Fault(name, number, None, shorten(feature), "a GeoJSON feature"))
    cells = {str(key): _json_cell(value) for key, value in (feature.get("properties") or {}).items()}
    if "id" in feature:
        cells.setdefault("id", _json_cell(feature["id"]))
    geometry = feature.get("geometry")
    if geometry is None:
        return Row(number, {**cells, GEOMETRY_LON: "", GEOMETRY_LAT: ""})
    point = geometry.get("coordinates") if isinstance(geometry, dict) and geometry.get("type") == "Point" else None
    if not isinstance(point, list) or len(point) < 2:
        kind = geometry.get("type") if isinstance(geometry, dict) else geometry
        return Row(number, cells, Fault(name, number, "geometry", shorten(kind), "a Point with two coordinates"))
    return Row(number, {**cells, GEOMETRY_LON: _json_cell(point[0]), GEOMETRY_LAT: _json_cell(point[1])})


def _json_cell(value: object) -> str:
    if isinstance(value, dict | list | bool):
        return json.dumps(value, ensure_ascii=False)
    plain = _plain(value)
    return plain if isinstance(plain, str) else plain.isoformat()


def write_faults(faults: Iterable[Fault], path: Path) -> None:
    """The faults as a workbook with ``row, column, found, expected``, put in place whole or not at all.

    Every cell is text: a formula that came in stays the words it was when a spreadsheet program opens the sheet.
    """
    from openpyxl import Workbook
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell

    book = Workbook()
    page = book.active
    assert page is not None
    page.title = "errors"
    heads = ("row", "column", "found", "expected")
    lines = ((fault.row or "", fault.column or "", fault.found, fault.expected) for fault in faults)
    for line_number, line in enumerate((heads, *lines), start=1):
        for column_number, value in enumerate(line, start=1):
            cell = page.cell(line_number, column_number)
            assert isinstance(cell, Cell)
            if isinstance(value, int):
                cell.value = value
            else:
                cell.value = ILLEGAL_CHARACTERS_RE.sub("\N{REPLACEMENT CHARACTER}", value)
                cell.data_type = "s"
                cell.quotePrefix = True
    page.freeze_panes = "A2"
    for letter, width in zip("ABCD", (8, 18, 60, 60), strict=True):
        page.column_dimensions[letter].width = width
    with replacing(path) as target:
        book.save(target)
