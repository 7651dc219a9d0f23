"""A panel: escaped HTML from a template on the screen, and the deeds its buttons ask for.

The browser replaces only what changed and keeps scroll position, focus and open details, so that a
refresh never takes anything from under a dispatcher's hand.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
import streamlit as st

from ui.panel.routes import script_name

# Streamlit sends a component's inline script anew at every run; ours is asked for once and cached for good.
HTML = '<div class="panel-root"></div>'
LOADER = """
export default async function (component) {
  const script = await import(new URL(component.data.script, document.baseURI).href);
  return script.default(component);
}
"""


@cache
def _templates() -> jinja2.Environment:
    """Templates of all screens; everything filled in is escaped."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parents[1] / "screens"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render(template: str, **values: object) -> str:
    """HTML of ``template`` (a path below ``ui/screens``) with every value escaped."""
    return _templates().get_template(template).render(**values)


def panel(html: str, *, key: str, theme: str) -> str | None:
    """Show ``html`` and return the deed asked for by a click or key since the last run, if any.

    Parameters
    ----------
    html
        From :func:`render`; an element with ``data-act`` asks for that deed when clicked.
    key
        Stable name of the panel on its screen.
    theme
        ``light`` or ``dark``.
    """
    data = {"html": html, "theme": theme, "script": f"/panel/{script_name()}.js"}
    result = _mount()(key=key, data=data, on_act_change=lambda: None)
    act = result.act
    return act if isinstance(act, str) and len(act) <= 500 else None


@cache
def _mount() -> Callable[..., Any]:
    mount: Callable[..., Any] = st.components.v2.component("gridbeat_panel", html=HTML, js=LOADER)
    return mount
