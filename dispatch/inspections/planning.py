"""From due items to a calendar: merge, plan every town apart, deal the days, and say what is left and why."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import joblib
import numpy as np

from dispatch.inspections.days import Found, Slot, Told, TownWork, nobody, plan_town
from dispatch.inspections.fairness import dealt_evenly
from dispatch.inspections.filling import filled, priced
from dispatch.inspections.fromdesk import with_desk
from dispatch.inspections.givenup import given_up, others_instead
from dispatch.inspections.ground import ground_of, town_work
from dispatch.inspections.hours import after_noon, timed
from dispatch.inspections.ids import free_id
from dispatch.inspections.noon import Noon, by_the_clock
from dispatch.inspections.programme import Programme
from dispatch.inspections.reasons import Why
from dispatch.inspections.routes import routed
from dispatch.inspections.specialists import days_in_towns
from dispatch.inspections.visits import Merged, Window, merge
from dispatch.records.inspection import (
    Calendar,
    Call,
    CrewDay,
    DueItem,
    Undone,
)

SHARE_OF_FAIRNESS = 0.05
SHARE_ONCE_MORE = 0.5
"""Share of a town's seconds for planning it again where visits have to do without their specialist."""


@dataclass(frozen=True, slots=True)
class TownPlan:
    """One town's part of the calendar."""

    crews: tuple[CrewDay, ...]
    undone: tuple[Undone, ...]
    merged: tuple[Merged, ...]
    bound: int


def plan(programme: Programme, seconds: float = 30.0, seed: int = 1, workers: int = 1, told: Told = nobody) -> Calendar:
    """A calendar of everything that can be done, with its bound, by the clock: the visits first, then the desk.

    Parameters
    ----------
    seconds
        Of one core for the whole programme; shared among towns by their items.
    workers
        Towns planned at once; the calendar does not depend on it.

    Raises
    ------
    KeyError
        When an item is due at premises that the programme does not have.
    """
    asked, noon, programme = programme, programme.noon, programme.to_visit().at_work()
    places = {place.id: place for place in programme.premises}
    items: dict[str, list[DueItem]] = {town: [] for town in programme.towns}
    for item in programme.items:
        items[places[item.premises].town].append(item)
    presence = days_in_towns(programme.inspectors, programme.items, places, programme.days)
    total = max(len(programme.items), 1)
    towns = joblib.Parallel(n_jobs=workers, prefer="threads")(
        joblib.delayed(_plan_town)(programme, town, due, presence, seconds * len(due) / total, seed, told, noon)
        for town, due in items.items()
    )
    merged = [one for town in towns for one in town.merged]
    calendar = Calendar(
        crews=tuple(crew for town in towns for crew in town.crews),
        undone=tuple(undone for town in towns for undone in town.undone),
        fewest_visits=sum(one.fewest for one in merged),
        fewest_proved=all(one.proved for one in merged),
        bounds={name: town.bound for name, town in zip(items, towns, strict=True)},
        proofs={one.visits[0].premises: one.proof for one in merged if one.visits and one.proof},
    )
    visits = by_the_clock(noon, priced(programme, filled(programme, calendar, noon)))
    return with_desk(asked, visits)


def _plan_town(
    programme: Programme,
    town: str,
    due: Sequence[DueItem],
    presence: Mapping[str, Sequence[str]],
    seconds: float,
    seed: int,
    told: Told,
    noon: Noon | None,
) -> TownPlan:
    """Merge and plan one town by the minutes worked; ``presence`` names for every inspector the town of every day.

    A visit that finds no room for want of a specialist, who is dealt elsewhere, is made without his items.
    """

    def tried(gone: Collection[str], seconds: float) -> _Tried:
        work, merged, undone = _asked(programme, town, [item for item in due if item.id not in gone], presence)
        found = plan_town(work, seconds, seed, told)
        return _Tried(work, merged, undone, found, _without_room(work, found))

    one, gone = _with_room(tried, programme, town, due, seconds)
    work, found = one.work, one.found
    even = dealt_evenly(work, found.slots, SHARE_OF_FAIRNESS * seconds)
    crews = _on_short_ways(work, crew_days(work, even), seed)
    if noon is not None:
        crews = tuple(after_noon(work, crew, noon) for crew in crews)
    return TownPlan(crews, (*one.undone, *one.left, *gone.values()), one.merged, found.bound)


@dataclass(frozen=True, slots=True)
class _Tried:
    """A town planned once: what nobody can do, the calendar found, and what it has no room for."""

    work: TownWork
    merged: tuple[Merged, ...]
    undone: list[Undone]
    found: Found
    left: list[Undone]


def _with_room(
    tried: Callable[[Collection[str], float], _Tried],
    programme: Programme,
    town: str,
    due: Sequence[DueItem],
    seconds: float,
) -> tuple[_Tried, dict[str, Undone]]:
    """The town planned, again without checks that take others of their door down, and which those are."""
    own = [who for who in programme.inspectors if who.town == town]
    gone: dict[str, Undone] = {}
    one = tried(gone, seconds)
    while more := given_up([item for item in due if item.id not in gone], one.left, own):
        gone, seconds = gone | more, SHARE_ONCE_MORE * seconds
        one = tried(gone, seconds)
    instead = others_instead(due, gone, one.left)
    if instead != gone:
        other = tried(instead, SHARE_ONCE_MORE * seconds)
        if len(other.left) + len(instead) < len(one.left) + len(gone):
            return other, instead
    return one, gone


def _asked(
    programme: Programme, town: str, due: Sequence[DueItem], presence: Mapping[str, Sequence[str]]
) -> tuple[TownWork, tuple[Merged, ...], list[Undone]]:
    """A town's visits, fewest at every premises, with who is there on which day, and the items that nobody can do."""
    here = ground_of(programme, town, {place.id for place in programme.premises if place.town == town}, presence)
    owed: dict[str, list[DueItem]] = {place.id: [] for place in here.places}
    for item in due:
        owed[item.premises].append(item)
    merged: list[Merged] = []
    undone: list[Undone] = []
    for at, place in sorted(enumerate(here.places), key=lambda row: row[1].id):
        windows = [here.alone(at, item) for item in owed[place.id]]
        undone += [one for one in windows if isinstance(one, Undone)]
        able = [one for one in windows if isinstance(one, Window)]
        merged.append(merge(place, able, programme.days, here.longest(at), here.able(at)))
        undone += merged[-1].undone
    visits = tuple(visit for one in merged for visit in one.visits)
    return town_work(programme, here, town, visits, presence), tuple(merged), undone


def _without_room(work: TownWork, found: Found) -> list[Undone]:
    """The items of visits that no crew's day has room for, without their price yet."""
    return [Undone(item, Why.NO_ROOM) for at in found.left for item in work.visits[at].items]


def _on_short_ways(work: TownWork, crews: Sequence[CrewDay], seed: int) -> tuple[CrewDay, ...]:
    """Every day's crews routed together; ``crews`` are in the order of their days."""
    places = {place.id: place for place in work.premises}
    staff = {who.id: who for who in work.inspectors}
    row_of = {visit.id: row for row, visit in enumerate(work.visits)}
    routes: list[CrewDay] = []
    for _, of_day in groupby(crews, key=lambda crew: crew.day):
        same = list(of_day)
        rows = [len(work.visits), *(row_of[call.visit.id] for crew in same for call in crew.calls)]
        routes += routed(same, places, staff, work.travel[np.ix_(rows, rows)], work.ends, seed=seed)
    return tuple(routes)


def crew_days(work: TownWork, slots: Sequence[Slot], names: Mapping[Slot, str] | None = None) -> tuple[CrewDay, ...]:
    """Crews with hours, and with names: those of ``names`` keep theirs, the others get the next free number of their
    day."""
    taken = set((names or {}).values())
    crews: list[CrewDay] = []
    for slot in sorted(slots, key=lambda slot: (slot.day, slot.officers)):
        day = work.days[slot.day]
        name = (names or {}).get(slot) or free_id(f"{work.town}-{day:%m%d}", taken)
        hours = timed(work, slot.route)
        assert hours is not None, "the search keeps every day within its hours"
        officers = tuple(work.inspectors[who].id for who in slot.officers)
        calls = tuple(
            Call(work.visits[visit], begin, begin + work.visits[visit].minutes)
            for visit, begin in zip(slot.route, hours.begins, strict=True)
        )
        crews.append(CrewDay(name, day, work.town, officers, calls, round(hours.travel)))
    return tuple(crews)
