"""Patrols planned once, from a seed nobody chose, for what is owed and where much happened."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest

from dispatch.desk.refusals import Refused
from dispatch.inspections.patrol_items import Every
from dispatch.inspections.patrol_plan import Terms, commitment
from dispatch.records.inspection import Premises
from dispatch.records.patrol import (
    PatrolObject,
)
from dispatch.records.person import Job, Post
from dispatch.store import inspections, patrols, people
from dispatch.store.casebook import Casebook
from dispatch.store.writing import Actor
from gis.crs import Datum
from gis.schemas import BadInput
from tests.dispatch.patroltown import DAYS, MONDAY, NINE_CELLS_ZONE, OTHER, TERMS, TOWN, Town, why
from tests.towns import NOON, incident


@pytest.fixture
def town(casebook: Casebook) -> Town:
    return Town(casebook)


def test_a_plan_is_in_the_book_with_its_beats_rounds_and_stops(town):
    """What the teams go by."""
    plan = town.planned()
    with town.book.reading() as connection:
        assert patrols.plan(connection, plan.id) == plan
        cells = patrols.cells(connection, plan.id)
        stops = patrols.stops(connection, plan_id=plan.id)
        left = patrols.left_out(connection, plan.id)
    assert {cell.beat for cell in cells} == {1, 2}
    assert all("main_road" in cell.objects or "back_lane" in cell.objects for cell in cells if cell.passes)
    assert len(stops) + len(left) == sum(cell.passes for cell in cells) > 0


def test_the_seed_is_nowhere_in_the_ledger_while_the_period_runs(town):
    """Who reads the ledger must not know where the patrol will be; its hash keeps the planner from drawing again."""
    plan = town.planned()
    told = town.last()
    assert told.details["commitment"] == commitment(plan.seed)
    assert plan.seed not in str(dict(told.details))
    assert town.patrols.seed("planner", plan.id) == ""
    assert town.patrols.seed("reviewer", plan.id) == plan.seed
    town.now = NOON + timedelta(days=7)
    assert town.patrols.seed("planner", plan.id) == plan.seed


def test_a_trial_says_what_has_room_and_leaves_nothing_behind(town):
    """A day has one patrol: who learns afterwards that a third of the passes has no room cannot draw again."""
    before = town.last()
    tried = town.patrols.trial(TOWN, TERMS, now=MONDAY)
    assert town.last() == before
    plan = town.planned()
    with town.book.reading() as connection:
        cells, left = patrols.cells(connection, plan.id), patrols.left_out(connection, plan.id)
    assert tried.passes == sum(cell.passes for cell in cells)
    assert sum(tried.left_out.values()) == len(left) == 0
    short = replace(TERMS, longest=30, days=tuple(day + timedelta(days=28) for day in TERMS.days))
    assert sum(town.patrols.trial(TOWN, short).left_out.values()) > 0
    assert why(lambda: town.patrols.trial(TOWN, TERMS, now=MONDAY)) == "patrol_there"
    assert why(lambda: town.patrols.trial(TOWN, short, going=lambda: False)) == "drawing_stopped"


def test_a_day_has_one_patrol(town):
    """Nobody draws until the rounds please."""
    town.planned()
    assert why(lambda: town.planned(Terms(DAYS[4:], 1, 240, 1))) == "patrol_there"


@pytest.mark.parametrize(
    ("place", "terms", "reason"),
    [("990100009", TERMS, "no_such_town"), (OTHER, TERMS, "no_base"), (TOWN, Terms((), 1, 240, 1), "no_days")],
)
def test_what_cannot_be_planned_says_why(town, place, terms, reason):
    with town.book.writing() as page:
        before = people.person(page.connection, "planner")
        everywhere = before.changed(posts=(Post(Job.PLANNER, "990100"),))
        people.change_person(page, Actor("test", NOON, "person_change"), before, everywhere)
    assert why(lambda: town.patrols.plan("planner", place, terms, now=MONDAY)) == reason


@pytest.mark.parametrize("beats", [0, 1, 2])
def test_a_draw_that_is_stopped_leaves_nothing_behind(town, beats):
    """Half a patrol is none; the book knows nothing of it and the days are free for the next draw."""
    asked: list[int] = []

    def going() -> bool:
        asked.append(1)
        return len(asked) <= beats

    revision = town.book.revision()
    assert why(lambda: town.patrols.plan("planner", TOWN, TERMS, now=MONDAY, going=going)) == "drawing_stopped"
    assert len(asked) <= beats + 2, "once it is told to end it draws no further beat"
    assert town.book.revision() == revision
    assert town.planned().days == DAYS


def test_a_draw_says_how_far_it_is(town):
    """In a large town it takes minutes; nobody knows whether to wait for a bar that does not move."""
    told: list[float] = []
    town.patrols.plan("planner", TOWN, TERMS, now=MONDAY, told=told.append)
    assert len(told) > 1
    assert told == sorted(told)
    assert 0 < told[0] < told[-1] == 1


def test_more_beats_than_cells_is_bad_input(town):
    with pytest.raises(BadInput, match="from 1 to"):
        town.planned(replace(TERMS, beats=99))


def test_what_lies_in_a_cell_comes_from_streets_the_list_and_the_places_of_business(town):
    """A shop is looked at as a small place, unless the list of objects says what else it is."""
    middle = "990100001002002"
    listed = [PatrolObject("S2", "construction", "工地", 121.5415, 29.8613, middle, TOWN)]
    town.patrols.take_in("planner", TOWN, listed)
    with town.book.writing() as page:
        shops = [Premises(name, name, 121.5415, 29.8613, TOWN, 480, 1080) for name in ("S1", "S2")]
        inspections.keep_premises(page, shops, NOON)
    with town.book.reading() as connection:
        ground = town.patrols.ground_of(connection, TOWN, DAYS[2], NOON)
    there = next(cell for cell in ground.cells if cell.cell == middle)
    assert {"nine_small", "construction"} <= {*there.objects}


def test_where_much_happened_is_passed_oftener(town):
    """Risk is what the book says of the last four weeks; older reports and voices of others do not count."""
    new = [incident(id=f"N{n}", reported_at=NOON - timedelta(days=3)) for n in range(12)]
    old = [incident(id=f"O{n}", reported_at=NOON - timedelta(weeks=6), cell="990100001001001") for n in range(12)]
    town.book.add_incidents([*new, *old], at=NOON)
    plan = town.patrols.plan("planner", TOWN, Terms(DAYS[3:], 2, 240, 1))
    with town.book.reading() as connection:
        risk = {cell.cell: (cell.incidents, cell.risk) for cell in patrols.cells(connection, plan.id)}
    assert risk["990100001002002"] == (12, 2)
    assert risk["990100001001001"] == (0, 1)


def test_a_list_of_objects_is_read_with_every_fault(town, tmp_path):
    path = tmp_path / "objects.csv"
    path.write_text(
        "id,object,name,lon,lat\nA,school,小学,121.5415,29.8613\nA,castle,城堡,121.5415,29.8613\nB,school,远,100,20\n"
        "C,school,多,1_21.5415,29.8613\n",
        encoding="utf-8",
    )
    with pytest.raises(BadInput) as refused:
        town.patrols.read(path, Datum.WGS84)
    assert {(fault.row, fault.column) for fault in refused.value.faults} == {
        (3, "object"),
        (3, "id"),
        (4, "lon"),
        (5, "lon"),
    }
    path.write_text("id,object,name,lon,lat\nA,school,小学,121.5415,29.8613\n", encoding="utf-8")
    (school,) = town.patrols.read(path, Datum.WGS84)
    assert (school.kind, school.cell) == ("school", "990100001002002")
    assert why(lambda: town.patrols.take_in("planner", TOWN, [replace(school, town=OTHER)])) == "outside_the_town"


def test_a_day_that_is_over_is_not_planned(town):
    """A patrol made up afterwards would prove rounds that nobody could have walked."""
    with pytest.raises(Refused) as refused:
        town.patrols.plan("planner", TOWN, Terms(DAYS[1:], 1, 240, 1))
    assert [(reason.code, reason.values) for reason in refused.value.reasons] == [
        ("day_is_over", {"day": "2026-04-14"})
    ]
    assert why(lambda: town.patrols.plan("planner", TOWN, Terms((DAYS[4], DAYS[1]), 1, 240, 1))) == "day_is_over"
    assert town.patrols.plan("planner", TOWN, Terms(DAYS[:1:-1], 1, 240, 1)).days == DAYS[2:]


def test_what_was_looked_at_last_week_is_not_asked_for_again_this_week(town):
    """Quarterly items came every week when patrols were planned by the week; daily ones stay daily."""
    field = PatrolObject("S1", "farmland", "农田", 121.5415, 29.8613, "990100001002002", TOWN)
    town.patrols.take_in("planner", TOWN, [field])
    first = town.planned(Terms(DAYS, 1, 480, 1))
    for day in DAYS:
        town.walked(day)
    following = Terms(tuple(day + timedelta(days=7) for day in DAYS), 1, 480, 1)
    fresh, again = town.looks(first), town.looks(town.patrols.plan("planner", TOWN, following))
    often, seldom = (
        {code for code in fresh if (town.patrols.items[code].every in (Every.DAY, Every.WEEK)) is wanted}
        for wanted in (True, False)
    )
    assert often
    assert seldom
    assert {code: again[code] for code in often} == {code: fresh[code] for code in often}
    assert {again[code] for code in seldom} == {0}


def test_what_was_missed_reaches_the_next_plan(town):
    """The cell that was cut off on every round is passed oftener, and is spared nothing; the others are as before."""
    plan = town.planned(Terms(DAYS, 1, 480, 1))
    missed = next(cell.cell for cell in town.cells(plan).values() if cell.passes == 5)
    for day in DAYS:
        (one,) = town.rounds(day)
        town.now = datetime.combine(day, time(9), tzinfo=NINE_CELLS_ZONE)
        others = [stop.cell for stop in town.stops(one) if stop.cell != missed]
        one = town.walking.begin("chief", one.id, one.version, "W1")
        one = town.walking.passed("aux", one.id, one.version, others)
        town.walking.ended("chief", one.id, one.version, "修路")
    town.now += timedelta(days=1)
    following = Terms(tuple(day + timedelta(days=7) for day in DAYS), 2, 480, 1)
    after = town.cells(town.patrols.plan("planner", TOWN, following))
    assert after[missed].behind > 0
    assert after[missed].risk > 1
    assert after[missed].spared == ()
    assert {cell.behind for code, cell in after.items() if code != missed} == {0}


def test_what_patrols_found_is_risk_once_whether_it_was_settled_or_handed_on(town):
    """A finding that was settled with a word says as much of a street as one that became an incident."""
    town.planned()
    one = town.out()
    settled = town.found(one=one)
    town.walking.dissuaded("aux", settled.id, 1, "劝", put_right=True)
    town.walking.handed_on("aux", town.found(one=town.round(one.id)).id, 1, "C08-01")
    town.now += timedelta(days=3)
    later = town.patrols.plan("planner", TOWN, Terms((DAYS[4] + timedelta(days=3),), 1, 240, 1))
    cell = town.cells(later)[settled.cell]
    assert (cell.incidents, cell.found) == (0, 2)


def test_passes_are_counted_over_the_time_of_the_findings(town):
    """A plan longer than the four weeks brings the findings of its last days and the passes of its first, else."""
    town.planned()
    one = town.out()
    cell = town.stops(one)[0].cell
    town.walking.passed("aux", one.id, one.version, [cell])
    with town.book.reading() as connection:
        seen = [
            patrols.passes_by_cell(connection, TOWN, town.now + timedelta(minutes=since), town.now + timedelta(hours=1))
            for since in (0, 1)
        ]
    assert seen == [{cell: 1}, {}]
