"""The table of holidays as the keeper changes it, a day at a time."""

from __future__ import annotations

from datetime import date, datetime

from dispatch.desk.door import Door
from dispatch.desk.refusals import Refused
from dispatch.records.reason import Reason
from dispatch.rulebook.calendar import DayKind, Holiday, Holidays
from dispatch.store.casebook import Casebook
from dispatch.store.ledger import Kind

SUBJECT = "holidays"
HOLIDAY_REASONS = (
    "day_changed",  # day: somebody else has set it since
    "no_weekend",  # day: only a Saturday or Sunday can be worked to make up
    "day_unnamed",  # day
)


def current(casebook: Casebook, shipped: Holidays) -> Holidays:
    """The casebook's own table, or the shipped one while nobody has changed it."""
    own = casebook.holidays()
    return shipped if own is None else own


class HolidayTable(Door):
    """What the keeper does with the table; the first change makes the shipped one the casebook's own."""

    def __init__(self, door: Door, shipped: Holidays) -> None:
        super().__init__(door.casebook, door.clock, door.rights)
        self._shipped = shipped

    def set_day(
        self, actor: str, day: date, seen: Holiday | None, wanted: Holiday | None, *, now: datetime | None = None
    ) -> Holidays:
        """The day as it shall be (None: what its weekday says), provided it is as the keeper saw it.

        A day that shall be as it is changes nothing and leaves no entry.

        Raises
        ------
        Refused
            ``day_changed``, ``no_weekend`` or ``day_unnamed``; nothing is changed then.
        """
        with self.deed("set_day", actor, Kind.LIST, SUBJECT, now) as (page, who):
            own = page.holidays()
            table = self._shipped if own is None else own
            if table.get(day) != seen:
                raise Refused(Reason("day_changed", False, {"day": day.isoformat()}))
            _check(day, wanted)
            if seen == wanted:
                return table
            if own is None:
                page.take_holidays(who, self._shipped)
            page.set_day(who, day, seen, wanted)
            return page.holidays() or {}


def _check(day: date, wanted: Holiday | None) -> None:
    told: dict[str, str | int | float] = {"day": day.isoformat()}
    if wanted is None:
        return
    if wanted.kind is DayKind.WORK and day.weekday() < 5:
        raise Refused(Reason("no_weekend", False, told))
    if not (wanted.name_zh.strip() and wanted.name_en.strip()):
        raise Refused(Reason("day_unnamed", False, told))
