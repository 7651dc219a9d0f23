"""Which days are worked, by the State Council's list of holidays, and how working time adds up.

China's holidays are announced a year at a time, usually in November, and come with working Saturdays and Sundays. The
table (``scenarios/holidays.csv``) therefore knows next year only by the statute: such a year is provisional. A year
that the table does not have at all is no error but weekends only, and provisional as well.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import MAXYEAR, MINYEAR, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from itertools import groupby, pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

from dispatch.records.reason import Reason
from dispatch.rulebook.lists import ListRow, each_once, read_list

COLUMNS = ("day", "kind", "name_zh", "name_en", "provisional")
CHINA = ZoneInfo("Asia/Shanghai")
SECOND = 1_000_000
"""Time is counted in whole microseconds, so that nothing is lost between a pause and its end."""


class DayKind(StrEnum):
    """What the announcement makes of a day: off, or a working day that makes up for one."""

    OFF = "off"
    WORK = "work"


class Answer(StrEnum):
    """A table's plain yes or no."""

    YES = "yes"
    NO = "no"


@dataclass(frozen=True, slots=True)
class Holiday:
    """One row of the table. ``provisional`` until the year's announcement is out."""

    day: date
    kind: DayKind
    name_zh: str
    name_en: str
    provisional: bool


Holidays = Mapping[date, Holiday]


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """When a working day is worked, by the local clock; the blocks stand in order and do not touch.

    Raises
    ------
    ValueError
        When there is no block or they overlap.
    """

    blocks: tuple[tuple[time, time], ...] = ((time(8, 30), time(12)), (time(13, 30), time(17, 30)))
    zone: tzinfo = CHINA
    text: str = field(init=False, compare=False)

    def __post_init__(self) -> None:
        edges = [edge for block in self.blocks for edge in block]
        if not edges or any(later <= earlier for earlier, later in pairwise(edges)):
            raise ValueError(f"Working hours {self.blocks} must be blocks of time, each after the one before it.")
        text = ", ".join(f"{begin:%H:%M}–{end:%H:%M}" for begin, end in self.blocks)
        object.__setattr__(self, "text", text)


@dataclass(frozen=True, slots=True)
class Run:
    """Days in a row, both ends included, that are no plain working days, all for one reason.

    Attributes
    ----------
    worked
        True for make-up working days, False for days off.
    holiday
        The first day's row of the table; None on a weekend.
    why
        The same as a line of an explanation; made with the run, since thousands of deadlines share it.
    """

    first: date
    last: date
    worked: bool
    holiday: Holiday | None
    why: Reason = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        code = "clock_makeup" if self.worked else "clock_holiday" if self.holiday else "clock_weekend"
        values: dict[str, str | int | float] = {"span": span(self.first, self.last), "days": self.days}
        if self.holiday:
            values |= {"name": self.holiday.name_zh, "name_en": self.holiday.name_en}
        object.__setattr__(self, "why", Reason(code, None, values))

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


def span(first: date, last: date) -> str:
    """One day or several.

    >>> span(date(2026, 2, 15), date(2026, 2, 23))
    '2026-02-15 – 2026-02-23'
    """
    return first.isoformat() if first == last else f"{first.isoformat()} – {last.isoformat()}"


def read_holidays(path: Path) -> Holidays:
    """The table of holidays and make-up working days.

    Parameters
    ----------
    path
        CSV with ``day`` (ISO), ``kind`` (off or work), ``name_zh``, ``name_en``, ``provisional`` (yes or no).

    Raises
    ------
    BadInput
        With every row that is wrong, among them a day that stands twice and a make-up day that is no weekend.
    """
    file, rows = read_list(path, COLUMNS)
    holidays = each_once(rows, "day", _holiday)
    if not rows:
        file.blame(None, None, "no days", "at least one")
    file.stop_if_faulty("Mend these rows of the holiday table and read it again.")
    return {holiday.day: holiday for holiday in holidays.values()}


def _holiday(row: ListRow) -> Holiday:
    day, kind = row.day("day"), row.choice("kind", DayKind)
    if kind is DayKind.WORK and day > date.min and day.weekday() < 5:
        row.blame("kind", "off, since a make-up working day is a Saturday or Sunday")
    name_zh = row.text("name_zh", expected="the holiday's Chinese name")
    name_en = row.text("name_en", expected="the holiday's English name")
    return Holiday(day, kind, name_zh, name_en, row.choice("provisional", Answer) is Answer.YES)


@dataclass(frozen=True, slots=True)
class Calendar:
    """The working days of a place and the hours worked on them; answers for any day there is.

    Working days are counted from the year 1 on, weeks by arithmetic and the table's exceptions by bisection, so no
    question costs more for lying far away.

    Parameters
    ----------
    holidays
        The table by day.
    hours
        When a working day is worked, and in which zone a day begins.

    Examples
    --------
    >>> Calendar({}).add_working_days(date(2026, 3, 6), 1)
    datetime.date(2026, 3, 9)
    """

    holidays: Holidays = field(repr=False)
    hours: WorkingHours = WorkingHours()
    _odd: list[int] = field(init=False, repr=False, compare=False)
    """Ordinals of the days that the table makes different from what their weekday says."""
    _shift: list[int] = field(init=False, repr=False, compare=False)
    """How many working days more than weekdays there are before the first, second … odd day, and after the last."""
    _rank: list[int] = field(init=False, repr=False, compare=False)
    """Working days up to and including each odd day."""
    _sure: frozenset[int] = field(init=False, repr=False, compare=False)
    _blocks: tuple[tuple[int, int, int], ...] = field(init=False, repr=False, compare=False)
    """Of each block of hours: begin, end, and how much is worked before it, microseconds of the day."""
    _runs: tuple[list[int], list[Run]] = field(init=False, repr=False, compare=False)
    _span: tuple[date, date] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        odd = sorted(day for day, row in self.holidays.items() if (row.kind is DayKind.WORK) != (day.weekday() < 5))
        shift = [0]
        for day in odd:
            shift.append(shift[-1] + (1 if day.weekday() >= 5 else -1))
        years = {day.year for day in self.holidays}
        unsure = {day.year for day, row in self.holidays.items() if row.provisional}
        put = object.__setattr__
        put(self, "_odd", [day.toordinal() for day in odd])
        put(self, "_shift", shift)
        put(self, "_rank", [_weekdays(day.toordinal() + 1) + more for day, more in zip(odd, shift[1:], strict=True)])
        put(self, "_sure", frozenset(years - unsure))
        put(self, "_blocks", _with_sums(self.hours))
        first = date(max(min(years, default=2000) - 1, MINYEAR), 1, 1)
        last = date(min(max(years, default=2000) + 2, MAXYEAR), 12, 31)
        runs = list(self._walk(first, last))
        put(self, "_runs", ([run.first.toordinal() for run in runs], runs))
        put(self, "_span", (first, last))

    @property
    def zone(self) -> tzinfo:
        return self.hours.zone

    @property
    def day_length(self) -> int:
        """What is worked on a working day, microseconds."""
        _, end, before = self._blocks[-1]
        return before + end - self._blocks[-1][0]

    def working(self, day: date) -> bool:
        """Whether it is a working day."""
        row = self.holidays.get(day)
        return day.weekday() < 5 if row is None else row.kind is DayKind.WORK

    def why(self, day: date) -> Holiday | None:
        """The table's row for a holiday or a make-up day; None when the weekday alone decides."""
        return self.holidays.get(day)

    def provisional(self, year: int) -> bool:
        """Whether that year's announcement is still to come, or the table does not have it."""
        return year not in self._sure

    def before(self, ordinal: int) -> int:
        """How many working days there are before the day of this ordinal."""
        return _weekdays(ordinal) + self._shift[bisect_left(self._odd, ordinal)]

    def nth(self, rank: int) -> int:
        """Ordinal of the working day before which there are ``rank`` others: the inverse of ``before``."""
        part = bisect_right(self._rank, rank)
        weeks, day = divmod(rank - self._shift[part], 5)
        ordinal = weeks * 7 + day + 1
        # Past the next odd day the count is another: only a make-up day that day itself can be meant.
        return ordinal if part == len(self._odd) or ordinal < self._odd[part] else self._odd[part]

    def next_working_day(self, day: date) -> date:
        """The first working day after ``day``."""
        return self.add_working_days(day, 1)

    def working_day_from(self, day: date) -> date:
        """``day`` itself when it is a working day, else the next."""
        return date.fromordinal(self.nth(self.before(day.toordinal())))

    def add_working_days(self, day: date, count: int) -> date:
        """The ``count``-th working day after ``day``, which itself does not count; before it when below 0."""
        ordinal = day.toordinal()
        if count <= 0:
            return date.fromordinal(self.nth(self.before(ordinal) + count)) if count else day
        return date.fromordinal(self.nth(self.before(ordinal + 1) + count - 1))

    def local(self, at: datetime) -> datetime:
        """The place's clock at ``at``.

        Raises
        ------
        ValueError
            When ``at`` has no time zone.
        """
        if at.tzinfo is None:
            raise ValueError(f"{at.isoformat()} has no time zone; clocks run on aware times only (use UTC).")
        return at.astimezone(self.hours.zone)

    def midnight(self, ordinal: int) -> datetime:
        """When the day of this ordinal begins."""
        return datetime.combine(date.fromordinal(ordinal), time(), self.hours.zone)

    def worked(self, at: datetime) -> int:
        """Working time before ``at`` (aware), microseconds."""
        local = self.local(at)
        ordinal = local.toordinal()
        whole = self.before(ordinal) * self.day_length
        return whole + self._worked_today(local) if self.working(local.date()) else whole

    def when_worked(self, worked: int) -> datetime:
        """The earliest moment at which that much working time has gone by."""
        # The last microsecond of a day belongs to that day, not to the next working morning.
        days, rest = divmod(worked - 1, self.day_length)
        rest += 1
        clock = 0
        for begin, _, before in self._blocks:
            if before < rest:
                clock = begin + rest - before
        return (datetime.fromordinal(self.nth(days)) + timedelta(microseconds=clock)).replace(tzinfo=self.hours.zone)

    def runs(self, first: date, last: date) -> list[Run]:
        """What the days from ``first`` to ``last``, both included, are that are no plain working days.

        Days in a row for the same reason are one run: a weekend, a holiday, make-up working days. Runs are cut off at
        the ends asked for.
        """
        if last < first:
            return []
        if first < self._span[0] or last > self._span[1]:
            return list(self._walk(first, last))
        firsts, runs = self._runs
        begin = max(bisect_right(firsts, first.toordinal()) - 1, 0)
        found = runs[begin : bisect_right(firsts, last.toordinal())]
        if found and found[0].last < first:
            del found[0]
        if found and found[0].first < first:
            found[0] = Run(first, found[0].last, found[0].worked, self.holidays.get(first))
        if found and found[-1].last > last:
            found[-1] = Run(found[-1].first, last, found[-1].worked, found[-1].holiday)
        return found

    def _walk(self, first: date, last: date) -> Iterator[Run]:
        days = map(date.fromordinal, range(first.toordinal(), last.toordinal() + 1))
        for (worked, name), same in groupby(days, self._sort_of_day):
            if worked and not name:
                continue
            run = list(same)
            yield Run(run[0], run[-1], worked, self.holidays.get(run[0]))

    def _sort_of_day(self, day: date) -> tuple[bool, str]:
        row = self.holidays.get(day)
        return self.working(day), row.name_zh if row else ""

    def _worked_today(self, local: datetime) -> int:
        now = ((local.hour * 60 + local.minute) * 60 + local.second) * SECOND + local.microsecond
        for begin, end, before in self._blocks:
            if now <= end:
                return before + max(0, now - begin)
        return self.day_length


def _weekdays(ordinal: int) -> int:
    """Mondays to Fridays before the day of this ordinal; the day of ordinal 1 was a Monday."""
    weeks, days = divmod(ordinal - 1, 7)
    return weeks * 5 + min(days, 5)


def _with_sums(hours: WorkingHours) -> tuple[tuple[int, int, int], ...]:
    blocks, before = [], 0
    for begin, end in hours.blocks:
        begin_us, end_us = _of_day(begin), _of_day(end)
        blocks.append((begin_us, end_us, before))
        before += end_us - begin_us
    return tuple(blocks)


def _of_day(clock: time) -> int:
    return ((clock.hour * 60 + clock.minute) * 60 + clock.second) * SECOND + clock.microsecond
