"""Deeds of the desk a second of wall clock: eight write at once, each deed is safe on the disk before its answer."""

from __future__ import annotations

import multiprocessing
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sqlalchemy import select

from benchmarks.report import Row, print_table
from dispatch.desk.incidents import Desk
from dispatch.desk.rights import PeopleRights
from dispatch.records.case import Procedure
from dispatch.records.incident import Incident
from dispatch.records.person import Job, Person, Post
from dispatch.records.team import Certificate, Officer, Role, Team
from dispatch.rulebook.competence import Body, Mode, Power, RuleBook
from dispatch.rulebook.matters import Matter, Source
from dispatch.store import people
from dispatch.store.casebook import Casebook, open_casebook
from dispatch.store.tables import LEDGER
from dispatch.store.writing import Actor

WRITERS, FOR_S, RUNS, GOAL = 8, 4.0, 3, 400.0
DISTRICT, TOWN, MATTER = "330203", "330203001", "stall"
CELL = f"{TOWN}001001"
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


class OneCell:
    """Everything lies in the one cell."""

    def locate(self, lon: ArrayLike, lat: ArrayLike) -> NDArray[np.int32]:  # noqa: ARG002
        return np.zeros(np.shape(lon), dtype=np.int32)


def rows() -> list[Row]:
    """The best of some runs of threads of one process, which is what `gridbeat serve` is; and a run of processes."""
    safe = "SQLite in WAL mode, synchronous FULL, rights asked"
    threads, lost = _best(partial(ThreadPoolExecutor, WRITERS))
    context = multiprocessing.get_context("spawn")
    processes, lost_there = _run(partial(ProcessPoolExecutor, WRITERS, mp_context=context))
    return [
        Row(
            f"deeds of {WRITERS} at once, threads, {safe}",
            f"{threads:,.0f} a second",
            "",
            f"{threads:,.0f}/s, {lost} lost, chain whole",
            f">= {GOAL:,.0f} a second, none lost",
            threads >= GOAL and lost == 0,
        ),
        Row(
            "  the same, processes",
            f"{processes:,.0f} a second",
            "",
            f"{processes:,.0f}/s, {lost_there} lost, chain whole",
            "(for comparison)",
            lost_there == 0,
        ),
    ]


def _best(pool: Callable[[], Executor]) -> tuple[float, int]:
    runs = [_run(pool) for _ in range(RUNS)]
    return max(rate for rate, _ in runs), sum(lost for _, lost in runs)


def _run(pool: Callable[[], Executor]) -> tuple[float, int]:
    """Deeds a second, and how many of the answered ones the ledger does not have."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        url = f"sqlite:///{Path(folder) / 'book.db'}"
        book = stack.enter_context(open_casebook(url))
        _fill(book)
        workers = stack.enter_context(pool())
        # One book a process; the threads of a process share theirs, as the server's do.
        shared = book if isinstance(workers, ThreadPoolExecutor) else None
        list(workers.map(partial(work, url, shared), range(WRITERS), [0.3] * WRITERS))
        answers = list(workers.map(partial(work, url, shared), range(WRITERS), [FOR_S] * WRITERS))
        assert book.verify().whole
        with book.reading() as connection:
            query = select(LEDGER.c.subject, LEDGER.c.deed, LEDGER.c.version_after)
            kept = {tuple(row) for row in connection.execute(query)}
    deeds = [deed for answer in answers for deed in answer[2]]
    lost = sum(deed not in kept for deed in deeds)
    return len(deeds) / (max(end for _, end, _ in answers) - min(begin for begin, _, _ in answers)), lost


def work(
    url: str, shared: Casebook | None, writer: int, for_s: float
) -> tuple[float, float, list[tuple[str, str, int]]]:
    """One dispatcher sends a team and calls it back until the time is over; begin, end and every deed answered."""
    with ExitStack() as stack:
        book = shared or stack.enter_context(open_casebook(url))
        desk = _desk(book)
        actor, subject, team = f"dispatcher-{writer}", f"i{writer}", f"t{writer}"
        current = book.incident(subject)
        assert current is not None
        version = current.version
        done = []
        begin = end = time.time()
        while end - begin < for_s:
            version = desk.assign(actor, subject, team, version).incident.version
            done.append((subject, "assign", version))
            version = desk.recall(actor, subject, version, "elsewhere").incident.version
            done.append((subject, "recall", version))
            end = time.time()
    return begin, end, done


def _desk(book: Casebook) -> Desk:
    cells = pd.DataFrame({"code": [CELL], "town": [TOWN]})
    return Desk(book, _rulebook(), OneCell(), cells, lambda: NOW, rights=PeopleRights(DISTRICT))


def _fill(book: Casebook) -> None:
    """Eight dispatchers with one incident and one team each."""
    with book.writing() as page:
        for name in (f"dispatcher-{number}" for number in range(WRITERS)):
            person = Person(name, name, (Post(Job.DISPATCHER, DISTRICT),))
            people.add_person(page, Actor("benchmark", NOW, "person_add"), person)
    _desk(book).set_roster("lead", [_team(number) for number in range(WRITERS)])
    book.add_incidents([_incident(number) for number in range(WRITERS)], at=NOW)


def _team(number: int) -> Team:
    certificate = (Certificate("city", date(2026, 12, 31)),)
    crew = tuple(Officer(f"{number}{seat}", seat, Role.OFFICER, TOWN, certificate) for seat in "ab")
    hours = timedelta(hours=8)
    return Team(
        f"t{number}", f"team {number}", TOWN, TOWN, crew, 121.6, 29.9, "car", frozenset(), NOW - hours, NOW + hours
    )


def _incident(number: int) -> Incident:
    due = NOW + timedelta(minutes=20)
    return Incident(f"i{number}", "a stall on the pavement", 121.6, 29.9, CELL, TOWN, MATTER, 2, NOW, due)


def _rulebook() -> RuleBook:
    matter = Matter(
        MATTER,
        "C01",
        "事",
        "stall",
        "",
        "city",
        2,
        timedelta(minutes=20),
        Procedure.SIMPLE,
        "art. 1",
        Source.ILLUSTRATIVE,
    )
    power = Power(MATTER, TOWN, TOWN, Mode.EMPOWERED, "decree 1", "", date(2024, 1, 1), None, "benchmark")
    return RuleBook({MATTER: matter}, {TOWN: Body(TOWN, "镇", "town", TOWN)}, (power,))


if __name__ == "__main__":
    print_table(rows())
