"""Bundled marks: what a town asked of a department counts for both, so that neither is marked alone for it.

Jiangbei marks the cooperation of departments and towns together (捆绑考核、双向考核); how, its document does not say.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from dispatch.oversight.indicators import About
from dispatch.oversight.marks import Weights, mark
from dispatch.oversight.matrix import ReportingIn


class Bundled(NamedTuple):
    """A department or a town with the mark it shares: the mean of its pairs' by how often they asked.

    ``mark`` is from 0 to 100, NaN where nothing that weighs was measured.
    """

    who: str
    asked: int
    mark: float


def of_pair(row: ReportingIn, weights: Weights) -> float:
    """The mark of one town and one department together."""
    return mark(row.shares(), About.PAIR, weights)


def departments(matrix: Iterable[ReportingIn], weights: Weights) -> list[Bundled]:
    """Of every department over the towns that asked it, by code."""
    return _together(((row.department, row) for row in matrix), weights)


def towns(matrix: Iterable[ReportingIn], weights: Weights) -> list[Bundled]:
    """Of every town over the departments that it asked, by code; what nobody asked for is no town's."""
    return _together(((row.town, row) for row in matrix if row.town), weights)


def _together(rows: Iterable[tuple[str, ReportingIn]], weights: Weights) -> list[Bundled]:
    asked: dict[str, int] = defaultdict(int)
    weighed: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for who, row in rows:
        asked[who] += row.asked
        points = of_pair(row, weights)
        if not math.isnan(points):
            weighed[who].append((row.asked, points))
    return [Bundled(who, asked[who], _mean(weighed[who])) for who in sorted(asked)]


def _mean(weighed: Iterable[tuple[int, float]]) -> float:
    told = list(weighed)
    total = sum(times for times, _ in told)
    return sum(times * points for times, points in told) / total if total else math.nan
