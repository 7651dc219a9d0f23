"""The words of the sheets of an own place: their headers in English, Chinese or both, and names in place of codes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches

from dispatch.rulebook.lists import ListFile, ListRow, list_rows
from gis.schemas import shorten

COLUMNS: Mapping[str, str] = {
    "code": "代码",
    "id": "编号",
    "name": "名称",
    "name_en": "英文名",
    "lon": "经度",
    "lat": "纬度",
    "people": "人口",
    "officers": "执法人员",
    "role": "身份",
    "town": "镇街",
    "certificates": "所持证件",
    "body": "执法主体",
    "profile": "出行方式",
    "beat": "责任社区",
    "rota": "班次",
}
"""Our columns and how they are called in Chinese."""

ALSO = {"姓名": "name", "队员": "officers"}
ROLES = {"officer": "执法员", "auxiliary": "协辅人员", "grid_worker": "网格员"}
PROFILES = {"car": "汽车", "ebike": "电动自行车", "foot": "步行"}
TITLES = 5
"""How many rows may stand above the header."""

ADVICE = "A workbook is read from its first sheet, with the header in one of its first rows."
_OURS = {**{name: name for name in COLUMNS}, **{zh: name for name, zh in COLUMNS.items()}, **ALSO}
_OURS |= {f"{zh} {name}": name for name, zh in COLUMNS.items()}
_WIDE = str.maketrans("；，、,：", ";;;;:")


def rows_of_own(
    file: ListFile, table: Sequence[Sequence[str]], columns: Sequence[str], optional: Sequence[str] = ()
) -> list[ListRow]:
    """The records of a sheet, at their row numbers; a title may stand above the header.

    Raises
    ------
    BadInput
        When a column is missing or stands twice, or one that nobody reads is called nearly as one that is missing:
        under ``offcers`` head counts would be made up.
    """
    heads = [[_ours(cell) for cell in row] for row in table[: TITLES + 1]]
    at = next((at for at, head in enumerate(heads) if set(columns) <= set(head)), 0)
    header = heads[at] if heads else []
    missing = [column for column in columns if column not in header]
    if missing:
        there = ", ".join(shorten(cell) for cell in header if cell)
        expected = f"the columns {', '.join(both(column) for column in columns)}"
        file.blame(1, ", ".join(missing), f"no such column among {there}", expected)
    for cell in header:
        near = _near(cell, [column for column in optional if column not in header])
        if cell and cell not in (*columns, *optional) and near:
            file.blame(
                at + 1, cell, "a name that is not read", f"{both(near)}, or another name if it is something else"
            )
    file.stop_if_faulty(ADVICE)
    return list_rows(file, [header, *[[]] * at, *table[at + 1 :]], columns, optional, ADVICE)


def both(column: str) -> str:
    """A column in both languages.

    >>> both("lon")
    'lon (经度)'
    """
    return f"{column} ({COLUMNS[column]})"


def take_codes(rows: Iterable[ListRow], column: str, names: Mapping[str, str], what: str) -> None:
    """Writes the code where a name stands that only one has; a part that is neither is blamed as no ``what``.

    What is blamed then has a known code, so that nothing else blames it again.

    Parameters
    ----------
    names
        Of the codes; with none, only the signs between several parts are made ours.
    """
    codes = _codes(names)
    for row in rows:
        parts = [codes.get(part, part) for part in _parts(row, column)]
        strange = [part for part in parts if names and part not in names]
        if strange:
            row.blame(column, f"{what}{_nearest(strange[0], names)}")
        row.values[column] = ";".join(next(iter(names)) if part in strange else part for part in parts)


def take_certificates(rows: Iterable[ListRow], fields: Mapping[str, str]) -> None:
    """The same for ``field:date``, its date with slashes too; a field that is none is blamed."""
    codes = _codes(fields)
    for row in rows:
        parts = [tuple(each.strip() for each in part.partition(":")) for part in _parts(row, "certificates")]
        strange = [field for field, _, _ in parts if field not in fields and field not in codes]
        if strange:
            near = _nearest(strange[0], fields)
            row.blame(
                "certificates", f"certificates of fields.csv{near}" if near else f"certificates of {_listed(fields)}"
            )
            parts = []
        row.values["certificates"] = ";".join(
            f"{codes.get(field, field)}{colon}{_day(until)}" for field, colon, until in parts
        )


def _codes(names: Mapping[str, str]) -> dict[str, str]:
    """The code of each name that only one has."""
    called = list(names.values())
    return {name: code for code, name in names.items() if called.count(name) == 1 and name not in names}


def _parts(row: ListRow, column: str) -> list[str]:
    """Between semicolons, commas and enumeration commas of either width."""
    return [part.strip() for part in row.values[column].translate(_WIDE).split(";") if part.strip()]


def _nearest(strange: str, names: Mapping[str, str]) -> str:
    near = get_close_matches(strange, [*names, *names.values()], n=1)
    code = {**{code: code for code in names}, **_codes(names)}.get(near[0]) if near else None
    return f"; the nearest is {code} ({names[code]})" if code else ""


def _listed(names: Mapping[str, str]) -> str:
    return ", ".join(f"{code} ({name})" for code, name in names.items())


def _day(until: str) -> str:
    """A day as we write it, whether between its numbers stand strokes, slashes or 年月日.

    >>> _day("2031/7/9"), _day("2031年7月9日"), _day("soon")
    ('2031-07-09', '2031-07-09', 'soon')
    """
    day = re.fullmatch(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", until, re.ASCII)
    return f"{day[1]}-{int(day[2]):02d}-{int(day[3]):02d}" if day else until


def _ours(cell: str) -> str:
    name = " ".join(cell.split())
    return _OURS.get(name, name)


def _near(cell: str, missing: Sequence[str]) -> str | None:
    """The missing column that a cell of a header most likely means."""
    names = {name: column for column in missing for name in (column, COLUMNS[column])}
    within = [name for name in names if name in cell]
    found = within or get_close_matches(cell, names, n=1, cutoff=0.75)
    return names[found[0]] if found else None
