"""A crew's day by the clock: when each visit begins, how long the crew is out, and what one more visit would cost."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from dispatch.inspections.days import LONGEST_MIN, Slot, TownWork
from dispatch.inspections.noon import Noon
from dispatch.inspections.reasons import price
from dispatch.records.inspection import SMALLEST_CREW, Call, CrewDay

DAY = 1440
MOST_WAIT_MIN = 60
"""So much later a crew begins its day rather than have a visit interrupted by noon."""


@dataclass(frozen=True, slots=True)
class Hours:
    """Minutes after midnight at which the visits begin; on the way, not rounded; from leaving to being back."""

    begins: tuple[int, ...]
    travel: float
    out: int


def timed(work: TownWork, route: Sequence[int], not_before: int = 0, told: Collection[int] = ()) -> Hours | None:
    """The day with the least waiting, as early as that allows; None when a visit would end after closing.

    Nobody sets out before the minute ``not_before``, from the base or from the last stop, but to a visit in ``told``:
    the crew knows of it already.

    The first pass goes forward as early as possible; the second comes back from its end and waits before the first
    visit rather than between visits.
    """
    base = len(work.visits)
    ways = [float(work.travel[a, b]) for a, b in pairwise([base, *route, base])]
    legs = [math.ceil(way - 1e-9) for way in ways]
    now, begins = 0, []
    for visit, leg in zip(route, legs, strict=False):
        place, minutes = work.premises[visit], work.visits[visit].minutes
        now = max((now if visit in told else max(now, not_before)) + leg, place.opens)
        if now + minutes > place.closes:
            return None
        begins.append(now)
        now += work.visits[visit].minutes
    for at in range(len(route) - 2, -1, -1):
        visit = route[at]
        latest = begins[at + 1] - legs[at + 1] - work.visits[visit].minutes
        begins[at] = min(latest, work.premises[visit].closes - work.visits[visit].minutes)
    if now + legs[-1] > DAY:
        return None
    return Hours(tuple(begins), sum(ways), now + legs[-1] - (begins[0] - legs[0]) if route else 0)


def after_noon(work: TownWork, crew: CrewDay, noon: Noon) -> CrewDay:
    """A crew's day by the minutes worked, with the visit that noon falls into after it where the day has room.

    One that would have begun long before noon is interrupted all the same: nobody waits half a morning for it.
    """
    row_of = {visit.id: row for row, visit in enumerate(work.visits)}
    route = [row_of[call.visit.id] for call in crew.calls]
    for call in _interrupted(crew, noon):
        row = row_of[call.visit.id]
        if noon.begins - call.arrive > MOST_WAIT_MIN:
            continue
        later = replace(work.premises[row], opens=noon.begins)
        hours = timed(replace(work, premises=(*work.premises[:row], later, *work.premises[row + 1 :])), route)
        if hours is None or hours.out > LONGEST_MIN:
            continue
        calls = (
            Call(each.visit, begin, begin + each.visit.minutes)
            for each, begin in zip(crew.calls, hours.begins, strict=True)
        )
        moved = replace(crew, calls=tuple(calls))
        if not _interrupted(moved, noon):
            return moved
    return crew


def _interrupted(crew: CrewDay, noon: Noon) -> list[Call]:
    return [call for call in crew.calls if call.arrive < noon.begins < call.leave]


def overtime(work: TownWork, slots: Sequence[Slot], left: int) -> str:
    """What a visit without room would take: the least overtime of a crew that may make it, else a crew's day more."""
    visit = work.visits[left]
    beyond = [
        hours.out - LONGEST_MIN
        for slot in slots
        if visit.first <= work.days[slot.day] <= visit.last and _may(work, slot, left)
        for gap in range(len(slot.route) + 1)
        if (hours := timed(work, (*slot.route[:gap], left, *slot.route[gap:]))) is not None
    ]
    return price(max(min(beyond), 1), "minutes") if beyond else price(SMALLEST_CREW, "officer-days")


def _may(work: TownWork, slot: Slot, visit: int) -> bool:
    crew = [work.inspectors[who] for who in slot.officers]
    held = frozenset().union(*(who.certificates for who in crew))
    return work.visits[visit].needs <= held and not any(who.barred(work.visits[visit]) for who in crew)
