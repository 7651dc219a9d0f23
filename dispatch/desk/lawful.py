"""May this team be sent to this incident? Asked again inside the transaction, whatever the screen showed before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from dispatch.desk.refusals import Refused
from dispatch.records.incident import Incident
from dispatch.records.team import Pair, Team
from dispatch.response.assignment import obstacles
from dispatch.rulebook.competence import Actor, RuleBook


@dataclass(frozen=True, slots=True)
class Warrant:
    """By whom and in whose name a team goes: what makes the dispatch lawful."""

    pair: Pair
    actor: Actor

    def told(self) -> dict[str, object]:
        """For the ledger."""
        return {
            "pair": list(self.pair.officers),
            "body": self.actor.body,
            "mode": self.actor.mode.value,
            "letterhead": self.actor.letterhead,
            "basis": self.actor.basis,
        }


def warrant(rulebook: RuleBook, incident: Incident, team: Team, now: datetime, day: date) -> Warrant:
    """The pair and the power with which ``team`` goes to ``incident``.

    How far it has to go is the dispatcher's to weigh and no reason here.

    Raises
    ------
    Refused
        With what bars the team (``dispatch.response.assignment.obstacles``), or why nobody may act at all. An act
        without power or without two certified officers is void or unlawful (Administrative Penalty Law, articles 38
        and 42), so nobody can overrule it at the desk.
    """
    answer = rulebook.resolve(incident.matter, incident.town, day)
    matter = rulebook.matters.get(incident.matter)
    if matter is None or not answer.lawful:
        raise Refused(answer.why)
    barred = tuple(obstacles(incident, matter, answer, team, 0.0, now, day))
    actor = answer.actor(team.body)
    if barred or actor is None:
        raise Refused(*barred)
    return Warrant(team.pair_for(matter.field, day), actor)
