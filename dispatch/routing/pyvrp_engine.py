"""Routes by PyVRP: stops in time windows, prices, skills, capacities, longest durations, stops locked to a crew or a
moment. It knows no breaks, no locked positions and no stops that belong together; these are left to OR-Tools.

References
----------
Wouda, Lan and Kool, "PyVRP: a high-performance VRP solver package", INFORMS Journal on Computing 36 (2024).
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyvrp
from pyvrp.search import OPERATORS, LocalSearch, NeighbourhoodParams, compute_neighbours

from dispatch.routing.budget import Budget
from dispatch.routing.insertion import Routes
from dispatch.routing.problem import NO_WAY, Ints, RoutingProblem, out_price

MANY_STOPS = 300
"""From here on PyVRP's own settings are the better ones; what follows is for a day's stops and a few seconds. All of it
is measured in docs/decisions/0019."""

NEIGHBOURS = 20
"""Stops tried beside each stop. PyVRP's own 50 makes half as many rounds."""

TIME_PENALTY = 20
"""What a unit of lateness costs the search at first, in the cost of driving as long. PyVRP's own beginning is so dear
that in a few seconds nothing late is ever tried on the way to something better."""

ROUNDS_BETWEEN_UPDATES = 100
"""How often the penalties follow what was found; PyVRP's own 500 is meant for longer searches."""

GIVE_UP_AT = 0.4
"""The share of the budget after which musts that do not fit together are tried as dear prices instead."""

NONE_FOUND = int(np.iinfo(np.int64).max)
"""What PyVRP calls the cost of an answer that breaks a rule."""


def routes(problem: RoutingProblem, rows: Sequence[int], budget: Budget, until: float, seed: int) -> Routes:
    """The stops of each crew, in order, at little cost; what is missing is left out.

    Parameters
    ----------
    rows
        The stops to plan.
    until
        The share of the budget at which to stop.
    """
    if not rows or not problem.crews:
        return [[] for _ in problem.crews]
    model = _Model(problem, rows)
    if not model.rows:
        return [[] for _ in problem.crews]
    begin = budget.spent()
    if any(problem.must(row) for row in rows):
        found = model.solve(budget, begin + (until - begin) * GIVE_UP_AT, until, seed, musts=True)
        if found.is_feasible():
            return model.routes(found)
    return model.routes(model.solve(budget, until, until, seed, musts=False))


class _Model:
    """The problem in PyVRP's words: a location for each stop, then one for each place where crews start or end."""

    def __init__(self, problem: RoutingProblem, rows: Sequence[int]) -> None:
        self.problem = problem
        self.zero = min(crew.shift[0] for crew in problem.crews)
        self.last = max(crew.shift[1] for crew in problem.crews)
        self.rows = [row for row in rows if self.windows(row)]
        self.ends = sorted({place for crew in problem.crews for place in (crew.start, crew.end)})
        # A stop with several windows is several clients, of which one is chosen.
        self.row_of_client = [row for row in self.rows for _ in self.windows(row)]
        self.barred = [
            frozenset(at for at, row in enumerate(self.rows) if not problem.takes(row, kind[0]))
            for kind in problem.alike
        ]
        self.profiles = sorted(set(self.barred), key=sorted)

    def windows(self, row: int) -> list[tuple[int, int]]:
        """The windows that some shift meets, from the first crew's beginning."""
        hours = self.last - self.zero
        moved = [(opens - self.zero, closes - self.zero) for opens, closes in self.problem.windows(row)]
        return [(max(0, opens), min(closes, hours)) for opens, closes in moved if opens <= hours and closes >= 0]

    def solve(self, budget: Budget, give_up: float, until: float, seed: int, *, musts: bool) -> pyvrp.Solution:
        """The best that is found; without any answer that keeps all rules it stops at ``give_up``."""

        def over(best_cost: int) -> bool:
            return budget.round() >= (give_up if best_cost == NONE_FOUND else until)

        data = self.data(musts=musts)
        chance = pyvrp.RandomNumberGenerator(seed)
        short = len(self.rows) < MANY_STOPS
        near = NeighbourhoodParams(num_neighbours=NEIGHBOURS) if short else NeighbourhoodParams()
        search = LocalSearch(data, chance, compute_neighbours(data, near))
        for operator in OPERATORS:
            if operator.supports(data):
                search.add_operator(operator(data))
        follow = (
            pyvrp.PenaltyParams(solutions_between_updates=ROUNDS_BETWEEN_UPDATES) if short else pyvrp.PenaltyParams()
        )
        first = self._penalties(data) if short else follow.midpoint_penalties(data)
        penalties = pyvrp.PenaltyManager(first, follow)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that some stops are hard to fit is no news
            start = search(pyvrp.Solution.make_random(data, chance), penalties.max_cost_evaluator(), exhaustive=True)
            return pyvrp.IteratedLocalSearch(data, penalties, search, start).run(over, collect_stats=False).best

    def routes(self, found: pyvrp.Solution) -> Routes:
        """What each crew does; crews that are alike are taken in turn."""
        answer: Routes = [[] for _ in self.problem.crews]
        free = [list(kind) for kind in self.problem.alike]
        for route in found.routes():
            crew = free[route.vehicle_type()].pop(0)
            answer[crew] = [self.row_of_client[step.idx] for step in route if step.is_client()]
        return answer

    def data(self, *, musts: bool) -> pyvrp.ProblemData:
        clients, groups = self._clients(musts=musts)
        places = [self.problem.stops[row].place for row in self.rows] + self.ends
        among = np.ix_(places, places)
        # A way that is none costs no distance: its duration already bars it.
        distance: Any = np.maximum(self.problem.distance[among], 0).astype(np.int64)
        np.fill_diagonal(distance, 0)
        duration = self.problem.duration[among].astype(np.int64)
        return pyvrp.ProblemData(
            locations=[pyvrp.Location(0, 0) for _ in places],
            clients=clients,
            depots=[pyvrp.Depot(len(self.rows) + at) for at in range(len(self.ends))],
            vehicle_types=[
                self._vehicle(kind, barred) for kind, barred in zip(self.problem.alike, self.barred, strict=True)
            ],
            distance_matrices=[distance] * len(self.profiles),
            duration_matrices=[self._duration(duration, barred) for barred in self.profiles],
            groups=groups,
        )

    def _clients(self, *, musts: bool) -> tuple[list[pyvrp.Client], list[pyvrp.ClientGroup]]:
        clients: list[pyvrp.Client] = []
        groups: list[pyvrp.ClientGroup] = []
        dear = out_price(self.problem)
        for at, row in enumerate(self.rows):
            stop, windows, must = self.problem.stops[row], self.windows(row), self.problem.must(row)
            required = must and musts
            prize = 0 if required else dear if must else stop.price or 0
            group = len(groups) if len(windows) > 1 else None
            if group is not None:
                members = list(range(len(clients), len(clients) + len(windows)))
                groups.append(pyvrp.ClientGroup(members, required=required))
            clients += [
                pyvrp.Client(
                    at,
                    delivery=[stop.load] if self._loads() else [],
                    service_duration=stop.service,
                    tw_early=opens,
                    tw_late=closes,
                    prize=prize,
                    required=required and group is None,
                    group=group,
                )
                for opens, closes in windows
            ]
        return clients, groups

    def _loads(self) -> bool:
        return any(crew.capacity is not None for crew in self.problem.crews)

    def _vehicle(self, kind: Sequence[int], barred: frozenset[int]) -> pyvrp.VehicleType:
        crew = self.problem.crews[kind[0]]
        everything = sum(stop.load for stop in self.problem.stops)
        begins, ends = (moment - self.zero for moment in crew.shift)
        return pyvrp.VehicleType(
            num_available=len(kind),
            capacity=[everything if crew.capacity is None else crew.capacity] if self._loads() else [],
            start_depot=self.ends.index(crew.start),
            end_depot=self.ends.index(crew.end),
            fixed_cost=crew.fixed_cost,
            tw_early=begins,
            tw_late=ends,
            shift_duration=ends - begins if crew.longest is None else crew.longest,
            unit_distance_cost=self.problem.distance_cost,
            unit_duration_cost=self.problem.duration_cost,
            profile=self.profiles.index(barred),
        )

    def _penalties(self, data: pyvrp.ProblemData) -> tuple[list[float], float, float]:
        """What a unit of load too much, of lateness and of distance too much costs the search at first."""
        far = self.problem.distance_cost * float(data.distance_matrix(0).mean())
        long = max(1.0, float(np.maximum(self.problem.duration, 0).mean()))
        loads = [float(client.delivery[0]) for client in data.clients()] if self._loads() else []
        heavy = [TIME_PENALTY * far / max(1.0, float(np.mean(loads)))] if loads else []
        return heavy, TIME_PENALTY * (far / long + self.problem.duration_cost), 1.0

    def _duration(self, duration: Ints, barred: frozenset[int]) -> Any:
        """Durations for crews that may not go to some stops: longer than any shift."""
        never = self.last - self.zero + 1
        duration = np.where(duration == NO_WAY, never, duration)
        duration[:, sorted(barred)] = never
        np.fill_diagonal(duration, 0)
        return duration
