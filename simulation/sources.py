"""Where the city's reports come from: the place's own demand, a forecast of its tickets, or the tickets themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from dispatch.records.reason import Reason
from dispatch.rulebook.calendar import Calendar
from simulation.calibration import REPLICATIONS, Verdict, judge
from simulation.demand import Demand
from simulation.forecast import Forecast, fit
from simulation.history import CannotFit, History
from simulation.intake import as_reports, replay
from simulation.stories import Chances, Reports, reports_of

SOURCE_REASONS = (
    "begins_in_history",  # begins, until
    "outside_history",  # begins, ends, first, until
)
"""Why a history does not answer for the period that is played, each with its values."""


class Source(Protocol):
    """What is reported in one replication; every plan that is given the same chances meets the same reports."""

    def reports(self, demand: Demand, begin: datetime, end: datetime, chances: Chances) -> Reports:
        """Reports from ``begin`` on and before ``end`` (aware), in order of time; matters and spots by the demand."""
        ...


@dataclass(frozen=True)
class Drawn:
    """By the place's own demand."""

    def reports(self, demand: Demand, begin: datetime, end: datetime, chances: Chances) -> Reports:
        return reports_of(demand, begin, end, chances)


@dataclass(frozen=True)
class Forecasted:
    """By a forecast; its cells are the place's, its categories matters of the place."""

    forecast: Forecast

    def reports(self, demand: Demand, begin: datetime, end: datetime, chances: Chances) -> Reports:
        drawn = self.forecast.draw(begin, end, chances.seed, chances.replication)
        return as_reports(drawn, demand.matters, demand.spots, chances.of("where"), demand.matter_share)


@dataclass(frozen=True)
class Replayed:
    """As it happened: the same reports in every replication, only spots and work by lot.

    What was open when the warm-up begins comes in then.
    """

    history: History

    def reports(self, demand: Demand, begin: datetime, end: datetime, chances: Chances) -> Reports:
        told = replay(self.history, begin, end)
        return as_reports(told, demand.matters, demand.spots, chances.of("where"), demand.matter_share)


class MayNotForecast(ValueError):  # noqa: N818 - read in messages
    """A history whose last weeks were foretold more than 5 % off; ``verdict`` says by how much and what else."""

    def __init__(self, verdict: Verdict) -> None:
        against = [reason for reason in verdict.reasons if reason.good is False]
        super().__init__(f"nobody may forecast by this history: {'; '.join(str(reason) for reason in against)}.")
        self.verdict = verdict


def forecast_of(
    history: History, calendar: Calendar, begin: datetime, seed: int = 0, replications: int = REPLICATIONS
) -> tuple[Forecasted, Verdict]:
    """The forecast of a history for a stretch that begins at ``begin`` (aware), with the verdict that allows it.

    Raises
    ------
    MayNotForecast
        When the weeks held out lie more than 5 % off, or the history is too short to tell.
    CannotFit
        When the stretch begins before the history ends.
    """
    verdict = judge(history, calendar, seed, replications)
    if not verdict.may_forecast:
        raise MayNotForecast(verdict)
    forecast = fit(history, calendar)
    first = calendar.local(begin).date()
    if first < forecast.end:
        values = {"begins": first.isoformat(), "until": forecast.end.isoformat()}
        words = f"the stretch begins on {first}, the history ends on {forecast.end}; begin then or later."
        raise CannotFit(Reason("begins_in_history", False, values), words)
    return Forecasted(forecast), verdict


def replay_of(history: History, begin: datetime, end: datetime) -> Replayed:
    """The tickets of a history as they came between two instants (aware).

    Raises
    ------
    CannotFit
        When the history does not hold that stretch whole.
    """
    first = history.reported_at[0].to_pydatetime()
    # The first report may come hours after the history's first midnight: the day it falls on counts as held.
    if begin.date() < first.astimezone(begin.tzinfo).date() or end > history.until.to_pydatetime():
        stretch = {"begins": begin.date(), "ends": end.date(), "first": first.date(), "until": history.until.date()}
        values: dict[str, str | int | float] = {name: day.isoformat() for name, day in stretch.items()}
        words = (
            f"the history runs from {values['first']} to {values['until']}, not from {begin.date()} to {end.date()}."
        )
        raise CannotFit(Reason("outside_history", False, values), words)
    return Replayed(history)
