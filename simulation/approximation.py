"""How late a station would be with so many heads, by formula: a first guess for the search, never a result.

What each desk is asked for first is counted in played chances. Whoever is on duty in an hour answers as a queue in its
steady state, with the load of the desk; where nobody is on duty, one waits for the next who is.

References
----------
Green and Kolesar (1991), The pointwise stationary approximation for queues with nonstationary arrivals, Management
Science 37(1): each hour as if it lasted. Whitt (1993), Approximations for the GI/G/m queue, Production and Operations
Management 2(2), section 1: the mean wait by Allen and Cunneen; the wait of those who wait taken as exponential.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulation.demand import HOURS_A_YEAR
from simulation.replications import Setup, drawn
from simulation.stations import Station
from simulation.stories import HOUR_S
from simulation.tables import PAIR
from simulation.theory import erlang_c

Floats = NDArray[np.float64]
Marks = NDArray[np.bool_]

PILOTS = 3
"""Replications whose chances are counted."""
MOST_HOURS = 8 * 168
"""Eight weeks of shifts stand for all."""
BUSY = 0.95
"""A station above this load is counted as unable to follow."""


@dataclass(frozen=True)
class Asked:
    """Steps that the desks are first asked for, shape (steps,) each, and what they take.

    Attributes
    ----------
    hour
        Of the run, in which the incident became known.
    within_s
        How long the wait before a pair sets out may be; NaN for steps that have no clock.
    officer_s
        Officers' time it takes, ways included.
    """

    desk: NDArray[np.int32]
    field: NDArray[np.int32]
    hour: NDArray[np.int64]
    within_s: Floats
    officer_s: Floats

    def only(self, rows: Marks) -> Asked:
        return Asked(**{name: values[rows] for name, values in vars(self).items()})


class Approximation:
    """The desks of a plan as queues, each hour of shifts as if it lasted."""

    def __init__(self, setup: Setup, seed: int) -> None:
        self.setup = setup
        self.hours = min(MOST_HOURS, int(setup.until_s // HOUR_S))
        parts = [self._asked(pilot, seed) for pilot in range(PILOTS)]
        self.asked = Asked(**{name: np.concatenate([vars(part)[name] for part in parts]) for name in vars(parts[0])})
        self.known: dict[tuple[int, int], Floats] = {}

    def table(self, station: Station, most: int) -> Floats:
        """Incidents that are late at the station with ``least`` to ``most`` heads, shape (most - least + 1,).

        Never rising: one head more may spread the others differently, which counts as no gain.
        """
        desks = [row for row, desk in enumerate(self.setup.plan.desks) if desk.id in station.desks]
        late = [
            sum(self._late_at(desk, dict(zip(station.posts, station.spread(heads), strict=True))) for desk in desks)
            for heads in range(station.least, most + 1)
        ]
        return np.minimum.accumulate(np.array(late, dtype=np.float64)) / PILOTS

    def work_h(self, station: Station) -> float:
        """Officers' hours a year that the station is asked for first, ways included."""
        desks = [row for row, desk in enumerate(self.setup.plan.desks) if desk.id in station.desks]
        asked = self.asked.officer_s[np.isin(self.asked.desk, desks)]
        return float(asked.sum()) / PILOTS / HOUR_S * HOURS_A_YEAR / self.hours

    def duty_h(self, station: Station) -> float:
        """Hours a year that one officer of the station is on duty at its desks on average, absence taken off."""
        desks = [row for row, desk in enumerate(self.setup.plan.desks) if desk.id in station.desks]
        on_duty = sum(
            share * float(self._presence(post, desk).sum())
            for post, share in zip(station.posts, station.shares, strict=True)
            for desk in desks
        )
        return on_duty / station.heads * (1 - self.setup.plan.file.absent) * HOURS_A_YEAR / self.hours

    def _asked(self, pilot: int, seed: int) -> Asked:
        force, work, reports = drawn(self.setup, pilot, seed)
        owner = np.repeat(np.arange(len(work)), np.diff(work.step_start))
        row = force.order_of[work.asks, work.cell[owner]]
        hour = (work.enters_s // HOUR_S).astype(np.int64)[owner]
        kept = (force.order_start[row + 1] > force.order_start[row]) & (hour < self.hours)
        owner, row = owner[kept], row[kept]
        desk = force.order_desk[force.order_start[row]]
        way_s = np.where(work.goes[kept], force.seconds[desk, work.cell[owner]], 0.0)
        first = np.flatnonzero(kept) == work.step_start[owner]
        within_s = self.setup.matters.within_s[reports.matter[owner]] - way_s
        officer_s = work.need[kept] * (work.work_s[kept] * force.pace[desk] + 2 * way_s)
        return Asked(desk, work.field[kept], hour[kept], np.where(first, within_s, np.nan), officer_s)

    def _late_at(self, desk: int, officers_of: Mapping[int, int]) -> float:
        """Late incidents of all pilots at a desk, so many officers at some of its posts, the others as planned."""
        asked, plan, rules = self.asked.only(self.asked.desk == desk), self.setup.plan, self.setup.rules
        if not len(asked.desk):
            return 0.0
        posts = [row for row, post in enumerate(plan.posts) if plan.desks[desk].id in post.desks]
        officers = np.array([officers_of.get(row, plan.posts[row].officers) for row in posts]) * (1 - plan.file.absent)
        there = np.array([self._presence(row, desk) for row in posts]) * officers[:, None]
        load = float(asked.officer_s.sum()) / PILOTS / max(float(there.sum()) * HOUR_S, 1e-9)
        if load >= BUSY:  # the further beyond, the longer they are late: so that one head more still counts
            return len(asked.desk) * load / BUSY
        clocked, late = asked.only(~np.isnan(asked.within_s)), 0.0
        for field in np.unique(clocked.field):
            holds = np.array([rules.force.certified[rules.post_of == row][0, field] for row in posts])
            pairs = np.floor(there[holds].sum(axis=0) / PAIR + 0.5).astype(np.int64)
            late += _late_of(clocked.only(clocked.field == field), pairs, load)
        return late

    def _presence(self, post: int, desk: int) -> Floats:
        """Share of each hour in which an officer of the post is on duty at the desk, shape (hours,)."""
        if (post, desk) not in self.known:
            force, edges = self.setup.rules.force, np.arange(self.hours + 1) * HOUR_S
            officer = int(np.flatnonzero(self.setup.rules.post_of == post)[0])
            mine = (force.duty_officer == officer) & (force.duty_desk == desk) & (force.duty_start < edges[-1])
            there = np.zeros(self.hours)
            for start, end in zip(force.duty_start[mine], force.duty_end[mine], strict=True):
                there += np.diff(np.clip(edges, start, end)) / HOUR_S
            self.known[post, desk] = np.minimum(there, 1.0)
        return self.known[post, desk]


def _late_of(asked: Asked, pairs: NDArray[np.int64], load: float) -> float:
    """Late incidents of one certificate, ``pairs`` on duty by the hour."""
    gap_s = _until_somebody(pairs)[asked.hour]
    if np.isinf(gap_s).any():
        return float(len(asked.hour))
    then = pairs[(asked.hour + (gap_s // HOUR_S).astype(np.int64)) % len(pairs)]
    spare_s = asked.within_s - gap_s
    late = np.where(spare_s < 0, 1.0, 0.0)
    service_s, scv = float(asked.officer_s.mean()) / PAIR, _scv(asked.officer_s)
    for count in np.unique(then):
        rows = (then == count) & (spare_s >= 0)
        waits_s = service_s / (count * (1 - load)) * (1 + scv) / 2  # on average, of those who wait
        late[rows] = erlang_c(load * count, int(count)) * np.exp(-spare_s[rows] / waits_s)
    return float(late.sum())


def _until_somebody(pairs: NDArray[np.int64]) -> Floats:
    """Seconds from each hour to the next in which a pair is on duty, the weeks repeating; inf where there never is."""
    twice = np.concatenate((pairs, pairs)) > 0
    hours = np.where(twice, np.arange(len(twice), dtype=np.float64), np.inf)
    following = np.minimum.accumulate(hours[::-1])[::-1][: len(pairs)]
    return np.asarray((following - np.arange(len(pairs))) * HOUR_S)


def _scv(values: Floats) -> float:
    return float(values.var() / values.mean() ** 2) if values.mean() > 0 else 0.0
