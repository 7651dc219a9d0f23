"""A town's patrol: what lies where, the rounds of a period with their stops, and what is found on them.

Auxiliaries and grid workers find and dissuade, no more.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from fractions import Fraction
from math import nan

from dispatch.records.incident import WrongStep
from dispatch.records.team import Officer, Role


@dataclass(frozen=True, slots=True)
class PatrolObject:
    """A place that the patrol list has items for: ``kind`` is the code of the list's object."""

    id: str
    kind: str
    name: str
    lon: float
    lat: float
    cell: str
    town: str


@dataclass(frozen=True, slots=True)
class ItemTerms:
    """What a plan kept of an item of the list: as the list stood on that day."""

    code: str
    object: str
    times: int
    every: str
    minutes: int


@dataclass(frozen=True, slots=True)
class PatrolPlan:
    """The patrol of a town for a period, and what is needed to draw it again.

    Attributes
    ----------
    days
        Its working days, in order.
    rounds_a_day, longest
        Of each beat; ``longest`` in minutes with the way from the base and back.
    seed, commitment
        What the rounds were drawn from, and its SHA-256, which stood in the ledger from the first moment on.
    items
        The list as it stood.
    weeks
        So many weeks of incidents before the plan made the risk.
    travel
        Beat to the fingerprint of its matrix of minutes.
    rules
        By which version of the rules cells were owed their passes; see ``dispatch.inspections.patrols``.
    """

    id: str
    town: str
    days: tuple[date, ...]
    rounds_a_day: int
    longest: int
    seed: str
    commitment: str
    algorithm: str
    lots: int
    made_at: datetime
    by: str
    items: tuple[ItemTerms, ...]
    weeks: int
    travel: dict[int, str]
    rules: int = 1

    def over(self, today: date) -> bool:
        """Whether its last day has passed."""
        return today > self.days[-1]


@dataclass(frozen=True, slots=True)
class PatrolledCell:
    """A cell in a plan: what lies there, its risk, and the passes it is owed.

    Attributes
    ----------
    objects
        Codes of the kinds of place that lie in it, sorted.
    lon, lat
        The point inside it that ways lead to.
    risk
        Factor on the list's frequencies; 1 is ordinary.
    incidents, found, behind
        What made the risk: incidents, findings of patrols, and how far its share of passes lay below the town's.
    spared
        Code of an item and how many looks of it are not owed, since patrols before have made them; by code.
    passes, short
        How often a round comes by, and how often none is there for it.
    """

    cell: str
    beat: int
    objects: tuple[str, ...]
    lon: float
    lat: float
    risk: Fraction = Fraction(1)
    incidents: int = 0
    found: int = 0
    behind: Fraction = Fraction(0)
    spared: tuple[tuple[str, int], ...] = ()
    passes: int = 0
    short: int = 0


class RoundStatus(StrEnum):
    """How far a round has come."""

    PLANNED = "planned"
    UNDER_WAY = "under_way"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class PatrolRound:
    """One round of a beat, the ``slot``-th of its period from 0; times aware, UTC."""

    id: str
    plan: str
    town: str
    beat: int
    day: date
    slot: int
    minutes: int
    team: str = ""
    begun_at: datetime | None = None
    ended_at: datetime | None = None
    said: str = ""
    version: int = 1

    @property
    def status(self) -> RoundStatus:
        if self.ended_at is not None:
            return RoundStatus.ENDED
        return RoundStatus.PLANNED if self.begun_at is None else RoundStatus.UNDER_WAY

    def begun(self, team: str, at: datetime) -> PatrolRound:
        """With the team that set out."""
        self._in(RoundStatus.PLANNED)
        return replace(self, team=team, begun_at=at, version=self.version + 1)

    def gone_on(self) -> PatrolRound:
        """Something was done on it."""
        self._in(RoundStatus.UNDER_WAY)
        return replace(self, version=self.version + 1)

    def ended(self, at: datetime, said: str) -> PatrolRound:
        """Over, with why, where something was not passed."""
        self._in(RoundStatus.UNDER_WAY)
        return replace(self, ended_at=at, said=said, version=self.version + 1)

    def _in(self, wanted: RoundStatus) -> None:
        if self.status is not wanted:
            raise WrongStep(f"round {self.id} is {self.status}; this is done while it is {wanted}.")


@dataclass(frozen=True, slots=True)
class RoundStop:
    """A cell on a round: the ``nth`` pass of it in the period, which was ``drawn`` for that slot.

    ``arrive`` counts minutes from the start of the round.
    """

    round: str
    number: int
    cell: str
    nth: int
    drawn: int
    items: tuple[str, ...]
    arrive: int
    minutes: int
    passed_at: datetime | None = None
    passed_by: str = ""

    def passed(self, at: datetime, by: str) -> RoundStop:
        """After somebody came by.

        Raises
        ------
        WrongStep
            When it was passed on this round before: a cell is owed one pass here, not two.
        """
        if self.passed_at is not None:
            raise WrongStep(f"cell {self.cell} was passed on round {self.round} before.")
        return replace(self, passed_at=at, passed_by=by)

    def taken_back(self) -> RoundStop:
        """As if nobody had come by: it was said by mistake.

        Raises
        ------
        WrongStep
            When nobody has said so.
        """
        if self.passed_at is None:
            raise WrongStep(f"cell {self.cell} was not passed on round {self.round}; there is nothing to take back.")
        return replace(self, passed_at=None, passed_by="")


@dataclass(frozen=True, slots=True)
class PassLeftOut:
    """A pass that is on no round: for which slot it was drawn, and why it has none."""

    cell: str
    nth: int
    drawn: int
    reason: str


class Handling(StrEnum):
    """Where a finding stands."""

    FOUND = "found"
    DISSUADED = "dissuaded"
    ORDERED = "ordered"
    HANDED_ON = "handed_on"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something out of order on a round.

    Attributes
    ----------
    item
        Code of the patrol list's item.
    found_at
        Aware, UTC.
    finder, role
        Who found it, and as what.
    put_right
        Whether it was in order again when they left.
    incident
        Id of the incident it became, or empty.
    said
        What was said to whoever caused it, or ordered.
    lon, lat
        Where exactly in the cell, WGS84 degrees; NaN where nobody knows.
    handled_by
        Who last spoke to whoever caused it, or ordered.
    """

    id: str
    cell: str
    item: str
    text: str
    found_at: datetime
    finder: str
    role: Role
    handling: Handling = Handling.FOUND
    put_right: bool = False
    incident: str = ""
    round: str = ""
    said: str = ""
    version: int = 1
    lon: float = nan
    lat: float = nan
    handled_by: str = ""

    @property
    def open(self) -> bool:
        """Whether somebody still has to say what becomes of it."""
        return not self.put_right and self.handling is not Handling.HANDED_ON

    @property
    def self_handled(self) -> bool:
        """Whether it ended on the round itself: put right after a word or an order, no incident made of it."""
        return self.put_right and self.handling in (Handling.DISSUADED, Handling.ORDERED)

    def dissuaded(self, by: Officer, put_right: bool, said: str = "") -> Finding:
        """After a word with whoever caused it; everybody on patrol may do that.

        Raises
        ------
        WrongStep
            When it is no longer open, or somebody has ordered already.
        """
        self._while_open(Handling.DISSUADED)
        if self.handling is Handling.ORDERED:
            raise WrongStep(f"finding {self.id} is ordered; it can be ordered again or handed on.")
        return self._handled(Handling.DISSUADED, by, put_right, said)

    def ordered(self, by: Officer, put_right: bool, said: str = "") -> Finding:
        """After an order to put it right; a second one says that the first was heeded late.

        An officer may order what an auxiliary found.

        Raises
        ------
        WrongStep
            When whoever orders is no officer, or it is no longer open.
        """
        self._while_open(Handling.ORDERED)
        if by.role is not Role.OFFICER:
            raise WrongStep(
                f"finding {self.id}: a {by.role} may find and dissuade; only an officer orders. Hand it on instead."
            )
        return self._handled(Handling.ORDERED, by, put_right, said)

    def handed_on(self, incident: str) -> Finding:
        """Made an incident, for those who may act; the only way on where neither a word nor an order helped.

        Raises
        ------
        WrongStep
            When it was put right, or handed on before.
        """
        self._while_open(Handling.HANDED_ON)
        return replace(self, handling=Handling.HANDED_ON, incident=incident, version=self.version + 1)

    def _handled(self, how: Handling, by: Officer, put_right: bool, said: str) -> Finding:
        words = said or self.said
        return replace(self, handling=how, handled_by=by.id, put_right=put_right, said=words, version=self.version + 1)

    def _while_open(self, wanted: Handling) -> None:
        if not self.open:
            state = "put right on the round" if self.put_right else str(self.handling)
            raise WrongStep(f"finding {self.id} is {state}; it cannot be {wanted} any more.")
