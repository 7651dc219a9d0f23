"""What is learnt is what was put in, and a replication is the same city for every plan."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dispatch.rulebook.calendar import Calendar, DayKind, Holiday, WorkingHours
from simulation.forecast import HOLIDAY, MAKE_UP, SUNDAY, Forecast, fit, kinds_of_days, pulled_together
from simulation.history import CannotFit
from simulation.level import STEPS, follow
from simulation.streams import stream
from tests.simulation.histories import MONDAY, calendar, known, lived, steady

WEEK = timedelta(weeks=1)


def learnt(truth: Forecast, weeks: int, seed: int = 0) -> Forecast:
    until = MONDAY + weeks * WEEK
    return fit(lived(truth.draw(MONDAY, until, seed, 0), until, len(truth.cell_weight)), truth.calendar)


@given(st.integers(0, 10**6), st.sampled_from([0.0, 0.05, 0.3]))
@settings(max_examples=8, deadline=None)
def test_a_history_that_was_drawn_gives_its_numbers_back(seed: int, over_dispersion: float):
    """Bounds are five standard errors of a year of about 36,000 reports."""
    truth = known(a_day=100.0, over_dispersion=over_dispersion)
    found = learnt(truth, 52, seed)
    a_day = np.sqrt(1 / 100.0 + over_dispersion)
    assert found.over_dispersion == pytest.approx(over_dispersion, abs=0.005 + 5 * over_dispersion * np.sqrt(2 / 312))
    assert found.day_factor[:7] == pytest.approx(truth.day_factor[:7], rel=5 * a_day * 1.2 / np.sqrt(52) + 0.03)
    assert found.cell_weight == pytest.approx(truth.cell_weight, abs=5 * np.sqrt(0.25 / 36_000))
    assert found.category_share == pytest.approx(truth.category_share, abs=5 * np.sqrt(0.19 / 5_000))
    assert found.hour_share == pytest.approx(truth.hour_share, abs=5 * np.sqrt(0.06 / 2_500))
    assert found.level.now == pytest.approx(100.0, rel=0.5 if over_dispersion > 0.1 else 0.25)


def test_the_level_is_that_of_the_last_weeks():
    """Boston's tickets doubled in spring; a mean of all weeks would send half the officers home."""
    low, high = known(40.0), known(100.0, end=(MONDAY + 15 * WEEK).date())
    first = lived(low.draw(MONDAY, MONDAY + 15 * WEEK, 0, 0), MONDAY + 15 * WEEK)
    then = lived(high.draw(MONDAY + 15 * WEEK, MONDAY + 25 * WEEK, 0, 0), MONDAY + 25 * WEEK)
    both = replace(
        then,
        reported_at=first.reported_at.append(then.reported_at),
        closed_at=first.closed_at.append(then.closed_at),
        cell=np.concatenate((first.cell, then.cell)),
        category=np.concatenate((first.category, then.category)),
        desk=np.concatenate((first.desk, then.desk)),
    )
    level = fit(both, calendar()).level
    assert level.now == pytest.approx(100.0, rel=0.08)
    assert level.step > 0.1


def test_how_far_a_level_wanders_is_found():
    """Ten series of a hundred weeks, each with its own walk."""
    rng = stream(0, "walks")
    steps = []
    for _ in range(10):
        walk = np.cumsum(0.1 * rng.standard_normal(100))
        steps.append(follow(walk + 0.05 * rng.standard_normal(100), np.full(100, 0.05**2)).step)
    assert np.mean(steps) == pytest.approx(0.1, rel=0.15)


def test_a_level_that_never_moved_is_known_ever_better():
    level = follow(np.full(200, 3.0), np.full(200, 0.01))
    assert level.step < 0.02
    assert level.now == pytest.approx(np.exp(3.0), rel=0.05)


def test_a_wandering_level_stays_where_it_is_on_average_and_spreads():
    level = steady(50.0, step=float(STEPS[20]))
    paths = np.array([level.path(8, stream(r, "level")) for r in range(4_000)])
    assert paths.mean(axis=0) == pytest.approx(np.full(8, 50.0), rel=0.03)
    assert (np.diff(paths.std(axis=0)) > 0).all()


@pytest.mark.parametrize("step", [0.05, 0.1, 0.2])
def test_a_level_comes_to_lie_where_its_band_says_95_times_in_100(step: float):
    """Two hundred walks of twenty weeks, eight more foretold; how far they wander has to be learnt from each."""
    rng, noise, inside = stream(0, "bands", str(step)), 0.07, []
    for _ in range(200):
        seen = np.cumsum(step * rng.standard_normal(28) - step**2 / 2) + noise * rng.standard_normal(28)
        level = follow(seen[:20], np.full(20, noise**2))
        paths = np.log([level.path(8, rng) for _ in range(200)]) + noise * rng.standard_normal((200, 8))
        low, high = np.quantile(paths, [0.025, 0.975], axis=0)
        inside.append((seen[20:] >= low) & (seen[20:] <= high))
    assert np.mean(inside) == pytest.approx(0.95, abs=0.03)


@given(st.integers(0, 50), st.integers(0, 500), st.integers(1, 500))
@settings(max_examples=25, deadline=None)
def test_a_replication_is_the_same_city_whatever_is_asked_of_it_before(replication: int, begin_h: int, hours: int):
    """Two plans are only compared if they meet the same incidents."""
    forecast = known(over_dispersion=0.1, level=steady(60.0, step=float(STEPS[10])))
    whole = forecast.draw(MONDAY, MONDAY + 8 * WEEK, 3, replication)
    start = MONDAY + timedelta(hours=begin_h)
    part = forecast.draw(start, start + timedelta(hours=hours), 3, replication)
    within = (whole.told_s >= begin_h * 3600) & (whole.told_s < (begin_h + hours) * 3600)
    assert part.told_s + begin_h * 3600 == pytest.approx(whole.told_s[within])
    assert np.array_equal(part.cell, whole.cell[within])
    assert np.array_equal(part.category, whole.category[within])


def test_replications_and_seeds_are_different_cities():
    drawn = {(s, r): known().draw(MONDAY, MONDAY + WEEK, s, r).told_s[0] for s in (1, 2) for r in (1, 2)}
    assert len(set(drawn.values())) == 4


def test_no_report_is_lost_or_doubled_where_the_clocks_change():
    """Midnight to midnight in New York, over the spring and the autumn night of 2024."""
    zone = ZoneInfo("America/New_York")
    forecast = known(a_day=5_000.0, calendar=Calendar({}, WorkingHours(zone=zone)))
    for day in (datetime(2024, 3, 9, tzinfo=zone), datetime(2024, 11, 2, tzinfo=zone)):
        three = forecast.draw(day, day + timedelta(days=3), 0, 0)
        one_by_one = [forecast.draw(day + timedelta(days=k), day + timedelta(days=k + 1), 0, 0) for k in range(3)]
        assert len(three) == sum(len(one) for one in one_by_one)
        assert (np.diff(three.told_s) >= 0).all()
        expected = forecast.expected(day.date(), day.date() + timedelta(days=2)).sum()
        assert len(three) == pytest.approx(expected, rel=0.04)


@given(arrays(np.int64, st.integers(1, 60), elements=st.integers(0, 500)).filter(lambda counts: counts.sum() > 0))
@settings(max_examples=100, deadline=None)
def test_no_cell_is_written_off_and_a_busier_cell_stays_the_busier(counts: np.ndarray):
    """A cell without a ticket in half a year may have one tomorrow."""
    share = pulled_together(counts.astype(np.float64))
    assert (share > 0).all()
    assert share.sum() == pytest.approx(1.0)
    order = np.argsort(counts, kind="stable")
    assert (np.diff(share[order]) >= -1e-12).all()


def test_holidays_have_their_own_factor_and_days_worked_for_them_too():
    off = [date(2024, 1, 10) + k * WEEK for k in range(12)]
    truth = known(200.0, calendar=calendar(*off))
    found = learnt(truth, 30)
    assert found.day_factor[HOLIDAY] == pytest.approx(0.4, rel=0.15)
    assert found.expected(date(2024, 1, 10), date(2024, 1, 11)) == pytest.approx([80, 220], rel=0.2)


def test_a_holiday_that_never_came_is_taken_for_a_sunday():
    found = learnt(known(200.0), 30)
    assert found.day_factor[HOLIDAY] == pytest.approx(found.day_factor[SUNDAY], rel=1e-6)
    assert found.day_factor[MAKE_UP] == pytest.approx(found.day_factor[:5].mean(), rel=1e-6)
    made_up = Holiday(date(2024, 9, 14), DayKind.WORK, "中秋节", "Mid-Autumn", False)
    assert kinds_of_days([made_up.day], Calendar({made_up.day: made_up})).tolist() == [MAKE_UP]


def test_months_are_told_apart_only_after_a_year():
    month = np.ones(12)
    month[5:8] = 2.0
    truth = known(200.0, month_factor=month / month.mean())
    short, long = learnt(truth, 30), learnt(truth, 106)
    assert (short.month_factor == 1.0).all()
    assert "no_season" in {note.code for note in short.notes}
    assert long.month_factor == pytest.approx(truth.month_factor, rel=0.1)
    assert long.notes == ()


@pytest.mark.parametrize("days", [0, 1, 27])
def test_a_history_of_a_day_is_no_history(days: int):
    until = MONDAY + timedelta(days=days, hours=12)
    with pytest.raises(CannotFit, match=f"holds {days} whole days") as refused:
        fit(lived(known().draw(MONDAY, until, 0, 0), until), calendar())
    assert refused.value.reason.code == "history_too_short"


def test_a_calendar_of_other_years_is_refused_and_of_some_years_noted():
    """Spring Festival would be taken for four ordinary weeks."""
    until = datetime(2025, 2, 3, tzinfo=UTC)
    history = lived(known(10.0).draw(MONDAY, until, 0, 0), until)
    with pytest.raises(CannotFit, match="calendar knows 2026 to 2026") as refused:
        fit(history, calendar(date(2026, 1, 1)))
    assert refused.value.reason.code == "outside_calendar"
    notes = fit(history, calendar(date(2024, 1, 1))).notes
    assert [str(note) for note in notes] == ["weekends_only(year=2025)"]


def test_the_past_is_not_drawn():
    with pytest.raises(ValueError, match="lies in the history"):
        known().draw(MONDAY - WEEK, MONDAY, 0, 0)


def test_the_hours_of_the_week_read_as_those_of_the_old_demand():
    week = known().hour_of_week
    assert week.mean() == pytest.approx(1.0)
    assert week[10] / week[SUNDAY * 24 + 10] == pytest.approx(1.2 / 0.5)


def test_no_time_brings_no_report():
    nothing = known().draw(MONDAY, MONDAY, 0, 0)
    assert len(nothing) == 0
    assert isinstance(nothing.reported_at, pd.DatetimeIndex)
