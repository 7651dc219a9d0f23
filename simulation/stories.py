"""What will happen to each incident, before anybody is asked: all chances of a replication drawn, keyed by incident.

Every purpose has a stream of its own, and each gives one number an incident in the order of the reports. Another plan
draws the same numbers, so that it meets the same city.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulation.demand import Demand
from simulation.plan import Patrols, Procedure
from simulation.rules import REVIEW_ASKS, Rules
from simulation.streams import key_of, stream
from simulation.tables import ALONE, PAIR, Kind, Marks, Whole, Work

Floats = NDArray[np.float64]

MINUTE_S, HOUR_S, DAY_S = 60.0, 3600.0, 86_400.0


@dataclass(frozen=True)
class Reports:
    """What citizens report in one replication, in order of time, shape (n,) each.

    Attributes
    ----------
    told_s
        Seconds from the beginning.
    cell, matter
        Rows of the cells and of the demand's matters.
    lon, lat
        WGS84 degrees.
    """

    told_s: Floats
    cell: Whole
    matter: Whole
    lon: Floats
    lat: Floats

    def __len__(self) -> int:
        return len(self.told_s)


@dataclass(frozen=True)
class Matters:
    """What of each matter of the demand the city needs, shape (matters,) each."""

    simple: Marks
    priority: Whole
    within_s: Floats


class Chances:
    """The streams of one replication."""

    def __init__(self, seed: int, replication: int) -> None:
        self.seed, self.replication = seed, replication

    def of(self, *purpose: str | int) -> np.random.Generator:
        return stream(self.seed, "city", self.replication, *purpose)

    def beside(self, *purpose: str | int) -> Chances:
        """Other chances of the same replication, for what comes beside."""
        return Chances(key_of(self.seed, *purpose) >> 1, self.replication)


def reports_of(demand: Demand, begin: datetime, end: datetime, chances: Chances) -> Reports:
    """The reports of one possible stretch of time."""
    told = demand.times(begin, end, chances.of("told"))
    cell = _one_of(demand.cell_weight, chances.of("cell").random(len(told)))
    lon, lat = demand.spots.near(cell.astype(np.int64), chances.of("where"))
    matter = _one_of(demand.matter_share, chances.of("matter").random(len(told)))
    seconds = (told - pd.Timestamp(begin)).total_seconds().to_numpy()
    return Reports(seconds, cell, matter, lon, lat)


def work_of(
    reports: Reports,
    matters: Matters,
    rules: Rules,
    procedure: Procedure,
    patrols: Patrols,
    chances: Chances,
    from_s: float = 0.0,
) -> tuple[Work, Reports]:
    """The steps of every incident with their chances, and the reports in the same order.

    The officers of the first desk go to the spot. Then perhaps another body is whistled for and comes, or sends it back
    and they go again; perhaps it is handed up to a brigade. An ordinary case goes on at the desk: steps by a pair,
    perhaps a reviewer, the other steps, each after a pause. Simple ones are done on the spot.

    Where the plan has nobody to whistle for, to hand up to or to review, that step is left out. No patrol sees anything
    before ``from_s``.
    """
    passes = _passes(reports, patrols, chances, from_s)
    order = np.argsort(np.minimum(reports.told_s, passes[0]), kind="stable")
    drawn = _Drawn(reports, matters, rules, procedure, chances)
    slots = list(drawn.slots())
    happens = np.column_stack([slot.happens for slot in slots])[order]
    incident, slot_of = np.nonzero(happens)

    def column(name: str) -> NDArray[np.generic]:
        return np.column_stack([np.broadcast_to(getattr(slot, name), len(reports)) for slot in slots])[order][happens]

    sorted_reports = Reports(**{name: values[order] for name, values in vars(reports).items()})
    work = Work(
        told_s=sorted_reports.told_s,
        pass_s=passes[0][order],
        pass_every_s=passes[1][order],
        cell=sorted_reports.cell,
        priority=matters.priority[sorted_reports.matter],
        stretch=np.ones(len(reports)),
        step_start=np.searchsorted(incident, np.arange(len(reports) + 1)),
        kind=np.array([slot.kind for slot in slots], dtype=np.int8)[slot_of],
        need=np.array([slot.need for slot in slots], dtype=np.int8)[slot_of],
        goes=np.array([slot.goes for slot in slots])[slot_of],
        asks=column("asks").astype(np.int32),
        field=column("field").astype(np.int32),
        pause_s=column("pause_s").astype(np.float64),
        work_s=column("work_s").astype(np.float64),
    )
    return work, sorted_reports


@dataclass(frozen=True)
class Slot:
    """One possible step, for all incidents at once; what is one number holds for all of them."""

    kind: Kind
    happens: Marks
    asks: Whole | int
    field: Whole | int
    need: int
    goes: bool
    work_s: Floats | float
    pause_s: Floats | float = 0.0


class _Drawn:
    """The possible steps in their order."""

    def __init__(
        self, reports: Reports, matters: Matters, rules: Rules, procedure: Procedure, chances: Chances
    ) -> None:
        self.reports, self.rules, self.procedure, self.chances = reports, rules, procedure, chances
        self.n = len(reports)
        phase = np.maximum(np.searchsorted(rules.since_s, reports.told_s, side="right") - 1, 0)
        self.scene, self.raised, self.helped = (
            rows[phase, reports.matter] for rows in (rules.scene, rules.raised, rules.helped)
        )
        self.field = rules.field[reports.matter]
        self.simple = matters.simple[reports.matter]

    def slots(self) -> Iterator[Slot]:
        how, rules = self.procedure, self.rules
        raised, helped = self.raised, self.helped
        here = self.answered(self.scene)
        whistled = here & self.answered(helped) & self.happens("whistled", how.whistled)
        returned = whistled & self.happens("returned", how.returned)
        escalated = here & self.answered(raised) & self.happens("escalated", how.escalated)
        last = np.where(escalated, raised, self.scene)
        yield Slot(Kind.SCENE, np.ones(self.n, np.bool_), self.scene, self.field, PAIR, True, self.on_spot("scene"))
        yield Slot(
            Kind.RETURNED, returned, helped, rules.any_field, ALONE, False, self.exponential("return", how.return_min)
        )
        yield Slot(Kind.SCENE, returned, self.scene, self.field, PAIR, True, self.on_spot("again"))
        yield Slot(Kind.HELP, whistled & ~returned, helped, rules.any_field, PAIR, True, self.on_spot("help"))
        yield Slot(Kind.ESCALATED, escalated, raised, self.field, PAIR, True, self.on_spot("escalation"))
        ordinary = here & ~self.simple
        reviewed = ordinary & self.answered(np.full(self.n, REVIEW_ASKS)) & self.happens("reviewed", how.reviewed)
        for step in range(how.steps):
            if step == min(how.pair_steps, how.steps - 1):
                yield self.review(reviewed)
            by_pair = step < how.pair_steps
            yield Slot(
                Kind.STEP,
                ordinary,
                last,
                self.field if by_pair else rules.any_field,
                PAIR if by_pair else ALONE,
                False,
                self.exponential(f"step {step}", how.step_min),
                self.exponential(f"pause {step}", how.pause_h * 60),
            )

    def review(self, reviewed: Marks) -> Slot:
        work, pause = self.exponential("review", self.procedure.review_min), self.exponential("pause of review", 60.0)
        return Slot(Kind.REVIEW, reviewed, REVIEW_ASKS, self.rules.review_field, ALONE, False, work, pause)

    def answered(self, asks: Whole) -> Marks:
        """Whether the plan has anybody for what is asked, shape (n,)."""
        return np.asarray(self.rules.answers[asks, self.reports.cell])

    def happens(self, purpose: str, share: float) -> Marks:
        return np.asarray(self.chances.of(purpose).random(self.n) < share)

    def on_spot(self, purpose: str) -> Floats:
        """Work on the spot: lognormal, its mean by the procedure, seconds."""
        mean = np.where(self.simple, self.procedure.simple_min, self.procedure.ordinary_min) * MINUTE_S
        spread = math.log1p(self.procedure.spread)
        normal = self.chances.of(purpose).standard_normal(self.n)
        return np.asarray(mean * np.exp(math.sqrt(spread) * normal - spread / 2))

    def exponential(self, purpose: str, mean_min: float) -> Floats:
        return np.asarray(self.chances.of(purpose).standard_exponential(self.n) * mean_min * MINUTE_S)


def _passes(reports: Reports, patrols: Patrols, chances: Chances, from_s: float) -> tuple[Floats, Floats]:
    """When a patrol could first see each incident, and how often one comes by."""
    n = len(reports)
    if patrols.passes_a_day == 0:
        return np.full(n, np.inf), np.full(n, np.inf)
    every = DAY_S / patrols.passes_a_day
    since = reports.told_s - chances.of("hidden").standard_exponential(n) * patrols.told_after_h * HOUR_S
    first = since + chances.of("passes").random(n) * every
    return np.maximum(first, from_s), np.full(n, every)


def _one_of(weight: Floats, u: Floats) -> Whole:
    """The row that each number in [0, 1) falls on."""
    edges = np.cumsum(weight / weight.sum())
    return np.minimum(np.searchsorted(edges, u, side="right"), len(weight) - 1).astype(np.int32)
