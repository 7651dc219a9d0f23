"""Checks without room that take others of their door down: without them the others would have room."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from dispatch.inspections.reasons import Why
from dispatch.records.inspection import DueItem, Inspector, Undone


def given_up(
    items: Iterable[DueItem], left: Iterable[Undone], own: Iterable[Inspector], had: Sequence[Collection[str]] = ()
) -> dict[str, Undone]:
    """Of the checks that are ``left`` for want of room those to do without, by id; none where that would not help.

    Those that came to a visit which had a place before; else those for which only a specialist has the certificate, who
    is dealt elsewhere or full.

    Parameters
    ----------
    own
        The town's officers without the specialists that it shares.
    had
        Checks that had a place before, the firmest first.
    """
    held = frozenset().union(*(who.certificates for who in own))
    without = {each.item: each for each in left if each.reason is Why.NO_ROOM}
    doors: dict[str, list[DueItem]] = defaultdict(list)
    for item in items:
        if item.id in without:
            doors[item.premises].append(item)
    found: dict[str, Undone] = {}
    for waiting in doors.values():
        theirs = [item for item in waiting if item.certificate not in held]
        new = ([item for item in waiting if item.id not in known] for known in had)
        for some in (*new, theirs):
            if 0 < len(some) < len(waiting):
                found |= {item.id: without[item.id] for item in some}
                break
    return found


def others_instead(items: Iterable[DueItem], gone: Mapping[str, Undone], left: Iterable[Undone]) -> dict[str, Undone]:
    """What to do without where giving up did not help a door: the others of it, and those given up are tried alone.

    The same as ``gone`` where every door was helped.
    """
    door = {item.id: item.premises for item in items}
    given = {door[name] for name in gone}
    others = {each.item: each for each in left if each.reason is Why.NO_ROOM and door[each.item] in given}
    unhelped = {door[name] for name in others}
    return {name: each for name, each in gone.items() if door[name] not in unhelped} | others
