"""Whether an item can be done at all, by itself: its dates, its officers, its cap, its length."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np

from dispatch.inspections.crews import Roster
from dispatch.inspections.days import LONGEST_MIN
from dispatch.inspections.reasons import Why, price
from dispatch.inspections.visits import Window, window, years
from dispatch.records.inspection import DueItem, Premises, Undone


def lawful(roster: Roster, place: str, needs: frozenset[str], drawn: frozenset[str], first: int, last: int) -> bool:
    """Whether some crew may make one visit of this to the premises between two days."""
    return roster.lawful(needs, first, last, place, *drawn)


def longest_visit(place: Premises, out: float, back: float, ends: int) -> int:
    """Minutes that one visit may last: the opening hours, and a crew's day less the way there and back.

    Nobody sets out before midnight or is back after the minute at which the day ``ends``.
    """
    if not np.isfinite(out + back):
        return 0
    there, home = math.ceil(out - 1e-9), math.ceil(back - 1e-9)
    return min(LONGEST_MIN - there - home, min(place.closes, ends - home) - max(place.opens, there))


def alone(
    item: DueItem, place: Premises, days: Sequence[date], since: date, longest: int, way: float, roster: Roster
) -> Window | Undone:
    """The item's window when it can be done at all, alone.

    Dates, officers and caps are asked first: they hold wherever the base is. ``days`` and ``since`` are those of
    :func:`dispatch.inspections.visits.window`.
    """
    found = window(item, days, since)
    if isinstance(found, Undone):
        return found
    nobody = roster.why_nobody(frozenset([item.certificate]), found.first, found.last, place.id, item.id)
    if nobody is Why.NO_CERTIFICATE:
        ends = roster.ends(item.certificate, found.first, found.last, place.id, item.id)
        if ends is not None:
            return Undone(item.id, Why.CERTIFICATE_ENDS, price((days[-1] - ends).days, "days"))
    if nobody in (Why.NO_CERTIFICATE, Why.NO_CREW):
        return Undone(item.id, nobody, price(1, "officers"))
    if item.capped and not any(place.left_in(year) != 0 for year in years(found, days)):
        return Undone(item.id, Why.ANNUAL_CAP, price(1, "visits"))
    if place.closes <= place.opens:
        return Undone(item.id, Why.NEVER_OPEN, price(item.minutes, "minutes"))
    if not np.isfinite(way):
        return Undone(item.id, Why.UNREACHABLE)
    if item.minutes > longest:
        return Undone(item.id, Why.TOO_LONG, price(item.minutes - longest, "minutes"))
    if nobody is not None:
        return Undone(item.id, nobody)
    return replace(found, drawn=roster.bars(item.id))
