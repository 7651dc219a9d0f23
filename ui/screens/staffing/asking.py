"""What every request to play has in common: which lawful plans there are, and what they shall meet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TypeVar

import streamlit as st

from scenarios.conditions import USUAL, Conditions, replayable
from simulation.sheets import Sheets
from ui.panel.component import panel, render
from ui.screens.staffing.looking import Look
from ui.screens.staffing.plans import title

Number = TypeVar("Number", int, float)


def lawful(look: Look) -> dict[str, Sheets]:
    """Plans that may be played, by name; without any, a hint says what to do."""
    kept = {name: look.sheets(name) for name in look.staffing.shelf.names()}
    found = {name: sheets for name, sheets in kept.items() if sheets and look.staffing.verdict(sheets).plan}
    if not found:
        panel(render("staffing/no_legal.html", w=look.tell.w), key="staffing-no-legal", theme=look.theme)
    return found


def titles(look: Look, plans: Mapping[str, Sheets]) -> dict[str, str]:
    """What plans are called, by name; two of the same title are told apart by their names."""
    told = {name: title(look, sheets) or name for name, sheets in plans.items()}
    many = Counter(told.values())
    return {name: said if many[said] == 1 else f"{said} · {name}" for name, said in told.items()}


def choice(look: Look, name: str, options: Sequence[str], otherwise: int = 0) -> int:
    """Where in the options what was asked last stands, while it does."""
    asked = look.looking.asked.get(name)
    return options.index(asked) if asked in options else otherwise


def number(
    look: Look,
    name: str,
    limits: tuple[Number, Number],
    otherwise: Number,
    step: Number | None = None,
    told: str | None = None,
) -> Number:
    """A number of the form, as it was asked last; ``name`` is also its word."""
    asked, label = look.looking.asked, look.tell.w(f"staffing.{name}")
    value: Number = st.number_input(label, *limits, asked.get(name, otherwise), step, help=told)
    asked[name] = value
    return value


def demand(look: Look, key: str) -> Conditions:
    """What is chosen of the place's own demand, forecasts that may be used, and tickets that come again."""
    w, choices, asked = look.tell.w, demands(look), look.looking.asked
    chosen = asked["demand"] = st.selectbox(
        w("staffing.demand"),
        list(choices),
        choice(look, "demand", list(choices)),
        format_func=lambda one: look.met(choices[one]) or w("staffing.demand_own"),
        help=w("staffing.demand_help"),
        key=key,
    )
    return choices[chosen or ""]


def demands(look: Look) -> dict[str, Conditions]:
    """What reports may come from: a history stands there as far as it can be used."""
    choices = {"": USUAL}
    for kept in look.experiments.conditions.histories.histories():
        if kept.verdict is not None and kept.verdict.may_forecast:
            choices[f"forecast:{kept.id}"] = Conditions(history=kept.id)
        if replayable(kept, look.centre.zone):
            choices[f"replayed:{kept.id}"] = Conditions(history=kept.id, replayed=True)
    return choices
