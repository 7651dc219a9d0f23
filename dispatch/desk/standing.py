"""Who stands where in a case: the body that may act, its officers, and everybody else by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

from dispatch.desk.refusals import Refused, Unknown
from dispatch.records.case import Case
from dispatch.records.incident import Incident, Status
from dispatch.records.reason import Reason
from dispatch.records.team import Officer
from dispatch.rulebook.calendar import Calendar
from dispatch.rulebook.competence import Actor, RuleBook
from dispatch.store.writing import Writing

SEEN = frozenset({Status.ON_SCENE, Status.HANDLED, Status.VERIFIED})


class Scene(NamedTuple):
    """Where an act was done (9-digit town) and on which day it was found out."""

    town: str
    found: date


@dataclass(frozen=True, slots=True)
class People:
    """The people of a place: those in teams, and those of the office beside them.

    Attributes
    ----------
    crews
        Of each team its body and its officers.
    """

    crews: Sequence[tuple[str, Sequence[Officer]]]
    office: Sequence[Officer] = ()

    def by_id(self) -> Mapping[str, Officer]:
        in_teams = {person.id: person for _, crew in self.crews for person in crew}
        return {person.id: person for person in self.office} | in_teams

    def of_body(self, body: str) -> frozenset[str]:
        """Ids of those in the teams of a body."""
        return frozenset(person.id for of, crew in self.crews if of == body for person in crew)


def scene(page: Writing, incident_id: str, town: str, today: date, calendar: Calendar) -> Scene:
    """Of the incident, or of the ``town`` given and ``today`` when there is none.

    Raises
    ------
    Refused
        ``incident_unseen`` when nobody has been there, or it is a voice about another incident.
    Unknown
        When the incident is not in the book.
    """
    if not incident_id:
        return Scene(town, today)
    incident = page.incident(incident_id)
    if incident is None:
        raise Unknown("incident", incident_id)
    if not can_be_filed(incident):
        raise Refused(Reason("incident_unseen", False, {"incident": incident.id, "status": incident.status.value}))
    return Scene(incident.town, calendar.local(incident.reported_at).date())


def can_be_filed(incident: Incident) -> bool:
    """Whether an incident can lead to a case: once somebody has seen it, and not while it is merged into another."""
    return incident.status in SEEN or (incident.status is Status.CLOSED and bool(incident.team))


def competent(rulebook: RuleBook, people: People, matter: str, town: str, officers: Sequence[str], day: date) -> Actor:
    """The body, among those that may act, to which all these officers belong.

    Raises
    ------
    Refused
        When nobody may act, with the line of the proof that says why; or when one of them belongs to none that may.
    """
    answer = rulebook.resolve(matter, town, day)
    if not answer.lawful:
        raise Refused(answer.why)
    for actor in answer.actors:
        if people.of_body(actor.body).issuperset(officers):
            return actor
    first = answer.actors[0].body
    stranger = next(officer for officer in officers if officer not in people.of_body(first))
    raise Refused(Reason("officer_of_another_body", False, {"officer": stranger, "body": first, "article": 42}))


def still_competent(rulebook: RuleBook, case: Case, day: date) -> None:
    """Refuse when the body of the case no longer has the power: what it decides would be void (article 38)."""
    answer = rulebook.resolve(case.matter, case.town, day)
    if answer.actor(case.body) is None:
        lost = [line for line in answer.proof if line.good is False and line.values.get("body") == case.body]
        raise Refused(*(lost or [replace(answer.why, good=False)]))
