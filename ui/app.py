"""The one process: screens by Streamlit, the map's tables and the health check beside them."""

from __future__ import annotations

import asyncio
import gc
import logging
import threading
import tomllib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.middleware import Middleware

from ui import endings
from ui.api import routes
from ui.doors import webhooks
from ui.gate import Gate
from ui.oidc import streamlit_secrets
from ui.services.centre import centre
from ui.services.city import around
from ui.services.experimenting import experiments
from ui.settings import settings
from ui.signin import may_pass

log = logging.getLogger(__name__)


@asynccontextmanager
async def _open_centre(_app: st.App) -> AsyncIterator[dict[str, Any] | None]:
    """Open the command centre before the first browser comes, close it after the last has gone."""
    opened, stop, chosen = centre(), threading.Event(), settings()
    if (resumed := experiments().player.resume()) > 0:
        log.info("%d sweeps go on that were being played when the server ended", resumed)
    told = webhooks.start(opened.casebook, stop, allowed=chosen.hook_hosts, base=chosen.link_to)
    # What lives as long as the process need not be looked at each time garbage is collected.
    gc.collect()
    gc.freeze()
    endings.keep()
    yield None
    stop.set()
    await asyncio.to_thread(told.join, 10)
    if (city := around()) is not None:
        city.close()
    opened.close()


app = st.App(
    Path(__file__).with_name("page.py"),
    lifespan=_open_centre,
    secrets=streamlit_secrets(settings()),
    routes=routes(),
    middleware=[Middleware(Gate, may_pass=may_pass)],
)


def look() -> dict[str, Any]:
    """Streamlit's options of ``ui/.streamlit/config.toml`` by dotted name.

    ``streamlit run ui/app.py`` finds that file by itself; ``app.run`` looks beside the program that calls it.
    """
    with (Path(__file__).parent / ".streamlit" / "config.toml").open("rb") as file:
        return dict(_dotted(tomllib.load(file)))


def _dotted(table: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _dotted(value, f"{prefix}{name}.")
        else:
            yield prefix + name, value
