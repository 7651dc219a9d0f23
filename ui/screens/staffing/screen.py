"""Staffing: plans, what becomes of the city under them, and which is better where."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from ui.frame import frame, strip
from ui.panel.component import panel, render
from ui.screens.staffing import compare, history, plans, replay, runs, search, stress, towns, workload
from ui.screens.staffing.looking import TABS, Look, again, looking
from ui.services.experimenting import experiments
from ui.services.staffing import staffing
from ui.settings import settings

DRAWN: dict[str, Callable[[Look], None]] = {
    "plans": plans.show,
    "history": history.show,
    "runs": runs.show,
    "compare": compare.show,
    "towns": towns.show,
    "stress": stress.show,
    "workload": workload.show,
    "search": search.show,
    "replay": replay.show,
}


def show() -> None:
    """Draw the whole screen; it lives, since runs go on beside it."""
    _live()


@st.fragment(run_every=settings().refresh_s)
def _live() -> None:
    now = frame()
    look = Look(now.centre, now.board, now.tell, now.theme, now.person, looking(), staffing(), experiments())
    w = look.tell.w
    strip(look, "staffing", [(w("staffing.fig_plans"), f"{len(look.staffing.shelf.names()):,}", False)])
    with st.container(key="staffing"):
        _tabs(look)
        DRAWN[look.looking.tab](look)


def _tabs(look: Look) -> None:
    w, view = look.tell.w, look.looking
    tabs = [(tab, w(f"staffing.tab_{tab}"), tab == view.tab) for tab in TABS]
    html = render("staffing/tabs.html", w=w, tabs=tabs, note=view.note, unsaved=view.draft != view.opened)
    act = panel(html, key="staffing-tabs", theme=look.theme)
    name, _, tab = (act or "").partition(":")
    if name == "tab" and tab in TABS:
        view.tab, view.note = tab, None
        again()
