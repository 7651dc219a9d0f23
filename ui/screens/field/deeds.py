"""What the buttons of a team's phone do: one deed each, and what is said of it."""

from __future__ import annotations

from dispatch.records.incident import Incident
from dispatch.records.team import Team
from ui.said import Said, attempt
from ui.services.centre import Centre
from ui.telling import Teller

Where = tuple[float, float, float]
"""Longitude, latitude (WGS84 degrees) and the phone's own doubt in metres."""


def step(centre: Centre, actor: str, incident: Incident, version: int, name: str, tell: Teller) -> Said:
    """Accepted and under way, or on scene."""

    def deed() -> str:
        do = centre.desk.accept if name == "accept" else centre.desk.arrive
        do(actor, incident.id, version)
        return tell.w("field.accepted" if name == "accept" else "field.arrived")

    return attempt(deed, tell)


def hand_back(centre: Centre, actor: str, incident: Incident, reason: str, tell: Teller) -> Said:
    """Given back with the reason; the dispatcher sends another."""

    def deed() -> str:
        centre.desk.hand_back(actor, incident.id, incident.version, reason)
        return tell.w("field.handed_back")

    return attempt(deed, tell)


def handle(centre: Centre, actor: str, incident: Incident, outcome: str, tell: Teller) -> Said:
    """Done, with what came of it."""

    def deed() -> str:
        centre.desk.handle(actor, incident.id, incident.version, outcome)
        return tell.w("field.handled")

    return attempt(deed, tell)


def hand_in(
    centre: Centre,
    actor: str,
    incident: Incident,
    file: tuple[str, bytes],
    where: Where | None,
    note: str,
    tell: Teller,
) -> Said:
    """One picture or document from the scene, with the place where the phone was."""
    lon, lat, accuracy_m = where if where is not None else (float("nan"),) * 3

    def deed() -> str:
        kept = centre.scene.hand_in(
            actor, incident.id, file[0], file[1], lon=lon, lat=lat, accuracy_m=accuracy_m, note=note
        )
        return tell.w("field.kept", name=kept.name)

    return attempt(deed, tell)


def found(centre: Centre, actor: str, words: str, where: Where | None, tell: Teller) -> Said:
    """Something seen on the way, reported from where the team stands."""
    lon, lat, _ = where if where is not None else (float("nan"),) * 3

    def deed() -> str:
        new = centre.desk.report(actor, words, lon=lon, lat=lat, source="patrol")
        return tell.w("field.reported", incident=new.id)

    return attempt(deed, tell)


def stand(centre: Centre, team: Team, where: Where) -> None:
    """The team's position, as its phone has just said it."""
    centre.desk.positions([team.id], [where[0]], [where[1]])
