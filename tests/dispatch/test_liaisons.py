"""The fixed officer of a community: named, on duty, or who stands in and why."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dispatch.desk.liaisons import liaison_of
from dispatch.desk.refusals import Stale
from dispatch.records.evidence import Liaison
from dispatch.records.team import Role
from dispatch.store import between
from dispatch.store.ledger import Kind
from tests.between import JIA, Command, why
from tests.towns import NOON, nine_cells, officer

COMMUNITY = f"{JIA}002"


@pytest.fixture
def command(casebook):
    return Command(casebook)


def contact(liaison: Liaison | None, teams=None):
    known = {COMMUNITY: liaison} if liaison else {}
    found = liaison_of(COMMUNITY, known, nine_cells().teams(NOON) if teams is None else teams, NOON)
    return (found.officer.id if found.officer else "", found.stands_in, [reason.code for reason in found.why])


def crews():
    """Ids of an officer on duty, another one on duty, and one off duty."""
    teams = nine_cells().teams(NOON)
    ours = [[o.id for o in team.officers if o.role is Role.OFFICER] for team in teams if team.on_duty(NOON)]
    off = [o.id for team in teams if not team.on_duty(NOON) for o in team.officers]
    return ours[0][0], ours[0][1], off[0]


def test_the_fixed_officer_is_told_while_on_duty():
    """People tell a face they know more than a number."""
    one, other, _ = crews()
    assert contact(Liaison(COMMUNITY, one, other)) == (one, False, [])


def test_who_stands_in_is_told_with_the_reason():
    """Off duty is back tomorrow; who left the roster has to be replaced."""
    one, _, off = crews()
    assert contact(Liaison(COMMUNITY, off, one)) == (one, True, ["liaison_off_duty"])
    assert contact(Liaison(COMMUNITY, "gone", one)) == (one, True, ["liaison_left"])


def test_nobody_is_told_with_every_reason():
    _, _, off = crews()
    assert contact(Liaison(COMMUNITY, "gone", off)) == ("", False, ["liaison_left", "liaison_off_duty"])
    assert contact(Liaison(COMMUNITY, off)) == ("", False, ["liaison_off_duty"])
    assert contact(None) == ("", False, ["no_liaison"])


def test_only_an_officer_of_the_roster_is_named(command):
    """Auxiliaries and grid workers find and dissuade; they do not stand for the law."""
    one, other, _ = crews()
    named = command.liaisons.set_liaison
    helper = officer("A9", role=Role.AUXILIARY)
    teams = command.place.teams(NOON)
    command.desk.set_roster("lead", [replace(teams[0], officers=(*teams[0].officers, helper)), *teams[1:]])
    assert why(lambda: named("planner", COMMUNITY, 0, "A9")) == ["no_officer"]
    assert why(lambda: named("planner", COMMUNITY, 0, "nobody")) == ["not_on_roster"]
    assert why(lambda: named("planner", COMMUNITY, 0, "", one)) == ["not_on_roster"]
    assert why(lambda: named("planner", COMMUNITY, 0, one, one)) == ["backup_same"]
    assert why(lambda: named("planner", "12", 0, one)) == ["unknown_community"]
    first = named("planner", COMMUNITY, 0, one, other)
    assert first == Liaison(COMMUNITY, one, other, 1)
    with pytest.raises(Stale):
        named("planner", COMMUNITY, 0, other)
    second = named("planner", COMMUNITY, 1, other)
    with command.book.reading() as connection:
        assert between.liaisons(connection) == {COMMUNITY: second}
    done = [entry.version_after for entry in command.book.history(Kind.LIAISON, COMMUNITY) if not entry.refused]
    assert done == [1, 2]
