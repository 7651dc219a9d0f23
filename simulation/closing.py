"""How long it takes until a report is closed, and how unevenly a city closes: in bursts, desk by desk.

Two things are learnt apart. A curve for each category says how likely a report of a given age is closed next; reports
still open count for as long as they were seen open. The pace of each desk says how much faster or slower than its
curves it worked on each day of the history. Curves alone, each report by itself, give bands that are far too narrow:
a contractor repairs a hundred lamps in a day, and no lamp in the weeks of a snowstorm.

To look ahead, each coming week is worked at the pace of one of the weeks that were, drawn by lot and the same for all
desks, with what chance may have added to that pace drawn as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd
from numba import njit
from numpy.typing import NDArray

from dispatch.records.reason import Reason
from dispatch.rulebook.calendar import Calendar
from simulation.forecast import DAYS_A_WEEK, HOLIDAY, KINDS, MAKE_UP, SUNDAY, kinds_of_days
from simulation.history import CannotFit, History
from simulation.intake import Intake
from simulation.streams import stream

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Marks = NDArray[np.bool_]

DAY_S = 86_400.0
LEAST_WEEKS = 4
"""Whole weeks from which a pace can be drawn. Our choice, as in `simulation.forecast`."""
LEAST_FOR_A_CURVE = 30
"""Closings from which a category has its own curve; rarer ones share the curve of their desk. Our choice."""
LEAST_FOR_A_DESK = 100
"""Closings from which a desk has its own pace; the others keep the pace of the city. Our choice."""
AS_GOOD_AS_CLOSINGS = 5.0
"""How many expected closings the first guess about a kind of day weighs. Our choice."""
ONCE_S = 1.0
"""What is closed at once takes this long: a curve has to rise somewhere."""
CITY = 0
"""The pace of everything together: for small desks and for categories that the history does not know."""


@dataclass(frozen=True)
class Curves:
    """Cumulative chances of being closed (integrated hazards) over age, straight between their points.

    Attributes
    ----------
    start
        Curve k has the points ``start[k]`` to ``start[k + 1]``, shape (k + 1,).
    age_s, height
        The points, each curve from (0, 0) upwards.
    slope
        Height a second beyond the last point, shape (k,): that of its second half.
    """

    start: Ints
    age_s: Floats
    height: Floats
    slope: Floats


@dataclass(frozen=True)
class Closing:
    """Fitted to a history; drawn from for any reports.

    Attributes
    ----------
    calendar
        Whose days off are kept.
    curve_of, desk_of
        Curve and pace of each category; row 0 of both is the whole city's, for categories not named here.
    curves
        See `Curves`.
    day_factor
        Shape (desks, 9): pace on each kind of day, as in `simulation.forecast`; 1 is the average of the curves.
    closed, expected
        Shape (desks, weeks, 7): closings of each whole week, day by day, and how many curves and kind of day make of
        what was open.
    steady
        Shape (desks,): how many expected closings it takes until a day's own pace says as much as the average; inf
        where days do not differ beyond chance.
    """

    calendar: Calendar
    curve_of: Mapping[str, int]
    desk_of: Mapping[str, int]
    curves: Curves
    day_factor: Floats
    closed: Floats
    expected: Floats
    steady: Floats

    @property
    def weeks(self) -> int:
        return int(self.closed.shape[1])

    def pace(self, first: date, days: int, seed: int, replication: int) -> Floats:
        """The pace of every desk on each day from ``first`` on, shape (desks, days), drawn once a replication.

        How likely each past week is to come again is drawn too (the Bayesian bootstrap): what was seen once may be
        common or rare. Starting on another weekday or asking for more days changes nothing about the others.

        References
        ----------
        Rubin (1981), The Bayesian Bootstrap, Annals of Statistics 9(1).
        """
        monday = first - timedelta(days=first.weekday())
        every = [monday + timedelta(days=ahead) for ahead in range(first.weekday() + days)]
        rng = stream(seed, "pace", replication)
        likely = rng.dirichlet(np.ones(self.weeks))
        weeks = -(-len(every) // DAYS_A_WEEK)
        drawn = [self._week(int(rng.choice(self.weeks, p=likely)), rng) for _ in range(weeks)]
        beyond = np.concatenate(drawn, axis=1)[:, : len(every)]
        return np.asarray((beyond * self.day_factor[:, kinds_of_days(every, self.calendar)])[:, first.weekday() :])

    def draw(self, reports: Intake, end: datetime, seed: int, replication: int) -> Floats:
        """When each report is closed, seconds after ``reports.start``; inf for what is open at ``end`` (aware).

        What is open at the start is closed as something of its age is. The same report in the same place of the list
        has the same luck in a replication whatever the others are.

        Returns
        -------
        ndarray of float
            Shape (n,), after both the start and ``told_s``.
        """
        edges = _midnights(reports.start, pd.Timestamp(end).tz_convert("UTC"), self.calendar)
        first = reports.start.tz_convert(self.calendar.zone).date()
        pace = self.pace(first, len(edges) - 1, seed, replication)
        luck = stream(seed, "closing", replication).standard_exponential(len(reports))
        curve, desk = (_positions(of, reports) for of in (self.curve_of, self.desk_of))
        c = self.curves
        closed_s = _draw(reports.told_s, curve, desk, luck, edges, pace, c.start, c.age_s, c.height, c.slope)
        return np.where(closed_s < (pd.Timestamp(end) - reports.start).total_seconds(), closed_s, np.inf)

    def _week(self, like: int, rng: np.random.Generator) -> Floats:
        """The pace of one past week, shape (desks, 7): a gamma posterior around closings beside what was expected."""
        steady = np.minimum(self.steady, 1e6)[:, None]
        return rng.gamma(self.closed[:, like] + steady) / (self.expected[:, like] + steady)


def fit_closing(history: History, calendar: Calendar) -> Closing:
    """How a history was closed.

    Raises
    ------
    CannotFit
        When it has fewer than 4 whole weeks or fewer than 30 closings.

    References
    ----------
    Curves: Kaplan and Meier (1958), Nonparametric estimation from incomplete observations, JASA 53(282), by
    ``scipy.stats.ecdf``; as integrated hazards, minus the logarithm of what is still open.
    """
    closed = ~np.asarray(history.closed_at.isna())
    first = history.reported_at[0].tz_convert(calendar.zone).date() if len(history) else date.min
    edges = _midnights(_midnight(first, calendar), history.until, calendar) if len(history) else np.zeros(1)
    whole_weeks = _whole_weeks(first, history.until, calendar) if len(history) else (0, 0)
    _enough(whole_weeks[1], int(closed.sum()))
    told_s = _seconds_after(history.reported_at, _midnight(first, calendar))
    end_s = np.where(closed, _seconds_after(history.closed_at, _midnight(first, calendar)), edges[-1])
    end_s = np.maximum(end_s, told_s + np.where(closed, ONCE_S, 0.0))
    curve_of, desk_of = _curves_of(history, closed), _desks_of(history, closed)
    curve = np.array([curve_of[name] for name in history.category], dtype=np.int64)
    desk = np.array([desk_of[name] for name in history.category], dtype=np.int64)
    curves = _curves(end_s - told_s, closed, curve)
    desks = max(desk_of.values()) + 1
    expected = _expected(
        told_s, end_s, curve, desk, edges, desks, curves.start, curves.age_s, curves.height, curves.slope
    )
    done = np.zeros_like(expected)
    day = np.minimum(np.searchsorted(edges, end_s, side="right") - 1, len(edges) - 2)
    np.add.at(done, (desk[closed], day[closed]), 1.0)
    done[CITY], expected[CITY] = done.sum(axis=0), expected.sum(axis=0)
    days = [first + timedelta(days=ahead) for ahead in range(len(edges) - 1)]
    kinds = kinds_of_days(days, calendar)
    factor = _day_factors(done, expected, kinds)
    expected = expected * factor[:, kinds]
    begin, weeks = whole_weeks
    by_week = (slice(None), slice(begin, begin + weeks * DAYS_A_WEEK))
    done, expected = (values[by_week].reshape(desks, weeks, DAYS_A_WEEK) for values in (done, expected))
    return Closing(calendar, curve_of, desk_of, curves, factor, done, expected, _steady(done, expected))


def _enough(weeks: int, closings: int) -> None:
    if weeks < LEAST_WEEKS:
        reason = Reason("closing_too_short", False, {"weeks": weeks, "least": LEAST_WEEKS})
        raise CannotFit(
            reason, f"the history holds {weeks} whole weeks; the pace of closing needs {LEAST_WEEKS} or more."
        )
    if closings < LEAST_FOR_A_CURVE:
        reason = Reason("too_few_closings", False, {"closings": closings, "least": LEAST_FOR_A_CURVE})
        raise CannotFit(reason, f"{closings} tickets are closed; how long it takes needs {LEAST_FOR_A_CURVE} or more.")


def _curves_of(history: History, closed: Marks) -> dict[str, int]:
    """A curve for each frequent category, one for the rare ones of each desk if they fill one, the city's otherwise."""
    frame = pd.DataFrame({"category": history.category, "desk": _main_desk(history), "closed": closed})
    enough = frame.groupby("category")["closed"].sum() >= LEAST_FOR_A_CURVE
    rare = ~frame["category"].map(enough).to_numpy(dtype=np.bool_)
    shared = frame.loc[rare].groupby("desk")["closed"].sum() >= LEAST_FOR_A_CURVE
    names = [("category", name) for name in enough.index[enough]] + [("desk", name) for name in shared.index[shared]]
    row = {name: at + 1 for at, name in enumerate(names)}
    both = frame.drop_duplicates("category")
    return {
        category: row.get(("category", category), row.get(("desk", desk), CITY))
        for category, desk in zip(both["category"], both["desk"], strict=True)
    }


def _desks_of(history: History, closed: Marks) -> dict[str, int]:
    desk = _main_desk(history)
    closings = pd.Series(closed).groupby(desk).sum()
    large = closings.index[(closings >= LEAST_FOR_A_DESK) & (closings.index != "")]
    row = {name: at + 1 for at, name in enumerate(large)}
    return {category: row.get(name, CITY) for category, name in zip(history.category, desk, strict=True)}


def _main_desk(history: History) -> NDArray[np.object_]:
    """Of each ticket the desk that most often has its category in hand."""
    frame = pd.DataFrame({"category": history.category, "desk": history.desk})
    often = frame.value_counts(sort=False).rename("times").reset_index().sort_values(["times", "desk"])
    most = often.drop_duplicates("category", keep="last").set_index("category")["desk"]
    return frame["category"].map(most).to_numpy(dtype=object)


def _curves(age_s: Floats, closed: Marks, curve: Ints) -> Curves:
    """The city's curve first, then one for each number above 0."""
    one = [_curve(age_s, closed)]
    one += [_curve(age_s[curve == k], closed[curve == k]) for k in range(1, int(curve.max()) + 1)]
    start = np.concatenate(([0], np.cumsum([len(ages) for ages, _, _ in one])))
    ages, heights = (np.concatenate([c[k] for c in one]) for k in (0, 1))
    return Curves(start.astype(np.int64), ages, heights, np.array([c[2] for c in one]))


def _curve(age_s: Floats, closed: Marks) -> tuple[Floats, Floats, float]:
    from scipy import stats  # here, because no desk has to wait for it when it opens

    still = stats.ecdf(stats.CensoredData(uncensored=age_s[closed], right=age_s[~closed])).sf
    open_, ages = still.probabilities.copy(), still.quantiles
    if open_[-1] <= 0:  # the oldest was closed: as if half of another one had stayed open
        last = np.count_nonzero(age_s == ages[-1])
        open_[-1] = (open_[-2] if len(open_) > 1 else 1.0) * 0.5 / (last + 0.5)
    ages = np.concatenate(([0.0], ages))
    height = np.concatenate(([0.0], -np.log(open_)))
    half = float(np.interp(ages[-1] / 2, ages, height))
    return ages, height, float((height[-1] - half) / (ages[-1] / 2))


def _day_factors(closed: Floats, expected: Floats, kinds: Ints) -> Floats:
    """Each desk's pace on each kind of day: towards the city's, the city's holidays towards its Sundays."""
    seen, could = (np.array([np.bincount(kinds, row, KINDS) for row in values]) for values in (closed, expected))
    weighs = AS_GOOD_AS_CLOSINGS
    city = (seen[CITY] + weighs) / (could[CITY] + weighs)
    guess = np.array([city[SUNDAY], city[:5].mean()])
    late = slice(HOLIDAY, MAKE_UP + 1)
    city[late] = (seen[CITY, late] + weighs * guess) / (could[CITY, late] + weighs)
    return np.asarray((seen + weighs * city) / (could + weighs))


def _steady(closed: Floats, expected: Floats) -> Floats:
    """Shape of the gamma distribution of a day's own pace, by moments, a desk at a time."""
    beyond = ((closed - expected) ** 2 - expected).sum(axis=(1, 2))
    squares = (expected**2).sum(axis=(1, 2))
    return np.where(beyond > 0, squares / np.where(beyond > 0, beyond, 1.0), np.inf)


def _positions(of: Mapping[str, int], reports: Intake) -> Ints:
    return np.array([of.get(name, CITY) for name in reports.categories], dtype=np.int64)[reports.category]


def _midnight(day: date, calendar: Calendar) -> pd.Timestamp:
    return pd.Timestamp(calendar.midnight(day.toordinal())).tz_convert("UTC")


def _midnights(start: pd.Timestamp, end: pd.Timestamp, calendar: Calendar) -> Floats:
    """Seconds after ``start``: itself, every midnight after it, and ``end``."""
    first = start.tz_convert(calendar.zone).date()
    days = (end.tz_convert(calendar.zone).date() - first).days
    inner = [(_midnight(first + timedelta(days=k), calendar) - start).total_seconds() for k in range(1, days + 1)]
    last = (end - start).total_seconds()
    return np.array([0.0, *(edge for edge in inner if edge < last), last])


def _whole_weeks(first: date, until: pd.Timestamp, calendar: Calendar) -> tuple[int, int]:
    """After how many days the first whole week begins, and how many there are."""
    begin = -first.weekday() % DAYS_A_WEEK
    days = (until.tz_convert(calendar.zone).date() - first).days
    return begin, max(0, (days - begin) // DAYS_A_WEEK)


def _seconds_after(times: pd.DatetimeIndex, start: pd.Timestamp) -> Floats:
    return np.asarray((times - start).total_seconds(), dtype=np.float64)


@njit(cache=True)
def _height(age: float, low: int, high: int, ages: Floats, heights: Floats, slope: float) -> float:
    """A curve at an age; its points are rows ``low`` to ``high``."""
    if age <= 0.0:
        return 0.0
    if age >= ages[high - 1]:
        return float(heights[high - 1] + (age - ages[high - 1]) * slope)
    at = low + np.searchsorted(ages[low:high], age)
    share = (age - ages[at - 1]) / (ages[at] - ages[at - 1])
    return float(heights[at - 1] + share * (heights[at] - heights[at - 1]))


@njit(cache=True)
def _age(height: float, low: int, high: int, ages: Floats, heights: Floats, slope: float) -> float:
    """The age at which a curve reaches a height above 0."""
    if height > heights[high - 1]:
        return float(ages[high - 1] + (height - heights[high - 1]) / slope) if slope > 0 else np.inf
    at = low + np.searchsorted(heights[low:high], height)
    share = (height - heights[at - 1]) / (heights[at] - heights[at - 1])
    return float(ages[at - 1] + share * (ages[at] - ages[at - 1]))


@njit(cache=True)
def _expected(
    told: Floats, end: Floats, curve: Ints, desk: Ints, edges: Floats, desks: int,
    start: Ints, ages: Floats, heights: Floats, slopes: Floats,
) -> Floats:  # fmt: skip
    """Closings a desk and day that the curves make of what was open, shape (desks, days)."""
    total = np.zeros((desks, len(edges) - 1))
    for i in range(len(told)):
        k = curve[i]
        low, high, slope = start[k], start[k + 1], slopes[k]
        before = 0.0
        day = max(np.searchsorted(edges, told[i], side="right") - 1, 0)
        while day < len(edges) - 1 and edges[day] < end[i]:
            after = _height(min(edges[day + 1], end[i]) - told[i], low, high, ages, heights, slope)
            total[desk[i], day] += after - before
            before = after
            day += 1
    return total


@njit(cache=True)
def _draw(
    told: Floats, curve: Ints, desk: Ints, luck: Floats, edges: Floats, pace: Floats,
    start: Ints, ages: Floats, heights: Floats, slopes: Floats,
) -> Floats:  # fmt: skip
    """When each is closed: as soon as pace times the rise of its curve has used up its luck."""
    closed = np.full(len(told), np.inf)
    for i in range(len(told)):
        k = curve[i]
        low, high, slope = start[k], start[k + 1], slopes[k]
        left = luck[i]
        before = _height(-told[i], low, high, ages, heights, slope)
        day = max(np.searchsorted(edges, told[i], side="right") - 1, 0)
        while day < len(edges) - 1:
            after = _height(edges[day + 1] - told[i], low, high, ages, heights, slope)
            used = pace[desk[i], day] * (after - before)
            if used >= left:
                age = _age(before + left / pace[desk[i], day], low, high, ages, heights, slope)
                closed[i] = min(max(told[i] + age, edges[day], told[i]), edges[day + 1])
                break
            left -= used
            before = after
            day += 1
    return closed
