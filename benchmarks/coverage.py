"""How often a 95 % interval of the simulated city holds the answer of theory: long, on both cores."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from joblib import Parallel, delayed

from benchmarks.report import Row, print_table
from simulation import theory
from simulation.check import Length, draws_of, played_once
from simulation.intervals import over_replications
from simulation.queue import Queue
from simulation.queues import MMC, MG1Priority, Network

EXPERIMENTS, REPLICATIONS, INCIDENTS = 1_000, 10, 10_000
WARM_UP = 0.15


def rows() -> list[Row]:
    """One row for each metric of three queues."""
    line, waits = theory.mmc(3.2, 1.0, 4), theory.mg1_priority([0.3, 0.4], [1.0, 1.0], [13 / 12, 2.0])
    chain = theory.network(2, 1.4, 1.0, 2, 0.3, 1, 1.2, 1)
    queues: list[tuple[Queue, Mapping[str, float]]] = [
        (MMC(lam=3.2, mu=1.0, c=4), {"wq": line.wq, "p_wait": line.p_wait, "util": line.util, "wq_p95": line.wq_p95}),
        (MG1Priority(lams=(0.3, 0.4), es=1.0), {"wq 1": waits[0], "wq 2": waits[1]}),
        (
            Network(T=2, lam_t=1.4, mu_t=1.0, c_t=2, p_esc=0.3, D=1, mu_d=1.2, c_d=1),
            {"town.wq": chain.town.wq, "brigade.wq": chain.brigade.wq, "closure_all": chain.closure},
        ),
    ]
    return [row for queue, true in queues for row in _covered(queue, true)]


def _covered(queue: Queue, true: Mapping[str, float]) -> list[Row]:
    told = list(Parallel(n_jobs=2)(delayed(_experiment)(queue, number) for number in range(EXPERIMENTS)))
    found = []
    for name, value in true.items():
        estimates = [over_replications([metrics[name] for metrics in one]) for one in told]
        covered = float(np.mean([abs(estimate.mean - value) <= estimate.half for estimate in estimates]))
        off = float(np.mean([estimate.mean for estimate in estimates]) / value - 1)
        claim = f"{type(queue).__name__} {name}, {EXPERIMENTS} experiments of {REPLICATIONS} replications"
        found.append(
            Row(
                claim,
                f"{covered:.1%} hold it, mean off by {off:+.2%}",
                "theory",
                f"{covered:.1%}",
                "93 to 97 %",
                0.93 <= covered <= 0.97,
            )
        )
    return found


def _experiment(queue: Queue, number: int) -> list[dict[str, float]]:
    """The metrics of each replication, a list taken apart by its place."""
    hours = INCIDENTS / queue.arrivals
    told = []
    for replication in range(REPLICATIONS):
        metrics, _ = played_once(
            queue, draws_of("coverage", queue, replication, number), Length(hours, WARM_UP * hours)
        )
        flat: dict[str, float] = {}
        for name, value in metrics.items():
            if isinstance(value, list):
                flat |= {f"{name} {place}": one for place, one in enumerate(value, start=1)}
            else:
                flat[name] = value
        told.append(flat)
    return told


if __name__ == "__main__":
    print_table(rows())
