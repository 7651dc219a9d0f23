"""What somebody looks at on the screen between bodies, from one refresh to the next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from dispatch.oversight.appeals import Standing
from dispatch.oversight.matrix import ReportingIn
from ui.frame import Frame
from ui.panel.component import panel, render
from ui.said import Said, incomplete

TABS = ("board", "agenda", "matrix", "appraisals", "liaisons", "shift")


@dataclass(slots=True)
class Looking:
    """One person's view.

    Attributes
    ----------
    incident
        For which something new is asked of others; empty while a task is looked at.
    counted
        The matrix, with what it was counted from.
    appraisal
        Which one is looked at; empty for the first.
    appraised
        Its figures, with what they were counted from.
    round
        Counts what was done: every form is drawn anew, and empty, afterwards.
    """

    tab: str = "board"
    task: str = ""
    incident: str = ""
    dispute: str = ""
    community: str = ""
    counted: tuple[object, list[ReportingIn]] = (None, [])
    appraisal: str = ""
    appraised: tuple[object, Standing] | None = None
    note: tuple[str, str] | None = None
    round: int = 0

    def said(self, said: Said) -> None:
        """What came of a deed; a form that was sent in vain keeps what was typed."""
        self.note = said.note
        self.round += int(said.done)


@dataclass(frozen=True, slots=True)
class Look(Frame):
    """One refresh of this screen for one person."""

    looking: Looking

    def department(self, code: str) -> str:
        found = self.centre.rules.departments.get(code)
        return self.tell.w.pick(found.name_zh, found.name_en) if found else code

    def matter(self, code: str) -> str:
        matter = self.centre.rulebook.matters.get(code)
        return self.tell.w.pick(matter.name_zh, matter.name_en) if matter else code

    def incomplete(self, typed: Mapping[str, Sequence[str]]) -> Said | None:
        """What is still to be filled in on a form of this screen, ``typed`` by the key of its label."""
        w = self.tell.w
        return incomplete({w(f"between.{label}"): value for label, value in typed.items()}, w)

    def say(self) -> None:
        """What came of the last deed, above the form that asked for it; its place is kept, else what is open shuts."""
        with st.empty():
            if self.looking.note is not None:
                panel(render("note.html", note=self.looking.note), key="between-note", theme=self.theme)

    def with_bodies(self) -> list[str]:
        """Codes of the departments that have a body in this place, in the order of the list."""
        here = {body.department for body in self.centre.rulebook.bodies.values()}
        return [code for code in self.centre.rules.departments if code in here]


def looking() -> Looking:
    """The session's view; what the address names is looked at first."""
    asked = st.query_params
    view: Looking = st.session_state.setdefault("between", Looking())
    if asked.get("incident", "") and st.session_state.get("between-asked") != asked["incident"]:
        st.session_state["between-asked"] = asked["incident"]
        view.tab, view.incident, view.task = "board", asked["incident"][:80], ""
    return view


def again() -> None:
    st.rerun(scope="fragment")
