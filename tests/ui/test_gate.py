"""Who may knock at the server."""

import threading

import pytest
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient

from ui.gate import COOKIE, Gate, may_enter


@pytest.mark.parametrize(
    ("headers", "bound_to", "enters"),
    [
        ({"host": "127.0.0.1:8501"}, "127.0.0.1", True),
        ({"host": "localhost:8501", "origin": "http://localhost:8501"}, "127.0.0.1", True),
        ({"host": "[::1]:8501"}, "::1", True),
        ({"host": "evil.example:8501"}, "127.0.0.1", False),
        ({"host": "evil.example:8501", "origin": "http://evil.example:8501"}, "127.0.0.1", False),
        ({"host": "127.0.0.1:8501", "origin": "http://evil.example"}, "127.0.0.1", False),
        ({"host": "127.0.0.1:8501", "origin": "null"}, "127.0.0.1", False),
        ({}, "127.0.0.1", False),
        ({"host": "[::1"}, "127.0.0.1", False),
        ({"host": "127.0.0.1:8501", "origin": "http://[::1"}, "127.0.0.1", False),
        ({"host": "centre.gov.cn"}, "0.0.0.0", True),
        ({"host": "centre.gov.cn", "origin": "http://evil.example"}, "0.0.0.0", False),
    ],
)
def test_only_who_asks_for_this_host_from_its_own_pages_enters(headers, bound_to, enters):
    """A foreign page must not reach a dispatcher's desk through the dispatcher's own browser."""
    assert may_enter(Headers(headers), bound_to) is enters


@pytest.mark.parametrize(("token", "status"), [("good", 200), ("guess", 401)])
def test_nobody_waits_while_a_token_is_looked_up(token: str, status: int) -> None:
    """The one thread that moves everybody's screens must not wait for the database, and a stranger must not make it."""
    asked: list[int] = []
    served: list[int] = []

    def may_pass(shown: str) -> bool:
        asked.append(threading.get_ident())
        return shown == "good"

    async def app(scope, receive, send) -> None:
        await PlainTextResponse("in")(scope, receive, send)

    async def outside(scope, receive, send) -> None:
        served.append(threading.get_ident())
        await Gate(app, may_pass)(scope, receive, send)

    client = TestClient(outside, base_url="http://127.0.0.1:8501", cookies={COOKIE: token})
    assert client.get("/map/table").status_code == status
    assert asked
    assert served
    assert asked != served
