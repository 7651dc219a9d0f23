"""The script Streamlit runs for every browser session: one page, the screen named in the address."""

import streamlit as st

from ui.frame import first_view, open_page
from ui.screens.between import screen as between
from ui.screens.cases import screen as cases
from ui.screens.dispatch import screen as dispatch
from ui.screens.field import screen as field
from ui.screens.intake import screen as intake
from ui.screens.lists import screen as lists
from ui.screens.story import screen as story

SCREENS = {
    "between": between.show,
    "cases": cases.show,
    "dispatch": dispatch.show,
    "field": field.show,
    "intake": intake.show,
    "lists": lists.show,
    "story": story.show,
}

open_page()
SCREENS.get(st.query_params.get("view", "") or first_view(), dispatch.show)()
