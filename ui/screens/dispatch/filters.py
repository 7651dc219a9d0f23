"""What the dispatcher wants to see: search, filters and layers. The widgets keep what was typed."""

from __future__ import annotations

import streamlit as st

from dispatch.records.incident import Status
from scenarios.scenario import Scenario
from ui.screens.dispatch.lines import Teller
from ui.services.board import SENT, Filter

STATES = {
    "waiting": frozenset({Status.REPORTED}),
    "sent": SENT,
    "closed": frozenset({Status.CLOSED}),
}
LAYERS = ("cover", "streets", "teams", "towns")


def choose(tell: Teller, scenario: Scenario) -> tuple[Filter, frozenset[str]]:
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
            towns = st.multiselect(
                w("queue.filter_town"), list(scenario.areas.towns), format_func=scenario.areas.name, key="filter-town"
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
    wanted = Filter(words.strip(), statuses, frozenset(priorities), frozenset(towns), only_overdue=late)
    return wanted, frozenset(LAYERS) - frozenset(layers)
