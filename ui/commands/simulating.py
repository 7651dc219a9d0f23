"""``gridbeat simulate``: the city played forward, and held against queues whose answer is known."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from gis.mapfiles import replacing
from gis.schemas import BadInput, Fault, shorten
from simulation.check import Answer, check, queues_of
from ui.commands.output import check_output, last_line, steps


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
