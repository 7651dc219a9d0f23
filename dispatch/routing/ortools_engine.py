"""Routes by OR-Tools, for what PyVRP does not know: breaks, locked positions, stops that belong together.

It begins from routes that already keep every rule and is asked to make them cheaper; alone it is the weaker of the two.

References
----------
Perron and Furnon, *OR-Tools*, Google; its guided local search follows Voudouris and Tsang (1999).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from ortools.constraint_solver import pywrapcp, routing_enums_pb2

from dispatch.routing.budget import Budget
from dispatch.routing.insertion import Routes
from dispatch.routing.problem import NO_WAY, RoutingProblem, out_price

A_DAY_S = 86_400
TIME, POSITION = "time", "position"


@dataclass(frozen=True, slots=True)
class Better:
    """What was found: the routes, and ``(crew, moment)`` of every visited stop that is in a pair."""

    routes: Routes
    begins: dict[int, tuple[int, int]]


def improved(
    problem: RoutingProblem, rows: Sequence[int], start: Routes, budget: Budget, until: float
) -> Better | None:
    """Cheaper routes than ``start``, up to a share of the budget; None when it cannot begin from there."""
    if not rows or not problem.crews or budget.spent() >= until:
        return None
    return _Search(problem, rows).from_routes(start, budget, until)


class _Search:
    """The problem in OR-Tools' words: a node for each stop, then one for each place where crews start or end."""

    def __init__(self, problem: RoutingProblem, rows: Sequence[int]) -> None:
        self.problem, self.rows = problem, list(rows)
        self.zero = min(crew.shift[0] for crew in problem.crews)
        self.hours = max(crew.shift[1] for crew in problem.crews) - self.zero
        ends = sorted({place for crew in problem.crews for place in (crew.start, crew.end)})
        self.places = [problem.stops[row].place for row in self.rows] + ends
        at = {place: len(self.rows) + k for k, place in enumerate(ends)}
        self.manager = pywrapcp.RoutingIndexManager(
            len(self.places),
            len(problem.crews),
            [at[crew.start] for crew in problem.crews],
            [at[crew.end] for crew in problem.crews],
        )
        self.routing = pywrapcp.RoutingModel(self.manager)
        self.index = {row: self.manager.NodeToIndex(node) for node, row in enumerate(self.rows)}
        self.solver: Any = self.routing.solver()
        every_stop_once_or_left_out_at_its_price(self)
        only_crews_that_may_go(self)
        every_way_costs_its_distance(self)
        begin_inside_a_window(self)
        home_before_the_shift_ends(self)
        crews_take_their_breaks(self)
        load_within_capacity(self)
        locked_stops_keep_their_order(self)
        pairs_begin_together(self)

    @property
    def time(self) -> Any:
        return self.routing.GetDimensionOrDie(TIME)

    def matrix(self, value: Callable[[int, int], int]) -> list[list[int]]:
        """A number for each pair of nodes."""
        return [[value(i, j) for j in range(len(self.places))] for i in range(len(self.places))]

    def from_routes(self, start: Routes, budget: Budget, until: float) -> Better | None:
        restoring, searching = False, False

        def at_solution() -> None:
            nonlocal searching
            searching = restoring

        def over() -> bool:
            # Also asked while the first routes are read and restored. Stopped there, OR-Tools would lose them and build
            # new ones, which nothing ends.
            return searching and budget.round() >= until

        parameters = pywrapcp.DefaultRoutingSearchParameters()
        parameters.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
        parameters.time_limit.FromSeconds(A_DAY_S)  # wall time: only there because the library asks for one
        self.routing.AddAtSolutionCallback(at_solution)
        self.routing.AddSearchMonitor(self.solver.CustomLimit(over))
        self.routing.CloseModelWithParameters(parameters)
        first = self.routing.ReadAssignmentFromRoutes([[self.index[row] for row in stops] for stops in start], True)
        if first is None or budget.spent() >= until:
            return None
        restoring = True
        found = self.routing.SolveFromAssignmentWithParameters(first, parameters)
        return None if found is None else self._read(found)

    def _read(self, found: Any) -> Better:
        row_of = {index: row for row, index in self.index.items()}
        paired = self.problem.paired
        routes: Routes = []
        begins: dict[int, tuple[int, int]] = {}
        for crew in range(len(self.problem.crews)):
            stops = []
            index = found.Value(self.routing.NextVar(self.routing.Start(crew)))
            while not self.routing.IsEnd(index):
                row = row_of[index]
                stops.append(row)
                if row in paired:
                    begins[row] = (crew, found.Min(self.time.CumulVar(index)) + self.zero)
                index = found.Value(self.routing.NextVar(index))
            routes.append(stops)
        return Better(routes, begins)


def every_stop_once_or_left_out_at_its_price(search: _Search) -> None:
    """A must that nobody visits costs more than any plan, so that all that fit are visited."""
    dear = out_price(search.problem)
    for row, index in search.index.items():
        price = dear if search.problem.must(row) else search.problem.stops[row].price or 0
        search.routing.AddDisjunction([index], price)


def only_crews_that_may_go(search: _Search) -> None:
    for row, index in search.index.items():
        able = [crew for crew in range(len(search.problem.crews)) if search.problem.takes(row, crew)]
        search.routing.VehicleVar(index).SetValues([-1, *able])


def every_way_costs_its_distance(search: _Search) -> None:
    problem, places = search.problem, search.places
    # A way that is none is barred by its duration.
    paid = search.matrix(lambda i, j: problem.distance_cost * max(0, int(problem.distance[places[i], places[j]])))
    search.routing.SetArcCostEvaluatorOfAllVehicles(search.routing.RegisterTransitMatrix(paid))
    for number, crew in enumerate(problem.crews):
        search.routing.SetFixedCostOfVehicle(crew.fixed_cost, number)


def begin_inside_a_window(search: _Search) -> None:
    problem, places, never = search.problem, search.places, search.hours + 1

    def takes(i: int, j: int) -> int:
        drive = int(problem.duration[places[i], places[j]])
        return (problem.stops[search.rows[i]].service if i < len(search.rows) else 0) + (
            never if drive == NO_WAY else drive
        )

    travel = search.routing.RegisterTransitMatrix(search.matrix(takes))
    search.routing.AddDimension(travel, search.hours, search.hours, False, TIME)
    for row, index in search.index.items():
        moment = search.time.CumulVar(index)
        windows = [(opens - search.zero, closes - search.zero) for opens, closes in problem.windows(row)]
        moment.SetRange(max(0, windows[0][0]), min(search.hours, windows[-1][1]))
        for (_, closes), (opens, _) in pairwise(windows):
            if closes + 1 <= opens - 1:
                moment.RemoveInterval(closes + 1, opens - 1)


def home_before_the_shift_ends(search: _Search) -> None:
    for number, crew in enumerate(search.problem.crews):
        begins, ends = (moment - search.zero for moment in crew.shift)
        for index in (search.routing.Start(number), search.routing.End(number)):
            search.time.CumulVar(index).SetRange(begins, ends)
        if crew.longest is not None:
            search.time.SetSpanUpperBoundForVehicle(crew.longest, number)
        if search.problem.duration_cost:
            search.time.SetSpanCostCoefficientForVehicle(search.problem.duration_cost, number)


def crews_take_their_breaks(search: _Search) -> None:
    """A break may interrupt a drive, never a service: OR-Tools is told how long each service is."""
    service = [0] * search.routing.Size()
    for row, index in search.index.items():
        service[index] = search.problem.stops[row].service
    for number, crew in enumerate(search.problem.crews):
        rests = [
            search.solver.FixedDurationIntervalVar(
                rest.earliest - search.zero, rest.latest - search.zero, rest.length, False, f"{crew.id} {k}"
            )
            for k, rest in enumerate(crew.breaks)
        ]
        if rests:
            search.time.SetBreakIntervalsOfVehicle(rests, number, service)


def load_within_capacity(search: _Search) -> None:
    problem = search.problem
    if all(crew.capacity is None for crew in problem.crews):
        return
    loads = [problem.stops[row].load for row in search.rows]
    loads += [0] * (len(search.places) - len(loads))
    everything = sum(loads)
    room = [everything if crew.capacity is None else min(crew.capacity, everything) for crew in problem.crews]
    taken = search.routing.RegisterTransitMatrix(search.matrix(lambda i, _: loads[i]))
    search.routing.AddDimensionWithVehicleCapacity(taken, 0, room, True, "load")


def locked_stops_keep_their_order(search: _Search) -> None:
    locks = {row: lock for row, lock in search.problem.lock_of.items() if row in search.index}
    if not any(lock.position is not None or lock.before for lock in locks.values()):
        return
    most = len(search.rows) + 1
    search.routing.AddConstantDimension(1, most, True, POSITION)
    position = search.routing.GetDimensionOrDie(POSITION)
    for row, lock in locks.items():
        index = search.index[row]
        here = position.CumulVar(index)
        if lock.position is not None:
            here.SetValue(lock.position + 1)
        for later in (search.problem.rows[stop] for stop in lock.before):
            if later in search.index:
                other = search.index[later]
                same = search.solver.IsEqualVar(search.routing.VehicleVar(index), search.routing.VehicleVar(other))
                search.solver.Add(here + 1 <= position.CumulVar(other) + (1 - same) * (most + 1))


def pairs_begin_together(search: _Search) -> None:
    """Both or neither; by different crews; at most so far apart."""
    for pair in search.problem.together:
        rows = search.problem.rows[pair.first], search.problem.rows[pair.second]
        if not set(rows) <= search.index.keys():
            continue
        first, second = (search.index[row] for row in rows)
        search.solver.Add(search.routing.ActiveVar(first) == search.routing.ActiveVar(second))
        crews = [search.routing.VehicleVar(index) for index in (first, second)]
        search.solver.Add(search.solver.IsDifferentVar(*crews) >= search.routing.ActiveVar(first))
        moments = [search.time.CumulVar(index) for index in (first, second)]
        search.solver.Add(moments[0] <= moments[1] + pair.within)
        search.solver.Add(moments[1] <= moments[0] + pair.within)
