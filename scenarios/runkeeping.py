"""What was played of the plans of a place: a folder for each plan, place, seed and what it met."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from gis.mapfiles import replacing
from scenarios.builder import BESIDE
from scenarios.conditions import USUAL, Conditions
from scenarios.place import Scenario
from simulation.kept import Kept
from simulation.outcome import Outcome
from simulation.plan import StaffingPlan, read_plan
from simulation.sheets import PLAN, Sheets, plan_of, read_sheets, write_sheets

CARD, OUTCOMES = "card.json", "outcomes.db"


@dataclass(frozen=True, slots=True)
class Run:
    """One plan under one seed and what it met.

    Attributes
    ----------
    conditions
        What it met beside the place's own demand.
    city
        Names what was played, as `simulation.kept.city_of`; empty before the first replication.
    """

    folder: Path
    plan: StaffingPlan
    place_hash: str
    seed: int
    city: str
    conditions: Conditions = USUAL

    @property
    def id(self) -> str:
        return self.folder.name

    @property
    def met(self) -> tuple[object, ...]:
        """Two runs met the same where this is the same, days included; tickets or a backlog make days of their own."""
        file = self.plan.file
        given = self.conditions.history or self.conditions.backlog
        days = () if given else (file.begins, file.days, file.warm_up_days)
        return self.seed, self.place_hash, self.conditions, days

    @property
    def path(self) -> Path:
        """Of the plan as it was played, whatever became of the plan since."""
        return self.folder / PLAN

    @property
    def store(self) -> Path:
        """Where its replications are kept."""
        return self.folder / OUTCOMES

    def outcomes(self) -> tuple[Outcome, ...]:
        """Its replications by number, up to the first that is missing."""
        if not self.store.is_file():
            return ()
        with Kept.open(self.store) as kept:
            found = kept.of(self.city, self.seed)
        there: list[Outcome] = []
        while len(there) in found:
            there.append(found[len(there)])
        return tuple(there)


class RunShelf:
    """Runs below one folder, each in ``PLAN_HASH-PLACE_HASH-SEED``, and ``-HASH`` of what it met where that is unusual.

    Nothing is played twice.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def runs(self) -> list[Run]:
        """The latest first."""
        cards = sorted(self.folder.glob(f"*/{CARD}"), key=lambda path: (-path.stat().st_mtime, path.parent.name))
        return [_read(card.parent) for card in cards]

    def run(self, id: str) -> Run | None:
        """The run of that id; None when it is not there."""
        return _read(self.folder / id) if id and (self.folder / id / CARD).is_file() else None

    def begin(self, sheets: Sheets, place_hash: str, seed: int, conditions: Conditions = USUAL) -> Run:
        """The run of a plan, new or begun before.

        Raises
        ------
        BadInput
            When the sheets are no plan.
        """
        plan = plan_of(sheets)
        met = f"-{conditions.hash}" if conditions.hash else ""
        folder = self.folder / f"{plan.hash}-{place_hash}-{seed}{met}"
        if not (folder / CARD).is_file():
            folder.mkdir(parents=True, exist_ok=True)
            write_sheets(sheets.tidy, folder)
            _write(folder, place_hash, seed, "", conditions)
        return _read(folder)

    def sheets(self, run: Run) -> Sheets:
        """The plan of a run as it was played."""
        return read_sheets(run.folder)

    def played(self, run: Run, city: str) -> Run:
        """The run with the name of what is played."""
        _write(run.folder, run.place_hash, run.seed, city, run.conditions)
        return _read(run.folder)


@cache
def _plan(path: Path) -> StaffingPlan:
    """Of a run, whose files never change."""
    return read_plan(path)


def _read(folder: Path) -> Run:
    told = json.loads((folder / CARD).read_text(encoding="utf-8"))
    met = Conditions(**told.get("conditions", {}))
    return Run(folder, _plan(folder / PLAN), told["place_hash"], told["seed"], told["city"], met)


def _write(folder: Path, place_hash: str, seed: int, city: str, conditions: Conditions) -> None:
    told = {"place_hash": place_hash, "seed": seed, "city": city, "conditions": conditions.as_json()}
    with replacing(folder / CARD) as temporary:
        temporary.write_text(json.dumps(told) + "\n", encoding="utf-8")


def place_hash(scenario: Scenario) -> str:
    """Names the files of a built place but those that only lie beside it: 16 hexadecimal digits."""
    return _hash(scenario.folder)


@cache
def _hash(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.iterdir() if path.is_file() and path.name not in BESIDE):
        digest.update(f"{path.name}:{hashlib.sha256(path.read_bytes()).hexdigest()};".encode())
    return digest.hexdigest()[:16]
