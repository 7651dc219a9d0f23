"""What a town's own officers can still make of a visit that a specialist had no room for."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from dispatch.inspections.crews import Roster
from dispatch.inspections.days import TownWork
from dispatch.records.inspection import DueItem, Visit


def own_parts(work: TownWork, rows: Collection[int], due: Mapping[str, DueItem], own: Roster) -> Iterator[Visit]:
    """Of these visits, by rows of ``work``, those that hold something for the town's own officers, cut to that.

    The days stay as they are: the visit waits no longer for a specialist, and the rest of it waits for another time.

    Parameters
    ----------
    due
        The items by id.
    own
        The town's officers without the specialists that it shares.
    """
    row_of = {day: at for at, day in enumerate(work.days)}
    held = frozenset().union(*(who.certificates for who in own.everybody))
    for row in sorted(rows):
        visit = work.visits[row]
        kept = [due[item] for item in visit.items if due[item].certificate in held]
        if not kept or len(kept) == len(visit.items):
            continue
        needs = frozenset(item.certificate for item in kept)
        items = tuple(item.id for item in kept)
        if own.lawful(needs, row_of[visit.first], row_of[visit.last], visit.premises, *items):
            yield replace(visit, items=items, minutes=sum(item.minutes for item in kept), needs=needs)
