"""When people report: an assumed week. The source documents publish yearly and five-month sums only."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

WEEKDAY = (2, 1, 1, 1, 1, 2, 4, 8, 12, 14, 14, 12, 9, 10, 12, 12, 11, 11, 12, 13, 12, 9, 6, 3)
WEEKEND = (3, 2, 1, 1, 1, 2, 3, 6, 9, 11, 12, 11, 9, 9, 10, 10, 10, 11, 12, 13, 12, 10, 7, 4)
"""Relative number of reports in each hour of the day. Assumed: morning and evening peaks, later on weekends."""


def assumed_week() -> NDArray[np.float64]:
    """Relative rate by hour of the week, shape (168,), Monday 00:00 first."""
    return np.array([*WEEKDAY * 5, *WEEKEND * 2], dtype=np.float64)
