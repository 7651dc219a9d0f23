"""A round on the street: begun, its cells passed, ended."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from dispatch.desk.deed import stated
from dispatch.desk.door import Door
from dispatch.desk.incidents import Desk
from dispatch.desk.refusals import Refused, Stale, Unknown
from dispatch.records.patrol import PatrolRound, RoundStatus, RoundStop
from dispatch.records.reason import Reason
from dispatch.records.team import Officer, Team
from dispatch.store import patrols, people
from dispatch.store.ledger import Kind
from dispatch.store.writing import Actor, Writing

WALKING_REASONS = (
    "not_its_day",  # day
    "not_the_towns",  # team, town
    "on_another_round",  # round
    "who_is_it",
    "not_in_the_team",  # officer, team
    "passed_out_of_time",  # cell
    "finding_open",  # finding, text
)


class Walking(Door):
    """The deeds on a round, one transaction each; a round changes only from the version its team was shown."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk.casebook, desk.clock, desk.rights)
        self._desk = desk

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
            ``passed_out_of_time`` for a time before the round began, after now or on another day; ``who_is_it``;
            ``not_in_the_team``.
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
                if not one.begun_at <= when <= who.at or self._desk.day(when) != one.day:
                    raise Refused(Reason("passed_out_of_time", False, {"cell": cell}))
                left[cell] = left[cell].passed(when, by.id)
                made.append(left[cell])
            patrols.put_stops(page, made)
            return _save(page, who, one, after, cells=list(cells), by=by.id)

    def taken_back(
        self, actor: str, round_id: str, version: int, cell: str, *, officer: str = "", now: datetime | None = None
    ) -> PatrolRound:
        """A cell that was said to be passed by mistake is still to be passed; the ledger keeps who said so and when.

        Raises
        ------
        Refused
            ``who_is_it``; ``not_in_the_team``.
        WrongStep
            When the round is not under way, or the cell was not passed.
        Unknown
            The cell is not on this round.
        """
        with self._round("patrol_take_back", actor, round_id, version, now) as (page, who, one):
            after = one.gone_on()
            by = self._who(page, who, one, officer)
            stop = next((s for s in patrols.stops(page.connection, round_id=one.id) if s.cell == cell), None)
            if stop is None:
                raise Unknown("cell of this round", cell)
            patrols.put_stops(page, [stop.taken_back()])
            return _save(page, who, one, after, cells=[cell], by=by.id, passed_by=stop.passed_by, at=stop.passed_at)

    def ended(
        self, actor: str, round_id: str, version: int, said: str = "", *, now: datetime | None = None
    ) -> PatrolRound:
        """The team is back; where it left out a cell, it says why.

        Raises
        ------
        Refused
            ``needs_words`` when a cell of the round was not passed and nothing was said; ``finding_open`` for each
            finding of which nobody has said what became of it: put right, or handed on.
        """
        with self._round("patrol_end", actor, round_id, version, now) as (page, who, one):
            left = [each for each in patrols.findings(page.connection, round_id=one.id) if each.open]
            if left:
                raise Refused(
                    *(Reason("finding_open", False, {"finding": each.id, "text": each.text}) for each in left)
                )
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


def rounds_for(connection: Connection, team: Team, day: date) -> list[PatrolRound]:
    """What a team's phone offers: its own rounds, one still under way first, then those of its town to begin today."""
    own = [
        one for one in patrols.rounds(connection, team=team.id) if one.day == day or one.status is RoundStatus.UNDER_WAY
    ]
    free = [
        one
        for one in patrols.rounds(connection, day=day)
        if one.town.startswith(team.town) and one.status is RoundStatus.PLANNED
    ]
    return sorted(own, key=lambda one: one.status is not RoundStatus.UNDER_WAY) + free


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
