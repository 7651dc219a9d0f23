"""The plan as a workbook: visits, crews, what is undone and why, and what every premises is spared."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import date
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.header_footer import HeaderFooterItem, _HeaderFooterPart
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.writer.excel import ExcelWriter

from dispatch.review.avoided import avoided
from dispatch.review.forms import departments, items, officers
from dispatch.review.papers import Papers, called
from dispatch.review.plain import in_cell, in_line
from dispatch.review.sealing import sealed
from dispatch.review.wording import Words, hour

Value = str | int | float | date
FORMULA = ("=", "+", "-", "@", "\t")
WIDEST = 50
LONGEST_HEADING = 200
"""Letters at the head of a printed page; Excel takes 255 with its own signs."""


def workbook(papers: Papers, words: Words) -> bytes:
    """The sheets visits, crews, undone and avoided behind one that explains, as xlsx.

    On every sheet row 1 says what it is and what is synthetic, also in print; row 2 is the header. Dates are dates,
    hours are texts as HH:MM, nothing is a formula. The same plan gives the same bytes.
    """
    book = Workbook()
    book.properties.created = book.properties.modified = papers.made_utc().replace(tzinfo=None)
    book.properties.creator = "GridBeat"
    first = book.active
    assert isinstance(first, Worksheet)
    first.title = words("sheet.about")
    about = words("sheet.about_lines", made=papers.made_at.astimezone(papers.zone).isoformat(" ", "minutes"))
    _fill(first, papers, words, (), [(line,) for line in about.strip().split("\n")])
    first.column_dimensions["A"].width = 110
    sheets: list[tuple[str, Sequence[str], Iterable[Sequence[Value]]]] = [
        ("visits", VISITS, _visits(papers, words)),
        ("crews", CREWS, _crews(papers, words)),
        ("undone", UNDONE, _undone(papers, words)),
        ("avoided", AVOIDED, _avoided(papers, words)),
    ]
    for name, columns, rows in sheets:
        _fill(book.create_sheet(words(f"sheet.{name}")), papers, words, columns, list(rows))
    return _bytes(book)


VISITS = (
    *("date", "arrive", "leave", "crew", "premises_id", "premises", "town", "items", "departments", "inspectors"),
    *("minutes", "act_code", "visit", "lon", "lat"),
)
CREWS = ("date", "crew", "town", "inspectors", "visits", "checks", "minutes", "travel")
UNDONE = ("item_id", "item", "department", "premises_id", "premises", "window", "reason", "price")
AVOIDED = ("premises_id", "premises", "town", "checks", "departments", "visits", "avoided", "fewest")


def _visits(papers: Papers, words: Words) -> Iterable[Sequence[Value]]:
    for crew, call in papers.calls():
        door, visit = papers.door(call), call.visit
        yield (
            *(crew.day, hour(call.arrive), hour(call.leave), crew.id, door.id, called(papers.door(call))),
            *(papers.named(door.town), items(papers, call, words), departments(papers, [call], words)),
            *(officers(papers, crew, words), visit.minutes, papers.codes[visit.id], visit.id, door.lon, door.lat),
        )


def _crews(papers: Papers, words: Words) -> Iterable[Sequence[Value]]:
    for crew in papers.crews():
        checks = sum(len(call.visit.items) for call in crew.calls)
        minutes = sum(call.visit.minutes for call in crew.calls)
        who = officers(papers, crew, words)
        yield crew.day, crew.id, papers.named(crew.town), who, len(crew.calls), checks, minutes, crew.travel


def _undone(papers: Papers, words: Words) -> Iterable[Sequence[Value]]:
    """Also what names no known item: nothing is dropped in silence."""
    for each in papers.calendar.undone:
        item = papers.items.get(each.item)
        why = (words.why(each.reason), each.price)
        if item is None:
            yield each.item, "", "", "", "", "", *why
            continue
        door = papers.premises.get(item.premises)
        window = f"{item.earliest.isoformat()} – {item.latest.isoformat()}"
        named = (papers.named(item.id), papers.named(item.department), item.premises, called(door) if door else "")
        yield item.id, *named, window, *why


def _avoided(papers: Papers, words: Words) -> Iterable[Sequence[Value]]:
    for each in avoided(papers):
        door, bodies = each.premises, words.listed([papers.named(body) for body in each.departments])
        named = (door.id, called(door), papers.named(door.town))
        yield *named, each.checks, bodies, each.visits, each.avoided, each.fewest


def _fill(
    page: Worksheet, papers: Papers, words: Words, columns: Sequence[str], rows: Sequence[Sequence[Value]]
) -> None:
    label = words("page.synthetic", what=papers.made_up) if papers.made_up else ""
    _put(page, 1, 1, f"{page.title}  {label}".strip()).font = Font(bold=True)
    for at, column in enumerate(columns, 1):
        _put(page, 2, at, words(f"word.{column}")).font = Font(bold=True)
        longest = max((_wide(row[at - 1]) for row in rows), default=0)
        page.column_dimensions[get_column_letter(at)].width = min(max(longest, 8) + 2, WIDEST)
    for number, row in enumerate(rows, 3):
        for at, value in enumerate(row, 1):
            _put(page, number, at, value).alignment = Alignment(vertical="top", wrap_text=True)
    if columns:
        page.freeze_panes = "A3"
        page.auto_filter.ref = f"A2:{get_column_letter(len(columns))}{len(rows) + 2}"
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
