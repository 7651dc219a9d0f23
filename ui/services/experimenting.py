"""Runs of plans: played, kept, read again, compared; searches and verdicts on histories likewise."""

from __future__ import annotations

import json
import time
from collections import OrderedDict, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

from dispatch.records.reason import Reason
from gis.mapfiles import replacing
from scenarios.conditions import USUAL, Conditions, ConditionShelf
from scenarios.planning import setup_of, staffed_otherwise
from scenarios.runkeeping import Run, RunShelf, place_hash
from scenarios.searchkeeping import SearchShelf
from scenarios.tonight import backlog
from simulation.calibration import REPLICATIONS, judge
from simulation.experiments import Estimates, Experiment, Laboratory, Precision, Progress, difference
from simulation.intervals import Estimate, over_replications
from simulation.kept import Kept, city_of
from simulation.outcome import Outcome
from simulation.players import Players
from simulation.replications import Setup
from simulation.search import Question, search
from simulation.sheets import Sheets
from simulation.whatif import ASSUMED, FACTORS
from ui.services.centre import Centre, centre
from ui.services.playing import Asked, Gone, Job, Player
from ui.services.staffing import staffing

SETUPS_KEPT = 12
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
        self._folder = folder
        self.shelf = RunShelf(folder / "runs")
        self.conditions = ConditionShelf(folder)
        self.searches = SearchShelf(folder / "searches")
        self._lock = Lock()
        self._alone: defaultdict[str, Lock] = defaultdict(Lock)
        self._setups: OrderedDict[str, Setup] = OrderedDict()
        self._outcomes: dict[str, tuple[int, tuple[Outcome, ...]]] = {}
        self._counted: dict[str, Counted] = {}
        self._read: dict[str, Experiment] = {}
        self._pairs: dict[tuple[str, str], Pair] = {}
        self.player = Player(
            {"play": self._play, "assume": self._assume, "search": self._search, "judge": self._judge}, folder / "jobs"
        )

    @property
    def place_hash(self) -> str:
        return place_hash(self._centre.scenario)

    def open_now(self) -> Conditions:
        """What a plan meets that begins with what the book holds open at this hour."""
        found = backlog(self._centre.casebook, self._centre.scenario, self._centre.clock())
        return Conditions(backlog=self.conditions.keep(found))

    def setup(self, run: Run) -> Setup:
        """The plan of a run on the place with what it meets, ready to be played; made once, whoever asks meanwhile."""
        with self._alone_with(f"setup {run.id}"):
            if (known := self._known(run.id)) is not None:
                return known
            usual = f"{run.plan.hash}-{run.place_hash}"
            with self._alone_with(f"setup {usual}"):
                base = self._known(usual)
                if base is None:
                    base = self._remember(usual, setup_of(self._centre.scenario, run.path))
            return self._remember(run.id, self.conditions.met(base, self._centre.scenario, run.conditions))

    def runs_of(
        self, plans: Sequence[Sheets], seed: int, conditions: Sequence[Conditions] = (USUAL,)
    ) -> tuple[Run, ...]:
        """A run, new or begun before, for each plan under each of the conditions."""
        place = self.place_hash
        return tuple(self.shelf.begin(sheets, place, seed, met) for met in conditions for sheets in plans)

    def play(self, person: str, runs: Sequence[Run], wanted: Wanted) -> Job:
        """Have runs played one after another; what is kept is not played again."""
        often = wanted if isinstance(wanted, int) else [wanted.relative, wanted.least, wanted.most]
        return self.player.start(person, Asked("play", {"runs": [run.id for run in runs], "wanted": often}))

    def assume(self, person: str, one: Run, other: Run, replications: int) -> Job:
        """Have both plans played with more and with less of what they assume."""
        needs = {"one": one.id, "other": other.id, "replications": replications}
        return self.player.start(person, Asked("assume", needs))

    def search(self, person: str, run: Run, question: Question) -> Job:
        """Have the best plan searched within a headcount cap, from the plan of a run and what that meets."""
        begun = self.searches.begin(run, question, person, self._centre.clock())
        return self.player.start(person, Asked("search", {"search": begun.id}))

    def judge(self, person: str, history: str) -> Job:
        """Have it judged whether one may forecast by a history."""
        return self.player.start(person, Asked("judge", {"history": history}))

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

    def comparable(self, one: Run, other: Run) -> bool:
        """Whether they are two, met the same on the same days and were both played; no plan is made ready for it.

        What tickets or a backlog make of the days of a plan is left to `pair`.
        """
        return one.id != other.id and one.met == other.met and all(self.counted(run).n for run in (one, other))

    def pair(self, one: Run, other: Run) -> Pair | None:
        """Two runs that met the same on the same days, side by side, as far as both were played."""
        if not self.comparable(one, other):
            return None
        first, second = self.experiment(one), self.experiment(other)
        if first is None or second is None or first.setup.period != second.setup.period:
            return None
        known = self._pairs.get((one.id, other.id))
        if known is None or known.one is not first or known.other is not second:
            known = self._pairs[one.id, other.id] = Pair(first, second, difference(first, second))
        return known

    def apart(self, one: Run, other: Run) -> dict[str, Estimate]:
        """How much more of each indicator the second has in the whole place; no plan is made ready for it."""
        pairs = zip(self.outcomes(one), self.outcomes(other), strict=False)
        told = [{name: b.told[""][name] - value for name, value in a.told[""].items()} for a, b in pairs]
        return {name: over_replications([each[name] for each in told]) for name in (told[0] if told else ())}

    def assumptions(self, one: Run, other: Run) -> tuple[Assumption, ...]:
        """What was found with other assumptions; empty when nobody has asked."""
        path = self._assumed(one, other) / "found.json"
        if not path.is_file():
            return ()
        told = json.loads(path.read_text(encoding="utf-8"))
        return tuple(
            Assumption(
                name, tuple((factor, {key: Estimate(*one) for key, one in apart.items()}) for factor, apart in points)
            )
            for name, points in told.items()
        )

    def _play(self, needs: Mapping[str, Any], job: Job) -> None:
        often = needs["wanted"]
        wanted: Wanted = often if isinstance(often, int) else Precision(often[0], least=often[1], most=often[2])
        runs = [self._run(id) for id in needs["runs"]]
        for number, run in enumerate(runs):

            def told(progress: Progress, number: int = number) -> None:
                share = (number + progress.done / progress.wanted) / len(runs)
                each_s = progress.left_s / max(1, progress.wanted - progress.done)
                later_s = each_s * progress.wanted * (len(runs) - number - 1)
                job.tell(share, progress.left_s + later_s, f"{progress.done}/{progress.wanted}")

            job.tell(number / len(runs), job.left_s, "prepares")
            setup = self.setup(run)
            with job.alone(self._alone_with(f"play {run.id}")):
                playing = self.shelf.played(run, city_of(setup, run.seed))
                with Kept.open(playing.store) as kept:
                    Laboratory(Players(1), kept, run.seed, tell=told).experiment(setup, wanted)

    def _assume(self, needs: Mapping[str, Any], job: Job) -> None:
        one, other, replications = self._run(needs["one"]), self._run(needs["other"]), needs["replications"]
        job.tell(0.0, job.left_s, "prepares")
        setups = self.setup(one), self.setup(other)
        began, blocks = time.monotonic(), 2 * len(ASSUMED) * len(FACTORS)
        folder, found, at = self._assumed(one, other), {}, -1
        folder.mkdir(parents=True, exist_ok=True)
        with job.alone(self._alone_with(folder.name)), Kept.open(folder / "outcomes.db") as kept:
            for name, vary in ASSUMED.items():
                points = []
                for factor in FACTORS:
                    both = []
                    for setup in setups:
                        at += 1

                        def told(progress: Progress, at: int = at, said: str = f"{name} {factor:g}") -> None:
                            share = (at + progress.done / progress.wanted) / blocks
                            job.tell(share, (time.monotonic() - began) * (1 - share) / share, said)

                        laboratory = Laboratory(Players(1), kept, one.seed, tell=told)
                        both.append(laboratory.experiment(vary(setup, factor), replications))
                    apart = difference(*both)[""]
                    points.append((factor, {key: [each.mean, each.half, each.n] for key, each in apart.items()}))
                found[name] = points
        with replacing(folder / "found.json") as temporary:
            temporary.write_text(json.dumps(found) + "\n", encoding="utf-8")

    def _search(self, needs: Mapping[str, Any], job: Job) -> None:
        asked = self.searches.search(needs["search"])
        if asked is None:
            raise Gone(str(needs["search"]))
        run, scenario = self._run(asked.run), self._centre.scenario
        job.tell(0.0, job.left_s, "prepares")
        setup, began, played, left, said = self.setup(run), time.monotonic(), 0, 0, "guess"

        def tell() -> None:
            left_s = (time.monotonic() - began) / played * left if played else float("nan")
            job.tell(played / max(1, played + left), left_s, said)

        def stage(name: str, more: int) -> None:
            nonlocal left, said
            left, said = more, name
            tell()

        def told(_: Progress) -> None:
            nonlocal left, played
            played, left = played + 1, max(0, left - 1)
            tell()

        with job.alone(self._alone_with(f"search {asked.id}")), Kept.open(asked.store) as kept:
            laboratory = Laboratory(Players(1), kept, run.seed, tell=told)
            found = search(
                setup, lambda plan: staffed_otherwise(setup, scenario, plan), asked.question, laboratory, stage
            )
            self.searches.finish(asked, found, time.monotonic() - began)

    def _judge(self, needs: Mapping[str, Any], job: Job) -> None:
        history, calendar = self.conditions.histories, self._centre.rules.calendar
        began, draws = time.monotonic(), 2 * REPLICATIONS

        def told(done: int) -> None:
            job.tell(done / draws, (time.monotonic() - began) / done * (draws - done), f"{done}/{draws}")

        history.judged(needs["history"], judge(history.history(needs["history"]), calendar, tell=told))

    def _run(self, id: str) -> Run:
        run = self.shelf.run(id)
        if run is None or run.place_hash != self.place_hash:
            raise Gone(id)
        return run

    def _assumed(self, one: Run, other: Run) -> Path:
        return self._folder / "assumptions" / f"{one.id}--{other.id}"

    def _alone_with(self, what: str) -> Lock:
        with self._lock:
            return self._alone[what]

    def _known(self, key: str) -> Setup | None:
        with self._lock:
            if key in self._setups:
                self._setups.move_to_end(key)
            return self._setups.get(key)

    def _remember(self, key: str, setup: Setup) -> Setup:
        with self._lock:
            self._setups[key] = setup
            if len(self._setups) > SETUPS_KEPT:
                self._setups.popitem(last=False)
        return setup


@cache
def experiments() -> Experiments:
    """The process's runs."""
    return Experiments(centre(), staffing().folder)
