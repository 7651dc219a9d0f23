"""What a planner hands over beside a comparison, as a document and a workbook; every row goes back to plan and seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from dispatch.review.book import Book, Value
from dispatch.review.paper import Paper
from dispatch.review.wording import words as paper_words
from ui.wording import Wording


@dataclass(frozen=True)
class Part:
    """A heading with sentences and a table.

    Attributes
    ----------
    rows
        As people read them.
    values
        The same as whole numbers, with ``columns`` as their header.
    """

    title: str
    lines: Sequence[str] = ()
    header: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    columns: Sequence[str] = ()
    values: Sequence[Sequence[Value]] = ()


@dataclass(frozen=True)
class Findings:
    """A paper, in the reader's words.

    Attributes
    ----------
    facts
        Labels with what stands beside them.
    assumed
        Sentences on what was assumed.
    trace
        Columns that every row of the workbook ends with, each with its value.
    mark
        What every number goes back to, on one line; the foot of every page.
    made_up
        What of the place is synthetic, or empty.
    """

    title: str
    facts: Sequence[tuple[str, str]]
    parts: Sequence[Part]
    assumed: Sequence[str]
    trace: Sequence[tuple[str, Value]]
    mark: str
    made_up: str
    made_at: datetime


def document(findings: Findings, w: Wording) -> bytes:
    """The findings as docx."""
    words = paper_words(w.language.value)
    paper = Paper(words, findings.title, findings.made_at.astimezone(UTC), findings.made_up, findings.mark)
    paper.heading(findings.title)
    paper.fields(findings.facts)
    for part in findings.parts:
        paper.part(part.title)
        for line in part.lines:
            paper.text(line)
        if part.rows:
            paper.rows(part.header, part.rows, (4, *(3 for _ in part.header[1:])))
    if findings.assumed:
        paper.part(w("staffing.report_assumed"))
        for line in findings.assumed:
            paper.text(line)
    paper.synthetic()
    paper.text(findings.mark, points=9)
    return paper.content()


def workbook(findings: Findings, w: Wording) -> bytes:
    """The findings as xlsx: a sheet for each table."""
    words = paper_words(w.language.value)
    synthetic = (
        (words("page.made_up"), words("page.synthetic", what=findings.made_up)) if findings.made_up else ("", "")
    )
    book = Book(findings.made_at.astimezone(UTC), *synthetic)
    said = [line for part in findings.parts for line in part.lines]
    facts = [f"{name}: {value}" for name, value in findings.facts]
    book.about(w("staffing.sheet_about"), [findings.title, *facts, *said, *findings.assumed, findings.mark])
    trace = [value for _, value in findings.trace]
    for part in findings.parts:
        if part.values:
            header = [*part.columns, *(name for name, _ in findings.trace)]
            book.sheet(part.title, header, [(*row, *trace) for row in part.values])
    return book.content()
