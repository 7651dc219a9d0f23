"""What programs ask of GridBeat over HTTP, on the port of the screens."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Route

from ui.evidence import evidence_routes
from ui.gate import COOKIE
from ui.map.routes import map_routes
from ui.panel.routes import panel_routes
from ui.services.centre import centre, shelf
from ui.signin import may_pass, signin_routes


def may_see(request: Request) -> bool:
    """Who may fetch the map's tables: whoever may open the screens."""
    return may_pass(request.cookies.get(COOKIE, ""))


def healthz(_request: Request) -> JSONResponse:
    """Whether the process is up and its casebook answers."""
    return JSONResponse({"status": "ok", "revision": centre().casebook.revision()})


def routes() -> list[BaseRoute]:
    """Every route beside Streamlit's own."""
    return [
        Route("/healthz", healthz),
        *signin_routes(),
        *evidence_routes(),
        *panel_routes(),
        *map_routes(shelf(), may_see),
    ]
