"""The one door through which incidents come into the played city, whether they were drawn or really happened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gis.schemas import BadInput, Fault, shorten
from simulation.demand import Spots
from simulation.history import History
from simulation.stories import Reports
from simulation.tables import ALONE, Force, Kind, Work, always, never, orders

Floats = NDArray[np.float64]
Whole = NDArray[np.int32]

UNSAID = -1
"""The row of a matter that nobody has said."""
LONG_AFTER_S = 1e10
"""Three centuries: when what does not close in the stretch that is played is taken up again."""


@dataclass(frozen=True)
class Intake:
    """Incidents by the time they were reported, shape (n,) each.

    Attributes
    ----------
    start
        UTC, where the story begins.
    told_s
        Seconds after ``start``; below 0 for what is open already.
    cell
        Rows of the cells.
    category
        Positions in ``categories``.
    """

    start: pd.Timestamp
    told_s: Floats
    cell: Whole
    category: Whole
    categories: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.told_s)

    @property
    def reported_at(self) -> pd.DatetimeIndex:
        """UTC."""
        return self.start + pd.to_timedelta(self.told_s, unit="s")


def replay(history: History, start: datetime, end: datetime) -> Intake:
    """What really was reported from ``start`` on and before ``end`` (aware), and what was open at ``start``.

    How anything ended after ``start`` is not looked at.
    """
    first, last = pd.Timestamp(start).tz_convert("UTC"), pd.Timestamp(end).tz_convert("UTC")
    told = history.reported_at
    open_then = (told < first) & (history.closed_at.isna() | (history.closed_at >= first))
    rows = np.flatnonzero(np.asarray(open_then | ((told >= first) & (told < last))))
    category, categories = pd.factorize(history.category[rows], sort=True)
    seconds = np.asarray((told[rows] - first).total_seconds(), dtype=np.float64)
    return Intake(first, seconds, history.cell[rows], category.astype(np.int32), tuple(categories))


def as_reports(
    intake: Intake, matters: Sequence[str], spots: Spots, rng: np.random.Generator, usual: Floats | None = None
) -> Reports:
    """The same for a staffing plan: what `simulation.stories.work_of` makes steps and chances for.

    What is open already comes in at the start. What nobody has said the matter of gets one by lot among the others;
    where nobody has said any, as often as is usual.

    Parameters
    ----------
    matters
        Codes in the order of the demand's matters; categories are such codes.
    spots
        Where in its cell each may be.
    usual
        Share of each matter, shape (matters,); without it each is as likely.

    Raises
    ------
    BadInput
        When a category is no matter here, with how often it stands there.
    """
    row = {code: at for at, code in enumerate(matters)}
    counts = np.bincount(intake.category, minlength=len(intake.categories))
    strange = [(name, n) for name, n in zip(intake.categories, counts, strict=True) if n and name and name not in row]
    if strange:
        expected = "a matter of the place; map it as for gridbeat import tickets"
        faults = (Fault("tickets", None, "category", f"{shorten(name)} {n} times", expected) for name, n in strange)
        raise BadInput(*faults)
    matter = np.array([row.get(name, UNSAID) for name in intake.categories], dtype=np.int32)[intake.category]
    unsaid, said = matter == UNSAID, matter[matter != UNSAID]
    if unsaid.any():
        n = int(unsaid.sum())
        matter[unsaid] = rng.choice(said, n) if len(said) else rng.choice(len(matters), n, p=usual)
    lon, lat = spots.near(intake.cell.astype(np.int64), rng)
    return Reports(np.maximum(intake.told_s, 0.0), intake.cell, matter, lon, lat)


def as_closed(intake: Intake, closed_s: Floats) -> Work:
    """Reports that close when they are said to, whoever is on duty: for both engines, to be played with `a_clerk`.

    Parameters
    ----------
    closed_s
        Seconds after the start, shape (n,), inf for what does not close; never before ``told_s``.
    """
    told_s, n = np.maximum(intake.told_s, 0.0), len(intake)
    pass_s, pass_every_s = never(n)
    return Work(
        told_s=told_s,
        pass_s=pass_s,
        pass_every_s=pass_every_s,
        cell=intake.cell,
        priority=np.zeros(n, np.int32),
        stretch=np.ones(n),
        step_start=np.arange(n + 1),
        kind=np.full(n, Kind.STEP, np.int8),
        asks=np.zeros(n, np.int32),
        field=np.zeros(n, np.int32),
        need=np.full(n, ALONE, np.int8),
        pause_s=np.where(np.isfinite(closed_s), closed_s - told_s, LONG_AFTER_S),
        work_s=np.zeros(n),
        goes=np.zeros(n, np.bool_),
    )


def a_clerk(cells: int) -> Force:
    """One officer who is always there; with work that takes no time nobody ever waits."""
    duty_start, duty_end = always(1)
    order_start, order_desk = orders([[0]])
    return Force(
        pace=np.ones(1),
        seconds=np.zeros((1, cells)),
        certified=np.ones((1, 1), np.bool_),
        duty_start=duty_start,
        duty_end=duty_end,
        duty_officer=np.zeros(1, np.int32),
        duty_desk=np.zeros(1, np.int32),
        order_of=np.zeros((1, cells), np.int32),
        order_start=order_start,
        order_desk=order_desk,
        patrol_desk=np.full(cells, -1, np.int32),
    )
