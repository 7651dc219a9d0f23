"""A whole place as data: its ground, its rules, its people and what happens in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

import geopandas as gpd
import numpy as np
import pandas as pd

from dispatch.records.incident import Incident
from dispatch.records.team import Officer, Team
from dispatch.rulebook.competence import RuleBook
from dispatch.rulebook.triage import Triage
from gis.areas import Areas
from gis.streets import Streets
from scenarios.office import office
from scenarios.people import RosterLine
from scenarios.rules import Rules
from simulation.demand import Demand

OVERDUE = 1.12
LONGEST_WAIT_S = 8 * 3600.0
"""An incident open at the start has been so for up to 1.12 times its limit (some are late), or 8 hours. Assumed."""

REPORT_COLUMNS = ("reported_at", "cell", "lon", "lat", "matter", "text", "source")


@dataclass(frozen=True, slots=True)
class CertificateField:
    """A field in which an officer can be certified."""

    code: str
    name_zh: str
    name_en: str


@dataclass(frozen=True)
class Scenario:
    """One place, ready to open.

    Attributes
    ----------
    name, title_zh, title_en, code
        ``code`` is the 6-digit district.
    synthetic
        Statements, Chinese and English, of what is made up; screens and exports show them.
    cells
        ``code, community, town, area_m2, geometry``, EPSG:4326, sorted by code.
    water, towns
        ``name, geometry`` and ``code, name, geometry``, EPSG:4326; water may be empty.
    officers
        Everybody on the roster, auxiliaries included.
    roster
        Their teams.
    open_at_start
        How many incidents `opening` makes.
    folder
        Where it was read from.
    """

    name: str
    title_zh: str
    title_en: str
    code: str
    timezone: str
    synthetic: tuple[tuple[str, str], ...]
    areas: Areas
    cells: gpd.GeoDataFrame
    water: gpd.GeoDataFrame
    towns: gpd.GeoDataFrame
    streets: Streets
    rulebook: RuleBook
    rules: Rules
    fields: dict[str, CertificateField]
    officers: tuple[Officer, ...]
    roster: tuple[RosterLine, ...]
    demand: Demand
    open_at_start: int
    folder: Path = field(compare=False)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @cached_property
    def office(self) -> tuple[Officer, ...]:
        """Legal reviewers and hosts of hearings, who sit in no team."""
        return office(self.code, self.areas.towns)

    @cached_property
    def triage(self) -> Triage:
        """What sorts messages by the place's matters; comparing all sayings takes a second, so it is made once."""
        return Triage(self.rulebook.matters, self.rules.words, self.rules.sayings)

    @cached_property
    def _codes(self) -> tuple[np.ndarray, np.ndarray]:
        return self.cells["code"].to_numpy(dtype=object), self.cells["town"].to_numpy(dtype=object)

    def teams(self, now: datetime) -> list[Team]:
        """Every team of the roster, free, with the shift that covers or next follows ``now``."""
        return [line.team(now, self.zone) for line in self.roster]

    def incidents(self, reports: pd.DataFrame, prefix: str) -> list[Incident]:
        """Reports as ``Demand.sample`` returns them made incidents, with ids ``prefix`` + a running number."""
        codes, towns = self._codes
        made: list[Incident] = []
        for at, cell, lon, lat, code, text, source in reports[list(REPORT_COLUMNS)].itertuples(index=False, name=None):
            matter, reported_at = self.rulebook.matters[code], at.to_pydatetime().astimezone(UTC)
            incident = Incident(
                id=f"{prefix}{len(made) + 1:04d}",
                text=text,
                lon=lon,
                lat=lat,
                cell=codes[cell],
                town=towns[cell],
                matter=code,
                priority=matter.priority,
                reported_at=reported_at,
                due_at=reported_at + matter.respond_within,
                source=source,
            )
            made.append(incident)
        return made

    def opening(self, now: datetime, rng: np.random.Generator, count: int | None = None) -> list[Incident]:
        """A made-up but plausible backlog at ``now``: open incidents, oldest first, a few of them late.

        A matter stands in the backlog as often as it is reported times as long as it stays open (Little's law); ages
        are even up to a little beyond the limit, or 8 hours, and few were reported in hours when few people report.

        Parameters
        ----------
        count
            How many; the place's ``open_at_start`` unless given.
        """
        count = self.open_at_start if count is None else count
        demand, stays_s = self.demand, np.minimum(OVERDUE * self._limits_s, LONGEST_WAIT_S)
        share = demand.matter_share * stays_s
        matter = rng.choice(len(stays_s), size=8 * count, p=share / share.sum())
        age = rng.random(8 * count) * stays_s[matter]
        when = pd.DatetimeIndex(pd.Timestamp(now).tz_convert("UTC") - pd.to_timedelta(age.round(), unit="s"))
        rate = demand.rate(when)
        kept = np.flatnonzero(rng.random(len(rate)) * rate.max(initial=1e-9) <= rate)[:count]
        kept = kept[np.argsort(when[kept], kind="stable")]
        cell = rng.choice(len(demand.cell_weight), size=len(kept), p=demand.cell_weight)
        reports = demand.told(when[kept], cell, rng, matter[kept])
        return self.incidents(reports, f"{now.astimezone(self.zone):%y%m%d}-")

    def arrivals(self, start: datetime, end: datetime, rng: np.random.Generator) -> list[Incident]:
        """New incidents reported from ``start`` until ``end``; ids carry ``start``."""
        local = start.astimezone(self.zone)
        return self.incidents(self.demand.sample(start, end, rng), f"{local:%y%m%d-%H%M%S}-")

    @cached_property
    def _limits_s(self) -> np.ndarray:
        matters = self.rulebook.matters
        return np.array([matters[code].respond_within / timedelta(seconds=1) for code in self.demand.matters])
