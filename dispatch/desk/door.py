"""The one door for every deed: a transaction that is done wholly, or refused with a trace of who tried."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from dispatch.desk.deed import why
from dispatch.desk.refusals import REFUSALS, Refusal
from dispatch.desk.rights import Rights
from dispatch.store.casebook import Casebook
from dispatch.store.ledger import REFUSED, Kind
from dispatch.store.writing import Actor, Writing, storable
from gis.schemas import BadInput, Fault


class Door:
    """Opens the casebook for one deed at a time.

    Parameters
    ----------
    casebook
        Where it is written.
    clock
        The present, aware; a deed's ``now`` overrides it.
    rights
        Who may do what; None for a door that only the program itself uses.
    """

    def __init__(
        self,
        casebook: Casebook,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        rights: Rights | None = None,
    ) -> None:
        self.casebook = casebook
        self.clock = clock
        self.rights = rights

    @contextmanager
    def deed(
        self,
        name: str,
        actor: str,
        kind: Kind,
        subject: str,
        now: datetime | None = None,
        team: str = "",
        place: str | frozenset[str] | None = None,
    ) -> Iterator[tuple[Writing, Actor]]:
        """The casebook and who writes; a refusal rises after an entry ``refused:<name>`` was left.

        ``place`` is where a new thing will lie, when there is no subject yet to say it; the actor must have the right
        in every one of several.

        Raises
        ------
        Refused
            When the actor has no right to it.
        BadInput
            When a word of the deed cannot be stored: it holds NUL or half a character. That too leaves an entry.
        """
        who = Actor(actor, now or self.clock(), name)
        try:
            with _half_characters_refused(who), self.casebook.writing() as page:
                for each in sorted(place) if isinstance(place, frozenset) else [place]:
                    self.allow(page, who, kind, subject, team, each)
                yield page, who
        except (*REFUSALS, BadInput) as refusal:
            with self.casebook.writing() as page:
                note_refusal(page, who, kind, subject, refusal, team)
            raise

    def allow(
        self, page: Writing, who: Actor, kind: Kind, subject: str, team: str = "", place: str | None = None
    ) -> None:
        """Raise ``Refused`` when the actor has no right to the deed."""
        if self.rights is not None:
            self.rights.check(page, who, kind, subject, team, place)


@contextmanager
def _half_characters_refused(who: Actor) -> Iterator[None]:
    """Where the database itself stumbles over a text, in an id that was looked for, say."""
    try:
        yield
    except UnicodeEncodeError as half:
        fault = Fault(f"deed {who.deed}", None, None, f"half a character in {half.object!a}", "text in UTF-8")
        raise BadInput(fault, advice="Take the character out and try again.") from half


def note_refusal(
    page: Writing, who: Actor, kind: Kind, subject: str, refusal: Refusal | BadInput, team: str = ""
) -> None:
    """Who tried what and why it was refused; the thing stays at its version.

    What cannot be stored as it was written stands in the entry as its ``ascii()``.
    """
    version = page.version_of(kind, subject) if storable(subject) else 0
    page.enter(
        Actor(_kept(who.name), who.at, REFUSED + _kept(who.deed)),
        kind,
        _kept(subject),
        team=_kept(team),
        version_before=version,
        version_after=version,
        details=_kept_all(_why(refusal)),
    )


def _why(refusal: Refusal | BadInput) -> dict[str, Any]:
    return {"why": "BadInput", "said": str(refusal)} if isinstance(refusal, BadInput) else why(refusal)


def _kept_all(told: Any) -> Any:
    if isinstance(told, dict):
        return {_kept(str(name)): _kept_all(value) for name, value in told.items()}
    if isinstance(told, list | tuple):
        return [_kept_all(value) for value in told]
    return _kept(told) if isinstance(told, str) else told


def _kept(text: str) -> str:
    return text if storable(text) else ascii(text)
