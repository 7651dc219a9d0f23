"""What planners do with staffing plans: each deed asks the right and stands in the ledger, as every other deed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from dispatch.desk.door import Door
from dispatch.desk.refusals import Refused, Stale
from dispatch.records.reason import Reason
from dispatch.store.ledger import Kind
from dispatch.store.writing import Actor, Writing
from gis.schemas import BadInput
from scenarios.historykeeping import HistoryShelf, KeptHistory
from scenarios.place import Scenario
from scenarios.plankeeping import Meanwhile, PlanShelf
from scenarios.runkeeping import Run
from simulation.history import History
from simulation.sheets import Sheets, plan_of

NEW, HISTORIES, RUNS = "plans", "histories", "runs"
"""What a deed is about while the plan has no name yet, where tickets are taken in, and where plans are played."""
PLAN_DEED_REASONS = ("history_in_use",)  # runs, source


class PlanDeeds(Door):
    """The deeds on the plans of a shelf; what is refused leaves the files as they are and an entry who tried."""

    def __init__(self, door: Door, shelf: PlanShelf) -> None:
        super().__init__(door.casebook, door.clock, door.rights)
        self.shelf = shelf

    def start(self, actor: str, scenario: Scenario, day: date, title_zh: str, title_en: str) -> str:
        """A plan kept that the roster is on a day; returns its name."""
        with self.deed("staff_start", actor, Kind.PLAN, NEW) as (page, who):
            name = self.shelf.start(scenario, day, title_zh, title_en)
            return self._entered(page, who, name, day=day.isoformat())

    def copy(self, actor: str, source: str, title_zh: str, title_en: str) -> str:
        """A copy kept under another title; returns its name."""
        with self.deed("staff_copy", actor, Kind.PLAN, source) as (page, who):
            return self._entered(page, who, self.shelf.copy(source, title_zh, title_en), source=source)

    def keep(self, actor: str, name: str, sheets: Sheets, found_by: str) -> str:
        """A plan kept that a search has found, named by the search; returns its name."""
        with self.deed("staff_keep", actor, Kind.PLAN, NEW) as (page, who):
            return self._entered(page, who, self.shelf.add(name, sheets), found_by=found_by)

    def save(self, actor: str, name: str, opened: Sheets, changed: Sheets) -> Sheets:
        """A plan written over that still is as it was opened; returns what is kept now.

        Raises
        ------
        BadInput
            When what is to be kept is no plan.
        Stale
            When the plan is not as it was opened; it names who was first, as far as the ledger knows.
        """
        with self.deed("staff_save", actor, Kind.PLAN, name) as (page, who):
            last = page.latest(Kind.PLAN, name)
            try:
                kept = self.shelf.save(name, opened, changed)
            except Meanwhile:
                version = last.version_after if last else 0
                raise Stale("plan", name, version, version, last) from None
            self._entered(page, who, name, was=_hash(opened))
            return kept

    def remove(self, actor: str, name: str) -> None:
        """A plan deleted; what was played of it stays."""
        with self.deed("staff_remove", actor, Kind.PLAN, name) as (page, who):
            was = _hash(self.shelf.sheets(name))
            self.shelf.remove(name)
            before = _version(page, name)
            page.enter(who, Kind.PLAN, name, version_before=before, version_after=before + 1, details={"was": was})

    def take_in(self, actor: str, shelf: HistoryShelf, history: History, source: str) -> KeptHistory:
        """A history of tickets kept to learn from; ``source`` is what its file is called."""
        with self.deed("staff_history", actor, Kind.PLAN, HISTORIES) as (page, who):
            kept = shelf.add(history, source, who.name, who.at)
            told = {"set": kept.id, "source": source, "tickets": kept.tickets}
            page.enter(who, Kind.PLAN, HISTORIES, details=told)
            return kept

    def put_away(self, actor: str, shelf: HistoryShelf, id: str, runs: Iterable[Run]) -> None:
        """A history of tickets deleted.

        Raises
        ------
        Refused
            ``history_in_use`` with how many of ``runs`` met it: what they say could not be found out again.
        BadInput
            When it is not there.
        """
        with self.deed("staff_history_remove", actor, Kind.PLAN, HISTORIES) as (page, who):
            gone = shelf.kept(id)
            used = sum(run.conditions.history == id for run in runs)
            if used:
                raise Refused(Reason("history_in_use", False, {"runs": used, "source": gone.source}))
            shelf.remove(id)
            page.enter(who, Kind.PLAN, HISTORIES, details={"was": id, "source": gone.source, "tickets": gone.tickets})

    def play(self, actor: str, work: str, **asked: Any) -> None:
        """Who has what played, with the hashes of its plans and the seed; it changes nothing, and needs no area."""
        with self.deed("staff_play", actor, Kind.PLAN, RUNS, place="") as (page, who):
            page.enter(who, Kind.PLAN, RUNS, details={"work": work, **asked})

    def _entered(self, page: Writing, who: Actor, name: str, **details: str) -> str:
        before, sheets = _version(page, name), self.shelf.sheets(name)
        told = {"set": _hash(sheets), "heads": sheets.heads, **details}
        page.enter(who, Kind.PLAN, name, version_before=before, version_after=before + 1, details=told)
        return name


def _version(page: Writing, name: str) -> int:
    """How many deeds the ledger holds on a plan of this name."""
    last = page.latest(Kind.PLAN, name)
    return last.version_after if last else 0


def _hash(sheets: Sheets) -> str:
    """Of the plan, or empty where somebody has written something else into its files."""
    try:
        return plan_of(sheets).hash
    except BadInput:
        return ""
