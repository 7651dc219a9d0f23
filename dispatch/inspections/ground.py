"""Where, when and by whom a town's visits may be made, and a town's visits on that ground."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

import numpy as np

from dispatch.inspections.alone import alone, lawful, longest_visit
from dispatch.inspections.crews import Roster
from dispatch.inspections.days import TownWork
from dispatch.inspections.programme import Programme, roster_of
from dispatch.inspections.visits import Able, Window
from dispatch.inspections.ways import Floats
from dispatch.records.inspection import DueItem, Premises, Undone, Visit

Presence = Mapping[str, Sequence[str]]
"""For every inspector the town of each day, empty on a day away."""


@dataclass(frozen=True, slots=True)
class Ground:
    """Where, when and by whom a town's visits may be made.

    Attributes
    ----------
    places
        Premises of the town, in the order of the rows of ``ways``.
    ways
        Shape (places + 1, places + 1): minutes from row to column; the last row is the base.
    days
        Working days from today on.
    since
        Today.
    roster
        Who may come on these days.
    ends
        The minute by which every crew is home.
    """

    places: tuple[Premises, ...]
    ways: Floats
    days: tuple[date, ...]
    since: date
    roster: Roster
    ends: int

    def longest(self, at: int) -> int:
        """Minutes that one visit to the premises of a row may last."""
        return longest_visit(self.places[at], float(self.ways[-1, at]), float(self.ways[at, -1]), self.ends)

    def able(self, at: int) -> Able:
        """Whether a lawful crew may make a visit there."""
        return partial(lawful, self.roster, self.places[at].id)

    def alone(self, at: int, item: DueItem) -> Window | Undone:
        """When an item of the premises of a row may be done, were it the only one; or why it cannot be done at all."""
        way = float(self.ways[-1, at] + self.ways[at, -1])
        return alone(item, self.places[at], self.days, self.since, self.longest(at), way, self.roster)


def ground_of(programme: Programme, town: str, premises: Collection[str], presence: Presence) -> Ground:
    """The ground of a town for some of its premises, in the order of the programme."""
    places = tuple(place for place in programme.premises if place.id in premises)
    roster = roster_of(programme, town, presence)
    ways = programme.minutes(town, places)
    return Ground(places, ways, programme.days, programme.begins, roster, programme.ends)


def town_work(
    programme: Programme, ground: Ground, town: str, visits: tuple[Visit, ...], presence: Presence
) -> TownWork:
    """The town's visits, each with its premises, and who is there on which day."""
    row_of = {place.id: row for row, place in enumerate(ground.places)}
    rows = [*(row_of[visit.premises] for visit in visits), len(ground.places)]
    inspectors = tuple(who for who in programme.inspectors if town in presence[who.id])
    days = [programme.days.index(day) for day in ground.days]
    free = [[presence[who.id][day] == town for day in days] for who in inspectors]
    return TownWork(
        town,
        visits,
        tuple(ground.places[row] for row in rows[:-1]),
        inspectors,
        ground.days,
        np.array(free, np.bool_).reshape(len(inspectors), len(days)),
        ground.ways[np.ix_(rows, rows)],
        programme.ends,
    )
