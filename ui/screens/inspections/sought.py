"""Which premises of the due list somebody wants to see, and in what order."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from dispatch.records.inspection import DueItem, Premises
from ui.panel.component import render
from ui.panel.typing import Told, reported, typing
from ui.screens.inspections.looking import Look

FIND = "inspections-find-words"
STATES = ("", "open", "planned")
ORDERS = ("most", "last")


@dataclass(slots=True)
class Sought:
    """What is looked for; empty is everything.

    Attributes
    ----------
    state
        ``open`` for premises with a check that no visit answers for, ``planned`` for those without.
    order
        ``most`` for those with the most checks first, ``last`` for those whose last day comes first.
    """

    words: str = ""
    town: str = ""
    department: str = ""
    state: str = ""
    order: str = ORDERS[0]
    heard: int = 0

    @property
    def narrowed(self) -> bool:
        return bool(self.words.strip() or self.town or self.department or self.state)

    def found(
        self,
        of_place: Mapping[str, Sequence[DueItem]],
        premises: Mapping[str, Premises],
        answered: Collection[str],
    ) -> list[str]:
        """Ids of the premises wanted, in the order wanted; ``answered`` are the items that a call answers for."""
        some = [place for place, items in of_place.items() if self._wants(premises[place], items, answered)]
        last = {place: min(item.latest for item in of_place[place]) for place in some}
        if self.order == "last":
            return sorted(some, key=lambda place: (last[place], -len(of_place[place]), place))
        return sorted(some, key=lambda place: (-len(of_place[place]), last[place], place))

    def _wants(self, place: Premises, items: Sequence[DueItem], answered: Collection[str]) -> bool:
        named = f"{place.name} {place.id}".casefold()
        is_open = any(not item.remote and item.id not in answered for item in items)
        return (
            all(word in named for word in self.words.casefold().split())
            and self.town in ("", place.town)
            and (not self.department or any(item.department == self.department for item in items))
            and self.state in ("", "open" if is_open else "planned")
        )


def sought() -> Sought:
    """The session's own."""
    found: Sought = st.session_state.setdefault("inspections_sought", Sought())
    return found


def ask(look: Look) -> Sought:
    """One field for words, three for a choice, one for the order."""
    w, mine = look.tell.w, sought()
    departments = sorted({item.department for item in look.items.values()} | ({mine.department} - {""}))
    towns = sorted({*look.towns} | ({mine.town} - {""}))
    with st.container(key="inspections-find", horizontal=True, gap="small"):
        _words(look, mine)
        mine.town = _choice(
            look, "town", ["", *towns], mine.town, lambda each: look.town(each) if each else w("inspections.all_towns")
        )
        mine.department = _choice(
            look,
            "department",
            ["", *departments],
            mine.department,
            lambda each: look.department(each) if each else w("inspections.all_departments"),
        )
        mine.state = _choice(look, "state", STATES, mine.state, lambda each: w(f"inspections.find_{each or 'all'}"))
        mine.order = _choice(look, "order", ORDERS, mine.order, lambda each: w(f"inspections.order_{each}"))
    return mine


def _words(look: Look, mine: Sought) -> None:
    """Answered at every pause, without a key."""
    mine.words = reported(FIND).fields.get("words", mine.words)
    told = Told(0, {"words": mine.words}, mine.heard, "", "words", 0, reported(FIND).at)
    keyed = typing(render("inspections/find.html", w=look.tell.w), told, key=FIND, theme=look.theme)
    if keyed is not None:
        mine.heard = max(mine.heard, keyed.number)
        mine.words = keyed.typed.fields.get("words", mine.words)


def _choice(look: Look, name: str, options: Sequence[str], here: str, told: Callable[[str], str]) -> str:
    key = f"inspections-find-{name}"
    st.session_state.setdefault(key, here)  # Streamlit forgets a field that was not drawn
    if st.session_state[key] not in options:
        st.session_state[key] = options[0]
    label = look.tell.w(f"inspections.find_{name}")
    chosen = st.selectbox(label, options, format_func=told, key=key, label_visibility="collapsed", width=150)
    return str(chosen)
