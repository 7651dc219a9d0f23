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
    CLOSED = "closed"


OPEN = frozenset(Status) - {Status.CLOSED}


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
        Id of the team that has it, or empty.
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

    def closed(self, at: datetime) -> Incident:
        """The work done; ``at`` is aware, UTC."""
        self._must_be("closed", Status.ON_SCENE)
        return self._next(status=Status.CLOSED, closed_at=at)

    def reopened(self) -> Incident:
        """A closed incident back in the queue, without a team."""
        self._must_be("reopened", Status.CLOSED)
        return self._next(status=Status.REPORTED, team="", closed_at=None)

    def _must_be(self, deed: str, *allowed: Status) -> None:
        if self.status not in allowed:
            raise WrongStep(
                f"Incident {self.id} is {self.status}; it can be {deed} only while it is {' or '.join(allowed)}."
            )

    def _next(self, **changes: object) -> Incident:
        return replace(self, version=self.version + 1, **changes)  # type: ignore[arg-type]
