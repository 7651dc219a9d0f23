"""How few officer-days any calendar of a town can have: columns of crews' days, priced with the dates, rounded up.

The linear programme picks crews' days, each with its officers as its cost, so that every visit is made. Crews' days
that would lower it are looked for day by day and crew by crew: what a crew with these certificates can make on a day,
with the way, inside the crew's minutes. Whatever prices the visits have, dividing them by the most that a crew's day
earns for each of its officers makes them a solution of the dual programme (Farley 1990), so the search may stop at any
time and its best sum, rounded up, is proved. An odd number is asked about once more, with a price on every crew: it
can only be had with a crew of three or more, so with fewer crews.

Left out, which only lowers it: who is there on which day and whom conflicts keep away, opening hours but for visits
that can never follow each other, and places a crew comes back to after a while (ng-routes, Baldacci et al. 2011).

References
----------
Farley (1990), A note on bounding a class of linear programming problems, Operations Research 38(5). Baldacci, Mingozzi
and Roberti (2011), New route relaxation and pricing strategies for the vehicle routing problem, Operations Research
59(5). Pessoa et al. (2018), Automation and combination of linear-programming based stabilization techniques in column
generation, INFORMS Journal on Computing 30(2).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from ortools.linear_solver import pywraplp

from dispatch.inspections.dearest import BUCKET, FINE, dearest_days, memories
from dispatch.inspections.kinds import Question, questions_of
from dispatch.records.inspection import LARGEST_CREW, SMALLEST_CREW

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int32]

MOST_COLUMNS = 8
ENOUGH, FEW = 100, 20
"""New columns after which the linear programme is solved again, and below which it is near its end."""
CENTRE = 0.7
"""Share of the best prices so far in those that are tried next; the rest are the linear programme's own."""
DEAR, DEARER = 1.25, 1.3
"""What skipping a visit costs, as times its share of a crew's day, and how much dearer it becomes when it is done."""
TURNS = 500
EFFORT_A_SECOND = 250e6
WORK_A_COLUMN = 40.0
EAGER, LENIENT = 0.256, 0.002
"""Days that earn too much by more than these shares are looked for, at first and at last: the dearest come soonest."""
CALMER = 0.8
"""By how much, as times, a question that had too many days under way is looked at more strictly each time again."""
WORK_A_CELL = 2.0
ROUNDING = 1e-6
FORBIDDEN = 1 << 28
A_CREW = 1.0
"""What every crew costs beside its officers when an odd bound is asked about once more."""


@dataclass(frozen=True, slots=True)
class Tour:
    """Visits of a town as the bound reads them.

    Attributes
    ----------
    minutes, first, last, opens, closes
        Shape (visits,): minutes of the visit, its days counted from any, minutes after midnight.
    needs
        Shape (visits, certificates).
    travel
        Shape (visits + 1, visits + 1): minutes, not rounded; the last place is the base.
    """

    minutes: Ints
    first: Ints
    last: Ints
    opens: Ints
    closes: Ints
    needs: Bools
    travel: Floats


def fewest_officer_days(
    tour: Tour, holds: Bools, longest: int, seconds: float, known: Collection[tuple[int, Sequence[int]]] = ()
) -> int:
    """A number of officer-days below which no calendar can be.

    Parameters
    ----------
    tour
        Its visits last a minute or more.
    holds
        Shape (officers, certificates).
    longest
        Minutes of a crew's day.
    seconds
        About so many of one core go into it, counted in work, and as many again where the number is odd; the bound is
        proved however few they are.
    known
        Officers and visits of the crews' days of some calendar: with them prices are sensible from the start.

    Returns
    -------
    int
        0 without visits, and where no crew can make some visit.
    """
    if len(tour.minutes) == 0:
        return 0
    first = _Programme(tour, holds, longest, known)
    fewest = math.ceil(first.bound(seconds * EFFORT_A_SECOND) - ROUNDING)
    if fewest % 2 == 0 or fewest == sum(officers for officers, _ in known):
        return fewest
    # So many officer-days, an odd number, are at most so many crews, for one of them is no pair.
    crews = (fewest - 1) // SMALLEST_CREW
    second = _Programme(tour, holds, longest, first.columns, A_CREW)
    return fewest + (second.bound(seconds * EFFORT_A_SECOND) > fewest + A_CREW * crews + ROUNDING)


class _Programme:
    """The linear programme with the columns found so far; a crew's day costs its officers and ``a_crew`` more."""

    def __init__(
        self,
        tour: Tour,
        holds: Bools,
        longest: int,
        known: Iterable[tuple[int, Sequence[int]]],
        a_crew: float = 0.0,
    ) -> None:
        n = len(tour.minutes)
        self.longest, self.a_crew = longest, a_crew
        self.steps, self.back = _steps(tour)
        self.near, self.bits = memories(tour.travel[:n, :n] + tour.travel[:n, :n].T)
        questions = list(questions_of(tour.needs, tour.first, tour.last, holds))
        self.questions = [questions[at] for at in np.random.default_rng(1).permutation(len(questions))]
        self.next, self.work = 0, 0.0
        self.lenient, self.strictest = [EAGER] * len(questions), [LENIENT] * len(questions)
        self.simple = _simple_prices(tour, self.questions, longest, a_crew)
        self.solver = pywraplp.Solver.CreateSolver("GLOP")
        self.solver.SetSolverSpecificParametersAsString("use_preprocessing: false")  # or it forgets where it was
        self.solver.Objective().SetMinimization()
        self.visited = [self.solver.Constraint(1.0, self.solver.infinity()) for _ in range(n)]
        self.dear = DEAR * self.simple
        self.skipped = [self._variable({visit: 1}, self.dear[visit]) for visit in range(n)]
        self.columns: set[tuple[int, tuple[int, ...]]] = set()
        for officers, visits in known:
            self._add(officers, visits)

    def bound(self, effort: float) -> float:
        """The best sum of prices that so much work finds; skipping a visit, dearly, keeps prices sensible at first."""
        able = {visit for question in self.questions for visit in question.visits.tolist()}
        if len(able) < len(self.visited):
            return 0.0
        whole_turn = WORK_A_CELL * self.longest * FINE / BUCKET * sum(len(q.visits) ** 2 for q in self.questions)
        centre = prices = master = self.simple
        skipped, eager = [0], True
        if self.columns:
            _, master, skipped = self._solved()
            prices = CENTRE * centre + (1 - CENTRE) * master
        for _ in range(TURNS):
            if self.work + whole_turn > effort:
                break
            added, proved, eager = self._priced(prices)
            centre = max(centre, proved, key=np.sum)
            if added or (prices is master and skipped and not eager):
                least, master, skipped = self._solved()
                if least <= centre.sum() + ROUNDING and not skipped:
                    break
                if added < FEW:
                    self._make_dearer(skipped)
                prices = CENTRE * centre + (1 - CENTRE) * master
            elif prices is not master:
                prices = master
            elif not eager:
                break
        return float(centre.sum())

    def _priced(self, prices: Floats) -> tuple[int, Floats, bool]:
        """Columns that the prices brought; prices that are proved; whether a stricter look may bring more.

        What a visit earns is divided by the most that a day it may be in earns for what it costs. Nothing is
        proved when enough columns came before every question was asked.
        """
        routes, values = np.empty((MOST_COLUMNS, len(prices) + 1), np.int32), np.empty(MOST_COLUMNS)
        most, added, eager = np.ones(len(prices)), 0, False
        for _ in self.questions:
            if added >= ENOUGH:
                return added, np.zeros(len(prices)), True
            at, question = self.next, self.questions[self.next]
            self.next = (self.next + 1) % len(self.questions)
            here = question.visits[prices[question.visits] > ROUNDING]
            if len(here) == 0:
                continue
            steps = np.ascontiguousarray(self.steps[np.ix_([*here, len(prices)], here)])
            near = np.ascontiguousarray(self.near[np.ix_(here, here)])
            cost = question.officers + self.a_crew
            while True:
                least = cost * (1 + self.lenient[at])
                upper, whole, found, work = dearest_days(
                    prices[here], steps, self.back[here], self.bits[here], near, self.longest, least, routes, values
                )
                self.work += work
                if whole or self.lenient[at] >= EAGER:
                    break
                self.lenient[at] *= 2
                self.strictest[at] = self.lenient[at]
            if whole and not found and self.lenient[at] > self.strictest[at]:
                self.lenient[at], eager = self.lenient[at] / 2, True
            self.strictest[at] = max(self.strictest[at] * CALMER, LENIENT)
            most[question.visits] = np.maximum(most[question.visits], upper / cost)
            for route in routes[:found]:
                added += self._add(question.officers, here[route[: int(np.argmax(route < 0))]].tolist())
        return added, np.where(prices > ROUNDING, prices, 0.0) / most, eager

    def _add(self, officers: int, route: Iterable[int]) -> bool:
        times = Counter(route)
        column = (officers, tuple(sorted(times.elements())))
        if column in self.columns:
            return False
        self.columns.add(column)
        self._variable(times, officers + self.a_crew)
        return True

    def _variable(self, times: Mapping[int, int], cost: float) -> pywraplp.Variable:
        variable = self.solver.NumVar(0.0, self.solver.infinity(), "")
        self.solver.Objective().SetCoefficient(variable, float(cost))
        for visit, count in times.items():
            self.visited[visit].SetCoefficient(variable, count)
        return variable

    def _solved(self) -> tuple[float, Floats, list[int]]:
        """Optimum over the columns, the visits' prices, and which visits are skipped."""
        self.solver.Solve()
        self.work += WORK_A_COLUMN * len(self.visited) * len(self.columns)
        prices = np.maximum([row.dual_value() for row in self.visited], 0.0)
        skipped = [visit for visit, skip in enumerate(self.skipped) if skip.solution_value() > ROUNDING]
        return self.solver.Objective().Value(), prices, skipped

    def _make_dearer(self, skipped: list[int]) -> None:
        for visit in skipped:
            self.dear[visit] *= DEARER
            self.solver.Objective().SetCoefficient(self.skipped[visit], self.dear[visit])


def _steps(tour: Tour) -> tuple[Ints, Ints]:
    """Parts of a minute from leaving a place to leaving the next, and to the base; what cannot follow is forbidden."""
    n = len(tour.minutes)
    ways = np.floor(np.where(np.isfinite(tour.travel), tour.travel, 0.0) * FINE + 1e-9).astype(np.int64)
    steps = ways[:, :n] + FINE * tour.minutes
    late = tour.opens[:, None] + tour.minutes[:, None] + tour.travel[:n, :n] > (tour.closes - tour.minutes) + 1e-6
    steps[:n][late | np.eye(n, dtype=bool)] = FORBIDDEN
    steps[~np.isfinite(tour.travel[:, :n])] = FORBIDDEN
    back = np.where(np.isfinite(tour.travel[:n, -1]), ways[:n, n], FORBIDDEN)
    return steps.astype(np.int32), back.astype(np.int32)


def _simple_prices(tour: Tour, questions: Sequence[Question], longest: int, a_crew: float) -> Floats:
    """Prices of which no crew's day earns too much, without columns: minutes and the least that each visit drives.

    A day's way is at least that to its farthest visit and home, and of every way between visits what brings nobody
    nearer to the farthest. Half of the least of that is each visit's at either end, up to a length that the base
    pays for. A visit is paid as if it were its day's farthest, when it earns least. Ways obey the triangle
    inequality.
    """
    n = len(tour.minutes)
    officers = np.full(n, LARGEST_CREW)
    for question in questions:
        officers[question.visits] = np.minimum(officers[question.visits], question.officers)
    out, back = tour.travel[n, :n], tour.travel[:n, n]
    left = tour.travel[:n, :n] - np.maximum(out[None, :] - out[:, None], back[:, None] - back[None, :])
    never = (tour.last[:, None] < tour.first[None, :]) | (tour.last[None, :] < tour.first[:, None])
    left = np.where(never | np.eye(n, dtype=bool), np.inf, left)
    half = np.maximum(np.minimum(left, left.T).min(axis=1), 0.0) / 2
    best = np.zeros(n)
    for limit in np.linspace(0.0, 30.0, 31):
        room = np.maximum(longest + 2 * limit - out - back, 1.0)
        best = max(best, (officers + a_crew) * (tour.minutes + 2 * np.minimum(half, limit)) / room, key=np.sum)
    return best
