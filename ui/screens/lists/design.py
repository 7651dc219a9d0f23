"""Lists designed for the place: what each type of town is given and keeps, why, and what the city does with it."""

from __future__ import annotations

import streamlit as st

from dispatch.records.person import Job
from dispatch.review.book import Value
from dispatch.rulebook.listdesign import WORDINGS
from gis.schemas import BadInput
from scenarios.designing import EFFECTS, STATES
from ui.panel.component import panel, render
from ui.papers import design_link
from ui.screens.lists.looking import Look, again, asked
from ui.services.comparing import BY_NAME, told
from ui.services.designing import Asked, Designed, Designing, designs
from ui.services.designpaper import about
from ui.settings import settings

SHOWN = ("compared", "lists", "unused", "types", "matrix", "effect", "checklist", "varied")
MOST_ROWS, MOST_POWERS = 400, 80
DESIGNERS = (Job.PLANNER, Job.SUPERVISOR)
"""Who may have lists designed; everybody may look at what was."""


def show(look: Look) -> None:
    _live(look)


@st.fragment(run_every=settings().refresh_s)
def _live(look: Look) -> None:
    """The design lives while it is made, and stands still under a reader's eyes in between."""
    found, errand = designs().latest(), designs().errand
    if look.person.has(*DESIGNERS):
        _ask(look, errand is not None and errand.running)
    _head(look, found, errand)
    if found is not None and not (errand is not None and errand.running):
        {"matrix": _matrix, "effect": _effect}.get(look.looking.designed, _table)(look, found)


def _ask(look: Look, running: bool) -> None:
    """No form: its hints under a field that was filled would move the button away from the hand that presses it."""
    w, usual = look.tell.w, Asked()
    with st.container(key="lists-design-ask", horizontal=True, vertical_alignment="bottom"):
        words = st.selectbox(
            w("design.wording"),
            list(WORDINGS),
            format_func=lambda each: w(f"design.wording_{each}"),
            key="lists-design-wording",
            width=250,
        )
        powers, tickets, replications = (
            int(st.number_input(w(f"design.{name}"), least, most, value, key=f"lists-design-{name}", width=150))
            for name, least, most, value in (
                ("powers", 1, 100_000, usual.powers),
                ("tickets", 1, 10_000_000, usual.tickets),
                ("replications", 2, 1_000, usual.replications),
            )
        )
        pressed = st.button(w("design.do"), type="primary", disabled=running, key="lists-design-do")
    if pressed:
        designs().begin(look.centre, Asked(words or usual.wording, powers, tickets, replications)).wait(1.0)
        again()


def _head(look: Look, found: Designed | None, errand: Designing | None) -> None:
    """What is in the making or was made, and which of its tables is looked at."""
    w, running = look.tell.w, errand is not None and errand.running
    html = render(
        "lists/design_head.html",
        w=w,
        running=running,
        stopping=errand is not None and errand.stopping,
        played=errand.played if errand is not None else 0,
        wanted=errand.wanted if errand is not None else 0,
        failed=errand is not None and errand.failed,
        refused=_refusal(errand),
        may=look.person.has(*DESIGNERS),
        found=found is not None,
        proved=found is not None and found.made.given.proved and found.made.kept.proved,
        faults=found.made.faults if found is not None else (),
        evaluated=found.made.evaluated.isoformat() if found is not None else "",
        counts=_counts(found) if found is not None else (),
        about=about(look.centre.scenario, found.made, found.asked.seed, w) if found is not None else [],
        shown=[(name, w(f"design.sheet_{name}"), name == look.looking.designed) for name in SHOWN],
        link=design_link(found.asked.key, w.language) if found is not None else "",
    )
    name, table = asked(panel(html, key="lists-design-head", theme=look.theme), "stop", "show")
    if name == "stop" and errand is not None:
        errand.stop()
        again()
    if name == "show" and table in SHOWN:
        look.looking.designed = table
        again()


def _refusal(errand: Designing | None) -> str:
    refused = errand.refused if errand is not None else None
    return str(refused.faults[0]) if isinstance(refused, BadInput) else str(refused or "")


def _counts(found: Designed) -> tuple[int, int, int]:
    return len(found.made.given.codes), len(found.made.taken_back), len(found.made.kept.codes)


def _table(look: Look, found: Designed) -> None:
    w, name = look.tell.w, look.looking.designed
    columns, rows = designs().table(look.centre, found, name, w)
    html = render(
        "lists/design_table.html",
        w=w,
        columns=[w(f"design.column_{column}") for column in columns],
        rows=[[_said(value) for value in row] for row in rows[:MOST_ROWS]],
        numbers=[any(not isinstance(row[at], str) for row in rows) for at in range(len(columns))],
        more=max(0, len(rows) - MOST_ROWS),
        hint=w(f"design.hint_{name}"),
    )
    panel(html, key=f"lists-design-{name}", theme=look.theme)


def _said(value: Value) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _matrix(look: Look, found: Designed) -> None:
    """Scores of the powers that were given, town by town: those with the highest mean first."""
    made, w = found.made, look.tell.w
    register = made.combed.register
    given = [row for row, one in enumerate(register.rows) if one.code in made.given.codes]
    given.sort(key=lambda row: (-float(made.scores[row].mean()), row))
    held = {kind: set(codes) for kind, codes in made.given.chosen.items()}
    kept = {kind: set(codes) for kind, codes in made.kept.chosen.items()}

    def cell(row: int, at: int) -> tuple[str, int, str]:
        code, kind = register.rows[row].code, register.types[at]
        state = "kept" if code in kept[kind] else "given" if code in held[kind] else ""
        score = float(made.scores[row, at])
        return f"{score:.2f}" if score else "", round(100 * score), state

    html = render(
        "lists/design_matrix.html",
        w=w,
        towns=[
            (look.town(code), w(f"lists.type_{kind}"))
            for code, kind in zip(register.towns, register.types, strict=True)
        ],
        rows=[
            (register.rows[row].code, register.rows[row].name, [cell(row, at) for at in range(len(register.towns))])
            for row in given[:MOST_POWERS]
        ],
        more=max(0, len(given) - MOST_POWERS),
    )
    panel(html, key="lists-design-matrix", theme=look.theme)


def _effect(look: Look, found: Designed) -> None:
    """What the city does with each state of the lists, and how sure the difference to nothing given is."""
    w, told_of = look.tell.w, found.told
    html = render(
        "lists/design_effect.html",
        w=w,
        states=STATES,
        rows=[
            {
                "name": w(f"staffing.kpi_{name}"),
                "unit": w(f"staffing.unit_{BY_NAME[name].unit}"),
                "states": [told(told_of.states[state][name], BY_NAME[name].unit) for state in STATES],
                "apart": [
                    (told(apart[name], BY_NAME[name].unit, signed=True), BY_NAME[name].verdict(apart[name]).value)
                    for apart in told_of.apart.values()
                ],
            }
            for name in EFFECTS
        ],
    )
    panel(html, key="lists-design-effect", theme=look.theme)
