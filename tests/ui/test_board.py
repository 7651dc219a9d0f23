"""The board: what everybody sees, and never an old or a wrong figure."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from dispatch.desk.incidents import Desk
from dispatch.records.incident import Status
from dispatch.records.team import Activity
from gis.locate import CellLocator
from tests.books import empty_book
from tests.towns import NOON, incident, nine_cells, team
from ui.services.board import Boards, Filter, board_of, overdue
from ui.telling import Teller
from ui.wording import Language, wording

MIDNIGHT = NOON - timedelta(hours=12)


def test_an_incident_is_overdue_until_somebody_is_on_scene():
    """Sending a team late does not make it punctual; standing there does stop the clock."""
    late = incident(due_at=NOON - timedelta(minutes=1))
    assert overdue(late, NOON)
    assert overdue(late.assigned("T1"), NOON)
    assert not overdue(late.assigned("T1").accepted().arrived(), NOON)
    assert not overdue(incident(due_at=NOON), NOON)


def test_the_figures_count_each_incident_and_each_team_on_duty_once():
    """The strip is what a dispatcher hands over at the end of a shift."""
    incidents = [
        incident(id="a"),
        incident(id="b", due_at=NOON - timedelta(hours=1)),
        incident(id="c").assigned("T2"),
        incident(id="d").assigned("T3").accepted().arrived(),
        incident(id="e").assigned("T4").accepted().arrived().handled().verified().closed(NOON),
        incident(id="f").assigned("T5").accepted().arrived().handled(),
    ]
    off = team(id="off", on_duty_to=NOON)
    board = board_of(1, NOON, incidents, [team(), team(id="T9", activity=Activity.ON_SCENE), off])
    figures = board.figures
    assert (figures.waiting, figures.overdue, figures.on_the_way) == (2, 1, 1)
    assert (figures.on_scene, figures.to_verify, figures.closed, figures.free) == (1, 1, 1, 1)


def test_the_queue_stands_by_time_left():
    """Who must be reached first is on top, whatever its number."""
    board = board_of(1, NOON, [incident(id="later"), incident(id="soon", due_at=NOON)], [])
    assert [each.id for each in board.shown(Filter())] == ["soon", "later"]


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [
        (Filter(), ["a"]),
        (Filter(statuses=frozenset(Status)), ["a", "b"]),
        (Filter(words="摊贩", statuses=frozenset(Status)), ["a", "b"]),
        (Filter(words="A"), ["a"]),
        (Filter(words="nothing of the kind"), []),
        (Filter(priorities=frozenset({1})), []),
        (Filter(towns=frozenset({"990100001"})), ["a"]),
        (Filter(only_overdue=True), []),
    ],
)
def test_a_filter_shows_what_it_says(wanted, ids):
    """A filter that hides an incident by mistake loses it for the shift."""
    board = board_of(1, NOON, [incident(id="a"), incident(id="b").assigned("T1")], [])
    assert sorted(each.id for each in board.shown(wanted)) == ids


def test_a_board_renewed_by_changes_equals_one_read_afresh():
    """Screens live on changes for weeks; they may never drift from the book."""
    place = nine_cells()
    with empty_book() as casebook:
        desk = Desk(casebook, place.rulebook, CellLocator(place.cells), place.cells, lambda: NOON)
        desk.set_roster("test", place.teams(NOON))
        boards = Boards(casebook)
        boards.at(NOON, MIDNIGHT)
        casebook.add_incidents([incident(), incident(id="I2")], at=NOON)
        sent = desk.assign("anna", "I1", "T1", 1).incident
        boards.at(NOON, MIDNIGHT)
        desk.accept("T1", "I1", sent.version)
        desk.arrive("T1", "I1", sent.version + 1)
        desk.handle("T1", "I1", sent.version + 2, "done")
        desk.verify("anna", "I1", sent.version + 3, passed=True, how="photo")
        desk.close("anna", "I1", sent.version + 4)
        desk.set_roster("test", [replace(each, name="renamed") for each in place.teams(NOON)][:2])
        renewed, fresh = boards.at(NOON, MIDNIGHT), Boards(casebook).at(NOON, MIDNIGHT)
        assert renewed == fresh
        assert renewed.incidents["I1"].status is Status.CLOSED


def test_yesterdays_closed_incidents_are_gone_today():
    """The board is the day's, the book keeps the rest."""
    with empty_book() as casebook:
        done = replace(incident(), status=Status.CLOSED, team="T1", closed_at=NOON)
        casebook.add_incidents([done], at=NOON)
        boards = Boards(casebook)
        assert "I1" in boards.at(NOON, MIDNIGHT).incidents
        tomorrow = NOON + timedelta(days=1)
        assert "I1" not in boards.at(tomorrow, MIDNIGHT + timedelta(days=1)).incidents


@pytest.mark.parametrize(("language", "said"), [(Language.ZH, "2 天"), (Language.EN, "2 d")])
def test_a_folded_queue_says_days_in_its_own_language(language, said):
    """Five characters are all that a narrow screen shows of the clock."""
    town = nine_cells()
    tell = Teller(wording(language), town.areas, town.rulebook.matters, town.fields, ZoneInfo(town.timezone))
    assert tell.left_short(incident(due_at=NOON + timedelta(days=2, hours=5)), NOON) == said
    assert tell.left_short(incident(due_at=NOON - timedelta(days=2, hours=5)), NOON) == f"+{said}"
