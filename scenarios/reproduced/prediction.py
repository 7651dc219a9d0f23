"""A figure predicted from assumptions: its value, the interval over them and over chance, and what moves it most."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from scenarios.reproduced.assumptions import Assumption, Values, latin, usual
from simulation.streams import stream

COVERAGE = 0.9
"""Share of the draws that lie between the two ends of an interval."""

Model = Callable[[Values, int], float]
"""A figure from values of all assumptions and the number of a draw, from which its chances follow."""


@dataclass(frozen=True, slots=True)
class Move:
    """What the figure is with one assumption at its low and at its high end and all others usual."""

    assumption: str
    low: float
    high: float

    @property
    def reach(self) -> float:
        return abs(self.high - self.low)


@dataclass(frozen=True, slots=True)
class Prediction:
    """``value`` with everything usual; 90 % of the draws lie between ``low`` and ``high``; ``moves`` widest first."""

    value: float
    low: float
    high: float
    moves: tuple[Move, ...]


def predict(model: Model, assumptions: Mapping[str, Assumption], draws: int, seed: int) -> Prediction:
    """What a model says under the assumptions it rests on.

    Parameters
    ----------
    assumptions
        Those that the model reads.
    draws
        How often all of them are drawn together, 10 or more; each draw has chances of its own. The usual value is an
        average over a quarter of as many chances.
    """
    rng = stream(seed, "assumptions", *assumptions)
    drawn = [model(values, number) for number, values in enumerate(latin(assumptions, draws, rng))]
    low, high = np.quantile(drawn, [(1 - COVERAGE) / 2, (1 + COVERAGE) / 2])
    chances, middle = _chances(draws), usual(assumptions)

    def mean(values: Values) -> float:
        return float(np.mean([model(values, number) for number in range(chances)]))

    moves = [
        Move(name, mean({**middle, name: one.low}), mean({**middle, name: one.high}))
        for name, one in assumptions.items()
    ]
    return Prediction(mean(middle), float(low), float(high), tuple(sorted(moves, key=lambda move: -move.reach)))


def plays_of(draws: int, assumptions: int) -> int:
    """How often the model is asked for a prediction from so many assumptions.

    Examples
    --------
    >>> plays_of(40, 3)
    110
    """
    return draws + _chances(draws) * (1 + 2 * assumptions)


def _chances(draws: int) -> int:
    """Over how many chances a value with stated assumptions is averaged."""
    return max(draws // 4, 2)
