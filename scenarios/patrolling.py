"""Made-up patrols, so that a demo has weeks of them behind it and rounds under way. Everything is synthetic.

How many objects of the patrol list a community has, where they stand, what was found and which cells were missed is
assumed; what streets and water make of a cell is the place's own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import cycle

import numpy as np
import shapely
from numpy.typing import NDArray

from dispatch.desk.patrolling import Patrolling
from dispatch.desk.patrols import WEEKS, Patrols
from dispatch.inspections.patrol_plan import Terms
from dispatch.records.incident import Incident, Status
from dispatch.records.patrol import Finding, PatrolObject, PatrolPlan, PatrolRound, RoundStop
from dispatch.records.team import Role
from dispatch.store import patrols
from scenarios.folder import plain_name
from scenarios.grown import RESIDENTS
from scenarios.live import ACTOR
from scenarios.people import RosterLine
from scenarios.scenario import Scenario
from simulation.streams import stream

RESIDENTIAL = {
    "estate": 2.0,
    "nine_small": 2.0,
    "school": 0.4,
    "market": 0.25,
    "hospital": 0.1,
    "square": 0.3,
    "restaurant_street": 0.3,
    "construction": 0.3,
    "industrial": 0.1,
    "petrol": 0.1,
    "station": 0.1,
}
VILLAGE = {
    "village": 1.0,
    "farmland": 2.0,
    "forest": 0.6,
    "pond": 0.5,
    "greenhouse": 0.4,
    "farm": 0.2,
    "industrial": 0.2,
    "nine_small": 1.0,
    "school": 0.15,
    "construction": 0.1,
}
"""Objects a community on average; assumed."""
OPEN_LAND = frozenset({"farmland", "forest", "pond", "greenhouse", "farm"})
PAST_DAYS, PERIOD_DAYS, BEHIND = 10, 10, 4
"""Working days of the last period and of this one, and how many of this one lie behind today."""
ROUNDS_A_DAY, LONGEST_MIN, FULL = 3, 240, 0.58
"""Morning, afternoon and evening; beats are cut so that looking takes this share of them, the rest is ways and rest."""
BEGINS = (time(8, 30), time(13, 0), time(17, 30))
FOUND_EVERY = 4
CUT_SHORT = "合成：道路临时封闭，未能进入"
SAID = "合成：当面说明，当场整改"
NOT_HEEDED = "合成：劝说后仍不整改"
HANDED_ON = "C08-01"


@dataclass(frozen=True, slots=True)
class Seen:
    """Something that a demo's patrol finds: the item's name, words, and what became of it."""

    name: str
    words: str
    handling: str


SEEN = (
    Seen("消防通道", "合成：一辆货车停在消防通道上", "dissuaded"),
    Seen("占道经营", "合成：水果摊占了半条人行道", "dissuaded"),
    Seen("占道经营", "合成：早点摊的桌椅摆上盲道", "ordered"),
    Seen("消防通道", "合成：楼道口堆放纸箱", "dissuaded"),
)
SEEN_TODAY = (
    Seen("消防通道", "合成：电动车堵住消防通道", "dissuaded"),
    Seen("占道经营", "合成：流动摊贩不肯离开", "handed_on"),
)


def made_up_objects(scenario: Scenario, towns: Iterable[str], seed: int = 1) -> list[PatrolObject]:
    """Objects of the patrol list in these towns; the same place and seed give the same.

    What people build stands where incidents come from, the rest anywhere in the community.
    """
    cells = scenario.cells
    found: list[PatrolObject] = []
    inside = shapely.point_on_surface(cells.geometry.to_numpy())
    lon, lat = np.round(shapely.get_x(inside), 6), np.round(shapely.get_y(inside), 6)
    names = {item.object: item.object_zh for item in scenario.rules.patrol_items.values()}
    for town in sorted(towns):
        rng = stream(seed, scenario.code, "patrol objects", town)
        own = np.flatnonzero((cells["town"] == town).to_numpy())
        community = cells["community"].to_numpy(dtype=object)[own]
        for code in sorted(set(community)):
            rows = own[community == code]
            for at, kind in _placed(rng, rows, str(code), scenario.demand.cell_weight):
                name = f"O{town[-3:]}{len(found) + 1:05d}"
                called = f"{plain_name(scenario.areas.name(str(code)))}{names[kind]}（合成）"
                cell = str(cells["code"].iloc[at])
                found.append(PatrolObject(name, kind, called, float(lon[at]), float(lat[at]), cell, town))
    return found


def _placed(
    rng: np.random.Generator, rows: NDArray[np.intp], community: str, weight: NDArray[np.float64]
) -> Iterator[tuple[int, str]]:
    share = weight[rows] + 1e-12
    for kind, mean in (VILLAGE if int(community[9:]) >= RESIDENTS else RESIDENTIAL).items():
        count = math.floor(mean) + int(rng.random() < mean % 1)
        for _ in range(count):
            yield int(rng.choice(rows, p=None if kind in OPEN_LAND else share / share.sum())), kind


def beats_for(scenario: Scenario, kinds: Sequence[frozenset[str]], cells: int) -> int:
    """So many beats that their rounds have time for the looks at ordinary risk."""
    a_day = sum(
        float(item.a_day * item.minutes)
        for some in kinds
        for item in scenario.rules.patrol_items.values()
        if item.object in some
    )
    return min(cells, max(1, math.ceil(a_day / (ROUNDS_A_DAY * LONGEST_MIN * FULL))))


def open_patrols(
    desk: Patrols,
    walking: Patrolling,
    scenario: Scenario,
    now: datetime,
    working_days: Callable[[date, int], Sequence[date]],
    going: Callable[[], bool] = lambda: True,
) -> None:
    """Objects for the first town with teams, what happened there, a period that is over, and one under way.

    Parameters
    ----------
    working_days
        So many working days from a day on.
    going
        Asked before every round; False ends it there.
    """
    town = next((line.town for line in scenario.roster if len(line.town) == 9), "")
    if town not in desk.bases:
        return
    demo = _Demo(desk, walking, scenario, town, now, going)
    today = now.astimezone(scenario.zone).date()
    before = _before(today, PAST_DAYS + BEHIND, working_days)
    demo.take_in(before[0])
    demo.over(before[:PAST_DAYS])
    demo.under_way((*before[PAST_DAYS:], *working_days(today, PERIOD_DAYS - BEHIND)))


def _before(day: date, count: int, working_days: Callable[[date, int], Sequence[date]]) -> list[date]:
    """So many working days that end before ``day``."""
    back = 2 * count + 14
    return [each for each in working_days(day - timedelta(days=back), back) if each < day][-count:]


@dataclass
class _Demo:
    desk: Patrols
    walking: Patrolling
    scenario: Scenario
    town: str
    now: datetime
    going: Callable[[], bool]

    def take_in(self, first: date) -> None:
        """Objects, and closed incidents of the weeks before the first day, which make the risk."""
        begins = self._at(first, BEGINS[0])
        self.desk.take_in(ACTOR, self.town, made_up_objects(self.scenario, [self.town]), now=begins)
        rng = stream(1, self.scenario.code, "patrol history")
        happened = self.scenario.arrivals(begins - timedelta(weeks=WEEKS), self.now - timedelta(days=1), rng)
        own = [_settled(each) for each in happened if each.town == self.town]
        self.desk.casebook.add_incidents(own, at=self.now, actor=ACTOR)

    def over(self, days: Sequence[date]) -> None:
        """A period of which every cell was passed as often as owed, but for two; proved once it was over."""
        plan = self._planned(days)
        seen = cycle(SEEN)
        missed = 0
        for one, stops in self._rounds(plan):
            if not self.going():
                return
            skip = missed < 2 and one.slot >= (missed + 1) * 7 and len(stops) > 2
            missed += skip
            self._walked(one, stops[:-1] if skip else stops, self._seen(one, seen), cut=skip)

    def under_way(self, days: Sequence[date]) -> None:
        """This period: walked up to yesterday, and this morning's rounds begun."""
        plan, seen = self._planned(days), cycle(SEEN)
        today = self.now.astimezone(self.scenario.zone).date()
        told = False
        for one, stops in self._rounds(plan):
            if not self.going() or one.day > today:
                return
            if one.day < today:
                self._walked(one, stops, self._seen(one, seen))
            elif one.slot % ROUNDS_A_DAY == 0 and one.beat != 1 and self.now > self._at(today, BEGINS[0]):
                helped = any(each.role is Role.AUXILIARY for each in self._team(one).officers)
                self._so_far(one, stops, SEEN_TODAY if helped and not told else ())
                told = told or helped

    @staticmethod
    def _seen(one: PatrolRound, seen: Iterator[Seen]) -> Seen | None:
        """Something now and then, in another beat each time."""
        return next(seen) if one.slot % FOUND_EVERY == 3 and one.beat == 1 + one.slot // FOUND_EVERY % 7 else None

    def _planned(self, days: Sequence[date]) -> PatrolPlan:
        at = self._at(days[0], time(7, 30))
        with self.desk.casebook.reading() as connection:
            ground = self.desk.ground_of(connection, self.town, days[0], at)
        kinds = [frozenset(cell.objects) for cell in ground.cells]
        beats = beats_for(self.scenario, kinds, len(kinds))
        return self.desk.plan(ACTOR, self.town, Terms(tuple(days), ROUNDS_A_DAY, LONGEST_MIN, beats), now=at)

    def _rounds(self, plan: PatrolPlan) -> Iterator[tuple[PatrolRound, list[RoundStop]]]:
        with self.desk.casebook.reading() as connection:
            rounds = patrols.rounds(connection, plan.id)
            stops: dict[str, list[RoundStop]] = {}
            for stop in patrols.stops(connection, plan_id=plan.id):
                stops.setdefault(stop.round, []).append(stop)
        for one in sorted(rounds, key=lambda each: (each.slot, each.beat)):
            yield one, stops[one.id]

    def _team(self, one: PatrolRound) -> RosterLine:
        """Two rounds a day at most: teams in turn."""
        own = [line for line in self.scenario.roster if line.town == self.town]
        return own[(one.beat - 1 + one.slot % ROUNDS_A_DAY * 7) % len(own)]

    def _walked(self, one: PatrolRound, stops: Sequence[RoundStop], seen: Seen | None, *, cut: bool = False) -> None:
        begins = self._at(one.day, BEGINS[one.slot % ROUNDS_A_DAY])
        after = self._passed(one, stops, begins, begins + timedelta(minutes=one.minutes))
        if seen is not None:
            after = self._found(after, stops, seen, begins + timedelta(minutes=one.minutes))
        ends = begins + timedelta(minutes=one.minutes + 2)
        self.walking.ended(ACTOR, one.id, after.version, CUT_SHORT if cut else "", now=ends)

    def _so_far(self, one: PatrolRound, stops: Sequence[RoundStop], seen: Sequence[Seen]) -> None:
        begins = self._at(one.day, BEGINS[0])
        passed = [stop for stop in stops if begins + timedelta(minutes=stop.arrive + stop.minutes) < self.now]
        after = self._passed(one, passed, begins, self.now)
        for each in seen:
            after = self._found(after, passed or stops, each, self.now)

    def _passed(self, one: PatrolRound, stops: Sequence[RoundStop], begins: datetime, told: datetime) -> PatrolRound:
        team = self._team(one)
        after = self.walking.begin(ACTOR, one.id, one.version, team.id, now=begins)
        if not stops:
            return after
        times = [begins + timedelta(minutes=stop.arrive + stop.minutes) for stop in stops]
        cells = [stop.cell for stop in stops]
        return self.walking.passed(
            ACTOR, one.id, after.version, cells, times, officer=team.officers[0].id, now=max(told, *times)
        )

    def _found(self, one: PatrolRound, stops: Sequence[RoundStop], seen: Seen, at: datetime) -> PatrolRound:
        """On the first of the stops where such a thing is looked at; nothing where none is."""
        items: Mapping[str, str] = {code: item.name_zh for code, item in self.desk.items.items()}
        where = next(((s, code) for s in stops for code in s.items if items[code] == seen.name), None)
        if where is None:
            where = stops[0], next(code for code, name in items.items() if name == seen.name)
        stop, item = where
        officers = self._team(one).officers
        helper = next((each for each in officers if each.role is Role.AUXILIARY), officers[0])
        able = [each for each in officers if each.certified(self.desk.items[item].field, one.day)]
        orders = seen.handling == "ordered" and bool(able)
        finder = able[0] if orders else helper
        found = self.walking.found(ACTOR, one.id, one.version, stop.cell, item, seen.words, officer=finder.id, now=at)
        self._handled(found, seen.handling if orders or seen.handling != "ordered" else "dissuaded", at)
        with self.desk.casebook.reading() as connection:
            after = patrols.round_of(connection, one.id)
        assert after is not None, "it was there a moment ago"
        return after

    def _handled(self, found: Finding, handling: str, at: datetime) -> None:
        if handling == "ordered":
            self.walking.ordered(ACTOR, found.id, 1, SAID, put_right=True, officer=found.finder, now=at)
            return
        heeded = handling == "dissuaded"
        words = SAID if heeded else NOT_HEEDED
        found = self.walking.dissuaded(ACTOR, found.id, 1, words, put_right=heeded, officer=found.finder, now=at)
        if not heeded:
            self.walking.handed_on(ACTOR, found.id, found.version, HANDED_ON, now=at)

    def _at(self, day: date, clock: time) -> datetime:
        return datetime.combine(day, clock, self.scenario.zone)


def _settled(one: Incident) -> Incident:
    return replace(one, status=Status.CLOSED, closed_at=one.due_at)
