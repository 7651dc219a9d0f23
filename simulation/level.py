"""A level that wanders from week to week: where it stands now, how far it may wander, and where it goes by lot.

Boston's tickets are why: they more than double from January to April and then stay. A straight line through them
would go on doubling; the mean of all weeks would be too low at once. The last weeks say most, and the further ahead,
the less.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

STEPS = np.linspace(0.0, 0.5, 101)
"""How far the log of the level may wander in a week, standard deviations that are tried: none to half."""
WIDE = 100.0


@dataclass(frozen=True)
class Level:
    """The log of a level at the end of its history, for every step in `STEPS`.

    Attributes
    ----------
    mean, variance
        Of the log of the level given each step, shape (101,).
    belief
        How well each step explains the history, shape (101,), summing to 1: every step equally likely beforehand.
    """

    mean: Floats
    variance: Floats
    belief: Floats

    @property
    def now(self) -> float:
        """The level that is expected."""
        return float(self.belief @ np.exp(self.mean))

    @property
    def step(self) -> float:
        """How far its log wanders in a week, standard deviation."""
        return float(self.belief @ STEPS)

    def path(self, weeks: int, rng: np.random.Generator) -> Floats:
        """The level in the week after the history and those that follow, shape (weeks,), drawn.

        Its expectation stays where the level is; only its spread grows. A longer path begins like a shorter one.
        """
        row = int(rng.choice(len(STEPS), p=self.belief))
        spread, step = float(np.sqrt(self.variance[row])), float(STEPS[row])
        begin = self.mean[row] + spread * rng.standard_normal() - spread**2 / 2
        return np.asarray(np.exp(begin + np.cumsum(step * rng.standard_normal(weeks) - step**2 / 2)))


def follow(seen: Floats, variance: Floats) -> Level:
    """The level behind a series, by the Kalman filter of the local level model, for every step at once.

    Parameters
    ----------
    seen
        Log of what each week was, as a multiple of what a week of level 1 would be; shape (weeks,), oldest first.
    variance
        Of what chance adds to it, shape (weeks,), above 0.

    References
    ----------
    Durbin and Koopman (2012), Time Series Analysis by State Space Methods, 2nd edition, section 2.2 (the filter) and
    2.10.1 (the diffuse likelihood, where the first week only tells where the level began).
    """
    mean, spread, log_likelihood = np.full(len(STEPS), seen[0]), np.full(len(STEPS), WIDE), np.zeros(len(STEPS))
    for week, (one, noise) in enumerate(zip(seen, variance, strict=True)):
        if week:
            spread = spread + STEPS**2
            total = spread + noise
            log_likelihood -= 0.5 * (np.log(total) + (one - mean) ** 2 / total)
        gain = spread / (spread + noise)
        mean, spread = mean + gain * (one - mean), spread * (1.0 - gain)
    belief = np.exp(log_likelihood - log_likelihood.max())
    return Level(mean, spread, belief / belief.sum())
