"""A calendar of inspections in force: its crews' days and its calls, and how far each call has come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum

from dispatch.records.incident import WrongStep
from dispatch.records.inspection import Visit


class CallStatus(StrEnum):
    """How far a call at somebody's door has come."""

    PLANNED = "planned"
    LOCKED = "locked"
    UNDER_WAY = "under_way"
    DONE = "done"
    CLOSED_SHOP = "closed_shop"
    REFUSED = "refused"
    SUPERSEDED = "superseded"


AHEAD = frozenset({CallStatus.PLANNED, CallStatus.LOCKED})
"""Nobody has been there yet."""
PUT_BACK = frozenset({CallStatus.CLOSED_SHOP, CallStatus.REFUSED})
"""Nothing was checked: the items are due again."""
STAYS = frozenset(CallStatus) - {CallStatus.PLANNED, CallStatus.SUPERSEDED}
"""What a new calendar leaves on its day and with its crew."""


@dataclass(frozen=True, slots=True)
class Adopted:
    """A calendar that somebody took as theirs.

    Attributes
    ----------
    made_at
        Aware, UTC: when it was adopted.
    towns
        Where it is in force, until a later one names the town.
    seed, seconds
        With which the planner made it.
    bounds
        By town: neither the crews that go out under it, those that stayed as they were included, nor any others for
        the same visits have fewer officer-days. A re-plan brings it up to date.
    """

    id: str
    made_at: datetime
    by: str
    towns: tuple[str, ...]
    days: tuple[date, ...]
    seed: int
    seconds: float
    bounds: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outing:
    """One crew's day of an adopted calendar. ``travel`` is in minutes, from the town's base and back to it."""

    id: str
    calendar: str
    day: date
    town: str
    officers: tuple[str, ...]
    travel: int


@dataclass(frozen=True, slots=True)
class Stop:
    """One call of a crew's day.

    Attributes
    ----------
    outing
        Id of the crew's day.
    arrive, leave
        Minutes after midnight, as planned.
    begun_at, ended_at
        Aware, UTC, or None.
    entered
        Officers who went in.
    said
        What came of it in the officers' words.
    incidents
        Ids of the incidents that violations became, in the order they were found.
    """

    id: str
    outing: str
    visit: Visit
    arrive: int
    leave: int
    status: CallStatus = CallStatus.PLANNED
    begun_at: datetime | None = None
    ended_at: datetime | None = None
    entered: tuple[str, ...] = ()
    said: str = ""
    incidents: tuple[str, ...] = ()
    version: int = 1

    def locked(self) -> Stop:
        self._must_be("locked", CallStatus.PLANNED)
        return self._next(status=CallStatus.LOCKED)

    def unlocked(self) -> Stop:
        self._must_be("unlocked", CallStatus.LOCKED)
        return self._next(status=CallStatus.PLANNED)

    def begun(self, at: datetime, officers: tuple[str, ...]) -> Stop:
        self._must_be("begun", *AHEAD)
        return self._next(status=CallStatus.UNDER_WAY, begun_at=at, entered=officers)

    def done(self, at: datetime, said: str) -> Stop:
        self._must_be("finished", CallStatus.UNDER_WAY)
        return self._next(status=CallStatus.DONE, ended_at=at, said=said)

    def put_back(self, status: CallStatus, at: datetime, said: str) -> Stop:
        """Nobody was let in, or nobody was there."""
        self._must_be("put back", *AHEAD, CallStatus.UNDER_WAY)
        return self._next(status=status, ended_at=at, said=said)

    def led_to(self, incident: str) -> Stop:
        """A violation was found; one visit may find several."""
        self._must_be("followed by an incident", CallStatus.UNDER_WAY, CallStatus.DONE)
        return self._next(incidents=(*self.incidents, incident))

    def moved(self, outing: str, arrive: int, leave: int) -> Stop:
        """On another crew's day, or at another hour of the same."""
        self._must_be("moved", CallStatus.PLANNED)
        return self._next(outing=outing, arrive=arrive, leave=leave)

    def replanned(self, outing: str, visit: Visit, arrive: int, leave: int) -> Stop:
        """As a re-plan has it; a lock holds as long as crew and hour do."""
        self._must_be("re-planned", *AHEAD)
        kept = (outing, arrive) == (self.outing, self.arrive)
        status = self.status if kept else CallStatus.PLANNED
        return self._next(outing=outing, visit=visit, arrive=arrive, leave=leave, status=status)

    def superseded(self) -> Stop:
        """A re-plan has no place for it; it stays on record, and nobody makes it."""
        self._must_be("superseded", *AHEAD)
        return self._next(status=CallStatus.SUPERSEDED)

    def _must_be(self, deed: str, *allowed: CallStatus) -> None:
        if self.status not in allowed:
            names = " or ".join(sorted(allowed))
            raise WrongStep(f"Call {self.id} is {self.status}; it can be {deed} only while it is {names}.")

    def _next(self, **changes: object) -> Stop:
        return replace(self, version=self.version + 1, **changes)  # type: ignore[arg-type]
