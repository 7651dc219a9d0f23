"""The city set up as queues whose answer is known: the same model, other tables. Rates are per hour.

Each queue says who stands where, what comes and what is measured. Nothing here knows the formula.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator
from scipy.optimize import linprog

from simulation.diary import NOBODY
from simulation.queue import (
    HOUR_S,
    Count,
    Draws,
    Floats,
    Metrics,
    Queue,
    Rate,
    Rates,
    Share,
    Time,
    Window,
    mean,
    one_desk_each,
    one_step,
    people,
    steps_of,
)  # fmt: skip
from simulation.tables import Force, Kind, Work, orders


class MMC(Queue):
    """One desk of like officers."""

    lam: Rate
    mu: Rate
    c: Count

    @property
    def arrivals(self) -> float:
        return self.lam

    @property
    def load(self) -> float:
        return self.lam / self.mu / self.c

    def force(self) -> Force:
        return one_desk_each([self.c])

    def work(self, draws: Draws, hours: float) -> Work:
        told = draws.poisson(self.lam, hours)
        return one_step(told, draws.exponential(len(told)) / self.mu)

    def measure(self, window: Window) -> Metrics:
        waits = window.services.wait_s[window.asked]
        return {
            "wq": window.wait_h(),
            "p_wait": mean(window.fates.waited[window.known]),
            "util": window.busy(officers=self.c),
            "wq_p95": float(np.quantile(waits, 0.95)) / HOUR_S if waits.size else math.nan,
        }


class MMCPriority(Queue):
    """The same with classes, the first one first."""

    lams: Rates
    mu: Rate
    c: Count

    @property
    def arrivals(self) -> float:
        return sum(self.lams)

    @property
    def load(self) -> float:
        return sum(self.lams) / self.mu / self.c

    def force(self) -> Force:
        return one_desk_each([self.c])

    def work(self, draws: Draws, hours: float) -> Work:
        told = draws.poisson(self.arrivals, hours)
        kind = draws.classes(self.lams, len(told))
        return one_step(told, draws.exponential(len(told)) / self.mu, priority=kind)

    def measure(self, window: Window) -> Metrics:
        return by_class(window, len(self.lams)) | {"util": window.busy(officers=self.c)}


class MG1(Queue):
    """One officer; services fixed, Erlang-2 or lognormal by their squared coefficient of variation."""

    lam: Rate
    es: Rate
    scv: Time

    @property
    def arrivals(self) -> float:
        return self.lam

    @property
    def load(self) -> float:
        return self.lam * self.es

    def force(self) -> Force:
        return one_desk_each([1])

    def work(self, draws: Draws, hours: float) -> Work:
        told = draws.poisson(self.lam, hours)
        return one_step(told, self.es * self._services(draws, len(told)))

    def _services(self, draws: Draws, n: int) -> Floats:
        if self.scv == 0:
            return np.ones(n)
        if self.scv == 0.5:
            return (draws.exponential(n, "first half") + draws.exponential(n, "second half")) / 2
        spread = math.log1p(self.scv)
        return draws.of("work").lognormal(-spread / 2, math.sqrt(spread), n)

    def measure(self, window: Window) -> Metrics:
        return {"wq": window.wait_h(), "util": window.busy()}


class MG1Priority(Queue):
    """One officer and two classes: the first even on half to one and a half times its mean, the second exponential."""

    lams: tuple[Rate, Rate]
    es: Rate | tuple[Rate, Rate]

    @property
    def means(self) -> tuple[float, float]:
        return self.es if isinstance(self.es, tuple) else (self.es, self.es)

    @property
    def arrivals(self) -> float:
        return sum(self.lams)

    @property
    def load(self) -> float:
        return float(np.dot(self.lams, self.means))

    def force(self) -> Force:
        return one_desk_each([1])

    def work(self, draws: Draws, hours: float) -> Work:
        told = draws.poisson(self.arrivals, hours)
        kind = draws.classes(self.lams, len(told))
        first, second = 0.5 + draws.of("first").random(len(told)), draws.exponential(len(told), "second")
        return one_step(told, np.where(kind == 0, self.means[0] * first, self.means[1] * second), priority=kind)

    def measure(self, window: Window) -> Metrics:
        return by_class(window, 2) | {"util": window.busy()}


class Network(Queue):
    """``T`` towns; a share of what they did goes on to one of ``D`` brigades, evenly."""

    T: Count
    lam_t: Rate
    mu_t: Rate
    c_t: Count
    p_esc: Share
    D: Count
    mu_d: Rate
    c_d: Count

    @property
    def arrivals(self) -> float:
        return self.T * self.lam_t

    @property
    def lines(self) -> float:
        return float(max(self.T, self.D / self.p_esc if self.p_esc > 0 else 0.0))

    @property
    def services(self) -> float:
        return self.visits + self.p_esc

    @property
    def visits(self) -> float:
        """Services in the town, on average."""
        return 1.0

    @property
    def load(self) -> float:
        town = self.lam_t * self.visits / self.mu_t / self.c_t
        return max(town, self.arrivals * self.p_esc / self.D / self.mu_d / self.c_d)

    def force(self) -> Force:
        return one_desk_each([self.c_t] * self.T + [self.c_d] * self.D)

    def work(self, draws: Draws, hours: float) -> Work:
        return self._work(draws, hours, lambda n: np.ones(n, dtype=np.int64), 0.0)

    def _work(self, draws: Draws, hours: float, in_town: Any, delay: float) -> Work:
        """Steps in the town, ``in_town(n)`` of them, then perhaps one in a brigade."""
        told = draws.poisson(self.arrivals, hours)
        n = len(told)
        town = np.minimum((draws.of("town").random(n) * self.T).astype(np.int64), self.T - 1)
        brigade = np.minimum((draws.of("brigade").random(n) * self.D).astype(np.int64), self.D - 1)
        escalated = draws.of("escalated").random(n) < self.p_esc
        services = in_town(n)
        start = np.concatenate(([0], np.cumsum(services + escalated)))
        m = int(start[-1])
        owner = np.repeat(np.arange(n), services + escalated)
        place = np.arange(m) - start[owner]
        above = place >= services[owner]
        drawn = draws.exponential(m)
        return steps_of(
            told,
            start,
            asks=np.where(above, self.T + brigade[owner], town[owner]),
            work_h=np.where(above, drawn / self.mu_d, drawn / self.mu_t),
            pause_h=np.where(~above & (place > 0), delay * draws.exponential(m, "pause"), 0.0),
            kind=np.where(above, Kind.ESCALATED, np.where(place > 0, Kind.STEP, Kind.SCENE)),
        )

    def measure(self, window: Window) -> Metrics:
        above = window.services.desk >= self.T
        closed = window.fates.closed_s - window.fates.known_s
        return {
            "town.wq": window.wait_h(~above),
            "brigade.wq": window.wait_h(above) if self.p_esc > 0 else 0.0,
            "closure_all": mean(closed[window.known]) / HOUR_S,
            "town.util": window.busy(~above, self.T * self.c_t),
            "brigade.util": window.busy(above, self.D * self.c_d),
        }


class Steps(Network):
    """The network where ordinary cases take several services in their town, with pauses that hold nobody between."""

    steps: Count
    p_ord: Share
    delay: Time

    @property
    def visits(self) -> float:
        return 1 - self.p_ord + self.p_ord * self.steps

    def work(self, draws: Draws, hours: float) -> Work:
        def in_town(n: int) -> NDArray[np.int64]:
            return np.where(draws.of("ordinary").random(n) < self.p_ord, self.steps, 1)

        return self._work(draws, hours, in_town, self.delay)


class SpatialMG1(Queue):
    """One officer who drives from the centre of a square to a point even over it, works, and drives back."""

    lam: Rate
    side: Rate
    v: Rate
    mu: Rate

    @property
    def arrivals(self) -> float:
        return self.lam

    @property
    def load(self) -> float:
        return self.lam * (self.side / self.v + 1 / self.mu)

    def force(self) -> Force:
        return one_desk_each([1], way_s=self.side / self.v * HOUR_S)

    def work(self, draws: Draws, hours: float) -> Work:
        told = draws.poisson(self.lam, hours)
        there = draws.of("place").random((len(told), 2)) - 0.5
        way = np.abs(there).sum(axis=1)
        return one_step(told, draws.exponential(len(told)) / self.mu, stretch=way, goes=True)

    def measure(self, window: Window) -> Metrics:
        response = window.fates.arrived_s - window.fates.known_s
        return {
            "wq": window.wait_h(),
            "response": mean(response[window.known]) / HOUR_S,
            "util": window.busy(),
        }


class Hypercube(Queue):
    """Units asked in an order of its own by every atom; with a queue first come first served, otherwise lost."""

    lam: Rates
    mu: Annotated[tuple[Rate, ...], Field(min_length=1, max_length=64)]
    pref: tuple[tuple[Annotated[int, Field(ge=0)], ...], ...]
    queue: bool

    @model_validator(mode="after")
    def orders_name_units(self) -> Hypercube:
        if len(self.pref) != len(self.lam):
            raise ValueError(f"pref has {len(self.pref)} orders for {len(self.lam)} atoms")
        for atom, order in enumerate(self.pref):
            if not order or len(set(order)) < len(order) or max(order) >= len(self.mu):
                raise ValueError(f"pref[{atom}] is {list(order)}; expected units 0 to {len(self.mu) - 1}, each once")
        return self

    @property
    def arrivals(self) -> float:
        return sum(self.lam)

    @property
    def load(self) -> float:
        """The busiest unit's load when the work is spread as evenly as the orders allow."""
        return _spread(self.lam, self.mu, self.pref) if self.queue else 0.0

    def force(self) -> Force:
        units = len(self.mu)
        start, desk = orders([list(order) for order in self.pref])
        return Force(
            **people([1] * units),
            pace=1 / np.array(self.mu),
            seconds=np.zeros((units, 1)),
            order_of=np.arange(len(self.pref), dtype=np.int32)[:, None],
            order_start=start,
            order_desk=desk,
            patrol_desk=np.full(1, NOBODY, dtype=np.int32),
        )

    def work(self, draws: Draws, hours: float) -> Work:
        told = draws.poisson(self.arrivals, hours)
        atom = draws.classes(self.lam, len(told))
        return one_step(told, draws.exponential(len(told)), asks=atom, waits=self.queue)

    def measure(self, window: Window) -> Metrics:
        units = window.services.desk
        metrics: Metrics = {"workload": [window.busy(units == unit) for unit in range(len(self.mu))]}
        if self.queue:
            return metrics | {"wq": window.wait_h()}
        return metrics | {"p_loss": mean(window.fates.lost[window.known])}


MODELS: dict[str, type[Queue]] = {
    "mmc": MMC,
    "mmc_priority": MMCPriority,
    "mg1": MG1,
    "mg1_priority": MG1Priority,
    "network": Network,
    "steps": Steps,
    "spatial_mg1": SpatialMG1,
    "hypercube": Hypercube,
}


def by_class(window: Window, classes: int) -> Metrics:
    """Mean wait of each class."""
    its_class = window.priority[window.services.incident]
    return {"wq": [window.wait_h(its_class == k) for k in range(classes)]}


def _spread(lam: Sequence[float], mu: Sequence[float], pref: Iterable[Sequence[int]]) -> float:
    """Least possible load of the busiest unit: a linear programme over who does whose work."""
    arcs = [(atom, unit) for atom, order in enumerate(pref) for unit in order]
    cost = np.append(np.zeros(len(arcs)), 1.0)
    all_done = np.zeros((len(lam), len(arcs) + 1))
    within = np.zeros((len(mu), len(arcs) + 1))
    within[:, -1] = -np.asarray(mu)
    for column, (atom, unit) in enumerate(arcs):
        all_done[atom, column] = 1.0
        within[unit, column] = 1.0
    return float(linprog(cost, A_ub=within, b_ub=np.zeros(len(mu)), A_eq=all_done, b_eq=lam).fun)
