"""What the centre advises: who may act, which team for one incident, a plan for many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dispatch.records.incident import Incident
from dispatch.records.team import Activity, Team
from dispatch.response.apart import plan_apart
from dispatch.response.arrival import seconds_between
from dispatch.response.assignment import Candidate, Planned, candidates
from dispatch.rulebook.competence import Answer
from gis.crs import great_circle_m
from ui.services.board import Board
from ui.services.centre import Centre

ASKED_FOR_COVER = 5
CONSIDERED = 120
EXPLAINED = 12


@dataclass(frozen=True, slots=True)
class Advice:
    """Who may act on an incident, and the teams in order; no team while it has no place or no matter."""

    answer: Answer
    candidates: tuple[Candidate, ...]


def advise(centre: Centre, board: Board, incident: Incident) -> Advice:
    """Competence and candidates for one incident as the board stands.

    Of the free teams whose body may act, the ``CONSIDERED`` nearest by the crow are asked how soon they come by street
    and ranked; of all others the ``EXPLAINED`` nearest are there to say why not.
    """
    book, day = centre.rulebook, centre.today()
    answer = book.resolve(incident.matter, incident.town, day)
    matter = book.matters.get(incident.matter)
    if matter is None or np.isnan(incident.lon):
        return Advice(answer, ())
    teams = _worth_asking(answer, [board.teams[team] for team in board.on_duty], incident)
    seconds = seconds_between(centre.travel, teams, [incident])[:, 0]
    first = candidates(incident, matter, answer, teams, seconds, board.now, day)
    asked = [card.team for card in first[:ASKED_FOR_COVER] if card.possible]
    if not asked:
        return Advice(answer, tuple(first))
    uncovered = centre.cover.left_uncovered(board.free_teams(), asked, board.now, day)
    ranked = candidates(incident, matter, answer, teams, seconds, board.now, day, uncovered=uncovered)
    return Advice(answer, tuple(ranked))


def _worth_asking(answer: Answer, teams: Sequence[Team], incident: Incident) -> list[Team]:
    """The nearest free teams whose body may act, and the nearest of all others."""
    bodies = {actor.body for actor in answer.actors}
    fit = np.array([team.body in bodies and team.activity is Activity.FREE for team in teams], dtype=bool)
    lon, lat = (np.array([getattr(team, axis) for team in teams], dtype=np.float64) for axis in ("lon", "lat"))
    near = np.argsort(great_circle_m(lon, lat, incident.lon, incident.lat), kind="stable")
    rows = [*near[fit[near]][:CONSIDERED], *near[~fit[near]][:EXPLAINED]]
    return [teams[row] for row in rows]


def advise_batch(centre: Centre, board: Board, incidents: Sequence[Incident]) -> list[Planned]:
    """The best plan for these incidents with the teams that are free."""
    book = centre.rulebook
    teams = board.free_teams()
    answers = [book.resolve(incident.matter, incident.town, centre.today()) for incident in incidents]
    return plan_apart(incidents, answers, teams, centre.travel, board.now, centre.today(), matters=book.matters)
