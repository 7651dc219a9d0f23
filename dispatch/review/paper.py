"""A document in the making: A4, label and notice on every page, headings, tables, blanks to fill in, signatures."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_ALIGN_VERTICAL
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt
from docx.table import Table, _Row
from docx.text.paragraph import Paragraph

from dispatch.review.plain import plain
from dispatch.review.sealing import sealed
from dispatch.review.wording import Words

A4 = Cm(21.0), Cm(29.7)
LABEL_CM = 4.2
LATIN, CHINESE = "Times New Roman", "SimSun"
QR_CM = 2.6
USUAL = 10
"""Points of what stands in a table."""
GRID = "TableGrid"


@dataclass(frozen=True, slots=True)
class Margins:
    """How far the text stands from the edges of an A4 page, in cm."""

    top: float
    bottom: float
    left: float
    right: float

    @property
    def line(self) -> float:
        """How long a line is."""
        return 21.0 - self.left - self.right


FORM = Margins(2.2, 2.2, 2.2, 2.2)


class Paper:
    """A docx document. All texts may be anybody's: what XML forbids is replaced.

    Parameters
    ----------
    title
        What it is; the heading of its first page and the title of the file.
    made_utc
        The date that the file gives as its own.
    made_up
        What is synthetic; that something is stands at the head of every page, nothing there when empty.
    foot
        What stands at the foot of every page; by default that it is a template of ours.
    """

    margins = FORM

    def __init__(self, words: Words, title: str, made_utc: datetime, made_up: str, foot: str = "") -> None:
        self._words, self._made_up = words, made_up
        self._begun = False
        self._document = Document(io.BytesIO(_blank(self.margins)))
        facts = self._document.core_properties
        facts.title, facts.author, facts.last_modified_by, facts.comments = title, "GridBeat", "GridBeat", ""
        facts.created = facts.modified = made_utc.replace(tzinfo=None)
        facts.language = "zh-CN" if words.language == "zh" else "en"
        section = self._document.sections[0]
        if made_up:
            _write(section.header.paragraphs[0], words("page.made_up"), bold=True, points=9)
        _write(section.footer.paragraphs[0], foot or words("page.template"), points=8)
        numbers = section.footer.add_paragraph()
        numbers.alignment = WD_ALIGN_PARAGRAPH.CENTER
        before, between, after = words("page.number", page="\n", pages="\n").split("\n")
        for text, code in ((before, "PAGE"), (between, "NUMPAGES"), (after, "")):
            _write(numbers, text, points=8)
            if code:
                _field(numbers, code)

    def heading(self, text: str) -> None:
        """The name of a form, large and in the middle; each after the first begins a page."""
        paragraph = self._document.add_paragraph()
        # Not a break before it: at the end of a full page that would leave an empty one.
        paragraph.paragraph_format.page_break_before = self._begun
        self._begun = True
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        paragraph.paragraph_format.space_after = Pt(8)
        _write(paragraph, text, bold=True, points=18)

    def part(self, text: str) -> None:
        """What the next table is about."""
        paragraph = self._document.add_paragraph()
        paragraph.paragraph_format.space_before = Pt(8)
        paragraph.paragraph_format.keep_with_next = True
        _write(paragraph, text, bold=True, points=11)

    def text(self, text: str, *, bold: bool = False, right: bool = False, points: float = 11) -> None:
        """A paragraph."""
        paragraph = self._document.add_paragraph()
        paragraph.paragraph_format.space_after = Pt(4)
        if right:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        _write(paragraph, text, bold=bold, points=points)

    def synthetic(self) -> None:
        """All that is synthetic, where something is: the pages say only that."""
        if self._made_up:
            self.text(self._words("page.synthetic", what=self._made_up), points=9)

    def fields(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Labels on the left, what stands beside them on the right."""
        table = self._table((LABEL_CM, self.margins.line - LABEL_CM))
        for label, value in pairs:
            left, right = _row(table).cells
            _write(left.paragraphs[0], label, bold=True)
            _write(right.paragraphs[0], value)
        self._gap()

    def rows(self, header: Sequence[str], rows: Iterable[Sequence[str]], shares: Sequence[float]) -> None:
        """A table whose header is repeated on every page; ``shares`` are the widths of its columns, in any unit."""
        widths = [self.margins.line * share / sum(shares) for share in shares]
        table = self._table(widths)
        for at, row in enumerate((header, *rows)):
            for cell, text in zip(_row(table).cells, row, strict=True):
                _write(cell.paragraphs[0], text, bold=at == 0)
        table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
        self._gap()

    def blank(self, label: str, height_cm: float, *, signed: bool = False) -> None:
        """A labelled box to write into, with a place for a signature and a date where somebody signs."""
        widths = (LABEL_CM, self.margins.line - LABEL_CM)
        table = self._table(widths)
        row = _row(table)
        row.height = Cm(height_cm)
        left, right = row.cells
        _write(left.paragraphs[0], label, bold=True)
        if signed:
            right.vertical_alignment = WD_ALIGN_VERTICAL.BOTTOM
            right.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.RIGHT
            _write(right.paragraphs[0], self._words("page.signed") + " " * 18 + self._words("page.blank_date"))
        self._gap()

    def code(self, code: str, picture: bytes, beside: str) -> None:
        """A sentence, and on its right a QR code with the code beneath it that people can read."""
        widths = (self.margins.line - 6.4, 6.4)
        table = self._table(widths, bordered=False)
        left, right = _row(table).cells
        _write(left.paragraphs[0], beside)
        middle = right.paragraphs[0]
        middle.alignment = WD_ALIGN_PARAGRAPH.CENTER
        middle.add_run().add_picture(io.BytesIO(picture), width=Cm(QR_CM))
        below = right.add_paragraph()
        below.alignment = WD_ALIGN_PARAGRAPH.CENTER
        _write(below, code, points=8)
        self._gap()

    def content(self) -> bytes:
        """The document as a file; the same document gives the same bytes."""
        out = io.BytesIO()
        self._document.save(out)
        return sealed(out.getvalue())

    def _table(self, widths_cm: Sequence[float], *, bordered: bool = True) -> Table:
        """An empty table; rows that are added take the widths of its columns."""
        table: Table = self._document.add_table(rows=0, cols=len(widths_cm))
        if bordered:
            # By its id: python-docx would go through all styles for every table.
            table._tbl.tblPr.style = GRID
        table.autofit = False
        for column, width in zip(table.columns, widths_cm, strict=True):
            column.width = Cm(width)
        return table

    def _gap(self) -> None:
        """Room between two tables, which would grow together otherwise."""
        gap = self._document.add_paragraph()
        gap.paragraph_format.line_spacing = Pt(6)


@cache
def _blank(margins: Margins) -> bytes:
    """An empty A4 document with fonts for both scripts."""
    document = Document()
    section = document.sections[0]
    section.orientation = WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = A4
    section.top_margin, section.bottom_margin = Cm(margins.top), Cm(margins.bottom)
    section.left_margin, section.right_margin = Cm(margins.left), Cm(margins.right)
    normal: Any = document.styles["Normal"]
    normal.font.name, normal.font.size = LATIN, Pt(USUAL)
    normal.paragraph_format.space_after = Pt(1)
    normal.element.rPr.rFonts.set(qn("w:eastAsia"), CHINESE)
    for language in document.styles.element.iter(qn("w:lang")):
        language.set(qn("w:eastAsia"), "zh-CN")
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _row(table: Table) -> _Row:
    """One more row, which no page end cuts in two."""
    row: _Row = table.add_row()  # type: ignore[no-untyped-call]
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    return row


def _write(paragraph: Paragraph, text: str, *, bold: bool = False, points: float = USUAL) -> None:
    run = paragraph.add_run(plain(text))
    if bold:
        run.bold = True
    if points != USUAL:
        run.font.size = Pt(points)


def _field(paragraph: Paragraph, code: str) -> None:
    """A number that the program which shows the page fills in."""
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), code)
    run = OxmlElement("w:r")
    text = OxmlElement("w:t")
    text.text = "1"
    run.append(text)
    field.append(run)
    paragraph._p.append(field)
