"""Heads over stations, given how late each would be with how many: officer by officer, and proved by CP-SAT."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from ortools.sat.python import cp_model

Floats = NDArray[np.float64]

PRECISE = 1_000
"""CP-SAT counts in whole numbers: thousandths of an incident."""
SECONDS = 20.0


def marginal(tables: Sequence[Floats], heads: int) -> list[int]:
    """How many more than its least each station gets, one stretch of heads after the other where each is worth most.

    Parameters
    ----------
    tables
        Of each station what is late with its least, one more, and so on, never rising, shape (most,) each.
    heads
        To be given away above the least.

    References
    ----------
    Fox (1966), Discrete optimization via marginal analysis, Management Science 13(3); where a table is not convex its
    lower hull is followed, so that a second officer of a pair is not lost because the first alone is worth nothing.

    Examples
    --------
    >>> marginal([np.array([9.0, 5.0, 4.0]), np.array([8.0, 8.0, 1.0])], 3)
    [1, 2]
    """
    given, left = [0] * len(tables), heads
    while left > 0:
        stretches = [_best_stretch(table, given[station], left) for station, table in enumerate(tables)]
        station = max(range(len(tables)), key=lambda one: stretches[one][0])
        worth, many = stretches[station]
        if worth <= 0:
            break
        given[station] += many
        left -= many
    return given


def exact(tables: Sequence[Floats], heads: int) -> list[int]:
    """The same with the least lateness there is, and of these with the fewest heads.

    Raises
    ------
    RuntimeError
        When no plan was found in time, which a feasible problem of this kind does not do.
    """
    model = cp_model.CpModel()
    chosen = [[model.new_bool_var("") for _ in table] for table in tables]
    for row in chosen:
        model.add_exactly_one(row)
    used = sum(many * mark for row in chosen for many, mark in enumerate(row))
    model.add(used <= heads)
    # One head weighs less than the smallest difference in lateness that is counted.
    weigh = sum(len(table) for table in tables) + 1
    late = sum(
        round(float(value) * PRECISE) * mark
        for table, row in zip(tables, chosen, strict=True)
        for value, mark in zip(table, row, strict=True)
    )
    model.minimize(weigh * late + used)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 1
    solver.parameters.max_deterministic_time = SECONDS
    if solver.solve(model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        raise RuntimeError("no allocation was found; report the tables of this search.")
    return [next(many for many, mark in enumerate(row) if solver.boolean_value(mark)) for row in chosen]


def swaps(tables: Sequence[Floats], given: Sequence[int], many: int) -> list[list[int]]:
    """The ``many`` best allocations, by the tables, with a pair moved from one station to another."""
    beside = []
    for source, mine in enumerate(tables):
        for target, theirs in enumerate(tables):
            away, there = given[source] - 2, given[target] + 2
            if source != target and away >= 0 and there < len(theirs):
                change = float(mine[away] - mine[given[source]] + theirs[there] - theirs[given[target]])
                beside.append((change, source, target))
    found = []
    for _, source, target in sorted(beside)[:many]:
        moved = list(given)
        moved[source] -= 2
        moved[target] += 2
        found.append(moved)
    return found


def _best_stretch(table: Floats, given: int, left: int) -> tuple[float, int]:
    """What each of the next heads is worth over the stretch where that is most, and how many heads it is."""
    ahead = table[given + 1 : given + 1 + left]
    if not len(ahead):
        return 0.0, 0
    each = (table[given] - ahead) / np.arange(1, len(ahead) + 1)
    best = int(np.argmax(each))
    return float(each[best]), best + 1
