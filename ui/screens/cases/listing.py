"""The list of cases: by next deadline, coloured by its clock."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import streamlit as st

from ui.panel.component import render
from ui.screens.cases.saying import Sayer
from ui.services.casework import CaseFilter, CaseLine, Tone
from ui.telling import Teller

LONGEST = 80
STATES: dict[str, bool | None] = {"open": True, "closed": False, "all": None}


def choose(tell: Teller, towns: Sequence[str]) -> tuple[CaseFilter, bool]:
    """Draw search, filter and the button of a new case; which cases are wanted, and whether the button was pressed."""
    w, own = tell.w, st.query_params.get("town", "")
    with st.container(key="find", horizontal=True, gap="small"):
        words = st.text_input(
            w("cases.search"),
            key="case-search",
            placeholder=w("cases.search"),
            label_visibility="collapsed",
            max_chars=80,
        )
        with st.popover(w("queue.filter"), width="content"):
            state = st.pills(
                w("queue.filter_state"),
                list(STATES),
                default="open",
                format_func=lambda each: w(f"cases.state_{each}"),
                key="case-state",
            )
            some = st.multiselect(
                w("cases.towns"),
                towns,
                default=[own] if own in towns else [],
                format_func=tell.areas.name,
                key="case-towns",
                placeholder=w("queue.filter_all"),
            )
        new = st.button(w("cases.new"), key="case-new", width="content")
    return CaseFilter(words.strip(), STATES[state or "all"], frozenset(some)), new


def list_html(lines: Sequence[CaseLine], selected: str, now: datetime, say: Sayer) -> str:
    """The first rows, and the selected case wherever it stands."""
    first = list(lines[:LONGEST])
    first += [line for line in lines[LONGEST:] if line.case.id == selected]
    rows = [_row(line, now, say) for line in first]
    return render("cases/list.html", w=say.tell.w, rows=rows, total=len(lines), selected=selected)


def _row(line: CaseLine, now: datetime, say: Sayer) -> dict[str, str]:
    case, w = line.case, say.tell.w
    following = say.step(line.next) if line.next else say.outcome(case)
    left = say.left(line, now) if case.open else ""
    state = w(f"cases.tone_{line.tone.name.lower()}") if case.open else w("cases.state_closed")
    return {
        "id": case.id,
        "tone": line.tone.value if case.open else "over",
        "what": say.matter(case),
        "party": case.party.name,
        "next": w("cases.next_is", step=following) if line.next else following,
        "left": left,
        "state": state if not case.open or line.tone in (Tone.LATE, Tone.NONE) else w("queue.left"),
        "label": f"{case.id} {say.matter(case)}, {case.party.name}, {following}, {state} {left}",
    }
