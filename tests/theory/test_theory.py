"""The formulas, against numbers printed elsewhere or found in another way: a wrong ruler measures nothing."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.linalg import null_space

from simulation import theory


def test_a_clinic_of_three_doctors_is_as_in_the_textbook():
    """Gross and Harris, example 2.3: six patients an hour, 20 minutes each; p0 = 1/9 and 0.889 of them wait."""
    line = theory.mmc(6.0, 3.0, 3)
    assert line.wq == pytest.approx(0.889 / 6, abs=1e-4)
    assert line.p_wait == pytest.approx(4 / 9)
    assert line.util == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("load", "c", "blocked"), [(1.0, 1, 0.5), (5.0, 7, 0.1205), (10.0, 10, 0.2146), (20.0, 30, 0.0085)]
)
def test_erlang_b_is_as_printed(load, c, blocked):
    """Erlang B tables as printed in any telephone handbook."""
    assert theory.erlang_b(load, c) == pytest.approx(blocked, abs=5e-5)


def test_the_wait_that_19_of_20_do_not_exceed():
    """One officer: P(wait > t) = rho exp(-(mu - lam) t), set to 0.05."""
    line = theory.mmc(4.0, 5.0, 1)
    assert 0.8 * math.exp(-line.wq_p95) == pytest.approx(0.05)
    assert theory.mmc(0.2, 5.0, 3).wq_p95 == 0.0


def test_priorities_move_waits_about_and_make_none():
    """Kleinrock's conservation law: the load-weighted sum of waits is that of first come first served."""
    lams, mu, c = [1.0, 2.0, 1.5], 2.0, 3
    waits = theory.mmc_priority(lams, mu, c)
    assert np.dot(lams, waits) / sum(lams) == pytest.approx(theory.mmc(sum(lams), mu, c).wq)
    assert (np.diff(waits) > 0).all()


def test_priorities_of_one_officer_and_two_classes():
    """Worked by hand: lams 0.3 and 0.4, services 1, exponential: residual 0.7, waits 0.7/0.7 and 0.7/(0.7*0.3)."""
    assert theory.mg1_priority([0.3, 0.4], [1.0, 1.0], [2.0, 2.0]) == pytest.approx([1.0, 1 / 0.3])
    assert theory.mmc_priority([0.3, 0.4], 1.0, 1) == pytest.approx([1.0, 1 / 0.3])


def test_a_service_without_variation_halves_the_wait():
    assert theory.mg1(0.5, 1.0, 0.0).wq == pytest.approx(theory.mg1(0.5, 1.0, 1.0).wq / 2)
    assert theory.mg1(0.5, 1.0, 1.0).wq == pytest.approx(theory.mmc(0.5, 1.0, 1).wq)


def test_the_way_over_a_square_has_the_moments_said():
    """A million points: mean side/2, variance side²/24 for Manhattan distance from the centre."""
    rng = np.random.default_rng(3)
    way = np.abs(rng.uniform(-0.5, 0.5, (1_000_000, 2))).sum(axis=1)
    assert way.mean() == pytest.approx(0.5, rel=2e-3)
    assert way.var() == pytest.approx(1 / 24, rel=5e-3)
    line, response = theory.spatial_mg1(1.0, 4.0, 30.0, 2.0)
    assert line.util == pytest.approx(4 / 30 + 0.5)
    assert response - line.wq == pytest.approx(2 / 30)


def test_a_chain_without_escalation_is_its_towns():
    chain = theory.network(5, 2.0, 1.5, 3, 0.0, 2, 1.0, 1)
    assert chain.town == theory.mmc(2.0, 1.5, 3)
    assert chain.closure == pytest.approx(chain.town.wq + 1 / 1.5)


def test_steps_load_their_town_and_pauses_hold_nobody():
    chain = theory.steps(4, 0.5, 1.0, 2, 0.2, 2, 1.0, 1, services=4, p_ord=0.4, delay=24.0)
    assert chain.town == theory.mmc(0.5 * 2.2, 1.0, 2)
    assert chain.brigade == theory.mmc(0.2, 1.0, 1)
    assert chain.closure == pytest.approx(2.2 * (chain.town.wq + 1) + 0.4 * 3 * 24 + 0.2 * (chain.brigade.wq + 1))


def test_a_hypercube_of_like_units_is_mmc():
    """Who is asked first changes who works, never how many are busy."""
    cube = theory.hypercube([1.0, 2.0], [1.5] * 4, [[0, 1, 2, 3], [3, 2, 1, 0]], queue=True)
    line = theory.mmc(3.0, 1.5, 4)
    assert cube.wq == pytest.approx(line.wq)
    assert cube.workload.mean() == pytest.approx(line.util)


def test_a_hypercube_with_loss_of_like_units_is_erlang_b():
    cube = theory.hypercube([1.0, 2.0], [1.5] * 4, [[0, 1, 2, 3], [3, 2, 1, 0]], queue=False)
    assert cube.p_loss == pytest.approx(theory.erlang_b(2.0, 4))


def test_a_hypercube_of_unlike_units_against_a_cut_off_chain():
    """Two units of different pace with a line cut off at 400: another way to the same shares."""
    lam, mu, pref = [0.6, 0.5], [1.0, 0.5], [[0, 1], [1, 0]]
    most = 400
    size = 4 + most
    flow = np.zeros((size, size))

    def goes(source: int, target: int, rate: float) -> None:
        flow[target, source] += rate
        flow[source, source] -= rate

    for source, target, rate in [(0, 1, lam[0]), (0, 2, lam[1]), (1, 3, 1.1), (2, 3, 1.1)]:
        goes(source, target, rate)
    for source, target, rate in [(1, 0, mu[0]), (2, 0, mu[1]), (3, 2, mu[0]), (3, 1, mu[1])]:
        goes(source, target, rate)
    for n in range(3, size - 1):
        goes(n, n + 1, 1.1)
        goes(n + 1, n, 1.5)
    share = null_space(flow)[:, 0]
    share /= share.sum()
    cube = theory.hypercube(lam, mu, pref, queue=True)
    assert cube.workload == pytest.approx([1 - share[0] - share[2], 1 - share[0] - share[1]])
    assert cube.wq == pytest.approx(np.dot(np.arange(1, most + 1), share[4:]) / 1.1)


@pytest.mark.parametrize(
    ("ask", "word"),
    [
        (lambda: theory.mmc(0.0, 1.0, 1), "lam"),
        (lambda: theory.mmc(1.0, math.nan, 1), "mu"),
        (lambda: theory.mg1(0.5, 1.0, -1.0), "scv"),
        (lambda: theory.network(2, 1.0, 2.0, 1, 1.2, 1, 1.0, 1), "p_esc"),
        (lambda: theory.hypercube([1.0], [1.0] * 15, [range(15)], queue=True), "15 units"),
        (lambda: theory.hypercube([1.0], [1.0, 1.0], [[0]], queue=True), "every unit"),
    ],
)
def test_what_makes_no_queue_is_named(ask, word):
    with pytest.raises(ValueError, match=word.replace("[", r"\[")):
        ask()


def test_a_queue_that_grows_without_end_is_refused():
    with pytest.raises(theory.Unstable, match=r"1\.25"):
        theory.mmc(5.0, 2.0, 2)
