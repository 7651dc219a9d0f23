"""``gridbeat simulate``: the city played forward, and held against queues whose answer is known."""

from __future__ import annotations

import json
import math
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click
from joblib import cpu_count

from gis.mapfiles import replacing
from gis.schemas import BadInput, Fault, shorten
from scenarios.planning import own_plan, setup_of, write_roster_plan
from scenarios.scenario import load
from simulation.check import Answer, check, queues_of
from simulation.intervals import Estimate
from simulation.replications import GROWTH, Engine, Setup, play, replicate, saturated, trace
from ui.commands.output import check_output, last_line, steps, whole_folder


def check_queues(configs: Path, out: Path, replications: int, seed: int) -> None:
    """Write what the city measures when it is set up as each of the queues."""
    check_output(out, configs)
    queues = queues_of(_read(configs), configs.name)
    answers: dict[str, dict[str, Any]] = {}
    with steps("simulate check", len(queues) * replications) as step:
        for name, queue in queues.items():
            told = check(queue, replications, seed, step)
            answers[name] = {metric: _told(answer) for metric, answer in told.items()}
    _write(answers, out)
    last_line({"queues": len(queues), "replications": replications, "seed": seed})


def run_plan(
    place: str,
    plan: Path | None,
    replications: int,
    seed: int,
    workers: int | None,
    engine: Engine,
    trace_to: Path | None,
    out: Path,
) -> None:
    """Play a plan on a place and write its indicators; with ``trace_to`` also the first replication, line by line."""
    check_output(out, plan)
    if trace_to is not None:
        check_output(trace_to, plan, out)
    scenario = load(place)
    setup = setup_of(scenario, plan or own_plan(place))
    with steps("simulate run", replications) as step:
        told = replicate(setup, replications, seed, engine, workers or cpu_count(), step)
    growing = saturated(told, setup.plan.file.days)
    for where in growing:
        place_or_town = where or "the whole place"
        click.echo(f"gridbeat: {place_or_town}: more comes than can be done; look at {GROWTH}, not at means.", err=True)
    answer: dict[str, Any] = {name: _estimated(value) for name, value in told.pop("").items()}
    answer["by_town"] = {
        town: {name: _estimated(value) for name, value in values.items()} for town, values in told.items()
    }
    answer["about"] = {**_about(setup, place, replications, seed), "saturated": [where or "all" for where in growing]}
    _write(answer, out)
    if trace_to is not None:
        with replacing(trace_to) as temporary:
            trace(play(setup, 0, seed, engine)).to_parquet(temporary, index=False)
    last_line({"plan": setup.plan.file.name, "hash": setup.plan.hash, "replications": replications, "seed": seed})


def write_plan(place: str, day: date, out: Path) -> None:
    """Write the plan that the place's roster is."""
    scenario = load(place)
    if out.exists():
        raise BadInput(Fault(out.name, None, None, "a folder that is there already", "a new name"))
    with whole_folder(out) as folder:
        plan = write_roster_plan(scenario, day, folder)
    last_line({"plan": plan.file.name, "hash": plan.hash, "desks": len(plan.desks), "heads": plan.heads})


def _about(setup: Setup, place: str, replications: int, seed: int) -> dict[str, Any]:
    """What makes the numbers traceable; neither the engine nor the number of workers changes them."""
    plan = setup.plan
    return {
        "place": place,
        "plan": plan.file.name,
        "plan_hash": plan.hash,
        "seed": seed,
        "replications": replications,
        "begins": plan.file.begins.isoformat(),
        "days": plan.file.days,
        "warm_up_days": plan.file.warm_up_days,
        "heads": plan.heads,
        "cost_a_year": plan.cost_a_year,
        "assumptions": [list(pair) for pair in plan.file.assumptions],
        "version": version("gridbeat"),
    }


def _estimated(value: Estimate) -> dict[str, Any]:
    return {"mean": _number(value.mean), "half": _number(value.half), "n": value.n}


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
    return {"mean": _number(answer.mean), "half": _number(answer.half)}


def _number(value: float) -> float | None:
    """JSON has no NaN: nothing where there is none."""
    return None if math.isnan(value) else value


def _write(answers: dict[str, Any], out: Path) -> None:
    with replacing(out) as temporary:
        temporary.write_text(json.dumps(answers, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
