"""The one process: screens by Streamlit, the map's tables and the health check beside them."""

from __future__ import annotations

import asyncio
import gc
import threading
import tomllib
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import streamlit as st
from starlette.middleware import Middleware

from ui import endings
from ui.api import routes
from ui.doors import webhooks
from ui.gate import Gate
from ui.oidc import streamlit_secrets
from ui.services.centre import centre
from ui.settings import Settings, settings
from ui.signin import may_pass


@asynccontextmanager
async def _open_centre(_app: st.App) -> AsyncIterator[dict[str, Any] | None]:
    """Open the command centre before the first browser comes, close it after the last has gone."""
    opened, stop, chosen = centre(), threading.Event(), settings()
    told = webhooks.start(opened.casebook, stop, allowed=chosen.hook_hosts, link=_story(chosen))
    # Streamlit collects garbage after every run; what lives as long as the process need not be looked at each time.
    gc.collect()
    gc.freeze()
    endings.keep()
    yield None
    stop.set()
    await asyncio.to_thread(told.join, 10)
    opened.close()


def _story(chosen: Settings) -> Callable[[str], str]:
    """Where somebody who is told of an incident can read its story."""
    host = "127.0.0.1" if chosen.host in ("0.0.0.0", "::") else chosen.host
    base = f"http://[{host}]:{chosen.port}" if ":" in host else f"http://{host}:{chosen.port}"
    return lambda incident: f"{base}/?view=story&incident={quote(incident)}"


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
