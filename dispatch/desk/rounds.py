"""A crew's round of inspections: at the door; begun, done, put back; what was found there."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime

from dispatch.desk.deed import Deed, stated
from dispatch.desk.moves import Moves, save
from dispatch.desk.refusals import Refused
from dispatch.desk.whomay import kept_from, lacking
from dispatch.records.calls import CallStatus, Outing, Stop
from dispatch.records.incident import Incident
from dispatch.records.inspection import SMALLEST_CREW
from dispatch.records.reason import Reason
from dispatch.records.team import Officer, Role, Team
from dispatch.rulebook.competence import Answer
from dispatch.store import inspections, plans
from dispatch.store.writing import Actor, Writing

ROUND_REASONS = (
    "call_replaced",  # call
    "call_locked",  # call
    "crew_has_begun",  # crew
    "day_is_over",  # day
    "no_crew_free",  # day, certificates
    "officer_busy",  # officer, day
    "not_its_day",  # day
    "two_must_enter",
    "not_of_the_crew",  # officer
    "no_inspector",  # officer, role
    "entered_without",  # certificates
    "still_inside",  # officer, premises
    "begun_long_ago",  # day, days
    "nothing_to_take_back",
    "told_too_briefly",  # call
)
RECORDED_WITHIN_DAYS = 7
"""So long a visit that began may still be recorded as done (illustrative): later nobody remembers what was seen."""


class Rounds(Moves):
    """The deeds on one call, one transaction each; a violation is filed by the desk of incidents."""

    def begin(
        self, actor: str, call: str, version: int, officers: Sequence[str], *, now: datetime | None = None
    ) -> Stop:
        """The officers have gone in: at least two of the crew, with every certificate the visit needs between them.

        Raises
        ------
        Refused
            With everything that is wrong: ``not_its_day``; ``two_must_enter`` (Administrative Penalty Law, article 42);
            ``not_of_the_crew``; ``no_inspector`` for an auxiliary or grid worker; ``entered_without``;
            ``must_not_inspect`` for who is recused (article 43); ``not_drawn`` where others were; ``officer_away``;
            ``still_inside`` for who went in at another door today and has not ended that visit.
        """
        with self._call("inspect_begin", actor, call, version, now) as (page, who, stop):
            after = stop.begun(who.at, tuple(dict.fromkeys(officers)))
            outing = inspections.outing(page.connection, stop.outing)
            assert outing is not None
            today = self._desk.day(who.at)
            needs = _needed(page, stop)
            wrong = list(_wrong_at_the_door(needs, outing, officers, page.teams(), today))
            wrong += kept_from(page, stop.visit.premises, stop.visit.items, officers, today)
            wrong += self._still_inside(page, officers, today)
            if wrong:
                raise Refused(*wrong)
            return save(page, who, stop, after)

    def finish(self, actor: str, call: str, version: int, said: str = "", *, now: datetime | None = None) -> Stop:
        """Everything was checked; the items are no longer due.

        Raises
        ------
        Refused
            ``begun_long_ago`` more than a week after the day on which it began.
        """
        with self._call("inspect_finish", actor, call, version, now) as (page, who, stop):
            after = stop.done(who.at, said.strip())
            begun = self._desk.day(stop.begun_at or who.at)
            if (self._desk.day(who.at) - begun).days > RECORDED_WITHIN_DAYS:
                told: dict[str, str | int] = {"day": begun.isoformat(), "days": RECORDED_WITHIN_DAYS}
                raise Refused(Reason("begun_long_ago", False, told))
            inspections.items_done(page, stop.visit.items, who.at)
            return save(page, who, stop, after)

    def closed(self, actor: str, call: str, version: int, said: str, *, now: datetime | None = None) -> Stop:
        """The shop was closed: its items are due again."""
        return self._put_back("inspect_closed", CallStatus.CLOSED_SHOP, actor, call, version, said, now)

    def refused(self, actor: str, call: str, version: int, said: str, *, now: datetime | None = None) -> Stop:
        """Nobody was let in: its items are due again."""
        return self._put_back("inspect_refused", CallStatus.REFUSED, actor, call, version, said, now)

    def violation(
        self, actor: str, call: str, version: int, matter: str, said: str, *, now: datetime | None = None
    ) -> tuple[Incident, Answer]:
        """What was found, filed as an incident at the premises, and who is competent for it.

        Raises
        ------
        Refused
            ``needs_words``; ``unknown_matter``.
        """
        with self._call("inspect_violation", actor, call, version, now) as (page, who, stop):
            words = stated(said)
            place = next(one for one in inspections.premises(page.connection) if one.id == stop.visit.premises)
            deed = Deed(page, Actor(who.name, who.at, "report"), "")
            incident = self._desk.file(
                deed, words, lon=place.lon, lat=place.lat, matter=matter, address=place.name, source="inspection"
            )
            answer = self._desk.rulebook.resolve(matter, incident.town, self._desk.day(who.at))
            body = answer.actors[0].body if answer.lawful else ""
            save(page, who, stop, stop.led_to(incident.id), body=body, competence=str(answer.why))
            return incident, answer

    def _still_inside(self, page: Writing, officers: Sequence[str], today: date) -> Iterator[Reason]:
        """Who went in at another door today; a visit of an earlier day that nobody ended holds nobody."""
        for stop in inspections.in_force(page.connection, since=today).stops.values():
            if stop.status is CallStatus.UNDER_WAY and stop.begun_at and self._desk.day(stop.begun_at) == today:
                for name in sorted(set(officers).intersection(stop.entered)):
                    yield Reason("still_inside", False, {"officer": name, "premises": stop.visit.premises})

    def _put_back(
        self, deed: str, status: CallStatus, actor: str, call: str, version: int, said: str, now: datetime | None
    ) -> Stop:
        """On the call's own day; one that began and never ended also later."""
        with self._call(deed, actor, call, version, now) as (page, who, stop):
            outing = inspections.outing(page.connection, stop.outing)
            assert outing is not None
            if stop.status is not CallStatus.UNDER_WAY and outing.day != self._desk.day(who.at):
                raise Refused(Reason("not_its_day", False, {"day": outing.day.isoformat()}))
            plans.drop_checks(page, plans.withdrawn_of(page.connection, stop.visit.items))
            return save(page, who, stop, stop.put_back(status, who.at, stated(said)))


def _needed(page: Writing, stop: Stop) -> frozenset[str]:
    """Certificates for the visit's checks as they are due today; the calendar may have been made for other ones."""
    items = inspections.items(page.connection, stop.visit.items)
    needs = frozenset(item.certificate for item in items.values())
    return needs if len(items) == len(stop.visit.items) else needs | stop.visit.needs


def _wrong_at_the_door(
    needs: Collection[str], outing: Outing, officers: Sequence[str], teams: Sequence[Team], today: date
) -> Iterator[Reason]:
    if outing.day != today:
        yield Reason("not_its_day", False, {"day": outing.day.isoformat()})
    roster: dict[str, Officer] = {officer.id: officer for team in teams for officer in team.officers}
    if len(set(officers)) < SMALLEST_CREW:
        yield Reason("two_must_enter", False)
    for name in sorted(set(officers)):
        role = roster[name].role if name in roster else None
        if role is not None and role is not Role.OFFICER:
            yield Reason("no_inspector", False, {"officer": name, "role": role.value})
        elif name not in outing.officers or role is None:
            yield Reason("not_of_the_crew", False, {"officer": name})
    if lacks := lacking(needs, officers, teams, today):
        yield Reason("entered_without", False, {"certificates": ",".join(sorted(lacks))})
