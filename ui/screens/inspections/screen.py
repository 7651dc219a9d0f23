"""Inspections: what is due and how it merges, the calendar of the crews, and the day on the street."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace

import streamlit as st

from dispatch.records.inspection import Premises
from ui.frame import frame, strip
from ui.panel.component import panel, render
from ui.screens.inspections import calendar, day, draw, due, fromdesk, patrolplans, patrols, plans
from ui.screens.inspections.looking import TABS, Look, again, looking
from ui.services.board import Board
from ui.services.inspected import Book
from ui.settings import settings

DRAWN: dict[str, Callable[[Look], None]] = {
    "due": due.show,
    "plans": plans.show,
    "draw": draw.show,
    "calendar": calendar.show,
    "day": day.show,
    "desk": fromdesk.show,
    "patrols": patrols.show,
}


def show() -> None:
    """Draw the whole screen; it lives, since colleagues and crews write on."""
    _live()


@st.fragment(run_every=settings().refresh_s)
def _live() -> None:
    look = _look()
    look.do_pressed()
    w = look.tell.w
    figures = due.figures(look)
    strip(
        look,
        "inspections",
        [
            (w("inspections.fig_items"), f"{figures.items:,}", False),
            (w("inspections.fig_visits"), f"{figures.visits:,}", False),
            (w("inspections.fig_avoided"), f"{figures.avoided:,}", False),
            (w("inspections.fig_undone"), f"{figures.undone:,}", figures.undone > 0),
        ],
    )
    with st.container(key="inspections"):
        patrolplans.notice(look)
        _tabs(look)
        DRAWN[look.looking.tab](look)


def _look() -> Look:
    now = frame()
    book = now.centre.books.now()
    places = {name: one for name, one in book.premises.items() if now.board.sees(one.town)}
    places |= _called_on(book, places.keys(), now.board)
    items = {name: one for name, one in book.items.items() if one.premises in places}
    force = book.force
    w_and = now.tell.w("app.and")
    names = {who.id: who.name for team in now.centre.board().teams.values() for who in team.officers}
    crews = {one.id: w_and.join(names.get(who, who) for who in one.officers) for one in force.outings.values()}
    tell = replace(now.tell, names={**names, **{one.id: one.name or one.id for one in places.values()}, **crews})
    return Look(now.centre, now.board, tell, now.theme, now.person, looking(), places, items, force, names)


def _called_on(book: Book, known: Collection[str], board: Board) -> dict[str, Premises]:
    """Premises out of sight, since they were moved to another town, on which a crew in sight still calls."""
    towns = {stop.visit.premises: book.force.town_of(stop) for stop in book.force.stops.values()}
    return {
        name: replace(book.premises[name], town=town)
        for name, town in towns.items()
        if name not in known and board.sees(town)
    }


def _tabs(look: Look) -> None:
    w, view = look.tell.w, look.looking
    tabs = [(tab, w(f"inspections.tab_{tab}"), tab == view.tab) for tab in TABS]
    html = render("inspections/tabs.html", w=w, tabs=tabs, note=view.note, making=look.centre.making_first_plan)
    act = panel(html, key="inspections-tabs", theme=look.theme) or ""
    name, _, tab = act.partition(":")
    if name == "tab" and tab in TABS:
        view.tab, view.note = tab, None
        again()
