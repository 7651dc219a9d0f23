"""The rounds of a day up to today, the chosen one, their papers, and what was found."""

from __future__ import annotations

from datetime import date

import streamlit as st

from dispatch.records.patrol import PatrolRound, RoundStop
from ui.panel.component import panel, render
from ui.papers import rounds_link
from ui.screens.inspections.looking import Look
from ui.screens.inspections.patrolview import Viewing, item_words, select, team_name
from ui.services.patrolling import PatrolView, cell_called, round_name


def rounds_of_day(look: Look, mine: Viewing, view: PatrolView) -> None:
    """The rounds of a day that is not ahead, and their papers."""
    w = look.tell.w
    day = _day(look, view)
    rows = [
        {
            "id": one.id,
            "beat": one.beat,
            "name": round_name(view, one, w),
            "team": team_name(look, one.team) or w("patrols.nobody_yet"),
            "passed": sum(stop.passed_at is not None for stop in view.stops[one.id]),
            "stops": len(view.stops[one.id]),
            "status": {"ended": "done"}.get(one.status.value, one.status.value),
            "said": w(f"patrols.status_{one.status}"),
        }
        for one in view.of_day(day)
    ]
    act = panel(render("inspections/patrol_today.html", w=w, rows=rows), key="patrol-today", theme=look.theme) or ""
    name, _, one = act.partition(":")
    if name == "round":
        select(look, mine, one=one)
    if rows:
        _papers(look, view, day)


def _day(look: Look, view: PatrolView) -> date:
    """Today, or any day that somebody looks back at; days to come are nobody's to see."""
    days = [day for day in view.plan.days if day <= look.today]
    if not days:
        return look.today
    return st.selectbox(
        look.tell.w("inspections.day"),
        days[::-1],
        format_func=look.day_name,
        label_visibility="collapsed",
        key=f"patrols-day-{view.plan.id}",
    )


def chosen_round(look: Look, mine: Viewing, view: PatrolView, one: PatrolRound) -> None:
    """The stops of a round with what is looked at."""
    w = look.tell.w
    stops = view.stops[one.id]
    ahead = next((stop.cell for stop in stops if stop.passed_at is None), "")
    html = render(
        "inspections/patrol_round.html",
        w=w,
        name=f"{look.day_name(one.day)} · {round_name(view, one, w)}",
        state=w(f"patrols.status_{one.status}"),
        team=team_name(look, one.team),
        minutes=one.minutes,
        said=one.said,
        stops=[_stop(look, stop, ahead) for stop in stops],
    )
    act = panel(html, key="patrol-round", theme=look.theme) or ""
    if act == "back":
        select(look, mine)
    _papers(look, view, one.day, one.id)


def _papers(look: Look, view: PatrolView, day: date, one: str = "") -> None:
    """Sheets to print and routes for a phone, in one zip; a link, since a redrawn button misses presses."""
    w = look.tell.w
    html = render("papers.html", words=w("patrols.papers"), to=rounds_link(view.plan.id, day, w.language, one))
    panel(html, key="patrol-papers", theme=look.theme)


def _stop(look: Look, stop: RoundStop, ahead: str) -> dict[str, object]:
    return {
        "number": stop.number,
        "name": cell_called(look.centre, stop.cell),
        "arrive": stop.arrive,
        "at": look.tell.at(stop.passed_at) if stop.passed_at else "",
        "next": stop.cell == ahead,
        "looks": [item_words(look, code) for code in stop.items],
    }


def findings(look: Look, view: PatrolView) -> None:
    """What was found in the period, and what became of it."""
    w, found = look.tell.w, view.findings
    rows = [
        {
            "item": item_words(look, each.item)[1],
            "text": each.text,
            "said": each.said,
            "handling": w("patrols.own") if each.self_handled else w(f"patrols.handling_{each.handling}"),
            "own": each.self_handled,
            "open": each.open,
            "where": cell_called(look.centre, each.cell),
            "when": look.tell.at(each.found_at),
            "who": f"{look.officer(each.finder)} · {w(f'patrols.role_{each.role}')}",
            "by": look.officer(each.handled_by) if each.handled_by not in ("", each.finder) else "",
            "incident": each.incident,
        }
        for each in found
    ]
    html = render(
        "inspections/patrol_findings.html",
        w=w,
        rows=rows,
        n=len(found),
        own=sum(each.self_handled for each in found),
        cases=sum(bool(each.incident) for each in found),
    )
    panel(html, key="patrol-findings", theme=look.theme)
