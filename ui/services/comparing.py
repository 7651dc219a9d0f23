"""Two plans side by side in words: which is better in what, and where they cannot be told apart."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from simulation.intervals import Estimate


class Unit(StrEnum):
    """In what an indicator is told."""

    SHARE = "share"
    MINUTES = "min"
    HOURS = "h"
    COUNT = "count"


class Verdict(StrEnum):
    """What a paired difference says of the second plan; ``more`` and ``less`` where neither is better."""

    BETTER = "better"
    WORSE = "worse"
    MORE = "more"
    LESS = "less"
    ALIKE = "alike"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Indicator:
    """An indicator of ``dispatch.review.kpi`` or of the played city; ``good`` is 1 where more is better, -1 less."""

    name: str
    unit: Unit
    good: int = 0

    def verdict(self, apart: Estimate | None) -> Verdict:
        """By the 95 % interval of the paired difference."""
        if apart is None or math.isnan(apart.mean) or math.isnan(apart.half):
            return Verdict.UNKNOWN
        if abs(apart.mean) <= apart.half:
            return Verdict.ALIKE
        if not self.good:
            return Verdict.MORE if apart.mean > 0 else Verdict.LESS
        return Verdict.BETTER if apart.mean * self.good > 0 else Verdict.WORSE


INDICATORS = (
    Indicator("on_time_share", Unit.SHARE, 1),
    Indicator("response_min_p50", Unit.MINUTES, -1),
    Indicator("response_min_p90", Unit.MINUTES, -1),
    Indicator("closure_h_p50", Unit.HOURS, -1),
    Indicator("closure_h_p90", Unit.HOURS, -1),
    Indicator("backlog_end", Unit.COUNT, -1),
    Indicator("backlog_growth_a_week", Unit.COUNT, -1),
    Indicator("utilisation", Unit.SHARE),
    Indicator("review_utilisation", Unit.SHARE),
    Indicator("escalated_share", Unit.SHARE),
    Indicator("passed_on_share", Unit.SHARE),
    Indicator("incidents", Unit.COUNT),
)
"""In the order in which a planner asks."""

BY_NAME = {each.name: each for each in INDICATORS}


def number(value: float, unit: Unit, *, signed: bool = False) -> str:
    """A value as people read it, shares in per cent; a dash where there is none.

    >>> number(0.8251, Unit.SHARE), number(-0.03, Unit.SHARE, signed=True), number(float("nan"), Unit.HOURS)
    ('82.5', '-3.0', '–')
    """
    if math.isnan(value):
        return "–"
    shown = value * 100 if unit is Unit.SHARE else value
    text = f"{shown:+,.1f}" if signed else f"{shown:,.1f}"
    return text if float(text.replace(",", "")) else "0.0"


def told(one: Estimate | None, unit: Unit, *, signed: bool = False) -> str:
    """A mean with the half-width of its 95 % interval."""
    if one is None or math.isnan(one.mean):
        return "–"
    half = "" if math.isnan(one.half) else f" ± {number(one.half, unit)}"
    return number(one.mean, unit, signed=signed) + half


def sides(verdicts: Iterable[tuple[Indicator, Verdict]]) -> dict[Verdict, list[str]]:
    """Names of the indicators by what is said of them."""
    found: dict[Verdict, list[str]] = {each: [] for each in Verdict}
    for indicator, verdict in verdicts:
        found[verdict].append(indicator.name)
    return found


@dataclass(frozen=True, slots=True)
class Bar:
    """A difference on a common scale, in per cent of its width: from, to, and the mean; 50 is no difference."""

    low: float
    high: float
    mean: float


def bars(pairs: Iterable[tuple[Estimate | None, Estimate | None]]) -> tuple[list[Bar | None], float]:
    """Differences as shares of the first plan's mean, all on one scale, and how far that scale goes (0.1 is 10 %).

    A difference without a value, or of a mean of 0, has no bar; one beyond the scale ends at its edge.
    """
    shares = [_share(apart, one) for apart, one in pairs]
    ends = sorted(abs(end) for each in shares if each for end in each)
    reach = next((step for step in STEPS if not ends or ends[-1] <= step), STEPS[-1])

    def at(share: float) -> float:
        return round(50 + 50 * min(1.0, max(-1.0, share / reach)), 2)

    return [Bar(at(each[0]), at(each[1]), at(each[2])) if each else None for each in shares], reach


STEPS = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)


def _share(apart: Estimate | None, one: Estimate | None) -> tuple[float, float, float] | None:
    if apart is None or one is None or not math.isfinite(apart.mean) or not one.mean or math.isnan(one.mean):
        return None
    scale = abs(one.mean)
    half = 0.0 if math.isnan(apart.half) else apart.half
    return (apart.mean - half) / scale, (apart.mean + half) / scale, apart.mean / scale
