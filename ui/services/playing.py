"""Plans played beside the screens: one job at a time for each person, stopped at a word, what is there kept."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

from gis.schemas import BadInput

log = logging.getLogger(__name__)


class Stopped(Exception):  # noqa: N818 - no fault
    """Somebody asked for an end; what has been played so far is kept."""


@dataclass
class Job:
    """Something that is played.

    Attributes
    ----------
    share
        From 0 to 1.
    left_s
        Seconds until the end, NaN while unknown.
    said
        What is being done, for whoever looks.
    """

    name: str
    share: float = 0.0
    left_s: float = float("nan")
    said: str = ""
    running: bool = True
    failed: bool = False
    bad: BadInput | None = None
    stopping: threading.Event = field(default_factory=threading.Event)

    def tell(self, share: float, left_s: float, said: str) -> None:
        """How far it is.

        Raises
        ------
        Stopped
            When somebody has asked it to.
        """
        self.share, self.left_s, self.said = share, left_s, said
        if self.stopping.is_set():
            raise Stopped


class Player:
    """Who has what played."""

    def __init__(self) -> None:
        self._jobs: dict[str, Job] = {}
        self._lock = threading.Lock()

    def of(self, person: str) -> Job | None:
        return self._jobs.get(person)

    def start(self, person: str, name: str, play: Callable[[Job], object]) -> Job:
        """A new job, unless this person's last is still running."""
        with self._lock:
            standing = self._jobs.get(person)
            if standing is not None and standing.running:
                return standing
            job = self._jobs[person] = Job(name)
            threading.Thread(target=_run, args=(job, play), name=f"play-{person}", daemon=True).start()
            return job

    def stop(self, person: str) -> None:
        """It ends after the replication that is being played."""
        if (job := self._jobs.get(person)) is not None:
            job.stopping.set()

    def heard(self, person: str) -> None:
        """What came of it has been read."""
        with self._lock:
            job = self._jobs.get(person)
            if job is not None and not job.running:
                del self._jobs[person]


def _run(job: Job, play: Callable[[Job], object]) -> None:
    try:
        play(job)
    except Stopped:
        pass
    except BadInput as bad:
        job.bad, job.failed = bad, True
    except Exception:
        log.exception("a plan could not be played")
        job.failed = True
    finally:
        job.running = False


@cache
def player() -> Player:
    """The process's player."""
    return Player()
