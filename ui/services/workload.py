"""The workload of a plan's towns as posts, reckoned beside the screens; and what of it a planner hands over."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path

from dispatch.records.inspection import DueItem
from dispatch.review.book import Value
from dispatch.store.inspections import due_items, premises
from scenarios.planning import setting_up, write_plan_files
from simulation.apportionment import Method
from simulation.plan import StaffingPlan
from simulation.sheets import Sheets, read_sheets
from simulation.tables import PAIR
from simulation.workload import Allocation, Norms, Row, allocate
from ui.services.beside import Errand, Errands
from ui.services.centre import Centre
from ui.services.comparing import MINUS
from ui.services.findings import Findings, Part
from ui.wording import Wording

YEAR = timedelta(days=365)
COLUMNS = ("reported", "patrol", "duties", "hours", "needed", "before", "after", "change", "busy_before", "busy_after")


@dataclass(frozen=True)
class Asked:
    """What is asked of the workload: a plan and how posts follow it; ``inspected`` adds checks that fall due."""

    plan: StaffingPlan
    cap: int
    norms: Norms
    method: Method
    inspected: bool
    seed: int


@dataclass(frozen=True)
class Reckoned:
    """What was asked, and the posts."""

    asked: Asked
    allocation: Allocation

    @property
    def sheets(self) -> Sheets:
        """The plan by workload, to be kept."""
        with tempfile.TemporaryDirectory() as folder:
            write_plan_files(self.allocation.plan, Path(folder))
            return read_sheets(Path(folder))


def reckoned(opened: Centre, asked: Asked) -> Reckoned:
    """The posts by workload of a plan on the open place.

    Raises
    ------
    BadInput
        As `simulation.workload.allocate`, and when the plan may not be played.
    """
    setup = setting_up(opened.scenario, asked.plan.desks)(asked.plan)
    duties = inspection_minutes(opened) if asked.inspected else {}
    return Reckoned(asked, allocate(setup, asked.seed, asked.norms, duties, asked.cap, asked.method))


def inspection_minutes(opened: Centre) -> dict[str, float]:
    """Officers' minutes of the checks that fall due in a year from today, by town, each by a lawful pair."""
    with opened.casebook.reading() as connection:
        towns = {one.id: one.town for one in premises(connection)}
        return minutes_by_town(due_items(connection), towns, opened.today())


def minutes_by_town(items: Iterable[DueItem], towns: Mapping[str, str], today: date) -> dict[str, float]:
    """Minutes of a pair for what is due within a year of ``today``, by the town of its premises."""
    minutes: dict[str, float] = defaultdict(float)
    for item in items:
        if item.premises in towns and item.earliest < today + YEAR:
            minutes[towns[item.premises]] += PAIR * item.minutes
    return dict(minutes)


def cells(row: Row) -> tuple[float, ...]:
    """A town's figures in the order of ``COLUMNS``; shares in per cent."""
    load = row.load
    return (
        *(load.reported_h, load.patrol_h, load.duties_h, load.duty_h, row.needed),
        *(row.before, row.after, row.after - row.before, 100 * row.busy_before, 100 * row.busy_after),
    )


def told(row: Row) -> tuple[str, ...]:
    """The same as people read them."""
    formats = ("{:,.0f}", "{:,.0f}", "{:,.0f}", "{:,.0f}", "{:.1f}", "{:d}", "{:d}", "{:+d}", "{:.1f}", "{:.1f}")
    return tuple(form.format(value).replace("-", MINUS) for form, value in zip(formats, cells(row), strict=True))


@dataclass(frozen=True)
class Context:
    """What a paper says beside the figures: the place, its hash and its towns by code, in the reader's words."""

    place: str
    place_hash: str
    towns: dict[str, str]
    made_up: str
    made_at: datetime


def findings(found: Reckoned, context: Context, w: Wording) -> Findings:
    """Posts by workload as a paper."""
    asked, made = found.asked, found.allocation
    file, norms = asked.plan.file, asked.norms
    header = [w("staffing.town"), *(w(f"staffing.load_{name}") for name in COLUMNS)]
    facts = [
        (w("staffing.load_from"), f"{w.pick(file.title_zh, file.title_en)} · {asked.plan.hash}"),
        (w("staffing.cap"), str(asked.cap)),
        (w("staffing.load_method"), w(f"staffing.method_{asked.method}")),
        (w("staffing.load_pass"), f"{norms.pass_min:g}"),
        (w("staffing.load_utilisation"), f"{100 * norms.utilisation:g} %"),
        (w("staffing.report_place"), f"{context.place} · {context.place_hash}"),
        (w("staffing.seed"), str(asked.seed)),
        (w("staffing.report_made"), context.made_at.isoformat(" ", "minutes")),
    ]
    rows = [(context.towns.get(row.town, row.town), row) for row in made.rows]
    part = Part(
        w("staffing.load_title"),
        [w("staffing.load_summed", heads=made.plan.heads, elsewhere=made.elsewhere, needed=f"{made.needed:.0f}")],
        header,
        [(town, *told(row)) for town, row in rows],
        header,
        [(town, *cells(row)) for town, row in rows],
    )
    mark = w("staffing.load_mark", plan=asked.plan.hash, made=made.plan.hash, place=context.place_hash, seed=asked.seed)
    trace: list[tuple[str, Value]] = [
        (w("staffing.hash"), made.plan.hash),
        (w("staffing.sheet_place_hash"), context.place_hash),
        (w("staffing.sheet_seed"), asked.seed),
    ]
    assumed = [w("staffing.load_assumed"), *(w.pick(zh, en) for zh, en in file.assumptions)]
    title = w("staffing.load_paper", place=context.place)
    return Findings(title, facts, [part], assumed, trace, mark, context.made_up, context.made_at)


@cache
def workloads() -> Errands[Errand[Reckoned]]:
    """Who has which workload reckoned in this process."""
    return Errands()
