"""What is open when the run begins: incidents nobody has reached, and cases that have come some way."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from simulation.demand import Demand
from simulation.stories import Chances, Reports
from simulation.tables import Kind, Whole, Work

Floats = NDArray[np.float64]

UNSAID = -1
"""The matter that nobody has said yet: one by lot, as often as the place has it."""
AT_THE_DESK = (Kind.STEP, Kind.REVIEW)


@dataclass(frozen=True)
class Opening:
    """Incidents that are open at a moment, shape (n,) each; the run is counted from then on, nothing is told before.

    Attributes
    ----------
    cell, matter
        Rows of the cells and of the demand's matters, -1 for a matter that nobody has said.
    done
        Share of the steps at the desk that are done, from 0 to 1; NaN while nobody has been on the spot.
    at_s
        The moment, in seconds from the run's first midnight.
    """

    cell: Whole
    matter: Whole
    done: Floats
    at_s: float = 0.0

    def __len__(self) -> int:
        return len(self.cell)

    def before(self, reports: Reports, demand: Demand, chances: Chances) -> Reports:
        """These, told at the moment, and the reports after it."""
        lot = chances.of("unsaid").choice(len(demand.matters), len(self), p=demand.matter_share)
        matter = np.where(self.matter == UNSAID, lot, self.matter).astype(np.int32)
        lon, lat = demand.spots.near(self.cell.astype(np.int64), chances.of("where it is"))
        own = Reports(np.full(len(self), self.at_s), self.cell, matter, lon, lat)
        later = reports.told_s >= self.at_s
        columns = {name: np.concatenate((mine, getattr(reports, name)[later])) for name, mine in vars(own).items()}
        return Reports(**columns)

    def begun(self, work: Work) -> Work:
        """The work without what has been done; these incidents are its first ones.

        Who has been on the spot does not go there again. An incident of which no step would be left keeps its first.
        """
        owner = np.repeat(np.arange(len(work)), np.diff(work.step_start))
        done = np.full(len(work), np.nan)
        done[: len(self)] = self.done
        desk = np.isin(work.kind, AT_THE_DESK)
        steps = np.bincount(owner, desk, minlength=len(work))
        before: Floats = np.cumsum(desk) - desk.astype(np.float64)
        number: Floats = before - before[work.step_start[:-1]][owner]  # of a step among its incident's at the desk
        with np.errstate(invalid="ignore"):
            over = np.minimum(np.floor(done * steps), steps - 1)[owner]
            dropped = ~np.isnan(done[owner]) & (~desk | (number < over))
        kept = ~dropped
        left = np.bincount(owner, kept, minlength=len(work))
        kept[work.step_start[:-1][left == 0]] = True
        columns = ("kind", "asks", "field", "need", "pause_s", "work_s", "goes")
        start = np.concatenate(([0], np.cumsum(np.bincount(owner, kept, minlength=len(work)))))
        return replace(work, step_start=start, **{name: getattr(work, name)[kept] for name in columns})


NOTHING = Opening(np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros(0))
