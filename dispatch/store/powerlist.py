"""The list of powers in all its versions: a version is what was written at it, and nothing of it is ever lost."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, fields
from typing import Any

from sqlalchemy import Connection, func, insert, or_, select, update

from dispatch.rulebook.powers import Mode, Power
from dispatch.store.tables import POWERS

POWER_FIELDS = tuple(field.name for field in fields(Power))


def read_powers(connection: Connection, version: int) -> tuple[Power, ...]:
    """The list as it stood at ``version``; empty for 0. The newest version stands in the order it was given."""
    columns = [POWERS.c[name] for name in POWER_FIELDS]
    then = (POWERS.c.since <= version) & or_(POWERS.c.until.is_(None), POWERS.c.until > version)
    rows = connection.execute(select(*columns).where(then).order_by(POWERS.c.place, POWERS.c.number))
    return tuple(_power(row) for row in rows)


def write_powers(connection: Connection, powers: Sequence[Power], version: int) -> tuple[list[Power], list[Power]]:
    """Make ``powers`` the list from ``version`` on; only rows that differ are written.

    Returns
    -------
    list of Power, list of Power
        The rows that are new and the rows that ended.
    """
    standing = read_powers(connection, version - 1)
    before, after = Counter(standing), Counter(powers)
    ended, new = list((before - after).elements()), list((after - before).elements())
    for power in ended:
        connection.execute(update(POWERS).where(*_is(power)).values(until=version))
    number = connection.scalar(select(func.max(POWERS.c.number))) or 0
    _put_in_order(connection, powers)
    placed = _places(powers, new)
    rows = [
        {**_row(power), "number": number + n, "since": version, "until": None, "place": place}
        for n, (place, power) in enumerate(placed, start=1)
    ]
    if rows:
        connection.execute(insert(POWERS), rows)
    return new, ended


def _put_in_order(connection: Connection, powers: Sequence[Power]) -> None:
    """Rows that stay may stand elsewhere in the list now; the order belongs to the newest version only."""
    standing: dict[Power, list[tuple[int, int]]] = defaultdict(list)
    columns = [POWERS.c.number, POWERS.c.place, *(POWERS.c[name] for name in POWER_FIELDS)]
    for number, place, *values in connection.execute(select(*columns).where(POWERS.c.until.is_(None))):
        standing[_power(values)].append((number, place))
    for place, power in enumerate(powers):
        rows = standing.get(power)
        if rows:
            number, before = rows.pop(0)
            if before != place:
                connection.execute(update(POWERS).where(POWERS.c.number == number).values(place=place))


def told(power: Power) -> dict[str, Any]:
    """A power as the ledger keeps it."""
    row = _row(power)
    return {**row, "valid_from": power.valid_from.isoformat(), "valid_to": str(power.valid_to or "")}


def _power(row: Iterable[Any]) -> Power:
    values = dict(zip(POWER_FIELDS, row, strict=True))
    return Power(**{**values, "mode": Mode(values["mode"])})


def _row(power: Power) -> dict[str, Any]:
    return asdict(power) | {"mode": power.mode.value}


def _is(power: Power) -> list[Any]:
    conditions: list[Any] = [POWERS.c.until.is_(None)]
    for name, value in _row(power).items():
        column = POWERS.c[name]
        conditions.append(column.is_(None) if value is None else column == value)
    return conditions


def _places(powers: Sequence[Power], new: Sequence[Power]) -> list[tuple[int, Power]]:
    """Each new row with its place in the list."""
    wanted = Counter(new)
    placed = []
    for place, power in enumerate(powers):
        if wanted[power]:
            wanted[power] -= 1
            placed.append((place, power))
    return placed
