"""Patrols: on which rounds each cell is passed as often as it is owed, and by which way.

When a cell is passed is drawn, so that nobody can wait for the patrol to be over; the seed is kept, so that anybody
can check afterwards that it was drawn. The looks a cell is owed are spread over the period by strata: one lies in each
equal part of it, at a place that is drawn.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from dispatch.inspections.lots import TICKETS, Lots
from dispatch.inspections.patrol_items import PatrolItem
from dispatch.inspections.patrol_owed import Need, need
from dispatch.inspections.patrol_ways import Minutes, inserted, shortest, way
from dispatch.records.patrol import PassLeftOut, PatrolledCell

UNREACHABLE, TOO_LONG, NO_TIME = "unreachable", "too_long", "no_time"
"""Why a pass is on no round: no way, longer than a round even alone, or no round of the period has time for it."""


@dataclass(frozen=True, slots=True)
class Pass:
    """One pass of a cell: which one, from 0, and on which round of the period it was drawn to be."""

    cell: str
    nth: int
    slot: int


@dataclass(frozen=True, slots=True)
class Stop:
    """A cell on a round as drawn: the ``nth`` pass of it, from 0, which was ``drawn`` for that slot.

    ``arrive`` counts minutes from the start of the round.
    """

    cell: str
    nth: int
    drawn: int
    items: tuple[str, ...]
    arrive: int
    minutes: int


@dataclass(frozen=True, slots=True)
class Round:
    """One round of a beat as drawn: the ``slot``-th of the period, from 0, with its stops in their order."""

    beat: int
    day: date
    slot: int
    stops: tuple[Stop, ...]
    minutes: int


@dataclass(frozen=True, slots=True)
class Patrol:
    """The rounds of one beat for a period, and what is on none."""

    rounds: tuple[Round, ...]
    left_out: tuple[PassLeftOut, ...] = ()


def drawn_passes(seed: str, needs: Mapping[str, Need], slots: int) -> tuple[Pass, ...]:
    """On which slots each cell is passed, whatever the order of ``needs``: what an audit draws again."""
    found = []
    for code, owed in sorted(needs.items()):
        tickets = Lots(seed, f"patrol of {code}").tickets(owed.passes)
        for nth, ticket in enumerate(tickets):
            first, after = nth * slots // owed.passes, (nth + 1) * slots // owed.passes
            found.append(Pass(code, nth, first + (ticket - 1) * (after - first) // TICKETS))
    return tuple(sorted(found, key=lambda each: (each.slot, each.cell)))


def patrol(
    seed: str,
    cells: Sequence[PatrolledCell],
    items: Mapping[str, PatrolItem],
    days: Sequence[date],
    rounds_a_day: int,
    travel: Minutes,
    longest: int,
) -> Patrol:
    """The rounds of one beat.

    Parameters
    ----------
    seed
        Kept with the rounds; shown only when they are over.
    cells
        All of one beat, n of them.
    days
        The working days of the period.
    travel
        Minutes between the cells in their order, and the base last; shape (n + 1, n + 1), infinite where no way leads.
    longest
        Minutes a round may take, with the way from the base and back.

    Returns
    -------
    Patrol
        A pass for which its round has no time moves to the next; those that moved come first there. One that finds no
        time up to the end moves to the last round before that has any. The stops of a round lie on a way that no
        exchange of local search shortens, taken in a direction that is drawn where both fit.

    Raises
    ------
    ValueError
        When the cells are of several beats or the matrix has another shape.
    """
    number = _one_beat(cells, travel)
    slots = len(days) * rounds_a_day
    needs = {cell.cell: need(cell, items.values(), len(days), slots) for cell in cells}
    beat = _Beat({cell.cell: at for at, cell in enumerate(cells)}, needs, items, travel, longest)
    lots = [Lots(seed, f"round {slot} of beat {number}") for slot in range(slots)]
    due, never = beat.due(drawn_passes(seed, needs, slots))
    on_round, late = _on_rounds(beat, due, lots)
    rounds = (
        Round(number, days[slot // rounds_a_day], slot, *beat.stops(taken, lots[slot]))
        for slot, taken in enumerate(on_round)
        if taken
    )
    return Patrol(tuple(rounds), (*never, *late))


def _on_rounds(
    beat: _Beat, due: Mapping[int, Sequence[Pass]], lots: Sequence[Lots]
) -> tuple[list[list[Pass]], list[PassLeftOut]]:
    """The passes of each round, those that moved from the last one first, and those that no round has time for."""
    on_round, waiting = list[list[Pass]](), list[Pass]()
    for slot, lot in enumerate(lots):
        filled, waiting = _filled(beat, [*waiting, *_shuffled(due.get(slot, ()), lot)])
        on_round.append(filled.passes)
    return on_round, _moved_back(beat, waiting, on_round)


def _one_beat(cells: Sequence[PatrolledCell], travel: Minutes) -> int:
    beats = {cell.beat for cell in cells}
    if len(beats) != 1:
        raise ValueError(f"the cells are of {len(beats)} beats; give those of one.")
    if travel.shape != (len(cells) + 1, len(cells) + 1):
        raise ValueError(
            f"travel has the shape {travel.shape}; {len(cells)} cells and the base need one more each way."
        )
    return beats.pop()


def _shuffled(passes: Sequence[Pass], lots: Lots) -> list[Pass]:
    by_cell = {each.cell: each for each in passes}
    return [by_cell[cell] for cell in lots.order(dict.fromkeys(by_cell, 1))]


def _moved_back(beat: _Beat, waiting: Sequence[Pass], on_round: list[list[Pass]]) -> list[PassLeftOut]:
    """Each pass put on the last round that has time for it; those for which none has."""
    left_out = []
    anew = [_filled(beat, passes) for passes in on_round]
    for one in waiting:
        backwards = reversed(range(len(on_round)))
        slot = next((slot for slot in backwards if not anew[slot][1] and anew[slot][0].takes(one)), None)
        if slot is None:
            left_out.append(PassLeftOut(one.cell, one.nth, one.slot, NO_TIME))
            continue
        on_round[slot] = anew[slot][0].passes
        anew[slot] = _filled(beat, on_round[slot])
    return left_out


def _filled(beat: _Beat, wanted: Sequence[Pass]) -> tuple[_Filled, list[Pass]]:
    """A round with the passes that fit on it, first come first taken, and those that wait for the next."""
    filled = _Filled(beat)
    return filled, [one for one in wanted if not filled.takes(one)]


@dataclass(frozen=True, slots=True)
class _Beat:
    """One beat's cells by place in its matrix, what they are owed, and how long a round may take."""

    place: Mapping[str, int]
    needs: Mapping[str, Need]
    items: Mapping[str, PatrolItem]
    travel: Minutes
    longest: int

    def looks(self, one: Pass) -> tuple[str, ...]:
        return self.needs[one.cell].items_at(one.nth)

    def minutes(self, one: Pass) -> int:
        return sum(self.items[code].minutes for code in self.looks(one))

    def due(self, drawn: Iterable[Pass]) -> tuple[dict[int, list[Pass]], list[PassLeftOut]]:
        """Passes by the slot they were drawn for, and those that no round could ever make."""
        due: dict[int, list[Pass]] = defaultdict(list)
        left_out = []
        for each in drawn:
            why = self.never(each)
            if why:
                left_out.append(PassLeftOut(each.cell, each.nth, each.slot, why))
            else:
                due[each.slot].append(each)
        return due, left_out

    def never(self, one: Pass) -> str:
        """Why no round has room for it even alone; empty when one has."""
        alone = way(self.travel, [self.place[one.cell]])
        if math.isinf(alone):
            return UNREACHABLE
        return TOO_LONG if alone + self.minutes(one) > self.longest else ""

    def stops(self, taken: Sequence[Pass], lots: Lots) -> tuple[tuple[Stop, ...], int]:
        """The stops in their order with the minute of arrival, and the minutes of the whole round."""
        by_place = {self.place[one.cell]: one for one in taken}
        order = shortest(self.travel, list(by_place))
        work = sum(map(self.minutes, taken))
        if lots.tickets(1)[0] > TICKETS // 2 and way(self.travel, order[::-1]) + work <= self.longest:
            order = order[::-1]
        clock, here, stops = 0.0, len(self.travel) - 1, []
        for at in order:
            one = by_place[at]
            clock += self.travel[here, at]
            stops.append(Stop(one.cell, one.nth, one.slot, self.looks(one), round(clock), self.minutes(one)))
            clock, here = clock + self.minutes(one), at
        return tuple(stops), math.ceil(clock + self.travel[here, -1])


class _Filled:
    """A round while it is filled: its passes by place, their way, and the minutes of work on it."""

    def __init__(self, beat: _Beat) -> None:
        self.beat = beat
        self.taken: dict[int, Pass] = {}
        self.route: list[int] = []
        self.work = 0

    @property
    def passes(self) -> list[Pass]:
        """In the order of the way."""
        return [self.taken[at] for at in self.route]

    def takes(self, one: Pass) -> bool:
        """The pass put where it adds least, and whether the round has time for it; a cell is passed once."""
        beat, at, work = self.beat, self.beat.place[one.cell], self.work + self.beat.minutes(one)
        if at in self.taken or work > beat.longest:
            return False
        longer = inserted(beat.travel, self.route, at)
        if way(beat.travel, longer) + work > beat.longest:
            return False
        self.taken[at], self.route, self.work = one, longer, work
        return True
