"""What one dispatcher's browser session remembers between two refreshes."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from dispatch.response.assignment import Planned
from ui.map.spec import Fly, View
from ui.wording import Language, Wording, wording


@dataclass(slots=True)
class DeskSession:
    """One dispatcher's view of the desk. The map's view lives in the browser, not here.

    Attributes
    ----------
    follow
        Whether the map shall move to what was just selected.
    pin
        The place last clicked on bare ground, when one was asked for.
    note
        What came of the last deed: kind and words.
    undoable
        Whether the note tells of a batch that one button takes back.
    """

    selected: str = ""
    fly: Fly | None = None
    follow: bool = False
    batch: tuple[Planned, ...] = ()
    lasso_cleared: int = 0
    reporting: bool = False
    pin: tuple[float, float] | None = None
    note: tuple[str, str] | None = None
    undoable: bool = False

    def select(self, incident: str) -> None:
        """Another incident under the lamp; what belonged to the last one is put away."""
        self.undoable = False
        if incident != self.selected:
            self.note = self.pin = None
        self.selected = incident
        self.reporting = False

    def fly_to(self, view: View) -> None:
        """The camera moved, once."""
        self.fly = Fly(self.fly.seq + 1 if self.fly else 1, view.lon, view.lat, view.zoom)


def desk_session() -> DeskSession:
    """The session's view of the desk; an incident named in the address is selected at the first run."""
    if "desk" not in st.session_state:
        st.session_state["desk"] = DeskSession(selected=st.query_params.get("incident", "")[:80])
    session: DeskSession = st.session_state["desk"]
    return session


def language() -> Wording:
    """The words of the language in the address (``?lang=en``), else of the browser."""
    asked = st.query_params.get("lang", "")
    known = asked if asked in set(Language) else Language.of_browser(st.context.locale)
    return wording(Language(known))


def theme() -> str:
    """``light`` or ``dark``, as the browser shows it."""
    return "dark" if st.context.theme.type == "dark" else "light"
