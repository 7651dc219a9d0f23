"""A plan meets what the place draws, what its tickets foretell, or what really came; one door for all three."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import numpy as np
import pytest

from scenarios.builder import HERE
from scenarios.planning import setup_of
from simulation.history import CannotFit, History
from simulation.replications import Setup, measured, play
from simulation.sources import Forecasted, MayNotForecast, forecast_of, replay_of
from tests.simulation.histories import MONDAY, calendar, known, lived
from tests.towns import nine_cells

WEEK = timedelta(weeks=1)
END = MONDAY + 24 * WEEK


@pytest.fixture(scope="module")
def setup() -> Setup:
    """Two weeks after two days of warm-up; what is asked for begins where the histories end."""
    whole = setup_of(nine_cells(), HERE / "nine_cells" / "plan.toml")
    file = whole.plan.file.model_copy(update={"days": 14, "warm_up_days": 2, "begins": date(2024, 6, 20)})
    return replace(whole, plan=replace(whole.plan, file=file))


@pytest.fixture(scope="module")
def history(setup) -> History:
    """24 weeks of the nine cells, 400 reports a day."""
    demand = setup.demand
    truth = known(400.0, categories=demand.matters, category_share=demand.matter_share, cell_weight=demand.cell_weight)
    told = truth.draw(MONDAY, END, 0, 0)
    return lived(told, END, len(demand.cell_weight))


def test_a_forecast_is_played_at_the_volume_of_the_history(setup, history):
    source, verdict = forecast_of(history, calendar(), setup.begin, replications=20)
    assert verdict.may_forecast
    played = [play(replace(setup, source=source), number, 5) for number in range(2)]
    expected = source.forecast.expected(setup.begin.date(), setup.end.date() - timedelta(days=1)).sum()
    assert [len(one.work) for one in played] == pytest.approx([expected] * 2, rel=0.1)
    assert len(played[0].work) != len(played[1].work)
    share = np.bincount(played[0].reports.cell, minlength=9) / len(played[0].work)
    assert share == pytest.approx(setup.demand.cell_weight, abs=0.03)


def test_two_plans_meet_the_same_forecast(setup, history):
    source = Forecasted(known(50.0, categories=setup.demand.matters[:2], cell_weight=setup.demand.cell_weight))
    leaner = setup.plan.file.procedure.model_copy(update={"steps": 5})
    other = replace(setup.plan, file=setup.plan.file.model_copy(update={"procedure": leaner}))
    one, two = (play(replace(setup, plan=plan, source=source), 0, 3).reports for plan in (setup.plan, other))
    assert np.array_equal(one.told_s, two.told_s)
    assert np.array_equal(one.lon, two.lon)


def test_a_city_that_changed_is_not_played(setup, history):
    """Twice as many reports in the last weeks: whoever plans by the weeks before is short of half the officers."""
    late = history.reported_at >= MONDAY + 21 * WEEK
    twice = {
        name: np.concatenate((getattr(history, name), getattr(history, name)[late]))
        for name in ("cell", "category", "desk")
    }
    times = {name: getattr(history, name).append(getattr(history, name)[late]) for name in ("reported_at", "closed_at")}
    order = np.argsort(times["reported_at"], kind="stable")
    both = {name: values[order] for name, values in {**twice, **times}.items()}
    with pytest.raises(MayNotForecast, match="volume_off") as refused:
        forecast_of(replace(history, **both), calendar(), setup.begin, replications=20)
    assert not refused.value.verdict.may_forecast


def test_a_history_of_one_day_is_named(setup, history):
    with pytest.raises(MayNotForecast, match="history_too_short"):
        forecast_of(history.known_at(MONDAY + timedelta(days=1)), calendar(), setup.begin)


def test_a_forecast_does_not_begin_in_its_own_history(setup, history):
    with pytest.raises(CannotFit, match="begin then or later"):
        forecast_of(history, calendar(), END - timedelta(days=1), replications=20)


def test_real_tickets_come_as_they_came(setup, history):
    """Every replication meets the same reports; only spots and work are by lot."""
    file = setup.plan.file.model_copy(update={"begins": date(2024, 2, 5)})
    again = replace(setup, plan=replace(setup.plan, file=file))
    again = replace(again, source=replay_of(history, again.begin, again.end))
    one, two = (play(again, number, 1) for number in range(2))
    told = history.reported_at
    came = np.asarray((told >= again.begin) & (told < again.end)).sum()
    assert (one.reports.told_s > 0).sum() == came
    assert np.array_equal(np.sort(one.reports.told_s), np.sort(two.reports.told_s))
    assert not np.array_equal(np.sort(one.reports.lon), np.sort(two.reports.lon))
    assert measured(one)[""]["incidents"] > 0


@pytest.mark.parametrize("begins", [date(2023, 12, 1), date(2024, 6, 10)])
def test_tickets_that_are_not_there_are_not_replayed(setup, history, begins):
    begin = datetime.combine(begins, time(), setup.begin.tzinfo)
    with pytest.raises(CannotFit, match="the history runs from 2024-01-01 to 2024-06-17"):
        replay_of(history, begin, begin + 2 * WEEK)
