"""The rounds of a day up to today, the chosen one, their papers, and what was found."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import streamlit as st

from dispatch.records.patrol import PatrolRound, RoundStop
from dispatch.review.rounds import write_rounds
from ui.panel.component import panel, render
from ui.screens.inspections.looking import Look
from ui.screens.inspections.patrolview import Viewing, called, item_words, round_name, select, team_name
from ui.services.patrolling import PatrolView, round_sheet


def rounds_of_day(look: Look, mine: Viewing, view: PatrolView) -> None:
    """The rounds of a day that is not ahead, and their papers."""
    w = look.tell.w
    day = _day(look, view)
    rows = [
        {
            "id": one.id,
            "beat": one.beat,
            "name": round_name(look, view, one),
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
    _papers(look, view, view.of_day(day))


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
        name=f"{look.day_name(one.day)} · {round_name(look, view, one)}",
        state=w(f"patrols.status_{one.status}"),
        team=team_name(look, one.team),
        minutes=one.minutes,
        said=one.said,
        stops=[_stop(look, stop, ahead) for stop in stops],
    )
    act = panel(html, key="patrol-round", theme=look.theme) or ""
    if act == "back":
        select(look, mine)
    _papers(look, view, [one])


def _papers(look: Look, view: PatrolView, rounds: Sequence[PatrolRound]) -> None:
    """Sheets to print and routes for a phone, in one zip."""
    if not rounds:
        return
    w, day = look.tell.w, rounds[0].day.isoformat()

    def made() -> bytes:
        sheets = [round_sheet(look.centre, view, one, round_name(look, view, one), w) for one in rounds]
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "rounds.zip"
            write_rounds(sheets, path, w.language.value)
            return path.read_bytes()

    st.download_button(
        w("patrols.papers"), made, f"patrol-{day}.zip", "application/zip", width="stretch",
        key="patrol-papers", on_click="ignore",
    )  # fmt: skip


def _stop(look: Look, stop: RoundStop, ahead: str) -> dict[str, object]:
    return {
        "number": stop.number,
        "name": called(look, stop.cell),
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
            "where": called(look, each.cell),
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
