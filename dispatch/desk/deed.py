"""One deed in the making: the incident and team as they stand, checked against what the actor saw."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from dispatch.desk.refusals import Conflict, Refusal, Refused, Stale, Taken, Unknown
from dispatch.records.incident import OUT, Incident, Status
from dispatch.records.reason import Reason
from dispatch.records.team import Activity, Team
from dispatch.store.ledger import Entry, Kind
from dispatch.store.writing import Actor, Writing


class Pairing(NamedTuple):
    """An incident and its team as a deed left them."""

    incident: Incident
    team: Team


@dataclass(frozen=True, slots=True)
class Deed:
    """What ``actor`` does to the incident ``subject`` on this page of the casebook."""

    page: Writing
    actor: Actor
    subject: str

    def incident(self, version: int) -> Incident:
        """The incident, provided it is as the actor saw it."""
        incident = self.there()
        if incident.version != version:
            raise Stale(
                "incident", incident.id, version, incident.version, self.page.latest(Kind.INCIDENT, incident.id)
            )
        return incident

    def untaken(self, version: int) -> Incident:
        """The incident, provided no team has it and it is as the actor saw it."""
        incident = self.there()
        if incident.status in OUT:
            raise Taken("incident", incident.id, incident.team, self.page.latest(Kind.INCIDENT, incident.id, "assign"))
        return self.incident(version)

    def free_team(self, team_id: str, version: int | None) -> Team:
        """The team, provided it is free and, where the actor says so, as the actor saw it."""
        team = self.page.team(team_id)
        if team is None:
            raise Unknown("team", team_id)
        if team.activity is not Activity.FREE:
            raise Taken("team", team.id, team.incident, self.page.latest(Kind.TEAM, team.id, "assign"))
        if version is not None and team.version != version:
            raise Stale("team", team.id, version, team.version, self.page.latest(Kind.TEAM, team.id))
        return team

    def change(self, step: Callable[[Incident], Incident], version: int, **details: Any) -> Incident:
        """The incident taken one step on."""
        incident = self.incident(version)
        after = step(incident)
        self.page.change(self.actor, incident, after, **details)
        return after

    def change_both(
        self,
        step: Callable[[Incident], Incident],
        team_step: Callable[[Team, Incident], Team],
        version: int,
        **details: Any,
    ) -> Pairing:
        """The incident and the team that has it taken one step on together."""
        incident = self.incident(version)
        after = step(incident)
        team = self.page.team(incident.team)
        if team is None:
            raise Unknown("team", incident.team)
        team_after = team_step(team, incident)
        self.page.change(self.actor, incident, after, team, team_after, **details)
        return Pairing(after, team_after)

    def still_as_sent(self, sent: Entry) -> int:
        """The version of an incident that only its own team has touched since it was sent."""
        incident = self.there()
        accepted = incident.status is Status.ACCEPTED and incident.version == sent.version_after + 1
        if incident.version != sent.version_after and not accepted:
            by = self.page.latest(Kind.INCIDENT, incident.id)
            raise Stale("incident", incident.id, sent.version_after, incident.version, by)
        return incident.version

    def there(self) -> Incident:
        """The incident as it stands now."""
        incident = self.page.incident(self.subject)
        if incident is None:
            raise Unknown("incident", self.subject)
        return incident


def stated(words: str) -> str:
    """What a person wrote as a reason, without the blanks around it.

    Raises
    ------
    Refused
        ``needs_words`` when nothing was written.
    """
    if not words.strip():
        raise Refused(Reason("needs_words", False))
    return words.strip()


def why(refusal: Refusal) -> dict[str, Any]:
    """A refusal as the ledger keeps it."""
    told: dict[str, Any] = {"why": type(refusal).__name__, "said": str(refusal)}
    if isinstance(refusal, Refused):
        told["reasons"] = [{"code": reason.code, "values": dict(reason.values)} for reason in refusal.reasons]
    if isinstance(refusal, Conflict) and refusal.by is not None:
        told["entry"] = refusal.by.sequence
    return told
