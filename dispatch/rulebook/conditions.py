"""What a step of a case is judged by, and the conditions under which the law asks for a step at all.

Each condition is one function, called by its name in the list of procedures. Numbers written behind a name
(``hearing_owed:5``) are handed to it as limits.
"""

# ruff: noqa: ARG001 - a condition takes the case and the context, whichever it looks at

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from dispatch.records.case import Case, Fact, Outcome, Stamp
from dispatch.records.team import Officer
from dispatch.rulebook.calendar import Calendar
from dispatch.rulebook.deadlines import deadline
from dispatch.rulebook.terms import Term, Unit

PENALTIES = frozenset({Outcome.WARNING.value, Outcome.FINE.value})
SEVERAL = re.compile(r"[\s;,；，、]+")


class Condition(NamedTuple):
    """How many limits it takes, the function, and the facts of the case without which it never holds."""

    limits: int
    holds: Callable[..., bool]
    relies: tuple[str, ...]


CONDITIONS: dict[str, Condition] = {}
"""Every condition there is, by name."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a step is judged by, beside the case itself.

    Attributes
    ----------
    now
        Aware.
    calendar
        The place's, by which terms run and days begin.
    facts
        What this step would establish.
    officers
        Ids of those who act in this step.
    people
        Everybody known, by id.
    of_body
        Ids of those who belong to the body of the case.
    certificate
        Field of the certificate that the matter takes.
    due_at
        By when this step is due; None without a term.
    """

    now: datetime
    calendar: Calendar
    facts: Mapping[str, Fact] = field(default_factory=dict)
    officers: tuple[str, ...] = ()
    people: Mapping[str, Officer] = field(default_factory=dict)
    of_body: frozenset[str] = frozenset()
    certificate: str = ""
    due_at: datetime | None = None

    @property
    def day(self) -> date:
        """The place's calendar day."""
        return self.day_of(self.now)

    def day_of(self, at: datetime) -> date:
        """The place's calendar day at an aware time."""
        return self.calendar.local(at).date()

    def noon(self, day: str) -> datetime:
        """Noon of an ISO day at the place."""
        return datetime.combine(date.fromisoformat(day), time(12), self.calendar.zone)

    def due(self, term: Term, started: datetime, *, rolls_over: bool = False) -> datetime:
        """When a term runs out that began at an aware time: the midnight that ends its last day."""
        return deadline(term, started, (), self.calendar, self.now, rolls_over=rolls_over).due_at

    def last_working_day(self, days: int, started: datetime) -> date:
        """The last day of a term of so many working days."""
        return last_day(self.due(Term(days, Unit.WORKING_DAYS), started))


def last_day(due_at: datetime) -> date:
    """The day that ends at this midnight, in its own zone."""
    return (due_at - timedelta(microseconds=1)).date()


def known(case: Case, context: Context, fact: str) -> Fact | None:
    """The fact as this step would leave it."""
    return context.facts.get(fact, case.facts.get(fact))


def limits_of(function: Callable[..., object]) -> int:
    """How many limits a gate or condition takes behind the case and the context."""
    return len(inspect.signature(function).parameters) - 2


def since_notice(case: Case) -> tuple[Stamp, ...]:
    """What was done after the party was last notified; everything while it has not been.

    What a party said to one notice is no answer to the next.
    """
    last = max((number for number, stamp in enumerate(case.stamps) if stamp.step == "notified"), default=-1)
    return case.stamps[last + 1 :]


def answered(case: Case, context: Context, fact: str) -> Fact | None:
    """The fact as the party left it since the last notice, with what this step adds."""
    told = {name: value for stamp in since_notice(case) for name, value in stamp.facts.items()}
    return {**told, **context.facts}.get(fact)


def stepped_back(said: Fact | None) -> frozenset[str]:
    """Ids of those who step back, as the fact ``recused`` names them.

    >>> sorted(stepped_back("O1; O2，O3"))
    ['O1', 'O2', 'O3']
    """
    return frozenset(name for name in SEVERAL.split(str(said or "")) if name)


def condition(*relies: str) -> Callable[[Callable[..., bool]], Callable[..., bool]]:
    """Enter a condition into the list under its function's name."""

    def entered(holds: Callable[..., bool]) -> Callable[..., bool]:
        CONDITIONS[holds.__name__] = Condition(limits_of(holds), holds, relies)
        return holds

    return entered


@condition("intended")
def penalty_intended(case: Case, context: Context) -> bool:
    """Articles 44 and 45 protect whoever is to be punished, whatever the report had proposed."""
    outcome = known(case, context, "outcome")
    return outcome in PENALTIES or (outcome is None and known(case, context, "intended") == "penalty")


@condition("hearing_right", "hearing_asked", "hearing_asked_on")
def hearing_owed(case: Case, context: Context, within_days: int) -> bool:
    """A hearing the party is entitled to and asked for in time (articles 63 and 64)."""
    notified, asked_on = case.stamp("notified"), answered(case, context, "hearing_asked_on")
    asked = bool(known(case, context, "hearing_right") and answered(case, context, "hearing_asked"))
    if not asked or notified is None or not penalty_intended(case, context):
        return False
    return not asked_on or date.fromisoformat(str(asked_on)) <= context.last_working_day(within_days, notified.at)


@condition("public_interest", "complex", "review_by_law", "deviates")
def legal_review_owed(case: Case, context: Context) -> bool:
    """The four cases of article 58, and a fine outside the published benchmark.

    A hearing held on an earlier notice counts as well: what went through one is reviewed.
    """
    stated = ("public_interest", "complex", "review_by_law", "deviates")
    grounds = case.stamp("heard") is not None or any(known(case, context, fact) is True for fact in stated)
    return grounds and penalty_intended(case, context)


@condition("complex", "grave")
def discussion_owed(case: Case, context: Context) -> bool:
    """Complex circumstances or a grave offence that is to be punished (article 57)."""
    weighty = known(case, context, "complex") is True or known(case, context, "grave") is True
    return weighty and penalty_intended(case, context)


@condition()
def fined(case: Case, context: Context) -> bool:
    """Only a fine is paid."""
    return case.outcome is Outcome.FINE
