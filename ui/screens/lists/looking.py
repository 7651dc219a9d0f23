"""What one keeper looks at between two refreshes: tab, town, day, row, and the change that is being written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date

import streamlit as st

from dispatch.rulebook.calendar import Holiday
from dispatch.rulebook.competence import RuleBook
from dispatch.rulebook.terms import Term
from ui.frame import Frame
from ui.panel.typing import reported
from ui.services.lists import DeedKind, Draft, Outlook, Wanted, powers_at

ASK = "lists-ask"
"""Key of the field where a few words are asked about."""
TABS = ("powers", "search", "catalogue", "design", "versions", "holidays", "files")


@dataclass(slots=True)
class Looking:
    """One keeper's view of the lists.

    Attributes
    ----------
    row
        Key of the row under the lamp.
    matter
        Whose proof is shown; empty for the first that the row stands for.
    version
        The version that is read, None for the present one.
    deed
        The form that is open on the powers tab.
    outlook
        The last preview with what it is of, since a preview of the whole list is not made twice.
    shown
        The change that was last on the screen, and the version of the list it was previewed against.
    shown_day
        The day that was last on the screen, and its row of the table of holidays.
    note
        What came of the last deed: kind and words.
    heard
        How many keys of the field of words were answered.
    designed
        The table of a design that is looked at.
    wanted, on
        Which rows are shown, and as of which day; None: today.
    """

    tab: str = "powers"
    town: str = ""
    row: str = ""
    matter: str = ""
    version: int | None = None
    deed: DeedKind | None = None
    outlook: tuple[object, Outlook] | None = None
    shown: tuple[Draft, int] | None = None
    note: tuple[str, str] | None = None
    kind: str = ""
    category: str = ""
    entry: str = ""
    earlier: int = 0
    later: int = 0
    restoring: int | None = None
    year: int = 0
    day: date | None = None
    shown_day: tuple[date, Holiday | None] | None = None
    words: str = ""
    heard: int = 0
    designed: str = "compared"
    wanted: Wanted = field(default_factory=Wanted)
    on: date | None = None

    def hear(self) -> None:
        """Words typed right before a tab was pressed: that run ends before it comes to their field."""
        self.words = reported(ASK).fields.get("words", self.words)
        self.wanted = replace(self.wanted, words=st.session_state.get("lists-words", self.wanted.words))

    def go(self, tab: str) -> None:
        """Another tab; what belonged to the last one is put away."""
        self.tab = tab if tab in TABS else TABS[0]
        self.note = self.deed = self.restoring = None

    def choose(self, row: str) -> None:
        """Another row under the lamp."""
        self.row, self.matter, self.deed, self.note = row, "", None, None

    def go_to_town(self, town: str) -> None:
        """Another town, here and in the address; the row under the lamp was the last one's."""
        self.town = town
        self.choose("")
        st.query_params["list_town"] = town


@dataclass(frozen=True, slots=True)
class Look(Frame):
    """One refresh of this screen for one keeper."""

    looking: Looking
    today: date

    @property
    def list_version(self) -> int:
        return self.centre.casebook.list_version()

    def town(self, code: str) -> str:
        """A town by name, the district as all of it."""
        name = self.tell.areas.name(code)
        return self.tell.w("lists.whole", name=name) if len(code) < 9 else name

    def body(self, code: str) -> str:
        """A body by name; its id when nobody knows it any more."""
        body = self.centre.rulebook.bodies.get(code)
        return self.tell.w.pick(body.name_zh, body.name_en) if body else code

    def matter(self, code: str) -> str:
        """A matter or category by name."""
        matter = self.centre.rulebook.matters.get(code)
        if matter is not None:
            return self.tell.w.pick(matter.name_zh, matter.name_en)
        category = self.centre.rules.categories.get(code)
        return self.tell.w("lists.category_all", name=self.named(category)) if category else code

    def department(self, code: str) -> str:
        return self.named(self.centre.rules.departments.get(code)) or code

    def term(self, term: Term) -> str:
        """A time limit with its unit."""
        return f"{term.amount} {self.tell.w(f'value.{term.unit}')}"

    def named(self, one: object) -> str:
        """Something with two names in this language; empty for nothing."""
        zh, en = getattr(one, "name_zh", ""), getattr(one, "name_en", "")
        return self.tell.w.pick(zh, en)

    def book(self) -> RuleBook:
        """The rule book that is read: by the present list, or by the version that was asked for."""
        present, version = self.centre.rulebook, self.looking.version
        if version is None:
            return present
        return _book_at(self, version)


def looking() -> Looking:
    """The session's view; tab, town and matter named in the address are taken at the first run."""
    if "lists" not in st.session_state:
        asked = st.query_params
        view = Looking(town=asked.get("list_town", "")[:9], words=asked.get("words", "")[:80])
        view.go(asked.get("tab", ""))
        st.session_state["lists"] = view
    view = st.session_state["lists"]
    assert isinstance(view, Looking)
    return view


def again() -> None:
    """Draw once more at once, since something was chosen or done."""
    st.rerun(scope="fragment")


def keep(key: str, value: object) -> str:
    """``key`` of a field that shows ``value`` when it is drawn again; Streamlit forgets a field that was not drawn."""
    st.session_state.setdefault(key, value)
    return key


def day_field(look: Look, key: str) -> date:
    """The day as of which the lists are read, chosen."""
    chosen = st.date_input(
        look.tell.w("lists.on_day"),
        key=keep(key, look.looking.on or look.today),
        format="YYYY-MM-DD",
        label_visibility="collapsed",
        width=130,
    )
    day = chosen if isinstance(chosen, date) else look.today
    look.looking.on = None if day == look.today else day
    return day


def asked(act: str | None, *names: str) -> tuple[str, str]:
    """The deed and what it is about, when it is one of ``names``; else two empty words."""
    name, _, what = (act or "").partition(":")
    return (name, what) if name in names else ("", "")


def _book_at(look: Look, version: int) -> RuleBook:
    """An older list's rule book, kept for the session, since a version never changes."""
    kept: dict[int, RuleBook] = st.session_state.setdefault("lists-books", {})
    if version not in kept:
        centre = look.centre
        rows = powers_at(centre.casebook, centre.lists.shipped, version)
        kept.clear()
        kept[version] = RuleBook(centre.rulebook.matters, centre.rulebook.bodies, rows)
    return kept[version]


Draw = Callable[[Look], None]
