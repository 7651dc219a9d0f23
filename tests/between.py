"""The nine cells with every desk that works between bodies, and a clock that the test moves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from dispatch.desk.clocks import Clocks
from dispatch.desk.disputes import Disputes
from dispatch.desk.escalation import Escalation
from dispatch.desk.incidents import Desk
from dispatch.desk.liaisons import Liaisons
from dispatch.desk.refusals import Refused
from dispatch.desk.rights import Rights
from dispatch.desk.transfers import Transfers
from dispatch.desk.voices import Voices
from dispatch.desk.whistles import Call, Whistles
from dispatch.records.incident import Incident
from dispatch.records.task import Task
from dispatch.rulebook.terms import Term, Unit
from dispatch.store.casebook import Casebook
from dispatch.store.ledger import Entry, Kind
from gis.locate import CellLocator
from tests.towns import NOON, nine_cells

DISTRICT, JIA, YI = "990100", "990100001", "990100002"
VENDOR, HERE = "C08-01", (121.5415, 29.8613)
CLAUSE = "《九格区职责清单（示例）》第三条"
DAY = Term(1, Unit.WORKING_DAYS)
MINUTE = timedelta(minutes=1)


class Command:
    """One command centre; ``later`` moves its clock."""

    def __init__(self, casebook: Casebook, rights: Rights | None = None) -> None:
        place = self.place = nine_cells()
        rules, book = place.rules, place.rulebook
        self.now = NOON
        self.book = casebook
        self.desk = Desk(
            casebook,
            book,
            CellLocator(place.cells),
            place.cells,
            lambda: self.now,
            parts=rules.parts,
            calendar=rules.calendar,
            rights=rights,
        )
        self.desk.set_roster("lead", place.teams(NOON))
        self.tasks = Disputes(self.desk, book.bodies, rules.calendar, rules.departments, book.matters)
        self.whistles = Whistles(self.desk, book.bodies)
        self.transfers = Transfers(self.desk, book.bodies, book.matters, rules.calendar)
        self.liaisons = Liaisons(self.desk)
        self.voices = Voices(casebook, lambda: self.now)
        self.clocks = Clocks(self.desk, book.matters, rules.calendar)
        self.clock = Escalation(casebook, DISTRICT, lambda: self.now)

    def later(self, minutes: float = 1) -> datetime:
        self.now += timedelta(minutes=minutes)
        return self.now

    def heard(self, matter: str = VENDOR, who: str = "li", **facts: str) -> Incident:
        return self.desk.report(who, "流动摊贩占道经营", lon=HERE[0], lat=HERE[1], matter=matter, **facts)

    def call(self, department: str, minutes: float = 30, *, lead: bool = False) -> Call:
        return Call(department, f"{department}到场", self.now + timedelta(minutes=minutes), lead)

    def whistled(self, *departments: str, minutes: float = 30) -> tuple[Task, ...]:
        """A new incident for which these departments were called."""
        new = self.heard()
        return self.whistles.blow("li", new.id, 1, [self.call(d, minutes) for d in departments], "现场复杂").tasks

    def handed(self, department: str = "planning") -> Task:
        """A new incident handed over to a department."""
        return self.transfers.transfer_out("li", self.heard().id, 1, department, "属规划事项", CLAUSE).task

    def back_and_forth(self, task: Task, *departments: str) -> Task:
        """Sent back by its department and sent on to each of these, which sends it back too."""
        back = self.tasks.give_back(task.department, task.id, task.version, CLAUSE)
        for department in departments:
            self.later()
            again = self.tasks.send_again("li", task.id, back.version, department, DAY)
            self.later()
            back = self.tasks.give_back(department, task.id, again.version, f"《{department}职责》第一条")
        return back

    def task(self, task: Task) -> Task:
        return next(each for each in self.book.tasks(task.incident) if each.id == task.id)

    def incident(self, task: Task) -> Incident:
        found = self.book.incident(task.incident)
        assert found is not None
        return found

    def deeds(self, incident: Incident) -> list[str]:
        """Every deed on the incident, its tasks and disputes, each once for all the entries it made, in order."""
        tasks = [task.id for task in self.book.tasks(incident.id)]
        disputes = [f"{task}-D1" for task in tasks]
        entries = self.book.histories({Kind.INCIDENT: [incident.id], Kind.TASK: tasks, Kind.DISPUTE: disputes})
        return [one.deed for one, before in zip(entries, [None, *entries], strict=False) if _another(one, before)]


def _another(one: Entry, before: Entry | None) -> bool:
    return before is None or (one.deed, one.at, one.actor) != (before.deed, before.at, before.actor)


def why(tried: Callable[[], object]) -> list[str]:
    """Codes of the reasons with which something is refused."""
    with pytest.raises(Refused) as refused:
        tried()
    return [reason.code for reason in refused.value.reasons]
