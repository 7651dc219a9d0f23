"""Small routing problems: places on a line or in a plane, one unit of time for one of distance."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from dispatch.routing.problem import Break, Crew, Lock, RoutingProblem, Stop, Together

LINE = 60


def on_a_line(stops, crews, **more: Any) -> RoutingProblem:
    """Places 0, 1, 2 … stand one unit apart."""
    at = np.arange(LINE)
    ways = np.abs(at[:, None] - at[None, :])
    return RoutingProblem(tuple(stops), tuple(crews), **{"distance": ways, "duration": ways, **more})


def crew(name="c1", start=0, shift=(0, 100), **more: Any) -> Crew:
    return Crew(name, start, more.pop("end", start), shift, **more)


@st.composite
def problems(draw: st.DrawFn, *, priced: bool) -> RoutingProblem:
    """Anything that may be asked, with up to eight stops and three crews; ``priced``: everything may be left out."""
    number = st.integers
    n, crews = draw(number(0, 8)), draw(number(0, 3))
    corners = draw(st.lists(st.tuples(number(0, 40), number(0, 40)), min_size=n + 2, max_size=n + 2))
    xy = np.array(corners)
    ways = np.abs(xy[:, None] - xy[None, :]).sum(axis=2)
    if draw(st.booleans()):
        ways[draw(number(0, n + 1)), draw(number(0, n + 1))] = -1
    prices = number(0, 300) if priced else st.none() | number(0, 300)
    stops = tuple(
        Stop(f"s{k}", k, draw(number(0, 40)), draw(windows()), draw(number(0, 5)), draw(prices), draw(skills()))
        for k in range(n)
    )
    teams = tuple(draw(a_crew(f"c{k}", n)) for k in range(crews))
    locks, together = (), ()
    if crews and n:
        locked = draw(st.lists(number(0, n - 1), unique=True, max_size=0 if priced else 2))
        locks = tuple(draw(a_lock(row, n, crews)) for row in locked)
        pairs = draw(st.permutations(range(n)))[: 2 * draw(number(0, n // 2))]
        together = tuple(
            Together(f"s{a}", f"s{b}", draw(number(0, 60))) for a, b in zip(pairs[::2], pairs[1::2], strict=True)
        )
    costs = draw(number(0, 2)), draw(number(0, 2))
    try:
        return RoutingProblem(stops, teams, ways, ways, locks, together, *costs)
    except ValueError:  # two locks that no order keeps
        return RoutingProblem(stops, teams, ways, ways, (), together, *costs)


@st.composite
def windows(draw: st.DrawFn, last: int = 400) -> tuple[tuple[int, int], ...]:
    ends = sorted(draw(st.sets(st.integers(0, last), min_size=4, max_size=4)))
    return tuple(zip(ends[::2], ends[1::2], strict=True))[: draw(st.integers(0, 2))]


def skills() -> st.SearchStrategy[frozenset[str]]:
    return st.frozensets(st.sampled_from(["fire", "food"]), max_size=1)


@st.composite
def a_rest(draw: st.DrawFn) -> Break | None:
    """Within twelve units of time, or none."""
    earliest = draw(st.integers(0, 8))
    rest = Break(earliest, earliest + draw(st.integers(0, 2)), draw(st.integers(1, 4)))
    return rest if draw(st.booleans()) else None


@st.composite
def a_crew(draw: st.DrawFn, name: str, depot: int) -> Crew:
    number = st.integers
    begins = draw(number(0, 100))
    ends = begins + draw(number(100, 400))
    earliest = begins + draw(number(0, 60))
    rests = (Break(earliest, earliest + draw(number(0, 20)), draw(number(1, 20))),) if draw(st.booleans()) else ()
    return Crew(
        name,
        depot,
        depot + draw(number(0, 1)),
        (begins, ends),
        draw(st.none() | number(50, 300)),
        draw(st.none() | number(0, 15)),
        draw(number(0, 60)),
        draw(st.frozensets(st.sampled_from(["fire", "food"]))),
        rests,
    )


@st.composite
def a_lock(draw: st.DrawFn, row: int, stops: int, crews: int) -> Lock:
    number = st.integers
    others = draw(st.sets(number(0, stops - 1), max_size=1)) - {row}
    return Lock(
        f"s{row}",
        f"c{draw(number(0, crews - 1))}",
        draw(st.none() | number(0, 1)),
        draw(st.none() | number(0, 400)),
        tuple(f"s{other}" for other in others),
    )
