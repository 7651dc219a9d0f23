"""The double-random draw at the desk: committed before the seed, kept whole, drawn again years later."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from dispatch.desk.draws import Draws
from dispatch.desk.refusals import Refused, Unknown
from dispatch.desk.replans import Replans
from dispatch.desk.rights import PeopleRights
from dispatch.inspections import drawfile
from dispatch.inspections.faults import faults
from dispatch.inspections.planning import plan
from dispatch.inspections.registers import Credit, Risk, Traits
from dispatch.inspections.scenes import Scenes
from dispatch.records.inspection import DueItem
from dispatch.records.person import Job, Person, Post
from dispatch.store import inspections, people
from dispatch.store.casebook import Casebook, open_casebook
from dispatch.store.ledger import Kind
from dispatch.store.tables import DRAWS
from dispatch.store.writing import Actor
from tests.dispatch.conftest import DISTRICT, EAST, NOW, WEST
from tests.dispatch.house import MONDAY, House, item, shop
from tests.dispatch.inspections.street import RISKS, SCENES

CITY = ["S02-04"]
FRIDAY = MONDAY + timedelta(days=4)


class Office:
    """A house with three small shops of different risk in the east and one in the west."""

    def __init__(self, book: Casebook) -> None:
        self.house, self.book = House(book), book
        self.desk = self.house.desk
        places = [shop("P1"), shop("P2", lon=121.61), shop("P3", lon=121.62), shop("P4", WEST, 121.41)]
        risks = [Risk.HIGH, Risk.LOW, Risk.ORDINARY, Risk.HIGH]
        traits = {place.id: Traits("small_shop", risk, Credit.B) for place, risk in zip(places, risks, strict=True)}
        self.desk.take_in("anna", places, [], traits)
        self.draws = Draws(self.desk, SCENES, RISKS)

    def opened(self, count: int = 2, towns: tuple[str, ...] = (EAST, WEST), actor: str = "anna"):
        return self.draws.open(actor, "notice 7", towns, "small_shop", CITY, count, 2, "the lottery of 2 March")


@pytest.fixture
def office(casebook: Casebook) -> Office:
    return Office(casebook)


def test_both_registers_stand_in_the_ledger_before_anybody_knows_the_seed(office):
    """Whoever knew the seed could tune a register to it; the hashes come first."""
    one = office.opened()
    (entry,) = office.book.history(Kind.INSPECTION, one.id)
    assert entry.details["seed_from"] == "the lottery of 2 March"
    assert "seed" not in entry.details
    office.draws.draw("anna", one.id, "07 11 19 23 28 31 | 05")
    record = office.draws.draw_of(one.id).record
    assert record.premises_sha256 == entry.details["premises_sha256"]
    assert record.inspectors_sha256 == entry.details["inspectors_sha256"]


def test_a_draw_is_made_once(office):
    """Nobody throws again until the right shop comes up."""
    one = office.opened()
    with pytest.raises(Refused, match="draw_open"):
        office.draws.against(one.id)
    office.draws.draw("anna", one.id, "07 11")
    with pytest.raises(Refused, match="draw_done"):
        office.draws.draw("anna", one.id, "07 12")
    with pytest.raises(Unknown):
        office.draws.draw("anna", "D9999", "07 12")


@pytest.mark.parametrize("field", ["premises", "inspectors", "record", "lists"])
def test_whatever_was_changed_afterwards_is_found(office, field):
    """A record that somebody improved in the database proves nothing any more."""
    one = office.opened(3)
    assert office.draws.draw("anna", one.id, "07 11").record is not None
    assert office.draws.against(one.id) == ()
    with office.book.writing() as page:
        kept = page.connection.execute(DRAWS.select()).one()
        value = json.loads(getattr(kept, field))
        if field == "record":
            value["drawn"].reverse()
        elif field == "lists":
            value["weights"][0][2] += 1
        else:
            value.pop()
        page.connection.execute(update(DRAWS).values({field: json.dumps(value)}))
        page.touch()
    assert office.draws.against(one.id) != ()


def test_the_file_to_be_published_proves_the_draw_without_the_book(office):
    """Whoever doubts a draw needs no account here; a file that carried other lists than the draw's would accuse it."""
    one = office.opened(2)
    with pytest.raises(Refused, match="draw_open"):
        office.draws.file_of(one.id)
    drawn = office.draws.draw("anna", one.id, "07 11")
    text = drawfile.to_json(office.draws.file_of(one.id))
    file, lists = drawfile.from_json(text, "draw.json")
    assert file.record == drawn.record
    assert drawfile.against(file, lists) == ()
    turned = dict(zip(RISKS, reversed(RISKS.values()), strict=True))
    assert turned != RISKS
    later = Draws(office.desk, SCENES, turned)
    assert drawfile.to_json(later.file_of(one.id)) == text, "the lists of that day, whatever is in force now"
    with office.book.writing() as page:
        page.connection.execute(update(DRAWS).values(lists=""))  # as a draw from before they were kept
    assert drawfile.to_json(office.draws.file_of(one.id)) == text
    heavier = {key: replace(each, weight=each.weight + 100) for key, each in RISKS.items()}
    with pytest.raises(Refused, match="draw_lists_changed"):
        Draws(office.desk, SCENES, heavier).file_of(one.id)


@settings(max_examples=12, deadline=None)
@given(
    seed=st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1).filter(str.strip),
    count=st.integers(1, 4),
    years=st.integers(1, 30),
)
def test_a_draw_from_the_book_is_the_same_years_later(tmp_path_factory, seed, count, years):
    """Opened again from the file, on another day, after both registers have changed."""
    url = f"sqlite:///{tmp_path_factory.mktemp('draws') / 'book.db'}"
    with open_casebook(url) as book:
        office = Office(book)
        one = office.opened(count)
        drawn = office.draws.draw("anna", one.id, seed)
    with open_casebook(url, create=False) as book:
        later = House(book)
        later.now = NOW + timedelta(days=365 * years)
        later.desk.take_in("bert", [shop("P0"), shop("P1", WEST, 121.4)], [])
        later.desk.recuse("bert", [("a", "P2")])
        again = Draws(later.desk, SCENES, RISKS)
        assert again.against(one.id) == ()
        assert again.draw_of(one.id) == drawn


def test_only_the_drawn_inspectors_are_planned_for_the_drawn_door(office):
    """ "双随机": neither the shop nor who goes there is anybody's choice, the calendar's least of all."""
    one = office.opened(1, (EAST,))
    drawn = office.draws.draw("anna", one.id, "07 11").record.drawn[0]
    items = office.draws.make_due("anna", one.id, MONDAY, FRIDAY).items
    assert [item.id for item in items] == [f"{one.id}:{drawn.premises}:S02-04"]
    house = office.house
    house.desk.adopt("anna", house.proposal(EAST))
    stop = house.call(drawn.premises)
    assert set(house.in_force().outings[stop.outing].officers) <= set(drawn.inspectors)
    with pytest.raises(Refused, match="draw_due"):
        office.draws.make_due("anna", one.id, MONDAY, FRIDAY)


def test_a_draw_is_not_made_due_on_days_that_are_past(office):
    """Whoever drew on Monday did not inspect the week before."""
    one = office.opened(1, (EAST,))
    office.draws.draw("anna", one.id, "07 11")
    for first, last in ((MONDAY - timedelta(days=9), MONDAY - timedelta(days=7)), (MONDAY - timedelta(days=1), FRIDAY)):
        with pytest.raises(Refused, match="day_is_over") as refused:
            office.draws.make_due("anna", one.id, first, last)
        assert refused.value.reasons[0].values == {"day": first.isoformat()}


def test_premises_that_have_moved_since_are_named_and_left_out(office):
    """Who draws in the east makes nothing due in the west, where somebody else plans."""
    one = office.opened(3, (EAST,))
    office.draws.draw("anna", one.id, "07 11")
    office.desk.take_in("anna", [shop("P1", WEST, 121.41)], [])
    items = office.draws.make_due("anna", one.id, MONDAY, FRIDAY).items
    assert {each.premises for each in items} == {"P2", "P3"}
    assert office.house.last("inspect_draw_due")["moved"] == ["P1"]


def test_a_draw_of_which_nothing_is_left_says_where_it_went(office):
    """An empty list would be taken for a draw that was made due."""
    one = office.opened(1, (EAST,))
    drawn = office.draws.draw("anna", one.id, "07 11").record.drawn[0].premises
    office.desk.take_in("anna", [shop(drawn, WEST, 121.41)], [])
    with pytest.raises(Refused, match="draw_moved"):
        office.draws.make_due("anna", one.id, MONDAY, FRIDAY)


def _unpublished(*codes: str) -> Scenes:
    off = {code: replace(SCENES.items[code], published=False) for code in codes}
    return Scenes(SCENES.scenes, {**SCENES.items, **off})


def test_a_draw_whose_items_were_unpublished_since_is_not_closed(office):
    """It was closed with nothing due, and the premises were said to have moved; published again, it goes on."""
    one = office.opened(1, (EAST,))
    office.draws.draw("anna", one.id, "07 11")
    office.draws.scenes = _unpublished("S02-04")
    with pytest.raises(Refused, match="item_unpublished"):
        office.draws.make_due("anna", one.id, MONDAY, FRIDAY)
    assert office.draws.draw_of(one.id).first is None
    office.draws.scenes = SCENES
    assert len(office.draws.make_due("anna", one.id, MONDAY, FRIDAY).items) == 1


def test_a_draw_without_any_lawful_crew_makes_nothing_due_and_says_so(office):
    """Nobody here is certified for the market's first item: an entry of no checks would look like a week's work."""
    one = office.draws.open("anna", "n", (EAST,), "small_shop", ["S02-01"], 2, 2, "x")
    drawn = office.draws.draw("anna", one.id, "07 11").record.drawn
    assert all(each.why == "no_certificate" for each in drawn)
    with pytest.raises(Refused, match="draw_no_crew") as refused:
        office.draws.make_due("anna", one.id, MONDAY, FRIDAY)
    assert [each.values["premises"] for each in refused.value.reasons] == [each.premises for each in drawn]
    assert office.draws.draw_of(one.id).first is None


def test_what_a_draw_leaves_out_is_named_in_the_answer_and_the_ledger(office):
    """One shop has two officers in conflict, an item was taken off the list: the rest is due, nothing is dropped."""
    city = replace(SCENES.items["S02-05"], certificate="city")
    office.draws.scenes = Scenes(SCENES.scenes, {**SCENES.items, city.code: city})
    office.desk.recuse("anna", [("a", "P2"), ("b", "P2")])
    one = office.draws.open("anna", "n", (EAST,), "small_shop", ["S02-04", "S02-05"], 3, 2, "x")
    needed = office.draws.draw("anna", one.id, "07 11").record.drawn
    assert {each.premises: bool(each.inspectors) for each in needed}["P2"] is False
    office.draws.scenes = _unpublished("S02-05")
    made = office.draws.make_due("anna", one.id, MONDAY, FRIDAY)
    assert "P2" in made.nobody
    assert list(made.unpublished) == ["S02-05"]
    told = office.house.last("inspect_draw_due")
    assert (told["nobody"], told["unpublished"]) == (list(made.nobody), ["S02-05"])


def test_a_draw_checks_nothing_oftener_than_its_list_allows(office):
    """Drawn in March and often enough by then: it is named and left out; the next draw does not have it in its pool."""
    item, most = SCENES.items["S02-04"], SCENES.items["S02-04"].most_a_year
    one = office.opened(2, (EAST,))
    first, second = (each.premises for each in office.draws.draw("anna", one.id, "07 11").record.drawn)
    asked = item.department, item.certificate, item.minutes, MONDAY, FRIDAY
    for number in range(most):
        due = DueItem(f"T{number}", first, *asked, name=item.code)
        office.desk.take_in("anna", [], [due])
    made = office.draws.make_due("anna", one.id, MONDAY, FRIDAY)
    assert [each.premises for each in made.items] == [second]
    assert [reason.code for reason in made.left_out] == ["too_often"]
    assert office.house.last("inspect_draw_due")["too_often"] == [f"{one.id}:{first}:S02-04"]
    assert first not in {entrant.id for entrant in office.opened(1, (EAST,)).premises}


def test_a_replan_sends_the_drawn_inspectors_too(office):
    """A draw that comes after the calendar joins it, and still nobody chooses who goes."""
    house = office.house
    one = office.opened(1, (EAST,))
    drawn = office.draws.draw("anna", one.id, "07 11").record.drawn[0]
    other = next(place for place in ("P1", "P2", "P3") if place != drawn.premises)
    office.desk.take_in("anna", [], [item("I1", other)])
    office.desk.adopt("anna", house.proposal(EAST))
    office.draws.make_due("anna", one.id, MONDAY, FRIDAY)
    replans = Replans(office.desk, office.desk.ways, office.desk.bases)
    replans.take("anna", replans.look([EAST]))
    stop = house.call(drawn.premises)
    assert set(house.in_force().outings[stop.outing].officers) <= set(drawn.inspectors)


def test_a_draw_binds_its_own_check_and_no_other_at_that_door(office):
    """A complaint about the same shop is looked into by whoever is on duty."""
    one = office.opened(1, (EAST,))
    drawn = office.draws.draw("anna", one.id, "07 11").record.drawn[0]
    (due,) = office.draws.make_due("anna", one.id, MONDAY, FRIDAY).items
    (other,) = {"a", "b", "c"} - set(drawn.inspectors)
    office.desk.take_in("anna", [], [item("I1", drawn.premises)])
    asked = office.desk.question([EAST], (MONDAY,))
    kept = {who.id: who.not_drawn_for for who in asked.programme.inspectors if who.not_drawn_for}
    assert kept == {other: {due.id}}
    assert not any(who.conflicts for who in asked.programme.inspectors)
    away = [
        replace(who, away=frozenset({MONDAY})) for who in asked.programme.inspectors if who.id == drawn.inspectors[0]
    ]
    there = [who for who in asked.programme.inspectors if who.id != drawn.inspectors[0]]
    found = plan(replace(asked.programme, inspectors=(*there, *away)), seconds=0.1)
    assert [call.visit.items for crew in found.crews for call in crew.calls] == [("I1",)]
    assert [(each.item, each.reason) for each in found.undone] == [(due.id, "no_crew")]
    assert faults(replace(asked.programme, inspectors=(*there, *away)), found) == []


def test_where_the_drawn_crew_can_do_it_all_nobody_comes_twice(office):
    """Merging goes on: the other check joins the drawn inspectors' visit."""
    one = office.opened(1, (EAST,))
    drawn = office.draws.draw("anna", one.id, "07 11").record.drawn[0]
    office.draws.make_due("anna", one.id, MONDAY, FRIDAY)
    office.desk.take_in("anna", [], [item("I1", drawn.premises)])
    office.desk.adopt("anna", office.house.proposal(EAST))
    stop = office.house.call(drawn.premises)
    assert len(stop.visit.items) == 2
    outing = office.house.in_force().outings[stop.outing]
    assert set(outing.officers) <= set(drawn.inspectors)


def test_who_plans_reads_what_was_drawn_and_not_both_registers(office):
    """A district's register is thousands of premises; every question would read that of every draw there ever was."""
    one = office.opened(1, (EAST,))
    drawn = office.draws.draw("anna", one.id, "07 11").record.drawn[0]
    office.draws.make_due("anna", one.id, MONDAY, FRIDAY)
    with office.book.writing() as page:
        page.connection.execute(update(DRAWS).values(premises="unread", inspectors="unread"))
        page.touch()
    asked = office.desk.question([EAST], (MONDAY,))
    assert {who.id for who in asked.programme.inspectors if not who.not_drawn_for} == set(drawn.inspectors)


@pytest.mark.parametrize("how", ["done", "over"])
def test_a_draw_binds_until_it_is_done_or_its_days_are_over(office, how):
    """A draw of March does not keep the town's officers from a door in June."""
    one = office.opened(1, (EAST,))
    office.draws.draw("anna", one.id, "07 11")
    (due,) = office.draws.make_due("anna", one.id, MONDAY, FRIDAY).items
    if how == "done":
        with office.book.writing() as page:
            inspections.items_done(page, [due.id], NOW)
    else:
        office.house.now = NOW + timedelta(days=7)
    asked = office.desk.question([EAST], (FRIDAY + timedelta(days=3),))
    assert not any(who.not_drawn_for for who in asked.programme.inspectors)


def test_who_is_recused_is_not_drawn_and_the_log_says_so(office):
    """Three officers in the east, one of them the shopkeeper's brother."""
    office.desk.recuse("anna", [("c", place) for place in ("P1", "P2", "P3")])
    one = office.opened(3, (EAST,))
    drawn = office.draws.draw("anna", one.id, "07 11").record.drawn
    assert all(set(each.inspectors) == {"a", "b"} for each in drawn)


def test_what_cannot_be_drawn_is_refused_before_it_is_opened(office):
    with pytest.raises(Refused, match="draw_too_many"):
        office.opened(9)
    with pytest.raises(Refused, match="draw_nobody"):
        office.draws.open("anna", "n", [EAST], "restaurant", CITY, 1, 2, "x")
    with pytest.raises(Refused, match="draw_crew"):
        office.draws.open("anna", "n", [EAST], "small_shop", CITY, 1, 9, "x")
    with pytest.raises(Refused, match="needs_words"):
        office.draws.open("anna", " ", [EAST], "small_shop", CITY, 1, 2, "x")


def test_premises_whose_cap_is_used_up_are_not_in_the_draw(office):
    used = replace(shop("P5"), annual_cap=2, visits_this_year=2)
    office.desk.take_in("anna", [used], [], {"P5": Traits("small_shop", Risk.HIGH, Credit.D)})
    assert "P5" not in {entrant.id for entrant in office.opened().premises}


def test_planners_of_the_area_draw_and_nobody_else(office):
    known = [
        Person("plan-east", "p", (Post(Job.PLANNER, EAST),)),
        Person("dispatch", "d", (Post(Job.DISPATCHER, DISTRICT),)),
    ]
    with office.book.writing() as page:
        for each in known:
            people.add_person(page, Actor("test", NOW, "person_add"), each)
    office.draws.rights = PeopleRights(DISTRICT)
    with pytest.raises(Refused, match="not_your_job"):
        office.opened(actor="dispatch")
    with pytest.raises(Refused, match="not_your_area"):
        office.opened(actor="plan-east")
    one = office.opened(1, (EAST,), "plan-east")
    with pytest.raises(Refused, match="not_your_job"):
        office.draws.draw("dispatch", one.id, "07")
    assert office.draws.draw("plan-east", one.id, "07").drawn_by == "plan-east"
    assert office.book.verify().whole
