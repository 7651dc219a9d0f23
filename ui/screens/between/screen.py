"""Between bodies: who was called and when they come, what was handed over, what is in dispute, the change of shifts."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from ui.frame import frame, strip
from ui.panel.component import panel, render
from ui.screens.between import agenda, appraisals, board, liaisons, matrix, shift
from ui.screens.between.looking import TABS, Look, again, looking
from ui.settings import settings

DRAWN: dict[str, Callable[[Look], None]] = {
    "board": board.show,
    "agenda": agenda.show,
    "matrix": matrix.show,
    "appraisals": appraisals.show,
    "liaisons": liaisons.show,
    "shift": shift.show,
}


def show() -> None:
    """Draw the whole screen; it lives, since a clock runs on each row."""
    _live()


@st.fragment(run_every=settings().refresh_s)
def _live() -> None:
    now = frame()
    look = Look(now.centre, now.board, now.tell, now.theme, now.person, looking())
    w, tasks = look.tell.w, board.tasks_seen(look)
    late = sum(board.late(task, look) for task in tasks)
    disputes = agenda.brought(look, open_only=True)
    strip(
        look,
        "between",
        [
            (w("between.fig_open"), f"{len(tasks):,}", False),
            (w("between.fig_late"), f"{late:,}", late > 0),
            (w("between.fig_disputes"), f"{len(disputes):,}", False),
        ],
    )
    with st.container(key="between"):
        _tabs(look)
        DRAWN[look.looking.tab](look)


def _tabs(look: Look) -> None:
    w, view = look.tell.w, look.looking
    tabs = [(tab, w(f"between.tab_{tab}"), tab == view.tab) for tab in TABS]
    act = panel(render("between/tabs.html", w=w, tabs=tabs), key="between-tabs", theme=look.theme) or ""
    name, _, tab = act.partition(":")
    if name == "tab" and tab in TABS:
        view.tab, view.note = tab, None
        again()
