"""The simulated city: readable and compiled, beside SimPy as its manual shows it and, where it is installed, Ciw."""

from __future__ import annotations

import multiprocessing
import resource
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks import usual_city
from benchmarks.report import Row, print_table
from simulation import fast
from simulation.city import City
from simulation.diary import Diary, Event
from simulation.queue import HOUR_S, Draws
from simulation.queues import Network
from simulation.tables import ALONE, PAIR, Force, Kind, Work, always, never, orders

DESKS, AT_A_DESK = 17, 10
MODEL = Network(T=17, lam_t=2.0, mu_t=0.7, c_t=4, p_esc=0.1, D=3, mu_d=0.5, c_d=4)
HOURS = 1_500.0
TIMES = 3
COMPILED_TIMES = 40
"""The compiled city plays so many times as long, so that there is something to measure."""

TOWNS, OFFICERS, INCIDENTS, BRIGADES, FIELDS = 1_031, 8_885, 2_000_000, 39, 8
YEAR_S = 365 * 86_400.0


def rows() -> list[Row]:
    """One row for each engine beside its peer, and a year of Chongqing's size."""
    return [*_engines(), _chongqing()]


def _engines() -> list[Row]:
    """On a city of pairs that drive there and back; then as a network of queues, which is what Ciw can do."""
    force, work, longer = _towns(1), _pairs(2, 1), _pairs(3, COMPILED_TIMES)
    fast.run(force, work)  # compiled once per machine, kept on disk
    usual_s, usual = _timed(lambda: usual_city.play(force, work))
    readable_s, diary = _timed(lambda: City(force, work).run())
    compiled_s, _ = _timed(lambda: fast.run(force, longer))
    usual_us, ours_us, compiled_us = (
        seconds / n * 1e6 for seconds, n in ((usual_s, len(work)), (readable_s, len(work)), (compiled_s, len(longer)))
    )
    same = diary.same_as(fast.run(force, work))
    equal = all(np.allclose(a, b) for a, b in zip(_what_happened(diary), _what_happened(usual), strict=True))
    peer = f"SimPy with stores, Resource and a process an incident {usual_us:.0f} µs"
    claim = (
        f"{DESKS} towns of {AT_A_DESK} officers, lawful pairs that drive there and back, an incident of {len(work):,}"
    )
    return [
        Row(
            claim,
            f"readable {ours_us:.0f} µs",
            peer,
            f"{usual_us / ours_us:.1f}x, {'equal' if equal else 'OTHER'} records",
            ">= 4x, equal",
            equal and usual_us >= 4 * ours_us,
        ),
        Row(
            f"the same, {len(longer):,}",
            f"compiled {compiled_us:.2f} µs",
            peer,
            f"{usual_us / compiled_us:.0f}x, {'same diary' if same else 'ANOTHER DIARY'}",
            ">= 100x, same diary",
            same and usual_us >= 100 * compiled_us,
        ),
        *_beside_ciw(),
    ]


def _beside_ciw() -> list[Row]:
    theirs = _ciw_s()
    if theirs is None:
        return []
    force, work = MODEL.force(), MODEL.work(Draws("benchmark", seed=1), COMPILED_TIMES * HOURS)
    seconds, _ = _timed(lambda: fast.run(force, work))
    ours_us, theirs_us = seconds / len(work) * 1e6, theirs * 1e6
    claim = f"{MODEL.T} towns and {MODEL.D} brigades as a network of queues, an incident"
    ratio = theirs_us / ours_us
    return [
        Row(claim, f"compiled {ours_us:.2f} µs", f"Ciw {theirs_us:.0f} µs", f"{ratio:.0f}x", ">= 500x", ratio >= 500)
    ]


def _towns(seed: int) -> Force:
    """Desks of officers who all hold the one certificate."""
    officers = DESKS * AT_A_DESK
    start, end = always(officers)
    order_start, order_desk = orders([[desk] for desk in range(DESKS)])
    return Force(
        pace=np.ones(DESKS),
        seconds=np.random.default_rng(seed).uniform(300, 1200, (DESKS, DESKS)),
        certified=np.ones((officers, 1), np.bool_),
        duty_start=start,
        duty_end=end,
        duty_officer=np.arange(officers, dtype=np.int32),
        duty_desk=np.repeat(np.arange(DESKS), AT_A_DESK).astype(np.int32),
        order_of=np.arange(DESKS, dtype=np.int32)[None, :],
        order_start=order_start,
        order_desk=order_desk,
        patrol_desk=np.arange(DESKS, dtype=np.int32),
    )


def _pairs(seed: int, times: int) -> Work:
    """Incidents for pairs, about seven tenths of what the desks can do."""
    rng = np.random.default_rng(seed)
    n = 50_000 * times
    gap_s = (2 * 750.0 + 1800.0) * 2 / (0.7 * DESKS * AT_A_DESK)
    pass_s, every_s = never(n)
    return Work(
        told_s=np.cumsum(rng.exponential(gap_s, n)),
        pass_s=pass_s,
        pass_every_s=every_s,
        cell=rng.integers(DESKS, size=n).astype(np.int32),
        priority=np.zeros(n, np.int32),
        stretch=rng.uniform(0.8, 1.2, n),
        step_start=np.arange(n + 1),
        kind=np.full(n, Kind.SCENE, np.int8),
        asks=np.zeros(n, np.int32),
        field=np.zeros(n, np.int32),
        need=np.full(n, PAIR, np.int8),
        pause_s=np.zeros(n),
        work_s=rng.exponential(1800.0, n),
        goes=np.ones(n, np.bool_),
    )


def _ciw_s() -> float | None:
    """CPU seconds an incident of the same network in Ciw; None where it is not installed."""
    try:
        import ciw  # type: ignore[import-not-found]
    except ImportError:
        return None
    nodes, above = MODEL.T + MODEL.D, MODEL.p_esc / MODEL.D
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(MODEL.lam_t)] * MODEL.T + [None] * MODEL.D,
        service_distributions=[ciw.dists.Exponential(MODEL.mu_t)] * MODEL.T
        + [ciw.dists.Exponential(MODEL.mu_d)] * MODEL.D,
        number_of_servers=[MODEL.c_t] * MODEL.T + [MODEL.c_d] * MODEL.D,
        routing=[[above if a < MODEL.T <= b else 0.0 for b in range(nodes)] for a in range(nodes)],
    )
    ciw.seed(1)
    hours = 150.0
    seconds, _ = _timed(lambda: ciw.Simulation(network).simulate_until_max_time(hours))
    return seconds / (MODEL.arrivals * hours)


def _chongqing() -> Row:
    """In a process of its own, so that its memory is its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        seconds, megabytes, lines, closed = pool.apply(_a_year_of_chongqing)
    return Row(
        f"a year of {TOWNS:,} towns, {OFFICERS:,} officers in shifts, {INCIDENTS:,} incidents for pairs, compiled",
        f"{seconds:.1f} s, {megabytes:,.0f} MB, {lines:,} lines of diary, {closed:.1%} closed",
        "",
        f"{seconds:.1f} s, {megabytes / 1000:.2f} GB",
        "<= 10 s, 1.5 GB",
        seconds <= 10 and megabytes <= 1500,
    )


def _a_year_of_chongqing() -> tuple[float, float, int, float]:
    force, work = _big_force(), _big_work()
    small = Network(T=1, lam_t=1, mu_t=2, c_t=1, p_esc=0, D=1, mu_d=1, c_d=1)
    fast.run(small.force(), small.work(Draws("warm", seed=1), 10.0))
    seconds, diary = _timed(lambda: fast.run(force, work, YEAR_S))
    closed = np.count_nonzero(diary.event == Event.CLOSED) / INCIDENTS
    return seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000, len(diary), closed


def _big_force() -> Force:
    """Eight or nine officers a town in three shifts, and brigades of the districts that are asked next."""
    rng = np.random.default_rng(1)
    desks = TOWNS + BRIGADES
    desk_of = np.arange(OFFICERS) % desks
    day = np.arange(365)
    begin = np.array([6.0, 8.5, 14.0])[np.arange(OFFICERS) // desks % 3]
    start = (day[:, None] * 24 + begin[None, :]) * HOUR_S
    works = (day[:, None] + np.arange(OFFICERS)[None, :] // desks) % 7 < 5
    order = np.argsort(start[works], kind="stable")
    rows, officers = np.nonzero(works)
    order_start, order_desk = orders([[town, TOWNS + town % BRIGADES] for town in range(TOWNS)])
    return Force(
        pace=np.ones(desks),
        seconds=rng.uniform(300, 1500, (desks, TOWNS)),
        certified=rng.random((OFFICERS, FIELDS)) < 0.9,
        duty_start=start[works][order],
        duty_end=(start + 8.5 * HOUR_S)[rows, officers][order],
        duty_officer=officers[order].astype(np.int32),
        duty_desk=desk_of[officers][order].astype(np.int32),
        order_of=np.arange(TOWNS, dtype=np.int32)[None, :],
        order_start=order_start,
        order_desk=order_desk,
        patrol_desk=np.arange(TOWNS, dtype=np.int32),
    )


def _big_work() -> Work:
    rng = np.random.default_rng(2)
    n = INCIDENTS
    pass_s, every_s = never(n)
    return Work(
        told_s=np.sort(rng.random(n)) * YEAR_S,
        pass_s=pass_s,
        pass_every_s=every_s,
        cell=rng.integers(TOWNS, size=n).astype(np.int32),
        priority=rng.integers(4, size=n).astype(np.int32),
        stretch=np.ones(n),
        step_start=np.arange(n + 1),
        kind=np.full(n, Kind.SCENE, np.int8),
        asks=np.zeros(n, np.int32),
        field=rng.integers(FIELDS, size=n).astype(np.int32),
        need=np.where(rng.random(n) < 0.9, PAIR, ALONE).astype(np.int8),
        pause_s=np.zeros(n),
        work_s=rng.exponential(1800.0, n),
        goes=np.ones(n, np.bool_),
    )


def _what_happened(diary: Diary) -> tuple[NDArray[Any], ...]:
    """What happens when to which incident by which desk; who of like officers goes may differ."""
    order = np.lexsort((diary.event, diary.incident, diary.t))
    return diary.t[order], diary.event[order], diary.incident[order], diary.desk[order]


def _timed(run: Callable[[], Any]) -> tuple[float, Any]:
    """CPU seconds, the middle of `TIMES` runs of ours as of any peer, and the answer.

    What is touched for the first time after a start has to be found by the machine, which is no engine's doing.
    """
    seconds, answer = [], None
    for _ in range(TIMES):
        answer = None  # as in a sweep: the last diary has been read and put away
        start = time.process_time()
        answer = run()
        seconds.append(time.process_time() - start)
    return median(seconds), answer


if __name__ == "__main__":
    print_table(rows())
