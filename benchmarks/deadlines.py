"""A deadline with its explanation, line by line, against a loop that walks the days; on one core."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import TypeVar

import numpy as np

from benchmarks.report import Row, print_table
from dispatch.rulebook.calendar import CHINA, Calendar, DayKind, read_holidays
from dispatch.rulebook.deadlines import ClockEvent, Deadline, Step, deadline
from dispatch.rulebook.terms import Term, Unit
from scenarios.builder import HERE

COUNT, RUNS, GOAL, LIVELY_GOAL = 20_000, 5, 20_000.0, 10_000.0
AMOUNTS = {
    Unit.WORKING_DAYS: (2, 3, 5, 7),
    Unit.CALENDAR_DAYS: (15, 90),
    Unit.WORKING_HOURS: (2, 4),
    Unit.URGENT_HOURS: (2, 24),
}

Answer = TypeVar("Answer")
Case = tuple[Term, datetime, list[ClockEvent], datetime]


def rows() -> list[Row]:
    """All four units mixed; working days alone, where the peer can follow; clocks to which things happened."""
    calendar = Calendar(read_holidays(HERE / "holidays.csv"))
    rng = np.random.default_rng(1)
    return [
        _row("terms of all four units", _cases(rng, tuple(Unit)), calendar),
        _row("terms of 2 to 7 working days", _cases(rng, (Unit.WORKING_DAYS,)), calendar, compared=True),
        _row("terms of 60 working days", _cases(rng, (Unit.WORKING_DAYS,), 60), calendar, compared=True),
        _row("clocks of all four units after four events each", _lively(rng), calendar, goal=LIVELY_GOAL),
    ]


def _row(claim: str, cases: list[Case], calendar: Calendar, *, compared: bool = False, goal: float = GOAL) -> Row:
    _each(cases[:1000], calendar)
    ours_s, found = _least(lambda: _each(cases, calendar))
    rate, lines = len(cases) / ours_s, sum(len(each.lines) for each in found) / len(cases)
    ours = f"{rate:,.0f} a CPU second, {lines:.1f} lines each"
    at_least = f">= {goal:,.0f} a CPU second"
    if not compared:
        return Row(claim, ours, "", f"{rate:,.0f}/s", at_least, rate >= goal)
    theirs_s, walked = _least(lambda: _walked(cases, calendar))
    equal = [_last_day_and_lines(each) for each in found] == [(day, len(lines)) for day, lines in walked]
    verdict = "equal last days and days off" if equal else "LAST DAYS OR DAYS OFF DIFFER"
    peer = f"day by day, days off only: {len(cases) / theirs_s:,.0f} a CPU second"
    return Row(claim, ours, peer, f"{rate:,.0f}/s, {verdict}", f"{at_least}, equal", equal and rate >= goal)


def _last_day_and_lines(found: Deadline) -> tuple[date, int]:
    days_off = sum(line.code in ("clock_weekend", "clock_holiday", "clock_makeup") for line in found.lines)
    return found.due_at.date() - timedelta(days=1), days_off


def _each(cases: list[Case], calendar: Calendar) -> list[Deadline]:
    return [deadline(term, started, events, calendar, now) for term, started, events, now in cases]


def _walked(cases: list[Case], calendar: Calendar) -> list[tuple[date, list[tuple[str, date, date]]]]:
    """The peer: what one writes in ten minutes, with the same table; the days off told as they are walked over."""
    table = calendar.holidays
    ends = []
    for term, started, _, _ in cases:
        day, left = started.date(), term.amount
        lines: list[tuple[str, date, date]] = []
        while left:
            day += timedelta(days=1)
            row = table.get(day)
            worked = row.kind is DayKind.WORK if row else day.weekday() < 5
            left -= worked
            if worked and not row:
                continue
            name = f"{row.name_zh} {row.kind}" if row else "weekend"
            if lines and lines[-1][0] == name and lines[-1][2] == day - timedelta(days=1):
                lines[-1] = (name, lines[-1][1], day)
            else:
                lines.append((name, day, day))
        ends.append((day, lines))
    return ends


def _least(deed: Callable[[], Answer]) -> tuple[float, Answer]:
    """The least CPU time of some runs, and the answer; no run carries the answers of another."""
    seconds = []
    for _ in range(RUNS):
        start = time.process_time()
        found = deed()
        seconds.append(time.process_time() - start)
        if len(seconds) < RUNS:
            del found
    return min(seconds), found


def _cases(rng: np.random.Generator, units: tuple[Unit, ...], amount: int = 0) -> list[Case]:
    """Terms that begin at any minute of three years, looked at two days later."""
    first = datetime(2024, 6, 1, tzinfo=CHINA)
    cases: list[Case] = []
    for minutes in rng.integers(0, 3 * 365 * 24 * 60, COUNT).tolist():
        unit = units[int(rng.integers(len(units)))]
        started = first + timedelta(minutes=minutes)
        term = Term(amount or int(rng.choice(AMOUNTS[unit])), unit)
        cases.append((term, started, [], started + timedelta(days=2)))
    return cases


def _lively(rng: np.random.Generator) -> list[Case]:
    cases: list[Case] = []
    for term, started, _, now in _cases(rng, tuple(Unit)):
        steps = (Step.PAUSED, Step.RESUMED, Step.ASKED, Step.EXTENDED)
        events = [
            ClockEvent(step, started + timedelta(minutes=n), "waits for papers") for n, step in enumerate(steps, 3)
        ]
        cases.append((term, started, events, now))
    return cases


if __name__ == "__main__":
    print_table(rows())
