"""A problem on its way to the department that can solve it, with and without a list that says which one that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dispatch.rulebook.matters import Matter
from dispatch.rulebook.terms import Unit
from scenarios.reproduced.assumptions import Values
from simulation.streams import stream

Floats = NDArray[np.float64]

PROBLEMS = 20_000
WORKING_DAY_H = 8.0
HOURS_A_DAY = 24.0
SPREAD = 0.5
"""Squared coefficient of variation of how long the right department takes, as on the spot in the plans."""


@dataclass(frozen=True)
class Problems:
    """Kinds of problems: the catalogue's limit of each in working days, and how often it is reported, shape (n,)."""

    limit_days: Floats
    weight: Floats


def problems_of(matters: Sequence[Matter], weight: Sequence[float]) -> Problems:
    """Matters as problems; limits in hours that run through the night count as a 24th of a day."""
    return Problems(np.array([_days(matter) for matter in matters]), np.array(weight, dtype=np.float64))


def days_open(problems: Problems, values: Values, right_at_once: float, seed: int, draw: int) -> tuple[Floats, Floats]:
    """Working days until each of many problems is solved, and its limit in working days, shape (``PROBLEMS``,).

    Whoever is asked is the right one with the same chance each time; the wrong ones keep it a while and give it back.
    Equal ``draw`` means equal problems, so that two values of ``right_at_once`` are compared on the same ones.
    """
    rng = stream(seed, "problems", draw)
    kind = rng.choice(len(problems.weight), PROBLEMS, p=problems.weight / problems.weight.sum())
    limit = problems.limit_days[kind]
    took = limit * values["share_of_the_limit"] * rng.gamma(1 / SPREAD, SPREAD, PROBLEMS)
    wrong = np.floor(np.log1p(-rng.random(PROBLEMS)) / np.log1p(-right_at_once)) if right_at_once < 1 else 0.0
    return took + wrong * values["kept_by_the_wrong_one"], limit


def _days(matter: Matter) -> float:
    limit = matter.limit
    hours = {Unit.WORKING_DAYS: WORKING_DAY_H, Unit.CALENDAR_DAYS: WORKING_DAY_H, Unit.WORKING_HOURS: 1.0}
    if limit.unit is Unit.URGENT_HOURS:
        return limit.amount / HOURS_A_DAY
    return limit.amount * hours[limit.unit] / WORKING_DAY_H
