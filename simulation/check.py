"""The city held against queues whose answer is known: read what to set up, play it, say means with intervals."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from pydantic import ValidationError

from gis.schemas import BadInput, Fault, shorten
from simulation import fast
from simulation.intervals import Estimate, over_replications, warm_up
from simulation.queues import HOUR_S, MODELS, Draws, Metrics, Queue, Window
from simulation.services import read

PILOT_INCIDENTS = 20_000
"""In each pilot replication; what is said comes from other replications."""
MOST_INCIDENTS = 30_000_000
"""In all replications of one queue together."""
MOST_AT_ONCE = 2_000_000
"""In one replication, which is held whole: about a gigabyte."""
WANTED = 0.012
"""Half-width as a share of the mean that the length is chosen for; 0.02 is promised."""
AT_ONCE = 2
STRETCHES = 100
LEFT_OUT = 0.1
COUNTED_UNTIL = 0.98
"""Of each replication: what comes first is always left out, and what comes last only keeps the others waiting."""

Answer = Estimate | list[Estimate]


@dataclass(frozen=True, slots=True)
class Length:
    """How long each replication is, and how much of its beginning is left out, hours."""

    hours: float
    warm_up_hours: float


def queues_of(asked: Any, file: str) -> dict[str, Queue]:
    """The queues of a file's content, by name.

    Raises
    ------
    BadInput
        With everything that is wrong: an unknown model or parameter, a rate that is no number above 0, a queue that
        would grow without end.
    """
    if not isinstance(asked, Mapping) or not asked:
        raise BadInput(Fault(file, None, None, shorten(asked), 'queues by name: {"name": {"model": …, "params": …}}'))
    queues: dict[str, Queue] = {}
    faults: list[Fault] = []
    for name, one in asked.items():
        made = _queue(str(name), one, file)
        if isinstance(made, Queue):
            queues[str(name)] = made
        else:
            faults += made
    if faults:
        raise BadInput(*faults, advice=f"Models are {', '.join(MODELS)}; rates are per hour.")
    return queues


def check(
    queue: Queue,
    replications: int,
    seed: int,
    step: Callable[[], object] = lambda: None,
    most_incidents: int = MOST_INCIDENTS,
) -> dict[str, Answer]:
    """What the city measures when it is set up as this queue, with 95 % intervals over replications.

    How long a replication is and how much of its beginning is left out is judged on pilot replications with chances of
    their own, so that what is said is of a length fixed beforehand.
    """
    length = _length(queue, replications, seed, most_incidents)
    told: list[Metrics] = []
    for metrics, _ in _all_played("check", queue, replications, seed, length):
        told.append(metrics)
        step()
    return {name: _estimate([one[name] for one in told]) for name in told[0]}


def _queue(name: str, one: Any, file: str) -> Queue | list[Fault]:
    if not isinstance(one, Mapping) or set(one) != {"model", "params"} or not isinstance(one["params"], Mapping):
        return [Fault(file, None, name, shorten(one), '{"model": …, "params": {…}}')]
    if one["model"] not in MODELS:
        return [Fault(file, None, f"{name}.model", shorten(one["model"]), f"one of {', '.join(MODELS)}")]
    try:
        queue = MODELS[one["model"]].model_validate(dict(one["params"]))
    except ValidationError as error:
        return [_fault(file, name, one["params"], dict(wrong)) for wrong in error.errors()]
    if queue.load >= 1:
        found = f"work that comes {queue.load:.3g} times as fast as it can be done"
        return [Fault(file, None, name, found, "less than 1, or the queue grows without end")]
    return queue


def _fault(file: str, name: str, params: Mapping[str, Any], wrong: dict[str, Any]) -> Fault:
    where = ".".join([name, *(str(part) for part in wrong["loc"])])
    match wrong["type"]:
        case "missing":
            return Fault(file, None, where, "no such parameter", "a value for it")
        case "extra_forbidden":
            return Fault(file, None, where, "an unknown parameter", "a parameter of the model")
        case "value_error":
            return Fault(file, None, name, shorten(params), str(wrong["msg"]).removeprefix("Value error, "))
        case _:
            return Fault(file, None, where, shorten(wrong["input"]), str(wrong["msg"]))


def _length(queue: Queue, replications: int, seed: int, most_incidents: int) -> Length:
    """From pilot replications: long enough for the wanted half-width, the beginning left out by the averaged series."""
    pilot = Length(PILOT_INCIDENTS / queue.arrivals, 0.0)
    pilots = max(replications, 10)
    metrics, series = zip(*_all_played("pilot", queue, pilots, seed, pilot), strict=True)
    settled = warm_up(list(series)) / STRETCHES * pilot.hours
    widths = [estimate.relative for name in metrics[0] for estimate in _as_list(_estimate([m[name] for m in metrics]))]
    worst = max((width for width in widths if math.isfinite(width)), default=1.0)
    times = max(1.0, (worst / WANTED) ** 2 * pilots / replications)
    longest = min(most_incidents / replications, MOST_AT_ONCE) / queue.arrivals
    hours = max(min(times * pilot.hours, longest), pilot.hours)
    return Length(hours, max(settled, LEFT_OUT * hours))


def _all_played(
    what: str, queue: Queue, replications: int, seed: int, length: Length
) -> Iterable[tuple[Metrics, NDArray[np.float64]]]:
    """In the order of the replications, two at a time: the compiled city lets go of Python while it plays."""
    jobs = (delayed(played_once)(queue, draws_of(what, queue, number, seed), length) for number in range(replications))
    played: Iterable[tuple[Metrics, NDArray[np.float64]]] = Parallel(
        n_jobs=AT_ONCE, prefer="threads", return_as="generator"
    )(jobs)
    return played


def played_once(queue: Queue, draws: Draws, length: Length) -> tuple[Metrics, NDArray[np.float64]]:
    """What one replication measures, and by stretches of time how long it takes from asking to being free again."""
    force, work = queue.force(), queue.work(draws, length.hours)
    services, fates = read(fast.run(force, work), len(work), force.officers)
    end_s = length.hours * HOUR_S * COUNTED_UNTIL
    window = Window(services, fates, work, length.warm_up_hours * HOUR_S, end_s)
    stretch = (services.asked_s / (length.hours * HOUR_S) * STRETCHES).astype(np.int64)
    inside = stretch < STRETCHES
    count = np.bincount(stretch[inside], minlength=STRETCHES)
    total = np.bincount(
        stretch[inside], services.wait_s[inside] + services.free_s[inside] - services.sent_s[inside], STRETCHES
    )
    return queue.measure(window), total / np.maximum(count, 1)


def draws_of(what: str, queue: Queue, replication: int, seed: int) -> Draws:
    """Chances of its own for each queue, whatever it is called, so that two queues do not err together."""
    return Draws(what, type(queue).__name__, queue.model_dump_json(), replication, seed=seed)


def _estimate(values: list[float | list[float]]) -> Answer:
    if isinstance(values[0], list):
        return [over_replications(column) for column in np.array(values).T]
    return over_replications(np.array(values))


def _as_list(answer: Answer) -> list[Estimate]:
    return answer if isinstance(answer, list) else [answer]
