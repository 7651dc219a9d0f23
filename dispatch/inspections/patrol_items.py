"""The patrol list: what is looked at on a round, at which objects, how often, and what it should be like."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from pathlib import Path

from dispatch.rulebook.lists import ListRow, each_once, read_list
from dispatch.rulebook.matters import Source

COLUMNS = (
    "code",
    "field",
    "object",
    "object_zh",
    "object_en",
    "name_zh",
    "name_en",
    "times",
    "every",
    "standard_zh",
    "standard_en",
    "minutes",
    "source",
)
CODE = r"[A-Za-z0-9_-]{1,40}"


class Every(StrEnum):
    """The period in which an item is looked at so many times."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"


WORKING_DAYS: Mapping[Every, int] = {Every.DAY: 1, Every.WEEK: 5, Every.MONTH: 20, Every.QUARTER: 60}
"""Working days in a period, a month being four weeks."""


@dataclass(frozen=True, slots=True)
class PatrolItem:
    """One row of the list.

    Attributes
    ----------
    object
        Code of the kind of place it is looked at; a cell that has none of them is not patrolled for it.
    times, every
        How often at ordinary risk.
    standard_zh, standard_en
        What it is like when it is in order.
    minutes
        How long a look takes.
    """

    code: str
    field: str
    object: str
    object_zh: str
    object_en: str
    name_zh: str
    name_en: str
    times: int
    every: Every
    standard_zh: str
    standard_en: str
    minutes: int
    source: Source

    @property
    def a_day(self) -> Fraction:
        """Looks a working day at ordinary risk."""
        return Fraction(self.times, WORKING_DAYS[self.every])


def read_patrol_items(path: Path) -> dict[str, PatrolItem]:
    """The patrol list by code.

    Raises
    ------
    BadInput
        With every row that is wrong, among them a code that stands twice.
    """
    file, rows = read_list(path, COLUMNS)
    found = each_once(rows, "code", _item)
    if not rows:
        file.blame(None, None, "no items", "at least one")
    file.stop_if_faulty("Mend these rows of the patrol list and read it again.")
    return found


def _item(row: ListRow) -> PatrolItem:
    return PatrolItem(
        code=row.text("code", pattern=CODE, expected="a code of letters, digits, - and _"),
        field=row.text("field", expected="the code of a field"),
        object=row.text("object", pattern=CODE, expected="the code of a kind of place"),
        object_zh=row.text("object_zh", expected="a Chinese name"),
        object_en=row.text("object_en", expected="an English name"),
        name_zh=row.text("name_zh", expected="a Chinese name"),
        name_en=row.text("name_en", expected="an English name"),
        times=row.whole("times", 1, 99),
        every=row.choice("every", Every),
        standard_zh=row.text("standard_zh", expected="a Chinese standard"),
        standard_en=row.text("standard_en", expected="an English standard"),
        minutes=row.whole("minutes", 1, 240),
        source=row.choice("source", Source),
    )
