"""One town put in order once and again, until no more of its checks get a visit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dispatch.inspections.givenup import given_up
from dispatch.inspections.ground import Presence, ground_of
from dispatch.inspections.mending import MendedTown
from dispatch.inspections.owed import owed
from dispatch.inspections.programme import Programme
from dispatch.inspections.reasons import Why
from dispatch.inspections.standing import Standing
from dispatch.records.inspection import CrewDay, DueItem, Undone, Visit

Planned = tuple[list[CrewDay], list[Undone]]
"""A town's crews, and the items for which there is no place any more."""


class SettledTown:
    """A town's calendar and what is due there now.

    Parameters
    ----------
    crews
        As they stand.
    items
        Everything due in the town, what is in a visit included.
    presence
        The town of every inspector on each day.
    late
        Visits that have no crew any more.
    """

    def __init__(
        self,
        programme: Programme,
        town: str,
        crews: Sequence[CrewDay],
        items: Sequence[DueItem],
        presence: Presence,
        standing: Standing,
        late: Sequence[Visit],
    ) -> None:
        self.programme, self.town, self.presence, self.standing = programme, town, presence, standing
        self.crews, self.items, self.late = crews, items, late
        visits = [*late, *(call.visit for crew in crews for call in crew.calls)]
        self.placed = {item for visit in visits for item in visit.items}
        self.door = {item.id: item.premises for item in items}
        self.own = [who for who in programme.inspectors if who.town == town]
        self.ground = ground_of(
            programme, town, {item.premises for item in items} | {visit.premises for visit in visits}, presence
        )

    def planned(self) -> Planned:
        """The town in order; looked at again it stays as it is."""
        planned, left = self._no_worse(self._once(self.crews, self.late, self.standing))
        # Checks of a visit that found no place may join visits that have one, and visits whose lock broke.
        while any(one.reason in (Why.NO_ROOM, Why.LOCKED) for one in left):
            locked = still_locked(self.standing, self.crews, planned)
            again, still = self._once(planned, (), replace(self.standing, locked=locked))
            if len(still) >= len(left):
                break
            planned, left = again, still
        return planned, [self._without_its_lock(one, planned) for one in left]

    def _without_its_lock(self, one: Undone, planned: Sequence[CrewDay]) -> Undone:
        """No lock keeps a check out where the locked visit has found no place itself."""
        door = self.door[one.item]
        held = any(
            call.visit.premises == door and call.visit.id in self.standing.locked
            for crew in planned
            for call in crew.calls
        )
        return one if held or one.reason != Why.LOCKED else Undone(one.item, Why.NO_ROOM)

    def _no_worse(self, found: Planned) -> Planned:
        """What was found, or every visit as it is and nothing else where that leaves out no more checks."""
        _, left = found
        others = [item.id for item in self.items if item.id not in self.placed]
        if not 0 < len(others) <= len(left):
            return found
        kept = [item for item in self.items if item.id in self.placed]
        planned, lost = self._put_in_order(kept, self.crews, self.late, self.standing)
        why = {one.item: one for one in left}
        undone = [*lost, *(why.get(name, Undone(name, Why.NO_ROOM)) for name in others)]
        return (planned, undone) if len(undone) <= len(left) else found

    def _once(self, crews: Sequence[CrewDay], waiting: Sequence[Visit], at: Standing) -> Planned:
        """Everything asked once, without the checks that take others of their door down."""
        asked, gone = self.items, dict[str, Undone]()
        planned, left = self._put_in_order(asked, crews, waiting, at)
        placed = {item for crew in crews for call in crew.calls for item in call.visit.items}
        had = placed, placed.union(*(visit.items for visit in waiting))
        while more := given_up(asked, left, self.own, had):
            fewer = [item for item in asked if item.id not in more]
            again, still = self._put_in_order(fewer, crews, waiting, at)
            if len(still) + len(more) >= len(left):
                break
            gone |= more
            asked, planned, left = fewer, again, still
        return planned, [*left, *gone.values()]

    def _put_in_order(
        self, items: Sequence[DueItem], crews: Sequence[CrewDay], waiting: Sequence[Visit], at: Standing
    ) -> Planned:
        now = owed(self.ground, items, crews, waiting, at.locked)
        at = replace(at, locked=now.locked)
        planned, left = MendedTown(self.programme, self.town, self.ground, now, self.presence, at).planned()
        return planned, [*now.undone, *left]


def still_locked(standing: Standing, before: Sequence[CrewDay], after: Sequence[CrewDay]) -> frozenset[str]:
    """The locked visits that have kept their crew and their hour: a lock that broke holds nothing any more."""
    was, now = (
        {call.visit.id: (crew.id, call.arrive) for crew in crews for call in crew.calls} for crews in (before, after)
    )
    return frozenset(name for name in standing.locked if name in was and was[name] == now.get(name))
