"""Ids of things that are numbered as they come: a letter and a running number, which no other has had."""

from __future__ import annotations

from enum import Enum

from sqlalchemy import Connection, func, select

from dispatch.store.tables import (
    ABSENCES,
    CALENDARS,
    DESK_CHECKS,
    DRAWS,
    FILE_REVIEWS,
    FINDINGS,
    HOOKS,
    KEYS,
    PATROLS,
    REQUESTS,
)


class Series(Enum):
    """What is numbered: its table, whose rows stay for good, its letter, and how many digits at least."""

    ABSENCE = (ABSENCES, "A", 4)
    CALENDAR = (CALENDARS, "C", 4)
    DESK_CHECK = (DESK_CHECKS, "V", 5)
    DRAW = (DRAWS, "D", 4)
    FILE_REVIEW = (FILE_REVIEWS, "R", 4)
    FINDING = (FINDINGS, "F", 6)
    HOOK = (HOOKS, "H", 3)
    KEY = (KEYS, "K", 3)
    PATROL = (PATROLS, "X", 4)
    REQUEST = (REQUESTS, "Q", 5)


def next_id(connection: Connection, series: Series) -> str:
    """The id after the last one given; ask under the write lock, else two may get the same."""
    table, letter, digits = series.value
    number = (connection.scalar(select(func.count()).select_from(table)) or 0) + 1
    return f"{letter}{number:0{digits}d}"
