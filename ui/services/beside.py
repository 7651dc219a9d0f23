"""Work done beside the screens, which go on: one errand at a time for each person, stopped at a word."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from dispatch.desk.refusals import REFUSALS
from gis.schemas import BadInput

log = logging.getLogger(__name__)
Answer = TypeVar("Answer")


class Stopped(Exception):  # noqa: N818 - no fault
    """Raised by work that heard it shall end; what it has kept until then stays."""


class Errand(Generic[Answer]):
    """One piece of work.

    Parameters
    ----------
    work
        Gives the answer; work that takes long asks ``going`` between its steps.
    about
        What it is about, for whoever waits.

    Attributes
    ----------
    answer
        Once there is one.
    refused
        Why there will be none: what the desk, or the reader of a file, said against it.
    failed
        Something broke; the log says what.
    behind
        How much of it is done, from 0 to 1, as far as the work tells.
    """

    def __init__(self, work: Callable[[], Answer], about: str = "") -> None:
        self.about = about
        self.answer: Answer | None = None
        self.refused: Exception | None = None
        self.failed = False
        self.behind = 0.0
        self._work = work
        self._stop, self._over = threading.Event(), threading.Event()

    @property
    def running(self) -> bool:
        return not self._over.is_set()

    @property
    def stopping(self) -> bool:
        """Whether somebody has asked it to end."""
        return self._stop.is_set()

    def going(self) -> bool:
        """Whether nobody has asked it to end."""
        return not self.stopping

    def tell(self, share: float) -> None:
        """The work says how much of it is done."""
        self.behind = share

    def stop(self) -> None:
        """It ends at its next look and keeps what it has."""
        self._stop.set()

    def taken(self) -> Answer:
        """The answer; or what was said against it, raised."""
        if self.refused is not None:
            raise self.refused
        assert self.answer is not None, "whoever asks has seen that it is over and did not fail"
        return self.answer

    def wait(self, seconds: float) -> None:
        """Until it is over, or so long."""
        self._over.wait(seconds)

    def run(self) -> None:
        """Do the work; every end is kept, none is raised."""
        try:
            self.answer = self._work()
        except Stopped:
            pass
        except (*REFUSALS, BadInput) as refusal:
            self.refused = refusal
        except Exception:
            log.exception("an errand beside the screens broke")
            self.failed = True
        self._over.set()


AnyErrand = TypeVar("AnyErrand", bound=Errand)  # type: ignore[type-arg]


class Errands(Generic[AnyErrand]):
    """Who has which errand."""

    def __init__(self) -> None:
        self._errands: dict[str, AnyErrand] = {}
        self._lock = threading.Lock()

    def of(self, person: str) -> AnyErrand | None:
        return self._errands.get(person)

    def start(self, person: str, errand: AnyErrand) -> AnyErrand:
        """The errand begun, unless this person's last is still running: then that one."""
        with self._lock:
            last = self._errands.get(person)
            if last is not None and last.running:
                return last
            self._errands[person] = errand
            threading.Thread(target=errand.run, name=f"beside-{person}", daemon=True).start()
            return errand

    def drop(self, person: str) -> None:
        """Its answer is put away; one that still runs is stopped and comes to nothing."""
        with self._lock:
            errand = self._errands.pop(person, None)
        if errand is not None:
            errand.stop()
