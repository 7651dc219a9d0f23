"""Answers worked out beside the screens, which go on: one at a time for each person."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from dispatch.desk.refusals import REFUSALS
from gis.schemas import BadInput

log = logging.getLogger(__name__)
Answer = TypeVar("Answer")


@dataclass
class Errand(Generic[Answer]):
    """One answer being worked out.

    Attributes
    ----------
    about
        What it is about, for whoever waits: a town's code.
    answer
        Once there is one.
    refused
        Why there will be none.
    failed
        Something broke; the log says what.
    """

    about: str = ""
    answer: Answer | None = None
    refused: Exception | None = None
    failed: bool = False
    _over: threading.Event = field(default_factory=threading.Event)

    @property
    def running(self) -> bool:
        return not self._over.is_set()

    def taken(self) -> Answer:
        """The answer; or what the desk said against it, raised."""
        if self.refused is not None:
            raise self.refused
        assert self.answer is not None, "whoever asks has seen that it is over and did not fail"
        return self.answer

    def wait(self, seconds: float) -> None:
        """Until it is over, or so long."""
        self._over.wait(seconds)

    def run(self, ask: Callable[[], Answer]) -> None:
        try:
            self.answer = ask()
        except (*REFUSALS, BadInput) as refusal:
            self.refused = refusal
        except Exception:
            log.exception("an answer could not be worked out")
            self.failed = True
        self._over.set()


class Errands(Generic[Answer]):
    """Who waits for which answer."""

    def __init__(self) -> None:
        self._errands: dict[str, Errand[Answer]] = {}
        self._lock = threading.Lock()

    def of(self, person: str) -> Errand[Answer] | None:
        return self._errands.get(person)

    def start(self, person: str, ask: Callable[[], Answer], about: str = "") -> Errand[Answer]:
        """A new one, unless this person's last is still running."""
        with self._lock:
            last = self._errands.get(person)
            if last is not None and last.running:
                return last
            errand = self._errands[person] = Errand[Answer](about)
            threading.Thread(target=errand.run, args=(ask,), name=f"errand-{person}", daemon=True).start()
            return errand

    def drop(self, person: str) -> None:
        """Its answer is put away; one that is still worked out comes to nothing."""
        with self._lock:
            self._errands.pop(person, None)
