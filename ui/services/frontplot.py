"""The front of cost and lateness as it is drawn: points and their intervals on a plane, in the units of an SVG."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from scenarios.searchkeeping import FoundPlan

WIDE, HIGH = 640, 250
LEFT, RIGHT, TOP, BOTTOM = 56, 16, 26, 40
TICKS = 5
"""About so many on an axis."""


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
    up = ticks(100 * min(max(0.0, a) for a, _ in spans), 100 * max(b for _, b in spans))
    across = ticks(min(one.cost_a_year for one in front), max(one.cost_a_year for one in front))

    def x(cost: float) -> float:
        return round(LEFT + (WIDE - LEFT - RIGHT) * (cost - across[0]) / (across[-1] - across[0]), 1)

    def y(share: float) -> float:
        return round(TOP + (HIGH - TOP - BOTTOM) * (up[-1] - 100 * share) / (up[-1] - up[0]), 1)

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
    return Plot(
        points,
        " ".join(f"{one.x},{one.y}" for one in points),
        tuple((x(cost), f"{cost:,.10g}") for cost in across),
        tuple((y(percent / 100), f"{percent:.10g}") for percent in up),
    )


def ticks(low: float, high: float) -> list[float]:
    """Round numbers from below the lowest to above the highest.

    >>> ticks(4.4, 44.1), ticks(206, 650), ticks(3.0, 3.0)
    ([0.0, 10.0, 20.0, 30.0, 40.0, 50.0], [200.0, 300.0, 400.0, 500.0, 600.0, 700.0], [2.9, 3.0, 3.1])
    """
    room = (high - low) or 0.1 * abs(high) or 1.0
    power = 10.0 ** math.floor(math.log10(room / TICKS))
    step = next(times * power for times in (1, 2, 5, 10) if room / (times * power) <= TICKS)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    if first == last:
        first, last = first - 1, last + 1
    return [round(at * step, 10) for at in range(first, last + 1)]


def _half(one: FoundPlan) -> float:
    return 0.0 if math.isnan(one.late.half) else one.late.half
