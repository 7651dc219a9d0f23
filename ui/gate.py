"""Who may knock: requests for another host's name and sockets opened by a foreign page are turned away at the door.

A page from elsewhere could otherwise have its name pointed at this machine and read the screens of a dispatcher who
opens it (DNS rebinding). Streamlit checks the origin of its socket, but only after asking an outside service for this
machine's address.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from ui.settings import LOOPBACK, settings


class Gate:
    """ASGI middleware around everything this process serves."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket") and not may_enter(Headers(scope=scope), settings().host):
            if scope["type"] == "websocket":
                await receive()
                await send({"type": "websocket.close", "code": 1008})
                return
            await PlainTextResponse("This address is not served here.", status_code=421)(scope, receive, send)
            return
        await self._app(scope, receive, send)


def may_enter(headers: Headers, bound_to: str) -> bool:
    """Whether a request may pass.

    Its ``Origin``, where it has one, must be the host it asks; and a server bound to its own machine answers only to
    that machine's names. One that listens to others (``--host``) is known by names we cannot know.

    >>> may_enter(Headers({"host": "evil.example:8501"}), "127.0.0.1")
    False
    """
    host, origin = headers.get("host", ""), headers.get("origin")
    if origin and urlsplit(origin).netloc != host:
        return False
    return bound_to not in LOOPBACK or (urlsplit(f"//{host}").hostname or "") in LOOPBACK
