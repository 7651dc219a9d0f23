"""A batch that falls into parts which no team can cross, each planned by itself: a night of a whole city."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from dispatch.records.incident import Incident
from dispatch.records.team import Team
from dispatch.response.arrival import seconds_between
from dispatch.response.assignment import USUAL, Planned, Targets, plan
from dispatch.rulebook.competence import Answer
from dispatch.rulebook.matters import Matter
from gis.streets import Profile
from gis.travel import TravelTimes


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of incidents and of teams that have to do with each other and with nobody else."""

    incidents: tuple[int, ...]
    teams: tuple[int, ...]


def parts(answers: Sequence[Answer], teams: Sequence[Team]) -> list[Part]:
    """The batch cut between bodies that never may act on the same incident, the largest part first.

    Two bodies belong together when both may act on one of the incidents, and so do theirs (connected components).
    What nobody may act on is a part without teams. Every incident is in one part; a team whose body may act on
    nothing here is in none.

    Parameters
    ----------
    answers
        The rule book's answer for each incident.
    """
    joined: dict[str, str] = {}
    for answer in answers:
        bodies = [actor.body for actor in answer.actors]
        for body in bodies:
            joined[_first(joined, body)] = _first(joined, bodies[0])
    incidents: dict[str, list[int]] = defaultdict(list)
    for row, answer in enumerate(answers):
        incidents[_first(joined, answer.actors[0].body) if answer.actors else ""].append(row)
    crews: dict[str, list[int]] = defaultdict(list)
    for row, team in enumerate(teams):
        crews[_first(joined, team.body)].append(row)
    made = [Part(tuple(rows), tuple(crews.get(of, ()))) for of, rows in incidents.items()]
    return sorted(made, key=lambda part: -len(part.incidents) * len(part.teams))


def plan_apart(
    incidents: Sequence[Incident],
    answers: Sequence[Answer],
    teams: Sequence[Team],
    travel: Mapping[Profile, TravelTimes],
    now: datetime,
    day: date,
    *,
    matters: Mapping[str, Matter],
    targets: Targets = USUAL,
) -> list[Planned]:
    """The plan of ``assignment.plan`` for a batch of any size, in the order of ``incidents``.

    It is the same plan and as good: no pair of a team and an incident lies between two parts, and both what is gained
    by serving somebody and what is driven add up over them. Where nobody can be sent, teams of other parts are told as
    without power, whatever else bars them.

    Parameters
    ----------
    travel
        By means of travel; only teams and incidents of the same part are asked for.
    """
    planned: dict[int, Planned] = {}
    for part in parts(answers, teams):
        asked = [incidents[row] for row in part.incidents]
        told = [answers[row] for row in part.incidents]
        crews = [teams[row] for row in part.teams]
        seconds, elsewhere = seconds_between(travel, crews, asked), len(teams) - len(crews)
        found = plan(asked, told, crews, seconds, now, day, matters=matters, targets=targets, elsewhere=elsewhere)
        planned |= zip(part.incidents, found, strict=True)
    return [planned[row] for row in range(len(incidents))]


def _first(joined: dict[str, str], body: str) -> str:
    """The body that stands for all that are joined with this one (union-find, paths halved)."""
    while joined.setdefault(body, body) != body:
        joined[body] = joined[joined[body]]
        body = joined[body]
    return body
