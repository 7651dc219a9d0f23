"""The one door for every deed: a transaction that is done wholly, or refused with a trace of who tried."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

from dispatch.desk.deed import why
from dispatch.desk.refusals import REFUSALS, Refusal
from dispatch.store.casebook import Casebook
from dispatch.store.ledger import REFUSED, Kind
from dispatch.store.writing import Actor, Writing


class Door:
    """Opens the casebook for one deed at a time.

    Parameters
    ----------
    casebook
        Where it is written.
    clock
        The present, aware; a deed's ``now`` overrides it.
    """

    def __init__(self, casebook: Casebook, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.casebook = casebook
        self.clock = clock

    @contextmanager
    def deed(
        self, name: str, actor: str, kind: Kind, subject: str, now: datetime | None = None, team: str = ""
    ) -> Iterator[tuple[Writing, Actor]]:
        """The casebook and who writes; a refusal rises after an entry ``refused:<name>`` was left."""
        who = Actor(actor, now or self.clock(), name)
        try:
            with self.casebook.writing() as page:
                yield page, who
        except REFUSALS as refusal:
            with self.casebook.writing() as page:
                note_refusal(page, who, kind, subject, refusal, team)
            raise


def note_refusal(page: Writing, who: Actor, kind: Kind, subject: str, refusal: Refusal, team: str = "") -> None:
    """Who tried what and why it was refused; the thing stays at its version."""
    version = page.version_of(kind, subject)
    page.enter(
        replace(who, deed=REFUSED + who.deed),
        kind,
        subject,
        team=team,
        version_before=version,
        version_after=version,
        details=why(refusal),
    )
