"""The list of powers as its keeper changes it: given, taken back, amended, replaced, put back as it was.

A list that would not hold in court is refused with every reason, and so is one that leaves open work with nobody
unless the keeper says of exactly this work that it is known.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, tzinfo
from typing import NamedTuple

from dispatch.desk.door import Door
from dispatch.desk.refusals import Refused, Stale
from dispatch.desk.workbooks import LONGEST_CELL, UNWRITABLE
from dispatch.records.case import Case
from dispatch.records.incident import Incident
from dispatch.records.reason import Reason
from dispatch.rulebook.calendar import CHINA
from dispatch.rulebook.competence import RuleBook
from dispatch.rulebook.powers import PLACE, Power
from dispatch.rulebook.procedures import DECISION
from dispatch.rulebook.versions import Comparison, Stranded, compare, stranded
from dispatch.store.casebook import Casebook
from dispatch.store.ledger import Kind
from dispatch.store.writing import Actor, Writing
from gis.schemas import BadInput, Fault, shorten

LISTS_REASONS = (
    "list_fault",  # matter, where, body, row (2 is the first of the list), column, found, expected
    "would_strand",  # n: how many open matters, ids: the first five, accepted: how many were said to be known
    "not_on_list",  # matter, where, body, mode, since
    "ends_already",  # matter, where, body, until, last_day
    "no_such_version",  # version, latest
    "used_since",  # matter, where, body, last_day, case, day: on which it was decided
)
"""Every code with which a change of the list is refused."""

POWERS = "powers"
"""What the ledger calls the list."""
NAMED_AT_ONCE = 5

Rows = tuple[Power, ...]


class Edition(NamedTuple):
    """A version of the list and the rule book that goes by it."""

    version: int
    rulebook: RuleBook


@dataclass(frozen=True, slots=True)
class Preview:
    """What a list would change beside the present one, and what open work it would leave with nobody."""

    version: int
    comparison: Comparison
    stranded: tuple[Stranded, ...]


def current(casebook: Casebook, shipped: RuleBook) -> RuleBook:
    """The rule book by the casebook's own list of powers, or ``shipped`` while it has none.

    Raises
    ------
    BadInput
        When the kept list names matters or bodies that the place no longer has.
    """
    version = casebook.list_version()
    return RuleBook(shipped.matters, shipped.bodies, casebook.powers(version)) if version else shipped


class Lists(Door):
    """What the keeper does with the list of powers, each deed one transaction and one entry.

    Every deed takes the version of the list that was on the screen (``list_version``, 0 while the casebook has no list
    of its own) and returns the new version with its rule book; a list that comes out as it was stays at its version.
    The first change writes the shipped list as version 1. Whoever holds a ``RuleBook`` goes on with the one returned.

    Parameters
    ----------
    door
        Of the casebook.
    shipped
        Matters and bodies of the place, and its list of powers before anybody changed it.
    zone
        Where the place keeps its calendar.
    towns
        Codes of the place's towns, besides those that its bodies and its shipped list name.

    Raises of every deed
    --------------------
    Stale
        The list has another version by now.
    Refused
        ``list_fault`` for each thing wrong with a row: unknown matter, body or town, no basis or source, texts that a
        workbook would not give back as they are, rows that overlap, a delegation without a principal or by one who
        does not hold the power itself. ``would_strand`` when open
        incidents or cases would have no lawful actor any more and ``accept_stranding`` is not exactly their ids.
    """

    def __init__(self, door: Door, shipped: RuleBook, zone: tzinfo = CHINA, towns: Collection[str] = ()) -> None:
        super().__init__(door.casebook, door.clock, door.rights)
        self.shipped = shipped
        self._zone = zone
        named = {*towns, *(body.town for body in shipped.bodies.values()), *(power.town for power in shipped.powers)}
        self._towns = frozenset((*named, *(town[:6] for town in named)))

    def give(
        self,
        actor: str,
        power: Power,
        list_version: int,
        accept_stranding: Collection[str] = frozenset(),
        *,
        now: datetime | None = None,
    ) -> Edition:
        """One more row."""
        return self._change("list_give", actor, list_version, accept_stranding, now, lambda rows: (*rows, power))

    def take_back(
        self,
        actor: str,
        power: Power,
        last_day: date,
        list_version: int,
        accept_stranding: Collection[str] = frozenset(),
        *,
        now: datetime | None = None,
    ) -> Edition:
        """A row that ends; on ``last_day`` it may still be used. What was done under it stays lawful.

        Raises
        ------
        Refused
            ``not_on_list``, ``ends_already`` when the row ends on that day or before, or ``used_since`` when a case was
            decided after ``last_day`` that no other row would carry.
        """

        def step(rows: Rows) -> Rows:
            if power.valid_to is not None and power.valid_to <= last_day:
                until = {"until": power.valid_to.isoformat(), "last_day": last_day.isoformat()}
                raise Refused(Reason("ends_already", False, {**_which(power), **until}))
            return _exchanged(rows, power, replace(power, valid_to=last_day))

        def unused(page: Writing, after: RuleBook) -> None:
            for case in page.cases(body=power.body):
                day = self._decided(case)
                if day is not None and day > last_day and _lost(power, case, day, after):
                    used = {"last_day": last_day.isoformat(), "case": case.id, "day": day.isoformat()}
                    raise Refused(Reason("used_since", False, {**_which(power), **used}))

        return self._change("list_take_back", actor, list_version, accept_stranding, now, step, unused)

    def amend(
        self,
        actor: str,
        before: Power,
        after: Power,
        list_version: int,
        accept_stranding: Collection[str] = frozenset(),
        *,
        now: datetime | None = None,
    ) -> Edition:
        """A row put right, in its place.

        Raises
        ------
        Refused
            ``not_on_list``.
        """
        return self._change(
            "list_amend", actor, list_version, accept_stranding, now, lambda rows: _exchanged(rows, before, after)
        )

    def replace_all(
        self,
        actor: str,
        powers: Iterable[Power],
        list_version: int,
        accept_stranding: Collection[str] = frozenset(),
        *,
        now: datetime | None = None,
    ) -> Edition:
        """The whole list, as it comes from a workbook; only the rows that differ are written."""
        return self._change("list_replace", actor, list_version, accept_stranding, now, lambda _: tuple(powers))

    def restore(
        self,
        actor: str,
        version: int,
        list_version: int,
        accept_stranding: Collection[str] = frozenset(),
        *,
        now: datetime | None = None,
    ) -> Edition:
        """The list as it stood at ``version``, as a new version; 0 is the shipped list.

        Raises
        ------
        Refused
            ``no_such_version``.
        """
        # Read first: versions never change, and a book in memory has only the one connection that writes.
        latest = self.casebook.list_version()
        wanted = self.casebook.powers(version) if 0 < version <= latest else self.shipped.powers

        def step(_: Rows) -> Rows:
            if not 0 <= version <= latest:
                raise Refused(Reason("no_such_version", False, {"version": version, "latest": latest}))
            return wanted

        return self._change("list_restore", actor, list_version, accept_stranding, now, step)

    def preview(self, powers: Iterable[Power], *, now: datetime | None = None) -> Preview:
        """What ``replace_all`` would do, without doing it.

        Raises
        ------
        BadInput
            With everything that is wrong with the rows.
        """
        version = self.casebook.list_version()
        present = self.casebook.powers(version) if version else self.shipped.powers
        rows = tuple(powers)
        faults = self._unreadable(rows)
        if faults:
            raise BadInput(*faults, advice="Mend these rows of the list of powers and read it again.")
        after = self._book(rows)
        work: list[Incident | Case] = [*self.casebook.open_incidents(), *self.casebook.cases(open_only=True)]
        lost = stranded(self._standing(present), after, work, self._day(now))
        return Preview(version, compare(present, after.powers), tuple(lost))

    def _change(
        self,
        name: str,
        actor: str,
        list_version: int,
        accepted: Collection[str],
        now: datetime | None,
        step: Callable[[Rows], Rows],
        besides: Callable[[Writing, RuleBook], None] = lambda _page, _after: None,
    ) -> Edition:
        with self.deed(name, actor, Kind.LIST, POWERS, now) as (page, who):
            present = self._present(page, list_version)
            rows = step(present)
            before, after = self._standing(present), self._sound(rows)
            if Counter(rows) == Counter(present):
                return Edition(list_version, before)
            besides(page, after)
            work: list[Incident | Case] = [*page.open_incidents(), *page.cases(open_only=True)]
            known = _accepted(stranded(before, after, work, self._day(who.at)), accepted)
            return self._written(page, who, rows, known)

    def _present(self, page: Writing, list_version: int) -> Rows:
        """The list, provided it is at the version the keeper saw."""
        found = page.list_version()
        if found != list_version:
            raise Stale("list", POWERS, list_version, found, page.latest(Kind.LIST, POWERS))
        return page.powers() if found else self.shipped.powers

    def _written(self, page: Writing, who: Actor, rows: Rows, accepted: list[str]) -> Edition:
        if not page.list_version():
            page.set_powers(replace(who, deed="list_seed"), self.shipped.powers)
        version = page.set_powers(who, rows, accepted_stranding=accepted)
        return Edition(version, self._book(page.powers()))

    def _sound(self, rows: Rows) -> RuleBook:
        """The rule book by these rows, with what is wrong with them as a refusal that leaves an entry."""
        unreadable = self._unreadable(rows)
        named = {(fault.row, fault.column) for fault in unreadable}
        try:
            book = self._book(rows)
        except BadInput as bad:
            more = [fault for fault in bad.faults if (fault.row, fault.column) not in named]
            raise Refused(*(_as_reason(fault, rows) for fault in (*unreadable, *more))) from bad
        if unreadable:
            raise Refused(*(_as_reason(fault, rows) for fault in unreadable))
        return book

    def _unreadable(self, rows: Rows) -> list[Fault]:
        """What no reader of lists would take, or take as something else, once the list has gone out."""
        return [fault for number, power in enumerate(rows, start=2) for fault in self._faults_in(power, number)]

    def _faults_in(self, power: Power, number: int) -> Iterable[Fault]:
        for field in fields(Power):
            value = getattr(power, field.name)
            wrong = _wrong_text(value) if isinstance(value, str) else ""
            if wrong:
                yield Fault(POWERS, number, field.name, wrong, "plain text without blanks around it")
        if not power.source.strip():
            yield Fault(POWERS, number, "source", "nothing", "where the row comes from")
        if not power.basis.strip():
            yield Fault(POWERS, number, "basis", "nothing", "the clause that gives the power")
        if not re.fullmatch(PLACE, power.town, re.ASCII) or power.town not in self._towns:
            yield Fault(POWERS, number, "town", shorten(_storable(power.town)), "a town of this place or its district")

    def _standing(self, present: Rows) -> RuleBook:
        """The rule book by the present list; where the place has outgrown it, the shipped one tells who could act."""
        try:
            return self._book(present)
        except BadInput:
            return self.shipped

    def _book(self, rows: Iterable[Power]) -> RuleBook:
        return RuleBook(self.shipped.matters, self.shipped.bodies, tuple(rows))

    def _decided(self, case: Case) -> date | None:
        stamp = case.stamp(DECISION[case.procedure])
        return stamp.at.astimezone(self._zone).date() if stamp else None

    def _day(self, now: datetime | None) -> date:
        return (now or self.clock()).astimezone(self._zone).date()


def _exchanged(rows: Rows, before: Power, after: Power) -> Rows:
    if before not in rows:
        told = {**_which(before), "mode": before.mode.value, "since": before.valid_from.isoformat()}
        raise Refused(Reason("not_on_list", False, told))
    at = rows.index(before)
    return (*rows[:at], after, *rows[at + 1 :])


def _accepted(lost: Sequence[Stranded], accepted: Collection[str]) -> list[str]:
    """The ids of what is left with nobody, provided the keeper knows of exactly these."""
    ids = [one.id for one in lost]
    if ids and set(ids) != set(accepted):
        first = ", ".join(ids[:NAMED_AT_ONCE])
        raise Refused(Reason("would_strand", False, {"n": len(ids), "ids": first, "accepted": len(set(accepted))}))
    return ids


def _lost(power: Power, case: Case, day: date, after: RuleBook) -> bool:
    """Whether a case that was decided under this row would have nothing to stand on any more."""
    matter = after.matters.get(case.matter)
    covered = (case.matter, *((matter.category, *matter.under) if matter else ()))
    in_force = power.valid_from <= day <= (power.valid_to or date.max)
    under = power.matter in covered and case.town.startswith(power.town) and in_force
    return under and after.resolve(case.matter, case.town, day).actor(case.body) is None


def _wrong_text(value: str) -> str:
    """What a database or a workbook would not give back as it was."""
    wrong = UNWRITABLE.search(value)
    if wrong:
        return f"the characters {wrong.group()!a}"
    if len(value) > LONGEST_CELL:
        return f"{len(value)} characters"
    return "blanks around the text" if value.strip() and value != value.strip() else ""


def _as_reason(fault: Fault, rows: Rows) -> Reason:
    """A fault of the list as the desk says no: which row it is, in words and by its number."""
    power = rows[fault.row - 2] if fault.row else None
    told: dict[str, str | int | float] = _which(power) if power else {"matter": "", "where": "", "body": ""}
    what: dict[str, str | int | float] = {"row": fault.row or 0, "column": fault.column or ""}
    what |= {"found": fault.found, "expected": fault.expected}
    return Reason("list_fault", False, {**told, **what})


def _which(power: Power) -> dict[str, str | int | float]:
    return {"matter": _storable(power.matter), "where": _storable(power.town), "body": _storable(power.body)}


def _storable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")
