"""A month of inspections on days with crews: officer-days against the proved bound, beside a plain CP-SAT model.

The peer is the model that one writes first: visits × crews × days in CP-SAT, officers in crews, with our greedy
calendar as its hint, about the same CPU seconds. It is asked less than we are: a day's way is taken as the way to the
farthest place and back and half the way to the nearest neighbour at each stop, hours and conflicts are left out.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from ortools.sat.python import cp_model

from benchmarks.inspected import month
from benchmarks.report import Row, print_table
from dispatch.inspections.days import LONGEST_MIN
from dispatch.inspections.faults import faults
from dispatch.inspections.planning import Programme, plan
from dispatch.records.inspection import LARGEST_CREW, SMALLEST_CREW, Calendar, Visit

TOWN = (200, 30, 1, 1)
COUNTY = (5_000, 750, 25, 1)
SHORT_S, LONG_S, COUNTY_S = 30.0, 300.0, 300.0
SHORT_GAP, LONG_GAP, COUNTY_GAP = 0.10, 0.05, 0.15
COUNTY_MB, COUNTY_WALL_S = 1_000, 600
SEED = 1


def rows() -> list[Row]:
    """Measure now."""
    programme = month(*TOWN)
    plan(programme, 0.5, SEED)  # compiles, or loads what was compiled
    size = f"{TOWN[0]} premises, {len(programme.items)} items, 20 days, {TOWN[1]} officers"
    return [
        _one(programme, f"a month planned: {size}", SHORT_S, SHORT_GAP),
        _one(programme, "  the same, five minutes", LONG_S, LONG_GAP),
        _peer(programme, "  the same; plain CP-SAT", SHORT_S),
        _county(),
    ]


def planned(programme: Programme, seconds: float, workers: int = 1) -> tuple[Calendar, float]:
    """A calendar without a fault, and the CPU seconds it took."""
    start = time.process_time()
    calendar = plan(programme, seconds, SEED, workers)
    spent = time.process_time() - start
    assert faults(programme, calendar) == []
    return calendar, spent


def _one(programme: Programme, claim: str, seconds: float, goal: float) -> Row:
    calendar, spent = planned(programme, seconds)
    gap = calendar.officer_days / calendar.bound - 1
    measured = f"{spent:.1f} CPU-s, {calendar.officer_days} officer-days, bound {calendar.bound}"
    return Row(
        claim,
        f"{measured}, {len(calendar.undone)} undone",
        "",
        f"{gap:.1%} above the bound",
        f"<= {goal:.0%} in {seconds:.0f} CPU-s, 0 undone",
        gap <= goal and spent <= 1.05 * seconds and not calendar.undone,
    )


def _peer(programme: Programme, claim: str, seconds: float) -> Row:
    greedy, _ = planned(programme, 0.01)
    start = time.process_time()
    found, proved = plain_model(programme, greedy, seconds)
    spent = time.process_time() - start
    officer_days = f"{found} officer-days" if found else "nothing found"
    return Row(
        claim,
        f"greedy {greedy.officer_days} officer-days",
        f"CP-SAT {spent:.1f} CPU-s, {officer_days}, its own bound {proved}",
        officer_days,
        "(for comparison)",
        True,
    )


def plain_model(programme: Programme, greedy: Calendar, seconds: float) -> tuple[int, int]:
    """Officer-days that the plain model finds for one town, 0 for none, and its bound."""
    visits = sorted((call.visit for crew in greedy.crews for call in crew.calls), key=lambda visit: visit.id)
    places = {place.id: place for place in programme.premises}
    base = programme.base(programme.towns[0])
    stops = [places[visit.premises] for visit in visits]
    ways = programme.ways.minutes([*(p.lon for p in stops), base[0]], [*(p.lat for p in stops), base[1]])
    between = ways[:-1, :-1] + np.where(np.eye(len(visits)), np.inf, 0)
    own = [visit.minutes + int(way / 2) for visit, way in zip(visits, between.min(axis=1), strict=True)]
    there_and_back = np.floor(ways[-1, :-1] + ways[:-1, -1]).astype(int).tolist()
    return _solved(programme, visits, own, there_and_back, greedy, seconds)


def _solved(
    programme: Programme, visits: list[Visit], own: list[int], away: list[int], greedy: Calendar, seconds: float
) -> tuple[int, int]:
    model = cp_model.CpModel()
    crews = max(sum(crew.day == day for crew in greedy.crews) for day in programme.days)
    made: list[list[cp_model.IntVar]] = [[] for _ in visits]
    officer_days = []
    for day in programme.days:
        of_greedy = sorted((crew for crew in greedy.crews if crew.day == day), key=lambda crew: crew.id)
        goes = []
        for j in range(crews):
            hint = of_greedy[j] if j < len(of_greedy) else None
            crew = [model.new_bool_var("") for _ in programme.inspectors]
            used, farthest = model.new_bool_var(""), model.new_int_var(0, LONGEST_MIN, "")
            model.add(sum(crew) >= SMALLEST_CREW).only_enforce_if(used)
            model.add(sum(crew) <= LARGEST_CREW * used)
            for who, inspector in zip(crew, programme.inspectors, strict=True):
                model.add_hint(who, hint is not None and inspector.id in hint.officers)
            inside = []
            for at, visit in enumerate(visits):
                if not visit.first <= day <= visit.last:
                    continue
                here = model.new_bool_var("")
                model.add_implication(here, used)
                model.add(farthest >= away[at]).only_enforce_if(here)
                for kind in visit.needs:
                    able = [w for w, i in zip(crew, programme.inspectors, strict=True) if kind in i.certificates]
                    model.add_bool_or([*able, here.negated()])
                model.add_hint(here, hint is not None and any(call.visit.id == visit.id for call in hint.calls))
                inside.append(own[at] * here)
                made[at].append(here)
            model.add(sum(inside) + farthest <= LONGEST_MIN)
            goes.append(crew)
            officer_days.append(sum(crew))
        for same in zip(*goes, strict=True):
            model.add_at_most_one(same)
    for one in made:
        model.add_exactly_one(one)
    model.minimize(sum(officer_days))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.max_deterministic_time = seconds
    solver.parameters.max_time_in_seconds = 10 * seconds
    status = solver.solve(model)
    found = status in (cp_model.OPTIMAL, cp_model.FEASIBLE)
    return round(solver.objective_value) if found else 0, round(solver.best_objective_bound)


def _county() -> Row:
    """The big one in a process of its own, whose memory is its own."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.inspections", "county"],
        cwd=Path(__file__).resolve().parents[1], capture_output=True, text=True, check=True,
    )  # fmt: skip
    found = json.loads(done.stdout.splitlines()[-1])
    gap = found["officer_days"] / found["bound"] - 1
    return Row(
        f"{COUNTY[0]:,} premises, {found['items']:,} items, {COUNTY[2]} towns, {COUNTY[1]} officers, 2 cores",
        f"{found['cpu_s']:.0f} CPU-s, {found['wall_s']:.0f} s of waiting, {found['mb']:.0f} MB, "
        f"{found['officer_days']:,} officer-days, bound {found['bound']:,}, {found['undone']} undone",
        "",
        f"{gap:.1%} above the bound",
        f"<= {COUNTY_GAP:.0%} in {COUNTY_WALL_S} s on 2 free cores, <= {COUNTY_MB:,} MB, 0 undone",
        gap <= COUNTY_GAP and found["mb"] <= COUNTY_MB and found["cpu_s"] <= 2 * COUNTY_WALL_S and not found["undone"],
    )


def county() -> dict[str, float]:
    """Plan the big one here; what it took."""
    programme = month(*COUNTY)
    start = time.perf_counter()
    calendar, spent = planned(programme, COUNTY_S, workers=2)
    return {
        "items": len(programme.items),
        "cpu_s": spent,
        "wall_s": time.perf_counter() - start,
        "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "officer_days": calendar.officer_days,
        "bound": calendar.bound,
        "undone": len(calendar.undone),
    }


if __name__ == "__main__":
    if sys.argv[1:] == ["county"]:
        print(json.dumps(county()))
    else:
        print_table(rows())
