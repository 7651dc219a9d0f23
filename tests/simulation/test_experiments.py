"""How often a plan is played, what its intervals promise, and what is said before anybody reads its means."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulation.experiments import Experiment, Precision, Progress, difference
from simulation.intervals import over_replications
from simulation.outcome import Outcome
from tests.simulation.experimenting import for_days, fortnight, laboratory, with_procedure
from ui.wording import Language, wording


@pytest.fixture(scope="module")
def twenty() -> Experiment:
    with laboratory(seed=4) as lab:
        return lab.experiment(fortnight(), 20)


def codes(experiment: Experiment) -> list[str]:
    """Which warnings there are; each can be said in both languages with the values it has."""
    for language in Language:
        said = [wording(language).reason(reason) for reason in (experiment.stopped, *experiment.warnings)]
        assert all(words and "{" not in words for words in said)
    return [reason.code for reason in experiment.warnings]


def test_any_number_of_workers_says_the_same_to_the_last_bit(twenty):
    for workers in (2, 3):
        with laboratory(seed=4, workers=workers) as lab:
            told = [one.as_text() for one in lab.outcomes(fortnight(), 5)]
        assert told == [one.as_text() for one in twenty.outcomes[:5]]


def test_an_outcome_is_kept_to_the_last_bit(twenty):
    text = twenty.outcomes[3].as_text()
    assert Outcome.of_text(text).as_text() == text


def test_it_stops_when_its_intervals_are_as_narrow_as_asked():
    wanted = Precision(0.015, of=("on_time_share", "incidents"), least=4)
    with laboratory() as lab:
        made = lab.experiment(fortnight(), wanted)
    assert made.stopped.code == "narrow_enough"
    assert wanted.least < len(made.outcomes) < 200
    for name in wanted.of:
        assert made.estimates[""][name].relative <= 0.015 / 1.015


def test_the_cap_stops_it_and_that_is_said():
    with laboratory() as lab:
        made = lab.experiment(fortnight(), Precision(1e-4, of=("on_time_share",), least=4, most=6))
    assert made.stopped.code == "cap_reached"
    assert codes(made) == []
    assert made.stopped.values["replications"] == len(made.outcomes) == 6
    assert made.stopped.values["reached"] > 0.01


def test_an_indicator_without_any_value_is_named_and_not_waited_for():
    nobody_hands_up = with_procedure(fortnight(), simple_min=100_000.0, ordinary_min=100_000.0)
    with laboratory() as lab:
        made = lab.experiment(nobody_hands_up, Precision(0.05, of=("closure_h_p95",), least=2))
    assert made.stopped.code == "never_told"
    assert "saturated_place" in codes(made)
    assert made.stopped.values["indicator"] == "closure_h_p95"


@pytest.mark.parametrize("draw", ["normal", "skewed"])
def test_intervals_hold_the_truth_although_the_data_say_when_to_stop(draw):
    """Stopping at a lucky moment is what makes such intervals lie; 600 experiments with a known mean of 10.

    Skewed is what an average over a replication still may be: a skewness of two thirds.
    """
    rng, wanted, held = np.random.default_rng(7), Precision(0.08, of=("x",)), 0
    for _ in range(600):
        values = np.empty(0)
        n = wanted.least
        while len(values) < n:
            more = n - len(values)
            noise = rng.normal(0, 3, more) if draw == "normal" else rng.gamma(9, 1, more) - 9
            values = np.append(values, 10 + noise)
            n = wanted.next([values])
        told = over_replications(values)
        held += abs(told.mean - 10) <= told.half
    assert 0.92 <= held / 600 <= 0.98


@settings(max_examples=30)
@given(
    st.lists(st.floats(0, 1e6), min_size=2, max_size=40), st.floats(0.001, 1), st.integers(2, 20), st.integers(20, 60)
)
def test_a_look_never_goes_back_and_never_beyond_the_cap(values, relative, least, most):
    n = min(len(values), most)
    more = Precision(relative, of=("x",), least=least, most=most).next([np.array(values[:n])])
    assert n <= more <= most


@pytest.mark.parametrize("relative", [0.0, -1.0, math.nan, math.inf])
def test_no_width_and_no_number_are_refused(relative):
    with pytest.raises(ValueError, match="a share above 0"):
        Precision(relative)


def test_a_pair_of_plans_differs_by_less_than_either_varies(twenty):
    """Both meet the same cities: the interval of the difference is narrow, and says what independent ones could not."""
    with laboratory(seed=4) as lab:
        leaner = lab.experiment(with_procedure(fortnight(), simple_min=20.0), 20)
    apart = difference(twenty, leaner)[""]["utilisation"]
    mine, theirs = (one.estimates[""]["utilisation"] for one in (twenty, leaner))
    assert apart.mean == pytest.approx(theirs.mean - mine.mean)
    assert apart.mean + apart.half < 0
    assert apart.half < 0.5 * math.hypot(mine.half, theirs.half)


def test_other_cities_are_not_compared(twenty):
    with laboratory(seed=5) as lab, pytest.raises(ValueError, match="under one seed"):
        difference(twenty, lab.experiment(fortnight(), 2))


def test_a_place_where_more_comes_than_can_be_done_is_named(twenty):
    """Its waits grow with the length of the run: a mean of them would be a number about our patience."""
    slow = with_procedure(fortnight(), simple_min=400.0, ordinary_min=400.0)
    with laboratory(seed=2) as lab:
        made = lab.experiment(slow, 5)
    assert twenty.growing == []
    assert "saturated_place" in codes(made)
    assert "" in made.growing


def test_the_one_desk_that_cannot_follow_is_named():
    """Reviews take all day: nobody else is short of time, and the mean of the place hides it."""
    with laboratory(seed=2) as lab:
        made = lab.experiment(with_procedure(for_days(fortnight(), days=28), reviewed=1.0, review_min=5_000.0), 5)
    desks = {reason.values["desk"] for reason in made.warnings if reason.code == "saturated_desk"}
    assert desks == {"review-990100", "review-990100001"}
    assert all(made.desks[desk]["utilisation"].mean > 0.9 for desk in desks)


def test_a_warm_up_that_is_too_short_is_seen_on_the_backlog():
    """Cases take a fortnight: a city that begins empty is counted as a quick one."""
    empty = for_days(fortnight(), warm_up_days=0, days=60)
    warm = for_days(fortnight(), warm_up_days=30, days=30)
    with laboratory(seed=3) as lab:
        short, long = (lab.experiment(setup, 8) for setup in (empty, warm))
    assert "warm_up_short" in codes(short)
    assert 7 <= short.warnings[-1].values["needed"] <= 30
    assert "warm_up_short" not in codes(long)


def test_progress_ends_at_what_was_wanted():
    seen: list[Progress] = []
    with laboratory(tell=seen.append) as lab:
        lab.outcomes(fortnight(), 4)
        assert [(one.done, one.wanted) for one in seen] == [(1, 4), (2, 4), (3, 4), (4, 4)]
        assert seen[0].left_s > 0
        assert seen[-1].left_s == 0
        lab.outcomes(fortnight(), 4)
    assert len(seen) == 4


def test_a_quiet_period_is_an_experiment_too():
    quiet = replace(fortnight(), demand=replace(fortnight().demand, per_year=1e-9))
    with laboratory() as lab:
        made = lab.experiment(quiet, 2)
    assert made.estimates[""]["incidents"].mean == 0
    assert made.warnings == ()


def test_who_stops_it_loses_nothing_of_what_was_played():
    class Stop(Exception):  # noqa: N818
        pass

    seen: list[Progress] = []

    def tell(progress: Progress) -> None:
        seen.append(progress)
        if len(seen) == 3:
            raise Stop

    with laboratory(tell=tell) as lab:
        with pytest.raises(Stop):
            lab.outcomes(fortnight(), 10)
        lab.outcomes(fortnight(), 5)
    assert [progress.done for progress in seen] == [1, 2, 3, 4, 5]


def test_other_days_are_other_cities(twenty):
    longer = replace(twenty, setup=for_days(twenty.setup, days=21))
    with pytest.raises(ValueError, match="same period"):
        difference(twenty, longer)
