"""What citizens report: how many incidents, when, where and about what."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

HOURS_A_YEAR = 365 * 24
HOURS_A_WEEK = 168
EARTH_M_PER_DEGREE = 111_195.0

SOURCES = ("12345", "grid_worker", "patrol", "camera")
SOURCE_SHARE = (0.55, 0.22, 0.17, 0.06)
"""How reports come in. Assumed: the source documents name the channels and give no shares."""


@dataclass(frozen=True)
class Spots:
    """Where in a cell things happen: points beside a street, each with room around it inside the cell.

    Attributes
    ----------
    start
        Shape (n + 1,): the spots of cell i are ``start[i]`` to ``start[i + 1]``; every cell has at least one.
    lon, lat
        WGS84 degrees, shape (s,).
    room_m
        Metres around each spot that lie inside its cell, shape (s,), 0 or more.
    """

    start: Ints
    lon: Floats
    lat: Floats
    room_m: Floats

    def __post_init__(self) -> None:
        if (np.diff(self.start) < 1).any():
            raise ValueError(f"cell {int(np.argmin(np.diff(self.start)))} has no spot; every cell needs at least one.")

    def near(self, cell: Ints, rng: np.random.Generator) -> tuple[Floats, Floats]:
        """One point in each of these cells (rows), evenly over the cell's spots and around the one drawn."""
        count = self.start[cell + 1] - self.start[cell]
        spot = self.start[cell] + (rng.random(len(cell)) * count).astype(np.int64)
        reach = 0.95 * self.room_m[spot] * np.sqrt(rng.random(len(cell))) / EARTH_M_PER_DEGREE
        angle = rng.random(len(cell)) * 2.0 * np.pi
        lat = self.lat[spot] + reach * np.sin(angle)
        return self.lon[spot] + reach * np.cos(angle) / np.cos(np.radians(self.lat[spot])), lat


@dataclass(frozen=True)
class Demand:
    """Incidents as a Poisson process whose rate follows the hour of the week, independent between cells and matters.

    Attributes
    ----------
    cell_weight
        Share of all incidents in each cell, shape (n,); made to sum to 1.
    hour_of_week
        Relative rate of each hour, shape (168,), Monday 00:00 local first; made to average 1.
    matters, matter_share, simple
        Codes, their shares (k,), made to sum to 1, and which usually take the simple procedure, shape (k,).
    per_year
        Incidents expected in 365 days.
    spots
        Where in each cell.
    place_names
        What people call each cell's surroundings, length n.
    texts
        Sentences a citizen may say about each matter.
    timezone
        IANA name of the clock ``hour_of_week`` is read on.
    """

    cell_weight: Floats
    hour_of_week: Floats
    matters: tuple[str, ...]
    matter_share: Floats
    simple: NDArray[np.bool_]
    per_year: float
    spots: Spots
    place_names: tuple[str, ...]
    texts: Mapping[str, tuple[str, ...]] = field(repr=False)
    timezone: str = "Asia/Shanghai"

    def __post_init__(self) -> None:
        for name in ("cell_weight", "hour_of_week", "matter_share"):
            values = getattr(self, name)
            if not (np.isfinite(values).all() and (values >= 0).all() and values.sum() > 0):
                raise ValueError(f"{name} must hold finite numbers of 0 or more, and not only zeros.")
        if not (math.isfinite(self.per_year) and self.per_year > 0):
            raise ValueError(f"per_year is {self.per_year}; expected a number of incidents above 0.")
        if self.hour_of_week.shape != (HOURS_A_WEEK,):
            raise ValueError(f"hour_of_week has shape {self.hour_of_week.shape}; expected (168,), Monday 00:00 first.")
        object.__setattr__(self, "cell_weight", self.cell_weight / self.cell_weight.sum())
        object.__setattr__(self, "hour_of_week", self.hour_of_week / self.hour_of_week.mean())
        object.__setattr__(self, "matter_share", self.matter_share / self.matter_share.sum())

    @property
    def simple_share(self) -> float:
        """Share of incidents that usually take the simple procedure."""
        return float(self.matter_share[self.simple].sum())

    def rate(self, at: pd.DatetimeIndex) -> Floats:
        """Incidents an hour, district-wide, at these instants (aware)."""
        local = at.tz_convert(ZoneInfo(self.timezone))
        hour = np.asarray(local.day_of_week) * 24 + np.asarray(local.hour)
        return np.asarray(self.per_year / HOURS_A_YEAR * self.hour_of_week[hour])

    def sample(self, start: datetime, end: datetime, rng: np.random.Generator) -> pd.DataFrame:
        """The incidents of one possible stretch of time.

        Parameters
        ----------
        start, end
            Aware; reports fall at ``start`` or later and before ``end``. Nothing when end is not after start.

        Returns
        -------
        DataFrame
            In order of time: ``reported_at`` (UTC), ``cell`` (row of the cells), ``lon``, ``lat`` (WGS84, inside
            that cell), ``matter``, ``text``, ``source``.

        References
        ----------
        A Poisson process with a rate constant within each hour is drawn hour by hour: Lewis and Shedler (1979),
        Simulation of nonhomogeneous Poisson processes by thinning, section 1.
        """
        when = self.times(start, end, rng)
        cell = rng.choice(len(self.cell_weight), size=len(when), p=self.cell_weight)
        return self.told(when, cell, rng)

    def told(
        self, when: pd.DatetimeIndex, cell: Ints, rng: np.random.Generator, matter: Ints | None = None
    ) -> pd.DataFrame:
        """Incidents at given times (m,) and cells (rows, m), with the rest drawn; ``matter`` are positions if given."""
        if matter is None:
            matter = rng.choice(len(self.matters), size=len(when), p=self.matter_share)
        lon, lat = self.spots.near(cell, rng)
        codes = [self.matters[k] for k in matter]
        pick = rng.random(len(when))
        said = [self._words(code, int(c), u) for code, c, u in zip(codes, cell, pick, strict=True)]
        source = rng.choice(SOURCES, size=len(when), p=SOURCE_SHARE)
        columns = {"reported_at": when, "cell": cell, "lon": lon, "lat": lat, "matter": codes, "text": said}
        return pd.DataFrame({**columns, "source": source})

    def times(self, start: datetime, end: datetime, rng: np.random.Generator) -> pd.DatetimeIndex:
        """When something is reported in one possible stretch of time, UTC, in order."""
        first, last = pd.Timestamp(start).tz_convert("UTC"), pd.Timestamp(end).tz_convert("UTC")
        if last <= first:
            return pd.DatetimeIndex([], dtype="datetime64[us, UTC]")
        hours = pd.date_range(first.floor("h"), last, freq="h", inclusive="left")
        origin = hours[0]
        begin = np.maximum((hours - origin).total_seconds().to_numpy(), (first - origin).total_seconds())
        until = np.minimum((hours - origin).total_seconds().to_numpy() + 3600.0, (last - origin).total_seconds())
        counts = rng.poisson(self.rate(hours) * (until - begin) / 3600.0)
        seconds = np.sort(np.repeat(begin, counts) + np.repeat(until - begin, counts) * rng.random(int(counts.sum())))
        return (origin + pd.to_timedelta((seconds * 1e6).astype(np.int64), unit="us")).as_unit("us")

    def _words(self, matter: str, cell: int, pick: float) -> str:
        sentences = self.texts[matter]
        place = self.place_names[cell]
        sentence = sentences[int(pick * len(sentences))]
        return f"{place}附近，{sentence}" if place else sentence
