"""The one process: screens by Streamlit, the map's tables and the health check beside them."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import streamlit as st

from ui.api import routes
from ui.services.centre import centre


@asynccontextmanager
async def _open_centre(_app: st.App) -> AsyncIterator[dict[str, Any] | None]:
    """Open the command centre before the first browser comes, close it after the last has gone."""
    opened = centre()
    # Streamlit collects garbage after every run; what lives as long as the process need not be looked at each time.
    gc.collect()
    gc.freeze()
    yield None
    opened.close()


app = st.App(Path(__file__).parent / "screens" / "page.py", lifespan=_open_centre, routes=routes())
