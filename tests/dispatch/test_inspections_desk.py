"""The desk of inspections: what is taken in, which calendar may be adopted, and who may do it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from dispatch.desk.inspections import Inspections, Proposal
from dispatch.desk.question import as_planned, of_calendar
from dispatch.desk.refusals import MOST_TOLD, Refused
from dispatch.desk.replans import Replans
from dispatch.desk.rights import PeopleRights
from dispatch.inspections.faults import faults
from dispatch.inspections.planning import plan
from dispatch.inspections.scenes import Scenes
from dispatch.records.calls import AHEAD, CallStatus
from dispatch.records.inspection import Occasion
from dispatch.records.person import Job, Person, Post
from dispatch.store import inspections, people
from dispatch.store.casebook import Casebook
from dispatch.store.writing import Actor
from gis.crs import Datum
from gis.schemas import BadInput
from tests.dispatch.conftest import DISTRICT, EAST, NOW, STALL, WEST
from tests.dispatch.house import DAYS, MONDAY, TUESDAY, House, item, lead, shop, two_days
from tests.dispatch.inspections.street import SCENES

HOTEL = Scenes({"hotel": SCENES.scenes["hotel"]}, {})


@pytest.fixture
def house(casebook: Casebook) -> House:
    made = House(casebook)
    made.open()
    return made


@pytest.fixture
def adopted(house: House) -> House:
    house.desk.adopt("anna", house.proposal())
    return house


def test_an_adopted_calendar_is_in_the_book_as_it_was_proposed(house):
    """What the crews go by is what somebody looked at."""
    proposal = house.proposal()
    made = house.desk.adopt("anna", proposal)
    kept = house.in_force()
    assert kept.calendars == {EAST: made, WEST: made}
    told = {(stop.visit, stop.arrive, stop.leave) for stop in kept.stops.values()}
    assert told == {(call.visit, call.arrive, call.leave) for crew in proposal.calendar.crews for call in crew.calls}
    assert proposal.calendar.officer_days >= sum(made.bounds.values()) > 0


def test_a_calendar_that_breaks_a_rule_is_not_adopted(house):
    """The checker has the last word, whoever made the calendar."""
    proposal = house.proposal()
    crew = proposal.calendar.crews[0]
    alone = replace(proposal.calendar, crews=(replace(crew, officers=crew.officers[:1]), *proposal.calendar.crews[1:]))
    with pytest.raises(Refused, match="check_crew_size"):
        house.desk.adopt("anna", replace(proposal, calendar=alone))
    assert house.in_force().calendars == {}


def test_a_calendar_that_breaks_many_rules_says_how_many_are_not_told(house):
    """Five are mended, and a sixth comes up: whoever reads the five has to know that there are more."""
    proposal = house.proposal()
    crews = tuple(replace(crew, officers=("nobody",), travel=999) for crew in proposal.calendar.crews)
    calendar = replace(proposal.calendar, crews=crews)
    found = len(faults(proposal.question.programme, calendar))
    assert found > MOST_TOLD
    with pytest.raises(Refused, match="check_crew_size") as refused:
        house.desk.adopt("anna", replace(proposal, calendar=calendar))
    *told, more = refused.value.reasons
    assert len(told) == MOST_TOLD
    assert (more.code, more.values["n"]) == ("and_more", found - MOST_TOLD)


@pytest.mark.parametrize("change", ["item", "recusal", "lock"])
def test_a_calendar_whose_ground_has_changed_is_not_adopted(adopted, change):
    """While somebody looked at the difference, a colleague wrote on."""
    proposal = adopted.proposal()
    if change == "item":
        adopted.desk.take_in("bert", [], [item("I9", "P2")])
    elif change == "recusal":
        adopted.desk.recuse("bert", [("a", "P1")])
    else:
        adopted.rounds.lock("bert", adopted.call("P1").id, 1)
    with pytest.raises(Refused, match="based_on_changed"):
        adopted.desk.adopt("anna", proposal)


def test_a_calendar_whose_visits_name_no_certificates_is_not_adopted(house):
    """Any two of the crew could go in then."""
    proposal = house.proposal()
    crew, *rest = proposal.calendar.crews
    call = replace(crew.calls[0], visit=replace(crew.calls[0].visit, needs=frozenset()))
    calendar = replace(proposal.calendar, crews=(replace(crew, calls=(call, *crew.calls[1:])), *rest))
    wrong = replace(proposal, calendar=calendar)
    assert [each.code for each in wrong.broken] == ["check_visit_says"], "the answer on the screen says so too"
    with pytest.raises(Refused, match="check_visit_says"):
        house.desk.adopt("anna", wrong)


def test_a_calendar_asked_for_yesterday_is_asked_for_again(house):
    """Solved in the evening and adopted the next morning it would send crews out at an hour that is past."""
    proposal = house.proposal(EAST, days=DAYS[1:])
    house.now += timedelta(days=1)
    with pytest.raises(Refused, match="based_on_changed"):
        house.desk.adopt("anna", proposal)
    assert house.in_force().calendars == {}


def test_what_is_asked_and_adopted_as_of_an_hour_goes_by_that_hour(house):
    """A demo that is built over midnight opens all the same."""
    house.now += timedelta(days=1)
    asked = house.desk.question([EAST], DAYS, now=NOW)
    house.desk.adopt("anna", Proposal(asked, plan(asked.programme, seconds=0.1), 1, 0.1), now=NOW)
    assert house.in_force().calendars.keys() == {EAST}


def test_no_calendar_sends_anybody_out_on_a_day_that_is_over(house):
    """Its visits would stand in force, and nobody would ever make them."""
    house.now += timedelta(days=1)
    with pytest.raises(Refused, match="day_is_over"):
        house.desk.adopt("anna", house.proposal())
    assert house.in_force().calendars == {}


def test_a_calendar_that_names_other_days_as_staying_is_not_adopted(adopted):
    """What stays is the book's to say: else both the former visits and the new ones would be in force."""
    proposal = adopted.proposal()
    every = tuple(adopted.in_force().outings)
    with pytest.raises(Refused, match="based_on_changed"):
        adopted.desk.adopt("anna", replace(proposal, question=replace(proposal.question, kept=every)))


def test_a_locked_call_stays_when_the_rest_is_planned_anew(adopted):
    """The shop was told the day."""
    locked = adopted.rounds.lock("anna", adopted.call("P1").id, 1)
    adopted.desk.take_in("anna", [], [item("I9", "P2", first=TUESDAY)])
    proposal = adopted.proposal()
    assert all(call.visit.premises != "P1" for crew in proposal.calendar.crews for call in crew.calls)
    made = adopted.desk.adopt("anna", proposal)
    kept = adopted.in_force()
    assert kept.stops[locked.id] == locked
    assert sorted(each for stop in kept.stops.values() for each in stop.visit.items) == ["I1", "I2", "I3", "I4", "I5"]
    # The whole crew's day stays with its lock, and a check that its visit to P2 could hold waits for the lock.
    assert [(each.item, each.reason) for each in kept.undone[made.id]] == [("I9", "locked")]


def test_nobody_rings_twice_at_a_door_with_a_locked_call(house):
    """The new check would have to join the visit that was told; a second crew is refused whoever proposes it."""
    house.desk.take_in("anna", [], [item("I3", "P2"), item("I1", "P1", last=TUESDAY)])
    house.desk.adopt("anna", house.proposal(EAST))
    locked = house.call("P2")
    house.rounds.lock("anna", locked.id, locked.version)
    house.desk.take_in("anna", [], [item("I9", "P2")])
    proposal = house.proposal(EAST)
    assert [(each.item, each.reason) for each in proposal.undone] == [("I9", "locked")]
    asked = proposal.question
    asked = replace(asked, programme=replace(asked.programme, items=(*asked.programme.items, item("I9", "P2"))))
    second = replace(
        proposal,
        question=replace(asked, ahead=replace(asked.ahead, joining=())),
        calendar=plan(asked.programme, seconds=0.1),
    )
    with pytest.raises(Refused, match="check_spared"):
        house.desk.adopt("anna", second)
    made = house.desk.adopt("anna", proposal)
    assert [each.item for each in house.in_force().undone[made.id]] == ["I9"]


def test_a_calendar_of_one_town_leaves_the_others_in_force(adopted):
    """A town plans its own streets."""
    first = adopted.in_force().calendars[WEST]
    second = adopted.desk.adopt("anna", adopted.proposal(EAST))
    assert adopted.in_force().calendars == {EAST: second, WEST: first}
    assert sum(stop.visit.premises == "P4" for stop in adopted.in_force().stops.values()) == 1


@pytest.mark.parametrize("cap", [None, 1])
def test_a_locked_call_of_yesterday_that_nobody_made_does_not_stay(house, cap):
    """The crew never went: it counts in no figure of the new calendar, and its checks have a visit of their own."""
    two_days(house)
    locked = house.rounds.lock("anna", house.call("P1").id, 1)
    house.desk.take_in("anna", [replace(shop("P1"), annual_cap=cap)], [])
    house.desk.take_in("anna", [], [item("I1", "P1"), item("I2", "P1", "environment")])
    house.now += timedelta(days=1)
    proposal = house.proposal(EAST, days=DAYS[1:])
    assert locked.outing not in proposal.question.kept
    made, force = house.desk.adopt("anna", proposal), house.in_force()
    assert locked.id not in force.stops
    assert [set(stop.visit.items) for stop in force.stops.values() if stop.visit.premises == "P1"] == [{"I1", "I2"}]
    crews = [one for one in force.outings.values() if one.town == EAST]
    assert sum(len(one.officers) for one in crews) == proposal.calendar.officer_days
    assert made.bounds == proposal.calendar.bounds
    teams, ways, bases = house.book.teams(), house.desk.ways, house.desk.bases
    with house.book.reading() as connection:
        asked = of_calendar(connection, force, teams, EAST, TUESDAY, ways, bases)
    assert faults(asked, as_planned(force, EAST, asked)) == []


def test_a_crew_of_yesterday_that_has_begun_stays(house):
    """What was made is on record where it was made."""
    house.desk.adopt("anna", house.proposal(EAST, days=DAYS[:1]))
    stop = house.call("P1")
    house.rounds.begin("anna", stop.id, stop.version, house.in_force().outings[stop.outing].officers)
    house.now += timedelta(days=1)
    assert stop.outing in house.proposal(EAST, days=DAYS[1:]).question.kept


def test_what_a_crew_of_yesterday_did_not_reach_is_not_asked_twice(house):
    """Its unreached call gives way to the one of the new calendar; what it made stays on record."""
    house.desk.adopt("anna", house.proposal(EAST, days=DAYS[:1]))
    force = house.in_force()
    first, *rest = force.of(house.call("P1").outing)
    assert rest, "one crew makes several calls"
    begun = house.rounds.begin("anna", first.id, first.version, force.outings[first.outing].officers)
    house.rounds.finish("anna", begun.id, begun.version)
    house.now += timedelta(days=1)
    house.desk.adopt("anna", house.proposal(EAST, days=DAYS[1:]))
    force = house.in_force()
    ahead = [stop for stop in force.stops.values() if stop.status in AHEAD]
    assert sorted(stop.visit.premises for stop in ahead) == sorted(stop.visit.premises for stop in rest)
    assert all(force.day_of(stop) > MONDAY for stop in ahead)
    assert force.stops[first.id].status is CallStatus.DONE
    assert house.last("inspect_adopt")["superseded"] == sorted(stop.id for stop in rest)


def test_a_call_that_moves_to_a_crew_that_stays_leaves_the_bound_below_the_plan(house):
    """Two crews become one: a bound that took the locked one as it was would lie above what is planned."""
    house.desk.take_in("anna", [], [item("I1", "P1", last=MONDAY), item("I2", "P1", "environment", last=MONDAY)])
    house.desk.adopt("anna", house.proposal(EAST))
    house.rounds.lock("anna", house.call("P1").id, house.call("P1").version)
    house.desk.take_in("anna", [], [item("I6", "P4"), item("I3", "P2"), item("I4", "P3")])
    house.desk.adopt("anna", house.proposal(EAST))
    for place in ("P2", "P3"):
        stop = house.call(place)
        to = house.call("P1").outing
        if stop.outing != to:
            house.rounds.move("anna", stop.id, stop.version, to)
    force = house.in_force()
    going = [one for one in force.outings.values() if one.town == EAST and force.of(one.id)]
    assert force.calendars[EAST].bounds[EAST] <= sum(len(one.officers) for one in going)


@pytest.mark.parametrize("both", [False, True])
def test_a_shop_that_moved_to_another_town_keeps_its_call_until_it_is_planned_anew(house, both):
    """The register was put right overnight; the crew that has the call still goes, and the desk still answers."""
    two_days(house)
    house.desk.take_in("anna", [], [item("I3", "P2")])
    house.desk.adopt("anna", house.proposal())
    stop, other = house.call("P2"), house.call("P1")
    house.desk.take_in("bert", [shop("P2", WEST, 121.41), *([shop("P1", WEST, 121.41)] if both else [])], [])
    assert house.rounds.choices(stop.id)
    assert house.rounds.choices(other.id)
    locked = house.rounds.lock("anna", stop.id, stop.version)
    house.rounds.undo("anna")
    begun = house.rounds.begin("anna", other.id, other.version, house.in_force().outings[other.outing].officers)
    incident, _ = house.rounds.violation("anna", other.id, begun.version, STALL, "gas bottles in the stairs")
    assert incident.source == "inspection"
    replans = Replans(house.desk, house.desk.ways, house.desk.bases)
    for towns in ([EAST], [EAST, WEST]):
        assert all(each.broken == () for each in [replans.look(towns)])
    replans.take("anna", replans.look([EAST, WEST]))
    moved = [each for each in house.in_force().stops.values() if "I3" in each.visit.items]
    assert [house.in_force().town_of(each) for each in moved] == [WEST]
    assert locked.id == stop.id


@pytest.mark.parametrize(("first_year", "made", "expected"), [(2026, 1, 2), (2027, 1, 0)])
def test_a_cap_counts_the_visits_of_its_year_and_each_once(house, first_year, made, expected):
    """One visit stood in the register, one was made since; a register sent again with both counts neither twice."""
    house.desk.take_in("anna", [replace(shop("P1"), annual_cap=4, visits_this_year=1)], [])
    house.desk.take_in("anna", [], [item("I1", "P1", last=MONDAY), item("I2", "P1", "environment", last=MONDAY)])
    house.desk.adopt("anna", house.proposal(EAST))
    house.now += timedelta(hours=1)
    stop = house.call("P1")
    begun = house.rounds.begin("anna", stop.id, stop.version, ["a", "b"])
    house.rounds.finish("anna", begun.id, begun.version)
    days = tuple(date(first_year, 3, n) for n in (3, 4, 5))

    def seen() -> int:
        return next(
            one for one in house.desk.question([EAST], days).programme.premises if one.id == "P1"
        ).visits_this_year

    assert seen() == expected
    house.now += timedelta(hours=1)
    house.desk.take_in("anna", [replace(shop("P1"), annual_cap=4, visits_this_year=made + 1)], [])
    assert seen() == expected


def certified_through_2027(house: House) -> None:
    """The roster, with certificates that outlive New Year."""
    held = {
        each: tuple(replace(one, valid_to=date(2027, 12, 31)) for one in each.certificates)
        for team in house.book.teams()
        for each in team.officers
    }
    teams = [
        replace(team, officers=tuple(replace(each, certificates=held[each]) for each in team.officers))
        for team in house.book.teams()
    ]
    house.rounds._desk.set_roster("lead", teams)


def test_a_visit_that_stays_in_january_counts_against_the_cap_of_january(house):
    """A call of 4 January is locked; a new calendar that begins in December plans no second one beyond the cap."""
    house.now = datetime(2026, 12, 28, 1, tzinfo=UTC)
    certified_through_2027(house)
    days = tuple(day for n in range(14) if (day := date(2026, 12, 29) + timedelta(n)).weekday() < 5)
    old, first, second = (date(2026, 12, 30), *(date(2027, 1, n) for n in (4, 7)))
    house.desk.take_in("anna", [replace(shop("P9"), annual_cap=1)], [item("I9", "P9", first=first, last=first)])
    house.desk.adopt("anna", house.proposal(EAST, days=days))
    stop = house.call("P9")
    house.rounds.lock("anna", stop.id, stop.version)
    more = [item("J9", "P9", first=second, last=second), item("K9", "P9", first=old, last=old)]
    house.desk.take_in("anna", [], more)
    proposal = house.proposal(EAST, days=days)
    assert {one.item: one.reason for one in proposal.undone if one.item in ("J9", "K9")} == {"J9": "annual_cap"}
    house.desk.adopt("anna", proposal)
    made = {item for stop in house.in_force().stops.values() for item in stop.visit.items}
    assert made & {"I9", "J9", "K9"} == {"I9", "K9"}, "the old year has its own"


def test_a_check_whose_only_certificate_ends_within_the_calendar_says_so(house):
    """'Nobody holds it' would send the planner to the person who holds it, until Tuesday."""
    teams = house.book.teams()
    soon = [
        replace(
            team,
            officers=tuple(
                replace(
                    who,
                    certificates=tuple(
                        replace(one, valid_to=TUESDAY) if one.field == "environment" else one
                        for one in who.certificates
                    ),
                )
                for who in team.officers
            ),
        )
        for team in teams
    ]
    house.rounds._desk.set_roster("lead", soon)
    proposal = house.proposal(EAST)
    assert [(one.item, one.reason, one.price) for one in proposal.undone] == [("I2", "certificate_ends", "1 days")]
    house.desk.adopt("anna", proposal)
    assert not house.proposal(EAST, days=DAYS[:2]).undone, "a calendar that ends sooner has it"
    wrong = replace(proposal.calendar.undone[0], reason="no_certificate", price="1 officers")
    with pytest.raises(Refused, match="check_reason"):
        house.desk.adopt("anna", replace(proposal, calendar=replace(proposal.calendar, undone=(wrong,))))


def test_a_visit_that_only_followed_a_complaint_is_not_counted(house):
    """The law lets it stand outside the cap; a shop must not be spared its ordinary visit for it, nor charged one."""
    house.desk.take_in("anna", [replace(shop("P2"), annual_cap=1)], [])
    lead = replace(item("L1", "P2", first=MONDAY, last=MONDAY), occasion=Occasion.LEAD)
    house.desk.extra("anna", lead, "a complaint about smoke")
    house.desk.take_in("anna", [], [item("I3", "P2", first=TUESDAY)])
    made = house.desk.adopt("anna", house.proposal(EAST))
    calls = {stop.visit.items: stop for stop in house.in_force().stops.values() if stop.visit.premises == "P2"}
    assert calls.keys() == {("L1",), ("I3",)}
    begun = house.rounds.begin("anna", calls["L1",].id, 1, house.in_force().outings[calls["L1",].outing].officers)
    house.rounds.finish("anna", begun.id, begun.version)
    asked = house.desk.question([EAST], made.days).programme
    assert next(one for one in asked.premises if one.id == "P2").visits_this_year == 0


def test_an_extra_visit_within_thirty_days_asks_why(adopted):
    """Three departments in one month is what this product is there to end."""
    again = lead("X1", "P1", first=DAYS[-1] + timedelta(days=10), last=DAYS[-1] + timedelta(days=12))
    with pytest.raises(Refused, match="visited_within"):
        adopted.desk.extra("anna", again, "a complaint")
    adopted.desk.extra("anna", again, "a complaint", "gas smell, cannot wait")
    assert adopted.last("inspect_extra")["although"] == "gas smell, cannot wait"
    later = lead("X2", "P1", first=DAYS[-1] + timedelta(days=40), last=DAYS[-1] + timedelta(days=42))
    adopted.desk.extra("anna", later, "a complaint")


def test_without_a_lead_only_published_items_are_checked(house):
    """Document 54 of 2024: what is on no published list is not inspected, whatever somebody types into the form."""
    asked = item("X1", "P1")
    with pytest.raises(Refused, match="item_unlisted"):
        house.desk.extra("anna", replace(asked, name="anything at all"), "a wish")
    with pytest.raises(Refused, match="item_unpublished"):
        house.desk.extra("anna", replace(asked, name="S03-05"), "a wish")
    house.desk.extra("anna", replace(asked, name="S02-04"), "the square before the market day")
    house.desk.extra("anna", replace(lead("X2", "P2"), name="smoke from the yard"), "a complaint")


def test_an_extra_check_is_whose_and_as_long_as_the_list_says(house):
    """A form, or a page of before the list changed, must not give an item to another department or halve its time."""
    listed = SCENES.items["S02-04"]
    asked = replace(item("X1", "P1", "fire"), department="nobody", minutes=1, name="S02-04")
    made = house.desk.extra("anna", asked, "the square before the market day")
    assert (made.department, made.certificate, made.minutes) == (listed.department, listed.certificate, listed.minutes)
    with house.book.reading() as connection:
        assert inspections.items(connection, ["X1"])["X1"] == made


def test_an_extra_check_is_no_way_round_the_number_of_the_year(house):
    """The list of items counts every check at the door, whatever it was called when it was made due."""
    most = SCENES.items["S02-04"].most_a_year
    for number in range(most):
        house.desk.extra("anna", replace(item(f"X{number}", "P1"), name="S02-04"), "a campaign")
    with pytest.raises(Refused, match="too_often"):
        house.desk.extra("anna", replace(item("X9", "P1"), name="S02-04"), "a campaign")
    house.desk.extra("anna", replace(lead("X9", "P1"), name="S02-04"), "a complaint")


def test_a_table_of_checks_has_published_items_only(house, tmp_path: Path):
    """The row comes back; a check that follows a lead, or is named in words, is taken."""
    due = tmp_path / "due.csv"
    due.write_text(
        "item_id,premises_id,department,certificate,minutes,earliest,latest,name,occasion\n"
        "I7,P1,city,city,20,2026-03-02,2026-03-04,S03-05,\nI8,P1,city,city,20,2026-03-02,2026-03-04,S03-05,lead\n"
        "I9,P1,city,city,20,2026-03-02,2026-03-04,S02-04,\n"
    )
    with pytest.raises(BadInput, match="published list") as refused:
        house.desk.read(None, due, Datum.WGS84)
    assert [(fault.row, fault.column) for fault in refused.value.faults] == [(2, "name")]


def test_planners_and_inspectors_of_the_area_do_it_and_nobody_else(adopted):
    """Denied unless somebody's job and area open it."""
    everybody = [
        Person("plan-east", "p", (Post(Job.PLANNER, EAST),)),
        Person("inspect", "i", (Post(Job.INSPECTOR, DISTRICT),)),
        Person("dispatch", "d", (Post(Job.DISPATCHER, DISTRICT),)),
    ]
    with adopted.book.writing() as page:
        for one in everybody:
            people.add_person(page, Actor("test", NOW, "person_add"), one)
    adopted.desk.rights = adopted.rounds.rights = PeopleRights(DISTRICT)
    west, east = adopted.call("P4"), adopted.call("P1")
    adopted.rounds.lock("plan-east", east.id, east.version)
    with pytest.raises(Refused, match="not_your_area"):
        adopted.rounds.lock("plan-east", west.id, west.version)
    with pytest.raises(Refused, match="not_your_area"):
        adopted.desk.adopt("plan-east", adopted.proposal(EAST, WEST))
    with pytest.raises(Refused, match="not_your_job"):
        adopted.rounds.lock("dispatch", west.id, west.version)
    adopted.rounds.lock("inspect", west.id, west.version)
    refusal = next(entry for entry in adopted.book.latest_entries() if entry.deed == "refused:inspect_adopt")
    assert refusal.actor == "plan-east"


def test_a_delivery_is_refused_with_every_fault_at_once(house, tmp_path: Path):
    """The office mends its tables once, not row after row."""
    shops, due = tmp_path / "shops.csv", tmp_path / "due.csv"
    head = "premises_id,name,lon,lat,town,opens,closes,annual_cap,visits_this_year\n"
    shops.write_text(
        f"{head}P8,a,121.6,29.9,东街道,08:00,18:00,,\nP9,b,121.6,29.9,南街道,08:00,18:00,,\n", encoding="utf-8"
    )
    due.write_text(
        "item_id,premises_id,department,certificate,minutes,earliest,latest\nI8,P8,enforcement,city,0,2026-03-02,2026-03-04\n"
    )
    with pytest.raises(BadInput) as refused:
        house.desk.read(shops, due, Datum.WGS84)
    assert {(fault.file, fault.row, fault.column) for fault in refused.value.faults} == {
        ("shops.csv", 3, "town"),
        ("due.csv", 2, "minutes"),
    }
    assert "the nearest is 东街道" in str(refused.value) or "the nearest is 西街道" in str(refused.value)
    shops.write_text(f"{head}P8,a,121.6,29.9,东街道,08:00,18:00,,\n", encoding="utf-8")
    due.write_text(due.read_text().replace(",0,", ",20,"))
    taken = house.desk.take_in("anna", *house.desk.read(shops, due, Datum.WGS84))
    assert (taken.premises, taken.items, taken.finished) == (1, 1, ())


def test_a_table_of_checks_says_which_follow_a_lead(house, tmp_path: Path):
    """A complaint comes with the department's table: its check stands outside the cap from the first day on."""
    due = tmp_path / "due.csv"
    due.write_text(
        "item_id,premises_id,department,certificate,minutes,earliest,latest,检查类别\n"
        "I8,P1,city,city,20,2026-03-02,2026-03-04,lead\nI9,P1,city,city,20,2026-03-02,2026-03-04,\n",
        encoding="utf-8",
    )
    house.desk.take_in("anna", *house.desk.read(None, due, Datum.WGS84))
    with house.book.reading() as connection:
        kept = inspections.items(connection, ["I8", "I9"])
    assert {name: each.capped for name, each in kept.items()} == {"I8": False, "I9": True}
    due.write_text(due.read_text(encoding="utf-8").replace("lead", "whim"), encoding="utf-8")
    with pytest.raises(BadInput, match="one of daily, special, lead"):
        house.desk.read(None, due, Datum.WGS84)


def test_an_unknown_department_or_certificate_is_refused_with_the_nearest_and_nothing_waits_for_a_second_round(
    house, tmp_path: Path
):
    """Taken in silence it would be a check that nobody is certified for; a wrong table of premises hides none of it."""
    desk = house.desk
    names = {"market": ("市场监督管理局", "Market supervision"), "fire": ("消防救援大队", "Fire and rescue")}
    desk = Inspections(desk, desk.ways, desk.bases, desk.towns, scenes=HOTEL, departments=names, fields=names)
    shops, due = tmp_path / "shops.csv", tmp_path / "due.csv"
    shops.write_text(
        "premises_id,name,lon,lat,town,opens,closes,annual_cap,visits_this_year,type,risk,credit\n"
        "P8,a,200,29.9,东街道,08:00,18:00,,,circus,low,A\n",
        encoding="utf-8",
    )
    due.write_text(
        "检查编号,对象编号,部门,所需证件,分钟,最早日期,最晚日期,名称\n"
        "I7,P8,市场监管局,fires,20,2026-03-02,2026-03-04,卫生\nI8,P9,fire,fire,20,2026-03-02,2026-03-04,\n",
        encoding="gb18030",
    )
    with pytest.raises(BadInput) as refused:
        desk.read(shops, due, Datum.WGS84)
    told = {(fault.row, fault.column): fault.expected for fault in refused.value.faults}
    assert set(told) == {(2, "lon"), (2, "type"), (2, "department"), (2, "certificate"), (3, "premises_id")}
    assert told[2, "department"] == "the code of a department; the nearest is market"
    assert told[2, "certificate"] == "the code of a certificate; the nearest is fire"
    mended = due.read_text("gb18030").replace("市场监管局,fires", "market,fire").replace("P8", "P1").replace("P9", "P1")
    due.write_text(mended, "gb18030")
    desk.take_in("anna", *desk.read(None, due, Datum.WGS84))
    with house.book.reading() as connection:
        assert inspections.items(connection, ["I7"])["I7"].name == "卫生"


def test_the_ledger_holds_after_every_deed(adopted):
    """Each deed is one entry in the chain."""
    stop = adopted.rounds.lock("anna", adopted.call("P1").id, 1)
    adopted.rounds.unlock("anna", stop.id, stop.version)
    adopted.rounds.undo("anna")
    assert adopted.book.verify().whole


def test_a_towns_planner_takes_nothing_from_another_town(house: House):
    """Premises given as one's own, an item given to one's own door: the right is asked where they lie now, too."""
    house.desk.take_in("anna", [], [item("I9", "P4")])
    with house.book.writing() as page:
        planner = Person("east", "East", (Post(Job.PLANNER, EAST),))
        people.add_person(page, Actor("test", NOW, "person_add"), planner)
    house.desk.rights = PeopleRights(DISTRICT)
    mine = replace(shop("P4"), town=EAST)
    for premises, items in (([mine], []), ([], [item("I9", "P1")])):
        with pytest.raises(Refused) as refused:
            house.desk.take_in("east", premises, items)
        assert [each.code for each in refused.value.reasons] == ["not_your_area"]
    assert house.desk.take_in("east", [], [item("I10", "P1")]).items == 1


def test_a_second_calendar_does_not_undo_what_a_colleague_did_meanwhile(house):
    """Two planners solve at once: whoever adopts last asks anew, instead of taking the other's moves back unseen."""
    mine, theirs = house.proposal(), house.proposal()
    house.desk.adopt("anna", mine)
    with pytest.raises(Refused, match="based_on_changed"):
        house.desk.adopt("anna", theirs)


def test_a_check_that_comes_again_under_its_id_is_planned_again(adopted):
    """The register's monthly check keeps its number; the visit of March does not answer for that of April."""
    stop = adopted.call("P1")
    adopted.now = NOW + (adopted.in_force().outings[stop.outing].day - NOW.date())
    inside = adopted.in_force().outings[stop.outing].officers
    stop = adopted.rounds.begin("anna", stop.id, stop.version, inside)
    adopted.rounds.finish("anna", stop.id, stop.version)
    april = tuple(date(2026, 4, 6) + timedelta(days=at) for at in range(5))
    adopted.now = NOW + (april[0] - NOW.date())
    adopted.desk.take_in("anna", [], [item("I1", "P1", first=april[0], last=april[-1])])
    asked = adopted.desk.question([EAST], april)
    assert "I1" in {one.id for one in asked.programme.items}
    assert "I2" not in {one.id for one in asked.programme.items}


def test_a_table_sent_twice_makes_nothing_due_again_that_was_done(adopted):
    """Last month's sheet once more sends no crew to doors where the check was made; the answer says so."""
    stop = adopted.call("P2")
    adopted.now = NOW + (adopted.in_force().day_of(stop) - NOW.date())
    begun = adopted.rounds.begin("anna", stop.id, stop.version, adopted.in_force().outings[stop.outing].officers)
    adopted.rounds.finish("anna", begun.id, begun.version)
    taken = adopted.desk.take_in("anna", [], [item("I3", "P2"), item("I4", "P3")])
    assert (taken.items, taken.finished) == (1, ("I3",))
    assert adopted.last("inspect_take_in")["finished"] == ["I3"]
    with adopted.book.reading() as connection:
        assert "I3" not in {one.id for one in inspections.due_items(connection)}


def test_an_extra_check_takes_no_other_checks_place(adopted):
    """A planner of the east would otherwise take the west's check away by using its number."""
    with pytest.raises(Refused, match="item_known"):
        adopted.desk.extra("anna", item("I5", "P1"), "complaint", "asked for by the mayor")
