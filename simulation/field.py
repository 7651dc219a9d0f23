"""How a crew answers once it is sent: accept, drive, work, close. One story, told in SimPy.

The demo plays it in front of a dispatcher; times are seconds of the playing clock.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import simpy
from numpy.typing import NDArray

POSITION_EVERY_S = 15.0


@dataclass(frozen=True, slots=True)
class Drive:
    """A way along streets: ``lon``, ``lat`` (n,) WGS84 degrees from team to incident, driven in ``seconds``."""

    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    seconds: float

    def at(self, elapsed_s: float) -> tuple[float, float]:
        """Position after ``elapsed_s``, at even speed along the way; its ends outside [0, seconds]."""
        along = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(self.lon), np.diff(self.lat)))])
        share = 1.0 if self.seconds <= 0 else min(max(elapsed_s / self.seconds, 0.0), 1.0)
        reached = share * along[-1]
        return float(np.interp(reached, along, self.lon)), float(np.interp(reached, along, self.lat))


@dataclass(frozen=True, slots=True)
class Task:
    """One dispatch as the crew meets it, its chances already drawn."""

    team: str
    incident: str
    drive: Drive
    accept_s: float
    on_site_s: float


class Radio(Protocol):
    """What a crew tells the command centre."""

    def accepted(self, task: Task) -> None: ...
    def passing(self, task: Task, lon: float, lat: float) -> None: ...
    def arrived(self, task: Task) -> None: ...
    def finished(self, task: Task) -> None: ...


def finish(env: simpy.Environment, task: Task, radio: Radio) -> Generator[simpy.Event, None, None]:
    """The end of a story that was interrupted by a stop of the demo: the crew is on scene and closes."""
    try:
        yield env.timeout(task.on_site_s)
        radio.finished(task)
    except simpy.Interrupt:
        return


def answer(env: simpy.Environment, task: Task, radio: Radio) -> Generator[simpy.Event, None, None]:
    """The crew's story for one task; an interrupt (a recall) ends it where it stands."""
    try:
        yield env.timeout(task.accept_s)
        radio.accepted(task)
        set_out = env.now
        while (left := set_out + task.drive.seconds - env.now) > 0:
            yield env.timeout(min(POSITION_EVERY_S, left))
            radio.passing(task, *task.drive.at(env.now - set_out))
        radio.arrived(task)
        yield env.timeout(task.on_site_s)
        radio.finished(task)
    except simpy.Interrupt:
        return
