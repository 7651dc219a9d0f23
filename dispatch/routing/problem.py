"""The question: which crew goes to which stops, in which order and when.

Times and distances are whole numbers in units the caller chooses (say seconds since midnight, and metres); nothing here
knows a clock, a coordinate or a law.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Value = TypeVar("Value")

NO_WAY = -1
"""An entry of the matrices that says: one cannot get there."""

LARGEST = 10**9
"""Times, distances, loads, prices and costs are at most this."""

LARGEST_SUM = 2**58
"""The engines add in 64 bits; a plan that leaves everything out has to stay below this."""


@dataclass(frozen=True, slots=True)
class Stop:
    """A place where a crew does something.

    Attributes
    ----------
    place
        Row of the matrices.
    service
        How long it takes.
    windows
        It begins within one of these, both ends included; in order and apart. None: at any time.
    load
        What it takes of a crew's capacity.
    price
        What leaving it out costs; None when it must be visited.
    skills
        What the crew must hold, all of them.
    """

    id: str
    place: int
    service: int = 0
    windows: tuple[tuple[int, int], ...] = ()
    load: int = 0
    price: int | None = None
    skills: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Break:
    """Time in which a crew neither serves nor drives.

    It begins from ``earliest`` to ``latest`` and lasts ``length``. A drive may be interrupted for it, a service may
    not. Before the crew leaves and after it is back it costs nothing; a crew does not leave or come back in its middle.
    """

    earliest: int
    latest: int
    length: int


@dataclass(frozen=True, slots=True)
class Crew:
    """People who go together, at most once.

    Attributes
    ----------
    start, end
        Rows of the matrices.
    shift
        It leaves and is back within these, both included; it leaves when it likes.
    longest
        From leaving to being back at most this; None: the whole shift.
    capacity
        None: no limit.
    fixed_cost
        What it costs that the crew goes at all.
    breaks
        In order, each over before the next may begin.
    """

    id: str
    start: int
    end: int
    shift: tuple[int, int]
    longest: int | None = None
    capacity: int | None = None
    fixed_cost: int = 0
    skills: frozenset[str] = frozenset()
    breaks: tuple[Break, ...] = ()


@dataclass(frozen=True, slots=True)
class Lock:
    """A stop that stays with a crew, whatever skills it asks for: it is done, or promised.

    Attributes
    ----------
    position
        It is the crew's stop number ``position``, the first is 0; None: anywhere.
    begins
        It begins exactly then, instead of in a window; None: in a window.
    before
        Ids of stops that come later when the same crew visits them.
    """

    stop: str
    crew: str
    position: int | None = None
    begins: int | None = None
    before: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Together:
    """Two stops of different crews that begin at most ``within`` apart; both are visited or neither."""

    first: str
    second: str
    within: int


@dataclass(frozen=True, slots=True, eq=False)
class RoutingProblem:
    """Stops, crews and the ways between their places; checked once, when it is made.

    What a plan costs: ``distance_cost`` times the distance, ``duration_cost`` times the time from leaving to being
    back, the fixed cost of every crew that goes, and the price of every stop left out.

    Attributes
    ----------
    distance, duration
        Shape (places, places): from row to column, at least 0, or ``NO_WAY`` in both.
    rows, lock_of
        The row of each stop by its id; the lock of a row, where there is one.
    alike
        Rows of crews, those together that differ in nothing but their id.

    Raises
    ------
    ValueError
        Names the stop, crew, lock or entry that cannot be, and says what would be right.
    """

    stops: tuple[Stop, ...]
    crews: tuple[Crew, ...]
    distance: Ints
    duration: Ints
    locks: tuple[Lock, ...] = ()
    together: tuple[Together, ...] = ()
    distance_cost: int = 1
    duration_cost: int = 0
    rows: dict[str, int] = field(init=False, repr=False)
    lock_of: dict[int, Lock] = field(init=False, repr=False)
    alike: tuple[tuple[int, ...], ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        _check_matrices(self)
        _check_ids(self)
        for stop in self.stops:
            _check_stop(stop, len(self.distance))
        for crew in self.crews:
            _check_crew(crew, len(self.distance))
        rows = {stop.id: row for row, stop in enumerate(self.stops)}
        object.__setattr__(self, "rows", rows)
        _check_locks(self)
        object.__setattr__(self, "lock_of", {rows[lock.stop]: lock for lock in self.locks})
        _check_together(self)
        _check_sums(self)
        object.__setattr__(self, "alike", _alike(self))

    @property
    def paired(self) -> dict[int, Together]:
        """The pair of each row that is in one."""
        return {self.rows[stop]: pair for pair in self.together for stop in (pair.first, pair.second)}

    def windows(self, row: int) -> tuple[tuple[int, int], ...]:
        """When the stop may begin: a locked moment, its windows, or always."""
        lock = self.lock_of.get(row)
        if lock is not None and lock.begins is not None:
            return ((lock.begins, lock.begins),)
        return self.stops[row].windows or ((-LARGEST, LARGEST),)

    def must(self, row: int) -> bool:
        """Whether the stop cannot be left out: it has no price, or it is locked."""
        return self.stops[row].price is None or row in self.lock_of

    def able(self, row: int, crew: int) -> bool:
        """Whether the crew may go there: it is locked to it, or to nobody and the crew holds the skills."""
        lock = self.lock_of.get(row)
        if lock is not None:
            return lock.crew == self.crews[crew].id
        return self.stops[row].skills <= self.crews[crew].skills

    def takes(self, row: int, crew: int) -> bool:
        """Whether the crew is able, large enough, and can get there and back."""
        stop, who = self.stops[row], self.crews[crew]
        return (
            self.able(row, crew)
            and (who.capacity is None or stop.load <= who.capacity)
            and self.duration[who.start, stop.place] != NO_WAY
            and self.duration[stop.place, who.end] != NO_WAY
        )


def _check_matrices(problem: RoutingProblem) -> None:
    for name, matrix in (("distance", problem.distance), ("duration", problem.duration)):
        if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or not np.issubdtype(matrix.dtype, np.integer):
            raise ValueError(f"{name} has shape {matrix.shape} of {matrix.dtype}; expected whole numbers, (n, n).")
        wrong = np.argwhere((matrix < NO_WAY) | (matrix > LARGEST))
        if len(wrong):
            i, j = wrong[0].tolist()
            raise ValueError(f"{name}[{i}, {j}] is {matrix[i, j]}; expected 0 to {LARGEST}, or {NO_WAY} for no way.")
    if problem.distance.shape != problem.duration.shape:
        raise ValueError(f"distance is {problem.distance.shape} and duration {problem.duration.shape}; expected one n.")
    differ = np.argwhere((problem.distance == NO_WAY) != (problem.duration == NO_WAY))
    if len(differ):
        i, j = differ[0].tolist()
        raise ValueError(f"distance and duration disagree whether there is a way from {i} to {j}.")
    for name, value in (("distance_cost", problem.distance_cost), ("duration_cost", problem.duration_cost)):
        _within(name, value, 0, LARGEST)


def _check_ids(problem: RoutingProblem) -> None:
    for kind, ids in (("stop", [stop.id for stop in problem.stops]), ("crew", [crew.id for crew in problem.crews])):
        again = _first_twice(ids)
        if again is not None:
            raise ValueError(f"{kind} {again!r} is there twice; expected each id once.")


def _check_stop(stop: Stop, places: int) -> None:
    name = f"stop {stop.id!r}"
    _within(f"{name}: place", stop.place, 0, places - 1)
    _within(f"{name}: service", stop.service, 0, LARGEST)
    _within(f"{name}: load", stop.load, 0, LARGEST)
    _within(f"{name}: price", 0 if stop.price is None else stop.price, 0, LARGEST)
    last = -LARGEST - 1
    for opens, closes in stop.windows:
        if not last < opens <= closes <= LARGEST:
            raise ValueError(
                f"{name}: window {opens} to {closes}; expected windows in order, each open before it closes."
            )
        last = closes


def _check_crew(crew: Crew, places: int) -> None:
    name = f"crew {crew.id!r}"
    _within(f"{name}: start", crew.start, 0, places - 1)
    _within(f"{name}: end", crew.end, 0, places - 1)
    begins, ends = crew.shift
    if not -LARGEST <= begins <= ends <= LARGEST:
        raise ValueError(f"{name}: shift {begins} to {ends}; expected to begin before it ends.")
    _within(f"{name}: longest", 0 if crew.longest is None else crew.longest, 0, LARGEST)
    _within(f"{name}: capacity", 0 if crew.capacity is None else crew.capacity, 0, LARGEST)
    _within(f"{name}: fixed_cost", crew.fixed_cost, 0, LARGEST)
    free_from = begins
    for rest in crew.breaks:
        if not (free_from <= rest.earliest <= rest.latest and rest.length > 0 and rest.latest + rest.length <= ends):
            raise ValueError(
                f"{name}: break of {rest.length} from {rest.earliest} to {rest.latest}; "
                f"expected to lie within {free_from} to {ends}, breaks in order and apart."
            )
        free_from = rest.latest + rest.length


def _check_locks(problem: RoutingProblem) -> None:
    crews = {crew.id for crew in problem.crews}
    again = _first_twice([lock.stop for lock in problem.locks])
    if again is not None:
        raise ValueError(f"stop {again!r} is locked twice; expected one lock a stop.")
    for lock in problem.locks:
        _known(lock.stop, problem.rows, "a lock")
        if lock.crew not in crews:
            raise ValueError(f"stop {lock.stop!r} is locked to crew {lock.crew!r}; expected one of {sorted(crews)}.")
        if lock.position is not None:
            _within(f"lock of stop {lock.stop!r}: position", lock.position, 0, len(problem.stops) - 1)
        if lock.begins is not None:
            _within(f"lock of stop {lock.stop!r}: begins", lock.begins, -LARGEST, LARGEST)
        for later in lock.before:
            _known(later, problem.rows, f"the lock of stop {lock.stop!r}")
    places = [(lock.crew, lock.position) for lock in problem.locks if lock.position is not None]
    twice = _first_twice(places)
    if twice is not None:
        raise ValueError(f"two stops are locked to position {twice[1]} of crew {twice[0]!r}; expected one.")
    _check_order(problem)


def _check_order(problem: RoutingProblem) -> None:
    """Stops that are all to come before each other would leave no order."""
    before = {lock.stop: set(lock.before) for lock in problem.locks}
    positions = {lock.stop: (lock.crew, lock.position) for lock in problem.locks if lock.position is not None}
    for lock in problem.locks:
        if lock.position is not None:
            crew = lock.crew
            before[lock.stop] |= {
                s for s, (c, p) in positions.items() if c == crew and p is not None and p > lock.position
            }
    while before:
        last = {stop for stop, later in before.items() if not later & before.keys()}
        if not last:
            raise ValueError(f"locks: {sorted(before)} are all to come before one another; expected an order.")
        before = {stop: later for stop, later in before.items() if stop not in last}


def _check_together(problem: RoutingProblem) -> None:
    for pair in problem.together:
        for stop in (pair.first, pair.second):
            _known(stop, problem.rows, "together")
        if pair.first == pair.second:
            raise ValueError(f"together: stop {pair.first!r} stands beside itself; expected two stops.")
        _within(f"together {pair.first!r}, {pair.second!r}: within", pair.within, 0, LARGEST)
    again = _first_twice([stop for pair in problem.together for stop in (pair.first, pair.second)])
    if again is not None:
        raise ValueError(f"together: stop {again!r} is in two pairs; expected one.")


def _check_sums(problem: RoutingProblem) -> None:
    if out_price(problem) * (len(problem.stops) + 1) >= LARGEST_SUM:
        raise ValueError("costs, prices and distances are so large that their sums do not fit; use coarser units.")


def _alike(problem: RoutingProblem) -> tuple[tuple[int, ...], ...]:
    own = {lock.crew for lock in problem.locks}
    kinds: dict[tuple[Crew, str], list[int]] = {}
    for row, crew in enumerate(problem.crews):
        kinds.setdefault((replace(crew, id=""), crew.id if crew.id in own else ""), []).append(row)
    return tuple(tuple(rows) for rows in kinds.values())


def out_price(problem: RoutingProblem) -> int:
    """More than any plan without left-out musts can cost: what the engines count for leaving out a must."""
    n, crews = len(problem.stops), len(problem.crews)
    farthest = int(problem.distance.max(initial=0)) * problem.distance_cost * (n + crews)
    longest = sum(crew.shift[1] - crew.shift[0] for crew in problem.crews) * problem.duration_cost
    fixed = sum(crew.fixed_cost for crew in problem.crews)
    return 1 + farthest + longest + fixed + sum(stop.price or 0 for stop in problem.stops)


def _known(stop: str, rows: dict[str, int], where: str) -> None:
    if stop not in rows:
        raise ValueError(f"{where} names stop {stop!r}, which is not among the {len(rows)} stops.")


def _within(name: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        raise ValueError(f"{name} is {value}; expected {least} to {most}.")


def _first_twice(values: Iterable[Value]) -> Value | None:
    return next((value for value, times in Counter(values).items() if times > 1), None)
