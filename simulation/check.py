"""The city held against queues whose answer is known: read what to set up, play it, say means with intervals."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from pydantic import ValidationError

from gis.schemas import BadInput, Fault, shorten
from gis.tomlfile import as_expected
from simulation import fast
from simulation.intervals import Estimate, over_replications, warm_up
from simulation.queue import HOUR_S, Draws, Metrics, Queue, Window
from simulation.queues import MODELS
from simulation.services import read

PILOT_INCIDENTS = 20_000
"""In each replication of the first pilot; what is said comes from other replications."""
TIMES_THE_PILOT = 10
"""A pilot tells of lengths up to so many times its own; if more is needed, the next one is so many times as long."""
MOST_SERVICES = 120_000_000
"""In all replications of one queue together, about a minute on two cores."""
MOST_AT_ONCE = 2_000_000
"""In one part of a replication, which is held whole: about a gigabyte."""
WANTED = 0.01
"""Half-width as a share of the mean that the length is chosen for, by pilots that err; 0.02 is promised."""
FORGOTTEN = 2.0
"""How many times its settling time a queue plays before anything is counted."""
AT_ONCE = 2
STRETCHES = 100
LEFT_OUT, LEFT_OUT_AT_MOST = 0.1, 0.5
COUNTED_UNTIL = 0.98
"""Of each replication: what comes first is always left out, and what comes last only keeps the others waiting."""

Answer = Estimate | list[Estimate]


@dataclass(frozen=True, slots=True)
class Length:
    """How long each part of a replication is, how much of its beginning is left out, hours, and how many parts."""

    hours: float
    warm_up_hours: float
    parts: int = 1


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
    most_services: int = MOST_SERVICES,
) -> dict[str, Answer]:
    """What the city measures when it is set up as this queue, with 95 % intervals over replications.

    How long a replication is and how much of its beginning is left out is judged on pilot replications with chances of
    their own, so that what is said is of a length fixed beforehand. A replication too long to be held whole is the mean
    of several parts, each played from its own empty beginning.
    """
    length = length_of(queue, replications, seed, most_services)
    told: list[Metrics] = []
    parts: list[Metrics] = []
    for metrics, _ in _all_played("check", queue, replications, seed, length):
        parts.append(metrics)
        if len(parts) == length.parts:
            told.append({name: np.mean([part[name] for part in parts], axis=0).tolist() for name in metrics})
            parts = []
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
            return Fault(file, None, name, shorten(params), as_expected(wrong["msg"]))
        case _:
            return Fault(file, None, where, shorten(wrong["input"]), as_expected(wrong["msg"]))


def length_of(queue: Queue, replications: int, seed: int, most_services: int) -> Length:
    """Long enough for the wanted half-width, the beginning left out by the averaged series and by the settling time.

    A pilot that is short beside the time in which the queue forgets says too little of both; then a longer one does.
    """
    pilots, affordable = max(replications, 10), most_services / replications / queue.services
    at_once = MOST_AT_ONCE / queue.services
    incidents = float(PILOT_INCIDENTS)
    while True:
        pilot = Length(incidents / queue.arrivals, 0.0)
        metrics, series = zip(*_all_played("pilot", queue, pilots, seed, pilot), strict=True)
        settled = max(warm_up(list(series)) / STRETCHES * pilot.hours, FORGOTTEN * queue.settling_h)
        needed = incidents * max(1.0, (_widest(metrics) / WANTED) ** 2 * pilots / replications)
        longer = incidents * TIMES_THE_PILOT
        dear = longer * pilots * queue.services > most_services / 4
        if needed <= longer or dear or longer > at_once:
            break
        incidents = longer
    needed = max(min(needed, affordable), float(PILOT_INCIDENTS))
    parts = max(1, math.ceil(needed / at_once))
    hours = needed / parts / queue.arrivals
    return Length(hours, min(max(settled, LEFT_OUT * hours), LEFT_OUT_AT_MOST * hours), parts)


def _widest(metrics: Sequence[Metrics]) -> float:
    """The widest half-width as a share of its mean."""
    widths = [estimate.relative for name in metrics[0] for estimate in _as_list(_estimate([m[name] for m in metrics]))]
    return max((width for width in widths if math.isfinite(width)), default=1.0)


def _all_played(
    what: str, queue: Queue, replications: int, seed: int, length: Length
) -> Iterable[tuple[Metrics, NDArray[np.float64]]]:
    """By replication, then part; two at a time: the compiled city lets go of Python while it plays."""
    jobs = (
        delayed(played_once)(queue, draws_of(what, queue, number, seed, part), length)
        for number in range(replications)
        for part in range(length.parts)
    )
    played: Iterable[tuple[Metrics, NDArray[np.float64]]] = Parallel(
        n_jobs=AT_ONCE, prefer="threads", return_as="generator"
    )(jobs)
    return played


def played_once(queue: Queue, draws: Draws, length: Length) -> tuple[Metrics, NDArray[np.float64]]:
    """What one part of a replication measures, and by stretches how long it takes from asking to being free again."""
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


def draws_of(what: str, queue: Queue, replication: int, seed: int, part: int = 0) -> Draws:
    """Chances of its own for each queue, whatever it is called, so that two queues do not err together."""
    return Draws(what, type(queue).__name__, queue.model_dump_json(), replication, part, seed=seed)


def _estimate(values: list[float | list[float]]) -> Answer:
    if isinstance(values[0], list):
        return [over_replications(column) for column in np.array(values).T]
    return over_replications(np.array(values))


def _as_list(answer: Answer) -> list[Estimate]:
    return answer if isinstance(answer, list) else [answer]
