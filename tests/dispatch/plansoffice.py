"""A house to which departments hand in their year plans, for the tests of both desks of plans."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from openpyxl import Workbook

from dispatch.desk.due import DueChecks
from dispatch.desk.newer import Newer
from dispatch.desk.plans import Plans, ProposedPlan
from dispatch.inspections.plans import PLAN_COLUMNS, PLAN_OPTIONAL
from dispatch.inspections.registers import Credit, Risk, Traits
from dispatch.records.inspection import DueItem
from dispatch.rulebook.calendar import Calendar
from dispatch.store import inspections
from dispatch.store.casebook import Casebook
from tests.dispatch.conftest import EAST, NOW, WEST
from tests.dispatch.house import House, shop
from tests.dispatch.inspections.street import RISKS, SCENES

MARCH, MARCH_2, MARCH_31 = date(2026, 3, 1), date(2026, 3, 2), date(2026, 3, 31)
SHOP = Traits("small_shop", Risk.HIGH, Credit.C)
MARKET = {"item": "S02-01"}
FIRE = {"item": "S02-03", "department": "fire"}
YEARLY = {"first": "", "last": ""}


class Office:
    """A house with a register, to which departments hand in their sheets."""

    def __init__(self, book: Casebook, folder: Path) -> None:
        self.house = House(book)
        self.book = book
        self.folder = folder
        self.desk = self.house.desk
        self.desk.take_in("anna", PLACES, [], {place.id: SHOP for place in PLACES})
        self.plans = Plans(self.desk, SCENES, RISKS)
        self.checks = DueChecks(self.desk, SCENES, Calendar({}))

    def look(self, *rows: Mapping[str, str], year: int = 2026) -> ProposedPlan:
        return self.plans.look_at_plan(sheet(self.folder, rows), year)

    def take(self, *rows: Mapping[str, str], year: int = 2026, actor: str = "anna") -> Newer:
        return self.plans.take_plan(actor, self.look(*rows, year=year)).change

    def due(self) -> dict[str, DueItem]:
        with self.book.reading() as connection:
            return {item.id: item for item in inspections.due_items(connection)}

    def owed(self, day: date = MARCH_2):
        with self.book.reading() as connection:
            return self.checks.owed(connection, [EAST, WEST], day)

    def clashes(self):
        owed = self.owed()
        with self.book.reading() as connection:
            return self.checks.clashes(connection, owed)

    def go_to(self, day: date) -> None:
        self.house.now = NOW + (day - NOW.date())


PLACES = [shop("P1"), shop("P2"), shop("P3"), shop("P4", WEST, 121.41)]


def sheet(folder: Path, rows: Sequence[Mapping[str, str]]) -> Path:
    """A department's workbook: the market department's first item at P1 in March unless a row says otherwise."""
    plain = {"department": "market", "premises_id": "P1", "item": "S02-01", "basis": "《食品安全法》第一百一十条"}
    plain |= {"first": "2026-03-01", "last": "2026-03-31"}
    book, columns = Workbook(), (*PLAN_COLUMNS, *PLAN_OPTIONAL)
    page = book.active
    page.append(columns)
    for number, row in enumerate(rows, start=1):
        page.append([{**plain, "line_id": f"L{number}", **row}.get(column, "") for column in columns])
    path = folder / "plan.xlsx"
    book.save(path)
    return path
