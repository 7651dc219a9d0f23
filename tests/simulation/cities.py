"""Small cities to play: a few desks, everything else by the seed."""

from __future__ import annotations

import numpy as np

from simulation.tables import ALONE, PAIR, Force, Kind, Work, always, never, orders


def one_desk(officers: int = 1, *, duty: tuple[float, float] | None = None, way_s: float = 0.0) -> Force:
    """One desk, one cell, officers who all hold certificates 0 and 1 and, unless a duty is given, never go home."""
    start, end = always(officers)
    if duty:
        start, end = np.full(officers, duty[0]), np.full(officers, duty[1])
    order_start, order_desk = orders([[0]])
    return Force(
        pace=[1.0],
        seconds=[[way_s]],
        certified=np.ones((officers, 2)),
        duty_start=start,
        duty_end=end,
        duty_officer=np.arange(officers),
        duty_desk=np.zeros(officers),
        order_of=[[0]],
        order_start=order_start,
        order_desk=order_desk,
        patrol_desk=[0],
    )


def told_at(*told_s: float, work_s: float = 100.0, steps: int = 1, **changes: object) -> Work:
    """Incidents told at these seconds, each of ``steps`` steps by one officer, on the spot."""
    n = len(told_s)
    pass_s, every_s = never(n)
    columns = {
        "told_s": told_s,
        "pass_s": pass_s,
        "pass_every_s": every_s,
        "cell": np.zeros(n),
        "priority": np.zeros(n),
        "stretch": np.ones(n),
        "step_start": np.arange(n + 1) * steps,
        "kind": np.full(n * steps, Kind.SCENE),
        "asks": np.zeros(n * steps),
        "field": np.zeros(n * steps),
        "need": np.full(n * steps, ALONE),
        "pause_s": np.zeros(n * steps),
        "work_s": np.full(n * steps, work_s),
        "goes": np.ones(n * steps),
    }
    return Work(**{**columns, **changes})  # type: ignore[arg-type]


def any_city(
    seed: int, desks: int, officers: int, incidents: int, fields: int, *, round_times: bool
) -> tuple[Force, Work]:
    """A city of this size with shifts, pairs, certificates, ways, pauses, patrols and priorities of all kinds.

    With ``round_times`` everything happens at whole tens of seconds, so that many things happen at once.
    """
    rng = np.random.default_rng(seed)
    cells, asks, rows = 4, 5, 9

    def times(low: float, high: float, n: int) -> np.ndarray:
        drawn = rng.uniform(low, high, n)
        return np.round(drawn, -1) if round_times else drawn

    order_start, order_desk = orders(
        [rng.permutation(desks)[: rng.integers(0, min(desks, 4) + 1)].tolist() for _ in range(rows)]
    )
    duties = 3 * officers
    start = np.sort(times(0, 4000, duties))
    seconds = times(0, 300, desks * cells).reshape(desks, cells)
    seconds[rng.random((desks, cells)) < 0.1] = np.inf
    force = Force(
        pace=rng.choice([0.5, 1.0, 1.5], desks),
        seconds=seconds,
        certified=rng.random((officers, fields)) < 0.7,
        duty_start=start,
        duty_end=start + times(100, 2500, duties),
        duty_officer=rng.integers(officers, size=duties),
        duty_desk=rng.integers(desks, size=duties),
        order_of=rng.integers(rows, size=(asks, cells)),
        order_start=order_start,
        order_desk=order_desk,
        patrol_desk=rng.integers(-1, desks, cells),
    )
    told, passed = times(0, 5000, incidents), times(0, 5000, incidents)
    passed[rng.random(incidents) < 0.5] = np.inf
    by_entry = np.argsort(np.minimum(told, passed), kind="stable")
    count = rng.integers(1, 5, incidents)
    m = int(count.sum())
    work = Work(
        told_s=told[by_entry],
        pass_s=passed[by_entry],
        pass_every_s=np.where(rng.random(incidents) < 0.3, np.inf, times(10, 900, incidents) + 10.0),
        cell=rng.integers(cells, size=incidents),
        priority=rng.integers(3, size=incidents),
        stretch=np.ones(incidents) if round_times else rng.uniform(0.5, 2.0, incidents),
        step_start=np.concatenate(([0], np.cumsum(count))),
        kind=rng.integers(len(Kind), size=m),
        asks=rng.integers(asks, size=m),
        field=rng.integers(fields, size=m),
        need=rng.choice([ALONE, PAIR], m),
        pause_s=np.where(rng.random(m) < 0.5, 0.0, times(0, 900, m)),
        work_s=times(0, 400, m),
        goes=rng.random(m) < 0.5,
        waits=bool(rng.random() < 0.85),
    )
    return force, work
