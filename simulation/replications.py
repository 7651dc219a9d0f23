"""A plan played once: what is drawn for it, who is there, and its indicators."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dispatch.review.kpi import Course, indicators, utilisation
from simulation import fast
from simulation.city import City
from simulation.demand import Demand
from simulation.diary import NOBODY, Diary, Event
from simulation.opening import NOTHING, Opening
from simulation.plan import DeskKind, StaffingPlan
from simulation.rules import Ground, Rules
from simulation.services import Services, read
from simulation.sources import Drawn, Source
from simulation.stories import DAY_S, Chances, Matters, Reports, work_of
from simulation.streams import lot
from simulation.stress import CALM, Stress
from simulation.tables import Force, Kind, Work

Engine = Literal["simpy", "fast"]
Told = dict[str, float]

REVIEW = "review_utilisation"
GROWTH = "backlog_growth_a_week"


@dataclass(frozen=True)
class Setup:
    """Everything one replication needs beside its number.

    Attributes
    ----------
    demand
        Matters, spots and clock of the place, without its texts; unless ``source`` says otherwise, its rates too.
    source
        Where reports come from.
    stress
        What is different; set by `under`.
    opening
        What is open when the warm-up begins, or at an hour of the first day, which is counted from then on.
    """

    plan: StaffingPlan
    rules: Rules
    ground: Ground
    demand: Demand
    matters: Matters
    source: Source = field(default_factory=Drawn)
    stress: Stress = CALM
    opening: Opening = NOTHING

    def under(self, stress: Stress) -> Setup:
        """The same plan and the same city under a stress."""
        return replace(self, stress=stress, source=stress.on(self.source, self.warm_up_s))

    @property
    def begun(self) -> bool:
        """Whether it begins as a book stands, at that hour, and not with an empty city and a warm-up."""
        return len(self.opening) > 0 or self.opening.at_s > 0

    @property
    def begin(self) -> datetime:
        """When the warm-up begins: midnight in the place."""
        return datetime.combine(self.plan.first_day, datetime.min.time(), ZoneInfo(self.demand.timezone))

    @property
    def end(self) -> datetime:
        return self.begin + timedelta(seconds=self.until_s)

    @property
    def warm_up_s(self) -> float:
        """What is counted begins then."""
        return self.plan.file.warm_up_days * DAY_S + self.opening.at_s

    @property
    def until_s(self) -> float:
        """The midnight at which the last day ends."""
        return (self.plan.file.warm_up_days + self.plan.file.days) * DAY_S

    @property
    def period(self) -> tuple[datetime, float, float]:
        """Which days are played and which of them counted; plans with another period meet other cities."""
        return self.begin, self.warm_up_s, self.until_s

    @property
    def weeks(self) -> float:
        """How long it is counted."""
        return (self.until_s - self.warm_up_s) / (7 * DAY_S)


@dataclass(frozen=True)
class Played:
    """One replication, whole."""

    setup: Setup
    force: Force
    work: Work
    reports: Reports
    diary: Diary


def drawn(setup: Setup, replication: int, seed: int) -> tuple[Force, Work, Reports]:
    """What happens in one replication, and who is there."""
    chances, file = Chances(seed, replication), setup.plan.file
    told = setup.source.reports(setup.demand, setup.begin, setup.end, chances)
    told = setup.opening.before(told, setup.demand, chances)
    work, reports = work_of(told, setup.matters, setup.rules, file.procedure, file.patrols, chances, setup.opening.at_s)
    work = setup.stress.slowed(setup.opening.begun(work), setup.warm_up_s)
    return setup.rules.force.without(_absent(setup, chances)), work, reports


def play(setup: Setup, replication: int, seed: int, engine: Engine = "fast") -> Played:
    """One replication: draw, then play."""
    force, work, reports = drawn(setup, replication, seed)
    diary = fast.run(force, work, setup.until_s) if engine == "fast" else City(force, work).run(setup.until_s)
    return Played(setup, force, work, reports, diary)


def measured(played: Played) -> dict[str, Told]:
    """Indicators of one replication: of the whole place under an empty name, and of each town."""
    setup, work = played.setup, played.work
    services, fates = read(played.diary, len(work), played.force.officers)
    matter = played.reports.matter
    course = Course(
        known_s=fates.known_s,
        arrived_s=fates.arrived_s,
        closed_s=fates.closed_s,
        within_s=setup.matters.within_s[matter],
        simple=setup.matters.simple[matter],
        escalated=np.add.reduceat(work.kind == Kind.ESCALATED, work.step_start[:-1]) > 0,
        ours=~fates.passed_on,
        until_s=setup.until_s,
    )
    counted = fates.known_s >= setup.warm_up_s
    town = setup.ground.town[played.reports.cell]
    told = {"": indicators(course.only(counted))}
    for code in setup.ground.cells_of:
        told[code] = indicators(course.only(counted & (town == code)))
    _add_utilisation(told, played, services)
    growth = _growth_a_week(course, setup)
    for code in told:
        told[code][GROWTH] = float(growth[town == code if code else slice(None)].sum())
    return told


def trace(played: Played) -> pd.DataFrame:
    """One replication for people: ``t, sequence, incident, event, desk, officer, lon, lat, at``.

    ``t`` is in seconds from the beginning of the warm-up, ``at`` the same instant, aware, UTC. The place of a line is
    the desk for coming on duty, setting out and being back, and the incident's otherwise.
    """
    setup, diary = played.setup, played.diary
    desks = setup.plan.desks
    frame = diary.frame()
    at_desk = np.isin(diary.event, (Event.ON_DUTY, Event.SENT, Event.BACK))
    for axis, where in (("lon", played.reports.lon), ("lat", played.reports.lat)):
        seats = np.array([getattr(desk, axis) for desk in desks])
        frame[axis] = np.where(at_desk, seats[diary.desk], where[np.maximum(diary.incident, 0)] if len(where) else 0.0)
    frame["at"] = pd.Timestamp(setup.begin).tz_convert("UTC") + pd.to_timedelta(diary.t, unit="s")
    names = np.array([*(desk.id for desk in desks), ""], dtype=object)
    frame["desk"] = names[diary.desk]
    people = np.array([*(f"O{row + 1:05d}" for row in range(played.force.officers)), ""], dtype=object)
    frame["officer"] = people[diary.officer]
    numbers = np.where(diary.incident == NOBODY, "", np.char.add("I", (diary.incident + 1).astype(str)))
    return frame.assign(incident=numbers.astype(object))


def _absent(setup: Setup, chances: Chances) -> NDArray[np.bool_]:
    """Who does not come, a mark each duty; the same officer on the same day in every plan that has them."""
    force, key = setup.rules.force, setup.rules.officer_key
    who, when = key[force.duty_officer], force.duty_start.astype(np.uint64)
    review = np.array([desk.kind is DeskKind.REVIEW for desk in setup.plan.desks])
    away = setup.stress.away(force, review, key, setup.warm_up_s, chances.of("away"))
    return away | (lot(chances.of("absent"), who, when) < setup.plan.file.absent)


def _growth_a_week(course: Course, setup: Setup) -> NDArray[np.float64]:
    """What each incident adds to the backlog between the end of the warm-up and the end, a week; shape (n,)."""

    def is_open(at_s: float) -> NDArray[np.bool_]:
        return course.ours & (course.known_s < at_s) & ~(course.closed_s < at_s)

    more = is_open(setup.until_s).astype(np.float64) - is_open(setup.warm_up_s)
    return more / setup.weeks


def _add_utilisation(told: dict[str, Told], played: Played, services: Services) -> None:
    """Of officers by town and of the whole place, and of reviewers."""
    setup, force = played.setup, played.force
    busy = np.bincount(services.desk, services.busy_s(setup.warm_up_s, setup.until_s), minlength=force.desks)
    there = np.clip(force.duty_end, setup.warm_up_s, setup.until_s) - np.clip(
        force.duty_start, setup.warm_up_s, setup.until_s
    )
    on_duty = np.bincount(force.duty_desk, there, minlength=force.desks)
    review = np.array([desk.kind is DeskKind.REVIEW for desk in setup.plan.desks])
    towns = np.array([desk.town for desk in setup.plan.desks])

    def of(rows: NDArray[np.bool_]) -> float:
        return utilisation(float(busy[rows].sum()), float(on_duty[rows].sum()))

    for code in told:
        told[code]["utilisation"] = of(~review & (towns == code if code else True))
    told[""][REVIEW] = of(review)
