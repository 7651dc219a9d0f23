"""A round on the street: begun, cells passed, what was found and what became of it, ended."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from math import isnan, nan
from typing import Any

from sqlalchemy import Connection

from dispatch.desk.deed import Deed, stated
from dispatch.desk.door import Door
from dispatch.desk.incidents import Desk
from dispatch.desk.refusals import Refused, Stale, Unknown
from dispatch.inspections.patrol_items import PatrolItem
from dispatch.records.incident import Incident
from dispatch.records.patrol import Finding, PatrolRound, RoundStatus, RoundStop
from dispatch.records.reason import Reason
from dispatch.records.team import Officer, Team
from dispatch.rulebook.competence import Answer
from dispatch.store import patrols, people
from dispatch.store.ledger import Kind
from dispatch.store.writing import Actor, Writing

PATROLLING_REASONS = (
    "not_its_day",  # day
    "not_the_towns",  # team, town
    "on_another_round",  # round
    "who_is_it",
    "not_in_the_team",  # officer, team
    "unknown_item",  # item
    "unknown_matter",  # matter
    "passed_out_of_time",  # cell
)


@dataclass(frozen=True, slots=True)
class OnTheRound:
    """Who does something on a round, and with which team."""

    round: PatrolRound
    team: Team


class Patrolling(Door):
    """The deeds on a round, one transaction each; a round changes only from the version its team was shown.

    Parameters
    ----------
    desk
        The desk of incidents, by which a finding that is handed on is filed.
    items
        The patrol list by code.
    """

    def __init__(self, desk: Desk, items: Mapping[str, PatrolItem]) -> None:
        super().__init__(desk.casebook, desk.clock, desk.rights)
        self._desk = desk
        self.items = items

    def begin(self, actor: str, round_id: str, version: int, team: str, *, now: datetime | None = None) -> PatrolRound:
        """The team has set out.

        Raises
        ------
        Refused
            ``not_its_day``; ``not_the_towns`` for a team of another town; ``on_another_round``.
        """
        with self._round("patrol_begin", actor, round_id, version, now, team=team) as (page, who, one):
            after = one.begun(team, who.at)
            wrong = []
            if one.day != self._desk.day(who.at):
                wrong.append(Reason("not_its_day", False, {"day": one.day.isoformat()}))
            going = page.team(team)
            if going is None:
                raise Unknown("team", team)
            if not one.town.startswith(going.town):
                wrong.append(Reason("not_the_towns", False, {"team": team, "town": one.town}))
            wrong += [
                Reason("on_another_round", False, {"round": other.id})
                for other in patrols.rounds(page.connection, team=team)
                if other.status is RoundStatus.UNDER_WAY
            ]
            if wrong:
                raise Refused(*wrong)
            return _save(page, who, one, after, team=team)

    def passed(
        self,
        actor: str,
        round_id: str,
        version: int,
        cells: Sequence[str],
        at: Sequence[datetime] = (),
        *,
        officer: str = "",
        now: datetime | None = None,
    ) -> PatrolRound:
        """The team has come by these cells of its round, in any order.

        Parameters
        ----------
        at
            When, for each, where the phone had no network and tells it later; now unless given.
        officer
            Who says so, where the actor is nobody of the team: a dispatcher at the radio.

        Raises
        ------
        Refused
            ``passed_out_of_time`` for a time before the round began or after now; ``who_is_it``; ``not_in_the_team``.
        WrongStep
            When the round is not under way, or a cell was passed before.
        Unknown
            A cell is not on this round.
        """
        with self._round("patrol_pass", actor, round_id, version, now) as (page, who, one):
            after = one.gone_on()
            by = self._who(page, who, one, officer)
            times = list(at) or [who.at] * len(cells)
            left = {stop.cell: stop for stop in patrols.stops(page.connection, round_id=one.id)}
            made = []
            for cell, when in zip(cells, times, strict=True):
                if cell not in left:
                    raise Unknown("cell of this round", cell)
                assert one.begun_at is not None, "a round under way has begun"
                if not one.begun_at <= when <= who.at:
                    raise Refused(Reason("passed_out_of_time", False, {"cell": cell}))
                left[cell] = left[cell].passed(when, by.id)
                made.append(left[cell])
            patrols.put_stops(page, made)
            return _save(page, who, one, after, cells=list(cells), by=by.id)

    def found(
        self,
        actor: str,
        round_id: str,
        version: int,
        cell: str,
        item: str,
        words: str,
        *,
        officer: str = "",
        now: datetime | None = None,
    ) -> Finding:
        """Something out of order, seen on the round by somebody of the team.

        Raises
        ------
        Refused
            ``unknown_item``; ``needs_words``; ``who_is_it``; ``not_in_the_team``.
        Unknown
            The cell is not of this patrol.
        """
        with self._round("patrol_find", actor, round_id, version, now) as (page, who, one):
            after = one.gone_on()
            by = self._who(page, who, one, officer)
            said = stated(words)
            if item not in self.items:
                raise Refused(Reason("unknown_item", False, {"item": item}))
            if patrols.cell(page.connection, one.plan, cell) is None:
                raise Unknown("cell of this patrol", cell)
            name = f"F{patrols.count(page.connection, of_findings=True) + 1:06d}"
            new = Finding(name, cell, item, said, who.at, by.id, by.role, round=one.id)
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
        with self._finding("patrol_dissuade", actor, finding, version, now) as (page, who, found, one):
            self._who(page, who, one, officer)
            return _keep(page, who, found, found.dissuaded(put_right, stated(words)))

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
        """An order to put it right, by an officer of the team.

        Raises
        ------
        WrongStep
            When whoever does it is no officer: auxiliaries and grid workers find and dissuade, they do not order.
        Refused
            As for `dissuaded`.
        """
        with self._finding("patrol_order", actor, finding, version, now) as (page, who, found, one):
            by = self._who(page, who, one, officer)
            after = found.ordered(put_right, stated(words), by.role)
            return _keep(page, who, found, after, by=by.id)

    def handed_on(
        self,
        actor: str,
        finding: str,
        version: int,
        matter: str,
        *,
        lon: float = nan,
        lat: float = nan,
        now: datetime | None = None,
    ) -> tuple[Incident, Answer]:
        """What a word did not settle, filed as an incident where it was found, and who is competent for it.

        Parameters
        ----------
        lon, lat
            Where exactly (WGS84 degrees); the cell's own point unless given.

        Raises
        ------
        Refused
            ``unknown_matter``.
        """
        with self._finding("patrol_hand_on", actor, finding, version, now) as (page, who, found, one):
            found.handed_on("")
            if isnan(lon) or isnan(lat):
                cell = patrols.cell(page.connection, one.plan, found.cell)
                assert cell is not None, "it was found in a cell of this patrol"
                lon, lat = cell.lon, cell.lat
            deed = Deed(page, Actor(who.name, who.at, "report"), "")
            incident = self._desk.file(deed, found.text, lon=lon, lat=lat, matter=matter, source="patrol")
            answer = self._desk.rulebook.resolve(matter, incident.town, self._desk.day(who.at))
            body = answer.actors[0].body if answer.lawful else ""
            _keep(page, who, found, found.handed_on(incident.id), body=body, competence=str(answer.why))
            return incident, answer

    def ended(
        self, actor: str, round_id: str, version: int, said: str = "", *, now: datetime | None = None
    ) -> PatrolRound:
        """The team is back; where it left out a cell, it says why.

        Raises
        ------
        Refused
            ``needs_words`` when a cell of the round was not passed and nothing was said.
        """
        with self._round("patrol_end", actor, round_id, version, now) as (page, who, one):
            missed = [stop for stop in patrols.stops(page.connection, round_id=one.id) if stop.passed_at is None]
            words = stated(said) if missed else said.strip()
            return _save(page, who, one, one.ended(who.at, words), missed=[stop.cell for stop in missed])

    @contextmanager
    def _round(
        self, deed: str, actor: str, round_id: str, version: int, now: datetime | None, team: str = ""
    ) -> Iterator[tuple[Writing, Actor, PatrolRound]]:
        """The round on a page, provided it is as the actor saw it."""
        with self.deed(deed, actor, Kind.PATROL, round_id, now, team) as (page, who):
            one = patrols.round_of(page.connection, round_id)
            if one is None:
                raise Unknown("round", round_id)
            if one.version != version:
                raise Stale("round", round_id, version, one.version, page.latest(Kind.PATROL, round_id))
            yield page, who, one

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

    def _who(self, page: Writing, who: Actor, one: PatrolRound, officer: str) -> Officer:
        """The one of the team who acts: whoever has signed in as such, and nobody else in their name."""
        person = people.person(page.connection, who.name)
        name = (person.officer if person is not None else "") or officer
        if not name:
            raise Refused(Reason("who_is_it", False))
        team = page.team(one.team)
        found = next((each for each in team.officers if each.id == name), None) if team is not None else None
        if found is None:
            raise Refused(Reason("not_in_the_team", False, {"officer": name, "team": one.team}))
        return found


def next_stop(stops: Sequence[RoundStop]) -> RoundStop | None:
    """The first stop of a round that was not passed yet."""
    return next((stop for stop in stops if stop.passed_at is None), None)


def rounds_for(connection: Connection, team: Team, day: Any) -> list[PatrolRound]:
    """Today's rounds of a team's phone: its own first, then those of its town that nobody has begun."""
    today = [one for one in patrols.rounds(connection, day=day) if one.town.startswith(team.town)]
    own = [one for one in today if one.team == team.id]
    return own + [one for one in today if one.status is RoundStatus.PLANNED]


def _save(page: Writing, who: Actor, before: PatrolRound, after: PatrolRound, **details: Any) -> PatrolRound:
    """A round brought to its next version under one entry."""
    patrols.put_round(page, after)
    told: dict[str, Any] = {"set": {"status": after.status.value}, "was": {"status": before.status.value}, **details}
    if after.said:
        told["said"] = after.said
    page.enter(
        who,
        Kind.PATROL,
        before.id,
        team=after.team,
        version_before=before.version,
        version_after=after.version,
        details=told,
    )
    return after


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
        "incident": one.incident,
    }
