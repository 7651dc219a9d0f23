"""Closings come as the curves say, at a pace as uneven as it was, and never before anybody could know."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from simulation import fast
from simulation.city import City
from simulation.closing import CITY, Closing, fit_closing
from simulation.diary import Event
from simulation.history import CannotFit, History
from simulation.intake import Intake, a_clerk, as_closed, replay
from simulation.streams import stream
from tests.simulation.histories import MONDAY, calendar, known, lived

DAY_S = 86_400.0
WEEK = timedelta(weeks=1)


def reports(weeks: int, a_day: float = 60.0, seed: int = 0) -> Intake:
    return known(a_day).draw(MONDAY, MONDAY + weeks * WEEK, seed, 0)


def closed_at_pace(told: Intake, mean_days: float, pace: np.ndarray, seed: int = 0) -> np.ndarray:
    """Seconds after the start: exponential at a pace that differs from day to day, shape (days,)."""
    used = np.concatenate(([0.0], np.cumsum(pace))) / mean_days
    luck = stream(seed, "truth").standard_exponential(len(told))
    until = np.interp(told.told_s / DAY_S, np.arange(len(used)), used) + luck
    return np.where(until < used[-1], np.interp(until, used, np.arange(len(used))) * DAY_S, np.inf)


def worked(weeks: int, pace: np.ndarray, mean_days: float = 5.0, seed: int = 0) -> History:
    told = reports(weeks, seed=seed)
    return lived(told, MONDAY + weeks * WEEK, closed_s=closed_at_pace(told, mean_days, pace, seed))


def even(weeks: int) -> np.ndarray:
    return np.ones(7 * weeks)


@given(st.integers(0, 10**6), st.floats(1.0, 30.0))
@settings(max_examples=8, deadline=None)
def test_how_long_it_takes_is_found_though_many_are_still_open(seed: int, mean_days: float):
    """The mean of what is closed already would be far too short. Bounds: five standard errors of a hazard."""
    history = worked(12, even(12), mean_days, seed)
    curves = fit_closing(history, calendar()).curves
    city = slice(curves.start[CITY], curves.start[CITY + 1])
    at = np.interp(min(mean_days, 20.0) * DAY_S, curves.age_s[city], curves.height[city])
    assert at == pytest.approx(min(mean_days, 20.0) / mean_days, rel=5 / np.sqrt(len(history) / 4))


def test_a_pace_as_uneven_as_it_was_is_drawn():
    """Weeks at 0.3 or 1.7 of the average in turns, never two alike: drawn weeks are of both kinds, and 1 on average."""
    weeks = 30
    pace = np.repeat(np.where(np.arange(weeks) % 2, 1.7, 0.3), 7)
    closing = fit_closing(worked(weeks, pace, 20.0), calendar())
    drawn = np.array([closing.pace(MONDAY.date(), 7, 0, r)[CITY].mean() for r in range(400)])
    assert drawn.mean() == pytest.approx(1.0, abs=0.1)
    assert drawn.std() == pytest.approx(0.7, abs=0.12)
    steady = fit_closing(worked(weeks, even(weeks), 20.0), calendar())
    drawn = np.array([steady.pace(MONDAY.date(), 7, 0, r)[CITY].mean() for r in range(400)])
    assert drawn.std() < 0.1


def test_days_on_which_nobody_closes_stay_such_days():
    """Weekends are no slow weeks: they come again every week, and so do holidays."""
    pace = np.tile([1.4, 1.4, 1.4, 1.4, 1.4, 0.0, 0.0], 20)
    closing = fit_closing(worked(20, pace), calendar())
    drawn = np.mean([closing.pace(MONDAY.date(), 14, 0, r)[CITY] for r in range(100)], axis=0)
    assert drawn[[5, 6, 12, 13]] == pytest.approx(np.zeros(4), abs=0.1)
    assert drawn[:5] == pytest.approx(np.full(5, 1.4), rel=0.15)


def test_a_week_is_worked_alike_by_all_desks_that_were_alike():
    """A snowstorm stops everybody; desks drawn apart would cancel each other out."""
    weeks = 30
    told = reports(weeks, 120.0)
    pace = np.repeat(np.where(np.arange(weeks) % 2, 1.7, 0.3), 7)
    history = lived(told, MONDAY + weeks * WEEK, closed_s=closed_at_pace(told, 20.0, pace))
    desks = np.where(history.category == "noise", "police", "streets").astype(object)
    closing = fit_closing(History(**{**history.__dict__, "desk": desks}), calendar())
    assert len(closing.steady) == 3
    drawn = np.array([closing.pace(MONDAY.date(), 7, 0, r).mean(axis=1) for r in range(200)])
    assert np.corrcoef(drawn[:, 1], drawn[:, 2])[0, 1] > 0.8


@given(st.integers(0, 30), st.integers(1, 40), st.integers(0, 6))
@settings(max_examples=15, deadline=None)
def test_a_replication_has_one_pace_whatever_is_asked_first(replication: int, days: int, later: int):
    closing = _closing()
    whole = closing.pace(MONDAY.date(), 60, 1, replication)
    assert np.array_equal(whole[:, :days], closing.pace(MONDAY.date(), days, 1, replication))
    first = MONDAY.date() + timedelta(days=later)
    assert np.array_equal(whole[:, later : later + days], closing.pace(first, days, 1, replication))


@given(st.integers(0, 10**6), st.integers(0, 11 * 7 * 24), st.integers(1, 500))
@settings(max_examples=25, deadline=None)
def test_nothing_closes_before_it_is_told_or_after_the_end(seed: int, begin_h: int, hours: int):
    history, closing = _history(), _closing()
    start = MONDAY + timedelta(hours=begin_h)
    end = start + timedelta(hours=hours)
    told = replay(history, start, end)
    closed_s = closing.draw(told, end, seed, 0)
    there = np.isfinite(closed_s)
    assert (closed_s >= np.maximum(told.told_s, 0.0)).all()
    assert (closed_s[there] < hours * 3600).all()
    again = closing.draw(told, end, seed, 0)
    assert np.array_equal(closed_s, again)


def test_what_is_open_already_is_closed_as_something_of_its_age():
    """Half are closed at once and half after 30 days: what is open on the tenth is of the second half."""
    told = reports(16, 30.0)
    quick = stream(0, "quick").random(len(told)) < 0.5
    late = told.told_s + DAY_S * (30.0 + stream(0, "late").random(len(told)))
    history = lived(told, MONDAY + 16 * WEEK, closed_s=np.where(quick, told.told_s, late))
    closing = fit_closing(history, calendar())
    ten_days_old = Intake(
        told.start, np.full(500, -10 * DAY_S), np.zeros(500, np.int32), np.zeros(500, np.int32), ("noise",)
    )
    closed_s = closing.draw(ten_days_old, MONDAY + 5 * WEEK, 0, 0)
    assert (closed_s < 18 * DAY_S).mean() < 0.02
    assert np.isfinite(closed_s).mean() > 0.9


def test_categories_nobody_has_seen_close_like_the_city():
    closing = _closing()
    new = Intake(pd.Timestamp(MONDAY), np.zeros(400), np.zeros(400, np.int32), np.zeros(400, np.int32), ("meteor",))
    closed_s = closing.draw(new, MONDAY + 4 * WEEK, 0, 0)
    assert stats.kstest(closed_s[np.isfinite(closed_s)] / DAY_S, stats.expon(scale=5).cdf).statistic < 0.15


def test_the_city_and_its_twin_play_what_was_drawn():
    """Real tickets come through the same door as drawn ones, and the diary says what the draw said."""
    start, end = MONDAY + 8 * WEEK, MONDAY + 10 * WEEK
    told = replay(_history(), start, end)
    assert (told.told_s < 0).any()
    closed_s = _closing().draw(told, end, 0, 0)
    force, work = a_clerk(3), as_closed(told, closed_s)
    until_s = (end - start).total_seconds()
    diary = City(force, work).run(until_s)
    assert diary.same_as(fast.run(force, work, until_s))
    closed = diary.event == Event.CLOSED
    assert np.sort(diary.t[closed]) == pytest.approx(np.sort(closed_s[np.isfinite(closed_s)]))
    assert (diary.event == Event.TOLD).sum() == len(told)


def test_a_replay_does_not_look_at_how_it_ended():
    history = _history()
    start, end = MONDAY + 4 * WEEK, MONDAY + 5 * WEEK
    blind = replay(history.known_at(end), start, end)
    assert np.array_equal(blind.told_s, replay(history, start, end).told_s)


@pytest.mark.parametrize(("weeks", "code"), [(0, "closing_too_short"), (3, "closing_too_short")])
def test_a_few_days_teach_no_pace(weeks: int, code: str):
    with pytest.raises(CannotFit, match=f"{weeks} whole weeks") as refused:
        fit_closing(worked(10, even(10)).known_at(MONDAY + weeks * WEEK + timedelta(days=1)), calendar())
    assert refused.value.reason.code == code


def test_nothing_closed_teaches_nothing_about_closing():
    with pytest.raises(CannotFit, match="0 tickets are closed"):
        fit_closing(lived(reports(8), MONDAY + 8 * WEEK), calendar())


def test_a_holiday_in_the_history_is_no_slow_week():
    """It is expected of that day; the week around it keeps its pace."""
    off = [date(2024, 1, 3) + 3 * k * WEEK for k in range(6)]
    pace = even(20)
    pace[[(day - MONDAY.date()).days for day in off]] = 0.0
    closing = fit_closing(worked(20, pace), calendar(*off))
    week = closing.closed[CITY].sum(axis=1) / closing.expected[CITY].sum(axis=1)
    assert week[2:] == pytest.approx(np.ones(18), abs=0.25)
    assert closing.day_factor[CITY, 7] < 0.1


@cache
def _history() -> History:
    return worked(12, even(12))


@cache
def _closing() -> Closing:
    return fit_closing(_history(), calendar())
