"""A crew's day by the clock: when each visit begins, and how long the crew is out."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from dispatch.inspections.days import LONGEST_MIN, TownWork
from dispatch.inspections.noon import Noon
from dispatch.records.inspection import Call, CrewDay

MOST_WAIT_MIN = 60
"""So much later a crew begins its day rather than have a visit interrupted by noon."""


@dataclass(frozen=True, slots=True)
class Hours:
    """Minutes after midnight at which the visits begin; on the way, not rounded; from leaving to being back."""

    begins: tuple[int, ...]
    travel: float
    out: int


def timed(work: TownWork, route: Sequence[int], not_before: int = 0, told: Collection[int] = ()) -> Hours | None:
    """The day with the least waiting, as early as that allows.

    None when a visit would end after closing, or the crew be home after the minute at which the day ends.

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
    if now + legs[-1] > work.ends:
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
