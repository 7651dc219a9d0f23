"""Bad days for any plan and any demand: more reports, slower ways, officers borrowed, reviewers gone, as a table."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dispatch.rulebook.lists import ListRow, each_once, read_list
from simulation.demand import Demand
from simulation.sources import Drawn, Source
from simulation.stories import DAY_S, Chances, Reports
from simulation.streams import lot
from simulation.tables import Force, Work

Floats = NDArray[np.float64]
Marks = NDArray[np.bool_]
Rng = np.random.Generator

COLUMNS = ("stress", "name_zh", "name_en", "from_day", "days", "reports", "ways", "borrowed", "reviewers", "basis")
MOST_TIMES = 10.0


@dataclass(frozen=True, slots=True)
class Stress:
    """What is different, and when.

    Attributes
    ----------
    from_day, days
        From the first day that is counted; endless where ``days`` is 0, and then the warm-up is under it too.
    reports
        So many times as many, 0 or more.
    ways
        So many times as long, above 0, to what becomes known meanwhile.
    borrowed
        Share of officers who are away, the same people all the time.
    reviewers
        Share of reviewers who are there.
    basis
        Where the figures come from; what is assumed says so.
    """

    id: str
    name_zh: str
    name_en: str
    from_day: int
    days: int
    reports: float
    ways: float
    borrowed: float
    reviewers: float
    basis: str

    def window_s(self, warm_up_s: float) -> tuple[float, float]:
        """From when to when, in seconds of the run."""
        begin = warm_up_s + self.from_day * DAY_S
        return (begin, begin + self.days * DAY_S) if self.days else (0.0, math.inf)

    def on(self, source: Source, warm_up_s: float) -> Source:
        """The source with as many reports as the stress makes of them."""
        return source if self.reports == 1.0 else Multiplied(self.reports, self.window_s(warm_up_s), source)

    def slowed(self, work: Work, warm_up_s: float) -> Work:
        """The same work with longer ways to what becomes known meanwhile."""
        if self.ways == 1.0:
            return work
        then = _inside(work.enters_s, self.window_s(warm_up_s))
        return replace(work, stretch=np.where(then, work.stretch * self.ways, work.stretch))

    def away(self, force: Force, review: Marks, officer_key: NDArray[np.uint64], warm_up_s: float, rng: Rng) -> Marks:
        """Whose duties are not done meanwhile, a mark each duty; ``review`` marks the desks of reviewers."""
        begin_s, end_s = self.window_s(warm_up_s)
        then = (force.duty_start < end_s) & (force.duty_end > begin_s)
        share = np.where(review[force.duty_desk], 1.0 - self.reviewers, self.borrowed)
        return np.asarray(then & (lot(rng, officer_key[force.duty_officer]) < share))


CALM = Stress("calm", "平常", "calm", 0, 0, 1.0, 1.0, 0.0, 1.0, "")
"""Nothing is different."""


@dataclass(frozen=True)
class Multiplied:
    """Another source with more or fewer reports in a stretch of time.

    What comes without the stress comes with it too: more is drawn beside it, fewer are drawn out of it.
    """

    times: float
    window_s: tuple[float, float]
    source: Source = field(default_factory=Drawn)

    def reports(self, demand: Demand, begin: datetime, end: datetime, chances: Chances) -> Reports:
        told = self.source.reports(demand, begin, end, chances)
        kept = ~_inside(told.told_s, self.window_s) | (chances.of("fewer").random(len(told)) < self.times)
        parts, more = [_only(told, kept)], self.times - 1.0
        for time in range(math.ceil(more)):
            other = self.source.reports(demand, begin, end, chances.beside("more", time))
            chance = chances.of("more", time).random(len(other))
            # What a history holds as open at the start is there once, however many more are told.
            parts.append(
                _only(other, _inside(other.told_s, self.window_s) & (chance < more - time) & (other.told_s > 0))
            )
        whole = Reports(**{name: np.concatenate([vars(part)[name] for part in parts]) for name in vars(told)})
        return _only(whole, np.argsort(whole.told_s, kind="stable"))


def read_stresses(path: Path) -> dict[str, Stress]:
    """The table of stress tests, by id.

    Raises
    ------
    BadInput
        With every row that is wrong: a share outside 0 to 1, a factor that is no number, an id that stands twice.
    """
    file, rows = read_list(path, COLUMNS)
    stresses = each_once(rows, "stress", _stress)
    file.stop_if_faulty("Mend these rows of the stress tests.")
    return stresses


def _inside(at_s: Floats, window_s: tuple[float, float]) -> Marks:
    return np.asarray((at_s >= window_s[0]) & (at_s < window_s[1]))


def _only(reports: Reports, rows: NDArray[np.generic]) -> Reports:
    return Reports(**{name: values[rows] for name, values in vars(reports).items()})


def _stress(row: ListRow) -> Stress:
    return Stress(
        id=row.text("stress", pattern=r"[a-z][a-z0-9_]{1,40}", expected="an id of small letters, digits and _"),
        name_zh=row.text("name_zh"),
        name_en=row.text("name_en"),
        from_day=row.whole("from_day", 0, 3_660),
        days=row.whole("days", 0, 3_660),
        reports=_number(row, "reports", 0.0, MOST_TIMES),
        ways=_number(row, "ways", 0.1, MOST_TIMES),
        borrowed=_number(row, "borrowed", 0.0, 1.0),
        reviewers=_number(row, "reviewers", 0.0, 1.0),
        basis=row.text("basis"),
    )


def _number(row: ListRow, column: str, low: float, high: float) -> float:
    text = row.text(column, pattern=r"\d{1,3}(\.\d{1,4})?", expected=f"a number from {low:g} to {high:g}")
    try:
        value = float(text)
    except ValueError:
        return low
    if not low <= value <= high:
        row.blame(column, f"a number from {low:g} to {high:g}")
    return value
