"""Many incidents to many teams at the least total cost, exactly, with a proof and a reason for each left unserved.

Every incident goes to at most one team and every team takes at most its capacity; an incident that no team takes costs
its ``unserved_cost``. OR-Tools' min-cost flow finds the answer; ``dispatch.response.prices`` then looks for prices of
the teams that prove it. With such prices pairs that were never put into the model can be ruled out too, so the answer
over all pairs needs only a few pairs per incident (column generation).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from ortools.graph.python import min_cost_flow

from dispatch.response.pairs import Arcs, Ints, Pairs
from dispatch.response.prices import prove

PAIRS_TO_START = 16
PAIRS_TO_ADD = 32


@dataclass(frozen=True, slots=True)
class Matching:
    """Who takes what.

    Attributes
    ----------
    team
        Shape (n,): row of the team that takes each incident, -1 when none does.
    cost
        Shape (n,): the cost of the pair, or the incident's unserved cost.
    objective
        Sum of ``cost``.
    proved_optimal
        Whether ``prices`` prove that no other choice among the pairs considered has a smaller sum.
    prices, scale
        Shape (teams,): what one more place in each team would save, in 1/``scale`` of a unit of cost; at least 0, and
        0 for a team with places left.
    pairs
        How many pairs the model needed.
    """

    team: Ints
    cost: Ints
    objective: int
    proved_optimal: bool
    prices: Ints
    scale: int
    pairs: int


def solve(
    incident_of_arc: ArrayLike,
    team_of_arc: ArrayLike,
    cost: ArrayLike,
    capacity: ArrayLike,
    n_incidents: int,
    unserved_cost: ArrayLike,
    priority: ArrayLike | None = None,
) -> Matching:
    """The least total cost over the pairs given.

    Parameters
    ----------
    incident_of_arc, team_of_arc, cost
        Shape (pairs,): the pairs that may be, with whole costs of at least 0.
    capacity
        Shape (teams,): how many incidents each team can take.
    unserved_cost
        What an incident without a team costs: one number, or shape (n_incidents,).
    priority
        Shape (n_incidents,), 1 the highest to 4: of several answers with the least cost, the one that serves as many
        of the higher priorities as any does. The cost stays the least.

    Raises
    ------
    ValueError
        When a row is out of range, a cost negative, or costs are so large that their sums would not fit 64 bits.
    """
    arcs = Arcs(*(np.asarray(column, dtype=np.int64) for column in (incident_of_arc, team_of_arc, cost)))
    places = np.asarray(capacity, dtype=np.int64)
    unserved = np.broadcast_to(np.asarray(unserved_cost, dtype=np.int64), (n_incidents,))
    scale, weight = _tie_break(priority, n_incidents)
    _check(arcs, places, unserved, scale)
    return _solve(arcs, places, unserved, scale, weight)


def solve_all(
    pairs: Pairs, capacity: ArrayLike, n_incidents: int, unserved_cost: ArrayLike, priority: ArrayLike | None = None
) -> Matching:
    """The least total cost over all pairs, without putting all of them into the model.

    Starts from the cheapest pairs of each incident, solves, and asks ``pairs`` for those that the prices do not rule
    out; when there are none, the answer is proved for all pairs. Parameters and errors as in ``solve``.

    References
    ----------
    Column generation with exact duals; Ahuja, Magnanti, Orlin, *Network Flows* (1993), theorem 9.3.
    """
    places = np.asarray(capacity, dtype=np.int64)
    unserved = np.broadcast_to(np.asarray(unserved_cost, dtype=np.int64), (n_incidents,))
    scale, weight = _tie_break(priority, n_incidents)
    arcs = pairs.nearest(PAIRS_TO_START)
    while True:
        _check(arcs, places, unserved, scale)
        matching = _solve(arcs, places, unserved, scale, weight)
        if not matching.proved_optimal:
            return matching
        worth = _worth(arcs, matching, unserved * scale + weight)
        more = pairs.cheaper(worth, matching.prices, scale, PAIRS_TO_ADD)
        if not more.cost.size:
            return matching
        arcs = arcs.and_also(more)


def faults(
    matching: Matching, arcs: Arcs, capacity: ArrayLike, n_incidents: int, unserved_cost: ArrayLike
) -> list[str]:
    """What is wrong with an answer, found without the solver; nothing when it is right and, if claimed, optimal.

    Optimality is checked by weak duality: whatever prices v ≥ 0 the teams charge, no answer costs less than the sum
    over incidents of min(unserved, cost + v) less the sum over teams of capacity · v. Costs are whole, so a bound less
    than 1 below the objective proves it.
    """
    places = np.asarray(capacity, dtype=np.int64)
    unserved = np.broadcast_to(np.asarray(unserved_cost, dtype=np.int64), (n_incidents,))
    wrong = []
    cheapest: dict[tuple[int, int], int] = {}
    for i, t, c in zip(*(column.tolist() for column in arcs), strict=True):
        cheapest[i, t] = min(c, cheapest.get((i, t), c))
    if len(matching.team) != n_incidents:
        return [f"{len(matching.team)} rows for {n_incidents} incidents"]
    total = 0
    for i, (t, c) in enumerate(zip(matching.team.tolist(), matching.cost.tolist(), strict=True)):
        expected = cheapest.get((i, t)) if t >= 0 else int(unserved[i])
        if expected is None:
            wrong.append(f"incident {i} is with team {t}, which may not take it")
        elif c != expected:
            wrong.append(f"incident {i} costs {expected}, not {c}")
        total += c
    taken = np.bincount(matching.team[matching.team >= 0], minlength=len(places))
    wrong += [f"team {t} has {taken[t]} incidents and {places[t]} places" for t in np.flatnonzero(taken > places)]
    if total != matching.objective:
        wrong.append(f"the costs add up to {total}, not {matching.objective}")
    if matching.proved_optimal:
        worth = _worth(arcs, matching, unserved * matching.scale)
        bound = int(worth.sum()) - int(places @ matching.prices)
        if (matching.prices < 0).any() or matching.objective * matching.scale - bound >= matching.scale:
            wrong.append(f"claimed to be least, but the prices prove only {bound / matching.scale}")
    return wrong


def _solve(arcs: Arcs, places: Ints, unserved: Ints, scale: int, weight: Ints) -> Matching:
    n, teams = len(unserved), len(places)
    to_nobody = unserved * scale + weight
    # Pairs with a team that has no place stay in: its price must rise as a full team's does.
    useful = arcs.cost * scale <= to_nobody[arcs.incident]
    i, t, cost = (column[useful] for column in arcs)
    flow = min_cost_flow.SimpleMinCostFlow()
    sink = n + teams
    every, crew = np.arange(n), np.arange(teams)
    one = np.ones(max(len(i), n), dtype=np.int64)
    pair_arcs = flow.add_arcs_with_capacity_and_unit_cost(i, n + t, one[: len(i)], cost * scale)
    flow.add_arcs_with_capacity_and_unit_cost(every, np.full(n, sink), one[:n], to_nobody)
    flow.add_arcs_with_capacity_and_unit_cost(n + crew, np.full(teams, sink), places, np.zeros(teams, dtype=np.int64))
    flow.set_nodes_supplies(np.append(every, sink), np.append(one[:n], -n))
    if n and flow.solve() != flow.OPTIMAL:
        raise RuntimeError(f"the flow solver found no answer for {n} incidents, {teams} teams and {len(i)} pairs.")
    taken = np.flatnonzero(flow.flows(pair_arcs)) if n and len(i) else np.zeros(0, dtype=np.int64)
    team = np.full(n, -1, dtype=np.int64)
    paid = unserved.copy()
    team[i[taken]], paid[i[taken]] = t[taken], cost[taken]
    scaled = np.where(team >= 0, paid * scale, to_nobody)
    prices, proved = prove(Arcs(i, t, cost * scale), team, scaled, to_nobody, places)
    return Matching(team, paid, int(paid.sum()), proved, prices, scale, len(arcs.cost))


def _worth(arcs: Arcs, matching: Matching, to_nobody: Ints) -> Ints:
    """What the cheapest way to deal with each incident costs at these prices, shape (n,)."""
    worth = to_nobody.copy()
    np.minimum.at(worth, arcs.incident, arcs.cost * matching.scale + matching.prices[arcs.team])
    return worth


def _tie_break(priority: ArrayLike | None, n: int) -> tuple[int, Ints]:
    """A scale for the costs and a weight for each unserved incident that together are less than one unit of cost.

    The sets of incidents that can be served are a matroid, so any weights that fall with priority serve the higher
    ones first.
    """
    nobody_first = np.zeros(n, dtype=np.int64)
    if priority is None or n == 0:
        return 1, nobody_first
    ranks = np.asarray(priority, dtype=np.int64)
    if ranks.shape != (n,) or ranks.min() < 1 or ranks.max() > 4:
        raise ValueError(f"priority must be one of 1 to 4 for each of {n} incidents.")
    weight = ranks.max() - ranks
    return int(weight.sum()) + 1, weight


def _check(arcs: Arcs, places: Ints, unserved: Ints, scale: int) -> None:
    n, teams = len(unserved), len(places)
    for name, rows, size in (("incident_of_arc", arcs.incident, n), ("team_of_arc", arcs.team, teams)):
        if rows.size and (rows.min() < 0 or rows.max() >= size):
            raise ValueError(f"{name} runs from {rows.min()} to {rows.max()}; expected 0 to {size - 1}.")
    for name, values in (("cost", arcs.cost), ("capacity", places), ("unserved_cost", unserved)):
        if values.size and values.min() < 0:
            raise ValueError(f"{name} holds {values.min()}; expected whole numbers of at least 0.")
    largest = max(int(arcs.cost.max(initial=0)), int(unserved.max(initial=0)))
    # The solver multiplies the scaled costs by the number of nodes.
    if (largest + 1) * scale * (n + teams + 2) >= 2**62:
        raise ValueError(f"costs of up to {largest} are too large for {n} incidents and {teams} teams.")
