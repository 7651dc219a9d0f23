"""Indicators and findings of incidents, each from deeds that a real desk did."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.desk.incidents import Desk
from dispatch.oversight.indicators import INDICATORS, About, Share, come_again, hours_to_handle, shares
from dispatch.oversight.marks import mark
from dispatch.oversight.supervision import Finding, of_incidents
from dispatch.oversight.traces import Trace, traces
from dispatch.records.incident import Status
from dispatch.rulebook.calendar import Calendar
from tests.books import empty_book
from tests.dispatch.conftest import EAST, NOW, WEST, incident, manned, rulebook

DAY = timedelta(days=1)
CALENDAR = Calendar({})


@pytest.fixture
def desk() -> Iterator[Desk]:
    with empty_book() as book:
        yield manned(book)


def after(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


def walk(desk: Desk, name: str, *times: float, team: str = "e1", passed: bool = True, by: str = "lin") -> None:
    """Sent, accepted, there, handled, looked at, closed: as many as there are minutes, in that order."""
    for deed, minutes in zip(("assign", "accept", "arrive", "handle", "verify", "close"), times, strict=False):
        found = desk.casebook.incident(name)
        assert found is not None
        version, now = found.version, after(minutes)
        match deed:
            case "assign":
                desk.assign(by, name, team, version, now=now)
            case "handle":
                desk.handle(team, name, version, "cleared", now=now)
            case "verify":
                desk.verify(by, name, version, passed=passed, how="seen", now=now)
            case _:
                getattr(desk, deed)(team, name, version, now=now)


def read(desk: Desk, until: datetime = NOW + DAY) -> list[Trace]:
    return traces(desk.casebook, rulebook().matters, CALENDAR, NOW - DAY, until)


def of(desk: Desk, about: About, who: str, until: datetime = NOW + DAY) -> dict[str, Share]:
    return shares(read(desk, until), about)[who]


def rules(found: list[Finding]) -> list[str]:
    return [each.rule for each in found]


def test_what_goes_well_is_whole_everywhere(desk: Desk):
    desk.casebook.add_incidents([incident("A")], at=NOW)
    walk(desk, "A", 5, 6, 15, 60, 70, 90)
    town = of(desk, About.TOWN, EAST)
    assert {name: share.value for name, share in town.items()} == {
        "filed": 1, "reached_on_time": 1, "handled": 1, "handled_on_time": 1, "closed": 1, "closed_on_time": 1,
        "worked_over": 0, "checked_on_time": 1,
    }  # fmt: skip
    assert {share.value for share in of(desk, About.DISPATCHER, "lin").values()} == {1}
    assert of(desk, About.TEAM, "e1")["right_at_once"] == Share(1, 1)
    assert hours_to_handle(read(desk)) == {"e1": pytest.approx(55 / 60)}
    assert of_incidents(read(desk)) == []


def test_what_goes_wrong_names_who_had_it(desk: Desk):
    """Sent at 20 minutes, there at 40, looked at by the team itself and twice not in order."""
    desk.casebook.add_incidents([incident("A")], at=NOW)
    walk(desk, "A", 20, 21, 40, 60, 61, passed=False, by="e1")
    walk(desk, "A", 70, 71, 75, 80, 81, passed=False, by="e1")
    found = of_incidents(read(desk))
    assert rules(found) == ["sent_too_late", "there_too_late", "back_again_and_again", "looked_at_by_whoever_did_it"]
    assert [each.people for each in found] == [("e1",)] * 4
    assert found[0].why.values == {"minutes": 5}
    assert found[1].why.values == {"minutes": 20}
    assert of(desk, About.TOWN, EAST)["worked_over"] == Share(1, 1)
    assert of(desk, About.TEAM, "e1")["right_at_once"] == Share(0, 1)


def test_a_first_team_that_hands_back_was_not_the_right_one(desk: Desk):
    desk.casebook.add_incidents([incident("A"), incident("B")], at=NOW)
    walk(desk, "A", 5, 6)
    desk.hand_back("e1", "A", 3, "another's", now=after(8))
    walk(desk, "A", 10, 11, 12, 30)
    assert of(desk, About.DISPATCHER, "lin")["dispatched_right"] == Share(0, 1)
    walk(desk, "B", 31)
    assert of(desk, About.DISPATCHER, "lin")["dispatched_right"] == Share(0, 1)  # of B nothing can be said yet


def test_what_still_runs_counts_on_neither_side_and_what_ran_out_counts(desk: Desk):
    desk.casebook.add_incidents([incident("A")], at=NOW)
    early = of(desk, About.TOWN, EAST, until=after(10))
    assert (early["reached_on_time"], early["handled_on_time"]) == (Share(0, 0), Share(0, 0))
    assert math.isnan(early["reached_on_time"].value)
    late = of(desk, About.TOWN, EAST, until=NOW + 30 * DAY)
    assert (late["reached_on_time"], late["handled_on_time"], late["closed_on_time"]) == (Share(0, 1),) * 3
    assert rules(of_incidents(read(desk, NOW + 30 * DAY)))[-1] == "past_the_limit"


def test_of_history_that_was_brought_in_closed_nobody_is_said_to_have_been_late(desk: Desk):
    """Tickets of an older system, and a demo's past: that nobody was sent is a gap of the book, whenever it came in."""
    past = replace(incident("A"), status=Status.CLOSED, closed_at=after(60))
    desk.casebook.add_incidents([past], at=NOW + 40 * DAY)
    found = read(desk, NOW + 30 * DAY)
    assert [trace.incident.id for trace in found] == ["A"]
    assert of_incidents(found) == []
    assert shares(found, About.TOWN) == {}


def test_a_deed_after_the_time_is_not_in_it(desk: Desk):
    """The report of last week reads the same next month."""
    desk.casebook.add_incidents([incident("A")], at=NOW)
    before = of(desk, About.TOWN, EAST, until=after(30))
    walk(desk, "A", 40, 41, 42, 43, 44, 45)
    assert of(desk, About.TOWN, EAST, until=after(30))["reached_on_time"] == before["reached_on_time"]


def test_the_same_trouble_within_thirty_days_came_again(desk: Desk):
    again = incident("B")
    desk.casebook.add_incidents([incident("A"), again, incident("C", WEST)], at=NOW)
    assert come_again(read(desk)) == {EAST: Share(1, 2), WEST: Share(0, 1)}


def test_a_mark_of_nothing_is_nothing():
    assert math.isnan(mark({}, About.TEAM, {(About.TEAM, "worked_over"): 5}))


@given(
    st.dictionaries(st.sampled_from([(each.about, each.name) for each in INDICATORS]), st.integers(1, 100), min_size=1),
    st.data(),
)
def test_a_mark_lies_between_its_worst_and_its_best(weights, data):
    about = next(iter(weights))[0]
    names = [name for someone, name in weights if someone is about]
    told = {name: Share(data.draw(st.integers(0, 9)), 9) for name in names}
    assert 0 <= mark(told, about, weights) <= 100 + 1e-9
