"""The catalogue of matters: what can be wrong on a street, who leads, which certificate it takes, how soon."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path

from dispatch.rulebook.lists import ListRow, read_list

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
    "name_zh",
    "name_en",
    "national_code",
    "field",
    "priority",
    "respond_within_min",
    "procedure",
    "basis",
    "source",
)
LONGEST_RESPONSE_MIN = 30 * 24 * 60


class Procedure(StrEnum):
    """Which procedure of the Administrative Penalty Law a matter usually takes (articles 51 and 54)."""

    SIMPLE = "simple"
    ORDINARY = "ordinary"


class Source(StrEnum):
    """How far a row can be trusted; an illustrative row needs the user's legal department."""

    STATUTE = "statute"
    DOCUMENT = "document"
    ILLUSTRATIVE = "illustrative"


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
    file, rows = read_list(path, COLUMNS)
    matters: dict[str, Matter] = {}
    for row in rows:
        matter = _matter(row)
        if matter.code in matters:
            row.blame("code", "a code that stands once")
        matters[matter.code] = matter
    if not rows:
        file.blame(None, None, "no matters", "at least one")
    file.stop_if_faulty("Mend these rows of the catalogue and read it again.")
    return matters


def _matter(row: ListRow) -> Matter:
    category = row.text("category", pattern=CATEGORY, expected="a category C00 to C99")
    nothing_to_enforce = category == NO_ENFORCEMENT
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
        basis=row.text("basis", expected="the legal basis", empty=nothing_to_enforce),
        source=row.choice("source", Source),
    )
