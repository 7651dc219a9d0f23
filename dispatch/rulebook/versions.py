"""Two versions of the list of powers beside each other: given, taken back, changed, and what is left with nobody.

A row is the same row in both versions when it is for the same matter, town, body and mode; where such a row has a
history of several spans, they are matched by their first day.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from dispatch.records.case import Case
from dispatch.records.incident import Incident
from dispatch.records.reason import Reason
from dispatch.rulebook.competence import RuleBook
from dispatch.rulebook.powers import Mode, Power

LIST_REASONS = (
    "list_given",  # matter, where, body, mode, basis, since, until ("" while open)
    "list_taken_back",  # the same; until: the last day on which it may still be used
    "list_struck",  # the same, of the row as it stood: it is gone as if it had never been given
    "list_changed",  # matter, where, body, mode, column, was, is: one for every column that differs
)
"""Every code in which a comparison is told."""

Key = tuple[str, str, str, Mode]

COMPARED = ("basis", "principal", "valid_from", "valid_to", "source")
"""The columns in which a row can differ from itself; the others say which row it is."""


@dataclass(frozen=True, slots=True)
class Change:
    """A row as it stood (``before``) and as it stands (``after``); None where there is no such row."""

    before: Power | None
    after: Power | None

    @property
    def row(self) -> Power:
        """The row as it stands, or as it stood when it is gone."""
        row = self.after or self.before
        assert row is not None
        return row

    def told(self) -> Iterator[Reason]:
        """The change in words, one line for every column of a row that is in both versions."""
        row = self.row
        where: dict[str, str | int | float] = {
            "matter": row.matter,
            "where": row.town,
            "body": row.body,
            "mode": row.mode.value,
        }
        span = {"basis": row.basis, "since": row.valid_from.isoformat(), "until": _day(row.valid_to)}
        if self.before is None:
            yield Reason("list_given", None, {**where, **span})
        elif self.after is None:
            yield Reason("list_struck", None, {**where, **span})
        elif self.ends:
            yield Reason("list_taken_back", None, {**where, **span})
        else:
            for column in COMPARED:
                was, now = (str(getattr(each, column) or "") for each in (self.before, self.after))
                if was != now:
                    yield Reason("list_changed", None, {**where, "column": column, "was": was, "is": now})

    @property
    def ends(self) -> bool:
        """Whether all that differs is that the row ends, or ends earlier than it would have."""
        if self.before is None or self.after is None or self.after.valid_to is None:
            return False
        earlier = self.before.valid_to is None or self.after.valid_to < self.before.valid_to
        return earlier and replace(self.before, valid_to=self.after.valid_to) == self.after


@dataclass(frozen=True, slots=True)
class Comparison:
    """What differs between two versions of a list, each part in the order of the list it is read from.

    Attributes
    ----------
    given
        Rows that only the later version has.
    taken_back
        Rows that the later version ends, or has no more (``after`` is None).
    changed
        Rows of both versions that differ in anything else.
    """

    given: tuple[Change, ...]
    taken_back: tuple[Change, ...]
    changed: tuple[Change, ...]

    @property
    def same(self) -> bool:
        """Whether the two versions say the same."""
        return not (self.given or self.taken_back or self.changed)

    def told(self) -> tuple[Reason, ...]:
        """Every difference in words: given, then taken back, then changed."""
        return tuple(
            line for part in (self.given, self.taken_back, self.changed) for each in part for line in each.told()
        )


@dataclass(frozen=True, slots=True)
class Stranded:
    """Something open that loses its lawful actor, from ``since`` on.

    Attributes
    ----------
    id, matter, town
        Of the incident or case.
    body
        The body whose case it is; empty for an incident, on which anybody with the power may act.
    """

    id: str
    matter: str
    town: str
    body: str
    since: date


def compare(before: Iterable[Power], after: Iterable[Power]) -> Comparison:
    """What the list ``after`` gives, takes back and changes beside ``before``; the order of the rows is nothing."""
    old, new = Counter(before), Counter(after)
    gone, come = _by_key((old - new).elements()), _by_key((new - old).elements())
    changes = [change for key in dict.fromkeys((*gone, *come)) for change in _matched(gone[key], come[key])]
    ends = [change.after is None or change.ends for change in changes]
    return Comparison(
        given=tuple(change for change in changes if change.before is None),
        taken_back=tuple(change for change, end in zip(changes, ends, strict=True) if end),
        changed=tuple(c for c, end in zip(changes, ends, strict=True) if not end and c.before is not None),
    )


def stranded(before: RuleBook, after: RuleBook, things: Iterable[Incident | Case], day: date) -> list[Stranded]:
    """What ``before`` would have let somebody act on, on ``day`` or later, and ``after`` lets nobody any more.

    Parameters
    ----------
    things
        Open incidents and cases; an incident needs anybody at all, a case the body that has it.
    day
        The first day that counts, in the place's own calendar; days before it are past acting.

    Returns
    -------
    list of Stranded
        In the order of ``things``, each once, with the first day on which it is so. What nobody could have acted on
        under ``before`` is not the change's doing and is left out.
    """
    found = []
    for thing in things:
        body = thing.body if isinstance(thing, Case) else ""
        since = _lost_from(before, after, thing.matter, thing.town, body, day)
        if since is not None:
            found.append(Stranded(thing.id, thing.matter, thing.town, body, since))
    return found


def _lost_from(before: RuleBook, after: RuleBook, matter: str, town: str, body: str, day: date) -> date | None:
    """The first day on which the power is there before and gone after; both can only turn on their turning days."""
    turning = {*before.turning_days(matter, town), *after.turning_days(matter, town)}
    for on in sorted({day, *(turn for turn in turning if turn > day)}):
        if _may(before, matter, town, body, on) and not _may(after, matter, town, body, on):
            return on
    return None


def _may(book: RuleBook, matter: str, town: str, body: str, day: date) -> bool:
    answer = book.resolve(matter, town, day)
    return answer.actor(body) is not None if body else answer.lawful


def _by_key(powers: Iterable[Power]) -> Mapping[Key, list[Power]]:
    rows: dict[Key, list[Power]] = defaultdict(list)
    for power in powers:
        rows[power.matter, power.town, power.body, power.mode].append(power)
    return rows


def _matched(gone: Sequence[Power], come: Sequence[Power]) -> Iterator[Change]:
    """The spans of one row: those that begin on the same day belong together, then the rest in the order of time."""
    new, old, pairs = list(come), [], []
    for power in gone:
        same_start = next((each for each in new if each.valid_from == power.valid_from), None)
        if same_start is None:
            old.append(power)
        else:
            new.remove(same_start)
            pairs.append((power, same_start))
    old.sort(key=lambda power: power.valid_from)
    new.sort(key=lambda power: power.valid_from)
    pairs += zip(old, new, strict=False)
    yield from (Change(*pair) for pair in pairs)
    yield from (Change(power, None) for power in old[len(new) :])
    yield from (Change(None, power) for power in new[len(old) :])


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""
