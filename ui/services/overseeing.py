"""The evaluation of a time for whoever looks: counted beside the screens, and kept once nothing can change it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from dispatch.oversight.evaluation import Evaluation, Ground, Period, evaluate
from dispatch.oversight.indicators import About
from dispatch.oversight.marks import Weights, read_weights
from dispatch.records.person import Person
from dispatch.records.team import Team
from dispatch.store.casebook import Casebook
from scenarios.builder import HERE
from scenarios.rules import Rules
from scenarios.scenario import Scenario
from ui.services.beside import Errand, Errands
from ui.services.centre import Centre
from ui.services.oversightpaper import Report
from ui.settings import settings
from ui.wording import Wording

BACK = 6
"""So many times of each length a screen offers, the running one among them."""
KEPT = 24


class Span(NamedTuple):
    """A week, month or quarter by its first day, and the first day after it."""

    period: Period
    first: date
    end: date

    @property
    def key(self) -> str:
        """How it is called in addresses."""
        return f"{self.period}-{self.first.isoformat()}"

    def over(self, today: date) -> bool:
        return self.end <= today


@dataclass(frozen=True, slots=True)
class Counted:
    """An evaluation, the hash of the ledger's last entry that was read, and when it was counted."""

    evaluation: Evaluation
    head: str
    at: datetime


def span_of(period: Period, day: date) -> Span:
    """The one that a day lies in."""
    return Span(period, *period.around(day))


def spans(period: Period, today: date) -> list[Span]:
    """The running one and those before it, the latest first."""
    found = [span_of(period, today)]
    while len(found) < BACK:
        found.append(span_of(period, found[-1].first - timedelta(days=1)))
    return found


def ground(scenario: Scenario, rules: Rules) -> Ground:
    """What the book of a place is read with."""
    return Ground(scenario.rulebook.matters, rules.procedures, scenario.office, rules.calendar, scenario.cells)


def count(casebook: Casebook, scenario: Scenario, rules: Rules, span: Span, now: datetime) -> Counted:
    """The evaluation of a span up to ``now`` (aware)."""
    since, until = (datetime.combine(day, time(), ZoneInfo(scenario.timezone)) for day in (span.first, span.end))
    last = casebook.latest_entries(1)
    found = evaluate(casebook, ground(scenario, rules), since, min(until, now))
    return Counted(found, last[0].hash if last else "", now)


class Overseeing:
    """What this process has counted.

    Attributes
    ----------
    errands
        Who waits for which count.
    """

    def __init__(self) -> None:
        self.errands: Errands[Errand[Counted]] = Errands()
        self._kept: OrderedDict[Span, Counted] = OrderedDict()

    def of(self, span: Span) -> Counted | None:
        """The last count of a span."""
        return self._kept.get(span)

    def count(self, opened: Centre, person: str, span: Span) -> Errand[Counted]:
        """Begin to count a span anew beside the screens."""
        return self.errands.start(person, Errand(lambda: self.counted(opened, span, anew=True), span.key))

    def counted(self, opened: Centre, span: Span, *, anew: bool = False) -> Counted:
        """The count of a span; one that was made before stands unless it is asked for anew."""
        found = self._kept.get(span)
        if found is None or anew:
            found = self._kept[span] = count(opened.casebook, opened.scenario, opened.rules, span, opened.clock())
            self._kept.move_to_end(span)
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return found


@cache
def overseeing() -> Overseeing:
    """The counts of this process."""
    return Overseeing()


@cache
def weights() -> Weights:
    """The list of weights of this server; see ``GRIDBEAT_WEIGHTS``."""
    return read_weights(Path(settings().weights or HERE / "weights.csv"))


def within(found: Evaluation, person: Person, scenario: Scenario, teams: Mapping[str, Team]) -> Evaluation:
    """What somebody sees of it: towns beside each other, but people, findings and places of their own areas only."""
    areas = person.areas()
    if any(scenario.code.startswith(area) for area in areas):
        return found

    def own(code: str) -> bool:
        return code.startswith(areas)

    shares = dict(found.shares)
    shares[About.DISPATCHER] = {who: each for who, each in shares[About.DISPATCHER].items() if who == person.id}
    shares[About.TEAM] = {
        name: each for name, each in shares[About.TEAM].items() if name in teams and own(teams[name].town)
    }
    return replace(
        found,
        shares=shares,
        matrix=[row for row in found.matrix if own(row.town)],
        findings=[each for each in found.findings if own(each.town)],
        hot_spots=[each for each in found.hot_spots if own(each.cell)],
    )


def report(
    counted: Counted, scenario: Scenario, teams: Mapping[str, Team], weighed: Weights, made_at: datetime, w: Wording
) -> Report:
    """The evaluation with the names of all it speaks of, for papers and tables in the reader's words."""
    return Report(
        evaluation=counted.evaluation,
        weights=weighed,
        place=w.pick(scenario.title_zh, scenario.title_en),
        towns={code: scenario.areas.name(code) for code in scenario.areas.towns},
        departments={code: w.pick(each.name_zh, each.name_en) for code, each in scenario.rules.departments.items()},
        teams={name: team.name for name, team in teams.items()},
        matters={code: w.pick(each.name_zh, each.name_en) for code, each in scenario.rulebook.matters.items()},
        head=counted.head,
        made_up=w.sentences(scenario.synthetic),
        made_at=made_at,
        zone=ZoneInfo(scenario.timezone),
    )
