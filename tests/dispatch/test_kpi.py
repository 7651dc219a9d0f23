"""Indicators: what is open is neither forgotten nor taken as done."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.review.kpi import Course, indicators, quantile, share_on_time, utilisation

NAN = math.nan


def course(known, arrived, closed, *, until=10_000.0, within=600.0, **marks) -> Course:
    n = len(known)
    columns = {
        name: np.asarray(marks.get(name, np.full(n, name == "ours"))) for name in ("simple", "escalated", "ours")
    }
    return Course(np.array(known), np.array(arrived), np.array(closed), np.full(n, within), **columns, until_s=until)


def test_an_incident_nobody_reached_counts_as_late_once_its_clock_has_run_out():
    """Otherwise the sector we neglect is the one that looks punctual; one just reported says nothing yet."""
    took, within = np.array([60.0, NAN, NAN]), np.full(3, 300.0)
    assert share_on_time(took, np.array([9e3, 9e3, 100.0]), within) == 0.5


def test_the_median_of_closed_and_open_is_not_that_of_the_closed():
    """Three closed quickly and three lie since long: half are not done in the time of the quick ones' median."""
    took = np.array([10.0, 20.0, 30.0, NAN, NAN, NAN])
    open_for = np.full(6, 1000.0)
    assert quantile(took, open_for, 0.5) == 30.0
    assert math.isnan(quantile(took, open_for, 0.9))


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=40), st.floats(0.01, 1.0))
def test_with_nothing_open_it_is_the_plain_quantile(took, q):
    plain = np.quantile(np.array(took), q, method="inverted_cdf")
    assert quantile(np.array(took), np.zeros(len(took)), q) == pytest.approx(plain)


def test_what_is_passed_on_counts_as_an_incident_and_in_nothing_else():
    told = indicators(course([0.0, 0.0], [60.0, NAN], [3600.0, NAN], ours=[True, False], simple=[True, False]))
    assert (told["incidents"], told["passed_on_share"], told["backlog_end"]) == (2, 0.5, 0)
    assert (told["simple_share"], told["on_time_share"]) == (0.5, 1.0)
    assert (told["response_min_p50"], told["closure_h_p95"]) == (1.0, 1.0)


def test_nothing_happened_and_nothing_is_said():
    told = indicators(course([], [], []))
    assert told["incidents"] == 0
    assert math.isnan(told["response_min_p90"])
    assert math.isnan(utilisation(0.0, 0.0))


def test_no_amount_of_money_enters_an_indicator():
    """Article 74: fines are not linked to assessment."""
    words = " ".join([*Course.__dataclass_fields__, *indicators(course([0.0], [1.0], [2.0]))])
    assert not any(word in words for word in ("fine", "yuan", "amount", "penalty", "revenue"))
