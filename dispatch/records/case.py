"""A case: one party held to one matter, from filing to the archive, with the stamp of every step.

Which steps a procedure has and what each needs is the rule book's (``dispatch.rulebook.procedures``); the record only
keeps what was done.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from dispatch.records.incident import WrongStep

Fact = str | int | float | bool


class Procedure(StrEnum):
    """Which procedure of the Administrative Penalty Law is followed (articles 51 and 54)."""

    SIMPLE = "simple"
    ORDINARY = "ordinary"


class PartyKind(StrEnum):
    """The thresholds of article 51 differ for the two."""

    CITIZEN = "citizen"
    ORGANISATION = "organisation"


class Outcome(StrEnum):
    """What was decided. No amount of money follows from the word alone."""

    NO_PENALTY = "no_penalty"
    WARNING = "warning"
    FINE = "fine"
    WITHDRAWN = "withdrawn"
    TRANSFERRED = "transferred"


@dataclass(frozen=True, slots=True)
class Party:
    """Whom the case is about. ``id`` finds earlier cases again: a credit code or a person's number."""

    id: str
    name: str
    kind: PartyKind


@dataclass(frozen=True, slots=True)
class Stamp:
    """One step done.

    Attributes
    ----------
    at
        Aware, UTC.
    by
        Who did it at the desk.
    officers
        Ids of those who acted, two where the law wants two.
    act_code
        The public code of this act.
    facts
        What this step established.
    """

    step: str
    at: datetime
    by: str
    officers: tuple[str, ...] = ()
    act_code: str = ""
    facts: Mapping[str, Fact] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Case:
    """One case as it was made; every step returns a new record.

    Attributes
    ----------
    incident
        Id of the incident it came from, or empty.
    matter
        Code in the catalogue.
    town
        9-digit town of the act.
    body, mode, letterhead, basis
        Who acts, by what right (``dispatch.rulebook.powers.Mode``), in whose name and on which clause.
    facts
        Everything established so far, a later step over an earlier one.
    outcome, fine_yuan
        None and 0 until decided.
    """

    id: str
    incident: str
    matter: str
    town: str
    body: str
    mode: str
    letterhead: str
    basis: str
    party: Party
    procedure: Procedure
    filed_at: datetime
    stamps: tuple[Stamp, ...] = ()
    facts: Mapping[str, Fact] = field(default_factory=dict)
    outcome: Outcome | None = None
    fine_yuan: int = 0
    closed_at: datetime | None = None
    version: int = 1

    @property
    def open(self) -> bool:
        return self.closed_at is None

    def stamp(self, step: str) -> Stamp | None:
        """The last stamp of this step, or None while it has not been done."""
        return next((stamp for stamp in reversed(self.stamps) if stamp.step == step), None)

    def stamped(self, stamp: Stamp) -> Case:
        """One step further; its facts are the case's from now on."""
        self._must_be_open("taken further")
        return self._next(stamps=(*self.stamps, stamp), facts={**self.facts, **stamp.facts})

    def decided(self, stamp: Stamp, outcome: Outcome, fine_yuan: int) -> Case:
        """The decision, with its stamp."""
        self._must_be_open("decided")
        done = self.stamped(stamp)
        return replace(done, outcome=outcome, fine_yuan=fine_yuan)

    def turned(self, procedure: Procedure) -> Case:
        """Taken on under the other procedure, while nothing is decided."""
        self._must_be_open("turned")
        if self.outcome is not None:
            raise WrongStep(f"Case {self.id} is decided; its procedure can be changed only before the decision.")
        return self._next(procedure=procedure)

    def closed(self, stamp: Stamp) -> Case:
        """The file complete and archived."""
        return replace(self.stamped(stamp), closed_at=stamp.at)

    def _must_be_open(self, deed: str) -> None:
        if not self.open:
            raise WrongStep(f"Case {self.id} is closed; it can be {deed} only while it is open.")

    def _next(self, **changes: object) -> Case:
        return replace(self, version=self.version + 1, **changes)  # type: ignore[arg-type]
