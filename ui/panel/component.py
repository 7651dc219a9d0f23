"""A panel: escaped HTML from a template on the screen, and the deeds its buttons ask for.

The browser replaces only what changed and keeps scroll position, focus and open details, so that a
refresh never takes anything from under a dispatcher's hand.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import jinja2
import streamlit as st

_HERE = Path(__file__).parent


@cache
def _templates() -> jinja2.Environment:
    """Templates of all screens; everything filled in is escaped."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE.parent / "screens"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render(template: str, **values: object) -> str:
    """HTML of ``template`` (a path below ``ui/screens``) with every value escaped."""
    return _templates().get_template(template).render(**values)


_mount: Any = None


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
    global _mount  # registered on first use: a running server is needed
    if _mount is None:
        _mount = st.components.v2.component(
            "gridbeat_panel",
            html='<div class="panel-root"></div>',
            css=(_HERE / "panel.css").read_text(encoding="utf-8"),
            js=(_HERE / "panel.js").read_text(encoding="utf-8"),
        )
    result = _mount(key=key, data={"html": html, "theme": theme}, on_act_change=lambda: None)
    act = result.act
    return act if isinstance(act, str) and len(act) <= 500 else None
