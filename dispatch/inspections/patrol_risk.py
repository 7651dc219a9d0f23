"""How risky a cell is to a patrol: by what happened there, what patrols found, and how far it was left behind.

It does not feed on itself. Findings of a cell that is passed oftener than others count less, so that more passes make
no risk of their own; a cell is left behind by the town's own share, so that a town with too few rounds asks for no
more of them; and one cap stands over all.

References
----------
Marshall (1991), Mapping disease and mortality rates using empirical Bayes estimators, Applied Statistics 40(2): the
global one, by moments.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import ArrayLike, NDArray

MOST_RISK = Fraction(2)
"""Illustrative: a cell is passed at most twice as often as the list asks, whatever happens there."""
TENTHS = 10


def per_pass(found: ArrayLike, passed: ArrayLike) -> NDArray[np.float64]:
    """Findings of each cell as if it had been passed no oftener than the mean of the cells that were; shape (n,).

    Examples
    --------
    Twice the passes and twice the findings are no more than the other cell has.

    >>> per_pass([2, 4], [10, 20]).tolist()
    [2.0, 3.0]
    """
    findings, passes = np.asarray(found, dtype=np.float64), np.asarray(passed, dtype=np.float64)
    mean = passes[passes > 0].mean() if (passes > 0).any() else 1.0
    return findings * mean / np.maximum(passes, mean)


def risks(happened: ArrayLike, behind: Sequence[Fraction], most: Fraction = MOST_RISK) -> list[Fraction]:
    """Factor on the list's frequencies for each cell of a town; between 1 and ``most``.

    The count of a cell is pulled towards the town's mean by as much as chance alone explains the difference; the factor
    is that over the mean, in tenths. Below 1 it does not go: the list is the least. Then it is raised by the share by
    which the cell was left behind.

    Parameters
    ----------
    happened
        Incidents and findings, shape (n,).
    behind
        From 0 to 1, shape (n,); see `left_behind`.

    Examples
    --------
    >>> [str(one) for one in risks([0, 1, 0, 9], [Fraction(1, 2), *[Fraction(0)] * 3])]
    ['3/2', '1', '1', '2']
    """
    count = np.asarray(happened, dtype=np.float64)
    mean = count.mean() if count.size else 0.0
    beyond_chance = max(0.0, count.var() - mean) if mean else 0.0
    smoothed = mean + beyond_chance / (beyond_chance + mean) * (count - mean) if mean else count
    tenths = np.floor(smoothed / mean * TENTHS + 0.5) if mean else np.zeros_like(count)
    plain = [max(Fraction(int(each), TENTHS), Fraction(1)) for each in tenths]
    return [min(one * (1 + more), most) for one, more in zip(plain, behind, strict=True)]


def left_behind(owed: Sequence[int], passed: Sequence[int]) -> list[Fraction]:
    """How far each cell's share of passes made lies below that of all cells together, in tenths from 0 to 1.

    Parameters
    ----------
    owed, passed
        Shape (n,); ``passed`` at most ``owed``. A cell that was owed nothing is not behind.

    Examples
    --------
    >>> [str(one) for one in left_behind([10, 10, 0], [10, 4, 0])]
    ['0', '3/10', '0']
    """
    every = Fraction(sum(passed), sum(owed)) if sum(owed) else Fraction(0)
    return [
        Fraction(max(0, int((every - Fraction(made, due)) * TENTHS)), TENTHS) if due else Fraction(0)
        for due, made in zip(owed, passed, strict=True)
    ]
