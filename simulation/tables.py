"""What both engines read: who stands where and may be asked, and what happens to whom, as plain columns.

Nothing is decided here and nothing is drawn while the city runs. A `Force` is compiled once from a staffing plan and
the rule book; `Work` holds every incident with all its chances, drawn before the city begins.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Whole = NDArray[np.int32]
Marks = NDArray[np.bool_]

ALONE, PAIR = 1, 2
"""How many officers a step takes; an act on the street takes a lawful pair (Administrative Penalty Law, article 42)."""


class Kind(IntEnum):
    """What a step of an incident is."""

    SCENE = 0
    """Officers of the first desk that may, on the spot."""
    HELP = 1
    """Whistled for: another body comes to the spot."""
    RETURNED = 2
    """Another body looks at it at its desk and sends it back."""
    ESCALATED = 3
    """Handed up for good: a brigade goes to the spot."""
    STEP = 4
    """A step of an ordinary case, at the desk."""
    REVIEW = 5
    """A reviewer reads the file."""


@dataclass(frozen=True)
class Force:
    """Who stands where, with what, and in which order desks are asked.

    Attributes
    ----------
    pace
        Shape (desks,): how long work takes at each desk, 1 as drawn.
    seconds
        Shape (desks, cells): the way from the desk to the cell, inf where there is none.
    certified
        Shape (officers, fields): who holds which certificate. A lower row is taken first.
    duty_start, duty_end, duty_officer, duty_desk
        Shape (duties,): who is at which desk from when until when, by start.
    order_of
        Shape (asks, cells): which row of the orders answers for what is asked from this cell.
    order_start, order_desk
        Row r asks the desks ``order_desk[order_start[r]:order_start[r + 1]]``, the first one first.
    patrol_desk
        Shape (cells,): whose patrols pass, -1 for nobody's.
    """

    pace: Floats
    seconds: Floats
    certified: Marks
    duty_start: Floats
    duty_end: Floats
    duty_officer: Whole
    duty_desk: Whole
    order_of: Whole
    order_start: Whole
    order_desk: Whole
    patrol_desk: Whole

    def __post_init__(self) -> None:
        _typed(self, np.float64, "pace", "seconds", "duty_start", "duty_end")
        _typed(self, np.int32, "duty_officer", "duty_desk", "order_of", "order_start", "order_desk", "patrol_desk")
        _typed(self, np.bool_, "certified")
        desks, cells = self.seconds.shape
        _must(self.pace.shape == (desks,), "pace needs one number a desk")
        _must(bool((self.pace > 0).all()), "pace must be above 0")
        _must(not (np.isnan(self.seconds) | (self.seconds < 0)).any(), "seconds must be 0 or more, inf without a way")
        _must(bool((np.diff(self.duty_start) >= 0).all()), "duties must stand by their start")
        _must(_inside(self.duty_officer, len(self.certified)), "duty_officer names an officer who is not there")
        _must(_inside(self.duty_desk, desks), "duty_desk names a desk that is not there")
        _must(_inside(self.order_desk, desks), "order_desk names a desk that is not there")
        rows = np.repeat(np.arange(len(self.order_start) - 1), np.diff(self.order_start))
        twice = len(np.unique(np.column_stack((rows, self.order_desk)), axis=0)) < len(rows)
        _must(not twice, "an order names a desk twice")
        _must(_inside(self.order_of, len(self.order_start) - 1), "order_of names a row that is not there")
        _must(self.order_of.shape[1] == cells and self.patrol_desk.shape == (cells,), "one column a cell is needed")

    @property
    def desks(self) -> int:
        return len(self.pace)

    @property
    def officers(self) -> int:
        return len(self.certified)

    @property
    def longest_order(self) -> int:
        """How many desks are asked at most."""
        return int(np.diff(self.order_start).max(initial=0))

    def members(self) -> tuple[Whole, Whole]:
        """Who ever stands at each desk: ``start`` (desks + 1,) and the officers, lower rows first."""
        stands = np.zeros((self.desks, self.officers), np.bool_)  # duties are many, desks and officers few
        stands[self.duty_desk, self.duty_officer] = True
        desk, officer = stands.nonzero()
        return np.searchsorted(desk, np.arange(self.desks + 1)).astype(np.int32), officer.astype(np.int32)

    def without(self, absent: Marks) -> Force:
        """The same force where these duties (a mark each) are not done."""
        kept = {name: getattr(self, name)[~absent] for name in ("duty_start", "duty_end", "duty_officer", "duty_desk")}
        return Force(**{**self.__dict__, **kept})


@dataclass(frozen=True)
class Work:
    """Every incident and its steps, all chances drawn. ``n`` incidents, ``m`` steps.

    Attributes
    ----------
    told_s
        Shape (n,): when a citizen reports it.
    pass_s, pass_every_s
        Shape (n,): when a patrol first comes by, and how often; a first pass at or after ``told_s`` finds nothing new.
    cell, priority
        Shape (n,): priority 0 goes first.
    stretch
        Shape (n,): how much longer the way is than the table says.
    step_start
        Shape (n + 1,): its steps are ``step_start[i]`` to ``step_start[i + 1]``; every incident has at least one.
    kind, asks, field, need
        Shape (m,): a `Kind`; the row of ``Force.order_of``; the certificate; how many officers.
    pause_s, work_s
        Shape (m,): how long it rests before the step, holding nobody, and how long the officers then work.
    goes
        Shape (m,): whether they go to the spot and back.
    waits
        Whether what nobody can take now stands in line; otherwise it is lost.
    """

    told_s: Floats
    pass_s: Floats
    pass_every_s: Floats
    cell: Whole
    priority: Whole
    stretch: Floats
    step_start: NDArray[np.int64]
    kind: NDArray[np.int8]
    asks: Whole
    field: Whole
    need: NDArray[np.int8]
    pause_s: Floats
    work_s: Floats
    goes: Marks
    waits: bool = True

    def __post_init__(self) -> None:
        _typed(self, np.float64, "told_s", "pass_s", "pass_every_s", "stretch", "pause_s", "work_s")
        _typed(self, np.int32, "cell", "priority", "asks", "field")
        _typed(self, np.int8, "kind", "need")
        _typed(self, np.int64, "step_start")
        _typed(self, np.bool_, "goes")
        _must(bool((np.diff(self.enters_s) >= 0).all()), "incidents must stand in the order in which they can be known")
        _must(bool((np.diff(self.step_start) >= 1).all()), "every incident needs a step")
        for name in ("told_s", "stretch", "pause_s", "work_s"):
            times = getattr(self, name)
            _must(bool((np.isfinite(times) & (times >= 0)).all()), f"{name} must be 0 or more")
        _must(bool((self.pass_every_s > 0).all()), "pass_every_s must be above 0, inf for no further pass")
        _must(bool(np.isin(self.need, (ALONE, PAIR)).all()), "a step takes one officer or two")

    def __len__(self) -> int:
        return len(self.told_s)

    @property
    def enters_s(self) -> Floats:
        """When somebody first can know of it, shape (n,)."""
        return np.asarray(np.minimum(self.told_s, self.pass_s))

    def desks_asked(self, force: Force) -> list[list[int]]:
        """Which desks of the force each step asks, in their order, shape (m,) of lists; equal orders are one list."""
        rows = [force.order_desk[begin:end].tolist() for begin, end in pairwise(force.order_start)]
        cells = np.repeat(self.cell, np.diff(self.step_start))
        return [rows[row] for row in force.order_of[self.asks, cells].tolist()]


def fits(force: Force, work: Work) -> None:
    """Refuse work that asks for cells, orders or certificates that the force does not know."""
    asks, cells = force.order_of.shape
    _must(_inside(work.cell, cells), "cell names a cell that is not there")
    _must(_inside(work.asks, asks), "asks names an order that is not there")
    _must(_inside(work.field, force.certified.shape[1]), "field names a certificate that is not there")
    _must(bool((work.priority >= 0).all()), "priority must be 0 or more")


def orders(rows: list[list[int]]) -> tuple[Whole, Whole]:
    """Orders as ``order_start`` and ``order_desk``.

    Examples
    --------
    >>> orders([[2, 0], [1]])
    (array([0, 2, 3], dtype=int32), array([2, 0, 1], dtype=int32))
    """
    start = np.concatenate(([0], np.cumsum([len(row) for row in rows])))
    return start.astype(np.int32), np.array([desk for row in rows for desk in row], dtype=np.int32)


def always(officers: int) -> tuple[Floats, Floats]:
    """Start and end of duties of officers who never go home."""
    return np.zeros(officers), np.full(officers, np.inf)


def never(n: int) -> tuple[Floats, Floats]:
    """First pass and interval of incidents that no patrol comes by."""
    return np.full(n, np.inf), np.full(n, np.inf)


def _typed(thing: object, dtype: type, *names: str) -> None:
    for name in names:
        values: ArrayLike = getattr(thing, name)
        # Writable too, or the compiled city would be compiled a second time for columns that are not.
        object.__setattr__(thing, name, np.require(values, dtype, ["C", "W"]))


def _inside(rows: Whole, size: int) -> bool:
    return bool(((rows >= 0) & (rows < size)).all())


def _must(holds: bool, what: str) -> None:
    if not holds:
        raise ValueError(f"{what}.")
