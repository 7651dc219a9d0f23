"""The ledger: every deed in the order it was done, each entry chained to the one before by its hash.

An entry's hash covers every one of its columns and the hash before it, so an entry that was altered, taken out,
put in or moved breaks the chain at that place. The casebook keeps the number of entries and the last hash beside
the ledger, so entries missing at the end are found too. Whoever can write to the database could still forge the
whole chain anew: keep the head that :func:`verify` returns somewhere else (print it, mail it) to find that as well.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, CursorResult, Row, and_, or_, select
from sqlalchemy.exc import DBAPIError

from dispatch.store.tables import LEDGER, STATE

START = "0" * 64
REFUSED = "refused:"


class Kind(StrEnum):
    """What kind of thing an entry is about."""

    INCIDENT = "incident"
    TEAM = "team"
    ROSTER = "roster"
    FILE = "file"
    SETTING = "setting"
    CASE = "case"
    TASK = "task"
    LIST = "list"
    DISPUTE = "dispute"
    LIAISON = "liaison"
    EVIDENCE = "evidence"
    SHIFT = "shift"
    PERSON = "person"
    KEY = "key"
    HOOK = "hook"
    INSPECTION = "inspection"
    PATROL = "patrol"
    PLAN = "plan"
    APPRAISAL = "appraisal"
    OBJECTION = "objection"
    FILE_REVIEW = "file_review"


class Line(NamedTuple):
    """An entry as the table keeps it, all columns in order."""

    sequence: int
    at: str
    actor: str
    deed: str
    kind: str
    subject: str
    team: str
    version_before: int
    version_after: int
    details: str
    previous: str
    hash: str


class _NoText(TypeError):  # noqa: N818
    """A column that should hold text holds a number, or nothing."""


@dataclass(frozen=True, slots=True)
class Head:
    """Where the chain ends: how many entries there are and the hash of the last."""

    entries: int = 0
    hash: str = START


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the ledger.

    Attributes
    ----------
    at
        Aware, UTC: when the deed was done.
    deed
        ``assign``, ``close`` …; ``refused:assign`` when somebody tried and was refused.
    subject, kind
        Id and kind of the thing the deed was done to.
    team
        Id of the team concerned, or empty.
    version_before, version_after
        Of the subject; equal when nothing was changed, 0 before it existed.
    details
        ``set`` and ``was`` hold the changed fields, new and old; other words belong to the deed.
    """

    sequence: int
    at: datetime
    actor: str
    deed: str
    kind: str
    subject: str
    team: str
    version_before: int
    version_after: int
    details: Mapping[str, Any]
    hash: str
    previous: str = ""

    @property
    def refused(self) -> bool:
        return self.deed.startswith(REFUSED)


@dataclass(frozen=True, slots=True)
class Verified:
    """What checking the chain found.

    Attributes
    ----------
    entries
        How many entries stand unbroken from the start.
    broken
        Sequence number of the first entry that does not hold, or None. When entries are missing at the end it is
        the first missing number.
    what
        What is wrong with it, or empty.
    head
        Hash of the last good entry.
    """

    entries: int
    broken: int | None = None
    what: str = ""
    head: str = START

    @property
    def whole(self) -> bool:
        return self.broken is None


# A page at a time: drivers that fetch a whole answer at once would fill the memory.
_IN_ORDER = select(*(LEDGER.c[name] for name in Line._fields)).order_by(LEDGER.c.sequence).limit(5000)


def next_line(
    head: Head,
    *,
    at: datetime,
    actor: str,
    deed: str,
    kind: Kind,
    subject: str,
    team: str = "",
    version_before: int = 0,
    version_after: int = 0,
    details: Mapping[str, Any] | None = None,
) -> Line:
    """The line that continues the chain after ``head``.

    Raises
    ------
    ValueError
        When ``at`` has no time zone.
    """
    unhashed = (
        head.entries + 1,
        as_kept(at),
        actor,
        deed,
        kind.value,
        subject,
        team,
        version_before,
        version_after,
        canonical(details or {}),
        head.hash,
    )
    return Line(*unhashed, hash=_hash((*unhashed, "")))


def about(kind: Kind, *subjects: str) -> ColumnElement[bool]:
    """Which entries tell of any of these things of one kind; another kind's thing may have the same id.

    Of a team also those that sent it somewhere, of an incident also those of a case that was to come from it and was
    refused: it never had an id of its own.
    """
    here = LEDGER.c.subject.in_(subjects)
    told = and_(here, LEDGER.c.kind == kind.value)
    if kind is Kind.TEAM:
        return or_(told, LEDGER.c.team.in_(subjects))
    if kind is Kind.INCIDENT:
        return or_(told, and_(here, LEDGER.c.kind == Kind.CASE.value, LEDGER.c.deed == f"{REFUSED}file"))
    return told


def as_kept(at: datetime) -> str:
    """A time as the ledger keeps it: UTC, one width, so that text sorts as time does.

    Raises
    ------
    ValueError
        When ``at`` has no time zone.
    """
    if at.tzinfo is None:
        raise ValueError(f"{at.isoformat()} has no time zone; the ledger keeps aware times only (use UTC).")
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def canonical(details: Mapping[str, Any]) -> str:
    """``details`` as JSON that is the same text for the same content: keys sorted, no spaces, NaN as null.

    >>> canonical({"b": float("nan"), "a": "区"})
    '{"a":"区","b":null}'
    """
    return json.dumps(_plain(details), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def entry(row: Row[Any] | Line) -> Entry:
    """A line of the table read for people and programs."""
    line = Line(*row)
    return Entry(
        sequence=line.sequence,
        at=datetime.fromisoformat(line.at),
        actor=line.actor,
        deed=line.deed,
        kind=line.kind,
        subject=line.subject,
        team=line.team,
        version_before=line.version_before,
        version_after=line.version_after,
        details=json.loads(line.details),
        previous=line.previous,
        hash=line.hash,
    )


def verify(connection: Connection) -> Verified:
    """Recompute the chain from the first entry to the head.

    Reads the ledger once in order and keeps one page in memory; an empty ledger is whole.
    """
    entries, head = 0, START
    driver: Any = connection.dialect.loaded_dbapi
    try:
        # The first page asks for no number: an entry put in below 1 must be met too.
        query, before = _IN_ORDER, -1
        while entries > before:
            before = entries
            with connection.execute(query) as page:
                for line in _as_the_driver_gives_them(page):
                    found = _hash(line)
                    if line[0] != entries + 1 or line[10] != head or line[11] != found:
                        return Verified(entries, entries + 1, _wrong(line, entries + 1, head), head)
                    entries, head = entries + 1, found
            query = _IN_ORDER.where(LEDGER.c.sequence > entries)
    except _NoText:
        return Verified(entries, entries + 1, "a column holds something that is no text", head)
    except (DBAPIError, driver.Error) as unreadable:
        what = getattr(unreadable, "orig", unreadable)
        return Verified(entries, entries + 1, f"it cannot be read ({what})", head)
    return _against_the_kept_head(connection, entries, head)


def _as_the_driver_gives_them(page: CursorResult[Any]) -> Iterable[Any]:
    """Plain rows, one at a time: text and whole numbers need none of SQLAlchemy's care, which costs a seventh."""
    cursor: Any = page.cursor
    return cursor  # type: ignore[no-any-return]


def _wrong(line: Any, sequence: int, head: str) -> str:
    if line[0] != sequence:
        return f"the next entry found is {line[0]}"
    if line[10] != head:
        return "it does not follow from the entry before"
    return "its content does not agree with its hash"


def _against_the_kept_head(connection: Connection, entries: int, head: str) -> Verified:
    kept = connection.execute(select(STATE.c.entries, STATE.c.head)).one_or_none()
    if kept is None:
        return Verified(entries, entries + 1, "the count of entries and the last hash are gone", head)
    if kept.entries != entries:
        return Verified(
            entries,
            min(entries, kept.entries) + 1,
            f"the book counts {kept.entries} entries, {entries} are there",
            head,
        )
    if kept.head != head:
        return Verified(entries, max(entries, 1), "it is not the entry the book ended with", head)
    return Verified(entries, head=head)


def _hash(line: Sequence[Any]) -> str:
    """SHA-256 over all columns but the last; each text stands behind its length, so none can pass for the next."""
    sequence, at, actor, deed, kind, subject, team, version_before, version_after, details, previous, _ = line
    try:
        text = (
            f"{sequence};{version_before};{version_after};{len(at)}:{at}{len(actor)}:{actor}{len(deed)}:{deed}"
            f"{len(kind)}:{kind}{len(subject)}:{subject}{len(team)}:{team}{len(details)}:{details}"
            f"{len(previous)}:{previous}"
        )
    except TypeError as problem:
        raise _NoText(f"entry {sequence} has a column that is no text") from problem
    return sha256(text.encode()).hexdigest()


def _plain(value: Any) -> Any:
    """``value`` in the words JSON knows."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, datetime):
        return as_kept(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, (set, frozenset)):
        return sorted(_plain(item) for item in value)
    return value
