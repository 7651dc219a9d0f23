"""What must be true for one plan to beat another: both played with more or less of what was assumed."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from simulation.intervals import Estimate
from simulation.replications import Setup
from simulation.sources import Drawn
from simulation.stress import Multiplied

FACTORS = (0.8, 0.9, 1.0, 1.1, 1.2)


def more_demand(setup: Setup, factor: float) -> Setup:
    """More reports, whether the place's own demand draws them or a history does."""
    if not isinstance(setup.source, Drawn):
        return replace(setup, source=Multiplied(factor, (0.0, math.inf), setup.source))
    return replace(setup, demand=replace(setup.demand, per_year=setup.demand.per_year * factor))


def more_absence(setup: Setup, factor: float) -> Setup:
    file = setup.plan.file
    absent = min(1.0, file.absent * factor)
    return replace(setup, plan=replace(setup.plan, file=file.model_copy(update={"absent": absent})))


def more_work(setup: Setup, factor: float) -> Setup:
    """All minutes on the spot, at the desk and of review."""
    file = setup.plan.file
    minutes = ("simple_min", "ordinary_min", "step_min", "review_min")
    longer = {name: getattr(file.procedure, name) * factor for name in minutes}
    procedure = file.procedure.model_copy(update=longer)
    return replace(setup, plan=replace(setup.plan, file=file.model_copy(update={"procedure": procedure})))


ASSUMED: Mapping[str, Callable[[Setup, float], Setup]] = {
    "demand": more_demand,
    "absence": more_absence,
    "work": more_work,
}
"""What both plans assume, by name, and how there is more of it."""


def turns_at(points: Sequence[tuple[float, Estimate]]) -> float | None:
    """The first factor, between two that were played, at which another plan has more; None when nowhere.

    Only where the plans can be told apart does one have more: a mean inside its own interval turns by chance.

    Parameters
    ----------
    points
        Factors in rising order with the difference of the plans; one whose interval holds 0, or that is not known
        (NaN), is passed over.

    Examples
    --------
    >>> turns_at([(0.8, Estimate(-1, 0.1, 9)), (1.0, Estimate(1, 0.1, 9)), (1.2, Estimate(3, 0.1, 9))])
    0.9
    >>> turns_at([(0.8, Estimate(1, 0.1, 9)), (1.2, Estimate(3, 0.1, 9))])
    >>> turns_at([(0.8, Estimate(-0.01, 0.04, 3)), (1.2, Estimate(0.01, 0.04, 3))])
    """
    known = [(factor, one.mean) for factor, one in points if abs(one.mean) > one.half]
    for (before, low), (after, high) in pairwise(known):
        if low * high < 0:
            return before + (after - before) * low / (low - high)
    return None
