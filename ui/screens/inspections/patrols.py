"""A town's patrol: cells and beats on the map with their coverage, rounds, findings, the plan and its proof."""

from __future__ import annotations

import streamlit as st

from dispatch.store import patrols
from ui.panel.component import panel, render
from ui.screens.inspections.looking import Look, again
from ui.screens.inspections.patrolcells import area_map, cell, cells
from ui.screens.inspections.patrolplans import plan
from ui.screens.inspections.patrolrounds import chosen_round, findings, rounds_of_day
from ui.screens.inspections.patrolview import Viewing, period
from ui.services import patrolling
from ui.services.patrolling import PatrolView
from ui.services.whose import patrol_in_sight

SIDES = ("today", "findings", "plan")


def show(look: Look) -> None:
    """Cells on the left, the town in the middle, the chosen cell or round, or today, on the right."""
    mine: Viewing = st.session_state.setdefault("patrols", Viewing())
    view = _choose(look, mine)
    left, middle, right = st.columns([4, 7, 4], gap="small")
    with left, st.container(key="inspections-left"):
        cells(look, mine, view)
    with middle:
        area_map(look, mine, view)
    with right, st.container(key="inspections-day-side"):
        if view is not None and mine.cell in view.cells:
            cell(look, mine, view)
        elif view is not None and view.known(mine.round, look.today):
            chosen_round(look, mine, view, view.rounds[mine.round])
        else:
            _side(look, mine, view)


def _towns(look: Look) -> list[str]:
    """Every town that this person sees, those with a patrol first."""
    every = [town for town in look.centre.scenario.areas.towns if patrol_in_sight(look.person, town)]
    with look.centre.casebook.reading() as connection:
        planned = {plan.town for plan in patrols.plans(connection)}
    return sorted(every, key=lambda town: (town not in planned, town))


def _choose(look: Look, mine: Viewing) -> PatrolView | None:
    """The town and its plan: the one of today unless another is chosen."""
    w, towns = look.tell.w, _towns(look)
    with st.container(key="inspections-choose", horizontal=True):
        here = towns.index(mine.town) if mine.town in towns else 0
        town = st.selectbox(
            w("inspections.towns"), towns, here, format_func=look.town, label_visibility="collapsed", key="patrols-town"
        )
        if town != mine.town:
            mine.town, mine.plan, mine.cell, mine.round = town or "", "", "", ""
        plans = {plan.id: plan for plan in patrolling.plans(look.centre, mine.town)}
        if not plans:
            return None
        usual = next(
            (each.id for each in plans.values() if each.days[0] <= look.today <= each.days[-1]), next(iter(plans))
        )
        order = list(plans)
        at = order.index(mine.plan if mine.plan in plans else usual)
        chosen = st.selectbox(
            w("patrols.period"),
            order,
            at,
            format_func=lambda each: period(look, plans[each]),
            label_visibility="collapsed",
            key=f"patrols-plan-{mine.town}",
        )
        if chosen != mine.plan:
            mine.plan, mine.cell, mine.round = str(chosen), "", ""
    return patrolling.views().of(look.centre, mine.plan, look.board.revision)


def _side(look: Look, mine: Viewing, view: PatrolView | None) -> None:
    w = look.tell.w
    if view is None:
        mine.side = "plan"
    sides = [(name, w(f"patrols.side_{name}"), name == mine.side) for name in SIDES]
    act = panel(render("inspections/patrol_side.html", w=w, sides=sides), key="patrol-side", theme=look.theme) or ""
    name, _, side = act.partition(":")
    if name == "side" and side in SIDES:
        mine.side = side
        again()
    if mine.side == "today" and view is not None:
        rounds_of_day(look, mine, view)
    elif mine.side == "findings" and view is not None:
        findings(look, view)
    else:
        plan(look, mine, view)
