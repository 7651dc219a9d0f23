"""A desk of inspections with a few shops and officers, for the tests of its deeds, leave and re-plans."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from dispatch.desk.absences import Absences
from dispatch.desk.inspections import Inspections, Proposal
from dispatch.desk.replans import Replans
from dispatch.desk.rounds import Rounds
from dispatch.inspections.planning import plan
from dispatch.inspections.ways import LineWays
from dispatch.records.calls import Stop
from dispatch.records.inspection import DueItem, Occasion, Premises
from dispatch.records.team import Team
from dispatch.store import inspections
from dispatch.store.casebook import Casebook
from dispatch.store.inspections import InForce
from tests.dispatch.conftest import EAST, NOW, WEST, four_teams, manned, officer, team
from tests.dispatch.inspections.street import SCENES

DAYS = (date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 4))

MONDAY, TUESDAY = DAYS[:2]


class House:
    """A desk with three shops in the east, one in the west, and somebody who plans."""

    def __init__(self, book: Casebook) -> None:
        self.now = NOW
        desk = manned(book, lambda: self.now)
        self.book = book
        ways, bases = LineWays(), {EAST: (121.6, 29.9), WEST: (121.4, 29.9)}
        towns = {EAST: "东街道", WEST: "西街道"}
        self.desk = Inspections(desk, ways, bases, towns, scenes=SCENES)
        self.rounds = Rounds(desk, ways, bases)

    def open(self) -> None:
        shops = [shop("P1"), shop("P2", lon=121.61), shop("P3", lon=121.62), shop("P4", WEST, 121.41)]
        due = [item("I1", "P1"), item("I2", "P1", "environment"), item("I3", "P2"), item("I4", "P3"), item("I5", "P4")]
        self.desk.take_in("anna", shops, due)

    def proposal(self, *towns: str, days: tuple[date, ...] = DAYS) -> Proposal:
        asked = self.desk.question(towns or (EAST, WEST), days)
        return Proposal(asked, plan(asked.programme, seconds=0.1), 1, 0.1)

    def in_force(self) -> InForce:
        with self.book.reading() as connection:
            return inspections.in_force(connection)

    def call(self, place: str) -> Stop:
        return next(stop for stop in self.in_force().stops.values() if stop.visit.premises == place)

    def last(self, deed: str) -> dict[str, object]:
        return dict(next(entry for entry in self.book.latest_entries() if entry.deed == deed).details)


def shop(name: str, town: str = EAST, lon: float = 121.6) -> Premises:
    return Premises(name, f"shop {name}", lon, 29.9, town, 8 * 60, 18 * 60)


def item(name: str, place: str, field: str = "city", first: date = MONDAY, last: date = DAYS[-1]) -> DueItem:
    return DueItem(name, place, "enforcement", field, 90, first, last)


def lead(name: str, place: str, first: date = MONDAY, last: date = DAYS[-1]) -> DueItem:
    return replace(item(name, place, first=first, last=last), occasion=Occasion.LEAD)


def two_days(house: House) -> None:
    """P1 must be done on Monday, P2 and P3 on Tuesday or later: two crews' days of the same officers."""
    house.desk.take_in("anna", [], [item("I1", "P1", last=MONDAY), item("I2", "P1", "environment", last=MONDAY)])
    house.desk.take_in("anna", [], [item("I3", "P2", first=TUESDAY), item("I4", "P3", last=TUESDAY, first=TUESDAY)])
    house.desk.adopt("anna", house.proposal())


class Mended(House):
    """The house with leave and re-plans, and two officers more in the east."""

    def __init__(self, book: Casebook) -> None:
        super().__init__(book)
        self.rounds._desk.set_roster("lead", more_teams())
        self.replans = Replans(self.desk, self.desk.ways, self.desk.bases)
        self.absences = Absences(self.desk)

    def crew_of(self, place: str) -> tuple[date, tuple[str, ...]]:
        stop, force = self.call(place), self.in_force()
        return force.day_of(stop), force.outings[stop.outing].officers


def more_teams() -> list[Team]:
    return [*four_teams(), team("e3", EAST, officer("h", "city", "environment"), officer("i", "city"))]
