"""One refresh of the dispatch screen on a full district, as a browser's session feels it.

A real server on Haishu with 5,000 open incidents and 4,500 teams (9,000 officers), its positions moving every second;
a websocket client asks for the live fragment every two seconds. The peer is what one refresh would cost if the same
map were sent as JSON through pydeck, as ``st.pydeck_chart`` does.
"""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from benchmarks.report import Row, print_table
from dispatch.desk.incidents import Desk
from dispatch.records.incident import Incident
from dispatch.records.team import Team
from dispatch.store.casebook import Casebook, open_casebook
from gis.locate import CellLocator
from scenarios.scenario import Scenario, home, load

INCIDENTS, TEAMS, REFRESHES, EVERY_S, WARM_UP = 5_000, 4_500, 40, 2.0, 5


def rows() -> list[Row]:
    """The 95th percentile of a refresh, beside the pydeck way."""
    scenario = load("haishu")
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'full.db'}"
        with open_casebook(url) as casebook:
            desk = _fill(casebook, scenario)
            with _server(url) as port, _moving(casebook, desk):
                seconds, sent = asyncio.run(_watch(port))
    p95_ms = float(np.percentile(seconds, 95)) * 1000
    peer_ms, peer_bytes = _pydeck(scenario)
    ground = f"{len(scenario.cells):,} cells, {len(scenario.streets.tail):,} edges"
    size = f"{ground}, {INCIDENTS:,} incidents, {2 * TEAMS:,} officers"
    return [
        Row(
            f"screen refresh, p95 ({size})",
            f"{p95_ms:.0f} ms, {np.median(sent) / 1000:.1f} kB",
            f"pydeck JSON: {peer_ms:.0f} ms, {peer_bytes / 1e6:.1f} MB",
            f"{p95_ms:.0f} ms",
            "<= 300 ms",
            p95_ms <= 300,
        )
    ]


def _fill(casebook: Casebook, scenario: Scenario) -> Desk:
    """A full district: a backlog of 5,000 and a roster of 4,500 pairs, copied from the place's own."""
    rng, now = np.random.default_rng(1), datetime.now(UTC)
    desk = Desk(casebook, scenario.rulebook, CellLocator(scenario.cells), scenario.cells)
    desk.set_roster("bench", _roster(scenario, now, rng))
    casebook.set_setting("place", scenario.name, actor="bench", at=now)
    backlog = [replace(i, id=f"B{n:05d}") for n, i in enumerate(_backlog(scenario, now, rng))]
    casebook.add_incidents(backlog, at=now, actor="bench")
    return desk


def _backlog(scenario: Scenario, now: datetime, rng: np.random.Generator) -> list[Incident]:
    found: list[Incident] = []
    while len(found) < INCIDENTS:
        found += scenario.opening(now, rng, count=INCIDENTS)
    return found[:INCIDENTS]


def _roster(scenario: Scenario, now: datetime, rng: np.random.Generator) -> list[Team]:
    given = scenario.teams(now)
    return [
        replace(
            team := given[n % len(given)],
            id=f"B{n:04d}",
            officers=tuple(replace(officer, id=f"{officer.id}-{n}") for officer in team.officers[:2]),
            lon=team.lon + rng.normal(0, 0.01),
            lat=team.lat + rng.normal(0, 0.01),
            on_duty_from=now - timedelta(hours=1),
            on_duty_to=now + timedelta(hours=8),
        )
        for n in range(TEAMS)
    ]


@contextmanager
def _server(url: str) -> Iterator[int]:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = f"-m streamlit run ui/app.py --server.port {port} --server.address 127.0.0.1 --server.headless true"
    env = os.environ | {"GRIDBEAT_DB": url, "GRIDBEAT_PLACE": "haishu", "GRIDBEAT_HOME": str(home())}
    quiet = subprocess.DEVNULL
    process = subprocess.Popen([sys.executable, *command.split()], env=env, stdout=quiet, stderr=quiet)
    try:
        for _ in range(600):
            with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5):
                break
            time.sleep(0.2)
        yield port
    finally:
        process.terminate()
        process.wait(20)


@contextmanager
def _moving(casebook: Casebook, desk: Desk) -> Iterator[None]:
    """300 teams report a new position every second."""
    stop, rng = threading.Event(), np.random.default_rng(2)
    teams = casebook.teams()

    def move() -> None:
        while not stop.wait(1.0):
            some = [teams[n] for n in rng.choice(len(teams), 300, replace=False)]
            desk.positions(
                [t.id for t in some],
                [t.lon + rng.normal(0, 3e-4) for t in some],
                [t.lat + rng.normal(0, 3e-4) for t in some],
            )

    thread = threading.Thread(target=move, daemon=True)
    thread.start()
    yield
    stop.set()
    thread.join()


async def _watch(port: int) -> tuple[list[float], list[int]]:
    """Seconds and bytes of each refresh after the warm-up."""
    address, origin = f"ws://127.0.0.1:{port}/_stcore/stream", f"http://127.0.0.1:{port}"
    seconds: list[float] = []
    sent: list[int] = []
    async with websockets.connect(address, subprotocols=["streamlit"], max_size=None, origin=origin) as socket_:  # type: ignore[list-item, arg-type]
        fragment = (await _run(socket_, None))[2]
        for n in range(WARM_UP + REFRESHES):
            took, size, _ = await _run(socket_, fragment)
            if n >= WARM_UP:
                seconds.append(took)
                sent.append(size)
            await asyncio.sleep(max(0.0, EVERY_S - took))
    return seconds, sent


async def _run(connection: Any, fragment: str | None) -> tuple[float, int, str]:
    """One run of the script, or of its live fragment; ends when Streamlit says it has finished."""
    ask = BackMsg()
    ask.rerun_script.query_string = ""
    if fragment:
        ask.rerun_script.fragment_id = fragment
    began, size, found = time.perf_counter(), 0, fragment or ""
    await connection.send(ask.SerializeToString())
    while True:
        raw = await asyncio.wait_for(connection.recv(), 120)
        size += len(raw)
        message = ForwardMsg()
        message.ParseFromString(raw)
        if message.HasField("auto_rerun"):
            found = message.auto_rerun.fragment_id
        if message.HasField("script_finished"):
            return time.perf_counter() - began, size, found


def _pydeck(scenario: Scenario) -> tuple[float, int]:
    """CPU milliseconds and bytes to say the same ground as deck.gl JSON once."""
    import pydeck

    began = time.process_time()
    cells = [{"p": [list(ring) for ring in g.exterior.coords]} for g in scenario.cells.geometry]
    lines = [{"p": [list(point) for point in g.coords]} for g in scenario.streets.lines().geometry]
    deck = pydeck.Deck(
        layers=[
            pydeck.Layer("PolygonLayer", data=cells, get_polygon="p"),
            pydeck.Layer("PathLayer", data=lines, get_path="p"),
        ]
    )
    size = len(deck.to_json())
    return (time.process_time() - began) * 1000, size


if __name__ == "__main__":
    print_table(rows())
