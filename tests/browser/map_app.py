"""The server of the map's test page: the page and the routes it needs."""

from pathlib import Path

import streamlit as st

from tests.browser.map_town import SHELF
from ui.map.routes import from_this_machine, map_routes

app = st.App(Path(__file__).with_name("map_page.py"), routes=map_routes(SHELF, from_this_machine))
