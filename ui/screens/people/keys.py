"""Keys: with which other systems report here, made for one source each and ended when it is no longer theirs."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit

import streamlit as st

from dispatch.desk.keys import LONGEST_SOURCE
from dispatch.records.person import Key
from ui.panel.component import panel, render
from ui.said import attempt
from ui.screens.people.keeping import Look, Secret, again

SERVICE = "other"
"""The Open311 service for who cannot say what it is: every place has it."""


def show(look: Look) -> None:
    left, right = st.columns([8, 4], gap="small")
    with left, st.container(key="people-left"):
        _list(look, look.centre.keys.all())
    with right, st.container(key="people-side"):
        _make(look)
        _use(look)


def _list(look: Look, known: list[Key]) -> None:

    def at(moment: datetime) -> str:
        return moment.astimezone(look.tell.zone).strftime("%Y-%m-%d %H:%M")

    rows = [
        (key.id, key.source, at(key.made_at), at(key.ended_at) if key.ended_at else "", key.version)
        for key in sorted(known, key=lambda key: (key.ended_at is not None, key.id))
    ]
    act = panel(render("people/keys.html", w=look.tell.w, rows=rows), key="people-keys", theme=look.theme) or ""
    deed, _, rest = act.partition(":")
    key_id, _, version = rest.rpartition(":")
    if deed == "end" and version.isdecimal():
        said = attempt(lambda: _end(look, key_id, int(version)), look.tell)
        look.keeping.said(said.note)
        again()


def _end(look: Look, key_id: str, version: int) -> str:
    look.centre.keys.end(look.person.id, key_id, version)
    return look.tell.w("people.did_end", which=key_id)


def _make(look: Look) -> None:
    w, keeping = look.tell.w, look.keeping
    html = render("people/key.html", w=w, note=keeping.note, secret=keeping.secret)
    panel(html, key="people-key", theme=look.theme)
    with st.form(key=f"key-new-{keeping.round}", border=False):
        source = st.text_input(
            w("people.source"),
            key=f"key-source-{keeping.round}",
            max_chars=LONGEST_SOURCE,
            help=w("people.source_help"),
        )
        if not st.form_submit_button(w("people.do_key"), type="primary", width="stretch"):
            return
    made: list[Secret] = []

    def deed() -> str:
        key, secret = look.centre.keys.make(look.person.id, source)
        made.append(Secret(f"{key.id} · {key.source}", secret))
        return w("people.did_key", which=key.id)

    said = attempt(deed, look.tell)
    keeping.said(said.note, made[0] if said.done else None, done=said.done)
    again()


def _use(look: Look) -> None:
    """The line another system's people begin with, at the address under which this server is known to the browser."""
    lon, lat = _somewhere(look)
    html = render(
        "people/key_use.html", w=look.tell.w, here=here(), service=SERVICE, lon=f"{lon:.4f}", lat=f"{lat:.4f}"
    )
    panel(html, key="people-key-use", theme=look.theme)


def _somewhere(look: Look) -> tuple[float, float]:
    """A place inside the district: where its first team stands."""
    team = min(look.centre.board().teams.values(), key=lambda team: team.id)
    return team.lon, team.lat


def here() -> str:
    """Scheme, host and port as the browser has them."""
    url = urlsplit(st.context.url or "")
    return f"{url.scheme}://{url.netloc}"
