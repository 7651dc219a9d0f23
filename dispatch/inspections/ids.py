"""Ids that nothing else has."""

from __future__ import annotations

from itertools import count


def free_id(stem: str, taken: set[str]) -> str:
    """The stem with the first number that nothing of these has; it is ``taken`` from then on.

    >>> free_id("p1", {"p1-1"})
    'p1-2'
    """
    name = next(name for number in count(1) if (name := f"{stem}-{number}") not in taken)
    taken.add(name)
    return name
