"""``gridbeat simulate``: the city played forward, and held against queues whose answer is known."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import click

from dispatch.review.kpi import INDICATORS
from gis.mapfiles import replacing
from gis.schemas import BadInput, Fault, shorten
from scenarios.place import Scenario
from scenarios.planning import PLAN, setting_up, write_plan_files, write_roster_plan
from scenarios.scenario import load
from simulation.check import Answer, check, queues_of
from simulation.experiments import Precision, difference
from simulation.plan import StaffingPlan, key_line, read_plan
from simulation.pushdown import pushed_down, share_in_towns
from simulation.replications import Engine, play, trace
from simulation.rules import refuse_unserved
from simulation.search import Candidate, Found, Question, search
from simulation.sheets import read_sheets, write_sheets
from ui.commands.experimenting import (
    Means,
    Meets,
    about,
    by_place,
    estimated,
    laboratory,
    number,
    prepared,
    prepared_together,
    reasons,
    warn,
    write,
)
from ui.commands.output import check_output, last_line, steps, whole_folder

FOUND = "search.json"


def check_queues(configs: Path, out: Path, replications: int, seed: int) -> None:
    """Write what the city measures when it is set up as each of the queues."""
    check_output(out, configs)
    queues = queues_of(_read(configs), configs.name)
    answers: dict[str, dict[str, Any]] = {}
    with steps("simulate check", len(queues) * replications) as step:
        for name, queue in queues.items():
            told = check(queue, replications, seed, step)
            answers[name] = {metric: _told(answer) for metric, answer in told.items()}
    write(answers, out)
    last_line({"queues": len(queues), "replications": replications, "seed": seed})


def how_often(within: float | None, of: tuple[str, ...], replications: int, most: int) -> Precision | int:
    """As many replications as asked for, or until the interval of these indicators is as narrow as asked.

    Raises
    ------
    BadInput
        When an indicator does not exist.
    """
    for name in of:
        if name not in INDICATORS:
            raise BadInput(Fault("--of", None, None, shorten(name), f"some of {', '.join(INDICATORS)}"))
    return replications if within is None else Precision(within, of or Precision.of, most=most)


def how_played(
    history: str | None, replay: bool, tonight: str | None, stress: str | None, engine: Engine = "fast", **means: Any
) -> tuple[Meets, Means]:
    """What the plan meets, and who plays it.

    Raises
    ------
    BadInput
        When tickets are to come again and no database is named.
    """
    if replay and history is None:
        raise BadInput(Fault("--replay", None, None, "no --history", "the database whose tickets come again"))
    return Meets(history, replay, tonight, stress), Means(engine=engine, **means)


def run_plan(
    place: str, plan: Path | None, wanted: Precision | int, meets: Meets, means: Means, trace_to: Path | None, out: Path
) -> None:
    """Play a plan on a place and write its indicators; with ``trace_to`` also the first replication, line by line."""
    check_output(out, plan, means.keep)
    if trace_to is not None:
        check_output(trace_to, plan, out, means.keep)
    _, setup = prepared(place, plan, meets)
    for written in filter(None, (out, trace_to)):
        check_output(written, *_tables(plan, setup.plan))
    with laboratory("simulate run", means) as lab:
        made = lab.experiment(setup, wanted)
    warn(made)
    answer = by_place(made.estimates)
    answer["by_desk"] = {
        desk: {name: estimated(value) for name, value in told.items()} for desk, told in made.desks.items()
    }
    n = len(made.outcomes)
    answer["about"] = {
        **about(setup, place, means, meets, n),
        "stopped": reasons((made.stopped,))[0],
        "warnings": reasons(made.warnings),
        "saturated": [where or "all" for where in made.growing],
    }
    write(answer, out)
    if trace_to is not None:
        with replacing(trace_to) as temporary:
            trace(play(setup, 0, means.seed, means.engine)).to_parquet(temporary, index=False)
    last_line({"plan": setup.plan.file.name, "hash": setup.plan.hash, "replications": n, "seed": means.seed})


def compare_plans(
    place: str, plans: tuple[Path, Path], wanted: Precision | int, meets: Meets, means: Means, out: Path
) -> None:
    """Play two plans on the same cities and write how much more the second has of everything."""
    check_output(out, *plans, means.keep)
    _, setups = prepared_together(place, plans, meets)
    check_output(
        out, *(table for plan, setup in zip(plans, setups, strict=True) for table in _tables(plan, setup.plan))
    )
    _refuse_other_period(setups[0].plan, setups[1].plan, plans[1])
    with laboratory("simulate compare", means) as lab:
        looks = [lab.experiment(setup, wanted) for setup in setups]
        n = max(len(one.outcomes) for one in looks)
        made = [replace(lab.experiment(one.setup, n), stopped=one.stopped) for one in looks]
    for one, path in zip(made, plans, strict=True):
        warn(one, f"{path.parent.name}/{path.name}: ")
    answer = {
        "difference": by_place(difference(*made)),
        "first": by_place(made[0].estimates),
        "second": by_place(made[1].estimates),
        "about": [about(setup, place, means, meets, n) for setup in setups],
        "stopped": [reasons((one.stopped,))[0] for one in made],
        "warnings": [reasons(one.warnings) for one in made],
    }
    write(answer, out)
    last_line({"plans": [setup.plan.hash for setup in setups], "replications": n, "seed": means.seed})


def search_plan(place: str, plan: Path | None, question: Question, meets: Meets, means: Means, out: Path) -> None:
    """Search the best plan within a headcount cap; a folder with the plan and what the search came to."""
    if out.exists():
        raise BadInput(Fault(out.name, None, None, "a folder that is there already", "a new name"))
    scenario, setup = prepared(place, plan, meets)
    set_up = setting_up(scenario, setup.plan.desks)
    with whole_folder(out) as folder, laboratory("simulate search", means) as lab:
        found = search(setup, set_up, question, lab)
        write_plan_files(found.best.plan, folder)
        write(_found(found, question, about(setup, place, means, meets, question.replications)), folder / FOUND)
    if not found.choice.decided:
        click.echo("gridbeat: the cap on replications stopped the choice; no probability is promised.", err=True)
    best = found.best
    told = {"hash": best.plan.hash, "heads": best.total, "late_share": number(best.late.mean), "seed": means.seed}
    last_line({**told, "decided": found.choice.decided})


def write_plan(place: str, day: date, in_towns: float | None, out: Path) -> None:
    """Write the plan that the place's roster is, with a share of its heads in towns where one is asked for."""
    scenario = load(place)
    if out.exists():
        raise BadInput(Fault(out.name, None, None, "a folder that is there already", "a new name"))
    with whole_folder(out) as folder:
        plan = write_roster_plan(scenario, day, folder)
        if in_towns is not None:
            write_sheets(pushed_down(read_sheets(folder), in_towns), folder)
            plan = read_plan(folder / PLAN)
    _say_what_is_left_to_mend(scenario, plan)
    told = {"plan": plan.file.name, "hash": plan.hash, "desks": len(plan.desks), "heads": plan.heads}
    last_line({**told, "in_towns": number(share_in_towns(plan))})


def _refuse_other_period(first: StaffingPlan, second: StaffingPlan, path: Path) -> None:
    """Other days are other cities: a difference between them would be the calendar's doing."""
    both = [(key, getattr(first.file, key), getattr(second.file, key)) for key in ("begins", "days", "warm_up_days")]
    name = f"{path.parent.name}/{path.name}"
    faults = [
        Fault(name, key_line(path, key), key, shorten(found), f"{expected}, as in the first plan")
        for key, expected, found in both
        if found != expected
    ]
    if faults:
        raise BadInput(*faults, advice="Both plans must meet the same days; give them the same period.")


def _tables(path: Path | None, plan: StaffingPlan) -> list[Path]:
    """The tables beside a plan's file, which are the planner's as much as the file is."""
    names = (plan.file.desks, plan.file.posts, plan.file.training)
    return [path.with_name(name) for name in names] if path is not None else []


def _say_what_is_left_to_mend(scenario: Scenario, plan: StaffingPlan) -> None:
    """What a roster leaves with nobody, before ``simulate run`` refuses the plan for it."""
    town = scenario.cells["town"].to_numpy(dtype=str)
    try:
        refuse_unserved(plan, scenario.rulebook, scenario.demand.matters, town)
    except BadInput as bad:
        for fault in bad.faults:
            click.echo(f"gridbeat: {fault}", err=True)
        click.echo("gridbeat: the roster is written as it is; mend these rows before you have it played.", err=True)


def _found(found: Found, question: Question, about_it: dict[str, Any]) -> dict[str, Any]:
    names = ["; ".join(station.desks) for station in found.stations]

    def told(one: Candidate) -> dict[str, Any]:
        price = {"heads": one.total, "cost_a_year": one.plan.cost_a_year, "late_share": estimated(one.late)}
        return {"origin": one.origin, **price, "stations": dict(zip(names, one.heads, strict=True))}

    promised = question.probability if found.choice.decided else None
    return {
        "best": told(found.best),
        "choice": {"probability": promised, "indifference": question.indifference, "looked": list(found.choice.looked)},
        "candidates": [told(one) for one in found.candidates],
        "front": [told(one) for one in found.front],
        "worth_of_an_officer": {town: estimated(worth) for town, worth in found.worth.items()},
        "about": {**about_it, "cap": question.cap},
    }


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"), object_pairs_hook=_once)
    except ValueError as error:
        raise BadInput(Fault(path.name, None, None, shorten(error), "JSON in UTF-8, every name once")) from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A name that stands twice would silently lose a queue."""
    names = [name for name, _ in pairs]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"the name {name!r} twice")
    return dict(pairs)


def _told(answer: Answer) -> Any:
    if isinstance(answer, list):
        return [_told(one) for one in answer]
    return {"mean": number(answer.mean), "half": number(answer.half)}
