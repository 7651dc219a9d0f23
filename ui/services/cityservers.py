"""The other districts of a demo's city, each opened as a server of its own when somebody goes there."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections import OrderedDict
from contextlib import closing, suppress
from dataclasses import dataclass
from enum import StrEnum
from threading import Lock

MOST = 4
"""So many districts are open beside the first; a further one ends the one that was asked for longest ago."""
END_WITHIN_S = 10.0


class State(StrEnum):
    """How far a district is."""

    CLOSED = "closed"
    OPENING = "opening"
    OPEN = "open"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Server:
    """One district's process and the port it was given."""

    process: subprocess.Popen[bytes]
    port: int

    @property
    def state(self) -> State:
        if self.process.poll() is not None:
            return State.FAILED
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=0.2):
            return State.OPEN
        return State.OPENING


class Servers:
    """Servers of districts by code; ended with this process."""

    def __init__(self, city: str, host: str) -> None:
        self._city, self._host = city, host
        self._running: OrderedDict[str, Server] = OrderedDict()
        self._lock = Lock()

    def state(self, code: str) -> tuple[State, int]:
        """How far a district is, and its port (0 while it has none)."""
        server = self._running.get(code)
        return (server.state, server.port) if server else (State.CLOSED, 0)

    def open(self, code: str) -> None:
        """Begin to open a district, unless it is open or being opened."""
        with self._lock:
            server = self._running.get(code)
            if server is None or server.state is State.FAILED:
                self._running[code] = self._started(code)
            self._running.move_to_end(code)
            while len(self._running) > MOST:
                _end(self._running.popitem(last=False)[1])

    def close(self) -> None:
        """End them all; their casebooks are taken up again next time."""
        with self._lock:
            for server in self._running.values():
                server.process.terminate()
            while self._running:
                _end(self._running.popitem()[1])

    def _started(self, code: str) -> Server:
        with closing(socket.socket()) as probe:
            probe.bind((self._host, 0))
            port: int = probe.getsockname()[1]
        process = subprocess.Popen(self._command(code, port), env=dict(os.environ), stdout=subprocess.DEVNULL)
        return Server(process, port)

    def _command(self, code: str, port: int) -> list[str]:
        asked = ["demo", "--place", self._city, "--district", code, "--host", self._host, "--port", str(port)]
        return [sys.executable, "-c", "from ui.cli import main; main()", *asked, "--no-browser"]


def _end(server: Server) -> None:
    server.process.terminate()
    with suppress(subprocess.TimeoutExpired):
        server.process.wait(END_WITHIN_S)
    server.process.kill()
