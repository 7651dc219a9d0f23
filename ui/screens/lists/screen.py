"""The rule book's lists: who may do what since when, and how that is changed without leaving work with nobody."""

from __future__ import annotations

import streamlit as st

from ui.frame import frame, strip
from ui.panel.component import panel, render
from ui.screens.lists import catalogue, design, files, holidays, powers, search, versions
from ui.screens.lists.looking import TABS, Draw, Look, again, asked, looking
from ui.services.lists import State, state_on
from ui.services.ruletables import trust
from ui.settings import settings

DRAWN: dict[str, Draw] = {
    "powers": powers.show,
    "search": search.show,
    "catalogue": catalogue.show,
    "design": design.show,
    "versions": versions.show,
    "holidays": holidays.show,
    "files": files.show,
}
VERSION_DRAWN = "lists-version-drawn"


def show() -> None:
    """Draw the whole screen: the strip lives, the lists stand still under the keeper's hand."""
    _top()
    _body()


def _look() -> Look:
    now = frame()
    return Look(now.centre, now.board, now.tell, now.theme, now.person, looking(), now.centre.today())


@st.fragment(run_every=settings().refresh_s)
def _top() -> None:
    """The strip; when somebody changed the list, everything is drawn anew."""
    look = _look()
    w, book = look.tell.w, look.centre.rulebook
    version = look.list_version
    in_force = [power for power in book.powers if state_on(power, look.today) is State.IN_FORCE]
    rows = trust(power.source for power in book.powers)
    told = [
        (w("lists.fig_in_force"), f"{len(in_force):,}", False),
        (w("lists.fig_matters"), f"{len(book.matters):,}", False),
        (w("lists.fig_version"), str(version), False),
        (w("lists.fig_illustrative"), f"{rows.illustrative:,}", False),
    ]
    strip(look, "lists", told)
    if st.session_state.get(VERSION_DRAWN, version) != version:
        st.session_state[VERSION_DRAWN] = version
        st.rerun(scope="app")


@st.fragment
def _body() -> None:
    look = _look()
    st.session_state[VERSION_DRAWN] = look.list_version
    look.looking.hear()
    with st.container(key="lists"):
        _tabs(look)
        DRAWN[look.looking.tab](look)


def _tabs(look: Look) -> None:
    w = look.tell.w
    tabs = [(tab, w(f"lists.tab_{tab}"), tab == look.looking.tab) for tab in TABS]
    html = render("lists/tabs.html", w=w, tabs=tabs)
    _, tab = asked(panel(html, key="lists-tabs", theme=look.theme), "tab")
    if tab in TABS:
        look.looking.go(tab)
        st.query_params["tab"] = tab
        again()
