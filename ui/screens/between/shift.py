"""The change of shifts: what is open, handed over by who goes and signed for by who comes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from dispatch.desk.handover import Shift
from dispatch.records.person import Job
from ui.panel.component import panel, render
from ui.said import attempt
from ui.screens.between.looking import Look, again


def show(look: Look) -> None:
    areas = look.person.areas(Job.DISPATCHER)
    w = look.tell.w
    if not areas:
        panel(render("between/not_yours.html", w=w), key="shift-not", theme=look.theme)
        return
    left, right = st.columns([5, 4], gap="small")
    with right, st.container(key="between-side"):
        look.say()
        name = look.centre.scenario.areas.name
        area = str(st.selectbox(w("between.desk_of"), areas, format_func=name, key="between-shift-area"))
        shift = look.centre.shifts.standing(area)
        _form(look, area, shift)
    with left:
        panel(_told(look, shift), key="between-shift", theme=look.theme)


def _told(look: Look, shift: Shift) -> str:
    tell, given = look.tell, shift.given
    details: Mapping[str, Any] = given.details if given is not None else {}
    return render(
        "between/shift.html",
        w=tell.w,
        by=_name(look, given.actor) if given is not None else "",
        at=tell.at(given.at) if given is not None else "",
        taken_by=_name(look, shift.taken.actor) if shift.taken is not None else "",
        taken_at=tell.at(shift.taken.at) if shift.taken is not None else "",
        waits=shift.waits,
        words=details.get("words", ""),
        counts=[(tell.w(f"state.{status}"), n) for status, n in details.get("open", {}).items()],
        lists=[_listed(look, name, details) for name in CALLED],
    )


def _name(look: Look, person: str) -> str:
    found = look.centre.accounts.person(person)
    return found.name if found is not None else person


def _team(look: Look, team: str) -> str:
    """Its name, and what it is out for if it still is."""
    found = look.centre.board().teams.get(team)
    return " · ".join(filter(None, (found.name, found.incident))) if found is not None else team


def _incident(look: Look, each: str) -> str:
    """An id (of an incident, or of a task or dispute about one) with what it is about, while that is on the board."""
    found = look.board.incidents.get(each.split(".")[0])
    return f"{each} · {look.tell.what(found)} · {look.tell.where(found)}" if found is not None else each


CALLED: dict[str, Callable[[Look, str], str]] = {
    "overdue": _incident,
    "teams_out": _team,
    "late_tasks": _incident,
    "disputes": _incident,
}
"""What a hand-over lists by id, and how people call each."""


def _listed(look: Look, name: str, details: Mapping[str, Any]) -> tuple[str, list[str], int]:
    """What it is, the first of it by what each is called, and how much it is in all."""
    ids = details.get(name, [])
    called = [CALLED[name](look, str(each)) for each in ids]
    return look.tell.w(f"between.shift_{name}"), called, int(details.get(f"{name}_n", len(ids)))


def _form(look: Look, area: str, shift: Shift) -> None:
    w, shifts, who = look.tell.w, look.centre.shifts, look.person.id
    if shift.waits and shift.given is not None and shift.given.actor == who:
        panel(render("between/own_shift.html", w=w), key="shift-own", theme=look.theme)
        return
    with st.form(key=f"between-shift-{area}-{look.looking.round}", border=False):
        if shift.waits and shift.given is not None:
            sequence = shift.given.sequence
            if st.form_submit_button(w("between.take"), type="primary", width="stretch"):

                def taken() -> str:
                    shifts.take(who, area, sequence)
                    return w("between.done_take")

                look.looking.said(attempt(taken, look.tell))
                again()
            return
        words = st.text_area(w("between.shift_words"), max_chars=2000, height=120)
        if st.form_submit_button(w("between.give"), type="primary", width="stretch"):

            def given() -> str:
                shifts.give(who, area, words)
                return w("between.done_give")

            look.looking.said(attempt(given, look.tell))
            again()
