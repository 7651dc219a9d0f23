"""How often each cell is owed a pass: by the patrol list, by its risk, and less what patrols before have looked at."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from dispatch.inspections.patrol_items import WORKING_DAYS, PatrolItem
from dispatch.records.patrol import PatrolledCell

RULES = 2
"""Of how often a cell is owed a pass. 1: every plan asks anew. 2: looks that were made before count; see `spared`."""

SPANS = 2
"""Over so many of an item's spans looks are counted; more of them would ask too long for what was missed."""


@dataclass(frozen=True, slots=True)
class Looked:
    """Looks at an item in a cell within the last spans of its frequency, two weeks for a weekly one.

    ``since`` counts working days from the first of them up to the period, ``times`` how many there were.
    """

    since: int
    times: int = 1


@dataclass(frozen=True, slots=True)
class Need:
    """What one cell is owed in a period.

    Attributes
    ----------
    passes
        How often a round comes by.
    looks
        How often each item is looked at, by code; the most of them is ``passes``.
    short
        Passes that the list asks for beyond the rounds there are.
    """

    passes: int
    looks: Mapping[str, int]
    short: int = 0

    def items_at(self, nth: int) -> tuple[str, ...]:
        """Codes of what is looked at on the ``nth`` pass, from 0; over all passes each item comes as often as owed."""
        return tuple(
            code for code, looks in self.looks.items() if (nth + 1) * looks // self.passes > nth * looks // self.passes
        )


def remembered(item: PatrolItem) -> int:
    """For how many working days a look at an item counts."""
    return SPANS * WORKING_DAYS[item.every]


def wanted(item: PatrolItem, risk: Fraction, days: int) -> int:
    """Looks in ``days`` working days when nothing is known of those before: frequency times risk, rounded up."""
    return math.ceil(item.a_day * days * risk)


def spared(item: PatrolItem, risk: Fraction, days: int, before: Looked) -> int:
    """How many of the looks that are wanted are not owed, since patrols before have made them.

    From the first of those looks on an item is owed as often as its frequency times risk gives for all the days since,
    less what was made. What was missed is not owed twice: it is never more than is wanted.

    Examples
    --------
    A quarterly look, ten working days ago, is not owed in the week to come; one of eleven weeks ago is.

    >>> from dispatch.inspections.patrol_items import Every
    >>> from dispatch.rulebook.matters import Source
    >>> item = PatrolItem("X", "", "school", "", "", "", "", 1, Every.QUARTER, "", "", 5, Source.ILLUSTRATIVE)
    >>> spared(item, Fraction(1), 5, Looked(10)), spared(item, Fraction(1), 5, Looked(56))
    (1, 0)
    """
    fresh = wanted(item, risk, days)
    left = math.ceil(item.a_day * risk * (days + before.since)) - before.times
    return fresh - min(max(left, 0), fresh)


def need(cell: PatrolledCell, items: Iterable[PatrolItem], days: int, slots: int) -> Need:
    """What a cell is owed in ``days`` working days with ``slots`` rounds: what list and risk want, less what is spared.

    A cell without any of the list's objects is owed nothing.
    """
    less = dict(cell.spared)
    owed = {
        item.code: max(wanted(item, cell.risk, days) - less.get(item.code, 0), 0)
        for item in sorted(items, key=lambda item: item.code)
        if item.object in cell.objects
    }
    most = max(owed.values(), default=0)
    passes = min(most, slots)
    return Need(passes, {code: min(looks, passes) for code, looks in owed.items()}, most - passes)
