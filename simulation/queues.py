"""The city set up as queues whose answer is known: the same model, other tables. Rates are per hour.

Each queue says who stands where, what comes and what is measured. Nothing here knows the formula.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Iterable, Sequence
from typing import Annotated, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator
from scipy.optimize import linprog

from simulation.diary import NOBODY
from simulation.services import Fates, Services
from simulation.streams import stream
from simulation.tables import ALONE, Force, Kind, Work, always, never, orders

HOUR_S = 3600.0

Floats = NDArray[np.float64]
Rate = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1)]
Time = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=1, le=10_000)]
Rates = Annotated[tuple[Rate, ...], Field(min_length=1, max_length=1000)]
Metrics = dict[str, float | list[float]]


class Draws:
    """The chances of one replication, each purpose its own stream."""

    def __init__(self, *key: str | int, seed: int) -> None:
        self.key, self.seed = key, seed

    def of(self, purpose: str) -> np.random.Generator:
        return stream(self.seed, *self.key, purpose)

    def poisson(self, rate: float, hours: float, purpose: str = "told") -> Floats:
        """Instants in seconds, in order, of a Poisson process over so many hours."""
        rng = self.of(purpose)
        return np.sort(rng.random(rng.poisson(rate * hours))) * hours * HOUR_S

    def classes(self, rates: Sequence[float], n: int) -> NDArray[np.int64]:
        """Which of several streams each arrival belongs to, shape (n,)."""
        share = np.cumsum(rates) / np.sum(rates)
        return np.minimum(np.searchsorted(share, self.of("class").random(n), side="right"), len(rates) - 1)

    def exponential(self, n: int, purpose: str = "work") -> Floats:
        """Shape (n,), mean 1."""
        return self.of(purpose).standard_exponential(n)


class Window:
    """What is counted: what was asked for between two instants, in seconds."""

    def __init__(self, services: Services, fates: Fates, work: Work, begin_s: float, end_s: float) -> None:
        self.services, self.fates, self.begin_s, self.end_s = services, fates, begin_s, end_s
        self.priority = work.priority
        self.asked = (services.asked_s >= begin_s) & (services.asked_s < end_s)
        self.known = (fates.known_s >= begin_s) & (fates.known_s < end_s)

    def wait_h(self, which: NDArray[np.bool_] | bool = True) -> float:
        """Mean wait before the services of these rows, hours."""
        return _mean(self.services.wait_s[self.asked & which]) / HOUR_S

    def busy(self, which: NDArray[np.bool_] | bool = True, officers: int = 1) -> float:
        """Share of time that so many officers are busy with the services of these rows."""
        taken = self.services.busy_s(self.begin_s, self.end_s)[which if which is not True else slice(None)]
        return float(taken.sum()) / (self.end_s - self.begin_s) / officers


class Queue(BaseModel):
    """A queue by its parameters. A key that is none of them is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @property
    @abstractmethod
    def arrivals(self) -> float:
        """Incidents an hour."""

    @property
    @abstractmethod
    def load(self) -> float:
        """How fast work comes beside how fast it can be done, at the busiest line; nothing settles from 1 on."""

    @abstractmethod
    def force(self) -> Force: ...

    @abstractmethod
    def work(self, draws: Draws, hours: float) -> Work: ...

    @abstractmethod
    def measure(self, window: Window) -> Metrics: ...


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
            "p_wait": _mean(window.fates.waited[window.known]),
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
            "closure_all": _mean(closed[window.known]) / HOUR_S,
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
            "response": _mean(response[window.known]) / HOUR_S,
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
            **_people([1] * units),
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
        return metrics | {"p_loss": _mean(window.fates.lost[window.known])}


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


def one_desk_each(officers: Sequence[int], way_s: float = 0.0) -> Force:
    """Desks of so many officers in one cell; what is asked for is the desk."""
    desks = len(officers)
    start, desk = orders([[d] for d in range(desks)])
    return Force(
        **_people(officers),
        pace=np.ones(desks),
        seconds=np.full((desks, 1), way_s),
        order_of=np.arange(desks, dtype=np.int32)[:, None],
        order_start=start,
        order_desk=desk,
        patrol_desk=np.full(1, NOBODY, dtype=np.int32),
    )


def one_step(
    told: Floats,
    work_h: Floats,
    *,
    asks: ArrayLike = 0,
    priority: ArrayLike = 0,
    stretch: ArrayLike = 1.0,
    goes: bool = False,
    waits: bool = True,
) -> Work:
    """Incidents of one step by one officer."""
    n = len(told)
    return steps_of(
        told,
        np.arange(n + 1),
        asks,
        work_h,
        0.0,
        Kind.SCENE,
        priority=priority,
        stretch=stretch,
        goes=goes,
        waits=waits,
    )


def steps_of(
    told: Floats,
    start: NDArray[np.int64],
    asks: ArrayLike,
    work_h: Floats,
    pause_h: ArrayLike,
    kind: ArrayLike,
    *,
    priority: ArrayLike = 0,
    stretch: ArrayLike = 1.0,
    goes: bool = False,
    waits: bool = True,
) -> Work:
    """Incidents of several steps, each by one officer."""
    n, m = len(told), len(work_h)
    pass_s, every_s = never(n)
    return Work(
        told_s=told,
        pass_s=pass_s,
        pass_every_s=every_s,
        cell=np.zeros(n, dtype=np.int32),
        priority=np.broadcast_to(priority, n),
        stretch=np.broadcast_to(stretch, n),
        step_start=start,
        kind=np.broadcast_to(kind, m),
        asks=np.broadcast_to(asks, m),
        field=np.zeros(m, dtype=np.int32),
        need=np.full(m, ALONE),
        pause_s=np.broadcast_to(np.asarray(pause_h) * HOUR_S, m),
        work_s=work_h * HOUR_S,
        goes=np.full(m, goes),
        waits=waits,
    )


def by_class(window: Window, classes: int) -> Metrics:
    """Mean wait of each class."""
    its_class = window.priority[window.services.incident]
    return {"wq": [window.wait_h(its_class == k) for k in range(classes)]}


def _people(officers: Sequence[int]) -> dict[str, Any]:
    total = int(np.sum(officers))
    start, end = always(total)
    return {
        "certified": np.ones((total, 1)),
        "duty_start": start,
        "duty_end": end,
        "duty_officer": np.arange(total),
        "duty_desk": np.repeat(np.arange(len(officers)), officers),
    }


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


def _mean(values: NDArray[Any]) -> float:
    return float(values.mean()) if values.size else math.nan
