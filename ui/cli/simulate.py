"""The city played forward."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from ui.cli.border import FILE, FOLDER, Day, Number


@click.group()
def simulate() -> None:
    """The city played forward."""


@simulate.command("check")
@click.argument("configs", type=FILE)
@click.option("--out", required=True, type=FILE, help="JSON: for each queue its metrics with mean and half-width.")
@click.option("--replications", default=20, show_default=True, type=click.IntRange(2, 10_000))
@click.option("--seed", default=1, show_default=True, type=click.IntRange(0, 2**31 - 1))
def simulate_check(configs: Path, out: Path, replications: int, seed: int) -> None:
    """Hold the simulated city against queues whose answer is known.

    CONFIGS is JSON, {name: {"model": …, "params": {…}}}; the city is set up as each queue and played, no formula is
    used. Rates are per hour, waits in hours. Half-widths are 95 % t-intervals over replications.

    \b
    Models and parameters:
      mmc           lam, mu, c
      mmc_priority  lams, mu, c            the first class first, nobody interrupted
      mg1           lam, es, scv           scv 0 fixed, 0.5 Erlang-2, else lognormal
      mg1_priority  lams, es               class 1 even on [0.5, 1.5]·es, class 2 exponential
      network       T, lam_t, mu_t, c_t, p_esc, D, mu_d, c_d
      steps         the same and steps, p_ord, delay
      spatial_mg1   lam, side, v, mu
      hypercube     lam, mu, pref, queue
    \b
    Example:
      echo '{"desk": {"model": "mmc", "params": {"lam": 8, "mu": 3, "c": 4}}}' > queues.json
      gridbeat simulate check queues.json --out measured.json
    """
    from ui.commands import simulating

    simulating.check_queues(configs, out, replications, seed)


def _played(command: Callable[..., None]) -> Callable[..., None]:
    """What every command that plays plans can be told."""
    for option in reversed(
        (
            click.option(
                "--history", help="Database whose tickets are forecast, if their last weeks are foretold well."
            ),
            click.option("--replay", is_flag=True, help="With --history: the tickets come again as they came."),
            click.option("--tonight", help="Database whose open incidents and cases it begins with, from now on."),
            click.option("--stress", help="spring_festival, tourists, borrowed, reviewers_gone or typhoon_day."),
            click.option("--seed", default=1, show_default=True, type=click.IntRange(0, 2**31 - 1)),
            click.option(
                "--workers", type=click.IntRange(1, 1024), help="Processes; all cores unless given. Same results."
            ),
            click.option("--cluster", default="", help="tcp://HOST:PORT of a Dask scheduler instead. Same results."),
            click.option("--keep", type=FILE, help="File of what was played; a run that was killed goes on from it."),
        )
    ):
        command = option(command)
    return command


def _often(command: Callable[..., None]) -> Callable[..., None]:
    """How often plans are played."""
    for option in reversed(
        (
            click.option("--replications", default=30, show_default=True, type=click.IntRange(1, 100_000)),
            click.option("--within", type=Number(0.0001, 1), help="Play until half-widths are this share of the mean."),
            click.option(
                "--of", multiple=True, help="With --within: indicators meant; on_time_share and closure_h_p90."
            ),
            click.option("--most", default=1_000, show_default=True, type=click.IntRange(10, 100_000)),
        )
    ):
        command = option(command)
    return command


@simulate.command("run")
@click.argument("place")
@click.option("--plan", type=FILE, help="plan.toml with its tables beside it; the place's own unless given.")
@_often
@_played
@click.option("--engine", default="fast", show_default=True, type=click.Choice(["simpy", "fast"]), help="Same results.")
@click.option("--trace", type=FILE, help="Parquet file for the first replication, line by line.")
@click.option("--out", required=True, type=FILE, help="JSON: each indicator with mean, half-width and n.")
def simulate_run(
    place: str,
    plan: Path | None,
    replications: int,
    within: float | None,
    of: tuple[str, ...],
    most: int,
    trace: Path | None,
    out: Path,
    **asked: Any,
) -> None:
    """Play a staffing plan on a place: response, closure, backlog, load, each with its 95 % interval.

    What is open at the end counts as lasting at least so long. Every replication draws its own year; the same --seed
    gives every plan the same years.

    \b
    Examples:
      gridbeat simulate run haishu --replications 30 --out today.json
      gridbeat simulate run haishu --within 0.02 --most 400 --keep today.sqlite --stress tourists --out worse.json
    """
    from ui.commands import simulating

    wanted = simulating.how_often(within, of, replications, most)
    simulating.run_plan(place, plan, wanted, *simulating.how_played(**asked), trace, out)


@simulate.command("compare")
@click.argument("place")
@click.argument("first", type=FILE)
@click.argument("second", type=FILE)
@_often
@_played
@click.option("--out", required=True, type=FILE, help="JSON: the difference, each plan, and what to know.")
def simulate_compare(
    place: str,
    first: Path,
    second: Path,
    replications: int,
    within: float | None,
    of: tuple[str, ...],
    most: int,
    out: Path,
    **asked: Any,
) -> None:
    """Play two plans on the same cities: how much more the second has of each indicator, with its 95 % interval.

    \b
    Example:
      gridbeat simulate compare haishu today/plan.toml towns/plan.toml --out difference.json
    """
    from ui.commands import simulating

    wanted = simulating.how_often(within, of, replications, most)
    simulating.compare_plans(place, (first, second), wanted, *simulating.how_played(**asked), out)


@simulate.command("search")
@click.argument("place")
@click.option(
    "--plan", type=FILE, help="plan.toml whose desks and mixes are staffed anew; the place's own unless given."
)
@click.option("--cap", required=True, type=click.IntRange(1, 100_000), help="Heads at most, reviewers included.")
@click.option(
    "--indifference",
    default=0.005,
    show_default=True,
    type=Number(0.0001, 1),
    help="The smallest difference in the share of late incidents worth finding.",
)
@click.option("--probability", default=0.95, show_default=True, type=Number(0.5, 0.999), help="Of choosing right.")
@click.option(
    "--replications",
    default=20,
    show_default=True,
    type=click.IntRange(2, 10_000),
    help="For each point of the front and for the worth of an officer.",
)
@click.option("--most", default=500, show_default=True, type=click.IntRange(10, 100_000), help="Of one candidate.")
@_played
@click.option("--out", required=True, type=FOLDER, help="New folder: the best plan and search.json.")
def simulate_search(
    place: str,
    plan: Path | None,
    cap: int,
    indifference: float,
    probability: float,
    replications: int,
    most: int,
    out: Path,
    **asked: Any,
) -> None:
    """Search the plan that is late least often with so many heads.

    Heads are moved between the plan's desks, whose certificates and shifts keep their mix. Candidates are guessed by
    formula and chosen by playing them (Kim and Nelson 2001). search.json also holds the front of cost and lateness,
    and by how much one officer more in each town lowers the share that is late.

    \b
    Example:
      gridbeat simulate search haishu --cap 600 --out best
    """
    from simulation.search import Question
    from ui.commands import simulating

    question = Question(cap, indifference, probability, replications=replications, most=most)
    simulating.search_plan(place, plan, question, *simulating.how_played(**asked), out)


@simulate.command("allocate")
@click.argument("place")
@click.option("--plan", type=FILE, help="plan.toml whose towns are staffed by workload; the place's own unless given.")
@click.option("--cap", type=click.IntRange(1, 100_000), help="Heads at most, everybody included; as many as now.")
@click.option("--method", default="adams", show_default=True, type=click.Choice(["adams", "hamilton"]))
@click.option("--pass-min", default=0.5, show_default=True, type=Number(0, 600), help="A pair's minutes for a cell.")
@click.option(
    "--utilisation", default=0.6, show_default=True, type=Number(0.01, 1), help="Share of hours on duty for such work."
)
@click.option("--duties", type=FILE, help="CSV town,duty,minutes: officers' minutes a year of inspections and more.")
@click.option("--seed", default=1, show_default=True, type=click.IntRange(0, 2**31 - 1))
@click.option("--out", required=True, type=FOLDER, help="New folder: the plan and allocation.csv.")
def simulate_allocate(place: str, plan: Path | None, **asked: Any) -> None:
    """Turn the workload of each town into posts, as a plan that can be played.

    Work is what is reported (minutes on the spot, ways, steps at the desk, times how often), patrols and further
    duties. Posts follow it by Adams's method, under which the greatest load of a post is the least possible, or by
    Hamilton's largest remainders; every lawful pair stays, and so do brigades, pools and reviewers.

    \b
    Examples:
      gridbeat simulate allocate haishu --out by_workload
      gridbeat simulate compare haishu today/plan.toml by_workload/plan.toml --out difference.json
    """
    from simulation.apportionment import Method
    from simulation.workload import Norms
    from ui.commands import allocating

    norms = Norms(asked.pop("pass_min"), asked.pop("utilisation"))
    allocating.allocate_posts(place, plan, norms, Method(asked.pop("method")), **asked)


@simulate.command("plan")
@click.argument("place")
@click.option("--day", type=Day(), default="2026-01-01", show_default=True)
@click.option("--in-towns", type=Number(0, 1), help="Push down to towns, or draw up, until this share is there.")
@click.option("--out", required=True, type=FOLDER, help="New folder for plan.toml, desks.csv and posts.csv.")
def simulate_plan(place: str, day: datetime, in_towns: float | None, out: Path) -> None:
    """Write the plan that a place's roster is on a day, as a start to change.

    \b
    Examples:
      gridbeat simulate plan haishu --out today
      gridbeat simulate plan haishu --in-towns 0.95 --out pushed_down
    """
    from ui.commands import simulating

    simulating.write_plan(place, day.date(), in_towns, out)
