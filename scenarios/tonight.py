"""A plan played from tonight's real backlog: what the place's own book holds open at this hour, from now on."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time
from zoneinfo import ZoneInfo

import numpy as np

from dispatch.records.case import Case, Procedure
from dispatch.records.incident import UNANSWERED, Incident, Status
from dispatch.records.reason import Reason
from dispatch.store.casebook import Casebook
from scenarios.place import Scenario
from scenarios.planning import on_other_days
from simulation.opening import UNSAID, Opening
from simulation.replications import Setup

Row = tuple[int, int, float]
"""Cell, matter, and the share of steps at the desk that are done."""

DAYS = 28
"""How long it is played from tonight; today counts as one."""

TONIGHT_REASONS = (
    "left_transferred",  # count: another body has it
    "left_nothing_to_do",  # count: only words and signatures are missing
    "left_outside",  # count: it lies in no cell of the place
    "left_other_matter",  # count: its matter is none of the demand's
)
"""Why something that is open is not played, each with how many."""


@dataclass(frozen=True)
class Backlog:
    """What a book holds open at a moment.

    Attributes
    ----------
    at
        Aware.
    left_out
        What is not played, each reason with its count.
    """

    at: datetime
    opening: Opening
    left_out: tuple[Reason, ...]

    def __len__(self) -> int:
        return len(self.opening)


def backlog(casebook: Casebook, scenario: Scenario, now: datetime) -> Backlog:
    """What is still to be done on incidents and cases that are open ``now`` (aware)."""
    incidents, cases = casebook.open_incidents(), casebook.cases(open_only=True)
    rows, left_out = _still_to_do(incidents, cases, scenario)
    opening = Opening(
        cell=np.array([cell for cell, _, _ in rows], dtype=np.int32),
        matter=np.array([matter for _, matter, _ in rows], dtype=np.int32),
        done=np.array([done for _, _, done in rows], dtype=np.float64),
        at_s=(now - _midnight(now, scenario)).total_seconds(),
    )
    return Backlog(now, opening, left_out)


def tonight(open_now: Backlog, scenario: Scenario, setup: Setup, days: int = DAYS) -> Setup:
    """The same plan from the backlog's moment on, for so many days with today as the first, without any warm-up.

    Raises
    ------
    BadInput
        When the plan leaves a town without anybody who may act there.
    """
    today = _midnight(open_now.at, scenario).date()
    begun = on_other_days(setup, scenario, begins=today, days=days, warm_up_days=0)
    return replace(begun, opening=open_now.opening)


def _midnight(now: datetime, scenario: Scenario) -> datetime:
    zone = ZoneInfo(scenario.timezone)
    return datetime.combine(now.astimezone(zone).date(), time(), zone)


def _still_to_do(
    incidents: Sequence[Incident], cases: Sequence[Case], scenario: Scenario
) -> tuple[list[Row], tuple[Reason, ...]]:
    """A row for each thing that is played; how many others were left out, by reason."""
    reader = _Reader(scenario, {incident.id: incident for incident in incidents})
    with_case = {case.incident for case in cases}
    ordered = sorted(incidents, key=lambda incident: incident.id)
    told = [reader.incident(incident) for incident in ordered if incident.id not in with_case]
    told += [reader.case(case) for case in sorted(cases, key=lambda case: case.id)]
    left_out = Counter(one for one in told if isinstance(one, str))
    reasons = tuple(Reason(code, None, {"count": left_out[code]}) for code in TONIGHT_REASONS if left_out[code])
    return [one for one in told if not isinstance(one, str)], reasons


class _Reader:
    """One open thing as a row, or the reason why it is left out."""

    def __init__(self, scenario: Scenario, incidents: Mapping[str, Incident]) -> None:
        self.incidents, demand = incidents, scenario.demand
        self.matter_row = {code: row for row, code in enumerate(demand.matters)} | {"": UNSAID}
        self.simple = {row for row in self.matter_row.values() if row != UNSAID and demand.simple[row]}
        self.cell_row = {str(code): row for row, code in enumerate(scenario.cells["code"])}
        self.steps = len(scenario.rules.procedures.of(Procedure.ORDINARY))
        towns = scenario.cells["town"].to_numpy(dtype=str)
        busiest = np.argsort(-demand.cell_weight, kind="stable")
        self.usual_cell = {town: int(busiest[towns[busiest] == town][0]) for town in np.unique(towns)}

    def incident(self, incident: Incident) -> Row | str:
        if incident.status is Status.TRANSFERRED:
            return "left_transferred"
        return self._row(self.cell_row.get(incident.cell), incident.matter, _begun(incident))

    def case(self, case: Case) -> Row | str:
        """Where its incident is, or in the busiest cell of its town when that is closed or was never told."""
        if case.procedure is Procedure.SIMPLE:
            return "left_nothing_to_do"
        reported = self.incidents.get(case.incident)
        cell = self.cell_row.get(reported.cell) if reported else None
        done = len({stamp.step for stamp in case.stamps}) / self.steps
        return self._row(self.usual_cell.get(case.town) if cell is None else cell, case.matter, min(done, 1.0))

    def _row(self, cell: int | None, code: str, done: float) -> Row | str:
        if cell is None:
            return "left_outside"
        matter = self.matter_row.get(code)
        if matter is None:
            return "left_other_matter"
        # What a simple procedure settles on the spot is done once somebody has been there.
        return "left_nothing_to_do" if matter in self.simple and not math.isnan(done) else (cell, matter, done)


def _begun(incident: Incident) -> float:
    return math.nan if incident.status in UNANSWERED else 0.0
