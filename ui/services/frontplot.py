"""The front of cost and lateness as it is drawn: points and their intervals on a plane, in the units of an SVG."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from scenarios.searchkeeping import FoundPlan

WIDE, HIGH = 640, 250
LEFT, RIGHT, TOP, BOTTOM = 56, 16, 14, 40
TICKS = 4


@dataclass(frozen=True, slots=True)
class Point:
    """A plan: where it is, and from where to where its interval reaches (top first)."""

    number: int
    x: float
    y: float
    top: float
    bottom: float
    chosen: bool
    words: str


@dataclass(frozen=True, slots=True)
class Plot:
    """Points from left to right, the line that joins them, and ticks as place and value."""

    points: tuple[Point, ...]
    line: str
    across: tuple[tuple[float, str], ...]
    up: tuple[tuple[float, str], ...]


def plot(front: Sequence[FoundPlan], best: int) -> Plot:
    """The front, cost to the right and the share of late incidents upwards, in per cent."""
    spans = [(one.late.mean - _half(one), one.late.mean + _half(one)) for one in front]
    low, high = _room(min(a for a, _ in spans), max(b for _, b in spans))
    cheap, dear = _room(min(one.cost_a_year for one in front), max(one.cost_a_year for one in front))

    def x(cost: float) -> float:
        return round(LEFT + (WIDE - LEFT - RIGHT) * (cost - cheap) / (dear - cheap), 1)

    def y(share: float) -> float:
        return round(TOP + (HIGH - TOP - BOTTOM) * (high - share) / (high - low), 1)

    points = tuple(
        Point(
            one.number,
            x(one.cost_a_year),
            y(one.late.mean),
            y(span[1]),
            y(span[0]),
            one.number == best,
            f"{one.heads} · {100 * one.late.mean:.2f} %",
        )
        for one, span in zip(front, spans, strict=True)
    )
    steps = [at / TICKS for at in range(TICKS + 1)]
    across = tuple((x(cheap + (dear - cheap) * at), f"{cheap + (dear - cheap) * at:,.0f}") for at in steps)
    decimals = max(0, min(3, math.ceil(-math.log10(100 * (high - low) / TICKS))))
    up = tuple((y(low + (high - low) * at), f"{100 * (low + (high - low) * at):.{decimals}f}") for at in steps)
    return Plot(points, " ".join(f"{one.x},{one.y}" for one in points), across, up)


def _half(one: FoundPlan) -> float:
    return 0.0 if math.isnan(one.late.half) else one.late.half


def _room(low: float, high: float) -> tuple[float, float]:
    """A little more than from low to high, so that nothing lies on the edge; something where both are the same."""
    room = 0.08 * (high - low) or 0.05 * abs(high) or 0.01
    return max(0.0, low - room), high + room
