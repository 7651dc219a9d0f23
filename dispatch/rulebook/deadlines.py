"""When a term ends: one engine for the statute's terms and the city's clocks, which can stand, grow and begin anew.

A clock is a term, the moment it began and what has happened to it since. In terms of days the day it began does not
count and the last day counts until midnight; hours are counted to the microsecond. Which events may follow which is
checked here as well, so a history that folds without complaint is a lawful one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from dispatch.records.incident import WrongStep
from dispatch.records.reason import Reason
from dispatch.rulebook.calendar import Calendar
from dispatch.rulebook.clocklines import Account, Halt, Stretch, lines_of, told
from dispatch.rulebook.scales import scale_of
from dispatch.rulebook.terms import Term, Unit

MOST_EXTENSIONS = 2
LONGEST_SUSPENSION_YEARS = 1


class Step(StrEnum):
    """What can happen to a clock.

    ``paused``, ``returned`` (the department sent it back), ``checking`` (somebody looks whether it is so),
    ``suspended`` and ``done`` stop it. ``resumed`` lets it run on, ``restarted`` begins it anew for another department,
    with the full term and its own extensions. ``extended`` adds the term once more.
    """

    PAUSED = "paused"
    RETURNED = "returned"
    CHECKING = "checking"
    SUSPENDED = "suspended"
    DONE = "done"
    RESUMED = "resumed"
    RESTARTED = "restarted"
    ASKED = "asked"
    EXTENDED = "extended"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class ClockEvent:
    """One thing that happened to a clock.

    Attributes
    ----------
    at
        Aware.
    why
        As whoever did it said.
    until
        Of a suspension: the day on which the clock runs again by itself, at its beginning.
    """

    step: Step
    at: datetime
    why: str = ""
    until: date | None = None


class WrongClock(WrongStep):
    """An event that the clock's state does not allow; ``event`` is the one."""

    def __init__(self, event: ClockEvent, problem: str) -> None:
        self.event = event
        super().__init__(f"The clock cannot be {event.step} at {event.at:%Y-%m-%d %H:%M}: {problem}")


@dataclass(frozen=True, slots=True)
class Deadline:
    """When a clock runs out, and why then.

    Attributes
    ----------
    started
        Aware: when it began, or began anew.
    due_at
        Aware, in the calendar's zone; of a term in days, the midnight that ends its last day. While the clock stands
        it is when it would be due if it ran again now (or on the day a suspension ends); done, when it was due.
    paused_since
        Aware, or None while it runs or is done.
    done_at
        Aware, or None.
    overdue
        Whether ``due_at`` had passed when the clock was last running.
    remaining
        Units left: days with today, or hours and parts. Overdue, the units since, below 0 (0 until a first one
        is over).
    extensions
        How many were approved.
    waiting
        Whether an extension has been asked for and not answered.
    provisional
        A day was counted of a year whose holidays are not announced yet.
    lines
        The explanation in the order of time.
    """

    term: Term | timedelta
    started: datetime
    due_at: datetime
    paused_since: datetime | None
    done_at: datetime | None
    overdue: bool
    remaining: float
    extensions: int
    waiting: bool
    provisional: bool
    lines: tuple[Reason, ...]


def deadline(
    term: Term | timedelta,
    started: datetime,
    events: Sequence[ClockEvent],
    calendar: Calendar,
    now: datetime,
    *,
    rolls_over: bool = False,
    basis: str = "",
) -> Deadline:
    """When a term ends that began at ``started`` and to which ``events`` happened.

    Parameters
    ----------
    term
        The limit; a ``timedelta`` is urgent time, which runs day and night (the clocks of 15 and 30 minutes).
    started, now
        Aware.
    events
        In order of time; what comes after ``now`` has not happened yet.
    rolls_over
        A term in calendar days whose last day is a day off ends on the next working day. True for what a party has
        to do; for the authority's own terms False, the stricter reading.
    basis
        Statute and article for the explanation, or empty for a city clock.

    Raises
    ------
    WrongClock
        When an event does not follow from the ones before: paused while it stands, resumed while it runs, extended
        once overdue or a third time, suspended twice or for over a year, or out of order.
    """
    clock = Clock(term, started, calendar)
    for event in events:
        if event.at > now:
            break
        clock.take(event)
    return clock.read(now, rolls_over, basis)


class Clock:
    """A clock while its history is told, for whoever must know how it stands before the next event.

    Attributes
    ----------
    stretches
        The times it ran, the last one open while it runs.
    last
        When something last happened to it; nothing can happen earlier.
    """

    def __init__(self, term: Term | timedelta, started: datetime, calendar: Calendar) -> None:
        self.term = term
        self.unit = term.unit if isinstance(term, Term) else Unit.URGENT_HOURS
        self.scale = scale_of(self.unit, calendar)
        self.calendar = calendar
        self.once = term.amount * self.scale.one if isinstance(term, Term) else term // timedelta(microseconds=1)
        self.last = started
        self.suspended = False
        self.begin(started)

    def begin(self, at: datetime) -> None:
        """From ``at``, as if nothing had been before; only that it was suspended once is not forgotten."""
        self.limit = self.once
        self.extensions = 0
        self.waiting = False
        self.halt: Halt | None = None
        self.done: datetime | None = None
        self.notes: list[Reason] = []
        local = self.calendar.local(at)
        self.stretches = [Stretch(local, self.scale.begin(local))]

    def stands(self, at: datetime) -> Step | None:
        """What it stands for at ``at``, or None while it runs; a suspension whose day has come is over."""
        self.wake(at)
        return Step(self.halt.step) if self.halt else None

    def take(self, event: ClockEvent, *, settled: bool = False) -> None:
        """One more event of the history; WrongClock when it does not follow from the ones before.

        An extension that is ``settled`` was in time when it was given; that is not judged again by a limit or a
        holiday table which has changed since.
        """
        self.wake(event.at)
        if event.at < self.last:
            raise WrongClock(event, f"something happened to it at {self.said(self.last)} already.")
        if self.done and event.step not in (Step.RESUMED, Step.RESTARTED):
            raise WrongClock(event, f"it was done at {self.said(self.done)}. Open it again first.")
        match event.step:
            case Step.RESUMED:
                self.resume(event)
            case Step.RESTARTED:
                self.begin(event.at)
                self.note("clock_restarted", event)
            case Step.ASKED | Step.EXTENDED:
                self.lengthen(event, settled)
            case Step.REFUSED:
                self.waiting = False
                self.note("clock_denied", event)
            case Step.DONE:
                self.finish(event)
            case _:
                self.stop(event)
        self.last = event.at

    def stop(self, event: ClockEvent) -> None:
        if self.halt:
            raise WrongClock(
                event, f"it has stood since {self.said(self.halt.at)} ({self.halt.step}). Resume it first."
            )
        if event.step is Step.SUSPENDED:
            self.may_be_suspended(event)
        at = self.calendar.local(event.at)
        self.halt = Halt(event.step.value, at, event.why, event.until if event.step is Step.SUSPENDED else None)
        ran = self.stretches[-1]
        self.stretches[-1] = ran.ended(at, max(self.scale.here(at), ran.position))

    def may_be_suspended(self, event: ClockEvent) -> None:
        """Once, to a day that is to come, at most a year away."""
        if self.suspended:
            raise WrongClock(event, "it was suspended before, and that is possible only once.")
        today = self.calendar.local(event.at).date()
        latest = same_day(today, years=LONGEST_SUSPENSION_YEARS)
        if event.until is None or not today < event.until <= latest:
            raise WrongClock(event, f"it must run again on a day after {today}, by {latest}, not on {event.until}.")
        self.suspended = True

    def resume(self, event: ClockEvent) -> None:
        if not self.halt:
            raise WrongClock(event, "it is running.")
        self.run_again(event.at)

    def run_again(self, at: datetime) -> None:
        self.stretches.append(self.next_stretch(at))
        self.halt = self.done = None

    def next_stretch(self, at: datetime) -> Stretch:
        local = self.calendar.local(at)
        return Stretch(local, max(self.scale.here(local), self.stretches[-1].stop), self.halt)

    def wake(self, at: datetime) -> None:
        """A suspension ends by itself at the beginning of its day."""
        wakes_at = self.wakes_at()
        if wakes_at and wakes_at <= at:
            self.run_again(wakes_at)
            self.last = max(self.last, wakes_at)

    def wakes_at(self) -> datetime | None:
        until = self.halt.until if self.halt and not self.done else None
        return self.calendar.midnight(until.toordinal()) if until else None

    def lengthen(self, event: ClockEvent, settled: bool) -> None:
        """Asked for or approved: both only in time, and only twice."""
        if self.extensions == MOST_EXTENSIONS:
            raise WrongClock(event, f"its term was extended {MOST_EXTENSIONS} times already.")
        if not settled:
            self.must_be_in_time(event)
        if event.step is Step.ASKED:
            if self.waiting:
                raise WrongClock(event, "an extension was asked for before and waits for its answer.")
            self.note("clock_asked", event)
        else:
            self.extensions += 1
            self.limit += self.once
            self.note("clock_extended", event)
        self.waiting = event.step is Step.ASKED

    def must_be_in_time(self, event: ClockEvent) -> None:
        position, _ = self.used_up(event.at)
        ran_until = self.ran_until(event.at)
        if self.scale.here(ran_until) < position:
            return
        due_at = self.scale.instant(position)
        if ran_until > due_at:
            raise WrongClock(event, f"it was due at {self.said(due_at)}, and what is overdue is not extended any more.")

    def finish(self, event: ClockEvent) -> None:
        """Done; what stood by then had come to stand at its halt."""
        if not self.halt:
            self.stop(event)
        # Looked at and in order: it was done when it was handled, not when somebody came to look.
        self.done = self.halt.at if self.halt and self.halt.step is Step.CHECKING else event.at

    def note(self, code: str, event: ClockEvent) -> None:
        self.notes.append(Reason(code, None, {"at": self.said(event.at), "why": event.why or "—"}))

    def said(self, at: datetime) -> str:
        return told(self.calendar.local(at))

    def ran_until(self, now: datetime) -> datetime:
        """The last moment up to ``now`` at which the clock ran."""
        return self.halt.at if self.halt else now

    def used_up(self, now: datetime) -> tuple[int, list[Stretch]]:
        """Where the term is used up, and the stretches until then; a clock that stands is taken to run again."""
        left, used = self.limit, []
        for stretch in self.stretches:
            used.append(stretch)
            ran = stretch.stop - stretch.position
            if stretch.stopped is None or ran >= left:
                return stretch.position + left, used
            left -= ran
        if self.done:
            return stretch.stop + left, used
        used.append(self.next_stretch(self.wakes_at() or now))
        return used[-1].position + left, used

    def spent(self, now: datetime) -> int:
        *earlier, last = self.stretches
        stop = max(self.scale.here(now), last.position) if last.stopped is None else last.stop
        return sum(stretch.stop - stretch.position for stretch in earlier) + stop - last.position

    def read(self, now: datetime, rolls_over: bool = False, basis: str = "") -> Deadline:
        """The clock as it stands at ``now``, with its explanation."""
        now = self.calendar.local(now)
        self.wake(now)
        position, stretches = self.used_up(now)
        due_at = self.scale.instant(position)
        last_day = self.scale.last_day(position) if self.scale.in_days else due_at.toordinal()
        rolled = self.rolled(last_day) if rolls_over else None
        if rolled:
            due_at = self.calendar.midnight(rolled + 1)
        ran_until = self.ran_until(now)
        overdue = ran_until > due_at
        more = rolled - last_day if rolled else 0
        left = position + more - self.scale.begin(ran_until) if overdue else self.limit - self.spent(now) + more
        remaining = left / self.scale.one
        account = Account(
            self.term,
            basis,
            self.scale,
            self.notes,
            stretches,
            last_day,
            rolled,
            due_at,
            None if self.done else self.halt,
            self.state(overdue, remaining),
        )
        lines = lines_of(account)
        return Deadline(
            self.term,
            self.stretches[0].at,
            due_at,
            self.halt.at if self.halt and not self.done else None,
            self.done,
            overdue,
            remaining,
            self.extensions,
            self.waiting,
            lines[-1].code == "clock_provisional",
            lines,
        )

    def rolled(self, last_day: int) -> int | None:
        """The next working day, when a term in calendar days ends on a day off."""
        if self.unit is not Unit.CALENDAR_DAYS:
            return None
        day = self.calendar.working_day_from(date.fromordinal(last_day)).toordinal()
        return day if day > last_day else None

    def state(self, overdue: bool, remaining: float) -> Reason:
        if self.done:
            return Reason("clock_done_late" if overdue else "clock_done", not overdue, {"at": self.said(self.done)})
        values: dict[str, str | int | float] = {"left": abs(round(remaining, 2)), "unit": self.unit}
        return Reason("clock_overdue" if overdue else "clock_left", not overdue, values)


def same_day(day: date, *, years: int) -> date:
    """The day of that date so many years on; the last of February where there is no 29th.

    >>> same_day(date(2024, 2, 29), years=1)
    datetime.date(2025, 2, 28)
    """
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
