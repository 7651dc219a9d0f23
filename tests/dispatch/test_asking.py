"""The compiled order of asking is the live dispatcher's: what is simulated is what is run."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dispatch.response.asking import NOBODY, order_of_asking
from dispatch.response.assignment import candidates
from dispatch.rulebook.competence import RuleBook
from tests.towns import NOON, incident, nine_cells, team

SECONDS = st.one_of(st.floats(0, 20_000), st.sampled_from([0.0, 120.0, 600.0, 3600.0, np.inf]))


@given(st.lists(st.tuples(SECONDS, st.booleans()), min_size=1, max_size=7), st.integers(1, 300))
def test_idle_teams_stand_in_the_order_of_their_cards(ways, within_min):
    book: RuleBook = nine_cells().rulebook
    reported = incident(due_at=NOON + timedelta(minutes=within_min))
    beat = frozenset({reported.cell[:12]})
    teams = [
        team(id=f"T{k}", beat=beat if own else frozenset(), on_duty_to=NOON + timedelta(days=1))
        for k, (_, own) in enumerate(ways)
    ]
    seconds = np.array([way for way, _ in ways])
    answer = book.resolve(reported.matter, reported.town, NOON.date())
    cards = candidates(reported, book.matters[reported.matter], answer, teams, seconds, NOON, NOON.date())
    live = [int(card.team.id[1:]) for card in cards if card.possible]
    own = np.array([[own] for _, own in ways])
    compiled = order_of_asking(seconds[:, None], own, within_min * 60.0)[:, 0]
    assert compiled[compiled != NOBODY].tolist() == live


def test_a_team_without_a_way_is_not_asked():
    order = order_of_asking(np.array([[np.inf], [5.0]]), np.zeros((2, 1), dtype=bool), 60.0)
    assert order.tolist() == [[1], [NOBODY]]
