"""The files of a staffing plan while somebody edits them: texts as they stand, right or wrong, by row number."""

from __future__ import annotations

import csv
import json
import re
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from dispatch.rulebook.lists import read_list
from gis.schemas import BadInput, Fault
from simulation.plan import DESK_COLUMNS, MOST_OFFICERS, POST_COLUMNS, StaffingPlan, read_plan
from simulation.training import TRAINING_COLUMNS

PLAN, DESKS, POSTS, TRAINING = "plan.toml", "desks.csv", "posts.csv", "training.csv"
TABLES = {DESKS: DESK_COLUMNS, POSTS: POST_COLUMNS, TRAINING: TRAINING_COLUMNS}
Row = tuple[str, ...]
Rows = tuple[Row | None, ...]
"""Records in the order of the columns; None where one was taken out, so that those below keep their numbers."""

FIRST = 2
"""The number of the first record in a file with a header."""


@dataclass(frozen=True)
class Sheets:
    """A plan's files: the text of its TOML, its desks, its posts, and the training, which it may lack."""

    about: str
    desks: Rows
    posts: Rows
    training: Rows = ()

    @property
    def tidy(self) -> Sheets:
        """Without what was taken out; rows below it get new numbers."""
        desks, posts, training = (tuple(filter(None, rows)) for rows in (self.desks, self.posts, self.training))
        return Sheets(self.about, desks, posts, training)

    @property
    def heads(self) -> int:
        """Officers in all posts, as far as they are whole numbers."""
        return sum(_whole(row[1]) for row in self.posts if row)

    def value(self, key: str) -> str:
        """What stands behind a key of the TOML, as it is written there; empty when the key is not there."""
        found = _line(key).search(self.about)
        return found[2].strip() if found else ""

    def with_value(self, key: str, value: str | float | date) -> Sheets:
        """With another value behind a key that is there."""
        # A TOML string is a JSON string but for one letter.
        text = value.isoformat() if isinstance(value, date) else json.dumps(value, ensure_ascii=False)
        written = text.replace("\x7f", "\\u007f")
        return replace(self, about=_line(key).sub(lambda found: f"{found[1]}{written}", self.about, count=1))

    def moved(self, source: str, officers: int, target: str) -> Sheets:
        """So many officers of one desk stand at another, with what they hold and their shifts.

        They are taken from the largest posts first; who tours stays. They join a post that is alike there, else they
        make one at the end.

        Raises
        ------
        BadInput
            When fewer officers stand there than are to move, or both desks are the same.
        """
        if source == target:
            raise BadInput(Fault(POSTS, None, "desk", target, "another desk than they come from"))
        here = [at for at, row in enumerate(self.posts) if row and row[0] == source]
        here.sort(key=lambda at: (-_whole((self.posts[at] or ("", "0"))[1]), at))
        posts, left = list(self.posts), officers
        for at in here:
            left -= move(posts, at, left, target)
        if left > 0 or officers < 1:
            expected = f"at least {max(officers, 1)} to move"
            raise BadInput(Fault(POSTS, None, "officers", f"{officers - left} officers at {source}", expected))
        return replace(self, posts=tuple(posts))


def move(posts: list[Row | None], at: int, officers: int, target: str) -> int:
    """As many officers as are to move from the post at a place of the list to a desk; returns how many did.

    They join a post that is alike there, else they make one at the end.
    """
    row = posts[at] or ()
    there = _whole(row[1])
    going = min(officers, there)
    if going < 1:
        return 0
    posts[at] = (row[0], str(there - going), *row[2:]) if going < there else None
    alike = next((on for on, each in enumerate(posts) if each and each[0] == target and each[2:] == row[2:]), None)
    if alike is None:
        posts.append((target, str(going), *row[2:]))
    else:
        posts[alike] = (target, str(_whole((posts[alike] or row)[1]) + going), *row[2:])
    return going


def read_sheets(folder: Path) -> Sheets:
    """The files of a folder, columns in our order.

    Raises
    ------
    BadInput
        When one is missing or no table of its columns.
    """
    path = folder / PLAN
    try:
        about = path.read_text(encoding="utf-8")
    except OSError as error:
        raise BadInput(Fault(PLAN, None, None, error.strerror or "an unreadable file", "a plan file")) from None
    tables = []
    for name, columns in TABLES.items():
        if name == TRAINING and not (folder / name).exists():
            continue
        file, rows = read_list(folder / name, columns)
        file.stop_if_faulty()
        tables.append(tuple(tuple(row.values[column] for column in columns) for row in rows))
    return Sheets(about, *tables)


def write_sheets(sheets: Sheets, folder: Path) -> None:
    """The files; where a record was taken out stands an empty line."""
    (folder / PLAN).write_text(sheets.about, encoding="utf-8")
    for (name, columns), rows in zip(TABLES.items(), (sheets.desks, sheets.posts, sheets.training), strict=True):
        _write(folder / name, columns, rows)
    if not any(sheets.training):
        (folder / TRAINING).unlink()


def plan_of(sheets: Sheets) -> StaffingPlan:
    """The plan that the sheets are, read by the door through which every plan comes.

    Raises
    ------
    BadInput
        As `read_plan`; rows are those of the sheets.
    """
    with tempfile.TemporaryDirectory() as folder:
        write_sheets(sheets, Path(folder))
        return read_plan(Path(folder) / PLAN)


def _write(path: Path, columns: Sequence[str], rows: Iterable[Row | None]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(row or () for row in rows)


def _line(key: str) -> re.Pattern[str]:
    return re.compile(rf"^({re.escape(key)}[ \t]*=[ \t]*)(.*)$", re.MULTILINE)


def _whole(text: str) -> int:
    return min(int(text), MOST_OFFICERS) if re.fullmatch(r"\d{1,9}", text, re.ASCII) else 0
