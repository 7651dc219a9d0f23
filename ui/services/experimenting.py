"""Runs of plans: played, kept, read again, compared."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock

from dispatch.records.reason import Reason
from scenarios.planning import setup_of
from scenarios.runkeeping import Run, RunShelf, place_hash
from simulation.experiments import Estimates, Experiment, Laboratory, Precision, Progress, difference
from simulation.intervals import Estimate, over_replications
from simulation.kept import Kept, city_of
from simulation.outcome import Outcome
from simulation.players import Players
from simulation.replications import Setup
from simulation.sheets import Sheets
from simulation.whatif import ASSUMED, FACTORS
from ui.services.centre import Centre, centre
from ui.services.playing import Play
from ui.services.staffing import staffing

SETUPS_KEPT = 6
Wanted = Precision | int


@dataclass(frozen=True)
class Pair:
    """Two plans on the same cities; ``apart`` is how much more the second has."""

    one: Experiment
    other: Experiment
    apart: Estimates


@dataclass(frozen=True)
class Counted:
    """How often a plan was played, and indicators of the whole place."""

    n: int
    estimates: dict[str, Estimate]


@dataclass(frozen=True)
class Assumption:
    """How the difference of two plans goes with something both assume: factors with the difference."""

    name: str
    points: tuple[tuple[float, dict[str, Estimate]], ...]


class Experiments:
    """The runs of the place, and what was made of them."""

    def __init__(self, opened: Centre, folder: Path) -> None:
        self._centre = opened
        self.shelf = RunShelf(folder / "runs")
        self._lock = Lock()
        self._setups: OrderedDict[str, Setup] = OrderedDict()
        self._outcomes: dict[str, tuple[int, tuple[Outcome, ...]]] = {}
        self._counted: dict[str, Counted] = {}
        self._read: dict[str, Experiment] = {}
        self._pairs: dict[tuple[str, str], Pair] = {}
        self.assumptions: dict[tuple[str, str], tuple[Assumption, ...]] = {}

    @property
    def place_hash(self) -> str:
        return place_hash(self._centre.scenario)

    def setup(self, run: Run) -> Setup:
        """The plan of a run on the place, ready to be played."""
        with self._lock:
            if run.id not in self._setups:
                self._setups[run.id] = setup_of(self._centre.scenario, run.path)
                if len(self._setups) > SETUPS_KEPT:
                    self._setups.popitem(last=False)
            self._setups.move_to_end(run.id)
            return self._setups[run.id]

    def play(self, plans: Sequence[Sheets], wanted: Wanted, seed: int, job: Play) -> None:
        """Play plans one after another; what is kept is not played again.

        Raises
        ------
        BadInput
            When a plan may not be played.
        Stopped
            When somebody has asked for an end.
        """
        for number, sheets in enumerate(plans):

            def told(progress: Progress, number: int = number) -> None:
                share = (number + progress.done / progress.wanted) / len(plans)
                each_s = progress.left_s / max(1, progress.wanted - progress.done)
                later_s = each_s * progress.wanted * (len(plans) - number - 1)
                job.tell(share, progress.left_s + later_s, f"{progress.done}/{progress.wanted}")

            run = self.shelf.begin(sheets, self.place_hash, seed)
            job.tell(number / len(plans), float("nan"), "")
            setup = self.setup(run)
            run = self.shelf.played(run, city_of(setup, seed))
            with Kept.open(run.store) as kept:
                Laboratory(Players(1), kept, seed, tell=told).experiment(setup, wanted)

    def outcomes(self, run: Run) -> tuple[Outcome, ...]:
        """What is kept of a run, read anew only when something has been written."""
        stamp = run.store.stat().st_mtime_ns if run.store.is_file() else 0
        if self._outcomes.get(run.id, (-1, ()))[0] != stamp:
            self._outcomes[run.id] = stamp, run.outcomes()
        return self._outcomes[run.id][1]

    def counted(self, run: Run) -> Counted:
        """What a list says of a run; no plan is made ready for it."""
        outcomes = self.outcomes(run)
        if run.id not in self._counted or self._counted[run.id].n != len(outcomes):
            told = [one.told[""] for one in outcomes]
            names = told[0] if told else {}
            means = {name: over_replications([one[name] for one in told]) for name in names}
            self._counted[run.id] = Counted(len(outcomes), means)
        return self._counted[run.id]

    def experiment(self, run: Run) -> Experiment | None:
        """What is kept of a run; None when no replication is."""
        outcomes = self.outcomes(run)
        if not outcomes:
            return None
        if run.id not in self._read or self._read[run.id].outcomes is not outcomes:
            kept = Reason("as_many_as_asked", None, {"replications": len(outcomes)})
            self._read[run.id] = Experiment(self.setup(run), run.seed, outcomes, kept)
        return self._read[run.id]

    def pair(self, one: Run, other: Run) -> Pair | None:
        """Two runs of the same place and seed side by side, as far as both were played."""
        first, second = self.experiment(one), self.experiment(other)
        if first is None or second is None or (one.seed, one.place_hash) != (other.seed, other.place_hash):
            return None
        known = self._pairs.get((one.id, other.id))
        if known is None or known.one is not first or known.other is not second:
            known = self._pairs[one.id, other.id] = Pair(first, second, difference(first, second))
        return known

    def assume(self, one: Run, other: Run, replications: int, job: Play) -> None:
        """Play both plans with more and with less of what they assume.

        Raises
        ------
        Stopped
            When somebody has asked for an end; nothing is told then.
        """
        setups = self.setup(one), self.setup(other)
        steps, done, began = len(ASSUMED) * len(FACTORS) * 2 * replications, 0, time.monotonic()
        found = []
        with Kept.open() as kept:
            for name, vary in ASSUMED.items():
                points = []
                for factor in FACTORS:

                    def told(_: Progress, name: str = name, factor: float = factor) -> None:
                        nonlocal done
                        done += 1
                        left_s = (time.monotonic() - began) / done * (steps - done)
                        job.tell(min(1.0, done / steps), left_s, f"{name} {factor:g}")

                    laboratory = Laboratory(Players(1), kept, one.seed, tell=told)
                    both = [laboratory.experiment(vary(setup, factor), replications) for setup in setups]
                    points.append((factor, difference(*both)[""]))
                found.append(Assumption(name, tuple(points)))
        self.assumptions[one.id, other.id] = tuple(found)


@cache
def experiments() -> Experiments:
    """The process's runs."""
    return Experiments(centre(), staffing().folder)
