"""Oversight: how a week, a month or a quarter went, by town, department, person and place."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import streamlit as st

from dispatch.oversight.evaluation import Period
from ui.frame import frame, strip
from ui.panel.component import panel, render
from ui.papers import oversight_link
from ui.screens.oversight import figures, files, hotspots, tables
from ui.screens.oversight.looking import TABS, Look, again, looking
from ui.services.overseeing import Counted, Span, overseeing, spans, within
from ui.settings import settings

AT_ONCE_S = 1.5
"""So long the screen waits for a count before it says that one is being made."""


def show() -> None:
    """Draw the whole screen; it lives, since the running time goes on."""
    _live()


@st.fragment(run_every=settings().refresh_s)
def _live() -> None:
    now, view = frame(), looking()
    span = view.span(now.centre.today())
    look = Look(now.centre, now.board, now.tell, now.theme, now.person, view, overseeing(), span, None)
    look = replace(look, counted=_in_sight(look))
    strip(look, "oversight", _figures(look))
    with st.container(key="oversight"):
        _tabs(look)
        if view.tab == "figures":
            figures.show(look)
        elif view.tab == "files":
            files.show(look)
        else:
            _time(look)
            _body(look)


def _figures(look: Look) -> list[tuple[str, str, bool]]:
    if look.counted is None:
        return []
    found = look.counted.evaluation
    counts = {"reports": found.incidents, "findings": len(found.findings), "hot": len(found.hot_spots)}
    return [(look.tell.w(f"oversight.fig_{name}"), f"{n:,}", False) for name, n in counts.items()]


def _in_sight(look: Look) -> Counted | None:
    """The count of the time, as far as this person may see it; begun when there is none, and None while it is made."""
    if look.overseeing.of(look.span) is None and not _failed(look):
        look.overseeing.count(look.centre, look.person.id, look.span).wait(AT_ONCE_S)
    counted = look.overseeing.of(look.span)
    if counted is None:
        return None
    seen = within(counted.evaluation, look.person, look.centre.scenario, look.board.teams)
    return replace(counted, evaluation=seen)


def _tabs(look: Look) -> None:
    w, view = look.tell.w, look.looking
    tabs = [(tab, w(f"oversight.{tab}"), tab == view.tab) for tab in TABS]
    act = panel(render("oversight/tabs.html", w=w, tabs=tabs), key="oversight-tabs", theme=look.theme) or ""
    name, _, tab = act.partition(":")
    if name == "tab" and tab in TABS:
        view.tab, view.note = tab, None
        again()


def _time(look: Look) -> None:
    """Which time is looked at, when it was counted, and its papers."""
    w, view, today = look.tell.w, look.looking, look.centre.today()
    with st.container(key="oversight-choose", horizontal=True):
        name = st.selectbox(
            w("oversight.period"),
            [each.value for each in Period],
            format_func=lambda each: w(f"oversight.period_{each}"),
            label_visibility="collapsed",
            key="oversight-period",
            width=120,
        )
        period = Period(name or view.period)
        offered = spans(period, today)
        span = st.selectbox(
            w("oversight.span"),
            offered,
            format_func=lambda each: _called(look, each),
            label_visibility="collapsed",
            key=f"oversight-span-{period}",
            width=330,
        )
        if (period, span.first) != (view.period, look.span.first):
            view.period, view.first, view.cell = period, span.first if span != offered[0] else None, ""
            again()
        html = render(
            "oversight/counted.html",
            w=w,
            at=look.tell.at(look.counted.at) if look.counted else "",
            running=not look.span.over(today),
            links=[(kind, oversight_link(look.span, kind, w.language)) for kind in ("docx", "xlsx")],
        )
        if panel(html, key="oversight-counted", theme=look.theme) == "anew":
            look.overseeing.count(look.centre, look.person.id, look.span).wait(AT_ONCE_S)
            again()


def _called(look: Look, span: Span) -> str:
    """A time by its first and last day."""
    last = span.end - timedelta(days=1)
    key = "oversight.whole" if span.over(look.centre.today()) else "oversight.so_far"
    return look.tell.w(key, first=span.first.isoformat(), last=last.isoformat())


def _failed(look: Look) -> bool:
    """Whether the last count of this time that this person asked for broke."""
    errand = look.overseeing.errands.of(look.person.id)
    return errand is not None and errand.failed and errand.about == look.span.key


def _body(look: Look) -> None:
    """The table of the tab; while a count is made, that it is."""
    if look.counted is None:
        html = render("oversight/counting.html", w=look.tell.w, failed=_failed(look))
        panel(html, key="oversight-wait", theme=look.theme)
    elif look.looking.tab == "hot_spots":
        hotspots.show(look)
    else:
        tables.show(look)
