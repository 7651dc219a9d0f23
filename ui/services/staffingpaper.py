"""The comparison of two plans as a document and as a workbook; every number can be traced to plan, place and seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version

from dispatch.review.book import Book, Value
from dispatch.review.paper import Paper
from dispatch.review.wording import words as paper_words
from simulation.intervals import Estimate
from simulation.plan import StaffingPlan
from ui.services.comparing import INDICATORS, Indicator, Unit, told
from ui.services.experimenting import Assumption, Pair
from ui.wording import Wording

BY_TOWN = ("on_time_share", "closure_h_p90", "backlog_end")


@dataclass(frozen=True)
class Report:
    """What a report is made of, in the reader's words.

    Attributes
    ----------
    plans
        As they are kept, A and B; what is played may begin on another day.
    met
        What both met beside the place's own demand, or empty.
    said, warnings
        The verdict, and what to know before the means are read, each a sentence.
    towns
        Name of each town by code.
    made_up
        What of the place is synthetic, or empty.
    """

    pair: Pair
    plans: tuple[StaffingPlan, StaffingPlan]
    met: str
    place: str
    place_hash: str
    said: Sequence[str]
    warnings: Sequence[str]
    assumptions: Sequence[Assumption]
    towns: dict[str, str]
    made_up: str
    made_at: datetime

    @property
    def replications(self) -> int:
        return min(len(self.pair.one.outcomes), len(self.pair.other.outcomes))

    def mark(self, w: Wording) -> str:
        """What every number goes back to, on one line."""
        one, other = self.plans
        return w(
            "staffing.mark",
            one=one.hash,
            other=other.hash,
            place=self.place_hash,
            seed=self.pair.one.seed,
            n=self.replications,
            version=version("gridbeat"),
        )


def document(report: Report, w: Wording) -> bytes:
    """The report as docx; the mark stands at the foot of every page."""
    title = w("staffing.report_title", place=report.place)
    mark = report.mark(w)
    paper = Paper(paper_words(w.language.value), title, report.made_at.astimezone(UTC), report.made_up, mark)
    paper.heading(title)
    paper.fields(_facts(report, w))
    paper.part(w("staffing.report_verdict"))
    for line in report.said:
        paper.text(line)
    for line in report.warnings:
        paper.text(line, bold=True)
    paper.part(w("staffing.report_indicators"))
    header = (w("staffing.indicator"), "A", "B", w("staffing.apart"))
    paper.rows(header, [_row(report, each, w) for each in INDICATORS], (4, 3, 3, 3))
    paper.text(w("staffing.how_to_read"), points=9)
    for name in BY_TOWN:
        indicator = next(each for each in INDICATORS if each.name == name)
        paper.part(w("staffing.report_town", indicator=_named(indicator, w)))
        paper.rows(
            (w("staffing.town"), *header[1:]), [_row(report, indicator, w, town) for town in report.towns], (4, 3, 3, 3)
        )
    paper.part(w("staffing.report_assumed"))
    for line in _assumed(report, w):
        paper.text(line)
    paper.synthetic()
    paper.text(mark, points=9)
    return paper.content()


def workbook(report: Report, w: Wording) -> bytes:
    """The same as xlsx with whole numbers; every row carries both hashes and the seed."""
    words = paper_words(w.language.value)
    synthetic = (words("page.made_up"), words("page.synthetic", what=report.made_up)) if report.made_up else ("", "")
    book = Book(report.made_at.astimezone(UTC), *synthetic)
    lines = [w("staffing.report_title", place=report.place), *(f"{a}: {b}" for a, b in _facts(report, w))]
    book.about(
        w("staffing.sheet_about"), [*lines, *report.said, *report.warnings, *_assumed(report, w), report.mark(w)]
    )
    one, other = report.plans
    trace = (one.hash, other.hash, report.place_hash, report.pair.one.seed, report.replications)
    header = [w(f"staffing.sheet_{name}") for name in COLUMNS]
    book.sheet(w("staffing.sheet_place"), header, [(*_values(report, each, w), *trace) for each in INDICATORS])
    rows = [
        (report.towns[town], *_values(report, each, w, town), *trace)
        for town in report.towns
        for each in INDICATORS
        if each.name in report.pair.apart.get(town, {})
    ]
    book.sheet(w("staffing.sheet_towns"), [w("staffing.town"), *header], rows)
    if report.assumptions:
        turned = [(*line, *trace) for line in _turned(report, w)]
        names = ("assumed", "factor", "indicator", "apart", "apart_half")
        columns = [w(f"staffing.sheet_{name}") for name in (*names, *TRACED)]
        book.sheet(w("staffing.sheet_assumptions"), columns, turned)
    return book.content()


TRACED = ("plan_a", "plan_b", "place_hash", "seed", "replications")
COLUMNS = ("indicator", "unit", "a", "a_half", "b", "b_half", "apart", "apart_half", *TRACED)


def _facts(report: Report, w: Wording) -> list[tuple[str, str]]:
    told = []
    for side, plan in zip("AB", report.plans, strict=True):
        file = plan.file
        facts = w("staffing.report_plan", n=plan.heads, reviewers=plan.reviewers, hash=plan.hash)
        if plan.training:
            facts += w("staffing.report_training", n=sum(course.officers for course in plan.training))
        told.append((f"{w('staffing.plan')} {side}", f"{w.pick(file.title_zh, file.title_en)} · {facts}"))
    file = report.pair.one.setup.plan.file
    period = w("staffing.report_period", begins=file.begins.isoformat(), days=file.days, warm_up=file.warm_up_days)
    played = w("staffing.report_played", n=report.replications, seed=report.pair.one.seed)
    made = report.made_at.isoformat(" ", "minutes")
    return [
        *told,
        (w("staffing.met"), report.met or w("staffing.demand_own")),
        (w("staffing.period"), period),
        (w("staffing.report_runs"), played),
        (w("staffing.report_place"), f"{report.place} · {report.place_hash}"),
        (w("staffing.report_made"), made),
    ]


def _named(indicator: Indicator, w: Wording) -> str:
    return f"{w(f'staffing.kpi_{indicator.name}')} ({w(f'staffing.unit_{indicator.unit}')})"


def _estimates(report: Report, name: str, town: str) -> tuple[Estimate | None, Estimate | None, Estimate | None]:
    pair = report.pair
    tables = (pair.one.estimates, pair.other.estimates, pair.apart)
    one, other, apart = (table.get(town, {}).get(name) for table in tables)
    return one, other, apart


def _row(report: Report, indicator: Indicator, w: Wording, town: str = "") -> tuple[str, str, str, str]:
    one, other, apart = _estimates(report, indicator.name, town)
    first = report.towns[town] if town else _named(indicator, w)
    unit = indicator.unit
    return first, told(one, unit), told(other, unit), told(apart, unit, signed=True)


def _values(report: Report, indicator: Indicator, w: Wording, town: str = "") -> tuple[Value, ...]:
    found = _estimates(report, indicator.name, town)
    numbers = [number for one in found for number in _numbers(one, indicator.unit)]
    return w(f"staffing.kpi_{indicator.name}"), w(f"staffing.unit_{indicator.unit}"), *numbers


def _numbers(one: Estimate | None, unit: Unit) -> tuple[Value, Value]:
    """Mean and half-width in the unit; empty where there is none."""
    if one is None:
        return "", ""
    scale = 100 if unit is Unit.SHARE else 1
    mean, half = (value * scale if value == value else "" for value in (one.mean, one.half))
    return mean, half


def _turned(report: Report, w: Wording) -> list[tuple[Value, ...]]:
    return [
        (
            w(f"staffing.assume_{each.name}"),
            factor,
            _named(indicator, w),
            *_numbers(apart.get(indicator.name), indicator.unit),
        )
        for each in report.assumptions
        for factor, apart in each.points
        for indicator in INDICATORS
        if indicator.good
    ]


def _assumed(report: Report, w: Wording) -> list[str]:
    """What the plans say is assumed, each sentence once."""
    pairs = [pair for plan in report.plans for pair in plan.file.assumptions]
    return [w.pick(zh, en) for zh, en in dict.fromkeys(pairs)]
