"""By when a step of a case is to be done, and what may be added to a fine that is paid after that."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Protocol

from dispatch.records.case import Case, Stamp
from dispatch.records.reason import Reason
from dispatch.rulebook.conditions import Context, known, last_day
from dispatch.rulebook.deadlines import Deadline, deadline
from dispatch.rulebook.terms import Term, Unit


class Timed(Protocol):
    """What a step says of its term: a ``dispatch.rulebook.procedures.Step``."""

    @property
    def term(self) -> Term | None: ...
    @property
    def term_from(self) -> str: ...
    @property
    def rolls_over(self) -> bool: ...
    @property
    def basis(self) -> str: ...


def due_at(case: Case, step: Timed, context: Context) -> datetime | None:
    """By when a step is to be done, or None."""
    term = term_of(case, step, context)
    return term.due_at if term else None


def term_of(case: Case, step: Timed, context: Context) -> Deadline | None:
    """The term of a step with its explanation; None without one, or while the step it counts from is not done.

    It counts from the day on which the party was served where the stamp names one, and ends with a deferral that was
    granted.
    """
    stamp = case.stamp(step.term_from) if step.term_from else None
    if step.term is None or stamp is None:
        return None
    began, calendar = _began(stamp, context), context.calendar
    found = deadline(step.term, began, (), calendar, context.now, rolls_over=step.rolls_over, basis=step.basis)
    deferred = known(case, context, "deferred_to") if step.rolls_over else None
    return _deferred(found, date.fromisoformat(str(deferred)), context) if deferred else found


def _began(stamp: Stamp, context: Context) -> datetime:
    served = stamp.facts.get("served_on")
    return context.noon(str(served)) if served else stamp.at


def _deferred(term: Deadline, to: date, context: Context) -> Deadline:
    """The term ending with the day ``to``, unless it ends later anyway."""
    due = context.calendar.midnight(to.toordinal() + 1)
    if due <= term.due_at:
        return term
    left = to.toordinal() + 1 - context.day.toordinal()
    values: dict[str, str | int | float] = {"left": abs(left), "unit": Unit.CALENDAR_DAYS}
    overdue = context.now > due
    state = Reason("clock_overdue" if overdue else "clock_left", not overdue, values)
    kept = (line for line in term.lines if line.code not in ("clock_left", "clock_overdue"))
    lines = (*kept, Reason("clock_deferred", None, {"to": to.isoformat()}), state)
    return replace(term, due_at=due, overdue=overdue, remaining=left, lines=lines)


def surcharge(fine_yuan: int, late_days: int, percent: int = 3) -> float:
    """What may be added to a fine paid late, in yuan: so many percent a day, never more than the fine (article 72).

    >>> surcharge(200, 10), surcharge(200, 60)
    (60.0, 200.0)
    """
    return min(fine_yuan * percent * max(late_days, 0) / 100, float(fine_yuan))


def late_fee(case: Case, context: Context, day: date, percent: int) -> float:
    """What may be added for paying on ``day``, in yuan.

    Days count from the end of the term or of its deferral (``context.due_at``); those of a review or lawsuit do not
    (article 73).
    """
    if context.due_at is None:
        return 0.0
    paused = int(known(case, context, "paused_days") or 0)
    return surcharge(case.fine_yuan, (day - last_day(context.due_at)).days - paused, percent)
