"""What a plan meets beside the place's own demand: tickets that were, a stress test, tonight's backlog."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta, tzinfo
from pathlib import Path

import numpy as np

from dispatch.records.reason import Reason
from gis.mapfiles import replacing
from gis.schemas import BadInput, Fault, shorten
from scenarios.historykeeping import HistoryShelf, KeptHistory
from scenarios.place import Scenario
from scenarios.planning import on_other_days, stresses
from scenarios.tonight import Backlog, tonight
from simulation.history import History
from simulation.opening import Opening
from simulation.replications import Setup
from simulation.sources import Forecasted, replay_of

LEAST_REPLAYED_DAYS = 14
"""A fortnight of tickets: with fewer nothing is left to count after a warm-up. Our choice."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a plan meets.

    Attributes
    ----------
    stress
        Id of a stress test, or empty.
    history
        Id of a kept history whose forecast draws the reports, or empty for the place's own demand.
    replayed
        Whether that history's tickets come again as they came, instead of a forecast.
    backlog
        Id of a kept backlog with which the run begins, or empty.
    """

    stress: str = ""
    history: str = ""
    replayed: bool = False
    backlog: str = ""

    @property
    def hash(self) -> str:
        """Eight hexadecimal digits; empty where nothing is different."""
        if self == USUAL:
            return ""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()[:8]

    def as_json(self) -> dict[str, str | bool]:
        return asdict(self)


USUAL = Conditions()
"""The place's own demand, a calm time, nothing open."""


def replayable(kept: KeptHistory, zone: tzinfo) -> bool:
    """Whether there are enough tickets to come again, by the clock of the place."""
    return kept.whole_days(zone) >= LEAST_REPLAYED_DAYS


class ConditionShelf:
    """Histories and backlogs of a place, each below one folder by its hash."""

    def __init__(self, folder: Path) -> None:
        self.histories = HistoryShelf(folder / "histories")
        self._backlogs = folder / "backlogs"

    def keep(self, open_now: Backlog) -> str:
        """A backlog kept; returns its id."""
        opening = open_now.opening
        told = {
            "at": open_now.at.isoformat(),
            "at_s": opening.at_s,
            "cell": opening.cell.tolist(),
            "matter": opening.matter.tolist(),
            "done": [None if np.isnan(done) else done for done in opening.done.tolist()],
            "left_out": {reason.code: reason.values["count"] for reason in open_now.left_out},
        }
        text = json.dumps(told, sort_keys=True)
        id = hashlib.sha256(text.encode()).hexdigest()[:16]
        self._backlogs.mkdir(parents=True, exist_ok=True)
        with replacing(self._backlogs / f"{id}.json") as temporary:
            temporary.write_text(text + "\n", encoding="utf-8")
        return id

    def backlog(self, id: str) -> Backlog:
        """A kept backlog.

        Raises
        ------
        BadInput
            When it is not there any more.
        """
        path = self._backlogs / f"{id}.json"
        if not path.is_file():
            raise BadInput(Fault("backlogs", None, None, f"no backlog {shorten(id)}", "a backlog that is kept"))
        told = json.loads(path.read_text(encoding="utf-8"))
        opening = Opening(
            np.array(told["cell"], dtype=np.int32),
            np.array(told["matter"], dtype=np.int32),
            np.array([np.nan if done is None else done for done in told["done"]], dtype=np.float64),
            told["at_s"],
        )
        left_out = tuple(Reason(code, None, {"count": count}) for code, count in told["left_out"].items())
        return Backlog(datetime.fromisoformat(told["at"]), opening, left_out)

    def met(self, setup: Setup, scenario: Scenario, conditions: Conditions) -> Setup:
        """A plan that is ready to be played, with what it meets.

        With a forecast it begins where the tickets end; with tickets that come again, as early in them as its warm-up
        allows; from a backlog at that hour.

        Raises
        ------
        BadInput
            When a history, backlog or stress is not there, or the history does not answer.
        """
        if conditions.history:
            setup = self._told_by(setup, scenario, conditions)
        if conditions.backlog:
            setup = tonight(self.backlog(conditions.backlog), scenario, setup)
        if conditions.stress:
            setup = setup.under(stresses()[conditions.stress])
        return setup

    def _told_by(self, setup: Setup, scenario: Scenario, conditions: Conditions) -> Setup:
        history, calendar = self.histories.history(conditions.history), scenario.rules.calendar
        file = setup.plan.file
        if conditions.replayed:
            first, warm_up, days = _within(history, calendar.local(history.until.to_pydatetime()).date(), setup)
            begins = first + timedelta(days=warm_up)
            begun = on_other_days(setup, scenario, begins=begins, days=days, warm_up_days=warm_up)
            return replace(begun, source=replay_of(history, begun.begin, begun.end))
        forecast = self.histories.forecast(conditions.history, calendar)
        begins = forecast.end + timedelta(days=file.warm_up_days)
        begun = on_other_days(setup, scenario, begins=begins, days=file.days, warm_up_days=file.warm_up_days)
        return replace(begun, source=Forecasted(forecast))


def _within(history: History, until: date, setup: Setup) -> tuple[date, int, int]:
    """The first day of the tickets, and how many days of warm-up and of counting they hold."""
    first = history.reported_at[0].tz_convert(setup.demand.timezone).date()
    there = (until - first).days
    if there < LEAST_REPLAYED_DAYS:
        expected = f"{LEAST_REPLAYED_DAYS} days or more to be played again"
        raise BadInput(Fault("tickets", None, None, f"{there} whole days", expected))
    file = setup.plan.file
    warm_up = min(file.warm_up_days, there // 4)
    return first, warm_up, min(file.days, there - warm_up)
