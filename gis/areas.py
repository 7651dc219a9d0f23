"""Districts, towns and communities: their codes, their names, and which lies in which.

The codes are the statistical division codes of the National Bureau of Statistics: 6 digits for a district or county,
3 more for a town or street, 3 more for a community or village; a unit grid cell adds 3 to its community.
"""

from __future__ import annotations

from enum import StrEnum
from functools import cached_property

import geopandas as gpd
import pandas as pd

from gis.schemas import BadInput, Fault, as_text, check_columns, check_ids, shorten


class Level(StrEnum):
    """How fine an area is."""

    DISTRICT = "district"
    TOWN = "town"
    COMMUNITY = "community"


DIGITS = {Level.DISTRICT: 6, Level.TOWN: 9, Level.COMMUNITY: 12}
CELL_DIGITS = 15


class UnknownArea(LookupError):  # noqa: N818 - read in messages
    """A code that is in none of the areas at hand."""


def level_of(code: str) -> Level:
    """The level a code belongs to, by its 6, 9 or 12 digits.

    Raises
    ------
    ValueError
        When it is of another length or not all digits.

    Examples
    --------
    >>> level_of("330203005")
    <Level.TOWN: 'town'>
    """
    for level, digits in DIGITS.items():
        if len(code) == digits and code.isascii() and code.isdigit():
            return level
    raise ValueError(f"{shorten(code)} is no area code; expected 6 digits (district), 9 (town) or 12 (community).")


def parent_code(code: str) -> str:
    """The code of the area around: a town's district, a community's town; '' for a district.

    Examples
    --------
    >>> parent_code("330203005003"), parent_code("330203")
    ('330203005', '')
    """
    return {Level.DISTRICT: "", Level.TOWN: code[:6], Level.COMMUNITY: code[:9]}[level_of(code)]


def town_of(code: str) -> str:
    """The 9-digit town in which a community or cell lies; a town gives itself."""
    return _head(code, DIGITS[Level.TOWN])


def community_of(code: str) -> str:
    """The 12-digit community in which a cell lies; a community gives itself."""
    return _head(code, DIGITS[Level.COMMUNITY])


class Areas:
    """A district's areas, looked up by code.

    Parameters
    ----------
    frame
        Columns ``code, name, level, parent`` and, in a GeoDataFrame, the shapes. ``level`` and ``parent`` may be left
        out: both follow from the code. A district's parent is ''.
    file
        What to call the input in messages.

    Raises
    ------
    BadInput
        A code is blank, repeated or not of 6, 9 or 12 digits; level or parent contradict the code; a town's district or
        a community's town is not in the frame.

    Examples
    --------
    >>> areas = Areas(pd.DataFrame({"code": ["330203", "330203005"], "name": ["海曙区", "江厦街道"]}))
    >>> areas.name("330203005"), areas.parent("330203005"), areas.children("330203")
    ('江厦街道', '330203', ('330203005',))
    """

    def __init__(self, frame: pd.DataFrame, file: str = "areas") -> None:
        self._frame = check_areas(frame, file)
        self._names = dict(zip(self._frame["code"], self._frame["name"], strict=True))
        self._children: dict[str, list[str]] = {}
        for code in self._frame["code"]:
            self._children.setdefault(parent_code(code), []).append(code)

    @property
    def frame(self) -> pd.DataFrame:
        """All areas sorted by code: ``code, name, level, parent`` and what else came in; a GeoDataFrame if one did."""
        return self._frame.copy()

    def of_level(self, level: Level) -> pd.DataFrame:
        """The rows of one level, numbered from 0."""
        return self._frame[self._frame["level"] == level].reset_index(drop=True)

    @cached_property
    def districts(self) -> tuple[str, ...]:
        """Codes of all districts, sorted."""
        return tuple(self.of_level(Level.DISTRICT)["code"])

    @cached_property
    def towns(self) -> tuple[str, ...]:
        """Codes of all towns, sorted."""
        return tuple(self.of_level(Level.TOWN)["code"])

    @cached_property
    def communities(self) -> tuple[str, ...]:
        """Codes of all communities, sorted."""
        return tuple(self.of_level(Level.COMMUNITY)["code"])

    def __contains__(self, code: object) -> bool:
        return code in self._names

    def __len__(self) -> int:
        return len(self._names)

    def name(self, code: str) -> str:
        """The name of an area; `UnknownArea` when the code is not here."""
        self._refuse_unknown(code)
        return str(self._names[code])

    def parent(self, code: str) -> str:
        """The code of the area around; '' for a district; `UnknownArea` when the code is not here."""
        self._refuse_unknown(code)
        return parent_code(code)

    def children(self, code: str) -> tuple[str, ...]:
        """Codes of the areas directly inside, sorted; `UnknownArea` when the code is not here."""
        self._refuse_unknown(code)
        return tuple(self._children.get(code, ()))

    def _refuse_unknown(self, code: str) -> None:
        if code not in self._names:
            raise UnknownArea(
                f"{shorten(code)} is none of the {len(self)} areas here; check the code or load its place."
            )


def check_areas(frame: pd.DataFrame, file: str) -> pd.DataFrame:
    """``frame`` sorted by code with ``level`` and ``parent`` filled in; errors as in `Areas`."""
    check_columns(frame, ("code", "name"), file)
    codes = check_ids(frame["code"], file)
    faults: list[Fault] = []
    for row, code in enumerate(codes, start=2):
        try:
            level_of(code)
        except ValueError:
            faults.append(Fault(file, row, "code", shorten(code), "6, 9 or 12 digits"))
    if faults:
        raise BadInput(*faults, advice="Keep codes as text: a spreadsheet drops leading zeros and rounds long numbers.")
    filled = frame.assign(
        code=codes.to_numpy(),
        name=as_text(frame["name"]).to_numpy(),
        level=[level_of(code).value for code in codes],
        parent=[parent_code(code) for code in codes],
    )
    _refuse_contradictions(frame, filled, file)
    _refuse_orphans(filled, file)
    ordered = filled.sort_values("code", kind="stable").reset_index(drop=True)
    return ordered if isinstance(frame, gpd.GeoDataFrame) else pd.DataFrame(ordered)


def _refuse_contradictions(given: pd.DataFrame, filled: pd.DataFrame, file: str) -> None:
    faults = [
        Fault(file, row, column, shorten(said), f"{shorten(follows)} by its code {code}")
        for column in ("level", "parent")
        if column in given.columns
        for row, (said, follows, code) in enumerate(
            zip(as_text(given[column]), filled[column], filled["code"], strict=True), start=2
        )
        if said not in ("", follows)
    ]
    if faults:
        raise BadInput(*faults)


def _refuse_orphans(filled: pd.DataFrame, file: str) -> None:
    known = {"", *filled["code"]}
    faults = [
        Fault(file, row, "code", f"{code} without its {parent}", "the area around in the same table")
        for row, (code, parent) in enumerate(zip(filled["code"], filled["parent"], strict=True), start=2)
        if parent not in known
    ]
    if faults:
        raise BadInput(*faults, advice="Add the missing districts and towns.")


def _head(code: str, digits: int) -> str:
    if len(code) in (*DIGITS.values(), CELL_DIGITS) and len(code) >= digits and code.isascii() and code.isdigit():
        return code[:digits]
    raise ValueError(f"{shorten(code)} does not lie in an area of {digits} digits; expected a longer code of digits.")
