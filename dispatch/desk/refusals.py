"""How the desk says no: by law, because somebody was quicker, or because the thing is not there."""

from __future__ import annotations

from collections.abc import Sequence

from dispatch.records.incident import WrongStep
from dispatch.records.reason import Reason
from dispatch.store.ledger import Entry

REFUSAL_REASONS = ("and_more",)  # n
MOST_TOLD = 5
"""So many reasons are read; a calendar of a whole town may break hundreds of rules."""


def first_of(reasons: Sequence[Reason]) -> tuple[Reason, ...]:
    """At most :data:`MOST_TOLD` of these reasons, with ``and_more`` for those that are left untold."""
    untold = len(reasons) - MOST_TOLD
    more = (Reason("and_more", False, {"n": untold}),) if untold > 0 else ()
    return (*reasons[:MOST_TOLD], *more)


class Refused(Exception):  # noqa: N818 - it is the desk's answer, and read as one
    """A deed that the law or the state of things forbids, with every reason.

    Parameters
    ----------
    *reasons
        At least one, each with ``good`` false.
    """

    def __init__(self, *reasons: Reason) -> None:
        self.reasons = reasons
        super().__init__("; ".join(str(reason) for reason in reasons))


class Conflict(Exception):  # noqa: N818
    """Somebody else was quicker.

    Attributes
    ----------
    subject
        Id of the thing that is not as the actor last saw it.
    by
        The deed that came first: who (``actor``), what (``deed``) and when (``at``); None when the book does not say.
    """

    def __init__(self, subject: str, by: Entry | None, happened: str) -> None:
        self.subject = subject
        self.by = by
        super().__init__(f"{happened}{_told(by)}. Nothing was changed; look again and decide anew.")


class Stale(Conflict):
    """The thing has changed since the actor saw it.

    Attributes
    ----------
    expected, found
        The version the actor saw and the version there is.
    """

    def __init__(self, kind: str, subject: str, expected: int, found: int, by: Entry | None) -> None:
        self.expected = expected
        self.found = found
        super().__init__(subject, by, f"{kind.capitalize()} {subject} is at version {found}, you saw {expected}")


class Taken(Conflict):
    """The incident has a team, or the team an incident: ``other`` is the one it has."""

    def __init__(self, kind: str, subject: str, other: str, by: Entry | None) -> None:
        self.other = other
        super().__init__(subject, by, f"{kind.capitalize()} {subject} is already taken, with {other}")


class Unknown(LookupError):  # noqa: N818
    """Nothing of that kind and id is in the book."""

    def __init__(self, kind: str, subject: str) -> None:
        self.subject = subject
        super().__init__(f"There is no {kind} {subject!r} in the casebook; it may have left the roster or be mistyped.")


class BatchRefused(Exception):  # noqa: N818
    """Not one of a batch was assigned, since these could not be.

    Attributes
    ----------
    problems
        Incident id and what stands against it, in the order of the batch.
    """

    def __init__(self, problems: tuple[tuple[str, Refusal], ...]) -> None:
        self.problems = problems
        told = "; ".join(str(problem) for _, problem in problems[:MOST_TOLD])
        untold = len(problems) - MOST_TOLD
        more = f"; and {untold} more" if untold > 0 else ""
        super().__init__(f"Nothing of the batch was assigned: {told}{more}")


Refusal = Refused | Conflict | WrongStep | Unknown
"""What one deed on one incident can be refused with; each leaves an entry that says who tried."""

REFUSALS = (Refused, Conflict, WrongStep, Unknown)


def _told(by: Entry | None) -> str:
    if by is None:
        return ""
    return f" (last deed: {by.deed} by {by.actor} at {by.at:%Y-%m-%d %H:%M:%S} UTC)"
