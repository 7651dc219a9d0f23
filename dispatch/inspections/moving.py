"""One call put with another crew: the hours it gets there, or every reason why it cannot go."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from dispatch.inspections.days import LONGEST_MIN
from dispatch.inspections.programme import Programme
from dispatch.inspections.routes import driven
from dispatch.inspections.ways import Floats
from dispatch.records.inspection import DAY_MIN, Call, CrewDay, Premises, Visit
from dispatch.records.reason import Reason

MOVING_REASONS = (
    "same_crew",
    "crew_of_another_town",  # crew_town, town
    "outside_its_dates",  # first, last
    "crew_lacks",  # certificates
    "officer_away",  # officer, day
    "must_not_inspect",  # officer, premises
    "not_drawn",  # officer, premises
    "no_hour_left",  # minutes: of the visit
)


@dataclass(frozen=True, slots=True)
class Moved:
    """The two crews' days after a call went from one to the other; the first may have no call left."""

    source: CrewDay
    target: CrewDay


def why_not(programme: Programme, call: Call, source: CrewDay, target: CrewDay) -> tuple[Reason, ...]:
    """What keeps a call from another crew whatever its hours; empty when nothing does."""
    return tuple(_obstacles(programme, call.visit, source, target))


def move(
    programme: Programme, call: Call, source: CrewDay, target: CrewDay, fixed: Collection[str], not_before: int = 0
) -> Moved | tuple[Reason, ...]:
    """The call with the target's crew where it lengthens their way least, or the reasons why it cannot be there.

    Who is left behind keeps every hour. Of the target's calls no hour changes when the new one fits between them; else
    those that are not in ``fixed`` (ids of visits) give way. To a visit with a new hour nobody sets out before the
    minute ``not_before``.
    """
    wrong = why_not(programme, call, source, target)
    if wrong:
        return wrong
    noon, working, there = programme.noon, programme.at_work(), target
    if noon is not None:
        there, not_before = noon.without(target), noon.worked(not_before)
    found = _placed(working, call, there, {each.visit.id for each in target.calls}, not_before) or _placed(
        working, call, there, set(fixed), not_before
    )
    if found is None:
        return (Reason("no_hour_left", False, {"minutes": call.visit.minutes}),)
    left = tuple(each for each in source.calls if each.visit.id != call.visit.id)
    found = noon.by_the_clock(found) if noon is not None else found
    return Moved(travelled(programme, replace(source, calls=left)), found)


def travelled(programme: Programme, crew: CrewDay) -> CrewDay:
    """A crew's day with the minutes on its way counted anew."""
    ways = _ways(programme, crew.town, [call.visit for call in crew.calls])
    return replace(crew, travel=round(driven(ways, range(1, len(crew.calls) + 1))))


def _obstacles(programme: Programme, visit: Visit, source: CrewDay, target: CrewDay) -> Iterator[Reason]:
    if source.id == target.id:
        yield Reason("same_crew", False)
    if source.town != target.town:
        yield Reason("crew_of_another_town", False, {"crew_town": target.town, "town": source.town})
    if not visit.first <= target.day <= visit.last:
        yield Reason("outside_its_dates", False, {"first": visit.first.isoformat(), "last": visit.last.isoformat()})
    crew = [who for who in programme.inspectors if who.id in target.officers]
    lacks = visit.needs - frozenset().union(*(who.certificates for who in crew))
    if lacks:
        yield Reason("crew_lacks", False, {"certificates": ",".join(sorted(lacks))})
    for who in crew:
        if target.day in who.away:
            yield Reason("officer_away", False, {"officer": who.id, "day": target.day.isoformat()})
        if who.barred(visit):
            code = "must_not_inspect" if visit.premises in who.conflicts else "not_drawn"
            yield Reason(code, False, {"officer": who.id, "premises": visit.premises})


def _placed(
    programme: Programme, call: Call, target: CrewDay, fixed: Collection[str], not_before: int
) -> CrewDay | None:
    """The day with the call in it that has the shortest way, or None when it fits nowhere."""
    visits = [each.visit for each in target.calls]
    ways = _ways(programme, target.town, [*visits, call.visit])
    places = {place.id: place for place in programme.premises}
    hours = {each.visit.id: each.arrive for each in target.calls if each.visit.id in fixed}
    best, shortest = None, math.inf
    for gap in range(len(visits) + 1):
        order = [*range(gap), len(visits), *range(gap, len(visits))]
        route = [[*visits, call.visit][row] for row in order]
        rows = [0, *(row + 1 for row in order), 0]
        legs = [math.ceil(ways[a, b] - 1e-9) if math.isfinite(ways[a, b]) else DAY_MIN for a, b in pairwise(rows)]
        doors = [places[visit.premises] for visit in route]
        begins = _hours(route, doors, legs, hours, not_before, programme.ends)
        on_way = driven(ways, rows[1:-1])
        if begins is not None and on_way < shortest:
            calls = tuple(Call(visit, begin, begin + visit.minutes) for visit, begin in zip(route, begins, strict=True))
            best, shortest = replace(target, calls=calls, travel=round(on_way)), on_way
    return best


def _hours(
    route: Sequence[Visit],
    places: Sequence[Premises],
    legs: Sequence[int],
    fixed: dict[str, int],
    not_before: int,
    ends: int,
) -> list[int] | None:
    """When each visit begins: as early as it can, then waiting before the first visit rather than between visits."""
    now, begins = 0, []
    for visit, place, leg in zip(route, places, legs, strict=False):
        at = fixed.get(visit.id, max(now + leg, not_before + leg, place.opens))
        if at < max(now + leg, place.opens) or at + visit.minutes > place.closes:
            return None
        begins.append(at)
        now = at + visit.minutes
    for at in range(len(route) - 2, -1, -1):
        if route[at].id not in fixed:
            latest = min(begins[at + 1] - legs[at + 1], places[at].closes) - route[at].minutes
            begins[at] = max(begins[at], latest)
    left, back = begins[0] - legs[0], begins[-1] + route[-1].minutes + legs[-1]
    return begins if left >= 0 and back <= ends and back - left <= LONGEST_MIN else None


def _ways(programme: Programme, town: str, visits: Sequence[Visit]) -> Floats:
    """Minutes between the base, in row 0, and the visits' places."""
    places = {place.id: place for place in programme.premises}
    stops = [places[visit.premises] for visit in visits]
    base = programme.base(town)
    return programme.ways.minutes([base[0], *(p.lon for p in stops)], [base[1], *(p.lat for p in stops)])
