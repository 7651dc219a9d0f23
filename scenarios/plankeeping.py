"""The staffing plans that are kept for a place: a folder each, with the files that the command line reads."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np

from dispatch.rulebook.competence import RuleBook
from gis.schemas import BadInput, Fault, shorten
from scenarios.place import Scenario
from scenarios.planning import bounds_of, write_roster_plan
from simulation.plan import StaffingPlan, refuse_beside
from simulation.rules import refuse_unserved
from simulation.sheets import PLAN, Sheets, plan_of, read_sheets, write_sheets

NAME = re.compile(r"[a-z][a-z0-9_]{1,60}")


class Meanwhile(Exception):  # noqa: N818 - read in messages
    """Somebody else has saved, renamed or deleted the plan since it was opened; what they did stands."""


class PlanShelf:
    """Plans below one folder, by name. A plan is there whole or not at all.

    Parameters
    ----------
    folder
        Made when the first plan is kept.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def names(self) -> list[str]:
        """Sorted."""
        found = (path.parent.name for path in self.folder.glob(f"*/{PLAN}"))
        return sorted(name for name in found if NAME.fullmatch(name))

    def path(self, name: str) -> Path:
        """Of the plan's TOML file.

        Raises
        ------
        BadInput
            When no plan of that name is kept.
        """
        if name not in self.names():
            raise BadInput(Fault("plans", None, None, f"no plan {shorten(name)}", "the name of a plan that is kept"))
        return self.folder / name / PLAN

    def sheets(self, name: str) -> Sheets:
        return read_sheets(self.path(name).parent)

    def start(self, scenario: Scenario, day: date, title_zh: str, title_en: str) -> str:
        """Keep the plan that the roster is on a day; returns its name."""

        def write(folder: Path) -> None:
            write_roster_plan(scenario, day, folder)
            titled = read_sheets(folder).with_value("title_zh", title_zh).with_value("title_en", title_en)
            write_sheets(titled, folder)

        return self._keep(self._free(f"{scenario.name}_today"), write)

    def copy(self, name: str, title_zh: str, title_en: str) -> str:
        """Keep a copy under another title; returns its name."""
        copied = self.sheets(name).with_value("title_zh", title_zh).with_value("title_en", title_en)
        return self._keep(self._free(name), lambda folder: write_sheets(copied, folder))

    def add(self, name: str, sheets: Sheets) -> str:
        """Keep a plan under a name, or the first beside it that is free; returns it.

        Raises
        ------
        BadInput
            When it is no plan.
        """
        plan_of(sheets)
        return self._keep(self._free(name), lambda folder: write_sheets(sheets, folder))

    def save(self, name: str, opened: Sheets, changed: Sheets) -> Sheets:
        """Write over a plan that still is as it was opened; returns what is kept now.

        Raises
        ------
        BadInput
            When what is to be kept is no plan.
        Meanwhile
            When the plan is not as it was opened.
        """
        plan_of(changed)
        if name not in self.names() or self.sheets(name) != opened:
            raise Meanwhile
        self._keep(name, lambda folder: write_sheets(changed.tidy, folder))
        return self.sheets(name)

    def remove(self, name: str) -> None:
        """What was played of it stays."""
        shutil.rmtree(self.path(name).parent)

    def _free(self, name: str) -> str:
        """The name, or the first of ``name_2``, ``name_3`` … that is free."""
        stem, taken, number = re.sub(r"_\d+$", "", name)[:56], set(self.names()), 2
        name = stem
        while name in taken:
            name, number = f"{stem}_{number}", number + 1
        return name

    def _keep(self, name: str, write: Callable[[Path], object]) -> str:
        """Written beside, named after its folder, then put in its place."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self.folder, prefix=".") as beside:
            new, old = Path(beside) / "new", Path(beside) / "old"
            new.mkdir()
            write(new)
            write_sheets(read_sheets(new).with_value("name", name), new)
            if (self.folder / name).exists():
                (self.folder / name).rename(old)
            new.rename(self.folder / name)
        return name


def legal(sheets: Sheets, scenario: Scenario, rulebook: RuleBook) -> StaffingPlan:
    """The plan that the sheets are, if it may be played on the place; ways are not looked at.

    Raises
    ------
    BadInput
        With everything that is wrong, of the first kind that is: with the files, with what they name, with who serves
        which town.
    """
    plan = plan_of(sheets)
    town = scenario.cells["town"].to_numpy(dtype=str)
    towns, fields = set(np.unique(town).tolist()), set(scenario.fields)
    refuse_beside(plan, Path(PLAN), rulebook.bodies, towns, fields, bounds_of(scenario))
    refuse_unserved(plan, rulebook, scenario.demand.matters, town)
    return plan
