"""What is due: the year plan arranged over months, dealt to weeks, and what was not done rolled forward.

The arrangement makes merging possible before anything is merged: all departments' checks of one premises begin in the
same month and stand in the same weeks. Which month that is evens out the work of the months.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise

from dispatch.inspections.plans import Ground, Key, PlanLine, Refused, times_of
from dispatch.records.inspection import DueItem, Remote
from dispatch.records.reason import Reason
from dispatch.rulebook.calendar import Calendar

WEEK = timedelta(days=7)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Check:
    """One item owed to one premises, the ``nth`` of its line, between two days.

    Attributes
    ----------
    rolled
        How often it was rolled forward because it was not done.
    since
        The first day on which it was ever due.
    remote
        By what it is made without going.
    """

    line: PlanLine
    nth: int
    certificate: str
    minutes: int
    earliest: date
    latest: date
    since: date
    rolled: int = 0
    remote: Remote = Remote.NO

    @property
    def id(self) -> str:
        return f"{self.line.department}:{self.line.year}:{self.line.id}.{self.nth}"

    @property
    def capped(self) -> bool:
        """Whether it counts against the annual cap; following a lead does not, nor does a check from the desk."""
        return self.due().capped

    def due(self) -> DueItem:
        return DueItem(
            self.id,
            self.line.premises,
            self.line.department,
            self.certificate,
            self.minutes,
            self.earliest,
            self.latest,
            self.line.occasion,
            self.line.item,
            self.remote,
        )


@dataclass(frozen=True, slots=True)
class Arrangement:
    """The checks of a year with their days, by day and id, and those that the caps leave no room for."""

    checks: tuple[Check, ...]
    refused: tuple[Refused, ...] = ()


@dataclass(frozen=True, slots=True)
class Rolled:
    """Checks after a day: with new days where they were missed; ``lapsed`` are gone, each with its reason."""

    checks: tuple[Check, ...]
    lapsed: tuple[tuple[Check, Reason], ...] = ()


# --------------------------------------------------------------------------------------------------- year to months


def arrange(
    lines: Sequence[PlanLine],
    ground: Ground,
    year: int,
    since: date | None = None,
    standing: Sequence[Check] = (),
    known: Collection[str] = (),
) -> Arrangement:
    """The year plan over the months that are left of a year.

    Parameters
    ----------
    lines
        As `held_against` and `side_by_side` let them pass.
    since
        Months before this day's are over; None for the whole year. A line with days of its own keeps them.
    standing
        Checks that have their days already: they stay in front of the caps, and what is arranged there joins their
        months as far as it can.
    known
        Ids of checks of these lines that need no days any more: they stand, were made or have lapsed.

    Returns
    -------
    Arrangement
        A check may be done on any day of its month. Lines of one premises have their months in common as far as their
        times allow: four times a year contains twice, twice contains once. More than once a month is spread evenly by
        days. The order of ``lines`` does not matter.
    """
    begin = max(date(year, 1, 1), (since or date(year, 1, 1)).replace(day=1))
    begins = _phases(lines, ground, begin, standing)
    every = (check for line in lines for check in _checks(line, ground, begin, begins.get(line.premises, 0)))
    checks = [check for check in every if check.id not in known]
    kept, refused = _within_caps([*standing, *checks], ground, {check.id for check in standing})
    return Arrangement(tuple(sorted(kept, key=_order)), tuple(sorted(refused, key=lambda each: each.line.key)))


def _checks(line: PlanLine, ground: Ground, begin: date, phase: int) -> Iterator[Check]:
    item, remote = ground.scenes.items[line.item], ground.scenes.remote(line.item, line.occasion)
    spans = [(line.first, line.last)] if line.first and line.last else _spans(times_of(line, ground), begin, phase)
    for nth, (first, last) in enumerate(spans, start=1):
        yield Check(line, nth, item.certificate, item.minutes, first, last, first, remote=remote)


def _spans(times: int, begin: date, phase: int) -> list[tuple[date, date]]:
    """The days between which each of ``times`` checks lies, from ``begin`` to the end of its year."""
    months = 13 - begin.month
    if times <= months:
        chosen = sorted((phase + nth * months // times) % months for nth in range(times))
        return [_month(date(begin.year, begin.month + month, 1)) for month in chosen]
    days = (date(begin.year, 12, 31) - begin).days + 1
    edges = [begin + nth * days // times * DAY for nth in range(times + 1)]
    return [(first, max(first, after - DAY)) for first, after in pairwise(edges)]


def _month(day: date) -> tuple[date, date]:
    """The first and last day of the month of ``day``."""
    return day.replace(day=1), ((day.replace(day=1) + 32 * DAY).replace(day=1) - DAY)


def _phases(lines: Sequence[PlanLine], ground: Ground, begin: date, standing: Sequence[Check]) -> dict[str, int]:
    """The month in which each premises begins: the heaviest first, where it adds least to the fullest months.

    Where checks stand already, it begins so that most visits fall into months in which somebody comes anyway.
    """
    months = 13 - begin.month
    of: dict[str, list[float]] = defaultdict(lambda: [0.0] * months)
    for line in sorted(lines, key=lambda line: line.key):
        if line.first is None:
            times, minutes = times_of(line, ground), ground.scenes.items[line.item].minutes
            for nth in range(times):
                of[line.premises][nth * months // times % months] += minutes
    load, phases = [0.0] * months, {}
    there: dict[str, set[int]] = defaultdict(set)
    for check in standing:
        at = check.earliest.month - begin.month
        if check.earliest.year == begin.year and at >= 0:
            load[at] += check.minutes
            there[check.line.premises].add(at)
    for premises in sorted(of, key=lambda id: (-sum(of[id]), id)):
        work = of[premises]

        def crowding(phase: int, work: Sequence[float] = work) -> float:
            return sum(more * (2 * load[(at + phase) % months] + more) for at, more in enumerate(work) if more)

        def alone(phase: int, work: Sequence[float] = work, there: Collection[int] = there[premises]) -> int:
            return sum(1 for at, more in enumerate(work) if more and (at + phase) % months not in there)

        phases[premises] = min(range(months), key=lambda phase: (alone(phase), crowding(phase), phase))
        for at, more in enumerate(work):
            load[(at + phases[premises]) % months] += more
    return phases


def _within_caps(
    checks: Sequence[Check], ground: Ground, standing: Collection[str]
) -> tuple[list[Check], list[Refused]]:
    """The checks for which the annual caps have room: visits that stand already, then those that do most, then early.

    A check that stands is never refused.
    """
    kept, refused = [], []
    for premises, some in sorted(_by_premises(checks).items()):
        left = ground.premises.entries[premises].premises.visits_left
        capped = [check for check in some if check.capped]
        kept += [check for check in some if not check.capped]
        visits = together(capped)
        stays = {id(visit) for visit in visits if any(check.id in standing for check in visit)}
        order = sorted(visits, key=lambda visit: (id(visit) not in stays, -len(visit), visit[0].latest))
        most = order[: len(visits) if left is None else max(left, len(stays))]
        for visit in visits:
            if visit in most:
                kept += visit
                continue
            values: dict[str, str | int | float] = {
                "premises": premises,
                "visits_needed": len(visits),
                "visits_left": left or 0,
            }
            refused += [Refused(check.line, Reason("cap_reached", False, values)) for check in visit]
    return kept, refused


def together(checks: Iterable[Check]) -> list[list[Check]]:
    """Checks of one premises in the fewest groups that each share a day (the earliest last day, again and again)."""
    groups: list[list[Check]] = []
    day = date.min
    for check in sorted(checks, key=lambda check: (check.latest, check.earliest, check.id)):
        if not groups or check.earliest > day:
            groups.append([])
            day = check.latest
        groups[-1].append(check)
    return groups


def _by_premises(checks: Iterable[Check]) -> dict[str, list[Check]]:
    found: dict[str, list[Check]] = defaultdict(list)
    for check in checks:
        found[check.line.premises].append(check)
    return found


def _order(check: Check) -> tuple[date, date, str, int, str, int]:
    return check.earliest, check.latest, *check.line.key, check.nth


# --------------------------------------------------------------------------------------------------- months to weeks


def weeks(
    checks: Iterable[Check], calendar: Calendar, since: date, missed: Collection[str] = ()
) -> dict[date, tuple[Check, ...]]:
    """Checks by the Monday of the week in which they are to be done, no week before that of ``since``.

    What one premises can have checked on one day stands in one week. Of the weeks that have a working day for it, the
    longest visits take the one with the least work; what was rolled forward, or is among the ids ``missed``, takes the
    first one. A check without any working day is in the week of its last day.
    """
    visits = [visit for some in _by_premises(checks).values() for visit in together(some)]
    visits.sort(key=lambda visit: (-sum(check.minutes for check in visit), visit[0].line.premises, visit[0].id))
    load: dict[date, int] = defaultdict(int)
    found: dict[date, list[Check]] = defaultdict(list)
    for visit in visits:
        late = any(check.rolled or check.id in missed for check in visit)
        mondays = _mondays(visit, calendar, since)
        monday = min(mondays, key=lambda monday: (0 if late else load[monday], monday))
        load[monday] += sum(check.minutes for check in visit)
        found[monday] += visit
    return {monday: tuple(sorted(found[monday], key=_order)) for monday in sorted(found)}


def _mondays(visit: Sequence[Check], calendar: Calendar, since: date) -> list[date]:
    first, last = max(since, *(check.earliest for check in visit)), min(check.latest for check in visit)
    days = (first + DAY * n for n in range((last - first).days + 1))
    found = dict.fromkeys(_monday(day) for day in days if calendar.working(day))
    return list(found) or [_monday(max(last, since))]


def _monday(day: date) -> date:
    return day - DAY * day.weekday()


def in_week(
    checks: Iterable[Check], monday: date, calendar: Calendar, since: date, missed: Collection[str] = ()
) -> tuple[Check, ...]:
    """The checks of one week, held within its days; those rolled forward come first, then those ``missed``.

    ``checks`` are all that is owed on the day ``since``, missed ones rolled forward; they are dealt to its week and
    later ones, as `weeks` deals them: what stands in another week is not asked in this one.
    """
    some = weeks(checks, calendar, since, missed).get(monday, ())
    sunday = monday + WEEK - DAY
    held = [replace(c, earliest=max(c.earliest, monday), latest=min(c.latest, sunday)) for c in some]
    return tuple(sorted(held, key=lambda check: (-check.rolled, check.id not in missed, *_order(check))))


# --------------------------------------------------------------------------------------------------- rolled forward


def roll_forward(checks: Iterable[Check], done: Collection[str], today: date) -> Rolled:
    """The checks still owed on ``today``, with new days for those whose last day has passed.

    Parameters
    ----------
    done
        Ids of checks that were made.

    Returns
    -------
    Rolled
        A missed check may be done until the end of this month. It lapses when its line's next check begins by the end
        of this month, for one check then answers both (until that begins nobody owes it), and at the end of its year.
    """
    owed = [check for check in checks if check.id not in done]
    by_line: dict[Key, list[Check]] = defaultdict(list)
    for check in owed:
        by_line[check.line.key].append(check)
    kept, lapsed = [], []
    for check in owed:
        if check.latest >= today:
            kept.append(check)
            continue
        until = _month(today)[1]
        later = _next(check, by_line)
        if today.year > check.since.year:
            lapsed.append((check, Reason("year_over", False, {"since": check.since.isoformat()})))
        elif later is not None and later.earliest <= until:
            lapsed.append((check, Reason("overtaken", None, {"by": later.id})))
        else:
            kept.append(replace(check, earliest=today, latest=until, rolled=check.rolled + 1))
    return Rolled(tuple(sorted(kept, key=_order)), tuple(lapsed))


def _next(check: Check, by_line: Mapping[Key, Sequence[Check]]) -> Check | None:
    """The next check of the same line that is still owed."""
    later = [other for other in by_line[check.line.key] if other.nth > check.nth]
    return min(later, key=lambda other: other.nth, default=None)
