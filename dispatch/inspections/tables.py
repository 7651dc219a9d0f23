"""Premises, items, officers and bases from the tables that an office sends; every row that cannot be used is named."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from dispatch.records.inspection import DueItem, Inspector, Premises
from dispatch.rulebook.lists import ListFile, ListRow, list_rows, read_list
from gis.crs import Datum, to_wgs84

PREMISES = ("premises_id", "name", "lon", "lat", "town", "opens", "closes", "annual_cap", "visits_this_year")
ITEMS = ("item_id", "premises_id", "department", "certificate", "minutes", "earliest", "latest")
OFFICERS = ("officer_id", "town", "department", "certificates", "conflicts")
BASES = ("town", "lon", "lat")
CLOCK = r"([01]?\d|2[0-4]):([0-5]\d)(?::00)?"
DAY_MIN = 1440
MOST_MINUTES = 100_000
MOST_VISITS = 10_000
ADVICE = "Mend these rows and start again; nothing was written."


def read_premises(path: Path, datum: Datum) -> tuple[Premises, ...]:
    """Premises in the order of the file.

    Raises
    ------
    BadInput
        With every row that is wrong: a blank or repeated id, a coordinate, hour or count that is none.
    """
    return _premises_of(*read_list(path, PREMISES), datum)


def premises_in(file: ListFile, table: Sequence[Sequence[str]], datum: Datum) -> tuple[Premises, ...]:
    """As `read_premises`, from a table whose first row is the header."""
    return _premises_of(file, list_rows(file, table, PREMISES), datum)


def _premises_of(file: ListFile, rows: Sequence[ListRow], datum: Datum) -> tuple[Premises, ...]:
    seen: dict[str, int] = {}
    found = [_premises(row, seen) for row in rows]
    file.stop_if_faulty(ADVICE)
    lon, lat = to_wgs84(np.array([one.lon for one in found]), np.array([one.lat for one in found]), datum)
    return tuple(_moved(one, float(x), float(y)) for one, x, y in zip(found, lon, lat, strict=True))


def read_items(path: Path, premises: Collection[str]) -> tuple[DueItem, ...]:
    """Due items in the order of the file; reversed dates are no fault here, the plan says what becomes of them.

    Raises
    ------
    BadInput
        With every row that is wrong, among them an item of premises that are not there.
    """
    return _items_of(*read_list(path, ITEMS), premises)


def items_in(file: ListFile, table: Sequence[Sequence[str]], premises: Collection[str]) -> tuple[DueItem, ...]:
    """As `read_items`, from a table whose first row is the header."""
    return _items_of(file, list_rows(file, table, ITEMS), premises)


def _items_of(file: ListFile, rows: Sequence[ListRow], premises: Collection[str]) -> tuple[DueItem, ...]:
    seen: dict[str, int] = {}
    found = []
    for row in rows:
        if row.text("premises_id") not in premises:
            row.blame("premises_id", "an id of the table of premises")
        found.append(
            DueItem(
                _once(row, "item_id", seen),
                row.values["premises_id"],
                row.text("department", empty=True),
                row.text("certificate", expected="the certificate that the check asks for"),
                row.whole("minutes", 1, MOST_MINUTES),
                row.day("earliest"),
                row.day("latest"),
            )
        )
    file.stop_if_faulty(ADVICE)
    return tuple(found)


def read_officers(path: Path) -> tuple[Inspector, ...]:
    """Officers in the order of the file; the town ``*`` means all of them.

    Raises
    ------
    BadInput
        With every row that is wrong.
    """
    file, rows = read_list(path, OFFICERS)
    seen: dict[str, int] = {}
    found = tuple(
        Inspector(
            _once(row, "officer_id", seen),
            row.text("town", expected="the town of the posting, or * for all"),
            row.text("department", empty=True),
            frozenset(row.several("certificates")),
            frozenset(row.several("conflicts")),
        )
        for row in rows
    )
    file.stop_if_faulty(ADVICE)
    return found


def read_bases(path: Path, towns: Collection[str], datum: Datum) -> dict[str, tuple[float, float]]:
    """Where each town's crews start, longitude and latitude in WGS84.

    Raises
    ------
    BadInput
        With every row that is wrong; a town without premises is one, it is most likely misspelt.
    """
    file, rows = read_list(path, BASES)
    seen: dict[str, int] = {}
    found = {}
    for row in rows:
        town = _once(row, "town", seen)
        if town not in towns:
            row.blame("town", "a town of the table of premises")
        found[town] = (_degrees(row, "lon", 180.0), _degrees(row, "lat", 90.0))
    file.stop_if_faulty(ADVICE)
    lon, lat = to_wgs84(np.array([x for x, _ in found.values()]), np.array([y for _, y in found.values()]), datum)
    return {town: (float(x), float(y)) for town, x, y in zip(found, lon, lat, strict=True)}


def _premises(row: ListRow, seen: dict[str, int]) -> Premises:
    return Premises(
        _once(row, "premises_id", seen),
        row.text("name", empty=True),
        _degrees(row, "lon", 180.0),
        _degrees(row, "lat", 90.0),
        row.text("town", expected="the town whose crews come"),
        _clock(row, "opens"),
        _clock(row, "closes"),
        row.whole("annual_cap", 0, MOST_VISITS) if row.values["annual_cap"] else None,
        row.whole("visits_this_year", 0, MOST_VISITS) if row.values["visits_this_year"] else 0,
    )


def _moved(place: Premises, lon: float, lat: float) -> Premises:
    return replace(place, lon=lon, lat=lat)


def _once(row: ListRow, column: str, seen: dict[str, int]) -> str:
    value = row.text(column, expected="an id")
    if value and value in seen:
        row.blame(column, f"each id once; it stood first in row {seen[value]}")
    seen.setdefault(value, row.number)
    return value


def _degrees(row: ListRow, column: str, most: float) -> float:
    try:
        value = float(row.values[column])
    except ValueError:
        value = math.nan
    if not abs(value) <= most:
        row.blame(column, f"degrees within ±{most:g}")
        return 0.0
    return value


def _clock(row: ListRow, column: str) -> int:
    """Minutes after midnight; 24:00 is the end of the day."""
    match = re.fullmatch(CLOCK, row.values[column], re.ASCII)
    minutes = int(match[1]) * 60 + int(match[2]) if match else DAY_MIN + 1
    if minutes > DAY_MIN:
        row.blame(column, "a time like 08:30, at most 24:00")
        return 0
    return minutes
