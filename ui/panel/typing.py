"""A panel that is typed in: what stands in its fields comes at every pause, and keys are deeds.

Streamlit's own fields report when the hand leaves them; a desk that answers while a call is written down must not wait
for that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import streamlit as st

from ui.panel.component import HTML
from ui.panel.routes import script_name

LONGEST = 8_000
"""Characters of a field that are kept; nobody tells more at once."""

# The panel's script draws, the other one listens.
LOADER = """
export default async function (component) {
  const script = (name) => import(new URL(component.data[name], document.baseURI).href);
  const [panel, typing] = await Promise.all([script("script"), script("typing")]);
  panel.default(component);
  return typing.default(component);
}
"""


@dataclass(frozen=True, slots=True)
class Typed:
    """What stood in the fields.

    Attributes
    ----------
    fields
        Text by the field's name.
    round
        Which of the forms shown one after the other it was typed into.
    pasted
        Whether the last thing that happened to the first field is that something was pasted.
    at
        Grows with everything the form says. Streamlit gives what was reported last again and again, also after a key
        has said more.
    """

    fields: Mapping[str, str] = field(default_factory=dict)
    round: int = -1
    pasted: bool = False
    at: int = 0


@dataclass(frozen=True, slots=True)
class Keyed:
    """A key that is a deed.

    Attributes
    ----------
    name
        ``accept`` (Enter), ``force`` (Alt+Enter), ``find`` (Enter in the field of that name), ``pick:1`` … ``pick:9``
        (Alt and digit), ``double``, ``spot``, ``undo`` (Alt+D, P, Z), ``clear`` (Esc).
    number
        Counts the form's deeds.
    seen
        What the form had been told to be on the screen when the key was pressed.
    """

    name: str
    number: int
    seen: str
    typed: Typed


@dataclass(frozen=True, slots=True)
class Told:
    """What the form is told back.

    Attributes
    ----------
    round
        Another one empties the fields of what was sent and fills in ``values``.
    heard
        Number of the last deed that was answered; until then the form sends no other.
    seen
        Comes back with the next deed.
    focus, moves
        The field that gets the focus whenever ``moves`` is another number.
    at
        Of the last that was heard from the form.
    emptied
        Another number empties the field ``find``.
    """

    round: int
    values: Mapping[str, str]
    heard: int
    seen: str
    focus: str
    moves: int
    at: int = 0
    emptied: int = 0


def reported(key: str) -> Typed:
    """What stood in the fields of that form when it last said something; known before it is drawn in this run.

    Who clicks elsewhere right after a word, on another screen even, has said that word.
    """
    said = st.session_state.get(key)
    return read_typed(said.get("typed") if isinstance(said, Mapping) else None)


def typing(html: str, told: Told, *, key: str, theme: str) -> Keyed | None:
    """Show ``html``, whose fields carry a ``name``; the key pressed since the last run."""
    data = {
        "html": html,
        "theme": theme,
        "script": f"/panel/{script_name()}.js",
        "typing": f"/panel/{script_name('typing')}.js",
        "round": told.round,
        "values": dict(told.values),
        "heard": told.heard,
        "seen": told.seen,
        "focus": {"field": told.focus, "number": told.moves},
        "at": told.at,
        "emptied": told.emptied,
    }
    result = _mount()(key=key, data=data, on_typed_change=_noted, on_deed_change=_noted, on_act_change=_noted)
    return read_keyed(result.get("deed"))


def read_typed(said: Any) -> Typed:
    """What the browser says stood in the fields; nothing where it says no such thing."""
    if not isinstance(said, Mapping):
        return Typed()
    known = {str(name): text[:LONGEST] for name, text in said.items() if isinstance(text, str)}
    number, at = said.get("round"), said.get("at")
    return Typed(
        known,
        number if isinstance(number, int) else -1,
        said.get("pasted") is True,
        at if isinstance(at, int) else 0,
    )


def read_keyed(said: Any) -> Keyed | None:
    """The key the browser says was pressed, or None where it says no such thing."""
    if not isinstance(said, Mapping):
        return None
    name, number, seen = said.get("name"), said.get("number"), said.get("seen")
    if not (isinstance(name, str) and isinstance(number, int) and isinstance(seen, str)):
        return None
    fields = {each: text for each, text in said.items() if each not in ("name", "seen")}
    return Keyed(name[:20], number, seen[:500], read_typed(fields))


def _noted() -> None:
    """Streamlit gives back only what has a callback; the value is read where the form is drawn."""


@cache
def _mount() -> Callable[..., Any]:
    mount: Callable[..., Any] = st.components.v2.component("gridbeat_typing", html=HTML, js=LOADER)
    return mount
