"""What is played beside the screens: one job at a time a person, stopped at a word, gone on with after a restart.

A job is asked for in words that a file can hold (`Asked`). The file lies there while the job runs, so that a server
that starts again finds what was not finished and goes on; what had been played is kept and not played again.
"""

from __future__ import annotations

import json
import logging
import math
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from gis.mapfiles import replacing
from gis.schemas import BadInput
from ui.services.beside import Stopped

log = logging.getLogger(__name__)

LOOK_EVERY_S = 0.2
"""How often somebody who waits for another looks whether they are to stop."""


class Gone(Exception):  # noqa: N818 - no fault
    """What a job was about is not there any more; ``what`` names it."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


@dataclass(frozen=True)
class Asked:
    """What is asked for: the name of the work, and what it needs as JSON can hold it."""

    name: str
    needs: Mapping[str, Any]


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
    resumed
        Whether a server that was started again went on with it.
    gone
        What it was about and is not there any more, or empty.
    """

    name: str
    share: float = 0.0
    left_s: float = math.nan
    said: str = ""
    running: bool = True
    failed: bool = False
    resumed: bool = False
    gone: str = ""
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
        self.stop_if_asked()

    def stop_if_asked(self) -> None:
        """Raise `Stopped` when somebody has asked for it."""
        if self.stopping.is_set():
            raise Stopped

    @contextmanager
    def alone(self, lock: threading.Lock) -> Iterator[None]:
        """While nobody else has the lock; who waits for it can be stopped."""
        while not lock.acquire(timeout=LOOK_EVERY_S):
            self.tell(self.share, math.nan, "waits")
        try:
            yield
        finally:
            lock.release()


Work = Callable[[Mapping[str, Any], Job], object]
"""Does one kind of work with what it needs."""


class Player:
    """Who has what played.

    Parameters
    ----------
    works
        Work by its name.
    folder
        Where it lies what is being played; made when something is.
    """

    def __init__(self, works: Mapping[str, Work], folder: Path) -> None:
        self._works, self._folder = works, folder
        self._jobs: dict[str, Job] = {}
        self._threads: dict[str, threading.Thread] = {}
        self._lock = threading.Lock()

    def of(self, person: str) -> Job | None:
        return self._jobs.get(person)

    @property
    def running(self) -> int:
        """How many jobs run, whosever they are."""
        return sum(job.running for job in list(self._jobs.values()))

    def start(self, person: str, asked: Asked) -> Job:
        """A new job, unless this person's last is still running."""
        with self._lock:
            standing = self._jobs.get(person)
            if standing is not None and standing.running:
                return standing
            self._folder.mkdir(parents=True, exist_ok=True)
            with replacing(self._path(person)) as temporary:
                temporary.write_text(json.dumps({"person": person, **asdict(asked)}) + "\n", encoding="utf-8")
            return self._begin(person, asked, Job(asked.name))

    def resume(self) -> int:
        """Go on with whatever was being played when the server ended; returns how much that is."""
        found = 0
        for path in sorted(self._folder.glob("*.json")):
            try:
                told = json.loads(path.read_text(encoding="utf-8"))
                person, asked = told["person"], Asked(told["name"], told["needs"])
            except (ValueError, KeyError, TypeError):
                log.warning("%s says nothing that could be gone on with", path)
                continue
            with self._lock:
                if person not in self._jobs and asked.name in self._works:
                    self._begin(person, asked, Job(asked.name, resumed=True))
                    found += 1
        return found

    def stop(self, person: str) -> None:
        """It ends after the replication that is being played."""
        if (job := self._jobs.get(person)) is not None:
            job.stopping.set()

    def wait(self, person: str, longest_s: float) -> None:
        """Until this person's job has come to its end, or so long."""
        if (thread := self._threads.get(person)) is not None:
            thread.join(longest_s)

    def heard(self, person: str) -> None:
        """What came of it has been read."""
        with self._lock:
            job = self._jobs.get(person)
            if job is not None and not job.running:
                del self._jobs[person]

    def _begin(self, person: str, asked: Asked, job: Job) -> Job:
        self._jobs[person] = job
        name = f"play-{person}"
        thread = threading.Thread(target=self._run, args=(person, asked, job), name=name, daemon=True)
        self._threads[person] = thread
        thread.start()
        return job

    def _run(self, person: str, asked: Asked, job: Job) -> None:
        try:
            self._works[asked.name](asked.needs, job)
        except Stopped:
            pass
        except Gone as gone:
            job.gone, job.failed = gone.what, True
        except BadInput as bad:
            job.bad, job.failed = bad, True
        except Exception:
            log.exception("a plan could not be played")
            job.failed = True
        finally:
            self._path(person).unlink(missing_ok=True)
            job.running = False

    def _path(self, person: str) -> Path:
        return self._folder / f"{person.encode().hex()}.json"
