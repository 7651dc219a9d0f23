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


PASSED_ON = "passed_on_share"
"""What a plan leaves to other bodies; it stands in no other indicator, so that a plan that does less looks faster."""

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
    Indicator(PASSED_ON, Unit.SHARE),
    Indicator("incidents", Unit.COUNT),
)
"""In the order in which a planner asks."""

BY_NAME = {each.name: each for each in INDICATORS}


def number(value: float, unit: Unit, *, decimals: int = 1, signed: bool = False) -> str:
    """A value as people read it, shares in per cent; a dash where there is none, and a minus as wide as the plus.

    >>> number(0.8251, Unit.SHARE), number(-0.03, Unit.SHARE, signed=True), number(float("nan"), Unit.HOURS)
    ('82.5', '−3.0', '–')
    """
    if math.isnan(value):
        return "–"
    shown = round(_scaled(value, unit), decimals) + 0.0  # no minus before a zero
    return (f"{shown:+,.{decimals}f}" if signed and shown else f"{shown:,.{decimals}f}").replace("-", MINUS)


def told(one: Estimate | None, unit: Unit, *, signed: bool = False) -> str:
    """A mean with the half-width of its 95 % interval, with as many decimals as show the half-width, three at most.

    A difference has one or two more where it would else look as wide as its half-width and is wider: what cannot be
    told apart and what can must not read alike.

    >>> told(Estimate(0.013, 0.012, 30), Unit.HOURS, signed=True)
    '+0.013 ± 0.012'
    >>> told(Estimate(0.01234, 0.0002, 30), Unit.HOURS)
    '0.012 ± 0.000'
    """
    if one is None or math.isnan(one.mean):
        return "–"
    if math.isnan(one.half):
        return number(one.mean, unit, signed=signed)
    wide = _scaled(one.half, unit)
    decimals = 1 if wide >= WIDE or wide == 0 else 2 if wide >= WIDE / 10 else 3
    size = abs(_scaled(one.mean, unit))
    while signed and decimals < MOST_DECIMALS and (size > wide) != (round(size, decimals) > round(wide, decimals)):
        decimals += 1
    mean = number(one.mean, unit, decimals=decimals, signed=signed)
    return f"{mean} ± {number(one.half, unit, decimals=decimals)}"


MINUS, MOST_DECIMALS = "−", 3
WIDE = 0.05
"""A half-width that is seen with one decimal."""


def _scaled(value: float, unit: Unit) -> float:
    return value * 100 if unit is Unit.SHARE else value


def sides(verdicts: Iterable[tuple[Indicator, Verdict]]) -> dict[Verdict, list[str]]:
    """Names of the indicators by what is said of them."""
    found: dict[Verdict, list[str]] = {each: [] for each in Verdict}
    for indicator, verdict in verdicts:
        found[verdict].append(indicator.name)
    return found


@dataclass(frozen=True, slots=True)
class Bar:
    """A difference and its interval on a scale of its own, in per cent of the width: from, to, and the mean.

    50 is no difference; the end that is farther from it is at 2 or 98.
    """

    low: float
    high: float
    mean: float


def bar(apart: Estimate | None) -> Bar | None:
    """A paired difference as it is drawn; None where it has no value.

    >>> bar(Estimate(1.0, 1.0, 9))
    Bar(low=50.0, high=98.0, mean=74.0)
    """
    if apart is None or not math.isfinite(apart.mean):
        return None
    half = 0.0 if math.isnan(apart.half) else apart.half
    ends = apart.mean - half, apart.mean + half, apart.mean
    reach = max(abs(end) for end in ends) or 1.0
    low, high, mean = (round(50 + 48 * end / reach, 2) for end in ends)
    return Bar(low, high, mean)
