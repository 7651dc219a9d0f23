"""The table of holidays that the keeper has made their own, between rows and records."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection, delete, insert, select

from dispatch.rulebook.calendar import DayKind, Holiday, Holidays
from dispatch.store.tables import HOLIDAYS, SETTINGS

OWN = "holidays_own"
"""The setting that says the keeper has made the table their own, however few days it has by now."""


def read_holidays(connection: Connection) -> Holidays | None:
    """The kept table by day; None while nobody has changed the shipped one."""
    table = {
        row.day: Holiday(row.day, DayKind(row.kind), row.name_zh, row.name_en, row.provisional)
        for row in connection.execute(select(HOLIDAYS).order_by(HOLIDAYS.c.day))
    }
    own = connection.scalar(select(SETTINGS.c.value).where(SETTINGS.c.name == OWN)) is not None
    return table if own or table else None  # a book of before there was the setting has its days


def write_holidays(connection: Connection, table: Holidays) -> None:
    """``table`` made the keeper's own."""
    connection.execute(delete(HOLIDAYS))
    connection.execute(delete(SETTINGS).where(SETTINGS.c.name == OWN))
    connection.execute(insert(SETTINGS).values(name=OWN, value="yes"))
    if table:
        connection.execute(insert(HOLIDAYS), [{**told(holiday), "day": day} for day, holiday in table.items()])


def write_day(connection: Connection, day: date, holiday: Holiday | None) -> None:
    """One day of the table, or none when it is what its weekday says."""
    connection.execute(delete(HOLIDAYS).where(HOLIDAYS.c.day == day))
    if holiday is not None:
        connection.execute(insert(HOLIDAYS).values(**told(holiday), day=day))


def told(holiday: Holiday) -> dict[str, str | bool]:
    """A day as the ledger keeps it."""
    return {
        "kind": holiday.kind.value,
        "name_zh": holiday.name_zh,
        "name_en": holiday.name_en,
        "provisional": holiday.provisional,
    }
