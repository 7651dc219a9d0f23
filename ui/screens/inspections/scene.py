"""A whole scene at one door: everything that its departments check there, made due together."""

from __future__ import annotations

from datetime import timedelta

import streamlit as st

from dispatch.records.inspection import Premises
from dispatch.store import plans
from ui.screens.inspections.looking import Look

AHEAD = timedelta(days=30)


def offer(look: Look, place: Premises) -> None:
    """The scene of these premises, what of it is due already, and the rest to be made due with its reason."""
    w, desk, scenes, today = look.tell.w, look.centre.due_checks, look.centre.rules.scenes, look.today
    with st.expander(w("inspections.scene_once")):
        with look.centre.casebook.reading() as connection:
            known = plans.registered(connection, [place.town]).get(place.id)
            there = desk.due_here(connection, place.id)
        near = look.near(place.id, today + AHEAD)
        kinds = list(scenes.scenes)
        at = kinds.index(known.traits.type) if known is not None and known.traits.type in kinds else 0
        key = f"{place.id}-{look.looking.round}"
        code = st.selectbox(w("inspections.scene"), kinds, at, format_func=look.scene, key=f"scene-of-{key}")
        open_ones = [item for item in scenes.scenes[str(code)].items if item.published and item.code not in there]
        if not open_ones:
            st.caption(w("inspections.scene_all_due"))
            return
        for reason in near:
            st.warning(look.tell.reason(reason))
        with st.form(key=f"inspections-scene-{code}-{key}", border=False):
            chosen = st.multiselect(
                w("inspections.scene_what"),
                [item.code for item in open_ones],
                [item.code for item in open_ones],
                format_func=lambda item: f"{look.department(scenes.items[item].department)}: {look.item(item)}",
            )
            last = st.date_input(w("inspections.to_day"), today + AHEAD, min_value=today, format="YYYY-MM-DD")
            why = st.text_input(w("inspections.why"), max_chars=500)
            although = st.text_input(w("inspections.although"), max_chars=500) if near else ""
            if st.form_submit_button(w("inspections.scene_do"), width="stretch"):
                me = look.person.id
                look.do("scene", lambda: desk.scene_due(me, place.id, chosen, today, last, why, although))
