"""Published figures beside ours as a workbook, in the reader's words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from dispatch.review.book import Book, Value
from scenarios.reproduced.table import Left, Means, Row, figure_name
from ui.wording import Wording

COLUMNS = (
    *(
        "place",
        "figure",
        "name",
        "quote",
        "document",
        "published",
        "value",
        "low",
        "high",
        "kind",
        "inside",
        "tolerance",
    ),
    *("note", "assumption", "moves"),
)
ASSUMPTION_COLUMNS = ("id", "text", "low", "usual", "high", "unit", "source")
LEFT_COLUMNS = ("place", "figure", "name", "reason")


def workbook(rows: Sequence[Row], left: Sequence[Left], means: Means, w: Wording) -> bytes:
    """The table as xlsx with its assumptions and what no software carries; the same rows give the same bytes."""
    book = Book(datetime(2000, 1, 1, tzinfo=UTC), w("reproduce.label"))
    about = w("reproduce.about", draws=means.draws, replications=means.replications, seed=means.seed)
    book.about(w("reproduce.sheet_about"), about.strip().split("\n"))

    def header(columns: Sequence[str]) -> list[str]:
        return [w(f"reproduce.column_{column}") for column in columns]

    book.sheet(w("reproduce.sheet_figures"), header(COLUMNS), [_cells(row, w) for row in rows])
    used = {one.id: one for row in rows for one in row.assumptions}.values()
    assumed = [
        (
            *(one.id, w.pick(one.text_zh, one.text_en), one.low, one.usual, one.high),
            *(w(f"reproduce.unit_{one.unit.replace(' ', '_')}"), w(f"reproduce.source_{one.source}")),
        )
        for one in used
    ]
    book.sheet(w("reproduce.sheet_assumptions"), header(ASSUMPTION_COLUMNS), assumed)
    missing = [
        (one.place, one.figure, w.pick(*figure_name(one.place, one.figure)), w.pick(one.reason_zh, one.reason_en))
        for one in left
    ]
    book.sheet(w("reproduce.sheet_left_out"), header(LEFT_COLUMNS), missing)
    return book.content()


def number(value: float) -> str:
    """Four digits, without a decimal point where there is nothing behind it.

    Examples
    --------
    >>> number(11441.0), number(13.9538), number(0.5)
    ('11441', '13.95', '0.5')
    """
    return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def _cells(row: Row, w: Wording) -> tuple[Value, ...]:
    line = row.line
    low, high = row.interval or ("", "")
    return (
        *(
            line.place,
            line.figure,
            w.pick(*figure_name(line.place, line.figure)),
            row.quote,
            row.document,
            row.published,
            row.value,
            low,
            high,
        ),
        *(w(f"reproduce.{line.kind.value}"), w(f"reproduce.{'inside' if row.inside else 'outside'}"), line.tolerance),
        *(w.pick(line.note_zh, line.note_en), "\n".join(w.pick(one.text_zh, one.text_en) for one in row.assumptions)),
        "\n".join(f"{move.assumption}: {number(move.low)} – {number(move.high)}" for move in row.moves),
    )
