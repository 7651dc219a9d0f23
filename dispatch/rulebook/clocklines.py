"""A deadline in words: which rule, which days did not count and why, what stopped the clock, what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from dispatch.records.reason import Reason
from dispatch.rulebook.calendar import Calendar
from dispatch.rulebook.scales import Scale
from dispatch.rulebook.terms import Term

CLOCK_REASONS = (
    "clock_law",
    "clock_limit",
    "clock_minutes",
    "clock_restarted",
    "clock_asked",
    "clock_extended",
    "clock_denied",
    "clock_first_day",
    "clock_from",
    "clock_hours",
    "clock_weekend",
    "clock_holiday",
    "clock_makeup",
    "clock_stood",
    "clock_stands",
    "clock_suspended",
    "clock_rolled",
    "clock_not_rolled",
    "clock_due",
    "clock_left",
    "clock_overdue",
    "clock_done",
    "clock_done_late",
    "clock_provisional",
)
"""Every code of an explanation of a deadline."""


class Halt(NamedTuple):
    """Why a clock stood: the step that stopped it, what was said, and the day it wakes of a suspension."""

    step: str
    at: datetime
    why: str
    until: date | None = None


class Stretch(NamedTuple):
    """A time during which a clock ran, between two positions on its scale.

    ``halt`` is what it stood for before; ``stopped`` and ``stop`` are None and 0 while it runs.
    """

    at: datetime
    position: int
    halt: Halt | None = None
    stopped: datetime | None = None
    stop: int = 0

    def ended(self, at: datetime, stop: int) -> Stretch:
        return self._replace(stopped=at, stop=stop)


class Account(NamedTuple):
    """What there is to tell of a clock that was read.

    Attributes
    ----------
    stretches
        Those in which the term is used up, the last of them to its end.
    last_day
        Ordinal of the day that ends it; ``rolled`` that of the next working day, where it rolls over.
    halt
        What it stands for now, or None.
    state
        The last line: left, overdue or done.
    """

    term: Term | timedelta
    basis: str
    scale: Scale
    notes: Sequence[Reason]
    stretches: Sequence[Stretch]
    last_day: int
    rolled: int | None
    due_at: datetime
    halt: Halt | None
    state: Reason


def lines_of(account: Account) -> tuple[Reason, ...]:
    """The explanation of a deadline: the rule, every day that does not count, the end."""
    lines = [rule(account.term, account.basis), *account.notes]
    _start(account, lines)
    _ran(account, lines)
    _end(account, lines)
    lines.append(account.state)
    if account.scale.skips or account.rolled:
        last = date.fromordinal(account.rolled or account.last_day)
        lines += provisional(account.scale.calendar, account.stretches[0].at.year, last.year)
    return tuple(lines)


def rule(term: Term | timedelta, basis: str) -> Reason:
    """The term itself."""
    if isinstance(term, timedelta):
        return Reason("clock_minutes", None, {"minutes": int(term.total_seconds() // 60)})
    values: dict[str, str | int | float] = {"amount": term.amount, "unit": term.unit}
    return Reason("clock_law", None, {**values, "basis": basis}) if basis else Reason("clock_limit", None, values)


def days_off(calendar: Calendar, first: int, last: int) -> list[Reason]:
    """A line for every weekend, holiday and make-up day from one ordinal to another, both included."""
    if last < first:
        return []
    return [run.why for run in calendar.runs(date.fromordinal(first), date.fromordinal(last))]


def provisional(calendar: Calendar, first_year: int, last_year: int) -> list[Reason]:
    """A line for every year from one to another whose holidays are not announced."""
    if first_year == last_year and not calendar.provisional(first_year):
        return []
    years = range(first_year, last_year + 1)
    return [Reason("clock_provisional", None, {"year": year}) for year in years if calendar.provisional(year)]


def told(at: datetime) -> str:
    """A moment of the place's clock, to the minute.

    >>> told(datetime(2026, 3, 2, 9, 5))
    '2026-03-02 09:05'
    """
    return at.replace(tzinfo=None).isoformat(" ", "minutes")  # three times as fast as with its zone


def _start(account: Account, lines: list[Reason]) -> None:
    at, scale = account.stretches[0].at, account.scale
    if scale.in_days:
        lines.append(Reason("clock_first_day", None, {"day": at.date().isoformat()}))
        return
    lines.append(Reason("clock_from", None, {"at": told(at)}))
    if scale.skips:
        lines.append(Reason("clock_hours", None, {"hours": scale.calendar.hours.text}))


def _ran(account: Account, lines: list[Reason]) -> None:
    """The days off inside each stretch, and between two of them what the clock stood for."""
    scale = account.scale
    skips, whole = scale.skips, 1 if scale.in_days else 0
    floor = account.stretches[0].at.toordinal() + whole
    before: Stretch | None = None
    for stretch in account.stretches:
        first = max(stretch.at.toordinal(), floor)
        if before and before.stopped and stretch.halt:
            days = first - max(before.stopped.toordinal(), floor) if scale.in_days else 0
            lost = (stretch.position - before.stop) / scale.one
            lines.append(_stood(stretch.halt, told(stretch.at), lost, days, still=stretch.halt is account.halt))
        if skips:
            used_up = stretch.stopped is None or stretch is account.stretches[-1]
            last = account.last_day if used_up or not stretch.stopped else stretch.stopped.toordinal() - whole
            lines += days_off(scale.calendar, first, last)
            floor = max(floor, last + 1)  # a day off on which it was stopped and went on is told once
        before = stretch
    if account.halt and account.halt is not account.stretches[-1].halt:
        lines.append(_stood(account.halt, "", 0.0, 0, still=True))


def _stood(halt: Halt, until: str, lost: float, days: int, *, still: bool) -> Reason:
    """How long, in the unit of the term; ``days`` are the calendar days given back."""
    code = "clock_stood" if not still else "clock_suspended" if halt.until else "clock_stands"
    return Reason(
        code,
        None,
        {
            "step": f"clock_{halt.step}",
            "since": told(halt.at),
            "until": halt.until.isoformat() if still and halt.until else until,
            "lost": round(lost, 2),
            "days": days,
            "why": halt.why or "—",
        },
    )


def _end(account: Account, lines: list[Reason]) -> None:
    last = date.fromordinal(account.last_day)
    due = last.isoformat()
    if account.rolled:
        rolled = date.fromordinal(account.rolled).isoformat()
        values: dict[str, str | int | float] = {"day": due, "to": rolled, "days": account.rolled - account.last_day}
        lines.append(Reason("clock_rolled", None, values))
        due = rolled
    elif account.scale.in_days and not account.scale.skips and not account.scale.calendar.working(last):
        lines.append(Reason("clock_not_rolled", None, {"day": due}))
    text = midnight_of(due) if account.scale.in_days else told(account.due_at)
    lines.append(Reason("clock_due", None, {"due": text}))


def midnight_of(day: str) -> str:
    """The end of a day as people say it.

    >>> midnight_of("2026-03-02")
    '2026-03-02 24:00'
    """
    return f"{day} 24:00"
