"""A patrol proved afterwards: drawn again from its seed, and held against the ledger."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from fractions import Fraction

import pytest
from alembic import command
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from dispatch.desk.refusals import Refused
from dispatch.inspections.patrol_coverage import share_passed
from dispatch.inspections.patrol_plan import Terms, audit, drawn_for
from dispatch.records.incident import WrongStep
from dispatch.records.patrol import (
    Handling,
    RoundStatus,
)
from dispatch.store import patrols
from dispatch.store.casebook import Casebook, open_casebook
from dispatch.store.database import _config
from dispatch.store.tables import PATROL_CELLS, PATROL_STOPS, PATROLS
from gis.schemas import BadInput
from tests.books import empty_book
from tests.dispatch.patroltown import DAYS, FIRE_LANE, TOWN, Town, why
from tests.towns import NOON


@pytest.fixture
def town(casebook: Casebook) -> Town:
    return Town(casebook)


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
