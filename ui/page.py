"""The script Streamlit runs for every browser session: one page, the screen named in the address."""

import streamlit as st

from ui.frame import open_page
from ui.screens.dispatch import screen as dispatch
from ui.screens.story import screen as story

SCREENS = {"dispatch": dispatch.show, "story": story.show}

open_page()
SCREENS.get(st.query_params.get("view", ""), dispatch.show)()
