"""What plans owe at the desk: made due, rolled forward, taken back, answered where it clashes; scenes."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path

import pytest

from dispatch.desk.refusals import Refused, Stale, Unknown
from dispatch.records.inspection import DueItem, Occasion
from dispatch.store import inspections, plans
from dispatch.store.casebook import Casebook
from tests.dispatch.conftest import EAST, NOW, WEST, officer, team
from tests.dispatch.inspections.street import SCENES
from tests.dispatch.plansoffice import FIRE, MARCH, MARCH_2, MARCH_31, MARKET, YEARLY, Office


@pytest.fixture
def office(casebook: Casebook, tmp_path: Path) -> Office:
    return Office(casebook, tmp_path)


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


def test_a_clash_becomes_one_visit_or_is_left_with_a_reason(office):
    """Market in the first week, fire ten days later: together on a working day, or apart and somebody says why."""
    office.take({"last": "2026-03-07"}, {"premises_id": "P2", "last": "2026-03-07"})
    later = {"first": "2026-03-16", "last": "2026-03-20"}
    office.take(FIRE | later | {"line_id": "F1"}, FIRE | later | {"line_id": "F2", "premises_id": "P2"})
    office.checks.make_due("anna", [EAST], MARCH)
    one, two = office.clashes()
    with pytest.raises(Refused, match="other_common_day"):  # a page of yesterday said another day
        office.checks.answer_clash("anna", one.earlier, one.later, on=date(2026, 3, 5))
    assert len(office.clashes()) == 2
    office.checks.answer_clash("anna", one.earlier, one.later, on=date(2026, 3, 6))
    assert office.due()[one.later].earliest == date(2026, 3, 6)
    with pytest.raises(Refused, match="needs_words"):
        office.checks.answer_clash("anna", two.earlier, two.later, " ", on=None)
    office.checks.answer_clash("anna", two.earlier, two.later, "the kitchen opens on the 16th", on=None)
    assert office.clashes() == ()
    with pytest.raises(Refused, match="clash_is_gone"):
        office.checks.answer_clash("anna", one.earlier, one.later, on=date(2026, 3, 6))
    with pytest.raises(Unknown):
        office.checks.answer_clash("anna", one.earlier, "no such check", on=date(2026, 3, 6))


def test_a_clash_is_not_brought_together_on_a_day_that_is_past(office):
    """On Saturday no working day of the earlier is left: moved to Friday the clash would vanish, two visits stay."""
    office.take({"first": "2026-03-02", "last": "2026-03-08"}, FIRE | {"first": "2026-03-16", "last": "2026-03-20"})
    office.go_to(date(2026, 3, 7))
    owed = office.owed(date(2026, 3, 7))
    with office.book.reading() as connection:
        (clash,) = office.checks.clashes(connection, owed)
    with pytest.raises(Refused, match="no_common_day"):
        office.checks.answer_clash("anna", clash.earlier, clash.later, on=date(2026, 3, 6))


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


def test_a_scene_leaves_out_what_an_office_s_own_table_made_due(office):
    """The same fire check twice at one door is two acts for one check."""
    codes = [item.code for item in SCENES.scenes["small_shop"].items if item.published]
    one = SCENES.items[codes[0]]
    given = DueItem("T1", "P1", one.department, one.certificate, 10, MARCH_2, MARCH_31, name=one.code)
    with office.book.writing() as page:
        inspections.keep_items(page, [given])
    made = office.checks.scene_due("anna", "P1", codes, MARCH_2, MARCH_31, "before the holiday")
    assert [item.name for item in made] == codes[1:]


def test_a_scene_taken_again_leaves_what_was_made_as_it_was(office):
    """The visit of this morning stays made; the second look is a check of its own."""
    codes = ["S02-04"]
    (one,) = office.checks.scene_due("anna", "P1", codes, MARCH_2, MARCH_31, "before the holiday")
    with office.book.writing() as page:
        inspections.items_done(page, [one.id], NOW)
    (two,) = office.checks.scene_due("anna", "P1", codes, MARCH_2, MARCH_31, "once more")
    assert two.id != one.id
    assert set(office.due()) == {two.id}


def _done(office: Office, *ids: str) -> None:
    with office.book.writing() as page:
        inspections.items_done(page, ids, NOW)


def test_a_scene_checks_nothing_oftener_than_its_list_allows(office):
    """The list says four times a year; a fifth was taken without a word, as long as no plan asked for it."""
    most = SCENES.items["S02-04"].most_a_year
    for _ in range(most):
        _done(office, *(item.id for item in office.checks.scene_due("anna", "P1", ["S02-04"], MARCH_2, MARCH_31, "w")))
    with pytest.raises(Refused, match="too_often") as refused:
        office.checks.scene_due("anna", "P1", ["S02-04", "S02-01"], MARCH_2, MARCH_31, "once more")
    (reason,) = refused.value.reasons
    assert (reason.values["item"], reason.values["times"], reason.values["most"]) == ("S02-04", most + 1, most)
    assert office.checks.scene_due("anna", "P2", ["S02-04"], MARCH_2, MARCH_31, "another shop")
    next_year = date(2027, 1, 4)
    assert office.checks.scene_due("anna", "P1", ["S02-04"], next_year, date(2027, 1, 29), "another year")


def test_checks_that_the_plan_has_still_to_come_count_too(office):
    """Otherwise the scene of March takes the room, and the plan's check of November breaks the list."""
    office.take(YEARLY | FIRE | {"times": str(SCENES.items["S02-03"].most_a_year)})
    with pytest.raises(Refused, match="too_often"):
        office.checks.scene_due("anna", "P1", ["S02-03"], MARCH_2, MARCH_31, "before the holiday")


def test_a_plan_has_what_scenes_have_left_of_the_year(office):
    """Whichever comes second is told, a department's sheet as well as a planner's scene."""
    most = SCENES.items["S02-03"].most_a_year
    office.checks.scene_due("anna", "P1", ["S02-03"], MARCH_2, MARCH_31, "before the holiday")
    change = office.look(YEARLY | FIRE | {"times": str(most)}).change
    (refused,) = change.sheet.refused
    assert (refused.reason.code, refused.reason.values["times"]) == ("too_often", most + 1)
    assert office.take(YEARLY | FIRE | {"times": str(most - 1)}).sheet.refused == ()


def test_what_follows_a_lead_does_not_count(office):
    """A complaint is looked into whenever it comes, and costs the shop none of its checks."""
    lead = DueItem("X1", "P1", "fire", "fire", 15, MARCH_2, MARCH_31, Occasion.LEAD, "S02-03")
    office.desk.extra("anna", lead, "a complaint")
    assert office.take(YEARLY | FIRE | {"times": str(SCENES.items["S02-03"].most_a_year)}).sheet.refused == ()


def test_nothing_is_made_due_on_a_day_that_is_past(office):
    """Yesterday nobody can go; the day is said."""
    with pytest.raises(Refused, match="day_is_over") as refused:
        office.checks.scene_due("anna", "P1", ["S02-04"], MARCH, MARCH_31, "late")
    assert refused.value.reasons[0].values == {"day": "2026-03-01"}
    with pytest.raises(Refused, match="day_is_over"):
        office.desk.extra("anna", DueItem("X1", "P1", "market", "market", 30, MARCH, MARCH_31, name="S02-01"), "a wish")


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


def test_a_town_has_the_same_weeks_whoever_looks_on(office):
    """Who sees the district and plans the west has a button for the west's week, and the deed speaks of no other."""
    rows = {"first": "2026-03-02", "last": "2026-03-13"}
    office.take(MARKET | rows, MARKET | rows | {"premises_id": "P4"})
    with office.book.reading() as connection:
        west = office.checks.owed(connection, [WEST], MARCH_2)
    alone = office.checks.weeks(west, MARCH_2)
    shown = office.checks.weeks(office.owed(), MARCH_2)
    for monday, some in alone.items():
        assert {check.id for check in some} <= {check.id for check in shown[monday]}
        told = {check.id for check in office.checks.to_come(office.owed(), monday, MARCH_2, week=True)}
        assert {check.id for check in some} <= told
        assert office.checks.make_due("anna", [WEST], monday, week=True).due == len(some)


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


def test_only_what_was_seen_as_the_last_is_taken_back(office):
    """In another tab the same person has made a month due since; this tab still offers to take the week back."""
    office.take(*[{"premises_id": place} for place in ("P1", "P2")])
    office.checks.make_due("anna", [EAST], MARCH_2, week=True)
    seen = office.checks.last_made_due("anna", NOW).sequence
    office.checks.make_due("anna", [EAST], MARCH_31)
    due = office.due()
    with pytest.raises(Stale) as stale:
        office.checks.undo_due("anna", seen)
    assert stale.value.by.deed == "inspect_due"
    assert office.due() == due
    office.checks.undo_due("anna", office.checks.last_made_due("anna", NOW).sequence)
    office.checks.undo_due("anna", seen)
    assert office.due() == {}


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
