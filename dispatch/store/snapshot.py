"""What a screen shows, all of one moment, and how it is brought to the next moment without reading it all again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dispatch.records.incident import OPEN, Incident
from dispatch.records.team import Team


@dataclass(frozen=True, slots=True)
class Changes:
    """What is different since an earlier revision.

    Attributes
    ----------
    incidents
        Incidents that changed, the closed ones included.
    teams
        Teams that changed or moved; all teams when ``whole_roster``, and then those not named here are gone.
    """

    revision: int
    incidents: list[Incident]
    teams: list[Team]
    whole_roster: bool


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything a screen shows, all of one moment.

    Attributes
    ----------
    revision
        The moment; the same revision means the same content.
    incidents
        Those that are open, the first due first.
    teams
        By id.
    """

    revision: int
    incidents: tuple[Incident, ...]
    teams: tuple[Team, ...]

    def after(self, changes: Changes) -> Snapshot:
        """The snapshot with ``changes`` (since this revision) made."""
        incidents = {incident.id: incident for incident in self.incidents}
        for incident in changes.incidents:
            if incident.status not in OPEN:
                incidents.pop(incident.id, None)
            else:
                incidents[incident.id] = incident
        teams = {} if changes.whole_roster else {team.id: team for team in self.teams}
        teams |= {team.id: team for team in changes.teams}
        return Snapshot(changes.revision, first_due_first(incidents.values()), by_id(teams.values()))


def first_due_first(incidents: Iterable[Incident]) -> tuple[Incident, ...]:
    """By due time, then id. Sorted here, since every database has its own idea of the order of text."""
    return tuple(sorted(incidents, key=lambda incident: (incident.due_at, incident.id)))


def by_id(teams: Iterable[Team]) -> tuple[Team, ...]:
    """By id, for the same reason."""
    return tuple(sorted(teams, key=lambda team: team.id))
