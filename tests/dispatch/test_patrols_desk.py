"""The desk of patrols: planned once, drawn from a seed nobody chose, walked, counted, and proved afterwards."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from dispatch.desk.incidents import Desk
from dispatch.desk.patrolling import Patrolling, next_stop, rounds_for
from dispatch.desk.patrols import Patrols, opened_plan
from dispatch.desk.refusals import Refused, Stale, Unknown
from dispatch.desk.rights import PeopleRights
from dispatch.inspections.patrol_coverage import ENDED_EARLY, NOT_BEGUN, fared, share_passed, share_self_handled
from dispatch.inspections.patrol_places import PatrolGround
from dispatch.inspections.patrol_plan import Terms, commitment
from dispatch.inspections.ways import LineWays
from dispatch.records.incident import WrongStep
from dispatch.records.inspection import Premises
from dispatch.records.patrol import Handling, PatrolObject, PatrolPlan, PatrolRound, RoundStatus, RoundStop
from dispatch.records.person import Job, Person, Post
from dispatch.records.team import Role
from dispatch.store import inspections, patrols, people
from dispatch.store.casebook import Casebook
from dispatch.store.tables import PATROL_STOPS
from dispatch.store.writing import Actor
from gis.crs import Datum
from gis.locate import CellLocator
from gis.schemas import BadInput
from tests.books import empty_book
from tests.towns import NOON, incident, nine_cells, officer, team

TOWN, OTHER = "990100001", "990100002"
DAYS = tuple(date(2026, 4, 13) + timedelta(days=at) for at in range(5))
"""Monday to Friday; NOON is the Wednesday."""
TERMS = Terms(DAYS, 2, 240, 2)


class Town:
    """The nine cells with a desk that asks who it is, and people of every kind."""

    def __init__(self, book: Casebook) -> None:
        place = nine_cells()
        self.book, self.now = book, NOON
        rights = PeopleRights(place.code)
        helper = replace(officer("x"), role=Role.AUXILIARY, certificates=())
        walkers = team(id="W1", name="巡查组", officers=(officer("a", "city"), helper), incident="")
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
        return self.patrols.plan("planner", TOWN, terms)

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

    def fared(self, plan: PatrolPlan, today: date):
        with self.book.reading() as connection:
            return fared(
                plan,
                patrols.cells(connection, plan.id),
                patrols.rounds(connection, plan.id),
                patrols.stops(connection, plan_id=plan.id),
                patrols.left_out(connection, plan.id),
                today,
            )

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
    with town.book.reading() as connection:
        assert opened_plan(connection, plan.id).seed == ""
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
    assert why(lambda: town.patrols.plan("planner", place, terms)) == reason


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
        inspections.keep_premises(page, shops)
    with town.book.reading() as connection:
        ground = town.patrols.ground_of(connection, TOWN, NOON)
    there = dict(zip(ground.cells["code"], ground.kinds, strict=True))[middle]
    assert {"nine_small", "construction"} <= there


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
        "id,object,name,lon,lat\nA,school,小学,121.5415,29.8613\nA,castle,城堡,121.5415,29.8613\nB,school,远,100,20\n",
        encoding="utf-8",
    )
    with pytest.raises(BadInput) as refused:
        town.patrols.read(path, Datum.WGS84)
    assert {(fault.row, fault.column) for fault in refused.value.faults} == {(3, "object"), (3, "id"), (4, "lon")}
    path.write_text("id,object,name,lon,lat\nA,school,小学,121.5415,29.8613\n", encoding="utf-8")
    (school,) = town.patrols.read(path, Datum.WGS84)
    assert (school.kind, school.cell) == ("school", "990100001002002")
    assert why(lambda: town.patrols.take_in("planner", TOWN, [replace(school, town=OTHER)])) == "outside_the_town"


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
    found = town.walking.found("aux", one.id, one.version, cell, "X402", "消防通道停了一辆货车")
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
    found = town.walking.found("aux", one.id, one.version, cell, "X402", "消防通道堆物")
    for name in ("", "a"):
        with pytest.raises(WrongStep, match="only an officer orders"):
            town.walking.ordered("aux", found.id, 1, "限期清理", put_right=True, officer=name)
    ordered = town.walking.ordered("chief", found.id, 1, "责令当场清理", put_right=True)
    assert (ordered.handling, ordered.self_handled) == (Handling.ORDERED, True)
    assert town.last().details["by"] == "a"


def test_what_a_word_does_not_settle_becomes_an_incident_with_its_body(town):
    """Handed on, it lies where it was found, and the desk knows who may act."""
    town.planned()
    one = town.out()
    cell = town.stops(one)[0].cell
    found = town.walking.found("aux", one.id, one.version, cell, "X402", "摊贩不肯离开")
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
    assert why(lambda: town.walking.found("aux", one.id, one.version, cell, "X402", " ")) == "needs_words"
    with pytest.raises(Unknown):
        town.walking.found("aux", one.id, one.version, "elsewhere", "X402", "x")


# Proved


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
        found = town.walking.found("aux", one.id, one.version, town.stops(one)[0].cell, "X402", "堆物")
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
