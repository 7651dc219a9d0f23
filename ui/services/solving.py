"""Calendars of inspections being made beside the screens, and what a stopped search had not come to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

from dispatch.desk.inspections import Proposal
from dispatch.desk.question import Question
from dispatch.inspections.days import Progress
from dispatch.inspections.planning import plan
from dispatch.records.reason import Reason
from ui.services.beside import Errand, Errands


class Solve(Errand[Proposal]):
    """One calendar in the making.

    Attributes
    ----------
    progress
        How far each town is, in the order in which they are taken up; a town that is not there was not begun.
    reached
        As ``progress`` when somebody asked for the end; None when nobody did.
    bounds
        By town the bound that will stand once the answer is adopted, and the revision of the book it was counted at.
    broken
        Rules that the independent checker finds broken in the answer; none was ever seen.
    """

    def __init__(self, towns: Sequence[str], ask: Callable[[], Question], seconds: float, seed: int) -> None:
        super().__init__(self._made)
        self.towns, self.seconds, self.seed = tuple(towns), seconds, seed
        self.progress: dict[str, Progress] = {}
        self.reached: dict[str, Progress] | None = None
        self.bounds: tuple[int, dict[str, int]] | None = None
        self.broken: tuple[Reason, ...] = ()
        self._ask = ask

    @property
    def share(self) -> float:
        """How far all towns are together, from 0 to 1."""
        return sum(each.share for each in self.progress.values()) / len(self.towns) if self.towns else 0.0

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

    @property
    def cut_short(self) -> tuple[str, ...]:
        """The town whose search was broken off, if any, and after it those that were never searched."""
        if self.reached is None:
            return ()
        return (*list(self.reached)[-1:], *(town for town in self.towns if town not in self.reached))

    def stop(self) -> None:
        """The search ends within a moment and keeps the best it has."""
        if self.running and not self.stopping:
            self.reached = dict(self.progress)
        super().stop()

    def told(self, progress: Progress) -> bool:
        """What the planner reports to; it stops when somebody has asked it to."""
        self.progress[progress.town] = progress
        return self.going()

    def _made(self) -> Proposal:
        question = self._ask()
        calendar = plan(question.programme, self.seconds, self.seed, told=self.told)
        answer = Proposal(question, calendar, self.seed, self.seconds)
        self.broken = answer.broken
        return answer


@cache
def solver() -> Errands[Solve]:
    """The calendars that this process makes."""
    return Errands()
