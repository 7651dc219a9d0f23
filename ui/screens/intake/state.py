"""What one session of the intake screen remembers between two refreshes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import streamlit as st

from dispatch.records.incident import Incident
from dispatch.rulebook.matters import Matter
from ui.panel.typing import Told, Typed
from ui.services.intake import AS_READ, Choice, Proposal

TEXT, PLACE, FIND = "text", "place", "find"
HOTLINE = "12345"
KEPT = 60
"""Lines of what was registered that stay on the screen."""


class How(StrEnum):
    """What became of a message."""

    NEW = "new"
    VOICE = "voice"
    PASSED = "passed"


@dataclass(frozen=True, slots=True)
class Form:
    """What is typed; ``find`` searches the matters and is no part of the message."""

    text: str = ""
    place: str = ""
    caller: str = ""
    source: str = HOTLINE
    find: str = ""

    @staticmethod
    def of(fields: Mapping[str, str]) -> Form:
        """Blanks around are nobody's words."""
        got = {name: fields.get(name, "").strip() for name in (TEXT, PLACE, "caller", FIND)}
        return Form(got[TEXT], got[PLACE], got["caller"][:80], fields.get("source", HOTLINE)[:40], got[FIND])

    def values(self) -> dict[str, str]:
        return {TEXT: self.text, PLACE: self.place, "caller": self.caller, "source": self.source, FIND: self.find}


@dataclass(frozen=True, slots=True)
class Done:
    """A message that was registered here, as it was, and what became of it.

    ``other`` is the incident it was merged into or the service it went to.
    """

    incident: Incident
    how: How
    other: str = ""

    @property
    def id(self) -> str:
        return self.incident.id


@dataclass(slots=True)
class Intake:
    """One person's intake.

    Attributes
    ----------
    round
        Grows with every form that is opened.
    put_away
        What Esc has cleared and Alt+Z brings back.
    at
        When the form last said something, by its own clock.
    note
        What came of the last deed: kind and words.
    read
        What the form last proposed and found, with what it was read from.
    """

    form: Form = field(default_factory=Form)
    choice: Choice = AS_READ
    round: int = 0
    heard: int = 0
    focus: str = TEXT
    moves: int = 1
    at: int = 0
    emptied: int = 0
    put_away: Form | None = None
    note: tuple[str, str] | None = None
    done: list[Done] = field(default_factory=list)
    read: tuple[object, Proposal, list[Matter]] | None = None

    def told(self, seen: str) -> Told:
        values = self.form.values()
        return Told(self.round, values, self.heard, seen, self.focus, self.moves, self.at, self.emptied)

    def typed(self, typed: Typed) -> bool:
        """Take over what stands in the fields; whether anything is new.

        What belongs to an older form, or was said before the last that was heard, is let be.
        """
        if typed.round != self.round or typed.at <= self.at:
            return False
        self.at = typed.at
        form = Form.of(typed.fields)
        changed = form != self.form
        if form.text != self.form.text:
            self.note = None
        if form.text != self.form.text or form.place != self.form.place:
            self.choice = Choice(matter=self.choice.matter) if form.text else AS_READ
        self.form = form
        return changed

    def move_to(self, name: str) -> None:
        self.focus = name
        self.moves += 1

    def choose(self, choice: Choice) -> None:
        self.choice = choice
        self.note = None

    def searched(self) -> None:
        """The search has served."""
        self.emptied += 1
        self.form = Form(self.form.text, self.form.place, self.form.caller, self.form.source)

    def open_next(self, form: Form | None = None) -> None:
        """The next form, empty but for the source, which seldom changes from one message to the next."""
        self.form = form or Form(source=self.form.source)
        self.choice = AS_READ
        self.round += 1
        self.move_to(TEXT)

    def registered(self, done: Done) -> None:
        self.done = [done, *self.done][:KEPT]
        self.put_away = None  # the last deed is what "back" takes back


def intake() -> Intake:
    """The session's own."""
    if "intake" not in st.session_state:
        st.session_state["intake"] = Intake()
    mine: Intake = st.session_state["intake"]
    return mine
