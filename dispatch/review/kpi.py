"""Indicators of a district, counted in the same way from the real desk and from the simulated city.

What is still open at the end is neither left out nor taken as done: it counts as lasting at least so long (censored).
No amount of money enters here (Administrative Penalty Law, article 74).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Marks = NDArray[np.bool_]

PERCENTILES = (50, 90, 95)
INDICATORS = (
    "incidents",
    "simple_share",
    "passed_on_share",
    *(f"response_min_p{p}" for p in PERCENTILES),
    *(f"closure_h_p{p}" for p in PERCENTILES),
    "on_time_share",
    "escalated_share",
    "backlog_end",
)


@dataclass(frozen=True)
class Course:
    """How incidents went, one row each, shape (n,). Seconds on one clock; NaN for what has not happened.

    Attributes
    ----------
    known_s, arrived_s, closed_s
        When it was reported or found, when a lawful pair was first on the spot, when it was closed.
    within_s
        From report to a pair on the spot, as it should be.
    simple
        Whether it takes the simple procedure.
    escalated
        Whether it was handed up to a brigade.
    ours
        Whether anybody here may act on it; what is passed on counts as an incident and in nothing else.
    until_s
        When we looked.
    """

    known_s: Floats
    arrived_s: Floats
    closed_s: Floats
    within_s: Floats
    simple: Marks
    escalated: Marks
    ours: Marks
    until_s: float

    def only(self, rows: Marks) -> Course:
        """Some of the incidents."""
        columns = {name: column[rows] for name, column in vars(self).items() if name != "until_s"}
        return Course(**columns, until_s=self.until_s)


def indicators(course: Course) -> dict[str, float]:
    """The `INDICATORS` by name; NaN where nothing can be said. ``backlog_end`` is what of ours is open at the end."""
    ours = course.only(course.ours)
    open_s = ours.until_s - ours.known_s
    told: dict[str, float] = {
        "incidents": float(len(course.known_s)),
        "simple_share": _share(course.simple),
        "passed_on_share": _share(~course.ours),
    }
    for p in PERCENTILES:
        told[f"response_min_p{p}"] = quantile(ours.arrived_s - ours.known_s, open_s, p / 100) / 60
    for p in PERCENTILES:
        told[f"closure_h_p{p}"] = quantile(ours.closed_s - ours.known_s, open_s, p / 100) / 3600
    told["on_time_share"] = share_on_time(ours.arrived_s - ours.known_s, open_s, ours.within_s)
    told["escalated_share"] = _share(ours.escalated)
    told["backlog_end"] = float(np.isnan(ours.closed_s).sum())
    return told


def share_on_time(took_s: Floats, open_s: Floats, within_s: Floats) -> float:
    """Share of incidents reached within their clock, shapes (n,).

    What nobody has reached is late once its clock has run out; while it runs, it counts in neither way.

    Examples
    --------
    >>> share_on_time(np.array([50.0, 90.0, np.nan, np.nan]), np.array([999, 999, 999, 10.0]), np.full(4, 60.0))
    0.333...
    """
    decided = ~np.isnan(took_s) | (open_s > within_s)
    return _share((took_s <= within_s)[decided])


def quantile(took_s: Floats, open_s: Floats, q: float) -> float:
    """The time within which a share ``q`` is done, with what is still open counted as lasting at least so long.

    Parameters
    ----------
    took_s
        Shape (n,); NaN for what is open.
    open_s
        Shape (n,): how long what is open has been so.

    Returns
    -------
    float
        Seconds; NaN when too much is open to say.

    References
    ----------
    Kaplan and Meier (1958), Nonparametric estimation from incomplete observations, Journal of the American Statistical
    Association 53(282).

    Examples
    --------
    >>> quantile(np.array([10.0, 20.0, np.nan, 40.0]), np.array([0, 0, 15.0, 0]), 0.5)
    20.0
    """
    done = ~np.isnan(took_s)
    times = np.where(done, took_s, open_s)
    order = np.lexsort((~done, times))  # at the same instant what is done comes before what is open
    at_risk = np.arange(len(times), 0, -1)
    still_open = np.cumprod(1 - done[order] / at_risk)
    reached = np.flatnonzero(still_open <= 1 - q + 1e-12)
    return float(times[order][reached[0]]) if reached.size else math.nan


def utilisation(busy_s: float, on_duty_s: float) -> float:
    """Share of officers' time on duty in which they are on their way, at work or on the way back; NaN without duty."""
    return busy_s / on_duty_s if on_duty_s > 0 else math.nan


def _share(marks: NDArray[Any]) -> float:
    return float(np.mean(marks)) if len(marks) else math.nan
