"""What the centre advises: who may act, which team for one incident, a plan for many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dispatch.records.incident import Incident
from dispatch.response.arrival import seconds_between
from dispatch.response.assignment import Candidate, Planned, candidates, plan
from dispatch.rulebook.competence import Answer
from ui.services.board import Board
from ui.services.centre import Centre

ASKED_FOR_COVER = 5


@dataclass(frozen=True, slots=True)
class Advice:
    """Who may act on an incident, and the teams in order; no team while it has no place or no matter."""

    answer: Answer
    candidates: tuple[Candidate, ...]


def advise(centre: Centre, board: Board, incident: Incident) -> Advice:
    """Competence and candidates for one incident as the board stands."""
    book = centre.scenario.rulebook
    answer = book.resolve(incident.matter, incident.town, centre.today())
    matter = book.matters.get(incident.matter)
    if matter is None or np.isnan(incident.lon):
        return Advice(answer, ())
    teams = [team for team in board.teams.values() if team.id in board.on_duty]
    seconds = seconds_between(centre.travel, teams, [incident])[:, 0]
    first = candidates(incident, matter, answer, teams, seconds, board.now, centre.today())
    asked = [card.team for card in first[:ASKED_FOR_COVER] if card.possible]
    if not asked:
        return Advice(answer, tuple(first))
    uncovered = centre.cover.left_uncovered(board.free_teams(), asked, board.now, centre.today())
    return Advice(
        answer,
        tuple(candidates(incident, matter, answer, teams, seconds, board.now, centre.today(), uncovered=uncovered)),
    )


def advise_batch(centre: Centre, board: Board, incidents: Sequence[Incident]) -> list[Planned]:
    """The best plan for these incidents with the teams that are free."""
    book = centre.scenario.rulebook
    teams = board.free_teams()
    answers = [book.resolve(incident.matter, incident.town, centre.today()) for incident in incidents]
    seconds = seconds_between(centre.travel, teams, incidents)
    return plan(incidents, answers, teams, seconds, board.now, centre.today(), matters=book.matters)
