"""How many visits a premises is spared, by merging and from the desk: its checks beside its visits, with the proof."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from dispatch.records.inspection import Call, CrewDay, DeskDay, DueItem, Premises
from dispatch.review.papers import Papers


@dataclass(frozen=True, slots=True)
class Avoided:
    """One premises' planned checks and visits.

    Attributes
    ----------
    calls
        With the crew that makes each, by day.
    items
        What the calls contain; each counts as one check, as in the plan's summary.
    desk
        Checks for which nobody goes, with the day at the desk that has each, by day.
    left
        Items of this premises that no visit contains; they count neither as checks nor as avoided.
    proof
        Planned items no two of which share a working day, by first date; empty when the calendar has none that holds.
    """

    premises: Premises
    calls: tuple[tuple[CrewDay, Call], ...]
    items: tuple[DueItem, ...]
    left: tuple[DueItem, ...]
    proof: tuple[DueItem, ...]
    desk: tuple[tuple[DeskDay, DueItem], ...] = ()

    @property
    def checks(self) -> int:
        return len(self.items) + len(self.desk)

    @property
    def visits(self) -> int:
        return len(self.calls)

    @property
    def avoided(self) -> int:
        """Checks that need no visit of their own."""
        return self.merged + len(self.desk)

    @property
    def merged(self) -> int:
        """Those of them that a visit for another check answers; the others are made from the desk."""
        return len(self.items) - self.visits

    @property
    def departments(self) -> Sequence[str]:
        """Who would have come, each once, in the order of the items."""
        return list(dict.fromkeys(item.department for item in (*self.items, *(item for _, item in self.desk))))

    @property
    def days(self) -> Sequence[date]:
        """The days of its visits and checks, in order."""
        return sorted([*(crew.day for crew, _ in self.calls), *(desk.day for desk, _ in self.desk)])

    @property
    def fewest(self) -> int:
        """Visits below which no plan can be: as many as the proof has items, and one where anything is checked."""
        return max(len(self.proof), 1 if self.items else 0)


def avoided(papers: Papers) -> list[Avoided]:
    """Every premises that the calendar visits, or checks from the desk, by id."""
    calls: defaultdict[str, list[tuple[CrewDay, Call]]] = defaultdict(list)
    for crew, call in papers.calls():
        calls[call.visit.premises].append((crew, call))
    left: defaultdict[str, list[DueItem]] = defaultdict(list)
    for undone in papers.calendar.undone:
        item = papers.items.get(undone.item)
        if item is not None:
            left[item.premises].append(item)
    desk: defaultdict[str, list[tuple[DeskDay, DueItem]]] = defaultdict(list)
    for day in sorted(papers.calendar.desk, key=lambda one: (one.day, one.officers)):
        for item in (papers.items[id] for id in day.items):
            desk[item.premises].append((day, item))
    return [_of(papers, id, calls[id], left[id], desk[id]) for id in sorted({*calls, *desk})]


def _of(
    papers: Papers,
    id: str,
    calls: list[tuple[CrewDay, Call]],
    left: list[DueItem],
    desk: list[tuple[DeskDay, DueItem]],
) -> Avoided:
    items = tuple(item for _, call in calls for item in papers.due(call))
    given = {item.id: item for item in items if item.id in papers.calendar.proofs.get(id, ())}
    proof = _that_holds(given.values(), papers.workdays)
    return Avoided(papers.premises[id], tuple(calls), items, tuple(left), proof, tuple(desk))


def _that_holds(proof: Iterable[DueItem], workdays: Sequence[date]) -> tuple[DueItem, ...]:
    """The items of a proof by first date, when each is over before the next can be checked; otherwise none of them."""
    items = sorted(proof, key=lambda item: (item.earliest, item.id))
    apart = all(
        one.latest < next.earliest or not any(next.earliest <= day <= one.latest for day in workdays or [one.latest])
        for one, next in pairwise(items)
    )
    return tuple(items) if apart else ()
