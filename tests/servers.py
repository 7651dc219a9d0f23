"""Real servers in processes of their own, on free ports of this machine."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
START_S = 90.0
OPTIONS = "--server.address 127.0.0.1 --server.headless true --server.fileWatcherType none"
APP = f"streamlit run ui/app.py --server.port {{port}} {OPTIONS} --browser.gatherUsageStats false"
"""The whole program, for `Servers.start`; its settings come by ``env``."""


@dataclass
class Servers:
    """The servers of one test run; ``folder`` makes a new folder for each one's log."""

    folder: Callable[[str], Path]
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(
        self, command: str, env: Mapping[str, str] | None = None, cwd: Path = ROOT, port: int | None = None
    ) -> str:
        """A server on a free port, or on one that had to be known before; its address, once it is healthy.

        ``command`` is what follows ``python -m``, with ``{port}`` where the port belongs.
        """
        port = port or free_port()
        log = self.folder("server") / "log"
        with log.open("wb") as out:
            process = subprocess.Popen(
                [sys.executable, "-m", *command.format(port=port).split()],
                cwd=cwd,
                env={**os.environ, "PYTHONPATH": str(ROOT), **(env or {})},
                stdout=out,
                stderr=subprocess.STDOUT,
            )
        self.running.append(process)
        address = f"http://127.0.0.1:{port}"
        _wait_until_healthy(address, process, log)
        return address


@contextmanager
def servers(folder: Callable[[str], Path]) -> Iterator[Servers]:
    """Servers that are ended with the block, however it ends."""
    started = Servers(folder)
    try:
        yield started
    finally:
        for process in started.running:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(10)
            process.kill()


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_healthy(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        assert process.poll() is None, f"the server stopped:\n{log.read_text(errors='replace')[-3000:]}"
        with suppress(OSError), urllib.request.urlopen(f"{address}/_stcore/health", timeout=2):
            return
        time.sleep(0.1)
    raise AssertionError(f"no answer after {START_S:.0f} s:\n{log.read_text(errors='replace')[-3000:]}")
