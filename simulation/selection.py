"""The best of several plans, chosen by playing them, with a stated probability of being right."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Observe = Callable[[int, int], Floats]

AHEAD = 10
"""Replications played at once of whoever is still in; how many are looked at, one by one, does not depend on it."""


@dataclass(frozen=True)
class Choice:
    """Which system is best.

    Attributes
    ----------
    best
        Its number.
    looked
        Replications looked at of each system, in their order.
    decided
        Whether the procedure came to its end; False when the cap stopped it, and then nothing is promised.
    """

    best: int
    looked: tuple[int, ...]
    decided: bool


def select(
    systems: int, observe: Observe, indifference: float, probability: float = 0.95, first: int = 10, most: int = 2_000
) -> Choice:
    """The system with the smallest mean, right with a ``probability`` whenever it is better by ``indifference``.

    Otherwise one within ``indifference`` of the best, with the same probability (of a good selection).

    Parameters
    ----------
    observe
        The first n values of a system, shape (n,): normal, independent between replications; systems that meet the
        same cities are told apart sooner.
    indifference
        Above 0: the smallest difference worth finding.
    first
        Replications of the first stage, 2 or more.
    most
        Replications of one system at most.

    References
    ----------
    Kim and Nelson (2001), A fully sequential procedure for indifference-zone selection in simulation, ACM Transactions
    on Modeling and Computer Simulation 11(3), section 3, with c = 1 and common random numbers.
    """
    if not (math.isfinite(indifference) and indifference > 0):
        raise ValueError(f"indifference is {indifference}; the smallest difference worth finding is above 0.")
    if systems == 1:
        return Choice(0, (0,), True)
    if not (1 / systems <= probability < 1 and first >= 2):
        raise ValueError(f"probability is {probability}, first {first}; expected from 1/{systems} to below 1, and 2.")
    values = {system: observe(system, first) for system in range(systems)}
    wait = _variances(values) * _eta(systems, probability, first) / indifference**2
    looked, still_in, r = [first] * systems, list(range(systems)), first
    while True:
        still_in = _screened(still_in, values, wait, indifference, r)
        if len(still_in) == 1:
            return Choice(still_in[0], tuple(looked), True)
        # Beyond the longest wait nothing but the means can tell them apart.
        decided = r > math.floor(wait[np.ix_(still_in, still_in)].max())
        if decided or r >= most:
            means = [float(values[system][:r].mean()) for system in still_in]
            return Choice(still_in[int(np.argmin(means))], tuple(looked), decided)
        r += 1
        for system in still_in:
            if len(values[system]) < r:
                values[system] = observe(system, min(r + AHEAD - 1, most))
            looked[system] = r


def _eta(systems: int, probability: float, first: int) -> float:
    """``h² = 2 c eta (first - 1)`` of the paper."""
    each = 2 * (1 - probability) / (systems - 1)
    return (math.pow(each, -2 / (first - 1)) - 1) * (first - 1)


def _variances(values: dict[int, Floats]) -> Floats:
    """Of the difference of each two systems in the first stage, shape (systems, systems)."""
    n = len(values)
    return np.array([[np.var(values[i] - values[j], ddof=1) for j in range(n)] for i in range(n)])


def _screened(
    still_in: Sequence[int], values: dict[int, Floats], wait: Floats, indifference: float, r: int
) -> list[int]:
    """Who is not beaten by anybody after ``r`` replications."""
    means = {system: float(values[system][:r].mean()) for system in still_in}

    def beaten(one: int, other: int) -> bool:
        margin = max(0.0, indifference / (2 * r) * (float(wait[one, other]) - r))
        return means[one] > means[other] + margin

    return [one for one in still_in if not any(beaten(one, other) for other in still_in if other != one)]
