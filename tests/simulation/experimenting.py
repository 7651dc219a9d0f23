"""Small set-ups to experiment with: the nine cells for a fortnight."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path

from scenarios.builder import HERE
from scenarios.planning import setup_of
from simulation.experiments import Laboratory
from simulation.kept import Kept
from simulation.players import Players
from simulation.replications import Setup
from tests.towns import nine_cells


@cache
def fortnight() -> Setup:
    """The nine cells' own plan for two weeks after four of warm-up."""
    return for_days(setup_of(nine_cells(), HERE / "nine_cells" / "plan.toml"), days=14, warm_up_days=28)


def for_days(setup: Setup, **changes: object) -> Setup:
    """The same with another period; the first day of the warm-up stays, and with it every shift."""
    file = setup.plan.file
    first = setup.begin.date()
    moved = file.model_copy(update={**changes})
    begins = first.toordinal() + moved.warm_up_days
    moved = moved.model_copy(update={"begins": first.fromordinal(begins)})
    return replace(setup, plan=replace(setup.plan, file=moved))


def with_procedure(setup: Setup, **changes: object) -> Setup:
    procedure = setup.plan.file.procedure.model_copy(update=changes)
    file = setup.plan.file.model_copy(update={"procedure": procedure})
    return replace(setup, plan=replace(setup.plan, file=file))


@contextmanager
def laboratory(seed: int = 1, workers: int = 1, path: Path | None = None, **more: object) -> Iterator[Laboratory]:
    with Kept.open(path) as kept:
        yield Laboratory(Players(workers), kept, seed, **more)  # type: ignore[arg-type]
