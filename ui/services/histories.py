"""Tickets out of a planner's file or the book itself, as a history to learn from; and a made-up file to try it with."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from dispatch.desk.sheets import GEOMETRY_LAT, GEOMETRY_LON, encoding_of, read_sheet
from dispatch.desk.ticketmap import TicketMap
from dispatch.desk.tickets import Tickets, read_tickets
from dispatch.rulebook.matters import Matter
from dispatch.store.casebook import Casebook
from gis.crs import Datum
from gis.locate import CellLocator
from scenarios.place import Scenario
from simulation.history import History, of_incidents
from simulation.stories import Chances, reports_of

NEEDED = ("id", "reported_at", "lon", "lat")
OPTIONAL = ("closed_at", "category")
GUESSES: Mapping[str, tuple[str, ...]] = {
    "id": (
        *("id", "case_enquiry_id", "ticket", "number"),
        *("编号", "工单编号", "工单号", "事件编号", "案件编号", "诉求编号"),
    ),
    "reported_at": (
        *("reported_at", "open_dt", "opened", "created"),
        *("上报时间", "受理时间", "来电时间", "诉求时间", "登记时间", "立案时间"),
    ),
    "lon": ("lon", "longitude", "lng", GEOMETRY_LON, "经度"),
    "lat": ("lat", "latitude", GEOMETRY_LAT, "纬度"),
    "closed_at": ("closed_at", "closed_dt", "closed", "办结时间", "结案时间"),
    "category": ("category", "matter", "type", "事项编码", "事项名称", "事项", "类别", "小类"),
}
"""What columns are usually called, the likeliest first."""

EXAMPLE_WEEKS = 40
EXAMPLE_NAME = "synthetic-tickets.csv"


@dataclass(frozen=True)
class ReadFile:
    """A history out of a file, with what was read and what not, and how many tickets are of no matter that is known."""

    history: History
    tickets: Tickets
    unclassified: int


def columns_of(name: str, data: bytes) -> tuple[str, ...]:
    """The column names of a file.

    Raises
    ------
    BadInput
        When it is no table.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = _kept(Path(folder), name, data)
        return read_sheet(path, encoding_of(path)).columns


def guessed(columns: Sequence[str]) -> dict[str, str]:
    """Which column is which, by name; what nobody would know is left out."""
    there = {column.strip().lower(): column for column in columns}
    found = {ours: next((there[one] for one in GUESSES[ours] if one in there), "") for ours in (*NEEDED, *OPTIONAL)}
    return {ours: theirs for ours, theirs in found.items() if theirs}


def read_history(
    name: str, data: bytes, columns: Mapping[str, str], datum: Datum, scenario: Scenario, until: datetime
) -> ReadFile:
    """The history in a file, as known when its last ticket was told, or ``until`` (aware) when that is earlier.

    A category is a matter when it is the code or the name of one.

    Raises
    ------
    BadInput
        When no row can be used.
    CannotFit
        When no ticket lies in the place.
    """
    matters, zone = scenario.rulebook.matters, ZoneInfo(scenario.timezone)
    given = {ours: theirs for ours, theirs in columns.items() if theirs}
    given.setdefault("text", given.get("category", given["id"]))
    known = called(matters) if "category" in given else {}
    with tempfile.TemporaryDirectory() as folder:
        path = _kept(Path(folder), name, data)
        ticket_map = TicketMap(name, given, datum, zone, known, encoding=encoding_of(path))
        tickets = read_tickets(path, ticket_map, matters, CellLocator(scenario.cells).codes)
    last = max(one.reported_at for one in tickets.incidents) + timedelta(microseconds=1)
    history = of_incidents(tickets.incidents, _codes(scenario), min(last, until))
    return ReadFile(history, tickets, sum(not one.matter for one in tickets.incidents))


def history_of_book(casebook: Casebook, scenario: Scenario, now: datetime) -> History:
    """The tickets that the book holds ``now`` (aware).

    Raises
    ------
    CannotFit
        When there is none in the place.
    """
    return of_incidents(casebook.incidents(), _codes(scenario), now)


def called(matters: Mapping[str, Matter]) -> dict[str, str]:
    """Codes of the matters by whatever a file may call them."""
    names = {name: code for code, one in matters.items() for name in (one.name_zh, one.name_en)}
    return {**names, **{code: code for code in matters}}


def example(scenario: Scenario, until: datetime, seed: int = 1) -> bytes:
    """Made-up tickets of the last weeks, drawn from the place's own demand, as CSV; the file says that they are."""
    zone = ZoneInfo(scenario.timezone)
    end = datetime.combine(until.astimezone(zone).date(), datetime.min.time(), zone)
    begin = end - timedelta(weeks=EXAMPLE_WEEKS)
    told = reports_of(scenario.demand, begin, end, Chances(seed, 0))
    reported = pd.Timestamp(begin) + pd.to_timedelta(np.round(told.told_s), unit="s")
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("id", "reported_at", "category", "lon", "lat", "synthetic"))
    for row in range(len(told)):
        place = (f"{told.lon[row]:.6f}", f"{told.lat[row]:.6f}")
        code = scenario.demand.matters[told.matter[row]]
        writer.writerow((f"S{row + 1:06d}", reported[row].isoformat(), code, *place, "synthetic/虚构"))
    return out.getvalue().encode("utf-8-sig")


def _codes(scenario: Scenario) -> list[str]:
    return [str(code) for code in scenario.cells["code"]]


def _kept(folder: Path, name: str, data: bytes) -> Path:
    """The file under its own ending; nobody's name leads out of the folder."""
    path = folder / Path(name.replace("\\", "/")).name
    path.write_bytes(data)
    return path
