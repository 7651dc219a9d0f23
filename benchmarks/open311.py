"""Reports by Open311 at one process, each acknowledged one in the database, beside a bare route that only reads forms.

The process serves Haishu with the whole program; eight clients post over kept connections. The peer is a starlette
route in a process of its own that parses the same forms and keeps nothing: what HTTP alone costs on this machine.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx

from benchmarks.report import Row, print_table
from dispatch.desk.door import Door
from dispatch.desk.keys import Keys
from dispatch.store.casebook import open_casebook
from scenarios.scenario import load
from tests.servers import APP, free_port

POSTS, CLIENTS = 1_600, 8
PATH = "/open311/v2/requests.json"
PEER = """
import sys, uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
async def post(request: Request):
    form = await request.form()
    return JSONResponse([{"service_request_id": form["description"]}])
async def ready(request: Request):
    return JSONResponse({})
routes = [Route("/open311/v2/requests.json", post, methods=["POST"]), Route("/healthz", ready)]
uvicorn.run(Starlette(routes=routes), host="127.0.0.1", port=int(sys.argv[1]), log_level="error")
"""


def rows() -> list[Row]:
    """Acknowledged reports a second, and how many of them the database has."""
    place = load("haishu")
    middle = place.cells.geometry.iloc[len(place.cells) // 2].representative_point()
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'bench.db'}"
        with open_casebook(url) as book:
            _, secret = Keys(Door(book)).make("bench", "12345")
            fields = {
                "api_key": secret,
                "service_code": "C08-01",
                "lat": str(middle.y),
                "long": str(middle.x),
                "attribute[STILL]": "yes",
            }
            with _process(APP.split(), {"GRIDBEAT_DB": url, "GRIDBEAT_PLACE": "haishu"}) as port:
                ours_s, answered = _post(port, fields)
            kept = {incident.id for incident in book.incidents()}
            whole = book.verify().whole
    with _process(["-c", PEER, "{port}"], {}, module=False) as port:
        peer_s, _ = _post(port, fields)
    lost = sum(each not in kept for each in answered)
    a_second = POSTS / ours_s
    return [
        Row(
            f"{POSTS:,} Open311 POSTs by {CLIENTS} clients at one process, SQLite with synchronous FULL",
            f"{a_second:.0f} a second, {lost} of {len(set(answered)):,} acknowledged lost",
            f"a bare starlette route that keeps nothing: {POSTS / peer_s:.0f} a second",
            f"{a_second:.0f} a second",
            ">= 100 a second, none lost",
            a_second >= 100 and lost == 0 and len(set(answered)) == POSTS and whole,
        )
    ]


def _post(port: int, fields: dict[str, str]) -> tuple[float, list[str]]:
    """Wall seconds for all of them, and the ids that were acknowledged; the first few are not timed."""
    address = f"http://127.0.0.1:{port}{PATH}"

    def some(numbers: range) -> list[str]:
        with httpx.Client(trust_env=False, timeout=60) as client:
            answers = [client.post(address, data={**fields, "description": f"烧烤摊占道 {n}"}) for n in numbers]
        return [answer.raise_for_status().json()[0]["service_request_id"] for answer in answers]

    some(range(POSTS, POSTS + 20))
    with ThreadPoolExecutor(CLIENTS) as pool:
        began = time.perf_counter()
        answered = list(pool.map(some, [range(n, POSTS, CLIENTS) for n in range(CLIENTS)]))
        return time.perf_counter() - began, [each for one in answered for each in one]


@contextmanager
def _process(words: list[str], env: dict[str, str], *, module: bool = True) -> Iterator[int]:
    port = free_port()
    command = [sys.executable, *(["-m"] if module else []), *(word.replace("{port}", str(port)) for word in words)]
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, env=os.environ | env, stdout=quiet, stderr=quiet)
    try:
        for _ in range(600):
            with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5):
                break
            time.sleep(0.2)
        yield port
    finally:
        process.terminate()
        process.wait(20)


if __name__ == "__main__":
    print_table(rows())
