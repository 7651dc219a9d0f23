"""Plans under the stress tests, as findings to hand over."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version

from dispatch.review.book import Value
from simulation.intervals import Estimate
from simulation.plan import StaffingPlan
from ui.services.comparing import INDICATORS, Indicator, Unit, told
from ui.services.findings import Findings, Part
from ui.wording import Wording

SHOWN = ("on_time_share", "response_min_p90", "closure_h_p90", "backlog_end")
"""Indicators that the document has a table for; the workbook has all."""


@dataclass(frozen=True)
class Tried:
    """A stress test, or the calm under an empty id: indicators of both plans, and how much more the second has."""

    stress: str
    n: int
    estimates: dict[str, Estimate]
    others: dict[str, Estimate]
    apart: dict[str, Estimate]


@dataclass(frozen=True)
class StressReport:
    """What is reported, in the reader's words; ``names`` are those of the stresses by id."""

    plans: tuple[StaffingPlan, StaffingPlan | None]
    tried: Sequence[Tried]
    names: dict[str, str]
    met: str
    assumed: Sequence[str]
    seed: int
    place: str
    place_hash: str
    made_up: str
    made_at: datetime


def findings(report: StressReport, w: Wording) -> Findings:
    """A table for each indicator: the calm first, then each stress."""
    one, other = report.plans
    called = [w.pick(plan.file.title_zh, plan.file.title_en) for plan in report.plans if plan]
    facts = [
        (f"{w('staffing.plan')} {side}", f"{name} · {plan.hash}")
        for side, name, plan in zip("AB", called, [plan for plan in report.plans if plan], strict=False)
    ]
    facts += [
        (w("staffing.met"), report.met or w("staffing.demand_own")),
        (w("staffing.report_place"), f"{report.place} · {report.place_hash}"),
        (w("staffing.seed"), str(report.seed)),
        (w("staffing.report_made"), report.made_at.isoformat(" ", "minutes")),
    ]
    header = (w("staffing.stress"), "A", "B", w("staffing.apart"))
    parts = [
        Part(_named(each, w), (), header, [_row(report, tried, each) for tried in report.tried])
        for each in INDICATORS
        if each.name in SHOWN
    ]
    columns = [
        w(f"staffing.{name}")
        for name in (
            *("stress", "sheet_indicator", "sheet_unit", "sheet_a", "sheet_a_half"),
            *("sheet_b", "sheet_b_half", "sheet_apart", "sheet_apart_half", "sheet_replications"),
        )
    ]
    values = [_values(report, tried, each, w) for tried in report.tried for each in INDICATORS]
    parts.append(Part(w("staffing.tab_stress"), columns=columns, values=values))
    hashes = (one.hash, other.hash if other else "–")
    mark = w(
        "staffing.stress_mark",
        one=hashes[0],
        other=hashes[1],
        place=report.place_hash,
        seed=report.seed,
        version=version("gridbeat"),
    )
    trace: list[tuple[str, Value]] = [
        (w("staffing.sheet_plan_a"), hashes[0]),
        (w("staffing.sheet_plan_b"), hashes[1]),
        (w("staffing.sheet_place_hash"), report.place_hash),
        (w("staffing.sheet_seed"), report.seed),
    ]
    title = w("staffing.stress_title", place=report.place)
    return Findings(title, facts, parts, report.assumed, trace, mark, report.made_up, report.made_at)


def _named(indicator: Indicator, w: Wording) -> str:
    return f"{w(f'staffing.kpi_{indicator.name}')} ({w(f'staffing.unit_{indicator.unit}')})"


def _row(report: StressReport, tried: Tried, indicator: Indicator) -> tuple[str, str, str, str]:
    name, unit = indicator.name, indicator.unit
    return (
        report.names[tried.stress],
        told(tried.estimates.get(name), unit),
        told(tried.others.get(name), unit),
        told(tried.apart.get(name), unit, signed=True),
    )


def _values(report: StressReport, tried: Tried, indicator: Indicator, w: Wording) -> tuple[Value, ...]:
    found = [each.get(indicator.name) for each in (tried.estimates, tried.others, tried.apart)]
    numbers = [number for one in found for number in _numbers(one, indicator.unit)]
    unit = w(f"staffing.unit_{indicator.unit}")
    return report.names[tried.stress], w(f"staffing.kpi_{indicator.name}"), unit, *numbers, tried.n


def _numbers(one: Estimate | None, unit: Unit) -> tuple[Value, Value]:
    """Mean and half-width in the unit; empty where there is none."""
    if one is None:
        return "", ""
    scale = 100 if unit is Unit.SHARE else 1
    mean, half = ("" if math.isnan(value) else value * scale for value in (one.mean, one.half))
    return mean, half
