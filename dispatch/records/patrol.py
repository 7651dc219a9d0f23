"""What a patrol finds, and how far whoever found it may go: auxiliaries and grid workers find and dissuade, no more."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from dispatch.records.incident import WrongStep
from dispatch.records.team import Role


class Handling(StrEnum):
    """Where a finding stands."""

    FOUND = "found"
    DISSUADED = "dissuaded"
    ORDERED = "ordered"
    HANDED_ON = "handed_on"


ENDED = frozenset({Handling.ORDERED, Handling.HANDED_ON})


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
        Who found it, and as what; the role decides what else they may do.
    put_right
        Whether it was in order again when they left.
    incident
        Id of the incident it became, or empty.
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

    @property
    def self_handled(self) -> bool:
        """Whether it ended on the round itself: put right after a word or an order, no incident made of it."""
        return self.put_right and self.handling in (Handling.DISSUADED, Handling.ORDERED)

    def dissuaded(self, put_right: bool) -> Finding:
        """After a word with whoever caused it; everybody on patrol may do that."""
        self._not_after(Handling.DISSUADED)
        return replace(self, handling=Handling.DISSUADED, put_right=put_right)

    def ordered(self, put_right: bool) -> Finding:
        """After an order to put it right.

        Raises
        ------
        WrongStep
            When the finder is no certified officer.
        """
        self._not_after(Handling.ORDERED)
        if self.role is not Role.OFFICER:
            raise WrongStep(
                f"finding {self.id}: a {self.role} may find and dissuade; only an officer orders. Hand it on instead."
            )
        return replace(self, handling=Handling.ORDERED, put_right=put_right)

    def handed_on(self, incident: str) -> Finding:
        """Made an incident, for those who may act; the only way on where a word did not help.

        Raises
        ------
        WrongStep
            When it was put right already, or has ended.
        """
        self._not_after(Handling.HANDED_ON)
        if self.put_right:
            raise WrongStep(f"finding {self.id} was put right on the round; there is nothing to hand on.")
        return replace(self, handling=Handling.HANDED_ON, incident=incident)

    def _not_after(self, wanted: Handling) -> None:
        onward = self.handling is Handling.ORDERED and wanted is Handling.HANDED_ON
        if self.handling in ENDED and not onward:
            raise WrongStep(f"finding {self.id} is {self.handling}; it cannot be {wanted} any more.")
