"""Workload to posts, town by town: how many officers the work of a year takes, and a plan that has them there.

What is reported (minutes a matter, ways and steps at the desk, times how often it comes) is counted in played chances;
patrols and further duties are added by norms. Nobody waits in it: whether the posts suffice at every hour is what
`simulation.replications` plays, and where one officer more is worth most is what `simulation.search` finds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from gis.schemas import BadInput, Fault
from simulation.apportionment import Method, apportion
from simulation.approximation import Approximation
from simulation.plan import DeskKind, StaffingPlan
from simulation.replications import Setup
from simulation.stations import Station, staffed, stations_of
from simulation.tables import PAIR

DAYS_A_YEAR = 365
MINUTES_AN_HOUR = 60.0


@dataclass(frozen=True, slots=True)
class Norms:
    """What the work is reckoned with; assumed unless a place has measured it.

    Attributes
    ----------
    pass_min
        A pair's minutes for coming by one cell once on patrol, 0 or more; 0.5 are 100 m at 12 km/h.
    utilisation
        Share of an officer's hours on duty that such work may fill, above 0 and at most 1.
    """

    pass_min: float = 0.5
    utilisation: float = 0.6

    def __post_init__(self) -> None:
        if not (0 < self.utilisation <= 1 and self.pass_min >= 0):
            raise ValueError(
                f"utilisation is {self.utilisation}, pass_min {self.pass_min}; expected above 0 to 1, and 0 or more."
            )


@dataclass(frozen=True, slots=True)
class Load:
    """A year of a station in officers' hours.

    Attributes
    ----------
    reported_h, patrol_h, duties_h
        Incidents and cases it is asked for first; its part of its towns' patrols; its part of their further duties.
    duty_h
        That one officer is on duty there, absence taken off.
    """

    reported_h: float
    patrol_h: float
    duties_h: float
    duty_h: float

    @property
    def work_h(self) -> float:
        return self.reported_h + self.patrol_h + self.duties_h

    @property
    def officers(self) -> float:
        """Whose whole time it fills."""
        return self.work_h / self.duty_h if self.duty_h else 0.0


@dataclass(frozen=True)
class Row:
    """One town.

    Attributes
    ----------
    needed
        Officers with whom its stations are busy as much as the norm allows, in parts.
    before, after
        Posts in the plan, and by workload.
    """

    town: str
    load: Load
    needed: float
    before: int
    after: int

    @property
    def busy_before(self) -> float:
        return self.load.officers / self.before if self.before else 0.0

    @property
    def busy_after(self) -> float:
        return self.load.officers / self.after if self.after else 0.0


@dataclass(frozen=True)
class Allocation:
    """Posts by workload.

    Attributes
    ----------
    rows
        By town code.
    elsewhere
        Heads of brigades, pools, tours and reviewers, who stay where they are.
    plan
        With the posts of every town as proposed.
    """

    rows: tuple[Row, ...]
    elsewhere: int
    plan: StaffingPlan

    @cached_property
    def needed(self) -> float:
        """Officers of all towns together, in parts."""
        return sum(row.needed for row in self.rows)


def allocate(
    setup: Setup, seed: int, norms: Norms, duties_min: Mapping[str, float], cap: int, method: Method = Method.ADAMS
) -> Allocation:
    """Posts of the towns in proportion to their work, heads elsewhere as they are.

    Certificates and shifts of a station keep their mix, and every lawful pair that stands now stands then.

    Parameters
    ----------
    duties_min
        Officers' minutes a year of further duties by town, inspections among them.
    cap
        Heads at most, everybody included, as in `simulation.search`.

    Raises
    ------
    BadInput
        When the cap is below what towns need for lawful pairs beside everybody else, or no station is a town's own.
    """
    stations = stations_of(setup.plan)
    towns = {row: town for row, one in enumerate(stations) if (town := _town_of(setup.plan, one))}
    elsewhere = sum(one.heads for row, one in enumerate(stations) if row not in towns)
    own = [stations[row] for row in towns]
    _refuse(own, elsewhere, cap)
    loads = _loads(setup, seed, norms, duties_min, own, list(towns.values()))
    given = apportion(method, [one.officers for one in loads], cap - elsewhere, [one.least for one in own])
    heads = [one.heads for one in stations]
    for row, many in zip(towns, given, strict=True):
        heads[row] = many
    told = list(zip(towns.values(), own, loads, given, strict=True))
    rows = [_row(town, [each for each in told if each[0] == town], norms) for town in sorted(set(towns.values()))]
    return Allocation(tuple(rows), elsewhere, staffed(setup.plan, stations, heads))


def _town_of(plan: StaffingPlan, station: Station) -> str:
    """The town whose own the station is; empty for brigades, pools, tours and reviewers."""
    desks = [desk for desk in plan.desks if desk.id in station.desks]
    found = {desk.town for desk in desks if desk.kind is DeskKind.TOWN}
    return found.pop() if len(desks) == len(found) == 1 else ""


def _refuse(own: Sequence[Station], elsewhere: int, cap: int) -> None:
    if not own:
        raise BadInput(Fault("posts.csv", None, "desk", "no post at a desk of kind town", "posts in towns to allocate"))
    least = elsewhere + sum(one.least for one in own)
    if cap < least:
        expected = f"{least} or more: {elsewhere} who stay elsewhere, and lawful pairs in every town"
        raise BadInput(Fault("--cap", None, None, f"{cap} heads", expected))


def _loads(
    setup: Setup, seed: int, norms: Norms, duties_min: Mapping[str, float], own: Sequence[Station], towns: Sequence[str]
) -> list[Load]:
    """Of each station; what is a town's altogether falls on its stations by their heads in the plan."""
    approximation = Approximation(setup, seed)
    heads_of = {town: sum(one.heads for one, at in zip(own, towns, strict=True) if at == town) for town in towns}
    loads = []
    for one, town in zip(own, towns, strict=True):
        part = one.heads / heads_of[town]
        cells = len(setup.ground.cells_of.get(town, ()))
        passes = cells * setup.plan.file.patrols.passes_a_day * DAYS_A_YEAR
        loads.append(
            Load(
                reported_h=approximation.work_h(one),
                patrol_h=part * PAIR * passes * norms.pass_min / MINUTES_AN_HOUR,
                duties_h=part * duties_min.get(town, 0.0) / MINUTES_AN_HOUR,
                duty_h=approximation.duty_h(one),
            )
        )
    return loads


def _row(town: str, told: Sequence[tuple[str, Station, Load, int]], norms: Norms) -> Row:
    """A town's stations together; an officer's hours there are those of the work they do."""
    loads = [load for _, _, load, _ in told]
    officers = sum(load.officers for load in loads)
    heads = sum(station.heads for _, station, _, _ in told)
    work_h = sum(load.work_h for load in loads)
    on_duty = sum(load.duty_h * station.heads for _, station, load, _ in told) / heads
    load = Load(
        reported_h=sum(each.reported_h for each in loads),
        patrol_h=sum(each.patrol_h for each in loads),
        duties_h=sum(each.duties_h for each in loads),
        duty_h=work_h / officers if officers else on_duty,
    )
    return Row(town, load, officers / norms.utilisation, heads, sum(many for _, _, _, many in told))
