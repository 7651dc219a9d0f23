"""The map on a Streamlit page.

Streamlit sends a component's inline script anew at every run and finds packaged ones only for a distribution that is
also an importable package. Ours is neither small nor that; so what Streamlit holds is five lines which load the bundle
from ``ui.map.routes``, once and cached for good.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any

import streamlit as st

from ui.map.events import MapEvents, read_click, read_lasso
from ui.map.routes import bundle_name
from ui.map.spec import MapSpec

HTML = '<div class="gridbeat-map"></div>'
LOADER = """
export default async function (component) {
  const address = new URL(component.data.script, document.baseURI);
  const bundle = await import(address.href);
  return bundle.default(component);
}
"""
HEIGHT = re.compile(r"\d{2,4}px|calc\([\d\s.a-z%+*/()-]{1,60}\)|\d{1,3}(vh|%)")


def grid_map(spec: MapSpec, *, key: str, height: str, prefix: str = "/map") -> MapEvents:
    """Draw the map and say what was done on it since the last run.

    Parameters
    ----------
    spec
        What to show. The view is the browser's own: it is neither in the answer nor disturbed by a rerun.
    key
        Name of this map on the page; the browser keeps one view for each.
    height
        CSS height: ``"640px"``, ``"60vh"`` or ``"calc(100vh - 130px)"``.
    prefix
        Where ``ui.map.routes`` serves; that of the shelf.

    Raises
    ------
    ValueError
        When ``height`` is no such height.
    """
    if not HEIGHT.fullmatch(height):
        raise ValueError(f"height is {height!r}; the map takes '640px', '60vh' or 'calc(100vh - 130px)'.")
    data = {**spec.as_data(key, height), "script": f"{prefix}/script/{bundle_name()}.js"}
    result = _mount()(key=key, data=data, on_click_change=_noted, on_lasso_change=_noted)
    return MapEvents(click=read_click(result.get("click")), lasso=read_lasso(result.get("lasso")))


def _noted() -> None:
    """Streamlit gives back only what has a callback; the value is read where the map is drawn."""


@cache
def _mount() -> Callable[..., Any]:
    mount: Callable[..., Any] = st.components.v2.component("gridbeat_map", html=HTML, js=LOADER)
    return mount
