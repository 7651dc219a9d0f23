"""What all tables of the casebook share: their names for keys, kinds of columns, times in UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Date,
    DateTime,
    Dialect,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
)
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator


class UtcTime(TypeDecorator[datetime]):
    """An aware datetime, kept in UTC whatever the database does with time zones.

    SQLite forgets the zone, PostgreSQL keeps it; both give back an aware datetime in UTC.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value.isoformat()} has no time zone; the casebook keeps aware times only (use UTC).")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


# Only a plain INTEGER key is SQLite's own row number; a BIGINT one would cost a second index.
Counter = BigInteger().with_variant(Integer, "sqlite")

STILL_OUT = "status IN ('assigned', 'accepted', 'on_scene')"


class Base(DeclarativeBase):
    """What all tables share: the names of indexes and keys, so that a migration can name them again."""

    metadata = MetaData(naming_convention={"ix": "ix_%(table_name)s_%(column_0_N_name)s", "pk": "pk_%(table_name)s"})
    type_annotation_map = {  # noqa: RUF012
        str: Text,
        int: Integer,
        float: Float(53),
        bool: Boolean,
        datetime: UtcTime,
        date: Date,
        bytes: LargeBinary,
    }


def table(row: type[Base]) -> Table:
    """The Core table behind a row class."""
    found: Any = row.__table__
    assert isinstance(found, Table)
    return found
