"""What can be asked about cases: what comes next, how one may end, what it may cost and what is still owed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from types import MappingProxyType
from typing import NamedTuple

from dispatch.desk.door import Door
from dispatch.desk.standing import People
from dispatch.records.case import Case, Fact
from dispatch.records.team import Officer
from dispatch.rulebook.calendar import Calendar
from dispatch.rulebook.competence import RuleBook
from dispatch.rulebook.conditions import Context, last_day
from dispatch.rulebook.discretion import Discretion, Spread, Tier, spread
from dispatch.rulebook.gates import surcharge
from dispatch.rulebook.matters import Matter
from dispatch.rulebook.outcomes import Advice, advise
from dispatch.rulebook.procedures import PAYMENT, NextStep, Procedures, due_at, next_steps
from dispatch.store.writing import Writing

NOTHING: Mapping[str, Fact] = MappingProxyType({})


class Owed(NamedTuple):
    """What is to be paid on a day: the fine and what may be added for paying late, both in yuan."""

    fine_yuan: int
    surcharge_yuan: float
    due_at: datetime | None


class CaseReading(Door):
    """The cases of a place as they can be read.

    Parameters
    ----------
    door
        Whose casebook and clock are used.
    rulebook
        Who may act on what, where and when.
    procedures, discretion
        The steps of a case and what a fine may cost.
    calendar
        By which terms run.
    office
        People beside the teams: reviewers, hosts of hearings.
    conflicts
        Ids of parties from which an officer must step back, by the officer's id.
    """

    def __init__(
        self,
        door: Door,
        rulebook: RuleBook,
        procedures: Procedures,
        discretion: Discretion,
        calendar: Calendar,
        *,
        office: Sequence[Officer] = (),
        conflicts: Mapping[str, Collection[str]] = MappingProxyType({}),
    ) -> None:
        super().__init__(door.casebook, door.clock)
        self.rulebook = rulebook
        self.procedures = procedures
        self.discretion = discretion
        self.calendar = calendar
        self._office = tuple(office)
        self._conflicts = conflicts

    def next(self, case: Case, now: datetime | None = None) -> tuple[NextStep, ...]:
        """What the case still owes, in order, with its terms; see ``dispatch.rulebook.procedures.next_steps``."""
        return next_steps(case, self.procedures, Context(now or self.clock(), self.calendar))

    def earlier(self, party: str, matter: str) -> list[Case]:
        """Every case of this party on this matter, the first filed first."""
        return self.casebook.cases(party=party, matter=matter)

    def advice(self, case: Case, facts: Mapping[str, Fact] = NOTHING, now: datetime | None = None) -> Advice:
        """How the case may end as things stand, and why."""
        return self._advice(case, self.earlier(case.party.id, case.matter), facts, now or self.clock())

    def tiers(self, matter: str) -> tuple[Tier, ...]:
        """The benchmark of a matter, or of the first listed power it is enforced under that has one."""
        known = self.rulebook.matters.get(matter)
        return self.discretion.tiers(self._listed_as(known)) if known else ()

    def spread(self, matter: str) -> Spread:
        """How past fines of this matter lie, for the screen of a case."""
        return spread(self.casebook.cases(matter=matter))

    def owed(self, case: Case, day: date) -> Owed:
        """What the party has to pay on ``day``; the surcharge may be forgone (article 72)."""
        step = self.procedures.step(case.procedure, PAYMENT[case.procedure])
        context = Context(self.clock(), self.calendar)
        due = due_at(case, step, context) if step else None
        late = (day - last_day(due)).days if due else 0
        return Owed(case.fine_yuan, surcharge(case.fine_yuan, late), due)

    def _people(self, page: Writing) -> People:
        return People(page.teams(), self._office)

    def _advice(self, case: Case, known: Sequence[Case], facts: Mapping[str, Fact], at: datetime) -> Advice:
        earlier = [each for each in known if each.id != case.id]
        day = self.calendar.local(at).date()
        return advise(self.rulebook.matters[case.matter], {**case.facts, **facts}, earlier, day, self.calendar.zone)

    def _listed_as(self, matter: Matter) -> str:
        return next((code for code in (matter.code, *matter.under) if self.discretion.tiers(code)), matter.code)
