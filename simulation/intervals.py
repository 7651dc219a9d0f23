"""Means over replications with their intervals, and how much of the beginning to leave out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtrit

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over ``n`` replications; ``mean - half`` to ``mean + half`` is its 95 % interval.

    ``half`` is NaN for fewer than two replications.
    """

    mean: float
    half: float
    n: int

    @property
    def relative(self) -> float:
        """The half-width as a share of the mean; 0 where both are 0."""
        return 0.0 if self.half == 0 else self.half / abs(self.mean) if self.mean else math.inf


def over_replications(values: ArrayLike, confidence: float = 0.95) -> Estimate:
    """The mean of independent replications with its t-interval; replications without a value (NaN) are left out.

    References
    ----------
    Law (2015), Simulation Modeling and Analysis, 5th edition, section 9.4.1.

    Examples
    --------
    >>> over_replications([1.0, 2.0, 3.0])
    Estimate(mean=2.0, half=2.48..., n=3)
    """
    kept = np.asarray(values, dtype=np.float64)
    kept = kept[~np.isnan(kept)]
    n = len(kept)
    if n == 0:
        return Estimate(math.nan, math.nan, 0)
    if n == 1:
        return Estimate(float(kept[0]), math.nan, 1)
    half = stdtrit(n - 1, 0.5 + confidence / 2) * kept.std(ddof=1) / math.sqrt(n)
    return Estimate(float(kept.mean()), float(half), n)


def warm_up(series: Sequence[Floats]) -> int:
    """How many of the first values to leave out, judged on the series averaged over replications; at most half.

    Parameters
    ----------
    series
        One series a replication, all of the same length, each value the mean of a stretch of time.

    References
    ----------
    Welch's averaging over replications, then the marginal standard error rule: White (1997), An effective truncation
    heuristic for bias reduction in simulation output, Simulation 69(6).

    Examples
    --------
    >>> warm_up([np.array([0.0, 5.0, 5.0, 5.0, 5.0, 5.0])])
    1
    """
    averaged = np.nanmean(np.vstack(series), axis=0)
    n = len(averaged)
    errors = [np.nanvar(averaged[d:]) / (n - d) for d in range(n // 2 + 1)]
    return int(np.argmin(errors))
