"""Due items of one premises merged into the fewest visits, with the proof.

Items are intervals of working days, a visit is a day that stabs some of them. Taking the earliest last day again and
again stabs all intervals with the fewest days, because the intervals that gave the days share no day (Gavril 1972,
interval graphs). Where a visit so made would be longer than the day, or no lawful crew would cover it, the split into
the fewest is searched exactly (CP-SAT), one visit more at a time.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from ortools.sat.python import cp_model

from dispatch.inspections.reasons import Why, price
from dispatch.records.inspection import DueItem, Premises, Undone, Visit

Able = Callable[[frozenset[str], frozenset[str], int, int], bool]
"""Whether a lawful crew covers such certificates and may make such items, those that not everybody may, on some day of
two and those between."""
EFFORT = 20.0
"""Deterministic time of CP-SAT for one solve, about seconds.

Each number of visits that is tried takes one, and one more each time that a visit so found has no lawful crew.
"""


@dataclass(frozen=True, slots=True)
class Window:
    """An item and the working days it may be done on, as places in the calendar, both included.

    Attributes
    ----------
    drawn
        Whether not everybody may make it: others were drawn for it.
    """

    item: DueItem
    first: int
    last: int
    drawn: bool = False

    def around(self, day: int) -> bool:
        return self.first <= day <= self.last


Groups = list[list[Window]]


@dataclass(frozen=True, slots=True)
class Merged:
    """Visits of one premises.

    Attributes
    ----------
    fewest
        No plan that does as many items has fewer visits.
    proof
        Ids of items of which no two share a working day: each needs a visit of its own. There are ``fewest`` of them
        unless length or crews forced more visits, which was then proved by exhausting the smaller numbers.
    proved
        False when exhausting them would have taken too long, which asks for dozens of items that hardly fit together.
    """

    visits: tuple[Visit, ...]
    undone: tuple[Undone, ...]
    fewest: int
    proof: tuple[str, ...]
    proved: bool = True


def window(item: DueItem, days: Sequence[date], since: date) -> Window | Undone:
    """When an item can be done within the calendar's working ``days``, or why it cannot.

    The calendar was asked for ``since`` a day that may be none of them: what is due from there on is not past.
    """
    if item.latest < item.earliest:
        return Undone(item.id, Why.DATES_REVERSED)
    if item.latest < since:
        return Undone(item.id, Why.PAST, price((days[0] - item.latest).days, "days"))
    if item.earliest > days[-1]:
        return Undone(item.id, Why.LATER, price((item.earliest - days[-1]).days, "days"))
    first, last = bisect_left(days, item.earliest), bisect_right(days, item.latest) - 1
    if first > last:
        return Undone(item.id, Why.NO_WORKING_DAY, price((days[first] - item.latest).days, "days"))
    return Window(item, first, last)


def years(one: Window, days: Sequence[date]) -> range:
    """The years from that of the first of the ``days`` in which the window lies."""
    return range(days[one.first].year - days[0].year, days[one.last].year - days[0].year + 1)


def merge(premises: Premises, windows: Iterable[Window], days: Sequence[date], longest: int, able: Able) -> Merged:
    """The fewest visits to one premises; over New Year as many as each of the years allows.

    Parameters
    ----------
    windows
        Items that can each be done alone: within ``longest`` minutes, by a crew for which ``able`` says yes.
    days
        The calendar's working days.
    longest
        Minutes that one visit may last.
    able
        Whether some lawful crew can make such a visit there.
    """
    due = sorted(windows, key=lambda one: (one.last, one.first, one.item.id))
    stabs, proof = _stabs(due)
    left = _left(premises, due, days)
    if left is not None and left < len(_stabs([one for one in due if one.item.capped])[0]):
        groups, proved = _capped(due, left, longest, able)
    elif (dealt := _dealt(due, stabs, longest, able)) is not None and (left is None or sum(map(counts, dealt)) <= left):
        groups, proved = dealt, True
    else:
        groups, proved = _fewest(due, len(stabs), left, longest, able)
    done = {one.item.id for group in groups for one in group}
    undone = [Undone(one.item.id, Why.ANNUAL_CAP, price(1, "visits")) for one in due if one.item.id not in done]
    ids = (f"{premises.id}-{number}" for number in range(1, len(groups) + 1))
    visits = tuple(visit_of(premises, group, id, days) for id, group in zip(ids, groups, strict=True))
    return Merged(visits, tuple(undone), len(groups), proof if not undone else (), proved)


def _left(premises: Premises, due: Sequence[Window], days: Sequence[date]) -> int | None:
    """Visits that the cap allows whichever of their years they fall into; None without a cap."""
    if premises.annual_cap is None:
        return None
    touched = {year for one in due if one.item.capped for year in years(one, days)}
    return min((left for year in touched or {0} if (left := premises.left_in(year)) is not None), default=None)


def _stabs(due: Sequence[Window]) -> tuple[list[int], tuple[str, ...]]:
    """Days that stab every window, as few as can be, and the items that each need one of their own."""
    days: list[int] = []
    proof: list[str] = []
    for one in due:
        if not days or one.first > days[-1]:
            days.append(one.last)
            proof.append(one.item.id)
    return days, tuple(proof)


def _fits(group: Sequence[Window], longest: int, able: Able) -> bool:
    return sum(one.item.minutes for one in group) <= longest and may_be_one(group, able)


def may_be_one(group: Sequence[Window], able: Able) -> bool:
    """Whether one lawful crew can make them all, on a day that they have in common."""
    first, last = _in_common(group)
    drawn = frozenset(one.item.id for one in group if one.drawn)
    return first <= last and able(_needs(group), drawn, first, last)


def _in_common(group: Sequence[Window]) -> tuple[int, int]:
    """The first and the last day on which all of them may be done; reversed when there is none."""
    return max(one.first for one in group), min(one.last for one in group)


def counts(group: Iterable[Window]) -> bool:
    """Whether a visit for them counts against the annual cap: one of them follows no lead."""
    return any(one.item.capped for one in group)


def _needs(group: Iterable[Window]) -> frozenset[str]:
    return frozenset(one.item.certificate for one in group)


def _dealt(due: Sequence[Window], stabs: Sequence[int], longest: int, able: Able) -> list[list[Window]] | None:
    """Every item to one of its days so that the visits keep the widest windows; None when a visit does not fit."""
    groups: list[list[Window]] = [[] for _ in stabs]
    for one in sorted(due, key=lambda one: sum(map(one.around, stabs))):
        fitting = [
            group
            for group, day in zip(groups, stabs, strict=True)
            if one.around(day) and _fits([*group, one], longest, able)
        ]
        if not fitting:
            return None
        max(fitting, key=lambda group: _width([*group, one])).append(one)
    return groups


def _width(group: Sequence[Window]) -> tuple[int, int]:
    """Days left to a visit, and certificates it does not need: the more of both, the easier to plan."""
    return min(one.last for one in group) - max(one.first for one in group), -len(_needs(group))


def _fewest(due: Sequence[Window], at_least: int, left: int | None, longest: int, able: Able) -> tuple[Groups, bool]:
    """Visits as few as fit, tried one more at a time; within the cap as many items as can be. Whether it is proved."""
    most, proved = _most(due, left), True
    for count in range(at_least, most + 1):
        groups, known = _split(due, count, left, longest, able, every=True)
        proved = proved and known
        if groups is not None:
            return [group for group in groups if group], proved  # none are empty unless fewer were given up on
    groups, known = _capped(due, len(due) if left is None else left, longest, able)
    return groups, proved and known


def _most(due: Sequence[Window], left: int | None) -> int:
    """More visits than this never help: one each, of those that count no more than are left."""
    leads = sum(not one.item.capped for one in due)
    return len(due) if left is None else min(left, len(due) - leads) + leads


def _capped(due: Sequence[Window], left: int, longest: int, able: Able) -> tuple[Groups, bool]:
    """As many items as can be with ``left`` visits that count, in few visits, and whether no more can."""
    groups, proved = _split(due, _most(due, left), left, longest, able, every=False)
    if groups is None:
        return _each_where_it_fits(due, left, longest, able), False
    return [group for group in groups if group], proved


def _each_where_it_fits(due: Sequence[Window], left: int, longest: int, able: Able) -> Groups:
    """Where the effort ran out: every item to the first visit that can hold it, else to one more within the cap."""
    groups: Groups = []
    for one in due:
        for group in (*groups, []):
            others = sum(counts(other) for other in groups if other is not group)
            if _fits([*group, one], longest, able) and others + counts([*group, one]) <= left:
                groups += [] if group else [group]
                group.append(one)
                break
    return groups


def _split(
    due: Sequence[Window], count: int, left: int | None, longest: int, able: Able, *, every: bool
) -> tuple[Groups | None, bool]:
    """Items dealt to ``count`` visits that fit, of which ``left`` count, all or as many as can be, or None.

    The second tells whether it is proved.
    """
    model = cp_model.CpModel()
    last = max((one.last for one in due), default=0)
    day = [model.new_int_var(0, last, f"day {g}") for g in range(count)]
    into = [[model.new_bool_var(f"{one.item.id} in {g}") for g in range(count)] for one in due]
    kinds = sorted(_needs(due))
    asks = [{kind: model.new_bool_var(f"{kind} in {g}") for kind in kinds} for g in range(count)]
    made = [model.new_bool_var(f"{g} is made") for g in range(count)]
    counted = [model.new_bool_var(f"{g} counts") for g in range(count)]
    for one, places in zip(due, into, strict=True):
        _ = model.add_exactly_one(places) if every else model.add_at_most_one(places)
        for g, here in enumerate(places):
            model.add(day[g] >= one.first).only_enforce_if(here)
            model.add(day[g] <= one.last).only_enforce_if(here)
            model.add_implication(here, asks[g][one.item.certificate])
            if not every:
                model.add_implication(here, made[g])
            if left is not None and one.item.capped:
                model.add_implication(here, counted[g])
    if left is not None and count > left:
        model.add(sum(counted) <= left)
    for g in range(count):
        model.add(sum(one.item.minutes * places[g] for one, places in zip(due, into, strict=True)) <= longest)
        if g:
            model.add(day[g - 1] <= day[g])
    if not every:
        model.maximize((count + 1) * sum(here for places in into for here in places) - sum(made))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.max_deterministic_time = EFFORT
    while (status := solver.solve(model)) in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        groups = [
            [one for one, places in zip(due, into, strict=True) if solver.boolean_value(places[g])]
            for g in range(count)
        ]
        beyond = [group for group in groups if group and not may_be_one(group, able)]
        if not beyond:
            return groups, every or status == cp_model.OPTIMAL
        for group in beyond:
            drawn = [places for one, places in zip(due, into, strict=True) if one.drawn and one in group]
            first, final = _in_common(group)
            for g in range(count):
                before, after = model.new_bool_var(""), model.new_bool_var("")
                model.add(day[g] < first).only_enforce_if(before)
                model.add(day[g] > final).only_enforce_if(after)
                apart = [asks[g][kind].negated() for kind in _needs(group)] + [places[g].negated() for places in drawn]
                model.add_bool_or([*apart, before, after])
    return None, status == cp_model.INFEASIBLE


def visit_of(premises: Premises, group: Sequence[Window], id: str, days: Sequence[date]) -> Visit:
    """One visit for items that have a day in common."""
    first, last = _in_common(group)
    return Visit(
        id,
        premises.id,
        tuple(sorted(one.item.id for one in group)),
        days[first],
        days[last],
        sum(one.item.minutes for one in group),
        _needs(group),
    )
