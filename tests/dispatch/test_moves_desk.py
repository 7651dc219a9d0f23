"""Calls locked and moved to other crews, and both taken back."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from dispatch.desk.refusals import Refused, Stale, Unknown
from dispatch.records.calls import CallStatus
from dispatch.store.casebook import Casebook
from tests.dispatch.conftest import EAST
from tests.dispatch.house import DAYS, MONDAY, House, item, two_days


@pytest.fixture
def house(casebook: Casebook) -> House:
    made = House(casebook)
    made.open()
    return made


@pytest.fixture
def adopted(house: House) -> House:
    house.desk.adopt("anna", house.proposal())
    return house


def test_a_call_moves_to_a_crew_that_may_make_it_and_back(house):
    """The undo puts both crews' days back to the minute."""
    two_days(house)
    before = house.in_force()
    stop = house.call("P2")
    monday = next(outing for outing in before.outings.values() if outing.day == MONDAY and outing.town == EAST)
    with pytest.raises(Refused, match="outside_its_dates"):
        house.rounds.move("anna", stop.id, stop.version, monday.id)
    house.desk.take_in("anna", [], [item("I3", "P2")])
    house.desk.adopt("anna", house.proposal())
    before = house.in_force()
    stop = house.call("P2")
    choice = next(each for each in house.rounds.choices(stop.id) if not each.why)
    moved = house.rounds.move("anna", stop.id, stop.version, choice.outing.id)
    assert moved.outing == choice.outing.id != stop.outing
    house.rounds.undo("anna")
    after = house.in_force()
    assert after.outings == before.outings
    assert {name: replace(each, version=1) for name, each in after.stops.items()} == before.stops
    with pytest.raises(Refused, match="nothing_to_take_back"):
        house.rounds.undo("anna")


def test_a_moved_calendar_still_has_no_fault(house):
    """Hours, ways and certificates are those of the crew that goes now."""
    two_days(house)
    house.desk.take_in("anna", [], [item("I3", "P2")])
    house.desk.adopt("anna", house.proposal())
    stop = house.call("P2")
    choice = next(each for each in house.rounds.choices(stop.id) if not each.why)
    house.rounds.move("anna", stop.id, stop.version, choice.outing.id)
    kept = house.in_force()
    for outing in kept.outings.values():
        calls = kept.of(outing.id)
        assert all(one.leave <= other.arrive for one, other in pairwise(calls))
        assert outing.travel > 0


def test_a_call_moves_to_a_new_crew_of_officers_who_are_free_and_back(house):
    """Nobody goes out on Wednesday yet; two who are free make the crew, and the undo sends them home again."""
    house.desk.take_in("anna", [], [item("I1", "P1", last=MONDAY), item("I2", "P1", "environment", last=MONDAY)])
    house.desk.adopt("anna", house.proposal())
    before = house.in_force()
    stop = house.call("P2")
    choice = next(
        each for each in house.rounds.choices(stop.id) if each.new and each.outing.day == DAYS[2] and not each.why
    )
    assert len(choice.outing.officers) == 2
    moved = house.rounds.move_to_new_crew("anna", stop.id, stop.version, DAYS[2], choice.outing.officers)
    kept = house.in_force()
    assert kept.outings[moved.outing].officers == choice.outing.officers
    assert (kept.day_of(moved), moved.arrive) == (DAYS[2], choice.arrive)
    house.rounds.undo("anna")
    after = house.in_force()
    assert after.outings == before.outings
    assert after.stops[stop.id].outing == stop.outing


@pytest.mark.parametrize(
    ("officers", "code"),
    [(["a"], "check_crew_size"), (["a", "aux"], "check_no_inspector"), (["a", "d"], "check_no_inspector")],
)
def test_a_new_crew_is_lawful_or_is_none(house, officers, code):
    """Whatever a screen sends: two to five inspectors of the town who are free."""
    house.desk.adopt("anna", house.proposal(EAST, days=DAYS[1:]))
    stop = house.call("P2")
    day = next(day for day in DAYS[1:] if day != house.in_force().day_of(stop))
    with pytest.raises(Refused, match=code):
        house.rounds.move_to_new_crew("anna", stop.id, stop.version, day, officers)


def test_who_goes_out_already_makes_no_second_crew(house):
    """Nobody is in two places on one day."""
    two_days(house)
    house.desk.take_in("anna", [], [item("I3", "P2")])
    house.desk.adopt("anna", house.proposal())
    stop, force = house.call("P2"), house.in_force()
    other = next(one for one in force.outings.values() if one.town == EAST and one.id != stop.outing)
    with pytest.raises(Refused, match="officer_busy"):
        house.rounds.move_to_new_crew("anna", stop.id, stop.version, other.day, other.officers)


def test_a_move_is_not_taken_back_over_a_colleagues_head(house):
    """The new crew has another call by now: sending it home would leave that call with nobody."""
    house.desk.take_in("anna", [], [item("I1", "P1", last=MONDAY), item("I2", "P1", "environment", last=MONDAY)])
    house.desk.adopt("anna", house.proposal())
    stop = house.call("P2")
    choice = next(
        each for each in house.rounds.choices(stop.id) if each.new and each.outing.day == DAYS[2] and not each.why
    )
    moved = house.rounds.move_to_new_crew("anna", stop.id, stop.version, DAYS[2], choice.outing.officers)
    other = house.call("P3")
    house.rounds.move("bert", other.id, other.version, moved.outing)
    with pytest.raises(Stale):
        house.rounds.undo("anna")


def test_nothing_is_moved_to_an_hour_that_is_past(house):
    """Today's crew may take it, from now on."""
    two_days(house)
    house.desk.take_in("anna", [], [item("I3", "P2")])
    house.desk.adopt("anna", house.proposal())
    force = house.in_force()
    stop = next(
        each for each in force.stops.values() if each.visit.premises in {"P2", "P3"} and force.day_of(each) > MONDAY
    )
    local = house.now.hour * 60 + 8 * 60
    for choice in house.rounds.choices(stop.id):
        if choice.outing.day == MONDAY and not choice.why:
            assert choice.arrive >= local


def test_a_locked_call_does_not_move_and_unlocking_is_undone_too(house):
    """Both are one step back each."""
    two_days(house)
    stop = house.rounds.lock("anna", house.call("P2").id, 1)
    assert {each.why[0].code for each in house.rounds.choices(stop.id)} == {"call_locked"}
    stop = house.rounds.unlock("anna", stop.id, stop.version)
    assert house.rounds.undo("anna").status is CallStatus.LOCKED
    assert house.rounds.undo("anna").status is CallStatus.PLANNED


def test_what_a_colleague_touched_is_not_undone(adopted):
    """An undo takes back one's own step, not another's."""
    stop = adopted.rounds.lock("anna", adopted.call("P1").id, 1)
    adopted.rounds.unlock("bert", stop.id, stop.version)
    with pytest.raises(Stale):
        adopted.rounds.undo("anna")


def test_a_call_of_a_replaced_calendar_is_nobodys(adopted):
    """Who still looks at yesterday's list is told."""
    stop = adopted.call("P1")
    adopted.desk.adopt("anna", adopted.proposal())
    with pytest.raises(Refused, match="call_replaced"):
        adopted.rounds.lock("anna", stop.id, stop.version)
    with pytest.raises(Unknown):
        adopted.rounds.lock("anna", "no such call", 1)


def test_a_move_made_while_a_calendar_was_solved_is_not_lost(house):
    two_days(house)
    asked = house.proposal()
    stop = house.call("P2")
    choice = next(each for each in house.rounds.choices(stop.id) if each.new and not each.why)
    house.rounds.move_to_new_crew("anna", stop.id, stop.version, choice.outing.day, choice.outing.officers)
    with pytest.raises(Refused, match="based_on_changed"):
        house.desk.adopt("anna", asked)
