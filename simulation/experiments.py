"""A plan played until its intervals are as narrow as asked, and two plans compared on the same cities."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from dispatch.records.reason import Reason
from simulation.intervals import Estimate, over_replications, warm_up
from simulation.kept import Kept, city_of
from simulation.outcome import ASKED, Outcome
from simulation.players import Players
from simulation.replications import GROWTH, Engine, Setup, Told

Floats = NDArray[np.float64]
Estimates = dict[str, dict[str, Estimate]]

SATURATED = 0.02
"""A backlog that surely grows by more than this share of what is reported: more comes than can be done."""
UNSETTLED = 0.05
"""How far the first days after the warm-up may lie off the later ones."""

EXPERIMENT_REASONS = (
    "narrow_enough",  # replications, percent
    "cap_reached",  # replications, percent, reached
    "as_many_as_asked",  # replications
    "never_told",  # indicator
    "saturated_place",  # growth, percent
    "saturated_town",  # town, growth, percent
    "saturated_desk",  # desk, growth, percent
    "warm_up_short",  # days, needed
)
"""Why an experiment stopped and what to know before its means are read, each with its values."""


@dataclass(frozen=True)
class Precision:
    """How narrow intervals are to be.

    Attributes
    ----------
    relative
        Half-width as a share of the mean, above 0.
    of
        Indicators of the whole place that are to be so narrow.
    least, most
        Replications: the first look, and the cap.

    References
    ----------
    The sequential procedure of Law (2015), Simulation Modeling and Analysis, 5th edition, section 9.4.1: to lie within
    ``relative`` of the truth the half-width must be within ``relative / (1 + relative)`` of the mean. Looks are few
    (each at twice the replications at most), so that stopping at a lucky moment costs the interval little.
    """

    relative: float = 0.02
    of: tuple[str, ...] = ("on_time_share", "closure_h_p90")
    least: int = 10
    most: int = 1_000

    def __post_init__(self) -> None:
        if not (math.isfinite(self.relative) and self.relative > 0):
            raise ValueError(f"relative is {self.relative}; a half-width must be asked for as a share above 0.")
        if not 2 <= self.least <= self.most:
            raise ValueError(f"least is {self.least}, most {self.most}; an interval needs 2 replications or more.")

    def next(self, values: Sequence[Floats]) -> int:
        """How many replications to have before the next look; as many as there are when that is enough.

        Parameters
        ----------
        values
            Of each indicator its values so far, shape (n,) each; one that has no value (NaN throughout) asks nothing.
        """
        n, times = len(values[0]), _widest(values) / self.allowed
        if times <= 1.0:
            return n
        needed = math.ceil(n * min(times**2, 2.0))
        return min(max(needed, n + self.least // 2), self.most)

    @property
    def allowed(self) -> float:
        """Half-width beside the mean that was found, not the true one, with which to stop."""
        return self.relative / (1 + self.relative)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an experiment is: replications done and wanted (which may grow), seconds left; NaN while unknown."""

    done: int
    wanted: int
    left_s: float


@dataclass(frozen=True)
class Experiment:
    """What came of a plan.

    Attributes
    ----------
    outcomes
        Of each replication, by its number from 0.
    stopped
        Why there are no more.
    """

    setup: Setup
    seed: int
    outcomes: tuple[Outcome, ...]
    stopped: Reason

    @cached_property
    def estimates(self) -> Estimates:
        """Indicators with 95 % t-intervals over replications: the whole place under an empty name, and each town."""
        return _estimated([one.told for one in self.outcomes])

    @cached_property
    def desks(self) -> Estimates:
        """The load of each desk, likewise."""
        return _estimated([one.desks for one in self.outcomes])

    @property
    def warnings(self) -> tuple[Reason, ...]:
        """What to know before the means are read: more comes than can be done, the warm-up was too short.

        Nothing of this is said of a run that begins as a book stands: its backlog goes to what is usual for the plan,
        and that looks like growth.
        """
        if self.setup.begun:
            return ()
        weeks = self.setup.weeks
        grows = [
            Reason(
                "saturated_town" if where else "saturated_place", False, {**({"town": where} if where else {}), **how}
            )
            for where, told in self.estimates.items()
            if (how := _growing(told, told["incidents"].mean / weeks))
        ]
        grows += [
            Reason("saturated_desk", False, {"desk": desk, **how})
            for desk, told in self.desks.items()
            if (how := _growing(told, told[ASKED].mean))
        ]
        return (*grows, *self._unsettled())

    @property
    def growing(self) -> list[str]:
        """Places whose means say little: towns by code, the whole place under an empty name."""
        saturated = ("saturated_place", "saturated_town")
        return [str(reason.values.get("town", "")) for reason in self.warnings if reason.code in saturated]

    def _unsettled(self) -> tuple[Reason, ...]:
        """The warm-up judged on the backlog by day, averaged over replications; a longer one only where it is sure."""
        days, series = self.setup.plan.file.warm_up_days, np.array([one.open_by_day for one in self.outcomes])
        needed = warm_up(list(series))
        if needed <= days or len(series) < 2:
            return ()
        later = series[:, needed:].mean(axis=1)
        apart = over_replications(series[:, days:needed].mean(axis=1) - later)
        if abs(apart.mean) - apart.half <= UNSETTLED * later.mean():
            return ()
        return (Reason("warm_up_short", False, {"days": days, "needed": needed}),)


@dataclass(frozen=True)
class Laboratory:
    """Where experiments are made.

    Attributes
    ----------
    kept
        What has been played already is taken from there.
    tell
        Called after each replication; what it raises stops the experiment, and what was played stays kept.
    """

    players: Players
    kept: Kept
    seed: int
    engine: Engine = "fast"
    tell: Callable[[Progress], object] = lambda _: None

    def outcomes(self, setup: Setup, replications: int, wanted: int | None = None) -> tuple[Outcome, ...]:
        """The first replications of a set-up, by number; what is kept is not played again."""
        city = city_of(setup, self.seed)
        have = {number: one for number, one in self.kept.of(city, self.seed).items() if number < replications}
        missing = [number for number in range(replications) if number not in have]
        began, before = time.monotonic(), len(have)
        for number, one in self.players.each(setup, missing, self.seed, self.engine):
            self.kept.keep(city, self.seed, number, one)
            have[number] = one
            each_s = (time.monotonic() - began) / (len(have) - before)
            until = wanted or replications
            self.tell(Progress(len(have), until, each_s * (until - len(have))))
        return tuple(have[number] for number in range(replications))

    def experiment(self, setup: Setup, wanted: Precision | int) -> Experiment:
        """A plan played as often as asked, or until its intervals are as narrow as asked."""
        if isinstance(wanted, int):
            stopped = Reason("as_many_as_asked", None, {"replications": wanted})
            return Experiment(setup, self.seed, self.outcomes(setup, wanted), stopped)
        n = wanted.least
        while True:
            outcomes = self.outcomes(setup, n)
            values = [np.array([one.told[""][name] for one in outcomes]) for name in wanted.of]
            more = wanted.next(values)
            if more == n:
                return Experiment(setup, self.seed, outcomes, _stopped(wanted, values))
            n = more


def difference(one: Experiment, other: Experiment) -> Estimates:
    """How much more ``other`` has than ``one``, replication by replication, with 95 % t-intervals.

    Both met the same cities, so that what differs is the plans' doing and the intervals are narrow (common random
    numbers: Law (2015), section 11.2). Replications that only one of them has are left out.

    Raises
    ------
    ValueError
        When their seeds or their days differ: they would have met other cities.
    """
    if one.seed != other.seed:
        raise ValueError(f"seeds {one.seed} and {other.seed} draw different cities; compare plans under one seed.")
    if one.setup.period != other.setup.period:
        raise ValueError("their days differ, and with them the cities; compare plans over the same period.")
    pairs = zip(one.outcomes, other.outcomes, strict=False)
    return _estimated([_less(mine.told, theirs.told) for mine, theirs in pairs])


def _less(one: Mapping[str, Told], other: Mapping[str, Told]) -> dict[str, Told]:
    return {
        where: {name: other[where][name] - value for name, value in told.items() if name in other[where]}
        for where, told in one.items()
        if where in other
    }


def _estimated(told: Sequence[Mapping[str, Told]]) -> Estimates:
    return {
        where: {name: over_replications([one[where][name] for one in told]) for name in told[0][where]}
        for where in told[0]
    }


def _growing(told: Mapping[str, Estimate], comes_a_week: float) -> dict[str, str | int | float] | None:
    """By how much the backlog grows a week, where it surely does; None otherwise."""
    growth = told[GROWTH]
    surely = growth.mean - (0.0 if math.isnan(growth.half) else growth.half)
    if not surely > SATURATED * comes_a_week:
        return None
    return {"growth": round(growth.mean, 1), "percent": round(100 * growth.mean / comes_a_week, 1)}


def _widest(values: Sequence[Floats]) -> float:
    """The widest half-width as a share of its mean, inf where there is none yet; 0 when nothing is told at all."""
    told = [one.relative for one in map(over_replications, values) if one.n]
    return max((math.inf if math.isnan(share) else share for share in told), default=0.0)


def _stopped(wanted: Precision, values: Sequence[Floats]) -> Reason:
    for name, one in zip(wanted.of, values, strict=True):
        if np.isnan(one).all():
            return Reason("never_told", False, {"indicator": name})
    widest = _widest(values)
    said: dict[str, str | int | float] = {"replications": len(values[0]), "percent": round(100 * wanted.relative, 2)}
    if widest <= wanted.allowed:
        return Reason("narrow_enough", True, said)
    return Reason("cap_reached", False, {**said, "reached": round(100 * widest, 2)})
