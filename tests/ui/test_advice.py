"""Advice: what the screen shows is what the rules give over every team."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from dispatch.desk.incidents import Desk
from dispatch.response.arrival import seconds_between
from dispatch.response.assignment import candidates
from gis.locate import CellLocator
from gis.streets import Profile
from gis.travel import TravelTimes
from tests.books import empty_book
from tests.towns import NOON, incident, nine_cells
from ui.services.advice import advise, advise_batch
from ui.services.centre import Centre
from ui.services.cover import STALE_AFTER_S, TOO_OLD


@pytest.fixture
def centre() -> Iterator[Centre]:
    """A command centre over nine_cells at noon."""
    place = nine_cells()
    with empty_book() as casebook:
        desk = Desk(casebook, place.rulebook, CellLocator(place.cells), place.cells, lambda: NOON)
        desk.set_roster("test", place.teams(NOON))
        travel = {profile: TravelTimes(place.streets, profile) for profile in Profile}
        yield Centre(place, casebook, desk, lambda: NOON, travel)


def test_the_first_card_is_the_first_of_all_candidates(centre):
    """Asking only the nearest teams saves time, never the best team."""
    board, vendor = centre.board(), incident()
    advice = advise(centre, board, vendor)
    book = centre.scenario.rulebook
    teams = [team for team in board.teams.values() if team.id in board.on_duty]
    seconds = seconds_between(centre.travel, teams, [vendor])[:, 0]
    everyone = candidates(vendor, book.matters["C08-01"], advice.answer, teams, seconds, NOON, centre.today())
    possible = [card.team.id for card in everyone if card.possible]
    assert possible
    assert next(card.team.id for card in advice.candidates if card.possible) in possible
    assert {card.team.id for card in advice.candidates} == {card.team.id for card in everyone}


def test_nobody_is_advised_for_an_incident_without_a_place_or_a_matter(centre):
    """A team cannot be sent to nowhere, nor for nothing; the answer says which is missing."""
    board = centre.board()
    assert advise(centre, board, incident(lon=np.nan, lat=np.nan, cell="", town="")).candidates == ()
    nothing = advise(centre, board, incident(matter=""))
    assert nothing.candidates == ()
    assert nothing.answer.why.code == "no_matter"


def test_a_batch_sends_each_team_once_and_explains_every_incident_left(centre):
    """The preview is a promise: what it shows can be taken as it stands."""
    incidents = [incident(id=f"I{n}", due_at=NOON + timedelta(hours=n + 1)) for n in range(4)]
    centre.casebook.add_incidents(incidents, at=NOON)
    planned = advise_batch(centre, centre.board(), incidents)
    sent = [each.team.id for each in planned if each.team is not None]
    assert len(sent) == len(set(sent)) > 0
    assert all(each.reasons for each in planned if each.team is None)


def test_a_team_that_leaves_a_hole_is_told_so(centre):
    """The card says what the district loses; a dispatcher should not have to guess it from the map."""
    board = centre.board()
    free = board.free_teams()
    lost = centre.cover.left_uncovered(free, free, NOON, centre.today())
    assert set(lost) == {team.id for team in free}
    _, covered = centre.cover.by(free, NOON, centre.today())
    assert covered.seconds.shape == (9,)
    assert centre.cover.steps(np.array([0.0, 301.0, 1201.0, np.inf])).tolist() == [0, 1, 4, 4]


def test_teams_that_moved_change_the_coverage_beside_the_screens(centre):
    """A search of a full district is no part of a refresh; one that is much too old is not shown at all."""
    cover, free, day = centre.cover, centre.board().free_teams(), centre.today()
    elsewhere = [replace(team, lon=team.lon + 0.004, lat=team.lat + 0.004) for team in free]
    serial, before = cover.by(free, NOON, day)
    later = NOON + timedelta(seconds=STALE_AFTER_S)
    assert cover.by(elsewhere, later, day) == (serial, before)
    until = time.monotonic() + 30
    while cover.by(elsewhere, later, day)[0] == serial and time.monotonic() < until:
        time.sleep(0.05)
    renewed, after = cover.by(elsewhere, later, day)
    assert renewed == serial + 1
    assert not np.array_equal(after.seconds, before.seconds)
    assert cover.by(free, later + timedelta(seconds=TOO_OLD * STALE_AFTER_S), day)[0] == serial + 2


def test_shifts_change_while_the_screen_is_open(centre):
    """A desk that runs for weeks would otherwise send yesterday's day shift at night."""
    before = centre.board().on_duty
    evening = NOON + timedelta(hours=7)
    centre.clock = lambda: evening
    after = centre.board()
    assert after.on_duty != before
    assert after.on_duty == {team.id for team in centre.scenario.teams(evening) if team.on_duty(evening)}
