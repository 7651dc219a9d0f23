"""How long to search: CPU seconds of this process, rounds, or both."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field


def _nobody(share: float) -> None:
    """Nobody watches."""


@dataclass(slots=True)
class Budget:
    """What may be spent on one plan; it runs from the moment it is made.

    Attributes
    ----------
    seconds
        CPU time of this process, counted from ``began``; None: no limit.
    rounds
        Rounds of the engines; None: no limit. Bounded by rounds alone, the same question and seed give the same answer.
    watch
        Told now and then which share is spent, 0 to 1.
    """

    seconds: float | None
    rounds: int | None
    watch: Callable[[float], object] = _nobody
    began: float = field(default_factory=time.process_time)
    done: int = 0

    def __post_init__(self) -> None:
        if self.seconds is None and self.rounds is None:
            raise ValueError("neither seconds nor rounds are given; expected at least one, or the search never ends.")
        if self.seconds is not None and not self.seconds > 0:
            raise ValueError(f"seconds is {self.seconds}; expected more than 0.")
        if self.rounds is not None and self.rounds < 1:
            raise ValueError(f"rounds is {self.rounds}; expected at least 1.")

    def spent(self) -> float:
        """The share that is spent, 1 or more when nothing is left."""
        by_time = 0.0 if self.seconds is None else (time.process_time() - self.began) / self.seconds
        return by_time if self.rounds is None else max(by_time, self.done / self.rounds)

    def round(self) -> float:
        """Count one more round; the share that is spent."""
        self.done += 1
        share = self.spent()
        self.watch(min(share, 1.0))
        return share
