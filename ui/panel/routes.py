"""The panels' script and style over HTTP, under the hash of their content."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


def panel_routes() -> list[Route]:
    """Routes for ``st.App(..., routes=[...])``; they hold no data and are given to anybody."""
    return [Route("/panel/{name}.js", _answer)]


@cache
def script_name() -> str:
    """The hash under which the browser asks for the script."""
    return hashlib.blake2b(_script(), digest_size=16).hexdigest()


@cache
def _script() -> bytes:
    """The script with the style inside it, one request for both."""
    here = Path(__file__).parent
    style = json.dumps((here / "panel.css").read_text(encoding="utf-8"))
    return f"const STYLE = {style};\n{(here / 'panel.js').read_text(encoding='utf-8')}".encode()


def _answer(request: Request) -> Response:
    if request.path_params["name"] != script_name():
        return Response(status_code=404, headers={"Cache-Control": "no-store"})
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
    return Response(_script(), media_type="text/javascript; charset=utf-8", headers=headers)
