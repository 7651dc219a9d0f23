"""How much a text resembles the sayings, against the same methods of scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import Ridge
from sklearn.naive_bayes import ComplementNB

from dispatch.rulebook.resemblance import RIDGE, SMOOTHING, Resemblance, borders, rare_elsewhere

SAYINGS = [
    ("C10", "有人砍树"),
    ("C10", "树枝被锯了"),
    ("C11", "有人遛狗"),
    ("C11", "狗叫了一夜"),
    ("C06", "音响吵了一夜"),
]
CATEGORIES = ["C06", "C10", "C11"]
LABELS = np.arange(40) % 4


def some_rows() -> sp.csr_matrix:
    rng = np.random.default_rng(0)
    return sp.csr_matrix(rng.random((40, 30)) * (rng.random((40, 30)) < 0.2))


def test_bayes_is_the_bayes_of_the_book():
    rows = some_rows()
    theirs = ComplementNB(alpha=SMOOTHING).fit(rows, LABELS).feature_log_prob_.T
    assert rare_elsewhere(rows, np.eye(4)[LABELS]) == pytest.approx(theirs)


def test_the_borders_solved_for_sayings_are_those_solved_for_terms():
    """The short way round must end at the same place."""
    rows, belongs = some_rows(), np.eye(4)[LABELS]
    machine = Ridge(alpha=RIDGE, fit_intercept=False).fit(rows.toarray(), belongs - belongs.mean(axis=0))
    assert borders(rows, belongs) == pytest.approx(machine.coef_.T)


def test_the_same_sayings_give_the_same_numbers():
    """A message sorted yesterday is sorted the same today."""
    one, other = Resemblance(SAYINGS, CATEGORIES), Resemblance(SAYINGS, CATEGORIES)
    assert one.of("狗在树下叫").tolist() == other.of("狗在树下叫").tolist()


def test_one_known_character_says_less_than_a_message():
    """Else a greeting would be as sure as a report."""
    resemblance = Resemblance(SAYINGS, CATEGORIES)
    assert resemblance.of("夜").std() < resemblance.of("狗叫了一夜").std()


def test_without_sayings_nothing_is_resembled():
    assert Resemblance([], CATEGORIES).of("狗").tolist() == [0.0, 0.0, 0.0]
    assert Resemblance([], []).of("狗").tolist() == []


@given(st.text(max_size=40))
def test_no_category_gains_but_at_the_cost_of_others(text: str):
    said = Resemblance(SAYINGS, CATEGORIES).of(text)
    assert said.shape == (3,)
    assert said.sum() == pytest.approx(0.0, abs=1e-9)
    assert said.std() <= 2.0
