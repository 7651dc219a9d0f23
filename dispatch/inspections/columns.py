"""How the columns of the tables of inspections are called in Chinese, and which column a cell of a header means."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from dispatch.rulebook.lists import ListFile, ListRow, list_rows

TO_MEND = "to_mend"
"""The column that says what is wrong with a row that went back; a sheet that has it holds only such rows."""

CHINESE: Mapping[str, str] = {
    "premises_id": "对象编号",
    "name": "名称",
    "lon": "经度",
    "lat": "纬度",
    "town": "镇街",
    "opens": "开门时间",
    "closes": "关门时间",
    "annual_cap": "年度上限",
    "visits_this_year": "本年已查次数",
    "type": "场景",
    "risk": "风险等级",
    "credit": "信用等级",
    "item_id": "检查编号",
    "department": "部门",
    "certificate": "所需证件",
    "minutes": "分钟",
    "earliest": "最早日期",
    "latest": "最晚日期",
    "officer_id": "人员编号",
    "certificates": "所持证件",
    "conflicts": "回避",
    "role": "身份",
    "line_id": "计划项编号",
    "item": "事项",
    "basis": "检查依据",
    "inspectors": "检查人员",
    "times": "次数",
    "first": "开始日期",
    "last": "结束日期",
    "occasion": "检查类别",
    "remote": "非现场方式",
    TO_MEND: "须修改",
}

JOINS = re.compile(r"[;；\x00-\x1f\x7f]")
"""What no id has: a crew, a visit and a conflict of interest name several ids on one line, joined by semicolons."""

_OURS = {zh: ours for ours, zh in CHINESE.items()}
_OURS |= {f"{zh} {ours}": ours for ours, zh in CHINESE.items()}


def both(column: str) -> str:
    """A column's name in both languages, as the header of a template has it.

    >>> both("lon")
    '经度 lon'
    """
    return f"{CHINESE[column]} {column}"


def ours(cell: str) -> str:
    """The column that a cell of a header means: by its English name, its Chinese one, or both; else the cell itself.

    >>> [ours(cell) for cell in ("lon", "经度", "经度 lon", "note")]
    ['lon', 'lon', 'lon', 'note']
    """
    name = " ".join(cell.split())
    return _OURS.get(name, name)


def rows_of(
    file: ListFile, table: Sequence[Sequence[str]], columns: Sequence[str], optional: Sequence[str] = ()
) -> list[ListRow]:
    """The records of a table whose header is in English, Chinese or both.

    Raises
    ------
    BadInput
        When a column is missing or stands twice.
    """
    header = [[ours(cell) for cell in row] for row in table[:1]]
    return list_rows(file, [*header, *table[1:]], columns, optional, "Keep the header row of the template.")


def id_in(row: ListRow, column: str, expected: str) -> str:
    """The id in a column; one that could not be named among several is blamed on its row."""
    value = row.text(column, expected=expected)
    if JOINS.search(value):
        row.blame(column, "an id on one line without semicolons")
    return value
