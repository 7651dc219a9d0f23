"""Which powers towns should be given: a score of each power in each town, what nobody uses, what goes with a list.

"Three high, two easy": used often (高频率), by several departments (高综合), asked for again and again (高需求),
and easy in two ways, which Haishu words as easy to take on (易承接) and to carry out (易操作), Chongqing as easy
to find (易发现) and to deal with (易处置).

References
----------
Answer of the Haishu comprehensive enforcement bureau to proposal 217, 29 June 2023; answer of the Chongqing Bureau of
Justice to suggestion 0513, 29 March 2024. Neither gives formulas or weights; those here are the project's own.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from dispatch.rulebook.calendar import Calendar

Floats = NDArray[np.float64]
Marks = NDArray[np.bool_]

OFTEN_A_YEAR = 12.0
"""Once a month in a town is as often as it needs to be for a full mark. The project's own."""
EASILY_TAKEN = 4
"""Two lawful pairs certified for the field are a full mark. The project's own."""
PAIR = 2
MONTHS_TO_EVALUATION = 12
STEPS = ("confirmed", "handed_over", "connected", "trained", "shadowed", "first_case_guided")
"""What goes before and with a power's first use in a town (Huancui's hand-over mechanism), in this order."""


class Criterion(StrEnum):
    """What a power is scored by in a town."""

    OFTEN = "often"
    SEVERAL = "several"
    WANTED = "wanted"
    TAKEN_ON = "taken_on"
    CARRIED_OUT = "carried_out"
    FOUND = "found"
    DEALT_WITH = "dealt_with"


HIGH = (Criterion.OFTEN, Criterion.SEVERAL, Criterion.WANTED)
HAISHU = (*HIGH, Criterion.TAKEN_ON, Criterion.CARRIED_OUT)
CHONGQING = (*HIGH, Criterion.FOUND, Criterion.DEALT_WITH)
WORDINGS = {"haishu": HAISHU, "chongqing": CHONGQING}


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """A power that could be given.

    Attributes
    ----------
    field
        Certificate that two officers must hold.
    minutes
        Of a lawful pair for one use, above 0.
    found, simple
        Whether it shows on the street, and whether it usually takes the simple procedure.
    synthetic
        Whether it is made up, since the register is not published.
    """

    code: str
    name: str
    field: str
    minutes: float
    found: bool
    simple: bool
    synthetic: bool = False


@dataclass(frozen=True)
class Register:
    """The powers beside what was asked of them in a year, town by town.

    Attributes
    ----------
    towns, types
        Codes, and the type of each.
    uses
        Shape (powers, towns): tickets a year that fall under the power.
    several, again
        Shape (powers, towns): how many of these take more than one department; repeat one of the last 30 days.
    certified
        By field, shape (towns,): officers who hold the certificate.
    """

    rows: tuple[RegisterRow, ...]
    towns: tuple[str, ...]
    types: tuple[str, ...]
    uses: Floats
    several: Floats
    again: Floats
    certified: Mapping[str, Floats]

    def __post_init__(self) -> None:
        shape = (len(self.rows), len(self.towns))
        for name in ("uses", "several", "again"):
            values = getattr(self, name)
            if values.shape != shape or not (values >= 0).all():
                raise ValueError(f"{name} has shape {values.shape}; expected {shape} with numbers of 0 or more.")
        if len(self.types) != len(self.towns):
            raise ValueError(f"{len(self.types)} types for {len(self.towns)} towns; expected one each.")

    def officers(self, field: str) -> Floats:
        """Certified officers of a field by town; none where nobody holds it."""
        return np.asarray(self.certified.get(field, np.zeros(len(self.towns))), dtype=np.float64)

    def of_type(self, kind: str) -> NDArray[np.intp]:
        """Rows of the towns of a type."""
        return np.flatnonzero(np.array([each == kind for each in self.types]))

    @property
    def kinds(self) -> tuple[str, ...]:
        """The types there are, in the order of the towns."""
        return tuple(dict.fromkeys(self.types))


def marks(register: Register) -> dict[Criterion, Floats]:
    """Every criterion of every power in every town, from 0 to 1, shape (powers, towns)."""
    uses, shape = register.uses, register.uses.shape
    officers = np.array([register.officers(one.field) for one in register.rows]).reshape(shape)

    def of_power(values: Sequence[bool]) -> Floats:
        return np.broadcast_to(np.array(values, dtype=np.float64).reshape(-1, 1), shape)

    simple = of_power([one.simple for one in register.rows])
    return {
        Criterion.OFTEN: np.minimum(uses / OFTEN_A_YEAR, 1.0),
        Criterion.SEVERAL: _share(register.several, uses),
        Criterion.WANTED: _share(register.again, uses),
        Criterion.TAKEN_ON: np.minimum(np.where(officers < PAIR, 0.0, officers / EASILY_TAKEN), 1.0),
        Criterion.CARRIED_OUT: simple,
        Criterion.FOUND: of_power([one.found for one in register.rows]),
        Criterion.DEALT_WITH: simple,
    }


def score(register: Register, weights: Mapping[Criterion, float]) -> Floats:
    """The weighted mean of the criteria, shape (powers, towns); 0 where nothing was asked of the power.

    Raises
    ------
    ValueError
        When no weight is above 0 or one is below it.
    """
    if min(weights.values(), default=0.0) < 0 or sum(weights.values()) <= 0:
        raise ValueError(f"weights are {dict(weights)}; expected numbers of 0 or more, one of them above 0.")
    told = marks(register)
    total = sum((weight * told[name] for name, weight in weights.items()), np.zeros(register.uses.shape))
    return np.where(register.uses > 0, total / sum(weights.values()), 0.0)


def equal_weights(wording: Collection[Criterion]) -> dict[Criterion, float]:
    """Every criterion counts alike; neither document weighs them."""
    return dict.fromkeys(wording, 1.0)


def zero_use(given: Marks, uses: Floats) -> Marks:
    """What a town holds and has not used once in the year, shape (powers, towns) as both."""
    return np.asarray(given & (uses == 0), dtype=np.bool_)


def by_town(register: Register, chosen: Mapping[str, Collection[str]]) -> Marks:
    """Lists by type of town as marks, shape (powers, towns)."""
    return np.array([[one.code in chosen.get(kind, ()) for kind in register.types] for one in register.rows])


def first_case_guided(given: Marks, used_before: Floats) -> Marks:
    """Where a town's next case under a power is its first, so that the department guides it (首案必指导)."""
    return np.asarray(given & (used_before == 0), dtype=np.bool_)


def evaluated_on(given_on: date, calendar: Calendar) -> date:
    """When a power that was given is to be looked at again: the first working day a year later.

    References
    ----------
    Administrative Penalty Law, article 24: powers given to towns are evaluated from time to time. The year is ours.
    """
    months = given_on.month - 1 + MONTHS_TO_EVALUATION
    year, month = given_on.year + months // 12, months % 12 + 1
    day = 28 if (given_on.month, given_on.day) == (2, 29) else given_on.day
    return calendar.working_day_from(date(year, month, day))


def _share(part: Floats, whole: Floats) -> Floats:
    return np.divide(part, whole, out=np.zeros_like(whole), where=whole > 0)
