"""The tab of plans with 5,000 premises: what a refresh costs, what a sheet costs, and how long it keeps the book.

A refresh used to read and arrange everything anew; that is the figure beside it, taken in the same run. The premises
are those of Chicago (``benchmarks.inspected``) put into the nine cells' two towns; three departments plan each of them.
"""

from __future__ import annotations

import csv
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from benchmarks.inspected import month
from benchmarks.report import Row, print_table
from dispatch.desk.incidents import Desk
from dispatch.inspections.plans import PLAN_COLUMNS, PLAN_OPTIONAL
from dispatch.inspections.registers import Credit, Risk, Traits
from dispatch.records.person import Job, Person, Post
from dispatch.store.casebook import Casebook, open_casebook
from gis.locate import CellLocator
from gis.streets import Profile
from gis.travel import TravelTimes
from tests.towns import nine_cells
from ui.screens.inspections.looking import Look, Looking
from ui.screens.inspections.plans import Planned, _made_anew, months_html, planned_for
from ui.services.centre import Centre
from ui.telling import Teller
from ui.wording import Language, wording

PREMISES = 5_000
TOWNS = ("990100001", "990100002")
ITEMS = {"market": "S02-01", "fire": "S02-03", "enforcement": "S02-04"}
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
REFRESH_S, LOCKED_S = 0.3, 1.0
TIMES = 5
Done = TypeVar("Done")


def rows() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder, open_casebook(f"sqlite:///{folder}/desk.db") as book:
        look, sheets = _office(book, Path(folder))
        desk = look.centre.plans
        took: list[tuple[float, float]] = []
        for sheet in sheets:
            looked, proposed = _cpu(lambda sheet=sheet: desk.look_at_plan(sheet, NOW.year, now=NOW))
            locked, _ = _cpu(lambda proposed=proposed: desk.take_plan("anna", proposed, now=NOW))
            took.append((looked, locked))
        anew = min(_cpu(lambda: _shown(look, _made_anew(look)))[0] for _ in range(TIMES))
        _shown(look, planned_for(look))
        kept = min(_cpu(lambda: _shown(look, planned_for(look)))[0] for _ in range(TIMES))
        checks = len(planned_for(look).owed.checks)
    looked, locked = max(took)
    lines = len(ITEMS) * PREMISES
    return [
        Row(
            f"one refresh of the tab of plans: {PREMISES:,} premises, {lines:,} lines, {checks:,} checks",
            f"{kept:.2f} CPU-s",
            f"everything made anew, as before: {anew:.2f} CPU-s",
            f"{kept:.2f} CPU-s",
            f"<= {REFRESH_S} CPU-s",
            kept <= REFRESH_S,
        ),
        Row(
            f"a department's sheet of {PREMISES:,} lines taken, the book locked for",
            f"{locked:.2f} CPU-s",
            f"all of it under the lock, as before: {looked + locked:.2f} CPU-s",
            f"{locked:.2f} CPU-s",
            f"<= {LOCKED_S} CPU-s",
            locked <= LOCKED_S,
        ),
    ]


def _shown(look: Look, planned: Planned) -> str:
    return months_html(look, planned, look.today.replace(day=1))


def _cpu(deed: Callable[[], Done]) -> tuple[float, Done]:
    began = time.process_time()
    done = deed()
    return time.process_time() - began, done


def _office(book: Casebook, folder: Path) -> tuple[Look, list[Path]]:
    """A register of shops of every risk, and a sheet of each department that plans them all."""
    place = nine_cells()
    desk = Desk(book, place.rulebook, CellLocator(place.cells), place.cells, lambda: NOW)
    desk.set_roster("bench", place.teams(NOW))
    centre = Centre(
        place, book, desk, lambda: NOW, {profile: TravelTimes(place.streets, profile) for profile in Profile}
    )
    shops = [
        replace(one, town=TOWNS[at % 2], annual_cap=None) for at, one in enumerate(month(PREMISES, 10, 25, 1).premises)
    ]
    risks = list(Risk)
    traits = {one.id: Traits("small_shop", risks[at % 4], Credit.B) for at, one in enumerate(shops)}
    centre.inspections.take_in("bench", shops, [], traits, now=NOW - timedelta(days=1))
    tell = Teller(wording(Language.ZH), place.areas, place.rulebook.matters, place.fields, place.zone)
    person = Person("anna", "p", (Post(Job.PLANNER, TOWNS[0][:6]),))
    known = centre.books.now()
    look = Look(centre, centre.board(), tell, "light", person, Looking(), dict(known.premises), {}, known.force, {})
    return look, [_sheet(folder, department, [one.id for one in shops]) for department in ITEMS]


def _sheet(folder: Path, department: str, shops: list[str]) -> Path:
    path = folder / f"{department}.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, (*PLAN_COLUMNS, *PLAN_OPTIONAL), restval="")
        writer.writeheader()
        for number, shop in enumerate(shops, start=1):
            line = {"line_id": f"{number}", "department": department, "premises_id": shop, "times": "1"}
            writer.writerow({**line, "item": ITEMS[department], "basis": "《示例条例》"})
    return path


if __name__ == "__main__":
    print_table(rows())
