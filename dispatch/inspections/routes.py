"""A town's crews of one day routed together: the same visits by the same crews, on shorter ways.

The calendar's search decides on officer-days and keeps every day possible; which of the day's crews makes which call,
in which order, is a routing problem of its own and is given to :mod:`dispatch.routing`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from dispatch.inspections.days import LONGEST_MIN
from dispatch.inspections.ways import Floats
from dispatch.records.inspection import Call, CrewDay, Inspector, Premises
from dispatch.routing.problem import NO_WAY, Crew, Ints, RoutingProblem, Stop
from dispatch.routing.solve import solve

ROUNDS = 100
"""Of PyVRP, for one town's day. On three months of the benchmark this took 0.9 % off the ways; 1,000 rounds, at seven
times the work, take 1.2 %."""
TENTHS = 10
"""Ways are compared in tenths of a minute; hours are whole minutes."""


def routed(
    crews: Sequence[CrewDay],
    places: Mapping[str, Premises],
    staff: Mapping[str, Inspector],
    ways: Floats,
    ends: int,
    seed: int = 1,
) -> tuple[CrewDay, ...]:
    """The crews with their calls dealt and ordered anew, or as they were where that saves nothing.

    Parameters
    ----------
    crews
        Of one town and one day; a crew left without a call is not among those returned.
    ways
        Minutes from row to column, infinite where no way leads; the base, then the calls' premises crew by crew.
    ends
        The minute by which every crew is home.
    """
    calls = {call.visit.id: call for crew in crews for call in crew.calls}
    problem = _problem(crews, places, staff, ways, ends)
    found = solve(problem, seed=seed, rounds=ROUNDS)
    before = sum(driven(ways, _rows(crew.calls, calls)) for crew in crews)
    new = {
        route.crew: [
            Call(calls[stop.stop].visit, stop.begins, stop.begins + calls[stop.stop].visit.minutes)
            for stop in route.visits
        ]
        for route in found.routes
    }
    after = sum(driven(ways, _rows(each, calls)) for each in new.values())
    if found.left_out or after >= before - 1 / TENTHS:
        return tuple(crews)
    return tuple(
        replace(crew, calls=tuple(new[crew.id]), travel=round(driven(ways, _rows(new[crew.id], calls))))
        for crew in crews
        if crew.id in new
    )


def driven(ways: Floats, rows: Sequence[int]) -> float:
    """Minutes from the base, which is row 0, by the rows in their order and back; 0 where there are none.

    >>> driven(np.array([[0.0, 2.0], [3.0, 0.0]]), [1])
    5.0
    """
    return float(sum(ways[a, b] for a, b in pairwise([0, *rows, 0]))) if rows else 0.0


def _rows(some: Sequence[Call], calls: Mapping[str, Call]) -> list[int]:
    row_of = {visit: row for row, visit in enumerate(calls, start=1)}
    return [row_of[call.visit.id] for call in some]


def _problem(
    crews: Sequence[CrewDay],
    places: Mapping[str, Premises],
    staff: Mapping[str, Inspector],
    ways: Floats,
    ends: int,
) -> RoutingProblem:
    """The day as stops and crews; that a crew may enter a door or make a check that another must not is a skill."""
    barred = {crew.id: frozenset().union(*(_keeps_away(staff[who]) for who in crew.officers)) for crew in crews}
    somebodys = frozenset().union(*barred.values())
    stops: list[Stop] = []
    for crew in crews:
        for call in crew.calls:
            place = places[call.visit.premises]
            may = {_enter(call.visit.premises), *map(_make, call.visit.items)} & somebodys
            window = (place.opens, place.closes - call.visit.minutes)
            stops.append(
                Stop(call.visit.id, len(stops) + 1, call.visit.minutes, (window,), skills=call.visit.needs | may)
            )
    people = [
        Crew(
            crew.id,
            0,
            0,
            (0, ends),
            LONGEST_MIN,
            skills=frozenset().union(*(staff[who].certificates for who in crew.officers))
            | (somebodys - barred[crew.id]),
        )
        for crew in crews
    ]
    return RoutingProblem(tuple(stops), tuple(people), _whole(ways * TENTHS), _whole(np.ceil(ways - 1e-9)))


def _keeps_away(who: Inspector) -> frozenset[str]:
    return frozenset({*map(_enter, who.conflicts), *map(_make, who.not_drawn_for)})


def _enter(premises: str) -> str:
    return f"may enter {premises}"


def _make(item: str) -> str:
    return f"may make {item}"


def _whole(ways: Floats) -> Ints:
    return np.where(np.isfinite(ways), np.rint(np.where(np.isfinite(ways), ways, 0)), NO_WAY).astype(np.int64)
