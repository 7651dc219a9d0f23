"""What programs ask of GridBeat over HTTP, on the port of the screens."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Route

from ui.doors.ogc import ogc_routes
from ui.doors.open311 import open311_routes
from ui.map.routes import from_this_machine, map_routes
from ui.panel.routes import panel_routes
from ui.services.centre import centre, shelf
from ui.settings import LOOPBACK, settings


def may_see(request: Request) -> bool:
    """Who may fetch the map's tables: whoever may open the screens.

    A server on its own machine answers that machine only; one that was told to listen to others (``--host``) shows its
    screens to all of them, and its map with them.
    """
    return from_this_machine(request) if settings().host in LOOPBACK else True


def healthz(_request: Request) -> JSONResponse:
    """Whether the process is up and its casebook answers."""
    return JSONResponse({"status": "ok", "revision": centre().casebook.revision()})


def routes() -> list[BaseRoute]:
    """Every route beside Streamlit's own."""
    return [
        Route("/healthz", healthz),
        *panel_routes(),
        *map_routes(shelf(), may_see),
        *open311_routes(centre),
        *ogc_routes(centre, may_see),
    ]
