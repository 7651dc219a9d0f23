"""What the dispatcher wants to see: search, filters and layers. The widgets keep what was typed."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dispatch.records.incident import Status
from ui.services.board import SENT, TO_VERIFY, Filter
from ui.telling import Teller

STATES = {
    "waiting": frozenset({Status.REPORTED}),
    "sent": SENT,
    "elsewhere": frozenset({Status.TRANSFERRED}),
    "to_verify": TO_VERIFY,
    "closed": frozenset({Status.CLOSED}),
}
LAYERS = ("cover", "streets", "teams", "towns")


def choose(tell: Teller, towns: Sequence[str], sources: Sequence[str]) -> tuple[Filter, frozenset[str]]:
    """Draw the search field and the filters; the wanted incidents and the hidden map layers."""
    w = tell.w
    with st.container(key="find", horizontal=True, gap="small"):
        words = st.text_input(
            w("queue.search"), key="search", placeholder=w("queue.search"), label_visibility="collapsed", max_chars=80
        )
        with st.popover(w("queue.filter"), width="content"):
            states = st.pills(
                w("queue.filter_state"),
                list(STATES),
                default=["waiting"],
                selection_mode="multi",
                format_func=lambda state: w(f"queue.state_{state}"),
                key="filter-state",
            )
            priorities = st.pills(
                w("queue.filter_priority"),
                [1, 2, 3, 4],
                selection_mode="multi",
                format_func=lambda n: f"{n} {w(f'legend.p{n}')}",
                key="filter-priority",
            )
            late = st.toggle(w("queue.only_overdue"), key="filter-late")
            some_towns = st.multiselect(
                w("queue.filter_town"),
                towns,
                format_func=tell.areas.name,
                key="filter-town",
                placeholder=w("queue.filter_all"),
            )
            some_sources = st.multiselect(
                w("queue.filter_source"), sources, key="filter-source", placeholder=w("queue.filter_all")
            )
            layers = st.pills(
                w("queue.layers"),
                list(LAYERS),
                default=list(LAYERS),
                selection_mode="multi",
                format_func=lambda layer: w(f"queue.layer_{layer}"),
                key="layers",
            )
    statuses = frozenset[Status]().union(*(STATES[state] for state in states)) if states else frozenset(Status)
    wanted = Filter(
        words=words.strip(),
        statuses=statuses,
        priorities=frozenset(priorities),
        towns=frozenset(some_towns),
        sources=frozenset(some_sources),
        only_overdue=late,
    )
    return wanted, frozenset(LAYERS) - frozenset(layers)
