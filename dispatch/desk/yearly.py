"""How often a year an item of the scenes may be checked at one door, whichever way the checks were made due."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable

from sqlalchemy import Connection

from dispatch.inspections.scenes import Scenes
from dispatch.records.inspection import DueItem
from dispatch.records.reason import Reason
from dispatch.store import inspections, plans
from dispatch.store.plans import KeptCheck

Yearly = tuple[int, str, str]
"""Year, premises and code of the item."""


def yearly(connection: Connection, towns: Collection[str] | None = None) -> Counter[Yearly]:
    """Checks by year, premises and item, at premises of these towns or all: those made, due, or owed by a plan.

    A check of a plan belongs to the plan's year, any other to the year in which its days begin.
    """
    planned = plans.checks(connection, towns)
    owed = (one.check for one in planned if not one.lapsed and not one.check.due().led)
    found = beside_plans(connection, planned, towns)
    found.update((check.line.year, check.line.premises, check.line.item) for check in owed)
    return found


def beside_plans(
    connection: Connection, planned: Iterable[KeptCheck], towns: Collection[str] | None = None
) -> Counter[Yearly]:
    """Checks made or due that are none of the ``planned``: of scenes, draws and tables; not those after a lead."""
    known = {one.check.id for one in planned}
    some = inspections.due_items(connection, towns, open_only=False)
    return Counter(_of(item) for item in some if item.name and not item.led and item.id not in known)


def too_often(before: Counter[Yearly], new: Iterable[DueItem], scenes: Scenes) -> dict[str, Reason]:
    """Why new items would be checked more often in a year than the list of items allows, by the id of the due item.

    Parameters
    ----------
    before
        What `yearly` says of their premises. Of several new ones for the same the first have the room that is left.
    """
    times, against = Counter(before), {}
    for item in new:
        listed = scenes.items.get(item.name)
        if listed is None or item.led:
            continue
        if times[_of(item)] < listed.most_a_year:
            times[_of(item)] += 1
            continue
        counted = {"times": times[_of(item)] + 1, "most": listed.most_a_year, "year": item.earliest.year}
        named = {"item": item.name, "name": listed.name_zh, "name_en": listed.name_en}
        against[item.id] = Reason("too_often", False, {"premises": item.premises, **named, **counted})
    return against


def _of(item: DueItem) -> Yearly:
    return item.earliest.year, item.premises, item.name
