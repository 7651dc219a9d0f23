"""The catalogue of matters: what can be wrong on a street, who leads, which certificate it takes, how soon."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from dispatch.records.case import Procedure
from dispatch.rulebook.lists import ListFile, ListRow, read_list
from dispatch.rulebook.terms import Term, Unit
from gis.schemas import shorten

UNCLASSIFIED_PRIORITY = 3
UNCLASSIFIED_WITHIN = timedelta(minutes=30)
"""At the desk: by when somebody should be there while nobody has said what it is, so that it is soon said."""
IMPORTED_UNCLASSIFIED_WITHIN = timedelta(hours=72)
"""The same for a ticket of another system that came without a deadline of its own."""

NO_ENFORCEMENT = "C00"
"""The category of what is no enforcement matter: advice, praise, another service's work."""

CATEGORY = r"C\d\d"
COLUMNS = (
    "code",
    "category",
    "kind",
    "name_zh",
    "name_en",
    "national_code",
    "field",
    "priority",
    "respond_within_min",
    "procedure",
    "limit",
    "limit_unit",
    "lead",
    "assisting",
    "under",
    "leniency",
    "keywords",
    "basis",
    "source",
    "valid_from",
    "valid_to",
)
RESERVED_COLUMNS = ("matter", "why", "basis", "source")
ARTICLE = r"《[^》]+》.*第.+条.*"
LONGEST_RESPONSE_MIN = 30 * 24 * 60
USUAL_LIMIT = Term(7, Unit.WORKING_DAYS)


class Kind(StrEnum):
    """What a matter is: something seen on a street, a thing several departments do as one, or a power on a list."""

    SITUATION = "situation"
    ONE_THING = "one_thing"
    STATUTORY = "statutory"
    UNIVERSAL = "universal"
    OPTIONAL = "optional"
    DELEGATED = "delegated"


REPORTED = frozenset({Kind.SITUATION, Kind.ONE_THING})
"""The kinds a citizen's words can be about; the others are what an act is based on."""


class Leniency(StrEnum):
    """What the place's lists allow short of a fine (Administrative Penalty Law, article 33)."""

    FIRST_WAIVER = "first_waiver"
    ORDER_FIRST = "order_first"
    WARNING_ONLY = "warning_only"


class Source(StrEnum):
    """How far a row can be trusted; an illustrative row needs the user's legal department."""

    STATUTE = "statute"
    DOCUMENT = "document"
    ILLUSTRATIVE = "illustrative"


class Why(StrEnum):
    """Why the level above the town keeps a matter."""

    CROSS_TOWN = "cross_town"
    URGENT = "urgent"
    TECHNICAL = "technical"


class Reserved(NamedTuple):
    """A matter that stays with the level above where that may act on it, whoever else may."""

    why: Why
    basis: str
    source: Source


@dataclass(frozen=True, slots=True)
class Matter:
    """One matter of the catalogue.

    Attributes
    ----------
    category
        Code of the category, ``C01`` … ``C16``, or ``C00`` for what is no enforcement matter.
    national_code
        5 digits of GB/T 47678.5, or empty.
    field
        Field of the certificate that two officers must hold.
    priority
        1 (highest) to 4, the severity with which it is queued.
    respond_within
        From report to a lawful pair on scene. A service target of the place, not a statutory term.
    limit
        From report to handled: a city clock.
    lead, assisting
        Codes of the departments that answer for it and that help.
    under
        Codes of the listed powers it is enforced under, the usual one first; a power on one of them is a power on it.
    valid_from, valid_to
        Both days included; None while it is not repealed.
    reserved
        Set where the place keeps it above the towns.
    """

    code: str
    category: str
    name_zh: str
    name_en: str
    national_code: str
    field: str
    priority: int
    respond_within: timedelta
    procedure: Procedure
    basis: str
    source: Source
    kind: Kind = Kind.SITUATION
    limit: Term = USUAL_LIMIT
    lead: str = ""
    assisting: tuple[str, ...] = ()
    under: tuple[str, ...] = ()
    leniency: frozenset[Leniency] = frozenset()
    keywords: tuple[str, ...] = ()
    valid_from: date = date.min
    valid_to: date | None = None
    reserved: Reserved | None = None

    def in_force(self, day: date) -> bool:
        """Whether the catalogue has this matter on ``day``."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    @property
    def enforceable(self) -> bool:
        """Whether anybody may act on it by way of enforcement at all."""
        return self.category != NO_ENFORCEMENT


def read_matters(path: Path) -> dict[str, Matter]:
    """The catalogue of a place, by code, in the order of the file.

    Parameters
    ----------
    path
        CSV with the columns of ``COLUMNS``. ``national_code`` may be empty; ``field`` and ``basis`` may be empty
        for category C00 only.

    Raises
    ------
    BadInput
        With every row that is wrong, among them a code that stands twice or looks like a category's.
    """
    return matters_of(*read_list(path, COLUMNS))


def matters_of(file: ListFile, rows: list[ListRow]) -> dict[str, Matter]:
    """The catalogue in the rows of a list, as `read_matters` reads it."""
    matters: dict[str, Matter] = {}
    for row in rows:
        matter = _matter(row)
        if matter.code in matters:
            row.blame("code", "a code that stands once")
        matters[matter.code] = matter
    _check_under(file, rows, matters)
    if not rows:
        file.blame(None, None, "no matters", "at least one")
    file.stop_if_faulty("Mend these rows of the catalogue and read it again.")
    return matters


def read_reserved(path: Path, matters: Mapping[str, Matter]) -> dict[str, Matter]:
    """The catalogue with what a place's ``reserved.csv`` keeps above the towns: a matter, or all matters of a field.

    Raises
    ------
    BadInput
        With every row that names neither, has no reason or basis, or is about a matter that another row is about.
    """
    file, rows = read_list(path, RESERVED_COLUMNS)
    kept: dict[str, Matter] = {}
    for row in rows:
        named = row.text("matter", expected="the code of a matter, or a field")
        reserved = Reserved(
            row.choice("why", Why), row.text("basis", expected="the clause"), row.choice("source", Source)
        )
        about = [matter for matter in matters.values() if named in (matter.code, matter.field)]
        if not about:
            row.blame("matter", "the code of a matter of the catalogue, or a field of certificates")
        for matter in about:
            if matter.code in kept:
                row.blame("matter", f"what no other row is about; {matter.code} is reserved already")
            kept[matter.code] = replace(matter, reserved=reserved)
    file.stop_if_faulty("Mend these rows of what is reserved and read it again.")
    return {**matters, **kept}


def _matter(row: ListRow) -> Matter:
    category = row.text("category", pattern=CATEGORY, expected="a category C00 to C99")
    nothing_to_enforce = category == NO_ENFORCEMENT
    source = row.choice("source", Source)
    basis = row.text("basis", expected="the legal basis", empty=nothing_to_enforce)
    if basis and source is Source.STATUTE and not re.fullmatch(ARTICLE, basis):
        row.blame("basis", "the statute in 《》 and its article, 第…条, since the source is statute")
    valid_from = row.day("valid_from")
    valid_to = row.day("valid_to") if row.values["valid_to"] else None
    if valid_to is not None and valid_to < valid_from:
        row.blame("valid_to", f"a day from {valid_from} on, or nothing")
    return Matter(
        code=row.text("code", pattern=rf"(?!{CATEGORY}$)[\w.\-]{{1,32}}", expected="a short code, not a category's"),
        category=category,
        name_zh=row.text("name_zh", expected="a Chinese name"),
        name_en=row.text("name_en", expected="an English name"),
        national_code=row.text("national_code", pattern=r"\d{5}", expected="5 digits or nothing", empty=True),
        field=row.text("field", expected="the field of the certificate", empty=nothing_to_enforce),
        priority=row.whole("priority", 1, 4),
        respond_within=timedelta(minutes=row.whole("respond_within_min", 1, LONGEST_RESPONSE_MIN)),
        procedure=row.choice("procedure", Procedure),
        basis=basis,
        source=source,
        kind=row.choice("kind", Kind),
        limit=Term(row.whole("limit", 1, 999), row.choice("limit_unit", Unit)),
        lead=row.text("lead", expected="the code of a department", empty=nothing_to_enforce),
        assisting=row.several("assisting"),
        under=row.several("under"),
        leniency=frozenset(row.choices("leniency", Leniency)),
        keywords=row.several("keywords"),
        valid_from=valid_from,
        valid_to=valid_to,
    )


def _check_under(file: ListFile, rows: list[ListRow], matters: Mapping[str, Matter]) -> None:
    """A situation is enforced under powers that the catalogue lists."""
    for row in rows:
        for code in row.several("under"):
            listed = matters.get(code)
            if listed is None or listed.kind in REPORTED:
                file.blame(row.number, "under", shorten(code), "the code of a listed power of this catalogue")
