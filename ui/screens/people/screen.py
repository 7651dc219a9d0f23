"""Who may sign in, which systems may report, which are told: kept by the administrators of the district."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dispatch.records.person import Job, Post
from ui.frame import frame, strip
from ui.panel.component import panel, render
from ui.screens.people import hooks, keys, persons
from ui.screens.people.keeping import TABS, Look, again, keeping
from ui.settings import settings

DRAWN: dict[str, Callable[[Look], None]] = {"people": persons.show, "keys": keys.show, "hooks": hooks.show}


def show() -> None:
    """Draw the whole screen. It lives: a colleague's change is seen, and fields keep what is typed in them."""
    _live()


@st.fragment(run_every=settings().refresh_s)
def _live() -> None:
    now = frame()
    look = Look(now.centre, now.board, now.tell, now.theme, now.person, keeping())
    strip(look, "people")
    if Post(Job.ADMINISTRATOR, look.centre.scenario.code) not in look.person.posts:
        panel(render("people/closed.html", w=look.tell.w), key="people-closed", theme=look.theme)
        return
    with st.container(key="people"):
        _tabs(look)
        DRAWN[look.keeping.tab](look)


def _tabs(look: Look) -> None:
    w = look.tell.w
    tabs = [(tab, w(f"people.tab_{tab}"), tab == look.keeping.tab) for tab in TABS]
    act = panel(render("people/tabs.html", w=w, tabs=tabs), key="people-tabs", theme=look.theme) or ""
    tab = act.removeprefix("tab:")
    if act.startswith("tab:") and tab in TABS:
        look.keeping.go(tab)
        st.query_params["tab"] = tab
        again()
