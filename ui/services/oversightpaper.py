"""An evaluation as a workbook and as a document, in the reader's words; no sheet has a column for money."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from dispatch.oversight import bundled
from dispatch.oversight.evaluation import Evaluation
from dispatch.oversight.indicators import INDICATORS, OF_INCIDENTS, About, Share
from dispatch.oversight.marks import Weights, mark
from dispatch.oversight.matrix import COUNTS
from dispatch.review.book import Book, Value
from dispatch.review.paper import Paper
from dispatch.review.wording import words as paper_words
from ui.wording import Wording

MOST_IN_DOCUMENT = 20
"""Lines of a table in the document; the workbook has them all."""

Names = Mapping[str, str]


@dataclass(frozen=True)
class Report:
    """What a report is made of.

    Attributes
    ----------
    towns, departments, teams, matters
        Names by code in the reader's language; what has none is shown by its code.
    head
        Hash of the ledger's last entry that was read.
    made_up
        What of the place is synthetic, or empty.
    """

    evaluation: Evaluation
    weights: Weights
    place: str
    towns: Names
    departments: Names
    teams: Names
    matters: Names
    head: str
    made_up: str
    made_at: datetime
    zone: ZoneInfo


def workbook(report: Report, w: Wording) -> bytes:
    """Every figure as xlsx: shares as how many of how many, and as a number beside."""
    words = paper_words(w.language.value)
    synthetic = (words("page.made_up"), words("page.synthetic", what=report.made_up)) if report.made_up else ("", "")
    book = Book(report.made_at.astimezone(UTC), *synthetic)
    book.about(w("oversight.about"), [_title(report, w), *_facts(report, w), *_read_me(w)])
    for name, (header, rows) in tables(report, w).items():
        book.sheet(w(f"oversight.{name}"), header, rows)
    return book.content()


def document(report: Report, w: Wording) -> bytes:
    """The same as docx for a meeting, the longest tables cut with the number of lines that are left out."""
    foot = _mark(report, w)
    paper = Paper(
        paper_words(w.language.value), _title(report, w), report.made_at.astimezone(UTC), report.made_up, foot
    )
    paper.heading(_title(report, w))
    for line in _facts(report, w):
        paper.text(line)
    for name, (header, rows) in tables(report, w).items():
        paper.part(w(f"oversight.{name}"))
        if not rows:
            paper.text(w("oversight.nothing"))
            continue
        shown = [[said(value) for value in row] for row in rows[:MOST_IN_DOCUMENT]]
        paper.rows(header, shown, [2.0, *[1.0] * (len(header) - 1)])
        if len(rows) > MOST_IN_DOCUMENT:
            paper.text(w("oversight.more", n=len(rows) - MOST_IN_DOCUMENT), points=9)
    for line in _read_me(w):
        paper.text(line, points=9)
    paper.synthetic()
    return paper.content()


Table = tuple[Sequence[str], Sequence[Sequence[Value]]]
"""A header and its rows."""


def tables(report: Report, w: Wording) -> dict[str, Table]:
    """Every table by its name: ``of_town`` and its like, ``gauges``, ``matrix``, ``findings`` and so on."""
    made = {
        "gauges": _gauges,
        "matrix": _matrix,
        "bundled": _bundled,
        "findings": _findings,
        "evenness": _evenness,
        "hot_spots": _hot_spots,
    }
    of = {f"of_{about}": _of(report, about, w) for about in OF_INCIDENTS}
    return of | {name: table(report, w) for name, table in made.items()}


def _of(report: Report, about: About, w: Wording) -> Table:
    """The indicators of towns, dispatchers, teams or sources, the best mark first; without weights by name."""
    names = [each.name for each in INDICATORS if each.about is about]
    weighed = any(someone is about for someone, _ in report.weights)
    header = [w(f"oversight.{about}"), *([w("oversight.mark")] if weighed else [])]
    header += [w(f"oversight.{name}") for name in names]
    if about is About.TOWN:
        header.append(w("oversight.again"))
    if about is About.TEAM:
        header.append(w("oversight.hours"))
    rows: list[tuple[float, list[Value]]] = []
    for who, shares in report.evaluation.shares[about].items():
        points = mark(shares, about, report.weights)
        row: list[Value] = [_called(report, about, who, w), *([_number(points)] if weighed else [])]
        row += [_share(shares[name]) for name in names]
        if about is About.TOWN:
            row.append(_share(report.evaluation.again.get(who, Share(0, 0))))
        if about is About.TEAM:
            row.append(_number(report.evaluation.hours.get(who, math.nan)))
        rows.append((points, row))
    rows.sort(key=lambda each: (math.isnan(each[0]), -each[0] if not math.isnan(each[0]) else 0.0, str(each[1][0])))
    return header, [row for _, row in rows]


def _gauges(report: Report, w: Wording) -> Table:
    return (
        [w("oversight.gauge"), w("oversight.share"), w("oversight.percent")],
        [
            [w(f"oversight.gauge_{name}"), _share(share), _number(100 * share.value)]
            for name, share in report.evaluation.gauges.items()
        ],
    )


def _matrix(report: Report, w: Wording) -> Table:
    return (
        [w(f"oversight.{name}") for name in ("town", "department", *(f"count_{name}" for name in COUNTS), "mark")],
        [
            [
                report.towns.get(row.town, row.town) or w("oversight.by_matter"),
                report.departments.get(row.department, row.department),
                *(getattr(row, name) for name in COUNTS),
                _number(bundled.of_pair(row, report.weights)),
            ]
            for row in report.evaluation.matrix
        ],
    )


def _bundled(report: Report, w: Wording) -> Table:
    matrix, weights = report.evaluation.matrix, report.weights
    sides = (
        ("department", report.departments, bundled.departments(matrix, weights)),
        ("town", report.towns, bundled.towns(matrix, weights)),
    )
    return (
        [w(f"oversight.{name}") for name in ("side", "who", "count_asked", "mark")],
        [
            [w(f"oversight.{side}"), names.get(each.who, each.who), each.asked, _number(each.mark)]
            for side, names, marks in sides
            for each in sorted(marks, key=lambda each: (math.isnan(each.mark), -each.mark, each.who))
        ],
    )


def _findings(report: Report, w: Wording) -> Table:
    return (
        [w(f"oversight.finding_{name}") for name in ("rule", "why", "subject", "people", "at", "town")],
        [
            [
                w(f"oversight.rule_{each.rule}"),
                _why(each.why.code, each.why.values, w),
                each.subject,
                "、".join(report.teams.get(one, one) for one in each.people),
                each.at.astimezone(report.zone).strftime("%Y-%m-%d %H:%M"),
                report.towns.get(each.town, each.town),
            ]
            for each in report.evaluation.findings
        ],
    )


def _evenness(report: Report, w: Wording) -> Table:
    return (
        [w(f"oversight.even_{name}") for name in ("matter", "apart", "chance", "tiers")],
        [
            [
                report.matters.get(each.matter, each.matter),
                _number(each.apart, 2),
                w("oversight.too_few") if each.chance is None else _number(each.chance, 4),
                "; ".join(
                    f"{report.towns.get(town, town)} " + " ".join(f"{tier}:{n}" for tier, n in tiers.items())
                    for town, tiers in each.tiers.items()
                ),
            ]
            for each in report.evaluation.evenness
        ],
    )


def _hot_spots(report: Report, w: Wording) -> Table:
    return (
        [w(f"oversight.hot_{name}") for name in ("cell", "town", "count", "around", "expected", "z", "chance")],
        [
            [
                each.cell,
                report.towns.get(each.cell[:9], each.cell[:9]),
                each.count,
                each.around,
                _number(each.expected, 2),
                _number(each.z, 2),
                f"{each.chance:.2g}",
            ]
            for each in report.evaluation.hot_spots
        ],
    )


def _title(report: Report, w: Wording) -> str:
    return w("oversight.title", place=report.place)


def _facts(report: Report, w: Wording) -> list[str]:
    found = report.evaluation
    first, last = (at.astimezone(report.zone).strftime("%Y-%m-%d %H:%M") for at in (found.since, found.until))
    return [w("oversight.time", first=first, last=last), w("oversight.reports", n=found.incidents), _mark(report, w)]


def _mark(report: Report, w: Wording) -> str:
    return w("oversight.traced", head=report.head[:16])


def _read_me(w: Wording) -> list[str]:
    return [w("oversight.how_counted"), w("oversight.how_weighed"), w("oversight.how_found"), w("oversight.how_hot")]


def _called(report: Report, about: About, who: str, w: Wording) -> str:
    if about is About.TOWN:
        return report.towns.get(who, who)
    if about is About.TEAM:
        return report.teams.get(who, who)
    return w.words.get(f"story.source.{who}", who) if about is About.SOURCE else who


def _why(code: str, values: Mapping[str, str | int | float], w: Wording) -> str:
    told = {name: w.words.get(f"value.{value}", str(value)) for name, value in values.items()}
    for name in [name for name in told if name.endswith("_zh")]:
        base = name.removesuffix("_zh")
        told[base] = w.pick(told[name], told.get(f"{base}_en", ""))
    words = w.words.get(f"oversight.why_{code}") or w.words.get(f"reason.{code}")
    return words.format(**told) if words else code


def _share(share: Share) -> str:
    return f"{share.kept} / {share.of}" if share.of else "–"


def _number(value: float, digits: int = 1) -> Value:
    return "–" if math.isnan(value) else round(value, digits)


def said(value: Value) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
