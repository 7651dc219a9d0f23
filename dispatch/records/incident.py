"""An incident: what somebody saw, where, and how far the district has come with it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum


class Status(StrEnum):
    """Where an incident stands on its way from the first word to the closed file."""

    REPORTED = "reported"
    ASSIGNED = "assigned"
    ACCEPTED = "accepted"
    ON_SCENE = "on_scene"
    TRANSFERRED = "transferred"
    HANDLED = "handled"
    VERIFIED = "verified"
    CLOSED = "closed"
    MERGED = "merged"


class CallBack(StrEnum):
    """What the caller said to it at the end."""

    SATISFIED = "satisfied"
    UNSATISFIED = "unsatisfied"
    UNREACHABLE = "unreachable"
    NOBODY = "nobody"


OPEN = frozenset(Status) - {Status.CLOSED, Status.MERGED}
OUT = frozenset({Status.ASSIGNED, Status.ACCEPTED, Status.ON_SCENE})
"""While a team has it in hand."""
UNANSWERED = frozenset({Status.REPORTED, Status.ASSIGNED, Status.ACCEPTED})
"""While nobody is or was there, and the time by which somebody should be still runs."""


class WrongStep(ValueError):  # noqa: N818 - what a dispatcher did, read in messages
    """A deed that the thing's present status does not allow."""


@dataclass(frozen=True, slots=True)
class Incident:
    """One incident as it was made; every step returns a new record.

    Attributes
    ----------
    lon, lat
        WGS84 degrees; NaN while nobody has said where it is.
    cell, town
        Code of the grid cell (15 digits) and of the town (9 digits); empty outside the district or unlocated.
    matter
        Code in the catalogue of matters; empty while nobody has said what it is.
    priority
        1 (highest) to 4.
    reported_at, due_at, closed_at
        Aware, UTC. ``due_at`` is when a team must be on scene.
    team
        Id of the team that has it or had it last, or empty.
    parent
        Id of the incident this one was merged into, or empty.
    voices
        How many have told of it, the first included.
    caller
        Whom to call back, as they gave it, or empty.
    version
        Grows by one with every deed; a deed on an older version is refused.
    """

    id: str
    text: str
    lon: float
    lat: float
    cell: str
    town: str
    matter: str
    priority: int
    reported_at: datetime
    due_at: datetime
    source: str = "desk"
    address: str = ""
    status: Status = Status.REPORTED
    team: str = ""
    closed_at: datetime | None = None
    parent: str = ""
    voices: int = 1
    caller: str = ""
    version: int = 1

    def located(self, lon: float, lat: float, cell: str, town: str) -> Incident:
        """The incident put at a place, permitted while no team has been sent."""
        self._must_be("located", Status.REPORTED)
        return self._next(lon=lon, lat=lat, cell=cell, town=town)

    def classified(self, matter: str, priority: int, due_at: datetime) -> Incident:
        """The incident given its matter, permitted while no team has been sent."""
        self._must_be("classified", Status.REPORTED)
        return self._next(matter=matter, priority=priority, due_at=due_at)

    def assigned(self, team: str) -> Incident:
        self._must_be("assigned", Status.REPORTED)
        return self._next(status=Status.ASSIGNED, team=team)

    def recalled(self) -> Incident:
        """The dispatch taken back, permitted until the team is on scene."""
        self._must_be("recalled", Status.ASSIGNED, Status.ACCEPTED)
        return self._next(status=Status.REPORTED, team="")

    def accepted(self) -> Incident:
        self._must_be("accepted", Status.ASSIGNED)
        return self._next(status=Status.ACCEPTED)

    def arrived(self) -> Incident:
        self._must_be("marked on scene", Status.ACCEPTED)
        return self._next(status=Status.ON_SCENE)

    def handed_back(self) -> Incident:
        """Given back by the team, with a reason that the ledger keeps; it waits for another."""
        self._must_be("handed back", Status.ASSIGNED, Status.ACCEPTED, Status.ON_SCENE)
        return self._next(status=Status.REPORTED, team="")

    def handled(self) -> Incident:
        """The team has done its part and is free; somebody else looks whether it is so."""
        self._must_be("marked handled", Status.ON_SCENE)
        return self._next(status=Status.HANDLED)

    def transferred(self) -> Incident:
        """Handed over to another body as a whole, permitted while no team has been sent; it waits for no team."""
        self._must_be("transferred", Status.REPORTED)
        return self._next(status=Status.TRANSFERRED)

    def taken_back(self) -> Incident:
        """The other body has sent it back, or is no longer asked: it waits for a team again."""
        self._must_be("taken back", Status.TRANSFERRED)
        return self._next(status=Status.REPORTED)

    def done_elsewhere(self) -> Incident:
        """The other body has done it; somebody here looks whether it is so."""
        self._must_be("done by another body", Status.TRANSFERRED)
        return self._next(status=Status.HANDLED)

    def verified(self) -> Incident:
        """Looked at and found in order."""
        self._must_be("verified", Status.HANDLED)
        return self._next(status=Status.VERIFIED)

    def sent_back(self) -> Incident:
        """Looked at and not in order: it waits for a team again."""
        self._must_be("sent back to work", Status.HANDLED)
        return self._next(status=Status.REPORTED, team="")

    def closed(self, at: datetime) -> Incident:
        """The caller told; ``at`` is aware, UTC."""
        self._must_be("closed", Status.VERIFIED)
        return self._next(status=Status.CLOSED, closed_at=at)

    def passed_on(self, at: datetime) -> Incident:
        """Closed without a team, since it is for somebody else to answer."""
        self._must_be("passed on", Status.REPORTED)
        return self._next(status=Status.CLOSED, closed_at=at)

    def reopened(self) -> Incident:
        """A closed incident back in the queue, without a team."""
        self._must_be("reopened", Status.CLOSED)
        return self._next(status=Status.REPORTED, team="", closed_at=None)

    def merged_into(self, parent: str) -> Incident:
        """One more voice about ``parent``, permitted while no team has been sent."""
        self._must_be("merged", Status.REPORTED)
        return self._next(status=Status.MERGED, parent=parent)

    def parted(self) -> Incident:
        """An incident of its own again."""
        self._must_be("parted", Status.MERGED)
        return self._next(status=Status.REPORTED, parent="")

    def heard(self, more: int) -> Incident:
        """Told of by ``more`` others, or fewer when they are parted from it again."""
        return self._next(voices=self.voices + more)

    def noted(self) -> Incident:
        """Something was written down about it (a clock, a task) that changes none of its fields."""
        self._must_be("noted on", *OPEN)
        return self._next()

    def _must_be(self, deed: str, *allowed: Status) -> None:
        if self.status not in allowed:
            raise WrongStep(
                f"Incident {self.id} is {self.status}; it can be {deed} only while it is {' or '.join(allowed)}."
            )

    def _next(self, **changes: object) -> Incident:
        return replace(self, version=self.version + 1, **changes)  # type: ignore[arg-type]
