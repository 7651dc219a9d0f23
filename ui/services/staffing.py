"""The planner's desk of one process: plans that are kept for the place, and whether a plan may be played."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from threading import Lock

from gis.schemas import BadInput, Fault
from scenarios.plandeeds import PlanDeeds
from scenarios.plankeeping import PlanShelf, legal
from simulation.plan import Post, StaffingPlan
from simulation.rules import of_no_use
from simulation.sheets import Sheets
from ui.services.centre import Centre, centre
from ui.settings import settings

VERDICTS_KEPT = 64


@dataclass(frozen=True)
class Verdict:
    """A plan that may be played with the posts whose certificates are of no use there, or what is wrong with it."""

    plan: StaffingPlan | None
    faults: tuple[Fault, ...] = ()
    idle: tuple[Post, ...] = ()


class Staffing:
    """Plans lie in ``staffing/PLACE/plans`` below the home folder, one folder each."""

    def __init__(self, opened: Centre, home: Path) -> None:
        self._centre = opened
        self.folder = home / "staffing" / opened.scenario.name
        self.shelf = PlanShelf(self.folder / "plans")
        self._lock = Lock()
        self._verdicts: OrderedDict[Sheets, Verdict] = OrderedDict()

    @cached_property
    def deeds(self) -> PlanDeeds:
        """What planners do with the plans, behind the door of the desk of people."""
        return PlanDeeds(self._centre.desk, self.shelf)

    def verdict(self, sheets: Sheets) -> Verdict:
        """By the place's own lists, as the command line plays it; each state of a plan is looked at once."""
        with self._lock:
            if sheets not in self._verdicts:
                self._verdicts[sheets] = self._verdict(sheets)
                if len(self._verdicts) > VERDICTS_KEPT:
                    self._verdicts.popitem(last=False)
            self._verdicts.move_to_end(sheets)
            return self._verdicts[sheets]

    def _verdict(self, sheets: Sheets) -> Verdict:
        scenario = self._centre.scenario
        try:
            plan = legal(sheets, scenario, scenario.rulebook)
        except BadInput as bad:
            return Verdict(None, bad.faults)
        town = scenario.cells["town"].to_numpy(dtype=str)
        return Verdict(plan, idle=of_no_use(plan, scenario.rulebook, scenario.demand.matters, town))


@cache
def staffing() -> Staffing:
    """The process's planner's desk."""
    return Staffing(centre(), settings().home)
