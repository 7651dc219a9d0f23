"""Marks out of 100: shares weighed by a list that everybody can read. What was not measured weighs nothing."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

from dispatch.oversight.indicators import INDICATORS, About, Share
from dispatch.oversight.matrix import OF_PAIRS
from dispatch.rulebook.lists import read_list

COLUMNS = ("about", "indicator", "weight", "source")
MOST = 100
BETTER = {(each.about, each.name): each.better for each in INDICATORS} | {
    (About.PAIR, name): better for name, better in OF_PAIRS.items()
}

Weights = Mapping[tuple[About, str], int]


def read_weights(path: Path) -> Weights:
    """The list of weights.

    Raises
    ------
    BadInput
        With every row that is wrong: nobody or no indicator of that name, a weight that is no whole number from 1 to
        100, a row that stands twice.
    """
    file, rows = read_list(path, COLUMNS)
    found: dict[tuple[About, str], int] = {}
    for row in rows:
        about = row.choice("about", About)
        of = sorted(name for someone, name in BETTER if someone is about)
        name = row.values["indicator"]
        if name not in of:
            row.blame("indicator", f"one of {', '.join(of)}")
        elif (about, name) in found:
            row.blame("indicator", "an indicator that stands once")
        found[about, name] = row.whole("weight", 1, MOST)
        row.text("source", expected="where the weight comes from")
    file.stop_if_faulty("Mend these rows of the weights and read them again.")
    return found


def mark(shares: Mapping[str, Share], about: About, weights: Weights) -> float:
    """The mean of the shares by their weights, from 0 to 100; NaN where nothing that weighs was measured.

    A share of which less is better counts as the rest of it.

    Examples
    --------
    >>> weights = {(About.TEAM, "right_at_once"): 3, (About.TEAM, "worked_over"): 1}
    >>> mark({"right_at_once": Share(1, 2), "worked_over": Share(0, 2)}, About.TEAM, weights)
    62.5
    """
    told = [
        (weight, share.value if BETTER[about, name] > 0 else 1 - share.value)
        for (someone, name), weight in weights.items()
        if someone is about and (share := shares.get(name, Share(0, 0))).of
    ]
    weighed = sum(weight for weight, _ in told)
    return 100 * sum(weight * value for weight, value in told) / weighed if weighed else math.nan
