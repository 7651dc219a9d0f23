"""An appraisal as tables for the screen, as a workbook and as a document; each says whether it is a draft."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from dispatch.oversight import bundled
from dispatch.oversight.appeals import Standing
from dispatch.oversight.appraising import Counted, Figures
from dispatch.oversight.indicators import About
from dispatch.oversight.matrix import COUNTS, ReportingIn
from dispatch.records.appraisal import Side
from dispatch.review.book import Book, Value
from dispatch.review.paper import Paper
from dispatch.review.wording import words as paper_words
from ui.services.appraising import event_of
from ui.services.centre import Centre
from ui.services.oversightpaper import Names, Table, said
from ui.wording import Wording

DEED_OF_FINDING = "oversight.rule_"


@dataclass(frozen=True)
class Sheet:
    """What the papers of an appraisal are made of, as far as its reader sees it; names by code in their language."""

    found: Standing
    place: str
    towns: Names
    departments: Names
    made_up: str
    made_at: datetime
    zone: ZoneInfo


def workbook(sheet: Sheet, w: Wording) -> bytes:
    """Every figure as xlsx, before and after what was upheld."""
    words = paper_words(w.language.value)
    synthetic = (words("page.made_up"), words("page.synthetic", what=sheet.made_up)) if sheet.made_up else ("", "")
    book = Book(sheet.made_at.astimezone(UTC), *synthetic)
    book.about(w("appraisal.about"), [_title(sheet, w), *facts(sheet, w), w("appraisal.how")])
    for name, (header, rows) in tables(sheet, w).items():
        book.sheet(w(f"appraisal.{name}"), header, rows)
    return book.content()


def document(sheet: Sheet, w: Wording) -> bytes:
    """The same as docx, the hash and whether it is a draft at the foot of every page."""
    made = sheet.made_at.astimezone(UTC)
    foot = f"{state(sheet, w)} · {_hash(sheet, w)}"
    paper = Paper(paper_words(w.language.value), _title(sheet, w), made, sheet.made_up, foot)
    paper.heading(_title(sheet, w))
    for line in facts(sheet, w):
        paper.text(line)
    for name, (header, rows) in tables(sheet, w).items():
        paper.part(w(f"appraisal.{name}"))
        if rows:
            paper.rows(header, [[said(value) for value in row] for row in rows], [2.0, *[1.0] * (len(header) - 1)])
        else:
            paper.text(w("oversight.nothing"))
    paper.text(w("appraisal.how"), points=9)
    paper.synthetic()
    return paper.content()


def tables(sheet: Sheet, w: Wording) -> dict[str, Table]:
    """Every table by its name: ``marks``, ``pairs``, ``objections``."""
    return {"marks": _marks(sheet, w), "pairs": _pairs(sheet, w), "objections": _objections(sheet, w)}


def state(sheet: Sheet, w: Wording) -> str:
    """Draft, with the last day for objections, or published."""
    one = sheet.found.appraisal
    if one.published_at is not None:
        return w("appraisal.published", at=_at(sheet, one.published_at), who=one.published_by)
    last = one.appeal_by_at.astimezone(sheet.zone).date() - timedelta(days=1)
    return w("appraisal.draft", day=last.isoformat())


def facts(sheet: Sheet, w: Wording) -> list[str]:
    """What is to be known of it before its figures are read."""
    one, found = sheet.found.appraisal, sheet.found
    weights = w("app.comma").join(f"{w(f'appraisal.share_{name}')} {n}" for name, n in found.basis.weights.items())
    return [
        state(sheet, w),
        w("appraisal.opened", at=_at(sheet, one.opened_at), who=one.opened_by, n=len(found.basis.events)),
        w("appraisal.weights", weights=weights),
        _hash(sheet, w),
        *([] if found.whole else [w("appraisal.altered")]),
    ]


def called(event: Counted, towns: Names, departments: Names, w: Wording) -> str:
    """An event in words: what was done about what, and whom it counts for."""
    deed = w(f"{DEED_OF_FINDING}{event.deed}") if event.finding else w(f"deed.{event.deed}")
    whom = towns.get(event.town, event.town) or w("oversight.by_matter")
    if event.department:
        whom = f"{whom} → {departments.get(event.department, event.department)}"
    return f"{event.id} · {deed} · {event.subject} · {whom}"


def _marks(sheet: Sheet, w: Wording) -> Table:
    header = [w(f"appraisal.{name}") for name in MARKS]
    names = {Side.TOWN: sheet.towns, Side.DEPARTMENT: sheet.departments}
    rows: list[list[Value]] = []
    for side in (Side.DEPARTMENT, Side.TOWN):
        before, after = _marked(sheet.found.before, side), _marked(sheet.found.after, side)
        order = sorted(before, key=lambda who: (math.isnan(before[who][1]), -before[who][1], who))
        rows += [
            [
                w(f"oversight.{side}"),
                names[side].get(who, who),
                *_number_of(before[who], side),
                *_number_of(after.get(who, (0, math.nan, 0)), side),
            ]
            for who in order
        ]
    return header, rows


MARKS = ("side", "who", "asked", "mark", "findings", "asked_after", "mark_after", "findings_after")


def _marked(of: Figures, side: Side) -> dict[str, tuple[int, float, int]]:
    """How often asked, the mark, and the findings, by whom; a town may have findings and have asked nobody."""
    found = {each.who: (each.asked, each.mark, 0) for each in of.of(side)}
    if side is Side.TOWN:
        for town, n in of.findings.items():
            asked, mark, _ = found.get(town, (0, math.nan, 0))
            found[town] = asked, mark, n
    return found


def _number_of(told: tuple[int, float, int], side: Side) -> list[Value]:
    asked, mark, found = told
    return [asked, _number(mark), found if side is Side.TOWN else "–"]


def _pairs(sheet: Sheet, w: Wording) -> Table:
    """Each pair with its counts, and beside what changed the count after the rulings."""
    after = {(row.town, row.department): row for row in sheet.found.after.matrix}
    weights = {(About.PAIR, name): weight for name, weight in sheet.found.basis.weights.items()}
    header = [w(f"oversight.{name}") for name in ("town", "department", "mark", *(f"count_{name}" for name in COUNTS))]
    rows = []
    for row in sheet.found.before.matrix:
        left = after.get((row.town, row.department), ReportingIn(row.town, row.department))
        marks = bundled.of_pair(row, weights), bundled.of_pair(left, weights)
        rows.append(
            [
                sheet.towns.get(row.town, row.town) or w("oversight.by_matter"),
                sheet.departments.get(row.department, row.department),
                _both(*map(_number, marks)),
                *(_both(getattr(row, name), getattr(left, name)) for name in COUNTS),
            ]
        )
    return header, rows


def _objections(sheet: Sheet, w: Wording) -> Table:
    header = [w(f"appraisal.{name}") for name in OBJECTIONS]
    names = {Side.TOWN: sheet.towns, Side.DEPARTMENT: sheet.departments}
    return header, [
        [
            each.id.rpartition("-")[2],
            names[each.side].get(each.who, each.who),
            called(event_of(sheet.found, each), sheet.towns, sheet.departments, w),
            each.said,
            each.evidence,
            w(f"appraisal.ruling_{each.ruling}"),
            each.reason or "–",
            _at(sheet, each.ruled_at) if each.ruled_at else "–",
        ]
        for each in sheet.found.objections
    ]


OBJECTIONS = ("objection", "who", "event", "said", "evidence", "ruling", "reason", "ruled_at")


def _title(sheet: Sheet, w: Wording) -> str:
    return w("appraisal.title", place=sheet.place, time=span(sheet.found, w))


def span(found: Standing, w: Wording) -> str:
    """The time that is appraised, by its first and last day."""
    one = found.appraisal
    last = one.end - timedelta(days=1)
    return w("oversight.whole", first=one.first.isoformat(), last=last.isoformat())


def _hash(sheet: Sheet, w: Wording) -> str:
    one = sheet.found.appraisal
    return w("appraisal.hash", hash=one.sha256[:16], head=one.head[:16])


def sheet_of(found: Standing, opened: Centre, w: Wording) -> Sheet:
    """An appraisal with the names of all it speaks of, in the reader's words."""
    scenario = opened.scenario
    return Sheet(
        found=found,
        place=w.pick(scenario.title_zh, scenario.title_en),
        towns={code: scenario.areas.name(code) for code in (*scenario.areas.towns, scenario.code)},
        departments={code: w.pick(each.name_zh, each.name_en) for code, each in scenario.rules.departments.items()},
        made_up=w.sentences(scenario.synthetic),
        made_at=found.appraisal.published_at or opened.clock(),
        zone=opened.zone,
    )


def _at(sheet: Sheet, at: datetime) -> str:
    return at.astimezone(sheet.zone).strftime("%Y-%m-%d %H:%M")


def _both(before: Value, after: Value) -> Value:
    """A figure, and what is left of it where that is another."""
    return before if before == after else f"{said(before)} → {said(after)}"


def _number(value: float) -> Value:
    return "–" if math.isnan(value) else round(value, 1)
