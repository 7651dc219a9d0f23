"""Departments' plans at the desk: taken in by row, arranged, made due, rolled forward, answered where they clash."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from dispatch.desk.due import DueChecks
from dispatch.desk.inspections import Inspections
from dispatch.desk.newer import Newer
from dispatch.desk.plans import Plans, ProposedPlan
from dispatch.desk.plansheets import table_of
from dispatch.desk.refusals import Refused, Unknown
from dispatch.desk.rights import PeopleRights
from dispatch.desk.tomend import Wrong, write_to_mend
from dispatch.inspections.plans import PLAN_COLUMNS, PLAN_OPTIONAL
from dispatch.inspections.registers import Credit, Risk, Traits
from dispatch.records.calls import Stop
from dispatch.records.inspection import DueItem
from dispatch.records.person import Job, Person, Post
from dispatch.rulebook.calendar import Calendar
from dispatch.store import inspections, people, plans
from dispatch.store.casebook import Casebook
from dispatch.store.writing import Actor
from gis.crs import Datum
from gis.schemas import BadInput
from tests.dispatch.conftest import DISTRICT, EAST, NOW, WEST, officer, team
from tests.dispatch.inspections.street import RISKS, SCENES
from tests.dispatch.test_inspections_desk import House, shop

MARCH, MARCH_2, MARCH_31 = date(2026, 3, 1), date(2026, 3, 2), date(2026, 3, 31)
SHOP = Traits("small_shop", Risk.HIGH, Credit.C)
MARKET = {"item": "S02-01"}
FIRE = {"item": "S02-03", "department": "fire"}


class Office:
    """A house with a register, to which departments hand in their sheets."""

    def __init__(self, book: Casebook, folder: Path) -> None:
        self.house = House(book)
        self.book = book
        self.folder = folder
        self.desk = self.house.desk
        self.desk.take_in("anna", PLACES, [], {place.id: SHOP for place in PLACES})
        self.plans = Plans(self.desk, SCENES, RISKS)
        self.checks = DueChecks(self.desk, SCENES, Calendar({}))

    def look(self, *rows: Mapping[str, str], year: int = 2026) -> ProposedPlan:
        return self.plans.look_at_plan(sheet(self.folder, rows), year)

    def take(self, *rows: Mapping[str, str], year: int = 2026, actor: str = "anna") -> Newer:
        return self.plans.take_plan(actor, self.look(*rows, year=year)).change

    def due(self) -> dict[str, DueItem]:
        with self.book.reading() as connection:
            return {item.id: item for item in inspections.due_items(connection)}

    def owed(self, day: date = MARCH_2):
        with self.book.reading() as connection:
            return self.checks.owed(connection, [EAST, WEST], day)

    def clashes(self):
        owed = self.owed()
        with self.book.reading() as connection:
            return self.checks.clashes(connection, owed)

    def go_to(self, day: date) -> None:
        self.house.now = NOW + (day - NOW.date())


PLACES = [shop("P1"), shop("P2"), shop("P3"), shop("P4", WEST, 121.41)]


def sheet(folder: Path, rows: Sequence[Mapping[str, str]]) -> Path:
    """A department's workbook: the market department's first item at P1 in March unless a row says otherwise."""
    plain = {"department": "market", "premises_id": "P1", "item": "S02-01", "basis": "《食品安全法》第一百一十条"}
    plain |= {"first": "2026-03-01", "last": "2026-03-31"}
    book, columns = Workbook(), (*PLAN_COLUMNS, *PLAN_OPTIONAL)
    page = book.active
    page.append(columns)
    for number, row in enumerate(rows, start=1):
        page.append([{**plain, "line_id": f"L{number}", **row}.get(column, "") for column in columns])
    path = folder / "plan.xlsx"
    book.save(path)
    return path


YEARLY = {"first": "", "last": ""}


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
    office.desk.extra("bert", DueItem("X1", "P1", "market", "market", 30, MARCH_2, MARCH_31), "a complaint")
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


def test_a_sheet_whose_inspector_has_left_is_looked_at_again(office):
    """Who is on the roster is no deed of inspections; the row comes back to be mended all the same."""
    team, *others = office.book.teams()
    looked = office.look(MARKET | {"inspectors": team.officers[0].id})
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


def test_what_is_due_has_the_ids_of_the_checks_and_a_finished_call_finishes_them(office):
    """One truth: the plan knows that a check is done because its due item is."""
    office.take({"item": "S02-04", "department": "enforcement"})
    (check,) = office.owed().checks
    office.checks.make_due("anna", [EAST, WEST], MARCH)
    assert office.due() == {check.id: check.due()}
    house = office.house
    house.desk.adopt("anna", house.proposal(EAST))
    stop = house.call("P1")
    assert stop.visit.items == (check.id,)
    outing = house.in_force().outings[stop.outing]
    office.go_to(outing.day)
    begun = house.rounds.begin("anna", stop.id, stop.version, outing.officers)
    house.rounds.finish("anna", begun.id, begun.version)
    assert office.owed().checks == ()
    assert office.owed().kept[check.id].done
    assert office.due() == {}


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


def test_a_month_is_made_due_once(office):
    """A second press adds nothing and says so."""
    office.take(MARKET, {"premises_id": "P2"}, {"first": "2026-04-01", "last": "2026-04-30", "premises_id": "P3"})
    made = office.checks.make_due("anna", [EAST, WEST], MARCH)
    assert (made.due, made.rolled, made.lapsed) == (2, 0, 0)
    with pytest.raises(Refused, match="nothing_to_make_due"):
        office.checks.make_due("anna", [EAST, WEST], MARCH)
    office.go_to(date(2026, 4, 7))
    with pytest.raises(Refused, match="day_is_over"):
        office.checks.make_due("anna", [EAST, WEST], MARCH)


def test_on_monday_what_was_missed_last_week_stands_at_the_head_of_this_week(office):
    """Made due for a week and not done: on Monday it is the first thing to do, with days of that week."""
    office.take({"first": "2026-03-02", "last": "2026-03-06"}, {"premises_id": "P2"}, {"premises_id": "P3"})
    office.checks.make_due("anna", [EAST], date(2026, 3, 2), week=True)
    assert office.due()["market:2026:L1.1"].latest == date(2026, 3, 6)
    monday = date(2026, 3, 9)
    office.go_to(monday)
    owed = office.owed(monday)
    week = office.checks.in_week(owed, monday, monday)
    assert (week[0].id, week[0].rolled) == ("market:2026:L1.1", 1)
    made = office.checks.make_due("anna", [EAST], monday, week=True)
    assert made.rolled >= 1
    item = office.due()["market:2026:L1.1"]
    assert monday <= item.earliest <= item.latest <= monday + timedelta(days=6)


def test_what_has_lapsed_is_due_no_more_and_says_why(office):
    """Last quarter's check is answered by this quarter's; it neither stays nor vanishes without a word."""
    office.take(YEARLY | {"times": "4"})
    one, two = office.owed().checks[:2]
    office.checks.make_due("anna", [EAST], one.earliest)
    office.go_to(two.earliest)
    made = office.checks.make_due("anna", [EAST], two.earliest)
    assert (made.due, made.lapsed) == (1, 1)
    assert set(office.due()) == {two.id}
    with office.book.reading() as connection:
        kept = {each.check.id: each.lapsed for each in plans.checks(connection)}
    assert kept[one.id] == "overtaken"


def test_the_cap_refuses_by_row_and_the_book_keeps_how_many(office):
    """A shop that may be visited once a year is not planned four times."""
    office.desk.take_in("anna", [replace(PLACES[0], annual_cap=1)], [])
    taken = office.take(YEARLY | {"times": "4"})
    assert (len(taken.new), len(taken.added), sum(taken.left_out.values())) == (1, 1, 3)
    with office.book.reading() as connection:
        assert [each.left_out for each in plans.lines(connection)] == [3]


def test_a_clash_becomes_one_visit_or_is_left_with_a_reason(office):
    """Market in the first week, fire ten days later: together on a working day, or apart and somebody says why."""
    office.take({"last": "2026-03-07"}, {"premises_id": "P2", "last": "2026-03-07"})
    later = {"first": "2026-03-16", "last": "2026-03-20"}
    office.take(FIRE | later | {"line_id": "F1"}, FIRE | later | {"line_id": "F2", "premises_id": "P2"})
    office.checks.make_due("anna", [EAST], MARCH)
    one, two = office.clashes()
    office.checks.answer_clash("anna", one.earlier, one.later, together=True)
    assert office.due()[one.later].earliest == date(2026, 3, 6)
    with pytest.raises(Refused, match="needs_words"):
        office.checks.answer_clash("anna", two.earlier, two.later, " ", together=False)
    office.checks.answer_clash("anna", two.earlier, two.later, "the kitchen opens on the 16th", together=False)
    assert office.clashes() == ()
    with pytest.raises(Refused, match="clash_is_gone"):
        office.checks.answer_clash("anna", one.earlier, one.later, together=True)
    with pytest.raises(Unknown):
        office.checks.answer_clash("anna", one.earlier, "no such check", together=True)


def test_a_scene_is_made_due_together_and_what_is_due_stays(office):
    """ "综合查一次": all that a small shop is checked for, as one visit; within thirty days it asks why."""
    office.take(MARKET)
    office.checks.make_due("anna", [EAST], MARCH)
    codes = [item.code for item in SCENES.scenes["small_shop"].items if item.published]
    made = office.checks.scene_due("anna", "P1", codes, MARCH_2, MARCH_31, "before the holiday")
    assert len(made) == len(codes) - 1
    assert office.due().keys() == {"market:2026:L1.1", *(item.id for item in made)}
    with pytest.raises(Refused, match="nothing_to_make_due"):
        office.checks.scene_due("anna", "P1", codes, MARCH_2, MARCH_31, "once more")


def test_a_scene_taken_again_leaves_what_was_made_as_it_was(office):
    """The visit of this morning stays made; the second look is a check of its own."""
    codes = ["S02-04"]
    (one,) = office.checks.scene_due("anna", "P1", codes, MARCH_2, MARCH_31, "before the holiday")
    with office.book.writing() as page:
        inspections.items_done(page, [one.id], NOW)
    (two,) = office.checks.scene_due("anna", "P1", codes, MARCH_2, MARCH_31, "once more")
    assert two.id != one.id
    assert set(office.due()) == {two.id}


def test_nothing_is_made_due_on_a_day_that_is_past(office):
    """Yesterday nobody can go; the day is said."""
    with pytest.raises(Refused, match="day_is_over") as refused:
        office.checks.scene_due("anna", "P1", ["S02-04"], MARCH, MARCH_31, "late")
    assert refused.value.reasons[0].values == {"day": "2026-03-01"}
    with pytest.raises(Refused, match="day_is_over"):
        office.desk.extra("anna", DueItem("X1", "P1", "market", "market", 30, MARCH, MARCH_31), "a complaint")


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
    desk = Inspections(office.desk, office.desk.ways, office.desk.bases, office.desk.towns, types=SCENES.scenes)
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


def test_a_later_week_leaves_the_checks_of_an_earlier_one_as_they_are(office):
    """Next week is made due on a Thursday, while this week's visits are still being made."""
    office.take(*[{"premises_id": place} for place in ("P1", "P2", "P3")])
    dealt: dict[str, DueItem] = {}
    for monday in (date(2026, 3, 2), date(2026, 3, 9), date(2026, 3, 16), date(2026, 3, 23), date(2026, 3, 30)):
        with suppress(Refused):
            office.checks.make_due("anna", [EAST], monday, week=True)
        assert dealt.items() <= office.due().items()
        dealt = office.due()
    assert len(dealt) == 3
    assert all(_monday(item.earliest) == _monday(item.latest) for item in dealt.values())


def test_a_week_makes_due_what_its_button_says(office):
    """The weeks of a month share its checks; whoever presses one of them does not draw in the others."""
    office.take(*[{"premises_id": place} for place in ("P1", "P2", "P3")])
    owed = office.owed()
    shown = {monday: {check.id for check in some} for monday, some in office.checks.weeks(owed, MARCH_2).items()}
    assert len(shown) > 1
    for monday, ids in reversed(shown.items()):
        told = {check.id for check in office.checks.to_come(office.owed(), monday, MARCH_2, week=True)}
        before = set(office.due())
        made = office.checks.make_due("anna", [EAST], monday, week=True)
        assert set(office.due()) - before == told == ids
        assert made.due == len(ids)


def test_what_was_made_due_is_taken_back_with_the_days_of_before(office):
    """Pressed in the wrong month: the book is as it was, and the ledger says both."""
    office.take(*[{"premises_id": place} for place in ("P1", "P2")])
    before = office.owed()
    office.checks.make_due("anna", [EAST], MARCH_2, week=True)
    once = office.due()
    office.checks.make_due("anna", [EAST], MARCH_31)
    made = len(office.due()) - len(once)
    assert office.checks.undo_due("anna") >= made
    assert office.due() == once
    office.checks.undo_due("anna")
    assert office.due() == {}
    assert office.owed().kept == before.kept
    with pytest.raises(Refused, match="nothing_made_due"):
        office.checks.undo_due("anna")
    assert office.book.verify().whole


def test_what_stands_in_a_visit_by_now_is_not_taken_back(office):
    """The shop was told a day for it."""
    office.house.rounds._desk.set_roster("lead", [team("e1", EAST, *(officer(name, "market") for name in "abc"))])
    office.take(MARKET)
    office.checks.make_due("anna", [EAST], MARCH_2)
    office.desk.adopt("anna", office.house.proposal(EAST))
    with pytest.raises(Refused, match="due_in_call"):
        office.checks.undo_due("anna")


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def test_a_check_that_stands_in_a_call_keeps_its_days(office):
    """A week made due must not pull a check out of the call that somebody has been told of."""
    office.house.rounds._desk.set_roster("lead", [team("e1", EAST, *(officer(name, "market") for name in "abc"))])
    office.take(MARKET)
    office.checks.make_due("anna", [EAST], MARCH_2)
    office.desk.adopt("anna", office.house.proposal(EAST))
    assert office.house.call("P1").visit.items == tuple(office.due())
    before = office.due()
    with pytest.raises(Refused, match="nothing_to_make_due"):
        office.checks.make_due("anna", [EAST], date(2026, 3, 9), week=True)
    assert office.due() == before
