"""The ledger recomputed from its first entry to its head, against the way it was read before; on one core."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert, select, update

from benchmarks.report import Row, print_table
from dispatch.store import ledger
from dispatch.store.casebook import Casebook, open_casebook
from dispatch.store.ledger import START, Head, Kind, Line, Verified
from dispatch.store.tables import LEDGER, STATE

COUNT, RUNS, GOAL = 200_000, 6, 200_000.0
BEGIN = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def rows() -> list[Row]:
    """One SQLite book of 200,000 dispatches, whole, and altered at its last entry."""
    with tempfile.TemporaryDirectory() as folder, open_casebook(f"sqlite:///{Path(folder) / 'book.db'}") as book:
        _fill(book)
        ours_s, theirs_s, found, peer = _least(book)
        assert found.whole
        assert found.entries == COUNT
        with book.writing() as page:
            page.connection.execute(update(LEDGER).where(LEDGER.c.sequence == COUNT).values(actor="nobody"))
        with book.reading() as connection:
            equal = found == peer and ledger.verify(connection) == as_before(connection)
    rate = COUNT / ours_s
    verdict = "equal answers" if equal else "ANSWERS DIFFER"
    return [
        Row(
            f"the ledger verified, {COUNT:,} entries, SQLite",
            f"{rate:,.0f} a CPU second",
            f"row by row through SQLAlchemy {COUNT / theirs_s:,.0f} a CPU second",
            f"{rate:,.0f}/s, {theirs_s / ours_s:.2f}x, {verdict}",
            f">= {GOAL:,.0f} a CPU second, equal",
            equal and rate >= GOAL,
        )
    ]


def _fill(book: Casebook) -> None:
    head, lines = Head(), []
    for number in range(COUNT):
        team = f"3302030{number % 17:02d}-{number % 40}"
        line = ledger.next_line(
            head,
            at=BEGIN + timedelta(seconds=number),
            actor=f"dispatcher-{number % 23}",
            deed="assign",
            kind=Kind.INCIDENT,
            subject=f"20260302-{number // 6:05d}",
            team=team,
            version_before=2,
            version_after=3,
            details={"set": {"status": "assigned", "team": team}, "was": {"status": "reported", "team": ""}},
        )
        head = Head(line.sequence, line.hash)
        lines.append(line._asdict())
    with book.writing() as page:
        page.connection.execute(insert(LEDGER), lines)
        page.connection.execute(update(STATE).values(entries=head.entries, head=head.hash))


def _least(book: Casebook) -> tuple[float, float, Verified, Verified]:
    """Both ways in turn, so that a busy minute of the machine falls on both; the least time and the answer of each."""
    times: dict[str, list[float]] = {"ours": [], "peer": []}
    answers: dict[str, Verified] = {}
    ways: dict[str, Callable[[Connection], Verified]] = {"ours": ledger.verify, "peer": as_before}
    for _ in range(RUNS):
        for name, way in ways.items():
            with book.reading() as connection:
                start = time.process_time()
                answers[name] = way(connection)
                times[name].append(time.process_time() - start)
    return min(times["ours"]), min(times["peer"]), answers["ours"], answers["peer"]


def as_before(connection: Connection) -> Verified:
    """The chain recomputed from SQLAlchemy's rows, each column handed on by itself."""
    entries, head = 0, START
    for line in _lines(connection):
        if line[0] != entries + 1:
            return Verified(entries, entries + 1, f"the next entry found is {line[0]}", head)
        if line[10] != head:
            return Verified(entries, entries + 1, "it does not follow from the entry before", head)
        if _hash(*line[:11]) != line[11]:
            return Verified(entries, entries + 1, "its content does not agree with its hash", head)
        entries, head = entries + 1, line[-1]
    kept = connection.execute(select(STATE.c.entries, STATE.c.head)).one()
    assert (kept.entries, kept.head) == (entries, head)
    return Verified(entries, head=head)


def _lines(connection: Connection) -> Iterator[Any]:
    query = select(*(LEDGER.c[name] for name in Line._fields)).order_by(LEDGER.c.sequence).limit(5000)
    page, last = connection.execute(query), None
    while True:
        for line in page:
            last = line
            yield line
        if last is None:
            return
        page, last = connection.execute(query.where(LEDGER.c.sequence > last.sequence)), None


def _hash(
    sequence: int,
    at: str,
    actor: str,
    deed: str,
    kind: str,
    subject: str,
    team: str,
    version_before: int,
    version_after: int,
    details: str,
    previous: str,
) -> str:
    return sha256(
        f"{sequence};{version_before};{version_after};{len(at)}:{at}{len(actor)}:{actor}{len(deed)}:{deed}"
        f"{len(kind)}:{kind}{len(subject)}:{subject}{len(team)}:{team}{len(details)}:{details}"
        f"{len(previous)}:{previous}".encode()
    ).hexdigest()


if __name__ == "__main__":
    print_table(rows())
