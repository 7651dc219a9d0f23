"""The script Streamlit runs for every browser session: one page, the screen named in the address."""

import streamlit as st

from ui.frame import first_view, may_open, open_page, turn_back
from ui.oidc import guest_page
from ui.screens.between import screen as between
from ui.screens.cases import screen as cases
from ui.screens.city import screen as city
from ui.screens.dispatch import screen as dispatch
from ui.screens.field import screen as field
from ui.screens.inspections import screen as inspections
from ui.screens.intake import screen as intake
from ui.screens.lists import screen as lists
from ui.screens.oversight import screen as oversight
from ui.screens.people import screen as people
from ui.screens.staffing import screen as staffing
from ui.screens.story import screen as story
from ui.settings import settings
from ui.signin import signed_in

SCREENS = {
    "between": between.show,
    "cases": cases.show,
    "city": city.show,
    "dispatch": dispatch.show,
    "field": field.show,
    "inspections": inspections.show,
    "intake": intake.show,
    "lists": lists.show,
    "oversight": oversight.show,
    "people": people.show,
    "staffing": staffing.show,
    "story": story.show,
}

open_page()
if settings().oidc and signed_in() is None:
    guest_page()
else:
    asked = st.query_params.get("view", "")
    if asked not in SCREENS:
        asked = first_view()
    SCREENS[asked if may_open(asked) else turn_back(asked)]()
