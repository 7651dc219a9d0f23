"""Outcomes kept in a file as they come, so that a sweep that was stopped or killed goes on where it was."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Self

import joblib

from gis.schemas import BadInput, Fault, shorten
from simulation.outcome import Outcome
from simulation.replications import Setup, drawn

FORM = 1
"""Of what is kept; grows when an outcome holds or means something else, so that nobody counts the old ones."""
TABLE = """
CREATE TABLE IF NOT EXISTS outcome (
    city TEXT NOT NULL, seed INTEGER NOT NULL, replication INTEGER NOT NULL, told TEXT NOT NULL,
    PRIMARY KEY (city, seed, replication)
) WITHOUT ROWID
"""


class Kept:
    """One row for each replication of each city; a row is whole or not there, and none is there twice.

    Only the process that asked for the sweep writes. Without a file everything is kept in memory.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._rows = connection

    @classmethod
    @contextmanager
    def open(cls, path: Path | None = None) -> Iterator[Self]:
        """The file, made when it is not there.

        Raises
        ------
        BadInput
            When the file is something else, another database among it, or can no longer be read or written: no such
            folder, no right to write there, a disk that is full.
        """
        try:
            with closing(sqlite3.connect(path or ":memory:", timeout=60.0, isolation_level=None)) as connection:
                others = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")} - {"outcome"}
                if others:
                    raise sqlite3.DatabaseError(f"a database of something else, with {min(others)}")
                connection.execute(TABLE)
                yield cls(connection)
        except sqlite3.Error as problem:
            expected = "a file of kept replications that can be written, or a new name"
            raise BadInput(Fault(str(path), None, None, shorten(problem), expected)) from None

    def of(self, city: str, seed: int) -> dict[int, Outcome]:
        """What is kept, by replication."""
        query = "SELECT replication, told FROM outcome WHERE city = ? AND seed = ?"
        return {number: Outcome.of_text(told) for number, told in self._rows.execute(query, (city, seed))}

    def keep(self, city: str, seed: int, replication: int, outcome: Outcome) -> None:
        """Stored at once, for good; a second time changes nothing, since it would say the same."""
        row = (city, seed, replication, outcome.as_text())
        self._rows.execute("INSERT OR IGNORE INTO outcome VALUES (?, ?, ?, ?)", row)


def city_of(setup: Setup, seed: int) -> str:
    """Names what is played: the plan and everything it meets, 16 hexadecimal digits.

    Two set-ups have the same name when the plan, the stress and the rate of reports are the same and the first
    replication draws the same officers, the same incidents and the same chances for them. That alone would not do: in a
    small place a stress may change nothing in the first replication and much in the second.
    """
    force, work, reports = drawn(setup, 0, seed)
    asked = (asdict(setup.stress), setup.demand.per_year, getattr(setup.source, "times", 1.0))
    counted = (setup.warm_up_s,) if setup.opening.at_s else ()
    met = (vars(force), vars(work), vars(reports), vars(setup.matters), setup.ground.town)
    content = (FORM, setup.plan.hash, *asked, *met, *counted)
    return str(joblib.hash(content, hash_name="sha1"))[:16]
