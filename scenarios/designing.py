"""Lists of powers designed for a place: given by what citizens ask for, taken back by what was used, played forward.

Two steps as in Huancui: what towns are given at first, and what is left a year later when only what is used often
enough stays. Each list is put in place of the place's own empowered rows and the city is played with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from dispatch.rulebook.competence import RuleBook
from dispatch.rulebook.listcheck import list_faults
from dispatch.rulebook.listdesign import (
    WORDINGS,
    Register,
    by_town,
    equal_weights,
    evaluated_on,
    first_case_guided,
    marks,
    score,
    zero_use,
)
from dispatch.rulebook.listoptimum import Lists, Terms, best_lists
from dispatch.rulebook.powers import Mode, Power
from scenarios.combing import Combed, comb
from scenarios.place import Scenario
from simulation.experiments import Laboratory, difference
from simulation.intervals import Estimate
from simulation.plan import StaffingPlan
from simulation.replications import Setup
from simulation.rules import compile_rules

Floats = NDArray[np.float64]
Marks = NDArray[np.bool_]

PAIR_MINUTES = 0.5 * 220 * 8 * 60.0
"""Half of a pair's 220 days of 8 hours is for new powers. Assumed."""
GIVE = Terms(price=0.4, least_uses=1.0, pair_minutes=PAIR_MINUTES)
"""At first: asked for once a year in a town, and worth 0.4 of a full mark. Assumed, not fitted."""
KEEP = Terms(price=0.4, least_uses=12.0, pair_minutes=PAIR_MINUTES)
"""A year later: once a month. Assumed, not fitted."""
VARIED = (
    ("price", 0.3),
    ("price", 0.5),
    ("given_from", 2.0),
    ("given_from", 6.0),
    ("kept_from", 6.0),
    ("kept_from", 24.0),
)
"""What is assumed of a list's worth and use, changed one at a time to see how the counts move."""
EFFECTS = ("closure_h_p50", "closure_h_p90", "escalated_share", "on_time_share", "utilisation")
STATES = ("nothing", "given", "kept")
ILLUSTRATIVE = "illustrative"


@dataclass(frozen=True, slots=True)
class Varied:
    """How many powers are given and kept with one assumption changed: ``price``, ``given_from`` or ``kept_from``."""

    assumption: str
    value: float
    given: int
    kept: int


@dataclass(frozen=True)
class Design:
    """Lists for the types of towns, and what goes with them.

    Attributes
    ----------
    scores
        Shape (powers, towns).
    given, kept
        What towns are given at first, and what is left a year later.
    unused, unused_now
        Shape (powers, towns): of what was given, and of what the place's lists give today, what a town never used.
    guided
        Shape (powers, towns): where the first case is guided by the department.
    given_on
        From when towns have what they are given: the day of the lists of the plan the city is played with.
    evaluated
        When what is given is looked at again, and what is not kept taken back.
    faults
        What the checker finds wrong with either list; nothing, unless there is an error.
    """

    combed: Combed
    wording: str
    criteria: Mapping[str, Floats]
    scores: Floats
    given: Lists
    kept: Lists
    unused: Marks
    unused_now: Marks
    guided: Marks
    given_on: date
    evaluated: date
    faults: tuple[str, ...]

    @property
    def taken_back(self) -> frozenset[str]:
        """What was given and is on no list any more."""
        return self.given.codes - self.kept.codes

    @property
    def last_day(self) -> date:
        """The last day on which what is taken back may be used."""
        return self.evaluated - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of a power on the list of a type of town a year after it was given.

    Attributes
    ----------
    row
        Of the register.
    score, uses
        Mean of the towns of the type; tickets a year in a town.
    unused
        Towns of the type without one use.
    why
        ``used`` often enough; ``seldom``: less than `KEEP` asks for; ``no_room``: others are worth more of the time.
    """

    kind: str
    row: int
    score: float
    uses: float
    unused: int
    stays: bool
    why: str


@dataclass(frozen=True)
class Effects:
    """Indicators of the whole place by state of the lists, and how far ``given`` and ``kept`` lie off ``nothing``.

    The differences are paired: every state met the same cities.
    """

    states: Mapping[str, Mapping[str, Estimate]]
    apart: Mapping[str, Mapping[str, Estimate]]


def design(scenario: Scenario, plan: StaffingPlan, powers: int, tickets: int, wording: str, seed: int) -> Design:
    """Lists for a place from a register of so many powers and a year of so many tickets.

    Parameters
    ----------
    wording
        ``haishu`` or ``chongqing``: which two things have to be easy.

    Raises
    ------
    KeyError
        When there is no such wording.
    ValueError
        When the register is to hold fewer powers than the catalogue, or the place has no types of towns.
    """
    if not scenario.rules.town_types:
        raise ValueError(f"{scenario.name} has no types of towns; lists are designed for types.")
    combed = comb(scenario, plan, powers, tickets, seed)
    register = combed.register
    scores = score(register, equal_weights(WORDINGS[wording]))
    given, kept = _two_steps(register, scores, GIVE, KEEP)
    held = by_town(register, given.chosen)
    faults = [
        fault
        for lists, terms in ((given, GIVE), (kept, KEEP))
        for fault in list_faults(register, lists.chosen, terms.pair_minutes, terms.least_uses)
    ]
    return Design(
        combed=combed,
        wording=wording,
        criteria={name.value: values for name, values in marks(register).items() if name in WORDINGS[wording]},
        scores=scores,
        given=given,
        kept=kept,
        unused=zero_use(held, register.uses),
        unused_now=zero_use(_held_now(register, scenario.rulebook), register.uses),
        guided=first_case_guided(held, np.zeros_like(register.uses)),
        given_on=plan.file.lists_on,
        evaluated=evaluated_on(plan.file.lists_on, scenario.rules.calendar),
        faults=tuple(faults),
    )


def effects(scenario: Scenario, setup: Setup, made: Design, replications: int, lab: Laboratory) -> Effects:
    """What the city does with nothing given, with the first lists, and with what is kept, on equal cities.

    What is made up in the register is in no rule book and has no effect here.
    """
    played = []
    for lists in (None, made.given, made.kept):
        chosen = lists.chosen if lists else {}
        book = with_lists(scenario.rulebook, scenario.rules.town_types, chosen, made.given_on)
        rules = compile_rules(setup.plan, book, setup.demand.matters, setup.ground, scenario.zone)
        playing = Setup(setup.plan, rules, setup.ground, setup.demand, setup.matters)
        played.append(lab.experiment(playing, replications))
    nothing = played[0]
    return Effects(
        {state: one.estimates[""] for state, one in zip(STATES, played, strict=True)},
        {state: difference(nothing, one)[""] for state, one in zip(STATES[1:], played[1:], strict=True)},
    )


def decisions(made: Design) -> list[Decision]:
    """What becomes of each power that a type of town was given, in the order of the lists, and why."""
    register = made.combed.register
    at = {one.code: row for row, one in enumerate(register.rows)}
    found = []
    for kind, codes in made.given.chosen.items():
        towns = register.of_type(kind)
        for code in codes:
            row = at[code]
            uses, stays = register.uses[row, towns], code in made.kept.chosen[kind]
            why = "used" if stays else "seldom" if uses.mean() < KEEP.least_uses else "no_room"
            unused = int(made.unused[row, towns].sum())
            found.append(
                Decision(kind, row, float(made.scores[row, towns].mean()), float(uses.mean()), unused, stays, why)
            )
    return found


def with_lists(
    book: RuleBook, types: Mapping[str, str], chosen: Mapping[str, Sequence[str]], given_on: date
) -> RuleBook:
    """The rule book with these powers, from that day on, in place of what towns are empowered to; the rest stays."""
    rest = [power for power in book.powers if power.mode is not Mode.EMPOWERED]
    new = [
        Power(code, town, town, Mode.EMPOWERED, book.matters[code].basis, "", given_on, None, ILLUSTRATIVE)
        for town, kind in types.items()
        for code in chosen.get(kind, ())
        if code in book.matters and town in book.bodies
    ]
    return RuleBook(book.matters, book.bodies, (*rest, *new))


def varied(made: Design) -> list[Varied]:
    """The counts with each of `VARIED` in place of what is assumed."""
    found = []
    for name, value in VARIED:
        give, keep = GIVE, KEEP
        if name == "price":
            give, keep = replace(GIVE, price=value), replace(KEEP, price=value)
        elif name == "given_from":
            give = replace(GIVE, least_uses=value)
        else:
            keep = replace(KEEP, least_uses=value)
        given, kept = _two_steps(made.combed.register, made.scores, give, keep)
        found.append(Varied(name, value, len(given.codes), len(kept.codes)))
    return found


def _held_now(register: Register, book: RuleBook) -> Marks:
    """What the place's lists empower each town to and have not taken back, shape (powers, towns)."""
    now = {(one.matter, one.town) for one in book.powers if one.mode is Mode.EMPOWERED and one.valid_to is None}
    return np.array([[(one.code, town) in now for town in register.towns] for one in register.rows])


def _two_steps(register: Register, scores: Floats, give: Terms, keep: Terms) -> tuple[Lists, Lists]:
    given = best_lists(register, scores, give)
    return given, _kept(given, best_lists(register, scores, keep))


def _kept(given: Lists, worth_keeping: Lists) -> Lists:
    """Of what each type was given, what is worth keeping; nothing new is given in the second step."""
    chosen = {
        kind: tuple(code for code in codes if code in worth_keeping.chosen[kind])
        for kind, codes in given.chosen.items()
    }
    return Lists(chosen, worth_keeping.worth, worth_keeping.proved)
