"""Who is away: written down, changed and taken off beside the calendar that it concerns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from dispatch.records.absence import Absence
from dispatch.records.person import Job
from dispatch.records.team import Officer, Role
from ui.panel.component import panel, render
from ui.said import Said, incomplete
from ui.screens.inspections.looking import Look, again, span
from ui.wording import Wording

LONGEST_REASON = 200


def show(look: Look, absences: Sequence[Absence]) -> None:
    """The absences that are not over, and a form for one more or for the chosen one."""
    officers = own_officers(look)
    if not officers:
        return
    w, view = look.tell.w, look.looking
    mine = [one for one in absences if one.last >= look.today and (one.officer in officers or _nobodys(look, one))]
    chosen = next((one for one in mine if one.id == view.absence), None)
    html = render(
        "inspections/away.html",
        w=w,
        rows=[
            {
                "id": one.id,
                "version": one.version,
                "name": look.officer(one.officer),
                "town": look.area(officers[one.officer].town) if one.officer in officers else w("inspections.left"),
                "span": span(one.first, one.last),
                "now": one.first <= look.today,
                "reason": one.reason,
                "chosen": one.id == view.absence,
            }
            for one in mine
        ],
    )
    act = panel(html, key="inspections-away", theme=look.theme) or ""
    name, _, absence = act.partition(":")
    version, _, off = absence.partition(":")
    if name == "away":
        view.absence, view.note = ("" if absence == view.absence else absence), None
        again()
    if name == "back" and version.isdecimal():
        look.do("back", lambda: look.centre.absences.call_off(look.person.id, off, int(version)))
    title = w("inspections.away_change", name=look.officer(chosen.officer)) if chosen else w("inspections.away_new")
    with st.expander(title, expanded=chosen is not None, key=f"inspections-away-box-{view.absence}"):
        _form(look, officers, chosen)


def _form(look: Look, officers: Mapping[str, Officer], chosen: Absence | None) -> None:
    w, key = look.tell.w, f"inspections-away-{look.looking.absence}-{look.looking.round}"
    with st.form(key=key, border=False):
        if chosen is None:
            order = sorted(officers, key=lambda each: (officers[each].town, officers[each].name))
            st.selectbox(
                w("inspections.officer"), order, None, placeholder="", key=f"{key}-who",
                format_func=lambda each: f"{officers[each].name} · {look.area(officers[each].town)}",
            )  # fmt: skip
        left, right = st.columns(2)
        first, last = (chosen.first, chosen.last) if chosen else (look.today, look.today)
        left.date_input(w("inspections.away_from"), first, format="YYYY-MM-DD", key=f"{key}-first")
        right.date_input(w("inspections.away_to"), last, format="YYYY-MM-DD", key=f"{key}-last")
        why = chosen.reason if chosen else ""
        st.text_input(w("inspections.away_why"), why, max_chars=LONGEST_REASON, key=f"{key}-why")
        go = look.when_pressed(lambda now: _write_down(now, key, chosen))
        st.form_submit_button(w("inspections.away_do"), width="stretch", on_click=go)


def _write_down(look: Look, key: str, chosen: Absence | None) -> None:
    """A new absence, or the one that was on the form with what was changed there."""
    typed, me, desk = st.session_state, look.person.id, look.centre.absences
    who = chosen.officer if chosen else typed[f"{key}-who"]
    first, last, reason = typed[f"{key}-first"], typed[f"{key}-last"], typed[f"{key}-why"]
    lacking = missing(look.tell.w, who, first, last)
    if lacking is not None:
        look.looking.said(lacking)
        again()
    if chosen is None:
        look.do("away", lambda: desk.away(me, who, first, last, reason))
        return
    look.looking.absence = ""
    look.do("away", lambda: desk.change(me, chosen.id, chosen.version, first, last, reason))


def missing(w: Wording, who: str | None, first: object, last: object) -> Said | None:
    """What the form still lacks, by its labels; None when it is whole."""
    typed = {"officer": who or "", "away_from": str(first or ""), "away_to": str(last or "")}
    return incomplete({w(f"inspections.{name}"): [value] for name, value in typed.items()}, w)


def _nobodys(look: Look, absence: Absence) -> bool:
    """Whether it is of somebody who has left the roster, and this person plans for the district."""
    on_roster = any(who.id == absence.officer for team in look.centre.board().teams.values() for who in team.officers)
    areas = look.person.areas(Job.PLANNER, Job.INSPECTOR)
    return not on_roster and any(look.centre.scenario.code.startswith(area) for area in areas)


def own_officers(look: Look) -> dict[str, Officer]:
    """Officers of the areas in which this person plans, by id; auxiliaries do not inspect."""
    areas = look.person.areas(Job.PLANNER, Job.INSPECTOR)
    return {
        who.id: who
        for team in look.centre.board().teams.values()
        for who in team.officers
        if who.role is Role.OFFICER and any(who.town.startswith(area) for area in areas)
    }
