"""The four units of a term as scales: numbers that grow only while the unit's clock runs.

On a scale a term is an addition and a pause a difference, whatever the unit; only a scale knows nights and holidays.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from dispatch.rulebook.calendar import SECOND, Calendar
from dispatch.rulebook.terms import Term, Unit

HOUR = 3600 * SECOND
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_US = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Scale:
    """Calendar days, and what every scale answers.

    In days the day on which a term begins does not count (``begin`` is the next one), the day of a pause is given
    back, and the day on which the clock runs again counts (``here``): a pause within one day changes nothing.

    Attributes
    ----------
    one
        How much the number grows in one unit.
    in_days
        Whether only whole days are counted.
    skips
        Whether days off are passed over.
    """

    calendar: Calendar
    one = 1
    in_days = True
    skips = False

    def begin(self, at: datetime) -> int:
        """Where a term begins that starts at ``at`` (aware)."""
        return self.before(self.calendar.local(at).toordinal() + 1)

    def here(self, at: datetime) -> int:
        """Where a clock stands that is stopped at ``at``, and where it goes on that runs again then."""
        return self.before(self.calendar.local(at).toordinal())

    def before(self, ordinal: int) -> int:
        """Days counted before the day of this ordinal."""
        return ordinal

    def last_day(self, position: int) -> int:
        """Ordinal of the day that brings the count to ``position``."""
        return position - 1

    def instant(self, position: int) -> datetime:
        """When ``position`` is reached: in days, the midnight that ends the day; aware, in the place's zone."""
        return self.calendar.midnight(self.last_day(position) + 1)


class _WorkingDays(Scale):
    skips = True

    def before(self, ordinal: int) -> int:
        return self.calendar.before(ordinal)

    def last_day(self, position: int) -> int:
        return self.calendar.nth(position - 1)


class _UrgentHours(Scale):
    one = HOUR
    in_days = False

    def begin(self, at: datetime) -> int:
        return (self.calendar.local(at) - _EPOCH) // _US

    here = begin

    def instant(self, position: int) -> datetime:
        return (_EPOCH + timedelta(microseconds=position)).astimezone(self.calendar.zone)


class _WorkingHours(Scale):
    one = HOUR
    in_days = False
    skips = True

    def begin(self, at: datetime) -> int:
        return self.calendar.worked(at)

    here = begin

    def instant(self, position: int) -> datetime:
        return self.calendar.when_worked(position)


_SCALES: Mapping[Unit, type[Scale]] = {
    Unit.CALENDAR_DAYS: Scale,
    Unit.WORKING_DAYS: _WorkingDays,
    Unit.WORKING_HOURS: _WorkingHours,
    Unit.URGENT_HOURS: _UrgentHours,
}


def scale_of(unit: Unit, calendar: Calendar) -> Scale:
    """The scale on which terms of ``unit`` are counted in a place with this calendar."""
    return _SCALES[unit](calendar)


def add(at: datetime, term: Term, calendar: Calendar) -> datetime:
    """When ``term`` is over that begins at ``at`` (aware) and is never interrupted; aware, in the place's zone.

    A term in days ends at the midnight after its last day, the day of ``at`` not counted. A term in hours ends on the
    microsecond, one in working hours within working hours.
    """
    scale = scale_of(term.unit, calendar)
    return scale.instant(scale.begin(at) + term.amount * scale.one)


def elapsed(since: datetime, until: datetime, unit: Unit, calendar: Calendar) -> float:
    """How many units lie between two aware moments: whole days after the day of ``since``, or hours and parts.

    0 when ``until`` comes first.
    """
    scale = scale_of(unit, calendar)
    return max(0, scale.begin(until) - scale.begin(since)) / scale.one
