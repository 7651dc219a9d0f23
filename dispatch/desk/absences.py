"""Officers who are away: written down, changed, called off; every calendar and every move heeds it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from dispatch.desk.door import Door
from dispatch.desk.refusals import Refused, Stale, Unknown
from dispatch.records.absence import Absence
from dispatch.records.reason import Reason
from dispatch.store import inspections
from dispatch.store.ledger import Kind
from dispatch.store.series import Series, next_id
from dispatch.store.writing import Writing

ABSENCE_REASONS = (
    "no_such_officer",  # officer
    "reversed_dates",  # first, last
    "away_already",  # officer, first, last
    "away_too_long",  # first, last, days, most
    "away_called_off",  # absence
)

MOST_DAYS = 366
"""A longer absence is most likely a slip of the year, and every day of it would be counted in every plan."""


class Absences(Door):
    """The deeds about who is away, one transaction each; the area is that in which the officer is posted.

    What was written down of somebody who has left the roster since is the district's to change or to take off.
    """

    def __init__(self, door: Door) -> None:
        super().__init__(door.casebook, door.clock, door.rights)

    def kept(self) -> list[Absence]:
        """Who is, was or will be away, by first day."""
        with self.casebook.reading() as connection:
            return inspections.absences(connection)

    def away(
        self, actor: str, officer: str, first: date, last: date, reason: str = "", *, now: datetime | None = None
    ) -> Absence:
        """The officer goes out with no crew from ``first`` through ``last``.

        Nothing in force changes by it: which visits are to be mended says a re-plan.

        Raises
        ------
        Refused
            ``no_such_officer``; ``reversed_dates``; ``away_too_long`` for more than a year; ``away_already`` when a
            day of it is written down.
        """
        with self.deed("inspect_away", actor, Kind.INSPECTION, "absences", now, place=self._posted(officer)) as (
            page,
            who,
        ):
            self._officer_known(page, officer)
            one = Absence(next_id(page.connection, Series.ABSENCE), officer, first, last, reason.strip())
            _refuse_wrong_days(page.connection, one)
            inspections.keep_absence(page, one)
            page.enter(who, Kind.INSPECTION, one.id, version_after=1, details={"officer": officer, "set": _told(one)})
            return one

    def change(
        self,
        actor: str,
        absence: str,
        version: int,
        first: date,
        last: date,
        reason: str = "",
        *,
        now: datetime | None = None,
    ) -> Absence:
        """Other days, or another reason; as for :meth:`away`.

        Raises
        ------
        Refused
            As for :meth:`away`; ``away_called_off``.
        Stale
            When somebody has changed it since.
        """
        before = self._there(absence)
        with self.deed("inspect_away", actor, Kind.INSPECTION, absence, now, place=self._posted(before.officer)) as (
            page,
            who,
        ):
            before = _as_seen(page, absence, version)
            after = before.changed(first, last, reason.strip())
            _refuse_wrong_days(page.connection, after)
            inspections.keep_absence(page, after)
            told = {"officer": before.officer, "was": _told(before), "set": _told(after)}
            page.enter(who, Kind.INSPECTION, absence, version_before=version, version_after=after.version, details=told)
            return after

    def call_off(self, actor: str, absence: str, version: int, *, now: datetime | None = None) -> Absence:
        """The officer is there after all.

        Raises
        ------
        Refused
            ``away_called_off``.
        Stale
            When somebody has changed it since.
        """
        before = self._there(absence)
        with self.deed("inspect_back", actor, Kind.INSPECTION, absence, now, place=self._posted(before.officer)) as (
            page,
            who,
        ):
            after = _as_seen(page, absence, version).without()
            inspections.keep_absence(page, after)
            told = {"officer": before.officer, "was": _told(before)}
            page.enter(who, Kind.INSPECTION, absence, version_before=version, version_after=after.version, details=told)
            return after

    def _there(self, absence: str) -> Absence:
        with self.casebook.reading() as connection:
            return _known(connection, absence)

    def _posted(self, officer: str) -> str | None:
        """Code of the area in which an officer is posted; None for nobody on the roster."""
        teams = self.casebook.teams()
        return next((who.town for team in teams for who in team.officers if who.id == officer), None)

    @staticmethod
    def _officer_known(page: Writing, officer: str) -> None:
        if all(who.id != officer for team in page.teams() for who in team.officers):
            raise Refused(Reason("no_such_officer", False, {"officer": officer}))


def _known(connection: Connection, absence: str) -> Absence:
    one = inspections.absence(connection, absence)
    if one is None:
        raise Unknown("absence", absence)
    return one


def _as_seen(page: Writing, absence: str, version: int) -> Absence:
    """The absence, provided it is as the actor saw it and still stands."""
    one = _known(page.connection, absence)
    if one.called_off:
        raise Refused(Reason("away_called_off", False, {"absence": absence}))
    if one.version != version:
        raise Stale("absence", absence, version, one.version, page.latest(Kind.INSPECTION, absence))
    return one


def _refuse_wrong_days(connection: Connection, one: Absence) -> None:
    told = {"first": one.first.isoformat(), "last": one.last.isoformat()}
    if one.last < one.first:
        raise Refused(Reason("reversed_dates", False, told))
    days = (one.last - one.first).days + 1
    if days > MOST_DAYS:
        raise Refused(Reason("away_too_long", False, {**told, "days": days, "most": MOST_DAYS}))
    for other in inspections.absences(connection):
        if other.officer == one.officer and other.id != one.id and other.overlaps(one.first, one.last):
            span = {"first": other.first.isoformat(), "last": other.last.isoformat()}
            raise Refused(Reason("away_already", False, {"officer": one.officer, **span}))


def _told(one: Absence) -> dict[str, Any]:
    return {"first": one.first.isoformat(), "last": one.last.isoformat(), "reason": one.reason}
