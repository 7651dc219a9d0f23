"""Patrols being drawn beside the screens: one at a time for each person."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from dispatch.desk.refusals import REFUSALS
from dispatch.records.patrol import PatrolPlan
from gis.schemas import BadInput

log = logging.getLogger(__name__)


@dataclass
class Drawing:
    """One patrol in the making.

    Attributes
    ----------
    plan
        What came of it, once it has.
    refused
        What the desk said against it, if anything.
    failed
        Whether it broke off; the log says why.
    """

    town: str
    plan: PatrolPlan | None = None
    refused: Exception | None = None
    failed: bool = False

    @property
    def running(self) -> bool:
        return self.plan is None and self.refused is None and not self.failed

    def taken(self) -> PatrolPlan:
        """The plan; or what the desk said, raised."""
        if self.refused is not None:
            raise self.refused
        assert self.plan is not None, "whoever asks has seen that it is no longer running"
        return self.plan


class Drawer:
    """Who has which patrol in the making."""

    def __init__(self) -> None:
        self._drawings: dict[str, Drawing] = {}
        self._lock = threading.Lock()

    def of(self, person: str) -> Drawing | None:
        return self._drawings.get(person)

    def start(self, person: str, town: str, deed: Callable[[], PatrolPlan]) -> Drawing:
        """A new one, unless this person's last is still running."""
        with self._lock:
            standing = self._drawings.get(person)
            if standing is not None and standing.running:
                return standing
            drawing = self._drawings[person] = Drawing(town)
        threading.Thread(target=_run, args=(drawing, deed), name=f"draw-{person}", daemon=True).start()
        return drawing

    def drop(self, person: str) -> None:
        """What came of it has been said."""
        self._drawings.pop(person, None)


def _run(drawing: Drawing, deed: Callable[[], PatrolPlan]) -> None:
    try:
        drawing.plan = deed()
    except (*REFUSALS, BadInput) as refusal:
        drawing.refused = refusal
    except Exception:
        log.exception("a patrol could not be drawn")
        drawing.failed = True


@cache
def drawer() -> Drawer:
    """The process's drawer."""
    return Drawer()
