"""Two plans in words, on the scale and on the map: nothing is said that the intervals do not say."""

from __future__ import annotations

import math
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.intervals import Estimate
from ui.screens.staffing.compare import verdict_words
from ui.screens.staffing.looking import Look, Looking
from ui.services.comparing import BY_NAME, INDICATORS, PASSED_ON, Unit, Verdict, bar, number, told
from ui.services.townmap import ALIKE, BETTER, LEVELS, MUCH_BETTER, MUCH_WORSE, WORSE, by_difference, by_level
from ui.wording import Language, wording

ON_TIME, BUSY = BY_NAME["on_time_share"], BY_NAME["utilisation"]
floats = st.floats(-1e6, 1e6)


def said_of(passed_on: float, half: float) -> list[str]:
    tell = SimpleNamespace(w=wording(Language.EN))
    look = Look(None, None, tell, "light", None, Looking(), None, None)  # type: ignore[arg-type]
    apart = {"on_time_share": Estimate(0.01, 0.001, 9), PASSED_ON: Estimate(passed_on, half, 9)}
    return [
        words for _, words in verdict_words(look, [(each, each.verdict(apart.get(each.name))) for each in INDICATORS])
    ]


def test_a_plan_that_leaves_more_to_others_is_not_praised_without_saying_so():
    """Five officers moved to where their certificate is of no use were called an improvement: others had the work."""
    first, second, *_ = said_of(0.0016, 0.0001)
    assert first.startswith("B passes more on")
    assert second.startswith("B is better")
    assert said_of(-0.0016, 0.0001)[0].startswith("A passes more on")
    assert said_of(0.0016, 0.01)[0].startswith("B is better")


@given(floats, st.floats(0, 1e6))
def test_plans_whose_interval_holds_zero_are_never_told_apart(mean, half):
    verdicts = {each.verdict(Estimate(mean, half, 9)) for each in INDICATORS}
    assert (verdicts == {Verdict.ALIKE}) == (abs(mean) <= half)


@given(floats.filter(bool), st.floats(0, 1e6))
def test_who_is_better_turns_round_with_the_pair(mean, half):
    turned = {Verdict.BETTER: Verdict.WORSE, Verdict.WORSE: Verdict.BETTER}
    for each in INDICATORS:
        one, other = each.verdict(Estimate(mean, half, 9)), each.verdict(Estimate(-mean, half, 9))
        if each.good:
            assert other == turned.get(one, one)


def test_less_backlog_is_better_and_more_work_is_neither():
    assert BY_NAME["backlog_end"].verdict(Estimate(-3.0, 1.0, 9)) is Verdict.BETTER
    assert BUSY.verdict(Estimate(0.1, 0.01, 9)) is Verdict.MORE


@pytest.mark.parametrize("apart", [None, Estimate(math.nan, math.nan, 0), Estimate(1.0, math.nan, 1)])
def test_one_replication_says_nothing(apart):
    assert ON_TIME.verdict(apart) is Verdict.UNKNOWN


@given(floats, st.floats(0, 1e6))
def test_a_bar_touches_the_middle_only_where_the_plans_cannot_be_told_apart(mean, half):
    drawn = bar(Estimate(mean, half, 9))
    assert drawn is not None
    assert 2 <= drawn.low <= drawn.mean <= drawn.high <= 98
    assert (drawn.mean - 50) * mean >= 0
    if abs(mean) <= half:
        assert drawn.low <= 50 <= drawn.high


def test_shares_are_told_in_per_cent_and_zero_has_no_sign():
    assert told(Estimate(0.918, 0.004, 30), Unit.SHARE) == "91.8 ± 0.4"
    assert told(Estimate(0.0012, 0.0003, 30), Unit.HOURS, signed=True) == "+0.001 ± 0.000"
    assert told(Estimate(0.021, 0.007, 30), Unit.HOURS, signed=True) == "+0.02 ± 0.01"
    assert number(-0.00001, Unit.SHARE, signed=True) == "0.0"
    assert told(Estimate(math.nan, math.nan, 0), Unit.HOURS) == "–"
    assert number(-3.0, Unit.COUNT) == "−3.0"


@given(st.floats(-1, 1), st.floats(0.0001, 1))
def test_what_can_be_told_apart_does_not_read_like_what_cannot(mean, half):
    """``+0.1 ± 0.1`` stood in green in one row of the towns and in grey in the next."""
    shown, _, wide = told(Estimate(mean, half, 9), Unit.HOURS, signed=True).partition(" ± ")
    size = abs(float(shown.replace("−", "-")))
    assert (size > float(wide)) == (abs(mean) > half) or len(wide) == len("0.000")


def test_towns_that_cannot_be_told_apart_are_not_coloured():
    apart = {"a": Estimate(0.10, 0.01, 9), "b": Estimate(0.02, 0.01, 9), "c": Estimate(0.02, 0.03, 9)}
    assert by_difference(ON_TIME, apart) == {"a": MUCH_BETTER, "b": BETTER, "c": ALIKE}
    late = BY_NAME["closure_h_p90"]
    assert by_difference(late, apart) == {"a": MUCH_WORSE, "b": WORSE, "c": ALIKE}


@given(st.dictionaries(st.text(min_size=1, max_size=3), floats, max_size=12))
def test_a_higher_value_never_has_a_lower_colour(values):
    classes, borders = by_level({town: Estimate(value, 0.0, 9) for town, value in values.items()})
    assert all(0 <= each < LEVELS for each in classes.values())
    assert len(borders) in (0, LEVELS - 1)
    order = sorted(values, key=lambda town: values[town])
    assert [classes[town] for town in order] == sorted(classes[town] for town in order)


@pytest.mark.parametrize("language", list(Language))
def test_every_indicator_and_verdict_can_be_said(language):
    words = wording(language).words
    assert {f"staffing.kpi_{each.name}" for each in INDICATORS} <= words.keys()
    assert {f"staffing.said_{each}" for each in Verdict} <= words.keys()
    assert {f"staffing.unit_{each}" for each in Unit} <= words.keys()
