"""`gridbeat demo` and `gridbeat serve`: one process that answers on this machine, and ends when told to."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import HTTPCookieProcessor, Request, build_opener

ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


@contextmanager
def running(home: Path, *words: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The command in a process of its own, and the address it says on its one line."""
    program = "import sys; sys.path.insert(0, sys.argv.pop(1)); from ui.cli import main; main()"
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(ROOT), *words],
        cwd=home,
        env={**os.environ, "GRIDBEAT_HOME": str(home)},
        stdout=subprocess.PIPE,
        stderr=(home / "stderr.txt").open("w"),
        text=True,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("GridBeat is at http://127.0.0.1:"), (home / "stderr.txt").read_text()
        yield process, line.split()[3]
    finally:
        process.kill()
        process.wait()


def get(address: str) -> str:
    browser = build_opener(HTTPCookieProcessor())
    with browser.open(Request(address, headers={"Accept": "text/html"}), timeout=30) as answer:
        text: str = answer.read().decode()
    return text


def test_the_demo_answers_ends_when_told_and_can_be_served_again(tmp_path):
    """From one command to a page and back; the second start finds the first one's casebook."""
    with running(tmp_path, "demo", "--place", "nine_cells", "--port", str(free_port()), "--no-browser") as (
        demo,
        address,
    ):
        assert '"ok"' in get(f"{address}/healthz")
        assert "<title>" in get(address)
        demo.send_signal(signal.SIGINT)
        assert demo.wait(timeout=30) == 0
    said = (tmp_path / "stderr.txt").read_text()
    assert "Traceback" not in said
    assert "built now, once" in said
    db = f"sqlite:///{tmp_path / 'demo-nine_cells.db'}"
    with running(tmp_path, "serve", "--db", db, "--port", str(free_port())) as (_, address):
        assert '"ok"' in get(f"{address}/healthz")
        assert 'type="password"' in get(address)
    assert "built now" not in (tmp_path / "stderr.txt").read_text()
    assert 'Sign in as "admin" with the one-time password' in (tmp_path / "stderr.txt").read_text()
