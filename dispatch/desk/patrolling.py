"""What is found on a round, and what becomes of it: a word, an order, an incident."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from math import isnan, nan
from typing import Any

from dispatch.desk.deed import Deed, stated
from dispatch.desk.incidents import Desk
from dispatch.desk.patrolrounds import WALKING_REASONS, Walking
from dispatch.desk.refusals import Refused, Stale, Unknown
from dispatch.inspections.patrol_items import PatrolItem
from dispatch.records.incident import Incident
from dispatch.records.patrol import Finding, Handling, PatrolRound
from dispatch.records.reason import Reason
from dispatch.records.team import Officer
from dispatch.rulebook.competence import Answer
from dispatch.store import patrols
from dispatch.store.ledger import Kind
from dispatch.store.series import Series, next_id
from dispatch.store.writing import Actor, Writing

PATROLLING_REASONS = (
    *WALKING_REASONS,
    "unknown_item",  # item
    "unknown_matter",  # matter
    "outside_the_cell",  # cell
    "may_not_order",  # officer, field, day
)


class Patrolling(Walking):
    """The deeds on a round and on what is found there, one transaction each.

    Parameters
    ----------
    desk
        The desk of incidents, by which a finding that is handed on is filed.
    items
        The patrol list by code.
    """

    def __init__(self, desk: Desk, items: Mapping[str, PatrolItem]) -> None:
        super().__init__(desk)
        self.items = items

    def found(
        self,
        actor: str,
        round_id: str,
        version: int,
        cell: str,
        item: str,
        words: str,
        *,
        lon: float = nan,
        lat: float = nan,
        officer: str = "",
        now: datetime | None = None,
    ) -> Finding:
        """Something out of order, seen on the round by somebody of the team.

        Parameters
        ----------
        lon, lat
            Where exactly (WGS84 degrees), where that is known.

        Raises
        ------
        Refused
            ``unknown_item``; ``needs_words``; ``who_is_it``; ``not_in_the_team``; ``outside_the_cell`` for a point that
            does not lie in the cell.
        Unknown
            The cell is not of this patrol.
        """
        with self._round("patrol_find", actor, round_id, version, now) as (page, who, one):
            after = one.gone_on()
            by = self._who(page, who, one, officer)
            said = stated(words)
            self._item(item)
            if patrols.cell(page.connection, one.plan, cell) is None:
                raise Unknown("cell of this patrol", cell)
            if not (isnan(lon) and isnan(lat)) and self._desk.cell_of(lon, lat)[0] != cell:
                raise Refused(Reason("outside_the_cell", False, {"cell": cell}))
            name = next_id(page.connection, Series.FINDING)
            new = Finding(name, cell, item, said, who.at, by.id, by.role, round=one.id, lon=lon, lat=lat)
            patrols.add_finding(page, new)
            patrols.put_round(page, after)
            page.enter(who, Kind.PATROL, new.id, version_after=1, details={"set": _told(new)})
            return new

    def dissuaded(
        self,
        actor: str,
        finding: str,
        version: int,
        words: str,
        put_right: bool,
        *,
        officer: str = "",
        now: datetime | None = None,
    ) -> Finding:
        """A word with whoever caused it; everybody on the round may do that. ``put_right``: it was in order again.

        Raises
        ------
        Refused
            ``needs_words``; ``who_is_it``; ``not_in_the_team``.
        """
        step = Finding.dissuaded
        return self._handled("patrol_dissuade", step, actor, finding, version, words, put_right, officer, now)

    def ordered(
        self,
        actor: str,
        finding: str,
        version: int,
        words: str,
        put_right: bool,
        *,
        officer: str = "",
        now: datetime | None = None,
    ) -> Finding:
        """An order to put it right, by an officer of the team who is certified in the item's field on that day.

        Raises
        ------
        WrongStep
            When whoever does it is no officer: auxiliaries and grid workers find and dissuade, they do not order.
        Refused
            As for `dissuaded`; ``may_not_order`` without a certificate that is good on the day.
        """
        step = Finding.ordered
        return self._handled("patrol_order", step, actor, finding, version, words, put_right, officer, now)

    def handed_on(
        self,
        actor: str,
        finding: str,
        version: int,
        matter: str,
        *,
        now: datetime | None = None,
    ) -> tuple[Incident, Answer]:
        """What neither a word nor an order settled, filed as an incident, and who is competent for it.

        It lies where it was found, at the cell's own point when nobody knows that exactly; also once the round is over.

        Raises
        ------
        Refused
            ``unknown_matter``.
        """
        with self._finding("patrol_hand_on", actor, finding, version, now) as (page, who, found, one):
            found.handed_on("")
            lon, lat = found.lon, found.lat
            if isnan(lon):
                cell = patrols.cell(page.connection, one.plan, found.cell)
                assert cell is not None, "it was found in a cell of this patrol"
                lon, lat = cell.lon, cell.lat
            deed = Deed(page, Actor(who.name, who.at, "report"), "")
            incident = self._desk.file(deed, found.text, lon=lon, lat=lat, matter=matter, source="patrol")
            answer = self._desk.rulebook.resolve(matter, incident.town, self._desk.day(who.at))
            body = answer.actors[0].body if answer.lawful else ""
            _keep(page, who, found, found.handed_on(incident.id), body=body, competence=str(answer.why))
            return incident, answer

    @contextmanager
    def _finding(
        self, deed: str, actor: str, finding: str, version: int, now: datetime | None
    ) -> Iterator[tuple[Writing, Actor, Finding, PatrolRound]]:
        with self.deed(deed, actor, Kind.PATROL, finding, now) as (page, who):
            found = patrols.finding(page.connection, finding)
            if found is None:
                raise Unknown("finding", finding)
            if found.version != version:
                raise Stale("finding", finding, version, found.version, page.latest(Kind.PATROL, finding))
            one = patrols.round_of(page.connection, found.round)
            assert one is not None, "a finding was made on a round"
            yield page, who, found, one

    def _handled(
        self,
        deed: str,
        step: Callable[[Finding, Officer, bool, str], Finding],
        actor: str,
        finding: str,
        version: int,
        words: str,
        put_right: bool,
        officer: str,
        now: datetime | None,
    ) -> Finding:
        with self._finding(deed, actor, finding, version, now) as (page, who, found, one):
            by = self._who(page, who, one, officer)
            after = step(found, by, put_right, stated(words))
            if after.handling is Handling.ORDERED:
                self._may_order(by, found, self._desk.day(who.at))
            return _keep(page, who, found, after)

    def _may_order(self, by: Officer, found: Finding, day: date) -> None:
        field = self._item(found.item).field
        if not by.certified(field, day):
            raise Refused(Reason("may_not_order", False, {"officer": by.id, "field": field, "day": day.isoformat()}))

    def _item(self, code: str) -> PatrolItem:
        """The item of that code on the list as it stands."""
        if code not in self.items:
            raise Refused(Reason("unknown_item", False, {"item": code}))
        return self.items[code]


def _keep(page: Writing, who: Actor, before: Finding, after: Finding, **details: Any) -> Finding:
    patrols.put_finding(page, after)
    told = {"set": _told(after), "was": {"handling": before.handling.value, "put_right": before.put_right}}
    page.enter(
        who,
        Kind.PATROL,
        before.id,
        version_before=before.version,
        version_after=after.version,
        details={**told, **details},
    )
    return after


def _told(one: Finding) -> dict[str, Any]:
    return {
        "round": one.round,
        "cell": one.cell,
        "item": one.item,
        "text": one.text,
        "finder": one.finder,
        "role": one.role.value,
        "handling": one.handling.value,
        "put_right": one.put_right,
        "said": one.said,
        "handled_by": one.handled_by,
        "incident": one.incident,
        "lon": one.lon,
        "lat": one.lat,
    }
