"""What one person's browser session remembers of the case screen between two refreshes."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st


@dataclass(slots=True)
class CaseSession:
    """One person's view of the cases.

    Attributes
    ----------
    selected
        Id of the case under the lamp.
    filing
        Whether a new case is being filed, from ``incident`` where that is not empty.
    arrived
        The incident of the address that was already acted on.
    stamp
        Number of the stamp that is opened; None for the last.
    again
        A step to be done once more; empty for the next one.
    seen
        The case and its version that were drawn last; None after a deed of one's own.
    note
        What came of the last deed: kind and words.
    """

    selected: str = ""
    filing: bool = False
    incident: str = ""
    arrived: str = ""
    stamp: int | None = None
    again: str = ""
    seen: tuple[str, int] | None = None
    note: tuple[str, str] | None = None

    def select(self, case: str) -> None:
        """Another case; what belonged to the last one is put away."""
        if case != self.selected:
            self.stamp, self.note, self.again, self.seen = None, None, "", None
        self.selected = case
        self.put_away()
        st.query_params["case"] = case

    def put_away(self) -> None:
        """No more filing; the incident of the address has been dealt with and may be asked for again."""
        self.filing, self.arrived = False, ""
        st.query_params.pop("incident", None)

    def file(self, incident: str = "") -> None:
        self.filing, self.incident, self.note = True, incident, None


def case_session() -> CaseSession:
    """The session's view; a case named in the address is selected at the first run, before any incident there."""
    if "cases" not in st.session_state:
        case, incident = (st.query_params.get(name, "")[:80] for name in ("case", "incident"))
        st.session_state["cases"] = CaseSession(selected=case, arrived=incident if case else "")
    session: CaseSession = st.session_state["cases"]
    return session
