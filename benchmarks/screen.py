"""One refresh of the dispatch screen on a full district, as a browser's session feels it.

A real server on Haishu with 5,000 open incidents and 4,500 teams (9,000 officers), its positions moving every second;
a websocket client asks for the live fragment every two seconds. The peer is what one refresh would cost if the same
map were sent as JSON through pydeck, as ``st.pydeck_chart`` does.
"""

from __future__ import annotations

import asyncio
import csv
import os
import shutil
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
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import shapely
import websockets
from shapely.ops import substring
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from benchmarks.report import Row, print_table
from dispatch.desk.accounts import Accounts
from dispatch.desk.door import Door
from dispatch.desk.incidents import Desk
from dispatch.records.incident import Incident
from dispatch.records.person import Job, Person, Post
from dispatch.store.casebook import Casebook, open_casebook
from gis.locate import CellLocator
from gis.streets import Streets
from scenarios.folder import write_rows
from scenarios.people import OFFICER_COLUMNS, TEAM_COLUMNS
from scenarios.scenario import Scenario, load
from simulation.shifts import SHIFTS, shift_at
from ui.gate import COOKIE

INCIDENTS, TEAMS, REFRESHES, EVERY_S, WARM_UP = 5_000, 4_500, 40, 2.0, 5


def rows() -> list[Row]:
    """The 95th percentile of a refresh with an incident selected, beside the pydeck way."""
    with tempfile.TemporaryDirectory() as folder:
        place = _full_place(Path(folder) / "haishu")
        scenario = load(place)
        url = f"sqlite:///{Path(folder) / 'full.db'}"
        with open_casebook(url) as casebook:
            desk = _fill(casebook, scenario)
            token = _signed_in(casebook, scenario)
            with _server(url, place) as port, _moving(casebook, desk):
                seconds, sent = asyncio.run(_watch(port, token))
    p95_ms = float(np.percentile(seconds, 95)) * 1000
    peer_ms, peer_bytes = _pydeck(scenario)
    ground = f"{len(scenario.cells):,} cells, {len(scenario.streets.tail):,} edges"
    people = f"{INCIDENTS:,} incidents, {len(scenario.officers):,} officers"
    return [
        Row(
            f"screen refresh, p95, one incident selected ({ground}, {people})",
            f"{p95_ms:.0f} ms, {np.median(sent) / 1000:.1f} kB",
            f"pydeck JSON: {peer_ms:.0f} ms, {peer_bytes / 1e6:.1f} MB",
            f"{p95_ms:.0f} ms",
            "<= 300 ms",
            p95_ms <= 300,
        )
    ]


def _full_place(out: Path) -> Path:
    """Haishu with each street cut in two and 4,500 pairs on duty now, copied from its own teams."""
    own, rng = load("haishu"), np.random.default_rng(1)
    shutil.copytree(own.folder, out)
    lines = own.streets.lines()
    lower, upper = zip(*(_halved(line) for line in lines.geometry), strict=True)
    cut = pd.concat([lines.set_geometry(list(half), crs=lines.crs) for half in (lower, upper)], ignore_index=True)
    Streets.from_lines(cut).save(out / "streets.npz")
    rota = 7 * next(letter for letter in SHIFTS if _covers(letter, own.zone))
    people: list[tuple[str, ...]] = []
    teams: list[tuple[str, ...]] = []
    certificates = {row[0]: row[4] for row in _rows(out / "officers.csv")}
    given = [row for row in _rows(out / "teams.csv") if row[4].count(";") >= 1]
    for n in range(TEAMS):
        row = given[n % len(given)]
        pair = row[4].split(";")[:2]
        crew = [f"B{n}-{seat}" for seat in range(2)]
        people += [(new, new, "officer", row[3], certificates[old]) for new, old in zip(crew, pair, strict=True)]
        lon, lat = (float(row[5]) + rng.normal(0, 0.01), float(row[6]) + rng.normal(0, 0.01))
        teams.append((f"B{n:04d}", row[1], row[2], row[3], ";".join(crew), str(lon), str(lat), row[7], row[8], rota))
    write_rows(out / "officers.csv", OFFICER_COLUMNS, people)
    write_rows(out / "teams.csv", TEAM_COLUMNS, teams)
    return out


def _halved(line: shapely.LineString) -> tuple[shapely.LineString, shapely.LineString]:
    half = line.length / 2
    return substring(line, 0, half), substring(line, half, line.length)


def _covers(letter: str, zone: ZoneInfo) -> bool:
    begin, _ = shift_at(7 * letter, datetime.now(UTC), zone)
    return begin <= datetime.now(UTC)


def _rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))[1:]


def _fill(casebook: Casebook, scenario: Scenario) -> Desk:
    """A backlog of 5,000 and the roster on duty."""
    rng, now = np.random.default_rng(1), datetime.now(UTC)
    desk = Desk(casebook, scenario.rulebook, CellLocator(scenario.cells), scenario.cells)
    desk.set_roster("bench", scenario.teams(now))
    backlog: list[Incident] = []
    while len(backlog) < INCIDENTS:
        backlog += scenario.opening(now, rng, count=INCIDENTS)
    backlog = [replace(incident, id=f"B{n:05d}") for n, incident in enumerate(backlog[:INCIDENTS])]
    casebook.add_incidents(backlog, at=now, actor="bench")
    return desk


def _signed_in(casebook: Casebook, scenario: Scenario) -> str:
    """The session of a dispatcher of the whole district."""
    accounts = Accounts(Door(casebook), scenario.code, scenario.areas.towns)
    _, printed = accounts.add("bench", Person("bench", "Bench", (Post(Job.DISPATCHER, scenario.code),)))
    return accounts.choose_password("bench", printed, "a long enough one")


@contextmanager
def _server(url: str, place: Path) -> Iterator[int]:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = f"-m streamlit run ui/app.py --server.port {port} --server.address 127.0.0.1 --server.headless true"
    env = os.environ | {"GRIDBEAT_DB": url, "GRIDBEAT_PLACE": str(place)}
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


async def _watch(port: int, token: str) -> tuple[list[float], list[int]]:
    """Seconds and bytes of each refresh after the warm-up."""
    address, origin = f"ws://127.0.0.1:{port}/_stcore/stream", f"http://127.0.0.1:{port}"
    seconds: list[float] = []
    sent: list[int] = []
    cookie = {"Cookie": f"{COOKIE}={token}"}
    async with websockets.connect(
        address,
        subprotocols=["streamlit"],  # type: ignore[list-item]
        max_size=None,
        origin=origin,  # type: ignore[arg-type]
        additional_headers=cookie,
    ) as socket_:
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
    ask.rerun_script.query_string = "incident=B00007"
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
