"""Whose turn it is: officers dealt to the crews' days so that the days fall evenly, with as many officers as before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ortools.sat.python import cp_model

from dispatch.inspections.days import Slot, TownWork


def dealt_evenly(work: TownWork, slots: Sequence[Slot], effort: float) -> tuple[Slot, ...]:
    """The same days with officers exchanged; certificates, conflicts and one crew a day are kept.

    Parameters
    ----------
    effort
        Deterministic time of CP-SAT, about seconds. What it finds is never less even than what was given.
    """
    if not slots:
        return ()
    model = cp_model.CpModel()
    officers = range(len(work.inspectors))
    goes = [[model.new_bool_var(f"{who} in {at}") for who in officers] for at in range(len(slots))]
    for slot, crew in zip(slots, goes, strict=True):
        model.add(sum(crew) == len(slot.officers))
        visits = [work.visits[visit] for visit in slot.route]
        for who, inspector in enumerate(work.inspectors):
            model.add_hint(crew[who], who in slot.officers)
            if not work.free[who, slot.day] or any(map(inspector.barred, visits)):
                model.add(crew[who] == 0)
        for kind in sorted(frozenset().union(*(visit.needs for visit in visits))):
            model.add_bool_or([crew[who] for who in officers if kind in work.inspectors[who].certificates])
    for day in {slot.day for slot in slots}:
        for who in officers:
            model.add_at_most_one(crew[who] for slot, crew in zip(slots, goes, strict=True) if slot.day == day)
    loads = [sum(crew[who] for crew in goes) for who in officers]
    most, least = model.new_int_var(0, len(slots), "most"), model.new_int_var(0, len(slots), "least")
    for load in loads:
        model.add(load <= most)
        model.add(load >= least)
    model.minimize(most - least)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.max_deterministic_time = effort
    if solver.solve(model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return tuple(slots)
    dealt = tuple(
        Slot(slot.day, tuple(who for who in officers if solver.boolean_value(crew[who])), slot.route)
        for slot, crew in zip(slots, goes, strict=True)
    )
    return min(dealt, tuple(slots), key=lambda one: _spread(one, officers))  # a hint is no promise


def _spread(slots: Sequence[Slot], officers: Sequence[int]) -> int:
    """Days by which who goes out most is ahead of who goes out least."""
    loads = Counter(who for slot in slots for who in slot.officers)
    return max(loads[who] for who in officers) - min(loads[who] for who in officers)
