"""The demo's feed: what happens while its clock runs, through the desk and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from dispatch.desk.incidents import Desk
from dispatch.records.incident import Incident, Status
from dispatch.records.team import Activity
from dispatch.store.casebook import Casebook
from dispatch.store.ledger import Kind
from gis.locate import CellLocator
from gis.streets import Profile
from gis.travel import TravelTimes
from scenarios.live import LiveFeed
from tests.books import empty_book
from tests.towns import NOON, incident, nine_cells


class Watch:
    """A clock that a test moves by hand."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **time: float) -> None:
        self.now += timedelta(**time)


class Town:
    """nine_cells with an empty casebook, a desk and a feed."""

    def __init__(self, casebook: Casebook) -> None:
        place = nine_cells()
        self.clock = Watch()
        self.casebook = casebook
        self.desk = Desk(casebook, place.rulebook, CellLocator(place.cells), place.cells, self.clock)
        self.desk.set_roster("test", place.teams(NOON))
        travel = {profile: TravelTimes(place.streets, profile) for profile in Profile}
        self.feed = LiveFeed(place, casebook, self.desk, travel, self.clock)

    def see(self, incident_id: str) -> Incident:
        found = self.casebook.incident(incident_id)
        assert found is not None
        return found

    def send(self) -> Incident:
        """I1 reported, T1 sent."""
        self.casebook.add_incidents([incident()], at=NOON)
        return self.desk.assign("anna", "I1", "T1", 1).incident


@pytest.fixture
def town() -> Iterator[Town]:
    with empty_book() as casebook:
        yield Town(casebook)


def test_a_crew_that_is_sent_accepts_arrives_and_closes_by_itself(town):
    """The demo's dispatcher sees a loop close without touching it."""
    town.send()
    for _ in range(1440):
        town.clock.pass_(seconds=10)
        town.feed.advance()
    assert town.see("I1").status is Status.HANDLED
    for _ in range(60):
        town.clock.pass_(minutes=5)
        town.feed.advance()
    assert town.see("I1").status is Status.CLOSED
    deeds = [(entry.actor, entry.deed) for entry in town.casebook.history(Kind.INCIDENT, "I1")]
    crew = "team T1"
    assert deeds[:2] == [("import", "report"), ("anna", "assign")]
    assert deeds[2:5] == [(crew, "accept"), (crew, "arrive"), (crew, "handle")]
    assert deeds[5:] == [("demo desk 2", "verify"), ("demo desk 2", "close")]
    assert town.casebook.verify().whole


def test_a_recalled_crew_turns_round(town):
    """What the dispatcher takes back must not go on by itself."""
    town.send()
    town.clock.pass_(seconds=1)
    town.feed.advance()
    town.desk.recall("anna", "I1", town.see("I1").version, "changed my mind")
    for _ in range(60):
        town.clock.pass_(minutes=1)
        town.feed.advance()
    assert town.see("I1").status is Status.REPORTED
    team = town.casebook.team("T1")
    assert team is not None
    assert team.activity is Activity.FREE


def test_new_incidents_come_as_the_clock_runs_and_say_they_are_made_up(town):
    """A quiet district is no demo, and nobody may take it for a real one."""
    town.clock.pass_(days=2)
    town.feed.advance()
    new = town.casebook.incidents()
    assert new
    assert all(NOON <= each.reported_at <= town.clock() for each in new)
    assert all(
        entry.actor == "demo feed" for each in new for entry in town.casebook.history(Kind.INCIDENT, each.id)[:1]
    )


def test_the_day_opens_with_a_backlog_and_some_teams_out(town):
    """The first look at the map shows a district at work."""
    town.feed.open_the_day()
    assert len(town.casebook.open_incidents()) == nine_cells().open_at_start
    assert town.casebook.verify().whole


def test_the_same_seed_brings_the_same_day():
    """A demo that someone describes can be seen again."""
    days = []
    for _ in range(2):
        with empty_book() as casebook:
            town = Town(casebook)
            town.clock.pass_(days=1)
            town.feed.advance()
            days.append([(each.id, each.text, each.lon) for each in casebook.incidents()])
    assert days[0] == days[1]


def test_a_colleague_takes_only_what_would_soon_be_late(town):
    """The dispatcher keeps a queue to work on, and a demo left alone does not drown."""
    soon, later = incident(due_at=NOON + timedelta(minutes=20)), incident(id="I2", due_at=NOON + timedelta(hours=3))
    town.casebook.add_incidents([soon, later], at=NOON)
    town.clock.pass_(minutes=4)
    town.feed.advance()
    assert town.see("I1").team
    assert not town.see("I2").team
    assert "demo desk 2" in {entry.actor for entry in town.casebook.history(Kind.INCIDENT, "I1")}


def test_a_demo_that_was_stopped_goes_on_with_the_crews_that_were_on_scene(town):
    """A team left standing would otherwise be busy for good."""
    sent = town.send()
    town.desk.accept("T1", "I1", sent.version)
    town.desk.arrive("T1", "I1", sent.version + 1)
    again = LiveFeed(nine_cells(), town.casebook, town.desk, town.feed.travel, town.clock)
    for _ in range(300):
        town.clock.pass_(minutes=1)
        again.advance()
    assert town.see("I1").status is Status.CLOSED
