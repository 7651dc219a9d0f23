"""A page with nothing but the map, and in words what was done on it."""

import streamlit as st

from tests.browser import map_town as town
from ui.map.component import grid_map
from ui.map.palette import Theme, palette
from ui.map.spec import Fly, MapSpec, Pin, Selected, Words

CHINESE = Words(
    map="辖区地图",
    zoom_in="放大 (+)",
    zoom_out="缩小 (-)",
    home="全区",
    lasso="圈选区域",
    lasso_hint="拖动圈选,或逐点单击、双击结束;Esc 取消",
)

st.set_page_config(layout="wide")
st.html(
    "<style>[data-testid=stHeader]{display:none}[data-testid=stMainBlockContainer]{padding:10px 14px 0!important}"
    "[data-testid=stVerticalBlock]{gap:.4rem}</style>"
)
memory = st.session_state
memory.setdefault("revision", 0)
memory.setdefault("seen", "nothing")
memory.setdefault("selected", None)
memory.setdefault("cleared", 0)

with st.container(horizontal=True, key="bar"):
    if st.button("next"):
        memory.revision += 1
    if st.button("clear"):
        memory.cleared += 1
    fly = st.button("fly")
    st.text_input("note", key="note", label_visibility="collapsed")
    seen = st.empty()

still = town.still_tables()
chosen = memory.selected
tables = still.__class__(
    **{name: getattr(still, name) for name in still.__slots__}
    | {
        "incidents": town.SHELF.put(town.incidents(memory.revision)),
        "teams": town.SHELF.put(town.teams(memory.revision)),
        "route": town.SHELF.put(town.route()) if chosen and chosen.layer == "incidents" else None,
    }
)
if fly:
    memory.fly = Fly(memory.get("fly", Fly(0, 0, 0)).seq + 1, *town.KNOWN_TEAM_AT, 15.5)
pins = (
    Pin(town.KNOWN_TEAM, *town.KNOWN_TEAM_AT, "1", best=True),
    Pin("T-X", town.KNOWN_TEAM_AT[0] - 0.012, town.KNOWN_TEAM_AT[1] + 0.002, "2"),
    Pin("T-Y", town.KNOWN_TEAM_AT[0] + 0.004, town.KNOWN_TEAM_AT[1] + 0.009, "3"),
)
events = grid_map(
    MapSpec(
        home=town.HOME,
        palette=palette(Theme(st.context.theme.type or "light")),
        tables=tables,
        words=CHINESE if (st.context.locale or "").startswith("zh") else Words(),
        selected=chosen,
        pins=pins if tables.route else (),
        fly=memory.get("fly"),
        revision=memory.revision,
        lasso_cleared=memory.cleared,
    ),
    key="map",
    height="calc(100vh - 70px)",
)
if events.click:
    memory.seen = f"clicked {events.click.layer or 'ground'} {events.click.id}"
    memory.selected = Selected(events.click.layer, events.click.id) if events.click.layer not in ("", "pins") else None
    st.rerun()
if events.lasso is not None:
    memory.seen = f"lasso of {len(events.lasso)} corners"
seen.html(f'<div class="seen">{memory.seen}; revision {memory.revision}; note {memory.note}</div>')
