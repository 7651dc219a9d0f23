"""Whether lists by type of town are lawful and can be carried; it knows nothing of how they were found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from dispatch.rulebook.listdesign import Register

ROUNDING_MIN = 1.0
"""The optimiser counts whole minutes of each power."""


def list_faults(
    register: Register, chosen: Mapping[str, Sequence[str]], pair_minutes: float, least_uses: float
) -> tuple[str, ...]:
    """What is wrong with the lists, in words; nothing when they are right.

    Parameters
    ----------
    chosen
        Codes by type of town.
    pair_minutes
        A lawful pair's time a year for new powers.
    least_uses
        A year in a town of the type on average.
    """
    rows = {one.code: row for row, one in enumerate(register.rows)}
    faults = []
    for kind, codes in chosen.items():
        unknown = [code for code in codes if code not in rows]
        faults += [f"{kind}: {code} is no power of the register." for code in unknown]
        faults += [
            f"{kind}: {code} stands twice." for code in sorted({code for code in codes if codes.count(code) > 1})
        ]
        known = [rows[code] for code in codes if code in rows]
        towns = [at for at, of in enumerate(register.types) if of == kind]
        for row in known:
            uses = sum(float(register.uses[row, at]) for at in towns) / max(len(towns), 1)
            if uses < least_uses or uses == 0:
                faults.append(f"{kind}: {register.rows[row].code} is used {uses:g} times a year in a town.")
        for at in towns:
            faults += _in_town(register, at, known, pair_minutes)
    return tuple(faults)


def _in_town(register: Register, at: int, rows: Sequence[int], pair_minutes: float) -> Iterator[str]:
    needed: dict[str, float] = {}
    room: dict[str, float] = {}
    for row in rows:
        one = register.rows[row]
        needed[one.field] = needed.get(one.field, 0.0) + float(register.uses[row, at]) * one.minutes
        room[one.field] = room.get(one.field, 0.0) + ROUNDING_MIN
        if register.officers(one.field)[at] < 2:
            yield f"{register.towns[at]}: no lawful pair for {one.field}, so {one.code} would be void."
    for field, minutes in needed.items():
        has = register.officers(field)[at] // 2 * pair_minutes
        if minutes > has + room[field]:
            yield f"{register.towns[at]}: {field} takes {minutes:.0f} minutes a year; its pairs have {has:.0f}."
