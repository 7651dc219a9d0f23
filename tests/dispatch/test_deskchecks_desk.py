"""Checks from the desk: who may make them, what they leave of the calendar, and the visit that a finding asks for."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from dispatch.desk.deskchecks import DeskChecks
from dispatch.desk.refusals import Refused, Stale, Unknown
from dispatch.desk.rights import WHO_MAY
from dispatch.inspections.fromdesk import FromDesk
from dispatch.records.inspection import DeskDay, DueItem, Occasion, Premises, Remote
from dispatch.store import deskchecks, inspections
from dispatch.store.casebook import Casebook
from tests.dispatch.conftest import EAST, WEST
from tests.dispatch.house import DAYS, MONDAY, House, item, shop


class Desk(House):
    """The house with the checks that ask nobody to go: R1 at P1, R2 at P2."""

    def __init__(self, book: Casebook) -> None:
        super().__init__(book)
        self.checks = DeskChecks(self.desk)

    def open(self) -> None:
        super().open()
        self.desk.take_in("anna", [], [papers("R1", "P1"), papers("R2", "P2", last=MONDAY)])

    def listed(self, *towns: str) -> FromDesk:
        teams, force = self.book.teams(), self.in_force()
        with self.book.reading() as connection:
            return self.checks.listed(connection, force, teams, towns or (EAST, WEST), DAYS)

    def due(self) -> dict[str, DueItem]:
        with self.book.reading() as connection:
            return {one.id: one for one in inspections.due_items(connection)}

    def place(self, name: str) -> Premises:
        return next(one for one in self.desk.question([EAST], DAYS).programme.premises if one.id == name)


def papers(name: str, place: str, **more: object) -> DueItem:
    return replace(item(name, place, **more), remote=Remote.PAPERS, minutes=40)  # type: ignore[arg-type]


@pytest.fixture
def house(casebook: Casebook) -> Desk:
    made = Desk(casebook)
    made.open()
    return made


def test_nobody_is_sent_for_what_can_be_checked_from_the_desk(house):
    """It is due, but no question to the planner holds it."""
    asked = house.desk.question([EAST, WEST], DAYS).programme
    assert {"R1", "R2"} <= house.due().keys()
    assert not {"R1", "R2"} & {each.id for each in asked.items}


def test_the_list_follows_the_calendar_in_force(house):
    """Whoever goes out on Monday checks on Monday; a calendar that is adopted later changes it by itself."""
    before = house.listed(EAST)
    assert {one for day in before.days for one in day.items} == {"R1", "R2"}
    house.desk.adopt("anna", house.proposal())
    after = house.listed(EAST)
    crews = {(one.day, one.officers) for one in house.in_force().outings.values()}
    assert all((day.day, day.officers) in crews for day in after.days)
    assert after.undone == ()


def test_a_check_from_the_desk_is_done_and_enters_no_door(house):
    """The cap counts visits, and this was none."""
    made = house.checks.check("anna", "R1", ["a", "b"], "papers in order")
    assert (made.day, made.officers, made.minutes, made.lead) == (MONDAY, ("a", "b"), 40, "")
    assert "R1" not in house.due()
    assert house.place("P1").visits_this_year == 0
    with house.book.reading() as connection:
        assert deskchecks.at(connection, "P1") == [made]
    assert house.last("inspect_desk")["officers"] == ["a", "b"]
    with pytest.raises(Refused, match="already_made"):
        house.checks.check("anna", "R1", ["a", "b"], "again")


@pytest.mark.parametrize(
    ("officers", "code"),
    [
        (["a"], "two_must_check"),
        (["a", "a"], "two_must_check"),
        (["a", "aux"], "no_inspector"),
        (["a", "nobody"], "no_such_officer"),
        (["a", "d"], "desk_other_town"),
    ],
)
def test_two_officers_of_the_town_make_it(house, officers, code):
    """Article 42 asks for two wherever they sit."""
    with pytest.raises(Refused, match=code):
        house.checks.check("anna", "R1", officers, "papers in order")
    assert "R1" in house.due()


def test_one_of_them_holds_the_certificate_and_none_is_recused(house):
    """What would be void at the door is void at the desk."""
    house.desk.take_in("anna", [], [replace(papers("R3", "P1"), certificate="environment")])
    with pytest.raises(Refused, match="desk_without"):
        house.checks.check("anna", "R3", ["c", "nobody"], "papers in order")
    house.desk.recuse("anna", [("a", "P1")])
    with pytest.raises(Refused, match="must_not_inspect"):
        house.checks.check("anna", "R1", ["a", "b"], "papers in order")


def test_what_has_to_be_looked_at_is_not_checked_from_the_desk(house):
    """The list of items says which ones; nobody may save himself a way."""
    with pytest.raises(Refused, match="not_from_desk"):
        house.checks.check("anna", "I1", ["a", "b"], "looked fine from here")
    with pytest.raises(Unknown):
        house.checks.check("anna", "R9", ["a", "b"], "?")
    with pytest.raises(Refused, match="needs_words"):
        house.checks.check("anna", "R1", ["a", "b"], " ")
    house.now += timedelta(days=1)
    with pytest.raises(Refused, match="not_due_now"):
        house.checks.check("anna", "R2", ["a", "b"], "a day late")


def test_what_looks_suspicious_becomes_a_visit_outside_the_cap(house):
    """A lead: somebody has to go and look, and the cap does not stand in the way."""
    house.desk.take_in("anna", [replace(shop("P1"), annual_cap=0)], [])
    made = house.checks.check("anna", "R1", ["a", "b"], "the permit is another shop's", visit_min=25)
    lead = house.due()[made.lead]
    assert (lead.occasion, lead.remote, lead.minutes) == (Occasion.LEAD, Remote.NO, 25)
    calendar = house.proposal().calendar
    assert lead.id in {each for crew in calendar.crews for call in crew.calls for each in call.visit.items}


def test_a_visit_near_another_asks_why_all_the_same(house):
    """The thirty days hold for it as for every extra check."""
    house.desk.adopt("anna", house.proposal())
    with pytest.raises(Refused, match="visited_within"):
        house.checks.check("anna", "R1", ["a", "b"], "strange", visit_min=30)
    assert "R1" in house.due()
    made = house.checks.check("anna", "R1", ["a", "b"], "strange", visit_min=30, although="gas, cannot wait")
    assert made.lead in house.due()
    assert house.last("inspect_desk")["although"] == "gas, cannot wait"


def test_a_check_written_down_by_mistake_is_taken_back_with_its_visit(house):
    """On its day, and once; the next morning the record stands."""
    made = house.checks.check("anna", "R1", ["a", "b"], "strange", visit_min=30)
    back = house.checks.take_back("anna", made.id, made.version)
    assert back.taken_back
    assert "R1" in house.due()
    assert made.lead not in house.due()
    with pytest.raises(Stale):
        house.checks.take_back("anna", made.id, made.version)
    again = house.checks.check("anna", "R1", ["a", "b"], "fine")
    house.now += timedelta(days=1)
    with pytest.raises(Refused, match="not_todays_check"):
        house.checks.take_back("anna", again.id, again.version)


def test_a_check_whose_visit_is_planned_is_not_taken_back(house):
    """The crew has been told."""
    made = house.checks.check("anna", "R1", ["a", "b"], "strange", visit_min=30)
    house.desk.adopt("anna", house.proposal())
    with pytest.raises(Refused, match="lead_under_way"):
        house.checks.take_back("anna", made.id, made.version)


def test_minutes_of_this_morning_are_not_there_in_the_afternoon(house):
    """Eight hours are shared by what was made and what is to come."""
    house.desk.take_in("anna", [], [papers("R3", "P1", last=MONDAY), replace(papers("R4", "P1"), minutes=460)])
    house.checks.check("anna", "R3", ["a", "b"], "in order")
    house.checks.check("anna", "R2", ["a", "c"], "in order")
    [long] = [day for day in house.listed(EAST).days if "R4" in day.items]
    assert long == DeskDay(DAYS[1], EAST, long.officers, long.items)


def test_who_plans_and_who_inspects_make_it():
    """The same people that record a visit."""
    assert WHO_MAY["inspect_desk"] == WHO_MAY["inspect_desk_undo"] == WHO_MAY["inspect_finish"]
