"""``gridbeat simulate allocate``: the workload of towns as posts, and the plan that has them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Set
from dataclasses import fields, replace
from pathlib import Path

from dispatch.rulebook.lists import read_list
from gis.schemas import BadInput, Fault, shorten
from scenarios.folder import write_rows
from scenarios.planning import own_plan, setup_of, write_plan_files
from scenarios.scenario import load
from simulation.apportionment import Method
from simulation.workload import Norms, Row, allocate
from ui.commands.output import last_line, whole_folder

TABLE = "allocation.csv"
COLUMNS = (
    *("town", "reported_h", "patrol_h", "duties_h", "duty_h_an_officer", "needed", "before", "after", "change"),
    *("busy_before", "busy_after"),
)
DUTY_COLUMNS = ("town", "duty", "minutes")
MINUTES = r"\d{1,9}(\.\d{1,4})?"


def allocate_posts(
    place: str,
    plan: Path | None,
    norms: Norms,
    method: Method,
    cap: int | None,
    duties: Path | None,
    seed: int,
    out: Path,
) -> None:
    """Write the plan by workload with its table.

    Raises
    ------
    BadInput
        When the folder is there already, a duty names no town of the place, or the cap is too low.
    """
    if out.exists():
        raise BadInput(Fault(out.name, None, None, "a folder that is there already", "a new name"))
    scenario = load(place)
    setup = setup_of(scenario, plan or own_plan(place))
    minutes = read_duties(duties, set(scenario.areas.towns)) if duties else {}
    made = allocate(setup, seed, norms, minutes, cap or setup.plan.heads, method)
    file = made.plan.file
    titles = {"title_zh": f"{file.title_zh}（按工作量）", "title_en": f"{file.title_en} (by workload)"}
    with whole_folder(out) as folder:
        write_plan_files(replace(made.plan, file=file.model_copy(update=titles)), folder)
        write_rows(folder / TABLE, COLUMNS, map(_cells, made.rows))
    last_line(
        {
            "plan": made.plan.file.name,
            "hash": made.plan.hash,
            "heads": made.plan.heads,
            "elsewhere": made.elsewhere,
            "needed": round(made.needed, 1),
            "busiest_before": round(max(row.busy_before for row in made.rows), 4),
            "busiest_after": round(max(row.busy_after for row in made.rows), 4),
            **{field.name: getattr(norms, field.name) for field in fields(norms)},
            "method": method.value,
            "seed": seed,
        }
    )


def read_duties(path: Path, towns: Set[str]) -> dict[str, float]:
    """Officers' minutes a year of further duties by town; several rows of a town are added up.

    Raises
    ------
    BadInput
        With every row that names no town of the place, no duty or no minutes.
    """
    file, rows = read_list(path, DUTY_COLUMNS)
    minutes: dict[str, float] = defaultdict(float)
    for row in rows:
        town, told = row.text("town"), row.text("minutes", pattern=MINUTES, expected="minutes a year, 0 or more")
        row.text("duty", expected="what the time is for")
        if town not in towns:
            file.blame(row.number, "town", shorten(town), "a 9-digit town of the place")
        elif told.replace(".", "", 1).isdigit():
            minutes[town] += float(told)
    file.stop_if_faulty("Mend these duties and read them again.")
    return dict(minutes)


def _cells(row: Row) -> tuple[object, ...]:
    load = row.load
    return (
        *(row.town, round(load.reported_h, 1), round(load.patrol_h, 1), round(load.duties_h, 1), round(load.duty_h, 1)),
        *(round(row.needed, 2), row.before, row.after, row.after - row.before),
        *(round(row.busy_before, 4), round(row.busy_after, 4)),
    )
