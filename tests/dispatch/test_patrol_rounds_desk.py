"""A round of patrols: begun, walked and ended, and what became of what was found."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from math import isnan

import pytest

from dispatch.desk.patrolrounds import next_stop, rounds_for
from dispatch.desk.refusals import Refused, Stale, Unknown
from dispatch.inspections.patrol_coverage import ENDED_EARLY, NOT_BEGUN, share_self_handled
from dispatch.records.incident import WrongStep
from dispatch.records.patrol import (
    Handling,
    RoundStatus,
)
from dispatch.records.team import Certificate, Role
from dispatch.store import patrols
from dispatch.store.casebook import Casebook
from tests.dispatch.patroltown import DAYS, FIRE_LANE, TOWN, Town, why
from tests.towns import NOON, officer, team


@pytest.fixture
def town(casebook: Casebook) -> Town:
    return Town(casebook)


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
