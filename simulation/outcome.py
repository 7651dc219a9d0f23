"""What is kept of a replication once it has been played: indicators, the load of each desk, and the backlog by day."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulation.replications import GROWTH, Engine, Played, Setup, Told, measured, play
from simulation.services import Fates, Services, read
from simulation.stories import DAY_S

Floats = NDArray[np.float64]

ASKED = "asked_a_week"


@dataclass(frozen=True)
class Outcome:
    """One replication.

    Attributes
    ----------
    told
        Indicators of the whole place under an empty name, and of each town.
    desks
        Of each desk ``utilisation``, ``asked_a_week`` (steps it is the first to be asked for) and
        ``backlog_growth_a_week`` (of these, what is left undone).
    open_by_day
        Incidents open at the end of each day, the warm-up's included.
    """

    told: dict[str, Told]
    desks: dict[str, Told]
    open_by_day: list[float]

    def as_text(self) -> str:
        """One line of JSON, from which `of_text` makes the same outcome to the last bit."""
        return json.dumps(vars(self))

    @classmethod
    def of_text(cls, text: str) -> Outcome:
        return cls(**json.loads(text))


def outcome(setup: Setup, replication: int, seed: int, engine: Engine = "fast") -> Outcome:
    """One replication played and measured."""
    played = play(setup, replication, seed, engine)
    services, fates = read(played.diary, len(played.work), played.force.officers)
    return Outcome(measured(played), _desks(played, services), _open_by_day(played, fates).tolist())


def _open_by_day(played: Played, fates: Fates) -> Floats:
    ours = ~fates.passed_on
    ends = np.arange(1, round(played.setup.until_s / DAY_S) + 1) * DAY_S
    known, closed = (np.sort(times[ours]) for times in (fates.known_s, fates.closed_s))
    # NaN sorts behind every number: what never came is never counted.
    return np.asarray(np.searchsorted(known, ends) - np.searchsorted(closed, ends), dtype=np.float64)


def _desks(played: Played, services: Services) -> dict[str, Told]:
    setup, force = played.setup, played.force
    begin_s, end_s = setup.warm_up_s, setup.until_s
    busy = np.bincount(services.desk, services.busy_s(begin_s, end_s), minlength=force.desks)
    there = np.clip(force.duty_end, begin_s, end_s) - np.clip(force.duty_start, begin_s, end_s)
    on_duty = np.bincount(force.duty_desk, there, minlength=force.desks)
    weeks = setup.weeks
    asked, growth = _asked_and_left(played, services)
    return {
        desk.id: {
            "utilisation": float(busy[row] / on_duty[row]) if on_duty[row] > 0 else float("nan"),
            ASKED: float(asked[row] / weeks),
            GROWTH: float(growth[row] / weeks),
        }
        for row, desk in enumerate(setup.plan.desks)
    }


def _asked_and_left(played: Played, services: Services) -> tuple[Floats, Floats]:
    """Of each desk the steps it was first asked for between warm-up and end, and how many more are left at the end.

    Every step is one service, so that the number of services an incident has had tells which step it waits for; what
    rests before its next step counts as waiting for it.
    """
    work, force = played.work, played.force
    begin_s, end_s = played.setup.warm_up_s, played.setup.until_s
    owner = np.repeat(np.arange(len(work)), np.diff(work.step_start))
    row = force.order_of[work.asks, work.cell[owner]]
    somebody = force.order_start[row + 1] > force.order_start[row]
    first = np.where(somebody, np.append(force.order_desk, 0)[force.order_start[row]], 0)

    def left(at_s: float) -> Floats:
        done = np.bincount(services.incident[services.sent_s < at_s], minlength=len(work))
        step = work.step_start[:-1] + done
        waits = (work.enters_s < at_s) & (step < work.step_start[1:])
        waits[waits] = somebody[step[waits]]
        return np.bincount(first[step[waits]], minlength=force.desks).astype(np.float64)

    asked_s = services.asked_s
    asked_then = (asked_s >= begin_s) & (asked_s < end_s)
    # The k-th service of an incident, in the order of the diary, is its k-th step.
    order = np.argsort(services.incident, kind="stable")
    of = services.incident[order]
    nth = np.arange(len(of)) - np.searchsorted(of, of)
    step = np.empty(len(of), dtype=np.int64)
    step[order] = work.step_start[of] + nth
    served = np.bincount(first[step[asked_then]], minlength=force.desks).astype(np.float64)
    growth = left(end_s) - left(begin_s)
    return served + np.maximum(growth, 0.0), growth
