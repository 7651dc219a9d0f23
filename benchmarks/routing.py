"""Twelve published instances of routing with time windows, through the project's own interface, beside two peers.

Solomon's with 100 customers, and Gehring and Homberger's with 200 and 1,000. The peers get the same whole tenths and
the same CPU seconds in the same run: VROOM (pyvroom), and OR-Tools' routing library as its own guide uses it. VROOM
ends by itself; where that is early, it is asked again for a deeper search. A gap is the share by which a cost lies
above the best known one. The gap of every instance is printed as it is found.
"""

from __future__ import annotations

import csv
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import vroom
from ortools.constraint_solver import pywrapcp, routing_enums_pb2

from benchmarks.report import Row, print_table
from dispatch.routing.plan import faults
from dispatch.routing.problem import RoutingProblem
from dispatch.routing.solomon import cost_of, read_solomon
from dispatch.routing.solve import solve

FILES = Path(__file__).resolve().parents[2] / "shared" / "benchmarks" / "vrptw"
SEEDS = {100: (1, 2, 3), 200: (1,), 1000: (1,)}
SECONDS = {100: 5.0, 200: 10.0, 1000: 60.0}
GOALS = {100: 0.005, 200: None, 1000: 0.03}
DEEPEST = 5
FAR = 10**9


def rows() -> list[Row]:
    """Measure now; nothing where the instances are absent."""
    if not FILES.is_dir():
        return [Row("routing with time windows", "", "", "no ../shared/benchmarks/vrptw", "(not measured)", True)]
    with open(FILES / "best_known.csv", encoding="utf-8", newline="") as file:
        best = [(line["instance"], int(line["n"]), float(line["bks_cost"])) for line in csv.DictReader(file)]
    return [row for size in sorted(SECONDS) for row in _group(size, [(name, c) for name, n, c in best if n == size])]


def _group(size: int, known: list[tuple[str, float]]) -> list[Row]:
    seconds, goal, seeds = SECONDS[size], GOALS[size], SEEDS[size]
    gaps = {"ours": [], "vroom": [], "ortools": []}
    print(f"{size} customers, {seconds:g} CPU-s: gap of each of our seeds {seeds}; VROOM; OR-Tools")
    for name, cost in known:
        problem = read_solomon(FILES / f"{name}.txt").problem()
        ours = [ours_gap(problem, seconds, seed, cost) for seed in seeds]
        peers = [peer(problem, seconds) / (10 * cost) - 1 for peer in (by_vroom, by_ortools)]
        for who, gap in zip(gaps, (float(np.mean(ours)), *peers), strict=True):
            gaps[who].append(gap)
        print(f"  {name:9} {' '.join(f'{gap:7.2%}' for gap in ours)}; {peers[0]:.2%}; {peers[1]:.2%}", flush=True)
    mean = {who: float(np.mean(found)) for who, found in gaps.items()}
    claim = f"{len(known)} instances of {size:,} customers, {seconds:g} CPU-s each, mean gap of {len(seeds)} seed(s)"
    met = goal is None or mean["ours"] <= goal
    wanted = "(for comparison)" if goal is None else f"<= {goal:.1%}"
    return [
        Row(claim, f"{mean['ours']:.2%}", f"VROOM {mean['vroom']:.2%}", f"{mean['ours']:.2%}", wanted, met),
        Row(
            "  the same; OR-Tools",
            f"{mean['ours']:.2%}",
            f"OR-Tools {mean['ortools']:.2%}",
            "",
            "(for comparison)",
            True,
        ),
    ]


def ours_gap(problem: RoutingProblem, seconds: float, seed: int, best: float) -> float:
    """The gap of our plan, which is checked."""
    began = time.process_time()
    plan = solve(problem, seconds=seconds, seed=seed)
    assert time.process_time() - began <= 1.1 * seconds + 0.5
    assert faults(problem, plan) == []
    return cost_of(plan) / best - 1


def by_vroom(problem: RoutingProblem, seconds: float) -> float:
    """VROOM's total distance, searching as deeply as the seconds allow."""
    found, spent = FAR, 0.0
    for depth in range(1, DEEPEST + 1):
        asked = vroom.Input()
        asked.set_durations_matrix("car", problem.duration.astype(np.uint32))
        asked.set_costs_matrix("car", problem.distance.astype(np.uint32))
        for number, crew in enumerate(problem.crews):
            window = vroom.TimeWindow(*crew.shift)
            asked.add_vehicle(vroom.Vehicle(number, 0, 0, capacity=[crew.capacity], time_window=window))
        for stop in problem.stops:
            windows = [vroom.TimeWindow(*window) for window in stop.windows]
            load = vroom.Amount([stop.load])
            asked.add_job(
                vroom.Job(stop.place, stop.place, default_service=stop.service, delivery=load, time_windows=windows)
            )
        took, answer = cpu_seconds(lambda asked=asked, depth=depth: asked.solve(exploration_level=depth, nb_threads=1))
        if answer.summary.unassigned == 0:
            found = min(found, answer.summary.cost)
        spent += took
        if spent + 2 * took > seconds:
            break
    return float(found)


def by_ortools(problem: RoutingProblem, seconds: float) -> float:
    """OR-Tools' total distance: cheapest insertion, then guided local search until the CPU seconds are over."""
    began = time.process_time()
    manager = pywrapcp.RoutingIndexManager(len(problem.distance), len(problem.crews), 0)
    routing = pywrapcp.RoutingModel(manager)
    service = [0, *(stop.service for stop in problem.stops)]
    takes = (problem.duration + np.array(service)[:, None]).tolist()
    routing.SetArcCostEvaluatorOfAllVehicles(routing.RegisterTransitMatrix(problem.distance.tolist()))
    last = problem.crews[0].shift[1]
    routing.AddDimension(routing.RegisterTransitMatrix(takes), last, last, False, "time")
    loads = [[load] * len(problem.distance) for load in (0, *(stop.load for stop in problem.stops))]
    routing.AddDimension(routing.RegisterTransitMatrix(loads), 0, problem.crews[0].capacity or 0, True, "load")
    moment = routing.GetDimensionOrDie("time")
    for stop in problem.stops:
        moment.CumulVar(manager.NodeToIndex(stop.place)).SetRange(stop.windows[0][0], min(last, stop.windows[0][1]))
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    parameters.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    parameters.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    parameters.time_limit.FromSeconds(100 * int(seconds))  # wall time; the CPU time below ends it
    routing.AddSearchMonitor(routing.solver().CustomLimit(lambda: time.process_time() - began >= seconds))
    found = routing.SolveWithParameters(parameters)
    return float(found.ObjectiveValue()) if found else float(FAR)


def cpu_seconds(deed: Callable[[], vroom.Solution]) -> tuple[float, vroom.Solution]:
    """The CPU time of one run, and what it gave."""
    began = time.process_time()
    answer = deed()
    return time.process_time() - began, answer


if __name__ == "__main__":
    print_table(rows())
