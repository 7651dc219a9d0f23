"""Searches for the best plan that are kept: what was asked, what came of it, and the plans that were found."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from gis.mapfiles import replacing
from scenarios.planning import write_plan_files
from scenarios.runkeeping import Run
from simulation.intervals import Estimate
from simulation.search import Candidate, Found, Question
from simulation.sheets import Sheets, read_sheets

CARD, FOUND = "card.json", "found.json"


@dataclass(frozen=True, slots=True)
class FoundPlan:
    """A plan that stood for choice or lies on the front.

    Attributes
    ----------
    number
        Of its folder.
    moves
        Desks of each station that differs from the plan the search began with, and by how many heads.
    """

    number: int
    origin: str
    hash: str
    heads: int
    cost_a_year: float
    late: Estimate
    moves: tuple[tuple[tuple[str, ...], int], ...]
    looked: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """What a search came to.

    Attributes
    ----------
    best
        Number of the chosen plan.
    decided
        Whether the choice came to its end; without that no probability is promised.
    worth
        By town: percentage points on time, as a share, that one officer more there adds to the whole place.
    seconds
        How long it took, without what had been played before.
    """

    best: int
    decided: bool
    candidates: tuple[FoundPlan, ...]
    front: tuple[FoundPlan, ...]
    worth: dict[str, Estimate]
    seconds: float

    @property
    def chosen(self) -> FoundPlan:
        return next(one for one in self.candidates if one.number == self.best)


@dataclass(frozen=True, slots=True)
class Search:
    """A question about a run's plan; ``answer`` is None until it has come to its end."""

    folder: Path
    run: str
    question: Question
    asked_by: str
    asked_at: datetime
    answer: Answer | None

    @property
    def id(self) -> str:
        return self.folder.name

    @property
    def store(self) -> Path:
        """Where its replications are kept."""
        return self.folder / "outcomes.db"

    def sheets(self, number: int) -> Sheets:
        """A plan that was found."""
        return read_sheets(self.folder / "plans" / str(number))


class SearchShelf:
    """Searches below one folder, each named by the run it begins with and what is asked."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def searches(self) -> list[Search]:
        """The latest first."""
        found = [_read(card.parent) for card in self.folder.glob(f"*/{CARD}")]
        return sorted(found, key=lambda one: (one.asked_at, one.id), reverse=True)

    def search(self, id: str) -> Search | None:
        return _read(self.folder / id) if id and (self.folder / id / CARD).is_file() else None

    def begin(self, run: Run, question: Question, by: str, at: datetime) -> Search:
        """The search, new or begun before."""
        asked = json.dumps({"run": run.id, "question": asdict(question)}, sort_keys=True)
        folder = self.folder / hashlib.sha256(asked.encode()).hexdigest()[:16]
        if not (folder / CARD).is_file():
            folder.mkdir(parents=True, exist_ok=True)
            told = {"run": run.id, "question": asdict(question), "asked_by": by, "asked_at": at.isoformat()}
            _write(folder / CARD, told)
        return _read(folder)

    def finish(self, search: Search, found: Found, seconds: float) -> Search:
        """The search with its answer; the plans found lie beside it."""
        points = list(dict.fromkeys(one.heads for one in (*found.candidates, *found.front)))
        number = {heads: at for at, heads in enumerate(points)}
        for one in (*found.candidates, *found.front):
            folder = search.folder / "plans" / str(number[one.heads])
            if not folder.is_dir():
                folder.mkdir(parents=True)
                write_plan_files(one.plan, folder)
        looked = dict(zip((one.heads for one in found.candidates), found.choice.looked, strict=True))
        told = {
            "best": number[found.best.heads],
            "decided": found.choice.decided,
            "candidates": [_told(one, number, found, looked) for one in found.candidates],
            "front": [_told(one, number, found, looked) for one in found.front],
            "worth": {town: _estimate(worth) for town, worth in found.worth.items()},
            "seconds": seconds,
        }
        _write(search.folder / FOUND, told)
        return _read(search.folder)


def _told(one: Candidate, number: dict[tuple[int, ...], int], found: Found, looked: dict[Any, int]) -> dict[str, Any]:
    moves = [
        [list(station.desks), heads - station.heads]
        for station, heads in zip(found.stations, one.heads, strict=True)
        if heads != station.heads
    ]
    return {
        "number": number[one.heads],
        "origin": one.origin,
        "hash": one.plan.hash,
        "heads": one.total,
        "cost_a_year": one.plan.cost_a_year,
        "late": _estimate(one.late),
        "moves": moves,
        "looked": looked.get(one.heads, 0),
    }


def _estimate(one: Estimate) -> list[float | None]:
    """JSON has no NaN: nothing where there is none."""
    return [*(None if math.isnan(value) else value for value in (one.mean, one.half)), one.n]


def _read(folder: Path) -> Search:
    told = json.loads((folder / CARD).read_text(encoding="utf-8"))
    answer = _answer(json.loads((folder / FOUND).read_text(encoding="utf-8"))) if (folder / FOUND).is_file() else None
    asked_at = datetime.fromisoformat(told["asked_at"])
    return Search(folder, told["run"], Question(**told["question"]), told["asked_by"], asked_at, answer)


def _answer(told: dict[str, Any]) -> Answer:
    candidates, front = (tuple(map(_found_plan, told[name])) for name in ("candidates", "front"))
    worth = {town: _estimated(one) for town, one in told["worth"].items()}
    return Answer(told["best"], told["decided"], candidates, front, worth, told["seconds"])


def _found_plan(told: dict[str, Any]) -> FoundPlan:
    moves = tuple((tuple(desks), by) for desks, by in told["moves"])
    return FoundPlan(**{**told, "late": _estimated(told["late"]), "moves": moves})


def _estimated(told: Sequence[float | None]) -> Estimate:
    mean, half, n = told
    return Estimate(math.nan if mean is None else mean, math.nan if half is None else half, int(n or 0))


def _write(path: Path, told: dict[str, Any]) -> None:
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(told, ensure_ascii=False) + "\n", encoding="utf-8")
