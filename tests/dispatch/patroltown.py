"""The nine cells with a desk of patrols and people of every kind."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import count

import pytest

from dispatch.desk.incidents import Desk
from dispatch.desk.patrolling import Patrolling
from dispatch.desk.patrols import Patrols, fared_of
from dispatch.desk.refusals import Refused
from dispatch.desk.rights import PeopleRights
from dispatch.inspections.patrol_places import PatrolGround
from dispatch.inspections.patrol_plan import Terms
from dispatch.inspections.ways import LineWays
from dispatch.records.patrol import (
    Finding,
    PatrolledCell,
    PatrolPlan,
    PatrolRound,
    RoundStatus,
    RoundStop,
)
from dispatch.records.person import Job, Person, Post
from dispatch.records.team import Role
from dispatch.store import patrols, people
from dispatch.store.casebook import Casebook
from dispatch.store.writing import Actor
from gis.locate import CellLocator
from tests.towns import NOON, nine_cells, officer, team

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


def why(tried) -> str:
    with pytest.raises(Refused) as refused:
        tried()
    return refused.value.reasons[0].code
