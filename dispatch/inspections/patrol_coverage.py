"""How a patrol has gone so far: each cell's passes of those owed, what is missing and why, what was settled there."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from dispatch.inspections.patrol_items import PatrolItem
from dispatch.inspections.patrol_owed import Looked, remembered
from dispatch.inspections.patrols import TOO_LONG, UNREACHABLE
from dispatch.records.patrol import (
    Finding,
    PassLeftOut,
    PatrolledCell,
    PatrolPlan,
    PatrolRound,
    RoundStatus,
    RoundStop,
)

NOT_BEGUN, ENDED_EARLY = "not_begun", "ended_early"
"""Why a planned pass was not made, besides the reasons of `patrols` in this folder: nobody went, or not so far."""


@dataclass(frozen=True, slots=True)
class Missed:
    """So many passes of a cell that were not made, and why; ``said`` is what the team wrote, ``round`` the last one."""

    reason: str
    count: int
    said: str = ""
    round: str = ""


@dataclass(frozen=True, slots=True)
class Fared:
    """One cell so far.

    Attributes
    ----------
    owed
        Passes that list and risk asked for by now; of rounds to come none.
    passed
        Of those, the ones that were made.
    ahead
        Passes that are still to come.
    short
        Passes that list and risk ask for in the whole period beyond the rounds there are.
    """

    cell: str
    beat: int
    owed: int
    passed: int
    ahead: int
    short: int
    missed: tuple[Missed, ...]

    @property
    def share(self) -> float:
        """Between 0 and 1; NaN where nothing was owed yet."""
        return self.passed / self.owed if self.owed else math.nan


def fared(
    plan: PatrolPlan,
    cells: Sequence[PatrolledCell],
    rounds: Sequence[PatrolRound],
    stops: Sequence[RoundStop],
    left_out: Sequence[PassLeftOut],
    today: date,
) -> tuple[Fared, ...]:
    """Every cell that is owed anything in the period, the worst share first, then the most missed.

    A pass is owed once its round is over: it was made or its round has ended, or its day is past. One that is on no
    round is owed from the day on for which it was drawn.
    """
    by_id = {one.id: one for one in rounds}
    owed: Counter[str] = Counter()
    passed: Counter[str] = Counter()
    ahead: Counter[str] = Counter()
    missed: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    last: dict[tuple[str, str, str], str] = {}

    def miss(cell: str, reason: str, said: str = "", name: str = "") -> None:
        owed[cell] += 1
        missed[cell][reason, said] += 1
        last[cell, reason, said] = name

    for stop in sorted(stops, key=lambda each: by_id[each.round].slot):
        one = by_id[stop.round]
        if stop.passed_at is not None:
            owed[stop.cell] += 1
            passed[stop.cell] += 1
        elif one.status is RoundStatus.ENDED:
            miss(stop.cell, ENDED_EARLY, one.said, one.id)
        elif one.day < today:
            miss(stop.cell, NOT_BEGUN if one.status is RoundStatus.PLANNED else ENDED_EARLY, one.said, one.id)
        else:
            ahead[stop.cell] += 1
    for left in left_out:
        if plan.days[left.drawn // plan.rounds_a_day] < today:
            miss(left.cell, left.reason)
        else:
            ahead[left.cell] += 1
    found = [
        Fared(
            cell.cell,
            cell.beat,
            owed[cell.cell],
            passed[cell.cell],
            ahead[cell.cell],
            cell.short,
            tuple(
                Missed(reason, count, said, last[cell.cell, reason, said])
                for (reason, said), count in sorted(missed[cell.cell].items())
            ),
        )
        for cell in cells
        if cell.passes
    ]
    return tuple(sorted(found, key=_worst_first))


def could_have(one: Fared) -> int:
    """Of the passes owed so far those that a team could have made: there was a way, and a round long enough."""
    return one.owed - sum(each.count for each in one.missed if each.reason in (UNREACHABLE, TOO_LONG))


def looked(
    passed: Iterable[tuple[date, RoundStop]],
    first: date,
    items: Mapping[str, PatrolItem],
    working: Callable[[date], bool],
) -> dict[str, dict[str, Looked]]:
    """By cell and item, the looks that were made before ``first`` as long as they are remembered.

    Parameters
    ----------
    passed
        Stops that somebody passed, each with its day before ``first``; nothing else was looked at.
    """
    stops = list(passed)
    ago = {day: _days_since(day, first, working) for day in {day for day, _ in stops}}
    made: dict[tuple[str, str], list[int]] = defaultdict(list)
    for day, stop in stops:
        for code in stop.items:
            if code in items and ago[day] <= remembered(items[code]):
                made[stop.cell, code].append(ago[day])
    found: dict[str, dict[str, Looked]] = defaultdict(dict)
    for (cell, code), days in made.items():
        found[cell][code] = Looked(max(days), len(days))
    return found


def share_passed(cells: Iterable[Fared]) -> float:
    """Passes made of those owed by now, over all cells; NaN when none was owed."""
    every = list(cells)
    owed = sum(each.owed for each in every)
    return sum(each.passed for each in every) / owed if owed else math.nan


def share_self_handled(findings: Iterable[Finding]) -> float:
    """Findings that ended on the round itself, of all; NaN when nothing was found."""
    every = list(findings)
    return sum(each.self_handled for each in every) / len(every) if every else math.nan


def _days_since(day: date, first: date, working: Callable[[date], bool]) -> int:
    """Working days from ``day`` up to the one before ``first``, at least 1."""
    every = (day + timedelta(days=ahead) for ahead in range((first - day).days))
    return max(1, sum(map(working, every)))


def _worst_first(one: Fared) -> tuple[bool, float, int, str]:
    nothing = math.isnan(one.share)
    return nothing, 0.0 if nothing else one.share, -(one.owed - one.passed), one.cell
