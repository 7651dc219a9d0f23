"""What a queue is to the simulated city: who stands where, what comes, and what is measured. Rates are per hour."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Sequence
from typing import Annotated, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import BaseModel, ConfigDict, Field

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
        passed = np.cumsum(rng.standard_exponential(rng.poisson(rate * hours) + 1))
        return np.asarray(passed[:-1] / passed[-1] * hours * HOUR_S)

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
        return mean(self.services.wait_s[self.asked & which]) / HOUR_S

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

    @property
    def lines(self) -> float:
        """Among how many like lines the incidents are shared; the more, the seldomer the busiest one sees any."""
        return 1.0

    @property
    def services(self) -> float:
        """Of an incident, on average."""
        return 1.0

    @property
    def settling_h(self) -> float:
        """In which a busy line forgets how it began, about: the relaxation time of M/M/1 at as much a load.

        References
        ----------
        Abate, Whitt (1987), Transient behavior of the M/M/1 queue: starting at the origin, Queueing Systems 2.
        """
        done = self.arrivals / self.lines / self.load if self.load > 0 else math.inf
        return 4 / (done * (1 - self.load) ** 2)

    @abstractmethod
    def force(self) -> Force: ...

    @abstractmethod
    def work(self, draws: Draws, hours: float) -> Work: ...

    @abstractmethod
    def measure(self, window: Window) -> Metrics: ...


def one_desk_each(officers: Sequence[int], way_s: float = 0.0) -> Force:
    """Desks of so many officers in one cell; what is asked for is the desk."""
    desks = len(officers)
    start, desk = orders([[d] for d in range(desks)])
    return Force(
        **people(officers),
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


def people(officers: Sequence[int]) -> dict[str, Any]:
    """Columns of a force: so many officers at each desk, of one certificate, who never go home."""
    total = int(np.sum(officers))
    start, end = always(total)
    return {
        "certified": np.ones((total, 1)),
        "duty_start": start,
        "duty_end": end,
        "duty_officer": np.arange(total),
        "duty_desk": np.repeat(np.arange(len(officers)), officers),
    }


def mean(values: NDArray[Any]) -> float:
    """NaN of nothing."""
    return float(values.mean()) if values.size else math.nan
