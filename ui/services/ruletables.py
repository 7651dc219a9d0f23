"""The other tables of the rule book as the keeper reads them: catalogue, year of holidays, workbook."""

from __future__ import annotations

import calendar as months
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from dispatch.desk.workbooks import RuleLists, read_workbook, write_workbook
from dispatch.rulebook.calendar import Calendar, Holiday
from dispatch.rulebook.competence import RuleBook
from dispatch.rulebook.discretion import Discretion
from dispatch.rulebook.matters import Kind, Matter, Source
from dispatch.rulebook.search import words_of

WORKBOOK = "gridbeat-lists.xlsx"


@dataclass(frozen=True, slots=True)
class Trust:
    """How many rows come from where."""

    counts: Mapping[Source, int]

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def illustrative(self) -> int:
        """Rows that need the user's legal department."""
        return self.counts.get(Source.ILLUSTRATIVE, 0)


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the year's sheet: whether it is worked, and the table's row for it if it has one."""

    day: date
    worked: bool
    holiday: Holiday | None


@dataclass(frozen=True, slots=True)
class Year:
    """A year of holidays.

    Attributes
    ----------
    months
        Twelve months of weeks of seven, Monday first; None where the week reaches into another month.
    provisional
        Whether the announcement of the year is not in the table yet.
    """

    year: int
    provisional: bool
    worked: int
    off: int
    made_up: int
    months: tuple[tuple[tuple[Day | None, ...], ...], ...]


@dataclass(frozen=True, slots=True)
class Beside:
    """How many rows of an uploaded workbook's other lists differ from the place's; only powers are taken in."""

    matters: int
    bodies: int
    tiers: int

    @property
    def same(self) -> bool:
        return not (self.matters or self.bodies or self.tiers)


def trust(sources: Iterable[str]) -> Trust:
    """Rows by source; what is neither statute nor illustrative is a document's."""
    known = {Source.STATUTE.value: Source.STATUTE, Source.ILLUSTRATIVE.value: Source.ILLUSTRATIVE}
    return Trust(Counter(known.get(source, Source.DOCUMENT) for source in sources))


def catalogue(matters: Iterable[Matter], kind: Kind | None = None, category: str = "", words: str = "") -> list[Matter]:
    """The matters of a kind and category in which every word is found, in the catalogue's order."""
    asked = words_of(words)
    return [
        matter
        for matter in matters
        if kind in (None, matter.kind) and category in ("", matter.category) and _says(matter, asked)
    ]


def year_of(calendar: Calendar, year: int) -> Year:
    """One year of the calendar, day by day."""
    sheets = months.Calendar()
    whole = tuple(
        tuple(tuple(_day(calendar, day, month) for day in week) for week in sheets.monthdatescalendar(year, month))
        for month in range(1, 13)
    )
    days = [day for month in whole for week in month for day in week if day is not None]
    rows = [day for day in days if day.holiday is not None]
    return Year(
        year=year,
        provisional=calendar.provisional(year),
        worked=sum(day.worked for day in days),
        off=sum(not day.worked for day in rows),
        made_up=sum(day.worked for day in rows),
        months=whole,
    )


def workbook_bytes(book: RuleBook, discretion: Discretion) -> bytes:
    """The lists as a workbook.

    Raises
    ------
    BadInput
        When a field could not be read back as it is.
    """
    with TemporaryDirectory() as folder:
        path = Path(folder) / WORKBOOK
        write_workbook(RuleLists(book.matters, book.bodies, book.powers, discretion), path)
        return path.read_bytes()


def read_upload(name: str, content: bytes) -> RuleLists:
    """The lists in an uploaded workbook; faults call it by the name it came with.

    Raises
    ------
    BadInput
        With every fault by sheet, row and column.
    """
    with TemporaryDirectory() as folder:
        path = Path(folder) / (Path(name.replace("\\", "/")).name or WORKBOOK)
        path.write_bytes(content)
        return read_workbook(path)


def beside(lists: RuleLists, book: RuleBook, discretion: Discretion) -> Beside:
    """What of a workbook besides its powers differs from what the place goes by."""
    return Beside(
        _differing(lists.matters, book.matters),
        _differing(lists.bodies, book.bodies),
        _differing(lists.discretion.by_matter, discretion.by_matter) if lists.discretion.by_matter else 0,
    )


def _differing(one: Mapping[str, object], other: Mapping[str, object]) -> int:
    return sum(one.get(key) != other.get(key) for key in {*one, *other})


def _day(calendar: Calendar, day: date, month: int) -> Day | None:
    if day.month != month:
        return None
    return Day(day, calendar.working(day), calendar.holidays.get(day))


def _says(matter: Matter, asked: list[str]) -> bool:
    texts = (matter.code, matter.name_zh, matter.name_en, matter.basis, *matter.keywords)
    said = " ".join(texts).casefold()
    return all(word in said for word in asked)
