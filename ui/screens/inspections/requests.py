"""What enterprises ask: taken down and answered at their card; the open ones by the day of their answer."""

from __future__ import annotations

import streamlit as st

from dispatch.records.inspection import Premises
from dispatch.records.request import Request, Wish
from dispatch.store import requests
from ui.panel.component import panel, render
from ui.screens.inspections.looking import Look, again


def waiting(look: Look) -> None:
    """The open requests of the premises that this person sees, the most pressing first; nothing without one."""

    def found() -> list[Request]:
        with look.centre.casebook.reading() as connection:
            return requests.waiting(connection)

    some = [one for one in look.centre.books.kept(("requests",), found) if one.premises in look.premises]
    if not some:
        return
    rows = [{**_row(look, one), "name": look.name(one.premises), "premises": one.premises} for one in some]
    html = render("inspections/requests_waiting.html", w=look.tell.w, rows=rows)
    act = panel(html, key="inspections-requests", theme=look.theme) or ""
    name, _, place = act.partition(":")
    if name == "place":
        look.looking.premises, look.looking.note = place, None
        again()


def show(look: Look, place: Premises) -> None:
    """Every request of one place of business; who plans there takes down a new one and answers."""

    def found() -> list[Request]:
        with look.centre.casebook.reading() as connection:
            return requests.at(connection, place.id)

    some = look.centre.books.kept(("requests", place.id), found)
    html = render("inspections/requests.html", w=look.tell.w, rows=[_row(look, one) for one in some])
    panel(html, key="inspections-requests-here", theme=look.theme)
    if place.town in look.own_towns:
        for one in some:
            if one.open:
                _answer(look, one)
        _ask(look, place)


def _row(look: Look, one: Request) -> dict[str, object]:
    w, zone = look.tell.w, look.centre.zone
    on = one.answered_at.astimezone(zone).date() if one.answered_at is not None else None
    late = (on or look.today) > one.answer_by
    return {
        "id": one.id,
        "day": one.asked_on.isoformat(),
        "wish": w(f"inspections.wish_{one.wish}"),
        "asker": one.asker,
        "said": one.said,
        "answer": one.answer,
        "clock": w("inspections.request_by", day=look.day_name(one.answer_by))
        if on is None
        else w("inspections.request_answered", day=on.isoformat(), who=look.who(one.answered_by)),
        "late": w("inspections.request_late") if late else "",
    }


def _answer(look: Look, one: Request) -> None:
    w, key = look.tell.w, f"inspections-answer-{one.id}-{look.looking.round}"

    def pressed(now: Look) -> None:
        words, desk = st.session_state[f"{key}-words"], now.centre.requests
        now.do("answer", lambda: desk.answer(now.person.id, one.id, one.version, words))

    with st.form(key=key, border=False):
        st.text_input(w("inspections.request_answer", id=one.id), max_chars=500, key=f"{key}-words")
        go = look.when_pressed(pressed)
        st.form_submit_button(w("inspections.request_answer_do"), type="primary", width="stretch", on_click=go)


def _ask(look: Look, place: Premises) -> None:
    w, key = look.tell.w, f"inspections-request-{place.id}-{look.looking.round}"

    def pressed(now: Look) -> None:
        typed, desk = st.session_state, now.centre.requests
        wish, asker, said, day = (typed[f"{key}-{name}"] for name in ("wish", "asker", "said", "day"))
        now.do("request", lambda: desk.ask(now.person.id, place.id, wish, asker, said, day))

    with st.expander(w("inspections.request_new")), st.form(key=key, border=False):
        left, right = st.columns(2)
        left.selectbox(
            w("inspections.request_wish"), list(Wish), format_func=lambda each: w(f"inspections.wish_{each}"),
            key=f"{key}-wish",
        )  # fmt: skip
        right.date_input(
            w("inspections.request_on"), look.today, max_value=look.today, format="YYYY-MM-DD", key=f"{key}-day"
        )
        st.text_input(w("inspections.request_asker"), max_chars=100, key=f"{key}-asker")
        st.text_input(w("inspections.request_said"), max_chars=500, key=f"{key}-said")
        st.form_submit_button(w("inspections.request_do"), width="stretch", on_click=look.when_pressed(pressed))
