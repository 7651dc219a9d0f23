"""Histories to learn from: drawn by a forecast whose every number is known."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from dispatch.rulebook.calendar import Calendar, DayKind, Holiday, WorkingHours
from simulation.forecast import Forecast
from simulation.history import History
from simulation.intake import Intake
from simulation.level import STEPS, Level

MONDAY = datetime(2024, 1, 1, tzinfo=UTC)
GREENWICH = WorkingHours(zone=ZoneInfo("UTC"))


def calendar(*days_off: date) -> Calendar:
    """These days off, nothing else; clocks of Greenwich."""
    return Calendar({day: Holiday(day, DayKind.OFF, "假日", "Holiday", False) for day in days_off}, GREENWICH)


def steady(a_day: float, step: float = 0.0) -> Level:
    """A level known exactly, which wanders by ``step`` (a member of STEPS)."""
    belief = np.isclose(STEPS, step).astype(np.float64)
    return Level(np.full(len(STEPS), np.log(a_day)), np.zeros(len(STEPS)), belief / belief.sum())


def known(a_day: float = 100.0, **changes: object) -> Forecast:
    """Busy weekdays, quiet weekends, three cells, two categories."""
    day_factor = np.array([1.2, 1.3, 1.2, 1.1, 1.0, 0.7, 0.5, 0.4, 1.1])
    hours = np.where((np.arange(24) >= 8) & (np.arange(24) < 20), 3.0, 1.0)
    given = {
        "calendar": calendar(),
        "end": MONDAY.date(),
        "level": steady(a_day),
        "day_factor": day_factor,
        "hour_share": np.tile(hours / hours.sum(), (7, 1)),
        "month_factor": np.ones(12),
        "over_dispersion": 0.0,
        "cell_weight": np.array([0.6, 0.3, 0.1]),
        "categories": ("noise", "waste"),
        "category_share": np.array([0.25, 0.75]),
    }
    return Forecast(**{**given, **changes})  # type: ignore[arg-type]


def lived(reports: Intake, until: datetime, cells: int = 3, closed_s: np.ndarray | None = None) -> History:
    """Reports as if they had happened; closed after so many seconds from the start, inf for never."""
    end = pd.Timestamp(until)
    after = np.full(len(reports), np.inf) if closed_s is None else closed_s
    closed = pd.DatetimeIndex(reports.start + pd.to_timedelta(np.where(np.isfinite(after), after, np.nan), unit="s"))
    names = np.array(reports.categories, dtype=object)[reports.category]
    desk = np.full(len(reports), "", dtype=object)
    told = reports.reported_at
    return History(told, closed.where(closed < end), reports.cell, names, desk, end.tz_convert("UTC"), cells)
