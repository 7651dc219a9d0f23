"""What the predicted figures rest on: each assumption with its usual value and how far it may lie off."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dispatch.rulebook.lists import ListRow, each_once, read_list

COLUMNS = ("id", "low", "usual", "high", "unit", "source", "text_zh", "text_en")
NUMBER = r"\d{1,6}(\.\d{1,4})?"

Values = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Assumption:
    """One assumption. ``source`` is ``document`` or ``illustrative``; none is fitted to a published figure."""

    id: str
    low: float
    usual: float
    high: float
    unit: str
    source: str
    text_zh: str
    text_en: str


def read_assumptions(path: Path) -> dict[str, Assumption]:
    """The assumptions by id.

    Raises
    ------
    BadInput
        With every row that is wrong: one that stands twice, no number, values out of order, no source.
    """
    file, rows = read_list(path, COLUMNS)
    found = each_once(rows, "id", _assumption)
    file.stop_if_faulty("Mend these assumptions; what has no source proves nothing.")
    return found


def usual(assumptions: Mapping[str, Assumption]) -> dict[str, float]:
    """Every assumption at its usual value."""
    return {name: one.usual for name, one in assumptions.items()}


def latin(assumptions: Mapping[str, Assumption], draws: int, rng: np.random.Generator) -> list[dict[str, float]]:
    """Draws of all assumptions at once, each even between its low and its high value and spread over all of it.

    References
    ----------
    McKay, Beckman and Conover (1979), A comparison of three methods for selecting values of input variables,
    Technometrics 21(2): Latin hypercube sampling.
    """
    columns = {}
    for name, one in assumptions.items():
        share = (rng.permutation(draws) + rng.random(draws)) / draws
        columns[name] = one.low + share * (one.high - one.low)
    return [{name: float(column[draw]) for name, column in columns.items()} for draw in range(draws)]


def _assumption(row: ListRow) -> Assumption:
    low, middle, high = (_number(row, column) for column in ("low", "usual", "high"))
    if not low <= middle <= high:
        row.blame("usual", "a value from low to high")
    return Assumption(
        id=row.text("id", pattern=r"[a-z][a-z0-9_]*", expected="small letters, digits and _"),
        low=low,
        usual=middle,
        high=high,
        unit=row.text("unit", expected="what it is counted in"),
        source=row.text("source", pattern="document|illustrative", expected="document or illustrative"),
        text_zh=row.text("text_zh", expected="the assumption in Chinese"),
        text_en=row.text("text_en", expected="the assumption in English"),
    )


def _number(row: ListRow, column: str) -> float:
    text = row.text(column, pattern=NUMBER, expected="a number of 0 or more")
    try:
        return float(text)
    except ValueError:  # blamed already
        return math.nan
