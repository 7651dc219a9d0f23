"""The agenda of the weekly meeting: disputes that wait for the superior, each with its parties and their clauses."""

from __future__ import annotations

import streamlit as st

from dispatch.desk.disputes import Agenda, Brought, Item, agenda, read_disputes
from dispatch.records.person import Job
from gis.areas import CELL_DIGITS
from ui.panel.component import panel, render
from ui.said import carried_out
from ui.screens.between.looking import Look, again


def brought(look: Look, *, open_only: bool = False) -> list[Brought]:
    """The disputes of what this person sees."""
    found = read_disputes(look.centre.casebook, open_only=open_only)
    own = look.person.areas(Job.SUPERVISOR)
    return [
        each
        for each in found
        if look.board.sees(each.incident.cell or each.incident.town) or each.dispute.superior.startswith(own)
    ]


def show(look: Look) -> None:
    left, right = st.columns([5, 4], gap="small")
    meeting = agenda(brought(look), look.centre.today(), zone=look.centre.zone)
    with left:
        _items(look, meeting)
    with right, st.container(key="between-side"):
        look.say()
        item = next((each for each in meeting.items if each.dispute.id == look.looking.dispute), None)
        if item is None:
            panel(render("between/agenda_hint.html", w=look.tell.w), key="agenda-hint", theme=look.theme)
        elif look.person.has(Job.SUPERVISOR):
            _decide(look, item)
        else:
            panel(render("between/not_yours.html", w=look.tell.w), key="agenda-not", theme=look.theme)


def _items(look: Look, meeting: Agenda) -> None:
    html = render(
        "between/agenda.html",
        w=look.tell.w,
        day=meeting.meets_on.isoformat(),
        items=[_told(look, item) for item in meeting.items],
    )
    act = panel(html, key="between-agenda", theme=look.theme) or ""
    name, _, dispute = act.partition(":")
    if name == "dispute":
        look.looking.dispute, look.looking.note = dispute, None
        again()


def _told(look: Look, item: Item) -> dict[str, object]:
    return {
        "id": item.dispute.id,
        "chosen": item.dispute.id == look.looking.dispute,
        "matter": look.matter(item.matter) if item.matter else item.words[:40],
        "words": item.words,
        "place": _place(look, item.place),
        "waited": item.waited_days,
        "late": item.late,
        "due": look.tell.until(item.dispute.due_at),
        "parties": [(look.department(stand.department), stand.clauses) for stand in item.parties],
        "precedents": [
            (look.department(each.department), each.clause, look.tell.at(each.decided_at))
            for each in item.precedents
            if each.decided_at is not None
        ],
    }


def _place(look: Look, place: str) -> str:
    """An address as it was given, a cell by its town."""
    cell = len(place) == CELL_DIGITS and place.isdecimal()
    return look.tell.cell(place[:9], place) if cell else place


def _decide(look: Look, item: Item) -> None:
    w, dispute = look.tell.w, item.dispute
    st.markdown(f"**{w('between.decide_title', id=dispute.id)}**")
    with st.form(key=f"between-decide-{dispute.id}-{look.looking.round}", border=False):
        to = st.selectbox(w("between.decide_to"), look.with_bodies(), format_func=look.department)
        clause = st.text_input(w("between.clause"), max_chars=500)
        if st.form_submit_button(w("between.decide"), type="primary", width="stretch"):
            decide, given = look.centre.tasks.decide, (dispute.id, dispute.version, str(to), clause)
            look.looking.said(
                look.incomplete({"clause": clause})
                or carried_out(lambda: decide(look.person.id, *given), w("between.done_decide"), look.tell)
            )
            again()
