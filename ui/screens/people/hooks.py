"""Hooks: which systems are told what happens here, whether they answer, and what was last said of it."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dispatch.desk.hooks import EVENTS, LONGEST_URL
from dispatch.records.person import Hook
from ui.panel.component import panel, render
from ui.said import Said, attempt
from ui.screens.people.keeping import Look, Secret, again


def show(look: Look) -> None:
    known = look.centre.hooks.all()
    chosen = next((each for each in known if each.id == look.keeping.hook), None)
    left, right = st.columns([8, 4], gap="small")
    with left, st.container(key="people-left"):
        _list(look, known)
    with right, st.container(key="people-side"):
        _head(look, chosen)
        _form(look, chosen)


def _list(look: Look, known: list[Hook]) -> None:
    w = look.tell.w
    rows = [
        {
            "id": hook.id,
            "url": hook.url,
            "events": [w(f"people.event_{event}") for event in hook.events],
            "active": hook.active,
            "said": hook.said,
            "tries": hook.tries,
            "next_at": look.tell.at(hook.next_at) if hook.next_at and hook.tries else "",
        }
        for hook in known
    ]
    html = render("people/hooks.html", w=w, rows=rows, selected=look.keeping.hook)
    act = panel(html, key="people-hooks", theme=look.theme) or ""
    if act.startswith("hook:") or act == "new":
        look.keeping.put_away()
        look.keeping.hook = act.removeprefix("hook:") if act != "new" else ""
        again()


def _head(look: Look, chosen: Hook | None) -> None:
    w, keeping = look.tell.w, look.keeping
    html = render("people/hook.html", w=w, hook=chosen, note=keeping.note, secret=keeping.secret)
    act = panel(html, key="people-hook", theme=look.theme) or ""
    deed, _, version = act.partition(":")
    if deed == "new":
        keeping.put_away()
        again()
    if chosen is None or not version.isdecimal():
        return
    if deed in ("on", "off"):
        _do(look, f"did_{deed}", lambda: _changed(look, chosen, int(version), active=deed == "on"))
        again()
    if deed == "secret":
        _do(look, "did_secret", lambda: _changed(look, chosen, int(version), new_secret=True), tell_secret=True)
        again()


def _changed(look: Look, chosen: Hook, version: int, **changes: object) -> Hook:
    return look.centre.hooks.change(look.person.id, chosen.id, version, **changes)  # type: ignore[arg-type]


def _do(look: Look, did: str, deed: Callable[[], Hook], *, tell_secret: bool = False) -> bool:
    """The deed, what came of it, and the secret where it made one."""
    after: list[Hook] = []

    def done() -> str:
        after.append(deed())
        return look.tell.w(f"people.{did}", hook=after[0].id)

    said = attempt(done, look.tell)
    secret = Secret(after[0].id, after[0].secret) if said.done and tell_secret else None
    look.keeping.said(said.note, secret, done=said.done)
    return said.done


def _form(look: Look, chosen: Hook | None) -> None:
    w, keeping = look.tell.w, look.keeping
    key = f"hook-{chosen.id}-{chosen.version}" if chosen else f"hook-new-{keeping.round}"
    with st.form(key=key, border=False):
        url = st.text_input(
            w("people.url"),
            chosen.url if chosen else "",
            key=f"{key}-url",
            max_chars=LONGEST_URL,
            placeholder="https://",
            help=w("people.url_help"),
        )
        st.caption(w("people.events"))
        events = [
            event
            for event in EVENTS
            if st.checkbox(
                w(f"people.event_{event}_long"), bool(chosen and event in chosen.events), key=f"{key}-{event}"
            )
        ]
        if not st.form_submit_button(
            w("people.do_hook_change" if chosen else "people.do_hook"), type="primary", width="stretch"
        ):
            return
    if chosen is None:
        _do(look, "did_hook", lambda: look.centre.hooks.make(look.person.id, url, events), tell_secret=True)
    elif (url.strip(), tuple(events)) == (chosen.url, chosen.events):
        keeping.said(Said(w("people.same"), False).note)
    else:
        _do(look, "did_hook_change", lambda: _changed(look, chosen, chosen.version, url=url, events=events))
    again()
