"""What can be asked about cases: what comes next, how one may end, what it may cost and what is still owed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from types import MappingProxyType
from typing import NamedTuple

from dispatch.desk.door import Door
from dispatch.desk.standing import People
from dispatch.records.case import Case, Fact
from dispatch.records.team import Officer
from dispatch.rulebook.calendar import Calendar
from dispatch.rulebook.competence import RuleBook
from dispatch.rulebook.conditions import Context
from dispatch.rulebook.discretion import Discretion, Spread, Tier, spread
from dispatch.rulebook.matters import Matter
from dispatch.rulebook.outcomes import Advice, advise
from dispatch.rulebook.procedures import (
    PAYMENT,
    NextStep,
    Procedures,
    Step,
    may_be_repeated,
    next_steps,
)
from dispatch.rulebook.statutory import Clock, clocks
from dispatch.rulebook.stepterms import due_at, late_fee
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
    ) -> None:
        super().__init__(door.casebook, door.clock, door.rights)
        self.rulebook = rulebook
        self.procedures = procedures
        self.discretion = discretion
        self.calendar = calendar
        self._office = tuple(office)

    def next(self, case: Case, now: datetime | None = None) -> tuple[NextStep, ...]:
        """What the case still owes, in order, with its terms; see ``dispatch.rulebook.procedures.next_steps``."""
        return next_steps(case, self.procedures, Context(now or self.clock(), self.calendar))

    def clocks(self, case: Case, steps: Sequence[NextStep], now: datetime | None = None) -> tuple[Clock, ...]:
        """The terms that run in the case, of its ``steps`` still owed and beside them, the first to end first."""
        return clocks(case, steps, Context(now or self.clock(), self.calendar))

    def repeatable(self, case: Case) -> tuple[Step, ...]:
        """Steps that may be done once more; what comes after them is then owed anew."""
        return may_be_repeated(case, self.procedures)

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

    def owed(self, case: Case, day: date, facts: Mapping[str, Fact] = NOTHING) -> Owed:
        """What the party has to pay on ``day``; the surcharge may be forgone (article 72).

        Parameters
        ----------
        facts
            A deferral or days of a lawsuit that are known and not yet in the file.
        """
        step = self.procedures.step(case.procedure, PAYMENT[case.procedure])
        if step is None:
            return Owed(case.fine_yuan, 0.0, None)
        context = Context(self.clock(), self.calendar, facts)
        due, percent = due_at(case, step, context), sum(step.limits("paid_what_is_owed"))
        return Owed(case.fine_yuan, late_fee(case, replace(context, due_at=due), day, percent), due)

    def _people(self, page: Writing) -> People:
        return People(page.crews(), self._office)

    def _advice(self, case: Case, known: Sequence[Case], facts: Mapping[str, Fact], at: datetime) -> Advice:
        earlier = [each for each in known if each.id != case.id]
        day = self.calendar.local(at).date()
        return advise(self.rulebook.matters[case.matter], {**case.facts, **facts}, earlier, day, self.calendar.zone)

    def _listed_as(self, matter: Matter) -> str:
        return next((code for code in (matter.code, *matter.under) if self.discretion.tiers(code)), matter.code)
