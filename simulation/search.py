"""The plan that is late least often with so many heads: guessed by formula, chosen by playing, its price beside it.

Officers are moved between stations; desks, certificates and shifts of a station stay in the plan's mix.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gis.schemas import BadInput, Fault
from simulation.allocation import exact, marginal, swaps
from simulation.approximation import Approximation
from simulation.experiments import Laboratory, difference
from simulation.intervals import Estimate, over_replications
from simulation.plan import DeskKind, StaffingPlan
from simulation.replications import Setup
from simulation.selection import Choice, select
from simulation.stations import Station, staffed, stations_of

Floats = NDArray[np.float64]
Heads = tuple[int, ...]
Stage = Callable[[str, int], object]
"""Told what is done next (one of ``STAGES``) and how many replications are still to come, as far as is known."""
SetUp = Callable[[StaffingPlan], Setup]
"""Makes a plan ready to be played; ``scenarios.planning`` gives one of a place."""

STAGES = ("guess", "choice", "front", "worth")
OWN, MARGINAL, PROVED, SWAPPED = "own", "marginal", "proved", "swapped"
MOST_TIMES, MOST_MORE = 2, 12
"""A station is tried with twice its heads and a dozen more at most."""
FIRST = 10
"""Replications of the first stage of the choice."""


@dataclass(frozen=True)
class Question:
    """What is searched for.

    Attributes
    ----------
    cap
        Heads at most, reviewers included; beyond what all stations are tried with nobody more is placed.
    indifference
        The smallest difference in the share of late incidents worth finding, above 0.
    probability
        With which the chosen plan is to be the best candidate, where that is better by the indifference.
    swaps
        How many neighbours of the proved allocation stand for choice.
    levels
        Heads for how many points of the front of cost and lateness, the cap included.
    replications
        For each point of the front and for the worth of an officer.
    most
        Replications of one candidate at most.
    """

    cap: int
    indifference: float = 0.005
    probability: float = 0.95
    swaps: int = 6
    levels: int = 5
    replications: int = 20
    most: int = 500


@dataclass(frozen=True)
class Candidate:
    """One staffing of the stations."""

    origin: str
    heads: Heads
    plan: StaffingPlan
    late: Estimate

    @property
    def total(self) -> int:
        return sum(self.heads)


@dataclass(frozen=True)
class Found:
    """What a search came to.

    Attributes
    ----------
    best
        The chosen plan.
    choice
        How it was chosen; its numbers are rows of ``candidates``.
    candidates
        All that stood for choice.
    front
        Plans of which none is both cheaper and less late than another, by cost.
    worth
        By town: by how much one officer more there lowers the share of late incidents of the whole place, paired.
    """

    stations: tuple[Station, ...]
    best: Candidate
    choice: Choice
    candidates: tuple[Candidate, ...]
    front: tuple[Candidate, ...]
    worth: dict[str, Estimate]


def search(
    setup: Setup, set_up: SetUp, question: Question, lab: Laboratory, stage: Stage = lambda _name, _left: None
) -> Found:
    """The best plan within the cap.

    Parameters
    ----------
    stage
        Called before each step; what it raises stops the search.

    Raises
    ------
    BadInput
        When the cap is below what the stations need for lawful pairs.
    """
    return _Search(setup, set_up, question, lab, stage).found()


class _Search:
    def __init__(self, setup: Setup, set_up: SetUp, question: Question, lab: Laboratory, stage: Stage) -> None:
        self.setup, self.set_up, self.lab, self.stage = setup, set_up, lab, stage
        self.stations = stations_of(setup.plan)
        # Nobody finds work for more than are tried; a plan of all whom a cap allows would only be slow to play.
        self.question = replace(question, cap=min(question.cap, sum(map(_most, self.stations))))
        self.least = [station.least for station in self.stations]
        self._refuse_too_few()
        approximation = Approximation(setup, lab.seed)
        spare = question.cap - sum(self.least)
        self.tables = []
        for one in self.stations:
            stage("guess", 0)
            self.tables.append(approximation.table(one, min(_most(one), one.least + spare)))
        self.ready: dict[Heads, Setup] = {self._own(): setup}

    def found(self) -> Found:
        staffings = self._candidates()
        heads = list(staffings)

        def observed(system: int, n: int) -> Floats:
            first = len(heads) - system if n <= FIRST else 0  # candidates that have not been looked at yet
            self.stage("choice", max(first * n, n) + self._front_left + self._worth_left)
            return self._late(heads[system], n)

        choice = select(
            len(heads),
            observed,
            self.question.indifference,
            self.question.probability,
            first=FIRST,
            most=self.question.most,
        )
        played = [max(many, self.question.replications) for many in choice.looked]
        candidates = tuple(self._candidate(staffings[one], one, many) for one, many in zip(heads, played, strict=True))
        best = candidates[choice.best]
        return Found(self.stations, best, choice, candidates, self._front(best), self._worth(best))

    def _candidates(self) -> dict[Heads, str]:
        """Each staffing once, under the first name it came by."""
        spare = self.question.cap - sum(self.least)
        proved = exact(self.tables, spare)
        named = [(PROVED, proved), (MARGINAL, marginal(self.tables, spare))]
        named += [(SWAPPED, given) for given in swaps(self.tables, proved, self.question.swaps)]
        staffings: dict[Heads, str] = {}
        if sum(self._own()) <= self.question.cap:
            staffings[self._own()] = OWN
        for origin, given in named:
            staffings.setdefault(self._with_the_rest(given), origin)
        return staffings

    def _with_the_rest(self, given: Sequence[int]) -> Heads:
        """Heads above the least with those that the formula found no use for, where the plan has most."""
        heads = [least + more for least, more in zip(self.least, given, strict=True)]
        for _ in range(self.question.cap - sum(heads)):
            short = [station.heads - many for station, many in zip(self.stations, heads, strict=True)]
            heads[int(np.argmax(short))] += 1
        return tuple(heads)

    def _front(self, best: Candidate) -> tuple[Candidate, ...]:
        """Proved allocations of fewer and fewer heads, and the chosen plan; whoever is beaten in both is left out."""
        least, cap = sum(self.least), self.question.cap
        levels = sorted({round(level) for level in np.linspace(least, cap, self.question.levels)} - {cap})
        points = [best]
        for done, level in enumerate(levels):
            self.stage("front", (len(levels) - done) * self.question.replications + self._worth_left)
            given = exact(self.tables, level - least)
            heads = tuple(one + more for one, more in zip(self.least, given, strict=True))
            points.append(self._candidate(PROVED, heads, self.question.replications))
        points.sort(key=lambda one: (one.plan.cost_a_year, one.late.mean))
        front: list[Candidate] = []
        for point in points:
            if not front or point.late.mean < front[-1].late.mean:
                front.append(point)
        return tuple(front)

    def _worth(self, best: Candidate) -> dict[str, Estimate]:
        n = self.question.replications
        before = self.lab.experiment(self._ready(best.heads), n)
        worth = {}
        for done, town in enumerate(self.setup.ground.cells_of):
            self.stage("worth", self._worth_left - done * n)
            station = self._station_of(town)
            if station is not None:
                more = list(best.heads)
                more[station] += 1
                after = self.lab.experiment(self._ready(tuple(more)), n)
                worth[town] = difference(before, after)[""]["on_time_share"]
        return worth

    @property
    def _front_left(self) -> int:
        return (self.question.levels - 1) * self.question.replications

    @property
    def _worth_left(self) -> int:
        return len(self.setup.ground.cells_of) * self.question.replications

    def _station_of(self, town: str) -> int | None:
        """The town's own station with the most heads."""
        own = {desk.id for desk in self.setup.plan.desks if desk.kind is DeskKind.TOWN and desk.town == town}
        rows = [row for row, station in enumerate(self.stations) if own.intersection(station.desks)]
        return max(rows, key=lambda row: self.stations[row].heads, default=None)

    def _candidate(self, origin: str, heads: Heads, replications: int) -> Candidate:
        return Candidate(origin, heads, self._ready(heads).plan, over_replications(self._late(heads, replications)))

    def _late(self, heads: Heads, replications: int) -> Floats:
        outcomes = self.lab.outcomes(self._ready(heads), replications)
        return np.array([1.0 - one.told[""]["on_time_share"] for one in outcomes])

    def _ready(self, heads: Heads) -> Setup:
        if heads not in self.ready:
            made = self.set_up(staffed(self.setup.plan, self.stations, heads))
            self.ready[heads] = replace(self.setup, plan=made.plan, rules=made.rules)
        return self.ready[heads]

    def _own(self) -> Heads:
        return tuple(station.heads for station in self.stations)

    def _refuse_too_few(self) -> None:
        if sum(self.least) > self.question.cap:
            found, expected = (
                f"{self.question.cap} heads",
                f"{sum(self.least)} or more, with which every desk keeps a pair",
            )
            raise BadInput(Fault("--cap", None, None, found, expected))


def _most(station: Station) -> int:
    return MOST_TIMES * station.heads + MOST_MORE
