"""The evaluation of a time: every indicator, gauge, finding and hot spot of a place, from its book."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

import geopandas as gpd

from dispatch.desk.standing import People
from dispatch.oversight import supervision
from dispatch.oversight.evenness import Evenness, evenness
from dispatch.oversight.gauges import USUAL, coverage
from dispatch.oversight.hotspots import HotSpot, hot_spots
from dispatch.oversight.indicators import OF_INCIDENTS, About, Share, come_again, hours_to_handle, shares
from dispatch.oversight.matrix import Event, ReportingIn, events, matrix
from dispatch.oversight.supervision import Finding, Law
from dispatch.oversight.traces import Trace, traces
from dispatch.records.calls import Stop
from dispatch.records.team import Officer
from dispatch.rulebook.calendar import Calendar
from dispatch.rulebook.matters import Matter
from dispatch.rulebook.procedures import Procedures
from dispatch.store import inspections
from dispatch.store.casebook import Casebook
from dispatch.store.ledger import Kind


class Period(StrEnum):
    """How long an evaluation looks back."""

    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"

    def first_day(self, day: date) -> date:
        """The first day of the one that ``day`` lies in.

        >>> str(Period.QUARTER.first_day(date(2026, 5, 3)))
        '2026-04-01'
        """
        if self is Period.WEEK:
            return day - timedelta(days=day.weekday())
        months = 1 if self is Period.MONTH else 3
        return day.replace(month=(day.month - 1) // months * months + 1, day=1)

    def around(self, day: date) -> tuple[date, date]:
        """The first day of the one that ``day`` lies in, and the first day after it.

        >>> [str(each) for each in Period.MONTH.around(date(2026, 2, 28))]
        ['2026-02-01', '2026-03-01']
        """
        first = self.first_day(day)
        return first, self.first_day(first + timedelta(days=LONGEST[self]))

    def last_before(self, day: date) -> tuple[date, date]:
        """The first day of the last whole one that ended before ``day``, and the first day after it.

        >>> [str(each) for each in Period.QUARTER.last_before(date(2026, 5, 3))]
        ['2026-01-01', '2026-04-01']
        """
        end = self.first_day(day)
        return self.first_day(end - timedelta(days=1)), end


LONGEST = {Period.WEEK: 7, Period.MONTH: 31, Period.QUARTER: 92}
"""Days of the longest of each length."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What a place's book is read with."""

    matters: Mapping[str, Matter]
    procedures: Procedures
    office: Sequence[Officer]
    calendar: Calendar
    cells: gpd.GeoDataFrame
    gauges: Sequence[str] = USUAL


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What is said of a time, by code or name of whom it is said.

    Attributes
    ----------
    since, until
        Aware: the first moment of it and the first after it.
    incidents
        Reports in that time, voices about others among them.
    shares
        Of towns, dispatchers, teams and sources, each with its indicators.
    again
        By town, what had been reported within 30 days before.
    hours
        By team, mean hours from sent to handled.
    matrix
        Departments and towns, both ways.
    gauges
        Of the cases filed in that time.
    """

    since: datetime
    until: datetime
    incidents: int
    shares: Mapping[About, Mapping[str, Mapping[str, Share]]]
    again: Mapping[str, Share]
    hours: Mapping[str, float]
    matrix: Sequence[ReportingIn]
    gauges: Mapping[str, Share]
    findings: Sequence[Finding]
    evenness: Sequence[Evenness]
    hot_spots: Sequence[HotSpot]


def evaluate(casebook: Casebook, ground: Ground, since: datetime, until: datetime) -> Evaluation:
    """The evaluation of the time from ``since`` to before ``until`` (aware).

    What lay before counts for visits to a door within 30 days, and nothing that came after counts at all.

    Raises
    ------
    KeyError
        When the place asks for a gauge that there is not.
    """
    found = traces(casebook, ground.matters, ground.calendar, since, until)
    of_time = [case for case in casebook.cases() if since <= case.filed_at < until]
    return Evaluation(
        since=since,
        until=until,
        incidents=len(found),
        shares={about: shares(found, about) for about in OF_INCIDENTS},
        again=come_again(found),
        hours=hours_to_handle(found),
        matrix=matrix(asked_within(casebook, since, until)),
        gauges=coverage(of_time, ground.gauges),
        findings=found_within(casebook, ground, found, since, until),
        evenness=evenness(of_time),
        hot_spots=hot_spots(ground.cells, Counter(trace.incident.cell for trace in found)),
    )


def asked_within(casebook: Casebook, since: datetime, until: datetime) -> list[Event]:
    """What was done from ``since`` to before ``until`` about the tasks that were first sent out in that time."""
    tasks = casebook.tasks()
    entries = [
        entry for entry in casebook.histories({Kind.TASK: [task.id for task in tasks]}) if since <= entry.at < until
    ]
    begun = {entry.subject for entry in entries if entry.version_before == 0}
    return events([task for task in tasks if task.id in begun], [entry for entry in entries if entry.subject in begun])


def found_within(
    casebook: Casebook, ground: Ground, found: Sequence[Trace], since: datetime, until: datetime
) -> tuple[Finding, ...]:
    """What the supervision rules say of that time, ``found`` being its incidents, by rule and time."""
    people = People([(team.body, team.officers) for team in casebook.teams()], ground.office)
    law = Law(ground.procedures, people, ground.matters, ground.calendar)
    doors = [each for each in supervision.of_doors(_doors(casebook)) if since <= each.at < until]
    every = [*supervision.of_incidents(found), *supervision.of_cases(casebook.cases(), law, since, until), *doors]
    return tuple(sorted(every, key=lambda each: (each.rule, each.at, each.subject)))


def _doors(casebook: Casebook) -> list[tuple[date, str, Stop]]:
    with casebook.reading() as connection:
        standing = inspections.in_force(connection)
        return [(standing.day_of(stop), standing.town_of(stop), stop) for stop in standing.stops.values()]
