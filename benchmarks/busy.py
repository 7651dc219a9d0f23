"""Queues that are 90 to 98 % busy, drawn by chance, held against theory as `simulate check` gives them: a long one."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
from scipy import stats

from benchmarks.report import Row, print_table
from simulation import theory
from simulation.check import check
from simulation.intervals import Estimate
from simulation.queue import Queue
from simulation.queues import MG1, MMC, MG1Priority, MMCPriority, Network

EACH, REPLICATIONS = 4, 20
WIDER = stats.t.ppf(0.995, REPLICATIONS - 1) / stats.t.ppf(0.975, REPLICATIONS - 1)
Answers = dict[str, float | list[float]]
Drawn = tuple[Queue, Answers]


def rows() -> list[Row]:
    """One row for each kind of queue."""
    return [_held(draw) for draw in (like_officers, classes, one_officer, one_officer_of_two_classes, towns)]


def like_officers(rng: np.random.Generator, load: float) -> Drawn:
    c, mu = int(rng.integers(1, 12)), float(rng.uniform(0.3, 3))
    line = theory.mmc(load * c * mu, mu, c)
    return MMC(lam=load * c * mu, mu=mu, c=c), {"wq": line.wq, "p_wait": line.p_wait, "wq_p95": line.wq_p95}


def classes(rng: np.random.Generator, load: float) -> Drawn:
    c, mu = int(rng.integers(1, 8)), float(rng.uniform(0.3, 3))
    lams = (rng.dirichlet(np.full(3, 5.0)) * load * c * mu).tolist()
    return MMCPriority(lams=lams, mu=mu, c=c), {"wq": theory.mmc_priority(lams, mu, c).tolist()}


def one_officer(rng: np.random.Generator, load: float) -> Drawn:
    es, scv = float(rng.uniform(0.3, 3)), float(rng.choice([0.0, 0.5, 1.5, 3.0]))
    return MG1(lam=load / es, es=es, scv=scv), {"wq": theory.mg1(load / es, es, scv).wq}


def one_officer_of_two_classes(rng: np.random.Generator, load: float) -> Drawn:
    first = float(rng.uniform(0.2, 0.8)) * load
    waits = theory.mg1_priority([first, load - first], [1.0, 1.0], [13 / 12, 2.0])
    return MG1Priority(lams=(first, load - first), es=1.0), {"wq": waits.tolist()}


def towns(rng: np.random.Generator, load: float) -> Drawn:
    n, c, share = int(rng.integers(2, 6)), int(rng.integers(1, 5)), float(rng.uniform(0.1, 0.4))
    brigades, each = int(rng.integers(1, 3)), int(rng.integers(1, 4))
    lam = load * c
    mu = n * lam * share / brigades / each / float(rng.uniform(0.6, 0.9))
    chain = theory.network(n, lam, 1.0, c, share, brigades, mu, each)
    return (
        Network(T=n, lam_t=lam, mu_t=1.0, c_t=c, p_esc=share, D=brigades, mu_d=mu, c_d=each),
        {"town.wq": chain.town.wq, "brigade.wq": chain.brigade.wq, "closure_all": chain.closure},
    )


def _held(draw: Callable[[np.random.Generator, float], Drawn]) -> Row:
    rng = np.random.default_rng(11)
    inside, widths, cpu_s = [], [], []
    for seed, load in enumerate(np.linspace(0.9, 0.98, EACH).tolist()):
        queue, true = draw(rng, load)
        begun = time.process_time()
        told = check(queue, REPLICATIONS, seed)
        cpu_s.append(time.process_time() - begun)
        for name, value in true.items():
            answer = told[name]
            estimates = answer if isinstance(answer, list) else [answer]
            for estimate, one in zip(estimates, np.atleast_1d(value).tolist(), strict=True):
                inside.append(_is_held(estimate, one))
                widths.append(estimate.relative)
    return Row(
        f"{draw.__name__.replace('_', ' ')}, {EACH} of 90 to 98 % load, {REPLICATIONS} replications",
        f"{sum(inside)} of {len(inside)} figures held, widest half {max(widths):.1%}, {max(cpu_s):.0f} CPU-s at most",
        "theory",
        f"{np.mean(inside):.0%}, {max(widths):.1%}, {max(cpu_s):.0f} CPU-s",
        "all, <= 2 %, 120 CPU-s",
        all(inside) and max(widths) <= 0.02 and max(cpu_s) <= 120,
    )


def _is_held(estimate: Estimate, true: float) -> bool:
    """Within 1 %, or inside the 99 % interval."""
    return abs(estimate.mean - true) <= max(0.01 * true, estimate.half * WIDER)


if __name__ == "__main__":
    print_table(rows())
