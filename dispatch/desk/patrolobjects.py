"""A town's list of what lies where, read from a file."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path

from dispatch.inspections.patrol_items import CODE
from dispatch.records.patrol import PatrolObject
from dispatch.rulebook.lists import read_list
from gis.crs import Datum, to_wgs84

COLUMNS = ("id", "object", "name", "lon", "lat")


def read_objects(
    path: Path, datum: Datum, kinds: Collection[str], cell_of: Callable[[float, float], tuple[str, str]]
) -> list[PatrolObject]:
    """The objects of a file: ``id, object, name, lon, lat``, where ``object`` is one of ``kinds``.

    Parameters
    ----------
    cell_of
        Cell and town of a point in WGS84 degrees, both empty outside all cells.

    Raises
    ------
    BadInput
        With every row that is wrong, among them one outside all cells.
    """
    file, rows = read_list(path, COLUMNS)
    expected = f"one of {', '.join(sorted(kinds))}"
    found: dict[str, PatrolObject] = {}
    for row in rows:
        name = row.text("id", pattern=CODE, expected="an id of letters, digits, - and _")
        kind = row.text("object", expected=expected)
        if kind not in kinds:
            row.blame("object", expected)
        if name in found:
            row.blame("id", "an id that stands once")
        called = row.text("name", expected="a name")
        blamed = len(file.faults)
        lon, lat = (float(one) for one in to_wgs84(row.degrees("lon", 180), row.degrees("lat", 90), datum))
        cell, town = cell_of(lon, lat)
        if not cell and len(file.faults) == blamed:
            row.blame("lon", "a point inside a cell of this place")
        found[name] = PatrolObject(name, kind, called, lon, lat, cell, town)
    file.stop_if_faulty("Mend these rows of the list of objects and read it again.")
    return list(found.values())
