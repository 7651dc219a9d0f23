"""One observer from outside for each drawn file, by lots of their own: files and reviewers come out as without them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from fractions import Fraction
from hashlib import sha256

from dispatch.inspections.lots import Lots
from dispatch.records.filereview import Observed, Observer


def draw_observers(seed: str, files: Iterable[str], observers: Sequence[Observer]) -> tuple[Observed, ...]:
    """Who looks at which of these files, in their order; nothing where nobody was sealed.

    The more files somebody has already, the smaller their chance: 1, 1/2, 1/3 … Whoever is recused is passed over and
    the next takes their place; a file for which nobody is left has none.
    """
    by_id = {each.id: each for each in observers}
    load = dict.fromkeys(by_id, 0)
    found = []
    for file in files if by_id else ():
        order = Lots(seed, f"observers of {file}").order({id: Fraction(1, 1 + load[id]) for id in by_id})
        chosen = next((id for id in order if file not in by_id[id].recused), "")
        passed = order[: order.index(chosen)] if chosen else order
        found.append(Observed(file, chosen, tuple(passed)))
        if chosen:
            load[chosen] += 1
    return tuple(found)


def fingerprint(observers: Iterable[Observer]) -> str:
    """The hash of the register, published before anybody knows the seed."""
    return sha256(json.dumps(rows_of(observers), ensure_ascii=True, separators=(",", ":")).encode()).hexdigest()


def rows_of(observers: Iterable[Observer]) -> list[list[object]]:
    """The register as it is kept and hashed, in whatever order it is given."""
    ordered = sorted(observers, key=lambda each: each.id)
    return [[each.id, sorted(each.areas), sorted(each.recused)] for each in ordered]


def observers_of(rows: Iterable[Sequence[object]]) -> tuple[Observer, ...]:
    """Observers from such rows; ValueError or TypeError for others."""
    return tuple(Observer(str(id), tuple(_texts(areas)), frozenset(_texts(recused))) for id, areas, recused in rows)


def observed_of(rows: Iterable[Sequence[object]]) -> tuple[Observed, ...]:
    """What was drawn, from the rows that a record keeps."""
    return tuple(Observed(str(file), str(observer), tuple(_texts(recused))) for file, observer, recused in rows)


def _texts(value: object) -> list[str]:
    if not isinstance(value, list):
        raise TypeError("a list is expected")
    return [str(each) for each in value]
