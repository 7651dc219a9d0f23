"""What programs ask of GridBeat over HTTP, on the port of the screens."""

from __future__ import annotations

from base64 import b64decode

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Route

from ui.doors.ogc import ogc_routes
from ui.doors.open311 import open311_routes
from ui.evidence import evidence_routes
from ui.gate import COOKIE
from ui.map.routes import from_this_machine, map_routes
from ui.panel.routes import panel_routes
from ui.papers import paper_routes
from ui.services.centre import centre, shelf
from ui.signin import may_pass, signin_routes


def may_see(request: Request) -> bool:
    """Who may fetch the map's tables: whoever may open the screens."""
    return may_pass(request.cookies.get(COOKIE, ""))


def may_read(request: Request) -> bool:
    """Who may read the maps' features: programs of this machine, people who have signed in, and systems with a key.

    A key is shown as a map program shows it: as the password of HTTP's basic or as a bearer token.
    """
    return from_this_machine(request) or may_see(request) or centre().keys.holder(_shown_key(request)) is not None


def _shown_key(request: Request) -> str:
    scheme, _, shown = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return shown.strip()
    try:
        return b64decode(shown, validate=True).decode().partition(":")[2] if scheme.lower() == "basic" else ""
    except ValueError:
        return ""


def healthz(_request: Request) -> JSONResponse:
    """Whether the process is up and its casebook answers."""
    return JSONResponse({"status": "ok", "revision": centre().casebook.revision()})


def routes() -> list[BaseRoute]:
    """Every route beside Streamlit's own."""
    return [
        Route("/healthz", healthz),
        *signin_routes(),
        *evidence_routes(),
        *paper_routes(),
        *panel_routes(),
        *map_routes(shelf(), may_see),
        *open311_routes(centre),
        *ogc_routes(centre, may_read),
    ]
