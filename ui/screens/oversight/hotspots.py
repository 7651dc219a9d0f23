"""Cells in which more happened than chance would bring, on a list and on the map."""

from __future__ import annotations

import streamlit as st

from ui.map.component import grid_map
from ui.map.palette import Theme, palette
from ui.map.spec import Pin, Selected
from ui.panel.component import panel, render
from ui.screens.oversight.looking import Look, again
from ui.screens.oversight.tables import NOTES, cells, table
from ui.services import picture

MAP_HEIGHT = "calc(100vh - 170px)"
PINNED = 40


def show(look: Look) -> None:
    """The list beside the map; either chooses a cell."""
    left, right = st.columns([6, 7], gap="small")
    with left:
        _list(look)
    with right:
        _map(look)


def _codes(look: Look) -> list[str]:
    return [each.cell for each in look.counted.evaluation.hot_spots] if look.counted else []


def _list(look: Look) -> None:
    w, codes = look.tell.w, _codes(look)
    html = render(
        "oversight/table.html",
        w=w,
        title=w("oversight.hot_spots"),
        note=w(f"oversight.{NOTES['hot_spots']}"),
        **cells(table(look, "hot_spots")),
        acts=[f"cell:{code}" for code in codes],
        chosen=codes.index(look.looking.cell) if look.looking.cell in codes else -1,
    )
    _, _, code = (panel(html, key="oversight-hot", theme=look.theme) or "").partition(":")
    _choose(look, code)


def _map(look: Look) -> None:
    chosen, codes = look.looking.cell, _codes(look)[:PINNED]
    shapes = look.centre.scenario.cells.set_index("code").geometry
    middles = [shapes[code].representative_point() for code in codes]
    spec = picture.on_ground(
        look.tell.w,
        look.tell.w("oversight.map"),
        palette(Theme(look.theme)),
        selected=Selected("cells", chosen) if chosen else None,
        pins=[
            Pin(code, point.x, point.y, str(at), best=code == chosen, tip=look.tell.cell(code[:9], code))
            for at, (code, point) in enumerate(zip(codes, middles, strict=True), start=1)
        ],
        revision=look.board.revision,
    )
    click = grid_map(spec, key="oversight-map", height=MAP_HEIGHT).click
    if click is not None:
        _choose(look, click.id)


def _choose(look: Look, code: str) -> None:
    if code in _codes(look) and code != look.looking.cell:
        look.looking.cell = code
        again()
