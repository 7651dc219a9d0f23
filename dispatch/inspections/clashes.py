"""Visits to one premises within 30 days that could have been one: the warning before anybody approves them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from dispatch.records.inspection import DueItem

APART_DAYS = 30
"""Quzhou's command centre warns when departments inspect the same enterprise within so many days."""


@dataclass(frozen=True, slots=True)
class Clash:
    """Two departments whose days at one premises do not meet and lie less than 30 days apart.

    Attributes
    ----------
    apart
        Days from the last day of the earlier to the first day of the later.
    move_to
        The day on which both could come, if the later one came that much earlier.
    """

    premises: str
    earlier: str
    later: str
    departments: tuple[str, str]
    apart: int
    move_to: date


def clashes(items: Iterable[DueItem]) -> tuple[Clash, ...]:
    """Every pair of items of two departments at one premises that will bring two visits within 30 days.

    Items whose days meet are no clash: they become one visit; what is checked from the desk brings none.
    Of three items in a row each is held against those after it, so that a third department's move is seen as well. In
    the order of premises and days, whatever the order given.
    """
    by_premises: dict[str, list[DueItem]] = defaultdict(list)
    for item in items:
        if not item.remote:
            by_premises[item.premises].append(item)
    found = []
    for _, some in sorted(by_premises.items()):
        some.sort(key=lambda item: (item.earliest, item.latest, item.id))
        for at, earlier in enumerate(some):
            for later in some[at + 1 :]:
                if (later.earliest - earlier.latest).days >= APART_DAYS:
                    break
                if later.earliest > earlier.latest and later.department != earlier.department:
                    found.append(_clash(earlier, later))
    return tuple(found)


def _clash(earlier: DueItem, later: DueItem) -> Clash:
    return Clash(
        premises=later.premises,
        earlier=earlier.id,
        later=later.id,
        departments=(earlier.department, later.department),
        apart=(later.earliest - earlier.latest).days,
        move_to=earlier.latest,
    )
