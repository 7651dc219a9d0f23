"""What the commands that play plans share: the place, the plan, what it meets, who plays, and how it is told."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click
from joblib import cpu_count

from dispatch.records.reason import Reason
from dispatch.store.casebook import Casebook, open_casebook
from gis.mapfiles import replacing
from gis.schemas import BadInput, Fault, shorten
from scenarios.place import Scenario
from scenarios.planning import own_plan, setup_of, stresses
from scenarios.scenario import load
from scenarios.tonight import backlog, tonight
from simulation.experiments import Estimates, Experiment, Laboratory
from simulation.history import CannotFit, of_incidents
from simulation.intervals import Estimate
from simulation.kept import Kept
from simulation.players import Players
from simulation.replications import Engine, Setup
from simulation.sources import MayNotForecast, Source, forecast_of, replay_of
from ui.commands.output import played
from ui.wording import Language, wording


@dataclass(frozen=True)
class Meets:
    """What a plan meets.

    Attributes
    ----------
    history
        Database whose tickets are forecast, or with ``replay`` come again.
    tonight
        Database whose open incidents and cases the run begins with.
    stress
        Id of a stress test.
    """

    history: str | None = None
    replay: bool = False
    tonight: str | None = None
    stress: str | None = None


@dataclass(frozen=True)
class Means:
    """How a plan is played."""

    seed: int
    workers: int | None = None
    cluster: str = ""
    keep: Path | None = None
    engine: Engine = "fast"


@contextmanager
def laboratory(what: str, means: Means) -> Iterator[Laboratory]:
    """Where the command plays, with its bar."""
    players = Players(means.workers or cpu_count(), means.cluster)
    with Kept.open(means.keep) as kept, played(what) as tell:
        yield Laboratory(players, kept, means.seed, means.engine, tell)


def prepared(place: str, plan: Path | None, meets: Meets) -> tuple[Scenario, Setup]:
    """A plan on a place, ready to be played on what it meets."""
    scenario, (setup,) = prepared_together(place, (plan,), meets)
    return scenario, setup


def prepared_together(place: str, plans: Sequence[Path | None], meets: Meets) -> tuple[Scenario, list[Setup]]:
    """Plans on a place, ready to be played; what is open is read once, so that all begin at one moment."""
    scenario = load(place)
    setups = [setup_of(scenario, plan or own_plan(place)) for plan in plans]
    if meets.tonight is not None:
        with open_casebook(meets.tonight, create=False) as casebook:
            open_now = backlog(casebook, scenario, datetime.now(UTC))
        setups = [tonight(open_now, scenario, setup, setup.plan.file.days) for setup in setups]
        click.echo(f"gridbeat: begins now with {len(open_now)} open incidents and cases", err=True)
        for reason in open_now.left_out:
            click.echo(f"gridbeat: {say(reason)}", err=True)
    if meets.history is not None:
        with open_casebook(meets.history, create=False) as casebook:
            setups = [replace(setup, source=_of_history(casebook, scenario, setup, meets)) for setup in setups]
    if meets.stress is not None:
        stress = _stress(meets.stress)
        setups = [setup.under(stress) for setup in setups]
    return scenario, setups


def warn(experiment: Experiment, whose: str = "") -> None:
    """What to know before the means are read, on standard error."""
    for reason in (experiment.stopped, *experiment.warnings):
        if reason.good is False:
            click.echo(f"gridbeat: {whose}{say(reason)}", err=True)


def say(reason: Reason) -> str:
    return wording(Language.EN).reason(reason)


def about(setup: Setup, place: str, means: Means, meets: Meets, replications: int) -> dict[str, Any]:
    """What makes the numbers traceable; neither the engine nor who played changes them."""
    plan = setup.plan
    met = {name: value for name, value in vars(meets).items() if value and name in ("replay", "stress")}
    return {
        "place": place,
        "plan": plan.file.name,
        "plan_hash": plan.hash,
        "seed": means.seed,
        "replications": replications,
        "begins": plan.file.begins.isoformat(),
        "days": plan.file.days,
        "warm_up_days": plan.file.warm_up_days,
        "heads": plan.heads,
        "cost_a_year": plan.cost_a_year,
        "assumptions": [list(pair) for pair in plan.file.assumptions],
        **met,
        **({"history": "tickets"} if meets.history else {}),
        **({"open_at_start": len(setup.opening)} if meets.tonight else {}),
        "version": version("gridbeat"),
    }


def reasons(given: tuple[Reason, ...]) -> list[dict[str, Any]]:
    return [{"code": reason.code, **reason.values} for reason in given]


def by_place(estimates: Estimates) -> dict[str, Any]:
    """Of the whole place by name, of the towns under ``by_town``."""
    told = {where: {name: estimated(value) for name, value in values.items()} for where, values in estimates.items()}
    return {**told[""], "by_town": {where: values for where, values in told.items() if where}}


def estimated(value: Estimate) -> dict[str, Any]:
    return {"mean": number(value.mean), "half": number(value.half), "n": value.n}


def number(value: float) -> float | None:
    """JSON has no NaN: nothing where there is none."""
    return None if math.isnan(value) else value


def write(answers: dict[str, Any], out: Path) -> None:
    with replacing(out) as temporary:
        temporary.write_text(json.dumps(answers, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _of_history(casebook: Casebook, scenario: Scenario, setup: Setup, meets: Meets) -> Source:
    incidents = casebook.incidents()
    codes = [str(code) for code in scenario.cells["code"]]
    until = max((one.reported_at for one in incidents), default=datetime.now(UTC)) + timedelta(microseconds=1)
    try:
        history = of_incidents(incidents, codes, until)
        if meets.replay:
            return replay_of(history, setup.begin, setup.end)
        return forecast_of(history, scenario.rules.calendar, setup.begin)[0]
    except MayNotForecast as refused:
        against = [say(reason) for reason in refused.verdict.reasons if reason.good is False]
        fault = Fault("--history", None, None, "; ".join(against), "tickets whose last weeks are foretold within 5 %")
        raise BadInput(fault, advice="Use --replay, or the place's own demand.") from None
    except CannotFit as refused:
        fault = Fault("--history", None, None, str(refused).rstrip("."), "tickets that answer for the plan's period")
        raise BadInput(fault, advice="Change begins and days in the plan, or take another history.") from None


def _stress(name: str) -> Any:
    known = stresses()
    if name not in known:
        raise BadInput(Fault("--stress", None, None, shorten(name), f"one of {', '.join(known)}"))
    return known[name]
