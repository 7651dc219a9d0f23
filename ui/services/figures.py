"""Published figures beside ours for the screens: worked out beside them, kept figure by figure, stopped at a word."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from scenarios.reproduced.keeping import KeptFigures
from scenarios.reproduced.models import Cities
from scenarios.reproduced.table import QUICK, Kind, Line, Means, Row, beside, lines, met, plays
from ui.services.beside import Errand, Errands, Stopped
from ui.settings import settings

MEANS = {"quick": QUICK, "full": Means()}
"""How much is played, by the name a screen gives it."""
EVERYBODYS = ""
"""The table is the same for all who look, and so is the errand that works it out."""


class WorkingOut(Errand[int]):
    """The figures that are not kept yet, one after the other; the answer is how many were worked out.

    Attributes
    ----------
    share
        From 0 to 1.
    now
        The figure in hand, None before the first and after the last.
    """

    def __init__(self, asked: Sequence[Line], means: Means, kept: KeptFigures, about: str) -> None:
        super().__init__(self._worked_out, about)
        self.now: Line | None = None
        self._asked, self._means, self._kept = tuple(asked), means, kept
        self._all = max(1, sum(plays(line, means) for line in self._asked))
        self._done = 0

    @property
    def share(self) -> float:
        return min(1.0, self._done / self._all)

    def _worked_out(self) -> int:
        cities = Cities()
        for line in self._asked:
            self.now = line
            self._kept.keep(line, self._means, met(line, self._means, cities, self._step))
        self.now = None
        return len(self._asked)

    def _step(self) -> None:
        if self.stopping:
            raise Stopped
        self._done += 1


class Figures:
    """The table of this process's home."""

    def __init__(self, kept: KeptFigures) -> None:
        self._kept = kept
        self._errands: Errands[WorkingOut] = Errands()

    @property
    def errand(self) -> WorkingOut | None:
        """The last one that was begun."""
        return self._errands.of(EVERYBODYS)

    def rows(self, much: str) -> dict[Line, Row | None]:
        """Every line of the table; None where ours is not worked out yet."""
        found = self._kept.all_of(lines(), MEANS[much])
        return {line: beside(line, ours) if ours else None for line, ours in found.items()}

    def work_out(self, much: str, *, anew: bool = False) -> WorkingOut:
        """Begin with what is missing, or with everything; while one is running, that one."""
        running = self.errand
        if running is not None and running.running:
            return running
        means = MEANS[much]
        if anew:
            self._kept.drop(lines(), means)
        missing = [line for line, ours in self._kept.all_of(lines(), means).items() if ours is None]
        missing.sort(
            key=lambda line: list(Kind).index(line.kind)
        )  # what is counted at once comes before what is played
        return self._errands.start(EVERYBODYS, WorkingOut(missing, means, self._kept, much))


@cache
def figures() -> Figures:
    """The table of this process; what it holds lies in the home folder and outlives it."""
    return Figures(KeptFigures(settings().home / "figures.json"))
