"""Departments' plans at the desk: taken in by row, held against a newer sheet, against law and lists."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from dispatch.desk.inspections import Inspections
from dispatch.desk.plansheets import table_of
from dispatch.desk.refusals import Refused
from dispatch.desk.rights import PeopleRights
from dispatch.desk.tomend import Wrong, write_to_mend
from dispatch.inspections.faults import faults
from dispatch.inspections.planning import plan
from dispatch.inspections.registers import Credit, Risk, Traits
from dispatch.records.calls import Stop
from dispatch.records.inspection import DueItem, Occasion
from dispatch.records.person import Job, Person, Post
from dispatch.records.team import Certificate
from dispatch.store import people, plans
from dispatch.store.casebook import Casebook
from dispatch.store.writing import Actor
from gis.crs import Datum
from gis.schemas import BadInput
from tests.dispatch.conftest import DISTRICT, EAST, NOW, WEST, four_teams, officer, team
from tests.dispatch.house import item
from tests.dispatch.inspections.street import SCENES
from tests.dispatch.plansoffice import FIRE, MARCH, MARCH_2, MARCH_31, MARKET, PLACES, YEARLY, Office, sheet

CITY = {"item": "S02-04", "department": "enforcement"}


@pytest.fixture
def office(casebook: Casebook, tmp_path: Path) -> Office:
    return Office(casebook, tmp_path)


def test_a_sheet_is_taken_in_but_for_the_rows_that_must_be_mended(office):
    """The department gets those rows back and nothing else has to wait for them."""
    taken = office.take(MARKET, {"premises_id": "P9"}, {"premises_id": "P2", "basis": ""}, {"premises_id": "P3"})
    assert (len(taken.new), [fault.row for fault in taken.sheet.all_faults]) == (2, [3, 4])
    with office.book.reading() as connection:
        assert [each.line.id for each in plans.lines(connection)] == ["L1", "L4"]


def test_a_mended_sheet_is_handed_in_whole(office):
    """Nobody cuts the rows out that were right the first time."""
    office.take(MARKET, {"premises_id": "P9"})
    taken = office.take(MARKET, {"premises_id": "P2"})
    assert (len(taken.new), taken.changed, taken.same, taken.sheet.all_faults) == (1, (), 1, ())
    assert len(office.take({"last": "2026-03-20"}, {"premises_id": "P2"}).changed) == 1


def test_mended_rows_are_handed_in_alone_and_withdraw_nothing(office, tmp_path):
    """The workbook that went back holds the faulty rows only; the plan is more than these."""
    file, table = table_of(sheet(tmp_path, [MARKET, {"premises_id": "P9"}, {"premises_id": "P3"}]))
    looked = office.plans.look_at_plan(tmp_path / file.name, 2026)
    office.plans.take_plan("anna", looked)
    write_to_mend(table, {fault.row: Wrong(str(fault)) for fault in looked.faults}, tmp_path / "to-mend.xlsx")
    book = load_workbook(tmp_path / "to-mend.xlsx")
    assert book.active.max_row == 2
    book.active["D2"] = "P2"
    book.save(tmp_path / "to-mend.xlsx")
    change = office.plans.take_plan("anna", office.plans.look_at_plan(tmp_path / "to-mend.xlsx", 2026)).change
    assert (len(change.new), change.withdrawn, change.takes_away) == (1, (), False)
    with office.book.reading() as connection:
        assert [each.line.id for each in plans.lines(connection)] == ["L1", "L2", "L3"]
        assert {one.check.due().name for one in plans.checks(connection)} == {"S02-01"}


def test_next_years_plan_is_handed_in_while_this_years_stands(office):
    """In November every department plans the year to come, under the numbers it always uses."""
    office.take(MARKET)
    office.checks.make_due("anna", [EAST], MARCH)
    next_year = {"first": "2027-03-01", "last": "2027-03-31"}
    assert len(office.take(next_year, year=2027).new) == 1
    with office.book.reading() as connection:
        assert [(each.line.id, each.line.year) for each in plans.lines(connection)] == [("L1", 2026), ("L1", 2027)]
    assert {check.id for check in office.owed().checks} == {"market:2026:L1.1", "market:2027:L1.1"}
    assert set(office.due()) == {"market:2026:L1.1"}


def test_a_line_of_another_year_is_blamed_by_its_day(office):
    """Next year's sheet handed in as this year's would be due at once."""
    taken = office.take({"first": "2027-03-01", "last": "2027-03-31"})
    assert [(fault.row, fault.column) for fault in taken.sheet.all_faults] == [(2, "first")]


def test_what_a_newer_sheet_has_no_more_is_due_no_more(office):
    """The difference is shown before, and looking changes nothing; another department's line is not its business."""
    office.take(MARKET, {"premises_id": "P2"}, {"premises_id": "P3"})
    office.take(FIRE)
    office.checks.make_due("anna", [EAST], MARCH)
    before = office.due()
    rows = [MARKET, {"premises_id": "P3", "line_id": "L3", "basis": ""}]
    looked = office.look(*rows)
    assert [line.id for line in looked.change.withdrawn] == ["L2"]
    assert [check.id for check in looked.change.off] == ["market:2026:L2.1"]
    assert office.due() == before
    office.plans.take_plan("anna", looked)
    assert office.due().keys() == before.keys() - {"market:2026:L2.1"}
    with office.book.reading() as connection:
        assert [each.line.id for each in plans.lines(connection)] == ["L1", "L1", "L3"]


@pytest.mark.parametrize("step", ["lock", "finish"])
def test_what_is_locked_or_made_is_not_withdrawn(office, step):
    """The shop was told the day, or has been visited; the next of the same line may go."""
    city = {"item": "S02-04", "department": "enforcement"} | YEARLY | {"times": "2"}
    office.take(city, city | {"premises_id": "P2"})
    first, second = [check for check in office.owed().checks if check.line.premises == "P1"]
    office.checks.make_due("anna", [EAST], first.earliest)
    house = office.house
    office.go_to(first.earliest)
    house.desk.adopt("anna", house.proposal(EAST, days=tuple(first.earliest + timedelta(n) for n in range(3))))
    stop = house.call("P1")
    if step == "lock":
        house.rounds.lock("anna", stop.id, stop.version)
    else:
        outing = house.in_force().outings[stop.outing]
        office.go_to(outing.day)
        begun = house.rounds.begin("anna", stop.id, stop.version, outing.officers)
        house.rounds.finish("anna", begun.id, begun.version)
    taken = office.take(city | {"premises_id": "P2", "line_id": "L2"})
    assert [line.id for line in taken.withdrawn] == ["L1"]
    assert [check.id for check in taken.off] == [second.id]
    kept = office.owed(first.earliest).kept
    assert first.id in kept
    assert second.id not in kept
    anew = office.take(city | {"times": "1", "line_id": "L9"}, city | {"premises_id": "P2", "line_id": "L2"})
    assert len(anew.new) == 1


def _under_way(office: Office) -> Stop:
    """The visit for P1's check, begun on its day, while the department withdraws the line."""
    house = office.house
    house.rounds._desk.set_roster("lead", [team("e1", EAST, *(officer(name, "market") for name in "abc"))])
    office.take(MARKET, {"premises_id": "P2"})
    office.checks.make_due("anna", [EAST], MARCH_2)
    house.desk.adopt("anna", house.proposal(EAST))
    stop = house.call("P1")
    outing = house.in_force().outings[stop.outing]
    office.go_to(outing.day)
    begun = house.rounds.begin("anna", stop.id, stop.version, outing.officers)
    assert [line.id for line in office.take({"premises_id": "P2", "line_id": "L2"}).withdrawn] == ["L1"]
    return begun


@pytest.mark.parametrize("name", ["L1", "L9"])
def test_a_line_put_back_while_its_check_is_made_asks_nothing_twice(office, name):
    """Under its own id it stands again as it was; under a new one it asks for no more than is being made."""
    begun = _under_way(office)
    anew = office.take(MARKET | {"line_id": name}, {"premises_id": "P2", "line_id": "L2"})
    assert not anew.sheet.refused
    assert anew.added == ()
    office.house.rounds.finish("anna", begun.id, begun.version)
    with pytest.raises(Refused, match="nothing_to_make_due"):
        office.checks.make_due("anna", [EAST], MARCH_31)
    with office.book.reading() as connection:
        lines = {each.line.id: each.withdrawn for each in plans.lines(connection)}
    assert lines[name] is False


def test_a_withdrawn_check_whose_visit_came_to_nothing_is_asked_no_more(office):
    """The shop was closed, and by now nobody wants to come."""
    begun = _under_way(office)
    office.house.rounds.closed("anna", begun.id, begun.version, "shutters down")
    assert set(office.due()) == {"market:2026:L2.1"}


def test_a_withdrawn_check_leaves_the_list_of_what_has_no_visit(office):
    """The calendar lacks an officer for it; by now it lacks nothing."""
    office.take(MARKET, {"premises_id": "P2"})
    office.checks.make_due("anna", [EAST], MARCH_2)
    adopted = office.desk.adopt("anna", office.house.proposal(EAST))
    undone = office.house.in_force().undone[adopted.id]
    assert {each.item for each in undone} == {"market:2026:L1.1", "market:2026:L2.1"}
    office.take({"premises_id": "P2", "line_id": "L2"})
    assert {each.item for each in office.house.in_force().undone[adopted.id]} == {"market:2026:L2.1"}


def test_a_sheet_speaks_only_for_the_towns_it_is_handed_in_for(office):
    """The west's lines of the same department stay when the east hands in its part."""
    office.take(MARKET, {"premises_id": "P4"})
    looked = office.plans.look_at_plan(sheet(office.folder, [{"premises_id": "P2", "line_id": "L7"}]), 2026, [EAST])
    assert [line.id for line in looked.change.withdrawn] == ["L1"]


def test_the_days_of_lines_that_did_not_change_stay(office):
    """Three hundred shops are not moved to other months because one line was added."""
    rows = [YEARLY | {"times": "1", "premises_id": f"P{n}", "line_id": f"L{n}"} for n in (1, 2)]
    office.take(*rows)
    before = {check.id: check for check in office.owed().checks}
    taken = office.take(*rows, YEARLY | {"premises_id": "P3", "line_id": "L3"})
    now = {check.id: check for check in office.owed().checks}
    assert (taken.same, taken.moved) == (2, ())
    assert {id: now[id] for id in before} == before
    changed = office.look(rows[0] | {"times": "2"}, rows[1], YEARLY | {"premises_id": "P3", "line_id": "L3"}).change
    assert {was.line.id for was, _ in changed.moved} <= {"L1"}


def test_a_sheet_that_would_change_something_else_by_now_is_not_taken(office):
    """While somebody read the difference, a colleague took another sheet of the same department."""
    office.take(MARKET, {"premises_id": "P2"})
    looked = office.look(MARKET)
    office.take(MARKET, {"premises_id": "P2"}, {"premises_id": "P3"}, actor="bert")
    with pytest.raises(Refused, match="plan_based_on_changed"):
        office.plans.take_plan("anna", looked)
    assert len(office.plans.look_again(looked).change.withdrawn) == 2
    looked = office.look(MARKET)
    lead = DueItem("X1", "P1", "market", "market", 30, MARCH_2, MARCH_31, Occasion.LEAD)
    office.desk.extra("bert", lead, "a complaint")
    assert len(office.plans.take_plan("anna", looked).change.withdrawn) == 2


@pytest.mark.parametrize(("looked_on", "taken_on"), [("2026-06-30", "2026-07-01"), ("2026-12-31", "2027-01-01")])
def test_a_sheet_looked_at_yesterday_is_looked_at_again(office, looked_on, taken_on):
    """Checks are arranged over what is left of the year, and that is less today; a year that is over takes none."""
    office.go_to(date.fromisoformat(looked_on))
    looked = office.look(YEARLY | {"times": "2"})
    office.go_to(date.fromisoformat(taken_on))
    with pytest.raises(Refused, match="not_this_year" if taken_on > "2027" else "based_on_changed"):
        office.plans.take_plan("anna", looked)
    assert office.owed().checks == ()


def test_only_those_whom_a_department_names_make_its_check(office):
    """Its two officers were read, held against three rules, kept, and then anybody went; other checks are anybody's."""
    office.take(CITY | {"inspectors": "a;c"})
    office.checks.make_due("anna", [EAST], MARCH_2)
    office.desk.take_in("anna", [], [item("I1", "P2")])
    asked = office.desk.question([EAST], (MARCH_2,)).programme
    kept = {who.id: who.not_drawn_for for who in asked.inspectors if who.not_drawn_for}
    assert kept == {"b": {"enforcement:2026:L1.1"}}
    calendar = plan(asked, seconds=0.1)
    (crew,) = [crew for crew in calendar.crews for call in crew.calls if call.visit.premises == "P1"]
    assert set(crew.officers) == {"a", "c"}
    assert faults(asked, calendar) == []


def test_who_has_left_the_roster_keeps_nobody_from_a_door(office):
    """Of the two named one is gone: the check is not left undone until the end of the year."""
    office.take(CITY | {"inspectors": "a;c"})
    office.checks.make_due("anna", [EAST], MARCH_2)
    teams = [replace(each, officers=tuple(who for who in each.officers if who.id != "c")) for each in four_teams()]
    office.house.rounds._desk.set_roster("lead", teams)
    asked = office.desk.question([EAST], (MARCH_2,)).programme
    assert not any(who.not_drawn_for for who in asked.inspectors)


def test_an_officer_whose_certificates_have_ended_is_said_to_be_one(office):
    """ "Not in the register" sends the department looking for a slip of the pen that is not there."""
    old = Certificate("city", MARCH - timedelta(days=9))
    teams = four_teams()
    first = replace(teams[0].officers[0], certificates=(old,))
    roster = [replace(teams[0], officers=(first, *teams[0].officers[1:])), *teams[1:]]
    office.house.rounds._desk.set_roster("lead", roster)
    refused = office.look(CITY | {"inspectors": "a;b;c;nobody"}).change.sheet.refused
    told = [(each.reason.code, each.reason.values["person"]) for each in refused]
    assert told == [("certificates_ended", "a"), ("inspector_unknown", "nobody")]


def test_a_sheet_whose_inspector_has_left_is_looked_at_again(office):
    """Who is on the roster is no deed of inspections; the row comes back to be mended all the same."""
    team, *others = office.book.teams()
    looked = office.look(CITY | {"inspectors": "a;b"})
    assert looked.faults == ()
    office.house.rounds._desk.set_roster("lead", [replace(team, officers=team.officers[1:]), *others])
    with pytest.raises(Refused, match="based_on_changed"):
        office.plans.take_plan("anna", looked)


def test_the_ledger_names_the_checks_of_lines_that_ask_for_fewer(office):
    """Nobody withdrew the line, and still a check is gone."""
    office.take(YEARLY | {"times": "2"})
    office.take(YEARLY | {"times": "1"})
    entry = next(entry for entry in office.book.latest_entries() if entry.deed == "inspect_plan")
    assert (entry.details["withdrawn"], entry.details["off"]) == ([], ["market:2026:L1.2"])


def test_an_item_is_not_planned_oftener_than_the_list_allows_by_all_lines_together(office):
    """Two lines of two visits each are four visits."""
    twice = {"item": "S02-03", "department": "fire"}
    most = SCENES.items["S02-03"].most_a_year
    spans = [{"first": f"2026-0{n}-01", "last": f"2026-0{n}-20"} for n in range(3, 4 + most)]
    taken = office.take(*(twice | span for span in spans))
    assert len(taken.new) == most
    assert [each.reason.code for each in taken.sheet.refused] == ["too_often"]


def test_a_plan_that_comes_later_joins_the_months_of_what_is_due_already(office):
    """The second department pays for no visit of its own."""
    office.take(YEARLY | {"times": "2"})
    first = office.owed().checks[0]
    office.checks.make_due("anna", [EAST], first.earliest)
    before = office.due()
    office.take(YEARLY | FIRE | {"times": "2", "line_id": "F1"})
    days = {(check.line.department, check.nth): check.earliest for check in office.owed().checks}
    assert days["fire", 1] == days["market", 1]
    assert days["fire", 2] == days["market", 2]
    assert office.due() == before


def test_a_line_whose_check_is_due_keeps_its_words(office):
    """The shop may have been told already."""
    office.take(YEARLY | {"times": "1"})
    office.checks.make_due("anna", [EAST], office.owed().checks[0].earliest)
    taken = office.take(YEARLY | {"times": "2"})
    assert [fault.expected for fault in taken.sheet.all_faults] == [
        "a new id: checks of the line with this id were made due already [line_begun]"
    ]
    assert len(office.due()) == 1


def test_the_cap_refuses_by_row_and_the_book_keeps_how_many(office):
    """A shop that may be visited once a year is not planned four times."""
    office.desk.take_in("anna", [replace(PLACES[0], annual_cap=1)], [])
    taken = office.take(YEARLY | {"times": "4"})
    assert (len(taken.new), len(taken.added), sum(taken.left_out.values())) == (1, 1, 3)
    with office.book.reading() as connection:
        assert [each.left_out for each in plans.lines(connection)] == [3]


def test_a_plan_is_of_this_year_or_the_next(office):
    with pytest.raises(Refused, match="not_this_year"):
        office.take(MARKET, year=2025)
    with pytest.raises(Refused, match="not_this_year"):
        office.take(MARKET, year=2028)


def test_planners_of_the_area_take_plans_in_and_nobody_else(office):
    """A town's planner plans the own town's shops; a dispatcher plans none."""
    known = [
        Person("plan-east", "p", (Post(Job.PLANNER, EAST),)),
        Person("dispatch", "d", (Post(Job.DISPATCHER, DISTRICT),)),
    ]
    with office.book.writing() as page:
        for one in known:
            people.add_person(page, Actor("test", NOW, "person_add"), one)
    office.plans.rights = office.checks.rights = PeopleRights(DISTRICT)
    with pytest.raises(Refused, match="not_your_job"):
        office.take(MARKET, actor="dispatch")
    with pytest.raises(Refused, match="not_your_area"):
        office.take({"premises_id": "P4"}, actor="plan-east")
    assert len(office.take(MARKET, actor="plan-east").new) == 1
    with pytest.raises(Refused, match="not_your_area"):
        office.checks.make_due("plan-east", [EAST, WEST], MARCH)
    assert office.checks.make_due("plan-east", [EAST], MARCH).due == 1


def test_the_register_comes_in_with_the_premises_from_a_workbook(office, tmp_path):
    """One table: hours and cap, and beside them type, risk and credit; a type that is no scene is refused by row."""
    desk = Inspections(office.desk, office.desk.ways, office.desk.bases, office.desk.towns, scenes=SCENES)
    columns = ["premises_id", "name", "lon", "lat", "town", "opens", "closes", "annual_cap", "visits_this_year"]
    rows = [["P7", "店", 121.6, 29.9, EAST, "08:00", "18:00", "", "", "restaurant", "low", "A"]]
    path = tmp_path / "premises.xlsx"

    def write() -> None:
        book = Workbook()
        for row in [[*columns, "type", "risk", "credit"], *rows]:
            book.active.append(row)
        book.save(path)

    write()
    desk.take_in("anna", *desk.read(path, None, Datum.WGS84))
    with office.book.reading() as connection:
        assert plans.registered(connection, [EAST])["P7"].traits == Traits("restaurant", Risk.LOW, Credit.A)
    rows[0][9] = "circus"
    write()
    with pytest.raises(BadInput, match="row 2, column type"):
        desk.read(path, None, Datum.WGS84)


def test_the_ledger_holds_after_every_deed(office):
    office.take(MARKET, {"premises_id": "P9"})
    office.checks.make_due("anna", [EAST], MARCH)
    entry = next(entry for entry in office.book.latest_entries() if entry.deed == "inspect_plan")
    assert (entry.details["new"], entry.details["faults"]) == (1, 1)
    assert office.book.verify().whole
