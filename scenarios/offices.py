"""Whom every district has: its departments, the governments of its towns, and what the departments may do.

The departments and their powers are one list for all places, illustrative; a place that has a bodies.csv of its own
does without it.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from dispatch.rulebook.lists import read_list
from dispatch.rulebook.powers import POWER_COLUMNS, Body, Power, powers_of

OFFICES, OFFICE_POWERS = "offices.csv", "office_powers.csv"
OFFICE_COLUMNS = ("id", "name_zh", "name_en", "department")
OFFICE_POWER_COLUMNS = tuple(column for column in POWER_COLUMNS if column != "town")

GOVERNMENTS = {
    "街道": ("办事处", "Subdistrict Office"),
    "镇": ("人民政府", "Town Government"),
    "乡": ("人民政府", "Township Government"),
    "区": ("管理委员会", "Zone Committee"),
}
"""What governs a town, by the last letters of its name."""


def departments(folder: Path, code: str, called: tuple[str, str], prefix: str = "") -> list[Body]:
    """The departments of a district.

    Parameters
    ----------
    folder
        Where offices.csv lies.
    called
        The district's name, Chinese and English.
    prefix
        Before each id, where several districts are one place.
    """
    file, rows = read_list(folder / OFFICES, OFFICE_COLUMNS)
    zh, en = called
    bodies = [
        Body(
            prefix + row.text("id"),
            row.text("name_zh").format(place=zh),
            row.text("name_en").format(place=en),
            code,
            row.text("department"),
        )
        for row in rows
    ]
    file.stop_if_faulty()
    return bodies


def governments(towns: Iterable[tuple[str, str, str]]) -> list[Body]:
    """The governments of towns, each given by its code and its name in Chinese and English.

    Examples
    --------
    >>> governments([("330203004", "月湖街道", "Yuehu")])[0].name_en
    'Yuehu Subdistrict Office'
    """
    return [
        Body(code, zh + kind[0], f"{en} {kind[1]}", code, "town") for code, zh, en in towns for kind in (_kind(zh),)
    ]


def department_powers(folder: Path, code: str, prefix: str = "") -> list[Power]:
    """What the departments of a district may do in all its towns (office_powers.csv)."""
    file, rows = read_list(folder / OFFICE_POWERS, OFFICE_POWER_COLUMNS)
    for row in rows:
        row.values.update(town=code, body=prefix + row.values["body"])
    return list(powers_of(file, rows))


def _kind(name: str) -> tuple[str, str]:
    return next((kind for end, kind in GOVERNMENTS.items() if name.endswith(end)), ("人民政府", "Government"))
