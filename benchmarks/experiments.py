"""Replications on two cores beside one: the same outcomes, in half the time."""

from __future__ import annotations

import time

from benchmarks.report import Row, print_table
from scenarios.builder import HERE
from scenarios.planning import setup_of
from simulation.experiments import Laboratory
from simulation.kept import Kept
from simulation.players import Players
from simulation.replications import Setup
from tests.towns import nine_cells

REPLICATIONS = 200


def rows() -> list[Row]:
    """200 replications of the nine cells' own plan, processes started beforehand."""
    setup = setup_of(nine_cells(), HERE / "nine_cells" / "plan.toml")
    one_s, alone = _timed(setup, 1)
    two_s, together = _timed(setup, 2)
    same = alone == together
    return [
        Row(
            f"{REPLICATIONS} replications of the nine cells, 160 days each, played and measured",
            f"two processes {two_s:.1f} s",
            f"one process {one_s:.1f} s",
            f"{one_s / two_s:.2f}x, {'same outcomes' if same else 'OTHER OUTCOMES'}",
            ">= 1.8x, same outcomes",
            same and one_s >= 1.8 * two_s,
        )
    ]


def _timed(setup: Setup, workers: int) -> tuple[float, list[str]]:
    with Kept.open() as kept:
        lab = Laboratory(Players(workers), kept, seed=1)
        lab.outcomes(setup, 2 * workers)  # processes are started and the city is compiled
    with Kept.open() as kept:
        lab = Laboratory(Players(workers), kept, seed=1)
        began = time.perf_counter()
        outcomes = lab.outcomes(setup, REPLICATIONS)
        return time.perf_counter() - began, [one.as_text() for one in outcomes]


if __name__ == "__main__":
    print_table(rows())
