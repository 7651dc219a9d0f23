"""The best lists by type of town that officers' certificates and time allow, by CP-SAT."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from ortools.sat.python import cp_model

from dispatch.rulebook.listdesign import PAIR, Register

Floats = NDArray[np.float64]

PRECISE = 1_000
"""CP-SAT counts in whole numbers: thousandths of a mark."""
SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Terms:
    """What a list has to be worth and may cost.

    Attributes
    ----------
    price
        Marks that giving one power to one town has to be worth: hand-over, training, guidance. From 0 to 1.
    least_uses
        A year in a town of the type on average.
    pair_minutes
        Of one lawful pair in a year for new powers.
    """

    price: float
    least_uses: float
    pair_minutes: float


@dataclass(frozen=True, slots=True)
class Lists:
    """Codes of the powers on the list of each type of town; ``worth`` in marks above their price."""

    chosen: Mapping[str, tuple[str, ...]]
    worth: float
    proved: bool

    @property
    def codes(self) -> frozenset[str]:
        """What is on any list."""
        return frozenset(code for codes in self.chosen.values() for code in codes)


def best_lists(register: Register, scores: Floats, terms: Terms) -> Lists:
    """The lists with the most worth.

    A power goes to every town of a type or to none. Each of these towns has a lawful pair for its field, and the time
    of its pairs suffices for what is on the list; officers are counted for each field they are certified in.

    Parameters
    ----------
    scores
        Shape (powers, towns), as `listdesign.score` gives them.

    Raises
    ------
    RuntimeError
        When the solver ends without an answer, which it does not while empty lists are one.
    """
    model = cp_model.CpModel()
    marks: dict[tuple[int, str], cp_model.IntVar] = {}
    for row in range(len(register.rows)):
        for kind in register.kinds:
            if _may_be_given(register, row, kind, terms):
                marks[row, kind] = model.new_bool_var(f"{row} {kind}")
    _time_suffices(model, marks, register, terms)
    worth = sum(
        round(PRECISE * float((scores[row, register.of_type(kind)] - terms.price).sum())) * mark
        for (row, kind), mark in marks.items()
    )
    model.maximize(worth)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 1
    solver.parameters.max_deterministic_time = SECONDS
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        raise RuntimeError("no lists were found; report the register of this design.")
    chosen = {
        kind: tuple(
            register.rows[row].code for (row, of), mark in marks.items() if of == kind and solver.boolean_value(mark)
        )
        for kind in register.kinds
    }
    return Lists(chosen, solver.objective_value / PRECISE, status == cp_model.OPTIMAL)


def _may_be_given(register: Register, row: int, kind: str, terms: Terms) -> bool:
    """Whether it is used often enough and every town of the type has a lawful pair for it."""
    towns, one = register.of_type(kind), register.rows[row]
    used = float(register.uses[row, towns].mean())
    return used > 0 and used >= terms.least_uses and bool((register.officers(one.field)[towns] >= PAIR).all())


def _time_suffices(
    model: cp_model.CpModel, marks: Mapping[tuple[int, str], cp_model.IntVar], register: Register, terms: Terms
) -> None:
    fields = sorted({one.field for one in register.rows})
    for at, kind in enumerate(register.types):
        for field in fields:
            rows = [row for row, of in marks if of == kind and register.rows[row].field == field]
            minutes = [round(register.uses[row, at] * register.rows[row].minutes) for row in rows]
            has = int(register.officers(field)[at] // PAIR * terms.pair_minutes)
            model.add(sum(taken * marks[row, kind] for taken, row in zip(minutes, rows, strict=True)) <= has)
