"""Where shared specialists are on each day: dealt to the towns whose own officers lack their certificates."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

from dispatch.records.inspection import SHARED, DueItem, Inspector, Premises

NOWHERE = ""
DAY_OF_WORK_MIN = 240
"""Minutes of a specialist's own items that a day is trusted with; the rest is other items and the way."""


def days_in_towns(
    inspectors: Sequence[Inspector], items: Sequence[DueItem], places: Mapping[str, Premises], days: Sequence[date]
) -> dict[str, tuple[str, ...]]:
    """For every inspector the town of each day, empty on a day away.

    A specialist stands each day where the most minutes wait for him that no officer of the town may do, counting what
    is due that day; minutes count as done, a crew's visits a day at a time, as soon as somebody is sent: the most
    pressing check of the day whatever it takes, others as far as there is room.
    """
    presence = {
        who.id: tuple(NOWHERE if day in who.away else who.town for day in days)
        for who in inspectors
        if who.town != SHARED
    }
    held: dict[str, set[str]] = defaultdict(set)
    for who in inspectors:
        held[who.town] |= who.certificates
    wanting = [item for item in items if item.certificate not in held[places[item.premises].town]]
    for who in sorted((who for who in inspectors if who.town == SHARED), key=lambda who: who.id):
        presence[who.id] = tuple(_day(who, day, wanting, places) for day in days)
    return presence


def _day(who: Inspector, day: date, wanting: list[DueItem], places: Mapping[str, Premises]) -> str:
    """The town of one specialist's day; what he can do there in a day is taken off the list."""
    mine = [item for item in wanting if item.certificate in who.certificates and item.earliest <= day <= item.latest]
    if day in who.away or not mine:
        return NOWHERE
    minutes: dict[str, int] = defaultdict(int)
    for item in mine:
        minutes[places[item.premises].town] += item.minutes
    town = max(sorted(minutes), key=lambda town: minutes[town])
    here = (item for item in mine if places[item.premises].town == town)
    room = DAY_OF_WORK_MIN
    for at, item in enumerate(sorted(here, key=lambda item: (item.latest, item.id))):
        if at == 0 or item.minutes <= room:
            room -= item.minutes
            wanting.remove(item)
    return town
