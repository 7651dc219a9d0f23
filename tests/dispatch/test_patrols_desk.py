"""The desk of patrols: planned once, drawn from a seed nobody chose, walked, counted, and proved afterwards."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from itertools import count
from math import isnan

import pytest
from alembic import command
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from dispatch.desk.incidents import Desk
from dispatch.desk.patrolling import Patrolling
from dispatch.desk.patrolrounds import next_stop, rounds_for
from dispatch.desk.patrols import Patrols, fared_of
from dispatch.desk.refusals import Refused, Stale, Unknown
from dispatch.desk.rights import PeopleRights
from dispatch.inspections.patrol_coverage import ENDED_EARLY, NOT_BEGUN, share_passed, share_self_handled
from dispatch.inspections.patrol_items import Every
from dispatch.inspections.patrol_places import PatrolGround
from dispatch.inspections.patrol_plan import Terms, audit, commitment, drawn_for
from dispatch.inspections.ways import LineWays
from dispatch.records.incident import WrongStep
from dispatch.records.inspection import Premises
from dispatch.records.patrol import (
    Finding,
    Handling,
    PatrolledCell,
    PatrolObject,
    PatrolPlan,
    PatrolRound,
    RoundStatus,
    RoundStop,
)
from dispatch.records.person import Job, Person, Post
from dispatch.records.team import Certificate, Role
from dispatch.store import inspections, patrols, people
from dispatch.store.casebook import Casebook, open_casebook
from dispatch.store.database import _config
from dispatch.store.tables import PATROL_CELLS, PATROL_STOPS, PATROLS
from dispatch.store.writing import Actor
from gis.crs import Datum
from gis.locate import CellLocator
from gis.schemas import BadInput
from tests.books import empty_book
from tests.towns import NOON, incident, nine_cells, officer, team

TOWN, OTHER = "990100001", "990100002"
DAYS = tuple(date(2026, 4, 13) + timedelta(days=at) for at in range(5))
"""Monday to Friday; NOON is the Wednesday."""
MONDAY = NOON - timedelta(days=2)
TERMS = Terms(DAYS, 2, 240, 2)
FIRE_LANE = "X402"
NINE_CELLS_ZONE = nine_cells().zone


class Town:
    """The nine cells with a desk that asks who it is, and people of every kind."""

    def __init__(self, book: Casebook) -> None:
        place = nine_cells()
        self.book, self.now = book, NOON
        rights = PeopleRights(place.code)
        helper = replace(officer("x"), role=Role.AUXILIARY, certificates=())
        walkers = team(id="W1", name="巡查组", officers=(officer("a", "city", "emergency"), helper), incident="")
        others = team(id="W2", officers=(officer("c", "city"),), incident="")
        self.desk = Desk(
            book,
            place.rulebook,
            CellLocator(place.cells),
            place.cells,
            lambda: self.now,
            zone=place.zone,
            rights=rights,
        )
        self.desk.set_roster("test", [walkers, others])
        seeds = count(1)
        ground = PatrolGround(place.cells, place.streets.lines(), place.water)
        self.patrols = Patrols(
            self.desk,
            place.rules.patrol_items,
            ground,
            LineWays(),
            {TOWN: (121.5415, 29.8613)},
            {TOWN: "东", OTHER: "西"},
            place.zone,
            new_seed=lambda: f"seed {next(seeds)}",
        )
        self.walking = Patrolling(self.desk, place.rules.patrol_items)
        with book.writing() as page:
            for one in (
                _person("planner", Job.PLANNER),
                _person("reviewer", Job.REVIEWER),
                _person("radio", Job.DISPATCHER),
                _person("aux", Job.TEAM, officer="x"),
                _person("chief", Job.TEAM, officer="a"),
                _person("stranger", Job.TEAM, officer="c"),
            ):
                people.add_person(page, Actor("test", NOON, "person_add"), one)

    def planned(self, terms: Terms = TERMS) -> PatrolPlan:
        return self.patrols.plan("planner", TOWN, terms, now=MONDAY)

    def rounds(self, day: date = DAYS[2]) -> list[PatrolRound]:
        with self.book.reading() as connection:
            return patrols.rounds(connection, day=day)

    def stops(self, one: PatrolRound) -> list[RoundStop]:
        with self.book.reading() as connection:
            return patrols.stops(connection, round_id=one.id)

    def out(self) -> PatrolRound:
        """A round of today with a stop, begun by the team."""
        one = next(one for one in self.rounds() if one.status is RoundStatus.PLANNED)
        return self.walking.begin("chief", one.id, one.version, "W1")

    def found(self, who: str = "aux", one: PatrolRound | None = None, **where: float) -> Finding:
        """Something in the fire lane of the first cell of a round that is under way."""
        one = one or self.out()
        return self.walking.found(who, one.id, one.version, self.stops(one)[0].cell, FIRE_LANE, "堆物", **where)

    def round(self, name: str) -> PatrolRound:
        with self.book.reading() as connection:
            one = patrols.round_of(connection, name)
        assert one is not None
        return one

    def walked(self, day: date) -> None:
        """Every round of a day, wholly."""
        for at, one in enumerate(self.rounds(day)):
            self.now = datetime.combine(day, time(8 + at), tzinfo=NINE_CELLS_ZONE)
            cells = [stop.cell for stop in self.stops(one)]
            one = self.walking.begin("chief", one.id, one.version, "W1")
            one = self.walking.passed("aux", one.id, one.version, cells)
            self.walking.ended("chief", one.id, one.version)

    def cells(self, plan: PatrolPlan) -> dict[str, PatrolledCell]:
        with self.book.reading() as connection:
            return {cell.cell: cell for cell in patrols.cells(connection, plan.id)}

    def looks(self, plan: PatrolPlan) -> Counter[str]:
        """How often each item is on a round."""
        with self.book.reading() as connection:
            return Counter(code for stop in patrols.stops(connection, plan_id=plan.id) for code in stop.items)

    def fared(self, plan: PatrolPlan, today: date):
        with self.book.reading() as connection:
            return fared_of(connection, plan, today)

    def last(self):
        return self.book.latest_entries(1)[0]


def _person(name: str, job: Job, **facts: str) -> Person:
    return Person(name, name, (Post(job, TOWN),), **facts)


@pytest.fixture
def town(casebook: Casebook) -> Town:
    return Town(casebook)


def why(tried) -> str:
    with pytest.raises(Refused) as refused:
        tried()
    return refused.value.reasons[0].code


# Planned


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


# Walked


def test_a_round_is_begun_walked_and_ended(town):
    """Who passed which cell, and when, is in the book; nothing was left out, so nothing has to be said."""
    plan = town.planned()
    one = town.out()
    stops = town.stops(one)
    for stop in stops:
        town.now += timedelta(minutes=5)
        one = town.walking.passed("aux", one.id, one.version, [stop.cell])
    assert [(stop.passed_by, stop.passed_at) for stop in town.stops(one)][-1] == ("x", town.now)
    assert next_stop(town.stops(one)) is None
    one = town.walking.ended("chief", one.id, one.version)
    assert one.status is RoundStatus.ENDED
    walked = {cell.cell: cell for cell in town.fared(plan, DAYS[0])}
    assert all(walked[stop.cell].passed == 1 for stop in stops)
    assert town.book.verify().whole


def test_a_cell_is_passed_once_on_a_round(town):
    """Twice around the corner is no coverage of the next street."""
    town.planned()
    one = town.out()
    cell = town.stops(one)[0].cell
    one = town.walking.passed("aux", one.id, one.version, [cell])
    with pytest.raises(WrongStep, match="passed"):
        town.walking.passed("aux", one.id, one.version, [cell])
    with pytest.raises(Unknown):
        town.walking.passed("aux", one.id, one.version, ["elsewhere"])
    with pytest.raises(Stale):
        town.walking.passed("aux", one.id, 1, [cell])


def test_a_cell_that_was_said_to_be_passed_by_mistake_is_still_to_be_passed(town):
    """A slip of the thumb must not count as coverage; the ledger keeps that it was said, and by whom."""
    plan = town.planned()
    one = town.out()
    cell = town.stops(one)[0].cell
    with pytest.raises(WrongStep, match="nothing to take back"):
        town.walking.taken_back("aux", one.id, one.version, cell)
    one = town.walking.passed("aux", one.id, one.version, [cell])
    assert why(lambda: town.walking.taken_back("stranger", one.id, one.version, cell)) == "not_your_round"
    after = town.walking.taken_back("chief", one.id, one.version, cell)
    assert (town.last().deed, town.last().details["by"], town.last().details["passed_by"]) == (
        "patrol_take_back",
        "a",
        "x",
    )
    assert town.stops(after)[0].passed_at is None
    assert next(each for each in town.fared(plan, DAYS[0]) if each.cell == cell).passed == 0
    assert town.walking.passed("aux", after.id, after.version, [cell]).version == after.version + 1


def test_nothing_is_passed_on_another_day_than_the_rounds_own(town):
    """A round that nobody ended is no way to tick off its cells next morning; what was passed in time can be told."""
    town.planned()
    one = town.out()
    first, second, *_ = town.stops(one)
    town.now = NOON + timedelta(days=1)
    assert why(lambda: town.walking.passed("aux", one.id, one.version, [first.cell])) == "passed_out_of_time"
    town.walking.passed("aux", one.id, one.version, [first.cell], [NOON + timedelta(minutes=9)])
    assert [stop.passed_at is None for stop in town.stops(one)][:2] == [False, True]
    assert second.passed_at is None


def test_a_round_that_nobody_ended_is_on_the_phone_next_morning(town):
    """Otherwise the team could neither end it nor begin another."""
    town.planned()
    one = town.out()
    town.now = NOON + timedelta(days=1)
    with town.book.reading() as connection:
        first, *free = rounds_for(connection, team(id="W1"), DAYS[3])
    assert first == one
    town.walking.ended("chief", first.id, first.version, "昨天忘了结束")
    assert town.walking.begin("chief", free[0].id, 1, "W1").status is RoundStatus.UNDER_WAY


def test_passes_without_a_network_are_told_later_with_their_times(town):
    town.planned()
    one = town.out()
    cell = town.stops(one)[0].cell
    town.now = NOON + timedelta(hours=1)
    early = NOON - timedelta(minutes=1)
    assert why(lambda: town.walking.passed("aux", one.id, 2, [cell], [early])) == "passed_out_of_time"
    assert why(lambda: town.walking.passed("aux", one.id, 2, [cell], [town.now + timedelta(1)])) == "passed_out_of_time"
    town.walking.passed("aux", one.id, one.version, [cell], [NOON + timedelta(minutes=20)])
    assert next(s for s in town.stops(one) if s.cell == cell).passed_at == NOON + timedelta(minutes=20)


def test_a_round_is_begun_on_its_day_by_a_team_of_the_town_that_is_on_no_other(town):
    town.planned()
    tomorrow = town.rounds(DAYS[3])[0]
    assert why(lambda: town.walking.begin("chief", tomorrow.id, 1, "W1")) == "not_its_day"
    town.out()
    second = next(one for one in town.rounds() if one.status is RoundStatus.PLANNED)
    assert why(lambda: town.walking.begin("chief", second.id, 1, "W1")) == "on_another_round"


def test_a_team_walks_its_own_round(town):
    """The phone of another team cannot tick off our cells."""
    town.planned()
    one = town.out()
    cell = town.stops(one)[0].cell
    assert why(lambda: town.walking.passed("stranger", one.id, one.version, [cell])) == "not_your_round"
    assert why(lambda: town.walking.passed("planner", one.id, one.version, [cell])) == "not_your_job"
    assert why(lambda: town.walking.passed("radio", one.id, one.version, [cell])) == "who_is_it"
    assert why(lambda: town.walking.passed("radio", one.id, one.version, [cell], officer="c")) == "not_in_the_team"
    assert town.walking.passed("radio", one.id, one.version, [cell], officer="a").version == one.version + 1
    free = [each.id for each in town.rounds() if each.status is RoundStatus.PLANNED]
    with town.book.reading() as connection:
        assert [each.id for each in rounds_for(connection, team(id="W1"), DAYS[2])] == [one.id, *free]


def test_who_leaves_a_cell_out_says_why_and_the_screen_knows_which(town):
    """Two cells were not passed: which, and why."""
    plan = town.planned()
    one = town.out()
    first, *missed = town.stops(one)
    one = town.walking.passed("aux", one.id, one.version, [first.cell])
    assert missed, "the round needs a second stop"
    assert why(lambda: town.walking.ended("chief", one.id, one.version)) == "needs_words"
    town.walking.ended("chief", one.id, one.version, "暴雨，路面积水")
    told = {cell.cell: cell for cell in town.fared(plan, DAYS[2])}
    for stop in missed:
        assert ENDED_EARLY in {why.reason for why in told[stop.cell].missed}
        assert "暴雨，路面积水" in {why.said for why in told[stop.cell].missed}
    monday = town.rounds(DAYS[0])[0]
    assert NOT_BEGUN in {why.reason for stop in town.stops(monday) for why in told[stop.cell].missed}
    assert town.fared(plan, DAYS[2])[0].share == 0


# Found


def test_what_an_auxiliary_settles_with_a_word_makes_no_case(town):
    """The blocked fire lane: found, spoken to, cleared; nothing of it reaches the queue."""
    town.planned()
    one = town.out()
    cell = town.stops(one)[0].cell
    found = town.walking.found("aux", one.id, one.version, cell, FIRE_LANE, "消防通道停了一辆货车")
    assert (found.role, found.finder) == (Role.AUXILIARY, "x")
    found = town.walking.dissuaded("aux", found.id, 1, "请车主移车", put_right=True)
    assert found.self_handled
    assert share_self_handled([found]) == 1
    assert town.book.open_incidents() == []
    with pytest.raises(WrongStep):
        town.walking.handed_on("aux", found.id, found.version, "C08-01")


def test_an_auxiliary_never_orders_and_an_officer_does(town):
    """State Council document 54 of 2024: auxiliaries assist; the order is an officer's, in the officer's own name."""
    town.planned()
    one = town.out()
    cell = town.stops(one)[0].cell
    found = town.walking.found("aux", one.id, one.version, cell, FIRE_LANE, "消防通道堆物")
    for name in ("", "a"):
        with pytest.raises(WrongStep, match="only an officer orders"):
            town.walking.ordered("aux", found.id, 1, "限期清理", put_right=True, officer=name)
    ordered = town.walking.ordered("chief", found.id, 1, "责令当场清理", put_right=True)
    assert (ordered.handling, ordered.self_handled) == (Handling.ORDERED, True)
    assert ordered.handled_by == "a"


def test_what_a_word_does_not_settle_becomes_an_incident_with_its_body(town):
    """Handed on, it lies where it was found, and the desk knows who may act."""
    town.planned()
    one = town.out()
    cell = town.stops(one)[0].cell
    found = town.walking.found("aux", one.id, one.version, cell, FIRE_LANE, "摊贩不肯离开")
    found = town.walking.dissuaded("aux", found.id, 1, "劝过，不听", put_right=False)
    assert why(lambda: town.walking.handed_on("aux", found.id, found.version, "nothing")) == "unknown_matter"
    filed, answer = town.walking.handed_on("aux", found.id, found.version, "C08-01")
    assert (filed.cell, filed.town, filed.source, filed.text) == (cell, TOWN, "patrol", "摊贩不肯离开")
    assert answer.matter == "C08-01"
    with town.book.reading() as connection:
        kept = patrols.finding(connection, found.id)
    assert (kept.incident, kept.handling, kept.self_handled) == (filed.id, Handling.HANDED_ON, False)


def test_a_finding_names_an_item_of_the_list(town):
    town.planned()
    one = town.out()
    cell = town.stops(one)[0].cell
    assert why(lambda: town.walking.found("aux", one.id, one.version, cell, "X999", "x")) == "unknown_item"
    assert why(lambda: town.walking.found("aux", one.id, one.version, cell, FIRE_LANE, " ")) == "needs_words"
    with pytest.raises(Unknown):
        town.walking.found("aux", one.id, one.version, "elsewhere", FIRE_LANE, "x")


def test_a_round_ends_when_somebody_has_said_what_became_of_every_finding(town):
    """A blocked fire lane must not end with the shift: it was put right, or it is somebody's."""
    town.planned()
    one = town.out()
    word, order, silent = (town.found("chief", town.round(one.id)) for _ in range(3))
    town.walking.dissuaded("chief", word.id, 1, "不听", put_right=False)
    town.walking.ordered("chief", order.id, 1, "限期整改", put_right=False)
    one = town.round(one.id)
    with pytest.raises(Refused) as refused:
        town.walking.ended("chief", one.id, one.version, "下班")
    assert {reason.values["finding"] for reason in refused.value.reasons} == {word.id, order.id, silent.id}
    assert {reason.code for reason in refused.value.reasons} == {"finding_open"}
    town.walking.dissuaded("chief", word.id, 2, "已清理", put_right=True)
    filed, answer = town.walking.handed_on("chief", order.id, 2, "C08-01")
    assert town.last().details["body"] == answer.actors[0].body
    assert filed.source == "patrol"
    town.walking.handed_on("chief", silent.id, 1, "C08-01")
    assert town.walking.ended("chief", one.id, one.version, "下班").status is RoundStatus.ENDED


def test_an_officer_whose_certificate_has_ended_orders_nothing(town):
    """What the officer orders on the day after is void; a word is still everybody's."""
    lapsed = replace(officer("a"), certificates=(Certificate("emergency", DAYS[2]), Certificate("city", DAYS[4])))
    town.desk.set_roster("test", [team(id="W1", officers=(lapsed,), incident="")])
    town.planned()
    found = town.found("chief")
    assert town.walking.ordered("chief", found.id, 1, "责令清理", put_right=True).self_handled
    town.walking.ended("chief", found.round, town.round(found.round).version, "下班")
    town.now += timedelta(days=1)
    one = town.rounds(DAYS[3])[0]
    found = town.found("chief", town.walking.begin("chief", one.id, one.version, "W1"))
    with pytest.raises(Refused) as refused:
        town.walking.ordered("chief", found.id, 1, "责令清理", put_right=True)
    assert refused.value.reasons[0].values == {"officer": "a", "field": "emergency", "day": "2026-04-16"}
    assert town.walking.dissuaded("chief", found.id, 1, "请清理", put_right=True).handled_by == "a"


def test_who_spoke_and_where_it_was_are_on_record(town):
    """A complaint a month later asks which of the two it was, and at which door."""
    town.planned()
    one = town.out()
    cell = town.stops(one)[0].cell
    lon, lat = town.patrols.ground.points
    inside = (lon[row := town.patrols.ground.row[cell]] + 1e-5, lat[row] + 1e-5)
    found = town.found("aux", one, lon=inside[0], lat=inside[1])
    spoken = town.walking.dissuaded("aux", found.id, 1, "劝，不听", put_right=False)
    with town.book.reading() as connection:
        kept = patrols.finding(connection, found.id)
    assert kept == spoken
    assert (kept.handled_by, kept.lon, kept.lat) == ("x", *inside)
    assert town.last().details["set"]["handled_by"] == "x"
    filed, _ = town.walking.handed_on("aux", found.id, 2, "C08-01")
    assert (filed.lon, filed.lat) == inside


def test_a_finding_lies_in_its_cell(town):
    """The phone was three streets on when somebody wrote it down: then the cell is known, and no point."""
    town.planned()
    one = town.out()
    elsewhere = (121.5415, 29.8613)
    cell = next(stop.cell for stop in town.stops(one) if stop.cell != "990100001002002")
    tried = lambda: town.walking.found(  # noqa: E731
        "aux", one.id, one.version, cell, FIRE_LANE, "堆物", lon=elsewhere[0], lat=elsewhere[1]
    )
    assert why(tried) == "outside_the_cell"
    assert isnan(town.found(one=one).lon)


# Proved


def test_the_ledger_holds_what_a_patrol_was_drawn_for_before_anybody_sees_its_order(town):
    """Terms that were chosen after the draw would prove any order; so their hash stands beside the seed's."""
    plan = town.planned()
    told = town.last().details
    assert told["drawn_for"] == drawn_for(plan, list(town.cells(plan).values()))
    assert town.patrols.check("reviewer", plan.id).same_terms is True


def test_terms_that_were_changed_afterwards_are_found_out(town):
    """Whoever writes to the database cannot make the order fit other terms, nor other terms the order."""
    plan = town.planned()
    told = town.last().details["drawn_for"]
    first, *others = town.cells(plan).values()
    other_cells = [
        replace(first, **change)
        for change in (
            {"risk": Fraction(2)},
            {"incidents": 9},
            {"found": 9},
            {"behind": Fraction(1, 10)},
            {"spared": (("X101", 1),)},
            {"beat": 3 - first.beat},
            {"objects": ("school",)},
            {"passes": 0},
            {"lon": first.lon + 1e-9},
        )
    ]
    other_plans = [
        replace(plan, **change)
        for change in (
            {"items": plan.items[1:]},
            {"longest": plan.longest + 1},
            {"rounds_a_day": 1},
            {"days": plan.days[1:]},
            {"travel": {}},
            {"rules": 1},
        )
    ]
    hashes = [drawn_for(plan, [cell, *others]) for cell in other_cells]
    hashes += [drawn_for(other, [first, *others]) for other in other_plans]
    assert told not in hashes
    assert len({*hashes}) == len(hashes)
    with town.book.writing() as page:
        page.connection.execute(update(PATROL_CELLS).values(incidents=9))
        page.touch()
    answer = town.patrols.check("reviewer", plan.id)
    assert (answer.same_terms, answer.same_rounds, answer.fits) == (False, True, False)


def test_a_patrol_from_before_terms_were_hashed_is_still_drawn_again(town):
    """Last year's patrol says nothing of its terms; its seed and its rounds are proved as they were."""
    plan = replace(town.planned(), rules=1)
    with town.book.reading() as connection:
        answer = audit(
            plan,
            patrols.cells(connection, plan.id),
            patrols.rounds(connection, plan.id),
            patrols.stops(connection, plan_id=plan.id),
            patrols.left_out(connection, plan.id),
            town.patrols.bases[TOWN],
            town.patrols.ways,
            {"commitment": plan.commitment},
        )
    assert (answer.same_terms, answer.fits, answer.same_rounds) == (None, True, True)


def test_the_rounds_in_the_book_are_those_that_the_seed_gives(town):
    """Anybody can have it drawn again once it is over, and the seed then stands in the ledger."""
    plan = town.planned()
    assert why(lambda: town.patrols.check("planner", plan.id)) == "patrol_not_over"
    early = town.patrols.check("reviewer", plan.id)
    assert early.fits
    assert "seed" not in town.last().details
    town.now = NOON + timedelta(days=7)
    late = town.patrols.check("planner", plan.id)
    assert (late.fits, late.same_rounds, late.differing) == (True, True, ())
    assert town.last().details["seed"] == plan.seed


def test_a_patrol_in_a_book_of_the_version_before_comes_along(url):
    """Its terms were hashed nowhere and nothing was spared; a patrol of the new rules cannot go back there."""

    def taken_back(book: Casebook) -> None:
        config = _config()
        with book._writer.begin() as connection:
            config.attributes["connection"] = connection
            command.downgrade(config, "0010-1")

    with open_casebook(url) as book:
        plan = Town(book).planned()
        with pytest.raises(BadInput, match="1 patrols with their terms"):
            taken_back(book)
        with book.writing() as page:
            page.connection.execute(update(PATROLS).values(rules=1))
            page.touch()
        taken_back(book)
    with open_casebook(url, create=False) as book, book.reading() as connection:
        assert patrols.plan(connection, plan.id) == replace(plan, rules=1)
        assert {(cell.found, cell.behind, cell.spared) for cell in patrols.cells(connection, plan.id)} == {(0, 0, ())}


def test_a_pass_that_was_moved_by_hand_is_found_out(town):
    """Somebody who writes to the database and spares a friend's street is named by it."""
    plan = town.planned()
    with town.book.reading() as connection:
        stop = patrols.stops(connection, plan_id=plan.id)[0]
    with town.book.writing() as page:
        here = (PATROL_STOPS.c.round == stop.round) & (PATROL_STOPS.c.cell == stop.cell)
        page.connection.execute(update(PATROL_STOPS).where(here).values(drawn=stop.drawn + 1))
        page.touch()
    answer = town.patrols.check("reviewer", plan.id)
    assert not answer.fits
    assert answer.differing == (stop.cell,)


def test_where_the_streets_have_changed_the_draw_itself_is_still_held_against_the_seed(town):
    """Next year's map has another way; the lots stay the same."""
    plan = town.planned()
    town.patrols.bases = {TOWN: (121.55, 29.87)}
    answer = town.patrols.check("reviewer", plan.id)
    assert (answer.same_rounds, answer.differing, answer.fits) == (None, (), True)


@settings(max_examples=12)
@given(st.lists(st.integers(0, 40), max_size=60), st.integers(1, 3), st.integers(20, 240))
def test_no_cell_is_ever_covered_beyond_what_it_was_owed(order, rounds_a_day, longest):
    """Coverage of one street must not make up for another; and whatever was done, the seed still gives the rounds."""
    with empty_book() as book:
        town = Town(book)
        plan = town.planned(Terms(DAYS, rounds_a_day, longest, 2))
        for at in order:
            rounds = town.rounds()
            if not rounds:
                break
            one = rounds[at % len(rounds)]
            stops = town.stops(one)
            try:
                if one.status is RoundStatus.PLANNED:
                    town.walking.begin("chief", one.id, one.version, "W1")
                elif at % 3:
                    town.walking.passed("aux", one.id, one.version, [stops[at % len(stops)].cell])
                else:
                    town.walking.ended("chief", one.id, one.version, "x")
            except (Refused, WrongStep):
                continue
        with book.reading() as connection:
            passes = {cell.cell: cell.passes for cell in patrols.cells(connection, plan.id)}
        for today in (DAYS[0], DAYS[2], DAYS[4] + timedelta(days=1)):
            every = town.fared(plan, today)
            assert all(0 <= cell.passed <= cell.owed for cell in every)
            assert all(cell.owed + cell.ahead == passes[cell.cell] for cell in every)
            assert not share_passed(every) > 1
        assert town.patrols.check("reviewer", plan.id).fits


@settings(max_examples=25)
@given(st.lists(st.sampled_from(["dissuade", "dissuade_right", "order", "order_as_a", "hand_on"]), max_size=5))
def test_nothing_that_an_auxiliary_does_is_ever_an_order(deeds):
    with empty_book() as book:
        town = Town(book)
        town.planned()
        one = town.out()
        found = town.walking.found("aux", one.id, one.version, town.stops(one)[0].cell, FIRE_LANE, "堆物")
        for deed in deeds:
            with book.reading() as connection:
                now = patrols.finding(connection, found.id)
            try:
                if deed.startswith("dissuade"):
                    town.walking.dissuaded("aux", now.id, now.version, "劝", put_right=deed.endswith("right"))
                elif deed == "hand_on":
                    town.walking.handed_on("aux", now.id, now.version, "C08-01")
                else:
                    who = "a" if deed.endswith("_a") else ""
                    town.walking.ordered("aux", now.id, now.version, "令", put_right=True, officer=who)
            except WrongStep:
                continue
            with book.reading() as connection:
                after = patrols.finding(connection, found.id)
            assert after.handling is not Handling.ORDERED
            assert not (after.self_handled and after.incident)


def test_times_in_the_book_are_aware(town):
    town.planned()
    assert isinstance(town.out().begun_at, datetime)
    assert town.rounds()[0].begun_at is None or town.rounds()[0].begun_at.tzinfo is not None
