"""The HTTP side of the map: its script, and the tables on the shelf for those who may see them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache
from ipaddress import ip_address
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ui.map.shelf import Blob, Shelf

BUNDLE = Path(__file__).parent / "bundle" / "index.js"
FOREVER = "max-age=31536000, immutable"


def map_routes(shelf: Shelf, allowed: Callable[[Request], bool]) -> list[Route]:
    """Routes for ``st.App(..., routes=[...])``.

    Parameters
    ----------
    shelf
        Its tables are served under ``shelf.prefix``.
    allowed
        Says of each request whether who asks may see tables. Streamlit's own sign-in does not cover routes, so
        this is the only lock. The script itself holds no data and is given to anybody.
    """

    def table(request: Request) -> Response:
        if not allowed(request):
            return Response(status_code=403)
        blob = shelf.get(request.path_params["name"])
        if blob is None:
            return Response(status_code=404, headers={"Cache-Control": "no-store"})
        return _answer(request, blob, "application/octet-stream", f"private, {FOREVER}")

    def script(request: Request) -> Response:
        if request.path_params["name"] != bundle_name():
            return Response(status_code=404, headers={"Cache-Control": "no-store"})
        return _answer(request, _bundle(), "text/javascript; charset=utf-8", f"public, {FOREVER}")

    return [
        Route(f"{shelf.prefix}/script/{{name}}.js", script),
        Route(f"{shelf.prefix}/{{name}}", table),
    ]


def from_this_machine(request: Request) -> bool:
    """Whether the browser runs on the machine of the server itself, asked directly and not through a proxy.

    The host the browser believes it talks to is looked at as well: a foreign page whose name was pointed at
    127.0.0.1 is refused.
    """
    forwarded = {"forwarded", "x-forwarded-for", "x-real-ip"} & set(request.headers)
    client = request.client.host if request.client else ""
    return not forwarded and _loopback(client) and _loopback(request.url.hostname or "")


@cache
def bundle_name() -> str:
    """The hash under which the browser asks for the map's script."""
    return hashlib.blake2b(_bundle().raw, digest_size=16).hexdigest()


@cache
def _bundle() -> Blob:
    return Blob(BUNDLE.read_bytes())


def _answer(request: Request, blob: Blob, kind: str, cache_control: str) -> Response:
    headers = {
        "Cache-Control": cache_control,
        "Vary": "Accept-Encoding",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    if "gzip" in request.headers.get("accept-encoding", "") and blob.squeezed is not None:
        return Response(blob.squeezed, media_type=kind, headers=headers | {"Content-Encoding": "gzip"})
    return Response(blob.raw, media_type=kind, headers=headers)


def _loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
