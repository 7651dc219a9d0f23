"""Premises, items and bases from the tables that an office sends; every row that cannot be used is named."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import numpy as np

from dispatch.inspections.codes import Codes, blame_unknown, nearest
from dispatch.inspections.columns import id_in, rows_of
from dispatch.inspections.scenes import NO_SCENES, Scenes
from dispatch.records.inspection import DAY_MIN, SHARED, DueItem, Occasion, Premises, Remote
from dispatch.rulebook.lists import ListFile, ListRow
from gis.crs import Datum, to_wgs84

PREMISES = ("premises_id", "name", "lon", "lat", "town", "opens", "closes", "annual_cap", "visits_this_year")
ITEMS = ("item_id", "premises_id", "department", "certificate", "minutes", "earliest", "latest")
ITEMS_OPTIONAL = ("name", "occasion", "remote")
BASES = ("town", "lon", "lat")
CLOCK = r"([01]?\d|2[0-4]):([0-5]\d)(?::00)?"
MOST_MINUTES = 100_000
MOST_VISITS = 366
PUBLISHED = "an item of the published list (State Council, document 54 of 2024)"
ADVICE = "Mend these rows and start again; nothing was written."


def premises_in(
    file: ListFile, table: Sequence[Sequence[str]], datum: Datum, towns: Mapping[str, str] | None = None
) -> tuple[Premises, ...]:
    """Premises in the order of a table whose first row is the header.

    Every row that is wrong (a blank or repeated id, a coordinate, hour or count that is none) is blamed in ``file``:
    ask it to ``stop_if_faulty``.

    Parameters
    ----------
    towns
        Names of the place's towns by code: a table may have either, the premises get the code. Without it a town is
        whatever the table says.

    Raises
    ------
    BadInput
        When a column is missing.
    """
    return premises_of_rows(rows_of(file, table, PREMISES), datum, towns)


def premises_of_rows(
    rows: Sequence[ListRow], datum: Datum, towns: Mapping[str, str] | None = None, *, all_day: bool = False
) -> tuple[Premises, ...]:
    """As `premises_in`, of rows that are read already.

    Parameters
    ----------
    all_day
        Whether premises that say no hours are open all day; else that is a fault.
    """
    seen: dict[str, int] = {}
    found = [_premises(row, seen, towns or {}, all_day=all_day) for row in rows]
    lon, lat = to_wgs84(np.array([one.lon for one in found]), np.array([one.lat for one in found]), datum)
    return tuple(replace(one, lon=float(x), lat=float(y)) for one, x, y in zip(found, lon, lat, strict=True))


def items_in(
    file: ListFile,
    table: Sequence[Sequence[str]],
    premises: Collection[str] | None,
    departments: Codes | None = None,
    fields: Codes | None = None,
    scenes: Scenes = NO_SCENES,
) -> tuple[DueItem, ...]:
    """Due items in the order of a table; reversed dates are no fault here, the plan says what becomes of them.

    The column ``occasion`` may be left out: then all are everyday inspections. A ``lead`` stands outside the caps.
    ``remote`` says by what a check is made without going; where it says nothing, an item of the scenes is checked as
    its list says, unless it follows a lead.

    Wrong rows are blamed as by `premises_in`, among them an item of premises that are not there.

    Parameters
    ----------
    premises
        Ids that an item may have; None when they are not known.
    departments, fields
        The codes that departments and certificates may have; any when left out.
    scenes
        Whose items a ``name`` may be the code of; of those only the published are taken, or what follows a lead.
    """
    seen: dict[str, int] = {}
    there = None if premises is None else {*premises, ""}
    found = []
    for row in rows_of(file, table, ITEMS, ITEMS_OPTIONAL):
        place = row.text("premises_id", expected="an id of the table of premises")
        if there is not None and place not in there:
            row.blame("premises_id", "an id of the table of premises")
        blame_unknown(row, "department", departments or {}, "a department")
        blame_unknown(row, "certificate", fields or {}, "a certificate")
        occasion = row.choice("occasion", Occasion) if row.values["occasion"] else Occasion.DAILY
        item = DueItem(
            once(row, "item_id", seen),
            place,
            row.text("department", empty=True),
            row.text("certificate", expected="the certificate that the check asks for"),
            row.whole("minutes", 1, MOST_MINUTES),
            row.day("earliest"),
            row.day("latest"),
            occasion,
            row.values["name"],
            row.choice("remote", Remote) if row.values["remote"] else scenes.remote(row.values["name"], occasion),
        )
        if item.name in scenes.items and not item.led and scenes.against(item.name) is not None:
            row.blame("name", PUBLISHED)
        found.append(item)
    return tuple(found)


def bases_in(
    file: ListFile, table: Sequence[Sequence[str]], towns: Collection[str], datum: Datum
) -> dict[str, tuple[float, float]]:
    """Where each town's crews start, longitude and latitude in WGS84. Wrong rows are blamed as by `premises_in`.

    A town without premises is one, it is most likely misspelt.
    """
    seen: dict[str, int] = {}
    found = {}
    for row in rows_of(file, table, BASES):
        town = once(row, "town", seen)
        if town not in towns:
            row.blame("town", "a town of the table of premises")
        found[town] = (row.degrees("lon", 180), row.degrees("lat", 90))
    lon, lat = to_wgs84(np.array([x for x, _ in found.values()]), np.array([y for _, y in found.values()]), datum)
    return {town: (float(x), float(y)) for town, x, y in zip(found, lon, lat, strict=True)}


def _premises(row: ListRow, seen: dict[str, int], towns: Mapping[str, str], *, all_day: bool) -> Premises:
    return Premises(
        once(row, "premises_id", seen),
        row.values["name"],
        row.degrees("lon", 180),
        row.degrees("lat", 90),
        _town(row, towns),
        0 if all_day and not row.values["opens"] else _clock(row, "opens"),
        DAY_MIN if all_day and not row.values["closes"] else _clock(row, "closes"),
        row.whole("annual_cap", 0, MOST_VISITS) if row.values["annual_cap"] else None,
        row.whole("visits_this_year", 0, MOST_VISITS) if row.values["visits_this_year"] else 0,
    )


def _town(row: ListRow, towns: Mapping[str, str]) -> str:
    """The code of the town that a row names by code or name."""
    said = row.text("town", expected="the town whose crews come")
    if said == SHARED:
        row.blame("town", "the town whose crews come")
    if not said or not towns or said in towns:
        return said
    code = next((code for code, name in towns.items() if name == said), "")
    if not code:
        names = {name: (code,) for code, name in towns.items()}
        row.blame("town", f"a town of this place, by its code or name; the nearest is {nearest(said, names)}")
    return code


def once(row: ListRow, column: str, seen: dict[str, int]) -> str:
    """The id in a column; one that ``seen``, the row by id so far, has already is blamed."""
    value = id_in(row, column, expected="an id")
    if value and value in seen:
        row.blame(column, f"each id once; it stood first in row {seen[value]}")
    seen.setdefault(value, row.number)
    return value


def _clock(row: ListRow, column: str) -> int:
    """Minutes after midnight; 24:00 is the end of the day."""
    match = re.fullmatch(CLOCK, row.values[column], re.ASCII)
    minutes = int(match[1]) * 60 + int(match[2]) if match else DAY_MIN + 1
    if minutes > DAY_MIN:
        row.blame(column, "a time like 08:30, at most 24:00")
        return 0
    return minutes
