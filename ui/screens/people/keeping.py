"""What one administrator looks at between two refreshes: tab, who is under the lamp, what is shown once."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from ui.frame import Frame

TABS = ("people", "keys", "hooks")


@dataclass(frozen=True, slots=True)
class Secret:
    """What is said once and kept nowhere in clear: whose or what it is, and itself."""

    of: str
    value: str


@dataclass(slots=True)
class Keeping:
    """One administrator's view.

    Attributes
    ----------
    person, hook
        Id of the one under the lamp; empty while somebody new is written down.
    secret
        Stands until the next thing is done.
    round
        How many forms were sent and done; each begins empty.
    """

    tab: str = TABS[0]
    person: str = ""
    hook: str = ""
    note: tuple[str, str] | None = None
    secret: Secret | None = None
    round: int = 0

    def go(self, tab: str) -> None:
        """Another tab; what belonged to the last one is put away."""
        self.tab = tab if tab in TABS else TABS[0]
        self.put_away()

    def put_away(self) -> None:
        """Nobody and nothing under the lamp, nothing said."""
        self.person = self.hook = ""
        self.note = self.secret = None

    def said(self, note: tuple[str, str], secret: Secret | None = None, *, done: bool = False) -> None:
        """What came of a deed, with what it made that is shown once."""
        self.note, self.secret = note, secret
        self.round += done


@dataclass(frozen=True, slots=True)
class Look(Frame):
    """One refresh of this screen for one administrator."""

    keeping: Keeping

    def area(self, code: str) -> str:
        """An area by name, a community with its town, the district as all of it."""
        areas, w = self.tell.areas, self.tell.w
        if len(code) <= 6:
            return w("people.whole", name=areas.name(code))
        return areas.name(code) if len(code) == 9 else f"{areas.name(code[:9])} {areas.name(code)}"


def keeping() -> Keeping:
    """The session's view; the tab may be named in the address."""
    if "people" not in st.session_state:
        first = Keeping()
        first.go(st.query_params.get("tab", ""))
        st.session_state["people"] = first
    found: Keeping = st.session_state["people"]
    return found


def again() -> None:
    """Drawn anew with what has just been done."""
    st.rerun(scope="fragment")
