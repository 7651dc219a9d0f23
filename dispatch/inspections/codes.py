"""Codes that a table may use, and the nearest to one that is not among them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher, get_close_matches

from dispatch.rulebook.lists import ListRow
from gis.schemas import shorten

Codes = Mapping[str, Sequence[str]]
"""Each code with the names that people use for it; none at all where any code will do."""


def nearest(found: str, codes: Codes) -> str:
    """The code that is written most like ``found``, or whose name is; the first of equals, empty when there is none.

    >>> nearest("市场监管局", {"fire": ["消防救援大队"], "market": ["市场监督管理局"]})
    'market'
    """

    def likeness(code: str) -> float:
        return max(SequenceMatcher(None, found.casefold(), each.casefold()).ratio() for each in (code, *codes[code]))

    return max(codes, key=likeness, default="")


def resembling(found: str, known: Iterable[str]) -> str:
    """The known code of which ``found`` is most likely a misspelling, by difflib's likeness; empty when none is near.

    >>> resembling("fier", ["food", "fire"]), resembling("labour", ["food", "fire"])
    ('fire', '')
    """
    return next(iter(get_close_matches(found, sorted(known), 1)), "")


def blame_unknown(row: ListRow, column: str, codes: Codes, what: str) -> None:
    """A fault for each part of a field that is none of the codes; ``what`` they stand for, as ``a department``."""
    for part in row.several(column) if codes else ():
        if part not in codes:
            expected = f"the code of {what}; the nearest is {nearest(part, codes)}"
            row.list.blame(row.number, column, shorten(part), expected)
