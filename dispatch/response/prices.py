"""Prices of the teams that prove a matching to be the cheapest, or none when it is not."""

from __future__ import annotations

import numpy as np
from numba import njit

from dispatch.response.pairs import Arcs, Ints


def prove(arcs: Arcs, team: Ints, paid: Ints, unserved: Ints, capacity: Ints) -> tuple[Ints, bool]:
    """The least prices at which every incident is content with what it got, and whether they prove the matching.

    A matching is cheapest exactly when there are prices of at least 0, and 0 for a team with places left, at which no
    incident would rather have another of its pairs or go unserved (complementary slackness). The least such prices
    are the longest paths of the residual graph, found by raising labels first in, first out.

    Parameters
    ----------
    arcs
        The pairs that may be.
    team, paid
        Shape (n,): the team of each incident or -1, and the cost of that.
    unserved
        Shape (n,): cost of leaving each without a team.
    capacity
        Shape (teams,).

    Returns
    -------
    prices, proved
        Shape (teams,), all 0 when not proved.
    """
    n, teams = len(team), len(capacity)
    served = np.flatnonzero(team >= 0)
    spare = np.bincount(team[served], minlength=teams) < capacity
    by_incident = np.argsort(arcs.incident, kind="stable")
    members = served[np.argsort(team[served], kind="stable")]
    prices, proved = _raise_prices(
        _starts(arcs.incident, n),
        arcs.team[by_incident],
        arcs.cost[by_incident],
        _starts(team[served], teams),
        members,
        team,
        paid,
        unserved,
        spare,
    )
    return (prices, True) if proved else (np.zeros(teams, dtype=np.int64), False)


def _starts(rows: Ints, size: int) -> Ints:
    """Where each row's entries begin once they are sorted, shape (size + 1,)."""
    return np.concatenate(([0], np.cumsum(np.bincount(rows, minlength=size)))).astype(np.int64)


@njit(cache=True)
def _raise_prices(start, arc_team, arc_cost, member_start, member, team, paid, unserved, spare):  # type: ignore[no-untyped-def]
    teams = len(spare)
    price = np.zeros(teams, np.int64)
    queue = np.empty(teams + 1, np.int64)
    waiting = np.zeros(teams, np.bool_)
    head, tail = 0, 0
    for t in range(teams):
        if member_start[t] < member_start[t + 1]:
            queue[tail] = t
            tail += 1
            waiting[t] = True
    for i in range(len(team)):
        if team[i] < 0:  # left out although it would pay up to its unserved cost
            for a in range(start[i], start[i + 1]):
                t = arc_team[a]
                price[t] = max(price[t], unserved[i] - arc_cost[a])
                if spare[t] and price[t] > 0:
                    return price, False
    while head != tail:
        t = queue[head]
        head = (head + 1) % (teams + 1)
        waiting[t] = False
        for m in range(member_start[t], member_start[t + 1]):
            i = member[m]
            pays = paid[i] + price[t]
            if pays > unserved[i]:
                return price, False
            for a in range(start[i], start[i + 1]):
                other = arc_team[a]
                if pays - arc_cost[a] > price[other]:
                    if spare[other]:
                        return price, False
                    price[other] = pays - arc_cost[a]
                    if not waiting[other]:
                        waiting[other] = True
                        queue[tail] = other
                        tail = (tail + 1) % (teams + 1)
    return price, True
