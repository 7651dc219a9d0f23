"""Receivers of webhooks that answer, fail, hang and trickle as a test tells them: real servers on this machine."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Receiver:
    """What a receiver does next and what it was told."""

    mood: str = "200"
    told: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    """Header by small-letter name, and body, of each that it took."""
    knocks: int = 0
    url: str = ""
    let_go: threading.Event = field(default_factory=threading.Event)

    @property
    def deliveries(self) -> list[int]:
        return [int(headers["x-gridbeat-delivery"]) for headers, _ in self.told]


@contextmanager
def receiver(mood: str = "200") -> Iterator[Receiver]:
    """A receiver in a mood: ``200``, ``500``, ``302``, ``hang`` (never answers) or ``trickle`` (a letter at a time)."""
    state = Receiver(mood)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            state.knocks += 1
            if state.mood == "hang":
                state.let_go.wait(30)
            elif state.mood == "trickle":
                self._trickle()
            else:
                if state.mood == "200":
                    state.told.append(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(int(state.mood))
                self.send_header("location", "/elsewhere")
                self.send_header("content-length", "0")
                self.end_headers()

        def _trickle(self) -> None:
            for letter in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"z" * 10_000:
                if state.let_go.wait(0.05):
                    return
                try:
                    self.wfile.write(bytes([letter]))
                except OSError:
                    return

        def log_message(self, format: str, *args: object) -> None:
            """Nothing on the screen."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    state.url = f"http://127.0.0.1:{server.server_port}/in"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield state
    finally:
        state.let_go.set()
        server.shutdown()
        server.server_close()
