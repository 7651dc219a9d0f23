"""What the keeper of the powers asks: a town's list on a day, what a change would do, which versions stood."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from hashlib import blake2b

from dispatch.desk.lists import POWERS, Edition, Lists, Preview
from dispatch.rulebook.competence import Answer, RuleBook
from dispatch.rulebook.matters import REPORTED, Kind, Matter, Source
from dispatch.rulebook.powers import Body, Mode, Power
from dispatch.rulebook.search import words_of
from dispatch.rulebook.versions import COMPARED, Change, Comparison, compare
from dispatch.store import ledger
from dispatch.store.casebook import Casebook
from dispatch.store.ledger import REFUSED, Entry
from scenarios.townlists import TownType

DISTRICT_DIGITS = 6
MODES = tuple(Mode)
EFFECTS_SHOWN = 12
LISTED = frozenset(Kind) - REPORTED


class State(StrEnum):
    """Where a row stands on a day."""

    IN_FORCE = "in_force"
    COMING = "coming"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class TownLine:
    """A town in the picker: its type, and how many rows in force let it or a department act there, by mode."""

    town: str
    kind: TownType | None
    counts: Mapping[Mode, int]


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the list beside what it stands for; ``matter`` is None for a whole category."""

    key: str
    power: Power
    matter: Matter | None
    state: State

    @property
    def illustrative(self) -> bool:
        """Whether nobody has vouched for it yet."""
        return self.power.source == Source.ILLUSTRATIVE


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows the keeper wants to see; an empty set means all."""

    words: str = ""
    modes: frozenset[Mode] = frozenset()
    fields: frozenset[str] = frozenset()
    states: frozenset[State] = frozenset({State.IN_FORCE})


class DeedKind(StrEnum):
    """What is done with the list."""

    GIVE = "give"
    TAKE_BACK = "take_back"
    AMEND = "amend"
    RESTORE = "restore"
    REPLACE = "replace"


@dataclass(frozen=True, slots=True)
class Draft:
    """A change that is written down but not done.

    Attributes
    ----------
    before, after
        The row as it stands and as it would stand; None where there is no such row, or where ``rows`` says it all.
    rows
        The whole list, for a version put back or a workbook.
    version
        The version to put back.
    """

    kind: DeedKind
    before: Power | None = None
    after: Power | None = None
    rows: tuple[Power, ...] = ()
    version: int = 0

    def applied(self, present: Sequence[Power]) -> tuple[Power, ...]:
        """The list with this change; a row that is no longer there changes nothing."""
        if self.kind in (DeedKind.RESTORE, DeedKind.REPLACE):
            return self.rows
        if self.after is None:
            return tuple(present)
        if self.before is None:
            return (*present, self.after)
        return tuple(self.after if power == self.before else power for power in present)


@dataclass(frozen=True, slots=True)
class Effect:
    """Who may act on a matter in a town on the first day of a change, without it and with it."""

    matter: Matter
    town: str
    day: date
    before: Answer
    after: Answer

    @property
    def same(self) -> bool:
        return self.before.actors == self.after.actors


@dataclass(frozen=True, slots=True)
class Outlook:
    """A draft's preview with who could act then."""

    preview: Preview
    effects: tuple[Effect, ...]

    @property
    def ids(self) -> tuple[str, ...]:
        """What would be left with nobody."""
        return tuple(one.id for one in self.preview.stranded)


class ChangeKind(StrEnum):
    """What happened to a row between two versions."""

    GIVEN = "given"
    TAKEN_BACK = "taken_back"
    STRUCK = "struck"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """One row that differs between two versions, with each column that does: name, was, is."""

    kind: ChangeKind
    power: Power
    columns: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class VersionLine:
    """A version of the list, or a try that was refused (then ``version`` is the one that stayed)."""

    version: int
    at: datetime
    actor: str
    deed: str
    refused: bool
    given: int = 0
    ended: int = 0
    stranded: tuple[str, ...] = field(default=())


def key_of(power: Power) -> str:
    """A short name for a row, the same in every version that has it."""
    return blake2b(repr(power).encode("utf-8", "replace"), digest_size=8).hexdigest()


def state_on(power: Power, day: date) -> State:
    """Whether a row is in force on ``day``, not yet or no more."""
    if day < power.valid_from:
        return State.COMING
    return State.ENDED if power.valid_to is not None and day > power.valid_to else State.IN_FORCE


def town_lines(book: RuleBook, towns: Iterable[str], types: Mapping[str, TownType], day: date) -> list[TownLine]:
    """Each place with its rows in force on ``day``; a town counts the rows for the whole district as well."""
    here = Counter((power.town, power.mode) for power in book.powers if state_on(power, day) is State.IN_FORCE)
    return [
        TownLine(town, types.get(town), {mode: sum(here[code, mode] for code in _places(town)) for mode in MODES})
        for town in towns
    ]


def rows_of(book: RuleBook, town: str, day: date, wanted: Wanted = Wanted()) -> list[Row]:
    """The rows for a town and its district that are wanted, by mode, code and first day.

    Parameters
    ----------
    town
        9-digit code, or the 6-digit district for its own rows only.
    wanted
        Every word must be in the row's code, names, body, basis or source.
    """
    rows = (
        Row(key_of(power), power, book.matters.get(power.matter), state_on(power, day))
        for power in book.powers
        if power.town in _places(town)
    )
    asked = words_of(wanted.words)
    shown = [row for row in rows if _wanted(row, wanted) and _says(row, book.bodies, asked)]
    return sorted(shown, key=lambda row: (MODES.index(row.power.mode), row.power.matter, row.power.valid_from))


def row_by_key(book: RuleBook, key: str) -> Power | None:
    """The row of that short name, or None when the list has it no more."""
    return next((power for power in book.powers if key_of(power) == key), None) if key else None


def uses(book: RuleBook, power: Power) -> list[Matter]:
    """The matters that a row lets somebody act on: what it names, then the situations that stand under it."""
    own = [book.matters[power.matter]] if power.matter in book.matters else []
    under = [
        matter
        for matter in book.matters.values()
        if matter.code != power.matter and power.matter in (*matter.under, matter.category)
    ]
    return own + sorted(under, key=lambda matter: (matter.kind not in REPORTED, matter.code))


def principals(book: RuleBook, code: str, town: str) -> list[Body]:
    """The bodies that hold the power in their own right there and so could delegate it (article 20)."""
    wider = _wider(book, code)
    held = {
        power.body
        for power in book.powers
        if power.mode is not Mode.DELEGATED and power.matter in wider and town.startswith(power.town)
    }
    return [body for body in book.bodies.values() if body.id in held]


def lent_by(book: RuleBook, power: Power, day: date) -> Power | None:
    """The row in force on ``day`` by which a delegated row's principal holds the power itself, if there is one."""
    wider = _wider(book, power.matter)
    own = (
        row
        for row in book.powers
        if row.body == power.principal
        and row.mode is not Mode.DELEGATED
        and row.matter in wider
        and power.town.startswith(row.town)
        and _covers(row, day)
    )
    return min(own, key=lambda row: row.matter != power.matter, default=None)


def bodies_in(book: RuleBook, town: str) -> list[Body]:
    """The bodies that may act in a town: its own first, then the district's."""
    return sorted(
        (body for body in book.bodies.values() if town.startswith(body.town)), key=lambda body: -len(body.town)
    )


def outlook(lists: Lists, book: RuleBook, draft: Draft, today: date, *, now: datetime | None = None) -> Outlook:
    """What a draft would do: what differs, what is left with nobody, and who could act then.

    Parameters
    ----------
    book
        The rule book as it stands.

    Raises
    ------
    BadInput
        With everything that is wrong with the rows.
    """
    rows = draft.applied(book.powers)
    preview = lists.preview(rows, now=now)
    row = draft.after or draft.before
    if row is None:
        return Outlook(preview, ())
    after = RuleBook(book.matters, book.bodies, rows)
    day = first_day(draft.before, draft.after, today)
    touched = [matter for matter in uses(book, row) if matter.kind in REPORTED] or uses(book, row)
    towns = [row.town] if len(row.town) > DISTRICT_DIGITS else []
    effects = (
        Effect(matter, town, day, book.resolve(matter.code, town, day), after.resolve(matter.code, town, day))
        for town in towns
        for matter in touched
    )
    return Outlook(preview, tuple(effects)[:EFFECTS_SHOWN])


def first_day(before: Power | None, after: Power | None, today: date) -> date:
    """The first day from ``today`` on that one row covers and the other does not; ``today`` when there is none.

    Examples
    --------
    >>> from dataclasses import replace
    >>> row = Power("T01", "330203001", "b", Mode.EMPOWERED, "a", "", date(2024, 1, 1), None, "s")
    >>> first_day(row, replace(row, valid_to=date(2026, 3, 31)), date(2026, 3, 2))
    datetime.date(2026, 4, 1)
    """
    rows = [row for row in (before, after) if row is not None]
    turns = {today, *(row.valid_from for row in rows)}
    turns |= {row.valid_to + timedelta(days=1) for row in rows if row.valid_to is not None and row.valid_to < date.max}
    for day in sorted(turn for turn in turns if turn >= today):
        if _covers(before, day) is not _covers(after, day):
            return day
    return today


def change(lists: Lists, actor: str, draft: Draft, list_version: int, accepted: Collection[str] = ()) -> Edition:
    """The draft done at the desk; ``accepted`` are the ids that the keeper says are known to be left with nobody.

    Raises
    ------
    Refused, Stale
        As the deed of ``Lists`` says.
    """
    known = frozenset(accepted)
    if draft.kind is DeedKind.RESTORE:
        return lists.restore(actor, draft.version, list_version, known)
    if draft.kind is DeedKind.REPLACE:
        return lists.replace_all(actor, draft.rows, list_version, known)
    if draft.after is None:
        raise ValueError(f"The draft to {draft.kind} a row has no row as it would stand.")
    if draft.before is None:
        return lists.give(actor, draft.after, list_version, known)
    if draft.kind is DeedKind.TAKE_BACK and draft.after.valid_to is not None:
        return lists.take_back(actor, draft.before, draft.after.valid_to, list_version, known)
    return lists.amend(actor, draft.before, draft.after, list_version, known)


def powers_at(casebook: Casebook, shipped: RuleBook, version: int) -> tuple[Power, ...]:
    """The list as it stood at ``version``; 0 is the shipped one."""
    return casebook.powers(version) if version else shipped.powers


def versions(casebook: Casebook) -> list[VersionLine]:
    """Every version and every refused try, the latest first."""
    return [_version(entry) for entry in reversed(casebook.history(ledger.Kind.LIST, POWERS))]


def compared(casebook: Casebook, shipped: RuleBook, earlier: int, later: int) -> list[ChangeLine]:
    """What differs between two versions."""
    return changes(compare(powers_at(casebook, shipped, earlier), powers_at(casebook, shipped, later)))


def changes(comparison: Comparison) -> list[ChangeLine]:
    """A comparison row by row: given, taken back or struck, changed."""
    parts = (*comparison.given, *comparison.taken_back, *comparison.changed)
    return [ChangeLine(_kind(each), each.row, _columns(each)) for each in parts]


def _version(entry: Entry) -> VersionLine:
    told = entry.details
    return VersionLine(
        version=entry.version_after,
        at=entry.at,
        actor=entry.actor,
        deed=entry.deed.removeprefix(REFUSED),
        refused=entry.refused,
        given=len(told.get("given", ())),
        ended=len(told.get("ended", ())),
        stranded=tuple(told.get("accepted_stranding", ())),
    )


def _kind(change: Change) -> ChangeKind:
    if change.before is None:
        return ChangeKind.GIVEN
    if change.after is None:
        return ChangeKind.STRUCK
    return ChangeKind.TAKEN_BACK if change.ends else ChangeKind.CHANGED


def _columns(change: Change) -> tuple[tuple[str, str, str], ...]:
    if change.before is None or change.after is None:
        return ()
    both = ((name, getattr(change.before, name), getattr(change.after, name)) for name in COMPARED)
    return tuple((name, str(was or ""), str(now or "")) for name, was, now in both if was != now)


def _places(town: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((town, town[:DISTRICT_DIGITS])))


def _wider(book: RuleBook, code: str) -> set[str]:
    """The codes of which a row covers ``code``."""
    matter = book.matters.get(code)
    return {code, *((matter.category, *matter.under) if matter else ())}


def _covers(power: Power | None, day: date) -> bool:
    return power is not None and state_on(power, day) is State.IN_FORCE


def _wanted(row: Row, wanted: Wanted) -> bool:
    of_field = not wanted.fields or (row.matter is not None and row.matter.field in wanted.fields)
    of_mode = not wanted.modes or row.power.mode in wanted.modes
    return of_field and of_mode and (not wanted.states or row.state in wanted.states)


def _says(row: Row, bodies: Mapping[str, Body], asked: Sequence[str]) -> bool:
    if not asked:
        return True
    power, matter, body = row.power, row.matter, bodies[row.power.body]
    texts = [power.matter, power.basis, power.source, body.name_zh, body.name_en]
    texts += [matter.name_zh, matter.name_en, *matter.keywords] if matter else []
    said = " ".join(texts).casefold()
    return all(word in said for word in asked)
