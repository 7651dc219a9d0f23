"""Leave: written down once, heeded by calendars, moves and the door, and whose it is to write."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from dispatch.desk.refusals import Refused, Stale, Unknown
from dispatch.desk.rights import PeopleRights
from dispatch.records.person import Job, Person, Post
from dispatch.records.team import Team
from dispatch.store import people
from dispatch.store.casebook import Casebook
from dispatch.store.writing import Actor
from tests.dispatch.conftest import DISTRICT, EAST, NOW, WEST, four_teams
from tests.dispatch.house import DAYS, MONDAY, TUESDAY, Mended, item, more_teams, two_days

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


def test_a_new_calendar_and_a_move_heed_leave_too(planned):
    """Leave counts wherever a crew is made up."""
    for who in ("a", "b"):
        planned.absences.away("anna", who, MONDAY, WEDNESDAY)
    proposal = planned.proposal(EAST)
    assert not {who for crew in proposal.calendar.crews for who in crew.officers} & {"a", "b"}
    stop = planned.call("P2")
    why = {reason.code for choice in planned.rounds.choices(stop.id) for reason in choice.why}
    monday = next(one for one in planned.in_force().outings.values() if one.day == MONDAY and one.town == EAST)
    if set(monday.officers) & {"a", "b"}:
        assert "officer_away" in why


def test_leave_until_the_year_2206_is_a_slip_of_the_hand(house):
    """Every plan would count its days one by one, and take twenty seconds for it."""
    with pytest.raises(Refused, match="away_too_long"):
        house.absences.away("anna", "a", MONDAY, MONDAY.replace(year=2206))
    one = house.absences.away("anna", "a", MONDAY, MONDAY.replace(year=2027))
    with pytest.raises(Refused, match="away_too_long"):
        house.absences.change("anna", one.id, 1, MONDAY, MONDAY.replace(year=2028))


def test_leave_is_written_down_once_and_in_order(house):
    """Two entries for one day would be counted twice; days reversed are nobody's leave."""
    one = house.absences.away("anna", "a", MONDAY, TUESDAY, " flu ")
    assert (one.reason, one.version) == ("flu", 1)
    with pytest.raises(Refused, match="away_already"):
        house.absences.away("anna", "a", TUESDAY, WEDNESDAY)
    with pytest.raises(Refused, match="reversed_dates"):
        house.absences.away("anna", "b", TUESDAY, MONDAY)
    with pytest.raises(Refused, match="no_such_officer"):
        house.absences.away("anna", "?", MONDAY, MONDAY)
    shorter = house.absences.change("anna", one.id, 1, MONDAY, MONDAY, "better by Tuesday")
    assert house.absences.kept() == [shorter]
    with pytest.raises(Stale):
        house.absences.change("bert", one.id, 1, MONDAY, WEDNESDAY)
    house.absences.call_off("anna", one.id, 2)
    assert house.absences.kept() == []
    with pytest.raises(Refused, match="away_called_off"):
        house.absences.call_off("anna", one.id, 3)
    with pytest.raises(Unknown):
        house.absences.call_off("anna", "A9999", 1)
    assert house.book.verify().whole


def test_leave_and_re_plans_are_the_areas_own(planned):
    """A town's planner writes down who of the town is away, and mends the town's calendar."""
    with planned.book.writing() as page:
        for one in (
            Person("plan-east", "p", (Post(Job.PLANNER, EAST),)),
            Person("dispatch", "d", (Post(Job.DISPATCHER, DISTRICT),)),
        ):
            people.add_person(page, Actor("test", NOW, "person_add"), one)
    planned.absences.rights = planned.replans.rights = PeopleRights(DISTRICT)
    one = planned.absences.away("plan-east", "a", TUESDAY, TUESDAY)
    with pytest.raises(Refused, match="not_your_area"):
        planned.absences.away("plan-east", "d", TUESDAY, TUESDAY)
    with pytest.raises(Refused, match="not_your_job"):
        planned.absences.call_off("dispatch", one.id, 1)
    with pytest.raises(Refused, match="not_your_area"):
        planned.replans.take("plan-east", planned.replans.look([EAST, WEST]))
    planned.replans.take("plan-east", planned.replans.look([EAST]))
    with pytest.raises(Refused, match="not_your_job"):
        planned.replans.take("dispatch", planned.replans.look([EAST]))


def test_leave_of_who_has_left_the_roster_is_the_districts(planned):
    """Nobody is posted there any more, so nobody's town is asked; it is not everybody's for that."""
    with planned.book.writing() as page:
        for name, area in (("plan-west", WEST), ("plan-all", DISTRICT)):
            people.add_person(page, Actor("test", NOW, "person_add"), Person(name, "p", (Post(Job.PLANNER, area),)))
    one = planned.absences.away("anna", "h", TUESDAY, TUESDAY)
    planned.rounds._desk.set_roster("lead", four_teams())
    planned.absences.rights = PeopleRights(DISTRICT)
    with pytest.raises(Refused, match="not_your_area"):
        planned.absences.call_off("plan-west", one.id, 1)
    with pytest.raises(Refused, match="not_your_area"):
        planned.absences.change("plan-west", one.id, 1, TUESDAY, WEDNESDAY)
    planned.absences.call_off("plan-all", one.id, 1)
    assert planned.absences.kept() == []


def test_another_towns_longer_calendar_takes_nobody_away(house):
    """The east's certificates end on Friday, the west plans next week: this week's visits of the east stay."""
    friday = date(2026, 3, 6)

    def ending(one: Team) -> Team:
        own = [
            replace(who, certificates=tuple(replace(c, valid_to=friday) for c in who.certificates))
            for who in one.officers
        ]
        return replace(one, officers=tuple(own)) if one.town == EAST else one

    house.rounds._desk.set_roster("lead", [ending(one) for one in more_teams()])
    house.desk.adopt("anna", house.proposal(EAST))
    next_week = tuple(date(2026, 3, 9) + timedelta(days=at) for at in range(3))
    house.desk.take_in("anna", [], [item("I5", "P4", first=next_week[0], last=next_week[-1])])
    house.desk.adopt("anna", house.proposal(WEST, days=next_week))
    assert house.replans.look([EAST, WEST]).nothing
    choices = house.rounds.choices(house.call("P2").id)
    assert any(each.new and not each.why for each in choices)


def test_who_is_recused_or_on_leave_by_now_does_not_go_in(planned):
    """The crew was made before; at the door the book of today counts."""
    stop = planned.call("P1")
    first, second = planned.crew_of("P1")[1][:2]
    planned.desk.recuse("anna", [(first, "P1")])
    planned.absences.away("anna", second, MONDAY, MONDAY, "ill")
    with pytest.raises(Refused) as refused:
        planned.rounds.begin("anna", stop.id, stop.version, (first, second))
    assert {each.code for each in refused.value.reasons} == {"must_not_inspect", "officer_away"}
    assert planned.call("P1") == stop
