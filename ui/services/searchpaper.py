"""What a search came to, as findings to hand over."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version

from dispatch.review.book import Value
from scenarios.runkeeping import Run
from scenarios.searchkeeping import Answer, FoundPlan, Search
from simulation.intervals import Estimate
from ui.services.comparing import Unit, told
from ui.services.findings import Findings, Part
from ui.wording import Wording


@dataclass(frozen=True)
class SearchReport:
    """A search that has come to its end, in the reader's words.

    Attributes
    ----------
    run
        The plan it began with, and what that met.
    promise
        What is stated about the choice.
    desks, towns
        Their names by id and by code.
    """

    search: Search
    run: Run
    answer: Answer
    place: str
    met: str
    promise: str
    desks: dict[str, str]
    towns: dict[str, str]
    made_up: str
    made_at: datetime


def findings(report: SearchReport, w: Wording) -> Findings:
    """The chosen plan, its front of cost and lateness, and what an officer more is worth in each town."""
    run, answer, question = report.run, report.answer, report.search.question
    file = run.plan.file
    facts = [
        (w("staffing.search_from"), f"{w.pick(file.title_zh, file.title_en)} · {run.plan.hash}"),
        (w("staffing.cap"), str(question.cap)),
        (w("staffing.met"), report.met or w("staffing.demand_own")),
        (w("staffing.report_place"), f"{report.place} · {run.place_hash}"),
        (w("staffing.seed"), str(run.seed)),
        (w("staffing.report_made"), report.made_at.isoformat(" ", "minutes")),
    ]
    mark = w(
        "staffing.search_mark",
        search=report.search.id,
        plan=run.plan.hash,
        place=run.place_hash,
        seed=run.seed,
        version=version("gridbeat"),
    )
    trace: list[tuple[str, Value]] = [
        (w("staffing.search_id"), report.search.id),
        (w("staffing.hash"), run.plan.hash),
        (w("staffing.sheet_place_hash"), run.place_hash),
        (w("staffing.sheet_seed"), run.seed),
    ]
    return Findings(
        w("staffing.search_title", place=report.place),
        facts,
        [
            _chosen(report, w),
            _plans("candidates", answer.candidates, w),
            _plans("front", answer.front, w),
            _worth(report, w),
        ],
        [w.pick(zh, en) for zh, en in file.assumptions],
        trace,
        mark,
        report.made_up,
        report.made_at,
    )


def _chosen(report: SearchReport, w: Wording) -> Part:
    """The chosen plan as moves from the plan the search began with."""
    one = report.answer.chosen
    moves = [(" ↔ ".join(report.desks.get(desk, desk) for desk in desks), by) for desks, by in one.moves]
    said = w("staffing.chosen_said", heads=one.heads, late=told(one.late, Unit.SHARE), hash=one.hash)
    return Part(
        w("staffing.chosen"),
        [said, report.promise],
        (w("staffing.column_desk"), w("staffing.change")),
        [(name, f"{by:+d}") for name, by in moves],
        (w("staffing.column_desk"), w("staffing.change")),
        moves,
    )


def _plans(what: str, plans: Sequence[FoundPlan], w: Wording) -> Part:
    header = [w(f"staffing.{name}") for name in ("origin", "hash", "column_officers", "cost", "late", "looked")]
    return Part(
        w(f"staffing.{what}"),
        [w(f"staffing.{what}_told")],
        header,
        [
            (
                w(f"staffing.origin_{one.origin}"),
                one.hash,
                str(one.heads),
                f"{one.cost_a_year:,.0f}",
                told(one.late, Unit.SHARE),
                str(one.looked or "–"),
            )
            for one in plans
        ],
        [*header[:5], w("staffing.half"), header[5]],
        [
            (w(f"staffing.origin_{one.origin}"), one.hash, one.heads, one.cost_a_year, *_percent(one.late), one.looked)
            for one in plans
        ],
    )


def _worth(report: SearchReport, w: Wording) -> Part:
    header = (w("staffing.town"), w("staffing.worth_points"))
    worth = sorted(report.answer.worth.items(), key=lambda item: (-item[1].mean, item[0]))
    return Part(
        w("staffing.worth"),
        [w("staffing.worth_told")],
        header,
        [(report.towns[town], told(one, Unit.SHARE, signed=True)) for town, one in worth],
        (*header, w("staffing.half")),
        [(report.towns[town], *_percent(one)) for town, one in worth],
    )


def _percent(one: Estimate) -> tuple[Value, Value]:
    """Mean and half-width in per cent; empty where there is none."""
    mean, half = ("" if math.isnan(value) else 100 * value for value in (one.mean, one.half))
    return mean, half
