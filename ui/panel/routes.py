"""The panels' scripts and style over HTTP, each under the hash of its content."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

SCRIPTS = ("panel", "typing")


def panel_routes() -> list[Route]:
    """Routes for ``st.App(..., routes=[...])``; they hold no data and are given to anybody."""
    return [Route("/panel/{name}.js", _answer)]


@cache
def script_name(script: str = "panel") -> str:
    """The hash under which the browser asks for the script ``panel`` or ``typing``."""
    return hashlib.blake2b(_script(script), digest_size=16).hexdigest()


@cache
def _script(script: str) -> bytes:
    """A script; the panel's has the style inside it, one request for both."""
    here = Path(__file__).parent
    text = (here / f"{script}.js").read_text(encoding="utf-8")
    style = json.dumps((here / "panel.css").read_text(encoding="utf-8")) if script == "panel" else ""
    return (f"const STYLE = {style};\n{text}" if style else text).encode()


def _answer(request: Request) -> Response:
    script = {script_name(each): each for each in SCRIPTS}.get(request.path_params["name"])
    if script is None:
        return Response(status_code=404, headers={"Cache-Control": "no-store"})
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
    return Response(_script(script), media_type="text/javascript; charset=utf-8", headers=headers)
