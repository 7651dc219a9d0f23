"""Who may knock: requests for another host's name, sockets opened by a foreign page, and whoever has not signed in.

A page from elsewhere could otherwise have its name pointed at this machine and read the screens of a dispatcher who
opens it (DNS rebinding). Streamlit checks the origin of its socket, but only after asking an outside service for this
machine's address; and its own sign-in does not cover our routes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import quote, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from ui.settings import LOOPBACK, settings

COOKIE = "gridbeat_session"
SIGN_IN = "/signin"
OPEN_TO_ALL = (
    SIGN_IN,
    "/healthz",
    "/_stcore/health",
    "/static",
    "/panel",
    "/map/script",
    "/favicon.png",
    "/open311",
    "/ogc",
)
"""What holds nobody's data, or asks for a key itself."""

PROVIDED = "_streamlit_user"
"""The cookie in which Streamlit keeps who comes from an identity provider; signed by it, and read by its page alone."""
TO_THE_PROVIDER = ("/auth/login", "/oauth2callback")
FROM_THE_PROVIDER = ("/", "/_stcore/host-config", "/_stcore/stream")
"""The page that reads that cookie, and what the page needs; it shows a guest nothing but the way in."""


class Gate:
    """ASGI middleware around everything this process serves.

    Parameters
    ----------
    may_pass
        Whether the token of a session is good; asked in a thread of its own.
    """

    def __init__(self, app: ASGIApp, may_pass: Callable[[str], bool]) -> None:
        self._app = app
        self._may_pass = may_pass

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
        elif not may_enter(Headers(scope=scope), settings().host):
            await _turn_away(scope, receive, send, PlainTextResponse("This address is not served here.", 421))
        elif not await self._signed_in(scope):
            await _turn_away(scope, receive, send, _to_the_door(scope))
        else:
            await self._app(scope, receive, send)

    async def _signed_in(self, scope: Scope) -> bool:
        if any(scope["path"] == each or scope["path"].startswith(f"{each}/") for each in OPEN_TO_ALL):
            return True
        cookies = HTTPConnection(scope).cookies
        token = cookies.get(COOKIE, "")
        # The casebook is asked, maybe while somebody writes: nobody else's socket may wait for that.
        good = bool(token) and await run_in_threadpool(self._may_pass, token)
        return good or (settings().oidc and _by_provider(scope["path"], cookies))


def may_enter(headers: Headers, bound_to: str) -> bool:
    """Whether a request may pass.

    Its ``Origin``, where it has one, must be the host it asks; and a server bound to its own machine answers only to
    that machine's names. One that listens to others (``--host``) is known by names we cannot know.

    >>> may_enter(Headers({"host": "evil.example:8501"}), "127.0.0.1")
    False
    """
    host, origin = headers.get("host", ""), headers.get("origin")
    try:
        asked, page = urlsplit(f"//{host}").hostname or "", urlsplit(origin or "").netloc
    except ValueError:  # half an IPv6 address
        return False
    if origin and page != host:
        return False
    return bound_to not in LOOPBACK or asked in LOOPBACK


def _by_provider(path: str, cookies: Mapping[str, str]) -> bool:
    """Whether a guest may go there on the way to the provider or back."""
    return path in TO_THE_PROVIDER or (path in FROM_THE_PROVIDER and bool(cookies.get(PROVIDED)))


def own_path(asked: str) -> str:
    """Where to go after signing in: a path of this server, whatever was asked.

    >>> own_path("/?view=cases"), own_path("//evil.example"), own_path("https://evil.example")
    ('/?view=cases', '/', '/')
    """
    plain = asked.startswith("/") and not asked.startswith(("//", "/\\")) and asked.isprintable()
    return asked if plain else "/"


def _to_the_door(scope: Scope) -> Response:
    """A person who opens a page is led to the door; a program is told."""
    if scope["type"] == "http" and scope["method"] == "GET" and "text/html" in Headers(scope=scope).get("accept", ""):
        query = scope["query_string"].decode("latin-1")
        here = scope["path"] + (f"?{query}" if query else "")
        return RedirectResponse(f"{SIGN_IN}?next={quote(here, safe='')}", 303)
    return PlainTextResponse("Sign in first.", 401)


async def _turn_away(scope: Scope, receive: Receive, send: Send, answer: Response) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008})
    else:
        await answer(scope, receive, send)
