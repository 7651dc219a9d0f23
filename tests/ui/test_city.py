"""A city above its districts: figures of each casebook, and how each district is opened."""

from __future__ import annotations

import sys
import time
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from dispatch.records.incident import Status
from dispatch.store.casebook import open_casebook
from tests.towns import NOON, incident, nine_cells
from ui.services import cityservers
from ui.services.board import board_of
from ui.services.city import whole
from ui.services.cityload import Books, Load, by_town
from ui.services.cityservers import Servers, State

HERE, OTHER = "500103", "500106"
ZONE = ZoneInfo("Asia/Shanghai")
TOWN = "990100001"


def test_a_town_has_what_is_open_what_is_late_and_the_free_pairs_on_duty():
    """What was merged or closed is nobody's work any more; a team without two certificates is no pair."""
    late = NOON - timedelta(hours=1)
    incidents = [
        incident(),
        incident(id="LATE", due_at=late),
        incident(id="DONE", status=Status.CLOSED, due_at=late, closed_at=NOON),
        incident(id="NOWHERE", town="", cell=""),
    ]
    loads = by_town(board_of(1, NOON, incidents, nine_cells().teams(NOON)), NOON.astimezone(ZONE).date())
    assert (loads[TOWN].open, loads[TOWN].overdue) == (2, 1)
    assert loads[""] == Load(1, 0, 0)
    together = whole(loads)
    assert together is not None
    assert (together.open, together.overdue) == (3, 1)
    assert 0 < together.pairs <= 2  # T1 and T2 are on duty at noon
    assert whole(None) is None


def test_the_figures_of_another_district_come_from_the_casebook_beside(tmp_path: Path, monkeypatch):
    """They follow it; a district that was never opened has none, and reading makes no casebook for it."""
    monkeypatch.setattr("ui.services.cityload.ASK_AGAIN_S", 0.0)
    books = Books(f"sqlite:///{tmp_path / f'demo-chongqing_{HERE}.db'}", HERE, ZONE)
    other = tmp_path / f"demo-chongqing_{OTHER}.db"
    assert books.loads(OTHER, NOON) is None
    assert not other.exists()
    with open_casebook(f"sqlite:///{other}") as book:
        book.add_incidents([incident()], at=NOON)
        assert whole(books.loads(OTHER, NOON)) == Load(1, 0, 0)
        book.add_incidents([incident(id="I2", due_at=NOON - timedelta(minutes=1))], at=NOON)
        assert whole(books.loads(OTHER, None)) == Load(2, 1, 0)
    books.close()


def test_a_casebook_whose_address_does_not_name_its_district_has_none_beside_it():
    """`serve` on somebody's own database: its neighbours cannot be guessed."""
    books = Books("sqlite:///district.db", HERE, ZONE)
    assert books.loads(OTHER, NOON) is None


@pytest.fixture
def servers(monkeypatch):
    """Districts whose servers listen and do nothing else."""
    listens = "import socket, sys, time; s = socket.create_server(('127.0.0.1', {port})); time.sleep(60)"

    class Listening(Servers):
        def _command(self, code: str, port: int) -> list[str]:
            return [sys.executable, "-c", "raise SystemExit(2)" if code == "bad" else listens.format(port=port)]

    made = Listening("chongqing", "127.0.0.1")
    yield made
    made.close()


def waited(servers: Servers, code: str) -> State:
    until = time.monotonic() + 20
    while (state := servers.state(code)[0]) is State.OPENING and time.monotonic() < until:
        time.sleep(0.05)
    return state


def test_a_district_is_opened_once_and_one_that_ends_is_said_to_have_failed(servers: Servers):
    assert servers.state(OTHER) == (State.CLOSED, 0)
    servers.open(OTHER)
    assert waited(servers, OTHER) is State.OPEN
    port = servers.state(OTHER)[1]
    servers.open(OTHER)
    assert servers.state(OTHER) == (State.OPEN, port)
    servers.open("bad")
    assert waited(servers, "bad") is State.FAILED


def test_a_further_district_ends_the_one_asked_for_longest_ago(servers: Servers, monkeypatch):
    """A small machine does not hold 38 districts at once; the casebook of one that ends is taken up again."""
    monkeypatch.setattr(cityservers, "MOST", 2)
    for code in ("1", "2"):
        servers.open(code)
    servers.open("1")
    servers.open("3")
    assert servers.state("2") == (State.CLOSED, 0)
    assert {waited(servers, code) for code in ("1", "3")} == {State.OPEN}
