"""A crew at the door: who goes in, what comes of it, and when it is too late."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from dispatch.desk.refusals import Refused, Stale
from dispatch.records.calls import CallStatus
from dispatch.records.incident import Status, WrongStep
from dispatch.records.reason import Reason
from dispatch.store import inspections
from dispatch.store.casebook import Casebook
from dispatch.store.tables import OUTINGS
from tests.dispatch.conftest import EAST, NOW, STALL
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


def test_a_visit_that_is_done_takes_its_items_off_the_list(house):
    """And counts when the next calendar is made."""
    house.desk.take_in("anna", [], [item("I1", "P1", last=MONDAY), item("I2", "P1", "environment", last=MONDAY)])
    house.desk.adopt("anna", house.proposal())
    stop = house.call("P1")
    begun = house.rounds.begin("anna", stop.id, stop.version, ["a", "b"])
    done = house.rounds.finish("anna", begun.id, begun.version, "all in order")
    assert (done.status, done.entered, done.ended_at) == (CallStatus.DONE, ("a", "b"), NOW)
    with house.book.reading() as connection:
        assert {one.id for one in inspections.due_items(connection, [EAST])} == {"I3", "I4"}
    asked = house.desk.question([EAST], DAYS[1:])
    assert next(place for place in asked.programme.premises if place.id == "P1").visits_this_year == 1
    house.desk.adopt("anna", house.proposal(EAST, days=DAYS[1:]))
    assert house.in_force().stops[stop.id] == done


@pytest.mark.parametrize(
    ("officers", "code"),
    [
        (["a"], "two_must_enter"),
        (["a", "c"], "not_of_the_crew"),
        (["a", "aux"], "no_inspector"),
        (["a", "?"], "not_of_the_crew"),
    ],
)
def test_only_two_officers_of_the_crew_go_in(house, officers, code):
    """Whoever else stands at the door makes the inspection void."""
    house.desk.take_in("anna", [], [item("I1", "P1", last=MONDAY), item("I2", "P1", "environment", last=MONDAY)])
    house.desk.adopt("anna", house.proposal(EAST))
    stop = house.call("P1")
    with pytest.raises(Refused, match=code):
        house.rounds.begin("anna", stop.id, stop.version, officers)
    assert house.call("P1") == stop


def test_at_the_door_the_certificates_count_that_its_checks_ask_for_today(house):
    """The department has changed what its check asks for since the calendar was made."""
    house.desk.take_in("anna", [], [item("I3", "P2", last=MONDAY)])
    house.desk.adopt("anna", house.proposal(EAST))
    stop = house.call("P2")
    crew = house.in_force().outings[stop.outing].officers
    house.desk.take_in("anna", [], [item("I3", "P2", "fire", last=MONDAY)])
    with pytest.raises(Refused, match="entered_without"):
        house.rounds.begin("anna", stop.id, stop.version, crew)
    house.desk.take_in("anna", [], [item("I3", "P2", last=MONDAY)])
    begun = house.rounds.begin("anna", stop.id, stop.version, (*crew, crew[0]))
    assert begun.entered == crew, "who is named twice goes in once"


def test_nobody_begins_a_visit_of_another_day(house):
    """The shop was told Tuesday."""
    two_days(house)
    stop = house.call("P3")
    outing = house.in_force().outings[stop.outing]
    with pytest.raises(Refused, match="not_its_day"):
        house.rounds.begin("anna", stop.id, stop.version, outing.officers)


def test_nobody_is_inside_two_doors_at_once(house):
    """Two records of one officer at one hour void each other; the first visit is ended or put back first."""
    house.desk.take_in("anna", [], [item(name, place, last=MONDAY) for name, place in (("I3", "P2"), ("I4", "P3"))])
    house.desk.adopt("anna", house.proposal(EAST))
    one, other = house.call("P2"), house.call("P3")
    assert one.outing == other.outing
    crew = house.in_force().outings[one.outing].officers
    inside = house.rounds.begin("anna", one.id, one.version, crew)
    with pytest.raises(Refused) as refused:
        house.rounds.begin("anna", other.id, other.version, crew)
    assert refused.value.reasons == tuple(
        Reason("still_inside", False, {"officer": who, "premises": "P2"}) for who in sorted(crew)
    )
    house.rounds.finish("anna", inside.id, inside.version)
    assert house.rounds.begin("anna", other.id, other.version, crew).entered == crew


def test_a_visit_that_nobody_ended_yesterday_keeps_nobody_from_todays_doors(house):
    """The officers have long been home; forgetting one button must not stop a crew for good."""
    two_days(house)
    yesterday, today = house.call("P1"), house.call("P2")
    house.rounds.begin("anna", yesterday.id, yesterday.version, house.in_force().outings[yesterday.outing].officers)
    house.now += timedelta(days=1)
    crew = house.in_force().outings[today.outing].officers
    assert house.rounds.begin("anna", today.id, today.version, crew).status is CallStatus.UNDER_WAY


def test_a_visit_is_recorded_as_done_within_a_week_and_put_back_afterwards(house):
    """After forty days nobody knows what was seen; the checks are due again."""
    two_days(house)
    stop = house.call("P1")
    begun = house.rounds.begin("anna", stop.id, stop.version, house.in_force().outings[stop.outing].officers)
    house.now += timedelta(days=8)
    with pytest.raises(Refused, match="begun_long_ago"):
        house.rounds.finish("anna", begun.id, begun.version)
    assert house.rounds.finish("anna", begun.id, begun.version, now=house.now - timedelta(days=1)).status == "done"


def test_a_visit_that_began_and_was_never_ended_is_put_back_on_any_day(house):
    """Otherwise nobody could ever do its checks."""
    two_days(house)
    stop = house.call("P1")
    begun = house.rounds.begin("anna", stop.id, stop.version, house.in_force().outings[stop.outing].officers)
    house.now += timedelta(days=40)
    assert house.rounds.closed("anna", begun.id, begun.version, "no record").status is CallStatus.CLOSED_SHOP
    with house.book.reading() as connection:
        assert {"I1", "I2"} <= {one.id for one in inspections.due_items(connection, [EAST])}


def test_a_closed_shop_is_due_again_with_the_next_calendar(house):
    """A plan must not die at the first closed door, nor forget it."""
    two_days(house)
    house.desk.take_in("anna", [], [item("I1", "P1"), item("I2", "P1", "environment")])
    stop = house.call("P1")
    put_back = house.rounds.closed("anna", stop.id, stop.version, "shutters down")
    assert put_back.status is CallStatus.CLOSED_SHOP
    house.desk.adopt("anna", house.proposal(days=DAYS[1:]))
    again = [each for each in house.in_force().stops.values() if each.visit.premises == "P1"]
    assert [each.status for each in again].count(CallStatus.PLANNED) == 1
    assert again[0].id != again[1].id


def test_a_violation_becomes_an_incident_of_who_is_competent(house):
    """Nobody types it a second time."""
    house.desk.take_in("anna", [], [item("I1", "P1", last=MONDAY), item("I2", "P1", "environment", last=MONDAY)])
    house.desk.adopt("anna", house.proposal(EAST))
    stop = house.call("P1")
    begun = house.rounds.begin("anna", stop.id, stop.version, ["a", "b"])
    found, answer = house.rounds.violation("anna", begun.id, begun.version, STALL, "goods on the pavement")
    kept = house.book.incident(found.id)
    assert kept is not None
    assert (kept.status, kept.town, kept.matter, kept.source) == (Status.REPORTED, EAST, STALL, "inspection")
    assert answer.actors[0].body == EAST
    assert house.last("inspect_violation")["body"] == EAST
    also, _ = house.rounds.violation("anna", begun.id, begun.version + 1, STALL, "and on the stairs")
    assert house.call("P1").incidents == (found.id, also.id)
    with pytest.raises(Refused, match="needs_words"):
        house.rounds.violation("anna", begun.id, begun.version + 2, STALL, " ")


def test_a_call_goes_its_way_only(house):
    """Nothing is finished that was not begun."""
    house.desk.adopt("anna", house.proposal())
    stop = house.call("P1")
    with pytest.raises(WrongStep, match="under_way"):
        house.rounds.finish("anna", stop.id, stop.version)
    with pytest.raises(Stale):
        house.rounds.lock("anna", stop.id, 7)


def test_a_visit_under_way_stays_in_sight_until_it_is_ended_whatever_calendar_follows(house):
    """Adopting keeps it; also where a book of before that has it in a calendar that was replaced, it can be ended."""
    two_days(house)
    stop = house.call("P1")
    house.rounds.begin("anna", stop.id, stop.version, house.in_force().outings[stop.outing].officers)
    replaced = house.in_force().outings[stop.outing].calendar
    house.now += timedelta(days=1)
    house.desk.adopt("anna", house.proposal(days=DAYS[2:]))
    with house.book.writing() as page:
        left = update(OUTINGS).where(OUTINGS.c.id == stop.outing).values(calendar=replaced)
        page.connection.execute(left)
        force = inspections.in_force(page.connection, since=DAYS[2])
    assert not force.current(force.outings[stop.outing])
    assert force.stops[stop.id].status is CallStatus.UNDER_WAY
    assert stop.outing in force.outings
