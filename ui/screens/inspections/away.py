"""Who is away: written down, changed and taken off beside the calendar that it concerns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

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
    known = {one.id: one for one in mine}
    if name == "away":
        view.absence, view.note = ("" if absence == view.absence else absence), None
        again()
    if name == "back" and absence in known:
        one = known[absence]
        look.do("back", lambda: look.centre.absences.call_off(look.person.id, one.id, one.version))
    title = w("inspections.away_change", name=look.officer(chosen.officer)) if chosen else w("inspections.away_new")
    with st.expander(title, expanded=chosen is not None, key=f"inspections-away-box-{view.absence}"):
        _form(look, officers, chosen)


def _form(look: Look, officers: Mapping[str, Officer], chosen: Absence | None) -> None:
    w, view = look.tell.w, look.looking
    with st.form(key=f"inspections-away-{view.absence}-{view.round}", border=False):
        who = chosen.officer if chosen else None
        if chosen is None:
            order = sorted(officers, key=lambda each: (officers[each].town, officers[each].name))
            who = st.selectbox(
                w("inspections.officer"), order, None, placeholder="",
                format_func=lambda each: f"{officers[each].name} · {look.area(officers[each].town)}",
            )  # fmt: skip
        left, right = st.columns(2)
        first = left.date_input(w("inspections.away_from"), chosen.first if chosen else look.today, format="YYYY-MM-DD")
        last = right.date_input(w("inspections.away_to"), chosen.last if chosen else look.today, format="YYYY-MM-DD")
        reason = st.text_input(w("inspections.away_why"), chosen.reason if chosen else "", max_chars=LONGEST_REASON)
        sent = st.form_submit_button(w("inspections.away_do"), width="stretch")
        if not sent:
            return
        lacking = missing(w, who, first, last)
        if lacking is not None:
            view.said(lacking)
            again()
        assert who is not None
        assert isinstance(first, date)
        assert isinstance(last, date)
        desk, officer = look.centre.absences, who
        if chosen is not None:
            view.absence = ""
            look.do("away", lambda: desk.change(look.person.id, chosen.id, chosen.version, first, last, reason))
        look.do("away", lambda: desk.away(look.person.id, officer, first, last, reason))


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
