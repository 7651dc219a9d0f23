"""The double-random draw: who is in it with what weight, the seed, the outcome, and the same draw made again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import streamlit as st

from dispatch.desk.refusals import Refused, first_of
from dispatch.inspections import draw as lots
from dispatch.inspections.draw import Drawn, Entrant
from dispatch.records.inspection import LARGEST_CREW, SMALLEST_CREW
from dispatch.store import draws, plans
from dispatch.store.draws import KeptDraw
from ui.panel.component import panel, render
from ui.papers import draw_link
from ui.said import Said
from ui.screens.inspections.looking import Look, again, span

SHOWN = 200
AHEAD = timedelta(days=30)


@dataclass(slots=True)
class View:
    """Which draw somebody looks at; empty for a new one."""

    draw: str = ""


def _view() -> View:
    view: View = st.session_state.setdefault("inspections_draw", View())
    return view


def show(look: Look) -> None:
    """The pool, or what was drawn, on the left; the draws and the next step on the right."""
    view = _view()
    every = [one for one in _draws(look) if set(one.towns) <= set(look.towns)]
    chosen = next((one for one in every if one.id == view.draw), None)
    left, right = st.columns([8, 4], gap="small")
    with right, st.container(key="inspections-side"):
        _list(look, view, every)
        if chosen is not None:
            _next(look, chosen)
        elif look.own_towns:
            _new(look, view, left)
        else:
            panel(render("inspections/not_yours.html", w=look.tell.w), key="draw-not", theme=look.theme)
    if chosen is not None:
        with left:
            _outcome(look, chosen)


def _draws(look: Look) -> list[KeptDraw]:
    """Every draw with both registers: they are long, so they are read once after a deed, not at every refresh."""

    def read() -> list[KeptDraw]:
        with look.centre.casebook.reading() as connection:
            return draws.draws(connection)

    return look.centre.books.kept("draws", read)


def _pool(look: Look, towns: Sequence[str], scene: str, codes: Sequence[str]) -> list[Entrant]:
    def read() -> list[Entrant]:
        with look.centre.casebook.reading() as connection:
            return look.centre.draws.pool(connection, towns, scene, codes, look.today)

    return look.centre.books.kept(("pool", tuple(towns), scene, tuple(codes), look.today), read)


def _list(look: Look, view: View, every: Sequence[KeptDraw]) -> None:
    w = look.tell.w
    rows = [(one.id, one.name, _state(one), one.id == view.draw) for one in every]
    html = render("inspections/draws.html", w=w, rows=rows, new=not view.draw)
    act = panel(html, key="inspections-draws", theme=look.theme) or ""
    name, _, value = act.partition(":")
    if name == "draw":
        view.draw, look.looking.note = value, None
        again()


def _state(one: KeptDraw) -> str:
    return "open" if one.record is None else "drawn" if one.first is None else "due"


def _new(look: Look, view: View, left: st.delta_generator.DeltaGenerator) -> None:
    """Scope, items and numbers; the pool beside them follows what is chosen."""
    w, desk, scenes = look.tell.w, look.centre.draws, look.centre.rules.scenes
    towns = st.multiselect(
        w("inspections.towns"), look.own_towns, look.own_towns, format_func=look.town, select_all=False
    )
    with look.centre.casebook.reading() as connection:
        register = plans.registered(connection, towns)
    kinds = sorted({each.traits.type for each in register.values()}) or sorted(scenes.scenes)
    scene = str(st.selectbox(w("inspections.scene"), kinds, format_func=look.scene))
    listed = [item.code for item in scenes.scenes[scene].items if item.published]
    codes = st.multiselect(
        w("inspections.scene_items"), listed, listed[:1], format_func=look.item, key=f"draw-items-{scene}"
    )
    pool = _pool(look, towns, scene, codes)
    with left:
        rows = [
            (
                look.premises[each.id].name or each.id,
                look.town(each.town),
                w(f"inspections.risk_{register[each.id].traits.risk}"),
                register[each.id].traits.credit.value,
                each.weight,
            )
            for each in sorted(pool, key=lambda each: (-each.weight, each.id))[:SHOWN]
        ]
        out = sum(each.traits.type == scene for each in register.values()) - len(pool)
        html = render("inspections/pool.html", w=w, rows=rows, n=len(pool), out=out, scene=look.scene(scene))
        panel(html, key="inspections-pool", theme=look.theme)
    with st.form(key=f"inspections-draw-{look.looking.round}", border=False):
        one, other = st.columns(2)
        count = one.number_input(w("inspections.draw_count"), 1, 10_000, min(5, max(len(pool), 1)))
        crew = other.number_input(w("inspections.draw_crew"), SMALLEST_CREW, LARGEST_CREW, SMALLEST_CREW)
        name = st.text_input(w("inspections.draw_name"), max_chars=200)
        seed_from = st.text_input(
            w("inspections.seed_from"), max_chars=300, placeholder=w("inspections.seed_from_hint")
        )
        if st.form_submit_button(w("inspections.draw_open"), type="primary", width="stretch"):

            def opened() -> None:
                made = desk.open(look.person.id, name, towns, scene, codes, int(count), int(crew), seed_from)
                view.draw = made.id

            look.do("draw_open", opened)


def _outcome(look: Look, one: KeptDraw) -> None:
    w = look.tell.w
    hashes = lots.fingerprints(one.premises, one.inspectors)
    items = [look.item(code) for code in one.items]
    html = render(
        "inspections/drawn.html",
        w=w,
        draw=one,
        state=_state(one),
        scene=look.scene(one.scene),
        items=items,
        opened=look.tell.at(one.opened_at),
        opened_by=look.who(one.opened_by),
        drawn_by=look.who(one.drawn_by),
        drawn_at=look.tell.at(one.drawn_at) if one.drawn_at else "",
        hashes=hashes,
        days=span(one.first, one.last) if one.first and one.last else "",
        rows=[_drawn(look, one, place, each) for place, each in enumerate(one.record.drawn, start=1)]
        if one.record
        else [],
    )
    panel(html, key="inspections-drawn", theme=look.theme)


def _drawn(look: Look, one: KeptDraw, place: int, each: Drawn) -> dict[str, object]:
    weight = next(entrant.weight for entrant in one.premises if entrant.id == each.premises)
    found = look.premises.get(each.premises)
    return {
        "place": place,
        "name": found.name or each.premises if found else each.premises,
        "town": look.town(found.town) if found else "",
        "weight": weight,
        "inspectors": [look.officer(name) for name in each.inspectors],
        "recused": [
            (look.officer(recusal.inspector), look.officer(recusal.replaced_by) if recusal.replaced_by else "–")
            for recusal in each.recused
        ],
        "why": look.tell.w(f"inspections.why_{each.why}") if each.why else "",
    }


def _next(look: Look, one: KeptDraw) -> None:
    """The seed, then the days; and at any time the same draw again."""
    w, mine = look.tell.w, set(one.towns) <= set(look.own_towns)
    if one.record is None:
        if mine:
            _seed(look, one)
        return
    _record(look, one)
    if st.button(w("inspections.draw_again"), key="inspections-draw-again", width="stretch"):
        look.looking.said(_again(look, one))
        again()
    if one.first is None and mine:
        _days(look, one)


def _seed(look: Look, one: KeptDraw) -> None:
    """The seed of the draw that this page shows, whatever another tab has drawn meanwhile: then that is said."""
    w, key = look.tell.w, f"inspections-seed-{one.id}-{look.looking.round}"

    def pressed(now: Look) -> None:
        seed = st.session_state[f"{key}-seed"]
        now.do("draw", lambda: now.centre.draws.draw(now.person.id, one.id, seed))

    with st.form(key=key, border=False):
        st.text_input(w("inspections.draw_seed", source=one.seed_from), max_chars=300, key=f"{key}-seed")
        go = look.when_pressed(pressed)
        st.form_submit_button(w("inspections.draw_do"), type="primary", width="stretch", on_click=go)


def _days(look: Look, one: KeptDraw) -> None:
    """Between which days the draw that this page shows is due."""
    w, key = look.tell.w, f"inspections-draw-due-{one.id}-{look.looking.round}"

    def pressed(now: Look) -> None:
        first, last = (st.session_state[f"{key}-{name}"] for name in ("first", "last"))
        now.hear(lambda: _made_due(now, one, first, last))

    with st.form(key=key, border=False):
        st.date_input(w("inspections.from_day"), look.today, format="YYYY-MM-DD", key=f"{key}-first")
        st.date_input(w("inspections.to_day"), look.today + AHEAD, format="YYYY-MM-DD", key=f"{key}-last")
        go = look.when_pressed(pressed)
        st.form_submit_button(w("inspections.draw_due"), type="primary", width="stretch", on_click=go)


def _made_due(look: Look, one: KeptDraw, first: date, last: date) -> str:
    """What became of the draw, with what was left out and why."""
    w = look.tell.w
    made = look.centre.draws.make_due(look.person.id, one.id, first, last)
    said = [w("inspections.done_draw_due")]
    if made.left_out:
        why = w("app.and").join(look.tell.reason(reason) for reason in first_of(made.left_out))
        said.append(w("inspections.done_due_but", why=why))
    return " ".join(said)


def _record(look: Look, one: KeptDraw) -> None:
    """The record to be published; or why the book has to prove the draw instead."""
    try:
        look.centre.draws.file_of(one.id)
    except Refused as refused:
        html = render("note.html", note=("", " ".join(look.tell.reason(reason) for reason in refused.reasons)))
    else:
        html = render("papers.html", words=look.tell.w("inspections.draw_record"), to=draw_link(one.id))
    panel(html, key="inspections-draw-record", theme=look.theme)


def _again(look: Look, one: KeptDraw) -> Said:
    w = look.tell.w
    against = look.centre.draws.against(one.id)
    if not against:
        return Said(w("inspections.draw_equal"), True)
    reasons = [look.tell.reason(each) for each in against]
    return Said(w("inspections.draw_unequal", why=w("app.and").join(reasons)), False)
