"""When the steps of a made-up case are done: in office hours, on working days, in their lawful order."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import numpy as np

from dispatch.records.case import Procedure
from dispatch.rulebook.procedures import CLOSING
from scenarios.rules import Rules

GAPS = {
    "investigated": (1, 4),
    "concluded": (5, 15),
    "notified": (1, 3),
    "pleaded": (6, 7),
    "heard": (9, 11),
    "reviewed": (1, 4),
    "discussed": (1, 2),
    "decided": (1, 4),
    "served": (1, 4),
    "performed": (1, 8),
    "paid": (1, 8),
    "closed": (1, 3),
}
"""Working days from the step before, least and most; assumed. A step without a row follows within minutes."""


def moments(
    rules: Rules, kind: Procedure, last: str, moment: datetime, rng: np.random.Generator
) -> dict[str, datetime]:
    """When each step is done: a closed case is filed at ``moment``, an open one has its last step done by then."""
    steps = [step.name for step in rules.procedures.of(kind)]
    at: dict[str, datetime] = {}
    if last == CLOSING:
        known, later = steps[0], steps[1:]
        at[known] = in_office(rules, moment, rng)
    else:
        here = steps.index(last)
        at[last] = in_office(rules, moment, rng, back=True) if last in GAPS or last == "filed" else moment
        for before, step in zip(reversed(steps[:here]), reversed(steps[1 : here + 1]), strict=True):
            at[before] = _gap(rules, at[step], step, rng, back=True)
        known, later = last, steps[here + 1 :]
    for step in later:
        at[step] = _gap(rules, at[known], step, rng)
        known = step
    return at


def _gap(rules: Rules, at: datetime, step: str, rng: np.random.Generator, *, back: bool = False) -> datetime:
    """The next step's moment, or with ``back`` that of the step before."""
    if step not in GAPS:
        minutes = timedelta(minutes=float(rng.uniform(4, 9)))
        return at - minutes if back else at + minutes
    low, high = GAPS[step]
    days = int(rng.integers(low, high + 1))
    local = rules.calendar.local(at)
    day = rules.calendar.add_working_days(local.date(), -days if back else days)
    return _office_hour(rules, day, rng)


def in_office(rules: Rules, at: datetime, rng: np.random.Generator, *, back: bool = False) -> datetime:
    """On that day in office hours, or on the working day before it."""
    day = rules.calendar.local(at).date()
    while not rules.calendar.working(day):
        day -= timedelta(days=1)
    moment = _office_hour(rules, day, rng)
    return moment if not back or moment <= at else _office_hour(rules, rules.calendar.add_working_days(day, -1), rng)


def _office_hour(rules: Rules, day: date, rng: np.random.Generator) -> datetime:
    minute = int(rng.integers(9 * 60, 16 * 60))
    return datetime.combine(day, time(minute // 60, minute % 60), rules.calendar.zone)
