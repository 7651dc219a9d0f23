"""A document of a case as docx, laid out after GB/T 9704: what the case holds is filled in, the rest is a blank.

The documents are the project's own illustrative templates, no official form, which every page says.
"""

from __future__ import annotations

from itertools import groupby

from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Pt

from dispatch.records.case import Stamp
from dispatch.review.casefields import BLANK, CaseFile, fields, said
from dispatch.review.paper import Margins, Paper
from dispatch.review.plain import plain
from dispatch.review.wording import Words, words
from dispatch.rulebook.casedocuments import Document, Line, Text, holds
from dispatch.rulebook.matters import Source

LETTER = Margins(3.7, 3.5, 2.8, 2.6)
"""GB/T 9704-2012, 5.2.1: 37 mm above, 28 mm at the left, and a line of 156 mm."""
BODY, TITLE, LEADING = 16, 22, 28
"""Points of text (号三), of a title (号二), and from line to line."""
FANGSONG, SONG = "FangSong", "SimSun"
FILL_CM = 1.3


class Letter(Paper):
    """A paper with the measures of an official document."""

    margins = LETTER

    def line(self, text: str, *, where: WD_ALIGN_PARAGRAPH, points: float = BODY, bold: bool = False) -> None:
        """A line of its own."""
        self._line(text, where, points, bold, SONG if bold else FANGSONG, 0.0)

    def body(self, text: str) -> None:
        """A paragraph, its first line two characters in."""
        self._line(text, WD_ALIGN_PARAGRAPH.JUSTIFY, BODY, False, FANGSONG, 2.0 * BODY)

    def _line(
        self, text: str, where: WD_ALIGN_PARAGRAPH, points: float, bold: bool, font: str, indent_pt: float
    ) -> None:
        paragraph = self._document.add_paragraph()
        paragraph.alignment = where
        paragraph.paragraph_format.line_spacing = Pt(max(LEADING, points * 1.4))
        paragraph.paragraph_format.first_line_indent = Pt(indent_pt)
        run = paragraph.add_run(plain(text))
        run.bold, run.font.size = bold, Pt(points)
        run._r.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)


def case_paper(file: CaseFile, document: Document, stamp: Stamp | None) -> bytes:
    """One document of a case as docx, in Chinese, as the law wants it; the same case gives the same bytes."""
    w = words("zh")
    told, facts = fields(file, stamp, w), said(file, stamp)
    letter = Letter(w, document.name_zh, file.made_utc(stamp), file.made_up, w("case.foot", basis=_basis(document, w)))
    middle = WD_ALIGN_PARAGRAPH.CENTER
    letter.line(told["authority"], where=middle, points=TITLE)
    letter.line(document.name_zh, where=middle, points=TITLE, bold=True)
    letter.line(w("case.reference", blank=BLANK), where=middle)
    letter.line(_numbers(file, stamp, w), where=middle, points=12)
    standing = [text for text in document.texts if holds(text.when, facts)]
    for kind, lines in groupby(standing, key=lambda text: text.kind):
        _lines(letter, kind, list(lines), told, _signed_on(file, stamp, w), w)
    letter.synthetic()
    return letter.content()


def _lines(letter: Letter, kind: Line, lines: list[Text], told: dict[str, str], day: str, w: Words) -> None:
    if kind is Line.ROW:
        letter.fields((text.label, text.text.format_map(told)) for text in lines)
        return
    for text in lines:
        if kind is Line.TO:
            letter.line(text.text.format_map(told) + w("page.colon"), where=WD_ALIGN_PARAGRAPH.LEFT)
        elif kind is Line.TEXT:
            letter.body(text.text.format_map(told))
        elif kind is Line.FILL:
            letter.blank(text.label, FILL_CM, signed=True)
        else:
            for line in (told["authority"], w("case.seal"), day):
                letter.line(line, where=WD_ALIGN_PARAGRAPH.RIGHT)


def _numbers(file: CaseFile, stamp: Stamp | None, w: Words) -> str:
    code = stamp.act_code if stamp else ""
    return w("case.numbers_and_code" if code else "case.numbers", number=file.case.id, code=code)


def _signed_on(file: CaseFile, stamp: Stamp | None, w: Words) -> str:
    """The day of the step; to be filled in while that is not done."""
    day = file.day(stamp.at) if stamp else None
    return w("case.day", y=day.year, m=day.month, d=day.day) if day else w("page.blank_date")


def _basis(document: Document, w: Words) -> str:
    return w("case.illustrative", law=document.basis) if document.source is Source.ILLUSTRATIVE else document.basis
