"""The terms that run in a case: those of its steps, and those of the statute that no step has.

By article 85 terms of 2, 3, 5 and 7 days are working days; 15 and 90 days are calendar days. The law does not say what
becomes of a calendar term that ends on a day off. We take the stricter reading on either side: what the party has to
do rolls over to the next working day, what the authority has to do does not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from dispatch.records.case import Case
from dispatch.records.reason import Reason
from dispatch.rulebook.conditions import Context
from dispatch.rulebook.deadlines import deadline
from dispatch.rulebook.procedures import NextStep
from dispatch.rulebook.terms import Term, Unit


@dataclass(frozen=True, slots=True)
class SideTerm:
    """A term that runs beside the steps until the case is decided.

    Attributes
    ----------
    begins, settled
        Facts that name the day it runs from, which does not count, and the day it was met.
    basis
        Statute and article.
    """

    name_zh: str
    name_en: str
    begins: str
    settled: str
    term: Term
    basis: str


SIDE_TERMS = (
    SideTerm(
        "先行登记保存证据处理",
        "Preserved evidence dealt with",
        "preserved_on",
        "preserved_settled_on",
        Term(7, Unit.WORKING_DAYS),
        "《中华人民共和国行政处罚法》第五十六条",
    ),
)


@dataclass(frozen=True, slots=True)
class Clock:
    """A term that runs in a case, with its explanation; ``due_at`` is aware."""

    name_zh: str
    name_en: str
    due_at: datetime
    overdue: bool
    lines: tuple[Reason, ...]


def clocks(case: Case, steps: Sequence[NextStep], context: Context) -> tuple[Clock, ...]:
    """The terms that run, the first to end first.

    Parameters
    ----------
    steps
        What the case still owes (``dispatch.rulebook.procedures.next_steps``).
    """
    running = [*_of_steps(steps), *_beside(case, context)]
    return tuple(sorted(running, key=lambda clock: clock.due_at))


def _of_steps(steps: Sequence[NextStep]) -> Iterator[Clock]:
    for each in steps:
        if each.due_at is not None:
            yield Clock(each.step.name_zh, each.step.name_en, each.due_at, each.overdue, each.lines)


def _beside(case: Case, context: Context) -> Iterator[Clock]:
    """None once the case is decided or over: the decision says what becomes of what was preserved."""
    if case.outcome is not None or not case.open:
        return
    for side in SIDE_TERMS:
        began, settled = (str(case.facts.get(fact) or "") for fact in (side.begins, side.settled))
        if began and settled < began:
            found = deadline(side.term, context.noon(began), (), context.calendar, context.now, basis=side.basis)
            yield Clock(side.name_zh, side.name_en, found.due_at, found.overdue, found.lines)
