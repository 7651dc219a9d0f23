"""A team on the street: its officers, their certificates, and whether they make a lawful pair."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from dispatch.records.incident import WrongStep


class Role(StrEnum):
    """What a person may do. Only an officer inspects and punishes; the others find and dissuade."""

    OFFICER = "officer"
    AUXILIARY = "auxiliary"
    GRID_WORKER = "grid_worker"


class Activity(StrEnum):
    """What a team is doing now."""

    FREE = "free"
    ASSIGNED = "assigned"
    EN_ROUTE = "en_route"
    ON_SCENE = "on_scene"


@dataclass(frozen=True, slots=True)
class Certificate:
    """Permission to enforce in one field, through ``valid_to`` inclusive."""

    field: str
    valid_to: date


@dataclass(frozen=True, slots=True)
class Officer:
    """One person of the roster. ``town`` is the 9-digit code of the posting, the 6-digit district for a brigade."""

    id: str
    name: str
    role: Role
    town: str
    certificates: tuple[Certificate, ...] = ()

    def certified(self, field: str, day: date) -> bool:
        """Whether this person may enforce in ``field`` on ``day``; never true of an auxiliary or grid worker."""
        return self.role is Role.OFFICER and any(c.field == field and day <= c.valid_to for c in self.certificates)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two certified officers (Administrative Penalty Law, article 42), or the reason there are not two."""

    officers: tuple[str, ...]
    reason: str = ""

    @property
    def lawful(self) -> bool:
        return len(self.officers) == 2


@dataclass(frozen=True, slots=True)
class Team:
    """People who go together, where they are and what they are doing.

    Attributes
    ----------
    body
        Id of the body they belong to (a town's 9-digit code, or the bureau's id); in whose name they act on a matter is
        the rule book's answer.
    town
        Where they are posted: 9-digit town, or the 6-digit district for a brigade.
    lon, lat
        WGS84 degrees, last known position.
    profile
        ``car``, ``ebike`` or ``foot``: a name of ``gis.streets.Profile``.
    beat
        12-digit codes of the communities that are theirs to know.
    on_duty_from, on_duty_to
        Aware, UTC; the present or next shift, the end excluded.
    done_today
        Incidents closed in this shift.
    """

    id: str
    name: str
    body: str
    town: str
    officers: tuple[Officer, ...]
    lon: float
    lat: float
    profile: str
    beat: frozenset[str]
    on_duty_from: datetime
    on_duty_to: datetime
    activity: Activity = Activity.FREE
    incident: str = ""
    done_today: int = 0
    version: int = 1

    def on_duty(self, now: datetime) -> bool:
        return self.on_duty_from <= now < self.on_duty_to

    def pair_for(self, field: str, day: date) -> Pair:
        """The first two officers certified in ``field`` on ``day``, or why there are not two."""
        able: list[str] = []
        for officer in self.officers:
            if officer.id not in able and officer.certified(field, day):
                able.append(officer.id)
        if len(able) >= 2:
            return Pair(tuple(able[:2]))
        return Pair(tuple(able), f"{len(able)} of 2 certified officers for {field}")

    def assigned(self, incident: str) -> Team:
        self._must_be("assigned", Activity.FREE)
        return self._next(activity=Activity.ASSIGNED, incident=incident)

    def set_out(self) -> Team:
        self._must_be("sent on the way", Activity.ASSIGNED)
        return self._next(activity=Activity.EN_ROUTE)

    def arrived(self, lon: float, lat: float) -> Team:
        self._must_be("marked on scene", Activity.EN_ROUTE)
        return self._next(activity=Activity.ON_SCENE, lon=lon, lat=lat)

    def freed(self, *, done: bool) -> Team:
        """Free again, with one more incident to its name when ``done``."""
        if self.activity is Activity.FREE:
            raise WrongStep(f"Team {self.id} is free already; it can be freed only while it has an incident.")
        return self._next(activity=Activity.FREE, incident="", done_today=self.done_today + int(done))

    def moved(self, lon: float, lat: float) -> Team:
        """At a new position. A position report is no deed: the version stays."""
        return replace(self, lon=lon, lat=lat)

    def _must_be(self, deed: str, allowed: Activity) -> None:
        if self.activity is not allowed:
            busy = f" with incident {self.incident}" if self.incident else ""
            raise WrongStep(f"Team {self.id} is {self.activity}{busy}; it can be {deed} only while it is {allowed}.")

    def _next(self, **changes: object) -> Team:
        return replace(self, version=self.version + 1, **changes)  # type: ignore[arg-type]
