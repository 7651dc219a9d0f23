"""What was reported until a day, made clean: one row a trouble, each in a cell, each with its closing if it came."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from dispatch.records.incident import Incident, Status
from dispatch.records.reason import Reason
from dispatch.response.duplicates import (
    LIKELY,
    LONGEST,
    PLACE_WEIGHT,
    SAME_MATTER,
    STRONG_M,
    TIME_WEIGHT,
    WEAK_M,
    WORDS_WEIGHT,
)
from gis.schemas import BadInput, Fault, check_columns, shorten

Floats = NDArray[np.float64]
Whole = NDArray[np.int32]
Marks = NDArray[np.bool_]
Texts = NDArray[np.object_]
Locate = Callable[[ArrayLike, ArrayLike], NDArray[np.int32]]

M_PER_DEGREE = 111_195.0
MOST_FAULTS = 20

HISTORY_REASONS = (
    "no_cells",
    "no_tickets",  # rows
    "duplicates_removed",  # count, kept
    "outside_cells",  # the same
    "closed_at_once",  # the same
)
"""Why nothing can be learnt, and what was done to make a history clean, each with its values."""


class CannotFit(ValueError):  # noqa: N818 - read in messages
    """A history from which nothing can be learnt; ``reason`` says why in a form that screens can word."""

    def __init__(self, reason: Reason, words: str) -> None:
        super().__init__(words)
        self.reason = reason


@dataclass(frozen=True)
class History:
    """Tickets in the order in which they were reported, shape (n,) each, as known at ``until``.

    Attributes
    ----------
    reported_at, closed_at
        UTC; NaT for what is open at ``until``.
    cell
        Rows of the cells, below ``cells``.
    category, desk
        What it is about, and who has it in hand; empty where nobody has said.
    until
        UTC; nothing later is known. Reports fall before it.
    removed
        How many tickets told of a trouble that was told of already.
    outside, backwards
        How many were left out because they lie in no cell, and how many were closed before they were reported (they
        count as closed at once).
    """

    reported_at: pd.DatetimeIndex
    closed_at: pd.DatetimeIndex
    cell: Whole
    category: Texts
    desk: Texts
    until: pd.Timestamp
    cells: int
    removed: int = 0
    outside: int = 0
    backwards: int = 0

    def __len__(self) -> int:
        return len(self.cell)

    @property
    def notes(self) -> tuple[Reason, ...]:
        """What was done to make it clean, as informing reasons."""
        counts = {"duplicates_removed": self.removed, "outside_cells": self.outside, "closed_at_once": self.backwards}
        return tuple(Reason(code, None, {"count": n, "kept": len(self)}) for code, n in counts.items())

    def known_at(self, cut: datetime) -> History:
        """The same history as it stood at ``cut`` (aware): later reports unknown, later closings still to come."""
        when = pd.Timestamp(cut).tz_convert("UTC")
        told = np.asarray(self.reported_at < when)
        closed = self.closed_at[told]
        kept = self._only(told)
        return replace(kept, closed_at=pd.DatetimeIndex(closed.where(closed < when)), until=min(when, self.until))

    def _only(self, rows: Marks) -> History:
        names = ("reported_at", "closed_at", "cell", "category", "desk")
        return replace(self, **{name: getattr(self, name)[rows] for name in names})


def clean(
    tickets: pd.DataFrame,
    cells: int,
    until: datetime | None = None,
    locate: Locate | None = None,
    file: str = "tickets",
) -> History:
    """The history in a table of tickets, duplicates removed first.

    Parameters
    ----------
    tickets
        ``reported_at`` (aware), ``category``, and ``cell`` (row of the cells, -1 for none) or ``lon`` and ``lat``
        (WGS84). ``closed_at`` (aware, empty while open) and ``desk`` may stand there too. In any order.
    cells
        How many cells there are.
    until
        Aware; the time whose state the table is to show. Without it, just after the last report: a later closing
        would say that nobody reported anything until then.
    locate
        Rows of the cells for points, as ``CellLocator.locate``; needed where there is no ``cell``.

    Raises
    ------
    BadInput
        With every row whose time cannot be used or whose cell does not exist, at most 20.
    CannotFit
        When there is no cell, no ticket, or no ticket in a cell.
    """
    check_columns(tickets, ("reported_at", "category"), file)
    if cells < 1:
        raise CannotFit(Reason("no_cells", False), "there is no cell; tickets are counted by cell. Cut the grid first.")
    rows = _times(tickets.reset_index(drop=True), file).sort_values("reported_at", kind="stable", ignore_index=True)
    end = pd.Timestamp(until).tz_convert("UTC") if until else _just_after(rows)
    rows = rows.loc[rows["reported_at"] < end].reset_index(drop=True)
    rows["cell"] = _cells(rows, cells, locate, file)
    inside = rows["cell"].to_numpy() >= 0
    placed = rows.loc[inside].reset_index(drop=True)
    if placed.empty:
        words = f"none of {len(rows):,} tickets lies in a cell; is the file of another place, or in another datum?"
        raise CannotFit(Reason("no_tickets", False, {"rows": len(rows)}), words)
    twice = told_again(placed)
    kept = placed.loc[~twice]
    early = kept["closed_at"] < kept["reported_at"]
    closed = kept["closed_at"].mask(early, kept["reported_at"])
    return History(
        reported_at=pd.DatetimeIndex(kept["reported_at"]),
        closed_at=pd.DatetimeIndex(closed.where(closed < end)),
        cell=kept["cell"].to_numpy(dtype=np.int32),
        category=_texts(kept, "category"),
        desk=_texts(kept, "desk"),
        until=end,
        cells=cells,
        removed=int(twice.sum()),
        outside=int((~inside).sum()),
        backwards=int(early.sum()),
    )


def of_incidents(incidents: Iterable[Incident], codes: Sequence[str], until: datetime) -> History:
    """The history that a casebook holds, what ``gridbeat import tickets`` brought in among it.

    What a dispatcher has merged into another incident was told again, and is removed with the rest.

    Parameters
    ----------
    codes
        Codes of the cells, row by row.
    until
        Aware; the casebook's now.

    Raises
    ------
    CannotFit
        As `clean`.
    """
    row = {code: at for at, code in enumerate(codes)}
    every = list(incidents)
    own = [one for one in every if one.status is not Status.MERGED]
    lines = [(one.reported_at, one.closed_at, row.get(one.cell, -1), one.lon, one.lat, one.matter) for one in own]
    columns = ["reported_at", "closed_at", "cell", "lon", "lat", "category"]
    history = clean(pd.DataFrame(lines, columns=columns), len(codes), until, file="casebook")
    return replace(history, removed=history.removed + len(every) - len(own))


def told_again(tickets: pd.DataFrame) -> Marks:
    """Which tickets tell of a trouble that an earlier, still open one told of, shape (n,).

    The likeness of `dispatch.response.duplicates` with the same category in place of words: alike within 50 m for 72 h,
    within about 100 m at once. Without points the same cell is the same place. A ticket that was itself removed
    makes no other a duplicate, and without a category nothing is like it.

    Parameters
    ----------
    tickets
        In order of ``reported_at``; ``closed_at``, ``category``, ``cell`` and, if known, ``lon`` and ``lat``.
    """
    twice = np.zeros(len(tickets), dtype=np.bool_)
    at_s = _seconds(tickets["reported_at"]).tolist()
    closed_s = np.where(tickets["closed_at"].isna(), np.inf, _seconds(tickets["closed_at"])).tolist()
    x_m, y_m = (metres.tolist() for metres in _metres(tickets))
    kind, longest_s = _texts(tickets, "category").tolist(), LONGEST.total_seconds()

    def alike(first: int, later: int) -> bool:
        apart_s = at_s[later] - at_s[first]
        metres = math.hypot(x_m[first] - x_m[later], y_m[first] - y_m[later])
        place = min(max((WEAK_M - metres) / (WEAK_M - STRONG_M), 0.0), 1.0)
        score = PLACE_WEIGHT * place + WORDS_WEIGHT * SAME_MATTER + TIME_WEIGHT * (1.0 - apart_s / longest_s)
        return bool(score >= LIKELY and closed_s[first] > at_s[later])

    # Only what was kept and may still be told again is looked at: a spot of a thousand reports has one of them.
    open_at: dict[tuple[str, int, int], list[int]] = defaultdict(list)
    for row in range(len(tickets)):
        if not kind[row]:
            continue
        east, north = int(x_m[row] // WEAK_M), int(y_m[row] // WEAK_M)
        for where in ((kind[row], east + right, north + up) for right in (-1, 0, 1) for up in (-1, 0, 1)):
            if where in open_at:
                open_at[where] = [one for one in open_at[where] if at_s[row] - at_s[one] <= longest_s]
                twice[row] |= any(alike(one, row) for one in open_at[where])
        if not twice[row]:
            open_at[kind[row], east, north].append(row)
    return twice


def _metres(tickets: pd.DataFrame) -> tuple[Floats, Floats]:
    """Metres east and north; where there are no points each cell is a place far from every other."""
    apart = tickets["cell"].to_numpy(dtype=np.float64) * 10.0 * WEAK_M
    if not {"lon", "lat"} <= set(tickets.columns):
        return apart, np.zeros(len(tickets))
    lon, lat = (tickets[name].to_numpy(dtype=np.float64) for name in ("lon", "lat"))
    known = ~(np.isnan(lon) | np.isnan(lat))
    shrink = np.cos(np.radians(np.mean(lat[known]))) if known.any() else 1.0
    far = 1e9 + apart
    return np.where(known, lon * M_PER_DEGREE * shrink, far), np.where(known, lat * M_PER_DEGREE, 0.0)


def _times(tickets: pd.DataFrame, file: str) -> pd.DataFrame:
    rows = tickets.copy()
    if "closed_at" not in rows.columns:
        rows["closed_at"] = pd.Series(pd.NaT, index=rows.index, dtype="datetime64[us, UTC]")
    faults = [
        _fault(file, rows, int(at), name, "a time with its zone")
        for name, needed in (("reported_at", True), ("closed_at", False))
        for at in np.flatnonzero([not _usable(when, needed) for when in rows[name]])
    ]
    if faults:
        raise BadInput(*faults[:MOST_FAULTS], advice="Mend these times; local ones need their time zone first.")
    for name in ("reported_at", "closed_at"):
        rows[name] = pd.to_datetime(rows[name], utc=True).astype("datetime64[us, UTC]")
    return rows


def _usable(when: object, needed: bool) -> bool:
    if when is None or when is pd.NaT or when != when:
        return not needed
    return isinstance(when, datetime) and when.tzinfo is not None


def _cells(rows: pd.DataFrame, cells: int, locate: Locate | None, file: str) -> Whole:
    if "cell" not in rows.columns:
        check_columns(rows, ("lon", "lat"), file)
        if locate is None:
            raise ValueError("the tickets have points and no cell; give locate=CellLocator(cells).locate.")
        return np.asarray(locate(rows["lon"].to_numpy(), rows["lat"].to_numpy()), dtype=np.int32)
    cell = rows["cell"].to_numpy(dtype=np.int64)
    wrong = np.flatnonzero((cell < -1) | (cell >= cells))
    if len(wrong):
        expected = f"a row of the {cells:,} cells, or -1"
        raise BadInput(*(_fault(file, rows, int(at), "cell", expected) for at in wrong[:MOST_FAULTS]))
    return cell.astype(np.int32)


def _fault(file: str, rows: pd.DataFrame, at: int, column: str, expected: str) -> Fault:
    return Fault(file, at + 1, column, shorten(rows[column].iloc[at]), expected)


def _just_after(rows: pd.DataFrame) -> pd.Timestamp:
    last = rows["reported_at"].max()
    return pd.Timestamp(0, tz="UTC") if pd.isna(last) else last + pd.Timedelta(1, "us")


def _seconds(times: pd.Series[pd.Timestamp]) -> Floats:
    return np.asarray(times.astype("datetime64[us, UTC]").astype("int64"), dtype=np.float64) / 1e6


def _texts(rows: pd.DataFrame, column: str) -> Texts:
    if column not in rows.columns:
        return np.full(len(rows), "", dtype=object)
    return rows[column].fillna("").astype(str).to_numpy(dtype=object)
