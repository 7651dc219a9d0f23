"""Calendars of inspections being made beside the screens: one at a time for each person, stopped at a word."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

from dispatch.desk.inspections import Proposal
from dispatch.desk.question import Question
from dispatch.inspections.days import Progress
from dispatch.inspections.faults import faults
from dispatch.inspections.planning import plan
from dispatch.records.reason import Reason

log = logging.getLogger(__name__)


@dataclass
class Solve:
    """One calendar in the making.

    Attributes
    ----------
    progress
        How far each town is.
    proposal
        What came of it, once it has.
    broken
        Rules that the independent checker finds broken in it; none was ever seen.
    """

    question: Question
    seconds: float
    seed: int
    progress: dict[str, Progress] = field(default_factory=dict)
    proposal: Proposal | None = None
    broken: tuple[Reason, ...] = ()
    failed: bool = False
    stopped: threading.Event = field(default_factory=threading.Event)

    @property
    def running(self) -> bool:
        return self.proposal is None and not self.failed

    @property
    def share(self) -> float:
        """How far all towns are together, from 0 to 1."""
        towns = len(self.question.programme.towns)
        return sum(each.share for each in self.progress.values()) / towns if towns else 0.0

    @property
    def officer_days(self) -> int:
        """Of the best calendar so far, of the towns that have begun."""
        return sum(each.officer_days for each in self.progress.values())

    @property
    def bound(self) -> int:
        return sum(each.bound for each in self.progress.values())

    @property
    def waiting(self) -> int:
        return sum(each.waiting for each in self.progress.values())

    def told(self, progress: Progress) -> bool:
        """What the planner reports to; it stops when somebody has asked it to."""
        self.progress[progress.town] = progress
        return not self.stopped.is_set()


class Solver:
    """Who has which calendar in the making."""

    def __init__(self) -> None:
        self._solves: dict[str, Solve] = {}
        self._lock = threading.Lock()

    def of(self, person: str) -> Solve | None:
        return self._solves.get(person)

    def start(self, person: str, ask: Callable[[], Question], seconds: float, seed: int) -> Solve:
        """A new one, unless this person's last is still running."""
        with self._lock:
            standing = self._solves.get(person)
            if standing is not None and standing.running:
                return standing
            solve = self._solves[person] = Solve(ask(), seconds, seed)
            threading.Thread(target=_run, args=(solve,), name=f"solve-{person}", daemon=True).start()
            return solve

    def stop(self, person: str) -> None:
        """The search ends within a moment and keeps the best it has."""
        if (solve := self._solves.get(person)) is not None:
            solve.stopped.set()

    def drop(self, person: str) -> None:
        """Its answer is put away."""
        self.stop(person)
        self._solves.pop(person, None)


def _run(solve: Solve) -> None:
    try:
        calendar = plan(solve.question.programme, solve.seconds, solve.seed, told=solve.told)
        solve.broken = tuple(faults(solve.question.programme, calendar))
        solve.proposal = Proposal(solve.question, calendar, solve.seed, solve.seconds)
    except Exception:
        log.exception("a calendar could not be made")
        solve.failed = True


@cache
def solver() -> Solver:
    """The process's solver."""
    return Solver()
