"""Who may knock at the server."""

import pytest
from starlette.datastructures import Headers

from ui.gate import may_enter


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
