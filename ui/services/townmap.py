"""Towns coloured by an indicator, or by which of two plans is better there."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from simulation.intervals import Estimate
from ui.map import layers
from ui.services.centre import Centre, shelf
from ui.services.comparing import Indicator, Verdict

ALIKE = 0
"""Class of a town where nothing can be told apart, or nothing is known."""
BETTER, MUCH_BETTER, WORSE, MUCH_WORSE = 1, 2, 3, 4
LEVELS = 5


def by_difference(indicator: Indicator, apart: Mapping[str, Estimate]) -> dict[str, int]:
    """Class of each town: better or worse under the second plan, much so from half of the largest difference on.

    Where neither direction is good, more is drawn as worse.
    """
    verdicts = {town: indicator.verdict(one) for town, one in apart.items()}
    sure = [abs(apart[town].mean) for town, said in verdicts.items() if said not in (Verdict.ALIKE, Verdict.UNKNOWN)]
    much = max(sure, default=0.0) / 2
    classes = {}
    for town, said in verdicts.items():
        large = abs(apart[town].mean) >= much
        if said in (Verdict.BETTER, Verdict.LESS):
            classes[town] = MUCH_BETTER if large else BETTER
        elif said in (Verdict.WORSE, Verdict.MORE):
            classes[town] = MUCH_WORSE if large else WORSE
        else:
            classes[town] = ALIKE
    return classes


def by_level(values: Mapping[str, Estimate]) -> tuple[dict[str, int], list[float]]:
    """Class of each town, 0 the lowest of five steps of the same width, and the borders between them.

    A town without a value is in the lowest; without any spread all are.
    """
    known = [one.mean for one in values.values() if not math.isnan(one.mean)]
    if not known or min(known) == max(known):
        return dict.fromkeys(values, 0), []
    borders = np.linspace(min(known), max(known), LEVELS + 1)[1:-1]
    return {town: int(np.searchsorted(borders, one.mean)) if one.n else 0 for town, one in values.items()}, list(
        borders
    )


def tint(opened: Centre, classes: Mapping[str, int]) -> str:
    """Address of the colours of all cells by the class of their town."""
    of_town: Sequence[str] = opened.scenario.cells["town"].astype(str).tolist()
    return shelf().put(layers.tint(np.array([classes.get(town, 0) for town in of_town], dtype=np.uint8)))
