"""The city: its districts and their towns on the map with what is open in them, and the way into each district."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import shapely
import streamlit as st

from scenarios.city import District
from ui.frame import Frame, frame, strip
from ui.map.component import grid_map
from ui.map.palette import Theme, of_level
from ui.map.spec import Fly, MapSpec, Pin, Tables, Words
from ui.panel.component import panel, render
from ui.services.city import FIGURES, Around, Drawn, around, box, tint, whole
from ui.services.cityload import Load
from ui.services.cityservers import State
from ui.settings import settings
from ui.wording import Wording

MAP_HEIGHT = "calc(100vh - 80px)"
NOTHING = "–"


@dataclass(slots=True)
class Looking:
    """One person's view: the district that is chosen, or empty, and by what the towns are coloured."""

    district: str = ""
    figure: str = FIGURES[0]
    fly: Fly | None = None


@dataclass(frozen=True, slots=True)
class Look(Frame):
    """One refresh of this screen; ``loads`` by district and town, None where a district has no casebook yet."""

    view: Looking
    around: Around
    loads: Mapping[str, Mapping[str, Load] | None]

    def named(self, one: District) -> str:
        return self.tell.w.pick(one.name, one.name_en)


def show() -> None:
    """Draw the whole screen; it lives, since every district goes on."""
    _live()


@st.fragment(run_every=settings().refresh_s)
def _live() -> None:
    now, here = frame(), around()
    if here is None:
        panel(render("city/none.html", w=now.tell.w), key="city-none", theme=now.theme)
        return
    view: Looking = st.session_state.setdefault("city", Looking())
    loads = here.loads(now.centre.board())
    look = Look(now.centre, now.board, now.tell, now.theme, now.person, view, here, loads)
    strip(look, "city")
    with st.container(key="city"):
        left, right = st.columns([5, 8], gap="small")
        with left:
            _choose(look)
            _table(look)
        with right:
            _map(look)


def _choose(look: Look) -> None:
    w = look.tell.w
    chosen = st.selectbox(
        w("city.coloured"),
        FIGURES,
        format_func=lambda each: w("city.coloured_by", figure=w(f"city.{each}")),
        label_visibility="collapsed",
        key="city-figure",
    )
    look.view.figure = chosen or FIGURES[0]


def _table(look: Look) -> None:
    """The districts; of a chosen one its towns, and the way into it."""
    w, view, here = look.tell.w, look.view, look.around
    district = here.district_at(view.district)
    rows = _districts(look) if district is None else _towns(look, district)
    state, port = here.servers.state(view.district) if district else (State.CLOSED, 0)
    html = render(
        "city/city.html",
        w=w,
        title=w("city.districts") if district is None else look.named(district),
        first=w("city.district") if district is None else w("city.town"),
        figures=[w(f"city.{name}") for name in FIGURES],
        rows=rows,
        districts=len(look.loads),
        read=sum(of is not None for of in look.loads.values()),
        chosen=view.district,
        told=_told(look, state),
        to=_way(view.district == here.own, state, port),
        may_open=here.demo and state in (State.CLOSED, State.FAILED),
        note=w("city.note"),
    )
    act, _, code = (panel(html, key="city-table", theme=look.theme) or "").partition(":")
    if act == "open" and here.demo and here.district_at(code) is not None:
        here.servers.open(code)
        st.rerun(scope="fragment")
    if act in ("district", "city"):
        _look_at(look, code)


def _districts(look: Look) -> list[dict[str, object]]:
    """Those with most that is overdue first, then with most that is open; those without a casebook last."""
    rows: list[tuple[tuple[object, ...], dict[str, object]]] = []
    for code, one in look.around.city.districts.items():
        load = whole(look.loads[code])
        order = (load is None, -load.overdue if load else 0, -load.open if load else 0, code)
        row: dict[str, object] = {"name": look.named(one), "act": f"district:{code}", "said": _said(load)}
        rows.append((order, row))
    known = [load for of in look.loads.values() if (load := whole(of)) is not None]
    total: dict[str, object] = {"name": look.tell.w("city.together"), "act": "", "said": _said(sum(known, Load()))}
    return [total, *(row for _, row in sorted(rows, key=lambda each: each[0]))]


def _towns(look: Look, district: District) -> list[dict[str, object]]:
    of = look.loads[district.code]
    w = look.tell.w
    rows: list[dict[str, object]] = [
        {
            "name": w.pick(town.name, town.name_en),
            "act": "",
            "said": _said(None if of is None else of.get(town.code, Load())),
        }
        for town in district.towns
    ]
    own = None if of is None else of.get(district.code, Load()) + of.get("", Load())
    return [{"name": w("city.of_district"), "act": "", "said": _said(own)}, *rows]


def _said(load: Load | None) -> list[str]:
    return [NOTHING if load is None else f"{getattr(load, name):,}" for name in FIGURES]


def _told(look: Look, state: State) -> str:
    """How far the chosen district is."""
    w, view, here = look.tell.w, look.view, look.around
    if view.district == here.own:
        return w("city.this_one")
    if not here.demo:
        return w("city.own_server", district=view.district, city=here.name)
    return w(f"city.state_{state}")


def _way(own: bool, state: State, port: int) -> str:
    """The address of the chosen district's own map; empty while there is none."""
    if own:
        return "?view=dispatch"
    if state is not State.OPEN:
        return ""
    asked = urlsplit(st.context.url or "")
    return f"{asked.scheme or 'http'}://{asked.hostname or '127.0.0.1'}:{port}/?view=dispatch"


def _look_at(look: Look, code: str) -> None:
    """Another district, or the whole city, in the table and on the map."""
    view = look.view
    drawn, district = look.around.drawn(look.tell.w), look.around.district_at(code)
    view.district = district.code if district else ""
    if drawn is not None:
        to = box(drawn, district) if district else drawn.home
        view.fly = Fly(view.fly.seq + 1 if view.fly else 1, to.lon, to.lat, to.zoom)
    st.rerun(scope="fragment")


def _map(look: Look) -> None:
    w, view = look.tell.w, look.view
    drawn = look.around.drawn(w)
    if drawn is None:
        panel(render("city/drawing.html", w=w), key="city-drawing", theme=look.theme)
        return
    spec = MapSpec(
        home=drawn.home,
        palette=of_level(Theme(look.theme)),
        tables=Tables(
            cells=drawn.cells,
            tint=tint(drawn, look.loads, view.figure),
            borders=drawn.town_borders if view.district else drawn.borders,
            labels=drawn.labels,
        ),
        words=Words(w("city.map"), w("map.in"), w("map.out"), w("city.whole"), "", ""),
        pins=tuple(_pins(look, drawn)),
        fly=view.fly,
        revision=look.board.revision,
        sharp=settings().sharp,
    )
    click = grid_map(spec, key="city-map", height=MAP_HEIGHT).click
    district = look.around.district_at(click.id) if click is not None else None
    if district is not None and district.code != view.district:
        _look_at(look, district.code)


def _pins(look: Look, drawn: Drawn) -> list[Pin]:
    """The chosen figure of each district that has one; of a chosen district that of its towns."""
    w, figure = look.tell.w, look.view.figure
    district = look.around.district_at(look.view.district)
    pins = []
    if district is None:
        for code, one in look.around.city.districts.items():
            if (load := whole(look.loads[code])) is not None:
                point = one.outline.representative_point()
                pins.append(_pin(w, code, point, look.named(one), load, figure))
        return pins
    for town in district.towns:
        load = (look.loads[district.code] or {}).get(town.code)
        if load is not None:
            point = drawn.shapes[town.code].representative_point()
            pins.append(_pin(w, town.code, point, w.pick(town.name, town.name_en), load, figure))
    return pins


def _pin(w: Wording, code: str, point: shapely.Point, name: str, load: Load, figure: str) -> Pin:
    tip = w("city.tip", name=name, open=load.open, overdue=load.overdue, pairs=load.pairs)
    return Pin(code, point.x, point.y, f"{getattr(load, figure)}", best=load.overdue > 0, tip=tip)
