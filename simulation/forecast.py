"""What will be reported, learnt from what was: by hour of week, day off, cell and category, at a level that wanders."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dispatch.records.reason import Reason
from dispatch.rulebook.calendar import Calendar, DayKind
from simulation.history import CannotFit, History
from simulation.intake import Intake
from simulation.level import Level, follow
from simulation.streams import stream

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

HOURS_A_DAY, DAYS_A_WEEK = 24, 7
HOUR_US = 3_600_000_000
SUNDAY, HOLIDAY, MAKE_UP = 6, 7, 8
KINDS = 9
"""Monday to Sunday, a day off that the calendar names, and a weekend day that is worked for it."""
LEAST_DAYS = 28
"""Four weeks: with fewer, no weekday stands there often enough to be told from chance. Our choice."""
YEAR_DAYS = 365
RECENT = timedelta(weeks=8)
"""The mix of categories is that of these last weeks, so that no snow is reported in June. Our choice."""
AS_GOOD_AS_DAYS = 1.0
"""How many days' counts the first guess about a kind of day weighs. Our choice."""
AS_GOOD_AS_REPORTS = 100.0
"""How many reports the mix of the whole history weighs beside the recent one. Our choice."""


@dataclass(frozen=True)
class Forecast:
    """A process that was fitted to a history and can be drawn from where that history ends.

    Attributes
    ----------
    calendar
        Names the days off; its zone is the clock of everything here.
    end
        The first local day that the history does not hold whole; drawing can begin there.
    level
        Reports a day, on an average day.
    day_factor
        Shape (9,): of each kind of day; Monday to Sunday average 1.
    hour_share
        Shape (7, 24): how a day's reports spread over its hours; each row sums to 1.
    month_factor
        Shape (12,); all 1 without a year of history.
    over_dispersion
        Squared coefficient of variation of a day's own factor, 0 for a Poisson process.
    cell_weight
        Shape (cells,), every one above 0, summing to 1.
    categories, category_share
        What they are about.
    notes
        What could not be learnt, as informing reasons.
    """

    calendar: Calendar
    end: date
    level: Level
    day_factor: Floats
    hour_share: Floats
    month_factor: Floats
    over_dispersion: float
    cell_weight: Floats
    categories: tuple[str, ...]
    category_share: Floats
    notes: tuple[Reason, ...] = ()

    @property
    def hour_of_week(self) -> Floats:
        """Relative rate of each hour, shape (168,), Monday 00:00 first, averaging 1: as `simulation.demand.Demand`."""
        week = self.day_factor[:DAYS_A_WEEK, None] * self.hour_share
        return np.asarray(week.ravel() / week.mean())

    def expected(self, first: date, last: date) -> Floats:
        """Reports expected on each day from ``first`` to ``last``, both included, were the level to stay."""
        days = list(_days(first, last + timedelta(days=1)))
        return self.level.now * self._shape(days)

    def draw(self, start: datetime, end: datetime, seed: int, replication: int) -> Intake:
        """One possible course of events.

        A replication's day is the same whatever stretch is asked for, and in whatever order.

        Parameters
        ----------
        start, end
            Aware; reports fall at ``start`` or later and before ``end``.

        Raises
        ------
        ValueError
            When ``start`` lies before the end of the history.
        """
        first, until = pd.Timestamp(start).tz_convert("UTC"), pd.Timestamp(end).tz_convert("UTC")
        if self.calendar.local(start).date() < self.end:
            raise ValueError(f"{start.isoformat()} lies in the history; a forecast begins on {self.end} or later.")
        zone = self.calendar.zone
        # A day more at both ends, since a night without its second hour pushes the last reports over midnight.
        begin = max(first.tz_convert(zone).date() - timedelta(days=1), self.end)
        days = list(_days(begin, until.tz_convert(zone).date() + timedelta(days=1)))
        drawn = [self._day(*one, seed, replication) for one in self._means(days, seed, replication)]
        clock, cell, category = (np.concatenate(column) for column in zip(*drawn, strict=True))
        seconds = (_from_clock(clock, self.calendar) - first).total_seconds().to_numpy()
        order = np.argsort(seconds, kind="stable")
        order = order[(seconds[order] >= 0) & (seconds[order] < (until - first).total_seconds())]
        return Intake(
            start=first,
            told_s=seconds[order],
            cell=_chosen(self.cell_weight, cell[order]),
            category=_chosen(self.category_share, category[order]),
            categories=self.categories,
        )

    def _means(self, days: list[date], seed: int, replication: int) -> Iterator[tuple[date, int, float]]:
        """Each day, its kind, and the reports expected on it, the level drawn."""
        weeks = [(_monday(day) - _monday(self.end)).days // DAYS_A_WEEK for day in days]
        path = self.level.path(max(weeks, default=0) + 1, stream(seed, "level", replication))
        kinds = kinds_of_days(days, self.calendar)
        return zip(days, kinds.tolist(), (path[weeks] * self._shape(days)).tolist(), strict=True)

    def _shape(self, days: list[date]) -> Floats:
        kinds = kinds_of_days(days, self.calendar)
        return np.asarray(self.day_factor[kinds] * self.month_factor[_months(days)])

    def _day(self, day: date, kind: int, mean: float, seed: int, replication: int) -> tuple[Ints, Floats, Floats]:
        """Microseconds on the clock since 1970, and two numbers from 0 to 1 that choose cell and category."""
        rng = stream(seed, "reports", replication, day.toordinal())
        own = rng.gamma(1.0 / self.over_dispersion, self.over_dispersion) if self.over_dispersion > 0 else 1.0
        hour = np.repeat(np.arange(HOURS_A_DAY), rng.poisson(mean * own * self.hour_share[_hours_like(kind)]))
        within = (hour + rng.random(len(hour))) * HOUR_US
        begin = (day - date(1970, 1, 1)) // timedelta(microseconds=1)
        return np.sort(begin + within.astype(np.int64)), rng.random(len(hour)), rng.random(len(hour))


def fit(history: History, calendar: Calendar) -> Forecast:
    """What a history says about the time after it.

    Counts are pulled towards what is known of their like: an empty cell towards the average cell, as much as the cells
    are alike; a holiday towards a Sunday; an hour towards the same hour of other days.

    Raises
    ------
    CannotFit
        When the history holds fewer than 28 whole days, or the calendar knows none of its years.
    """
    local = history.reported_at.tz_convert(_zone(calendar))
    day_of = np.array([day.toordinal() for day in local.date], dtype=np.int64)
    end = history.until.tz_convert(_zone(calendar)).date()
    days = list(_days(local[0].date(), end)) if len(history) else []
    notes = _enough(days, calendar)
    whole = day_of < end.toordinal()
    counts = np.bincount(day_of[whole] - days[0].toordinal(), minlength=len(days)).astype(np.float64)
    kinds = kinds_of_days(days, calendar)
    months = _month_factors(days, counts)
    day_factor = _day_factors(counts, kinds, months[_months(days)], _weeks(days))
    shape = day_factor[kinds] * months[_months(days)]
    extra = _over_dispersion(counts, shape, _weeks(days))
    categories, share = _mix(history)
    return Forecast(
        calendar=calendar,
        end=end,
        level=_level(counts, shape, _weeks(days), extra),
        day_factor=day_factor,
        hour_share=_hour_shares(np.asarray(local.hour)[whole], kinds[day_of[whole] - days[0].toordinal()]),
        month_factor=months,
        over_dispersion=extra,
        cell_weight=pulled_together(np.bincount(history.cell, minlength=history.cells).astype(np.float64)),
        categories=categories,
        category_share=share,
        notes=notes,
    )


def kinds_of_days(days: list[date], calendar: Calendar) -> Ints:
    """Of each day its kind: 0 to 6 from Monday to Sunday, 7 for a holiday, 8 for a make-up working day."""
    kinds = np.array([day.weekday() for day in days], dtype=np.int64)
    for at, day in enumerate(days):
        if row := calendar.why(day):
            kinds[at] = HOLIDAY if row.kind is DayKind.OFF else MAKE_UP
    return kinds


def pulled_together(counts: Floats) -> Floats:
    """Shares of cells, each above 0: a cell's count and the average, the latter as much as the cells are alike.

    References
    ----------
    Counts of a Poisson process whose rates vary between cells as a gamma distribution, fitted by moments, then each
    rate's posterior mean: Clayton and Kaldor (1987), Empirical Bayes estimates of age-standardized relative risks,
    Biometrics 43(3), section 3.

    Examples
    --------
    >>> pulled_together(np.array([0.0, 10.0, 20.0])).round(3)
    array([0.033, 0.333, 0.633])
    """
    mean = float(counts.mean())
    between = float(counts.var(ddof=1)) - mean if len(counts) > 1 else 0.0
    alike = mean**2 / between if between > 0 else 1e9
    rate = (counts + alike) / (1.0 + alike / mean)
    return np.asarray(rate / rate.sum())


def _enough(days: list[date], calendar: Calendar) -> tuple[Reason, ...]:
    if len(days) < LEAST_DAYS:
        reason = Reason("history_too_short", False, {"days": len(days), "least": LEAST_DAYS})
        raise CannotFit(reason, f"the history holds {len(days)} whole days; a forecast needs {LEAST_DAYS} or more.")
    years = {day.year for day in days}
    known = {day.year for day in calendar.holidays}
    silent = sorted(years - known)
    if known and not years & known:
        values = {"first": min(years), "last": max(years), "from": min(known), "to": max(known)}
        words = f"the history lies in {min(years)} to {max(years)}; the calendar knows {min(known)} to {max(known)}."
        raise CannotFit(Reason("outside_calendar", False, values), words)
    notes = [Reason("weekends_only", None, {"year": year}) for year in silent if known]
    if len(days) < YEAR_DAYS:
        notes.append(Reason("no_season", None, {"days": len(days)}))
    return tuple(notes)


def _month_factors(days: list[date], counts: Floats) -> Floats:
    """Each month beside the mean of the last whole years; all 1 where there is no whole year.

    A single year cannot tell its growth from its seasons; the level then follows what the months leave over.
    """
    years = len(days) // YEAR_DAYS
    if not years:
        return np.ones(12)
    last, months = counts[-years * YEAR_DAYS :], _months(days)[-years * YEAR_DAYS :]
    rate = np.bincount(months, weights=last, minlength=12) / np.bincount(months, minlength=12)
    return np.asarray(rate / rate.mean()) if (rate > 0).all() else np.ones(12)


def _day_factors(counts: Floats, kinds: Ints, months: Floats, weeks: Ints) -> Floats:
    """Each kind of day beside its own week, found in turns with the level of the weeks."""
    factor = np.ones(KINDS)
    for _ in range(20):
        shape = factor[kinds] * months
        level = _by_week(counts, weeks) / _by_week(shape, weeks)
        base = level[weeks] * months
        guess = np.array([1.0] * DAYS_A_WEEK + [factor[SUNDAY], factor[:5].mean()])
        weighs = AS_GOOD_AS_DAYS * base.mean()
        seen = np.bincount(kinds, weights=counts, minlength=KINDS)
        could = np.bincount(kinds, weights=base, minlength=KINDS)
        factor = (seen + weighs * guess) / (could + weighs)
        factor = factor / factor[:DAYS_A_WEEK].mean()
    return factor


def _hour_shares(hour: Ints, kind: Ints) -> Floats:
    """How each weekday's reports spread; a thin hour leans on the same hour of the other working or weekend days."""
    plain = kind < DAYS_A_WEEK
    seen = np.zeros((DAYS_A_WEEK, HOURS_A_DAY))
    np.add.at(seen, (kind[plain], hour[plain]), 1.0)
    likewise = np.vstack((np.tile(seen[:5].sum(axis=0), (5, 1)), np.tile(seen[5:].sum(axis=0), (2, 1)))) + 0.5
    leans = likewise / likewise.sum(axis=1, keepdims=True) * AS_GOOD_AS_REPORTS
    return np.asarray((seen + leans) / (seen + leans).sum(axis=1, keepdims=True))


def _over_dispersion(counts: Floats, shape: Floats, weeks: Ints) -> float:
    """How much days of one week differ beyond chance and kind of day, by moments; 0 where they do not.

    Given its week's sum, a day varies as a share of it: the sum of ``(n - m)^2 / m`` is about that of
    ``(1 - p)(1 + d m)``, with m expected, p the day's share and d what is sought. Six weekdays' factors were fitted.
    """
    total, could = _by_week(counts, weeks), _by_week(shape, weeks)
    share = shape / could[weeks]
    mean = share * total[weeks]
    told = mean > 0
    free = float((1.0 - share[told]).sum())
    if free <= DAYS_A_WEEK:
        return 0.0
    off = float(((counts - mean)[told] ** 2 / mean[told]).sum()) * free / (free - (DAYS_A_WEEK - 1))
    spread = float(((1.0 - share) * mean)[told].sum())
    return max(0.0, (off - free) / spread)


def _level(counts: Floats, shape: Floats, weeks: Ints, extra: float) -> Level:
    total, could = _by_week(counts, weeks) + 0.5, _by_week(shape, weeks)
    variance = 1.0 / total + extra * _by_week(shape**2, weeks) / could**2
    return follow(np.log(total / could), variance)


def _mix(history: History) -> tuple[tuple[str, ...], Floats]:
    code, names = pd.factorize(history.category, sort=True)
    ever = np.bincount(code, minlength=len(names)) / len(code)
    recent = np.bincount(code[history.reported_at >= history.until - RECENT], minlength=len(names))
    share = recent + AS_GOOD_AS_REPORTS * ever
    return tuple(names), np.asarray(share / share.sum())


def _hours_like(kind: int) -> int:
    """Whose hours a day keeps: a holiday a Sunday's, a make-up day a Friday's."""
    return SUNDAY if kind == HOLIDAY else 4 if kind == MAKE_UP else kind


def _days(first: date, end: date) -> Iterator[date]:
    return (first + timedelta(days=ahead) for ahead in range((end - first).days))


def _chosen(share: Floats, u: Floats) -> NDArray[np.int32]:
    return np.searchsorted(np.cumsum(share)[:-1], u, side="right").astype(np.int32)


def _from_clock(clock_us: Ints, calendar: Calendar) -> pd.DatetimeIndex:
    """What clocks show as an instant; an hour that comes twice is the first, one that is left out comes after it."""
    clock = pd.DatetimeIndex(clock_us.astype("datetime64[us]"))
    first = np.ones(len(clock), dtype=np.bool_)
    return clock.tz_localize(_zone(calendar), nonexistent="shift_forward", ambiguous=first).tz_convert("UTC")


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _weeks(days: list[date]) -> Ints:
    return np.array([(day - _monday(days[0])).days // DAYS_A_WEEK for day in days], dtype=np.int64)


def _months(days: list[date]) -> Ints:
    return np.array([day.month - 1 for day in days], dtype=np.int64)


def _by_week(values: Floats, weeks: Ints) -> Floats:
    return np.bincount(weeks, weights=values).astype(np.float64)


def _zone(calendar: Calendar) -> ZoneInfo:
    zone = calendar.zone
    assert isinstance(zone, ZoneInfo)
    return zone
