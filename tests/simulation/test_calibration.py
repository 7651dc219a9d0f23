"""A forecast is allowed when it has shown that it is right, and refused with its reason when it has not."""

from __future__ import annotations

import math
from datetime import timedelta

import numpy as np
import pytest

from benchmarks import boston
from simulation.calibration import VERDICT_REASONS, Verdict, judge, weekly_closings, weekly_reports
from simulation.history import History
from tests.real import real_file
from tests.simulation.histories import MONDAY, calendar, known, lived
from ui.wording import Language, wording

WEEK = timedelta(weeks=1)


def history(weeks: int, a_day: float = 400.0, closing_days: float = 0.0) -> History:
    until = MONDAY + weeks * WEEK
    told = known(a_day).draw(MONDAY, until, 0, 0)
    return lived(told, until, closed_s=told.told_s + closing_days * 86_400 if closing_days else None)


def codes(verdict: Verdict) -> list[str]:
    assert {reason.code for reason in verdict.reasons} <= set(VERDICT_REASONS)
    return [reason.code for reason in verdict.reasons]


def test_a_steady_city_may_be_forecast():
    verdict = judge(history(24, closing_days=3.0), calendar(), replications=60)
    assert verdict.may_forecast
    assert codes(verdict)[:2] == ["volume_right", "backlog_right"]
    assert abs(verdict.volume_error) < 0.05
    assert abs(verdict.backlog_error) < 0.05
    assert verdict.hour_error < 2 * verdict.hour_chance
    assert verdict.reports is not None
    assert len(verdict.reports.seen) == 6


def test_a_city_that_changed_may_not():
    """A hotline was opened in the last weeks: whoever plans by the weeks before is short of half the officers."""
    before = history(21)
    after = known(800.0, end=(MONDAY + 21 * WEEK).date()).draw(MONDAY + 21 * WEEK, MONDAY + 28 * WEEK, 0, 0)
    late = lived(after, MONDAY + 28 * WEEK)
    both = {name: np.concatenate((getattr(before, name), getattr(late, name))) for name in ("cell", "category", "desk")}
    times = {name: getattr(before, name).append(getattr(late, name)) for name in ("reported_at", "closed_at")}
    verdict = judge(History(**both, **times, until=late.until, cells=3), calendar(), replications=60)
    assert not verdict.may_forecast
    assert codes(verdict)[0] == "volume_off"
    assert verdict.reasons[0].values["percent"] == pytest.approx(-50, abs=5)


@pytest.mark.parametrize("days", [1, 27, 34])
def test_too_little_is_refused_in_a_reason_and_nothing_is_raised(days: int):
    short = history(12).known_at(MONDAY + timedelta(days=days))
    verdict = judge(short, calendar(), replications=10)
    assert not verdict.may_forecast
    assert codes(verdict) == ["history_too_short"]
    assert math.isnan(verdict.volume_error)
    assert verdict.reasons[0].values["days"] <= days


def test_without_closings_the_verdict_says_that_it_knows_none():
    verdict = judge(history(24), calendar(), replications=30)
    assert "closing_unknown" in codes(verdict)
    assert verdict.closings is None
    assert math.isnan(verdict.backlog_error)


def test_a_verdict_is_the_same_whenever_it_is_asked_for():
    one, two = (judge(history(12), calendar(), seed=4, replications=20) for _ in range(2))
    assert one.reasons == two.reasons


def test_boston_from_january_to_april_holds_the_weeks_of_may_and_june():
    """Real tickets, real closings; nothing of May and June was looked at."""
    real_file(boston.TICKETS.name)
    tickets = boston.history()
    closings, _ = weekly_closings(tickets, boston.CALENDAR, boston.CUT, boston.MONDAYS, 7, 200)
    assert len(closings.seen) == 8
    assert closings.coverage >= 0.9
    reports, _ = weekly_reports(tickets, boston.CALENDAR, [boston.CUT, *boston.MONDAYS], 7, 100)
    assert reports.coverage >= 0.9
    assert abs(reports.volume_error) < 0.05


@pytest.mark.parametrize("language", list(Language))
def test_a_verdict_is_said_with_all_its_figures(language):
    """For and against, short and long, with closings and without: no sentence asks for a value that is not there."""
    histories = [history(24, closing_days=3.0), history(12), history(12).known_at(MONDAY + WEEK)]
    said = [
        wording(language).reason(reason)
        for one in histories
        for reason in (*judge(one, calendar(), replications=10).reasons, *one.notes)
    ]
    assert len(said) >= 12
    assert all(words and "{" not in words for words in said)
