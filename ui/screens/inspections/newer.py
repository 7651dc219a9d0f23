"""A department's newer sheet before it is taken: what it withdraws, what it moves, and two buttons."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dispatch.desk.plans import ProposedPlan
from dispatch.inspections.due import Check
from dispatch.inspections.plans import PlanLine
from ui.panel.component import panel, render
from ui.screens.inspections.looking import Look, again, span

MOST_TOLD = 40


def show(look: Look, proposed: ProposedPlan, take: Callable[[], None], drop: Callable[[], None]) -> None:
    """The difference line by line; nothing is changed by looking."""
    w, change = look.tell.w, proposed.change
    off: dict[tuple[str, int, str], int] = {}
    for check in change.off:
        off[check.line.key] = off.get(check.line.key, 0) + 1
    gone = [_withdrawn(look, line, off.get(line.key, 0)) for line in change.withdrawn[:MOST_TOLD]]
    moved = [_moved(look, was, will) for was, will in change.moved[:MOST_TOLD]]
    html = render(
        "inspections/newer.html",
        w=w,
        sheet=proposed.file,
        year=proposed.year,
        new=len(change.new),
        changed=len(change.changed),
        same=change.same,
        groups=[
            (w("inspections.newer_withdrawn"), gone, len(change.withdrawn)),
            (w("inspections.newer_moved"), moved, len(change.moved)),
        ],
    )
    panel(html, key="inspections-newer", theme=look.theme)
    if st.button(w("inspections.newer_take"), key="inspections-newer-take", type="primary", width="stretch"):
        take()
    if st.button(w("inspections.newer_drop"), key="inspections-newer-drop", width="stretch"):
        drop()
        again()


def _withdrawn(look: Look, line: PlanLine, off: int) -> tuple[str, str, str]:
    words = look.tell.w("inspections.newer_off", line=line.id, n=off)
    return look.name(line.premises), look.item(line.item), words


def _moved(look: Look, was: Check, will: Check) -> tuple[str, str, str]:
    words = f"{span(was.earliest, was.latest)} → {span(will.earliest, will.latest)}"
    return look.name(was.line.premises), look.item(was.line.item), words
