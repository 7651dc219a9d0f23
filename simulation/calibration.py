"""May we forecast? The last weeks of the history are held out, forecast from the weeks before, and compared."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dispatch.records.reason import Reason
from dispatch.rulebook.calendar import Calendar
from simulation.closing import LEAST_FOR_A_CURVE, fit_closing
from simulation.forecast import DAYS_A_WEEK, LEAST_DAYS, fit
from simulation.history import CannotFit, History
from simulation.intake import Intake, replay

Floats = NDArray[np.float64]

TOLERANCE = 0.05
"""Beyond this nobody should staff a district by the forecast; the project's own rule."""
COVERAGE = 0.95
Tell = Callable[[int], object]
"""Told after each draw how many there have been; what it raises stops the judging."""
MOST_WEEKS = 8
REPLICATIONS = 200

NOT_KNOWN = math.nan

VERDICT_REASONS = (
    "volume_off",  # percent, expected, seen, chance_percent
    "volume_right",  # the same
    "backlog_off",  # percent, expected, seen, chance_percent
    "backlog_right",  # the same
    "reports_inside",  # weeks, of
    "closings_inside",  # weeks, of
    "hours_apart",  # percent, chance_percent
    "closing_unknown",  # closings
    "history_too_short",  # days, least
    "outside_calendar",  # first, last, from, to
    "weekends_only",  # year
    "no_season",  # days
    "closing_too_short",  # weeks, least
    "too_few_closings",  # closings, least
)
"""Every code that may stand among the reasons of a verdict, each with its values."""


@dataclass(frozen=True)
class Band:
    """Of each week what was seen and the 95 % band of the replications, shape (weeks,) each.

    Attributes
    ----------
    begins
        Local Mondays.
    low, expected, high
        2.5 % quantile over replications, what is expected, 97.5 % quantile.
    """

    begins: tuple[date, ...]
    seen: Floats
    low: Floats
    expected: Floats
    high: Floats
    totals: Floats = field(repr=False)
    """Of each replication the sum of all weeks, shape (replications,)."""

    @property
    def inside(self) -> int:
        """How many weeks lie in their band, its borders included."""
        return int(((self.seen >= self.low) & (self.seen <= self.high)).sum())

    @property
    def coverage(self) -> float:
        """Share of the weeks that lie in their band."""
        return self.inside / len(self.seen)

    @property
    def volume_error(self) -> float:
        """How much more was expected than came, as a share of what came; inf if nothing came."""
        return _error(float(self.expected.sum()), float(self.seen.sum()))


@dataclass(frozen=True)
class Verdict:
    """Whether a district may be forecast from its history, and why.

    Attributes
    ----------
    may_forecast
        Only when volume, and backlog where closings are known, are within 5 %.
    reasons
        What speaks for, against, and what else is known; against first.
    reports, closings
        Bands of the weeks held out; None where they could not be made.
    backlog_error
        What was expected to be open at the end beside what was, as a share; NaN where closings are unknown.
    hour_error, hour_chance
        How much of the reports would have to move to another hour of the week to make the forecast right, and how much
        of them chance alone moves: shares.
    """

    may_forecast: bool
    reasons: tuple[Reason, ...]
    reports: Band | None = None
    closings: Band | None = None
    backlog_error: float = NOT_KNOWN
    hour_error: float = NOT_KNOWN
    hour_chance: float = NOT_KNOWN

    @property
    def volume_error(self) -> float:
        """NaN where nothing was forecast."""
        return self.reports.volume_error if self.reports else NOT_KNOWN


def judge(
    history: History,
    calendar: Calendar,
    seed: int = 0,
    replications: int = REPLICATIONS,
    tell: Tell = lambda _: None,
) -> Verdict:
    """Hold out the last weeks, a quarter of the whole ones and at most 8, and say how well they are foretold.

    A history from which nothing can be learnt is refused with its reason; nothing is raised for it. ``tell`` hears of
    each draw: as many of reports as ``replications``, and as many of closings where these are known.
    """
    mondays = _whole_weeks(history, calendar)
    held = min(MOST_WEEKS, (len(mondays) - 1) // 4)
    if held < 1:
        days = DAYS_A_WEEK * max(len(mondays) - 1, 0)
        return Verdict(False, (Reason("history_too_short", False, {"days": days, "least": LEAST_DAYS}),))
    weeks = mondays[-held - 1 :]
    try:
        return _compared(history, calendar, weeks, seed, replications, tell)
    except CannotFit as refused:
        return Verdict(False, (refused.reason,))


def weekly_reports(
    history: History,
    calendar: Calendar,
    mondays: list[datetime],
    seed: int,
    replications: int,
    tell: Tell = lambda _: None,
) -> tuple[Band, list[Intake]]:
    """Reports a week between midnights (aware, n + 1), forecast from what was known at the first.

    What ``history`` knows beyond is only compared. The replications come along.
    """
    forecast = fit(history.known_at(mondays[0]), calendar)
    drawn = []
    for replication in range(replications):
        drawn.append(forecast.draw(mondays[0], mondays[-1], seed, replication))
        tell(replication + 1)
    counts = np.array([_by_week(one.told_s, one.start, mondays) for one in drawn])
    firsts = [calendar.local(monday).date() for monday in mondays]
    by_week = [forecast.expected(a, b - timedelta(days=1)).sum() for a, b in pairwise(firsts)]
    return _band(history.reported_at, counts, np.array(by_week), mondays), drawn


def weekly_closings(
    history: History,
    calendar: Calendar,
    cut: datetime,
    mondays: list[datetime],
    seed: int,
    replications: int,
    tell: Tell = lambda _: None,
) -> tuple[Band, Floats]:
    """Closings a week, what was reported replayed, how it closes learnt from before ``cut`` and drawn.

    Returns
    -------
    Band
        Of the weeks between ``mondays`` (aware, n + 1), the first one at ``cut`` or later.
    ndarray of float
        Open at the last Monday in each replication, shape (replications,).
    """
    closing = fit_closing(history.known_at(cut), calendar)
    reports = replay(history, cut, mondays[-1])
    drawn = []
    for replication in range(replications):
        drawn.append(closing.draw(reports, mondays[-1], seed, replication))
        tell(replication + 1)
    counts = np.array([_by_week(closed_s, reports.start, mondays) for closed_s in drawn])
    left = np.array([np.isinf(closed_s).sum() for closed_s in drawn], dtype=np.float64)
    return _band(history.closed_at.dropna(), counts, counts.mean(axis=0), mondays), left


def _compared(
    history: History, calendar: Calendar, mondays: list[datetime], seed: int, replications: int, tell: Tell
) -> Verdict:
    reports, drawn = weekly_reports(history, calendar, mondays, seed, replications, tell)
    past = history.known_at(mondays[0])
    seen = replay(history, mondays[0], mondays[-1])
    came = seen.reported_at[seen.told_s >= 0]
    error, chance = _hours_apart(came, drawn, fit(past, calendar).hour_of_week, calendar)
    reasons = [
        _off("volume", float(reports.seen.sum()), float(reports.expected.sum()), reports.totals),
        _inside("reports", reports),
    ]
    reasons += [Reason("hours_apart", None, {"percent": _percent(error), "chance_percent": _percent(chance)})]
    reasons += fit(past, calendar).notes
    closings, backlog_error = None, NOT_KNOWN
    known = int(np.asarray(past.closed_at.notna()).sum())
    if known < LEAST_FOR_A_CURVE:
        reasons.append(Reason("closing_unknown", None, {"closings": known}))
    else:
        closings, left = weekly_closings(
            history, calendar, mondays[0], mondays, seed, replications, lambda done: tell(replications + done)
        )
        open_then = float(_open_at(history, mondays[-1]))
        backlog_error = _error(float(left.mean()), open_then)
        reasons += [_off("backlog", open_then, float(left.mean()), left), _inside("closings", closings)]
    against_first = sorted(reasons, key=lambda reason: (reason.good is not False, reason.good is None))
    may = all(reason.good is not False for reason in reasons)
    return Verdict(may, tuple(against_first), reports, closings, backlog_error, error, chance)


def _off(what: str, seen: float, expected: float, drawn: Floats) -> Reason:
    """Within 5 % or not; and how far chance alone may lie off, so that a small history is known for one."""
    right = abs(_error(expected, seen)) <= TOLERANCE
    low, high = np.quantile(drawn, [(1 - COVERAGE) / 2, (1 + COVERAGE) / 2])
    values: dict[str, str | int | float] = {
        "percent": _percent(_error(expected, seen)),
        "expected": round(expected),
        "seen": round(seen),
        "chance_percent": _percent(float(high - low) / 2.0 / expected) if expected else 0.0,
    }
    return Reason(f"{what}_{'right' if right else 'off'}", right, values)


def _inside(what: str, band: Band) -> Reason:
    return Reason(f"{what}_inside", None, {"weeks": band.inside, "of": len(band.seen)})


def _hours_apart(
    came: pd.DatetimeIndex, drawn: list[Intake], hour_of_week: Floats, calendar: Calendar
) -> tuple[float, float]:
    """Total variation distance from the forecast's hours of the week: of what came, and of what is drawn on average."""
    share = hour_of_week / hour_of_week.sum()
    chance = [_distance(_hours(one.reported_at, calendar), share) for one in drawn if len(one)]
    return _distance(_hours(came, calendar), share), float(np.mean(chance)) if chance else NOT_KNOWN


def _distance(counts: Floats, share: Floats) -> float:
    return float(np.abs(counts / counts.sum() - share).sum() / 2.0) if counts.sum() else NOT_KNOWN


def _hours(when: pd.DatetimeIndex, calendar: Calendar) -> Floats:
    local = when.tz_convert(calendar.zone)
    return np.bincount(np.asarray(local.day_of_week * 24 + local.hour), minlength=24 * DAYS_A_WEEK).astype(np.float64)


def _band(seen: pd.DatetimeIndex, counts: Floats, expected: Floats, mondays: list[datetime]) -> Band:
    start = pd.Timestamp(mondays[0]).tz_convert("UTC")
    really = _by_week(np.asarray((seen - start).total_seconds(), dtype=np.float64), start, mondays)
    low, high = np.quantile(counts, [(1 - COVERAGE) / 2, (1 + COVERAGE) / 2], axis=0)
    begins = tuple(monday.date() for monday in mondays[:-1])
    return Band(begins, really, low, expected, high, counts.sum(axis=1))


def _by_week(seconds: Floats, start: pd.Timestamp, mondays: list[datetime]) -> Floats:
    edges = np.array([(pd.Timestamp(monday) - start).total_seconds() for monday in mondays])
    at = np.searchsorted(edges, seconds[np.isfinite(seconds)], side="right") - 1
    within = (at >= 0) & (at < len(mondays) - 1)
    return np.bincount(at[within], minlength=len(mondays) - 1).astype(np.float64)


def _whole_weeks(history: History, calendar: Calendar) -> list[datetime]:
    """Local midnights of the Mondays from the first to the last that the history holds."""
    if not len(history):
        return []
    first = calendar.local(history.reported_at[0].to_pydatetime()).date()
    last = calendar.local(history.until.to_pydatetime()).date()
    begin = first + timedelta(days=-first.weekday() % DAYS_A_WEEK)
    weeks = max((last - begin).days // DAYS_A_WEEK, -1)
    return [calendar.midnight((begin + timedelta(weeks=k)).toordinal()) for k in range(weeks + 1)]


def _open_at(history: History, when: datetime) -> int:
    return int((replay(history, when, when).told_s < 0).sum())


def _error(expected: float, seen: float) -> float:
    return (expected - seen) / seen if seen else 0.0 if not expected else math.inf


def _percent(share: float) -> float:
    return round(100.0 * share, 1)
