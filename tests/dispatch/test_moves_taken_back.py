"""A move taken back after something else has happened: under a newer calendar, too late, with officers who are out."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from dispatch.desk.refusals import Refused
from dispatch.records.reason import Reason
from dispatch.rulebook.calendar import CHINA
from dispatch.store.casebook import Casebook
from dispatch.store.ledger import Kind
from dispatch.store.writing import Actor
from tests.dispatch.conftest import DISTRICT, EAST, NOW, WEST, officer, team
from tests.dispatch.house import DAYS, MONDAY, TUESDAY, Mended, item, two_days

WEDNESDAY = DAYS[2]


@pytest.fixture
def house(casebook: Casebook) -> Mended:
    made = Mended(casebook)
    made.open()
    return made


@pytest.fixture
def planned(house: Mended) -> Mended:
    two_days(house)
    return house


def moved_to_a_new_crew(house: Mended, who: str, place: str, day: date) -> None:
    stop = house.call(place)
    choice = next(
        each for each in house.rounds.choices(stop.id) if not each.why and each.new and each.outing.day == day
    )
    house.rounds.move_to_new_crew(who, stop.id, stop.version, day, choice.outing.officers)


@pytest.fixture
def one_day(house: Mended) -> Mended:
    """Three visits of the east by one crew on Monday."""
    due = [item("I1", "P1"), item("I2", "P1", "environment"), item("I3", "P2"), item("I4", "P3")]
    house.desk.take_in("anna", [], due)
    house.desk.adopt("anna", house.proposal())
    return house


def test_a_move_is_not_taken_back_under_a_newer_calendar(one_day):
    """A crew that a colleague's new calendar kept would fall out of force with its locked call."""
    moved_to_a_new_crew(one_day, "anna", "P1", MONDAY)
    locked = one_day.call("P3")
    one_day.rounds.lock("bert", locked.id, locked.version)
    one_day.desk.adopt("bert", one_day.proposal(EAST))
    before = one_day.in_force()
    with pytest.raises(Refused) as refused:
        one_day.rounds.undo("anna")
    assert [each.code for each in refused.value.reasons] == ["call_replaced"]
    assert one_day.in_force() == before


def test_a_move_is_not_taken_back_onto_an_hour_that_is_taken_by_now(one_day):
    """One crew cannot make two visits at the same time."""
    monday = one_day.call("P3").outing
    moved_to_a_new_crew(one_day, "carl", "P3", TUESDAY)
    moved_to_a_new_crew(one_day, "anna", "P1", WEDNESDAY)
    back = one_day.call("P3")
    one_day.rounds.move("bert", back.id, back.version, monday)
    before = one_day.in_force()
    with pytest.raises(Refused) as refused:
        one_day.rounds.undo("anna")
    assert {each.code for each in refused.value.reasons} <= {"check_too_soon", "check_travel"}
    assert one_day.in_force() == before


def test_a_move_is_not_taken_back_to_a_day_that_is_over(one_day):
    """Nobody goes there on yesterday."""
    moved_to_a_new_crew(one_day, "anna", "P3", WEDNESDAY)
    with pytest.raises(Refused) as refused:
        one_day.rounds.undo("anna", now=NOW + timedelta(days=1))
    assert "day_is_over" in {each.code for each in refused.value.reasons}


def test_a_move_is_taken_back_only_with_the_notice_that_a_move_needs(one_day):
    """Who is to be at a door again in twenty minutes has not been told yet."""
    there = one_day.call("P3")
    moved_to_a_new_crew(one_day, "anna", "P3", WEDNESDAY)
    midnight = datetime(MONDAY.year, MONDAY.month, MONDAY.day, tzinfo=CHINA)
    with pytest.raises(Refused, match="check_left_already"):
        one_day.rounds.undo("anna", now=midnight + timedelta(minutes=there.arrive - 20))


def test_a_move_told_by_an_earlier_version_says_that_it_cannot_be_taken_back(one_day):
    """Its entry names the crews and not the hours; nobody is sent back to a guess."""
    stop = one_day.call("P1")
    with one_day.book.writing() as page:
        who = Actor("anna", NOW, "inspect_move")
        page.enter(who, Kind.INSPECTION, stop.id, version_before=1, version_after=1, details={"from": "x", "to": "y"})
    with pytest.raises(Refused, match="told_too_briefly"):
        one_day.rounds.undo("anna")


@pytest.mark.parametrize("day", [TUESDAY, WEDNESDAY])
def test_a_move_is_not_taken_back_when_an_officer_of_the_crew_is_out_in_another_town(house, day):
    """The crew went home and left the specialist free; the west has taken them since, for the same day or another."""
    specialist = officer("s", "environment", "city", town=DISTRICT)
    east = team("e1", EAST, officer("a", "city"), officer("c", "city"), officer("x", "city"), specialist)
    west = team("w1", WEST, officer("d", "city", town=WEST), officer("e", "city", town=WEST))
    house.rounds._desk.set_roster("lead", [east, west])
    places = {"I1": "P1", "I3": "P2", "I4": "P3", "I5": "P4"}
    house.desk.take_in("anna", [], [item(name, place, first=TUESDAY) for name, place in places.items()])
    house.desk.take_in("anna", [], [item("I2", "P1", "environment", first=TUESDAY)])
    house.desk.adopt("anna", house.proposal(WEST))
    house.desk.adopt("anna", house.proposal(EAST))
    stop, force = house.call("P1"), house.in_force()
    (out,) = {one.day for one in force.outings.values() if one.town == EAST}
    (free,) = {TUESDAY, WEDNESDAY} - {out}
    moved = house.rounds.move_to_new_crew("anna", stop.id, stop.version, free, ["a", "s"])
    house.rounds.move("anna", moved.id, moved.version, stop.outing)
    call = house.call("P4")
    if day == free:
        house.rounds.move_to_new_crew("bert", call.id, call.version, day, ["d", "s"])
        before = house.in_force()
        with pytest.raises(Refused) as refused:
            house.rounds.undo("anna")
        assert refused.value.reasons == (Reason("officer_busy", False, {"officer": "s", "day": day.isoformat()}),)
        assert house.in_force() == before
    else:
        house.rounds.undo("anna")
        assert house.call("P1").outing == moved.outing
