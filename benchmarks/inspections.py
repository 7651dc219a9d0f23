"""A month of inspections on days with crews: officer-days against the proved bound, beside a plain CP-SAT model.

The peer is the model that one writes first: visits × crews × days in CP-SAT, officers in crews, with our greedy
calendar as its hint, about the same CPU seconds; and the same model as a repair of two days at a time, again and again.
It is asked less than we are: a day's way is taken as the way to the farthest place and back and half the way to the
nearest neighbour at each stop, hours and conflicts are left out.

A calendar under way is planned again after one event, at the beginning, in the middle and towards its end.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Collection
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
from ortools.sat.python import cp_model

from benchmarks.inspected import NETWORKS, month
from benchmarks.report import Row, print_table
from dispatch.inspections.days import LONGEST_MIN
from dispatch.inspections.faults import faults
from dispatch.inspections.planning import plan
from dispatch.inspections.programme import Programme
from dispatch.inspections.replanning import replan
from dispatch.inspections.standing import Standing
from dispatch.records.inspection import LARGEST_CREW, SMALLEST_CREW, Calendar, Call, CrewDay, Visit

TOWN = (200, 30, 1, 1)
COUNTY = (5_000, 750, 25, 1)
SHORT_S, LONG_S, COUNTY_S = 30.0, 300.0, 300.0
SHORT_GAP, LONG_GAP, COUNTY_GAP = 0.10, 0.05, 0.15
COUNTY_MB, COUNTY_WALL_S = 1_000, 600
REPAIR_S = 2.0
EVENTS, AGAIN_S, MOVED = 24, 2.0, 0.05
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
        _repair_peer(programme, "  the same; CP-SAT repairing two days at a time", SHORT_S),
        *(_on_streets(name, file) for name, file in NETWORKS.items() if file.is_file()),
        _again(programme),
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


def _repair_peer(programme: Programme, claim: str, seconds: float) -> Row:
    greedy, _ = planned(programme, 0.01)
    start = time.process_time()
    found = repaired(programme, greedy, seconds)
    spent = time.process_time() - start
    return Row(
        claim,
        f"greedy {greedy.officer_days} officer-days",
        f"CP-SAT {spent:.1f} CPU-s",
        f"{found} officer-days",
        "(for comparison)",
        True,
    )


def repaired(programme: Programme, greedy: Calendar, seconds: float) -> int:
    """Officer-days after two days at a time were made anew by the plain model, their visits free to change the day."""
    rng, left, now = np.random.default_rng(SEED), seconds, greedy
    while left > 0:
        days = sorted(rng.choice(len(programme.days), 2, replace=False).tolist())
        two = tuple(programme.days[at] for at in days)
        inside = replace(now, crews=tuple(crew for crew in now.crews if crew.day in two))
        if inside.crews:
            found = _repair(replace(programme, days=two), inside, REPAIR_S)
            now = replace(now, crews=(*(crew for crew in now.crews if crew.day not in two), *found))
        left -= REPAIR_S
    return now.officer_days


def _repair(two: Programme, inside: Calendar, seconds: float) -> tuple[CrewDay, ...]:
    visits, own, there_and_back = _measured(two, inside)
    solver, crews, made = _model(two, visits, own, there_and_back, inside, seconds)
    if solver is None:
        return inside.crews
    of: dict[tuple[date, int], list[Call]] = {}
    for at, visit in enumerate(visits):
        day, j = next(where for where, here in made[at].items() if solver.boolean_value(here))
        of.setdefault((day, j), []).append(Call(visit, 0, visit.minutes))
    return tuple(
        CrewDay(
            f"{day}-{j}",
            day,
            two.towns[0],
            tuple(who.id for who, var in zip(two.inspectors, crews[day, j], strict=True) if solver.boolean_value(var)),
            tuple(calls),
        )
        for (day, j), calls in of.items()
    )


def _on_streets(name: str, file: Path) -> Row:
    programme = month(*TOWN, streets=file)
    return _one(programme, f"the same size on the streets of {name}, {len(programme.items)} items", SHORT_S, SHORT_GAP)


def _again(programme: Programme) -> Row:
    """One event at a time on a calendar under way: a closed shop, and an officer who is ill for three days."""
    calendar, _ = planned(programme, SHORT_S)
    rng, spent, shares = np.random.default_rng(SEED), [], []
    for at in range(EVENTS):
        asked, ahead, standing = _event(programme, calendar, rng, ill=at % 2 == 1)
        start = time.process_time()
        change = replan(asked, ahead, standing)
        spent.append(time.process_time() - start)
        assert faults(asked, change) == []
        shares.append(_elsewhere(ahead, change) / sum(len(crew.calls) for crew in ahead.crews))
    within = sum(share <= MOVED for share in shares)
    return Row(
        f"planned again after one event, {EVENTS} events from the first day to the last but five",
        f"slowest {max(spent):.2f} CPU-s; moved {np.mean(shares):.1%} of the unstarted visits on average, at most "
        f"{max(shares):.1%}, in {within} of {EVENTS} no more than {MOVED:.0%}",
        "",
        f"{max(spent):.2f} CPU-s, {np.mean(shares):.1%}",
        f"<= {AGAIN_S:.0f} s, <= {MOVED:.0%} moved",
        max(spent) <= AGAIN_S and float(np.mean(shares)) <= MOVED,
    )


def _elsewhere(before: Calendar, after: Calendar) -> int:
    """How many shops see anybody on another day or at another hour, or nobody."""
    now = _hours(after)
    return sum(now.get(visit) != hour for visit, hour in _hours(before).items())


def _hours(calendar: Calendar) -> dict[str, tuple[date, int]]:
    return {call.visit.id: (crew.day, call.arrive) for crew in calendar.crews for call in crew.calls}


def _event(
    programme: Programme, calendar: Calendar, rng: np.random.Generator, *, ill: bool
) -> tuple[Programme, Calendar, Standing]:
    """A closed shop at some hour, or somebody ill from tomorrow on: what is asked, what is ahead, and when."""
    crew = calendar.crews[rng.integers(sum(one.day <= programme.days[-6] for one in calendar.crews))]
    knocked = crew.calls[rng.integers(len(crew.calls))]
    tomorrow = min(day for day in programme.days if day > crew.day)
    if ill:
        asked, ahead = _from(tomorrow, programme, calendar, ())
        days = frozenset(asked.days[:3])
        patient = next(one for one in ahead.crews if one.day in days).officers[0]
        staff = tuple(replace(who, away=who.away | days) if who.id == patient else who for who in asked.inspectors)
        return replace(asked, inspectors=staff), ahead, Standing(tomorrow)
    out = [
        one for one in calendar.crews if one.day == crew.day and (one is crew or one.calls[0].arrive < knocked.arrive)
    ]
    asked, ahead = _from(crew.day, programme, calendar, out)
    closed = frozenset(knocked.visit.items)
    again = [replace(item, earliest=tomorrow) for item in programme.items if item.id in closed]
    return replace(asked, items=(*asked.items, *again)), ahead, Standing(crew.day, knocked.arrive)


def _from(
    today: date, programme: Programme, calendar: Calendar, out: Collection[CrewDay]
) -> tuple[Programme, Calendar]:
    """What is due and planned from a day on, without the crews that are out on it already."""
    begun = {crew.id for crew in out}
    ahead = tuple(crew for crew in calendar.crews if crew.day >= today and crew.id not in begun)
    due = {item for crew in ahead for call in crew.calls for item in call.visit.items}
    busy = {who for crew in out for who in crew.officers}
    return (
        replace(
            programme,
            items=tuple(item for item in programme.items if item.id in due),
            inspectors=tuple(
                replace(who, away=who.away | {today}) if who.id in busy else who for who in programme.inspectors
            ),
            days=tuple(day for day in programme.days if day >= today),
        ),
        Calendar(ahead),
    )


def plain_model(programme: Programme, greedy: Calendar, seconds: float) -> tuple[int, int]:
    """Officer-days that the plain model finds for one town, 0 for none, and its bound."""
    visits, own, there_and_back = _measured(programme, greedy)
    solver, _, _ = _model(programme, visits, own, there_and_back, greedy, seconds)
    return (round(solver.objective_value), round(solver.best_objective_bound)) if solver else (0, 0)


def _measured(programme: Programme, calendar: Calendar) -> tuple[list[Visit], list[int], list[int]]:
    """The visits, the minutes each takes of a day, and the way to it and back."""
    visits = sorted((call.visit for crew in calendar.crews for call in crew.calls), key=lambda visit: visit.id)
    places = {place.id: place for place in programme.premises}
    base = programme.base(programme.towns[0])
    stops = [places[visit.premises] for visit in visits]
    ways = programme.ways.minutes([*(p.lon for p in stops), base[0]], [*(p.lat for p in stops), base[1]])
    between = ways[:-1, :-1] + np.where(np.eye(len(visits)), np.inf, 0)
    own = [
        visit.minutes + int(min(way, 1e3) / 2)
        for visit, way in zip(visits, between.min(axis=1, initial=1e3), strict=True)
    ]
    return visits, own, np.floor(ways[-1, :-1] + ways[:-1, -1]).astype(int).tolist()


Where = tuple[date, int]


def _model(
    programme: Programme, visits: list[Visit], own: list[int], away: list[int], greedy: Calendar, seconds: float
) -> tuple[cp_model.CpSolver | None, dict[Where, list[cp_model.IntVar]], list[dict[Where, cp_model.IntVar]]]:
    """The solver with its answer, None without one; who is in which crew; which crew makes which visit."""
    model = cp_model.CpModel()
    crews = max(sum(crew.day == day for crew in greedy.crews) for day in programme.days)
    made: list[dict[Where, cp_model.IntVar]] = [{} for _ in visits]
    teams: dict[Where, list[cp_model.IntVar]] = {}
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
                made[at][day, j] = here
            model.add(sum(inside) + farthest <= LONGEST_MIN)
            goes.append(crew)
            teams[day, j] = crew
            officer_days.append(sum(crew))
        for same in zip(*goes, strict=True):
            model.add_at_most_one(same)
    for one in made:
        model.add_exactly_one(one.values())
    model.minimize(sum(officer_days))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.max_deterministic_time = seconds
    solver.parameters.max_time_in_seconds = 10 * seconds
    status = solver.solve(model)
    return solver if status in (cp_model.OPTIMAL, cp_model.FEASIBLE) else None, teams, made


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
