"""A living district for the demo: new incidents as its clock runs, and crews that answer when they are sent.

Everything it does goes through the desk, as a person would do it, and is marked synthetic in its source.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np
import simpy

from dispatch.desk.incidents import Desk
from dispatch.desk.refusals import Conflict, Refused, Unknown
from dispatch.records.case import Procedure
from dispatch.records.incident import OUT, CallBack, Incident, Status, WrongStep
from dispatch.records.team import Team
from dispatch.response.apart import plan_apart
from dispatch.response.arrival import way
from dispatch.store.casebook import Casebook
from dispatch.store.ledger import Kind
from gis.streets import Profile
from gis.travel import TravelTimes
from scenarios.scenario import Scenario
from simulation.field import Drive, Task, answer, finish

log = logging.getLogger(__name__)

ACTOR = "demo feed"
COLLEAGUE = "demo desk 2"
COLLEAGUE_EVERY_S = 150.0
COLLEAGUE_TAKES = timedelta(minutes=30)
SENT_BEFORE = 0.4
ACCEPT_MEAN_S = 60.0
# Assumed minutes on site, labelled synthetic: a simple case on the spot, an ordinary one with evidence and a record.
ON_SITE_MEDIAN_S = {Procedure.SIMPLE: 12 * 60.0, Procedure.ORDINARY: 35 * 60.0}
ON_SITE_SPREAD = 0.4
ROSTER_EVERY = timedelta(minutes=15)
OUTCOME = "synthetic: settled on the spot"
SEEN = "synthetic: seen by a grid worker"
VERIFY_MEAN_S = 20 * 60.0
CALL_BACK_MEAN_S = 10 * 60.0
LEFT_TO_THE_DISPATCHER_S = 4 * 3600.0


class DemoClock:
    """A clock that starts at ``start`` and runs ``speed`` times as fast as the wall's."""

    def __init__(self, start: datetime, speed: float) -> None:
        self.speed = speed
        self._start = start
        self._began = time.monotonic()

    def __call__(self) -> datetime:
        """Now, aware, UTC."""
        return (self._start + timedelta(seconds=(time.monotonic() - self._began) * self.speed)).astimezone(UTC)


@dataclass
class LiveFeed:
    """Plays incidents and crews into a casebook, step by step, up to the clock's time.

    Parameters
    ----------
    travel
        Travel times by profile, for the ways crews drive.
    seed
        The same seed and the same deeds give the same incidents and the same chances.
    """

    scenario: Scenario
    casebook: Casebook
    desk: Desk
    travel: dict[Profile, TravelTimes]
    clock: Callable[[], datetime]
    seed: int = 1
    _env: simpy.Environment = field(init=False)
    _start: datetime = field(init=False)
    _rng: np.random.Generator = field(init=False)
    _crews: dict[str, tuple[str, simpy.Process]] = field(init=False, default_factory=dict)
    _moved: dict[str, tuple[float, float]] = field(init=False, default_factory=dict)
    _looked_after: set[str] = field(init=False, default_factory=set)
    _roster_at: datetime = field(init=False)
    _revision: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self._start = self._roster_at = self.clock()
        self._env = simpy.Environment()
        self._rng = np.random.default_rng([self.seed, int(self._start.timestamp())])
        self._env.process(self._reports())
        self._env.process(self._colleague())

    def open_the_day(self) -> None:
        """Fill an empty casebook: what came in before the clock started, for part of which a team is already out."""
        now = self._start
        backlog = self.scenario.opening(now, self._rng)
        self.casebook.add_incidents(backlog, at=now, actor=ACTOR)
        self._send([incident for incident in backlog if self._rng.random() < SENT_BEFORE], now)

    def _send(self, incidents: Sequence[Incident], now: datetime, most: int | None = None) -> None:
        """The best plan for these incidents (or its first ``most`` teams), as a colleague would send it."""
        book, day = self.scenario.rulebook, self.desk.day(now)
        teams = [team for team in self.casebook.teams() if team.on_duty(now)]
        answers = [book.resolve(incident.matter, incident.town, day) for incident in incidents]
        planned = plan_apart(incidents, answers, teams, self.travel, now, day, matters=book.matters)
        sent = [(each.incident, each.team) for each in planned if each.team is not None]
        for incident, team in sent[:most]:
            self._try(self.desk.assign, COLLEAGUE, incident.id, team.id, incident.version, now=now)

    def _colleague(self) -> Generator[simpy.Event, None, None]:
        """Another desk that takes, one at a time, what would otherwise soon be late; the rest is the dispatcher's."""
        while True:
            yield self._env.timeout(COLLEAGUE_EVERY_S)
            now = self._start + timedelta(seconds=self._env.now)
            waiting = [i for i in self.casebook.open_incidents() if i.status is Status.REPORTED]
            self._send([i for i in waiting if i.due_at - now < COLLEAGUE_TAKES], now, most=1)

    def run(self, stop: threading.Event, every_s: float = 1.0) -> None:
        """Advance every ``every_s`` seconds of the wall's clock until ``stop`` is set; meant for a thread."""
        while not stop.wait(every_s):
            try:
                self.advance()
            except Exception:
                log.exception("the demo's feed stumbled at %s and goes on", self.clock())

    def advance(self) -> None:
        """Play everything up to the clock's present time."""
        now = self.clock()
        self._keep_roster(now)
        self._send_and_recall()
        until = (now - self._start).total_seconds()
        if until > self._env.now:
            self._env.run(until=until)
        self._hand_in_positions()

    def _hand_in_positions(self) -> None:
        """Where crews passed since the last time, in one go."""
        moved, self._moved = self._moved, {}
        if moved:
            lon, lat = zip(*moved.values(), strict=True)
            self.desk.positions(list(moved), lon, lat)

    def _reports(self) -> Generator[simpy.Event, None, None]:
        """New incidents, hour by hour of the place's own rhythm."""
        begin = self._start
        while True:
            end = begin + timedelta(hours=1)
            for incident in self.scenario.arrivals(begin, end, self._rng):
                yield self._env.timeout(max((incident.reported_at - self._start).total_seconds() - self._env.now, 0.0))
                self.casebook.add_incidents([incident], at=incident.reported_at, actor=ACTOR)
            begin = end
            yield self._env.timeout(max((begin - self._start).total_seconds() - self._env.now, 0.0))

    def _keep_roster(self, now: datetime) -> None:
        """Shifts change: teams that go on or off duty get their next hours."""
        if now - self._roster_at >= ROSTER_EVERY:
            self._roster_at = now
            self.desk.set_roster(ACTOR, self.scenario.teams(now))

    def _send_and_recall(self) -> None:
        """Start a crew's story for each new dispatch, end it for each one taken back."""
        changes = self.casebook.changed_since(self._revision)
        self._revision = changes.revision
        for incident in changes.incidents:
            team, process = self._crews.get(incident.id, ("", None))
            if process is not None and incident.team != team:
                if process.is_alive:
                    process.interrupt("recalled")
                del self._crews[incident.id]
            if incident.status in (Status.HANDLED, Status.VERIFIED) and incident.id not in self._looked_after:
                self._looked_after.add(incident.id)
                self._env.process(self._look_after(incident.id))
            if incident.status in OUT and incident.id not in self._crews:
                self._set_out(incident)

    def _set_out(self, incident: Incident) -> None:
        team = self.casebook.team(incident.team)
        if team is None:
            return
        task = self._task(incident, team)
        story = finish if incident.status is Status.ON_SCENE else answer
        self._crews[incident.id] = (team.id, self._env.process(story(self._env, task, self)))

    def _task(self, incident: Incident, team: Team) -> Task:
        matter = self.scenario.rulebook.matters.get(incident.matter)
        median = ON_SITE_MEDIAN_S[matter.procedure if matter else Procedure.SIMPLE]
        return Task(
            team=team.id,
            incident=incident.id,
            drive=self._drive(incident, team),
            accept_s=0.0 if incident.status is Status.ACCEPTED else float(self._rng.exponential(ACCEPT_MEAN_S)),
            on_site_s=median * float(self._rng.lognormal(0.0, ON_SITE_SPREAD)),
        )

    def _drive(self, incident: Incident, team: Team) -> Drive:
        route = way(self.travel, team, incident)
        if not math.isfinite(route.cost):
            return Drive(np.array([team.lon, incident.lon]), np.array([team.lat, incident.lat]), 3600.0)
        return Drive(route.lon, route.lat, route.cost)

    def accepted(self, task: Task) -> None:
        self._deed(task, Status.ASSIGNED, self.desk.accept)

    def passing(self, task: Task, lon: float, lat: float) -> None:
        self._moved[task.team] = (lon, lat)

    def arrived(self, task: Task) -> None:
        self._moved.pop(task.team, None)
        self._deed(task, Status.ACCEPTED, self.desk.arrive)

    def finished(self, task: Task) -> None:
        self._deed(task, Status.ON_SCENE, self.desk.handle, OUTCOME)
        self._crews.pop(task.incident, None)

    def _look_after(self, incident_id: str) -> Generator[simpy.Event, None, None]:
        """A grid worker looks, the caller is told; what a dispatcher sent waits long for the dispatcher's own word."""
        sent = [entry.actor for entry in self.casebook.history(Kind.INCIDENT, incident_id) if entry.deed == "assign"]
        own = sent[-1:] == [COLLEAGUE]
        yield self._env.timeout(float(self._rng.exponential(VERIFY_MEAN_S)) if own else LEFT_TO_THE_DISPATCHER_S)
        incident = self.casebook.incident(incident_id)
        if incident is not None and incident.status is Status.HANDLED:
            self._try(self.desk.verify, COLLEAGUE, incident.id, incident.version, passed=True, how=SEEN)
        yield self._env.timeout(float(self._rng.exponential(CALL_BACK_MEAN_S)))
        incident = self.casebook.incident(incident_id)
        if incident is not None and incident.status is Status.VERIFIED:
            said = CallBack.SATISFIED if incident.caller else CallBack.NOBODY
            self._try(self.desk.close, COLLEAGUE, incident.id, incident.version, said)
        self._looked_after.discard(incident_id)

    def _deed(self, task: Task, expected: Status, deed: Callable[..., object], *more: str) -> None:
        """One radio message, unless the dispatcher already wrote it down or took the task away."""
        incident = self.casebook.incident(task.incident)
        if incident is None or incident.team != task.team or incident.status is not expected:
            return
        self._try(deed, f"team {task.team}", incident.id, incident.version, *more)

    @staticmethod
    def _try(deed: Callable[..., object], *how: object, **more: object) -> None:
        """A deed that a person at the desk may have overtaken, which is no fault."""
        try:
            deed(*how, **more)
        except (Conflict, Refused, Unknown, WrongStep) as refusal:
            log.info("%s was refused: %s", how[0], refusal)
